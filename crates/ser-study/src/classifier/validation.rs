//! A model with what is learnt by holding speakers out: temperature, limits, when to abstain, and the scores to tell.
//!
//! Speakers of all corpora are dealt to folds; disturbed copies go where their speaker goes, so that no copy of a tested voice is learnt from. Every
//! recording is scored by the one model that has not heard its speaker. The probabilities told of are cooled by the temperature of the *other*
//! folds, and only then counted: the shipped temperature is that of all folds.
//!
//! Rows weigh `1/√n` of their corpus in the temperature, as in the scaler.

use std::ops::ControlFlow;

use ndarray::Array2;

use crate::evaluate::validation::Validation;
use ser_models::classify::classifier::{Abstention, Classifier, Heads, Making, top};
use ser_models::classify::inside::{Limits, Seen};
use ser_models::classify::material::{Chosen, Material};
use ser_models::classify::recipe::Recipe;
use ser_models::classify::temperature;
use ser_models::model::Error;
use ser_models::model::file::Source;
use ser_models::score::abstention::{Point, abstention};
use ser_models::score::calibration::{Binning, Calibration, calibration};
use ser_models::score::part::PartScore;
use ser_models::score::split::{Protocol, split};
use ser_parallel::for_each_in_order;
use ser_tables::labelled::Labelled;
use ser_tables::statistic::softmax;

/// Points of an abstention curve: every twentieth of the recordings.
const POINTS: usize = 20;
/// Bins of a calibration.
const BINS: usize = 10;

/// What held-out recordings were given.
#[derive(Clone, Debug)]
pub struct HeldOut {
    /// Numbers in the material, in order.
    pub rows: Vec<usize>,
    /// Their classes.
    pub truth: Vec<usize>,
    /// Their corpora.
    pub corpora: Vec<usize>,
    /// The fold in which each was tested.
    pub folds: Vec<usize>,
    /// Scores of each, one recording at a time.
    pub scores: Vec<Vec<f64>>,
    /// Scores of each, its fold's recordings of its corpus as a batch.
    pub batch_scores: Vec<Vec<f64>>,
    /// Standardised rows, not clipped.
    standardised: Vec<Vec<f64>>,
    distances: Vec<f64>,
    /// Ranges of columns of each fold's model.
    ranges: Vec<Vec<(f64, f64)>>,
    /// How rows were held out.
    pub protocol: String,
}

/// One fold, done: its rows' places and what they were given.
struct Tested {
    rows: Vec<TestedRow>,
    ranges: Vec<(f64, f64)>,
}

struct TestedRow {
    row: usize,
    truth: usize,
    corpus: usize,
    scores: Vec<f64>,
    batch_scores: Vec<f64>,
    standardised: Vec<f64>,
    distance: f64,
}

/// Holds speakers out; `done` is told each finished fold.
///
/// # Errors
/// Fewer than two speakers, rows without one, and those of fitting.
pub fn held_out(
    recipe: &Recipe,
    material: &Material,
    chosen: &Chosen,
    seed: u64,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<HeldOut, Error> {
    let speakers = speakers(&material.table(), &chosen.rows);
    let folds = recipe.folds.min(speakers);
    let tests = split(
        Protocol::SpeakerIndependent,
        &material.rows,
        &chosen.rows,
        &chosen.labels,
        folds,
        seed,
    )?;
    let mut held = HeldOut {
        rows: Vec::new(),
        truth: Vec::new(),
        corpora: Vec::new(),
        folds: Vec::new(),
        scores: Vec::new(),
        batch_scores: Vec::new(),
        standardised: Vec::new(),
        distances: Vec::new(),
        ranges: Vec::new(),
        protocol: Protocol::SpeakerIndependent.name(folds),
    };
    let mut found: Vec<(usize, TestedRow)> = Vec::new();
    let mut failed = None;
    let work = |(): &mut (), fold: usize| {
        let tested = test(recipe, material, chosen, &tests[fold]);
        done();
        tested
    };
    let _ = for_each_in_order(
        folds,
        threads,
        || (),
        work,
        |fold, tested| match tested {
            Ok(Tested { rows, ranges }) => {
                held.ranges.push(ranges);
                found.extend(rows.into_iter().map(|row| (fold, row)));
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        },
    );
    if let Some(error) = failed {
        return Err(error);
    }
    found.sort_by_key(|(_, row)| row.row);
    for (fold, row) in found {
        held.rows.push(row.row);
        held.truth.push(row.truth);
        held.corpora.push(row.corpus);
        held.folds.push(fold);
        held.scores.push(row.scores);
        held.batch_scores.push(row.batch_scores);
        held.standardised.push(row.standardised);
        held.distances.push(row.distance);
    }
    Ok(held)
}

fn test(
    recipe: &Recipe,
    material: &Material,
    chosen: &Chosen,
    test: &[usize],
) -> Result<Tested, Error> {
    let learnt = chosen.kept(|row| test.binary_search(&row).is_err());
    let tested = chosen.kept(|row| test.binary_search(&row).is_ok());
    let heads = recipe.fit(material, learnt.view())?;
    let standardised: Vec<Vec<f64>> = tested
        .rows
        .iter()
        .map(|&row| heads.standardised(&material.clean[row].features))
        .collect();
    let z: Vec<Vec<f64>> = standardised.iter().map(|row| heads.clipped(row)).collect();
    let corpora = tested.corpora.iter().max().map_or(0, |most| most + 1);
    let batches: Vec<_> = (0..corpora)
        .map(|corpus| {
            let of = (0..z.len())
                .filter(|&at| tested.corpora[at] == corpus)
                .map(|at| z[at].clone())
                .collect::<Vec<_>>();
            heads.batch(&of, recipe.batch_half)
        })
        .collect();
    let row = |(at, standardised): (usize, Vec<f64>)| TestedRow {
        row: tested.rows[at],
        truth: tested.labels[at],
        corpus: tested.corpora[at],
        scores: heads.scores(&z[at], None),
        batch_scores: heads.scores(&z[at], Some(&batches[tested.corpora[at]])),
        distance: heads.single.distance(&z[at]),
        standardised,
    };
    Ok(Tested {
        ranges: ranges(material, &learnt, &heads),
        rows: standardised.into_iter().enumerate().map(row).collect(),
    })
}

/// Ranges of the columns, of rows learnt from and their copies.
fn ranges(material: &Material, learnt: &Chosen, heads: &Heads) -> Vec<(f64, f64)> {
    let clean = learnt.rows.iter().map(|&row| &material.clean[row].features);
    let copies = material
        .copies
        .iter()
        .flat_map(|copy| learnt.rows.iter().map(|&row| &copy[row]));
    let rows: Vec<Vec<f64>> = clean
        .chain(copies)
        .map(|features| heads.standardised(features))
        .collect();
    Limits::ranges(&rows)
}

fn speakers(table: &Labelled, rows: &[usize]) -> usize {
    let mut known: Vec<_> = rows
        .iter()
        .map(|&row| (&table.rows[row].corpus, &table.rows[row].speaker))
        .collect();
    known.sort_unstable();
    known.dedup();
    known.len()
}

impl HeldOut {
    /// The temperature of the rows outside a fold, or of all.
    fn temperature(&self, scores: &[Vec<f64>], without: Option<usize>) -> f64 {
        let kept: Vec<usize> = (0..self.rows.len())
            .filter(|&at| Some(self.folds[at]) != without)
            .collect();
        let size = |corpus: usize| {
            kept.iter()
                .filter(|&&at| self.corpora[at] == corpus)
                .count() as f64
        };
        let sizes: Vec<f64> = (0..self.corpora.iter().max().map_or(0, |most| most + 1))
            .map(size)
            .collect();
        let scores: Vec<Vec<f64>> = kept.iter().map(|&at| scores[at].clone()).collect();
        let truth: Vec<usize> = kept.iter().map(|&at| self.truth[at]).collect();
        let weights: Vec<f64> = kept
            .iter()
            .map(|&at| sizes[self.corpora[at]].sqrt().recip())
            .collect();
        temperature::fit(&scores, &truth, &weights)
    }

    /// Probabilities, each cooled by the temperature of the other folds.
    pub fn probabilities(&self, scores: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let temperatures: Vec<f64> = (0..self.ranges.len())
            .map(|fold| self.temperature(scores, Some(fold)))
            .collect();
        scores
            .iter()
            .zip(&self.folds)
            .map(|(scores, &fold)| softmax(scores, temperatures[fold]))
            .collect()
    }

    /// As what scores of parts are made from.
    fn validation(&self, probabilities: Vec<Vec<f64>>) -> Validation {
        Validation {
            protocol: self.protocol.clone(),
            mixes_speakers: false,
            rows: self.rows.clone(),
            truth: self.truth.clone(),
            predicted: probabilities.iter().map(|p| top(p)).collect(),
            probabilities: Some(probabilities),
        }
    }

    fn scores_of(
        &self,
        table: &Labelled,
        classes: usize,
        probabilities: &[Vec<f64>],
    ) -> Vec<PartScore> {
        self.validation(probabilities.to_vec())
            .parts(table, classes)
    }

    /// The abstention curve of some of the rows.
    pub fn curve(
        &self,
        classes: usize,
        probabilities: &[Vec<f64>],
        of: impl Fn(usize) -> bool,
    ) -> Vec<Point> {
        let at: Vec<usize> = (0..self.rows.len())
            .filter(|&at| of(self.corpora[at]))
            .collect();
        let truth: Vec<usize> = at.iter().map(|&at| self.truth[at]).collect();
        let predicted: Vec<usize> = at.iter().map(|&at| top(&probabilities[at])).collect();
        let confidence: Vec<f64> = at
            .iter()
            .map(|&at| probabilities[at][predicted_of(probabilities, at)])
            .collect();
        abstention(classes, &truth, &predicted, &confidence, POINTS)
    }

    fn calibration(
        &self,
        classes: usize,
        probabilities: &[Vec<f64>],
        of: impl Fn(usize) -> bool,
    ) -> Option<Calibration> {
        let at: Vec<usize> = (0..self.rows.len())
            .filter(|&at| of(self.corpora[at]))
            .collect();
        let rows: Vec<f64> = at
            .iter()
            .flat_map(|&at| probabilities[at].iter().copied())
            .collect();
        let truth: Vec<usize> = at.iter().map(|&at| self.truth[at]).collect();
        let table = Array2::from_shape_vec((at.len(), classes), rows).ok()?;
        calibration(table.view(), &truth, Binning::EqualWidth(BINS))
    }
}

fn predicted_of(probabilities: &[Vec<f64>], at: usize) -> usize {
    top(&probabilities[at])
}

/// The lowest threshold above which no more than `error_rate` of the answers are wrong, at least half of the recordings answered.
fn threshold(curve: Vec<Point>, error_rate: f64) -> Abstention {
    let good = |point: &&Point| 1.0 - point.accuracy <= error_rate && point.abstained <= 0.5;
    // Where that cannot be had, the threshold of the fewest errors.
    let best = || {
        curve
            .iter()
            .filter(|point| point.abstained <= 0.5)
            .max_by(|a, b| a.accuracy.total_cmp(&b.accuracy))
    };
    let chosen = curve.iter().find(good).or_else(best).copied();
    Abstention {
        threshold: chosen.map_or(0.0, |point| {
            if point.abstained > 0.0 {
                point.threshold
            } else {
                0.0
            }
        }),
        error_rate: chosen.map_or(1.0, |point| (1.0 - point.accuracy).max(error_rate)),
        abstained: chosen.map_or(0.0, |point| point.abstained),
        curve,
    }
}

/// A model of the chosen rows, with all that is learnt by holding out. The card is left empty.
///
/// # Errors
/// As [`held_out`] and [`Recipe::fit`].
pub fn train(
    recipe: &Recipe,
    material: &Material,
    corpora: &[String],
    classes: &[String],
    seed: u64,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<(Classifier, HeldOut), Error> {
    let chosen = material.chosen(corpora, classes);
    let held = held_out(recipe, material, &chosen, seed, threads, done)?;
    let heads = recipe.fit(material, chosen.view())?;
    done();
    let table = material.table();
    let count = classes.len();
    let (single, batch) = (
        held.probabilities(&held.scores),
        held.probabilities(&held.batch_scores),
    );
    let known: Vec<(Seen<'_>, &[(f64, f64)])> = (0..held.rows.len())
        .map(|at| {
            let seen = Seen {
                facts: &material.clean[held.rows[at]].facts,
                row: &held.standardised[at],
                distance: held.distances[at],
            };
            (seen, held.ranges[held.folds[at]].as_slice())
        })
        .collect();
    let all = std::iter::once((
        "all".to_string(),
        held.calibration(count, &single, |_| true),
    ));
    let each = corpora.iter().enumerate().map(|(number, corpus)| {
        (
            corpus.clone(),
            held.calibration(count, &single, |of| of == number),
        )
    });
    let source = |(number, corpus): (usize, &String)| {
        let rows: Vec<usize> = chosen
            .rows
            .iter()
            .zip(&chosen.corpora)
            .filter(|(_, of)| **of == number)
            .map(|(row, _)| *row)
            .collect();
        Source {
            corpus: corpus.clone(),
            recordings: rows.len(),
            speakers: speakers(&table, &rows),
        }
    };
    let classifier = Classifier {
        front_end: recipe.front_end.clone(),
        columns: material.columns.clone(),
        classes: classes.to_vec(),
        limits: Limits::learn(
            ranges(material, &chosen, &heads),
            &known,
            recipe.front_end.rate_hz,
        ),
        heads,
        temperature: held.temperature(&held.scores, None),
        batch_temperature: held.temperature(&held.batch_scores, None),
        abstention: threshold(held.curve(count, &single, |_| true), recipe.error_rate),
        making: Making {
            ser: env!("CARGO_PKG_VERSION").into(),
            recipe: recipe.clone(),
            seed,
            corpora: corpora.iter().enumerate().map(source).collect(),
            attributions: attributions(corpora),
            fingerprint: material.fingerprint(&chosen),
            protocol: held.protocol.clone(),
            scores: held.scores_of(&table, count, &single),
            batch_scores: held.scores_of(&table, count, &batch),
            calibration: all
                .chain(each)
                .filter_map(|(name, found)| Some((name, found?)))
                .collect(),
        },
        card: String::new(),
        adapted: None,
    };
    Ok((classifier, held))
}

/// Title, citation and licence of each corpus that is known.
fn attributions(corpora: &[String]) -> Vec<String> {
    let catalogue = ser_corpora::Catalogue::built_in();
    let line = |name: &String| match catalogue.corpus(name) {
        Ok(corpus) => format!(
            "{name}: {}; {}; licence {}",
            corpus.title, corpus.citation, corpus.licence
        ),
        Err(_) => format!("{name}: a corpus of the user's own"),
    };
    corpora.iter().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(abstained: f64, threshold: f64, accuracy: f64) -> Point {
        Point {
            abstained,
            threshold,
            answered: 0,
            classes: 4,
            uar: accuracy,
            accuracy,
        }
    }

    #[test]
    fn the_threshold_is_the_lowest_with_the_error_rate_asked_for() {
        let curve = vec![
            point(0.0, 0.3, 0.7),
            point(0.2, 0.5, 0.76),
            point(0.4, 0.6, 0.82),
        ];
        let found = threshold(curve.clone(), 0.25);
        assert_eq!(
            (found.threshold, found.error_rate, found.abstained),
            (0.5, 0.25, 0.2)
        );
        // What cannot be had is not promised.
        let found = threshold(curve.clone(), 0.1);
        assert!(found.threshold == 0.6 && (found.error_rate - 0.18).abs() < 1e-12);
        assert_eq!(threshold(curve, 0.35).threshold, 0.0);
    }
}
