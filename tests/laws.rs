//! Laws that hold for any recording: gain, reset, parts, and that no samples whatever make a panic or a NaN.
//!
//! That the size of blocks does not matter is in `chunking.rs`; threads are in `cli.rs`, shards and resuming in `long_run.rs`.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use ser::extract::analysed_parts::{Parts, Segment, Windows};
use ser::extract::{ExtractionSettings, Worker, extract_file};
use ser::{Extractor, FeatureSet, Features, Level};

/// A steady voice: a sawtooth with a little noise, so that all bands have something in them.
fn voice(f0_hz: f32, amplitude: f32, seconds: f32, mut seed: u32) -> Vec<f32> {
    let mut phase = 0.0_f32;
    (0..(16_000.0 * seconds) as usize)
        .map(|_| {
            phase = (phase + f0_hz / 16_000.0).fract();
            seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (seed >> 8) as f32 / (1 << 24) as f32 - 0.5;
            amplitude * (phase - 0.5 + 0.1 * noise)
        })
        .collect()
}

fn features(samples: &[f32], set: FeatureSet, level: Level) -> Features {
    let mut extractor = Extractor::new(set, 16_000, level).unwrap();
    extractor.push(samples).unwrap();
    extractor.finish().unwrap()
}

/// Columns that follow the level: by design (loudness, flux, sound level), or because the reference's slope takes one point too
/// few (docs/reliability.md).
fn is_level(name: &str) -> bool {
    let normalised = name == "loudness_sma3_stddevNorm" || name == "loudnessPeaksPerSec";
    let flux = name.starts_with("spectralFlux") && name.ends_with("amean");
    (name.starts_with("loudness") && !normalised)
        || flux
        || name.starts_with("slope")
        || name == "equivalentSoundLevel_dBp"
}

/// Columns made of logarithms or powers of magnitudes: they do not follow the level, but their last bits do.
fn is_rounded(name: &str) -> bool {
    name.starts_with("mfcc")
        || name.starts_with("logRel")
        || name == "loudness_sma3_stddevNorm"
        || name.contains("amplitudeLogRelF0")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    /// With a power of two as gain every product is exact, so what does not follow the level must not change by a bit.
    #[test]
    fn gain_changes_the_columns_of_level_and_no_others(
        f0_hz in 80.0_f32..400.0, amplitude in 0.3_f32..0.9, power in prop::sample::select(vec![-2, -1, 1]), seed: u32,
    ) {
        let samples = voice(f0_hz, amplitude, 0.5, seed);
        let louder: Vec<f32> = samples.iter().map(|s| s * 2.0_f32.powi(power)).collect();
        let before = features(&samples, FeatureSet::EGeMapsV02, Level::Functionals);
        let after = features(&louder, FeatureSet::EGeMapsV02, Level::Functionals);
        for ((name, a), b) in before.names().zip(before.values()).zip(after.values()) {
            if is_level(name) || (name.starts_with("mfcc") && name.ends_with("stddevNorm")) {
                // A mean near 0 makes the last bits of an MFCC's deviation large.
                continue;
            } else if name == "loudnessPeaksPerSec" {
                // Loudness is a rounded power, so of two values that are nearly alike either may be the higher one: a peak more or less within the half second.
                prop_assert!((a - b).abs() * 0.5 < 1.1, "{name}: {a} {b}");
            } else if is_rounded(name) {
                prop_assert!((a - b).abs() <= 1e-3 * a.abs().max(1.0), "{name}: {a} {b}");
            } else {
                prop_assert_eq!(a.to_bits(), b.to_bits(), "{}: {} {}", name, a, b);
            }
        }
        let get = |features: &Features, name| f64::from(features.get(name).unwrap());
        let level_db = get(&after, "equivalentSoundLevel_dBp") - get(&before, "equivalentSoundLevel_dBp");
        prop_assert!((level_db - 6.0206 * f64::from(power)).abs() < 1e-3);
    }

    #[test]
    fn after_anything_an_extractor_is_as_new(
        before in prop::collection::vec(-1.0_f32..1.0, 0..5000), how in 0..3, f0_hz in 80.0_f32..400.0,
        set in prop::sample::select(FeatureSet::ALL.to_vec()), lld: bool,
    ) {
        let level = if lld { Level::Descriptors } else { Level::Functionals };
        let samples = voice(f0_hz, 0.5, 0.3, 1);
        let mut used = Extractor::new(set, 16_000, level).unwrap();
        used.push(&before).unwrap();
        match how {
            0 => used.reset(),
            1 => drop(used.finish()),
            _ => {
                prop_assert!(used.push(&[0.0, f32::NAN]).is_err());
                used.reset();
            }
        }
        used.push(&samples).unwrap();
        // As bits, since absent is NaN in the descriptors of eGeMAPS-ser.
        let bits = |f: &Features| f.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
        prop_assert_eq!(bits(&used.finish().unwrap()), bits(&features(&samples, set, level)));
    }

    #[test]
    fn no_samples_make_a_panic_or_a_nan(
        kinds in prop::collection::vec((0..6, -2.2e9_f32..2.2e9), 1..40), length in 1_usize..400,
        rate_hz in prop::sample::select(vec![4000, 8000, 11_025, 22_050, 44_100, 192_000]),
        set in prop::sample::select(FeatureSet::ALL.to_vec()), lld: bool,
    ) {
        let level = if lld { Level::Descriptors } else { Level::Functionals };
        let mut extractor = Extractor::new(set, set.rate_hz().unwrap_or(rate_hz), level).unwrap();
        for (kind, size) in kinds {
            let block: Vec<f32> = (0..length)
                .map(|n| match kind {
                    0 => 0.0,
                    1 => size,
                    2 => if n % 2 == 0 { size } else { -size },
                    3 => (n as f32 * size).sin(),
                    4 => 1e-45 * n as f32,
                    _ => if n == 0 { size } else { 0.0 },
                })
                .collect();
            extractor.push(&block).unwrap();
        }
        if let Ok(features) = extractor.finish() {
            let may_be_absent = lld && set.revision().is_some();
            let is_sound = |v: &f32| v.is_finite() || (may_be_absent && v.is_nan());
            prop_assert!(features.values().iter().all(is_sound), "{:?}", features.values());
        }
    }
}

#[test]
fn what_is_no_sample_is_refused_with_its_time() {
    let mut extractor = Extractor::new(FeatureSet::default(), 16_000, Level::default()).unwrap();
    extractor.push(&[0.0; 8000]).unwrap();
    for bad in [
        f32::NAN,
        f32::INFINITY,
        f32::NEG_INFINITY,
        f32::MAX,
        -1e38,
        3e9,
    ] {
        let error = extractor.push(&[0.0, bad]).unwrap_err().to_string();
        assert!(error.starts_with("sample at 0.500062 s is "), "{error}");
    }
    extractor.push(&[0.0; 8000]).unwrap();
    assert_eq!(
        extractor.finish().unwrap().rows().next().unwrap().end_s,
        1.0
    );
}

fn write_wav(path: &Path, samples: &[f32]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 32,
        sample_format: hound::SampleFormat::Float,
    };
    let mut wav = hound::WavWriter::create(path, spec).unwrap();
    samples.iter().for_each(|&s| wav.write_sample(s).unwrap());
    wav.finalize().unwrap();
}

#[test]
fn a_segment_is_analysed_as_if_it_were_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let samples: Vec<f32> = [voice(120.0, 0.5, 1.0, 1), voice(300.0, 0.2, 1.0, 2)].concat();
    write_wav(&path, &samples);
    let segment = |start: f64, end: Option<f64>| Segment {
        start: Duration::from_secs_f64(start),
        end: end.map(Duration::from_secs_f64),
    };
    // More than may overlap at a time, in no order, with one that is too short and one behind the end.
    let mut segments: Vec<Segment> = (0..150)
        .map(|i| segment(f64::from(i * 7 % 150) * 0.001, Some(1.9)))
        .collect();
    segments.extend([
        segment(1.5, None),
        segment(0.2, Some(99.0)),
        segment(0.5, Some(0.53)),
        segment(7.0, Some(8.0)),
    ]);
    for level in [Level::Functionals, Level::Descriptors] {
        let settings = ExtractionSettings {
            level,
            ..ExtractionSettings::default()
        };
        let analysis = Worker::new(settings)
            .analyse(&path, &Parts::Segments(segments.clone()))
            .unwrap();
        assert_eq!(
            (analysis.parts.len(), analysis.audio_s),
            (segments.len(), 2.0)
        );
        for (part, segment) in analysis.parts.iter().zip(&segments) {
            let first = (segment.start.as_secs_f64() * 16e3).round() as usize;
            let last = segment
                .end
                .map_or(32_000, |end| (end.as_secs_f64() * 16e3).round() as usize);
            let cut = samples.get(first..last.min(32_000)).unwrap_or_default();
            if cut.len() < 960 {
                assert!(part.features.is_err());
                continue;
            }
            let expected = features(cut, FeatureSet::EGeMapsV02, level);
            let found = part.features.as_ref().unwrap();
            assert_eq!(found.values(), expected.values());
            let (begin, end) = (
                found.rows().next().unwrap().start_s,
                found.rows().last().unwrap().end_s,
            );
            assert_eq!(begin, segment.start.as_secs_f64());
            assert_eq!(
                end,
                segment.end.map_or(2.0, |end| end.as_secs_f64().min(2.0))
            );
        }
    }
}

#[test]
fn windows_slide_over_the_recording_and_only_whole_ones_count() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.wav");
    let samples = voice(150.0, 0.5, 1.0, 3);
    write_wav(&path, &samples);
    let windows = |length: f64, hop: f64| {
        let time = Duration::from_secs_f64;
        Parts::Windows(Windows::new(time(length), time(hop)).unwrap())
    };
    let mut worker = Worker::new(ExtractionSettings::default());
    let analysis = worker.analyse(&path, &windows(0.3, 0.2)).unwrap();
    let places: Vec<(f64, f64)> = analysis
        .parts
        .iter()
        .map(|p| (p.start_s, p.end_s))
        .collect();
    assert_eq!(places, [(0.0, 0.3), (0.2, 0.5), (0.4, 0.7), (0.6, 0.9)]);
    for (i, part) in analysis.parts.iter().enumerate() {
        let expected = features(
            &samples[3200 * i..3200 * i + 4800],
            FeatureSet::EGeMapsV02,
            Level::Functionals,
        );
        assert_eq!(part.features.as_ref().unwrap().values(), expected.values());
    }
    // A recording shorter than a window is one.
    let short = worker.analyse(&path, &windows(5.0, 1.0)).unwrap();
    let whole = extract_file(&path, &ExtractionSettings::default()).unwrap();
    assert_eq!(short.parts.len(), 1);
    assert_eq!(short.parts[0].features.as_ref().unwrap(), &whole);
    // The finest hop that is allowed.
    assert!(
        worker
            .analyse(&path, &windows(0.128, 0.002))
            .unwrap()
            .parts
            .len()
            > 400
    );
}
