//! What models are made of: recordings prepared, disturbed copies of them, and the features that the files give as they are.

use std::ops::ControlFlow;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::augment::Channel;
use super::front_end::{FrontEnd, Prepared, Sound};
use super::recipe::ClassifierRecipe;
use super::speech_band::SpeechBand;
use crate::model::Error;
use crate::model::random::Random;
use crate::model::training::class_of;
use ser_features::{Extractor, FeatureSet, Level};
use ser_parallel::for_each_in_order;
use ser_tables::labelled::{Labelled, LabelledRow};

/// Recordings as rows of features.
#[derive(Clone, Debug)]
pub struct TrainingData {
    /// Names of the features.
    pub columns: Vec<String>,
    /// What the rows are of.
    pub rows: Vec<LabelledRow>,
    /// Features of the files as they are: what the plain recipe learns from.
    pub plain: Vec<Vec<f32>>,
    /// As each front end of the recipe hears them.
    pub bands: Vec<PreparedBand>,
}

/// Recordings as a front end hears them.
#[derive(Clone, Debug, Default)]
pub struct PreparedBand {
    /// The recordings prepared.
    pub clean: Vec<Prepared>,
    /// Copies × rows: features of disturbed copies, prepared as well.
    pub copies: Vec<Vec<Vec<f32>>>,
}

/// One recording, done: for each front end, itself and its copies.
struct Made {
    plain: Vec<f32>,
    bands: Vec<(Prepared, Vec<Vec<f32>>)>,
}

impl TrainingData {
    /// Hears recordings: those of `rows`, whose files are found from `folder`. `done` is told each finished one.
    ///
    /// # Errors
    /// The first recording that cannot be read or is too short, by name.
    pub fn hear(
        rows: Vec<LabelledRow>,
        folder: &Path,
        recipe: &ClassifierRecipe,
        seed: u64,
        threads: usize,
        done: &(dyn Fn() + Sync),
    ) -> Result<TrainingData, Error> {
        let wrong = |error: super::Error| Error::Parameter(error.to_string());
        let planned: Vec<FrontEnd> = recipe
            .bands
            .iter()
            .map(|band| FrontEnd::new(&band.front_end).map_err(wrong))
            .collect::<Result<_, Error>>()?;
        let heard = |band: &SpeechBand| PreparedBand {
            clean: Vec::new(),
            copies: vec![Vec::new(); band.copies.len()],
        };
        let mut training_data = TrainingData {
            columns: planned
                .first()
                .map_or(Vec::new(), |front_end| front_end.columns().to_vec()),
            rows: Vec::new(),
            plain: Vec::new(),
            bands: recipe.bands.iter().map(heard).collect(),
        };
        let mut failed = None;
        let state = || (planned.clone(), Vec::new());
        let work = |(front_ends, extractors): &mut (Vec<FrontEnd>, Vec<Extractor>), at: usize| {
            let made = hear(&rows[at], folder, recipe, seed, front_ends, extractors);
            done();
            made
        };
        let _ = for_each_in_order(rows.len(), threads, state, work, |at, made| match made {
            Ok(made) => {
                training_data.plain.push(made.plain);
                for (heard, (clean, copies)) in training_data.bands.iter_mut().zip(made.bands) {
                    heard.clean.push(clean);
                    heard
                        .copies
                        .iter_mut()
                        .zip(copies)
                        .for_each(|(list, copy)| list.push(copy));
                }
                ControlFlow::Continue(())
            }
            Err(error) => {
                let path = folder.join(&rows[at].file);
                failed = Some(Error::File {
                    path,
                    problem: format!(
                        "{error}; leave the recording out, or prepare the folder anew"
                    ),
                });
                ControlFlow::Break(())
            }
        });
        if let Some(error) = failed {
            return Err(error);
        }
        training_data.rows = rows;
        Ok(training_data)
    }

    /// Rows of some corpora and their classes, numbered. A corpus's number is its place in `corpora`.
    pub fn chosen(&self, corpora: &[String], classes: &[String]) -> Chosen {
        let table = self.table();
        let mut chosen = Chosen {
            classes: classes.len(),
            ..Chosen::default()
        };
        for (number, row) in table.rows.iter().enumerate() {
            let corpus = corpora.iter().position(|name| *name == row.corpus);
            if let (Some(corpus), Some(class)) = (corpus, class_of(&table, number, classes)) {
                chosen.rows.push(number);
                chosen.labels.push(class);
                chosen.corpora.push(corpus);
            }
        }
        chosen
    }

    /// A recording as a band is tested by it: through a telephone where the band is one.
    pub fn tested(&self, recipe: &ClassifierRecipe, band: usize, row: usize) -> Prepared {
        let heard = &self.bands[band];
        let clean = &heard.clean[row];
        let features = match recipe.bands[band].tested() {
            Some(copy) => heard.copies[copy][row].clone(),
            None => clean.features.clone(),
        };
        Prepared {
            features,
            band,
            facts: clean.facts,
        }
    }

    /// Names of the corpora, in the order in which they come.
    pub fn corpora(&self) -> Vec<String> {
        let mut names: Vec<String> = Vec::new();
        for row in &self.rows {
            if !names.contains(&row.corpus) {
                names.push(row.corpus.clone());
            }
        }
        names
    }

    /// The rows without features, as a table that splits and scores take.
    pub fn table(&self) -> Labelled {
        Labelled {
            identity: None,
            columns: Vec::new(),
            rows: self.rows.clone(),
            values: Vec::new(),
        }
    }

    /// SHA-256 of what rows are learnt from: classes, features and copies, to the bit.
    pub fn fingerprint(&self, chosen: &Chosen) -> String {
        let mut digest = Sha256::new();
        for column in &self.columns {
            digest.update(column.as_bytes());
            digest.update([0]);
        }
        for (&row, &label) in chosen.rows.iter().zip(&chosen.labels) {
            digest.update((label as u64).to_le_bytes());
            for heard in &self.bands {
                let copies = heard.copies.iter().map(|copy| &copy[row]);
                for features in std::iter::once(&heard.clean[row].features).chain(copies) {
                    features.iter().for_each(|x| digest.update(x.to_le_bytes()));
                }
            }
        }
        digest
            .finalize()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// Rows to learn from, with numbers for their classes and corpora.
#[derive(Clone, Copy, Debug)]
pub struct Rows<'a> {
    /// Numbers in the training data.
    pub rows: &'a [usize],
    /// The class of each.
    pub labels: &'a [usize],
    /// The corpus of each, from 0.
    pub corpora: &'a [usize],
    /// Number of classes.
    pub classes: usize,
}

/// Rows chosen, with numbers for classes and corpora.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Chosen {
    /// Numbers in the training data.
    pub rows: Vec<usize>,
    /// Classes.
    pub labels: Vec<usize>,
    /// Corpora.
    pub corpora: Vec<usize>,
    /// Number of classes.
    pub classes: usize,
}

impl Chosen {
    /// As a recipe takes them.
    pub fn view(&self) -> Rows<'_> {
        Rows {
            rows: &self.rows,
            labels: &self.labels,
            corpora: &self.corpora,
            classes: self.classes,
        }
    }

    /// Those that `keep` says yes to, asked with the number in the training data.
    pub fn kept(&self, keep: impl Fn(usize) -> bool) -> Chosen {
        let mut kept = Chosen {
            classes: self.classes,
            ..Chosen::default()
        };
        for at in (0..self.rows.len()).filter(|&at| keep(self.rows[at])) {
            kept.rows.push(self.rows[at]);
            kept.labels.push(self.labels[at]);
            kept.corpora.push(self.corpora[at]);
        }
        kept
    }
}

fn hear(
    row: &LabelledRow,
    folder: &Path,
    recipe: &ClassifierRecipe,
    seed: u64,
    front_ends: &mut [FrontEnd],
    extractors: &mut Vec<Extractor>,
) -> Result<Made, super::Error> {
    let path = folder.join(&row.file);
    let mut sound = Sound::open(&path)?;
    if row.start.is_some() || row.end.is_some() {
        sound = sound.part(row.start.unwrap_or(0.0), row.end);
    }
    let plain = plain(&sound, extractors)?;
    let name = path
        .file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default();
    let purpose = format!("copy of {}/{name}/{}", row.corpus, row.start.unwrap_or(0.0));
    let bandwidth = ser_features::level::bandwidth_hz(&sound.samples, sound.rate_hz);
    let mut bands = Vec::new();
    for (front_end, band) in front_ends.iter_mut().zip(&recipe.bands) {
        let clean = front_end.prepare_in(bands.len(), &sound.samples, sound.rate_hz, bandwidth)?;
        let base = front_end.base(&sound.samples, sound.rate_hz)?;
        let copy = |(number, channel): (usize, &Channel)| {
            let mut random = Random::numbered(seed, &purpose, number as u64);
            let disturbed = recipe
                .disturbance
                .through(*channel, &base, front_end, &mut random);
            Ok(front_end.features(&disturbed)?.0)
        };
        let copies = band
            .copies
            .iter()
            .enumerate()
            .map(copy)
            .collect::<Result<_, super::Error>>()?;
        bands.push((clean, copies));
    }
    Ok(Made { plain, bands })
}

/// The features of a file at its own rate and level.
fn plain(sound: &Sound, extractors: &mut Vec<Extractor>) -> Result<Vec<f32>, super::Error> {
    let at = match extractors
        .iter()
        .position(|extractor| extractor.rate_hz() == sound.rate_hz)
    {
        Some(at) => at,
        None => {
            extractors.push(Extractor::new(
                FeatureSet::default(),
                sound.rate_hz,
                Level::Functionals,
            )?);
            extractors.len() - 1
        }
    };
    extractors[at].reset();
    extractors[at].push(&sound.samples)?;
    Ok(extractors[at].finish()?.values().to_vec())
}
