//! How far the answers of a model of `ser train` can be trusted, as its file carries it.
//!
//! ```text
//! p ∝ p_classifier^(1/T)              T, threshold and percentages by what an answer rests on: [`Reliability`]
//! answered if  sound and features are within the limits of training  and  max p ≥ threshold
//! ```
//!
//! All of it is learnt on corpora that were left out of training, or on speakers where there is one corpus (`learn_trust` of the crate ser-study).

use serde::{Deserialize, Serialize};

use super::abstention_reason::AbstentionReason;
use super::basis::Basis;
use super::column_limits::ColumnLimits;
use super::front_end::RecordingFacts;
use super::reliability::{LeftOut, Reliability};
use super::sound_limits::SoundLimits;
use ser_tables::statistic::softmax;

/// What is known of a model's answers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Trust {
    /// What was left out of training to learn it.
    pub left_out: LeftOut,
    /// How, in words.
    pub protocol: String,
    /// What the training recordings were like; none where only their features were there.
    pub sound: Option<SoundLimits>,
    /// Of the features, standardised by all training rows.
    #[serde(flatten)]
    pub columns: ColumnLimits,
    /// By what an answer rests on.
    pub reliability: Vec<Reliability>,
    /// The same for a model of numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub spread: Vec<Spread>,
}

/// How far numbers with one basis were from the truth, where that was left out of training.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// The basis.
    pub basis: Basis,
    /// 95 % of the numbers left out lay no farther from their prediction; of several corpora on the worst.
    pub half_width: f64,
    /// Least and most concordance correlation coefficient.
    pub ccc: (f64, f64),
}

impl Trust {
    /// The reliability of answers with a basis, if that was measured.
    pub fn of(&self, basis: Basis) -> Option<&Reliability> {
        self.reliability.iter().find(|known| known.basis == basis)
    }

    /// Why a recording is not like those learnt from; empty if it is.
    pub fn reasons(
        &self,
        facts: &RecordingFacts,
        row: &[f64],
        names: &[String],
    ) -> Vec<AbstentionReason> {
        let mut reasons = self
            .sound
            .as_ref()
            .map_or(Vec::new(), |sound| sound.reasons(facts));
        if reasons != [AbstentionReason::Silence] {
            reasons.extend(self.columns.reason(row, names));
        }
        reasons
    }
}

/// Probabilities as scores that a temperature divides; those of impossible classes are finite.
pub fn scores(probabilities: &[f64]) -> Vec<f64> {
    let least = 1e-12;
    probabilities
        .iter()
        .map(|p| libm::log(p.max(least)))
        .collect()
}

/// Probabilities at a temperature.
pub fn tempered(probabilities: &[f64], temperature: f64) -> Vec<f64> {
    softmax(&scores(probabilities), temperature)
}

#[test]
fn a_temperature_flattens_and_keeps_the_order() {
    let p = tempered(&[0.8, 0.2, 0.0], 2.0);
    assert!((p[0] / p[1] - 2.0).abs() < 1e-12 && p[1] > p[2] && p[2] > 0.0);
    let same = tempered(&[0.8, 0.15, 0.05], 1.0);
    assert!((same[0] - 0.8).abs() < 1e-12 && (same[2] - 0.05).abs() < 1e-12);
}
