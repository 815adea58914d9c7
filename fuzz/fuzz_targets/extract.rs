//! Any bytes as a recording: decoded, analysed at both levels, and with one of several settings.
//!
//! The first two bytes choose the settings, the rest is the file. A panic that the decoder guard turns into an error is no
//! finding; any other is, and so are a value that is not a number, ten seconds for one input, and 1 GiB.

#![no_main]

use std::io::Cursor;
use std::sync::Once;

use libfuzzer_sys::fuzz_target;
use ser_audio::{self as audio, Recording};
use ser_features::feature::{Extractor, FeatureSet, Features, Level};

static START: Once = Once::new();

fuzz_target!(|data: &[u8]| {
    // After libFuzzer's own hook, which would end the process at a panic that is caught.
    START.call_once(audio::hush_decoder_panics);
    let [first, second, file @ ..] = data else {
        return;
    };
    let set = FeatureSet::ALL[usize::from(second & 0x7f) % FeatureSet::ALL.len()];
    let rate = [None, None, Some(16_000), Some(4_000)][usize::from(first >> 2 & 3)];
    let settings = audio::DecodingSettings {
        channel: (first & 3 == 3).then_some(usize::from(first >> 6)),
        rate: set.rate_hz().or(rate),
    };
    let level = match second & 0x80 {
        0 => Level::Functionals,
        _ => Level::Descriptors,
    };
    if let Some(features) = extract(file, &settings, set, level) {
        // Descriptors of our own sets that are absent are NaN.
        let absent = set.revision().is_some() && level == Level::Descriptors;
        assert!(
            features
                .values()
                .iter()
                .all(|v| v.is_finite() || absent && v.is_nan())
        );
    }
});

fn extract(
    file: &[u8],
    settings: &audio::DecodingSettings,
    set: FeatureSet,
    level: Level,
) -> Option<Features> {
    let reader = Box::new(Cursor::new(file.to_vec()));
    let mut recording = Recording::from_reader(reader, settings).ok()?;
    let mut extractor = Extractor::new(set, recording.rate(), level).ok()?;
    while let Some(block) = recording.next_block().ok()? {
        extractor.push(block).ok()?;
    }
    extractor.finish().ok()
}
