//! What a row rests on: how much of it is speech, how clean, and up to which frequency.
//!
//! ```text
//! speech_s    active speech time of ITU-T P.56, which counts 0.2 s after every burst, in seconds
//! voiced      VoicedSegmentsPerSec · MeanVoicedSegmentLengthSec, between 0 and 1
//! clipped     share of the samples that stand at the highest or lowest value, three or more in a row
//! snr_db      10 log₁₀ ((S − N) / N),  S, N = mean power between 250 Hz and 4 kHz in hops of speech (segment::activity), and in the others
//! bandwidth   level::bandwidth
//! ```
//!
//! Measured as the samples pass, so memory does not grow. Without pauses there is no signal-to-noise ratio; above 60 dB the pauses are digital silence
//! or next to it, and the number says no more than that.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::list::List;
use crate::segment::activity::{Activity, Hop};
use ser_features::feature::Features;
use ser_features::level::{ActiveSpeech, Bandwidth};

/// Properties of a recording, or of a part of it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Quality {
    /// Where the row begins, in seconds.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
    /// Seconds of speech.
    pub speech_s: f64,
    /// Share of the time that is voiced; none where the set does not say.
    pub voiced: Option<f64>,
    /// Share of samples that are clipped.
    pub clipped: f64,
    /// Speech against pauses, in dB; none without either.
    pub snr_db: Option<f64>,
    /// Up to where there is anything in the spectrum, in Hz; none for silence and for less than 2048 samples.
    pub bandwidth_hz: Option<f64>,
}

/// Measures the quality of samples as they come.
#[derive(Clone, Debug)]
pub(crate) struct Gauge {
    activity: Activity,
    active: ActiveSpeech,
    rate_hz: u32,
    speech: Power,
    pause: Power,
    clipping: Clipping,
    bandwidth: Bandwidth,
    samples: u64,
}

#[derive(Clone, Copy, Debug, Default)]
struct Power {
    sum: f64,
    hops: u64,
}

impl Power {
    fn mean(self) -> Option<f64> {
        (self.hops > 0).then(|| self.sum / self.hops as f64)
    }
}

impl Gauge {
    /// For samples at a rate.
    pub fn new(rate_hz: u32) -> Self {
        Self {
            activity: Activity::new(rate_hz),
            active: ActiveSpeech::new(rate_hz),
            rate_hz,
            speech: Power::default(),
            pause: Power::default(),
            clipping: Clipping::default(),
            bandwidth: Bandwidth::new(rate_hz),
            samples: 0,
        }
    }

    /// Takes in the next samples.
    pub fn push(&mut self, samples: &[f32]) {
        let (speech, pause) = (&mut self.speech, &mut self.pause);
        self.activity.push(samples, |hop| count(hop, speech, pause));
        self.active.push(samples);
        self.clipping.push(samples);
        self.bandwidth.push(samples);
        self.samples += samples.len() as u64;
    }

    /// What was measured of a part whose features are these.
    pub fn finish(mut self, features: &Features) -> Quality {
        let (speech, pause) = (&mut self.speech, &mut self.pause);
        self.activity.finish(|hop| count(hop, speech, pause));
        let voiced = features
            .get("VoicedSegmentsPerSec")
            .zip(features.get("MeanVoicedSegmentLengthSec"))
            .map(|(rate, length)| (f64::from(rate) * f64::from(length)).clamp(0.0, 1.0));
        let ratio = |s: f64, n: f64| 10.0 * ((s - n).max(1e-12) / n.max(1e-12)).log10();
        let snr = self.speech.mean().zip(self.pause.mean());
        Quality {
            start: 0.0,
            end: 0.0,
            speech_s: self.active.finish().map_or(0.0, |speech| speech.activity)
                * self.samples as f64
                / f64::from(self.rate_hz),
            voiced,
            clipped: self.clipping.count() as f64 / self.samples.max(1) as f64,
            snr_db: snr.map(|(speech, pause)| ratio(speech, pause)),
            bandwidth_hz: self.bandwidth.finish(),
        }
    }
}

fn count(hop: Hop, speech: &mut Power, pause: &mut Power) {
    let power = match hop.speech {
        true => speech,
        false => pause,
    };
    power.sum += 10_f64.powf(hop.level_db / 10.0);
    power.hops += 1;
}

/// Counts samples that stand at the highest or lowest value so far, in runs.
#[derive(Clone, Copy, Debug)]
struct Clipping {
    high: Extreme,
    low: Extreme,
    last: f32,
    run: u64,
}

#[derive(Clone, Copy, Debug)]
struct Extreme {
    value: f32,
    count: u64,
}

impl Default for Clipping {
    fn default() -> Self {
        let at = |value| Extreme { value, count: 0 };
        Self {
            high: at(f32::NEG_INFINITY),
            low: at(f32::INFINITY),
            last: f32::NAN,
            run: 0,
        }
    }
}

/// Equal samples in a row that are no chance.
const RUN: u64 = 3;
/// Flat tops below this amplitude are a quiet signal with few steps.
const LEAST: f32 = 0.25;

impl Clipping {
    fn push(&mut self, samples: &[f32]) {
        for &sample in samples {
            if sample == self.last {
                self.run += 1;
            } else {
                self.end_run();
                (self.last, self.run) = (sample, 1);
            }
        }
    }

    fn end_run(&mut self) {
        let (value, run) = (self.last, self.run);
        let (higher, lower) = (value > self.high.value, value < self.low.value);
        for (extreme, beyond) in [(&mut self.high, higher), (&mut self.low, lower)] {
            if beyond {
                *extreme = Extreme { value, count: 0 };
            }
            if value == extreme.value && run >= RUN && value.abs() >= LEAST {
                extreme.count += run;
            }
        }
    }

    fn count(mut self) -> u64 {
        if self.run > 0 {
            self.end_run();
        }
        match self.high.value == self.low.value {
            true => self.high.count,
            false => self.high.count + self.low.count,
        }
    }
}

/// The qualities of all rows as a file, which appears when it is complete: csv, or by its extension `.jsonl`.
#[derive(Debug)]
pub struct QualityList(List);

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    start: f64,
    end: f64,
    speech_s: f64,
    voiced: Option<f64>,
    clipped: f64,
    snr_db: Option<f64>,
    bandwidth_hz: Option<f64>,
}

impl QualityList {
    /// Begins the list.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        let keys = [
            "file",
            "start",
            "end",
            "speech_s",
            "voiced",
            "clipped",
            "snr_db",
            "bandwidth_hz",
        ];
        List::create(path, &keys).map(Self)
    }

    /// Appends a row.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, file: &str, quality: &Quality) -> io::Result<()> {
        self.0.write(&Line {
            file,
            start: quality.start,
            end: quality.end,
            speech_s: quality.speech_s,
            voiced: quality.voiced,
            clipped: quality.clipped,
            snr_db: quality.snr_db,
            bandwidth_hz: quality.bandwidth_hz,
        })
    }

    /// Completes the file.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(self) -> io::Result<()> {
        self.0.complete()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_features::feature::{FeatureSet, Level};

    const RATE: u32 = 16_000;

    /// Two seconds of noise with amplitude `low`, between them two with `high`; seven times.
    fn alternating(low: f32, high: f32) -> Vec<f32> {
        let mut state = 1_u64;
        let mut noise = move || {
            // Knuth's linear congruential generator (MMIX), its upper 24 bits.
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (state >> 40) as f32 / (1 << 23) as f32 - 1.0
        };
        (0..28 * RATE)
            .map(|n| {
                noise()
                    * if (n / (2 * RATE)).is_multiple_of(2) {
                        low
                    } else {
                        high
                    }
            })
            .collect()
    }

    fn quality(samples: &[f32], block: usize) -> Quality {
        let mut gauge = Gauge::new(RATE);
        samples.chunks(block).for_each(|block| gauge.push(block));
        let features = Features::missing(FeatureSet::EGeMapsV02, Level::Functionals, 0.0, 1.0);
        gauge.finish(&features)
    }

    #[test]
    fn planted_ratio_share_and_clipping_are_found() {
        let samples = alternating(0.01, 0.1);
        let found = quality(&samples, 4096);
        // (0.1² − 0.01²) / 0.01² = 99, 19.96 dB; hops at the borders hold both.
        assert!((found.snr_db.unwrap() - 19.96).abs() < 0.5, "{found:?}");
        // Seven bursts of 2 s, each with its hangover of 0.2 s and the fall of the envelope before it.
        assert!((15.4..16.1).contains(&found.speech_s), "{found:?}");
        assert_eq!(found.bandwidth_hz, Some(8000.0));
        assert_eq!(found.clipped, 0.0);
        let clipped: Vec<f32> = samples
            .iter()
            .map(|x| (x * 20.0).clamp(-0.5, 0.5))
            .collect();
        let runs = clipped.chunk_by(|a, b| a == b);
        let flat: usize = runs.map(<[f32]>::len).filter(|&n| n >= 3).sum();
        assert_eq!(
            quality(&clipped, 999).clipped,
            flat as f64 / clipped.len() as f64
        );
        assert!(flat > 10_000);
    }

    #[test]
    fn blocks_of_any_size_measure_the_same() {
        let samples = alternating(0.01, 0.3);
        let debug = |block| format!("{:?}", quality(&samples, block));
        assert_eq!(debug(1), debug(4096));
        assert_eq!(debug(777), debug(samples.len()));
    }

    #[test]
    fn silence_has_no_ratio_and_no_bandwidth() {
        let found = quality(&[0.0; 32_000], 4096);
        assert_eq!((found.speech_s, found.clipped), (0.0, 0.0));
        assert_eq!((found.snr_db, found.bandwidth_hz), (None, None));
    }
}
