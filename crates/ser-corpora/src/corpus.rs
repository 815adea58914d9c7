//! One corpus as `corpora.toml` describes it, checked: after this, no regular expression fails and no label is unknown.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

use super::walk::Found;

/// Why a description cannot be used: the key and the problem.
pub(crate) type DescriptionProblem = (String, String);

/// A corpus: what it is, how it is laid out, and what its codes mean.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// Its name on the command line.
    pub name: String,
    /// Its name in full.
    pub title: String,
    /// ISO 639-3 codes.
    pub languages: Vec<String>,
    /// The paper to cite.
    pub citation: String,
    /// Licence, as the sources state it.
    pub licence: String,
    /// What the licence allows, in audformat's words.
    pub usage: Usage,
    /// Where it is had.
    pub get: String,
    /// Names its folder goes by.
    pub folders: Vec<String>,
    /// Labels by code.
    pub labels: BTreeMap<String, Label>,
    /// Speakers of whom something is known.
    pub speakers: BTreeMap<String, Speaker>,
    /// Sentences by code.
    pub texts: BTreeMap<String, String>,
    /// Counts of the complete corpus.
    pub expected: Expected,
    /// Classes under a named map, by label code, where the general map does not fit.
    pub maps: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) layout: Layout,
}

impl Corpus {
    /// Every fact that its recordings may have.
    pub fn facts(&self) -> Vec<&str> {
        self.layout.facts().into_iter().collect()
    }
}

/// Where the facts of a recording are found.
#[derive(Clone, Debug)]
pub(crate) struct Layout {
    pub name: Option<Regex>,
    pub folder: Option<Regex>,
    /// Lower-case extensions of recordings.
    pub extensions: Vec<String>,
    /// Extensions that are taken only where a recording is there in no other, with the reason shown otherwise.
    pub stand_ins: BTreeMap<String, String>,
    pub left_out: Vec<LeftOut>,
    pub bad: BTreeMap<String, String>,
    pub misnamed: BTreeMap<String, String>,
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    pub compose: BTreeMap<String, String>,
    pub transcripts: Option<String>,
    pub tables: Vec<TableRule>,
}

/// Files that are explained, and no recordings.
#[derive(Clone, Debug)]
pub(crate) struct LeftOut {
    pub path: Regex,
    pub why: String,
}

/// Documents with one row per recording, speaker or other fact.
#[derive(Clone, Debug)]
pub(crate) struct TableRule {
    pub format: TableFormat,
    pub file: Regex,
    pub header: Option<Vec<String>>,
    /// Constant facts of all rows; part of the key.
    pub set: BTreeMap<String, String>,
    /// Fact of the recording → column with it.
    pub key: BTreeMap<String, String>,
    /// Fact that the row gives → columns with it; the mean of several.
    pub facts: BTreeMap<String, Vec<String>>,
    /// Whether most copies of the corpus do without it, so that nobody is told of its absence.
    pub optional: bool,
}

impl TableRule {
    /// Whether it is for this file. A pattern with a folder in it is for the whole path, another one for the name.
    pub fn reads(&self, file: &Found) -> bool {
        match self.file.as_str().contains('/') {
            true => self.file.is_match(&file.path),
            false => self.file.is_match(file.name()),
        }
    }
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum TableFormat {
    /// Columns with a header.
    #[default]
    Table,
    /// IEMOCAP's `dialog/EmoEvaluation/*.txt`.
    IemocapEvaluation,
    /// IEMOCAP's `dialog/transcriptions/*.txt`.
    IemocapTranscription,
}

/// A label in the corpus's own words and in the common ones.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Label {
    /// The corpus's own word.
    pub native: String,
    /// The common emotion, if one fits.
    pub common: Option<String>,
}

/// What is published about a speaker.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Speaker {
    /// Gender.
    pub gender: Option<Gender>,
    /// Age in years.
    pub age: Option<u32>,
}

/// Gender of a speaker as the corpora record it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Gender {
    /// Written `f`.
    Female,
    /// Written `m`.
    Male,
}

impl Gender {
    /// Understands F, M, female, male, woman, man in any case.
    pub fn parse(word: &str) -> Option<Gender> {
        match word.to_lowercase().as_str() {
            "f" | "w" | "female" | "woman" => Some(Gender::Female),
            "m" | "male" | "man" => Some(Gender::Male),
            _ => None,
        }
    }

    /// `f` or `m`.
    pub fn letter(self) -> &'static str {
        match self {
            Gender::Female => "f",
            Gender::Male => "m",
        }
    }

    /// `female` or `male`.
    pub fn word(self) -> &'static str {
        match self {
            Gender::Female => "female",
            Gender::Male => "male",
        }
    }
}

/// What a licence allows, in audformat's words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Usage {
    /// Also commercial.
    Commercial,
    /// Anything else.
    Other,
    /// Research only.
    Research,
    /// By agreement.
    #[default]
    Restricted,
    /// Anything.
    Unrestricted,
}

impl Usage {
    /// The word in audformat's header.
    pub fn word(self) -> &'static str {
        match self {
            Usage::Commercial => "commercial",
            Usage::Other => "other",
            Usage::Research => "research",
            Usage::Restricted => "restricted",
            Usage::Unrestricted => "unrestricted",
        }
    }
}

/// Counts of the complete corpus.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(
    deny_unknown_fields,
    default,
    expecting = "a table: [corpus.NAME.expected]"
)]
pub struct Expected {
    /// Recordings.
    pub files: Option<usize>,
    /// Recordings of each label, by code.
    pub labels: BTreeMap<String, usize>,
    /// Recordings of each speaker.
    pub speakers: SpeakerCounts,
    /// Recordings of each speaker whom `speakers` does not name.
    pub each_speaker: Option<usize>,
    /// Sample rates it was published at, Hz.
    pub rates: Vec<u32>,
}

/// Recordings of each speaker, or one number for all.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(
    untagged,
    expecting = "`speakers` has to be a number of recordings, or a table with one for each speaker"
)]
pub enum SpeakerCounts {
    /// The same for all.
    Each(usize),
    /// By speaker.
    By(BTreeMap<String, usize>),
}

impl Default for SpeakerCounts {
    fn default() -> Self {
        SpeakerCounts::By(BTreeMap::new())
    }
}

impl Expected {
    /// Recordings of a speaker, if published.
    pub fn of_speaker(&self, speaker: &str) -> Option<usize> {
        match &self.speakers {
            SpeakerCounts::Each(count) => Some(*count),
            SpeakerCounts::By(counts) => counts.get(speaker).copied().or(self.each_speaker),
        }
    }
}

impl Layout {
    /// Every corpus needs a way to tell its recordings and to find a label.
    pub(super) fn check(&self) -> Result<(), DescriptionProblem> {
        let by_file = self
            .tables
            .iter()
            .any(|table| table.key.contains_key("file"));
        if self.name.is_none() && !by_file {
            let problem = "is missing; give a regular expression, or a table with key = { file = \"column\" }";
            return Err(("name".into(), problem.into()));
        }
        if !self.facts().contains("emotion") {
            let problem =
                "has no group (?P<emotion>…), and no folder or table gives the emotion either";
            return Err(("name".into(), problem.into()));
        }
        Ok(())
    }

    /// Whether a file looks like one of the corpus's, by its path alone: a recording with a fitting name, or a document.
    pub(crate) fn claims(&self, file: &Found) -> bool {
        let extension = file.extension();
        let is_sound =
            self.extensions.contains(&extension) || self.stand_ins.contains_key(&extension);
        let fits = |name: &Regex| name.is_match(file.stem());
        let is_left_out = || {
            self.left_out
                .iter()
                .any(|rule| rule.path.is_match(&file.path))
        };
        let is_document = || self.tables.iter().any(|rule| rule.reads(file));
        is_sound && self.name.as_ref().is_some_and(fits) && !is_left_out() || is_document()
    }

    /// Every fact that a recording may have, by whatever way.
    pub(crate) fn facts(&self) -> BTreeSet<&str> {
        let groups = self
            .name
            .iter()
            .chain(&self.folder)
            .flat_map(Regex::capture_names)
            .flatten();
        let tables = self.tables.iter().flat_map(|table| match table.format {
            TableFormat::Table => table.facts.keys().map(String::as_str).collect(),
            TableFormat::IemocapEvaluation => super::iemocap::EVALUATION_FACTS.to_vec(),
            TableFormat::IemocapTranscription => super::iemocap::TRANSCRIPTION_FACTS.to_vec(),
        });
        groups
            .chain(tables)
            .chain(self.compose.keys().map(String::as_str))
            .collect()
    }
}
