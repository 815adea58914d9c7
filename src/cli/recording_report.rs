//! What a page shows of recordings: contours, and for a single one its samples and features as well.

use std::path::Path;

use anyhow::{Context, Result};

use super::output::{complain, shown};
use crate::extract::{self, Worker};
use ser_audio::Recording;
use ser_features::feature::{FeatureSet, Features, Level};
use ser_models::classify::Ground;
use ser_models::classify::Model;
use ser_models::classify::answer_explanation::{Voice, explain_answer};
use ser_models::classify::front_end::Sound;
use ser_models::model::file::Saved;
use ser_study::report::{self, Contours, Feature, Tracks};
use ser_tables::counted;

/// The set that contours and features are of.
const SET: FeatureSet = FeatureSet::EGeMapsV02;

/// Measures contours, recording after recording.
#[derive(Debug, Default)]
pub struct Measure(Option<Worker>);

impl Measure {
    /// The descriptors of a recording.
    fn descriptors(&mut self, path: &Path) -> Result<Features, crate::Error> {
        let settings = extract::ExtractionSettings {
            set: SET,
            level: Level::Descriptors,
            ..extract::ExtractionSettings::default()
        };
        self.0
            .get_or_insert_with(|| Worker::new(settings))
            .extract(path)
    }

    /// Pitch, loudness and formants of a recording; none if it cannot be read.
    pub fn contours(&mut self, path: &Path, row: usize) -> Option<Contours> {
        let tracks = Tracks::of(&self.descriptors(path).ok()?);
        Some(Contours {
            row,
            hop_s: tracks.hop_s,
            pitch_hz: tracks.pitch_hz,
            loudness: tracks.loudness,
            formants_hz: tracks.formants_hz,
        })
    }
}

/// What a recording's features are compared with.
pub struct Population {
    columns: Vec<String>,
    mean: Vec<f64>,
    deviation: Vec<f64>,
    told: String,
}

impl Population {
    /// That of a model's training data.
    pub fn read(path: &Path) -> Result<Population> {
        let saved = Saved::read(path)?;
        let scaler = saved.pipeline.normaliser.overall();
        let sources = saved.facts.corpora.iter().map(|source| {
            format!(
                "{} of {}",
                counted(source.recordings, "recording"),
                source.corpus
            )
        });
        Ok(Population {
            mean: scaler.mean().to_vec(),
            deviation: scaler.deviation().to_vec(),
            told: sources.collect::<Vec<_>>().join(", "),
            columns: saved.pipeline.columns,
        })
    }

    fn of(&self, name: &str) -> Option<(f64, f64)> {
        let column = self.columns.iter().position(|known| known == name)?;
        Some((self.mean[column], self.deviation[column]))
    }
}

/// The page of a recording.
pub fn page(
    path: &Path,
    name: &str,
    population: Option<&Population>,
    embed: bool,
) -> Result<String> {
    let named = || name.to_owned();
    let (samples, rate_hz, warnings) = samples(path).with_context(named)?;
    for warning in &warnings {
        complain(&shown(&format!("{}: {warning}", path.display())));
    }
    let functionals = Worker::new(extract::ExtractionSettings::default())
        .extract(path)
        .with_context(named)?;
    let descriptors = Measure::default().descriptors(path).with_context(named)?;
    let columns = SET.columns(Level::Functionals);
    let features = Feature::all(&columns, &functionals, |name| population?.of(name));
    let bytes = if embed {
        Some(std::fs::read(path).with_context(named)?)
    } else {
        None
    };
    let guess = guess(path).with_context(named)?;
    let classes: Vec<(&str, f64)> = guess
        .classes
        .iter()
        .map(|(class, p)| (class.as_str(), *p))
        .collect();
    let recording = report::ReportedRecording {
        name,
        warnings: &warnings,
        samples: &samples,
        rate_hz,
        tracks: Tracks::of(&descriptors),
        features: &features,
        population: population.map_or("", |population| &population.told),
        guess: Some(report::Guess {
            model: "the built-in model",
            classes: &classes,
            bars_only: guess.bars_only,
            reasons: &guess.reasons,
        }),
        audio: bytes.as_deref().map(|bytes| (bytes, media_type(path))),
    };
    Ok(report::recording_page(&recording)?)
}

/// What the built-in model makes of a recording.
struct BuiltInGuess {
    classes: Vec<(String, f64)>,
    bars_only: bool,
    reasons: Vec<String>,
}

/// Voice properties named for the guess.
const REASONS: usize = 5;

fn guess(path: &Path) -> Result<BuiltInGuess> {
    let model = Model::built_in()?;
    let measured = model.measure()?.measure(&Sound::open(path)?)?;
    let answer = model.answer(&measured, &Ground::Alone)?;
    let mut reasons: Vec<String> = answer
        .abstained
        .iter()
        .map(|reason| format!("It cannot tell: {reason}."))
        .collect();
    if answer.guess {
        reasons.push(format!(
            "{}: {}. The bars are no probabilities.",
            answer.label,
            super::answers::guess(&model, &answer)
        ));
    }
    if let Model::Classifier(classifier) = &model {
        let explanation = explain_answer(classifier, &answer, None);
        let told = |voice: &Voice| {
            let side = if voice.contribution > 0.0 {
                "For"
            } else {
                "Against"
            };
            format!(
                "{side} {}: {}, {}.",
                explanation.class, voice.group, voice.words
            )
        };
        reasons.extend(explanation.voices.iter().take(REASONS).map(told));
    }
    let probabilities = answer.support.unwrap_or_default();
    Ok(BuiltInGuess {
        classes: model.classes().iter().cloned().zip(probabilities).collect(),
        bars_only: answer.probabilities.is_none(),
        reasons,
    })
}

/// All samples of a recording, mono; their rate; and what there is to say about it.
fn samples(path: &Path) -> Result<(Vec<f32>, u32, Vec<String>)> {
    let mut recording = Recording::open(path, &ser_audio::DecodingSettings::default())?;
    let samples = recording.read_to_end()?;
    let warnings = recording.warnings();
    let warnings = warnings.iter().map(ToString::to_string).collect();
    Ok((samples, recording.rate(), warnings))
}

/// The media type by the file's extension.
fn media_type(path: &Path) -> &'static str {
    let extension = path
        .extension()
        .map(|extension| extension.to_string_lossy().to_lowercase());
    match extension.as_deref() {
        Some("flac") => "audio/flac",
        Some("mp3") => "audio/mpeg",
        Some("ogg" | "oga") => "audio/ogg",
        Some("m4a" | "mp4" | "aac") => "audio/mp4",
        _ => "audio/wav",
    }
}
