//! How far answers can be trusted, by what they rest on: probabilities, when not to answer, and the scores behind both.

use serde::{Deserialize, Serialize};

use super::basis::Basis;
use crate::score::abstention::Point;
use crate::score::calibration::Calibration;
use crate::score::part::PartScore;

/// The reliability of answers with one basis, in one band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reliability {
    /// The basis.
    pub basis: Basis,
    /// What scores are divided by before they are probabilities.
    pub temperature: f64,
    /// Whether probabilities may be given: false where they were overconfident on corpora left out.
    pub percentages: bool,
    /// The lowest probability that is answered.
    pub threshold: f64,
    /// The share of wrong answers above it, on unheard speakers of known corpora.
    pub error_rate: f64,
    /// The share not answered for that.
    pub abstained: f64,
    /// Score of the rest by the share not answered, on unheard speakers of known corpora.
    pub curve: Vec<Point>,
    /// Scores on unheard speakers: all, each corpus, each gender. Every recording is answered.
    pub scores: Vec<PartScore>,
    /// Calibration of all, and of each corpus with its name.
    pub calibration: Vec<(String, Calibration)>,
}
