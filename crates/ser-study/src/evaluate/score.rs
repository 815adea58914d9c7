//! Scores of a set over the folds, with intervals.
//!
//! - Every score is of the counts of all folds together, with a bootstrap over speakers: a validation row is tested once, a row of a transfer corpus
//!   once by each fold's model, so that the recall of a class is its mean over the models. Speakers are drawn with all of their tests.
//! - The paper's own bars, mean ± t(0.975, folds − 1) · s / √folds, stand beside them under the paper's protocol. They say how far the folds'
//!   models differ: every fold tests the same speakers of a transfer corpus, so they say nothing of other speakers.

use std::collections::BTreeSet;

use super::design::Design;
use super::result::{Bars, Prediction, SetScores, SpeakerCounts, UnitCounts};
use super::study::Study;
use super::trial::Trial;
use ser_models::model::training::class_of;
use ser_models::score::bootstrap::{Bootstrap, Resampling};
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
        let mut counts = UnitCounts::new();
        for (&unit, confusion) in trials.iter().flat_map(|trial| &trial.units[number]) {
            *counts
                .entry(unit)
                .or_insert_with(|| Confusion::new(design.classes.len())) += confusion;
        }
        let mut alone = UnitCounts::new();
        for (&unit, confusion) in trials
            .iter()
            .filter_map(|trial| trial.single.get(number))
            .flatten()
        {
            *alone
                .entry(unit)
                .or_insert_with(|| Confusion::new(design.classes.len())) += confusion;
        }
        let bars = design.protocol.mixes_speakers().then(|| {
            let folds = trials.iter().map(|trial| &trial.fold.sets[number]);
            let of = |score: fn(&Confusion) -> Option<f64>| {
                let scores: Vec<f64> = folds.clone().filter_map(|f| score(&f.confusion)).collect();
                interval::over_folds(&scores).unwrap_or_else(nothing)
            };
            Bars {
                uar: of(Confusion::uar),
                accuracy: of(Confusion::accuracy),
            }
        });
        let corpus = corpus_of(study, set);
        let single = (!alone.is_empty())
            .then(|| bootstrap(study, corpus, design.classes.len(), &alone).score(Confusion::uar));
        SetScores {
            bars,
            single: single.flatten(),
            recordings: tested(study, design, trials, set).len(),
            ..scores(study, set, corpus, &design.classes, &counts)
        }
    };
    (0..sets.len()).map(of_set).collect()
}

/// The corpus that a set is of.
pub fn corpus_of<'a>(study: &'a Study, set: &'a str) -> &'a str {
    match set {
        "train" | "valid" => &study.plan.train,
        corpus => corpus,
    }
}

/// The scores of counts by unit.
fn scores(
    study: &Study,
    set: &str,
    corpus: &str,
    classes: &[String],
    counts: &UnitCounts,
) -> SetScores {
    let resampled = bootstrap(study, corpus, classes.len(), counts);
    let of = |statistic: &dyn Fn(&Confusion) -> Option<f64>| {
        resampled.score(statistic).unwrap_or_else(nothing)
    };
    let units = study.units.of_corpus(corpus);
    let speakers = units.is_some_and(|units| units.speakers);
    let named = |(&unit, confusion): (&usize, &Confusion)| SpeakerCounts {
        speaker: units.map_or(String::new(), |units| units.names[unit].clone()),
        confusion: confusion.clone(),
    };
    SetScores {
        set: set.into(),
        uar: of(&Confusion::uar),
        accuracy: of(&Confusion::accuracy),
        macro_f1: of(&Confusion::macro_f1),
        single: None,
        recall: (0..classes.len())
            .map(|class| of(&|confusion: &Confusion| confusion.recall(class)))
            .collect(),
        confusion: resampled.confusion().clone(),
        recordings: 0,
        speakers: if speakers { counts.len() } else { 0 },
        chance: 1.0 / classes.len() as f64,
        bars: None,
        over_seeds: None,
        by_speaker: counts.iter().map(named).collect(),
    }
}

/// A score of no recordings.
fn nothing() -> Score {
    Score::bare(0.0, 0)
}

/// Resamples counts over the units of a corpus.
pub fn bootstrap(study: &Study, corpus: &str, classes: usize, counts: &UnitCounts) -> Bootstrap {
    let units: Vec<Confusion> = counts.values().cloned().collect();
    let speakers = study
        .units
        .of_corpus(corpus)
        .is_some_and(|units| units.speakers);
    Bootstrap::of_units(
        classes,
        &units,
        speakers,
        Resampling {
            resamples: study.plan.resamples,
            seed: study.plan.seeds[0],
        },
    )
}

/// The counts of predictions by unit.
pub fn counted<'a>(
    study: &Study,
    classes: &[String],
    predictions: impl Iterator<Item = &'a Prediction>,
) -> UnitCounts {
    let mut counts = UnitCounts::new();
    for prediction in predictions {
        let class = classes
            .iter()
            .position(|class| *class == prediction.predicted);
        let truth = class_of(&study.table, prediction.row, classes);
        if let (Some(truth), Some(class)) = (truth, class) {
            counts
                .entry(study.units.of_row(prediction.row))
                .or_insert_with(|| Confusion::new(classes.len()))
                .add(truth, class, 1);
        }
    }
    counts
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
