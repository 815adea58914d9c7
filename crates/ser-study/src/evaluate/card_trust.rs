//! The part of a model's card that says how far its answers can be trusted.

use std::fmt::Write;

use super::learn_trust::JudgedPart;
use super::render::told;
use super::validation::Validation;
use ser_models::classify::basis::Basis;
use ser_models::classify::reliability::{LeftOut, Reliability};
use ser_models::classify::trust::Trust;
use ser_models::model::Pipeline;
use ser_tables::Statistics;
use ser_tables::labelled::Labelled;
use ser_tables::signed;

/// What answers were worth where they were left out of training, by what they rest on, and when the model does not answer.
pub fn trusted(text: &mut String, trust: &Trust, judged: &[JudgedPart]) {
    let _ = writeln!(
        text,
        "## How far its answers can be trusted\n\n{} Probabilities and thresholds are those that the other parts chose. ECE is the expected calibration error of the highest probability in ten bins of equal width.\n",
        capital(&format!("{}.", protocol(trust)))
    );
    let _ = writeln!(
        text,
        "| an answer rests on | left out | recordings | UAR of all | ECE | overconfidence | answered | UAR of answered |\n|---|---|---|---|---|---|---|---|"
    );
    for part in judged {
        let share = part.answered.recordings() as f64 / part.all.recordings().max(1) as f64;
        let uar = |uar: Option<f64>| uar.map_or("–".into(), |uar| format!("{uar:.3}"));
        let found = part.calibration.as_ref();
        let _ = writeln!(
            text,
            "| {} | {} | {} | {} | {} | {} | {:.0} % | {} |",
            part.basis.heading(),
            part.part,
            part.all.recordings(),
            uar(part.all.uar()),
            found.map_or("–".into(), |found| format!("{:.3}", found.expected_error)),
            found.map_or("–".into(), |found| signed(found.overconfidence, 3)),
            100.0 * share,
            uar(part.answered.uar()),
        );
    }
    let _ = writeln!(
        text,
        "\nPercentages are given only where the ECE is at most 0.10 and the answered have a higher UAR than all, on everything that was left out; elsewhere the label is called a guess.\n"
    );
    let _ = writeln!(
        text,
        "| an answer rests on | percentages | temperature | threshold | not answered | right |\n|---|---|---|---|---|---|"
    );
    for known in &trust.reliability {
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.3} | {:.0} % | {} |",
            known.basis.heading(),
            if known.percentages { "yes" } else { "no" },
            known.temperature,
            known.threshold,
            100.0 * known.abstained,
            right(known)
        );
    }
    let _ = writeln!(text);
    limits(text, trust);
}

fn protocol(trust: &Trust) -> String {
    match trust.left_out {
        LeftOut::Corpora => trust.protocol.clone(),
        LeftOut::Speakers => format!(
            "there is one training corpus, so that speakers were left out ({}); other corpora were not tested, and it does worse there",
            trust.protocol
        ),
        LeftOut::Recordings => format!(
            "speakers are unknown, so that recordings were left out ({}); other speakers and corpora were not tested, and it does worse there",
            trust.protocol
        ),
    }
}

/// Least and most accuracy of what is answered.
fn right(known: &Reliability) -> String {
    known.right.map_or("–".into(), |(low, high)| {
        match format!("{:.0}", 100.0 * low) == format!("{:.0}", 100.0 * high) {
            true => format!("{:.0} %", 100.0 * low),
            false => format!("{:.0} to {:.0} %", 100.0 * low, 100.0 * high),
        }
    })
}

fn limits(text: &mut String, trust: &Trust) {
    let features = format!(
        "more than {} of {} features outside the range of the training rows",
        trust.columns.most_outside,
        trust.columns.ranges.len()
    );
    let _ = match &trust.sound {
        Some(sound) => writeln!(
            text,
            "A recording is not answered that is unlike the training recordings: silence, or an active speech level below {:.0} dB re full scale; bandwidth below {:.1} kHz; less than {:.2} or more than {:.2} s of speech; less than {:.0} or more than {:.0} % of it voiced; more than {:.1} % of the samples clipped; {features}.\n",
            sound.level_db,
            sound.bandwidth_hz / 1e3,
            sound.speech_s.0,
            sound.speech_s.1,
            100.0 * sound.voiced.0,
            100.0 * sound.voiced.1,
            100.0 * sound.clipped
        ),
        None => writeln!(
            text,
            "A recording is not answered that is unlike the training rows: {features}. Its level, bandwidth, length, voicing and clipping are not compared: the training recordings were not beside the table.\n"
        ),
    };
}

/// The score of single recordings, for a model whose validation used statistics that a single recording has not.
pub fn alone(text: &mut String, pipeline: &Pipeline, validation: &Validation, table: &Labelled) {
    let of = match pipeline.normaliser.by() {
        Statistics::Corpus => "its corpus",
        Statistics::Speaker => "its speaker's recordings",
        Statistics::Train | Statistics::None => return,
    };
    let mut single = Validation {
        held: Vec::new(),
        ..validation.clone()
    };
    let mut found: Vec<(usize, usize)> = Vec::new();
    for held in &validation.held {
        let given = held
            .answers
            .iter()
            .find(|(basis, _)| *basis == Basis::Alone);
        let given = given.iter().flat_map(|(_, given)| given);
        found.extend(
            held.rows
                .iter()
                .copied()
                .zip(given.map(|given| given.class)),
        );
    }
    found.sort_unstable();
    if found.len() != single.rows.len() {
        return;
    }
    single.predicted = found.into_iter().map(|(_, class)| class).collect();
    if let Some(score) = single.score("all", table, pipeline.classes.len(), |_| true) {
        let _ = writeln!(
            text,
            "\nThese scores standardise a recording by the statistics of {of}. `ser classify` of a single recording has none and reaches a UAR of {} on the same recordings; with --adapt, --speakers or --one-speaker it takes those of the recordings given together.",
            told(&score.uar)
        );
    }
}

fn capital(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or(String::new(), |first| {
        first.to_uppercase().chain(letters).collect()
    })
}
