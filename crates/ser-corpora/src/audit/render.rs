//! The audit as text.

use std::fmt::Write;

use super::{Audit, CorpusAudit, Weight};
use ser_tables::{counted, fixed};

/// Files shown of each finding before the rest is counted.
const SHOWN: usize = 6;

impl Audit {
    /// As text: figures of each corpus, then the findings, gravest first.
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text)
            .expect("a string takes all that is written");
        text
    }

    /// Whether anything is graver than a note.
    pub fn is_clean(&self) -> bool {
        self.findings
            .iter()
            .all(|finding| finding.weight == Weight::Note)
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        for corpus in &self.corpora {
            write_figures(out, corpus)?;
        }
        let count = |weight| {
            self.findings
                .iter()
                .filter(|finding| finding.weight == weight)
                .count()
        };
        let counts =
            [Weight::Defect, Weight::Warning, Weight::Note].map(|weight| match count(weight) {
                1 => format!("1 {}", weight.word()),
                count => format!("{count} {}s", weight.word()),
            });
        writeln!(out, "{}", counts.join(", "))?;
        for finding in &self.findings {
            writeln!(
                out,
                "\n{} · {} · {}: {}",
                finding.weight.word(),
                finding.corpus,
                finding.kind,
                finding.message
            )?;
            writeln!(out, "  remedy: {}", finding.remedy)?;
            for file in finding.files.iter().take(SHOWN) {
                writeln!(out, "  {}: {}", file.path, file.note)?;
            }
            if finding.files.len() > SHOWN {
                writeln!(
                    out,
                    "  and {} more (all with --json)",
                    finding.files.len() - SHOWN
                )?;
            }
        }
        Ok(())
    }
}

fn write_figures(out: &mut String, corpus: &CorpusAudit) -> std::fmt::Result {
    let rates: Vec<String> = corpus
        .rates
        .iter()
        .map(|(rate, count)| format!("{rate} Hz ({count})"))
        .collect();
    writeln!(
        out,
        "{}: {}, {} hours, {}",
        corpus.corpus,
        counted(corpus.recordings, "recording"),
        fixed(corpus.hours, 2),
        rates.join(", ")
    )?;
    let spread = |values: [f64; 3], digits: usize| {
        let [least, median, most] = values.map(|value| fixed(value, digits));
        format!("{least} to {most}, median {median}")
    };
    writeln!(
        out,
        "  duration    {} s (9 of 10)",
        spread(corpus.seconds, 2)
    )?;
    writeln!(
        out,
        "  level       {} dB active speech",
        spread(corpus.level_db, 1)
    )?;
    if let Some(v) = corpus.balance.cramers_v {
        let (speakers, labels) = (corpus.balance.speakers.len(), corpus.balance.labels.len());
        writeln!(
            out,
            "  balance     {} × {}, Cramér's V {v:.2}",
            counted(speakers, "speaker"),
            counted(labels, "label")
        )?;
    }
    for leak in &corpus.leaks {
        let folds = if leak.speakers > 0 {
            "unseen speakers"
        } else {
            "speakers mixed"
        };
        writeln!(
            out,
            "  label from {:9}  recall {:.2} [{:.2}, {:.2}], chance {:.2} ({folds})",
            leak.from, leak.uar, leak.interval.0, leak.interval.1, leak.chance
        )?;
    }
    writeln!(out)
}
