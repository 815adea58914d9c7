//! Comma-separated values (RFC 4180): `file,start,end`, then openSMILE's names.
//!
//! Names with commas, quotes or line breaks are quoted; numbers are the shortest text that reads back to the same `f32`.

use std::io::{self, Write};

use super::{IDENTITY, Schema, TableWriter, shortest};
use crate::feature::Row;

/// Writes a table as CSV.
pub struct CsvWriter<W: Write> {
    rows: csv::Writer<W>,
}

impl<W: Write + Send> CsvWriter<W> {
    /// Starts a table; the header is written at once.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(target: W, schema: &Schema) -> io::Result<Self> {
        let mut rows = csv::Writer::from_writer(target);
        let features = schema.features();
        rows.write_record(IDENTITY.into_iter().chain(features.iter().map(|f| f.0)))?;
        Ok(Self { rows })
    }
}

impl<W: Write + Send> TableWriter for CsvWriter<W> {
    fn write(&mut self, file: &str, row: &Row<'_>) -> io::Result<()> {
        self.rows.write_field(file)?;
        self.rows.write_field(shortest(row.start_s))?;
        self.rows.write_field(shortest(row.end_s))?;
        for &value in row.values {
            self.rows.write_field(shortest(value))?;
        }
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

#[test]
fn odd_names_are_quoted() {
    use crate::feature::{FeatureSet, Level};
    let schema = Schema {
        set: FeatureSet::GeMapsV01b,
        level: Level::Functionals,
    };
    let mut text = Vec::new();
    let mut writer = CsvWriter::new(&mut text, &schema).unwrap();
    let values = [0.25; 62];
    writer
        .write(
            "a, \"b\"\n.wav",
            &Row {
                start_s: 0.0,
                end_s: 1.5,
                values: &values,
            },
        )
        .unwrap();
    writer.finish().unwrap();
    drop(writer);
    let text = String::from_utf8(text).unwrap();
    assert!(text.starts_with("file,start,end,F0semitoneFrom27.5Hz_sma3nz_amean,"));
    assert!(
        text.contains("\n\"a, \"\"b\"\"\n.wav\",0,1.5,0.25,"),
        "{text}"
    );
}
