//! What name, folder and metadata tables say about one file.
//!
//! The description of a corpus decides: first what the file is (by its name alone), then, of a recording, its facts. The name counts more than
//! a metadata table, that more than the folder.

use std::collections::BTreeMap;
use std::path::PathBuf;

use regex::Regex;

use super::account::{AsideKind, Scan};
use super::corpus::{Corpus, Gender, TableFormat};
use super::entry::Entry;
use super::error::Error;
use super::fact::Facts;
use super::metadata_table::MetadataTables;
use super::walk::Found;
use ser_tables::counted;
use ser_tables::encoding::{clean, decode, number};

/// What a file is, by its name alone.
pub(super) enum Sorted {
    Recording,
    Aside(AsideKind, String),
}

/// The metadata tables of a corpus, ready to be asked.
pub(super) struct Reader<'a> {
    corpus: &'a Corpus,
    tables: Vec<MetadataTables>,
    /// Transcripts by the name they share with their recording.
    transcripts: BTreeMap<String, (PathBuf, bool)>,
}

impl<'a> Reader<'a> {
    pub fn new(corpus: &'a Corpus, files: &'a [Found], scan: &mut Scan) -> Result<Self, Error> {
        let layout = &corpus.layout;
        let mut tables = Vec::new();
        for rule in &layout.tables {
            let fitting: Vec<&Found> = files
                .iter()
                .filter(|file| file.bytes > 0 && rule.reads(file))
                .collect();
            let mut metadata = MetadataTables::read(rule, &fitting)?;
            scan.notes.append(&mut metadata.notes);
            if fitting.is_empty() && !rule.optional {
                let gives: Vec<&str> = rule.facts.keys().map(String::as_str).collect();
                let gives = if gives.is_empty() {
                    "labels or texts".into()
                } else {
                    gives.join(", ")
                };
                scan.notes.push(format!(
                    "no document is called {}, which gives {gives}",
                    rule.file
                ));
            }
            tables.push(metadata);
        }
        let is_transcript = |file: &&Found| {
            layout
                .transcripts
                .as_ref()
                .is_some_and(|own| *own == file.extension())
        };
        let transcripts = files
            .iter()
            .filter(is_transcript)
            .map(|file| (file.stem().to_string(), (file.disk.clone(), false)))
            .collect();
        Ok(Self {
            corpus,
            tables,
            transcripts,
        })
    }

    pub fn sort(&self, file: &Found) -> Sorted {
        use AsideKind::*;
        let layout = &self.corpus.layout;
        let extension = file.extension();
        if let Some(rule) = layout
            .left_out
            .iter()
            .find(|rule| rule.path.is_match(&file.path))
        {
            return Sorted::Aside(LeftOut, rule.why.clone());
        }
        if layout.tables.iter().any(|rule| rule.reads(file)) {
            return Sorted::Aside(Document, "read".into());
        }
        let is_transcript = layout.transcripts.as_ref() == Some(&extension);
        if is_transcript
            && layout
                .name
                .as_ref()
                .is_none_or(|name| name.is_match(file.stem()))
        {
            return Sorted::Aside(Document, "transcript".into());
        }
        if let Some(why) = layout.stand_ins.get(&extension) {
            return match file.bytes == 0 || file.is_stub() {
                true => Sorted::Aside(LeftOut, why.clone()),
                false => Sorted::Recording,
            };
        }
        if !layout.extensions.contains(&extension) {
            return if file.is_media() {
                let known = layout.extensions.join(", .");
                Sorted::Aside(
                    Unexplained,
                    format!("recordings of this corpus are .{known}"),
                )
            } else {
                Sorted::Aside(Other, String::new())
            };
        }
        if file.bytes == 0 {
            return Sorted::Aside(Empty, "0 bytes".into());
        }
        let path = file
            .path
            .rsplit_once('.')
            .map_or(file.path.as_str(), |(path, _)| path);
        let known = |known: &&String| {
            path.strip_suffix(known.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
        };
        if let Some(known) = layout.bad.keys().find(known) {
            return Sorted::Aside(Bad, layout.bad[known].clone());
        }
        if file.is_stub() {
            return Sorted::Aside(Stub, "a pointer of Git LFS, not the recording".into());
        }
        Sorted::Recording
    }

    /// Why this file is no recording if it is there in another form, or does not fit the corpus.
    pub fn stands_in(&self, file: &Found) -> Option<&str> {
        let why = self.corpus.layout.stand_ins.get(&file.extension());
        why.map(String::as_str)
    }

    /// The name without extension, corrected if it is known to be wrong.
    pub fn right_stem(&self, file: &Found) -> String {
        let stem = file.stem();
        self.corpus
            .layout
            .misnamed
            .get(stem)
            .map_or(stem, String::as_str)
            .to_string()
    }

    /// What name, folder and metadata tables say about a recording: one entry, or one for each of its parts.
    pub fn entries(
        &mut self,
        file: &Found,
        stem: &str,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Entry>, String> {
        let layout = &self.corpus.layout;
        let mut facts = Facts::new();
        if let Some(name) = &layout.name {
            let found = name
                .captures(stem)
                .ok_or("its name does not fit the corpus")?;
            facts.extend(self.captured(name, &found));
        }
        // Facts of the folder count least, so they wait.
        let folder: Facts = layout
            .folder
            .iter()
            .filter_map(|folder| Some(self.captured(folder, &folder.captures(file.folder())?)))
            .flatten()
            .collect();
        let mut known = folder.clone();
        known.extend(facts.clone());
        self.compose(&mut known);
        let told = |fact: &str| {
            let names = |regex: &Option<Regex>| {
                regex
                    .iter()
                    .flat_map(Regex::capture_names)
                    .flatten()
                    .any(|group| group == fact)
            };
            names(&layout.name) || names(&layout.folder)
        };
        if told("speaker") && !known.contains_key("speaker") {
            return Err("neither its name nor its folder says who speaks".into());
        }
        let path = match file.path.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{stem}"),
            None => stem.to_string(),
        };
        let mut parts: Vec<Facts> = Vec::new();
        for table in 0..self.tables.len() {
            let rows = self.tables[table].rows_of(&path, &known);
            if self.tables[table].in_parts {
                parts.extend(rows.into_iter().map(|row| self.translated(row)));
                continue;
            }
            for (at, row) in rows.into_iter().enumerate() {
                for (fact, value) in self.translated(row) {
                    match known.get(&fact) {
                        Some(other) if same(&fact, other, &value) => {}
                        Some(other)
                            if at == 0
                                && folder.get(&fact) == Some(other)
                                && !facts.contains_key(&fact) =>
                        {
                            notes.push(format!("{}: {fact} is {value:?} in a document and {other:?} by its folder; the document counts", file.path));
                            known.insert(fact, value);
                        }
                        Some(other) => {
                            let place = if facts.contains_key(&fact) {
                                "by its name"
                            } else {
                                "elsewhere"
                            };
                            notes.push(format!("{}: {fact} is {value:?} in a document and {other:?} {place}; the latter counts", file.path));
                        }
                        None => {
                            known.insert(fact, value);
                        }
                    }
                }
            }
        }
        self.add_transcript(stem, &mut known);
        self.check_speaker(file, &known, notes);
        if !parts.is_empty() {
            let whole = |part: Facts| {
                let mut facts = known.clone();
                facts.extend(part);
                Entry::new(
                    self.corpus,
                    &file.path,
                    file.disk.clone(),
                    file.bytes,
                    facts,
                )
            };
            return parts.into_iter().map(whole).collect();
        }
        Entry::new(
            self.corpus,
            &file.path,
            file.disk.clone(),
            file.bytes,
            known,
        )
        .map(|entry| vec![entry])
    }

    /// The named groups that took part in a match, translated.
    fn captured(&self, regex: &Regex, found: &regex::Captures<'_>) -> Facts {
        let facts = regex
            .capture_names()
            .flatten()
            .filter_map(|name| Some((name.to_string(), found.name(name)?.as_str().to_string())));
        self.translated(facts.collect())
    }

    /// Translates values, and drops those that say nothing.
    fn translated(&self, facts: Facts) -> Facts {
        let translate = |(fact, value): (String, String)| {
            let words = self.corpus.layout.values.get(&fact);
            let value = words
                .and_then(|words| words.get(&value))
                .cloned()
                .unwrap_or(value);
            (!value.is_empty()).then_some((fact, value))
        };
        facts.into_iter().filter_map(translate).collect()
    }

    fn compose(&self, facts: &mut Facts) {
        for (fact, template) in &self.corpus.layout.compose {
            let mut text = template.clone();
            for (name, value) in facts.iter() {
                text = text.replace(&format!("{{{name}}}"), value);
            }
            if !text.contains('{') {
                facts.insert(fact.clone(), text);
            }
        }
    }

    fn add_transcript(&mut self, stem: &str, facts: &mut Facts) {
        if let Some((path, used)) = self.transcripts.get_mut(stem) {
            *used = true;
            if let Ok(bytes) = std::fs::read(path) {
                let text = decode(&bytes);
                facts
                    .entry("transcript".into())
                    .or_insert_with(|| clean(&text).to_string());
            }
        }
    }

    /// What a document says of a speaker must be what the catalogue says.
    fn check_speaker(&self, file: &Found, facts: &Facts, notes: &mut Vec<String>) {
        let Some(known) = facts
            .get("speaker")
            .and_then(|name| self.corpus.speakers.get(name))
        else {
            return;
        };
        let gender = known.gender.map(|gender| gender.letter().to_string());
        let age = known.age.map(|age| age.to_string());
        for (fact, known) in [("gender", gender), ("age", age)] {
            if let (Some(value), Some(known)) = (facts.get(fact), known)
                && !same(fact, value, &known)
            {
                notes.push(format!("{}: {fact} is {value:?} in name or document and {known:?} by the description; the former counts", file.path));
            }
        }
    }

    /// What is left over in the metadata tables.
    pub fn finish(&mut self, scan: &mut Scan) {
        for (rule, table) in self.corpus.layout.tables.iter().zip(&self.tables) {
            let labels =
                rule.facts.contains_key("emotion") || rule.format == TableFormat::IemocapEvaluation;
            if labels {
                scan.missing.extend(table.unused());
            }
        }
        let unused: Vec<&String> = self
            .transcripts
            .iter()
            .filter(|(_, (_, used))| !used)
            .map(|(stem, _)| stem)
            .collect();
        let without = scan
            .entries
            .iter()
            .filter(|entry| entry.transcript.is_none())
            .count();
        if let (Some(extension), Some(first)) = (&self.corpus.layout.transcripts, unused.first()) {
            let count = unused.len();
            scan.notes.push(format!(
                "{count} .{extension} without a recording, the first is {first}"
            ));
        }
        if let (Some(extension), true) = (&self.corpus.layout.transcripts, without > 0) {
            scan.notes.push(format!(
                "{} without a .{extension} beside it",
                counted(without, "recording")
            ));
        }
    }
}

/// Whether two values of a fact mean the same, whoever wrote them.
fn same(fact: &str, a: &str, b: &str) -> bool {
    match fact {
        "gender" => Gender::parse(a) == Gender::parse(b),
        _ => a == b || (number(a).is_some() && number(a) == number(b)),
    }
}
