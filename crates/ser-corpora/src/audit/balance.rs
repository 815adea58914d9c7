//! Speakers × labels: whether who speaks tells how it is said.
//!
//! ```text
//! φ² = max(0, χ²/n − (r−1)(c−1)/(n−1)),    r' = r − (r−1)²/(n−1),    c' = c − (c−1)²/(n−1)
//! V = sqrt( φ² / (min(r', c') − 1) )        0 if every speaker has the same mixture, 1 if one tells the other
//! ```
//!
//! Cramér's V for r speakers and c labels with the correction for small tables: without it, one recording per speaker would look like a speaker
//! who tells the label.
//!
//! W. Bergsma (2013), "A bias-correction for Cramér's V and Tschuprow's T", J. Korean Statistical Society 42, 323-328.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

/// The table of counts, and how uneven it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Balance {
    /// The columns.
    pub labels: Vec<String>,
    /// The rows: speaker and count of each label.
    pub speakers: Vec<(String, Vec<usize>)>,
    /// Cramér's V; none with less than two of either.
    pub cramers_v: Option<f64>,
}

impl Balance {
    /// Counts pairs of speaker and label.
    pub(crate) fn new<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Balance {
        let mut counts: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for pair in pairs {
            *counts.entry(pair).or_default() += 1;
        }
        let speakers: BTreeSet<&str> = counts.keys().map(|(speaker, _)| *speaker).collect();
        let labels: BTreeSet<&str> = counts.keys().map(|(_, label)| *label).collect();
        let row = |speaker: &str| {
            labels
                .iter()
                .map(|label| counts.get(&(speaker, *label)).copied().unwrap_or(0))
                .collect()
        };
        let speakers: Vec<(String, Vec<usize>)> = speakers
            .into_iter()
            .map(|speaker| (speaker.to_string(), row(speaker)))
            .collect();
        let labels: Vec<String> = labels.into_iter().map(String::from).collect();
        let cramers_v = cramers_v(&speakers, labels.len());
        Balance {
            labels,
            speakers,
            cramers_v,
        }
    }

    /// Labels with the speakers who have none of them.
    pub(crate) fn gaps(&self) -> Vec<(&str, Vec<&str>)> {
        let without = |column: usize| -> Vec<&str> {
            let lacks = |row: &&(String, Vec<usize>)| row.1[column] == 0;
            self.speakers
                .iter()
                .filter(lacks)
                .map(|(speaker, _)| speaker.as_str())
                .collect()
        };
        let columns = self.labels.iter().enumerate();
        columns
            .map(|(column, label)| (label.as_str(), without(column)))
            .filter(|(_, who)| !who.is_empty())
            .collect()
    }

    /// Recordings of each label.
    pub(crate) fn totals(&self) -> Vec<usize> {
        (0..self.labels.len())
            .map(|column| self.speakers.iter().map(|row| row.1[column]).sum())
            .collect()
    }
}

fn cramers_v(rows: &[(String, Vec<usize>)], labels: usize) -> Option<f64> {
    let smaller = rows.len().min(labels);
    if smaller < 2 {
        return None;
    }
    let total = |counts: &mut dyn Iterator<Item = usize>| counts.sum::<usize>() as f64;
    let all = total(&mut rows.iter().flat_map(|row| row.1.iter().copied()));
    let columns: Vec<f64> = (0..labels)
        .map(|column| total(&mut rows.iter().map(|row| row.1[column])))
        .collect();
    let mut chi_squared = 0.0;
    for (_, row) in rows {
        let sum = total(&mut row.iter().copied());
        for (column, &count) in row.iter().enumerate() {
            let expected = sum * columns[column] / all;
            chi_squared += (count as f64 - expected).powi(2) / expected;
        }
    }
    let (r, c) = (rows.len() as f64, labels as f64);
    let shrunk = |k: f64| k - (k - 1.0).powi(2) / (all - 1.0);
    let phi_squared = (chi_squared / all - (r - 1.0) * (c - 1.0) / (all - 1.0)).max(0.0);
    let freedom = shrunk(r).min(shrunk(c)) - 1.0;
    Some(if freedom > 0.0 {
        (phi_squared / freedom).sqrt().min(1.0)
    } else {
        0.0
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_even_table_has_v_0_and_one_label_per_speaker_has_v_1() {
        let even = [("a", "x"), ("a", "y"), ("b", "x"), ("b", "y")];
        assert_eq!(Balance::new(even.into_iter()).cramers_v, Some(0.0));
        let telling = [("a", "x"), ("b", "y")].into_iter().cycle().take(40);
        let balance = Balance::new(telling);
        // Equal up to the rounding of a root and a quotient.
        assert!((balance.cramers_v.unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(balance.gaps(), [("x", vec!["b"]), ("y", vec!["a"])]);
    }

    #[test]
    fn one_recording_per_speaker_tells_nothing() {
        let pairs = [("a", "x"), ("b", "y"), ("c", "x"), ("d", "y")];
        assert_eq!(Balance::new(pairs.into_iter()).cramers_v, Some(0.0));
    }

    #[test]
    fn one_speaker_has_no_v() {
        assert_eq!(
            Balance::new([("a", "x"), ("a", "y")].into_iter()).cramers_v,
            None
        );
    }
}
