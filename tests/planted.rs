//! eGeMAPS-ser finds what was planted. The same signals through openSMILE: docs/errata.md.

mod voice;

use ser::{Extractor, FeatureSet, Features, Level};
use voice::{Random, VOWELS, cycles, noise, steady};

const RATE: u32 = 16_000;

fn features(samples: &[f32]) -> Features {
    let mut extractor = Extractor::new(FeatureSet::EGeMapsSer, RATE, Level::Functionals).unwrap();
    extractor.push(samples).unwrap();
    extractor.finish().unwrap()
}

fn get(features: &Features, name: &str) -> f64 {
    f64::from(features.get(name).unwrap())
}

#[test]
fn pitch_is_within_a_twentieth_of_a_semitone_from_65_to_700_hz() {
    for f0_hz in [
        65.0, 82.4, 110.0, 147.3, 196.0, 261.6, 333.0, 440.0, 587.0, 700.0,
    ] {
        let found = features(&steady(&VOWELS[4], f0_hz, 0.6, RATE, 7500.0));
        let semitones = 12.0 * (f0_hz / 27.5_f64).log2();
        for statistic in [
            "amean",
            "percentile20.0",
            "percentile50.0",
            "percentile80.0",
        ] {
            let pitch = get(&found, &format!("F0semitoneFrom27.5Hz_sma3nz_{statistic}"));
            assert!(
                (pitch - semitones).abs() < 0.05,
                "{f0_hz} Hz, {statistic}: {pitch} {semitones}"
            );
        }
        let voiced = get(&found, "MeanVoicedSegmentLengthSec");
        assert!((0.55..=0.6).contains(&voiced), "{f0_hz} Hz: {voiced} s");
    }
}

#[test]
fn formants_are_within_three_percent_up_to_250_hz() {
    // One of the 144, F3 of the second vowel at 225 Hz, is 3.1 % off.
    for vowel in VOWELS {
        for f0_hz in [80.0, 100.0, 125.0, 150.0, 180.0, 200.0, 225.0, 250.0] {
            let found = features(&steady(&vowel, f0_hz, 0.4, RATE, 7500.0));
            for (m, &(hz, _)) in vowel.iter().enumerate().take(3) {
                let formant = get(&found, &format!("F{}frequency_sma3nz_amean", m + 1));
                let error = formant / hz - 1.0;
                assert!(
                    error.abs() < if m == 2 { 0.032 } else { 0.03 },
                    "F{} of {vowel:?} at {f0_hz} Hz: {formant}",
                    m + 1
                );
            }
        }
    }
}

/// Cycles around 1/`f0_hz` with random lengths and strengths, and the jitter and shimmer in dB that they have.
fn irregular(f0_hz: f64, jitter: f64, shimmer: f64, seed: u64) -> (Vec<(f64, f64)>, f64, f64) {
    let mut random = Random(seed);
    // The mean distance of two numbers that are uniform in −1 … 1 is 2/3.
    let cycles: Vec<(f64, f64)> = (0..(1.5 * f0_hz) as usize)
        .map(|_| {
            let length = (1.0 + 1.5 * jitter * random.around_zero()) / f0_hz;
            (
                length,
                10_f64.powf(1.5 * shimmer * random.around_zero() / 20.0),
            )
        })
        .collect();
    let pairs = cycles.windows(2).map(|c| (c[0], c[1]));
    let count = (cycles.len() - 1) as f64;
    let lengths: f64 = pairs.clone().map(|(a, b)| (a.0 - b.0).abs()).sum();
    let strengths: f64 = pairs.map(|(a, b)| (20.0 * (a.1 / b.1).log10()).abs()).sum();
    (cycles, lengths / count * f0_hz, strengths / count)
}

#[test]
fn jitter_is_within_a_tenth_of_itself_and_a_tenth_of_a_percent() {
    // At 200 Hz one response rings into the next, and the waveform jitters less than its excitation: up to 40 % less.
    for (f0_hz, share) in [(90.0, 0.1), (120.0, 0.1), (200.0, 0.4)] {
        for jitter in [0.0, 0.005, 0.01, 0.02, 0.03] {
            let (planted, jitter, _) = irregular(f0_hz, jitter, 0.0, 7);
            let found = features(&cycles(&VOWELS[4], &planted, RATE));
            let found = get(&found, "jitterLocal_sma3nz_amean");
            assert!(
                (found - jitter).abs() < 0.001 + share * jitter,
                "{f0_hz} Hz: {found} for {jitter}"
            );
        }
    }
}

#[test]
fn shimmer_is_within_a_sixth_of_itself_and_a_tenth_of_a_decibel() {
    for f0_hz in [90.0, 120.0, 200.0] {
        for shimmer in [0.0, 0.2, 0.5, 1.0] {
            let (planted, _, shimmer) = irregular(f0_hz, 0.0, shimmer, 9);
            let found = features(&cycles(&VOWELS[4], &planted, RATE));
            let found = get(&found, "shimmerLocaldB_sma3nz_amean");
            assert!(
                (found - shimmer).abs() < 0.1 + shimmer / 6.0,
                "{f0_hz} Hz: {found} for {shimmer}"
            );
        }
    }
}

#[test]
fn harmonics_to_noise_is_within_a_decibel_from_0_to_30() {
    for f0_hz in [90.0, 140.0, 220.0, 300.0] {
        let voice = steady(&VOWELS[4], f0_hz, 1.0, RATE, 4900.0);
        let noise = noise(1.0, RATE, 3);
        for planted_db in [0.0, 5.0, 10.0, 15.0, 20.0, 25.0, 30.0] {
            let level = 0.1 * 10_f64.powf(-planted_db / 20.0);
            let samples: Vec<f32> = voice
                .iter()
                .zip(&noise)
                .map(|(v, n)| v + (level * f64::from(*n)) as f32)
                .collect();
            let found = get(&features(&samples), "HNRdBACF_sma3nz_amean");
            assert!(
                (found - planted_db).abs() < 1.0,
                "{f0_hz} Hz: {found} for {planted_db} dB"
            );
        }
    }
}

#[test]
fn harmonic_differences_are_within_a_decibel() {
    for vowel in VOWELS {
        for f0_hz in [80.0, 120.0, 180.0, 250.0] {
            let found = features(&steady(&vowel, f0_hz, 0.4, RATE, 7500.0));
            let level = |h: f64| 20.0 * (voice::tract(&vowel, h * f0_hz).0 / h).log10();
            let h1_h2 = get(&found, "logRelF0-H1-H2_sma3nz_amean");
            let want = level(1.0) - level(2.0);
            assert!(
                (h1_h2 - want).abs() < 1.0,
                "{vowel:?} at {f0_hz} Hz: {h1_h2} for {want}"
            );
            // The strongest harmonic near the third formant.
            let third = vowel[2].0;
            let strongest = (1..60)
                .map(f64::from)
                .filter(|h| (h * f0_hz - third).abs() < (0.1 * third).max(0.6 * f0_hz))
                .map(level)
                .fold(f64::NEG_INFINITY, f64::max);
            let h1_a3 = get(&found, "logRelF0-H1-A3_sma3nz_amean");
            assert!(
                (h1_a3 - (level(1.0) - strongest)).abs() < 1.0,
                "{vowel:?} at {f0_hz} Hz: {h1_a3}"
            );
        }
    }
}

#[test]
fn voiced_and_unvoiced_stretches_have_their_lengths() {
    let voice = steady(&VOWELS[3], 130.0, 0.4, RATE, 7500.0);
    let pause = vec![0.0; 4800];
    let samples = [&voice[..], &pause, &voice, &pause, &voice].concat();
    let found = features(&samples);
    assert!((get(&found, "VoicedSegmentsPerSec") - 3.0 / 1.8).abs() < 0.1);
    assert!((get(&found, "MeanVoicedSegmentLengthSec") - 0.4).abs() < 0.03);
    assert!((get(&found, "MeanUnvoicedSegmentLength") - 0.3).abs() < 0.03);
    assert!(get(&found, "StddevVoicedSegmentLengthSec") < 0.02);
}

#[test]
fn a_glide_has_the_slope_of_its_glide_and_a_pause_adds_none() {
    // Two rises of 10 semitones per second from 120 Hz with a pause between: nothing falls.
    let rate = f64::from(RATE);
    let glide: Vec<f32> = {
        let mut phase = 0.0;
        (0..8000)
            .map(|n| {
                phase += 120.0 * 2_f64.powf(10.0 * f64::from(n) / rate / 12.0) / rate;
                (1..=20)
                    .map(|h| (std::f64::consts::TAU * phase * f64::from(h)).cos() / f64::from(h))
                    .sum::<f64>() as f32
                    * 0.1
            })
            .collect()
    };
    let samples = [&glide[..], &[0.0; 4000], &glide].concat();
    let found = features(&samples);
    let rising = get(&found, "F0semitoneFrom27.5Hz_sma3nz_meanRisingSlope");
    assert!((rising - 10.0).abs() < 0.5, "{rising}");
    assert_eq!(
        get(&found, "F0semitoneFrom27.5Hz_sma3nz_meanFallingSlope"),
        0.0
    );
}

#[test]
fn a_short_ring_far_above_the_voice_is_not_its_pitch() {
    let voice = steady(&VOWELS[4], 120.0, 0.4, RATE, 7500.0);
    let samples = |ring_s: f64| {
        let rate = f64::from(RATE);
        let ring = (0..(ring_s * rate) as usize)
            .map(|n| 0.1 * (std::f64::consts::TAU * 690.0 * n as f64 / rate).sin() as f32);
        let mut samples = voice.clone();
        samples.extend([0.0; 2400]);
        samples.extend(ring);
        samples.extend([0.0; 2400]);
        samples.extend_from_slice(&voice);
        samples
    };
    let pitch = |ring_s| {
        get(
            &features(&samples(ring_s)),
            "F0semitoneFrom27.5Hz_sma3nz_amean",
        )
    };
    let semitones = 12.0 * (120.0_f64 / 27.5).log2();
    for ring_s in [0.020, 0.035, 0.050] {
        let found = pitch(ring_s);
        assert!((found - semitones).abs() < 0.05, "{ring_s} s: {found}");
    }
    // A squeal that lasts is one: a fifth of the voiced time, 30 semitones higher.
    assert!(pitch(0.2) > semitones + 4.0, "{}", pitch(0.2));
}

/// Noise whose samples follow each other slowly, as that of a room does: one pole at 0.97.
fn room_noise(seconds: f64, level_db: f64, seed: u64) -> Vec<f32> {
    let mut state = 0.0;
    let raw = noise(seconds, RATE, seed).into_iter().map(|x| {
        state = 0.97 * state + f64::from(x);
        state
    });
    let raw: Vec<f64> = raw.collect();
    let power = raw.iter().map(|x| x * x).sum::<f64>() / raw.len() as f64;
    let gain = 10_f64.powf(level_db / 20.0) / power.sqrt();
    raw.iter().map(|x| (gain * x) as f32).collect()
}

#[test]
fn the_noise_of_a_room_between_words_is_no_voice() {
    let word = steady(&VOWELS[4], 120.0, 0.4, RATE, 7500.0);
    let power: f64 = word.iter().map(|&x| f64::from(x).powi(2)).sum();
    let level_db = 10.0 * (power / word.len() as f64).log10();
    let voiced_s = |level_db| {
        let mut samples = room_noise(2.0, level_db, 3);
        samples.extend_from_slice(&word);
        samples.extend(room_noise(4.0, level_db, 4));
        samples.extend_from_slice(&word);
        samples.extend(room_noise(2.0, level_db, 5));
        let found = features(&samples);
        let seconds = samples.len() as f64 / f64::from(RATE);
        get(&found, "VoicedSegmentsPerSec") * get(&found, "MeanVoicedSegmentLengthSec") * seconds
    };
    let (faint, loud) = (voiced_s(level_db - 20.0), voiced_s(level_db - 14.0));
    println!("voiced: {faint:.2} s with faint noise, {loud:.2} s with loud noise, of 0.8 s");
    assert!((faint - 0.8).abs() < 0.05, "{faint}");
    // Of the same noise as loud as a voice may be, something counts: the test would see it.
    assert!(loud > 0.95, "{loud}");
}

#[test]
fn silence_and_noise_have_no_voice_and_give_zero() {
    for samples in [vec![0.0; 16_000], noise(1.0, RATE, 5)] {
        let found = features(&samples);
        for name in [
            "F0semitoneFrom27.5Hz_sma3nz_amean",
            "F1frequency_sma3nz_amean",
            "F1amplitudeLogRelF0_sma3nz_amean",
            "VoicedSegmentsPerSec",
        ] {
            assert_eq!(found.get(name), Some(0.0), "{name}");
        }
    }
}
