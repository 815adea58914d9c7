//! The 88 functionals of one recording: `cargo run --release --example extract -- FILE`.

use ser::extract::{ExtractionSettings, extract_file};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let file = std::env::args().nth(1);
    let file = file.unwrap_or_else(|| "assets/speech/03a02Wc.flac".into());
    let features = extract_file(&file, &ExtractionSettings::default())?;
    for (name, value) in features.names().zip(features.values()) {
        println!("{name:<48} {value}");
    }
    Ok(())
}
