//! A fitted model, and what it predicts for a recording.
//!
//! ```text
//! f = the general model's scores, or those relative to the speaker        see [`super::heads`], [`super::relative`]
//! p = softmax((f + offset of the batch) / T)                              T by what the answer rests on: [`super::reliability`]
//! answered if  no reason against it  and  max p ≥ threshold               percentages only where they were right on corpora left out
//! ```
//!
//! Both models are linear in the columns that they see, so that a score is the sum of the effects of the columns: with a reference row r,
//! `f_k(z) − f_k(r) = Σ_j W_kj (z_j − r_j)`, complete to rounding ([`Classifier::effects`]).

use serde::{Deserialize, Serialize};

use super::abstention_reason::AbstentionReason;
use super::balance;
use super::basis::{Basis, RestsOn};
use super::front_end::{FrontEnd, FrontEndSettings, Prepared, RecordingFacts};
use super::heads::Heads;
use super::recipe::ClassifierRecipe;
use super::relative::FEWEST;
use super::reliability::Reliability;
use super::voice::{Baseline, Ground};
use super::within_limits::{Limits, Seen};
use crate::model::discriminant::Discriminant;
use crate::model::file::Source;
use ser_tables::statistic::softmax;

/// Of what a model was made and how.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// The version of ser that made it.
    pub ser: String,
    /// How.
    pub recipe: ClassifierRecipe,
    /// Where random numbers began.
    pub seed: u64,
    /// The corpora with recordings and speakers.
    pub corpora: Vec<Source>,
    /// Licences and citations of the corpora, one line each.
    pub attributions: Vec<String>,
    /// SHA-256 of the training rows' features and classes, copies included.
    pub fingerprint: String,
    /// How scores were held out, in words.
    pub protocol: String,
}

/// The part of a model for recordings of one band.
#[derive(Clone, Debug, PartialEq)]
pub struct FittedBand {
    /// The front end that it needs.
    pub front_end: FrontEndSettings,
    /// From features to scores.
    pub heads: Heads,
    /// The recordings that it can judge.
    pub limits: Limits,
    /// By what an answer rests on, in the order of [`Basis::ALL`].
    pub reliability: Vec<Reliability>,
}

impl FittedBand {
    /// The reliability of answers with a basis.
    pub fn of(&self, basis: Basis) -> &Reliability {
        let known = self.reliability.iter().find(|known| known.basis == basis);
        known.unwrap_or(&self.reliability[0])
    }
}

/// A model.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// The features, in order.
    pub columns: Vec<String>,
    /// The classes, in order.
    pub classes: Vec<String>,
    /// Wide speech, and narrow; at least one.
    pub bands: Vec<FittedBand>,
    /// How much of a batch's bias is taken off.
    pub balance: f64,
    /// Its making.
    pub making: Making,
    /// Its card, Markdown.
    pub card: String,
    /// The records of the bands' reliabilities as they stand in the file that it was read from; none of a model that holds them itself.
    pub unread_records: Option<String>,
}

/// What a model predicts for a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The number of the most probable class, also where the model abstains.
    pub class: usize,
    /// The probability of each class if those of this basis are calibrated, in the model's order; otherwise only shares of support.
    pub probabilities: Vec<f64>,
    /// Whether they are.
    pub calibrated: bool,
    /// Least and most accuracy of such answers on corpora left out, where that was measured.
    pub right: Option<(f64, f64)>,
    /// What it rests on.
    pub rests_on: RestsOn,
    /// Where it stands in the plane in which the classes differ most.
    pub latent: [f64; 2],
    /// Mahalanobis distance to the nearest class, about 1 for a usual recording.
    pub distance: f64,
    /// In what it is unlike the training recordings; empty if it is not.
    pub outside: Vec<AbstentionReason>,
    /// Why it is not answered; none if it is.
    pub abstained: Option<String>,
    /// z: the standardised features, named by [`Classifier::names`].
    pub standardised: Vec<f64>,
    /// The features less those of the speaker's voice, in deviations within speakers, where that is known.
    pub relative: Option<Vec<f64>>,
    /// What was measured of the recording.
    pub facts: RecordingFacts,
}

/// What each column adds to each class.
#[derive(Clone, Debug, PartialEq)]
pub struct Effects {
    /// Scores of the reference.
    pub reference: Vec<f64>,
    /// Classes × columns.
    pub effects: Vec<Vec<f64>>,
    /// Scores of the recording: reference + sum of effects.
    pub scores: Vec<f64>,
}

/// Prepares recordings for a model: in the band in which each is.
#[derive(Clone, Debug)]
pub struct Ears {
    bands: Vec<Ear>,
}

/// What prepares for a band, planned when the first recording is in it: planning takes as long as a second of speech.
#[derive(Clone, Debug)]
struct Ear {
    from_hz: f64,
    settings: FrontEndSettings,
    planned: Option<FrontEnd>,
}

impl Ear {
    fn prepare(
        &mut self,
        band: usize,
        samples: &[f32],
        rate_hz: u32,
        bandwidth_hz: Option<f64>,
    ) -> Result<Prepared, super::Error> {
        let front_end = match self.planned.take() {
            Some(planned) => planned,
            None => FrontEnd::new(&self.settings)?,
        };
        self.planned
            .insert(front_end)
            .prepare_in(band, samples, rate_hz, bandwidth_hz)
    }
}

impl Ears {
    /// Sees which front ends there are.
    ///
    /// # Errors
    /// A front end that this program does not have.
    pub fn new(classifier: &Classifier) -> Result<Ears, super::Error> {
        let band = |band: &FittedBand| {
            // A set that this program does not have is said here, not at the first recording.
            band.front_end.columns()?;
            Ok(Ear {
                from_hz: band.limits.sound.bandwidth_hz,
                settings: band.front_end.clone(),
                planned: None,
            })
        };
        Ok(Ears {
            bands: classifier
                .bands
                .iter()
                .map(band)
                .collect::<Result<_, super::Error>>()?,
        })
    }

    /// Prepares mono samples for the widest band that they fill; for the narrowest, where they fill none.
    ///
    /// # Errors
    /// As [`FrontEnd::prepare`].
    pub fn prepare(&mut self, samples: &[f32], rate_hz: u32) -> Result<Prepared, super::Error> {
        let found = ser_features::level::bandwidth_hz(samples, rate_hz);
        let filled = |ear: &Ear| found.is_none_or(|hertz| hertz >= ear.from_hz);
        let band = self
            .bands
            .iter()
            .position(filled)
            .unwrap_or(self.bands.len() - 1);
        self.bands[band].prepare(band, samples, rate_hz, found)
    }

    /// Prepares mono samples for every band that they fill, the widest first.
    ///
    /// # Errors
    /// As [`FrontEnd::prepare`].
    pub fn prepare_all(
        &mut self,
        samples: &[f32],
        rate_hz: u32,
    ) -> Result<Vec<Prepared>, super::Error> {
        let found = ser_features::level::bandwidth_hz(samples, rate_hz);
        let first = self
            .bands
            .iter()
            .position(|ear| found.is_none_or(|hertz| hertz >= ear.from_hz));
        let first = first.unwrap_or(self.bands.len() - 1);
        (first..self.bands.len())
            .map(|band| self.bands[band].prepare(band, samples, rate_hz, found))
            .collect()
    }
}

impl Classifier {
    /// The names of the standardised features.
    pub fn names(&self) -> &[String] {
        self.bands[0].heads.transform.names()
    }

    /// What answers rest on when the recordings are one batch.
    pub fn batch(&self, batch: &[&Prepared]) -> Ground {
        let bias = |number: usize| {
            let band = &self.bands[number];
            let scores: Vec<Vec<f64>> = batch
                .iter()
                .filter(|prepared| prepared.band == number)
                .map(|prepared| {
                    band.heads
                        .general_scores(&band.heads.transformed(&prepared.features))
                })
                .collect();
            (!scores.is_empty())
                .then(|| balance::offsets(&scores, band.of(Basis::Alone).temperature, self.balance))
        };
        Ground::Batch {
            bias: (0..self.bands.len()).map(bias).collect(),
            rests_on: rests_on(Basis::Batch, batch),
        }
    }

    /// What answers about a speaker's recordings rest on: that speaker's voice, estimated from them without labels. Fewer than four recordings of a band
    /// say too little: answers about them rest on each alone.
    pub fn own(&self, recordings: &[&Prepared]) -> Ground {
        let centre = |number: usize| {
            let heads = &self.bands[number].heads;
            let rows: Vec<Vec<f64>> = recordings
                .iter()
                .filter(|prepared| prepared.band == number)
                .map(|prepared| heads.transformed(&prepared.features))
                .collect();
            (rows.len() >= FEWEST).then(|| heads.voice(&rows))
        };
        Ground::Voice {
            centres: (0..self.bands.len()).map(centre).collect(),
            rests_on: rests_on(Basis::OwnRecordings, recordings),
        }
    }

    /// A baseline of recordings of one speaker's ordinary voice, each prepared for the bands that it fills ([`Ears::prepare_all`]).
    pub fn baseline(&self, recordings: &[Vec<Prepared>], date: String) -> Baseline {
        let rows: Vec<(f64, Vec<Option<Vec<f64>>>)> = recordings
            .iter()
            .map(|prepared| {
                let mut bands = vec![None; self.bands.len()];
                for one in prepared {
                    bands[one.band] = Some(self.bands[one.band].heads.transformed(&one.features));
                }
                (
                    prepared.first().map_or(0.0, |one| one.facts.speech_s),
                    bands,
                )
            })
            .collect();
        let rates: Vec<u32> = self
            .bands
            .iter()
            .map(|band| band.front_end.rate_hz)
            .collect();
        Baseline::of(&rows, &self.bands[0].front_end.told_sets(), &rates, date)
    }

    /// What answers about a speaker with this baseline rest on.
    ///
    /// # Errors
    /// A baseline of other features than the model's.
    pub fn calm(&self, baseline: &Baseline) -> Result<Ground, super::Error> {
        let neutral = self.classes.iter().position(|class| class == "neutral");
        let centre = |band: &FittedBand| {
            let Some(known) = baseline
                .bands
                .iter()
                .find(|known| known.rate_hz == band.front_end.rate_hz)
            else {
                return Ok(None);
            };
            // A band that no recording fills has no means.
            let misfits = known.recordings > 0 && known.mean.len() != self.columns.len();
            let needed = band.front_end.told_sets();
            if baseline.sets != needed || misfits {
                return Err(super::Error::Baseline {
                    sets: baseline.sets.join(" and "),
                    needed: needed.join(" and "),
                });
            }
            if known.recordings == 0 {
                return Ok(None);
            }
            let mean: Vec<f64> = known
                .mean
                .iter()
                .map(|mean| mean.unwrap_or(f64::NAN))
                .collect();
            let counts: Vec<f64> = known
                .mean
                .iter()
                .map(|mean| mean.map_or(0.0, |_| known.recordings as f64))
                .collect();
            Ok(Some(band.heads.relative.by_class(&mean, &counts, neutral)))
        };
        Ok(Ground::Voice {
            centres: self
                .bands
                .iter()
                .map(centre)
                .collect::<Result<_, super::Error>>()?,
            rests_on: baseline.rests_on(),
        })
    }

    /// What an answer rests on, and the scores.
    fn scores(&self, prepared: &Prepared, ground: &Ground) -> (RestsOn, Vec<f64>) {
        let band = &self.bands[prepared.band];
        let x = band.heads.transformed(&prepared.features);
        let rests_on = ground.rests_on(prepared.band, prepared.facts.speech_s);
        let scores = match ground {
            Ground::Batch { bias, .. } => match &bias[prepared.band] {
                Some(bias) => {
                    let scores = band.heads.general_scores(&x);
                    scores
                        .iter()
                        .zip(bias)
                        .map(|(score, bias)| score + bias)
                        .collect()
                }
                None => band.heads.general_scores(&x),
            },
            Ground::Voice { centres, .. } => match &centres[prepared.band] {
                Some(centre) => band.heads.relative_scores(&x, centre),
                None => band.heads.general_scores(&x),
            },
            Ground::Alone | Ground::Rows { .. } => band.heads.general_scores(&x),
        };
        (rests_on, scores)
    }

    /// Predicts the class of a recording.
    ///
    /// # Panics
    /// If it was prepared for a model with other features or bands.
    pub fn judge(&self, prepared: &Prepared, ground: &Ground) -> Judgement {
        let band = &self.bands[prepared.band];
        let heads = &band.heads;
        let (rests_on, scores) = self.scores(prepared, ground);
        let reliability = band.of(rests_on.basis);
        let probabilities = softmax(&scores, reliability.temperature);
        let class = top(&probabilities);
        let x = heads.transformed(&prepared.features);
        let row = heads.standardised(&x);
        let z = heads.clipped(&row);
        let distance = heads.general.distance(&z);
        let seen = Seen {
            facts: &prepared.facts,
            row: &row,
            distance,
        };
        let outside = band.limits.reasons(seen, self.names());
        let abstained = outside
            .first()
            .map(AbstentionReason::to_string)
            .or_else(|| reliability.doubt(probabilities[class]));
        let relative = match ground {
            Ground::Voice { centres, .. } => centres[prepared.band]
                .as_ref()
                .filter(|centre| centre.mixed >= 0.5)
                .map(|centre| heads.relative.row(&x, &centre.place)),
            _ => None,
        };
        Judgement {
            class,
            probabilities,
            calibrated: reliability.percentages,
            right: reliability.right,
            rests_on,
            latent: heads.general.place(&z),
            distance,
            outside,
            abstained,
            standardised: z,
            relative,
            facts: prepared.facts,
        }
    }

    /// What each column adds to the scores of a row that a discriminant sees, on the way from a reference.
    ///
    /// # Panics
    /// If a row has another number of columns.
    pub fn effects(discriminant: &Discriminant, row: &[f64], reference: &[f64]) -> Effects {
        let of = |weights: ndarray::ArrayView1<'_, f64>| {
            weights
                .iter()
                .zip(row.iter().zip(reference))
                .map(|(w, (z, r))| w * (z - r))
                .collect()
        };
        Effects {
            reference: discriminant.scores(reference),
            effects: discriminant.weight.outer_iter().map(of).collect(),
            scores: discriminant.scores(row),
        }
    }
}

/// The extent of recordings.
fn rests_on(basis: Basis, recordings: &[&Prepared]) -> RestsOn {
    RestsOn {
        basis,
        recordings: recordings.len(),
        speech_s: recordings
            .iter()
            .map(|prepared| prepared.facts.speech_s)
            .sum(),
    }
}

/// The first of the highest.
pub fn top(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |top, at| if values[at] > values[top] { at } else { top })
}
