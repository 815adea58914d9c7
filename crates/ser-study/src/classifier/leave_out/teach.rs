//! What a model may say of its answers, by what the same training was worth on corpora left out.
//!
//! ```text
//! percentages   where the expected calibration error was at most 0.10 on every corpus left out
//! abstention    where what is answered had a higher average recall than all, on every corpus left out; elsewhere nothing is left unanswered as unclear
//! right         least and most accuracy of what is answered, over the corpora left out
//! ```
//!
//! The corpora that decide were heard by none of the models that are judged.

use super::{Answers, Entry, LeaveOut, System};
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::Classifier;
use ser_models::classify::reliability::Reliability;

/// The greatest calibration error with which percentages are given.
const TOLERANCE: f64 = 0.10;

impl LeaveOut {
    /// Tells a model of the same recipe what its answers are worth.
    pub fn teach(&self, classifier: &mut Classifier) {
        for (number, band) in classifier.bands.iter_mut().enumerate() {
            for known in &mut band.reliability {
                self.tell(number, known);
            }
        }
    }

    fn tell(&self, band: usize, known: &mut Reliability) {
        let tests = self.tests(known.basis, band);
        if tests.is_empty() {
            return;
        }
        known.percentages = self.percentages(known.basis, band);
        if !self.abstains(known.basis, band) {
            known.threshold = 0.0;
            known.abstained = 0.0;
        }
        let right = |(_, answers): &(&Entry, Answers)| match known.threshold > 0.0 {
            true => answers.accuracy_of_answered.unwrap_or(answers.accuracy),
            false => answers.accuracy,
        };
        let range = tests
            .iter()
            .map(right)
            .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), right| {
                (low.min(right), high.max(right))
            });
        known.right = Some(range);
    }

    /// Whether answers on a ground may have percentages.
    pub fn percentages(&self, basis: Basis, band: usize) -> bool {
        let tests = self.tests(basis, band);
        let near = |(_, answers): &(&Entry, Answers)| answers.expected_error <= TOLERANCE;
        !tests.is_empty() && tests.iter().all(near)
    }

    /// Whether leaving the least clear unanswered raised the average recall on every corpus.
    pub fn abstains(&self, basis: Basis, band: usize) -> bool {
        let tests = self.tests(basis, band);
        let better = |(entry, answers): &(&Entry, Answers)| {
            answers
                .uar_of_answered
                .is_some_and(|uar| uar > entry.uar.value)
        };
        !tests.is_empty() && tests.iter().all(better)
    }

    /// The tests of a ground in a band.
    fn tests(&self, basis: Basis, band: usize) -> Vec<(&Entry, Answers)> {
        let system = System::Ground { basis, band };
        let of = |entry: &'_ Entry| entry.system == system && entry.corpus.is_some();
        let entries = self.entries.iter().filter(|entry| of(entry));
        entries
            .filter_map(|entry| Some((entry, entry.answers?)))
            .collect()
    }
}
