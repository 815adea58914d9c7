//! What is heard in one recording.

use serde::Serialize;

use crate::entry::Entry;
use crate::sound::{Error, Sound};
use ser_features::level::bandwidth_hz;
use ser_features::level::speech_level;

/// Measurements of one recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Measured {
    /// Duration.
    pub seconds: f64,
    /// Sample rate, Hz.
    pub rate: u32,
    /// Channels of the file.
    pub channels: usize,
    /// Largest amplitude, full scale 1.
    pub peak: f32,
    /// Active speech level, dB re full scale; none for silence.
    pub level_db: Option<f64>,
    /// Samples in runs of equal largest amplitude.
    pub clipped: usize,
    /// Where the spectrum ends, Hz; Nyquist if it does not end before. None for silence.
    pub bandwidth_hz: Option<f64>,
    /// Whether the file ended before its header said so.
    pub truncated: bool,
    /// Fingerprint of what is heard.
    #[serde(skip)]
    pub(crate) fingerprint: Option<[u8; 32]>,
}

/// Shortest run of equal extreme samples that is no chance.
const RUN: usize = 4;
/// Clipping below this amplitude is a quiet signal with few steps.
const CLIP_PEAK: f32 = 0.25;

impl Measured {
    /// Listens to a recording.
    pub(crate) fn new(entry: &Entry) -> Result<Measured, Error> {
        let sound = Sound::read(entry, None)?;
        let peak = sound
            .samples
            .iter()
            .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
        Ok(Measured {
            seconds: sound.seconds(),
            rate: sound.rate,
            channels: sound.channels,
            peak,
            level_db: speech_level(&sound.samples, sound.rate).map(|level| level.level_db),
            clipped: clipped(&sound.samples),
            bandwidth_hz: bandwidth_hz(&sound.samples, sound.rate),
            truncated: sound.truncated,
            fingerprint: sound.fingerprint(),
        })
    }
}

/// Samples in runs of at least [`RUN`] equal samples at the highest or lowest value of the recording.
///
/// The top of a clipped wave is flat. A recording that was only normalised touches full scale with single samples; one that was
/// clipped first and made quieter afterwards has its flat tops further down, so the recording's own extremes are taken.
fn clipped(samples: &[f32]) -> usize {
    let high = samples.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    let low = samples.iter().copied().fold(f32::INFINITY, f32::min);
    let mut total = 0;
    for run in samples.chunk_by(|a, b| a == b) {
        let extreme = run[0] == high || run[0] == low;
        if extreme && run[0].abs() >= CLIP_PEAK && run.len() >= RUN {
            total += run.len();
        }
    }
    total
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tone(amplitude: f32) -> Vec<f32> {
        (0..8000)
            .map(|i| (i as f32 * 0.05).sin() * amplitude)
            .collect()
    }

    #[test]
    fn flat_tops_are_counted_even_after_attenuation() {
        let clip = |gain: f32| -> Vec<f32> {
            tone(2.0)
                .iter()
                .map(|sample| sample.clamp(-1.0, 1.0) * gain)
                .collect()
        };
        assert!(clipped(&clip(1.0)) > 4000);
        assert!(clipped(&clip(0.5)) > 4000);
    }

    #[test]
    fn a_normalised_tone_is_not_clipped() {
        assert_eq!(clipped(&tone(1.0)), 0);
        let coarse: Vec<f32> = tone(0.01)
            .iter()
            .map(|s| (s * 100.0).round() / 100.0)
            .collect();
        assert_eq!(clipped(&coarse), 0);
        assert_eq!(clipped(&[]), 0);
    }
}
