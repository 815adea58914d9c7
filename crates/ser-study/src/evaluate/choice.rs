//! Settings chosen inside the fold: nested cross-validation.
//!
//! ```text
//! of a fold's training rows   k inner folds of whole speakers (of recordings, where a speaker is unknown)
//! candidates                  every network (latent size, hidden layers, noise, step, batch, epochs) with every price of errors C
//! of each candidate           UAR of all inner test rows together;   the highest, of equal ones the first network with the smallest C
//! ```
//!
//! The fold's test rows take no part, so the outer score is not flattered by the choice. Standardisation and representation are fitted once per inner
//! fold and network, and serve every C: that concerns the classifier alone.
//!
//! S. Varma, R. Simon (2006), "Bias in error estimation when using cross-validation for model selection", BMC Bioinformatics 7, 91.

use std::fmt;

use super::design::seed_of;
use super::fold::Fold;
use super::plan::Plan;
use ser_models::model::autoencoder::Configuration;
use ser_models::model::linear::Linear;
use ser_models::model::training::class_of;
use ser_models::model::{Error, Recipe, Representation, Training};
use ser_models::score::metric::Confusion;
use ser_models::score::split::{Protocol, split};

/// Inner folds.
pub const INNER_FOLDS: usize = 3;

/// What was chosen; none of what the plan has no candidates for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Choice {
    /// The price of errors.
    pub c: Option<f64>,
    /// The network; of principal components its latent size counts.
    pub autoencoder: Option<Configuration>,
}

impl Choice {
    /// The recipe with what was chosen.
    pub fn applied(&self, recipe: &Recipe) -> Recipe {
        let mut recipe = recipe.clone();
        recipe.svc.c = self.c.unwrap_or(recipe.svc.c);
        if let Some(network) = &self.autoencoder {
            recipe.autoencoder.clone_from(network);
        }
        recipe
    }
}

/// The settings of a network in words.
pub fn told(network: &Configuration) -> String {
    let hidden: Vec<String> = network.hidden.iter().map(usize::to_string).collect();
    format!(
        "latent {}, hidden {}, noise {}, {} epochs, step {}, batch {}",
        network.latent,
        hidden.join("-"),
        network.noise,
        network.epochs,
        network.learning_rate,
        network.batch
    )
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let c = self.c.map(|c| format!("C {c}"));
        let network = self.autoencoder.as_ref().map(told);
        let parts: Vec<String> = c.into_iter().chain(network).collect();
        f.write_str(&parts.join(", "))
    }
}

/// The best of the plan's candidates for some training rows.
///
/// # Errors
/// Those of splitting and fitting.
pub fn choose(
    plan: &Plan,
    recipe: &Recipe,
    training: &Training<'_>,
    seed: u64,
) -> Result<Choice, Error> {
    let candidates = candidates(plan, recipe);
    if candidates.len() < 2 {
        return Ok(candidates.into_iter().next().unwrap_or_default());
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
    let mut found = vec![Confusion::new(training.classes().len()); candidates.len()];
    for (number, test) in folds.iter().enumerate() {
        let inner = Fold::of(table, training.classes(), rows, test)?;
        let mut first = 0;
        for of_network in candidates.chunk_by(|a, b| a.autoencoder == b.autoencoder) {
            let found = &mut found[first..first + of_network.len()];
            score(recipe, of_network, &inner, seed_of(seed, number), found)?;
            first += of_network.len();
        }
    }
    let mut best = (0, f64::NEG_INFINITY);
    for (at, confusion) in found.iter().enumerate() {
        let uar = confusion.uar().unwrap_or(0.0);
        if uar > best.1 {
            best = (at, uar);
        }
    }
    Ok(candidates[best.0].clone())
}

/// Every network with every price, the smallest first.
fn candidates(plan: &Plan, recipe: &Recipe) -> Vec<Choice> {
    let networks: Vec<Option<Configuration>> = match recipe.representation {
        Representation::Raw => vec![None],
        _ if plan.choose_autoencoder.is_empty() => vec![None],
        _ => plan.choose_autoencoder.iter().cloned().map(Some).collect(),
    };
    let mut prices: Vec<Option<f64>> = plan.choose_c.iter().copied().map(Some).collect();
    prices.sort_by(|a, b| a.partial_cmp(b).unwrap_or(std::cmp::Ordering::Equal));
    if prices.is_empty() {
        prices.push(None);
    }
    let with = |autoencoder: Option<Configuration>| {
        prices.iter().map(move |&c| Choice {
            c,
            autoencoder: autoencoder.clone(),
        })
    };
    networks.into_iter().flat_map(with).collect()
}

/// Adds what candidates with one network predict for the test rows of an inner fold.
fn score(
    recipe: &Recipe,
    candidates: &[Choice],
    inner: &Fold<'_>,
    seed: u64,
    found: &mut [Confusion],
) -> Result<(), Error> {
    let training = inner.training()?;
    let (table, classes) = (training.table(), training.classes());
    let mut first = candidates[0].applied(recipe);
    first.svc.probability = None;
    let fitted = first.fit(&training, seed, &mut |_| {})?;
    let learnt = Training::new(table, &fitted.ordinary(table, training.rows()), classes)?;
    let latents = fitted.embed(table, learnt.rows());
    let tested = fitted.embed(table, inner.test());
    for (number, (candidate, confusion)) in candidates.iter().zip(found).enumerate() {
        let classifier = match number {
            0 => fitted.classifier.clone(),
            _ => {
                let mut parameters = candidate.applied(&first).svc;
                parameters.probability = None;
                Linear::Svc(parameters.check()?.fit(
                    latents.view(),
                    &learnt.labels(),
                    classes.len(),
                    learnt.speakers().as_deref(),
                )?)
            }
        };
        for (&row, latent) in inner.test().iter().zip(tested.outer_iter()) {
            if let Some(truth) = class_of(table, row, classes) {
                confusion.add(truth, classifier.predict(&latent.to_vec()), 1);
            }
        }
    }
    Ok(())
}
