//! What a page draws of a recording.

use js_sys::{Object, Reflect, Uint8Array};
use ser_features::feature::egemaps::columns;
use ser_features::{Extractor, FeatureSet, Level};
use ser_view::spectrogram::spectrogram;
use ser_view::{Feature, Tracks};
use wasm_bindgen::prelude::*;

use crate::to_js;

/// The set that lines and features are of.
const SET: FeatureSet = FeatureSet::EGeMapsV02;

/// Numbers for a chart of a recording: outline, spectrogram, pitch, loudness, formants and features.
#[wasm_bindgen(unchecked_return_type = "View")]
pub fn view(samples: &[f32], rate: u32) -> Result<JsValue, JsError> {
    let measured = |level| -> Result<_, ser_features::Error> {
        let mut extractor = Extractor::new(SET, rate, level)?;
        extractor.reserve(samples.len());
        extractor.push(samples)?;
        extractor.finish()
    };
    let tracks = Tracks::of(&measured(Level::Descriptors)?);
    let functionals = measured(Level::Functionals)?;
    let columns = columns::of(SET, Level::Functionals);
    let features = Feature::all(&columns, &functionals, |_| None);
    let picture = spectrogram(samples, rate);
    let data = ser_view::View::new(samples, rate, &picture, &tracks, &features, "");
    let (shown, pixels) = (Object::new(), Object::new());
    let set = |object: &Object, key: &str, value: JsValue| {
        Reflect::set(object, &key.into(), &value)
            .map(|_| ())
            .map_err(|_| JsError::new("a result could not be passed to JavaScript"))
    };
    set(
        &pixels,
        "pixels",
        Uint8Array::from(picture.grey.as_slice()).into(),
    )?;
    set(&pixels, "width", (picture.width as u32).into())?;
    set(&pixels, "height", (picture.height as u32).into())?;
    set(&shown, "data", to_js(&data)?)?;
    set(&shown, "picture", pixels.into())?;
    Ok(shown.into())
}

/// Hz of semitones above 27.5 Hz, as the pitch of eGeMAPS is given; 0 stays 0: unvoiced.
#[wasm_bindgen]
pub fn hertz(semitones: f32) -> f32 {
    ser_view::tracks::hz(semitones)
}
