//! What a plan has done: its experiments, and how the models of each are made.

use super::plan::{OutlierRule, Plan};
use super::study::Study;
use ser_models::model::{Recipe, Representation};
use ser_models::score::split::Protocol;
use ser_tables::Statistics;

/// What makes an experiment, apart from its folds.
#[derive(Clone, Debug, PartialEq)]
pub struct Design {
    /// How the training corpus is split.
    pub protocol: Protocol,
    /// The classes.
    pub classes: Vec<String>,
    /// Whose statistics standardise a row.
    pub normalisation: Statistics,
    /// The representation.
    pub model: Representation,
    /// The seed.
    pub seed: u64,
}

/// All designs of a plan, triads last.
pub(super) fn designs_of(plan: &Plan) -> Vec<Design> {
    let mut designs = Vec::new();
    for &seed in &plan.seeds {
        for &normalisation in &plan.normalisations {
            let mut add = |protocol, classes: &[String]| {
                designs.extend(plan.models.iter().map(|&model| Design {
                    protocol,
                    classes: classes.to_vec(),
                    normalisation,
                    model,
                    seed,
                }));
            };
            for &protocol in &plan.protocols {
                add(protocol, &plan.classes);
            }
            if plan.triads {
                for triad in triads(&plan.classes) {
                    add(plan.protocols[0], &triad);
                }
            }
        }
    }
    designs
}

/// Whether the plan has a design explained: all classes, and the first protocol, normalisation and seed.
pub fn is_explained(plan: &Plan, design: &Design) -> bool {
    plan.explain
        && design.classes == plan.classes
        && design.protocol == plan.protocols[0]
        && design.normalisation == plan.normalisations[0]
        && design.seed == plan.seeds[0]
}

/// How the plan makes models of a design.
pub fn recipe(plan: &Plan, model: Representation, normalisation: Statistics) -> Recipe {
    let mut svc = plan.svc.clone();
    if plan.probabilities && svc.probability.is_none() {
        svc.probability = Some(5);
    } else if !plan.probabilities {
        svc.probability = None;
    }
    Recipe {
        representation: model,
        normalisation,
        outlier_limit: matches!(plan.outliers, OutlierRule::Fit | OutlierRule::Train)
            .then_some(plan.outlier_limit),
        autoencoder: plan.autoencoder.clone(),
        svc,
        discriminant: plan.discriminant,
        ridge: None,
        svr: None,
    }
}

/// The seed of a fold's model: every fold draws other weights and noise, every representation of a fold the same ones.
pub fn seed_of(seed: u64, fold: usize) -> u64 {
    seed.wrapping_mul(1 << 32).wrapping_add(fold as u64)
}

/// Every three of the classes, in the order of the classes.
fn triads(classes: &[String]) -> Vec<Vec<String>> {
    let mut triads = Vec::new();
    for a in 0..classes.len() {
        for b in a + 1..classes.len() {
            for c in b + 1..classes.len() {
                triads.push(vec![
                    classes[a].clone(),
                    classes[b].clone(),
                    classes[c].clone(),
                ]);
            }
        }
    }
    triads
}

/// The name of an experiment: its protocol, and its triad by initials.
pub(super) fn name(study: &Study, design: &Design, folds: usize) -> String {
    let mut name = design.protocol.name(folds);
    if design.classes.len() < study.plan.classes.len() {
        name = format!("{} {name}", initials(&design.classes));
    }
    name
}

/// Classes by their first letters: N-S-A.
fn initials(classes: &[String]) -> String {
    let first = |class: &String| {
        class
            .chars()
            .next()
            .map(|c| c.to_uppercase().to_string())
            .unwrap_or_default()
    };
    classes.iter().map(first).collect::<Vec<_>>().join("-")
}
