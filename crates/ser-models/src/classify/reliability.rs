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
    /// Whether probabilities may be given: only where they were right on every corpus left out.
    pub percentages: bool,
    /// The lowest probability that is answered; 0 where not answering was no gain on a corpus left out.
    pub threshold: f64,
    /// The share of unheard speakers' recordings, of known corpora, that is not answered for that.
    pub abstained: f64,
    /// Least and most accuracy of what is answered, on corpora left out; none where that was not measured.
    pub right: Option<(f64, f64)>,
    /// Score of the rest by the share not answered, on unheard speakers of known corpora.
    pub curve: Vec<Point>,
    /// Scores on unheard speakers: all, each corpus, each gender. Every recording is answered.
    pub scores: Vec<PartScore>,
    /// Calibration of all, and of each corpus with its name.
    pub calibration: Vec<(String, Calibration)>,
}
