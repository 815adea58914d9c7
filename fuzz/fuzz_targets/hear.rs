//! Bytes that begin like a certain format, decoded to the end, mixed and resampled.
//!
//! The first byte chooses the settings, the rest is the file, whose beginning is overwritten by that of the format: so every execution reaches its
//! decoder. A panic that the decoder guard turns into an error is no finding; any other is, and so are a sample that is not finite, ten seconds for
//! one input, and 1 GiB.

use std::io::Cursor;
use std::sync::Once;

use ser_audio::{DecodingSettings, Recording};

static START: Once = Once::new();

/// Hears `data` as a file with these bytes at these places.
pub fn hear(data: &[u8], beginning: &[(usize, &[u8])]) {
    // After libFuzzer's own hook, which would end the process at a panic that is caught.
    START.call_once(ser_audio::hush_decoder_panics);
    let Some((first, file)) = data.split_first() else {
        return;
    };
    let mut file = file.to_vec();
    for (at, bytes) in beginning {
        match file.get_mut(*at..at + bytes.len()) {
            Some(place) => place.copy_from_slice(bytes),
            None => return,
        }
    }
    let settings = DecodingSettings {
        channel: (first & 3 == 3).then_some(usize::from(first >> 6)),
        rate: [None, None, Some(16_000), Some(4_000)][usize::from(first >> 2 & 3)],
    };
    let Ok(mut recording) = Recording::from_reader(Box::new(Cursor::new(file)), &settings) else {
        return;
    };
    while let Ok(Some(block)) = recording.next_block() {
        assert!(block.iter().all(|sample| sample.is_finite()));
    }
    for warning in recording.warnings() {
        assert!(!warning.to_string().contains('\n'));
    }
}
