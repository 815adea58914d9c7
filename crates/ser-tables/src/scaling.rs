//! Scaling of tables: zero mean and unit variance per column, by statistics of one's choice.
//!
//! ```text
//! z = (x − mean) / sd,      sd² = Σ(x − mean)² / n        z = 0 where sd = 0
//! ```
//!
//! Which rows the statistics are taken of decides more than the model does, so it is named in every result: [`Statistics::Train`] (the rows a
//! model may see; the default), `Corpus` (each corpus by its own, what Das et al. (2021) do for transfer sets), `Speaker` (each speaker by their own;
//! needs no labels), `None`. Tables are rows of `f32`; sums are `f64`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Mean and standard deviation of each column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scaler {
    mean: Vec<f64>,
    deviation: Vec<f64>,
}

/// A standard deviation below this share of the mean's magnitude is rounding: the column is constant.
const CONSTANT: f64 = 1e-7;

impl Scaler {
    /// Takes the statistics of some rows; values that are no numbers are passed over.
    ///
    /// # Panics
    /// If a row is not `width` long.
    pub fn fit<'a>(width: usize, rows: impl Iterator<Item = &'a [f32]> + Clone) -> Scaler {
        let mut count = vec![0.0_f64; width];
        let mut mean = vec![0.0_f64; width];
        for row in rows.clone() {
            assert_eq!(row.len(), width, "values of a row");
            for (column, &x) in row.iter().enumerate().filter(|(_, x)| x.is_finite()) {
                count[column] += 1.0;
                mean[column] += f64::from(x);
            }
        }
        mean.iter_mut()
            .zip(&count)
            .for_each(|(mean, count)| *mean /= count.max(1.0));
        let mut deviation = vec![0.0_f64; width];
        for row in rows {
            for (column, &x) in row.iter().enumerate().filter(|(_, x)| x.is_finite()) {
                deviation[column] += (f64::from(x) - mean[column]).powi(2);
            }
        }
        for ((deviation, count), mean) in deviation.iter_mut().zip(&count).zip(&mean) {
            *deviation = (*deviation / count.max(1.0)).sqrt();
            if *deviation <= CONSTANT * mean.abs() {
                *deviation = 0.0;
            }
        }
        Scaler { mean, deviation }
    }

    /// The mean of each column.
    pub fn mean(&self) -> &[f64] {
        &self.mean
    }

    /// The standard deviation of each column; 0 where it is constant.
    pub fn deviation(&self) -> &[f64] {
        &self.deviation
    }

    /// The z-scores of a row.
    pub fn transform<'a>(&'a self, row: &'a [f32]) -> impl Iterator<Item = f64> + 'a {
        row.iter()
            .zip(self.mean.iter().zip(&self.deviation))
            .map(|(&x, (mean, deviation))| {
                if *deviation > 0.0 {
                    (f64::from(x) - mean) / deviation
                } else {
                    0.0
                }
            })
    }
}

/// Whose statistics scale a row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Statistics {
    /// Those of the training rows.
    #[default]
    Train,
    /// Those of the row's corpus.
    Corpus,
    /// Those of the row's speaker within its corpus; of its corpus where the speaker is unknown.
    Speaker,
    /// None: the values stay.
    None,
}

impl Statistics {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Statistics::Train => "train",
            Statistics::Corpus => "corpus",
            Statistics::Speaker => "speaker",
            Statistics::None => "none",
        }
    }
}

/// Whose row it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RowOf<'a> {
    /// The corpus.
    pub corpus: &'a str,
    /// The speaker.
    pub speaker: Option<&'a str>,
    /// The class.
    pub class: Option<&'a str>,
    /// Whether a model may learn from it.
    pub training: bool,
}

/// The standardised table, row by row.
///
/// # Panics
/// If rows and owners differ in number, or a row is not `width` long.
pub fn standardise(
    width: usize,
    rows: &[&[f32]],
    owners: &[RowOf<'_>],
    by: Statistics,
) -> Vec<Vec<f32>> {
    assert_eq!(rows.len(), owners.len(), "rows and their owners");
    if by == Statistics::None {
        return rows.iter().map(|row| row.to_vec()).collect();
    }
    let scalers = scalers(width, rows, owners, by);
    let scaled = |(row, owner): (&&[f32], &RowOf<'_>)| {
        scalers[&group(owner, by)]
            .transform(row)
            .map(|z| z as f32)
            .collect()
    };
    rows.iter().zip(owners).map(scaled).collect()
}

/// A scaler for each group of rows.
pub(crate) fn scalers<'a>(
    width: usize,
    rows: &[&[f32]],
    owners: &[RowOf<'a>],
    by: Statistics,
) -> BTreeMap<(&'a str, &'a str), Scaler> {
    let mut members: BTreeMap<(&str, &str), Vec<&[f32]>> = BTreeMap::new();
    for (row, owner) in rows.iter().zip(owners) {
        let list = members.entry(group(owner, by)).or_default();
        if by != Statistics::Train || owner.training {
            list.push(row);
        }
    }
    members
        .into_iter()
        .map(|(group, rows)| (group, Scaler::fit(width, rows.iter().copied())))
        .collect()
}

/// The group whose statistics scale a row.
pub(crate) fn group<'a>(owner: &RowOf<'a>, by: Statistics) -> (&'a str, &'a str) {
    match by {
        Statistics::Train | Statistics::None => ("", ""),
        Statistics::Corpus => (owner.corpus, ""),
        Statistics::Speaker => (owner.corpus, owner.speaker.unwrap_or("")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owner<'a>(corpus: &'a str, speaker: &'a str, training: bool) -> RowOf<'a> {
        RowOf {
            corpus,
            speaker: Some(speaker),
            class: None,
            training,
        }
    }

    #[test]
    fn rows_outside_training_are_scaled_by_the_training_rows() {
        let rows: [&[f32]; 3] = [&[1.0, 5.0], &[3.0, 5.0], &[10.0, 7.0]];
        let owners = [
            owner("x", "a", true),
            owner("x", "a", true),
            owner("x", "b", false),
        ];
        let scaled = standardise(2, &rows, &owners, Statistics::Train);
        // Mean 2, deviation 1; the second column is constant in training.
        assert_eq!(scaled, [vec![-1.0, 0.0], vec![1.0, 0.0], vec![8.0, 0.0]]);
    }

    #[test]
    fn each_corpus_and_each_speaker_may_have_its_own_statistics() {
        let rows: [&[f32]; 4] = [&[1.0], &[3.0], &[10.0], &[30.0]];
        let owners = [
            owner("x", "a", true),
            owner("x", "a", true),
            owner("y", "a", true),
            owner("y", "a", true),
        ];
        for by in [Statistics::Corpus, Statistics::Speaker] {
            assert_eq!(
                standardise(1, &rows, &owners, by).concat(),
                [-1.0, 1.0, -1.0, 1.0]
            );
        }
        assert_eq!(
            standardise(1, &rows, &owners, Statistics::None).concat(),
            [1.0, 3.0, 10.0, 30.0]
        );
    }

    #[test]
    fn a_value_that_is_no_number_does_not_spoil_its_column() {
        let rows: [&[f32]; 3] = [&[1.0], &[f32::NAN], &[3.0]];
        let scaler = Scaler::fit(1, rows.iter().copied());
        assert_eq!(scaler.transform(&[3.0]).next(), Some(1.0));
    }

    #[test]
    fn no_rows_scale_nothing() {
        let scaler = Scaler::fit(2, std::iter::empty());
        assert_eq!(
            scaler.transform(&[3.0, 4.0]).collect::<Vec<_>>(),
            [0.0, 0.0]
        );
    }
}
