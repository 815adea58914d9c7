//! Scores of a set over the folds, with intervals.
//!
//! - Folds that test the same way again and again (the paper's protocol; any transfer corpus): mean ± t(0.975, folds − 1) · s / √folds.
//! - Validation rows of speaker-independent folds are each predicted once, by a model that has not heard their speaker: one test, scored as a whole,
//!   with a bootstrap over speakers. A fold of one speaker may lack a class, and the mean of such folds would be another number.

use std::collections::{BTreeMap, BTreeSet};

use super::design::Design;
use super::result::{Prediction, SetScores};
use super::study::Study;
use super::trial::Trial;
use ser_models::model::training::class_of;
use ser_models::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser_models::score::interval::{self, Score};
use ser_models::score::metric::Confusion;

/// Scores of every set of a design's trials.
pub fn over_folds(study: &Study, design: &Design, trials: &[Trial]) -> Vec<SetScores> {
    let sets = trials
        .first()
        .map(|trial| trial.fold.sets.as_slice())
        .unwrap_or_default();
    let of_set = |number: usize| {
        let set = sets[number].set.as_str();
        let of_fold = trials
            .iter()
            .map(|trial| &trial.fold.sets[number].confusion);
        let tested = tested(study, design, trials, set);
        let speakers: BTreeSet<(&str, &str)> = tested
            .iter()
            .filter_map(|&row| speaker(study, row))
            .collect();
        let scores = if set == "valid" && !design.protocol.mixes_speakers() {
            let predictions = trials
                .iter()
                .flat_map(|trial| &trial.predictions)
                .filter(|prediction| prediction.set == "valid");
            Scores::Resampled(bootstrap(study, &design.classes, predictions))
        } else {
            Scores::OfFolds(of_fold.clone().collect())
        };
        let mut confusion = Confusion::new(design.classes.len());
        of_fold.for_each(|fold| confusion += fold);
        SetScores {
            set: set.into(),
            uar: scores.of(Confusion::uar),
            accuracy: scores.of(Confusion::accuracy),
            macro_f1: scores.of(Confusion::macro_f1),
            recall: (0..design.classes.len())
                .map(|class| scores.of(|confusion| confusion.recall(class)))
                .collect(),
            chance: confusion.chance(),
            confusion,
            recordings: tested.len(),
            speakers: speakers.len(),
        }
    };
    (0..sets.len()).map(of_set).collect()
}

/// Where a set's scores come from.
enum Scores<'a> {
    Resampled(Bootstrap),
    OfFolds(Vec<&'a Confusion>),
}

impl Scores<'_> {
    /// A score with its interval; 0 of 0 units where no recording has it.
    fn of(&self, statistic: impl Fn(&Confusion) -> Option<f64>) -> Score {
        let score = match self {
            Scores::Resampled(resampled) => resampled.score(statistic),
            Scores::OfFolds(folds) => interval::over_folds(
                &folds
                    .iter()
                    .filter_map(|fold| statistic(fold))
                    .collect::<Vec<_>>(),
            ),
        };
        score.unwrap_or_else(|| Score::bare(0.0, 0))
    }
}

/// Resamples predictions over their speakers, or over recordings where a speaker is unknown.
pub fn bootstrap<'a>(
    study: &Study,
    classes: &[String],
    predictions: impl Iterator<Item = &'a Prediction>,
) -> Bootstrap {
    let (mut truth, mut predicted, mut speakers) = (Vec::new(), Vec::new(), Vec::new());
    let mut numbers: BTreeMap<(&str, &str), usize> = BTreeMap::new();
    for prediction in predictions {
        let class = classes
            .iter()
            .position(|class| *class == prediction.predicted);
        let (Some(label), Some(class)) = (class_of(&study.table, prediction.row, classes), class)
        else {
            continue;
        };
        truth.push(label);
        predicted.push(class);
        let next = numbers.len();
        speakers
            .push(speaker(study, prediction.row).map(|name| *numbers.entry(name).or_insert(next)));
    }
    let speakers: Option<Vec<usize>> = speakers.into_iter().collect();
    Bootstrap::new(
        Predictions {
            classes: classes.len(),
            truth: &truth,
            predicted: &predicted,
            speakers: speakers.as_deref(),
        },
        Resampling {
            resamples: study.plan.resamples,
            seed: study.plan.seeds[0],
        },
    )
}

/// The rows that a set tests, each once: validation rows of every fold, other rows of the first.
fn tested(study: &Study, design: &Design, trials: &[Trial], set: &str) -> BTreeSet<usize> {
    if set == "train" {
        return study
            .rows_of(&study.plan.train, &design.classes)
            .into_iter()
            .collect();
    }
    let predictions = trials.iter().flat_map(|trial| &trial.predictions);
    predictions
        .filter(|prediction| prediction.set == set)
        .map(|prediction| prediction.row)
        .collect()
}

fn speaker(study: &Study, row: usize) -> Option<(&str, &str)> {
    let row = &study.table.rows[row];
    row.speaker
        .as_deref()
        .map(|speaker| (row.corpus.as_str(), speaker))
}
