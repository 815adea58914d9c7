//! Which file turns go into, by its name.

use std::path::Path;

use anyhow::{Result, bail};

use super::Usage;
use crate::segment::timeline::Format;

/// What a file of turns is.
#[derive(Clone, Copy)]
pub(super) enum TurnFile {
    Csv,
    Json,
    Timeline(Format),
}

impl TurnFile {
    /// By the name of the file, which is to hold `what` (answers, turns) of so many recordings.
    pub(super) fn of(path: &Path, what: &str, recordings: usize) -> Result<TurnFile> {
        let extension = path.extension().and_then(|extension| extension.to_str());
        match extension.unwrap_or_default().to_ascii_lowercase().as_str() {
            "csv" => return Ok(TurnFile::Csv),
            "json" => return Ok(TurnFile::Json),
            _ => {}
        }
        match Format::of(path) {
            Some(format) if recordings < 2 => Ok(TurnFile::Timeline(format)),
            Some(_) => bail!(Usage(format!(
                "{}: holds the turns of one recording; those of many go into .csv or .json",
                path.display()
            ))),
            None => bail!(Usage(format!(
                "{}: {what} are written as .csv, .json, .TextGrid, .eaf, .vtt, .rttm or .txt",
                path.display()
            ))),
        }
    }
}
