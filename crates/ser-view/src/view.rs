//! Everything that the view of a recording shows, as `recording.js` reads it.
//!
//! Where a population is known, each feature is shown as z, its distance from the population's mean in standard deviations: the one scale on which 88
//! features of different units can be compared.

use ser_features::Features;
use ser_features::feature::egemaps::columns::Column;
use serde::Serialize;

use crate::outline::{Outline, outline, rounded};
use crate::spectrogram::{RANGE_DB, Spectrogram};
use crate::tracks::Tracks;

/// Values of a line at most: a minute of them are shown one by one, longer recordings coarser.
const MOST: usize = 6000;
/// A feature is far from the population from here on, in standard deviations.
const FAR: f64 = 2.0;
/// Features named as far.
const NAMED: usize = 6;

/// One feature of a recording.
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

impl<'a> Feature<'a> {
    /// The features of a recording with their columns; `population` gives mean and standard deviation of a column by its name.
    pub fn all(
        columns: &'a [Column],
        functionals: &Features,
        population: impl Fn(&str) -> Option<(f64, f64)>,
    ) -> Vec<Feature<'a>> {
        let of = |(column, &value): (&'a Column, &f32)| Feature {
            name: column.name,
            group: column.group.name(),
            meaning: &column.meaning,
            unit: column.unit,
            value: f64::from(value),
            population: population(column.name),
        };
        columns.iter().zip(functionals.values()).map(of).collect()
    }
}

/// The view of a recording.
#[derive(Clone, Debug, Serialize)]
pub struct View<'a> {
    /// Length, seconds.
    pub duration: f64,
    /// The waveform's outline.
    pub outline: Outline,
    /// Where the picture of the spectrogram lies.
    pub spectrogram: Extent,
    /// From black to white in the spectrogram, dB.
    pub floor: f64,
    /// Time of the lines' first value, seconds.
    pub start: f64,
    /// Time between the lines' values, seconds.
    pub hop: f64,
    /// F0, Hz; none where unvoiced.
    pub pitch: Vec<Option<f64>>,
    /// Loudness; none where silent.
    pub loudness: Vec<Option<f64>>,
    /// The first three formants, Hz.
    pub formants: [Vec<Option<f64>>; 3],
    /// The features in order.
    pub features: Vec<Shown<'a>>,
    /// Whose mean and deviation the features are compared with; empty where there is none.
    pub population: &'a str,
    /// The features farthest from the population, in words.
    pub far: Vec<String>,
    /// Facts for the head: a name and a value each.
    pub facts: Vec<(&'static str, String)>,
}

/// The edges of a picture, and where it is.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Extent {
    /// Times of the left and right edge, seconds.
    pub seconds: [f64; 2],
    /// Frequencies of the lower and upper edge, Hz.
    pub hz: [f64; 2],
    /// Address of the picture; empty until whoever encodes it sets it.
    pub url: String,
}

/// A feature as it is shown: numbers to five digits.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Shown<'a> {
    name: &'a str,
    group: &'a str,
    meaning: &'a str,
    unit: &'a str,
    value: Option<f64>,
    mean: Option<f64>,
    sd: Option<f64>,
    z: Option<f64>,
}

impl<'a> View<'a> {
    /// The view of mono samples with what was measured of them.
    pub fn new(
        samples: &[f32],
        rate_hz: u32,
        picture: &Spectrogram,
        tracks: &Tracks,
        features: &[Feature<'a>],
        population: &'a str,
    ) -> View<'a> {
        let rate = f64::from(rate_hz.max(1));
        let duration = samples.len() as f64 / rate;
        let shown = tracks.thinned(MOST);
        View {
            duration,
            outline: outline(samples, rate),
            spectrogram: Extent {
                seconds: picture.seconds,
                hz: picture.hz,
                url: String::new(),
            },
            floor: RANGE_DB,
            start: shown.start_s,
            hop: shown.hop_s,
            pitch: line(&shown.pitch_hz),
            loudness: line(&shown.loudness),
            formants: [0, 1, 2].map(|formant| line(&shown.formants_hz[formant])),
            features: features.iter().map(Shown::of).collect(),
            population,
            far: far(features),
            facts: facts(samples, rate_hz, duration, tracks),
        }
    }
}

/// A line without what is absent.
fn line(values: &[f32]) -> Vec<Option<f64>> {
    let value = |&v: &f32| (v.is_finite() && v > 0.0).then(|| rounded(f64::from(v)));
    values.iter().map(value).collect()
}

impl<'a> Shown<'a> {
    fn of(feature: &Feature<'a>) -> Shown<'a> {
        let short = |v: f64| {
            v.is_finite()
                .then(|| format!("{v:.4e}").parse().unwrap_or(v))
        };
        let unit = if feature.unit == "1" {
            ""
        } else {
            feature.unit
        };
        Shown {
            name: feature.name,
            group: feature.group,
            meaning: feature.meaning,
            unit,
            value: short(feature.value),
            mean: feature.population.and_then(|p| short(p.0)),
            sd: feature.population.and_then(|p| short(p.1)),
            z: z(feature).and_then(short),
        }
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
        .filter(|(z, _)| z.abs() >= FAR)
        .collect();
    scored.sort_by(|a, b| b.0.abs().total_cmp(&a.0.abs()));
    let words = |(z, f): &(f64, &Feature<'_>)| {
        let what = if f.meaning.is_empty() {
            f.name
        } else {
            f.meaning
        };
        let side = if *z > 0.0 { "above" } else { "below" };
        format!("{what}: {:.1} sd {side} the mean", z.abs())
    };
    scored.iter().take(NAMED).map(words).collect()
}

/// Numbers for the head of the page: what, how much.
fn facts(
    samples: &[f32],
    rate_hz: u32,
    duration: f64,
    tracks: &Tracks,
) -> Vec<(&'static str, String)> {
    let mut facts = vec![
        ("Duration", format!("{duration:.2} s")),
        ("Sampled at", format!("{rate_hz} Hz")),
    ];
    let power: f64 = samples.iter().map(|&s| f64::from(s) * f64::from(s)).sum();
    let mean = power / samples.len().max(1) as f64;
    if mean > 0.0 {
        // Adding 0 takes the sign off what rounds to nothing.
        let tenths = (100.0 * mean.log10()).round() + 0.0;
        let level = format!("{:.1} dB", tenths / 10.0).replace('-', "−");
        facts.push(("Level re full scale", level));
    }
    let voiced = tracks.pitch_hz.iter().filter(|v| **v > 0.0);
    let mut voiced: Vec<f64> = voiced.map(|&v| f64::from(v)).collect();
    if !voiced.is_empty() {
        let share = voiced.len() as f64 / tracks.pitch_hz.len() as f64;
        facts.push(("Voiced", format!("{:.0} % of frames", 100.0 * share)));
        voiced.sort_by(f64::total_cmp);
        let at = |p: f64| voiced[(p * (voiced.len() - 1) as f64).round() as usize];
        facts.push(("F0, median", format!("{:.0} Hz", at(0.5))));
        facts.push((
            "F0, 10 to 90 %",
            format!("{:.0} to {:.0} Hz", at(0.1), at(0.9)),
        ));
    }
    facts
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spectrogram::spectrogram;

    fn view<'a>(samples: &[f32], features: &[Feature<'a>]) -> View<'a> {
        let picture = spectrogram(samples, 16_000);
        View::new(
            samples,
            16_000,
            &picture,
            &Tracks::default(),
            features,
            "others",
        )
    }

    #[test]
    fn features_far_out_are_named_from_the_farthest() {
        let feature = |meaning, value| Feature {
            meaning,
            value,
            population: Some((1.0, 2.0)),
            ..Feature::default()
        };
        let features = [
            feature("loud", 6.0),
            feature("high", -9.0),
            feature("plain", 2.0),
        ];
        assert_eq!(
            view(&[0.1; 100], &features).far,
            ["high: 5.0 sd below the mean", "loud: 2.5 sd above the mean"]
        );
    }

    #[test]
    fn silence_and_nothing_have_a_view_that_json_can_hold() {
        for samples in [&[][..], &[0.0; 4000]] {
            let json = serde_json::to_string(&view(samples, &[])).unwrap();
            assert!(json.contains("Duration") && !json.contains("Level"));
        }
    }
}
