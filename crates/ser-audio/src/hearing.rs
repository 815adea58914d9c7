//! What the tests of this folder share: bytes in, samples out.

use std::io::Cursor;
use std::path::Path;

use symphonia::core::io::ReadOnlySource;

use crate::{DecodingSettings, Error, Recording};

/// All samples, and the recording at its end.
pub(crate) type SamplesAndRecording = (Vec<f32>, Recording);

/// Reads to the end.
pub(crate) fn drain(mut recording: Recording) -> Result<SamplesAndRecording, Error> {
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        assert!(!block.is_empty());
        samples.extend_from_slice(block);
    }
    Ok((samples, recording))
}

/// The content of a file in memory.
pub(crate) fn hear_with(
    bytes: &[u8],
    settings: &DecodingSettings,
) -> Result<SamplesAndRecording, Error> {
    drain(Recording::from_reader(
        Box::new(Cursor::new(bytes.to_vec())),
        settings,
    )?)
}

/// The mean of all channels at the file's own rate.
pub(crate) fn hear(bytes: &[u8]) -> Result<SamplesAndRecording, Error> {
    hear_with(bytes, &DecodingSettings::default())
}

/// The same through a source that cannot seek and does not know its length.
pub(crate) fn hear_piped(bytes: &[u8]) -> Result<SamplesAndRecording, Error> {
    let source = ReadOnlySource::new(Cursor::new(bytes.to_vec()));
    drain(Recording::from_reader(
        Box::new(source),
        &DecodingSettings::default(),
    )?)
}

/// A file of `tests/signal`: a tone rising from 200 to 2000 Hz in 0.3 s, 16 kHz, amplitude 0.5.
pub(crate) fn signal(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../tests/signal")
        .join(name);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}
