//! The bundled model, or one from a file: answers, places in the latent plane, and reasons.

use js_sys::{Float32Array, Reflect};
use ser_features::{Extractor, FeatureSet, Features, Level};
use ser_models::classify::Ground;
use ser_models::classify::answer_explanation::explain_answer;
use ser_models::classify::front_end::Sound;
use ser_models::classify::{Answer, Measure, Measured, Model};
use serde::Serialize;
use wasm_bindgen::prelude::*;

use crate::to_js;

/// A model that answers about recordings.
#[wasm_bindgen]
pub struct Classifier {
    model: Model,
    measure: Measure,
    ground: Ground,
}

/// An answer about a stretch of a recording, in seconds.
#[derive(Serialize)]
struct Part {
    start: f64,
    end: f64,
    #[serde(flatten)]
    answer: Answer,
}

#[wasm_bindgen]
impl Classifier {
    /// The bundled model.
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Classifier, JsError> {
        let model = Model::built_in()?;
        Ok(Classifier {
            measure: model.measure()?,
            model,
            ground: Ground::Alone,
        })
    }

    /// The names of the classes, in the order of the probabilities.
    pub fn classes(&self) -> Vec<String> {
        self.model.classes().to_vec()
    }

    /// The model's card, Markdown: training data, scores, and what it must not be used for.
    pub fn card(&self) -> String {
        match &self.model {
            Model::Classifier(classifier) => classifier.card.clone(),
            Model::Pipeline(..) => String::new(),
        }
    }

    /// What the model answers about mono samples at `rate` Hz.
    #[wasm_bindgen(unchecked_return_type = "Answer")]
    pub fn classify(&mut self, samples: &[f32], rate: u32) -> Result<JsValue, JsError> {
        to_js(&self.answer(samples.to_vec(), rate)?)
    }

    /// Answers about windows of `window` seconds, one every `hop` seconds, that lie within the recording; windows without speech have none.
    #[wasm_bindgen(unchecked_return_type = "Part[]")]
    pub fn windows(
        &mut self,
        samples: &[f32],
        rate: u32,
        window: f64,
        hop: f64,
    ) -> Result<JsValue, JsError> {
        let sound = Sound {
            samples: samples.to_vec(),
            rate_hz: rate,
        };
        let mut parts = Vec::new();
        for (start, end) in sound.stretches((hop > 0.0).then_some((window, hop))) {
            if let Ok(measured) = self.measure.measure(&sound.part(start, Some(end))) {
                let answer = self.model.answer(&measured, &self.ground)?;
                parts.push(Part { start, end, answer });
            }
        }
        to_js(&parts)
    }

    /// Answers about stretches of mono samples at `rate` Hz; `bounds` has the first sample and that after the last of each. Stretches without speech have `null`.
    #[wasm_bindgen(unchecked_return_type = "(Answer | null)[]")]
    pub fn stretches(
        &mut self,
        samples: &[f32],
        rate: u32,
        bounds: &[u32],
    ) -> Result<JsValue, JsError> {
        let mut answers = Vec::new();
        for bounds in bounds.chunks_exact(2) {
            let stretch = samples.get(bounds[0] as usize..bounds[1] as usize);
            let sound = Sound {
                samples: stretch.unwrap_or_default().to_vec(),
                rate_hz: rate,
            };
            answers.push(match self.measure.measure(&sound) {
                Ok(measured) => Some(self.model.answer(&measured, &self.ground)?),
                Err(_) => None,
            });
        }
        to_js(&answers)
    }

    /// The place of a recording in the latent plane.
    pub fn embed(&mut self, samples: &[f32], rate: u32) -> Result<Vec<f64>, JsError> {
        Ok(self
            .answer(samples.to_vec(), rate)?
            .latent
            .unwrap_or_default())
    }

    /// Which voice properties spoke for and against the label, and when.
    #[wasm_bindgen(unchecked_return_type = "Why")]
    pub fn explain(&mut self, samples: &[f32], rate: u32) -> Result<JsValue, JsError> {
        let answer = self.answer(samples.to_vec(), rate)?;
        let Model::Classifier(classifier) = &self.model else {
            return Err(JsError::new("this model gives no explanations"));
        };
        to_js(&explain_answer(
            classifier,
            &answer,
            descriptors(samples, rate).ok().as_ref(),
        ))
    }

    /// The model relative to a speaker's ordinary voice, by calm recordings, each `{ samples, rate }`.
    pub fn baseline(
        &mut self,
        #[wasm_bindgen(unchecked_param_type = "Samples[]")] sounds: Vec<JsValue>,
    ) -> Result<Classifier, JsError> {
        let mut measured = Vec::new();
        for sound in sounds {
            let get = |key: &str| Reflect::get(&sound, &key.into()).unwrap_or_default();
            let samples: Float32Array = get("samples").dyn_into().map_err(|_| {
                JsError::new(
                    "a baseline is made of recordings { samples: Float32Array, rate: number }",
                )
            })?;
            let rate = get("rate").as_f64().unwrap_or_default() as u32;
            measured.push(self.measure.measure_all(&Sound {
                samples: samples.to_vec(),
                rate_hz: rate,
            })?);
        }
        Ok(Classifier {
            ground: self
                .model
                .calm(&self.model.baseline(&measured, String::new())?)?,
            model: self.model.clone(),
            measure: self.measure.clone(),
        })
    }

    fn answer(&mut self, samples: Vec<f32>, rate_hz: u32) -> Result<Answer, JsError> {
        let measured = self.measured(samples, rate_hz)?;
        Ok(self.model.answer(&measured, &self.ground)?)
    }

    fn measured(&mut self, samples: Vec<f32>, rate_hz: u32) -> Result<Measured, JsError> {
        Ok(self.measure.measure(&Sound { samples, rate_hz })?)
    }
}

/// The descriptors of a recording, for when something was extreme.
fn descriptors(samples: &[f32], rate: u32) -> Result<Features, ser_features::Error> {
    let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, rate, Level::Descriptors)?;
    extractor.push(samples)?;
    extractor.finish()
}
