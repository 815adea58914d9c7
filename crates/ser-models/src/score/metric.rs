//! Scores of predictions: how many recordings of which class were taken for which.
//!
//! ```text
//! recall of c = counts[c][c] / Σ_p counts[c][p]                      UAR = mean of the recalls
//! precision of c = counts[c][c] / Σ_t counts[t][c]                   F1 = 2 counts[c][c] / (Σ_p counts[c][p] + Σ_t counts[t][c])
//! ```
//!
//! The unweighted average recall (UAR, "unweighted accuracy") is the field's score, since corpora hold more neutral than happy recordings. A class
//! without a test recording has no recall and is left out of the average; [`Confusion::absent`] names it, and a result has to. A model that guesses
//! among its classes, whatever their shares in the test, has a UAR of 1 / classes: the chance level.
//!
//! Macro F1 is scikit-learn's `f1_score(average="macro", zero_division=0)`: the mean over the classes that occur in the truth or in the
//! predictions, so that a class that is only ever predicted counts as 0 and one that occurs nowhere does not count.
//!
//! B. Schuller, S. Steidl, A. Batliner (2009), "The INTERSPEECH 2009 Emotion Challenge", Proc. Interspeech, 312-315 (UAR as the measure).

use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

/// Counts of recordings, true class × predicted class. Written as a list of rows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Vec<u64>>", into = "Vec<Vec<u64>>")]
pub struct Confusion {
    classes: usize,
    counts: Vec<u64>,
}

impl Confusion {
    /// No recording yet, of this many classes.
    pub fn new(classes: usize) -> Confusion {
        Confusion {
            classes,
            counts: vec![0; classes * classes],
        }
    }

    /// Counts the recordings of a test.
    ///
    /// # Panics
    /// If there are not as many predictions as true classes, or a class is not below `classes`.
    pub fn count(classes: usize, truth: &[usize], predicted: &[usize]) -> Confusion {
        assert_eq!(truth.len(), predicted.len(), "true and predicted classes");
        let mut confusion = Confusion::new(classes);
        for (&truth, &predicted) in truth.iter().zip(predicted) {
            confusion.add(truth, predicted, 1);
        }
        confusion
    }

    /// Adds recordings of one class that were predicted as one class.
    ///
    /// # Panics
    /// If a class is not below the number of classes.
    pub fn add(&mut self, truth: usize, predicted: usize, recordings: u64) {
        let cell = self.cell(truth, predicted);
        self.counts[cell] += recordings;
    }

    /// Takes away a recording that was counted.
    pub(crate) fn remove(&mut self, truth: usize, predicted: usize) {
        let cell = self.cell(truth, predicted);
        self.counts[cell] -= 1;
    }

    /// Recordings of class `truth` that were predicted as `predicted`.
    ///
    /// # Panics
    /// If a class is not below the number of classes.
    pub fn get(&self, truth: usize, predicted: usize) -> u64 {
        self.counts[self.cell(truth, predicted)]
    }

    fn cell(&self, truth: usize, predicted: usize) -> usize {
        assert!(
            truth < self.classes && predicted < self.classes,
            "classes {truth} and {predicted} of {}",
            self.classes
        );
        truth * self.classes + predicted
    }

    /// The counts, row by row.
    pub(crate) fn cells_mut(&mut self) -> &mut [u64] {
        &mut self.counts
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// The rows: for each true class the counts of the predicted ones.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        // A chunk of 0 is not allowed, and of 0 classes there is none anyway.
        self.counts.chunks(self.classes.max(1))
    }

    /// Recordings in all.
    pub fn recordings(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Recordings of a true class.
    pub fn of_class(&self, class: usize) -> u64 {
        (0..self.classes).map(|p| self.get(class, p)).sum()
    }

    /// Recordings predicted as a class.
    pub fn predicted_as(&self, class: usize) -> u64 {
        (0..self.classes).map(|t| self.get(t, class)).sum()
    }

    /// Classes without a recording: those that UAR leaves out.
    pub fn absent(&self) -> Vec<usize> {
        (0..self.classes)
            .filter(|&class| self.of_class(class) == 0)
            .collect()
    }

    /// Share of a class's recordings that were found; none if the class has no recording.
    pub fn recall(&self, class: usize) -> Option<f64> {
        share(self.get(class, class), self.of_class(class))
    }

    /// Share of the recordings predicted as a class that are of it; none if nothing was predicted so.
    pub fn precision(&self, class: usize) -> Option<f64> {
        share(self.get(class, class), self.predicted_as(class))
    }

    /// Harmonic mean of precision and recall, 0 where only one of the two exists; none if the class occurs neither in truth nor prediction.
    pub fn f1(&self, class: usize) -> Option<f64> {
        let occurrences = self.of_class(class) + self.predicted_as(class);
        share(2 * self.get(class, class), occurrences)
    }

    /// Unweighted average recall over the classes that have recordings; none without recordings.
    pub fn uar(&self) -> Option<f64> {
        mean((0..self.classes).filter_map(|class| self.recall(class)))
    }

    /// Share of recordings predicted correctly; none without recordings.
    pub fn accuracy(&self) -> Option<f64> {
        let right = (0..self.classes).map(|class| self.get(class, class)).sum();
        share(right, self.recordings())
    }

    /// Mean F1 over the classes that occur in truth or prediction; none without recordings.
    pub fn macro_f1(&self) -> Option<f64> {
        mean((0..self.classes).filter_map(|class| self.f1(class)))
    }

    /// The UAR of guessing: 1 / classes.
    pub fn chance(&self) -> f64 {
        1.0 / self.classes as f64
    }

    /// Shares of each true class's recordings, as confusion matrices are drawn; no shares where a class has no recording.
    pub fn shares(&self) -> Vec<Option<Vec<f64>>> {
        let of_row = |row: &[u64]| {
            let sum: u64 = row.iter().sum();
            (sum > 0).then(|| row.iter().map(|&n| n as f64 / sum as f64).collect())
        };
        self.rows().map(of_row).collect()
    }
}

fn share(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (count, sum) = values.fold((0_u32, 0.0), |(count, sum), x| (count + 1, sum + x));
    (count > 0).then(|| sum / f64::from(count))
}

/// Two tests in one, as the folds of a cross-validation.
impl AddAssign<&Confusion> for Confusion {
    fn add_assign(&mut self, other: &Confusion) {
        assert_eq!(self.classes, other.classes, "classes of two matrices");
        for (mine, theirs) in self.counts.iter_mut().zip(&other.counts) {
            *mine += theirs;
        }
    }
}

impl From<Confusion> for Vec<Vec<u64>> {
    fn from(confusion: Confusion) -> Vec<Vec<u64>> {
        confusion.rows().map(<[u64]>::to_vec).collect()
    }
}

impl TryFrom<Vec<Vec<u64>>> for Confusion {
    type Error = String;

    fn try_from(rows: Vec<Vec<u64>>) -> Result<Confusion, String> {
        let classes = rows.len();
        match rows.iter().find(|row| row.len() != classes) {
            Some(row) => Err(format!(
                "a confusion matrix of {classes} rows has a row of {} counts: it must be square",
                row.len()
            )),
            None => Ok(Confusion {
                classes,
                counts: rows.concat(),
            }),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn matrix(rows: &[&[u64]]) -> Confusion {
        Confusion::try_from(rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>()).unwrap()
    }

    /// Equal up to the rounding of a few sums.
    fn close(found: Option<f64>, expected: f64) -> bool {
        found.is_some_and(|found| (found - expected).abs() < 1e-15)
    }

    #[test]
    fn a_matrix_made_by_hand_has_the_scores_worked_out_by_hand() {
        let confusion = matrix(&[&[8, 2, 0], &[1, 3, 1], &[0, 0, 2]]);
        // Recalls 8/10, 3/5, 2/2; 13 of 17 right; F1 16/19, 6/10, 4/5.
        assert!(close(confusion.uar(), 0.8));
        assert!(close(confusion.accuracy(), 13.0 / 17.0));
        let macro_f1 = (16.0 / 19.0 + 0.6 + 0.8) / 3.0;
        assert!(close(confusion.macro_f1(), macro_f1));
        assert!(close(confusion.precision(2), 2.0 / 3.0));
        assert!(confusion.absent().is_empty());
    }

    // from sklearn.metrics import balanced_accuracy_score, f1_score        # scikit-learn 1.9.1
    // t = [0]*8 + [1]*4; p = [0]*6 + [1, 3] + [1]*3 + [0]                   # 2 occurs nowhere, 3 only in the predictions
    // balanced_accuracy_score(t, p)                                         # 0.75
    // f1_score(t, p, average="macro", zero_division=0)                      # 0.5166666666666667
    #[test]
    fn a_class_without_test_recordings_is_left_out_of_recall_and_a_class_only_predicted_counts_0_in_f1()
     {
        let confusion = matrix(&[&[6, 1, 0, 1], &[1, 3, 0, 0], &[0; 4], &[0; 4]]);
        assert!(close(confusion.uar(), 0.75));
        assert!(close(confusion.macro_f1(), 0.516_666_666_666_666_7));
        assert_eq!(confusion.absent(), [2, 3]);
        assert_eq!(confusion.f1(2), None);
        assert_eq!(confusion.f1(3), Some(0.0));
        // The model had four classes to guess among.
        assert_eq!(confusion.chance(), 0.25);
    }

    #[test]
    fn without_recordings_there_are_no_scores() {
        let confusion = Confusion::new(3);
        assert_eq!(confusion.uar(), None);
        assert_eq!(confusion.accuracy(), None);
        assert_eq!(confusion.macro_f1(), None);
        assert_eq!(confusion.shares(), [None, None, None]);
        assert_eq!(Confusion::new(0).rows().count(), 0);
    }

    #[test]
    fn a_matrix_is_written_as_rows_and_read_again_if_square() {
        let confusion = matrix(&[&[1, 2], &[3, 4]]);
        let text = serde_json::to_string(&confusion).unwrap();
        assert_eq!(text, "[[1,2],[3,4]]");
        assert_eq!(serde_json::from_str::<Confusion>(&text).unwrap(), confusion);
        let error = serde_json::from_str::<Confusion>("[[1,2],[3]]").unwrap_err();
        assert!(error.to_string().contains("must be square"), "{error}");
    }

    #[test]
    #[should_panic(expected = "classes 0 and 3 of 3")]
    fn a_prediction_of_no_class_is_refused() {
        Confusion::count(3, &[0], &[3]);
    }

    proptest! {
        #[test]
        fn scores_lie_between_0_and_1_and_do_not_depend_on_the_order_of_recordings(
            pairs in prop::collection::vec((0..4_usize, 0..4_usize), 1..60),
        ) {
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
            let confusion = Confusion::count(4, &truth, &predicted);
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.into_iter().rev().unzip();
            prop_assert_eq!(&confusion, &Confusion::count(4, &truth, &predicted));
            for score in [confusion.uar(), confusion.accuracy(), confusion.macro_f1()] {
                prop_assert!((0.0..=1.0).contains(&score.unwrap()));
            }
        }

        #[test]
        fn scores_do_not_depend_on_the_names_of_the_classes(
            pairs in prop::collection::vec((0..4_usize, 0..4_usize), 1..60),
            names in Just(vec![0, 1, 2, 3_usize]).prop_shuffle(),
        ) {
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.iter().copied().unzip();
            let confusion = Confusion::count(4, &truth, &predicted);
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.iter().map(|&(t, p)| (names[t], names[p])).unzip();
            let renamed = Confusion::count(4, &truth, &predicted);
            prop_assert!(close(renamed.uar(), confusion.uar().unwrap()));
            prop_assert!(close(renamed.macro_f1(), confusion.macro_f1().unwrap()));
            prop_assert_eq!(renamed.accuracy(), confusion.accuracy());
        }

        #[test]
        fn more_recordings_of_one_class_in_the_same_shares_leave_uar_as_it_is(
            counts in prop::collection::vec(1..20_u64, 9), times in 2..9_u64,
        ) {
            let rows: Vec<Vec<u64>> = counts.chunks(3).map(<[u64]>::to_vec).collect();
            let confusion = Confusion::try_from(rows.clone()).unwrap();
            let mut more = rows;
            more[1].iter_mut().for_each(|n| *n *= times);
            let more = Confusion::try_from(more).unwrap();
            prop_assert!(close(more.uar(), confusion.uar().unwrap()));
        }

        #[test]
        fn adding_folds_is_counting_all_at_once(
            pairs in prop::collection::vec((0..3_usize, 0..3_usize), 2..40), at in 0..40_usize,
        ) {
            let (truth, predicted): (Vec<_>, Vec<_>) = pairs.into_iter().unzip();
            let at = at.min(truth.len());
            let mut sum = Confusion::count(3, &truth[..at], &predicted[..at]);
            sum += &Confusion::count(3, &truth[at..], &predicted[at..]);
            prop_assert_eq!(sum, Confusion::count(3, &truth, &predicted));
        }
    }
}
