//! Descriptors of a recording that arrives in blocks, as from a microphone: `cargo run --release --example stream -- FILE`.
//!
//! How the samples are cut into blocks never changes a bit of the result.

use std::path::Path;

use ser::audio::{DecodingSettings, Recording};
use ser::{Extractor, FeatureSet, Level};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| "assets/speech/03a02Wc.flac".into());
    let mut recording = Recording::open(Path::new(&file), &DecodingSettings::default())?;
    let mut extractor =
        Extractor::new(FeatureSet::EGeMapsV02, recording.rate(), Level::Descriptors)?;
    while let Some(block) = recording.next_block()? {
        extractor.push(block)?;
    }
    let features = extractor.finish()?;
    let loudness = features.names().position(|name| name == "Loudness_sma3");
    let loudness = loudness.ok_or("the set has no loudness")?;
    for row in features.rows() {
        println!("{:7.2} s  {:6.3}", row.start_s, row.values[loudness]);
    }
    Ok(())
}
