//! Comma-separated values (RFC 4180): `file,start,end`, openSMILE's names, and `label` if there are labels.
//!
//! Names with commas, quotes or line breaks are quoted; numbers are the shortest text that reads back to the same `f32`; an
//! unknown label is empty.

use std::io::{self, Write};

use super::{FrameTime, LABEL, Schema, TableWriter, shortest};
use ser_features::feature::Row;

/// Writes a table as CSV.
pub struct CsvWriter<W: Write> {
    rows: csv::Writer<W>,
    frame_time: Option<FrameTime>,
    labelled: bool,
}

impl<W: Write> CsvWriter<W> {
    /// Starts a table; the header is written at once.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(target: W, schema: &Schema) -> io::Result<Self> {
        let mut rows = csv::Writer::from_writer(target);
        let labelled = schema.classes.is_some();
        let features = schema.features();
        let names = schema
            .identity_names()
            .chain(features.iter().map(|column| column.name))
            .chain(labelled.then_some(LABEL));
        rows.write_record(names)?;
        Ok(Self {
            rows,
            frame_time: schema.frame_time,
            labelled,
        })
    }
}

impl<W: Write> TableWriter for CsvWriter<W> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        self.rows.write_field(file)?;
        self.rows.write_field(shortest(row.start_s))?;
        self.rows.write_field(shortest(row.end_s))?;
        if let Some(time) = self.frame_time {
            self.rows.write_field(shortest(time.of(row)))?;
        }
        for &value in row.values {
            self.rows.write_field(shortest(value))?;
        }
        if self.labelled {
            self.rows.write_field(label.unwrap_or_default())?;
        }
        Ok(self.rows.write_record(None::<&[u8]>)?)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.rows.flush()
    }
}

#[test]
fn every_bit_and_every_odd_name_comes_back() {
    use super::example;
    let mut text = Vec::new();
    example::write(&mut CsvWriter::new(&mut text, &example::schema()).unwrap());
    let mut reader = csv::Reader::from_reader(text.as_slice());
    assert_eq!(reader.headers().unwrap().len(), 3 + 62 + 1);
    let rows: Vec<csv::StringRecord> = reader.records().map(Result::unwrap).collect();
    let numbers = |row: &csv::StringRecord| -> Vec<f32> {
        (3..65).map(|i| row[i].parse().unwrap()).collect()
    };
    assert_eq!(
        (&rows[0][0], &rows[0][1], &rows[0][2]),
        (example::ODD, "0.25", "1.5")
    );
    assert!(example::same_bits(&numbers(&rows[0]), &example::values()));
    assert_eq!((&rows[0][65], &rows[1][65]), ("very sad", ""));
    assert!(numbers(&rows[2]).iter().all(|v| v.is_nan()));
}
