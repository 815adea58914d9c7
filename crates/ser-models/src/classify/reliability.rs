//! How far answers can be trusted, by what they rest on: probabilities, when not to answer, and the scores behind both.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::basis::Basis;
use crate::score::abstention::Point;
use crate::score::calibration::Calibration;
use crate::score::subset_score::SubsetScore;

/// What was left out of training where answers were judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LeftOut {
    /// Whole corpora.
    Corpora,
    /// Speakers of the only training corpus: nothing is known of other corpora.
    Speakers,
    /// Recordings, since speakers are unknown: the same voices may have been trained on.
    Recordings,
}

impl fmt::Display for LeftOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            LeftOut::Corpora => "corpora left out of training",
            LeftOut::Speakers => {
                "speakers left out of training; other corpora were not tested and do worse"
            }
            LeftOut::Recordings => {
                "recordings left out of training; other speakers and corpora were not tested and do worse"
            }
        })
    }
}

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
    /// What all that was found with.
    #[serde(flatten, skip_serializing_if = "Record::is_empty")]
    pub record: Record,
}

/// The scores behind a reliability: the card tells them, no answer asks for them.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// Score of the rest by the share not answered, on unheard speakers of known corpora.
    pub curve: Vec<Point>,
    /// Scores on unheard speakers: all, each corpus, each gender. Every recording is answered.
    pub scores: Vec<SubsetScore>,
    /// Calibration of all, and of each corpus with its name.
    pub calibration: Vec<(String, Calibration)>,
}

impl Record {
    /// Does it hold nothing?
    pub fn is_empty(&self) -> bool {
        self.curve.is_empty() && self.scores.is_empty() && self.calibration.is_empty()
    }
}

impl Reliability {
    /// Why an answer of this highest probability is too unclear to give, if it is.
    pub fn doubt(&self, confidence: f64) -> Option<String> {
        (confidence < self.threshold).then(|| {
            let unclear = format!(
                "as unclear as the {:.0} % of known speakers' recordings that are left unanswered",
                100.0 * self.abstained
            );
            match self.percentages {
                true => format!("the highest probability is {confidence:.2}, {unclear}"),
                false => format!("no class stands out: it is {unclear}"),
            }
        })
    }
}
