//! Long recordings cut into turns at their pauses.

use ser_features::speech::turn::Segmenter;
use wasm_bindgen::prelude::*;

use crate::to_js;

/// The turns of mono samples at `rate` Hz, at most 8 s each: what `ser segment` finds.
#[wasm_bindgen(unchecked_return_type = "Turn[]")]
pub fn turns(samples: &[f32], rate: u32) -> Result<JsValue, JsError> {
    let mut segmenter = Segmenter::new(rate);
    let mut found = Vec::new();
    segmenter.push(samples, |turn| found.push(turn));
    segmenter.finish(|turn| found.push(turn));
    to_js(&found)
}
