//! Runs one stage of the extraction many times, for `benches/instructions.sh`, which counts its instructions.
//!
//! ```text
//! cargo run --release --features bench --example stage            the stages, one name per line
//! cargo run --release --features bench --example stage -- 3 100   the fourth one, a hundred times eight frames
//! ```

use std::path::Path;

use ser::audio::{DecodingSettings, Recording};
use ser::bench::stages;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut recording = Recording::open(
        Path::new("assets/speech/03a02Wc.flac"),
        &DecodingSettings::default(),
    )?;
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    let first = recording.rate() as usize / 2;
    let mut stages = stages(&samples, first, recording.rate(), 190.0);
    let mut arguments = std::env::args().skip(1);
    match (arguments.next(), arguments.next()) {
        (Some(index), Some(times)) => {
            let stage = stages
                .get_mut(index.parse::<usize>()?)
                .ok_or("no such stage")?;
            (0..times.parse::<u32>()?).for_each(|_| (stage.run)());
        }
        _ => stages.iter().for_each(|stage| println!("{}", stage.name)),
    }
    Ok(())
}
