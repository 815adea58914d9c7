//! A model as one safetensors file: numbers and long texts as tensors, everything else as JSON in its metadata.
//!
//! ```text
//! metadata  ser.classifier  { format, ser, transform, sets, columns, classes, clip, balance, bands, making }
//! tensors   of each band, by its number:  0.scaler (3 × columns), 0.general.{weight, bias, means, axes, whitening},
//!           0.voice (4 × columns: s, σ², b₀, τ²), 0.offsets, 0.mixed, 0.relative.{weight, bias, means, axes}                        f64
//!           card, as text, and records: of each band and basis the scores behind its reliability, as JSON, which no answer needs and none reads   u8
//! ```
//!
//! A file that is none, is cut off, is of another kind or format, wants a front end that this ser does not have, or has tensors that do not fit is
//! refused in one line with the remedy. Loading one runs no code from it.

use std::collections::HashMap;
use std::io::Write;
use std::path::Path;

use ndarray::Array2;
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};

use super::classifier::{Classifier, FittedBand, Making};
use super::front_end::FrontEndSettings;
use super::heads::Heads;
use super::relative::Relative;
use super::reliability::{Record, Reliability};
use super::transform::Transform;
use super::within_limits::Limits;
use crate::model::Error;
use crate::model::discriminant::Discriminant;
use crate::model::tensors::Tensors;
use ser_tables::atomic_write::UnfinishedFile;

/// The form written here.
const FORMAT: u32 = 4;
/// The form that is read as well, whose card and records stand in the metadata; others are refused.
const FORMER: u32 = 3;
/// Tensors that are text.
const CARD: &str = "card";
const RECORDS: &str = "records";
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
    columns: Vec<String>,
    classes: Vec<String>,
    clip: f64,
    balance: f64,
    bands: Vec<BandMetadata>,
    /// The feature sets, with the revision of their numbers.
    sets: Vec<String>,
    making: Making,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    card: String,
}

#[derive(Serialize, Deserialize)]
struct BandMetadata {
    front_end: FrontEndSettings,
    limits: Limits,
    reliability: Vec<Reliability>,
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
            let unfinished = UnfinishedFile::create(path)?;
            unfinished.target()?.write_all(&bytes)?;
            unfinished.complete()
        };
        written().map_err(|error| file(error.to_string()))
    }

    /// The model as the bytes of a file.
    ///
    /// # Errors
    /// Numbers that JSON cannot hold.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let band = |band: &FittedBand| BandMetadata {
            front_end: band.front_end.clone(),
            limits: band.limits.clone(),
            reliability: (band.reliability.iter())
                .map(|known| Reliability {
                    record: Record::default(),
                    ..known.clone()
                })
                .collect(),
        };
        let records = match &self.unread_records {
            Some(text) => text.clone(),
            None => {
                let of_band = |band: &FittedBand| -> Vec<Record> {
                    let known = band.reliability.iter();
                    known.map(|known| known.record.clone()).collect()
                };
                let records: Vec<_> = self.bands.iter().map(of_band).collect();
                serde_json::to_string(&records).map_err(|e| e.to_string())?
            }
        };
        let metadata = Metadata {
            format: FORMAT,
            ser: env!("CARGO_PKG_VERSION").into(),
            transform: Transform::VERSION,
            columns: self.columns.clone(),
            classes: self.classes.clone(),
            clip: self.bands[0].heads.clip,
            balance: self.balance,
            bands: self.bands.iter().map(band).collect(),
            sets: self.bands[0].front_end.told_sets(),
            making: self.making.clone(),
            card: String::new(),
        };
        let metadata = serde_json::to_string(&metadata).map_err(|e| e.to_string())?;
        let mut tensors: Vec<(String, Vec<usize>, Vec<f64>)> = Vec::new();
        for (number, band) in self.bands.iter().enumerate() {
            put(&mut tensors, number, &band.heads);
        }
        let numbers = tensors.into_iter().map(|(name, shape, values)| {
            let bytes = values.iter().flat_map(|x| x.to_le_bytes()).collect();
            (name, Dtype::F64, shape, bytes)
        });
        let texts = [(CARD, self.card.clone()), (RECORDS, records)].map(|(name, text)| {
            let bytes = text.into_bytes();
            (name.to_string(), Dtype::U8, vec![bytes.len()], bytes)
        });
        let all: Vec<(String, Dtype, Vec<usize>, Vec<u8>)> = numbers.chain(texts).collect();
        let mut views = Vec::with_capacity(all.len());
        for (name, kind, shape, data) in &all {
            let view = TensorView::new(*kind, shape.clone(), data).map_err(|e| e.to_string())?;
            views.push((name.clone(), view));
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
        let bytes = ser_tables::bounded_read::read(path).map_err(|e| file(e.to_string()))?;
        Classifier::from_bytes(&bytes).map_err(file)
    }

    /// The model of a file's bytes.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Classifier, String> {
        let damaged = |_| format!("not a model file, or a damaged one: {REMEDY}");
        let tensors = Tensors::read(bytes).map_err(damaged)?;
        let text = match tensors.text(KEY) {
            Some(text) => text,
            None if tensors.text("ser.model").is_some() => {
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
        // The text is long: what every form has is read again only where the whole is none of this form.
        let other = |Version { format, ser }: Version| {
            format!(
                "it is of form {format} (ser {ser}), and this ser reads form {FORMAT}: {REMEDY}"
            )
        };
        let read: Result<Metadata, _> = serde_json::from_str(text);
        let is_read = |format: u32| (FORMER..=FORMAT).contains(&format);
        let metadata = read.map_err(|error| match serde_json::from_str::<Version>(text) {
            Ok(version) if !is_read(version.format) => other(version),
            _ => unreadable(error),
        })?;
        if !is_read(metadata.format) {
            return Err(other(Version {
                format: metadata.format,
                ser: metadata.ser,
            }));
        }
        let transform = checked(&metadata)?;
        let clip = metadata.clip;
        let (classes, columns) = (metadata.classes.len(), metadata.columns.len());
        let band = |(number, band): (usize, BandMetadata)| {
            Ok(FittedBand {
                heads: heads(&tensors, number, classes, columns, &transform, clip)?,
                front_end: band.front_end,
                limits: band.limits,
                reliability: band.reliability,
            })
        };
        let (card, unread_records) = match metadata.format {
            FORMER => (metadata.card, None),
            _ => (text_of(&tensors, CARD)?, Some(text_of(&tensors, RECORDS)?)),
        };
        Ok(Classifier {
            bands: metadata
                .bands
                .into_iter()
                .enumerate()
                .map(band)
                .collect::<Result<_, String>>()?,
            columns: metadata.columns,
            classes: metadata.classes,
            balance: metadata.balance,
            making: metadata.making,
            card,
            unread_records,
        })
    }

    /// The same model with the records of its reliabilities, if they were left in the file.
    ///
    /// # Errors
    /// Records that cannot be read, or that are those of another number of bands or bases.
    pub fn with_records(mut self) -> Result<Classifier, String> {
        let Some(text) = self.unread_records.take() else {
            return Ok(self);
        };
        let records: Vec<Vec<Record>> = serde_json::from_str(&text)
            .map_err(|e| format!("its records cannot be read ({e}): {REMEDY}"))?;
        let fit =
            |(band, records): (&FittedBand, &Vec<Record>)| band.reliability.len() == records.len();
        if records.len() != self.bands.len() || !self.bands.iter().zip(&records).all(fit) {
            return Err(format!("its records are not those of its bands: {REMEDY}"));
        }
        for (band, records) in self.bands.iter_mut().zip(records) {
            for (known, record) in band.reliability.iter_mut().zip(records) {
                known.record = record;
            }
        }
        Ok(self)
    }
}

/// A tensor that is text.
fn text_of(tensors: &Tensors<'_>, name: &str) -> Result<String, String> {
    let found = tensors.tensor(name);
    let bytes = found.filter(|tensor| tensor.dtype() == Dtype::U8);
    let text = bytes.and_then(|bytes| String::from_utf8(bytes.data().to_vec()).ok());
    text.ok_or_else(|| format!("its tensor {name} is missing or no text: {REMEDY}"))
}

/// The tensors of a band.
fn put(tensors: &mut Vec<(String, Vec<usize>, Vec<f64>)>, number: usize, heads: &Heads) {
    let mut add = |name: &str, rows: usize, values: Vec<f64>| {
        tensors.push((
            format!("{number}.{name}"),
            vec![rows, values.len() / rows.max(1)],
            values,
        ));
    };
    let Relative {
        scale,
        offsets,
        noise,
        prior_mean,
        prior_variance,
        discriminant,
        mixed,
    } = &heads.relative;
    add(
        "scaler",
        3,
        [&heads.mean[..], &heads.deviation, &heads.centre].concat(),
    );
    add(
        "voice",
        4,
        [&scale[..], noise, prior_mean, prior_variance].concat(),
    );
    add(
        "offsets",
        offsets.nrows(),
        offsets.iter().copied().collect(),
    );
    add("mixed", 1, mixed.to_vec());
    for (name, found) in [("general", &heads.general), ("relative", discriminant)] {
        let Discriminant {
            weight,
            bias,
            means,
            axes,
            whitening,
        } = found;
        add(&format!("{name}.bias"), 1, bias.clone());
        let parts = [
            ("weight", weight),
            ("means", means),
            ("axes", axes),
            ("whitening", whitening),
        ];
        for (part, tensor) in parts.into_iter().filter(|(_, tensor)| !tensor.is_empty()) {
            add(
                &format!("{name}.{part}"),
                tensor.nrows(),
                tensor.iter().copied().collect(),
            );
        }
    }
}

/// What the description says, held against what this ser can do.
fn checked(metadata: &Metadata) -> Result<Transform, String> {
    let Metadata {
        transform,
        sets,
        columns,
        classes,
        bands,
        ..
    } = metadata;
    if *transform != Transform::VERSION {
        return Err(format!(
            "its columns are changed by rules of version {transform}, and this ser has version {}: {REMEDY}",
            Transform::VERSION
        ));
    }
    for BandMetadata { front_end, .. } in bands {
        let own = front_end
            .columns()
            .map_err(|e| format!("its front end is none of this ser ({e}): {REMEDY}"))?;
        if let Some(odd) = ser_tables::labelled::differing(&own, columns) {
            return Err(format!(
                "its columns are not those of {} ({odd}): {REMEDY}",
                front_end.sets.join(" and ")
            ));
        }
        if front_end.told_sets() != *sets {
            return Err(format!(
                "it learnt from {}, and this ser computes {}: {REMEDY}",
                sets.join(" and "),
                front_end.told_sets().join(" and ")
            ));
        }
    }
    let positive = |x: f64| x.is_finite() && x > 0.0;
    let fits = |band: &BandMetadata| {
        band.limits.columns.ranges.len() == columns.len()
            && !band.reliability.is_empty()
            && band
                .reliability
                .iter()
                .all(|known| positive(known.temperature))
    };
    if classes.len() < 2 || bands.is_empty() || !bands.iter().all(fits) || !positive(metadata.clip)
    {
        return Err(format!("its parts do not fit each other: {REMEDY}"));
    }
    Transform::new(columns).map_err(|e| e.to_string())
}

fn heads(
    tensors: &Tensors<'_>,
    number: usize,
    classes: usize,
    columns: usize,
    transform: &Transform,
    clip: f64,
) -> Result<Heads, String> {
    let part = |name: &str, rows: usize, columns: usize| {
        array(tensors, &format!("{number}.{name}"), rows, columns)
    };
    let discriminant = |name: &str, whitens: bool| -> Result<Discriminant, String> {
        let part = |part_name: &str, rows: usize, columns: usize| {
            part(&format!("{name}.{part_name}"), rows, columns)
        };
        Ok(Discriminant {
            weight: part("weight", classes, columns)?,
            bias: part("bias", 1, classes)?.into_iter().collect(),
            means: part("means", classes, columns)?,
            axes: part("axes", 2, columns)?,
            whitening: match whitens {
                true => part("whitening", columns, columns)?,
                false => Array2::zeros((0, 0)),
            },
        })
    };
    let (scaler, voice) = (part("scaler", 3, columns)?, part("voice", 4, columns)?);
    let row = |table: &Array2<f64>, at: usize| table.row(at).to_vec();
    let divisors = [scaler.row(1), voice.row(0), voice.row(1), voice.row(3)];
    if divisors.iter().any(|row| row.iter().any(|x| *x <= 0.0)) {
        return Err(format!("its scaler divides by 0: {REMEDY}"));
    }
    let mixed = part("mixed", 1, 3)?;
    Ok(Heads {
        transform: transform.clone(),
        mean: row(&scaler, 0),
        deviation: row(&scaler, 1),
        centre: row(&scaler, 2),
        clip,
        general: discriminant("general", true)?,
        relative: Relative {
            scale: row(&voice, 0),
            noise: row(&voice, 1),
            prior_mean: row(&voice, 2),
            prior_variance: row(&voice, 3),
            offsets: part("offsets", classes, columns)?,
            discriminant: discriminant("relative", false)?,
            mixed: [mixed[(0, 0)], mixed[(0, 1)], mixed[(0, 2)]],
        },
    })
}

/// A tensor of so many rows and columns, all numbers.
fn array(
    tensors: &Tensors<'_>,
    name: &str,
    rows: usize,
    columns: usize,
) -> Result<Array2<f64>, String> {
    let tensor = tensors
        .tensor(name)
        .ok_or_else(|| format!("its tensor {name} is missing: {REMEDY}"))?;
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
    // All of them, which is faster than up to the first.
    if !values.iter().fold(true, |all, x| all & x.is_finite()) {
        return Err(format!(
            "its tensor {name} has values that are no numbers: {REMEDY}"
        ));
    }
    Array2::from_shape_vec((rows, columns), values).map_err(|e| e.to_string())
}
