//! A corpus in the form of the file, and its way into [`Corpus`]: everything is checked that can be without a recording.

use std::collections::{BTreeMap, BTreeSet};

use regex::Regex;
use serde::Deserialize;

use super::corpus::{
    Corpus, DescriptionProblem, Expected, Gender, Label, Layout, LeftOut, Speaker, TableFormat,
    TableRule, Usage,
};

/// The form in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct CorpusToml {
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
    stand_ins: BTreeMap<String, String>,
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
#[serde(deny_unknown_fields, expecting = "a table with `path` and `why`")]
struct RawLeftOut {
    path: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a label has to be an emotion, or a table with `native` and `common`"
)]
enum RawLabel {
    Common(String),
    Both(RawBoth),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `native` and `common`")]
struct RawBoth {
    native: String,
    common: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, expecting = "a table with `file` and `facts`")]
struct RawTable {
    #[serde(default)]
    format: TableFormat,
    file: String,
    header: Option<Vec<String>>,
    #[serde(default)]
    set: BTreeMap<String, String>,
    #[serde(default)]
    key: BTreeMap<String, String>,
    #[serde(default)]
    facts: BTreeMap<String, RawColumns>,
    #[serde(default)]
    optional: bool,
}

#[derive(Deserialize)]
#[serde(
    untagged,
    expecting = "a fact has to be the name of a column, or a list of columns whose mean it is"
)]
enum RawColumns {
    One(String),
    Mean(Vec<String>),
}

impl CorpusToml {
    /// Checks everything that can be checked without a recording.
    pub(crate) fn check(
        self,
        name: &str,
        emotions: &BTreeSet<String>,
    ) -> Result<Corpus, DescriptionProblem> {
        check_name(name)?;
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
            .collect::<Result<Vec<_>, DescriptionProblem>>()?;
        let layout = Layout {
            name: self.name.map(|name| regex("name", &name)).transpose()?,
            folder: self
                .folder
                .map(|folder| regex("folder", &folder))
                .transpose()?,
            extensions: extensions(self.extensions),
            stand_ins: self
                .stand_ins
                .into_iter()
                .map(|(extension, why)| (extension.trim_start_matches('.').to_lowercase(), why))
                .collect(),
            left_out: self
                .left_out
                .into_iter()
                .map(|rule| {
                    Ok(LeftOut {
                        path: regex("left_out", &rule.path)?,
                        why: rule.why,
                    })
                })
                .collect::<Result<_, DescriptionProblem>>()?,
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

/// Longest name of a corpus, which becomes one of a folder.
const LONGEST_NAME: usize = 64;

/// A corpus's name becomes that of a folder of the output, so it must be one, on every system.
fn check_name(name: &str) -> Result<(), DescriptionProblem> {
    let plain = |c: char| c.is_alphanumeric() || "-_.".contains(c);
    if name.is_empty()
        || name.len() > LONGEST_NAME
        || name.starts_with(['.', '-'])
        || name.ends_with('.')
        || !name.chars().all(plain)
    {
        let problem = format!(
            "a corpus is called by letters, digits, dashes and underscores, at most {LONGEST_NAME}, for its name becomes that of a folder"
        );
        return Err(("name of the corpus".into(), problem));
    }
    Ok(())
}

impl RawTable {
    fn check(self) -> Result<TableRule, DescriptionProblem> {
        if self.format == TableFormat::Table && (self.key.is_empty() || self.facts.is_empty()) {
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
            optional: self.optional,
        })
    }
}

fn regex(key: &str, pattern: &str) -> Result<Regex, DescriptionProblem> {
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
) -> Result<BTreeMap<String, Speaker>, DescriptionProblem> {
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

    fn check(text: &str) -> Result<Corpus, DescriptionProblem> {
        let emotions = ["anger", "fear"].map(String::from).into();
        toml::from_str::<CorpusToml>(text)
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
    fn a_name_that_is_no_folder_is_refused() {
        let raw = || {
            toml::from_str::<CorpusToml>(
                "title = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }",
            )
            .unwrap()
        };
        let emotions = ["anger"].map(String::from).into();
        for name in [
            "../../../escape",
            "..",
            "a/b",
            "a\\b",
            "",
            ".x",
            "-o",
            "a:b",
            "a\0b",
            "x.",
        ] {
            let (place, _) = raw().check(name, &emotions).unwrap_err();
            assert_eq!(place, "name of the corpus", "{name:?}");
        }
        assert!(raw().check(&"x".repeat(65), &emotions).is_err());
        for name in ["my-corpus_2", "v1.2", "\u{e9}motion"] {
            assert!(raw().check(name, &emotions).is_ok(), "{name}");
        }
    }

    #[test]
    fn a_speaker_is_of_one_gender() {
        let text = "title = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }\nmen = ['1']\nwomen = ['1']";
        assert_eq!(check(text).unwrap_err().0, "men, women");
    }
}
