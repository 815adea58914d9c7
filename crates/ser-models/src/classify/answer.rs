//! One answer, whichever kind of model gives it.

use serde::Serialize;

use super::basis::RestsOn;
use super::front_end::RecordingFacts;
use super::reliability::LeftOut;

/// What a model predicts for a recording, or for a part of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The most probable class, also where the model abstains.
    pub label: String,
    /// Its number among the model's classes.
    pub class: usize,
    /// Why it is no answer; none if it is one.
    pub abstained: Option<String>,
    /// Whether the label is only a guess: the probabilities of such answers were not right on every corpus left out, and none are given. Of a number: on
    /// something left out such numbers were no better than the mean of all.
    pub guess: bool,
    /// Least and most accuracy of such answers on what was left out of training, where that was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<(f64, f64)>,
    /// What was left out of training where such answers were judged; none where they were not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub left_out: Option<LeftOut>,
    /// What the answer rests on.
    pub rests_on: RestsOn,
    /// The number, of a model of numbers; the label is then empty.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<Number>,
    /// Probability of each class, in the model's order; none for a guess, and where the model did not learn any.
    pub probabilities: Option<Vec<f64>>,
    /// How strongly the recording supports each class: shares that add up to 1 and are no probabilities. None where the model has only labels.
    pub support: Option<Vec<f64>>,
    /// Where it lies in the latent space; none for a pipeline of raw features.
    pub latent: Option<Vec<f64>>,
    /// What was compared with the training recordings.
    pub checked: Vec<&'static str>,
    /// In what it is unlike all training recordings, in words.
    pub outside: Vec<String>,
    /// The standardised features.
    pub standardised: Vec<f64>,
    /// The features less those of the speaker's ordinary voice, in deviations within speakers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relative: Option<Vec<f64>>,
    /// The model's band that the recording belongs to.
    #[serde(skip)]
    pub band: usize,
    /// What was measured of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<RecordingFacts>,
}

/// A predicted number, such as arousal.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Number {
    /// What it is of: the column that the model learnt.
    pub of: String,
    /// The number.
    pub value: f64,
    /// From where to where 95 % of such numbers lay, where they were left out of training; none where that was not measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub interval: Option<(f64, f64)>,
    /// Least and most concordance correlation coefficient there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ccc: Option<(f64, f64)>,
}

/// What the limits of a classifier are compared with: of silence nothing but that, of what is too short for a spectrum no bandwidth.
pub(super) fn checked(facts: &RecordingFacts) -> Vec<&'static str> {
    if facts.level_db.is_none() {
        return vec!["silence"];
    }
    let bandwidth = facts.bandwidth_hz.map(|_| "bandwidth");
    let rest = ["duration", "voicing", "clipping", "features"];
    ["level"].into_iter().chain(bandwidth).chain(rest).collect()
}
