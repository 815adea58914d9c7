//! A list beside the table (failures, qualities) as a file that appears when it is complete: CSV, or by the extension `.jsonl` one JSON object per line
//! with the same keys.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use serde::Serialize;

use ser_tables::atomic_write::UnfinishedFile;

/// A list that is being written.
#[derive(Debug)]
pub(super) struct List {
    file: UnfinishedFile,
    lines: Lines,
}

#[derive(Debug)]
enum Lines {
    Csv(Box<csv::Writer<File>>),
    Json(BufWriter<File>),
}

impl List {
    /// Begins a list of lines with these keys.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path, keys: &[&str]) -> io::Result<Self> {
        let file = UnfinishedFile::create(path)?;
        let target = file.target()?;
        let extension = path.extension().unwrap_or_default();
        let lines = if extension == "jsonl" || extension == "ndjson" {
            Lines::Json(BufWriter::new(target))
        } else {
            let mut rows = csv::WriterBuilder::new()
                .has_headers(false)
                .from_writer(target);
            rows.write_record(keys)?;
            Lines::Csv(Box::new(rows))
        };
        Ok(Self { file, lines })
    }

    /// Appends a line: a struct whose fields are the keys, in their order.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, line: &impl Serialize) -> io::Result<()> {
        match &mut self.lines {
            Lines::Csv(rows) => Ok(rows.serialize(line)?),
            Lines::Json(target) => {
                serde_json::to_writer(&mut *target, line)?;
                target.write_all(b"\n")
            }
        }
    }

    /// Completes the file.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(mut self) -> io::Result<()> {
        match &mut self.lines {
            Lines::Csv(rows) => rows.flush()?,
            Lines::Json(target) => target.flush()?,
        }
        self.file.complete()
    }
}
