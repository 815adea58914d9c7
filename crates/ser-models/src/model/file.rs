//! A model as one file: safetensors, weights as tensors and everything else as JSON in its metadata.
//!
//! ```text
//! metadata  ser.model  { format, ser, recipe, columns, classes, normaliser, classifier (an SVC), seed, …, facts, card }
//! tensors   pca.mean, pca.components, encoder.0.weight (out × in), encoder.0.bias, …, decoder.0.weight, …
//!           discriminant.weight, .bias, .means, .axes, .whitening
//! ```
//!
//! The form cannot run code, unlike pickles. Numbers in JSON are the shortest that give the same bits back, so a model read again predicts the same
//! bits. A file that is no model, or of a later form, or with a tensor of the wrong shape, is refused with the reason.
//!
//! <https://github.com/huggingface/safetensors>

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::Write;
use std::path::Path;

use ndarray::{Array1, Array2};
use safetensors::tensor::{Dtype, TensorView};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::autoencoder::{Autoencoder, Dense};
use super::discriminant::Discriminant;
use super::error::Error;
use super::linear::Linear;
use super::normaliser::Normaliser;
use super::pca::Pca;
use super::pipeline::{Pipeline, Recipe, Reducer, Representation};
use super::plane::Plane;
use super::svc::Svc;
use super::tensors::Tensors;
use super::training::Training;
use crate::classify::reliability::Reliability;
use crate::classify::trust::Trust;
use ser_tables::Identity;
use ser_tables::atomic_write::UnfinishedFile;
use ser_tables::labelled::Labelled;

/// The form written here. The one before it had no [`Trust`], so that its answers are guesses; others are refused.
const FORMAT: u32 = 3;
/// The oldest form that is read.
const OLDEST: u32 = 2;
/// The key in the metadata.
const KEY: &str = "ser.model";

/// What a model's user should know of its making.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ModelFacts {
    /// Whose numbers it learnt from, and how they were computed; none where they are of no set of this program.
    pub identity: Option<Identity>,
    /// The corpora that it learnt from, with recordings and speakers of each.
    pub corpora: Vec<Source>,
    /// SHA-256 of the training table: names of the features, labels, and the features' bits, row by row.
    pub fingerprint: String,
    /// How far its answers can be trusted; none where that was not learnt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trust: Option<Trust>,
}

/// A corpus that a model learnt from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Source {
    /// Its name.
    pub corpus: String,
    /// Recordings.
    pub recordings: usize,
    /// Speakers; 0 where unknown.
    pub speakers: usize,
}

impl ModelFacts {
    /// Those of training rows.
    pub fn of(training: &Training<'_>) -> ModelFacts {
        ModelFacts::of_rows(training.table(), training.rows())
    }

    /// Those of rows of a table.
    pub fn of_rows(table: &Labelled, rows: &[usize]) -> ModelFacts {
        let mut digest = Sha256::new();
        for column in &table.columns {
            digest.update(column.as_bytes());
            digest.update([0]);
        }
        let mut corpora: BTreeMap<&str, (usize, BTreeSet<&str>)> = BTreeMap::new();
        for &row in rows {
            let of = &table.rows[row];
            digest.update(of.label.as_deref().unwrap_or_default().as_bytes());
            of.target
                .iter()
                .for_each(|x| digest.update(x.to_le_bytes()));
            digest.update([0]);
            table
                .features(row)
                .iter()
                .for_each(|x| digest.update(x.to_le_bytes()));
            let corpus = corpora.entry(&of.corpus).or_default();
            corpus.0 += 1;
            corpus.1.extend(of.speaker.as_deref());
        }
        let source = |(corpus, (recordings, speakers)): (&str, (usize, BTreeSet<&str>))| Source {
            corpus: corpus.into(),
            recordings,
            speakers: speakers.len(),
        };
        ModelFacts {
            identity: table.identity.clone(),
            corpora: corpora.into_iter().map(source).collect(),
            fingerprint: digest
                .finalize()
                .iter()
                .map(|byte| format!("{byte:02x}"))
                .collect(),
            trust: None,
        }
    }
}

/// A model with what is told of it.
#[derive(Clone, Debug)]
pub struct Saved {
    /// The model.
    pub pipeline: Pipeline,
    /// Its making.
    pub facts: ModelFacts,
    /// Its card, Markdown.
    pub card: String,
}

#[derive(Serialize, Deserialize)]
struct Metadata {
    format: u32,
    ser: String,
    recipe: Recipe,
    columns: Vec<String>,
    classes: Vec<String>,
    normaliser: Normaliser,
    /// The support vector classifier; none where a discriminant is among the tensors.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    classifier: Option<Svc>,
    /// The plane of a model of numbers, under the name of the first method that made one.
    #[serde(default, rename = "ridge", skip_serializing_if = "Option::is_none")]
    plane: Option<Plane>,
    seed: u64,
    training_rows: usize,
    removed: usize,
    /// Mean losses of the epochs, for an autoencoder.
    losses: Vec<f64>,
    /// Variances of the components and their shares, for PCA.
    variance: Vec<f64>,
    explained: Vec<f64>,
    facts: ModelFacts,
    card: String,
}

impl Saved {
    /// Refuses a table whose features are not those that the model learnt from, or are computed in another way.
    ///
    /// # Errors
    /// Names what differs.
    pub fn check(&self, table: &Labelled) -> Result<(), Error> {
        let differs = match (&self.facts.identity, &table.identity) {
            (Some(own), Some(found)) => own.difference(found),
            (None, None) => None,
            (Some(own), None) => Some(format!(
                "the model knows {own}; the table is of no feature set"
            )),
            (None, Some(found)) => Some(format!(
                "the model knows no feature set; the table is of {found}"
            )),
        };
        match differs {
            None => self.pipeline.check(table),
            Some(differs) => Err(Error::Parameter(format!(
                "the table's features are not computed like those of the model ({differs}): extract them as the model's were"
            ))),
        }
    }

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
        let unfinished = UnfinishedFile::create(path).map_err(|e| file(e.to_string()))?;
        let mut target = unfinished.target().map_err(|e| file(e.to_string()))?;
        target.write_all(&bytes).map_err(|e| file(e.to_string()))?;
        unfinished.complete().map_err(|e| file(e.to_string()))
    }

    /// The model as the bytes of its file.
    ///
    /// # Errors
    /// In words, what cannot be written.
    pub fn to_bytes(&self) -> Result<Vec<u8>, String> {
        let pipeline = &self.pipeline;
        let (mut losses, mut variance, mut explained) = (Vec::new(), Vec::new(), Vec::new());
        let mut tensors: BTreeMap<String, Tensor> = BTreeMap::new();
        match &pipeline.reducer {
            Reducer::Raw => {}
            Reducer::Pca(pca) => {
                variance.clone_from(&pca.variance);
                explained.clone_from(&pca.explained);
                tensors.insert(
                    "pca.mean".into(),
                    Tensor::f64(vec![pca.mean.len()], pca.mean.iter()),
                );
                tensors.insert(
                    "pca.components".into(),
                    Tensor::f64(pca.components.shape().to_vec(), pca.components.iter()),
                );
            }
            Reducer::Autoencoder(network) => {
                losses = network.losses.clone();
                for (part, layers) in [("encoder", &network.encoder), ("decoder", &network.decoder)]
                {
                    for (number, layer) in layers.iter().enumerate() {
                        let weight =
                            Tensor::f32(layer.weight.shape().to_vec(), layer.weight.iter());
                        tensors.insert(format!("{part}.{number}.weight"), weight);
                        let bias = Tensor::f32(vec![layer.bias.len()], layer.bias.iter());
                        tensors.insert(format!("{part}.{number}.bias"), bias);
                    }
                }
            }
        }
        let classifier = match &pipeline.classifier {
            Linear::Svc(svc) => Some(svc.clone()),
            Linear::Plane(_) => None,
            Linear::Discriminant(discriminant) => {
                let matrices = [
                    ("weight", &discriminant.weight),
                    ("means", &discriminant.means),
                    ("axes", &discriminant.axes),
                    ("whitening", &discriminant.whitening),
                ];
                for (part, matrix) in matrices {
                    let tensor = Tensor::f64(matrix.shape().to_vec(), matrix.iter());
                    tensors.insert(format!("discriminant.{part}"), tensor);
                }
                let bias = &discriminant.bias;
                let tensor = Tensor::f64(vec![bias.len()], bias.iter());
                tensors.insert("discriminant.bias".into(), tensor);
                None
            }
        };
        let plane = match &pipeline.classifier {
            Linear::Plane(plane) => Some(plane.clone()),
            Linear::Svc(_) | Linear::Discriminant(_) => None,
        };
        let metadata = Metadata {
            format: FORMAT,
            ser: env!("CARGO_PKG_VERSION").into(),
            recipe: pipeline.recipe.clone(),
            columns: pipeline.columns.clone(),
            classes: pipeline.classes.clone(),
            normaliser: pipeline.normaliser.clone(),
            classifier,
            plane,
            seed: pipeline.seed,
            training_rows: pipeline.training_rows,
            removed: pipeline.removed,
            losses,
            variance,
            explained,
            facts: self.facts.clone(),
            card: self.card.clone(),
        };
        let metadata = serde_json::to_string(&metadata).map_err(|e| e.to_string())?;
        let views = tensors
            .iter()
            .map(|(name, tensor)| tensor.view().map(|view| (name.as_str(), view)));
        let views: Vec<(&str, TensorView<'_>)> = views.collect::<Result<_, String>>()?;
        safetensors::serialize(views, Some(HashMap::from([(KEY.to_string(), metadata)])))
            .map_err(|e| e.to_string())
    }

    /// Reads a model.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn read(path: &Path) -> Result<Saved, Error> {
        let file = |problem: String| Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let bytes = ser_tables::bounded_read::read(path).map_err(|e| file(e.to_string()))?;
        Saved::from_bytes(&bytes).map_err(file)
    }

    /// The model of a file's bytes.
    ///
    /// # Errors
    /// What is wrong, in words.
    pub fn from_bytes(bytes: &[u8]) -> Result<Saved, String> {
        const REMEDY: &str = "make a model with `ser train`";
        let damaged = |_| format!("not a model file, or a damaged one: {REMEDY}");
        let tensors = Tensors::read(bytes).map_err(damaged)?;
        let text = tensors
            .text(KEY)
            .ok_or_else(|| format!("it holds tensors, but of no model of ser: {REMEDY}"))?;
        let version: Version = serde_json::from_str(text)
            .map_err(|e| format!("its description cannot be read ({e}): {REMEDY}"))?;
        if !(OLDEST..=FORMAT).contains(&version.format) {
            return Err(format!(
                "it is of form {} (ser {}), and this ser reads forms {OLDEST} to {FORMAT}: train it again, or use the ser that made it",
                version.format, version.ser
            ));
        }
        let metadata: Metadata = serde_json::from_str(text)
            .map_err(|e| format!("its description cannot be read ({e}): {REMEDY}"))?;
        let recipe = &metadata.recipe;
        let checked = recipe.autoencoder.clone().check().map(|_| ());
        checked
            .and_then(|()| recipe.svc.clone().check().map(|_| ()))
            .and_then(|()| {
                recipe
                    .discriminant
                    .map_or(Ok(()), |own| own.check().map(|_| ()))
            })
            .and_then(|()| recipe.regression().check())
            .map_err(|error| format!("its recipe has {error}: {REMEDY}"))?;
        let reducer = reducer(&metadata, &tensors)?;
        let width = match &reducer {
            Reducer::Raw => metadata.columns.len(),
            Reducer::Pca(pca) => pca.components.nrows(),
            Reducer::Autoencoder(network) => {
                network.encoder.last().map_or(0, |layer| layer.bias.len())
            }
        };
        let unfit =
            || format!("its classifier does not fit its representation or classes: {REMEDY}");
        let classifier = match (&metadata.classifier, recipe.discriminant, &metadata.plane) {
            (Some(svc), None, None) => Linear::Svc(svc.clone()),
            (None, None, Some(plane)) if plane.sound() => Linear::Plane(plane.clone()),
            (None, Some(_), None) => {
                Linear::Discriminant(discriminant(&tensors, metadata.classes.len(), width)?)
            }
            _ => return Err(unfit()),
        };
        if classifier.columns() != width || classifier.classes() != metadata.classes.len() {
            return Err(unfit());
        }
        if !metadata.normaliser.fits(metadata.columns.len()) {
            return Err(format!("its scaler does not fit its columns: {REMEDY}"));
        }
        if let Some(trust) = &metadata.facts.trust {
            let fits = trust.columns.ranges.len() == metadata.columns.len();
            let cold =
                |known: &Reliability| !(known.temperature > 0.0 && known.temperature.is_finite());
            if !fits || trust.reliability.iter().any(cold) {
                return Err(format!(
                    "its limits or temperatures do not fit its columns: {REMEDY}"
                ));
            }
        }
        if let Some(identity) = &metadata.facts.identity {
            identity.current()?;
            let names = ser_features::feature::names(identity.set, identity.level);
            if metadata.columns != names {
                return Err(format!(
                    "its columns are not those of {}: {REMEDY}",
                    identity.set
                ));
            }
        }
        Ok(Saved {
            pipeline: Pipeline {
                recipe: metadata.recipe,
                columns: metadata.columns,
                classes: metadata.classes,
                normaliser: metadata.normaliser,
                reducer,
                classifier,
                seed: metadata.seed,
                training_rows: metadata.training_rows,
                removed: metadata.removed,
            },
            facts: metadata.facts,
            card: metadata.card,
        })
    }
}

/// What every form has.
#[derive(Deserialize)]
struct Version {
    format: u32,
    ser: String,
}

fn reducer(metadata: &Metadata, tensors: &Tensors<'_>) -> Result<Reducer, String> {
    let columns = metadata.columns.len();
    match metadata.recipe.representation {
        Representation::Raw => Ok(Reducer::Raw),
        Representation::Pca => Ok(Reducer::Pca(Pca {
            mean: array1(tensors, "pca.mean", columns, f64::from_le_bytes)?.to_vec(),
            components: array2(tensors, "pca.components", columns, f64::from_le_bytes)?,
            variance: metadata.variance.clone(),
            explained: metadata.explained.clone(),
        })),
        Representation::Uae | Representation::Dae => {
            let configuration = metadata.recipe.autoencoder.clone();
            let layers = configuration.hidden.len() + 1;
            let mut width = columns;
            let mut part = |name: &str| -> Result<Vec<Dense>, String> {
                let layer = |number| {
                    let weight = array2(
                        tensors,
                        &format!("{name}.{number}.weight"),
                        width,
                        f32::from_le_bytes,
                    )?;
                    width = weight.nrows();
                    let bias = array1(
                        tensors,
                        &format!("{name}.{number}.bias"),
                        width,
                        f32::from_le_bytes,
                    )?;
                    Ok(Dense { weight, bias })
                };
                (0..layers).map(layer).collect()
            };
            let encoder = part("encoder")?;
            let decoder = part("decoder")?;
            if width != columns {
                return Err(
                    "its decoder does not give back its columns: make a model with `ser train`"
                        .into(),
                );
            }
            Ok(Reducer::Autoencoder(Autoencoder {
                configuration,
                encoder,
                decoder,
                losses: metadata.losses.clone(),
            }))
        }
    }
}

fn discriminant(
    tensors: &Tensors<'_>,
    classes: usize,
    width: usize,
) -> Result<Discriminant, String> {
    let matrix = |part: &str, rows: usize| {
        let name = format!("discriminant.{part}");
        let found = array2(tensors, &name, width, f64::from_le_bytes)?;
        match found.nrows() {
            n if n == rows => Ok(found),
            n => Err(format!(
                "its tensor {name} has {n} rows where {rows} belong: make a model with `ser train`"
            )),
        }
    };
    Ok(Discriminant {
        weight: matrix("weight", classes)?,
        bias: array1(tensors, "discriminant.bias", classes, f64::from_le_bytes)?.to_vec(),
        means: matrix("means", classes)?,
        axes: matrix("axes", 2)?,
        whitening: matrix("whitening", width)?,
    })
}

/// Numbers as the file holds them, little-endian.
struct Tensor {
    kind: Dtype,
    shape: Vec<usize>,
    bytes: Vec<u8>,
}

impl Tensor {
    fn f32<'a>(shape: Vec<usize>, values: impl Iterator<Item = &'a f32>) -> Tensor {
        Tensor {
            kind: Dtype::F32,
            shape,
            bytes: values.flat_map(|x| x.to_le_bytes()).collect(),
        }
    }

    fn f64<'a>(shape: Vec<usize>, values: impl Iterator<Item = &'a f64>) -> Tensor {
        Tensor {
            kind: Dtype::F64,
            shape,
            bytes: values.flat_map(|x| x.to_le_bytes()).collect(),
        }
    }

    fn view(&self) -> Result<TensorView<'_>, String> {
        TensorView::new(self.kind, self.shape.clone(), &self.bytes).map_err(|e| e.to_string())
    }
}

/// A tensor of any number of rows of `columns` values.
fn array2<T: Copy + Into<f64>, const N: usize>(
    tensors: &Tensors<'_>,
    name: &str,
    columns: usize,
    number: fn([u8; N]) -> T,
) -> Result<Array2<T>, String> {
    let (shape, values) = values(tensors, name, number)?;
    let rows = *shape.first().unwrap_or(&0);
    let wrong = format!(
        "its tensor {name} has shape {shape:?}, which does not fit {columns} values before it: make a model with `ser train`"
    );
    if shape.len() != 2 || shape[1] != columns || rows == 0 {
        return Err(wrong);
    }
    Array2::from_shape_vec((rows, columns), values).map_err(|_| wrong)
}

fn array1<T: Copy + Into<f64>, const N: usize>(
    tensors: &Tensors<'_>,
    name: &str,
    length: usize,
    number: fn([u8; N]) -> T,
) -> Result<Array1<T>, String> {
    let (shape, values) = values(tensors, name, number)?;
    if shape != [length] {
        return Err(format!(
            "its tensor {name} has shape {shape:?} where [{length}] belongs: make a model with `ser train`"
        ));
    }
    Ok(Array1::from(values))
}

/// Shape and numbers of a tensor, which is of N-byte floats, all finite.
fn values<T: Copy + Into<f64>, const N: usize>(
    tensors: &Tensors<'_>,
    name: &str,
    number: fn([u8; N]) -> T,
) -> Result<(Vec<usize>, Vec<T>), String> {
    let tensor = tensors
        .tensor(name)
        .ok_or_else(|| format!("its tensor {name} is missing: make a model with `ser train`"))?;
    let kind = if N == 4 { Dtype::F32 } else { Dtype::F64 };
    if tensor.dtype() != kind {
        return Err(format!(
            "its tensor {name} is of another type of number: make a model with `ser train`"
        ));
    }
    let (numbers, _) = tensor.data().as_chunks::<N>();
    let numbers: Vec<T> = numbers.iter().map(|bytes| number(*bytes)).collect();
    if !numbers.iter().all(|&x| x.into().is_finite()) {
        return Err(format!(
            "its tensor {name} has a weight that is infinite or not a number: make a model with `ser train`"
        ));
    }
    Ok((tensor.shape().to_vec(), numbers))
}
