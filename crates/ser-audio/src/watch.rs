//! Whether a file is at the end of reading what it was at the beginning.
//!
//! A recorder or a copy may still be writing it. Then what was read is a part, although nothing in the file says so. A file that was replaced by another of
//! its name meanwhile is still read whole.

use std::fs::{File, Metadata};
use std::io;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

/// A file that is being read.
pub(crate) struct Watch {
    path: PathBuf,
    then: Metadata,
}

impl Watch {
    /// Begins to watch a file that was opened.
    pub(crate) fn new(path: &Path, file: &File) -> io::Result<Self> {
        Ok(Self {
            path: path.to_owned(),
            then: file.metadata()?,
        })
    }

    /// Whether its length or its time of change has become another.
    pub(crate) fn changed(&self) -> bool {
        let Ok(now) = std::fs::metadata(&self.path) else {
            return false;
        };
        is_same_file(&self.then, &now) && state(&self.then) != state(&now)
    }
}

fn state(metadata: &Metadata) -> (u64, Option<SystemTime>) {
    (metadata.len(), metadata.modified().ok())
}

#[cfg(unix)]
fn is_same_file(one: &Metadata, other: &Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

#[cfg(not(unix))]
fn is_same_file(_: &Metadata, _: &Metadata) -> bool {
    true
}

#[test]
fn a_file_that_grows_has_changed_and_one_that_was_replaced_has_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a");
    std::fs::write(&path, "a").unwrap();
    let watch = Watch::new(&path, &File::open(&path).unwrap()).unwrap();
    assert!(!watch.changed());
    let other = folder.path().join("b");
    std::fs::write(&other, "longer").unwrap();
    std::fs::write(&path, "ab").unwrap();
    assert!(watch.changed());
    std::fs::rename(other, &path).unwrap();
    assert!(!watch.changed());
}
