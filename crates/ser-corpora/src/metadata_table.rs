//! Tables of a corpus with one row per recording, speaker or clip, and how a row finds its recording.
//!
//! A row is found by facts: `key = { speaker = "ActorID" }` means that the recording's speaker stands in the column `ActorID`. The fact
//! `file` is special: tables write a path from the corpus, from the table or from their author's machine, with or without extension, with
//! either separator. It fits a recording when one of the two paths ends in the other, folder by folder.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use unicode_normalization::UnicodeNormalization;

use super::corpus::{TableFormat, TableRule};
use super::error::Error;
use super::fact::{Facts, MetadataRow};
use super::iemocap;
use super::walk::{Found, without_media_extension};
use ser_tables::delimited::{Record, Records, Unclosed};
use ser_tables::encoding::{clean, decode, number};
use ser_tables::fixed;

/// The rows of all tables of one rule, with an index.
#[derive(Debug)]
pub(crate) struct MetadataTables {
    rows: Vec<MetadataRow>,
    /// Facts that a recording is found by, apart from `file`.
    keys: Vec<String>,
    by_file: bool,
    index: HashMap<Vec<String>, Vec<usize>>,
    /// Lines that could not be understood.
    pub notes: Vec<String>,
    /// Whether several rows of one file are its parts.
    pub in_parts: bool,
    used: BTreeSet<usize>,
}

impl MetadataTables {
    /// Reads all tables of a rule.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Document`] when a column is missing.
    pub fn read(rule: &TableRule, files: &[&Found]) -> Result<MetadataTables, Error> {
        let mut metadata = MetadataTables {
            rows: Vec::new(),
            keys: Vec::new(),
            by_file: rule.format != TableFormat::Table || rule.key.contains_key("file"),
            index: HashMap::new(),
            notes: Vec::new(),
            in_parts: rule.facts.contains_key("start"),
            used: BTreeSet::new(),
        };
        let keys: BTreeSet<&String> = rule
            .key
            .keys()
            .chain(rule.set.keys())
            .filter(|key| *key != "file")
            .collect();
        metadata.keys = keys.into_iter().cloned().collect();
        for file in files {
            let bytes = std::fs::read(&file.disk).map_err(Error::io(&file.disk))?;
            let text = decode(&bytes);
            let (rows, notes) = match rule.format {
                TableFormat::Table => (table(rule, &text, &file.disk)?, Vec::new()),
                TableFormat::IemocapEvaluation => iemocap::evaluation(&text, &file.path),
                TableFormat::IemocapTranscription => (iemocap::transcription(&text), Vec::new()),
            };
            metadata.rows.extend(rows);
            metadata.notes.extend(notes);
        }
        for (at, row) in metadata.rows.iter().enumerate() {
            let mut key: Vec<String> = metadata
                .keys
                .iter()
                .map(|fact| row.key.get(fact).cloned().unwrap_or_default())
                .collect();
            if metadata.by_file {
                let path = row.key.get("file").map_or("", String::as_str);
                key.push(path.rsplit('/').next().unwrap_or("").to_string());
            }
            metadata.index.entry(key).or_default().push(at);
        }
        Ok(metadata)
    }

    /// The rows of a recording: `path` without its extension, and the facts known so far.
    pub fn rows_of(&mut self, path: &str, facts: &Facts) -> Vec<Facts> {
        let mut key: Vec<String> = self
            .keys
            .iter()
            .map(|fact| facts.get(fact).cloned().unwrap_or_default())
            .collect();
        if self.by_file {
            key.push(path.rsplit('/').next().unwrap_or("").to_string());
        }
        let Some(candidates) = self.index.get(&key) else {
            return Vec::new();
        };
        let mut fitting: Vec<usize> = candidates.clone();
        if self.by_file {
            let fit = |at: usize| {
                let row = self.rows[at].key.get("file").map_or("", String::as_str);
                if ends_in(path, row) || ends_in(row, path) {
                    row.matches('/').count() + 1
                } else {
                    0
                }
            };
            // The most exact of several: a bare name gives way to one with its folder.
            let best = fitting
                .iter()
                .map(|&at| fit(at).min(path.matches('/').count() + 1))
                .max();
            fitting.retain(|&at| {
                fit(at) > 0 && Some(fit(at).min(path.matches('/').count() + 1)) == best
            });
        }
        self.used.extend(&fitting);
        fitting
            .into_iter()
            .map(|at| self.rows[at].facts.clone())
            .collect()
    }

    /// The rows that no recording has asked for, by their keys.
    pub fn unused(&self) -> Vec<String> {
        let unused = self
            .rows
            .iter()
            .enumerate()
            .filter(|(at, _)| !self.used.contains(at));
        unused
            .map(|(_, row)| {
                row.key
                    .values()
                    .map(String::as_str)
                    .collect::<Vec<_>>()
                    .join(" ")
            })
            .collect()
    }
}

/// Whether `path` ends in all folders and the name of `end`.
fn ends_in(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

/// A path as a table writes it, in our form and without its extension.
fn tidy_path(path: &str) -> String {
    let path: String = path.replace('\\', "/").nfc().collect();
    let path = path.trim_start_matches("./").trim_start_matches('/');
    without_media_extension(path).to_string()
}

fn table(rule: &TableRule, text: &str, path: &Path) -> Result<Vec<MetadataRow>, Error> {
    let wrong = |problem: String| Error::Document {
        path: path.to_path_buf(),
        problem,
    };
    let (header, records) = match &rule.header {
        Some(header) => (header.clone(), lines(text, header.len())),
        None => {
            let mut records = records(text).map_err(|cause| {
                wrong(format!(
                    "is no table of columns: {cause}; repair the line, or export it again"
                ))
            })?;
            if records.is_empty() {
                return Err(wrong("is empty; copy it again".into()));
            }
            (records.remove(0), records)
        }
    };
    let column = |name: &String| {
        let same = |known: &&String| known.eq_ignore_ascii_case(name);
        header
            .iter()
            .position(|known| known == name)
            .or_else(|| header.iter().position(|known| same(&known)))
            .ok_or_else(|| {
                wrong(format!(
                    "has no column {name:?}; it has {}: correct the description or the table",
                    header.join(", ")
                ))
            })
    };
    let keys: Vec<(&String, usize)> = rule
        .key
        .iter()
        .map(|(fact, name)| Ok((fact, column(name)?)))
        .collect::<Result<_, Error>>()?;
    let facts: Vec<(&String, Vec<usize>)> = rule
        .facts
        .iter()
        .map(|(fact, names)| {
            Ok((
                fact,
                names.iter().map(column).collect::<Result<_, Error>>()?,
            ))
        })
        .collect::<Result<_, Error>>()?;
    let rows = records.iter().map(|record| {
        let field = |at: usize| record.get(at).map_or("", String::as_str);
        let mut key = rule.set.clone();
        for &(fact, at) in &keys {
            let value = if fact == "file" {
                tidy_path(field(at))
            } else {
                field(at).to_string()
            };
            key.insert(fact.clone(), value);
        }
        let value = |columns: &[usize]| match columns {
            [one] => field(*one).to_string(),
            several => mean(several.iter().map(|&at| field(at))),
        };
        let mut facts: Facts = facts
            .iter()
            .map(|(fact, columns)| ((*fact).clone(), value(columns)))
            .collect();
        facts.extend(rule.set.clone());
        MetadataRow { key, facts }
    });
    Ok(rows.collect())
}

/// The mean of the numbers among `fields`, empty if there is none.
fn mean<'a>(fields: impl Iterator<Item = &'a str>) -> String {
    let numbers: Vec<f64> = fields.filter_map(number).collect();
    if numbers.is_empty() {
        return String::new();
    }
    let mean = numbers.iter().sum::<f64>() / numbers.len() as f64;
    fixed(mean, 4)
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_string()
}

/// Records as cleaned fields, in whatever form ([`ser_tables::delimited`]).
fn records(text: &str) -> Result<Vec<Vec<String>>, Unclosed> {
    let fields = |record: Record<'_>| {
        let fields = record.fields.iter();
        fields.map(|field| clean(field).to_string()).collect()
    };
    Records::new(text)
        .map(|record| record.map(fields))
        .collect()
}

/// Lines of a document that names no columns and has `width` of them: separated alike, or by blanks; then the first and the last word stand for
/// themselves, and what is between them is a text. Quotes are part of what is said.
fn lines(text: &str, width: usize) -> Vec<Vec<String>> {
    let fields = |line: &str| -> Vec<String> {
        for separator in ['\t', ';', ',', '|'] {
            let mut fields: Vec<String> = line
                .split(separator)
                .map(|field| clean(field).to_string())
                .collect();
            while fields.len() > width && fields.last().is_some_and(String::is_empty) {
                fields.pop();
            }
            let is_name = |field: &String| !field.contains(char::is_whitespace);
            if fields.len() == width && fields.first().is_some_and(is_name) {
                return fields;
            }
        }
        let words: Vec<&str> = line.split_whitespace().map(clean).collect();
        match words.as_slice() {
            [first, between @ .., last] if width == 3 => {
                vec![first.to_string(), between.join(" "), last.to_string()]
            }
            [first, rest @ ..] if width == 2 => vec![first.to_string(), rest.join(" ")],
            words => words.iter().map(ToString::to_string).collect(),
        }
    };
    text.lines()
        .filter(|line| !clean(line).is_empty())
        .map(fields)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(text: &str) -> TableRule {
        let text = format!(
            "[corpus.x]\ntitle = 'X'\nname = '(?P<emotion>.)'\nlabels = {{ a = 'anger' }}\ntables = [{text}]"
        );
        let mut catalogue = crate::Catalogue::built_in();
        catalogue.add(&text, "test").unwrap();
        catalogue.corpus("x").unwrap().layout.tables[0].clone()
    }

    fn read(rule: &TableRule, content: &[u8]) -> Result<MetadataTables, Error> {
        let folder = tempfile::tempdir().unwrap();
        let disk = folder.path().join("t.csv");
        std::fs::write(&disk, content).unwrap();
        let found = Found {
            path: "t.csv".into(),
            disk,
            bytes: content.len() as u64,
        };
        MetadataTables::read(rule, &[&found])
    }

    const BY_FILE: &str =
        "{ file = 't.csv', key = { file = 'path' }, facts = { speaker = 'who' } }";

    #[test]
    fn a_path_of_any_kind_finds_its_recording() {
        let table =
            b"\xef\xbb\xbfpath;who\r\nwav\\a.wav; ann \r\n/home/me/wav/b.WAV;bob\r\nc;cyd\r\n";
        let mut metadata = read(&rule(BY_FILE), table).unwrap();
        let mut who = |path: &str| {
            metadata
                .rows_of(path, &Facts::new())
                .iter()
                .map(|row| row["speaker"].clone())
                .collect::<String>()
        };
        assert_eq!(who("corpus/wav/a"), "ann");
        assert_eq!(who("wav/b"), "bob");
        assert_eq!(who("x/y/c"), "cyd");
        assert_eq!(who("other/a"), "");
        assert!(metadata.unused().is_empty());
    }

    #[test]
    fn quotes_commas_and_line_ends_inside_a_field_are_read() {
        let metadata = read(&rule(BY_FILE), b"\"path\",\"who\"\n\"a\",\"x, y\nz\"\n").unwrap();
        assert_eq!(metadata.rows[0].facts["speaker"], "x, y\nz");
    }

    #[test]
    fn a_missing_column_is_named_with_those_there_are() {
        let error = read(&rule(BY_FILE), b"path,speaker\na,x\n")
            .unwrap_err()
            .to_string();
        assert!(
            error.ends_with("t.csv: has no column \"who\"; it has path, speaker: correct the description or the table"),
            "{error}"
        );
    }

    #[test]
    fn several_columns_give_their_mean() {
        let rule =
            rule("{ file = 't.csv', key = { file = 'f' }, facts = { valence = ['a', 'b', 'c'] } }");
        let metadata = read(&rule, b"f,a,b,c\nx,1,2.5,\ny,,,\n").unwrap();
        assert_eq!(metadata.rows[0].facts["valence"], "1.75");
        assert_eq!(metadata.rows[1].facts["valence"], "");
    }

    #[test]
    fn blanks_separate_where_nothing_else_does() {
        let mut metadata = read(&rule(BY_FILE), b"path  who\na   x\n\n").unwrap();
        assert_eq!(metadata.rows_of("a", &Facts::new())[0]["speaker"], "x");
    }

    #[test]
    fn a_document_without_a_header_may_have_blanks_commas_and_quotes_in_its_text() {
        let expected = ["0011_000001", "\"No, no, no,\" he said", "Sad"];
        for separator in ["\t", " ", "   ", ";", " | "] {
            let line = expected.join(separator) + "\r\n\n";
            assert_eq!(lines(&line, 3), [expected], "{separator:?}");
        }
        assert_eq!(lines("a b c\td\n", 2), [["a", "b c d"]]);
    }
}
