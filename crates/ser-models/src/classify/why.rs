//! Why: what of a voice spoke for and against an answer, in words, and when.
//!
//! ```text
//! f_k(z) − f_k(r) = Σ_j W_kj (z_j − r_j) / T        r: the mean neutral recording of training (of all, where neutral is the answer)
//! ```
//!
//! Contributions are summed within the groups of voice properties and add up to the difference of the log odds, exactly but for rounding. A group speaks through
//! its column with the largest contribution: "louder than neutral by 2.1 sd", in standard deviations of the training recordings. Where the group has
//! a descriptor that runs through time, the stretches are named in which it stands in the outer tenth of this recording, on the side that spoke.

use serde::Serialize;

use super::classifier::Classifier;
use crate::explain::attribution::groups;
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
    /// By how many standard deviations that column is from the reference.
    pub deviations: f64,
    /// When, seconds; empty where the group has no time.
    pub spans: Vec<(f64, f64)>,
}

/// An answer explained.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Why {
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

/// Explains why `class` was answered; `contours`, if given, are the recording's descriptors.
///
/// # Panics
/// If the row has another number of columns than the model.
pub fn why(
    classifier: &Classifier,
    class: usize,
    standardised: &[f64],
    contours: Option<&Features>,
) -> Why {
    let neutral = classifier
        .classes
        .iter()
        .position(|name| name == "neutral")
        .filter(|neutral| *neutral != class);
    let (origin, reference, than) = match neutral {
        Some(neutral) if classifier.adapted.is_none() => (
            classifier.heads.single.means.row(neutral).to_vec(),
            "the mean neutral recording of training",
            "neutral",
        ),
        _ => (
            classifier.heads.centre.clone(),
            "the mean recording of training",
            "usual",
        ),
    };
    let (here, there) = (
        classifier.contributions(standardised),
        classifier.contributions(&origin),
    );
    let of_column = here.contributions[class]
        .iter()
        .zip(&there.contributions[class])
        .map(|(here, there)| here - there);
    let of_column: Vec<f64> = of_column.collect();
    let difference = here.scores[class] - there.scores[class];
    let groups = groups(&classifier.columns);
    let sums = groups.sum(&of_column);
    let residual = sums.iter().sum::<f64>() - difference;
    let known = FeatureSet::EGeMapsV02.columns(Level::Functionals);
    let mut voices: Vec<Voice> = Vec::new();
    for (group, (name, &contribution)) in groups.names().iter().zip(&sums).enumerate() {
        let members = (0..of_column.len()).filter(|&column| groups.group_of(column) == group);
        // The column that says what the group says, most of all.
        let strongest = members.max_by(|&a, &b| {
            (of_column[a] * contribution.signum())
                .total_cmp(&(of_column[b] * contribution.signum()))
        });
        let Some(column) = strongest else { continue };
        let deviations = standardised[column] - origin[column];
        let meaning = known
            .iter()
            .find(|known| known.name == classifier.columns[column])
            .map_or(classifier.columns[column].clone(), |known| {
                known.meaning.clone()
            });
        voices.push(Voice {
            group: name.clone(),
            contribution,
            words: words(&classifier.columns[column], &meaning, deviations, than),
            deviations,
            spans: contours.map_or(Vec::new(), |contours| {
                spans(contours, name, deviations > 0.0)
            }),
        });
    }
    voices.sort_by(|a, b| b.contribution.abs().total_cmp(&a.contribution.abs()));
    Why {
        class: classifier.classes[class].clone(),
        reference: reference.into(),
        difference,
        residual,
        voices,
    }
}

/// "louder than neutral by 2.1 sd (mean of loudness, all frames)".
fn words(column: &str, meaning: &str, deviations: f64, than: &str) -> String {
    const LEVELS: [(&str, &str, &str); 9] = [
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
    let sd = deviations.abs();
    match word {
        Some((_, more, less)) => format!(
            "{} than {than} by {sd:.1} sd ({meaning})",
            if deviations > 0.0 { more } else { less }
        ),
        None => format!(
            "{} than {than} by {sd:.1} sd ({meaning})",
            if deviations > 0.0 { "more" } else { "less" }
        ),
    }
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
        "Formant 1" => "F1frequency_sma3nz",
        "Formant 2" => "F2frequency_sma3nz",
        "Formant 3" => "F3frequency_sma3nz",
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
            words("loudness_sma3_amean", "mean of loudness", 2.14, "neutral"),
            "louder than neutral by 2.1 sd (mean of loudness)"
        );
        assert_eq!(
            words("F0semitoneFrom27.5Hz_sma3nz_amean", "m", -1.0, "usual"),
            "lower than usual by 1.0 sd (m)"
        );
        assert_eq!(
            words("mfcc1_sma3_stddevNorm", "m", 1.0, "usual"),
            "more than usual by 1.0 sd (m)"
        );
        assert!(words("loudnessPeaksPerSec", "m", 1.0, "usual").starts_with("faster"));
    }
}
