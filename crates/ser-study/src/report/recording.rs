//! The page of one recording: its waveform, spectrogram, pitch, loudness and formants, and how its features stand in a population.
//!
//! The recording comes as numbers, from whoever decoded and measured it; this module only shows them. Where a model's population is known, each feature is
//! shown as z, its distance from the population's mean in standard deviations: the one scale on which 88 features of different units can be compared.

use minijinja::{Value, context};
use serde::Serialize;
use serde_json::json;

use super::Error;
use super::audio::data_url;
use super::page::{PLOTLY, STYLE, THEME, render, script_json};
use super::spectrogram::spectrogram;
use super::words::ETHICS;

const SCRIPT: &str = include_str!("../../../../assets/report/recording.js");
const TEMPLATE: &str = include_str!("../../../../assets/report/recording.html");

/// Points of the waveform's outline: about two per pixel.
const OUTLINE: usize = 1600;

/// A recording and what was measured of it.
#[derive(Clone, Debug, Default)]
pub struct Recording<'a> {
    /// Its name, as the page shows it.
    pub name: &'a str,
    /// Its samples, −1 to 1.
    pub samples: &'a [f32],
    /// Samples per second.
    pub rate_hz: u32,
    /// Lines through its time.
    pub tracks: Tracks<'a>,
    /// Its features.
    pub features: &'a [Feature<'a>],
    /// Whose mean and deviation the features are compared with, such as "3162 recordings of crema-d"; empty where there is none.
    pub population: &'a str,
    /// What a model guessed, if one was asked.
    pub guess: Option<Guess<'a>>,
    /// The file's bytes and media type, to play it from the page.
    pub audio: Option<(&'a [u8], &'a str)>,
}

/// Lines through time, a value every `hop_s` from `start_s`; 0 is absent.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tracks<'a> {
    /// Time of the first value, in seconds.
    pub start_s: f64,
    /// Time between values, in seconds.
    pub hop_s: f64,
    /// F0 in Hz.
    pub pitch_hz: &'a [f32],
    /// Loudness, as eGeMAPS has it (no unit).
    pub loudness: &'a [f32],
    /// The first three formants' frequencies in Hz.
    pub formants_hz: [&'a [f32]; 3],
}

/// One feature.
#[derive(Clone, Copy, Debug, Default)]
pub struct Feature<'a> {
    /// Its column's name.
    pub name: &'a str,
    /// Its group, such as "Pitch".
    pub group: &'a str,
    /// What it is, in words.
    pub meaning: &'a str,
    /// Its unit.
    pub unit: &'a str,
    /// Its value.
    pub value: f64,
    /// Mean and standard deviation in the population.
    pub population: Option<(f64, f64)>,
}

/// What a model guessed.
#[derive(Clone, Copy, Debug, Default)]
pub struct Guess<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The classes with their probabilities.
    pub classes: &'a [(&'a str, f64)],
    /// What spoke for and against, in sentences.
    pub reasons: &'a [String],
}

/// The page of a recording.
pub fn recording_page(recording: &Recording<'_>) -> Result<String, Error> {
    let rate = f64::from(recording.rate_hz.max(1));
    let duration = recording.samples.len() as f64 / rate;
    let picture = spectrogram(recording.samples, recording.rate_hz)?;
    let track = |values: &[f32]| -> Vec<Option<f64>> {
        let value =
            |&v: &f32| (v.is_finite() && v > 0.0).then(|| (f64::from(v) * 1e4).round() / 1e4);
        values.iter().map(value).collect()
    };
    let tracks = &recording.tracks;
    let data = json!({
        "duration": duration,
        "outline": outline(recording.samples, rate),
        "spectrogram": {
            "url": data_url("image/png", &picture.png),
            "seconds": picture.seconds,
            "hz": picture.hz,
        },
        "start": tracks.start_s,
        "hop": tracks.hop_s,
        "pitch": track(tracks.pitch_hz),
        "loudness": track(tracks.loudness),
        "formants": tracks.formants_hz.map(track),
        "features": recording.features.iter().map(feature).collect::<Vec<_>>(),
    });
    let guess = recording.guess.map(|g| {
        let classes: Vec<Value> = g
            .classes
            .iter()
            .map(|(name, p)| context! { name => *name, percent => format!("{:.0}", 100.0 * p) })
            .collect();
        context! { model => g.model, classes, reasons => g.reasons.to_vec() }
    });
    render(
        "recording.html",
        TEMPLATE,
        context! {
            name => recording.name,
            facts => facts(recording, duration),
            far => far(recording.features),
            population => recording.population,
            has_features => !recording.features.is_empty(),
            audio => recording.audio.map(|(bytes, kind)| data_url(kind, bytes)),
            guess,
            floor_db => super::spectrogram::RANGE_DB,
            ethics => ETHICS, style => STYLE, plotly => PLOTLY, scripts => vec![THEME, SCRIPT],
            data => script_json(&data)?,
        },
    )
}

/// Lowest and highest sample of each stretch, with the stretch's time.
fn outline(samples: &[f32], rate: f64) -> serde_json::Value {
    let every = samples.len().div_ceil(OUTLINE).max(1);
    let (mut time, mut low, mut high) = (Vec::new(), Vec::new(), Vec::new());
    for (i, stretch) in samples.chunks(every).enumerate() {
        let middle = (i * every) as f64 + stretch.len() as f64 / 2.0;
        time.push((middle / rate * 1e4).round() / 1e4);
        let finite = || stretch.iter().copied().filter(|v| v.is_finite());
        let rounded = |v: f32| (f64::from(v) * 1e4).round() / 1e4;
        low.push(rounded(finite().fold(0.0, f32::min)));
        high.push(rounded(finite().fold(0.0, f32::max)));
    }
    json!({ "time": time, "low": low, "high": high })
}

#[derive(Serialize)]
struct Shown<'a> {
    name: &'a str,
    group: &'a str,
    meaning: &'a str,
    unit: &'a str,
    value: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    z: Option<f64>,
}

fn feature<'a>(feature: &Feature<'a>) -> Shown<'a> {
    let short = |v: f64| {
        v.is_finite()
            .then(|| format!("{v:.4e}").parse().unwrap_or(v))
    };
    Shown {
        name: feature.name,
        group: feature.group,
        meaning: feature.meaning,
        unit: if feature.unit == "1" {
            ""
        } else {
            feature.unit
        },
        value: short(feature.value),
        mean: feature.population.and_then(|p| short(p.0)),
        sd: feature.population.and_then(|p| short(p.1)),
        z: z(feature).and_then(short),
    }
}

/// Distance from the population's mean in its deviations; none in a constant column.
fn z(feature: &Feature<'_>) -> Option<f64> {
    let (mean, sd) = feature.population?;
    (sd > 0.0 && feature.value.is_finite()).then(|| (feature.value - mean) / sd)
}

/// The features farthest from the population, in words.
fn far(features: &[Feature<'_>]) -> Vec<String> {
    let mut scored: Vec<(f64, &Feature<'_>)> = features
        .iter()
        .filter_map(|f| Some((z(f)?, f)))
        .filter(|(z, _)| z.abs() >= 2.0)
        .collect();
    scored.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let told = |(z, f): &(f64, &Feature<'_>)| {
        let what = if f.meaning.is_empty() {
            f.name
        } else {
            f.meaning
        };
        let side = if *z > 0.0 { "above" } else { "below" };
        format!("{what}: {:.1} sd {side} the mean", z.abs())
    };
    scored.iter().take(6).map(told).collect()
}

/// Numbers for the head of the page: what, how much.
fn facts(recording: &Recording<'_>, duration: f64) -> Vec<Value> {
    let fact = |name: &str, value: String| context! { name => name, value };
    let mut facts = vec![
        fact("Duration", format!("{duration:.2} s")),
        fact("Sampled at", format!("{} Hz", recording.rate_hz)),
    ];
    let power: f64 = recording
        .samples
        .iter()
        .map(|&s| f64::from(s) * f64::from(s))
        .sum();
    let mean = power / recording.samples.len().max(1) as f64;
    if mean > 0.0 {
        let level = format!("{:.1} dB", 10.0 * mean.log10()).replace('-', "−");
        facts.push(fact("Level re full scale", level));
    }
    let mut voiced: Vec<f64> = recording
        .tracks
        .pitch_hz
        .iter()
        .filter(|v| **v > 0.0)
        .map(|&v| f64::from(v))
        .collect();
    if !voiced.is_empty() {
        let share = voiced.len() as f64 / recording.tracks.pitch_hz.len() as f64;
        facts.push(fact("Voiced", format!("{:.0} % of frames", 100.0 * share)));
        voiced.sort_by(f64::total_cmp);
        let at = |p| super::density::quantile(&voiced, p);
        facts.push(fact("F0, median", format!("{:.0} Hz", at(0.5))));
        facts.push(fact(
            "F0, 10 to 90 %",
            format!("{:.0} to {:.0} Hz", at(0.1), at(0.9)),
        ));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_stays_a_name() {
        let name = "</script><img src=x onerror=alert(1)>\"'.wav";
        let feature = Feature {
            name,
            group: name,
            meaning: name,
            ..Feature::default()
        };
        let page = recording_page(&Recording {
            name,
            samples: &[0.0; 1000],
            rate_hz: 16000,
            features: &[feature],
            ..Recording::default()
        })
        .unwrap();
        assert!(!page.contains("<img src=x"));
        assert!(page.len() < crate::report::LARGEST);
    }

    #[test]
    fn features_far_out_are_told_from_the_farthest() {
        let feature = |meaning, value| Feature {
            meaning,
            value,
            population: Some((1.0, 2.0)),
            ..Feature::default()
        };
        let told = far(&[
            feature("loud", 6.0),
            feature("high", -9.0),
            feature("plain", 2.0),
        ]);
        assert_eq!(
            told,
            ["high: 5.0 sd below the mean", "loud: 2.5 sd above the mean"]
        );
    }

    #[test]
    fn silence_and_nothing_have_a_page() {
        for samples in [&[][..], &[0.0; 4000]] {
            let recording = Recording {
                name: "x",
                samples,
                rate_hz: 16000,
                ..Recording::default()
            };
            assert!(recording_page(&recording).unwrap().contains("Duration"));
        }
    }
}
