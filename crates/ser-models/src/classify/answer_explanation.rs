//! What of a voice spoke for and against an answer, in words, and when.
//!
//! ```text
//! f_k(z) − f_k(r) = Σ_j W_kj (z_j − r_j) / T
//! r   of a known voice: the speaker's own neutral speech, or the middle of the classes where neutral is the answer
//!     otherwise: the mean neutral recording of training (of all, where neutral is the answer)
//! ```
//!
//! Effects are summed within the groups of voice properties and add up to the difference of the log odds, exactly but for rounding. A group speaks through
//! its column of the corrected set with the largest effect: "higher than this speaker's ordinary voice by 3.0 semitones", in the column's unit where it
//! is a level with one, in standard deviations otherwise. What eGeMAPSv02 calls formants are spectral peaks that hardly follow the formants at these
//! rates, and are called so. Where the group has a descriptor that runs through time, the stretches are named in which it stands in the outer tenth of
//! this recording, on the side that spoke.

use serde::Serialize;

use super::answer::Answer;
use super::basis::Basis;
use super::classifier::Classifier;
use super::transform::split;
use crate::explain::group::Groups;
use ser_features::feature::{FeatureSet, Features, Level};

/// What a group of features said.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Voice {
    /// The group.
    pub group: String,
    /// What it adds to the log odds of the answer; above 0 it spoke for it.
    pub contribution: f64,
    /// Its strongest column, in words.
    pub words: String,
    /// By how many standard deviations that column differs from the reference.
    pub deviations: f64,
    /// When, seconds; empty where the group has no time.
    pub spans: Vec<(f64, f64)>,
}

/// An answer explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AnswerExplanation {
    /// The class explained.
    pub class: String,
    /// What it is compared with.
    pub reference: String,
    /// Its log odds beyond the reference's: what the contributions add up to.
    pub difference: f64,
    /// What they miss it by.
    pub residual: f64,
    /// The groups, strongest first.
    pub voices: Vec<Voice>,
}

/// Time between descriptors, seconds (eGeMAPS).
const HOP_S: f64 = 0.01;
/// Frames that a stretch has at least: 50 ms.
const SHORTEST: usize = 5;
/// Stretches named.
const MOST: usize = 3;

/// Explains an answer of the model; `contours`, if given, are the recording's descriptors.
///
/// # Panics
/// If the answer is of another model.
pub fn explain_answer(
    classifier: &Classifier,
    answer: &Answer,
    contours: Option<&Features>,
) -> AnswerExplanation {
    let band = &classifier.bands[answer.band];
    let heads = &band.heads;
    let class = answer.class;
    let neutral = classifier
        .classes
        .iter()
        .position(|name| name == "neutral")
        .filter(|neutral| *neutral != class);
    let (discriminant, row, units) = match &answer.relative {
        Some(row) => (&heads.relative.discriminant, row, &heads.relative.scale),
        None => (&heads.general, &answer.standardised, &heads.deviation),
    };
    let calm = matches!(answer.rests_on.basis, Basis::CalmClip | Basis::CalmClips);
    let (origin, reference, than) = match (&answer.relative, neutral) {
        (Some(_), Some(neutral)) => (
            heads.relative.offsets.row(neutral).to_vec(),
            "this speaker's ordinary voice",
            if calm {
                "this speaker's ordinary voice"
            } else {
                "this speaker's ordinary voice, as estimated"
            },
        ),
        (Some(row), None) => (
            vec![0.0; row.len()],
            "the middle of this speaker's emotions",
            "the middle of this speaker's emotions",
        ),
        (None, Some(neutral)) => (
            heads.general.means.row(neutral).to_vec(),
            "the mean neutral recording of training",
            "neutral",
        ),
        (None, None) => (
            heads.centre.clone(),
            "the mean recording of training",
            "usual",
        ),
    };
    let temperature = band.of(answer.rests_on.basis).temperature;
    let effects = Classifier::effects(discriminant, row, &origin);
    let of_column: Vec<f64> = effects.effects[class]
        .iter()
        .map(|effect| effect / temperature)
        .collect();
    let difference = (effects.scores[class] - effects.reference[class]) / temperature;
    let groups = Groups::new(
        &classifier
            .columns
            .iter()
            .map(|column| group(column))
            .collect::<Vec<_>>(),
    );
    let sums = groups.sum(&of_column);
    let residual = sums.iter().sum::<f64>() - difference;
    let mut voices: Vec<Voice> = Vec::new();
    for (number, (name, &contribution)) in groups.names().iter().zip(&sums).enumerate() {
        let members = (0..of_column.len()).filter(|&column| groups.group_of(column) == number);
        // The column that says what the group says, most of all; a corrected one, where one says it.
        let strongest = members.max_by(|&a, &b| {
            let says = |column: usize| {
                let effect = of_column[column] * contribution.signum();
                (
                    effect > 0.0 && !split(&classifier.columns[column]).0.is_empty(),
                    effect,
                )
            };
            let (a, b) = (says(a), says(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let Some(column) = strongest else { continue };
        let deviations = row[column] - origin[column];
        voices.push(Voice {
            group: name.clone(),
            contribution,
            words: words(
                level(&classifier.columns[column]),
                &meaning(&classifier.columns[column]),
                deviations,
                deviations * units[column],
                than,
            ),
            deviations,
            spans: contours.map_or(Vec::new(), |contours| {
                spans(contours, name, deviations > 0.0)
            }),
        });
    }
    voices.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    AnswerExplanation {
        class: classifier.classes[class].clone(),
        reference: reference.into(),
        difference,
        residual,
        voices,
    }
}

/// The group of a column of either set.
fn group(column: &str) -> String {
    let (set, name) = split(column);
    let known = FeatureSet::EGeMapsV02.columns(Level::Functionals);
    let group = known
        .iter()
        .find(|known| known.name == name)
        .map_or(name, |known| known.group.name());
    match group.strip_prefix("Formant ") {
        Some(number) if set.is_empty() => {
            format!("Spectral peak {number} (formant {number} of eGeMAPSv02)")
        }
        _ => group.to_string(),
    }
}

/// What a column of either set is.
fn meaning(column: &str) -> String {
    let (set, name) = split(column);
    let set = if set.is_empty() {
        FeatureSet::EGeMapsV02
    } else {
        FeatureSet::EGeMapsSer
    };
    let known = set.columns(Level::Functionals);
    known
        .iter()
        .find(|known| known.name == name)
        .map_or(name.to_string(), |known| known.meaning.clone())
}

/// The name by which a column of either set has words of its own; none for what is called a formant and is a spectral peak.
fn level(column: &str) -> &str {
    let (set, name) = split(column);
    let is_peak = set.is_empty()
        && ["F1", "F2", "F3"]
            .iter()
            .any(|start| name.starts_with(start) && name.contains("frequency"));
    if is_peak { "" } else { name }
}

/// "louder than neutral by 2.1 sd (mean of loudness, all frames)"; `difference` is in the column's unit.
fn words(column: &str, meaning: &str, deviations: f64, difference: f64, than: &str) -> String {
    /// Units of columns that are levels and no logarithms.
    const UNITS: [(&str, &str); 7] = [
        ("F0semitone", "semitones"),
        ("HNR", "dB"),
        ("alphaRatio", "dB"),
        ("hammarberg", "dB"),
        ("F1frequency", "Hz"),
        ("F2frequency", "Hz"),
        ("F3frequency", "Hz"),
    ];
    const LEVELS: [(&str, &str, &str); 12] = [
        (
            "F1frequency",
            "higher in the first formant",
            "lower in the first formant",
        ),
        (
            "F2frequency",
            "higher in the second formant",
            "lower in the second formant",
        ),
        (
            "F3frequency",
            "higher in the third formant",
            "lower in the third formant",
        ),
        ("F0semitone", "higher", "lower"),
        ("loudness_sma3", "louder", "softer"),
        ("jitter", "rougher (more jitter)", "smoother (less jitter)"),
        (
            "shimmer",
            "more uneven in amplitude",
            "more even in amplitude",
        ),
        ("HNR", "clearer (more harmonic)", "noisier (less harmonic)"),
        (
            "alphaRatio",
            "brighter (more energy above 1 kHz)",
            "darker (less energy above 1 kHz)",
        ),
        (
            "hammarberg",
            "darker (Hammarberg index higher)",
            "brighter (Hammarberg index lower)",
        ),
        ("loudnessPeaksPerSec", "faster", "slower"),
        ("spectralFlux", "changing faster", "changing slower"),
    ];
    let is_level = [
        "_amean",
        "percentile20.0",
        "percentile50.0",
        "percentile80.0",
        "PeaksPerSec",
    ]
    .iter()
    .any(|end| column.ends_with(end));
    let word = LEVELS
        .iter()
        .rev()
        .find(|(start, _, _)| is_level && column.starts_with(start));
    let unit = UNITS
        .iter()
        .find(|(start, _)| is_level && column.starts_with(start));
    let amount = match unit {
        Some((_, unit)) => format!("{:.1} {unit}", difference.abs()),
        None => format!("{:.1} sd", deviations.abs()),
    };
    let word = match word {
        Some((_, more, _)) if deviations > 0.0 => more,
        Some((_, _, less)) => less,
        None if deviations > 0.0 => "more",
        None => "less",
    };
    format!("{word} than {than} by {amount} ({meaning})")
}

/// The descriptor that a group is of.
fn descriptor(group: &str) -> Option<&'static str> {
    Some(match group {
        "Pitch" => "F0semitoneFrom27.5Hz_sma3nz",
        "Loudness" => "Loudness_sma3",
        "Spectral flux" | "Spectral flux V" => "spectralFlux_sma3",
        "Jitter" => "jitterLocal_sma3nz",
        "Shimmer" => "shimmerLocaldB_sma3nz",
        "HNR" => "HNRdBACF_sma3nz",
        "Alpha ratio V" => "alphaRatio_sma3",
        "Hammarberg index V" => "hammarbergIndex_sma3",
        _ => return None,
    })
}

/// The longest stretches in which the group's descriptor is in its upper (lower) tenth.
fn spans(contours: &Features, group: &str, upper: bool) -> Vec<(f64, f64)> {
    let column =
        descriptor(group).and_then(|name| contours.names().position(|known| known == name));
    let Some(column) = column else {
        return Vec::new();
    };
    let values: Vec<f32> = contours.rows().map(|row| row.values[column]).collect();
    // Exactly 0 is absent: unvoiced, or silent.
    let mut present: Vec<f32> = values.iter().copied().filter(|x| *x != 0.0).collect();
    present.sort_by(f32::total_cmp);
    let at = if upper {
        present.len() * 9 / 10
    } else {
        present.len() / 10
    };
    let Some(&limit) = present.get(at) else {
        return Vec::new();
    };
    let inside = |x: f32| x != 0.0 && if upper { x >= limit } else { x <= limit };
    let mut found: Vec<(usize, usize)> = Vec::new();
    let mut start = None;
    for (frame, &x) in values.iter().chain([&0.0]).enumerate() {
        match (start, inside(x)) {
            (None, true) => start = Some(frame),
            (Some(first), false) => {
                if frame - first >= SHORTEST {
                    found.push((first, frame));
                }
                start = None;
            }
            _ => {}
        }
    }
    found.sort_by_key(|(first, last)| std::cmp::Reverse(last - first));
    found.truncate(MOST);
    found.sort_unstable();
    found
        .into_iter()
        .map(|(first, last)| (first as f64 * HOP_S, last as f64 * HOP_S))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_told_by_their_own_words_and_spreads_as_more_or_less() {
        assert_eq!(
            words(
                "loudness_sma3_amean",
                "mean of loudness",
                2.14,
                0.3,
                "neutral"
            ),
            "louder than neutral by 2.1 sd (mean of loudness)"
        );
        assert_eq!(
            words(
                "F0semitoneFrom27.5Hz_sma3nz_amean",
                "m",
                -1.0,
                -3.04,
                "usual"
            ),
            "lower than usual by 3.0 semitones (m)"
        );
        assert_eq!(
            words("mfcc1_sma3_stddevNorm", "m", 1.0, 1.0, "usual"),
            "more than usual by 1.0 sd (m)"
        );
        assert!(words("loudnessPeaksPerSec", "m", 1.0, 1.0, "usual").starts_with("faster"));
    }

    #[test]
    fn what_is_called_a_formant_is_one() {
        assert_eq!(group("eGeMAPS-ser/F1frequency_sma3nz_amean"), "Formant 1");
        assert_eq!(
            group("F1frequency_sma3nz_amean"),
            "Spectral peak 1 (formant 1 of eGeMAPSv02)"
        );
        assert_eq!(
            group("eGeMAPS-ser/loudness_sma3_amean"),
            group("loudness_sma3_amean")
        );
        assert!(!meaning("eGeMAPS-ser/F1frequency_sma3nz_amean").is_empty());
        assert_eq!(
            level("eGeMAPS-ser/F1frequency_sma3nz_amean"),
            "F1frequency_sma3nz_amean"
        );
        assert_eq!(level("F1frequency_sma3nz_amean"), "");
        assert_eq!(
            level("F0semitoneFrom27.5Hz_sma3nz_amean"),
            "F0semitoneFrom27.5Hz_sma3nz_amean"
        );
    }
}
