//! One JSON object per line: `{"file":…,"start":…,"end":…,"<feature>":…}`.
//!
//! Flat, so that `pandas.read_json(path, lines=True)`, DuckDB and jq see columns. Numbers are the shortest text that reads
//! back to the same `f32`; NaN, which JSON has not, is `null`, as an unknown label is.

use std::io::{self, Write};

use super::{FrameTime, IDENTITY, LABEL, Schema, TableWriter, shortest};
use ser_features::feature::Row;

/// Writes a table as lines of JSON.
pub struct JsonLinesWriter<W: Write> {
    target: W,
    frame_time: Option<FrameTime>,
    names: Vec<&'static str>,
    labelled: bool,
}

impl<W: Write> JsonLinesWriter<W> {
    /// Starts a table; there is no header.
    pub fn new(target: W, schema: &Schema) -> Self {
        Self {
            target,
            frame_time: schema.frame_time,
            names: schema.features().iter().map(|column| column.name).collect(),
            labelled: schema.classes.is_some(),
        }
    }
}

impl<W: Write> TableWriter for JsonLinesWriter<W> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        let [name, start, end] = IDENTITY;
        let target = &mut self.target;
        write!(target, "{{\"{name}\":{}", serde_json::to_string(file)?)?;
        write!(target, ",\"{start}\":{}", shortest(row.start_s))?;
        write!(target, ",\"{end}\":{}", shortest(row.end_s))?;
        if let Some(time) = self.frame_time {
            write!(target, ",\"{}\":{}", time.name(), shortest(time.of(row)))?;
        }
        for (name, &value) in self.names.iter().zip(row.values) {
            if value.is_finite() {
                write!(target, ",\"{name}\":{}", shortest(value))?;
            } else {
                write!(target, ",\"{name}\":null")?;
            }
        }
        if self.labelled {
            write!(target, ",\"{LABEL}\":{}", serde_json::to_string(&label)?)?;
        }
        target.write_all(b"}\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

#[test]
fn every_bit_and_every_odd_name_comes_back() {
    use super::example;
    let mut text = Vec::new();
    example::write(&mut JsonLinesWriter::new(&mut text, &example::schema()));
    let text = String::from_utf8(text).unwrap();
    let rows: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let names = example::schema().features();
    let values: Vec<f32> = names
        .iter()
        .map(|c| rows[0][c.name].to_string().parse().unwrap())
        .collect();
    assert_eq!(rows.len(), 3);
    assert_eq!(rows[0]["file"], example::ODD);
    assert!(example::same_bits(&values, &example::values()));
    assert_eq!(
        (&rows[0][LABEL], &rows[1][LABEL]),
        (&"very sad".into(), &serde_json::Value::Null)
    );
    assert!(rows[2][names[0].name].is_null());
}
