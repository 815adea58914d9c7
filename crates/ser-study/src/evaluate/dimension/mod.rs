//! Dimensions: how well a number, such as arousal or valence, is predicted for voices that were not heard.
//!
//! ```text
//! rows with a number ─ folds of whole speakers ─ standardise, represent, regression ─ CCC, r, RMSE, beside the training mean
//!                                                └ its settings and the network by folds of speakers inside the training rows
//! ```
//!
//! Scores are of all test rows together with a bootstrap over speakers; a row of a transfer corpus is predicted by each fold's model. The mean of the
//! training rows is chance: its CCC is 0, and no model is of use whose RMSE is not below its.
//!
//! L. I.-K. Lin (1989), "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45, 255-268.

mod choose;
mod render;
mod teach;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

pub use choose::{Chosen, choose};
pub use teach::{card, teach};

use super::design::seed_of;
use super::held_out::{grounds, latents};
use super::plan::Plan;
use ser_models::classify::basis::Basis;
use ser_models::model::autoencoder::Configuration;
use ser_models::model::regression::Regression;
use ser_models::model::{Error, Pipeline, Recipe, Representation};
use ser_models::score::agreement::{Agreement, Moments};
use ser_models::score::bootstrap::Resampling;
use ser_models::score::interval::Score;
use ser_models::score::split::{Protocol, TestRows, split};
use ser_parallel::try_map_in_order;
use ser_tables::Statistics;
use ser_tables::labelled::Labelled;

/// Name and version of the form.
pub const SCHEMA: &str = "ser-dimension/1";

/// All that was found about a dimension.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of `ser`.
    pub ser: String,
    /// The column of the numbers.
    pub target: String,
    /// The corpus that models learn from and are validated on.
    pub train: String,
    /// What a reader should know before the scores.
    pub warnings: Vec<String>,
    /// One per seed, normalisation, protocol and representation.
    pub experiments: Vec<Experiment>,
}

/// One way to make and test models.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Experiment {
    /// The protocol, in words.
    pub protocol: String,
    /// Whether speakers stand on both sides.
    pub mixes_speakers: bool,
    /// The representation.
    pub model: String,
    /// Whose statistics standardised the rows.
    pub normalisation: String,
    /// The seed.
    pub seed: u64,
    /// Each fold.
    pub folds: Vec<FoldFacts>,
    /// Each set, over the folds.
    pub scores: Vec<SetScores>,
    /// Each test row's prediction.
    pub predictions: Vec<Prediction>,
}

/// A fold.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldFacts {
    /// Its number, from 0.
    pub fold: usize,
    /// Rows learnt from.
    pub train_rows: usize,
    /// The penalty of its ridge regression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub penalty: Option<f64>,
    /// The price of errors of its support vector regression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<f64>,
    /// The network that its training rows chose, where the plan has candidates and the model one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_autoencoder: Option<Configuration>,
}

/// Scores of a set over the folds.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SetScores {
    /// `valid`, or the corpus.
    pub set: String,
    /// Recordings tested, each counted once.
    pub recordings: usize,
    /// Their speakers; 0 where unknown.
    pub speakers: usize,
    /// Concordance correlation coefficient.
    pub ccc: Option<Score>,
    /// Pearson's correlation.
    pub pearson: Option<Score>,
    /// Root mean square error.
    pub rmse: Option<Score>,
    /// That of the training rows' mean.
    pub rmse_of_mean: Option<Score>,
    /// CCC one recording at a time, where the others standardise by the statistics of corpora or speakers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single: Option<Score>,
}

/// A row as a model saw it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Prediction {
    /// `valid`, or the corpus.
    pub set: String,
    /// The recording.
    pub file: String,
    /// The fold whose model it was.
    pub fold: usize,
    /// The true number.
    pub truth: f64,
    /// The predicted one.
    pub predicted: f64,
}

/// How the plan makes models of numbers.
pub fn recipe(plan: &Plan, model: Representation, normalisation: Statistics) -> Recipe {
    let regressions = plan.regressions();
    // Of several each fold chooses its own.
    let regression = match regressions.as_slice() {
        [one] => *one,
        [Regression::Svr(_), ..] => Regression::Svr(Default::default()),
        _ => Regression::Ridge(Default::default()),
    };
    Recipe {
        discriminant: None,
        ..super::design::recipe(plan, model, normalisation).with_regression(regression)
    }
}

/// A row's prediction by a fold's model.
struct Told {
    row: usize,
    truth: f64,
    predicted: f64,
    mean: f64,
    single: Option<f64>,
}

/// Carries out a plan about the numbers of a table.
///
/// # Errors
/// No numbers, more than one corpus to train on, and those of splitting and fitting.
pub fn evaluate(
    table: &Labelled,
    plan: &Plan,
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<Evaluation, Error> {
    let target = plan.target.clone().unwrap_or_default();
    let corpora: BTreeSet<&str> = (0..table.rows.len())
        .filter(|&row| table.rows[row].target.is_some())
        .map(|row| table.rows[row].corpus.as_str())
        .collect();
    let train = match (plan.train.as_str(), corpora.len()) {
        ("", 0) => {
            return Err(Error::Parameter(format!(
                "no row has a number in {target:?}"
            )));
        }
        ("", 1) => corpora.iter().next().copied().unwrap_or_default(),
        ("", _) => {
            let names: Vec<&str> = corpora.into_iter().collect();
            return Err(Error::ManyCorpora(names.join(", ")));
        }
        (name, _) => name,
    };
    let transfer: Vec<String> = match plan.transfer.as_slice() {
        [all] if all == "*" => corpora
            .iter()
            .filter(|of| **of != train)
            .map(ToString::to_string)
            .collect(),
        named => named.to_vec(),
    };
    let rows = of_corpus(table, train);
    let mut warnings = Vec::new();
    let mut experiments = Vec::new();
    for &seed in &plan.seeds {
        for &normalisation in &plan.normalisations {
            for &protocol in &plan.protocols {
                let (protocol, folds) =
                    folds(table, &rows, protocol, plan.folds, seed, &mut warnings)?;
                for &model in &plan.models {
                    let recipe = recipe(plan, model, normalisation);
                    let found = experiment(
                        (table, &rows, &transfer),
                        (plan, &recipe, &target),
                        (protocol, &folds, seed),
                        threads,
                        done,
                    )?;
                    experiments.push(found);
                }
            }
        }
    }
    warnings.dedup();
    Ok(Evaluation {
        schema: SCHEMA.into(),
        ser: env!("CARGO_PKG_VERSION").into(),
        target,
        train: train.into(),
        warnings,
        experiments,
    })
}

/// The rows of a corpus that have a number.
pub fn of_corpus(table: &Labelled, corpus: &str) -> Vec<usize> {
    (0..table.rows.len())
        .filter(|&row| table.rows[row].corpus == corpus && table.rows[row].target.is_some())
        .collect()
}

/// Folds of rows with a number; recordings are dealt where their speakers are unknown, and a warning says so.
pub fn folds(
    table: &Labelled,
    rows: &[usize],
    protocol: Protocol,
    most: usize,
    seed: u64,
    warnings: &mut Vec<String>,
) -> Result<(Protocol, Vec<TestRows>), Error> {
    let speakers: BTreeSet<(&str, Option<&str>)> = rows
        .iter()
        .map(|&row| {
            (
                table.rows[row].corpus.as_str(),
                table.rows[row].speaker.as_deref(),
            )
        })
        .collect();
    let unknown = speakers.iter().any(|(_, speaker)| speaker.is_none());
    let (protocol, folds) = match protocol {
        Protocol::SpeakerIndependent if unknown => {
            warnings.push("a speaker is unknown, so that recordings are dealt to the folds: the same voices may stand in training and validation".into());
            (Protocol::Paper, most)
        }
        Protocol::SpeakerIndependent if speakers.len() < most => {
            warnings.push(format!("{} folds, one for each speaker", speakers.len()));
            (protocol, speakers.len())
        }
        protocol => (protocol, most),
    };
    let labels = vec![0; rows.len()];
    let folds = split(protocol, &table.rows, rows, &labels, folds, seed)?;
    Ok((protocol, folds))
}

fn experiment(
    (table, rows, transfer): (&Labelled, &[usize], &[String]),
    (plan, recipe, target): (&Plan, &Recipe, &str),
    (protocol, folds, seed): (Protocol, &[TestRows], u64),
    threads: usize,
    done: &(dyn Fn() + Sync),
) -> Result<Experiment, Error> {
    let mut sets: Vec<(String, Vec<usize>)> = vec![("valid".into(), Vec::new())];
    sets.extend(
        transfer
            .iter()
            .map(|corpus| (corpus.clone(), of_corpus(table, corpus))),
    );
    let work = |fold: usize| {
        let learnt: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|row| !folds[fold].contains(row))
            .collect();
        let seed = seed_of(seed, fold);
        let chosen = choose(plan, recipe, (table, &learnt), seed)?;
        let recipe = chosen.applied(recipe);
        let pipeline = recipe.fit_numbers((table, &learnt), target, seed, &mut |_| {})?;
        let told: Vec<Vec<Told>> = sets
            .iter()
            .map(|(set, of_set)| {
                let tested = if set == "valid" { &folds[fold] } else { of_set };
                told(table, &pipeline, &learnt, tested)
            })
            .collect();
        done();
        Ok::<_, Error>((pipeline, chosen, told))
    };
    let found = try_map_in_order(folds.len(), threads, work)?;
    let mut scores = Vec::new();
    let mut predictions = Vec::new();
    for (number, (set, _)) in sets.iter().enumerate() {
        let told: Vec<(usize, &Told)> = found
            .iter()
            .enumerate()
            .flat_map(|(fold, (_, _, told))| told[number].iter().map(move |told| (fold, told)))
            .collect();
        predictions.extend(told.iter().map(|(fold, told)| Prediction {
            set: set.clone(),
            file: table.rows[told.row].file.clone(),
            fold: *fold,
            truth: told.truth,
            predicted: told.predicted,
        }));
        scores.push(set_scores(table, set, &told, plan));
    }
    Ok(Experiment {
        protocol: protocol.name(folds.len()),
        mixes_speakers: protocol.mixes_speakers(),
        model: recipe.representation.name().into(),
        normalisation: recipe.normalisation.name().into(),
        seed,
        folds: found
            .iter()
            .enumerate()
            .map(|(fold, (pipeline, chosen, _))| {
                let (penalty, price) = match pipeline.recipe.regression() {
                    Regression::Ridge(own) => (Some(own.penalty), None),
                    Regression::Svr(own) => (None, Some(own.c)),
                };
                FoldFacts {
                    fold,
                    train_rows: pipeline.training_rows,
                    penalty,
                    price,
                    chosen_autoencoder: chosen.autoencoder.clone(),
                }
            })
            .collect(),
        scores,
        predictions,
    })
}

/// What a fold's model says of rows that it has not learnt from.
fn told(table: &Labelled, pipeline: &Pipeline, learnt: &[usize], rows: &[usize]) -> Vec<Told> {
    let numbers: Vec<f64> = learnt
        .iter()
        .filter_map(|&row| table.rows[row].target)
        .collect();
    let mean = numbers.iter().sum::<f64>() / numbers.len().max(1) as f64;
    let single = match grounds(pipeline.normaliser.by()).len() {
        1 => vec![None; rows.len()],
        _ => values(pipeline, table, rows, Basis::Alone)
            .into_iter()
            .map(Some)
            .collect(),
    };
    rows.iter()
        .zip(pipeline.values(table, rows))
        .zip(single)
        .filter_map(|((&row, predicted), single)| {
            let truth = table.rows[row].target?;
            Some(Told {
                row,
                truth,
                predicted,
                mean,
                single,
            })
        })
        .collect()
}

/// The numbers of rows on a ground.
pub fn values(pipeline: &Pipeline, table: &Labelled, rows: &[usize], basis: Basis) -> Vec<f64> {
    let latents = latents(pipeline, table, rows, basis);
    let value = |latent: ndarray::ArrayView1<'_, f64>| pipeline.classifier.value(&latent.to_vec());
    latents.outer_iter().filter_map(value).collect()
}

/// A number for each row's speaker; `None` where one is unknown.
pub fn speakers(table: &Labelled, rows: &[usize]) -> Option<Vec<usize>> {
    let names: Vec<(&str, &str)> = rows
        .iter()
        .map(|&row| {
            Some((
                table.rows[row].corpus.as_str(),
                table.rows[row].speaker.as_deref()?,
            ))
        })
        .collect::<Option<_>>()?;
    let mut known = names.clone();
    known.sort_unstable();
    known.dedup();
    let number = |name: &(&str, &str)| known.partition_point(|other| other < name);
    Some(names.iter().map(number).collect())
}

fn set_scores(table: &Labelled, set: &str, told: &[(usize, &Told)], plan: &Plan) -> SetScores {
    let rows: Vec<usize> = told.iter().map(|(_, told)| told.row).collect();
    let speakers = speakers(table, &rows);
    let truth: Vec<f64> = told.iter().map(|(_, told)| told.truth).collect();
    let of = |predicted: &dyn Fn(&Told) -> f64| {
        let predicted: Vec<f64> = told.iter().map(|(_, told)| predicted(told)).collect();
        let resampling = Resampling {
            resamples: plan.resamples,
            seed: plan.seeds[0],
        };
        Agreement::new(&truth, &predicted, speakers.as_deref(), resampling)
    };
    let found = of(&|told| told.predicted);
    let single = told.iter().all(|(_, told)| told.single.is_some()) && !told.is_empty();
    SetScores {
        set: set.into(),
        recordings: rows.iter().collect::<BTreeSet<_>>().len(),
        speakers: speakers
            .as_ref()
            .map_or(0, |of| of.iter().collect::<BTreeSet<_>>().len()),
        ccc: found.score(Moments::ccc),
        pearson: found.score(Moments::pearson),
        rmse: found.score(Moments::rmse),
        rmse_of_mean: of(&|told| told.mean).score(Moments::rmse),
        single: single
            .then(|| of(&|told| told.single.unwrap_or_default()).score(Moments::ccc))
            .flatten(),
    }
}

#[cfg(test)]
mod tests;
