//! eGeMAPS-ser does not change with what is not the voice: sample rate, gain, duration.
//!
//! The reference's own spread over the same signals stands beside ours in docs/errata.md.

mod voice;

use ser::extract::{ExtractionSettings, extract_file};
use ser::{Extractor, FeatureSet, Features, Level};
use voice::{VOWELS, noise, steady};

/// A steady voice with noise 20 dB below it, both below 5 kHz, as it is at any sample rate.
fn signal(seconds: f64, rate: u32) -> Vec<f32> {
    let voice = steady(&VOWELS[3], 140.0, seconds, rate, 4900.0);
    let noise = noise(seconds, rate, 11);
    voice
        .iter()
        .zip(&noise)
        .map(|(v, n)| v + 0.01 * n)
        .collect()
}

fn features(samples: &[f32]) -> Features {
    let mut extractor = Extractor::new(FeatureSet::EGeMapsSer, 16_000, Level::Functionals).unwrap();
    extractor.push(samples).unwrap();
    extractor.finish().unwrap()
}

/// Columns that follow the level, as they must.
fn is_level(name: &str) -> bool {
    let relative = name.ends_with("stddevNorm") || name.ends_with("PeaksPerSec");
    let loud = name.starts_with("loudness") || name.starts_with("spectralFlux");
    (loud && !relative) || name == "equivalentSoundLevel_dBp"
}

/// Columns about the change of something that is steady here: made of noise alone.
fn is_about_change(name: &str) -> bool {
    ["Slope", "stddev", "pctlrange", "Peaks", "Flux"]
        .iter()
        .any(|word| name.contains(word))
}

#[test]
fn the_sample_rate_does_not_matter_from_11_to_48_khz() {
    let folder = tempfile::tempdir().unwrap();
    let settings = ExtractionSettings {
        set: FeatureSet::EGeMapsSer,
        ..ExtractionSettings::default()
    };
    let reference = features(&signal(1.0, 16_000));
    for rate in [11_025, 12_000, 22_050, 24_000, 32_000, 44_100, 48_000] {
        let path = folder.path().join("a.wav");
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: rate,
            bits_per_sample: 32,
            sample_format: hound::SampleFormat::Float,
        };
        let mut wav = hound::WavWriter::create(&path, spec).unwrap();
        for sample in signal(1.0, rate) {
            wav.write_sample(sample).unwrap();
        }
        wav.finalize().unwrap();
        let found = extract_file(&path, &settings).unwrap();
        for ((name, a), b) in found.names().zip(found.values()).zip(reference.values()) {
            if is_about_change(name) {
                continue;
            }
            // The first mark of a stretch is a sample, so noise enters the cycles differently.
            let cycles = name.starts_with("jitter") || name.starts_with("shimmer");
            let share = if cycles { 0.3 } else { 0.01 };
            assert!(
                (a - b).abs() <= share * b.abs().max(1e-2),
                "{name} at {rate} Hz: {a} and {b}"
            );
        }
    }
}

#[test]
fn a_gain_changes_the_columns_of_level_and_no_others() {
    let samples = signal(1.0, 16_000);
    let reference = features(&samples);
    for gain in [0.1_f32, 10.0] {
        let louder: Vec<f32> = samples.iter().map(|x| gain * x).collect();
        let found = features(&louder);
        for ((name, a), b) in found.names().zip(found.values()).zip(reference.values()) {
            if !is_level(name) {
                assert!(
                    (a - b).abs() <= 1e-3 * b.abs().max(0.1),
                    "{name} at gain {gain}: {a} and {b}"
                );
            }
        }
        let level = |features: &Features| features.get("equivalentSoundLevel_dBp").unwrap();
        let change = level(&found) - level(&reference);
        assert!((change - 20.0 * gain.log10()).abs() < 0.01);
    }
}

#[test]
fn the_duration_of_something_steady_does_not_matter() {
    // Whole cycles of voice and noise, so that the long one is the short one again and again: another stretch of noise would be another signal, and between two
    // harmonics beside a narrow peak the bandwidth of F1 follows the noise (a mean of 11 Hz over 3 s of it and of 15 over the half second that repeats).
    let half = signal(0.5, 16_000);
    let long = features(&half.repeat(6));
    let short = features(&half);
    for ((name, a), b) in long.names().zip(long.values()).zip(short.values()) {
        if !name.contains("Segment") && !is_about_change(name) {
            assert!(
                (a - b).abs() <= 0.12 * b.abs().max(0.5),
                "{name}: {a} and {b}"
            );
        }
    }
}

#[test]
fn samples_at_another_rate_are_refused_with_the_remedy() {
    let error = Extractor::new(FeatureSet::EGeMapsSer, 44_100, Level::Functionals).unwrap_err();
    assert!(error.to_string().contains("16000 Hz"), "{error}");
}
