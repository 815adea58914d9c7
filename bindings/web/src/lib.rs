//! `ser` in the browser, in a worker and in Node: the crates' own names for JavaScript, and no logic beyond them.
//!
//! ```text
//! bytes ── decode ── Float32Array ──┬─ extract, Extractor ── features
//!                                   ├─ turns ─────────────── where somebody speaks
//!                                   ├─ Classifier ────────── answer, latent, explanation
//!                                   └─ view ──────────────── what assets/report/recording.js draws
//! ```
//!
//! Nothing here reads a file, opens a connection or evaluates text as code. Values are those of the native program, bit for bit.

mod classifier;

mod extractor;

mod sound;

mod turns;

mod view;

use js_sys::JSON;
use serde::Serialize;
use wasm_bindgen::prelude::*;

#[wasm_bindgen(typescript_custom_section)]
const TYPES: &str = include_str!("types.d.ts");

/// A value as JavaScript has it, by way of JSON: every number of 64 bits survives.
fn to_js(value: &impl Serialize) -> Result<JsValue, JsError> {
    let text = serde_json::to_string(value)?;
    JSON::parse(&text).map_err(|_| JsError::new("a result could not be passed to JavaScript"))
}
