//! The comparison as text for a terminal, which is Markdown too, and as csv.

use std::io::Write;

use super::{LeaveOut, System};
use crate::evaluate::render::told;

impl LeaveOut {
    /// The comparison as a table for a terminal, which is Markdown too.
    pub fn render(&self) -> String {
        let mut text = String::new();
        let corpora: Vec<String> = self
            .corpora
            .iter()
            .map(|of| {
                format!(
                    "{} ({} recordings, {} speakers)",
                    of.corpus, of.recordings, of.speakers
                )
            })
            .collect();
        text += &format!(
            "Classes {}; chance {:.2}. {}\n",
            self.classes.join(", "),
            1.0 / self.classes.len() as f64,
            corpora.join(", ")
        );
        for left_out in [true, false] {
            text += match left_out {
                true => {
                    "\nUnweighted average recall, trained on all corpora but the one named; 95 % intervals by a bootstrap over speakers\n\n"
                }
                false => "\nThe same within each corpus, folds of whole speakers\n\n",
            };
            let names: Vec<&str> = self.corpora.iter().map(|of| of.corpus.as_str()).collect();
            text += &format!(
                "| system | {} | mean |\n|---|{}---|\n",
                names.join(" | "),
                "---|".repeat(names.len())
            );
            for system in System::ALL {
                let cells: Vec<String> = self
                    .entries
                    .iter()
                    .filter(|e| e.system == system && e.left_out == left_out)
                    .map(|e| told(&e.uar))
                    .collect();
                text += &format!("| {} | {} |\n", system.name(), cells.join(" | "));
            }
        }
        text +=
            "\nGain of the mean over corpora left out\n\n| system | over | gain |\n|---|---|---|\n";
        for gain in &self.gains {
            text += &format!(
                "| {} | {} | {} |\n",
                gain.system.name(),
                gain.over.name(),
                told(&gain.score)
            );
        }
        self.render_unheard(&mut text);
        text
    }

    fn render_unheard(&self, text: &mut String) {
        *text += "\nA whole model of the other corpora on one that it has not heard: calibration error, UAR of the surest recordings, and what is called unlike what it knows\n\n";
        *text += "| corpus | ECE | UAR of all | surest 80 % | surest 60 % | outside | of known recordings |\n|---|---|---|---|---|---|---|\n";
        for of in &self.unheard {
            let at = |share: f64| {
                of.curve
                    .iter()
                    .find(|point| point.abstained >= share - 0.01)
                    .map_or("–".into(), |point| format!("{:.3}", point.uar))
            };
            let reasons: Vec<String> = of
                .reasons
                .iter()
                .map(|(name, count)| format!("{name} {count}"))
                .collect();
            let reasons = if reasons.is_empty() {
                String::new()
            } else {
                format!(": {}", reasons.join(", "))
            };
            *text += &format!(
                "| {} | {:.3} | {} | {} | {} | {} of {}{reasons} | {} of {} |\n",
                of.corpus,
                of.calibration.expected_error,
                at(0.0),
                at(0.2),
                at(0.4),
                of.outside,
                of.calibration.recordings,
                of.known_outside,
                of.known
            );
        }
    }

    /// One line per system and corpus, as csv.
    ///
    /// # Errors
    /// What the target says.
    pub fn write_csv(&self, target: &mut dyn Write) -> Result<(), csv::Error> {
        let mut table = csv::Writer::from_writer(target);
        let recalls = self.classes.iter().map(|class| format!("recall_{class}"));
        let head = ["system", "protocol", "corpus", "uar", "low", "high"]
            .into_iter()
            .map(String::from);
        table.write_record(head.chain(recalls))?;
        for entry in &self.entries {
            let number = |x: Option<f64>| x.map(|x| format!("{x:.4}")).unwrap_or_default();
            let protocol = if entry.left_out {
                "corpus left out"
            } else {
                "speakers left out"
            };
            let fixed = [
                entry.system.name().to_string(),
                protocol.into(),
                entry.corpus.clone().unwrap_or_else(|| "mean".into()),
                number(Some(entry.uar.value)),
                number(entry.uar.interval.map(|i| i.low)),
                number(entry.uar.interval.map(|i| i.high)),
            ];
            let recalls = (0..self.classes.len())
                .map(|class| number(entry.recall.get(class).copied().flatten()));
            table.write_record(fixed.into_iter().chain(recalls))?;
        }
        Ok(table.flush()?)
    }
}
