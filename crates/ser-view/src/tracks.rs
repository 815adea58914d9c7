//! Lines through time that a page shows: pitch, loudness and formants, from the descriptors of eGeMAPS.

use ser_features::Features;

/// Time between descriptors, seconds (eGeMAPS).
const HOP_S: f64 = 0.01;
/// Pitch of 0 semitones, Hz (eGeMAPS).
const LOWEST_HZ: f32 = 27.5;

/// Lines through time, a value every `hop_s` from `start_s`; 0 is absent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Tracks {
    /// Time of the first value, in seconds.
    pub start_s: f64,
    /// Time between values, in seconds.
    pub hop_s: f64,
    /// F0 in Hz.
    pub pitch_hz: Vec<f32>,
    /// Loudness, as eGeMAPS has it (no unit).
    pub loudness: Vec<f32>,
    /// The first three formants' frequencies in Hz.
    pub formants_hz: [Vec<f32>; 3],
}

impl Tracks {
    /// The lines among the descriptors of a recording; empty where the set has none of that name.
    pub fn of(descriptors: &Features) -> Tracks {
        Tracks {
            start_s: 0.0,
            hop_s: HOP_S,
            pitch_hz: contour(descriptors, "F0semitoneFrom27.5Hz_sma3nz")
                .into_iter()
                .map(hz)
                .collect(),
            loudness: contour(descriptors, "Loudness_sma3"),
            formants_hz: [
                "F1frequency_sma3nz",
                "F2frequency_sma3nz",
                "F3frequency_sma3nz",
            ]
            .map(|name| contour(descriptors, name)),
        }
    }

    /// Every n-th value, so that at most `most` are left: a chart of an hour needs no more points than a chart of a minute.
    pub fn thinned(&self, most: usize) -> Tracks {
        let every = self.pitch_hz.len().div_ceil(most.max(1)).max(1);
        let thin = |values: &[f32]| values.iter().step_by(every).copied().collect();
        Tracks {
            start_s: self.start_s,
            hop_s: self.hop_s * every as f64,
            pitch_hz: thin(&self.pitch_hz),
            loudness: thin(&self.loudness),
            formants_hz: [0, 1, 2].map(|formant| thin(&self.formants_hz[formant])),
        }
    }
}

/// Hz of semitones above 27.5 Hz; 0, unvoiced, stays 0.
pub fn hz(semitones: f32) -> f32 {
    if semitones > 0.0 {
        LOWEST_HZ * (semitones / 12.0).exp2()
    } else {
        0.0
    }
}

/// A descriptor through time.
fn contour(descriptors: &Features, name: &str) -> Vec<f32> {
    match descriptors.names().position(|known| known == name) {
        Some(column) => descriptors.rows().map(|row| row.values[column]).collect(),
        None => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_features::{Extractor, FeatureSet, Level};

    #[test]
    fn a_sawtooth_of_220_hz_has_that_pitch_also_when_thinned() {
        let mut extractor =
            Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Descriptors).unwrap();
        let samples: Vec<f32> = (0..16_000)
            .map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5)
            .collect();
        extractor.push(&samples).unwrap();
        let tracks = Tracks::of(&extractor.finish().unwrap());
        assert!((tracks.pitch_hz[50] - 220.0).abs() < 2.0);
        let thin = tracks.thinned(10);
        assert!(thin.pitch_hz.len() <= 10 && thin.loudness.len() == thin.pitch_hz.len());
        let last = |t: &Tracks| t.hop_s * t.pitch_hz.len() as f64;
        assert!((last(&thin) - last(&tracks)).abs() < thin.hop_s);
    }
}
