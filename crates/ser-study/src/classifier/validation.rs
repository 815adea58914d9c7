//! A model with what is learnt by holding speakers out: temperatures, limits, thresholds, and scores.
//!
//! Speakers of all corpora are dealt to folds; copies go where their speaker goes, so that no copy of a tested voice is learnt from. Every recording is
//! scored by the one model that was not trained on its speaker, on every ground that an answer may rest on. The probabilities that are counted are those
//! by the temperature of the *other* folds: the shipped temperature is that of all folds. Both are multiplied by the recipe's caution, since the model
//! will meet corpora that it was not trained on. Whether they may be told is not known from speakers: [`super::leave_out::LeaveOut::teach`] says it.
//!
//! Rows weigh `1/√n` of their corpus in the temperature, as in the scaler.

use std::ops::ControlFlow;

use ndarray::Array2;

use super::grounds::{Scored, Tested, balanced, scored};
use crate::evaluate::learn_trust::threshold;
use crate::evaluate::validation::Validation;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::{Classifier, FittedBand, Making, top};
use ser_models::classify::column_limits::ColumnLimits;
use ser_models::classify::heads::Heads;
use ser_models::classify::recipe::ClassifierRecipe;
use ser_models::classify::reliability::{Record, Reliability};
use ser_models::classify::temperature;
use ser_models::classify::training_data::{Chosen, TrainingData};
use ser_models::classify::within_limits::{Limits, Seen};
use ser_models::model::Error;
use ser_models::model::file::Source;
use ser_models::score::abstention::{Point, abstention};
use ser_models::score::calibration::{Binning, Calibration, calibration};
use ser_models::score::split::{Protocol, split};
use ser_parallel::for_each_in_order;
use ser_tables::labelled::Labelled;
use ser_tables::statistic::softmax;

/// Points of an abstention curve: every twentieth of the recordings.
const POINTS: usize = 20;
/// Bins of a calibration.
const BINS: usize = 10;

/// One fold of a band.
#[derive(Clone, Debug)]
pub struct Fold {
    /// The recordings tested.
    pub tested: Vec<Tested>,
    /// Their standardised rows, not clipped.
    pub standardised: Vec<Vec<f64>>,
    /// Their distances to the nearest class.
    pub distances: Vec<f64>,
    /// Ranges of the columns of the fold's model.
    pub ranges: Vec<(f64, f64)>,
    /// The scores, in the order of [`Basis::ALL`].
    pub scored: Vec<Vec<Scored>>,
}

/// What a whole training run is given.
#[derive(Clone, Copy)]
pub struct Run<'a> {
    /// The recipe.
    pub recipe: &'a ClassifierRecipe,
    /// The recordings.
    pub training_data: &'a TrainingData,
    /// The classes, in order.
    pub classes: &'a [String],
    /// Where random numbers begin.
    pub seed: u64,
    /// Folds computed at the same time.
    pub threads: usize,
}

impl Run<'_> {
    /// Holds speakers out in a band; `done` is called after each fold.
    ///
    /// # Errors
    /// Fewer than two speakers, rows without one, and those of fitting.
    pub fn held_out(
        &self,
        band: usize,
        chosen: &Chosen,
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<Fold>, Error> {
        self.folds(band, chosen, &self.tests(chosen)?, done)
    }

    /// Holds each corpus out in a band; none where there is only one.
    fn corpora_held_out(&self, band: usize, chosen: &Chosen) -> Result<Vec<Fold>, Error> {
        let of = |corpus: usize| -> Vec<usize> {
            let rows = chosen.rows.iter().zip(&chosen.corpora);
            rows.filter(|(_, of)| **of == corpus)
                .map(|(row, _)| *row)
                .collect()
        };
        let corpora = chosen.corpora.iter().max().map_or(0, |most| most + 1);
        let tests: Vec<Vec<usize>> = (0..corpora).map(of).collect();
        match corpora {
            0 | 1 => Ok(Vec::new()),
            _ => self.folds(band, chosen, &tests, &|| ()),
        }
    }

    fn folds(
        &self,
        band: usize,
        chosen: &Chosen,
        tests: &[Vec<usize>],
        done: &(dyn Fn() + Sync),
    ) -> Result<Vec<Fold>, Error> {
        let mut folds = Vec::new();
        let mut failed = None;
        let work = |(): &mut (), fold: usize| {
            let found = self.fold(band, chosen, &tests[fold]);
            done();
            found
        };
        let _ = for_each_in_order(
            tests.len(),
            self.threads,
            || (),
            work,
            |_, fold| match fold {
                Ok(fold) => {
                    folds.push(fold);
                    ControlFlow::Continue(())
                }
                Err(error) => {
                    failed = Some(error);
                    ControlFlow::Break(())
                }
            },
        );
        failed.map_or(Ok(folds), Err)
    }

    fn tests(&self, chosen: &Chosen) -> Result<Vec<Vec<usize>>, Error> {
        let speakers = speakers(&self.training_data.table(), &chosen.rows);
        split(
            Protocol::SpeakerIndependent,
            &self.training_data.rows,
            &chosen.rows,
            &chosen.labels,
            self.recipe.folds.min(speakers),
            self.seed,
        )
    }

    /// The chosen rows as a band is tested by them.
    pub fn tested(&self, band: usize, heads: &Heads, chosen: &Chosen) -> Vec<Tested> {
        let of = |((&row, &truth), &corpus): ((&usize, &usize), &usize)| Tested {
            row,
            truth,
            corpus,
            x: heads.transformed(&self.training_data.tested(self.recipe, band, row).features),
        };
        chosen
            .rows
            .iter()
            .zip(&chosen.labels)
            .zip(&chosen.corpora)
            .map(of)
            .collect()
    }

    fn fold(&self, band: usize, chosen: &Chosen, test: &[usize]) -> Result<Fold, Error> {
        let learnt = chosen.kept(|row| test.binary_search(&row).is_err());
        let heads = self.recipe.fit(self.training_data, band, learnt.view())?;
        let chosen = chosen.kept(|row| test.binary_search(&row).is_ok());
        let tested = self.tested(band, &heads, &chosen);
        let standardised: Vec<Vec<f64>> = tested
            .iter()
            .map(|one| heads.standardised(&one.x))
            .collect();
        let distance = |row: &Vec<f64>| heads.general.distance(&heads.clipped(row));
        let on = |basis: Basis| {
            scored(
                &heads,
                &tested,
                &self.training_data.rows,
                self.classes,
                self.seed,
                basis,
            )
        };
        Ok(Fold {
            distances: standardised.iter().map(distance).collect(),
            standardised,
            ranges: ranges(self.training_data, band, &learnt, &heads),
            scored: Basis::ALL.into_iter().map(on).collect(),
            tested,
        })
    }

    /// A model of the chosen corpora, with all that is learnt by holding out. The card is left empty.
    ///
    /// # Errors
    /// As [`Run::held_out`] and [`ClassifierRecipe::fit`].
    pub fn train(&self, corpora: &[String], done: &(dyn Fn() + Sync)) -> Result<Classifier, Error> {
        let Run {
            recipe,
            training_data,
            ..
        } = *self;
        let chosen = training_data.chosen(corpora, self.classes);
        let table = training_data.table();
        let mut bands = Vec::new();
        let mut folds = 0;
        for (number, settings) in recipe.bands.iter().enumerate() {
            let held = self.held_out(number, &chosen, done)?;
            let corpora_held = self.corpora_held_out(number, &chosen)?;
            folds = held.len();
            let heads = recipe.fit(training_data, number, chosen.view())?;
            done();
            let known: Vec<(Seen<'_>, &[(f64, f64)])> = held
                .iter()
                .flat_map(|fold| fold.seen(training_data, number))
                .collect();
            let elsewhere: Vec<Vec<_>> = corpora_held
                .iter()
                .map(|fold| fold.seen(training_data, number))
                .collect();
            let mut limits = Limits::learn(
                ranges(training_data, number, &chosen, &heads),
                &known,
                &elsewhere,
                settings.front_end.rate_hz,
            );
            limits.sound.bandwidth_hz = settings.from_hz;
            bands.push(FittedBand {
                front_end: settings.front_end.clone(),
                heads,
                limits,
                reliability: self.reliability(corpora, held),
            });
        }
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
        Ok(Classifier {
            columns: training_data.columns.clone(),
            classes: self.classes.to_vec(),
            bands,
            balance: recipe.balance,
            making: Making {
                ser: env!("CARGO_PKG_VERSION").into(),
                recipe: recipe.clone(),
                seed: self.seed,
                corpora: corpora.iter().enumerate().map(source).collect(),
                attributions: attributions(corpora),
                fingerprint: training_data.fingerprint(&chosen),
                protocol: Protocol::SpeakerIndependent.name(folds),
            },
            card: String::new(),
            unread_records: None,
        })
    }

    /// The reliability of each basis.
    fn reliability(&self, corpora: &[String], mut folds: Vec<Fold>) -> Vec<Reliability> {
        let caution = self.recipe.caution;
        let alone = caution * temperature_of(&folds, 0, None);
        for fold in &mut folds {
            balanced(&mut fold.scored[1], alone, self.recipe.balance);
        }
        let table = self.training_data.table();
        let count = self.classes.len();
        let of = |(at, basis): (usize, Basis)| {
            let mut found: Vec<(&Scored, Vec<f64>)> = Vec::new();
            for (number, fold) in folds.iter().enumerate() {
                let temperature = caution * temperature_of(&folds, at, Some(number));
                found.extend(
                    fold.scored[at]
                        .iter()
                        .map(|one| (one, softmax(&one.scores, temperature))),
                );
            }
            found.sort_by_key(|(one, _)| one.row);
            let curve = curve(&found, count);
            let (threshold, abstained) = threshold(&curve, self.recipe.abstention);
            let validation = Validation {
                protocol: String::new(),
                mixes_speakers: false,
                rows: found.iter().map(|(one, _)| one.row).collect(),
                truth: found.iter().map(|(one, _)| one.truth).collect(),
                predicted: found.iter().map(|(_, p)| top(p)).collect(),
                probabilities: None,
                held: Vec::new(),
                choices: Vec::new(),
            };
            let all = std::iter::once(("all".to_string(), calibrated(&found, count, |_| true)));
            let each = corpora.iter().enumerate().map(|(number, corpus)| {
                (corpus.clone(), calibrated(&found, count, |of| of == number))
            });
            Reliability {
                basis,
                temperature: caution * temperature_of(&folds, at, None),
                percentages: false,
                threshold,
                abstained,
                right: None,
                record: Record {
                    scores: if found.is_empty() {
                        Vec::new()
                    } else {
                        validation.parts(&table, count)
                    },
                    calibration: all
                        .chain(each)
                        .filter_map(|(name, found)| Some((name, found?)))
                        .collect(),
                    curve,
                },
            }
        };
        Basis::ALL.into_iter().enumerate().map(of).collect()
    }
}

impl Fold {
    /// The tested recordings as limits see them, with the ranges of this fold's model.
    fn seen<'a>(
        &'a self,
        training_data: &'a TrainingData,
        band: usize,
    ) -> Vec<(Seen<'a>, &'a [(f64, f64)])> {
        let seen = |at: usize| {
            let seen = Seen {
                facts: &training_data.bands[band].clean[self.tested[at].row].facts,
                row: &self.standardised[at],
                distance: self.distances[at],
            };
            (seen, self.ranges.as_slice())
        };
        (0..self.tested.len()).map(seen).collect()
    }
}

/// Ranges of the columns, of rows learnt from and their copies.
fn ranges(
    training_data: &TrainingData,
    band: usize,
    learnt: &Chosen,
    heads: &Heads,
) -> Vec<(f64, f64)> {
    let heard = &training_data.bands[band];
    let clean = learnt.rows.iter().map(|&row| &heard.clean[row].features);
    let copies = heard
        .copies
        .iter()
        .flat_map(|copy| learnt.rows.iter().map(|&row| &copy[row]));
    let rows: Vec<Vec<f64>> = clean
        .chain(copies)
        .map(|features| heads.standardised(&heads.transformed(features)))
        .collect();
    ColumnLimits::ranges(&rows)
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

/// The temperature of the scores on a basis outside a fold, or of all.
fn temperature_of(folds: &[Fold], at: usize, without: Option<usize>) -> f64 {
    let kept: Vec<&Scored> = folds
        .iter()
        .enumerate()
        .filter(|(number, _)| Some(*number) != without)
        .flat_map(|(_, fold)| &fold.scored[at])
        .collect();
    let corpora = kept
        .iter()
        .map(|one| one.corpus)
        .max()
        .map_or(0, |most| most + 1);
    let sizes: Vec<f64> = (0..corpora)
        .map(|corpus| kept.iter().filter(|one| one.corpus == corpus).count() as f64)
        .collect();
    let scores: Vec<Vec<f64>> = kept.iter().map(|one| one.scores.clone()).collect();
    let truth: Vec<usize> = kept.iter().map(|one| one.truth).collect();
    let weights: Vec<f64> = kept
        .iter()
        .map(|one| sizes[one.corpus].sqrt().recip())
        .collect();
    temperature::fit(&scores, &truth, &weights)
}

/// The abstention curve of recordings with their probabilities.
fn curve(found: &[(&Scored, Vec<f64>)], classes: usize) -> Vec<Point> {
    let truth: Vec<usize> = found.iter().map(|(one, _)| one.truth).collect();
    let predicted: Vec<usize> = found.iter().map(|(_, p)| top(p)).collect();
    let confidence: Vec<f64> = found.iter().map(|(_, p)| p[top(p)]).collect();
    abstention(classes, &truth, &predicted, &confidence, POINTS)
}

fn calibrated(
    found: &[(&Scored, Vec<f64>)],
    classes: usize,
    of: impl Fn(usize) -> bool,
) -> Option<Calibration> {
    let kept: Vec<&(&Scored, Vec<f64>)> = found.iter().filter(|(one, _)| of(one.corpus)).collect();
    let flat: Vec<f64> = kept.iter().flat_map(|(_, p)| p.iter().copied()).collect();
    let truth: Vec<usize> = kept.iter().map(|(one, _)| one.truth).collect();
    let table = Array2::from_shape_vec((kept.len(), classes), flat).ok()?;
    calibration(table.view(), &truth, Binning::EqualWidth(BINS))
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
    fn the_threshold_leaves_out_no_more_than_the_share_asked_for() {
        let curve = vec![
            point(0.0, 0.3, 0.7),
            point(0.2, 0.5, 0.76),
            point(0.4, 0.6, 0.82),
        ];
        assert_eq!(threshold(&curve, 0.3), (0.5, 0.2));
        assert_eq!(threshold(&curve, 0.4), (0.6, 0.4));
        assert_eq!(threshold(&curve[..1], 0.3), (0.0, 0.0));
    }
}
