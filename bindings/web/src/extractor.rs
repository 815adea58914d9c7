//! Features: of a whole recording, or of samples as they arrive.

use js_sys::{Array, Float32Array, Object, Reflect};
use ser_features::feature::egemaps::columns;
use ser_features::{FeatureSet, Features, Level};
use ser_tables::csv::CsvWriter;
use ser_tables::{Schema, TableWriter};
use wasm_bindgen::prelude::*;

use crate::sound::sound;
use crate::to_js;

/// What is asked for.
#[derive(Clone, Copy, Default)]
struct Options {
    set: FeatureSet,
    level: Level,
}

/// Reads the options of a call; what is missing is the default.
fn options(given: &JsValue) -> Result<Options, JsError> {
    let text = |key: &str| {
        let value = Reflect::get(given, &key.into()).unwrap_or_default();
        value.as_string()
    };
    let mut options = Options::default();
    if given.is_object() {
        if let Some(set) = text("set") {
            options.set = set.parse()?;
        }
        if let Some(level) = text("level") {
            options.level = level.parse()?;
        }
    }
    Ok(options)
}

/// The features of a recording: of the bytes of a file, or of samples with their rate in Hz.
#[wasm_bindgen(unchecked_return_type = "Features")]
pub fn extract(
    #[wasm_bindgen(unchecked_param_type = "Uint8Array | Float32Array")] input: JsValue,
    rate: Option<u32>,
    #[wasm_bindgen(unchecked_optional_param_type = "Options")] given: JsValue,
) -> Result<JsValue, JsError> {
    let Options { set, level } = options(&given)?;
    let sound = sound(input, rate, set.rate_hz())?;
    let mut extractor = ser_features::Extractor::new(set, sound.rate_hz, level)?;
    extractor.reserve(sound.samples.len());
    extractor.push(&sound.samples)?;
    rows(&extractor.finish()?)
}

/// The columns of a set with unit, group and meaning; functionals unless `level` says otherwise.
#[wasm_bindgen(js_name = columns, unchecked_return_type = "Column[]")]
pub fn columns_of(
    #[wasm_bindgen(unchecked_param_type = "FeatureSet")] set: &str,
    #[wasm_bindgen(unchecked_optional_param_type = "Level")] level: Option<String>,
) -> Result<JsValue, JsError> {
    let level = level.map_or(Ok(Level::default()), |level| level.parse())?;
    let columns: Vec<_> = columns::of(set.parse()?, level)
        .into_iter()
        .map(|column| {
            serde_json::json!({
                "name": column.name, "unit": column.unit, "group": column.group.name(), "meaning": column.meaning,
            })
        })
        .collect();
    to_js(&columns)
}

/// Extracts from samples as they arrive; how they are cut never changes a bit of the result.
#[wasm_bindgen]
pub struct Extractor(ser_features::Extractor);

#[wasm_bindgen]
impl Extractor {
    /// Plans for samples at `rate` Hz.
    #[wasm_bindgen(constructor)]
    pub fn new(
        rate: u32,
        #[wasm_bindgen(unchecked_optional_param_type = "Options")] given: JsValue,
    ) -> Result<Extractor, JsError> {
        let Options { set, level } = options(&given)?;
        Ok(Extractor(ser_features::Extractor::new(set, rate, level)?))
    }

    /// Takes in the next samples.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), JsError> {
        Ok(self.0.push(samples)?)
    }

    /// Ends the recording and gives its features; the extractor is then ready for the next one.
    #[wasm_bindgen(unchecked_return_type = "Features")]
    pub fn finish(&mut self) -> Result<JsValue, JsError> {
        rows(&self.0.finish()?)
    }
}

/// A table of many recordings as text, written as `ser extract` writes it.
#[wasm_bindgen]
pub struct Table {
    options: Options,
    rows: Vec<(String, Features)>,
}

#[wasm_bindgen]
impl Table {
    /// An empty table.
    #[wasm_bindgen(constructor)]
    pub fn new(
        #[wasm_bindgen(unchecked_optional_param_type = "Options")] given: JsValue,
    ) -> Result<Table, JsError> {
        let (options, rows) = (options(&given)?, Vec::new());
        Ok(Table { options, rows })
    }

    /// Adds the features of a recording.
    pub fn add(&mut self, file: String, samples: &[f32], rate: u32) -> Result<(), JsError> {
        let Options { set, level } = self.options;
        let mut extractor = ser_features::Extractor::new(set, rate, level)?;
        extractor.push(samples)?;
        self.rows.push((file, extractor.finish()?));
        Ok(())
    }

    /// The table as CSV.
    pub fn csv(&self) -> Result<String, JsError> {
        let mut text = Vec::new();
        let schema = Schema::new(self.options.set, self.options.level);
        let mut writer = CsvWriter::new(&mut text, &schema)?;
        for (file, features) in &self.rows {
            for row in features.rows() {
                writer.write(file, None, &row)?;
            }
        }
        writer.finish()?;
        drop(writer);
        Ok(String::from_utf8(text)?)
    }
}

/// Features as JavaScript has them.
fn rows(features: &Features) -> Result<JsValue, JsError> {
    let object = Object::new();
    let set = |key: &str, value: JsValue| {
        Reflect::set(&object, &key.into(), &value)
            .map(|_| ())
            .map_err(|_| JsError::new("a result could not be passed to JavaScript"))
    };
    let names: Array = features.names().map(JsValue::from_str).collect();
    let spans: Vec<_> = features
        .rows()
        .map(|row| (row.start_s, row.end_s))
        .collect();
    set("set", features.set().name().into())?;
    set("level", features.level().name().into())?;
    set("names", names.into())?;
    set("spans", to_js(&spans)?)?;
    set("values", Float32Array::from(features.values()).into())?;
    Ok(object.into())
}
