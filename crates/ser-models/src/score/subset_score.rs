//! Scores of part of the rows: of one corpus, of women, of men.

use serde::{Deserialize, Serialize};

use super::bootstrap::Bootstrap;
use super::interval::Score;
use super::metric::Confusion;

/// A score of part of the rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubsetScore {
    /// What the rows have in common.
    pub part: String,
    /// Unweighted average recall.
    pub uar: Score,
    /// Accuracy.
    pub accuracy: Score,
    /// Recall of each class; none where the part lacks it.
    pub recall: Vec<Option<Score>>,
    /// Counts, true × predicted.
    pub confusion: Confusion,
    /// Recordings.
    pub recordings: usize,
    /// Speakers; 0 where one is unknown.
    pub speakers: usize,
}

impl SubsetScore {
    /// The scores of rows that were resampled, of so many speakers; `None` if the rows hold no recording of any class.
    pub fn of(part: &str, resampled: &Bootstrap, speakers: usize) -> Option<SubsetScore> {
        let confusion = resampled.confusion();
        Some(SubsetScore {
            part: part.into(),
            uar: resampled.score(Confusion::uar)?,
            accuracy: resampled.score(Confusion::accuracy)?,
            recall: (0..confusion.classes())
                .map(|class| resampled.score(|confusion| confusion.recall(class)))
                .collect(),
            recordings: confusion.recordings() as usize,
            confusion: confusion.clone(),
            speakers,
        })
    }
}
