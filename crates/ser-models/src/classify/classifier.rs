//! A fitted model, and what it says of a recording.
//!
//! ```text
//! z = clip((transform(x) − mean) / sd, ±4)
//! f = W z + b                              one recording;   for a batch see [`super::batch`]
//! p = softmax(f / T)                       T: see [`super::temperature`]
//! answered if  no reason against it  and  max p ≥ threshold
//! ```
//!
//! The model is linear, so that an answer is the sum of what each column adds: with the mean training row z₀ as reference,
//! `f_k(z) − f_k(z₀) = Σ_j W_kj (z_j − z₀_j)`, complete to rounding ([`Classifier::contributions`]).

use serde::{Deserialize, Serialize};

use super::batch::Batch;
use super::front_end::{Facts, Prepared, Settings};
use super::inside::{Limits, Reason, Seen};
use super::recipe::Recipe;
use super::transform::Transform;
use crate::model::discriminant::Discriminant;
use crate::model::file::Source;
use crate::score::abstention::Point;
use crate::score::calibration::Calibration;
use crate::score::part::PartScore;
use ser_tables::statistic::softmax;

/// The part of a model that is fitted to rows: from features to scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Heads {
    /// The columns' forms.
    pub transform: Transform,
    /// Mean of each transformed column.
    pub mean: Vec<f64>,
    /// Standard deviation of each transformed column.
    pub deviation: Vec<f64>,
    /// Standardised values stay within ± this.
    pub clip: f64,
    /// Mean of the standardised training rows: z₀.
    pub centre: Vec<f64>,
    /// Their standard deviation.
    pub spread: Vec<f64>,
    /// For one recording.
    pub single: Discriminant,
    /// Added for a batch.
    pub batch: Discriminant,
}

impl Heads {
    /// A row standardised, not clipped.
    pub fn standardised(&self, features: &[f32]) -> Vec<f64> {
        let row = self.transform.apply(features);
        row.iter()
            .zip(&self.mean)
            .zip(&self.deviation)
            .map(|((x, mean), deviation)| (x - mean) / deviation)
            .collect()
    }

    /// A standardised row clipped: z.
    pub fn clipped(&self, row: &[f64]) -> Vec<f64> {
        row.iter().map(|z| z.clamp(-self.clip, self.clip)).collect()
    }

    /// What the discriminants see of z: the first of one recording or an adapted one, the second of a batch.
    fn seen(&self, z: &[f64], batch: Option<&Batch>) -> (Vec<f64>, Option<Vec<f64>>) {
        let Some(batch) = batch else {
            return (z.to_vec(), None);
        };
        let u = batch.standardised(z);
        let adapted = u
            .iter()
            .zip(&self.spread)
            .zip(&self.centre)
            .map(|((u, spread), centre)| u * spread + centre)
            .collect();
        (adapted, Some(self.clipped(&u)))
    }

    /// f of each class.
    pub fn scores(&self, z: &[f64], batch: Option<&Batch>) -> Vec<f64> {
        let (adapted, u) = self.seen(z, batch);
        let mut scores = self.single.scores(&adapted);
        if let (Some(u), Some(batch)) = (u, batch) {
            let more = self.batch.scores(&u);
            scores
                .iter_mut()
                .zip(more)
                .for_each(|(score, more)| *score += batch.share * more);
        }
        scores
    }

    /// The batch of rows z, by how many recordings it is believed by half.
    pub fn batch(&self, rows: &[Vec<f64>], half: f64) -> Batch {
        Batch::of(rows, &self.centre, &self.spread, half)
    }
}

/// When a model does not answer, and what that does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Abstention {
    /// The lowest probability that is answered.
    pub threshold: f64,
    /// The share of wrong answers above it that was asked for, on speakers not heard.
    pub error_rate: f64,
    /// The share not answered for that.
    pub abstained: f64,
    /// Score of the rest by the share not answered, on speakers not heard.
    pub curve: Vec<Point>,
}

/// Of what a model was made and how well it does.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Making {
    /// The version of ser that made it.
    pub ser: String,
    /// How.
    pub recipe: Recipe,
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
    /// Scores on speakers not heard, one recording at a time: all, each corpus, each gender.
    pub scores: Vec<PartScore>,
    /// The same, each corpus adapted to as a batch.
    pub batch_scores: Vec<PartScore>,
    /// Calibration of all, and of each corpus with its name.
    pub calibration: Vec<(String, Calibration)>,
}

/// A model.
#[derive(Clone, Debug, PartialEq)]
pub struct Classifier {
    /// The front end that it needs.
    pub front_end: Settings,
    /// The features, in order.
    pub columns: Vec<String>,
    /// The classes, in order.
    pub classes: Vec<String>,
    /// From features to scores.
    pub heads: Heads,
    /// T of one recording.
    pub temperature: f64,
    /// T of a batch.
    pub batch_temperature: f64,
    /// What it knows.
    pub limits: Limits,
    /// When it does not answer.
    pub abstention: Abstention,
    /// Its making.
    pub making: Making,
    /// Its card, Markdown.
    pub card: String,
    /// The batch that it is adapted to.
    pub adapted: Option<Batch>,
}

/// What a model says of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Judgement {
    /// The most probable class, also where the model abstains.
    pub label: String,
    /// The probability of each class, in the model's order.
    pub probabilities: Vec<f64>,
    /// The highest of them.
    pub confidence: f64,
    /// Where it stands in the plane in which the classes differ most.
    pub latent: [f64; 2],
    /// Mahalanobis distance to the nearest class, about 1 for a usual recording.
    pub distance: f64,
    /// Why it is not like what the model learnt from; empty if it is.
    pub outside: Vec<Reason>,
    /// Why it is not answered; none if it is.
    pub abstained: Option<String>,
    /// z: the standardised features, named by [`Classifier::names`].
    pub standardised: Vec<f64>,
    /// What was measured of the recording.
    pub facts: Facts,
}

/// What each column adds to each class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contributions {
    /// Scores of the reference, divided by T: log odds.
    pub reference: Vec<f64>,
    /// Classes × columns, in the same unit.
    pub contributions: Vec<Vec<f64>>,
    /// Scores of the recording: reference + sum of contributions.
    pub scores: Vec<f64>,
}

impl Classifier {
    /// What the transformed features are called.
    pub fn names(&self) -> &[String] {
        self.heads.transform.names()
    }

    /// Says what it makes of a recording.
    ///
    /// # Panics
    /// If it was prepared by a front end with other features.
    pub fn judge(&self, prepared: &Prepared) -> Judgement {
        let row = self.heads.standardised(&prepared.features);
        let z = self.heads.clipped(&row);
        let scores = self.heads.scores(&z, self.adapted.as_ref());
        let probabilities = softmax(&scores, self.temperature_now());
        let top = top(&probabilities);
        let confidence = probabilities[top];
        let (adapted, _) = self.heads.seen(&z, self.adapted.as_ref());
        let distance = self.heads.single.distance(&adapted);
        let seen = Seen {
            facts: &prepared.facts,
            row: &row,
            distance,
        };
        let outside = self.limits.reasons(seen, self.names());
        let abstained = outside
            .first()
            .map(Reason::to_string)
            .or_else(|| self.doubt(confidence));
        Judgement {
            label: self.classes[top].clone(),
            confidence,
            latent: self.heads.single.place(&adapted),
            distance,
            outside,
            abstained,
            standardised: z,
            probabilities,
            facts: prepared.facts,
        }
    }

    /// Why a probability is too low to answer, if it is.
    fn doubt(&self, confidence: f64) -> Option<String> {
        let Abstention {
            threshold,
            error_rate,
            ..
        } = self.abstention;
        (confidence < threshold).then(|| {
            format!(
                "its best guess has a probability of {confidence:.2}, and only from {threshold:.2} on {:.0} % of the answers for unheard speakers were right",
                100.0 * (1.0 - error_rate)
            )
        })
    }

    fn temperature_now(&self) -> f64 {
        match &self.adapted {
            // A batch that is hardly believed is hardly one.
            Some(batch) => {
                batch.share * self.batch_temperature + (1.0 - batch.share) * self.temperature
            }
            None => self.temperature,
        }
    }

    /// The model adapted to recordings of one place, best of mixed emotions and some dozens of them; the more there are, the more it
    /// believes them.
    pub fn adapt<'a>(&self, batch: impl IntoIterator<Item = &'a Prepared>) -> Classifier {
        let z = |prepared: &Prepared| {
            self.heads
                .clipped(&self.heads.standardised(&prepared.features))
        };
        let rows: Vec<Vec<f64>> = batch.into_iter().map(z).collect();
        Classifier {
            adapted: Some(self.heads.batch(&rows, self.making.recipe.batch_half)),
            ..self.clone()
        }
    }

    /// What each column adds to the scores of a judgement's `standardised` row.
    ///
    /// # Panics
    /// If the row has another number of columns.
    pub fn contributions(&self, standardised: &[f64]) -> Contributions {
        let batch = self.adapted.as_ref();
        let temperature = self.temperature_now();
        // The row that the discriminants see as the mean of training: z₀, or the batch's own mean.
        let reference = batch.map_or(&self.heads.centre, |batch| &batch.mean);
        let (here, more) = self.heads.seen(standardised, batch);
        let (there, more_there) = self.heads.seen(reference, batch);
        let of = |class: usize, column: usize| {
            let mut added =
                self.heads.single.weight[(class, column)] * (here[column] - there[column]);
            if let (Some(batch), Some(more), Some(more_there)) = (batch, &more, &more_there) {
                added += batch.share
                    * self.heads.batch.weight[(class, column)]
                    * (more[column] - more_there[column]);
            }
            added / temperature
        };
        let cooled = |scores: Vec<f64>| scores.iter().map(|score| score / temperature).collect();
        Contributions {
            reference: cooled(self.heads.scores(reference, batch)),
            contributions: (0..self.classes.len())
                .map(|class| {
                    (0..standardised.len())
                        .map(|column| of(class, column))
                        .collect()
                })
                .collect(),
            scores: cooled(self.heads.scores(standardised, batch)),
        }
    }
}

/// The first of the highest.
pub fn top(values: &[f64]) -> usize {
    (0..values.len()).fold(0, |top, at| if values[at] > values[top] { at } else { top })
}
