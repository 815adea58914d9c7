//! How a model is made: which rows count how much, and what is fitted to them in which order.
//!
//! ```text
//! w_i = n_q^p / (K n_kq)     row of class k in corpus q: classes alike within a corpus, corpora by n^½
//! scaler of the clean rows by w → clip ± 4 → discriminant of clean rows and disturbed copies
//!                                          → second discriminant of clean rows, each corpus standardised by itself
//! ```
//!
//! docs/models.md has what was tried instead, with scores.

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::augment::Disturbance;
use super::classifier::Heads;
use super::front_end::Settings;
use super::material::Material;
use super::transform::Transform;
use crate::model::Error;
use crate::model::discriminant;

/// Settings of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Recipe {
    /// How recordings are prepared.
    pub front_end: Settings,
    /// How copies are disturbed.
    pub disturbance: Disturbance,
    /// Disturbed copies of each recording.
    pub copies: usize,
    /// Limit of standardised values.
    pub clip: f64,
    /// p of the weights above.
    pub corpus_power: f64,
    /// The discriminant of one recording.
    pub single: discriminant::Parameters,
    /// That of a batch.
    pub batch: discriminant::Parameters,
    /// Recordings of a batch that is believed by half.
    pub batch_half: f64,
    /// Recordings from which on a batch is worth adapting to without being asked.
    pub batch_from: usize,
    /// Share of wrong answers that abstention is set for.
    pub error_rate: f64,
    /// Folds of speakers that temperature, limits and scores are learnt from.
    pub folds: usize,
}

impl Default for Recipe {
    fn default() -> Recipe {
        Recipe {
            front_end: Settings::default(),
            disturbance: Disturbance::default(),
            copies: 1,
            clip: 4.0,
            corpus_power: 0.5,
            single: discriminant::Parameters {
                shrinkage: 0.01,
                between_corpora: 1.0,
                corpus_power: 0.5,
            },
            batch: discriminant::Parameters {
                shrinkage: 0.2,
                between_corpora: 0.0,
                corpus_power: 0.0,
            },
            batch_half: 20.0,
            batch_from: 50,
            error_rate: 0.25,
            folds: 10,
        }
    }
}

/// Rows to learn from, with numbers for their classes and corpora.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Numbers in the material.
    pub rows: &'a [usize],
    /// The class of each.
    pub labels: &'a [usize],
    /// The corpus of each, from 0.
    pub corpora: &'a [usize],
    /// Number of classes.
    pub classes: usize,
}

impl Recipe {
    /// Fits to rows and their copies, and nothing else.
    ///
    /// # Errors
    /// As [`discriminant::Checked::fit`].
    pub fn fit(&self, material: &Material, learnt: Rows<'_>) -> Result<Heads, Error> {
        let single = self.single.check()?;
        let batch = self.batch.check()?;
        let transform = Transform::new(&material.columns)?;
        let clean: Vec<Vec<f64>> = learnt
            .rows
            .iter()
            .map(|&row| transform.apply(&material.clean[row].features))
            .collect();
        let weights = weights(learnt, self.corpus_power);
        let (mean, deviation) = statistics(&clean, &weights);
        let standardised = |row: &Vec<f64>| -> Vec<f64> {
            let z = |((x, mean), deviation): ((&f64, &f64), &f64)| {
                ((x - mean) / deviation).clamp(-self.clip, self.clip)
            };
            row.iter().zip(&mean).zip(&deviation).map(z).collect()
        };
        let clean: Vec<Vec<f64>> = clean.iter().map(standardised).collect();
        let (centre, spread) = statistics(&clean, &weights);

        let mut rows = clean.clone();
        for copy in &material.copies {
            rows.extend(
                learnt
                    .rows
                    .iter()
                    .map(|&row| standardised(&transform.apply(&copy[row]))),
            );
        }
        let times = 1 + material.copies.len();
        let single = single.fit(
            matrix(&rows)?.view(),
            &learnt.labels.repeat(times),
            learnt.classes,
            &learnt.corpora.repeat(times),
        )?;
        let batch = batch.fit(
            matrix(&by_corpus(&clean, learnt.corpora))?.view(),
            learnt.labels,
            learnt.classes,
            learnt.corpora,
        )?;
        Ok(Heads {
            transform,
            mean,
            deviation,
            clip: self.clip,
            centre,
            spread,
            single,
            batch,
        })
    }
}

/// w of each row.
pub(super) fn weights(learnt: Rows<'_>, power: f64) -> Vec<f64> {
    let count = learnt.corpora.iter().max().map_or(0, |most| most + 1);
    let mut cells = vec![vec![0_usize; learnt.classes]; count];
    for (&label, &corpus) in learnt.labels.iter().zip(learnt.corpora) {
        cells[corpus][label] += 1;
    }
    let weight = |(&label, &corpus): (&usize, &usize)| {
        let size: usize = cells[corpus].iter().sum();
        (size as f64).powf(power) / cells[corpus][label] as f64
    };
    learnt
        .labels
        .iter()
        .zip(learnt.corpora)
        .map(weight)
        .collect()
}

/// Weighted mean and standard deviation of each column; 1 where it is constant.
fn statistics(rows: &[Vec<f64>], weights: &[f64]) -> (Vec<f64>, Vec<f64>) {
    let total: f64 = weights.iter().sum();
    let column = |at: usize| {
        let mean = rows
            .iter()
            .zip(weights)
            .map(|(row, w)| w * row[at])
            .sum::<f64>()
            / total;
        let variance = rows
            .iter()
            .zip(weights)
            .map(|(row, w)| w * (row[at] - mean).powi(2))
            .sum::<f64>()
            / total;
        (
            mean,
            if variance > 1e-24 {
                variance.sqrt()
            } else {
                1.0
            },
        )
    };
    (0..rows.first().map_or(0, Vec::len)).map(column).unzip()
}

/// Rows standardised by the rows of their own corpus.
fn by_corpus(rows: &[Vec<f64>], corpora: &[usize]) -> Vec<Vec<f64>> {
    let mut scaled = rows.to_vec();
    for corpus in 0..corpora.iter().max().map_or(0, |most| most + 1) {
        let members: Vec<usize> = (0..rows.len())
            .filter(|&row| corpora[row] == corpus)
            .collect();
        let own: Vec<Vec<f64>> = members.iter().map(|&row| rows[row].clone()).collect();
        let (mean, deviation) = statistics(&own, &vec![1.0; own.len()]);
        for row in members {
            scaled[row]
                .iter_mut()
                .zip(&mean)
                .zip(&deviation)
                .for_each(|((z, mean), deviation)| *z = (*z - mean) / deviation);
        }
    }
    scaled
}

fn matrix(rows: &[Vec<f64>]) -> Result<Array2<f64>, Error> {
    let width = rows.first().map_or(0, Vec::len);
    let wrong = |_| Error::Shape {
        what: "values of the rows",
        expected: rows.len() * width,
        found: rows.iter().map(Vec::len).sum(),
    };
    Array2::from_shape_vec((rows.len(), width), rows.concat()).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_weigh_alike_within_a_corpus_and_corpora_by_the_root_of_their_size() {
        // Corpus 0: nine rows, of which one of class 1; corpus 1: four rows, two of each.
        let labels = [0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 1, 1];
        let corpora = [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1];
        let rows: Vec<usize> = (0..13).collect();
        let w = weights(
            Rows {
                rows: &rows,
                labels: &labels,
                corpora: &corpora,
                classes: 2,
            },
            0.5,
        );
        let of = |corpus: usize, class: usize| -> f64 {
            (0..13)
                .filter(|&i| corpora[i] == corpus && labels[i] == class)
                .map(|i| w[i])
                .sum()
        };
        assert!((of(0, 0) - of(0, 1)).abs() < 1e-12 && (of(1, 0) - of(1, 1)).abs() < 1e-12);
        assert!((of(0, 0) / of(1, 0) - 1.5).abs() < 1e-12);
    }

    #[test]
    fn each_corpus_gets_mean_0_and_variance_1() {
        let rows: Vec<Vec<f64>> = [1.0, 3.0, 100.0, 300.0]
            .iter()
            .map(|&x| vec![x, 7.0])
            .collect();
        let scaled = by_corpus(&rows, &[0, 0, 1, 1]);
        assert_eq!(scaled, [[-1.0, 0.0], [1.0, 0.0], [-1.0, 0.0], [1.0, 0.0]]);
    }
}
