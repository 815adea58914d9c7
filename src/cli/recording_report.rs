//! What a page shows of recordings: contours, and for a single one its samples and features as well.

use std::path::Path;

use anyhow::{Context, Result};

use crate::extract::{self, Worker};
use ser_audio::Recording;
use ser_features::feature::egemaps::columns;
use ser_features::feature::{FeatureSet, Features, Level};
use ser_models::classify::answer::Model;
use ser_models::classify::front_end::Sound;
use ser_models::classify::why::{Voice, why};
use ser_models::model::file::Saved;
use ser_study::report::{self, Contours, Feature, Tracks};

/// The set that contours and features are of.
const SET: FeatureSet = FeatureSet::EGeMapsV02;
/// Time between values of a contour, seconds (eGeMAPS).
const HOP_S: f64 = 0.01;
/// Pitch of 0 semitones, Hz (eGeMAPS).
const LOWEST_HZ: f32 = 27.5;

/// Measures contours, recording after recording.
#[derive(Debug, Default)]
pub struct Measure(Option<Worker>);

impl Measure {
    /// The descriptors of a recording.
    fn descriptors(&mut self, path: &Path) -> Result<Features, crate::Error> {
        let settings = extract::Settings {
            set: SET,
            level: Level::Descriptors,
            ..extract::Settings::default()
        };
        self.0
            .get_or_insert_with(|| Worker::new(settings))
            .extract(path)
    }

    /// Pitch, loudness and formants of a recording; none if it cannot be read.
    pub fn contours(&mut self, path: &Path, row: usize) -> Option<Contours> {
        let features = self.descriptors(path).ok()?;
        Some(Contours {
            row,
            hop_s: HOP_S,
            pitch_hz: pitch_hz(&features),
            loudness: contour(&features, "Loudness_sma3"),
            formants_hz: formants_hz(&features),
        })
    }
}

/// A descriptor through time; empty if the set has none of this name.
fn contour(features: &Features, name: &str) -> Vec<f32> {
    match features.names().position(|known| known == name) {
        Some(column) => features.rows().map(|row| row.values[column]).collect(),
        None => Vec::new(),
    }
}

/// F0 in Hz, 0 where unvoiced.
fn pitch_hz(features: &Features) -> Vec<f32> {
    let hz = |semitones: f32| {
        if semitones > 0.0 {
            LOWEST_HZ * (semitones / 12.0).exp2()
        } else {
            0.0
        }
    };
    contour(features, "F0semitoneFrom27.5Hz_sma3nz")
        .into_iter()
        .map(hz)
        .collect()
}

fn formants_hz(features: &Features) -> [Vec<f32>; 3] {
    [
        "F1frequency_sma3nz",
        "F2frequency_sma3nz",
        "F3frequency_sma3nz",
    ]
    .map(|name| contour(features, name))
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
        let sources = saved
            .facts
            .corpora
            .iter()
            .map(|source| format!("{} recordings of {}", source.recordings, source.corpus));
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
pub fn page(path: &Path, population: Option<&Population>, embed: bool) -> Result<String> {
    let named = || path.display().to_string();
    let (samples, rate_hz) = samples(path).with_context(named)?;
    let functionals = Worker::new(extract::Settings::default())
        .extract(path)
        .with_context(named)?;
    let descriptors = Measure::default().descriptors(path).with_context(named)?;
    let (pitch, loudness, formants) = (
        pitch_hz(&descriptors),
        contour(&descriptors, "Loudness_sma3"),
        formants_hz(&descriptors),
    );
    let columns = columns::of(SET, Level::Functionals);
    let mut features: Vec<Feature<'_>> = Vec::with_capacity(columns.len());
    for (column, &value) in columns.iter().zip(functionals.values()) {
        features.push(Feature {
            name: column.name,
            group: column.group.name(),
            meaning: &column.meaning,
            unit: column.unit,
            value: f64::from(value),
            population: population.and_then(|population| population.of(column.name)),
        });
    }
    let bytes = if embed {
        Some(std::fs::read(path).with_context(named)?)
    } else {
        None
    };
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let guess = guess(path).with_context(named)?;
    let classes: Vec<(&str, f64)> = guess
        .classes
        .iter()
        .map(|(class, p)| (class.as_str(), *p))
        .collect();
    let recording = report::Recording {
        name: &name,
        samples: &samples,
        rate_hz,
        tracks: Tracks {
            start_s: 0.0,
            hop_s: HOP_S,
            pitch_hz: &pitch,
            loudness: &loudness,
            formants_hz: [&formants[0], &formants[1], &formants[2]],
        },
        features: &features,
        population: population.map_or("", |population| &population.told),
        guess: Some(report::Guess {
            model: "the built-in model",
            classes: &classes,
            reasons: &guess.reasons,
        }),
        audio: bytes.as_deref().map(|bytes| (bytes, media_type(path))),
    };
    Ok(report::recording_page(&recording)?)
}

/// What the built-in model makes of a recording.
struct Heard {
    classes: Vec<(String, f64)>,
    reasons: Vec<String>,
}

/// Voice properties named for the guess.
const REASONS: usize = 5;

fn guess(path: &Path) -> Result<Heard> {
    let model = Model::built_in()?;
    let measured = model.measure()?.measure(&Sound::open(path)?)?;
    let answer = model.answer(&measured);
    let mut reasons: Vec<String> = answer
        .abstained
        .iter()
        .map(|reason| format!("It cannot tell: {reason}."))
        .collect();
    if let Model::Classifier(classifier) = &model {
        let class = classifier
            .classes
            .iter()
            .position(|class| *class == answer.label);
        let why = why(classifier, class.unwrap_or(0), &answer.standardised, None);
        let told = |voice: &Voice| {
            let side = if voice.contribution > 0.0 {
                "For"
            } else {
                "Against"
            };
            format!("{side} {}: {}, {}.", why.class, voice.group, voice.words)
        };
        reasons.extend(why.voices.iter().take(REASONS).map(told));
    }
    let probabilities = answer.probabilities.unwrap_or_default();
    Ok(Heard {
        classes: model.classes().iter().cloned().zip(probabilities).collect(),
        reasons,
    })
}

/// All samples of a recording, mono.
fn samples(path: &Path) -> Result<(Vec<f32>, u32)> {
    let mut recording = Recording::open(path, &ser_audio::Settings::default())?;
    let rate_hz = recording.rate();
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    Ok((samples, rate_hz))
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
