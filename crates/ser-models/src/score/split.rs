//! Protocols: which rows a model learns from and which it is tested on.
//!
//! - `paper`: k stratified folds, shuffled by a seed. Speakers stand on both sides, and the result says so.
//! - `speaker-independent`: k folds of whole speakers, about equal in rows.
//! - `leave-one-speaker-out`, `session`: a fold per speaker, or per recording session.
//! - `partition`: folds that a plan lists.
//!
//! Stratified: rows of each class are shuffled and dealt to the folds in turn, each class going on where the last one stopped, so that folds differ by
//! at most one row and in each class by at most one. Speakers: in shuffled order the largest first, each to the fold with the fewest rows.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::model::Error;
use crate::model::random::Random;
use ser_tables::labelled::LabelledRow;

/// A way to split a corpus.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Protocol {
    /// Stratified folds over recordings, as in the paper: speakers stand on both sides.
    Paper,
    /// Folds of whole speakers.
    SpeakerIndependent,
    /// A fold for each speaker.
    LeaveOneSpeakerOut,
    /// A fold for each recording session (IEMOCAP).
    Session,
    /// Folds that somebody has published.
    Partition,
}

impl Protocol {
    /// Its name in results, with the number of folds where that is a choice.
    pub fn name(self, folds: usize) -> String {
        match self {
            Protocol::Paper => format!("paper {folds}-fold (speakers on both sides)"),
            Protocol::SpeakerIndependent => format!("speaker-independent {folds}-fold"),
            Protocol::LeaveOneSpeakerOut => "leave-one-speaker-out".into(),
            Protocol::Session => "leave-one-session-out".into(),
            Protocol::Partition => format!("published partition, {folds}-fold"),
        }
    }

    /// Whether a speaker may stand on both sides.
    pub fn mixes_speakers(self) -> bool {
        self == Protocol::Paper
    }
}

/// The rows of a fold that are tested; all others are learnt from.
pub type TestRows = Vec<usize>;

/// Splits `rows` (numbers in `all`) whose classes are `labels`; each row is tested in exactly one fold.
///
/// # Errors
/// Fewer rows of a class than folds, fewer speakers than folds, rows without speaker or session: each with the number there is.
pub fn split(
    protocol: Protocol,
    all: &[LabelledRow],
    rows: &[usize],
    labels: &[usize],
    folds: usize,
    seed: u64,
) -> Result<Vec<TestRows>, Error> {
    if folds < 2 {
        return Err(Error::Parameter(format!(
            "folds = {folds}: at least 2 are needed"
        )));
    }
    match protocol {
        Protocol::Paper => stratified(rows, labels, folds, seed),
        Protocol::SpeakerIndependent => {
            let groups = groups(all, rows, "speaker", |row| row.speaker.as_deref())?;
            needed(
                "speakers, for speaker-independent folds",
                folds,
                groups.len(),
            )?;
            Ok(dealt(groups, folds, seed))
        }
        Protocol::LeaveOneSpeakerOut => one_out(
            groups(all, rows, "speaker", |row| row.speaker.as_deref())?,
            "speakers",
        ),
        Protocol::Partition => Err(Error::Parameter(
            "a published partition says itself which rows each fold tests".into(),
        )),
        Protocol::Session => one_out(
            groups(all, rows, "session", |row| row.session.as_deref())?,
            "sessions",
        ),
    }
}

fn needed(what: &str, needed: usize, found: usize) -> Result<(), Error> {
    if found < needed {
        return Err(Error::TooFew {
            what: what.into(),
            needed,
            found,
        });
    }
    Ok(())
}

fn stratified(
    rows: &[usize],
    labels: &[usize],
    folds: usize,
    seed: u64,
) -> Result<Vec<TestRows>, Error> {
    let mut random = Random::new(seed, "split");
    let mut tests = vec![Vec::new(); folds];
    let mut next = 0;
    for class in labels.iter().copied().collect::<BTreeSet<_>>() {
        let of_class = rows
            .iter()
            .zip(labels)
            .filter(|(_, label)| **label == class);
        let mut members: Vec<usize> = of_class.map(|(row, _)| *row).collect();
        needed(
            "rows of each class, one for each fold",
            folds,
            members.len(),
        )?;
        random.shuffle(&mut members);
        for row in members {
            tests[next % folds].push(row);
            next += 1;
        }
    }
    tests.iter_mut().for_each(|test| test.sort_unstable());
    Ok(tests)
}

/// Rows by corpus and speaker (or session).
fn groups<'a>(
    all: &'a [LabelledRow],
    rows: &[usize],
    what: &str,
    name: impl Fn(&'a LabelledRow) -> Option<&'a str>,
) -> Result<Vec<Vec<usize>>, Error> {
    let mut groups: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for &row in rows {
        let Some(group) = name(&all[row]) else {
            return Err(Error::Parameter(format!(
                "{}: its {what} is unknown: this protocol needs a {what} for every row",
                all[row].file
            )));
        };
        groups
            .entry((&all[row].corpus, group))
            .or_default()
            .push(row);
    }
    Ok(groups.into_values().collect())
}

fn one_out(groups: Vec<Vec<usize>>, what: &str) -> Result<Vec<TestRows>, Error> {
    needed(what, 2, groups.len())?;
    Ok(groups)
}

fn dealt(mut groups: Vec<Vec<usize>>, folds: usize, seed: u64) -> Vec<TestRows> {
    Random::new(seed, "split").shuffle(&mut groups);
    groups.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut tests = vec![Vec::new(); folds];
    for group in groups {
        // The first of the smallest.
        if let Some(smallest) = tests
            .iter_mut()
            .min_by_key(|test: &&mut Vec<usize>| test.len())
        {
            smallest.extend(group);
        }
    }
    tests.iter_mut().for_each(|test| test.sort_unstable());
    tests
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 60 rows of 6 speakers, three classes of 30, 20 and 10.
    fn rows() -> (Vec<LabelledRow>, Vec<usize>, Vec<usize>) {
        let row = |i: usize| LabelledRow {
            corpus: "x".into(),
            speaker: Some(format!("{}", i % 6)),
            ..LabelledRow::default()
        };
        let labels = (0..60)
            .map(|i| usize::from(i >= 30) + usize::from(i >= 50))
            .collect();
        ((0..60).map(row).collect(), (0..60).collect(), labels)
    }

    fn of(protocol: Protocol, folds: usize, seed: u64) -> Result<Vec<TestRows>, Error> {
        let (all, rows, labels) = rows();
        split(protocol, &all, &rows, &labels, folds, seed)
    }

    #[test]
    fn every_row_is_tested_exactly_once() {
        for protocol in [
            Protocol::Paper,
            Protocol::SpeakerIndependent,
            Protocol::LeaveOneSpeakerOut,
        ] {
            let mut tested = of(protocol, 5, 1).unwrap().concat();
            tested.sort_unstable();
            assert_eq!(tested, (0..60).collect::<Vec<_>>(), "{protocol:?}");
        }
    }

    #[test]
    fn stratified_folds_hold_the_same_share_of_each_class() {
        let (_, _, labels) = rows();
        for test in of(Protocol::Paper, 10, 7).unwrap() {
            let count = |class| test.iter().filter(|row| labels[**row] == class).count();
            assert_eq!((count(0), count(1), count(2)), (3, 2, 1));
        }
    }

    #[test]
    fn speakers_stay_together() {
        let (all, _, _) = rows();
        for test in of(Protocol::SpeakerIndependent, 3, 1).unwrap() {
            let speakers: BTreeSet<_> = test.iter().map(|row| all[*row].speaker.clone()).collect();
            assert_eq!((speakers.len(), test.len()), (2, 20));
        }
    }

    #[test]
    fn a_seed_always_splits_alike_and_another_one_otherwise() {
        assert_eq!(
            of(Protocol::Paper, 10, 7).unwrap(),
            of(Protocol::Paper, 10, 7).unwrap()
        );
        assert_ne!(
            of(Protocol::Paper, 10, 7).unwrap(),
            of(Protocol::Paper, 10, 8).unwrap()
        );
    }

    #[test]
    fn what_cannot_be_split_says_why() {
        let error = |protocol, folds| of(protocol, folds, 1).unwrap_err().to_string();
        assert_eq!(
            error(Protocol::Paper, 11),
            "rows of each class, one for each fold: at least 11 are needed, found 10"
        );
        assert!(error(Protocol::SpeakerIndependent, 7).contains("at least 7 are needed, found 6"));
        assert!(error(Protocol::Session, 5).contains("its session is unknown"));
        assert!(error(Protocol::Paper, 1).contains("at least 2"));
    }
}
