//! How the answers of `ser classify` are shown: a card for each, a line for each, bars through time, or csv.

use std::collections::BTreeMap;
use std::fmt::Write;

use anyhow::Result;
use serde::Serialize;

use super::numbers;
use crate::session::write;
use ser_models::classify::answer_explanation::{AnswerExplanation, explain_answer};
use ser_models::classify::basis::Basis;
use ser_models::classify::{Answer, Model};
use ser_tables::signed;

/// Characters of a bar.
const BAR: usize = 28;

/// A recording, or a part of one, with its answer.
#[derive(Debug, Serialize)]
pub(super) struct AnsweredStretch {
    pub(super) file: String,
    pub(super) start: f64,
    pub(super) end: f64,
    /// Who speaks, where that was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) speaker: Option<String>,
    #[serde(flatten)]
    pub(super) answer: Answer,
    /// The probabilities by class.
    pub(super) classes: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) explanation: Option<AnswerExplanation>,
}

impl AnsweredStretch {
    /// An answer about a stretch of a file; `explained` asks for reasons, with the recording's descriptors where they are known.
    pub(super) fn new(
        model: &Model,
        file: String,
        (start, end): (f64, f64),
        answer: Answer,
        explained: Option<Option<&ser_features::Features>>,
    ) -> AnsweredStretch {
        let explanation = match (model, explained) {
            (Model::Classifier(classifier), Some(contours)) => {
                Some(explain_answer(classifier, &answer, contours))
            }
            _ => None,
        };
        let classes = answer.probabilities.as_ref().map(|p| {
            let classes = model.classes().iter().cloned();
            classes.zip(p.iter().copied()).collect()
        });
        AnsweredStretch {
            file,
            start,
            end,
            speaker: None,
            classes,
            explanation,
            answer,
        }
    }
}

/// The label, with a question mark if it is only a guess, or that there is none.
fn verdict(answer: &Answer) -> String {
    match (&answer.abstained, answer.guess) {
        (Some(_), _) => "cannot tell".into(),
        (None, _) if answer.number.is_some() => answer.number.iter().map(numbers::told).collect(),
        (None, true) => format!("{}?", answer.label),
        (None, false) => answer.label.clone(),
    }
}

/// What is said of a guess.
pub(super) fn guess(model: &Model, answer: &Answer) -> String {
    let right = right(answer).map_or_else(
        || "how many of such answers are right was not measured".to_string(),
        |right| format!("of such answers {right}"),
    );
    let help = match (answer.rests_on.basis, model) {
        (Basis::Alone, Model::Classifier(_)) => "; --baseline, --speakers or --one-speaker help",
        (Basis::Alone, Model::Pipeline(_)) if model.adapts() => {
            "; --adapt, --speakers or --one-speaker help"
        }
        _ => "",
    };
    format!("a guess: {right}{help}")
}

/// How many of such answers were right, and where that was measured.
fn right(answer: &Answer) -> Option<String> {
    let ((low, high), left_out) = answer.right.zip(answer.left_out)?;
    let [low, high] = [low, high].map(|share| format!("{:.0}", 100.0 * share));
    let share = match low == high {
        true => format!("{low} %"),
        false => format!("{low} to {high} %"),
    };
    Some(format!("{share} were right in {left_out}"))
}

/// What is said of the first guess; nothing where there is none.
pub(super) fn first_guess(model: &Model, heard: &[AnsweredStretch]) -> Option<String> {
    let guessed = heard.iter().find(|heard| heard.answer.guess);
    guessed.map(|heard| guess(model, &heard.answer))
}

/// A card for one recording.
pub(super) fn card(model: &Model, heard: &AnsweredStretch) -> String {
    let mut text = String::new();
    let answer = &heard.answer;
    let _ = writeln!(text, "{}", heard.file);
    let facts = match &answer.facts {
        Some(facts) => format!(
            ", {:.1} s of speech, {:.0} % of it voiced",
            facts.speech_s,
            100.0 * facts.voiced
        ),
        None => String::new(),
    };
    let _ = writeln!(text, "  {:.1} s{facts}", heard.end - heard.start);
    match &answer.abstained {
        Some(reason) => {
            let _ = writeln!(text, "\n  cannot tell: {reason}");
            let told = answer.number.as_ref().map(numbers::told);
            let _ = writeln!(
                text,
                "  (best guess: {}; --no-abstain shows it)",
                told.as_ref().unwrap_or(&answer.label)
            );
        }
        None => {
            let guess = if answer.guess { " (a guess)" } else { "" };
            let told = answer.number.as_ref().map(numbers::told);
            let label = told.as_ref().unwrap_or(&answer.label);
            let _ = writeln!(text, "\n  {label}{guess}");
        }
    }
    if let Some(support) = &answer.support {
        let _ = writeln!(text);
        for (at, (class, share)) in model.classes().iter().zip(support).enumerate() {
            let p = answer
                .probabilities
                .as_ref()
                .map_or(String::new(), |p| format!(" {:.2}", p[at]));
            let _ = writeln!(
                text,
                "{}",
                format!("  {class:<10} {}{p}", bar(*share, BAR)).trim_end()
            );
        }
    }
    let _ = match model {
        Model::Classifier(_) => writeln!(text, "\n  rests on {}", answer.rests_on),
        Model::Pipeline(_) => writeln!(text, "\n  rests on {}", answer.rests_on.of_statistics()),
    };
    if answer.abstained.is_none() {
        let told = match (&answer.number, answer.guess) {
            (Some(number), _) => Some(numbers::agreement(number, answer)),
            (None, true) => Some(guess(model, answer)),
            (None, false) => right(answer).map(|right| format!("of such answers {right}")),
        };
        if let Some(told) = told {
            let _ = writeln!(text, "  {told}");
        }
    }
    if let Some(latent) = &answer.latent {
        let at: Vec<String> = latent.iter().map(|&x| signed(x, 2)).collect();
        let _ = writeln!(text, "\n  latent ({})", at.join(", "));
    }
    let _ = match answer.outside.as_slice() {
        [] => writeln!(
            text,
            "  like the training data in {}",
            answer.checked.join(", ")
        ),
        reasons => writeln!(text, "  unlike the training data: {}", reasons.join("; ")),
    };
    if let Some(explanation) = &heard.explanation {
        explain(&mut text, explanation);
    }
    text.push('\n');
    text
}

fn explain(text: &mut String, explanation: &AnswerExplanation) {
    let _ = writeln!(
        text,
        "\n  why {}, against {} (log odds {}; the groups add up to it within {:.0e})",
        explanation.class,
        explanation.reference,
        signed(explanation.difference, 2),
        explanation.residual.abs()
    );
    for (title, sign) in [("for", 1.0), ("against", -1.0)] {
        for voice in explanation
            .voices
            .iter()
            .filter(|voice| voice.contribution * sign > 0.0)
            .take(5)
        {
            let when: Vec<String> = voice
                .spans
                .iter()
                .map(|(start, end)| format!("{start:.2}–{end:.2} s"))
                .collect();
            let when = if when.is_empty() {
                String::new()
            } else {
                format!("; most so at {}", when.join(", "))
            };
            let _ = writeln!(
                text,
                "  {title:<8}{}  {}: {}{when}",
                signed(voice.contribution, 2),
                voice.group,
                voice.words
            );
        }
    }
}

/// A bar of eighths of a character.
fn bar(share: f64, width: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (width * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
        .get(eighths % 8)
        .filter(|_| !eighths.is_multiple_of(8))
    {
        bar.push(*part);
    }
    let missing = width - bar.chars().count();
    bar + &" ".repeat(missing)
}

/// A line for each recording.
pub(super) fn lines(model: &Model, heard: &[AnsweredStretch]) -> String {
    let longest = heard
        .iter()
        .map(|heard| heard.file.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(9, 60);
    let answer = widest_answer(model, heard);
    // A column of probabilities is as wide as the name of its class.
    let classes = model.classes();
    let widths: Vec<usize> = classes.iter().map(|c| c.chars().count().max(6)).collect();
    let columns: String = (classes.iter().zip(&widths))
        .map(|(class, width)| format!("  {class:>width$}"))
        .collect();
    let mut text = format!(
        "{:<longest$}  {:<answer$}{columns}\n",
        "recording", "answer"
    );
    for heard in heard {
        let numbers = heard.answer.probabilities.iter().flatten();
        let probabilities: String = (numbers.zip(&widths))
            .map(|(p, width)| format!("  {p:>width$.2}"))
            .collect();
        let line = format!(
            "{:<longest$}  {:<answer$}{probabilities}",
            heard.file,
            verdict(&heard.answer)
        );
        let _ = writeln!(text, "{}", line.trim_end());
    }
    let answered = heard
        .iter()
        .filter(|heard| heard.answer.abstained.is_none())
        .count();
    let _ = writeln!(
        text,
        "\n{answered} of {} answered; --json gives the reasons for the others",
        heard.len()
    );
    let mut grounds: Vec<String> = heard
        .iter()
        .map(|heard| heard.answer.rests_on.basis.heading().to_string())
        .collect();
    grounds.sort_unstable();
    grounds.dedup();
    let _ = writeln!(text, "answers rest on: {}", grounds.join("; "));
    if let Some(guess) = first_guess(model, heard) {
        let _ = writeln!(text, "? {guess}");
    }
    text
}

/// The width of the column of answers.
fn widest_answer(model: &Model, heard: &[AnsweredStretch]) -> usize {
    let answers = heard
        .iter()
        .map(|heard| verdict(&heard.answer).chars().count());
    let classes = model.classes().iter().map(|class| class.chars().count());
    answers.chain(classes).max().unwrap_or(0).max(10)
}

/// The guess through time.
pub(super) fn through_time(model: &Model, heard: &[AnsweredStretch]) -> String {
    let answer = widest_answer(model, heard);
    let widths: Vec<usize> = (model.classes().iter())
        .map(|class| class.chars().count().max(11))
        .collect();
    let mut text = String::new();
    let mut file = "";
    for heard in heard {
        if heard.file != file {
            let classes: String = (model.classes().iter().zip(&widths))
                .map(|(class, width)| format!("  {class:<width$}"))
                .collect();
            let _ = writeln!(
                text,
                "{}\n  {:<16}{:<answer$}{}",
                heard.file,
                "seconds",
                "answer",
                classes.trim_end()
            );
            file = &heard.file;
        }
        let shares = heard.answer.support.iter().flatten();
        let bars: String = (shares.zip(&widths))
            .map(|(share, width)| {
                let told = match heard.answer.guess {
                    true => bar(*share, 6),
                    false => format!("{} {:3.0}", bar(*share, 6), 100.0 * share),
                };
                format!("  {told:<width$}")
            })
            .collect();
        let _ = writeln!(
            text,
            "  {:>6.2} – {:<7.2}{:<answer$}{}",
            heard.start,
            heard.end,
            verdict(&heard.answer),
            bars.trim_end()
        );
    }
    if let Some(guess) = first_guess(model, heard) {
        let _ = writeln!(text, "\n? {guess}");
    }
    if heard.iter().any(|heard| heard.answer.abstained.is_some()) {
        text.push_str("\ncannot tell: --json gives the reasons, --no-abstain the best guesses\n");
    }
    text
}

/// A csv line for each, its columns in the order of those of turns ([`ser::session::write::csv`]).
pub(super) fn table(
    model: &Model,
    heard: &[AnsweredStretch],
    named: impl Fn(&str) -> String,
) -> Result<String> {
    if let Some(target) = model.target() {
        let lines = heard.iter().map(|heard| numbers::Line {
            file: named(&heard.file),
            start: heard.start,
            end: heard.end,
            speaker: heard.speaker.as_deref().map(&named).unwrap_or_default(),
            answer: &heard.answer,
        });
        return numbers::table(target, lines);
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(write::head(model.classes()))?;
    for heard in heard {
        let answer = &heard.answer;
        let answered = if answer.abstained.is_some() {
            ""
        } else {
            answer.label.as_str()
        };
        let mut record = vec![
            named(&heard.file),
            heard.start.to_string(),
            heard.end.to_string(),
            heard.speaker.as_deref().map(&named).unwrap_or_default(),
            answered.into(),
            answer.label.clone(),
            answer.abstained.clone().unwrap_or_default(),
        ];
        record.extend(write::cells(Some(answer), model.classes().len()));
        writer.write_record(&record)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}
