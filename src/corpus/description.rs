//! One corpus as `corpora.toml` describes it, checked: after this, no regular expression fails and no label is unknown.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

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
    pub format: Format,
    pub file: Regex,
    pub header: Option<Vec<String>>,
    /// Constant facts of all rows; part of the key.
    pub set: BTreeMap<String, String>,
    /// Fact of the recording → column with it.
    pub key: BTreeMap<String, String>,
    /// Fact that the row gives → columns with it; the mean of several.
    pub facts: BTreeMap<String, Vec<String>>,
}

/// How a document is written.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Format {
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
#[serde(deny_unknown_fields, default)]
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
#[serde(untagged)]
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

/// The form in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Raw {
    title: String,
    #[serde(default)]
    languages: Vec<String>,
    #[serde(default)]
    citation: String,
    #[serde(default)]
    licence: String,
    #[serde(default)]
    usage: Usage,
    #[serde(default)]
    get: String,
    #[serde(default)]
    folders: Vec<String>,
    name: Option<String>,
    folder: Option<String>,
    #[serde(default)]
    extensions: Vec<String>,
    #[serde(default)]
    left_out: Vec<RawLeftOut>,
    #[serde(default)]
    bad: BTreeMap<String, String>,
    #[serde(default)]
    misnamed: BTreeMap<String, String>,
    labels: BTreeMap<String, RawLabel>,
    #[serde(default)]
    values: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    compose: BTreeMap<String, String>,
    #[serde(default)]
    texts: BTreeMap<String, String>,
    #[serde(default)]
    men: Vec<String>,
    #[serde(default)]
    women: Vec<String>,
    #[serde(default)]
    ages: BTreeMap<String, u32>,
    transcripts: Option<String>,
    #[serde(default)]
    tables: Vec<RawTable>,
    #[serde(default)]
    expected: Expected,
    #[serde(default)]
    maps: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawLeftOut {
    path: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawLabel {
    Common(String),
    Both(RawBoth),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawBoth {
    native: String,
    common: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RawTable {
    #[serde(default)]
    format: Format,
    file: String,
    header: Option<Vec<String>>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    key: BTreeMap<String, String>,
    #[serde(default)]
    facts: BTreeMap<String, RawColumns>,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum RawColumns {
    One(String),
    Mean(Vec<String>),
}

/// Why a description cannot be used: the key and the problem.
pub(crate) type Problem = (String, String);

impl Raw {
    /// Checks everything that can be checked without a recording.
    pub(crate) fn check(self, name: &str, emotions: &BTreeSet<String>) -> Result<Corpus, Problem> {
        let mut labels = BTreeMap::new();
        for (code, label) in self.labels {
            let label = match label {
                RawLabel::Common(common) => Label {
                    native: code.clone(),
                    common: Some(common),
                },
                RawLabel::Both(RawBoth { native, common }) => Label { native, common },
            };
            if let Some(common) = label
                .common
                .as_ref()
                .filter(|common| !emotions.contains(*common))
            {
                let known: Vec<&str> = emotions.iter().map(String::as_str).collect();
                let problem = format!(
                    "{common:?} is no common emotion; take one of {}, or add it to emotions",
                    known.join(", ")
                );
                return Err((format!("labels.{code}"), problem));
            }
            labels.insert(code, label);
        }
        if labels.is_empty() {
            return Err(("labels".into(), "is empty; give at least one code".into()));
        }
        for code in self
            .expected
            .labels
            .keys()
            .chain(self.maps.values().flat_map(BTreeMap::keys))
        {
            if !labels.contains_key(code) {
                return Err((
                    "expected.labels or maps".into(),
                    format!("{code:?} is not in labels"),
                ));
            }
        }
        let tables = self
            .tables
            .into_iter()
            .map(RawTable::check)
            .collect::<Result<Vec<_>, Problem>>()?;
        let layout = Layout {
            name: self.name.map(|name| regex("name", &name)).transpose()?,
            folder: self
                .folder
                .map(|folder| regex("folder", &folder))
                .transpose()?,
            extensions: extensions(self.extensions),
            left_out: self
                .left_out
                .into_iter()
                .map(|rule| {
                    Ok(LeftOut {
                        path: regex("left_out", &rule.path)?,
                        why: rule.why,
                    })
                })
                .collect::<Result<_, Problem>>()?,
            bad: self.bad,
            misnamed: self.misnamed,
            values: self.values,
            compose: self.compose,
            transcripts: self.transcripts.map(|extension| extension.to_lowercase()),
            tables,
        };
        layout.check()?;
        Ok(Corpus {
            name: name.to_string(),
            title: self.title,
            languages: self.languages,
            citation: self.citation,
            licence: self.licence,
            usage: self.usage,
            get: if self.get.is_empty() {
                "its authors".into()
            } else {
                self.get
            },
            folders: self.folders,
            labels,
            speakers: speakers(self.men, self.women, self.ages)?,
            texts: self.texts,
            expected: self.expected,
            maps: self.maps,
            layout,
        })
    }
}

impl RawTable {
    fn check(self) -> Result<TableRule, Problem> {
        if self.format == Format::Table && (self.key.is_empty() || self.facts.is_empty()) {
            let problem = "needs key = { fact = \"column\" } and facts = { fact = \"column\" }";
            return Err(("tables".into(), problem.into()));
        }
        let columns = |columns| match columns {
            RawColumns::One(column) => vec![column],
            RawColumns::Mean(columns) => columns,
        };
        Ok(TableRule {
            format: self.format,
            file: regex("tables.file", &self.file)?,
            header: self.header,
            set: self.set,
            key: self.key,
            facts: self
                .facts
                .into_iter()
                .map(|(fact, column)| (fact, columns(column)))
                .collect(),
        })
    }
}

impl Layout {
    /// Every corpus needs a way to tell its recordings and to find a label.
    fn check(&self) -> Result<(), Problem> {
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

    /// Every fact that a recording may have, by whatever way.
    pub(crate) fn facts(&self) -> BTreeSet<&str> {
        let groups = self
            .name
            .iter()
            .chain(&self.folder)
            .flat_map(Regex::capture_names)
            .flatten();
        let tables = self.tables.iter().flat_map(|table| match table.format {
            Format::Table => table.facts.keys().map(String::as_str).collect(),
            Format::IemocapEvaluation => super::iemocap::EVALUATION_FACTS.to_vec(),
            Format::IemocapTranscription => super::iemocap::TRANSCRIPTION_FACTS.to_vec(),
        });
        groups
            .chain(tables)
            .chain(self.compose.keys().map(String::as_str))
            .collect()
    }
}

fn regex(key: &str, pattern: &str) -> Result<Regex, Problem> {
    Regex::new(pattern).map_err(|error| {
        // The last line of its message says what is wrong, those before draw where.
        let reason = error.to_string();
        let reason = reason
            .lines()
            .last()
            .unwrap_or("")
            .trim()
            .trim_start_matches("error: ");
        (
            key.to_string(),
            format!("{pattern:?} is no regular expression: {reason}"),
        )
    })
}

fn extensions(given: Vec<String>) -> Vec<String> {
    let mut all: Vec<String> = given
        .iter()
        .map(|extension| extension.trim_start_matches('.').to_lowercase())
        .collect();
    if all.is_empty() {
        all.push("wav".into());
    }
    if !all.iter().any(|extension| extension == "flac") {
        all.push("flac".into());
    }
    all
}

fn speakers(
    men: Vec<String>,
    women: Vec<String>,
    ages: BTreeMap<String, u32>,
) -> Result<BTreeMap<String, Speaker>, Problem> {
    let mut speakers: BTreeMap<String, Speaker> = BTreeMap::new();
    let genders = men.into_iter().map(|name| (name, Gender::Male));
    for (name, gender) in genders.chain(women.into_iter().map(|name| (name, Gender::Female))) {
        let speaker = speakers.entry(name.clone()).or_default();
        if speaker.gender.replace(gender).is_some() {
            return Err(("men, women".into(), format!("{name:?} stands there twice")));
        }
    }
    for (name, age) in ages {
        speakers.entry(name).or_default().age = Some(age);
    }
    Ok(speakers)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str) -> Result<Corpus, Problem> {
        let emotions = ["anger", "fear"].map(String::from).into();
        toml::from_str::<Raw>(text)
            .expect("the form is right")
            .check("x", &emotions)
    }

    #[test]
    fn a_code_alone_is_its_own_native_label() {
        let corpus =
            check("title = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }").unwrap();
        let label = Label {
            native: "a".into(),
            common: Some("anger".into()),
        };
        assert_eq!(corpus.labels["a"], label);
        assert_eq!(corpus.layout.extensions, ["wav", "flac"]);
    }

    #[test]
    fn an_unknown_emotion_is_named_with_its_code() {
        let problem = check("title = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'angre' }");
        let (place, problem) = problem.unwrap_err();
        assert_eq!(place, "labels.a");
        assert_eq!(
            problem,
            "\"angre\" is no common emotion; take one of anger, fear, or add it to emotions"
        );
    }

    #[test]
    fn a_pattern_without_an_emotion_is_refused() {
        let (place, problem) =
            check("title = 'X'\nname = '(?P<speaker>.)'\nlabels = { a = 'anger' }").unwrap_err();
        assert_eq!(place, "name");
        assert!(problem.starts_with("has no group"), "{problem}");
    }

    #[test]
    fn a_broken_pattern_says_what_is_wrong_in_one_line() {
        let (_, problem) =
            check("title = 'X'\nname = '(?P<emotion>.'\nlabels = { a = 'anger' }").unwrap_err();
        assert_eq!(
            problem,
            "\"(?P<emotion>.\" is no regular expression: unclosed group"
        );
    }

    #[test]
    fn a_speaker_is_of_one_gender() {
        let text = "title = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }\nmen = ['1']\nwomen = ['1']";
        assert_eq!(check(text).unwrap_err().0, "men, women");
    }
}
