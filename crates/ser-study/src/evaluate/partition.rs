//! Published partitions: which speakers, sessions or recordings each fold tests, as a list that people read and write.
//!
//! ```toml
//! [[partition]]
//! speakers = ["03", "08"]          # tested in the first fold; all others are learnt from
//!
//! [[partition]]
//! sessions = ["2"]                 # a fold may name sessions
//! files = ["03a01Fa.wav"]          # and recordings, by the end of their path
//! ```
//!
//! Rows that no fold names are learnt from in every fold. The splits of an evaluation are exported in the same words, so that another study can repeat
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::{Deserialize, Serialize};

use ser_models::model::Error;
use ser_models::score::split::TestRows;
use ser_tables::labelled::LabelledRow;

/// What a fold tests.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Part {
    /// Whole speakers.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub speakers: Vec<String>,
    /// Whole sessions.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub sessions: Vec<String>,
    /// Recordings, by their path or the end of it.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
}

/// Splits as they are exported: of each seed and protocol the folds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct File {
    /// The folds of a published partition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<Part>,
    /// The folds of an evaluation, of which the first are taken where there is no partition.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub splits: Vec<Splits>,
}

/// The folds of one protocol and seed.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Splits {
    /// The protocol with its classes.
    pub name: String,
    /// The corpus.
    pub corpus: String,
    /// The seed.
    pub seed: u64,
    /// The folds.
    pub partition: Vec<Part>,
}

impl File {
    /// Reads a partition, or the first of exported splits.
    ///
    /// # Errors
    /// Line and reason, as the TOML reader gives them; a file without folds.
    pub fn parse(text: &str) -> Result<Vec<Part>, Error> {
        let file: File = toml::from_str(text)
            .map_err(|error| Error::Parameter(error.to_string().trim_end().to_string()))?;
        let splits = file
            .splits
            .into_iter()
            .next()
            .map(|splits| splits.partition);
        let parts = match file.partition.is_empty() {
            true => splits.unwrap_or_default(),
            false => file.partition,
        };
        match parts.is_empty() {
            true => Err(Error::Parameter(
                "no fold: write [[partition]] with speakers, sessions or files = [\"…\"]".into(),
            )),
            false => Ok(parts),
        }
    }
}

/// The test rows of each fold.
///
/// # Errors
/// A name that no row has, a row in two folds, a fold without rows.
pub fn folds(all: &[LabelledRow], rows: &[usize], parts: &[Part]) -> Result<Vec<TestRows>, Error> {
    let wrong = |text: String| Err(Error::Parameter(text));
    let mut taken: BTreeMap<usize, usize> = BTreeMap::new();
    let mut folds = Vec::new();
    for (number, part) in parts.iter().enumerate() {
        let of = |names: &[String], value: &dyn Fn(&LabelledRow, &str) -> bool| {
            let mut found = BTreeSet::new();
            for name in names {
                let named = rows.iter().copied().filter(|&row| value(&all[row], name));
                let before = found.len();
                found.extend(named);
                if found.len() == before {
                    return Err(Error::Parameter(format!(
                        "fold {} of the partition: {name:?} is of no row of the training corpus that is not named already",
                        number + 1
                    )));
                }
            }
            Ok(found)
        };
        let mut test = of(&part.speakers, &|row, name| {
            row.speaker.as_deref() == Some(name)
        })?;
        test.extend(of(&part.sessions, &|row, name| {
            row.session.as_deref() == Some(name)
        })?);
        test.extend(of(&part.files, &|row, name| {
            row.file == name || row.file.ends_with(&format!("/{name}"))
        })?);
        if test.is_empty() {
            return wrong(format!(
                "fold {} of the partition tests nothing",
                number + 1
            ));
        }
        for &row in &test {
            if let Some(other) = taken.insert(row, number) {
                return wrong(format!(
                    "{} stands in folds {} and {} of the partition",
                    all[row].file,
                    other + 1,
                    number + 1
                ));
            }
        }
        folds.push(test.into_iter().collect());
    }
    Ok(folds)
}

/// Folds in words: speakers where each stands in one fold alone, else recordings.
pub fn parts(all: &[LabelledRow], rows: &[usize], folds: &[TestRows]) -> Vec<Part> {
    let mut fold_of: BTreeMap<&str, BTreeSet<Option<usize>>> = BTreeMap::new();
    let number: BTreeMap<usize, usize> = folds
        .iter()
        .enumerate()
        .flat_map(|(number, fold)| fold.iter().map(move |row| (*row, number)))
        .collect();
    let mut known = true;
    for row in rows {
        match all[*row].speaker.as_deref() {
            Some(speaker) => {
                fold_of
                    .entry(speaker)
                    .or_default()
                    .insert(number.get(row).copied());
            }
            None => known = false,
        }
    }
    let whole = known && fold_of.values().all(|folds| folds.len() == 1);
    let part = |(number, fold): (usize, &TestRows)| {
        if whole {
            let of_fold = fold_of
                .iter()
                .filter(|(_, folds)| folds.contains(&Some(number)));
            return Part {
                speakers: of_fold.map(|(speaker, _)| (*speaker).to_string()).collect(),
                ..Part::default()
            };
        }
        Part {
            files: fold.iter().map(|&row| all[row].file.clone()).collect(),
            ..Part::default()
        }
    };
    folds.iter().enumerate().map(part).collect()
}

/// Splits as TOML.
///
/// # Errors
/// What the writer says.
pub fn write(splits: &[Splits]) -> Result<String, Error> {
    let mut text = String::from(
        "# The folds of `ser evaluate`: speakers (or files) named in a fold are tested there, all others are learnt from.\n# `ser evaluate --partition FILE` repeats the first of them.\n\n",
    );
    let file = File {
        partition: Vec::new(),
        splits: splits.to_vec(),
    };
    let body = toml::to_string(&file).map_err(|error| Error::Parameter(error.to_string()))?;
    let _ = text.write_str(&body);
    Ok(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rows() -> Vec<LabelledRow> {
        let row = |number: usize| LabelledRow {
            file: format!("/data/{number}.wav"),
            corpus: "c".into(),
            speaker: Some(format!("s{}", number / 2)),
            session: Some(format!("{}", number / 4)),
            ..LabelledRow::default()
        };
        (0..8).map(row).collect()
    }

    #[test]
    fn folds_of_speakers_sessions_and_files_are_found_and_told_again() {
        let (all, rows) = (rows(), (0..8).collect::<Vec<_>>());
        let parts_ = File::parse(
            "[[partition]]\nspeakers = [\"s0\"]\n[[partition]]\nsessions = [\"1\"]\nfiles = [\"2.wav\", \"3.wav\"]",
        )
        .unwrap();
        let found = folds(&all, &rows, &parts_).unwrap();
        assert_eq!(found, [vec![0, 1], vec![2, 3, 4, 5, 6, 7]]);
        let told = parts(&all, &rows, &found);
        assert_eq!(told[0].speakers, ["s0"]);
        assert_eq!(told[1].speakers, ["s1", "s2", "s3"]);
        let splits = Splits {
            partition: told,
            ..Splits::default()
        };
        let again = File::parse(&write(&[splits]).unwrap()).unwrap();
        assert_eq!(folds(&all, &rows, &again).unwrap(), found);
        // Half a speaker can only be told by recordings.
        let told = parts(&all, &rows, &[vec![0], vec![1, 2, 3]]);
        assert_eq!(told[0].files, ["/data/0.wav"]);
    }

    #[test]
    fn a_partition_that_does_not_fit_is_refused_by_name() {
        let (all, rows) = (rows(), (0..8).collect::<Vec<_>>());
        let error = |text: &str| {
            let parts = File::parse(text)?;
            folds(&all, &rows, &parts)
        };
        let message = |text: &str| error(text).unwrap_err().to_string();
        assert!(message("[[partition]]\nspeakers = [\"s9\"]").contains("\"s9\""));
        let twice = "[[partition]]\nspeakers = [\"s0\"]\n[[partition]]\nfiles = [\"1.wav\"]";
        assert!(message(twice).contains("folds 1 and 2"));
        assert!(message("[[partition]]").contains("tests nothing"));
        assert!(message("").contains("no fold"));
        assert!(message("[[partition]]\nspeaker = 1").contains("speaker"));
    }
}
