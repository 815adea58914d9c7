//! The price of errors C chosen inside the fold: nested cross-validation.
//!
//! ```text
//! of a fold's training rows   k inner folds of whole speakers (of recordings, where a speaker is unknown)
//! of each candidate C         UAR of all inner test rows together;   the highest, of equal ones the smallest C
//! ```
//!
//! The fold's test rows take no part, so the outer score is not flattered by the choice. Standardisation and representation are fitted once per inner
//! fold and serve every candidate: C concerns the classifier alone.
//!
//! S. Varma, R. Simon (2006), "Bias in error estimation when using cross-validation for model selection", BMC Bioinformatics 7, 91.

use super::design::seed_of;
use super::fold::Fold;
use super::study::Study;
use ser_models::model::training::class_of;
use ser_models::model::{Error, Recipe, Training};
use ser_models::score::metric::Confusion;
use ser_models::score::split::{Protocol, split};

/// Inner folds.
pub const INNER_FOLDS: usize = 3;

/// The best of the plan's candidates for some training rows; none where the plan has none.
///
/// # Errors
/// Those of splitting and fitting.
pub fn choose_c(
    study: &Study,
    recipe: &Recipe,
    training: &Training<'_>,
    seed: u64,
) -> Result<Option<f64>, Error> {
    let candidates = &study.plan.choose_c;
    if candidates.is_empty() {
        return Ok(None);
    }
    let (table, rows, labels) = (training.table(), training.rows(), training.labels());
    let mut speakers = training.speakers().unwrap_or_default();
    speakers.sort_unstable();
    speakers.dedup();
    let (protocol, most) = match speakers.len() {
        0 | 1 => (Protocol::Paper, INNER_FOLDS),
        speakers => (Protocol::SpeakerIndependent, speakers),
    };
    let folds = INNER_FOLDS.min(most);
    let folds = split(protocol, &table.rows, rows, &labels, folds, seed)?;
    let classes = training.classes();
    let mut found = vec![Confusion::new(classes.len()); candidates.len()];
    for (number, test) in folds.iter().enumerate() {
        let inner = Fold::of(table, classes, rows, test)?;
        let fitted = recipe.fit(&inner.training()?, seed_of(seed, number), &mut |_| {})?;
        let learnt = Training::new(
            table,
            &fitted.ordinary(table, inner.training()?.rows()),
            classes,
        )?;
        let latents = fitted.embed(table, learnt.rows());
        let tested = fitted.embed(table, inner.test());
        for (candidate, confusion) in candidates.iter().zip(&mut found) {
            let mut parameters = recipe.svc.clone();
            parameters.c = *candidate;
            parameters.probability = None;
            let classifier = parameters.check()?.fit(
                latents.view(),
                &learnt.labels(),
                classes.len(),
                learnt.speakers().as_deref(),
            )?;
            for (&row, latent) in inner.test().iter().zip(tested.outer_iter()) {
                if let Some(truth) = class_of(table, row, classes) {
                    confusion.add(truth, classifier.predict(&latent.to_vec()), 1);
                }
            }
        }
    }
    let scored = candidates.iter().zip(found.iter().map(Confusion::uar));
    let better = |a: (f64, f64), b: (f64, f64)| {
        if b.1 > a.1 || (b.1 == a.1 && b.0 < a.0) {
            b
        } else {
            a
        }
    };
    Ok(scored
        .filter_map(|(c, uar)| Some((*c, uar?)))
        .reduce(better)
        .map(|(c, _)| c))
}
