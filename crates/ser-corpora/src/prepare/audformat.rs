//! An audformat database: `db.yaml`, one table of recordings, one of speakers.
//!
//! The format is read by position: columns of a table stand in the order of the YAML, index fields first, and a label that its scheme does
//! not list becomes missing without a word. So both files are written from the same list of columns, and schemes from the rows themselves.
//!
//! audEERING, audformat 1.4 (<https://audeering.github.io/audformat/>).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;

use super::manifest::ManifestRow;
use super::{PreparationSettings, atomic_write};
use crate::corpus::{Corpus, Gender, Usage};
use crate::error::Error;
use crate::label::LabelMap;
use ser_tables::counted;
use ser_tables::shortest;

/// A column of the table of recordings: name, scheme in YAML, field.
struct Column {
    name: &'static str,
    scheme: String,
    rated: bool,
    field: fn(&ManifestRow<'_>) -> Option<String>,
}

/// Writes the database.
pub(crate) fn write(
    rows: &[ManifestRow<'_>],
    corpora: &[&Corpus],
    map: &LabelMap,
    settings: &PreparationSettings,
    folder: &Path,
) -> Result<(), Error> {
    let in_parts = rows.iter().any(|row| row.part().is_some());
    let (table, index) = if in_parts {
        ("segments", "file,start,end")
    } else {
        ("files", "file")
    };
    let columns = columns(rows);
    let yaml = header(rows, corpora, map, settings, table, &columns);
    // Loading prefers tables in these forms, and refuses them when they are older.
    for name in ["files", "segments", "speaker"] {
        for extension in ["pkl", "parquet", "csv"] {
            let old = folder.join(format!("db.{name}.{extension}"));
            if old.exists() {
                std::fs::remove_file(&old).map_err(Error::write(&old))?;
            }
        }
    }
    atomic_write::write(&folder.join(format!("db.{table}.csv")), |file| {
        let mut csv = csv::Writer::from_writer(file);
        let index = index.split(',').map(String::from);
        csv.write_record(index.chain(columns.iter().map(|column| column.name.to_string())))?;
        for row in rows {
            let mut record = vec![row.file.clone()];
            if in_parts {
                let (start, end) = row.part().unwrap_or((0.0, None));
                record.push(duration(start));
                record.push(end.map(duration).unwrap_or_default());
            }
            record.extend(
                columns
                    .iter()
                    .map(|column| (column.field)(row).unwrap_or_default()),
            );
            csv.write_record(record)?;
        }
        csv.flush()
    })?;
    atomic_write::write(&folder.join("db.speaker.csv"), |file| {
        let mut csv = csv::Writer::from_writer(file);
        csv.write_record(["speaker", "gender", "age"])?;
        for (speaker, (gender, age)) in speakers(rows) {
            let gender = gender.map_or("", Gender::word).to_string();
            csv.write_record([
                speaker,
                gender,
                age.map(|age| age.to_string()).unwrap_or_default(),
            ])?;
        }
        csv.flush()
    })?;
    // The header last: a folder with a header has its tables.
    atomic_write::write(&folder.join("db.yaml"), |file| {
        file.write_all(yaml.as_bytes())
    })
}

fn columns(rows: &[ManifestRow<'_>]) -> Vec<Column> {
    let plain = |name, dtype: &str, field| Column {
        name,
        scheme: format!("{{dtype: {dtype}}}"),
        rated: false,
        field,
    };
    let listed = |name, rated, field: fn(&ManifestRow<'_>) -> Option<String>| {
        let values: BTreeSet<String> = rows.iter().filter_map(field).collect();
        let values: Vec<String> = values.iter().map(|value| quoted(value)).collect();
        Column {
            name,
            scheme: format!("{{dtype: str, labels: [{}]}}", values.join(", ")),
            rated,
            field,
        }
    };
    let rated = |column: Column| Column {
        rated: true,
        ..column
    };
    let all = vec![
        listed("corpus", false, |row| Some(row.corpus.to_string())),
        Column {
            name: "speaker",
            scheme: "{dtype: str, labels: speaker}".into(),
            rated: false,
            field: speaker,
        },
        listed("emotion", true, |row| row.label.map(String::from)),
        listed("native", true, |row| Some(row.entry.native.clone())),
        plain("session", "str", |row| row.entry.session.clone()),
        plain("text", "str", |row| row.entry.text.clone()),
        plain("transcript", "str", |row| row.entry.transcript.clone()),
        plain("take", "str", |row| row.entry.take.clone()),
        plain("intensity", "str", |row| row.entry.intensity.clone()),
        rated(plain("valence", "float", |row| {
            row.entry.valence.map(shortest)
        })),
        rated(plain("activation", "float", |row| {
            row.entry.activation.map(shortest)
        })),
        rated(plain("dominance", "float", |row| {
            row.entry.dominance.map(shortest)
        })),
        plain("duration", "time", |row| Some(duration(row.made.seconds))),
        plain("sha256", "str", |row| Some(row.made.sha256.clone())),
    ];
    // A column without a value, and a scheme without a label, says nothing.
    all.into_iter()
        .filter(|column| rows.iter().any(|row| (column.field)(row).is_some()))
        .collect()
}

/// Speakers of different corpora are different people.
fn speaker(row: &ManifestRow<'_>) -> Option<String> {
    Some(format!("{}_{}", row.corpus, row.entry.speaker.as_ref()?))
}

fn speakers(rows: &[ManifestRow<'_>]) -> BTreeMap<String, (Option<Gender>, Option<u32>)> {
    let mut speakers: BTreeMap<String, (Option<Gender>, Option<u32>)> = BTreeMap::new();
    for row in rows {
        if let Some(name) = speaker(row) {
            let known = speakers.entry(name).or_default();
            *known = (known.0.or(row.entry.gender), known.1.or(row.entry.age));
        }
    }
    speakers
}

fn header(
    rows: &[ManifestRow<'_>],
    corpora: &[&Corpus],
    map: &LabelMap,
    settings: &PreparationSettings,
    table: &str,
    columns: &[Column],
) -> String {
    let join = |field: fn(&Corpus) -> &str, by: &str| {
        let parts: Vec<String> = corpora
            .iter()
            .map(|corpus| match corpora.len() {
                1 => field(corpus).to_string(),
                _ => format!("{}: {}", corpus.name, field(corpus)),
            })
            .collect();
        quoted(&parts.join(by))
    };
    let names: Vec<&str> = corpora.iter().map(|corpus| corpus.name.as_str()).collect();
    let languages: BTreeSet<String> = corpora
        .iter()
        .flat_map(|corpus| corpus.languages.iter().map(|language| quoted(language)))
        .collect();
    let strictness = |usage: &Usage| match usage {
        Usage::Unrestricted => 0,
        Usage::Commercial => 1,
        Usage::Other => 2,
        Usage::Research => 3,
        Usage::Restricted => 4,
    };
    let usage = corpora
        .iter()
        .map(|corpus| corpus.usage)
        .max_by_key(strictness)
        .unwrap_or_default();
    let mut yaml = String::new();
    let mut line = |text: String| writeln!(yaml, "{text}").unwrap_or_default();
    line(format!("name: {}", quoted(&names.join("-"))));
    line(format!(
        "description: {}",
        quoted(&format!(
            "{}, labels by the map {}",
            counted(rows.len(), "recording"),
            map.name()
        ))
    ));
    line(format!("source: {}", join(|corpus| &corpus.get, "; ")));
    line(format!("usage: {}", usage.word()));
    line(format!(
        "languages: [{}]",
        languages.into_iter().collect::<Vec<_>>().join(", ")
    ));
    line(format!(
        "license: {}",
        join(
            |corpus| if corpus.licence.is_empty() {
                "not stated"
            } else {
                &corpus.licence
            },
            "; "
        )
    ));
    line(format!(
        "citation: {}",
        join(|corpus| &corpus.citation, "; ")
    ));
    let mut media = vec!["type: audio".to_string()];
    if let Some(format) = settings.audio {
        media.extend([
            format!("format: {}", format.extension()),
            "channels: [0]".into(),
            "bit_depth: 16".into(),
        ]);
        if let Some(rate) = settings.rate {
            media.push(format!("sampling_rate: {rate}"));
        }
    }
    line(format!("media:\n  microphone: {{{}}}", media.join(", ")));
    line("raters:\n  gold: {type: human}".into());
    line("schemes:".into());
    line("  age: {dtype: int, minimum: 0}".into());
    line("  gender: {dtype: str, labels: [female, male]}".into());
    for column in columns {
        line(format!("  {}: {}", column.name, column.scheme));
    }
    let kind = if table == "segments" {
        "segmented"
    } else {
        "filewise"
    };
    line(format!(
        "tables:\n  {table}:\n    type: {kind}\n    media_id: microphone\n    columns:"
    ));
    for column in columns {
        let rater = if column.rated { ", rater_id: gold" } else { "" };
        line(format!(
            "      {}: {{scheme_id: {}{rater}}}",
            column.name, column.name
        ));
    }
    line("misc_tables:\n  speaker:\n    levels: {speaker: str}\n    columns:".into());
    line("      gender: {scheme_id: gender}\n      age: {scheme_id: age}".into());
    yaml
}

/// A text in double quotes; JSON's form is YAML's too.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// A time as pandas writes it: `0 days 00:00:01.500000`.
fn duration(seconds: f64) -> String {
    let nanoseconds = (seconds.max(0.0) * 1e9).round() as u64;
    let (seconds, rest) = (nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
    let (days, second) = (seconds / 86_400, seconds % 86_400);
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{days} days {hour:02}:{minute:02}:{second:02}.{rest:09}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_pandas_times() {
        assert_eq!(duration(1.5), "0 days 00:00:01.500000000");
        assert_eq!(duration(90_061.25), "1 days 01:01:01.250000000");
    }

    #[test]
    fn a_text_cannot_leave_its_quotes() {
        assert_eq!(quoted("a: \"b\" \\ #é"), r##""a: \"b\" \\ #é""##);
    }
}
