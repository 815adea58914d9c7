//! Scenes whose truth is known: clips of a corpus with pauses between them, and backgrounds of a known level.
//!
//! ```text
//! truth of a clip: from its first to its last 10 ms with L > L₉₅ − 30 dB, without stretches of 0.3 s or more below that,   L = 10 log₁₀ mean x²
//! background:      rms = active speech level (P.56) − SNR
//! ```
//!
//! A corpus is a folder with a `manifest.csv` of the columns file, speaker and label, as `ser corpus prepare` writes it. All is made at 16 kHz, from a
//! seed, so that each run has the same samples.

#![allow(dead_code, reason = "each test uses its part")]

pub mod background;

use std::path::{Path, PathBuf};

use ser::audio::{DecodingSettings, Recording};
use ser::level::speech_level;

pub const RATE_HZ: u32 = 16_000;
/// Samples of a hop of 10 ms.
pub const HOP: usize = 160;
/// Active level of a clip in a scene, dB re full scale.
pub const LEVEL_DB: f64 = -26.0;

/// Folder of the corpora.
pub fn corpora() -> PathBuf {
    std::env::var_os("SER_SHARED")
        .map_or_else(|| "shared".into(), PathBuf::from)
        .join("corpora")
}

/// Numbers by Marsaglia's xorshift64*, from a seed.
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15) | 1)
    }

    /// From 0 to 1.
    pub fn unit(&mut self) -> f64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11) as f64 / (1_u64 << 53) as f64
    }

    pub fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    pub fn below(&mut self, count: usize) -> usize {
        ((self.unit() * count as f64) as usize).min(count - 1)
    }
}

/// A line of a manifest.
#[derive(Clone, Debug)]
pub struct Line {
    pub file: PathBuf,
    pub speaker: String,
    pub label: String,
}

/// The lines of a corpus.
pub fn lines(folder: &Path) -> Vec<Line> {
    let mut rows = csv::Reader::from_path(folder.join("manifest.csv"))
        .unwrap_or_else(|error| panic!("{}: {error}: set SER_SHARED", folder.display()));
    let header = rows.headers().unwrap().clone();
    let at = |name: &str| header.iter().position(|column| column == name).unwrap();
    let (file, speaker, label) = (at("file"), at("speaker"), at("label"));
    rows.records()
        .map(|row| {
            let row = row.unwrap();
            Line {
                file: folder.join(&row[file]),
                speaker: row[speaker].into(),
                label: row[label].into(),
            }
        })
        .collect()
}

/// A clip at the common level, and which of its hops are speech.
#[derive(Clone, Debug)]
pub struct Clip {
    pub samples: Vec<f32>,
    pub speech: Vec<bool>,
}

impl Clip {
    /// Reads a clip; none of silence.
    pub fn read(file: &Path) -> Option<Clip> {
        let settings = DecodingSettings {
            rate: Some(RATE_HZ),
            ..DecodingSettings::default()
        };
        let mut recording = Recording::open(file, &settings).unwrap();
        let mut samples = Vec::new();
        while let Some(block) = recording.next_block().unwrap() {
            samples.extend_from_slice(block);
        }
        samples.truncate(samples.len() / HOP * HOP);
        let level = speech_level(&samples, RATE_HZ)?;
        let gain = 10_f64.powf((LEVEL_DB - level.level_db) / 20.0) as f32;
        samples.iter_mut().for_each(|x| *x *= gain);
        let speech = truth(&samples);
        Some(Clip { samples, speech })
    }
}

/// Which hops of a clip are speech; see the head of this file.
fn truth(samples: &[f32]) -> Vec<bool> {
    let levels: Vec<f64> = samples
        .chunks(HOP)
        .map(|hop| {
            let mean = hop.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / hop.len() as f64;
            10.0 * (mean + 1e-12).log10()
        })
        .collect();
    let mut sorted = levels.clone();
    sorted.sort_by(f64::total_cmp);
    let threshold = sorted[sorted.len() * 95 / 100] - 30.0;
    let mut speech: Vec<bool> = levels.iter().map(|&level| level > threshold).collect();
    close_gaps(&mut speech, 30);
    speech
}

/// Gaps of fewer hops than `least`, with speech on both sides, become speech.
pub fn close_gaps(speech: &mut [bool], least: usize) {
    let mut last = None;
    for i in 0..speech.len() {
        if speech[i] {
            if let Some(last) = last
                && i - last - 1 < least
            {
                speech[last + 1..i].fill(true);
            }
            last = Some(i);
        }
    }
}

/// Samples with their truth.
#[derive(Clone, Debug, Default)]
pub struct Scene {
    pub samples: Vec<f32>,
    pub speech: Vec<bool>,
}

impl Scene {
    /// Clips with pauses of 0.4 to 2.5 s between them, each clip up to 4 dB louder or weaker than the common level.
    pub fn of(clips: &[Clip], length_s: f64, chance: &mut Chance) -> Scene {
        let mut scene = Scene::default();
        while scene.speech.len() < (length_s * 100.0) as usize {
            let clip = &clips[chance.below(clips.len())];
            let gain = 10_f64.powf(chance.between(-4.0, 4.0) / 20.0) as f32;
            let pause = (chance.between(0.4, 2.5) * 100.0) as usize;
            scene.samples.extend(std::iter::repeat_n(0.0, pause * HOP));
            scene.speech.extend(std::iter::repeat_n(false, pause));
            scene.samples.extend(clip.samples.iter().map(|x| x * gain));
            scene.speech.extend(&clip.speech);
        }
        scene
    }

    /// The scene with a background that much weaker than speech.
    pub fn with(&self, background: &[f32], snr_db: f64) -> Scene {
        let rms = (background
            .iter()
            .map(|&x| f64::from(x).powi(2))
            .sum::<f64>()
            / background.len() as f64)
            .sqrt();
        let gain = (10_f64.powf((LEVEL_DB - snr_db) / 20.0) / rms) as f32;
        let noisy = self.samples.iter().zip(background.iter().cycle());
        Scene {
            samples: noisy.map(|(x, noise)| x + gain * noise).collect(),
            speech: self.speech.clone(),
        }
    }
}

/// F1 of hops: 2 TP / (2 TP + FP + FN).
pub fn f1(found: &[bool], truth: &[bool]) -> f64 {
    let both = found.iter().zip(truth).filter(|(a, b)| **a && **b).count();
    let count = |v: &[bool]| v.iter().filter(|x| **x).count();
    2.0 * both as f64 / (count(found) + count(truth)).max(1) as f64
}

/// Hops that lie in stretches of seconds.
pub fn hops(stretches: impl IntoIterator<Item = (f64, f64)>, count: usize) -> Vec<bool> {
    let mut found = vec![false; count];
    for (start, end) in stretches {
        let at = |s: f64| ((s * 100.0).round() as usize).min(count);
        found[at(start)..at(end)].fill(true);
    }
    found
}

/// Writes samples as 16-bit WAV.
pub fn write_wav(path: &Path, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: RATE_HZ,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    for &x in samples {
        writer
            .write_sample((x.clamp(-1.0, 1.0) * 32767.0).round() as i16)
            .unwrap();
    }
    writer.finalize().unwrap();
}
