//! One recording as its name and its documents describe it.

use std::collections::BTreeMap;
use std::path::PathBuf;

use super::corpus::{Corpus, Gender};
use super::fact::Facts;
use ser_tables::encoding::number;
use ser_tables::shortest;

/// A recording of a corpus, or a part of one, with everything that is known about it.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// The file from the corpus's root, with `/`.
    pub path: String,
    /// The file to open.
    pub disk: PathBuf,
    /// Size of the file.
    pub bytes: u64,
    /// Start and end of the part in seconds, where the recording is a part of its file; no end is the file's.
    pub part: Option<(f64, Option<f64>)>,
    /// The label's code in the corpus.
    pub code: String,
    /// The label in the corpus's own word.
    pub native: String,
    /// The common emotion, if one fits.
    pub common: Option<String>,
    /// Who speaks; none where the corpus does not tell.
    pub speaker: Option<String>,
    /// The speaker's gender.
    pub gender: Option<Gender>,
    /// The speaker's age in years.
    pub age: Option<u32>,
    /// Code of the prescribed text.
    pub text: Option<String>,
    /// The words spoken.
    pub transcript: Option<String>,
    /// Session.
    pub session: Option<String>,
    /// Take, version or repetition.
    pub take: Option<String>,
    /// Intensity acted.
    pub intensity: Option<String>,
    /// The corpus's own split.
    pub split: Option<String>,
    /// Language, ISO 639-3.
    pub language: Option<String>,
    /// Valence on the corpus's scale.
    pub valence: Option<f64>,
    /// Activation on the corpus's scale.
    pub activation: Option<f64>,
    /// Dominance on the corpus's scale.
    pub dominance: Option<f64>,
    /// Everything else its name and documents say.
    pub extra: BTreeMap<String, String>,
}

/// The percentage of a vote that is for a label: codes or their beginnings, separated by colons where listeners were divided, as in `A:D`.
fn agreement_of_vote(vote: &str, code: &str) -> Option<f64> {
    let named: Vec<&str> = vote.split(':').map(str::trim).collect();
    let known = named.iter().all(|name| !name.is_empty());
    let of_label = named.iter().filter(|name| code.starts_with(**name)).count();
    known.then(|| 100.0 * of_label as f64 / named.len() as f64)
}

#[test]
fn a_divided_vote_agrees_by_half() {
    assert_eq!(agreement_of_vote("A", "ANG"), Some(100.0));
    assert_eq!(agreement_of_vote("D:A", "ANG"), Some(50.0));
    assert_eq!(agreement_of_vote("N", "ANG"), Some(0.0));
    assert_eq!(agreement_of_vote("", "ANG"), None);
}

impl Entry {
    /// Sorts facts into fields, and adds what the catalogue knows of speaker and text.
    ///
    /// # Errors
    /// Why the facts do not make an entry: there is no label, or an unknown one.
    pub(crate) fn new(
        corpus: &Corpus,
        path: &str,
        disk: PathBuf,
        bytes: u64,
        mut facts: Facts,
    ) -> Result<Entry, String> {
        let mut take = |fact: &str| facts.remove(fact).filter(|value| !value.is_empty());
        let code = take("emotion").ok_or("no document has a label for it")?;
        let label = corpus.labels.get(&code).ok_or_else(|| {
            let known: Vec<&str> = corpus.labels.keys().map(String::as_str).collect();
            format!("its label {code:?} is none of {}", known.join(" "))
        })?;
        let speaker = take("speaker");
        let known = speaker
            .as_ref()
            .and_then(|speaker| corpus.speakers.get(speaker));
        let text = take("text");
        let transcript = take("transcript").or_else(|| {
            text.as_ref()
                .and_then(|text| corpus.texts.get(text))
                .cloned()
        });
        let start = take("start").and_then(|start| number(&start));
        let end = take("end").and_then(|end| number(&end));
        let language = take("language").or_else(|| match &corpus.languages[..] {
            [one] => Some(one.clone()),
            _ => None,
        });
        let agreement = take("agreement")
            .and_then(|percent| number(&percent))
            .or_else(|| agreement_of_vote(&take("vote")?, &code));
        let entry = Entry {
            path: path.to_string(),
            disk,
            bytes,
            part: (start.is_some() || end.is_some()).then(|| (start.unwrap_or(0.0), end)),
            native: label.native.clone(),
            common: label.common.clone(),
            code,
            gender: take("gender")
                .and_then(|gender| Gender::parse(&gender))
                .or(known.and_then(|speaker| speaker.gender)),
            age: take("age")
                .and_then(|age| number(&age))
                .map(|age| age as u32)
                .or(known.and_then(|speaker| speaker.age)),
            speaker,
            text,
            transcript,
            session: take("session"),
            take: take("take"),
            intensity: take("intensity"),
            split: take("split"),
            language,
            valence: take("valence").and_then(|value| number(&value)),
            activation: take("activation").and_then(|value| number(&value)),
            dominance: take("dominance").and_then(|value| number(&value)),
            extra: BTreeMap::new(),
        };
        facts.retain(|_, value| !value.is_empty());
        if let Some(percent) = agreement {
            facts.insert("agreement".into(), shortest(percent));
        }
        Ok(Entry {
            extra: facts,
            ..entry
        })
    }

    /// What makes it the same recording in a second copy of the tree: the name, and what a name may leave to its folder.
    pub(crate) fn identity(&self, stem: &str) -> String {
        let or = |fact: &Option<String>| fact.clone().unwrap_or_default();
        format!(
            "{stem}\t{}\t{}\t{}\t{:?}",
            or(&self.speaker),
            or(&self.split),
            or(&self.session),
            self.part
        )
    }
}
