//! `corpora.toml`: the known corpora, and the label maps.
//!
//! Three files are read one after the other, and a later one adds corpora, or replaces them by name: the one that was built in, the
//! user's own (`corpora.toml` in the folder of the configuration), and the one named by `--corpora`.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::Path;

use serde::Deserialize;

use super::corpus::Corpus;
use super::corpus_toml::CorpusToml;
use super::error::Error;

/// Bytes that a description may have; the built-in one has a thousandth of it.
const LONGEST: u64 = 32 << 20;

/// The file that is built in.
const BUILT_IN: &str = include_str!("../../../corpora.toml");

/// The corpora that are known.
#[derive(Clone, Debug)]
pub struct Catalogue {
    emotions: BTreeSet<String>,
    pub(crate) maps: BTreeMap<String, BTreeMap<String, String>>,
    corpora: BTreeMap<String, Corpus>,
    /// Where each was read from, last one first in force.
    sources: Vec<String>,
}

/// The outer form of a file. The corpora are read one by one, so that an error can name its corpus.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct CatalogueToml {
    #[serde(default)]
    emotions: Vec<String>,
    #[serde(default)]
    maps: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    corpus: BTreeMap<String, toml::Table>,
}

impl Catalogue {
    /// The corpora that came with the program.
    ///
    /// # Panics
    /// Never: a test reads the file that is built in.
    pub fn built_in() -> Catalogue {
        let mut catalogue = Catalogue {
            emotions: BTreeSet::new(),
            maps: BTreeMap::new(),
            corpora: BTreeMap::new(),
            sources: Vec::new(),
        };
        catalogue
            .add(BUILT_IN, "built in")
            .expect("the file that is built in is right");
        catalogue
    }

    /// Adds the corpora of a file.
    ///
    /// # Errors
    /// [`Error::Io`], or [`Error::Description`] with the file, corpus and key.
    pub fn read(&mut self, path: &Path) -> Result<(), Error> {
        let file = std::fs::File::open(path).map_err(Error::io(path))?;
        let mut text = String::new();
        let mut limited = file.take(LONGEST + 1);
        limited.read_to_string(&mut text).map_err(Error::io(path))?;
        if text.len() as u64 > LONGEST {
            return Err(Error::Description {
                file: path.display().to_string(),
                place: "the whole file".into(),
                problem: format!(
                    "is longer than {} MiB, which no description of corpora is",
                    LONGEST >> 20
                ),
            });
        }
        self.add(&text, &path.display().to_string())
    }

    /// Adds the corpora of a text; `file` is its name in errors.
    ///
    /// # Errors
    /// [`Error::Description`] with the file, corpus and key.
    pub fn add(&mut self, text: &str, file: &str) -> Result<(), Error> {
        let wrong = |place: String, problem: String| Error::Description {
            file: file.to_string(),
            place,
            problem,
        };
        let read: CatalogueToml = toml::from_str(text).map_err(|error| {
            let before = error.span().map_or(0, |span| span.start).min(text.len());
            let line = text.as_bytes()[..before]
                .iter()
                .filter(|&&byte| byte == b'\n')
                .count()
                + 1;
            wrong(format!("line {line}"), one_line(error.message()))
        })?;
        self.emotions.extend(read.emotions);
        for (name, map) in &read.maps {
            if let Some(emotion) = map.keys().find(|emotion| !self.emotions.contains(*emotion)) {
                let problem = "is no common emotion; add it to emotions".to_string();
                return Err(wrong(format!("maps.{name}.{emotion}"), problem));
            }
        }
        self.maps.extend(read.maps);
        for (name, table) in read.corpus {
            let toml: CorpusToml = toml::Value::Table(table)
                .try_into()
                .map_err(|error: toml::de::Error| wrong(name.clone(), described(&error)))?;
            let corpus = toml
                .check(&name, &self.emotions)
                .map_err(|(key, problem)| wrong(format!("{name}: {key}"), problem))?;
            self.corpora.insert(name, corpus);
        }
        self.sources.push(file.to_string());
        Ok(())
    }

    /// All corpora, by name.
    pub fn corpora(&self) -> impl Iterator<Item = &Corpus> {
        self.corpora.values()
    }

    /// The files that were read, in order.
    pub fn sources(&self) -> &[String] {
        &self.sources
    }

    /// The corpus called `name`; case, dashes and underscores do not matter.
    ///
    /// # Errors
    /// [`Error::UnknownCorpus`] with the nearest name.
    pub fn corpus(&self, name: &str) -> Result<&Corpus, Error> {
        let wanted = plain(name);
        self.corpora
            .values()
            .find(|corpus| plain(&corpus.name) == wanted)
            .ok_or_else(|| {
                let near = self.corpora.keys().find(|known| {
                    plain(known).contains(&wanted)
                        || wanted.contains(&plain(known)) && !wanted.is_empty()
                });
                let hint = match near {
                    Some(near) => format!("did you mean {near}?"),
                    None => "see `ser corpus list`, or describe it in a file for --corpora".into(),
                };
                Error::UnknownCorpus {
                    name: name.to_string(),
                    hint,
                }
            })
    }
}

/// A name without what people write differently.
pub(crate) fn plain(name: &str) -> String {
    name.chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The message of an error with the key it is about, which its text gives in a line of its own.
fn described(error: &toml::de::Error) -> String {
    let text = error.to_string();
    let place = text
        .lines()
        .find_map(|line| line.trim().strip_prefix("in "));
    match place {
        Some(place) => format!("{}: {}", place.trim_matches('`'), one_line(error.message())),
        None => one_line(error.message()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_file_has_the_nineteen_corpora() {
        let catalogue = Catalogue::built_in();
        let names: Vec<&str> = catalogue
            .corpora()
            .map(|corpus| corpus.name.as_str())
            .collect();
        assert_eq!(
            names.join(" "),
            "aesdd cafe crema-d emodb emotale emovo esd iemocap jl meld mesd msp-podcast nemo ravdess savee shemo subesco tess urdu"
        );
    }

    #[test]
    fn the_expected_counts_of_every_corpus_add_up() {
        for corpus in Catalogue::built_in().corpora() {
            let Some(files) = corpus.expected.files else {
                continue;
            };
            let labels: usize = corpus.expected.labels.values().sum();
            if labels > 0 {
                assert_eq!(labels, files, "{}", corpus.name);
            }
            let speakers: Option<usize> = corpus
                .speakers
                .keys()
                .map(|speaker| corpus.expected.of_speaker(speaker))
                .sum();
            if let (Some(sum), false) = (speakers, corpus.speakers.is_empty()) {
                assert_eq!(sum, files, "{}", corpus.name);
            }
        }
    }

    #[test]
    fn a_name_may_be_written_with_or_without_its_dash() {
        let catalogue = Catalogue::built_in();
        for name in ["crema-d", "CREMA-D", "cremad", "crema_d"] {
            assert_eq!(catalogue.corpus(name).unwrap().name, "crema-d");
        }
        let error = catalogue.corpus("emo").unwrap_err().to_string();
        assert_eq!(error, "no corpus is called \"emo\"; did you mean emodb?");
    }

    #[test]
    fn an_error_names_file_corpus_and_key() {
        let error = |text: &str| {
            Catalogue::built_in()
                .add(text, "my.toml")
                .unwrap_err()
                .to_string()
        };
        assert!(
            error("[corpus.x]\ntitle = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'angre' }")
                .starts_with("my.toml: x: labels.a: \"angre\" is no common emotion; take one of")
        );
        assert!(
            error("[corpus.x]\ntitle = 'X'\nnames = '.'\nlabels = { a = 'anger' }")
                .starts_with("my.toml: x: unknown field `names`, expected")
        );
        assert_eq!(
            error(
                "[corpus.x]\ntitle = 'X'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }\nexpected = { files = 'many' }"
            ),
            "my.toml: x: expected.files: invalid type: string \"many\", expected usize"
        );
        assert!(error("emotions = [\n\n'x'").starts_with("my.toml: line 3: "));
        assert_eq!(
            error("[maps.two]\nrage = 'x'"),
            "my.toml: maps.two.rage: is no common emotion; add it to emotions"
        );
    }

    #[test]
    fn a_later_file_replaces_a_corpus_by_name() {
        let mut catalogue = Catalogue::built_in();
        let text =
            "[corpus.emodb]\ntitle = 'Mine'\nname = '(?P<emotion>.)'\nlabels = { a = 'anger' }";
        catalogue.add(text, "my.toml").unwrap();
        assert_eq!(catalogue.corpus("emodb").unwrap().title, "Mine");
        assert_eq!(catalogue.corpora().count(), 19);
    }
}
