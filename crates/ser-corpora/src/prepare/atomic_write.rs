//! Files that appear whole or not at all.

use std::fs::File;
use std::io::{self, BufWriter};
use std::path::Path;

use crate::error::Error;
use ser_tables::atomic_write::UnfinishedFile;

/// Writes a file beside its place and renames it when it is complete.
///
/// # Errors
/// [`Error::Write`]; the file that was there, if any, is then unchanged.
pub(crate) fn write(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&File>) -> io::Result<()>,
) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(Error::write(path))?;
    }
    let part = UnfinishedFile::create(path).map_err(Error::write(path))?;
    let file = part.target().map_err(Error::write(path))?;
    let mut target = BufWriter::new(&file);
    content(&mut target).map_err(Error::write(path))?;
    target.into_inner().map_err(Error::write(path))?;
    part.take_name().map_err(Error::write(path))
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    #[test]
    fn a_failed_write_leaves_the_old_file_and_nothing_else() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        write(&path, |file| file.write_all(b"old")).unwrap();
        let error = write(&path, |file| {
            file.write_all(b"half")?;
            Err(io::Error::other("the disk is full"))
        });
        let message = error.unwrap_err().to_string();
        assert!(
            message.ends_with("a.csv: cannot be written: the disk is full; nothing was changed"),
            "{message}"
        );
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
