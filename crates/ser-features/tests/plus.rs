//! eGeMAPS-ser+ with planted truth: levels of the source, cepstral peak, perturbation quotients, pauses and syllables; `-- --nocapture` prints what was found.
//! What `ser features --set eGeMAPS-ser+` states as error is the bound of a test here.

#[path = "../../../tests/voice/mod.rs"]
mod voice;

use ser_features::{Extractor, FeatureSet, Features, Level};
use voice::{Random, VOWELS, Vowel, cycles, steady, tract, white};

const RATE: u32 = 16_000;

fn extracted(set: FeatureSet, level: Level, samples: &[f32]) -> Features {
    let mut extractor = Extractor::new(set, RATE, level).unwrap();
    extractor.push(samples).unwrap();
    extractor.finish().unwrap()
}

fn features(samples: &[f32]) -> Features {
    extracted(FeatureSet::EGeMapsSerPlus, Level::Functionals, samples)
}

fn get(features: &Features, name: &str) -> f64 {
    f64::from(features.get(name).unwrap())
}

fn in_noise(samples: &[f32], snr_db: f64, seed: u64) -> Vec<f32> {
    let power: f64 = samples.iter().map(|&x| f64::from(x).powi(2)).sum();
    let level = (power / samples.len() as f64).sqrt() * 10_f64.powf(-snr_db / 20.0);
    let noise = white(samples.len(), seed);
    let sum = |(&x, n): (&f32, f64)| x + (level * n) as f32;
    samples.iter().zip(noise).map(sum).collect()
}

#[test]
fn the_88_columns_of_the_smaller_set_keep_their_bits() {
    let mut samples = in_noise(&steady(&VOWELS[4], 130.0, 0.5, RATE, 7500.0), 20.0, 3);
    samples.resize(12_000, 0.0);
    samples.extend(steady(&VOWELS[0], 210.0, 0.3, RATE, 7500.0));
    for level in [Level::Functionals, Level::Descriptors] {
        let few = extracted(FeatureSet::EGeMapsSer, level, &samples);
        let many = extracted(FeatureSet::EGeMapsSerPlus, level, &samples);
        let width = few.names().count();
        assert!(few.names().eq(many.names().take(width)));
        assert_eq!(few.rows().len(), many.rows().len());
        for (few, many) in few.rows().zip(many.rows()) {
            for (a, b) in few.values.iter().zip(many.values) {
                assert_eq!(a.to_bits(), b.to_bits());
            }
        }
    }
}

/// What the source of `steady` has at a harmonic, in dB: −6 dB per octave, and the tract but its first three formants.
fn source_db(vowel: &Vowel, hz: f64) -> f64 {
    let formants = &vowel[..3];
    let gain = |&(centre, bandwidth): &(f64, f64)| {
        let square = bandwidth * bandwidth / 4.0 + centre * centre;
        square / (square - hz * hz).hypot(bandwidth * hz)
    };
    let known: f64 = formants.iter().map(gain).product();
    20.0 * (tract(vowel, hz).0 / known / hz).log10()
}

#[test]
fn levels_of_the_source_are_those_that_were_planted() {
    const NAMES: [&str; 5] = [
        "H1star-H2star",
        "H2star-H4star",
        "H1star-A1star",
        "H1star-A2star",
        "H1star-A3star",
    ];
    let mut errors: [Vec<f64>; 5] = Default::default();
    for vowel in &VOWELS {
        for f0_hz in [90.0, 120.0, 150.0, 180.0, 210.0] {
            let found = features(&steady(vowel, f0_hz, 0.4, RATE, 7500.0));
            let harmonic = |h: f64| source_db(vowel, h * f0_hz);
            let near = |m: usize| (vowel[m].0 / f0_hz).round().max(1.0);
            let planted = [
                harmonic(1.0) - harmonic(2.0),
                harmonic(2.0) - harmonic(4.0),
                harmonic(1.0) - harmonic(near(0)),
                harmonic(1.0) - harmonic(near(1)),
                harmonic(1.0) - harmonic(near(2)),
            ];
            for ((errors, name), planted) in errors.iter_mut().zip(NAMES).zip(planted) {
                let name = format!("logRelF0-{name}_sma3nz_amean");
                errors.push((get(&found, &name) - planted).abs());
            }
        }
    }
    for ((errors, name), (median, most)) in errors.iter_mut().zip(NAMES).zip(BOUNDS) {
        errors.sort_by(f64::total_cmp);
        let (middle, worst) = (errors[errors.len() / 2], errors[errors.len() - 1]);
        println!("{name}: median {middle:.2} dB, worst {worst:.2} dB");
        assert!(middle < median && worst < most, "{name}");
    }
}

/// Median and largest error in dB.
const BOUNDS: [(f64, f64); 5] = [(0.2, 1.5), (0.6, 2.6), (1.1, 3.7), (1.5, 4.1), (1.9, 3.9)];

#[test]
fn the_cepstral_peak_falls_as_noise_rises_and_not_with_level_or_vowel() {
    let cpp = |samples: &[f32]| get(&features(samples), "CPPsmoothed_sma3nz_amean");
    for f0_hz in [100.0, 150.0, 220.0, 300.0] {
        let voice = steady(&VOWELS[4], f0_hz, 0.6, RATE, 7500.0);
        let found = [99.0, 30.0, 20.0, 10.0, 5.0].map(|snr_db| cpp(&in_noise(&voice, snr_db, 5)));
        println!("CPPS, {f0_hz} Hz: {found:.1?} dB at no noise, 30, 20, 10, 5 dB");
        assert!(found.is_sorted_by(|a, b| a > b), "{f0_hz} Hz: {found:?}");
        let softer: Vec<f32> = in_noise(&voice, 20.0, 5).iter().map(|x| 0.01 * x).collect();
        assert!((cpp(&softer) - found[2]).abs() < 0.01);
    }
}

/// Every fourth sample after a low-pass at 7.5 kHz of 64: pulses are then band-limited, as a recording's are.
fn decimated(samples: &[f32]) -> Vec<f32> {
    const REACH: usize = 96;
    let weight = |k: usize| {
        let x = k as f64 - REACH as f64;
        let angle = std::f64::consts::TAU * x * 7_500.0 / 64_000.0;
        let sinc = if x == 0.0 { 1.0 } else { angle.sin() / angle };
        let hann = 0.5 + 0.5 * (std::f64::consts::PI * x / (REACH + 1) as f64).cos();
        sinc * hann * 15.0 / 64.0
    };
    let weights: Vec<f64> = (0..=2 * REACH).map(weight).collect();
    let at = |window: &[f32]| {
        let products = window.iter().zip(&weights).map(|(&x, w)| f64::from(x) * w);
        products.sum::<f64>() as f32
    };
    samples.windows(2 * REACH + 1).step_by(4).map(at).collect()
}

/// The quotient of planted values.
fn quotient(values: &[f64], reach: usize) -> f64 {
    let windows = values.windows(2 * reach + 1);
    let count = windows.len() as f64;
    let off = |w: &[f64]| (w[reach] - w.iter().sum::<f64>() / w.len() as f64).abs();
    windows.map(off).sum::<f64>() / count / (values.iter().sum::<f64>() / values.len() as f64)
}

#[test]
fn planted_quotients_come_back_up_to_250_hz() {
    for vowel in [0, 1, 4] {
        for f0_hz in [90.0, 120.0, 150.0, 200.0, 250.0] {
            let mut shares = [0.0; 4];
            for (jitter, shimmer_db) in [(0.012, 0.0), (0.0, 0.5)] {
                let mut random = Random(7);
                let cycle = |_| {
                    let length = (1.0 + 1.5 * jitter * random.around_zero()) / f0_hz;
                    let level_db = 1.5 * shimmer_db * random.around_zero();
                    (length, 10_f64.powf(level_db / 20.0))
                };
                let planned: Vec<(f64, f64)> = (0..f0_hz as usize).map(cycle).collect();
                let found = features(&decimated(&cycles(&VOWELS[vowel], &planned, 4 * RATE)));
                let lengths: Vec<f64> = planned.iter().map(|c| c.0).collect();
                let levels: Vec<f64> = planned.iter().map(|c| c.1).collect();
                let share = |name: &str, values: &[f64], reach: usize| {
                    get(&found, &format!("{name}_sma3nz_amean")) / quotient(values, reach)
                };
                if jitter > 0.0 {
                    shares[0] = share("jitterRAP", &lengths, 1);
                    shares[1] = share("jitterPPQ5", &lengths, 2);
                } else {
                    shares[2] = share("shimmerAPQ3", &levels, 1);
                    shares[3] = share("shimmerAPQ11", &levels, 5);
                }
            }
            println!(
                "RAP, PPQ5, APQ3, APQ11, vowel {vowel}, {f0_hz} Hz: {shares:.2?} of what was planted"
            );
            assert!(
                shares[..2].iter().all(|s| (0.85..1.1).contains(s))
                    && shares[2..].iter().all(|s| (0.75..1.35).contains(s)),
                "{vowel}, {f0_hz} Hz: {shares:?}"
            );
        }
    }
}

#[test]
fn planted_syllables_and_pauses_are_counted() {
    for (phrases, f0_hz) in [([5, 7, 4], 120.0), ([3, 8, 6], 210.0)] {
        let mut samples = vec![0.0; RATE as usize / 4];
        let mut sounding_s = 0.0;
        for (p, syllables) in phrases.into_iter().enumerate() {
            if p > 0 {
                samples.resize(samples.len() + RATE as usize / 2, 0.0);
            }
            let seconds = 0.2 * f64::from(syllables);
            sounding_s += seconds;
            let voice = steady(&VOWELS[4], f0_hz, seconds, RATE, 7500.0);
            let shaped = voice.iter().enumerate().map(|(n, x)| {
                let phase = std::f64::consts::PI * n as f64 / (0.2 * f64::from(RATE));
                x * (0.2 + 0.8 * phase.sin().powi(2)) as f32
            });
            samples.extend(shaped);
        }
        samples.resize(samples.len() + RATE as usize / 4, 0.0);
        let noise = white(samples.len(), 9);
        for (x, n) in samples.iter_mut().zip(noise) {
            *x += (1e-4 * n) as f32;
        }
        let duration_s = samples.len() as f64 / f64::from(RATE);
        let syllables = f64::from(phrases.iter().sum::<u32>());
        let found = features(&samples);
        let near = |name: &str, planted: f64, share: f64| {
            let found = get(&found, name);
            println!("{name}: {found:.3} for {planted:.3}");
            assert!(
                (found / planted - 1.0).abs() < share,
                "{name}: {found} for {planted}"
            );
        };
        near("speechRate", syllables / duration_s, 0.02);
        near("articulationRate", syllables / sounding_s, 0.06);
        near("pauseCount", 2.0, 0.01);
        near("meanPauseLengthSec", 0.5, 0.12);
        near("phonationShare", sounding_s / duration_s, 0.06);
    }
}
