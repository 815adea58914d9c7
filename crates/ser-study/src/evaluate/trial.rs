//! A trial: one experiment's model of one fold, fitted and tested.
//!
//! The model is fitted to what [`Fold::training`] gives, then predicts three kinds of sets: `train` (the rows it learnt from), `valid` (the fold's
//! test rows), and each transfer corpus. Under outlier rule `train` the training rows' statistics also say which rows are tested; under `fit` all are.

use super::choice::choose;
use super::design::{Design, is_explained, recipe, seed_of};
use super::fold::Fold;
use super::held_out::{grounds, row_answers};
use super::plan::OutlierRule;
use super::result::{FoldScores, Prediction, SetScore, UnitCounts};
use super::study::Study;
use ser_models::classify::basis::Basis;
use ser_models::model::training::class_of;
use ser_models::model::{Error, Pipeline, Representation};
use ser_models::score::metric::Confusion;

/// A fitted and tested model.
pub struct Trial {
    /// Its scores.
    pub fold: FoldScores,
    /// Of each set the counts of each unit of its corpus.
    pub units: Vec<UnitCounts>,
    /// The same one recording at a time, where the design's statistics are those of corpora or speakers; empty elsewhere.
    pub single: Vec<UnitCounts>,
    /// Predictions of the validation rows; of the first fold, of all sets.
    pub predictions: Vec<Prediction>,
    /// The model; of folds other than the first only where they are explained.
    pub pipeline: Option<Pipeline>,
}

/// Fits and tests the model of a fold. `epoch` is told each finished epoch.
///
/// # Errors
/// Those of splitting and fitting.
pub fn run(
    study: &Study,
    design: &Design,
    fold: &Fold<'_>,
    number: usize,
    epoch: &mut dyn FnMut(usize),
) -> Result<Trial, Error> {
    let recipe = recipe(&study.plan, design.model, design.normalisation);
    let training = fold.training()?;
    let seed = seed_of(design.seed, number);
    let chosen = choose(&study.plan, &recipe, &training, seed)?;
    let recipe = chosen.applied(&recipe);
    let pipeline = recipe.fit(&training, seed, epoch)?;
    let learnt = pipeline.ordinary(&study.table, training.rows());
    let mut sets = vec![("train", learnt), ("valid", fold.test().to_vec())];
    for corpus in &study.plan.transfer {
        sets.push((corpus, study.rows_of(corpus, &design.classes)));
    }
    let mut scores = Vec::new();
    let mut units = Vec::new();
    let mut single = Vec::new();
    let mut predictions = Vec::new();
    for (set, rows) in sets {
        let rows = tested(study, &pipeline, rows);
        let tested = test(study, &pipeline, design, set, &rows, number);
        if grounds(design.normalisation).len() > 1 {
            single.push(alone(study, &pipeline, design, &rows));
        }
        scores.push(tested.score);
        units.push(tested.units);
        if number == 0 || set == "valid" {
            predictions.extend(tested.predictions);
        }
    }
    Ok(Trial {
        fold: FoldScores {
            fold: number,
            train_rows: pipeline.training_rows,
            removed: pipeline.removed,
            chosen_c: chosen.c,
            chosen_autoencoder: chosen.autoencoder,
            shared_speakers: fold.shared_speakers(),
            twins: fold.twins(),
            sets: scores,
        },
        units,
        single,
        predictions,
        pipeline: (number == 0 || is_explained(&study.plan, design)).then_some(pipeline),
    })
}

/// Of some rows those that the plan's outlier rule has tested.
pub(super) fn tested(study: &Study, pipeline: &Pipeline, rows: Vec<usize>) -> Vec<usize> {
    match study.plan.outliers {
        OutlierRule::Train => pipeline.ordinary(&study.table, &rows),
        OutlierRule::Fit | OutlierRule::Corpus | OutlierRule::None => rows,
    }
}

/// What a model did with a set.
struct Tested {
    score: SetScore,
    units: UnitCounts,
    predictions: Vec<Prediction>,
}

/// Counts of rows that are each standardised by all training rows.
fn alone(study: &Study, pipeline: &Pipeline, design: &Design, rows: &[usize]) -> UnitCounts {
    let mut units = UnitCounts::new();
    let answers = row_answers(pipeline, &study.table, rows, Basis::Alone);
    for (&row, answer) in rows.iter().zip(answers) {
        if let Some(truth) = class_of(&study.table, row, &design.classes) {
            units
                .entry(study.units.of_row(row))
                .or_insert_with(|| Confusion::new(design.classes.len()))
                .add(truth, answer.class, 1);
        }
    }
    units
}

/// Predicts rows and counts.
fn test(
    study: &Study,
    pipeline: &Pipeline,
    design: &Design,
    set: &str,
    rows: &[usize],
    fold: usize,
) -> Tested {
    let latents = pipeline.embed(&study.table, rows);
    let mut confusion = Confusion::new(design.classes.len());
    let mut units = UnitCounts::new();
    let mut predictions = Vec::with_capacity(rows.len());
    for (&row, latent) in rows.iter().zip(latents.outer_iter()) {
        let predicted = pipeline.predict(latent);
        if let Some(truth) = class_of(&study.table, row, &design.classes) {
            confusion.add(truth, predicted, 1);
            units
                .entry(study.units.of_row(row))
                .or_insert_with(|| Confusion::new(design.classes.len()))
                .add(truth, predicted, 1);
        }
        let probabilities = pipeline.classifier.probabilities(&latent.to_vec());
        predictions.push(Prediction {
            set: set.into(),
            row,
            fold,
            predicted: design.classes[predicted].clone(),
            probabilities: probabilities.map(|p| p.iter().map(|&p| p as f32).collect()),
            latent: (design.model != Representation::Raw)
                .then(|| latent.iter().map(|&x| x as f32).collect()),
        });
    }
    let score = SetScore {
        set: set.into(),
        uar: confusion.uar().unwrap_or(0.0),
        accuracy: confusion.accuracy().unwrap_or(0.0),
        macro_f1: confusion.macro_f1().unwrap_or(0.0),
        confusion,
    };
    Tested {
        score,
        units,
        predictions,
    }
}
