//! A folder becomes the recordings of a corpus, and an account of everything else in it.
//!
//! ```text
//! files ─┬─ left out by a rule, empty, a stand-in, known to be broken ─────────────┐
//!        ├─ documents ── rows ──┐                                                  ├─ the account
//!        └─ recordings ── name, folder ── facts ── rows join ── entry ── copies? ──┘
//! ```
//!
//! No file is dropped silently: it is a recording, or it stands in the account with the reason. A name that no rule explains is never
//! guessed at. Where two sources say different things of one recording, the name counts, then a document, then the folder, and the
//! contradiction is told.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use regex::Regex;

use super::description::Corpus;
use super::document::{Documents, Facts};
use super::encoding::{clean, decode};
use super::entry::Entry;
use super::error::Error;
use super::walk::{Found, walk};

/// What a folder holds of a corpus.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The corpus's name.
    pub corpus: String,
    /// The folder.
    pub root: PathBuf,
    /// Its recordings, by path.
    pub entries: Vec<Entry>,
    /// Every other file.
    pub aside: Vec<Aside>,
    /// Misnamed recordings with their right names.
    pub misnamed: Vec<(String, String)>,
    /// Labels in documents for which there is no recording.
    pub missing: Vec<String>,
    /// Contradictions and lines that were not understood.
    pub notes: Vec<String>,
}

/// A file that is no recording of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// From the root.
    pub path: String,
    /// What became of it.
    pub kind: AsideKind,
    /// Why.
    pub why: String,
}

/// Why a file is no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsideKind {
    /// Audio or video that no rule explains.
    Unexplained,
    /// The same recording once more.
    Copy,
    /// Git's stand-in for a file that was not fetched.
    Stub,
    /// No bytes.
    Empty,
    /// Known to be broken.
    Bad,
    /// The operating system refused.
    Unreadable,
    /// Left out by a rule of the description.
    LeftOut,
    /// A document that was read.
    Document,
    /// Neither audio nor a document that is read.
    Other,
}

impl AsideKind {
    /// Its name in reports.
    pub fn word(self) -> &'static str {
        match self {
            AsideKind::Unexplained => "unexplained",
            AsideKind::Copy => "copy",
            AsideKind::Stub => "stub",
            AsideKind::Empty => "empty",
            AsideKind::Bad => "bad",
            AsideKind::Unreadable => "unreadable",
            AsideKind::LeftOut => "left out",
            AsideKind::Document => "document",
            AsideKind::Other => "other",
        }
    }
}

impl Scan {
    /// The files set aside for one reason.
    pub fn aside(&self, kind: AsideKind) -> impl Iterator<Item = &Aside> {
        self.aside.iter().filter(move |aside| aside.kind == kind)
    }
}

/// Reads a corpus's folder.
///
/// # Errors
/// [`Error::Io`] if the folder or a document cannot be read, [`Error::Document`] if a document lacks a column.
pub fn scan(corpus: &Corpus, root: &Path) -> Result<Scan, Error> {
    let (files, refused) = walk(root)?;
    let mut scan = Scan {
        corpus: corpus.name.clone(),
        root: root.to_path_buf(),
        entries: Vec::new(),
        aside: Vec::new(),
        misnamed: Vec::new(),
        missing: Vec::new(),
        notes: Vec::new(),
    };
    for (path, why) in refused {
        scan.aside.push(Aside {
            path,
            kind: AsideKind::Unreadable,
            why,
        });
    }
    let mut reader = Reader::new(corpus, &files, &mut scan)?;
    let mut candidates = Vec::new();
    for file in &files {
        match reader.sort(file) {
            Sorted::Recording => candidates.push(file),
            Sorted::Aside(kind, why) => scan.aside.push(Aside {
                path: file.path.clone(),
                kind,
                why,
            }),
        }
    }
    // The least nested first: of several copies of a tree the outermost stays.
    candidates.sort_by_key(|file| (file.path.matches('/').count(), &file.path));
    let mut seen: HashMap<String, String> = HashMap::new();
    for file in candidates {
        let stem = reader.right_stem(file);
        if stem != file.stem() {
            scan.misnamed.push((file.path.clone(), stem.clone()));
        }
        match reader.entries(file, &stem, &mut scan.notes) {
            Err(why) => {
                let kind = AsideKind::Unexplained;
                scan.aside.push(Aside {
                    path: file.path.clone(),
                    kind,
                    why,
                });
            }
            Ok(entries) => {
                for entry in entries {
                    match seen.get(&entry.identity(&stem)) {
                        Some(first) => scan.aside.push(Aside {
                            path: file.path.clone(),
                            kind: AsideKind::Copy,
                            why: format!("of {first}"),
                        }),
                        None => {
                            seen.insert(entry.identity(&stem), file.path.clone());
                            scan.entries.push(entry);
                        }
                    }
                }
            }
        }
    }
    reader.finish(&mut scan);
    scan.entries.sort_by(|a, b| {
        let start = |entry: &Entry| entry.part.map_or(0.0, |(start, _)| start);
        a.path.cmp(&b.path).then(start(a).total_cmp(&start(b)))
    });
    scan.aside
        .sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    Ok(scan)
}

/// What a file is, by its name alone.
enum Sorted {
    Recording,
    Aside(AsideKind, String),
}

/// The documents of a corpus, ready to be asked.
struct Reader<'a> {
    corpus: &'a Corpus,
    tables: Vec<Documents>,
    /// Transcripts by the name they share with their recording.
    transcripts: BTreeMap<String, (PathBuf, bool)>,
}

impl<'a> Reader<'a> {
    fn new(corpus: &'a Corpus, files: &'a [Found], scan: &mut Scan) -> Result<Self, Error> {
        let layout = &corpus.layout;
        let mut tables = Vec::new();
        for rule in &layout.tables {
            let fitting: Vec<&Found> = files
                .iter()
                .filter(|file| file.bytes > 0 && rule.file.is_match(target(&rule.file, file)))
                .collect();
            let mut documents = Documents::read(rule, &fitting)?;
            scan.notes.append(&mut documents.notes);
            if fitting.is_empty() {
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
            tables.push(documents);
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

    fn sort(&self, file: &Found) -> Sorted {
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
        if layout
            .tables
            .iter()
            .any(|rule| rule.file.is_match(target(&rule.file, file)))
        {
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

    /// The name without extension, corrected if it is known to be wrong.
    fn right_stem(&self, file: &Found) -> String {
        let stem = file.stem();
        self.corpus
            .layout
            .misnamed
            .get(stem)
            .map_or(stem, String::as_str)
            .to_string()
    }

    /// What name, folder and documents say about a recording: one entry, or one for each of its parts.
    fn entries(
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
            if let (Some(value), Some(known)) = (facts.get(fact), known) {
                if !same(fact, value, &known) {
                    notes.push(format!("{}: {fact} is {value:?} in name or document and {known:?} by the description; the former counts", file.path));
                }
            }
        }
    }

    /// What is left over in the documents.
    fn finish(&mut self, scan: &mut Scan) {
        for (rule, table) in self.corpus.layout.tables.iter().zip(&self.tables) {
            let labels = rule.facts.contains_key("emotion")
                || rule.format == super::description::Format::IemocapEvaluation;
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
            scan.notes
                .push(format!("{without} recordings without their .{extension}"));
        }
    }
}

/// A pattern with a folder in it is for the whole path, another one for the name.
fn target<'a>(pattern: &Regex, file: &'a Found) -> &'a str {
    if pattern.as_str().contains('/') {
        &file.path
    } else {
        file.name()
    }
}

/// Whether two values of a fact mean the same, whoever wrote them.
fn same(fact: &str, a: &str, b: &str) -> bool {
    use super::description::Gender;
    use super::encoding::number;
    match fact {
        "gender" => Gender::parse(a) == Gender::parse(b),
        _ => a == b || (number(a).is_some() && number(a) == number(b)),
    }
}
