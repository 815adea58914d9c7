//! The manifest: one row per recording, and its columns as data, so that csv and parquet cannot differ.

use std::io::{self, Write};

use super::make::Made;
use super::{absolute, with_slashes};
use crate::corpus::Corpus;
use crate::entry::Entry;
use crate::label::LabelMap;
use ser_tables::shortest;

/// One row.
#[derive(Clone, Debug)]
pub(crate) struct ManifestRow<'a> {
    /// The corpus's number in this run.
    pub number: usize,
    pub corpus: &'a str,
    /// The audio: from the folder if it was written there, else the original from the machine's root.
    pub file: String,
    pub entry: &'a Entry,
    pub label: Option<&'a str>,
    pub made: Made,
}

/// A field.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Text(Option<String>),
    Integer(Option<i64>),
    Number(Option<f64>),
}

/// What kind of field a column has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    Text,
    Integer,
    Number,
}

/// A column: its name, its kind, and where its field is.
pub(crate) struct Column {
    pub name: &'static str,
    pub kind: CellKind,
    pub cell: fn(&ManifestRow<'_>) -> Cell,
}

const fn text(name: &'static str, cell: fn(&ManifestRow<'_>) -> Cell) -> Column {
    Column {
        name,
        kind: CellKind::Text,
        cell,
    }
}
const fn integer(name: &'static str, cell: fn(&ManifestRow<'_>) -> Cell) -> Column {
    Column {
        name,
        kind: CellKind::Integer,
        cell,
    }
}
const fn number(name: &'static str, cell: fn(&ManifestRow<'_>) -> Cell) -> Column {
    Column {
        name,
        kind: CellKind::Number,
        cell,
    }
}

/// The columns in order.
pub(crate) const COLUMNS: &[Column] = &[
    text("file", |row| Cell::Text(Some(row.file.clone()))),
    text("corpus", |row| Cell::Text(Some(row.corpus.to_string()))),
    text("source", |row| Cell::Text(Some(row.entry.path.clone()))),
    text("speaker", |row| Cell::Text(row.entry.speaker.clone())),
    text("gender", |row| {
        Cell::Text(row.entry.gender.map(|gender| gender.letter().to_string()))
    }),
    integer("age", |row| Cell::Integer(row.entry.age.map(i64::from))),
    text("label", |row| Cell::Text(row.label.map(String::from))),
    text("native_label", |row| {
        Cell::Text(Some(row.entry.native.clone()))
    }),
    text("session", |row| Cell::Text(row.entry.session.clone())),
    text("text", |row| Cell::Text(row.entry.text.clone())),
    text("transcript", |row| Cell::Text(row.entry.transcript.clone())),
    text("take", |row| Cell::Text(row.entry.take.clone())),
    text("intensity", |row| Cell::Text(row.entry.intensity.clone())),
    text("split", |row| Cell::Text(row.entry.split.clone())),
    text("language", |row| Cell::Text(row.entry.language.clone())),
    number("valence", |row| Cell::Number(row.entry.valence)),
    number("activation", |row| Cell::Number(row.entry.activation)),
    number("dominance", |row| Cell::Number(row.entry.dominance)),
    number("start", |row| {
        Cell::Number(row.part().map(|(start, _)| start))
    }),
    number("end", |row| {
        Cell::Number(
            row.part()
                .map(|(start, end)| end.unwrap_or(start + row.made.seconds)),
        )
    }),
    number("duration", |row| Cell::Number(Some(row.made.seconds))),
    integer("rate", |row| Cell::Integer(Some(i64::from(row.made.rate)))),
    number("gain_db", |row| Cell::Number(Some(row.made.gain_db))),
    text("sha256", |row| Cell::Text(Some(row.made.sha256.clone()))),
    text("extra", |row| Cell::Text(row.extra())),
];

impl<'a> ManifestRow<'a> {
    /// A recording that was made.
    pub fn new(
        corpus: &'a Corpus,
        entry: &'a Entry,
        map: &'a LabelMap,
        made: Made,
        number: usize,
    ) -> ManifestRow<'a> {
        let file = made.audio.clone().unwrap_or_else(|| {
            let path = absolute(&entry.disk);
            if cfg!(windows) {
                with_slashes(&path)
            } else {
                path.to_string_lossy().into_owned()
            }
        });
        ManifestRow {
            number,
            corpus: &corpus.name,
            file,
            entry,
            label: map.class(corpus, entry),
            made,
        }
    }

    /// Corpus and path, for messages.
    pub fn name(&self) -> String {
        format!("{}: {}", self.corpus, self.entry.path)
    }

    /// The part of its file; none if the file written holds only the part.
    pub fn part(&self) -> Option<(f64, Option<f64>)> {
        self.entry.part.filter(|_| self.made.audio.is_none())
    }

    fn extra(&self) -> Option<String> {
        let pairs: Vec<String> = self
            .entry
            .extra
            .iter()
            .map(|(fact, value)| format!("{fact}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

/// Writes the manifest as CSV; a missing field is empty.
pub(crate) fn write_csv(rows: &[ManifestRow<'_>], target: impl Write) -> io::Result<()> {
    let mut table = csv::Writer::from_writer(target);
    table.write_record(COLUMNS.iter().map(|column| column.name))?;
    for row in rows {
        table.write_record(COLUMNS.iter().map(|column| {
            match (column.cell)(row) {
                Cell::Text(text) => text.unwrap_or_default(),
                Cell::Integer(integer) => integer
                    .map(|integer| integer.to_string())
                    .unwrap_or_default(),
                Cell::Number(number) => number.map(shortest).unwrap_or_default(),
            }
        }))?;
    }
    table.flush()
}
