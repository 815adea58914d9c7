//! What a model may say of its answers, by what the same training was worth on corpora left out.
//!
//! ```text
//! percentages   where the expected calibration error was at most 0.10 and what is answered had a higher average recall than all, on every corpus left out
//! abstention    where what is answered had a higher average recall than all, on every corpus left out; elsewhere nothing is left unanswered as unclear
//! right         least and most accuracy of what is answered, over the corpora left out
//! ```
//!
//! The corpora that decide were heard by none of the models that are judged.

use super::{Answers, Entry, LeaveOut, System};
use crate::evaluate::learn_trust::TOLERANCE;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::Classifier;
use ser_models::classify::reliability::{LeftOut, Reliability};
use ser_models::classify::trust::Trust;
use ser_models::model::Representation;

impl LeaveOut {
    /// Tells a model of the same recipe what its answers are worth.
    pub fn teach(&self, classifier: &mut Classifier) {
        for (band, found) in classifier.bands.iter_mut().enumerate() {
            for known in &mut found.reliability {
                let basis = known.basis;
                known.percentages = true;
                self.tell(System::Ground { basis, band }, known);
            }
        }
    }

    /// Tells a model of `ser train` with default settings what its answers about single recordings are worth. What its own corpora left out forbid
    /// stays forbidden.
    pub fn teach_trained(&self, trust: &mut Trust, representation: Representation) {
        trust.left_out = LeftOut::Corpora;
        trust.protocol = format!(
            "{}; percentages and the share right also by the corpora of the table above",
            trust.protocol
        );
        let alone = |known: &&mut Reliability| known.basis == Basis::Alone;
        for known in trust.reliability.iter_mut().filter(alone) {
            self.tell(System::Paper { representation }, known);
        }
    }

    fn tell(&self, system: System, known: &mut Reliability) {
        let tests = self.tests(system);
        if tests.is_empty() {
            known.percentages = false;
            return;
        }
        known.percentages &= self.percentages(system);
        if !self.abstains(system) {
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

    /// Whether answers of a system may have percentages.
    pub fn percentages(&self, system: System) -> bool {
        let tests = self.tests(system);
        let near = |(_, answers): &(&Entry, Answers)| answers.expected_error <= TOLERANCE;
        tests.iter().all(near) && self.abstains(system)
    }

    /// Whether leaving the least clear unanswered raised the average recall on every corpus.
    pub fn abstains(&self, system: System) -> bool {
        let tests = self.tests(system);
        let better = |(entry, answers): &(&Entry, Answers)| {
            answers
                .uar_of_answered
                .is_some_and(|uar| uar > entry.uar.value)
        };
        !tests.is_empty() && tests.iter().all(better)
    }

    /// The tests of a system.
    fn tests(&self, system: System) -> Vec<(&Entry, Answers)> {
        let of = |entry: &'_ Entry| entry.system == system && entry.corpus.is_some();
        let entries = self.entries.iter().filter(|entry| of(entry));
        entries
            .filter_map(|entry| Some((entry, entry.answers?)))
            .collect()
    }
}
