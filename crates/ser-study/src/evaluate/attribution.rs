//! What speaks for an experiment's decisions, and whether it is told alike when something is done otherwise.
//!
//! The first fold's model explains the validation recordings that it got right, against the mean of the neutral ones among them. Then the same is asked of
//! other *seeds* (nine further models of the first fold), other *references* (the mean of each class, and of all), the other *folds* (each with its own
//! model and recordings), and a model of *random weights*, which must not tell the same. Patterns are compared by rank correlation.

use super::design::{Design, recipe, seed_of};
use super::fold::Fold;
use super::result::Prediction;
use super::study::Study;
use ser_models::explain::attribution::{
    Explained, agreement, explain, pattern, random_weights, reference,
};
use ser_models::explain::deeplift::Rule;
use ser_models::explain::{Explanation, explanation::Stability};
use ser_models::model::training::class_of;
use ser_models::model::{Error, Pipeline, Representation};
use ser_models::score::split::TestRows;

/// Models of other seeds.
const SEEDS: u64 = 9;

/// Explains an experiment from its folds' models and predictions; none where no recording was predicted rightly.
///
/// # Errors
/// Those of fitting the models of other seeds.
pub fn of_experiment(
    study: &Study,
    design: &Design,
    folds: &[TestRows],
    pipelines: &[Pipeline],
    recordings: &[Prediction],
) -> Result<Option<Explanation>, Error> {
    let Some(first) = pipelines.first() else {
        return Ok(None);
    };
    let right = right(study, design, first, recordings, 0);
    let neutral = design.classes.iter().position(|class| class == "neutral");
    let Some(origin) = reference(&right, neutral) else {
        return Ok(None);
    };
    let of_neutral = right
        .classes
        .iter()
        .filter(|class| Some(**class) == neutral)
        .count();
    let told = match of_neutral {
        0 => format!(
            "mean of the {} validation recordings predicted rightly",
            right.rows.len()
        ),
        n => format!("mean of the {n} neutral validation recordings predicted as neutral"),
    };
    let mut explanation = explain(first, &right, &origin, &told, Rule::Rescale);
    let own = pattern(&explanation, &design.classes);
    let told_by = |pipeline: &Pipeline, right: &Explained, origin: &[f64]| {
        pattern(
            &explain(pipeline, right, origin, "", Rule::Rescale),
            &design.classes,
        )
    };

    let mut seeds = vec![own.clone()];
    if matches!(design.model, Representation::Uae | Representation::Dae) {
        let rows = study.rows_of(&study.plan.train, &design.classes);
        let fold = Fold::of(&study.table, &design.classes, &rows, &folds[0])?;
        let recipe = recipe(&study.plan, design.model, design.normalisation);
        for further in 1..=SEEDS {
            let seed = seed_of(design.seed.wrapping_add(further << 16), 0);
            let other = recipe.fit(&fold.training()?, seed, &mut |_| {})?;
            seeds.push(told_by(&other, &right, &origin));
        }
    }
    let origins = std::iter::once(None).chain((0..design.classes.len()).map(Some));
    let references: Vec<Vec<f64>> = origins
        .filter_map(|class| Some(told_by(first, &right, &reference(&right, class)?)))
        .collect();
    let of_fold = |(number, pipeline): (usize, &Pipeline)| {
        let right = self::right(study, design, pipeline, recordings, number);
        Some(told_by(pipeline, &right, &reference(&right, neutral)?))
    };
    let of_folds: Vec<Vec<f64>> = pipelines.iter().enumerate().filter_map(of_fold).collect();
    let compared = [
        ("seeds", seeds),
        ("references", references),
        ("folds", of_folds),
    ];
    explanation.stability = compared
        .iter()
        .filter_map(|(kind, patterns)| agreement(kind, patterns))
        .collect();
    let random = random_weights(first, &right, &origin, Rule::Rescale, design.seed);
    explanation.stability.extend(random.last().map(|stage| {
        Stability {
            kind: "random weights".into(),
            spearman: stage.signed,
            lowest: random
                .iter()
                .map(|stage| stage.signed)
                .fold(f64::INFINITY, f64::min),
            runs: random.len(),
        }
    }));
    Ok(Some(explanation))
}

/// The validation recordings of a fold that its model got right.
pub(super) fn right(
    study: &Study,
    design: &Design,
    pipeline: &Pipeline,
    recordings: &[Prediction],
    fold: usize,
) -> Explained {
    let valid = recordings
        .iter()
        .filter(|prediction| prediction.set == "valid" && prediction.fold == fold);
    let hit = |prediction: &Prediction| {
        let class = class_of(&study.table, prediction.row, &design.classes)?;
        (design.classes[class] == prediction.predicted).then_some((prediction.row, class))
    };
    let (rows, classes): (Vec<usize>, Vec<usize>) = valid.filter_map(hit).unzip();
    Explained {
        z: pipeline.normaliser.transform(&study.table, &rows),
        rows,
        classes,
    }
}
