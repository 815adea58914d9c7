//! Files that a command writes appear when they are complete.

use std::io::Write;
use std::path::Path;

use anyhow::{Context, Result};
use ser_tables::atomic_write::UnfinishedFile;

/// Writes a file that appears when it is complete.
pub(super) fn write_atomically(
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let name = || path.display().to_string();
    let unfinished = UnfinishedFile::create(path).with_context(name)?;
    let mut target = std::io::BufWriter::new(unfinished.target().with_context(name)?);
    write(&mut target).with_context(name)?;
    target.flush().with_context(name)?;
    drop(target);
    unfinished.complete().with_context(name)
}
