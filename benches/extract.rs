//! What an extraction costs, in time per frame of 10 ms.
//!
//! ```text
//! cargo bench --features bench
//! ```
//!
//! Times are per frame (`stage/…` and `file/…`) or per second of audio (`decode/…`). Stages behind the path search
//! run in voiced frames only.

use std::path::Path;
use std::time::Instant;

use criterion::{Criterion, criterion_group, criterion_main};
use ser::audio::{DecodingSettings, Recording};
use ser::bench::{FRAMES, stages};
use ser::{Extractor, FeatureSet, Level};

const CLIP: &str = "assets/speech/03a02Wc.flac";
const FRAMES_PER_SECOND: f64 = 100.0;

fn samples(path: impl AsRef<Path>) -> (u32, Vec<f32>) {
    let mut recording =
        Recording::open(path.as_ref(), &DecodingSettings::default()).expect("the clip");
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().expect("the clip") {
        samples.extend_from_slice(block);
    }
    (recording.rate(), samples)
}

/// Times `run` and gives the time of one of its `parts`.
fn per_part(c: &mut Criterion, name: &str, parts: f64, mut run: impl FnMut()) {
    c.bench_function(name, |b| {
        b.iter_custom(|times| {
            let start = Instant::now();
            (0..times).for_each(|_| run());
            start.elapsed().div_f64(parts)
        });
    });
}

fn decode(c: &mut Criterion) {
    let seconds = |(rate, samples): (u32, Vec<f32>)| samples.len() as f64 / f64::from(rate);
    for clip in [
        CLIP,
        "tests/signal/sweep.mp3",
        "tests/golden/end-to-end/speech_nl_48000.wav",
    ] {
        let name = format!("decode/{}", clip.rsplit('/').next().unwrap_or(clip));
        per_part(c, &name, seconds(samples(clip)), || {
            std::hint::black_box(samples(clip));
        });
    }
}

fn stage(c: &mut Criterion) {
    let (rate, samples) = samples(CLIP);
    // A voiced stretch of the clip, its pitch near 190 Hz.
    let first = rate as usize / 2;
    for mut stage in stages(&samples, first, rate, 190.0) {
        let name = format!("stage/{}", stage.name);
        per_part(c, &name, f64::from(FRAMES), &mut stage.run);
    }
}

fn file(c: &mut Criterion) {
    for (clip, level, name) in [
        (CLIP, Level::Functionals, "file/16 kHz functionals"),
        (CLIP, Level::Descriptors, "file/16 kHz descriptors"),
        (
            "tests/golden/end-to-end/speech_nl_48000.wav",
            Level::Functionals,
            "file/48 kHz functionals",
        ),
    ] {
        let (rate, samples) = samples(clip);
        let frames = FRAMES_PER_SECOND * samples.len() as f64 / f64::from(rate);
        let mut extractor =
            Extractor::new(FeatureSet::EGeMapsV02, rate, level).expect("a supported rate");
        per_part(c, name, frames, || {
            extractor.push(&samples).expect("finite samples");
            std::hint::black_box(extractor.finish().expect("long enough"));
        });
    }
}

criterion_group! {
    name = benches;
    config = Criterion::default().sample_size(30).without_plots();
    targets = decode, stage, file
}
criterion_main!(benches);
