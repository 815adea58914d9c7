//! The comparison as text for a terminal, which is Markdown too, and as csv.

use std::io::Write;

use super::{Answers, Entry, LeaveOut, System};
use crate::evaluate::render::told;
use ser_tables::{counted, fixed, signed};

impl LeaveOut {
    /// The comparison as tables for a terminal, which are Markdown too.
    pub fn render(&self) -> String {
        let corpora: Vec<String> = self
            .corpora
            .iter()
            .map(|of| {
                format!(
                    "{} ({}, {})",
                    of.corpus,
                    counted(of.recordings, "recording"),
                    counted(of.speakers, "speaker")
                )
            })
            .collect();
        format!(
            "Classes {}; chance {:.2}. {}\n\n{}",
            self.classes.join(", "),
            1.0 / self.classes.len() as f64,
            corpora.join(", "),
            self.tables()
        )
    }

    /// The two tables: average recall, and how far answers can be trusted.
    pub fn tables(&self) -> String {
        let mut text = String::from(
            "Unweighted average recall on a corpus, trained on all others; every recording answered; 95 % intervals by a bootstrap over speakers\n\n",
        );
        text += &self.recalls("an answer rests on", |_| true);
        for chosen in &self.chosen {
            text += &format!(
                "\n- without {}, the settings chosen on the others: shrinkage {}, scatter between corpora × {}; of known voices shrinkage {}",
                chosen.corpus,
                chosen.general.shrinkage,
                chosen.general.between_corpora,
                chosen.relative.shrinkage
            );
        }
        text += if self.chosen.is_empty() { "" } else { "\n" };
        text += "\nHow far answers can be trusted there: expected calibration error (ECE), mean probability less accuracy, and average recall of the answered recordings. \
                 Where the ECE is above 0.10 on any corpus, percentages are \"no\": the program calls its label a guess and gives none.\n\n";
        text += &self.answers(|_| true);
        text
    }

    /// The table of how far the answers of some systems can be trusted.
    pub fn answers(&self, wanted: impl Fn(System) -> bool) -> String {
        let mut text = String::from(
            "| an answer rests on | corpus | percentages | ECE | overconfidence | UAR of all | answered | UAR of answered | out of distribution |\n|---|---|---|---|---|---|---|---|---|\n",
        );
        for entry in self.entries.iter().filter(|entry| wanted(entry.system)) {
            let (Some(corpus), Some(answers)) = (&entry.corpus, &entry.answers) else {
                continue;
            };
            let percentages = match entry.system {
                System::OneEmotion => None,
                system => Some(self.percentages(system)),
            };
            text += &row(entry, corpus, answers, percentages);
        }
        text
    }

    /// The table of average recall of some systems.
    pub fn recalls(&self, head: &str, wanted: impl Fn(System) -> bool) -> String {
        let names: Vec<&str> = self.corpora.iter().map(|of| of.corpus.as_str()).collect();
        let mut text = format!(
            "| {head} | {} | mean |\n|---|{}---|\n",
            names.join(" | "),
            "---|".repeat(names.len())
        );
        for of in self.systems().filter(|of| wanted(of[0].system)) {
            let cells: Vec<String> = of.iter().map(|entry| told(&entry.uar)).collect();
            text += &format!("| {} | {} |\n", of[0].name, cells.join(" | "));
        }
        text
    }

    /// The entries, system by system.
    fn systems(&self) -> impl Iterator<Item = &[Entry]> {
        self.entries.chunk_by(|a, b| a.system == b.system)
    }

    /// One line per system and corpus, as csv.
    ///
    /// # Errors
    /// What the target says.
    pub fn write_csv(&self, target: &mut dyn Write) -> Result<(), csv::Error> {
        let mut table = csv::Writer::from_writer(target);
        let recalls = self.classes.iter().map(|class| format!("recall_{class}"));
        let head = [
            "rests_on",
            "corpus",
            "uar",
            "low",
            "high",
            "ece",
            "overconfidence",
            "answered",
            "uar_of_answered",
        ];
        table.write_record(head.into_iter().map(String::from).chain(recalls))?;
        for entry in &self.entries {
            let number = |x: Option<f64>| x.map(|x| fixed(x, 4)).unwrap_or_default();
            let of =
                |value: fn(&Answers) -> Option<f64>| number(entry.answers.as_ref().and_then(value));
            let fixed = [
                entry.name.clone(),
                entry.corpus.clone().unwrap_or_else(|| "mean".into()),
                number(Some(entry.uar.value)),
                number(entry.uar.interval.map(|i| i.low)),
                number(entry.uar.interval.map(|i| i.high)),
                of(|answers| Some(answers.expected_error)),
                of(|answers| Some(answers.overconfidence)),
                of(|answers| Some(answers.answered)),
                of(|answers| answers.uar_of_answered),
            ];
            let recalls = (0..self.classes.len())
                .map(|class| number(entry.recall.get(class).copied().flatten()));
            table.write_record(fixed.into_iter().chain(recalls))?;
        }
        Ok(table.flush()?)
    }
}

fn row(entry: &Entry, corpus: &str, answers: &Answers, percentages: Option<bool>) -> String {
    format!(
        "| {} | {corpus} | {} | {:.3} | {} | {:.3} | {:.0} % | {} | {:.1} % |\n",
        entry.name,
        match percentages {
            Some(true) => "yes",
            Some(false) => "no",
            None => "–",
        },
        answers.expected_error,
        signed(answers.overconfidence, 3),
        entry.uar.value,
        100.0 * answers.answered,
        answers
            .uar_of_answered
            .map_or("–".into(), |uar| format!("{uar:.3}")),
        100.0 * answers.outside
    )
}
