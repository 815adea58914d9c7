//! A model that can be asked, of whichever kind: the bundled classifier, or a pipeline made by `ser train`.
//!
//! A classifier has its front end, limits and abstention. A pipeline measures the recording as the rows of its training table were ([`AsTable`]), and
//! has limits, temperatures and thresholds from what was left out of its training ([`Trust`]). One without them only guesses. It also abstains for
//! features more than ten standard deviations from its training rows, the limit that those had.

use std::path::Path;

use super::Error;
use super::answer::{Answer, checked};
use super::as_table::AsTable;
use super::basis::{Basis, RestsOn};
use super::classifier::{Classifier, Ears, Judgement};
use super::front_end::{Prepared, RecordingFacts, Sound};
use super::relative::FEWEST;
use super::reliability::LeftOut;
use super::trained;
use super::trust::Trust;
use super::voice::{Baseline, Ground};
use crate::model::file::Saved;
use crate::model::{self, Pipeline};
use ser_features::feature::Level;
use ser_tables::{Identity, Scaler, Statistics};

/// The model inside the program, trained by the command in its card.
const BUILT_IN: &[u8] = include_bytes!("../../../../assets/emotion.safetensors");

/// The models of Das et al. (2021) inside the program, trained by the commands in their cards.
const PAPER: [(&str, &[u8]); 4] = [
    (
        "raw",
        include_bytes!("../../../../assets/models/raw.safetensors"),
    ),
    (
        "pca",
        include_bytes!("../../../../assets/models/pca.safetensors"),
    ),
    (
        "uae",
        include_bytes!("../../../../assets/models/uae.safetensors"),
    ),
    (
        "dae",
        include_bytes!("../../../../assets/models/dae.safetensors"),
    ),
];

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
    /// How far its answers can be trusted; none where that was not learnt.
    pub trust: Option<Trust>,
}

/// What of a sound a model needs.
#[derive(Clone, Debug)]
pub enum Measured {
    /// For a classifier.
    Prepared(Prepared),
    /// For a pipeline: the features of its set, and what the recording is like.
    Features(Vec<f32>, RecordingFacts),
}

/// Measures for a model; one per thread.
#[derive(Clone, Debug)]
pub enum Measure {
    /// A classifier's front ends.
    Ears(Box<Ears>),
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

    /// A model inside the program by its name, raw, pca, uae or dae, where no file has that name; otherwise one from a file of either kind.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn named(name: &Path) -> Result<Model, model::Error> {
        let inside = PAPER.iter().find(|(known, _)| Path::new(known) == name);
        match inside.filter(|_| !name.exists()) {
            Some((_, bytes)) => Model::from_bytes(name, bytes),
            None => Model::read(name),
        }
    }

    /// A model from a file of either kind.
    ///
    /// # Errors
    /// Names the file, what is wrong with it and the remedy.
    pub fn read(path: &Path) -> Result<Model, model::Error> {
        let bytes = ser_tables::bounded_read::read(path).map_err(|error| model::Error::File {
            path: path.to_path_buf(),
            problem: error.to_string(),
        })?;
        Model::from_bytes(path, &bytes)
    }

    fn from_bytes(path: &Path, bytes: &[u8]) -> Result<Model, model::Error> {
        let file = |problem: String| model::Error::File {
            path: path.to_path_buf(),
            problem,
        };
        if is_classifier(bytes) {
            return Classifier::from_bytes(bytes)
                .map(Model::Classifier)
                .map_err(file);
        }
        let saved = Saved::from_bytes(bytes).map_err(file)?;
        let identity = saved.facts.identity.ok_or_else(|| file("it was made of columns of no feature set, so nothing can be measured for it; `ser explain` takes tables".into()))?;
        if identity.level != Level::Functionals {
            return Err(file("it learnt from descriptors, one row every 10 ms, and cannot be asked about recordings: train on functionals".into()));
        }
        Ok(Model::Pipeline(Box::new(Trained {
            pipeline: saved.pipeline,
            identity,
            trust: saved.facts.trust,
            card: saved.card,
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
        self.open_with_warnings(path).map(|(sound, _)| sound)
    }

    /// Reads a recording as the model needs it, with what there is to say about it.
    ///
    /// # Errors
    /// What reading finds.
    pub fn open_with_warnings(
        &self,
        path: &Path,
    ) -> Result<(Sound, Vec<ser_audio::Warning>), ser_audio::Error> {
        let settings = match self {
            Model::Classifier(_) => ser_audio::DecodingSettings::default(),
            Model::Pipeline(trained) => AsTable::reading(&trained.identity),
        };
        Sound::open_as(path, &settings)
    }

    /// The classes, in order.
    pub fn classes(&self) -> &[String] {
        match self {
            Model::Classifier(classifier) => &classifier.classes,
            Model::Pipeline(trained) if trained.pipeline.target().is_some() => &[],
            Model::Pipeline(trained) => &trained.pipeline.classes,
        }
    }

    /// What its number is of, for a model of numbers; it has no classes.
    pub fn target(&self) -> Option<&str> {
        match self {
            Model::Pipeline(trained) => trained.pipeline.target(),
            Model::Classifier(_) => None,
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
            Model::Classifier(classifier) => Measure::Ears(Box::new(Ears::new(classifier)?)),
            Model::Pipeline(trained) => Measure::Table(Box::new(AsTable::new(&trained.identity))),
        })
    }

    /// Whether answers can rest on other recordings given together: a pipeline standardises by them where it was trained so.
    pub fn adapts(&self) -> bool {
        match self {
            Model::Classifier(_) => true,
            Model::Pipeline(trained) => matches!(
                trained.pipeline.normaliser.by(),
                Statistics::Corpus | Statistics::Speaker
            ),
        }
    }

    /// What answers rest on when these recordings are one batch of mixed classes. Of a pipeline that does not adapt ([`Model::adapts`]): each on itself.
    pub fn batch(&self, batch: &[&Measured]) -> Ground {
        match self {
            Model::Classifier(classifier) => classifier.batch(&prepared(batch)),
            Model::Pipeline(trained) => trained.rows(Basis::Batch, batch),
        }
    }

    /// What answers rest on when these are one speaker's recordings.
    pub fn own(&self, recordings: &[&Measured]) -> Ground {
        match self {
            Model::Classifier(classifier) => classifier.own(&prepared(recordings)),
            Model::Pipeline(trained) => trained.rows(Basis::OwnRecordings, recordings),
        }
    }

    /// A baseline of a speaker's ordinary voice, by recordings that were measured for all bands ([`Measure::measure_all`]).
    ///
    /// # Errors
    /// A pipeline has no baselines.
    pub fn baseline(&self, recordings: &[Vec<Measured>], date: String) -> Result<Baseline, Error> {
        let Model::Classifier(classifier) = self else {
            return Err(Error::Ground("a baseline"));
        };
        let recordings: Vec<Vec<Prepared>> = recordings
            .iter()
            .map(|bands| {
                prepared(&bands.iter().collect::<Vec<_>>())
                    .into_iter()
                    .cloned()
                    .collect()
            })
            .collect();
        Ok(classifier.baseline(&recordings, date))
    }

    /// What answers about a speaker with this baseline rest on.
    ///
    /// # Errors
    /// A pipeline has no baselines; one of other features.
    pub fn calm(&self, baseline: &Baseline) -> Result<Ground, Error> {
        match self {
            Model::Classifier(classifier) => classifier.calm(baseline),
            Model::Pipeline(_) => Err(Error::Ground("a baseline")),
        }
    }

    /// Predicts the class of a recording.
    ///
    /// # Errors
    /// If it was measured for another kind of model.
    pub fn answer(&self, measured: &Measured, ground: &Ground) -> Result<Answer, Error> {
        match (self, measured) {
            (Model::Classifier(classifier), Measured::Prepared(prepared)) => Ok(of_classifier(
                classifier,
                classifier.judge(prepared, ground),
                prepared.band,
            )),
            (Model::Pipeline(trained), Measured::Features(features, facts)) => Ok(trained::answer(
                &trained.pipeline,
                trained.trust.as_ref(),
                features,
                facts,
                ground,
            )),
            _ => Err(Error::OtherModel),
        }
    }
}

impl Trained {
    /// The statistics of rows to standardise by. Fewer than four have none worth it: answers rest on each alone.
    fn rows(&self, basis: Basis, recordings: &[&Measured]) -> Ground {
        let known: Vec<(&[f32], &RecordingFacts)> = recordings
            .iter()
            .filter_map(|measured| match measured {
                Measured::Features(features, facts) => Some((features.as_slice(), facts)),
                Measured::Prepared(_) => None,
            })
            .collect();
        if known.len() < FEWEST {
            return Ground::Alone;
        }
        let rows: Vec<&[f32]> = known.iter().map(|(row, _)| *row).collect();
        Ground::Rows {
            scaler: Box::new(Scaler::fit(
                self.pipeline.columns.len(),
                rows.iter().copied(),
            )),
            rests_on: RestsOn {
                basis,
                recordings: rows.len(),
                speech_s: known.iter().map(|(_, facts)| facts.speech_s).sum(),
            },
        }
    }
}

impl Measure {
    /// Measures a sound.
    ///
    /// # Errors
    /// Too short, too loud, or not numbers.
    pub fn measure(&mut self, sound: &Sound) -> Result<Measured, Error> {
        match self {
            Measure::Ears(ears) => ears
                .prepare(&sound.samples, sound.rate_hz)
                .map(Measured::Prepared),
            Measure::Table(table) => table
                .measure(sound)
                .map(|(features, facts)| Measured::Features(features, facts)),
        }
    }

    /// Measures a sound for every band of the model that it fills.
    ///
    /// # Errors
    /// As [`Measure::measure`].
    pub fn measure_all(&mut self, sound: &Sound) -> Result<Vec<Measured>, Error> {
        match self {
            Measure::Ears(ears) => Ok(ears
                .prepare_all(&sound.samples, sound.rate_hz)?
                .into_iter()
                .map(Measured::Prepared)
                .collect()),
            Measure::Table(_) => Ok(vec![self.measure(sound)?]),
        }
    }
}

/// What was measured for a classifier.
fn prepared<'a>(measured: &[&'a Measured]) -> Vec<&'a Prepared> {
    let of = |measured: &&'a Measured| match measured {
        Measured::Prepared(prepared) => Some(prepared),
        Measured::Features(..) => None,
    };
    measured.iter().filter_map(of).collect()
}

fn of_classifier(classifier: &Classifier, judgement: Judgement, band: usize) -> Answer {
    Answer {
        label: classifier.classes[judgement.class].clone(),
        class: judgement.class,
        abstained: judgement.abstained,
        guess: !judgement.calibrated,
        right: judgement.right,
        number: None,
        left_out: judgement.right.map(|_| LeftOut::Corpora),
        rests_on: judgement.rests_on,
        probabilities: judgement
            .calibrated
            .then(|| judgement.probabilities.clone()),
        support: Some(judgement.probabilities),
        latent: Some(judgement.latent.to_vec()),
        checked: checked(&judgement.facts),
        outside: judgement.outside.iter().map(ToString::to_string).collect(),
        standardised: judgement.standardised,
        relative: judgement.relative,
        band,
        facts: Some(judgement.facts),
    }
}

/// Whether a file says that it holds a classifier; a damaged one says nothing and is read as a pipeline, which names the damage.
fn is_classifier(bytes: &[u8]) -> bool {
    // As this program writes it: seen without reading the header, which is long.
    const BEGINNING: &[u8] = b"{\"__metadata__\":{\"ser.classifier\":";
    if bytes
        .get(8..)
        .is_some_and(|header| header.starts_with(BEGINNING))
    {
        return true;
    }
    let header = safetensors::SafeTensors::read_metadata(bytes).map(|(_, header)| header);
    header.is_ok_and(|header| {
        header
            .metadata()
            .as_ref()
            .is_some_and(|metadata| metadata.contains_key("ser.classifier"))
    })
}
