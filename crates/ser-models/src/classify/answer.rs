//! One answer, whichever kind of model gives it: the classifier that ships, or a pipeline made by `ser train`.
//!
//! A classifier brings its front end, knows its limits and abstains. A pipeline measures the recording as it is; it has probabilities if it learnt
//! them, and warns of features farther than ten standard deviations from what it learnt from, the limit that its training rows had.

use std::path::Path;

use serde::Serialize;

use super::Error;
use super::classifier::{Classifier, Judgement};
use super::front_end::{Facts, FrontEnd, Prepared, Sound};
use crate::model::file::Saved;
use crate::model::{self, Pipeline};
use ser_features::feature::{Extractor, FeatureSet, Level};
use ser_tables::LIMIT;

/// The model inside the program, trained by the command in its card.
const BUILT_IN: &[u8] = include_bytes!("../../../../assets/emotion.safetensors");

/// A model that can be asked.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of it per process")]
pub enum Model {
    /// With front end, limits and abstention.
    Classifier(Classifier),
    /// A pipeline of `ser train`, with its feature set.
    Pipeline(Pipeline, FeatureSet),
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
    /// The features of a set, at the recording's own rate.
    Set(FeatureSet),
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
        let bytes = std::fs::read(path).map_err(|error| file(error.to_string()))?;
        if is_classifier(&bytes) {
            return Classifier::from_bytes(&bytes)
                .map(Model::Classifier)
                .map_err(file);
        }
        let saved = Saved::from_bytes(&bytes).map_err(file)?;
        let set = saved
            .facts
            .feature_set
            .as_deref()
            .and_then(|name| name.parse().ok());
        let set = set.ok_or_else(|| file("it was made of columns of no feature set, so nothing can be measured for it; `ser embed` and `ser explain` take tables".into()))?;
        Ok(Model::Pipeline(saved.pipeline, set))
    }

    /// The classes, in order.
    pub fn classes(&self) -> &[String] {
        match self {
            Model::Classifier(classifier) => &classifier.classes,
            Model::Pipeline(pipeline, _) => &pipeline.classes,
        }
    }

    /// The names of the standardised features.
    pub fn columns(&self) -> &[String] {
        match self {
            Model::Classifier(classifier) => classifier.names(),
            Model::Pipeline(pipeline, _) => &pipeline.columns,
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
            Model::Pipeline(_, set) => Measure::Set(*set),
        })
    }

    /// The model adapted to recordings of one place; a pipeline stays as it is.
    pub fn adapted<'a>(&self, batch: impl IntoIterator<Item = &'a Measured>) -> Model {
        let prepared = batch.into_iter().filter_map(|measured| match measured {
            Measured::Prepared(prepared) => Some(prepared),
            Measured::Features(_) => None,
        });
        match self {
            Model::Classifier(classifier) => Model::Classifier(classifier.adapt(prepared)),
            Model::Pipeline(..) => self.clone(),
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
            (Model::Pipeline(pipeline, _), Measured::Features(features)) => {
                of_pipeline(pipeline, features)
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
            Measure::Set(set) => {
                let mut extractor = Extractor::new(*set, sound.rate_hz, Level::Functionals)?;
                extractor.push(&sound.samples)?;
                Ok(Measured::Features(extractor.finish()?.values().to_vec()))
            }
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

fn of_pipeline(pipeline: &Pipeline, features: &[f32]) -> Answer {
    let scaler = pipeline.normaliser.overall();
    let standardised: Vec<f64> = scaler.transform(features).collect();
    let far = standardised
        .iter()
        .zip(&pipeline.columns)
        .filter(|(z, _)| z.abs() > LIMIT);
    let far: Vec<&str> = far.map(|(_, name)| name.as_str()).collect();
    // One row alone has no statistics of its own: it is scaled by the training rows'.
    let z = ndarray::Array2::from_shape_vec((1, standardised.len()), standardised.clone())
        .unwrap_or_default();
    let latent = pipeline.reducer.transform(z.view()).row(0).to_vec();
    let class = pipeline.classifier.predict(&latent);
    let outside: Vec<String> = match far.as_slice() {
        [] => Vec::new(),
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
        outside,
        standardised,
        facts: None,
    }
}
