//! One answer, whichever kind of model gives it: the classifier that ships, or a pipeline made by `ser train`.
//!
//! A classifier brings its front end, knows its limits and abstains. A pipeline measures the recording as the rows of its training table were
//! ([`AsTable`]); it has probabilities if it learnt them, and abstains for features farther than ten standard deviations from what it learnt from, the
//! limit that its training rows had.

use std::path::Path;

use serde::Serialize;

use super::Error;
use super::as_table::AsTable;
use super::classifier::{Classifier, Judgement};
use super::front_end::{Facts, FrontEnd, Prepared, Sound};
use crate::model::file::Saved;
use crate::model::{self, Pipeline};
use ser_features::feature::Level;
use ser_tables::{Identity, LIMIT, Scaler, Statistics};

/// The model inside the program, trained by the command in its card.
const BUILT_IN: &[u8] = include_bytes!("../../../../assets/emotion.safetensors");

/// A model that can be asked.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of it per process")]
pub enum Model {
    /// With front end, limits and abstention.
    Classifier(Classifier),
    /// A pipeline of `ser train`.
    Pipeline(Box<Trained>),
}

/// A pipeline that can be asked about recordings.
#[derive(Clone, Debug)]
pub struct Trained {
    /// From features to a class.
    pub pipeline: Pipeline,
    /// How its features are computed.
    pub identity: Identity,
    /// Its card, Markdown.
    pub card: String,
    /// Statistics of the recordings that it is adapted to.
    batch: Option<Scaler>,
}

/// What a model says of a recording, or of a part of it.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Answer {
    /// The best guess, also where the model abstains.
    pub label: String,
    /// Why it is no answer; none if it is one.
    pub abstained: Option<String>,
    /// Probability of each class, in the model's order; none where the model did not learn any.
    pub probabilities: Option<Vec<f64>>,
    /// Where it lies in the latent space; none for a pipeline of raw features.
    pub latent: Option<Vec<f64>>,
    /// What was compared with what the model learnt from.
    pub checked: Vec<&'static str>,
    /// In what it is unlike all that the model learnt from, in words.
    pub outside: Vec<String>,
    /// The standardised features.
    pub standardised: Vec<f64>,
    /// What was measured of the recording.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facts: Option<Facts>,
}

/// What of a sound a model needs.
#[derive(Clone, Debug)]
pub enum Measured {
    /// For a classifier.
    Prepared(Prepared),
    /// For a pipeline: the features of its set.
    Features(Vec<f32>),
}

/// Measures for a model; one per thread.
#[derive(Clone, Debug)]
pub enum Measure {
    /// A classifier's front end.
    FrontEnd(Box<FrontEnd>),
    /// As the table was that the model learnt from.
    Table(Box<AsTable>),
}

impl Model {
    /// The model inside the program.
    ///
    /// # Errors
    /// Where the program was built with another model than it can read.
    pub fn built_in() -> Result<Model, model::Error> {
        Classifier::from_bytes(BUILT_IN)
            .map(Model::Classifier)
            .map_err(|problem| model::Error::File {
                path: "the built-in model".into(),
                problem,
            })
    }

    /// A model from a file of either kind.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn read(path: &Path) -> Result<Model, model::Error> {
        let file = |problem: String| model::Error::File {
            path: path.to_path_buf(),
            problem,
        };
        let bytes = ser_tables::given::read(path).map_err(|error| file(error.to_string()))?;
        if is_classifier(&bytes) {
            return Classifier::from_bytes(&bytes)
                .map(Model::Classifier)
                .map_err(file);
        }
        let saved = Saved::from_bytes(&bytes).map_err(file)?;
        let identity = saved.facts.identity.ok_or_else(|| file("it was made of columns of no feature set, so nothing can be measured for it; `ser explain` takes tables".into()))?;
        if identity.level != Level::Functionals {
            return Err(file("it learnt from descriptors, one row every 10 ms, and cannot be asked about recordings: train on functionals".into()));
        }
        Ok(Model::Pipeline(Box::new(Trained {
            pipeline: saved.pipeline,
            identity,
            card: saved.card,
            batch: None,
        })))
    }

    /// Its card, Markdown.
    pub fn card(&self) -> &str {
        match self {
            Model::Classifier(classifier) => &classifier.card,
            Model::Pipeline(trained) => &trained.card,
        }
    }

    /// Reads a recording as the model needs it.
    ///
    /// # Errors
    /// What reading finds.
    pub fn open(&self, path: &Path) -> Result<Sound, ser_audio::Error> {
        match self {
            Model::Classifier(_) => Sound::open(path),
            Model::Pipeline(trained) => AsTable::open(path, &trained.identity),
        }
    }

    /// The classes, in order.
    pub fn classes(&self) -> &[String] {
        match self {
            Model::Classifier(classifier) => &classifier.classes,
            Model::Pipeline(trained) => &trained.pipeline.classes,
        }
    }

    /// The names of the standardised features.
    pub fn columns(&self) -> &[String] {
        match self {
            Model::Classifier(classifier) => classifier.names(),
            Model::Pipeline(trained) => &trained.pipeline.columns,
        }
    }

    /// What measures for it.
    ///
    /// # Errors
    /// A classifier whose front end this program does not have.
    pub fn measure(&self) -> Result<Measure, Error> {
        Ok(match self {
            Model::Classifier(classifier) => {
                Measure::FrontEnd(Box::new(FrontEnd::new(&classifier.front_end)?))
            }
            Model::Pipeline(trained) => Measure::Table(Box::new(AsTable::new(&trained.identity))),
        })
    }

    /// Whether it takes something from the recordings that it is asked about together: a pipeline does where it standardises each corpus or speaker
    /// by their own rows.
    pub fn adapts(&self) -> bool {
        match self {
            Model::Classifier(_) => true,
            Model::Pipeline(trained) => matches!(
                trained.pipeline.normaliser.by(),
                Statistics::Corpus | Statistics::Speaker
            ),
        }
    }

    /// The model adapted to recordings of one place; one that does not adapt ([`Model::adapts`]) stays as it is.
    pub fn adapted<'a>(&self, batch: impl IntoIterator<Item = &'a Measured>) -> Model {
        match self {
            Model::Classifier(classifier) => {
                let prepared = batch.into_iter().filter_map(|measured| match measured {
                    Measured::Prepared(prepared) => Some(prepared),
                    Measured::Features(_) => None,
                });
                Model::Classifier(classifier.adapt(prepared))
            }
            Model::Pipeline(trained) => {
                let rows = batch.into_iter().filter_map(|measured| match measured {
                    Measured::Features(features) => Some(features.as_slice()),
                    Measured::Prepared(_) => None,
                });
                let rows: Vec<&[f32]> = rows.collect();
                Model::Pipeline(Box::new(Trained {
                    batch: Some(Scaler::fit(
                        trained.pipeline.columns.len(),
                        rows.iter().copied(),
                    )),
                    ..(**trained).clone()
                }))
            }
        }
    }

    /// Asks the model.
    ///
    /// # Panics
    /// If it was measured for another kind of model.
    pub fn answer(&self, measured: &Measured) -> Answer {
        match (self, measured) {
            (Model::Classifier(classifier), Measured::Prepared(prepared)) => {
                Answer::from(classifier.judge(prepared))
            }
            (Model::Pipeline(trained), Measured::Features(features)) => {
                of_pipeline(trained, features)
            }
            _ => panic!("measured for another kind of model"),
        }
    }
}

impl Measure {
    /// Measures a sound.
    ///
    /// # Errors
    /// Too short, too loud, or no numbers.
    pub fn measure(&mut self, sound: &Sound) -> Result<Measured, Error> {
        match self {
            Measure::FrontEnd(front_end) => front_end
                .prepare(&sound.samples, sound.rate_hz)
                .map(Measured::Prepared),
            Measure::Table(table) => table.features(sound).map(Measured::Features),
        }
    }
}

impl From<Judgement> for Answer {
    fn from(judgement: Judgement) -> Answer {
        Answer {
            label: judgement.label,
            abstained: judgement.abstained,
            probabilities: Some(judgement.probabilities),
            latent: Some(judgement.latent.to_vec()),
            checked: checked(&judgement.facts),
            outside: judgement.outside.iter().map(ToString::to_string).collect(),
            standardised: judgement.standardised,
            facts: Some(judgement.facts),
        }
    }
}

/// Whether a file says that it holds a classifier; a damaged one says nothing and is read as a pipeline, which names the damage.
fn is_classifier(bytes: &[u8]) -> bool {
    let header = safetensors::SafeTensors::read_metadata(bytes).map(|(_, header)| header);
    header.is_ok_and(|header| {
        header
            .metadata()
            .as_ref()
            .is_some_and(|metadata| metadata.contains_key("ser.classifier"))
    })
}

/// What the limits of a classifier are compared with: of silence nothing but that, of what is too short for a spectrum no bandwidth.
fn checked(facts: &Facts) -> Vec<&'static str> {
    if facts.level_db.is_none() {
        return vec!["silence"];
    }
    let bandwidth = facts.bandwidth_hz.map(|_| "bandwidth");
    let rest = ["duration", "voicing", "clipping", "features"];
    ["level"].into_iter().chain(bandwidth).chain(rest).collect()
}

fn of_pipeline(trained: &Trained, features: &[f32]) -> Answer {
    let pipeline = &trained.pipeline;
    let scaler = pipeline.normaliser.overall();
    let standardised = pipeline.normaliser.alone(features, trained.batch.as_ref());
    let far: Vec<&str> = scaler
        .transform(features)
        .zip(&pipeline.columns)
        .filter(|(z, _)| z.abs() > LIMIT)
        .map(|(_, name)| name.as_str())
        .collect();
    let z = ndarray::ArrayView2::from_shape((1, standardised.len()), &standardised);
    let latent = z.map_or_else(
        |_| Vec::new(),
        |z| pipeline.reducer.transform(z).row(0).to_vec(),
    );
    let class = pipeline.classifier.predict(&latent);
    let outside: Vec<String> = match far.as_slice() {
        [] => Vec::new(),
        [name] => vec![format!(
            "one feature is more than {LIMIT} standard deviations from the training data: {name}"
        )],
        names => vec![format!(
            "{} features are more than {LIMIT} standard deviations from the training data: {}",
            names.len(),
            names.join(", ")
        )],
    };
    Answer {
        label: pipeline.classes[class].clone(),
        abstained: outside.first().cloned(),
        probabilities: pipeline.classifier.probabilities(&latent),
        latent: (pipeline.recipe.representation != model::Representation::Raw).then_some(latent),
        checked: vec!["features"],
        outside,
        standardised,
        facts: None,
    }
}
