//! How samples arrive never changes a bit: any blocks give the same as one, and a used extractor the same as a new one.

use proptest::prelude::*;
use ser::{Extractor, FeatureSet, Features, Level};

/// A voice of sorts: pulses whose rate glides, with pauses and noise.
fn voice(samples: usize, rate: f32, f0: f32, seed: u32) -> Vec<f32> {
    let mut state = seed | 1;
    let mut phase = 0.0_f32;
    let mut resonance = 0.0_f32;
    (0..samples)
        .map(|i| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            let noise = (state >> 9) as f32 / (1 << 22) as f32 - 1.0;
            let time = i as f32 / rate;
            phase += f0 * (1.0 + 0.2 * (7.0 * time).sin()) / rate;
            let pulse = if phase >= 1.0 { 1.0 } else { 0.0 };
            phase = phase.fract();
            resonance = 0.92 * resonance + pulse;
            let speaking = (3.0 * time).sin() > -0.5;
            if speaking {
                0.3 * resonance + 0.01 * noise
            } else {
                0.002 * noise
            }
        })
        .collect()
}

fn whole(extractor: &mut Extractor, samples: &[f32]) -> Features {
    extractor.push(samples).unwrap();
    extractor.finish().unwrap()
}

/// Equal to the bit, NaN included.
fn assert_same(a: &Features, b: &Features) {
    let bits = |f: &Features| f.values().iter().map(|v| v.to_bits()).collect::<Vec<_>>();
    assert_eq!(bits(a), bits(b));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn any_blocks_give_the_same_as_one(
        seed in any::<u32>(),
        length in 1_000_usize..30_000,
        f0 in 60.0_f32..400.0,
        rate in prop::sample::select(vec![8_000_u32, 11_025, 16_000, 22_050, 44_100]),
        blocks in prop::collection::vec(1_usize..5_000, 1..40),
        level in prop::sample::select(vec![Level::Functionals, Level::Descriptors]),
        set in prop::sample::select(vec![FeatureSet::EGeMapsV02, FeatureSet::EGeMapsSer]),
    ) {
        let rate = set.rate_hz().unwrap_or(rate);
        let mut extractor = Extractor::new(set, rate, level).unwrap();
        let samples = voice(length.max(extractor.shortest_samples()), rate as f32, f0, seed);
        let once = whole(&mut extractor, &samples);
        let mut rest = &samples[..];
        for size in blocks.iter().cycle() {
            let (block, after) = rest.split_at((*size).min(rest.len()));
            extractor.push(block).unwrap();
            rest = after;
            if rest.is_empty() {
                break;
            }
        }
        assert_same(&once, &extractor.finish().unwrap());
    }

    #[test]
    fn a_used_extractor_gives_the_same_as_a_new_one(
        seed in any::<u32>(),
        length in 1_000_usize..20_000,
        spoiled in 0_usize..20_000,
        set in prop::sample::select(vec![FeatureSet::EGeMapsV02, FeatureSet::EGeMapsSer]),
    ) {
        let new = || Extractor::new(set, 16_000, Level::Functionals).unwrap();
        let samples = voice(length, 16_000.0, 150.0, seed);
        let mut used = new();
        used.push(&voice(spoiled, 16_000.0, 310.0, !seed)).unwrap();
        used.reset();
        assert_same(&whole(&mut new(), &samples), &whole(&mut used, &samples));
        // Finishing resets as well.
        assert_same(&whole(&mut new(), &samples), &whole(&mut used, &samples));
    }
}

#[test]
fn samples_that_are_no_numbers_are_refused_with_their_time() {
    let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Functionals).unwrap();
    extractor.push(&[0.0; 1600]).unwrap();
    let error = extractor.push(&[0.0, f32::NAN]).unwrap_err();
    assert!(error.to_string().contains("0.100062 s"), "{error}");
    let error = extractor.push(&[f32::INFINITY]).unwrap_err();
    assert!(error.to_string().contains("0.100000 s"), "{error}");
}

#[test]
fn degenerate_signals_have_stated_values() {
    let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Functionals).unwrap();
    let square: Vec<f32> = (0..16_000)
        .map(|i| if i / 40 % 2 == 0 { 1.0 } else { -1.0 })
        .collect();
    let mut click = vec![0.0; 16_000];
    click[8_000] = 1.0;
    for samples in [vec![0.0; 16_000], vec![0.5; 16_000], square, click] {
        let features = whole(&mut extractor, &samples);
        assert!(
            features.values().iter().all(|v| !v.is_nan()),
            "{features:?}"
        );
    }
    // Powers of absurd levels would overflow, so they are refused.
    assert!(matches!(
        extractor.push(&[0.0, 1e30]),
        Err(ser_features::Error::TooLoud { .. })
    ));
    let silence = whole(&mut extractor, &[0.0; 16_000]);
    assert_eq!(silence.get("equivalentSoundLevel_dBp"), Some(-120.0));
    assert_eq!(silence.get("F0semitoneFrom27.5Hz_sma3nz_amean"), Some(0.0));
    assert_eq!(
        silence.get("F1amplitudeLogRelF0_sma3nz_amean"),
        Some(-201.0)
    );
    assert!(matches!(
        extractor.finish(),
        Err(ser_features::Error::TooShort { .. })
    ));
}
