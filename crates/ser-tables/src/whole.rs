//! Files that appear whole or not at all.
//!
//! What is written goes into a temporary file in the folder of the target, is brought to the disk, and takes the target's name
//! when it is complete. A crash at any moment leaves the old file or the new one.

use std::fs::{File, Permissions};
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that takes its name when it is complete; dropped before, it leaves nothing.
#[derive(Debug)]
pub struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    /// Begins the file `path`.
    ///
    /// # Errors
    /// Where `path` is a folder, or its folder is missing or not writable.
    pub fn create(path: &Path) -> io::Result<Self> {
        if path.is_dir() {
            return Err(io::Error::new(
                io::ErrorKind::IsADirectory,
                "it is a folder: name a file",
            ));
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ser-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What the user's umask leaves of it, as for any new file.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder_of(path)).map_err(|error| {
            let remedy = "check that its folder exists and is writable";
            io::Error::new(error.kind(), format!("{}: {remedy}", plain(&error)))
        })?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// A handle to write through.
    ///
    /// # Errors
    /// What the system says.
    pub fn target(&self) -> io::Result<File> {
        self.file.as_file().try_clone()
    }

    /// Brings the file to the disk and gives it its name.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let path = self.path.clone();
        self.take_name()?;
        sync_folder_of(&path);
        Ok(())
    }

    /// Gives the file its name and leaves it to the system when it reaches the disk: for one of thousands that can be made again.
    ///
    /// # Errors
    /// What the system says.
    pub fn take_name(self) -> io::Result<()> {
        self.file.persist(&self.path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// The folder a file stands in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Brings a renaming to the disk, where the system can.
pub fn sync_folder_of(path: &Path) {
    if let Ok(folder) = File::open(folder_of(path)) {
        // Some systems cannot sync folders; the name is then as safe as they make it.
        let _ = folder.sync_all();
    }
}

/// The system's words without the path of the temporary file, which means nothing to the user.
fn plain(error: &io::Error) -> String {
    match error.raw_os_error() {
        Some(code) => io::Error::from_raw_os_error(code).to_string(),
        None => error.kind().to_string(),
    }
}

#[test]
fn the_old_file_stays_until_the_new_one_is_complete() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "old").unwrap();
    let unfinished = Unfinished::create(&path).unwrap();
    unfinished.target().unwrap().write_all(b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    unfinished.complete().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    drop(Unfinished::create(&path).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}
