//! What a model of `ser train` predicts for a recording measured as the rows of its table were.
//!
//! ```text
//! features ─ normaliser ─ representation ─ classifier ─ probabilities ─ temperature ─ answered, a guess, or not
//!     └──────────────────────────────────────────────────── limits ────────────────────┘
//! ```
//!
//! Limits, temperature and threshold are the model's [`Trust`]; one without it only guesses. Features more than ten standard deviations from the
//! training rows, the limit that those had, are never answered.

use super::answer::{Answer, Number, checked};
use super::front_end::RecordingFacts;
use super::trust::{Trust, tempered};
use super::voice::Ground;
use crate::model::{self, Pipeline};
use ser_tables::LIMIT;

/// Predicts the class of a recording by its features and what it is like.
///
/// # Panics
/// If it has another number of features.
pub fn answer(
    pipeline: &Pipeline,
    trust: Option<&Trust>,
    features: &[f32],
    facts: &RecordingFacts,
    ground: &Ground,
) -> Answer {
    let rests_on = ground.rests_on(0, facts.speech_s);
    let batch = match ground {
        Ground::Rows { scaler, .. } => Some(scaler.as_ref()),
        _ => None,
    };
    let standardised = pipeline.normaliser.alone(features, batch);
    let z = ndarray::ArrayView2::from_shape((1, standardised.len()), &standardised);
    let latent = z.map_or_else(
        |_| Vec::new(),
        |z| pipeline.reducer.transform(z).row(0).to_vec(),
    );
    let class = pipeline.classifier.predict(&latent);
    let known = trust.and_then(|trust| trust.of(rests_on.basis));
    let support = pipeline.classifier.probabilities(&latent).map(|p| {
        let temperature = known.map_or(1.0, |known| known.temperature);
        tempered(&p, temperature)
    });
    let outside = outside((pipeline, trust), features, facts);
    let doubt = || known?.doubt(support.as_ref()?[class]);
    let number = pipeline.target().zip(pipeline.classifier.value(&latent));
    let number = number.map(|(of, value)| {
        let basis = rests_on.basis;
        let spread = trust.and_then(|trust| trust.spread.iter().find(|of| of.basis == basis));
        Number {
            of: of.to_string(),
            value,
            interval: spread.map(|of| (value - of.half_width, value + of.half_width)),
            ccc: spread.map(|of| of.ccc),
        }
    });
    let percentages = known.is_some_and(|known| known.percentages);
    let right = known.and_then(|known| known.right);
    let sound = trust.is_some_and(|trust| trust.sound.is_some());
    Answer {
        label: match number {
            Some(_) => String::new(),
            None => pipeline.classes[class].clone(),
        },
        class,
        abstained: outside.first().cloned().or_else(doubt),
        guess: match &number {
            // No better than the mean on something that was left out, or not measured.
            Some(number) => number.ccc.is_none_or(|(low, _)| low <= 0.0),
            None => !percentages,
        },
        right,
        left_out: trust
            .filter(|_| right.is_some() || number.is_some())
            .map(|trust| trust.left_out),
        number,
        rests_on,
        probabilities: support.clone().filter(|_| percentages),
        support,
        relative: None,
        band: 0,
        latent: (pipeline.recipe.representation != model::Representation::Raw).then_some(latent),
        checked: match sound {
            true => checked(facts),
            false => vec!["features"],
        },
        outside,
        standardised,
        facts: Some(*facts),
    }
}

/// In what a recording is unlike the training rows, in words.
fn outside(
    (pipeline, trust): (&Pipeline, Option<&Trust>),
    features: &[f32],
    facts: &RecordingFacts,
) -> Vec<String> {
    let row: Vec<f64> = pipeline.normaliser.overall().transform(features).collect();
    let reasons = trust.map_or(Vec::new(), |trust| {
        trust.reasons(facts, &row, &pipeline.columns)
    });
    let mut outside: Vec<String> = reasons.iter().map(ToString::to_string).collect();
    let far: Vec<&str> = row
        .iter()
        .zip(&pipeline.columns)
        .filter(|(z, _)| z.abs() > LIMIT)
        .map(|(_, name)| name.as_str())
        .collect();
    match far.as_slice() {
        [] => {}
        [name] => outside.push(format!(
            "one feature is more than {LIMIT} standard deviations from the training data: {name}"
        )),
        names => outside.push(format!(
            "{} features are more than {LIMIT} standard deviations from the training data: {}",
            names.len(),
            names.join(", ")
        )),
    }
    outside
}
