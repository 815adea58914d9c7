//! The formats by name and by extension.

use std::fmt;
use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::Path;

use super::arff::ArffWriter;
use super::csv::CsvWriter;
use super::jsonl::JsonLinesWriter;
use super::npy::NpyWriter;
use super::parquet::ParquetWriter;
use super::selection::Selecting;
use super::smile::SmileWriter;
use super::{Schema, TableWriter};

/// A format of tables.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Format {
    /// Comma-separated values.
    #[default]
    Csv,
    /// Apache Parquet, with units and settings inside.
    Parquet,
    /// Weka's ARFF.
    Arff,
    /// One JSON object per line.
    Jsonl,
    /// The CSV layout of openSMILE's command-line tool.
    SmileCsv,
    /// A numpy matrix, its column names and rows beside it.
    Npy,
}

impl Format {
    /// Every format, with what it is in a few words.
    pub const ALL: [(Self, &str); 6] = [
        (Self::Csv, "Comma-separated values"),
        (
            Self::Parquet,
            "Apache Parquet, with units and settings inside",
        ),
        (Self::Arff, "Weka's ARFF"),
        (Self::Jsonl, "One JSON object per line"),
        (
            Self::SmileCsv,
            "The CSV layout of openSMILE's command-line tool",
        ),
        (
            Self::Npy,
            "A numpy matrix, its column names and rows beside it",
        ),
    ];

    /// The format that the extension of a file name means.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "csv" => Some(Self::Csv),
            "parquet" | "pq" => Some(Self::Parquet),
            "arff" => Some(Self::Arff),
            "jsonl" | "ndjson" => Some(Self::Jsonl),
            "npy" => Some(Self::Npy),
            _ => None,
        }
    }

    /// The name of the format, as options and messages give it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Csv => "csv",
            Self::Parquet => "parquet",
            Self::Arff => "arff",
            Self::Jsonl => "jsonl",
            Self::SmileCsv => "smile-csv",
            Self::Npy => "npy",
        }
    }

    /// Can it be written without ever going back?
    pub fn streams(self) -> bool {
        self != Self::Npy
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Starts a table on a stream.
///
/// # Errors
/// What the target says; [`io::ErrorKind::Unsupported`] for a format that is no stream, or that was left out of this build.
pub fn start<'a>(
    format: Format,
    target: impl Write + Send + 'a,
    schema: &Schema,
) -> io::Result<Box<dyn TableWriter + 'a>> {
    let target = BufWriter::with_capacity(1 << 16, target);
    let table: Box<dyn TableWriter + 'a> = match format {
        Format::Csv => Box::new(CsvWriter::new(target, schema)?),
        Format::Arff => Box::new(ArffWriter::new(target, schema)?),
        Format::Jsonl => Box::new(JsonLinesWriter::new(target, schema)),
        Format::SmileCsv => Box::new(SmileWriter::new(target, schema)?),
        Format::Parquet => Box::new(ParquetWriter::new(target, schema)?),
        Format::Npy => {
            return Err(unsupported(
                "a matrix needs a file and its names beside it: use -o FILE.npy",
            ));
        }
    };
    Ok(selecting(table, schema))
}

/// The writer, given whole rows where the table has only some of the columns.
fn selecting<'a>(table: Box<dyn TableWriter + 'a>, schema: &Schema) -> Box<dyn TableWriter + 'a> {
    match &schema.columns {
        Some(columns) => Box::new(Selecting::new(table, columns.clone())),
        None => table,
    }
}

/// Starts a table on files: the table itself, and those beside it that the format has.
pub fn start_files(
    format: Format,
    mut files: Vec<File>,
    schema: &Schema,
) -> io::Result<Box<dyn TableWriter>> {
    let table = files.remove(0);
    match <[File; 2]>::try_from(files) {
        Ok([columns, rows]) => {
            let matrix = NpyWriter::new(table, columns, rows, schema)?;
            Ok(selecting(Box::new(matrix), schema))
        }
        Err(_) => start(format, table, schema),
    }
}

fn unsupported(text: &str) -> io::Error {
    io::Error::new(io::ErrorKind::Unsupported, text)
}

#[test]
fn extensions_are_read_in_any_case() {
    assert_eq!(Format::of(Path::new("a/b.PARQUET")), Some(Format::Parquet));
    assert_eq!(Format::of(Path::new("b.ndjson")), Some(Format::Jsonl));
    assert_eq!(Format::of(Path::new("b.xlsx")), None);
}
