//! Bytes of a file become samples, as the program decodes them.

use std::io::Cursor;

use js_sys::{Float32Array, Uint8Array};
use ser_audio::{DecodingSettings, Recording};
use wasm_bindgen::prelude::*;

/// Mono samples at their rate.
#[wasm_bindgen]
pub struct Sound {
    pub(crate) samples: Vec<f32>,
    pub(crate) rate_hz: u32,
}

#[wasm_bindgen]
impl Sound {
    /// The samples, full scale ±1.
    #[wasm_bindgen(getter)]
    pub fn samples(&self) -> Float32Array {
        Float32Array::from(self.samples.as_slice())
    }

    /// Their rate, Hz.
    #[wasm_bindgen(getter)]
    pub fn rate(&self) -> u32 {
        self.rate_hz
    }
}

/// Decodes a recording at its own rate: WAV, FLAC, MP3, Ogg Vorbis, AAC, ALAC, AIFF, CAF or Matroska, known by its content; channels are averaged.
#[wasm_bindgen]
pub fn decode(bytes: Vec<u8>) -> Result<Sound, JsError> {
    decoded(bytes, None)
}

/// Decodes, and resamples to a rate where one is given.
pub(crate) fn decoded(bytes: Vec<u8>, rate: Option<u32>) -> Result<Sound, JsError> {
    let settings = DecodingSettings {
        rate,
        ..DecodingSettings::default()
    };
    let mut recording = Recording::from_reader(Box::new(Cursor::new(bytes)), &settings)?;
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    Ok(Sound {
        samples,
        rate_hz: recording.rate(),
    })
}

/// A recording from either kind of argument: the bytes of a file, or samples with their rate.
pub(crate) fn sound(
    input: JsValue,
    rate: Option<u32>,
    rate_of_set: Option<u32>,
) -> Result<Sound, JsError> {
    if let Some(samples) = input.dyn_ref::<Float32Array>() {
        let rate_hz =
            rate.ok_or_else(|| JsError::new("samples need their rate in Hz as second argument"))?;
        return Ok(Sound {
            samples: samples.to_vec(),
            rate_hz,
        });
    }
    match input.dyn_ref::<Uint8Array>() {
        Some(bytes) => decoded(bytes.to_vec(), rate_of_set),
        None => Err(JsError::new(
            "expected the bytes of a recording (Uint8Array) or samples (Float32Array)",
        )),
    }
}
