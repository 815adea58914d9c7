//! A model as one safetensors file: numbers as tensors, everything else as JSON in its metadata.
//!
//! ```text
//! metadata  ser.classifier  { format, ser, transform, front_end, columns, classes, clip, temperature, limits, abstention, making, card }
//! tensors   scaler (4 × columns), single.weight, single.bias, single.means, single.axes, single.whitening, batch.weight, …     f64
//! ```
//!
//! A file that is none, is cut off, is of another kind or form, wants a front end that this ser has not, or has tensors that do not fit is
//! refused in one line with the remedy. Its form cannot run code.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use ndarray::Array2;
use safetensors::tensor::{Dtype, SafeTensors, TensorView};
use serde::{Deserialize, Serialize};

use super::classifier::{Abstention, Classifier, Heads, Making};
use super::front_end::{FrontEnd, Settings};
use super::inside::Limits;
use super::transform::Transform;
use crate::model::Error;
use crate::model::discriminant::Discriminant;
use ser_tables::whole::Unfinished;

/// The form written here; others are refused.
const FORMAT: u32 = 1;
/// The key in the metadata.
const KEY: &str = "ser.classifier";
/// What helps.
const REMEDY: &str =
    "make one with `ser train DIR --recipe robust`, or leave out --model to use the one inside ser";

#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    ser: String,
    /// Version of the columns' forms.
    transform: u32,
    front_end: Settings,
    columns: Vec<String>,
    classes: Vec<String>,
    clip: f64,
    temperature: f64,
    batch_temperature: f64,
    limits: Limits,
    abstention: Abstention,
    making: Making,
    card: String,
}

/// What every form has.
#[derive(Deserialize)]
struct Version {
    format: u32,
    ser: String,
}

impl Classifier {
    /// Writes the model; the file appears when it is complete.
    ///
    /// # Errors
    /// Names the file and the system's reason.
    pub fn write(&self, path: &Path) -> Result<(), Error> {
        let file = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let bytes = self.to_bytes().map_err(file)?;
        let written = || -> std::io::Result<()> {
            let unfinished = Unfinished::create(path)?;
            unfinished.target()?.write_all(&bytes)?;
            unfinished.complete()
        };
        written().map_err(|error| file(error.to_string()))
    }

    /// The model as the bytes of a file; the batch that it is adapted to is no part of it.
    ///
    /// # Errors
    /// Numbers that JSON cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let metadata = Metadata {
            format: FORMAT,
            ser: env!("CARGO_PKG_VERSION").into(),
            transform: Transform::VERSION,
            front_end: self.front_end.clone(),
            columns: self.columns.clone(),
            classes: self.classes.clone(),
            clip: self.heads.clip,
            temperature: self.temperature,
            batch_temperature: self.batch_temperature,
            limits: self.limits.clone(),
            abstention: self.abstention.clone(),
            making: self.making.clone(),
            card: self.card.clone(),
        };
        let metadata = serde_json::to_string(&metadata).map_err(|e| e.to_string())?;
        let Heads {
            mean,
            deviation,
            centre,
            spread,
            single,
            batch,
            ..
        } = &self.heads;
        let mut tensors = vec![(
            "scaler".to_string(),
            vec![4, mean.len()],
            [mean, deviation, centre, spread]
                .into_iter()
                .flatten()
                .copied()
                .collect::<Vec<f64>>(),
        )];
        for (name, discriminant) in [("single", single), ("batch", batch)] {
            let Discriminant {
                weight,
                bias,
                means,
                axes,
                whitening,
            } = discriminant;
            tensors.push((format!("{name}.bias"), vec![1, bias.len()], bias.clone()));
            for (part, tensor) in [
                ("weight", weight),
                ("means", means),
                ("axes", axes),
                ("whitening", whitening),
            ] {
                tensors.push((
                    format!("{name}.{part}"),
                    vec![tensor.nrows(), tensor.ncols()],
                    tensor.iter().copied().collect(),
                ));
            }
        }
        let bytes: Vec<(String, Vec<usize>, Vec<u8>)> = tensors
            .into_iter()
            .map(|(name, shape, values)| {
                (
                    name,
                    shape,
                    values.iter().flat_map(|x| x.to_le_bytes()).collect(),
                )
            })
            .collect();
        let mut views = Vec::with_capacity(bytes.len());
        for tensor in &bytes {
            let (name, shape, data) = tensor;
            views.push((
                name.clone(),
                TensorView::new(Dtype::F64, shape.clone(), data).map_err(|e| e.to_string())?,
            ));
        }
        safetensors::serialize(views, Some(HashMap::from([(KEY.to_string(), metadata)])))
            .map_err(|e| e.to_string())
    }

    /// Reads a model.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn read(path: &Path) -> Result<Classifier, Error> {
        let file = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let bytes = ser_tables::given::read(path).map_err(|e| file(e.to_string()))?;
        Classifier::from_bytes(&bytes).map_err(file)
    }

    /// The model of a file's bytes.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Classifier, String> {
        let damaged = |_| format!("it is no model file, or a damaged one: {REMEDY}");
        let tensors = SafeTensors::deserialize(bytes).map_err(damaged)?;
        let (_, header) = SafeTensors::read_metadata(bytes).map_err(damaged)?;
        let of = |key: &str| {
            header
                .metadata()
                .as_ref()
                .and_then(|metadata| metadata.get(key))
        };
        let text = match of(KEY) {
            Some(text) => text,
            None if of("ser.model").is_some() => {
                return Err(format!(
                    "it is a model of a study, without a front end, and recordings cannot be given to it: {REMEDY}"
                ));
            }
            None => {
                return Err(format!(
                    "it holds tensors, but of no model of ser: {REMEDY}"
                ));
            }
        };
        let unreadable =
            |e: serde_json::Error| format!("its description cannot be read ({e}): {REMEDY}");
        let version: Version = serde_json::from_str(text).map_err(unreadable)?;
        if version.format != FORMAT {
            return Err(format!(
                "it is of form {} (ser {}), and this ser reads form {FORMAT}: {REMEDY}",
                version.format, version.ser
            ));
        }
        let metadata: Metadata = serde_json::from_str(text).map_err(unreadable)?;
        let transform = checked(&metadata)?;
        let columns = metadata.columns.len();
        let scaler = array(&tensors, "scaler", 4, columns)?;
        let row = |at: usize| scaler.row(at).to_vec();
        let classes = metadata.classes.len();
        if scaler.row(1).iter().any(|sd| *sd <= 0.0) {
            return Err(format!("its scaler divides by 0: {REMEDY}"));
        }
        Ok(Classifier {
            heads: Heads {
                transform,
                mean: row(0),
                deviation: row(1),
                centre: row(2),
                spread: row(3),
                clip: metadata.clip,
                single: discriminant(&tensors, "single", classes, columns)?,
                batch: discriminant(&tensors, "batch", classes, columns)?,
            },
            front_end: metadata.front_end,
            columns: metadata.columns,
            classes: metadata.classes,
            temperature: metadata.temperature,
            batch_temperature: metadata.batch_temperature,
            limits: metadata.limits,
            abstention: metadata.abstention,
            making: metadata.making,
            card: metadata.card,
            adapted: None,
        })
    }
}

/// What the description says, held against what this ser can do.
fn checked(metadata: &Metadata) -> Result<Transform, String> {
    let Metadata {
        transform,
        front_end,
        columns,
        classes,
        limits,
        ..
    } = metadata;
    if *transform != Transform::VERSION {
        return Err(format!(
            "its columns are changed by rules of version {transform}, and this ser has version {}: {REMEDY}",
            Transform::VERSION
        ));
    }
    let own = FrontEnd::new(front_end)
        .map_err(|e| format!("its front end is none of this ser ({e}): {REMEDY}"))?
        .columns();
    if let Some(odd) = ser_tables::labelled::differing(&own, columns) {
        return Err(format!(
            "its columns are not those of {} ({odd}): {REMEDY}",
            front_end.set
        ));
    }
    let positive = [
        metadata.clip,
        metadata.temperature,
        metadata.batch_temperature,
    ]
    .iter()
    .all(|x| x.is_finite() && *x > 0.0);
    if classes.len() < 2 || limits.columns.len() != columns.len() || !positive {
        return Err(format!("its parts do not fit each other: {REMEDY}"));
    }
    Transform::new(columns).map_err(|e| e.to_string())
}

fn discriminant(
    tensors: &SafeTensors<'_>,
    name: &str,
    classes: usize,
    columns: usize,
) -> Result<Discriminant, String> {
    let part = |part: &str, rows: usize, columns: usize| {
        array(tensors, &format!("{name}.{part}"), rows, columns)
    };
    Ok(Discriminant {
        weight: part("weight", classes, columns)?,
        bias: part("bias", 1, classes)?.into_iter().collect(),
        means: part("means", classes, columns)?,
        axes: part("axes", 2, columns)?,
        whitening: part("whitening", columns, columns)?,
    })
}

/// A tensor of so many rows and columns, all numbers.
fn array(
    tensors: &SafeTensors<'_>,
    name: &str,
    rows: usize,
    columns: usize,
) -> Result<Array2<f64>, String> {
    let tensor = tensors
        .tensor(name)
        .map_err(|_| format!("its tensor {name} is missing: {REMEDY}"))?;
    if tensor.dtype() != Dtype::F64 || tensor.shape() != [rows, columns] {
        return Err(format!(
            "its tensor {name} has shape {:?} where [{rows}, {columns}] of f64 belongs: {REMEDY}",
            tensor.shape()
        ));
    }
    let (numbers, _) = tensor.data().as_chunks::<8>();
    let values: Vec<f64> = numbers
        .iter()
        .map(|bytes| f64::from_le_bytes(*bytes))
        .collect();
    if values.iter().any(|x| !x.is_finite()) {
        return Err(format!(
            "its tensor {name} has values that are no numbers: {REMEDY}"
        ));
    }
    Array2::from_shape_vec((rows, columns), values).map_err(|e| e.to_string())
}
