//! What tells latents apart: one plane per class, whoever found it.
//!
//! What is not told apart but measured, such as arousal, has one plane too ([`Plane`]), by ridge regression or support vectors.
//!
//! Support vectors ([`Svc`]) ask for a wide margin, the discriminant ([`Discriminant`]) for class means far apart in units of the spread within classes.

use ser_tables::statistic::{argmax, softmax};

use super::discriminant::Discriminant;
use super::plane::Plane;
use super::svc::Svc;

/// A fitted classifier of latents.
#[derive(Clone, Debug, PartialEq)]
pub enum Linear {
    /// A support vector classifier.
    Svc(Svc),
    /// A linear discriminant.
    Discriminant(Discriminant),
    /// A regression: one number instead of classes.
    Plane(Plane),
}

impl Linear {
    /// The class of a row: the most probable one. Of support vectors without probabilities, the one that most pairs or the farthest plane decide for.
    ///
    /// # Panics
    /// If the row has another number of columns; so for all that follow.
    pub fn predict(&self, row: &[f64]) -> usize {
        match self {
            Linear::Svc(svc) => svc
                .probabilities(row)
                .map_or_else(|| svc.predict(row), |p| argmax(&p)),
            Linear::Discriminant(discriminant) => argmax(&discriminant.scores(row)),
            Linear::Plane(_) => 0,
        }
    }

    /// The probability of each class: learnt on held-out rows for support vectors, `None` if that was not asked for; of normal classes with one
    /// covariance and equal priors for the discriminant.
    pub fn probabilities(&self, row: &[f64]) -> Option<Vec<f64>> {
        match self {
            Linear::Svc(svc) => svc.probabilities(row),
            Linear::Discriminant(discriminant) => Some(softmax(&discriminant.scores(row), 1.0)),
            Linear::Plane(_) => None,
        }
    }

    /// Weights and bias of each class's score.
    pub fn class_planes(&self) -> Vec<(Vec<f64>, f64)> {
        match self {
            Linear::Svc(svc) => svc.class_planes(),
            Linear::Discriminant(Discriminant { weight, bias, .. }) => {
                let rows = weight.outer_iter().map(|weight| weight.to_vec());
                rows.zip(bias.iter().copied()).collect()
            }
            Linear::Plane(plane) => vec![(plane.weight.clone(), plane.bias)],
        }
    }

    /// Number of columns of a row.
    pub fn columns(&self) -> usize {
        match self {
            Linear::Svc(svc) => svc.columns(),
            Linear::Discriminant(discriminant) => discriminant.weight.ncols(),
            Linear::Plane(plane) => plane.weight.len(),
        }
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        match self {
            Linear::Svc(svc) => svc.classes(),
            Linear::Discriminant(discriminant) => discriminant.bias.len(),
            Linear::Plane(_) => 1,
        }
    }

    /// The number of a row; `None` of a classifier.
    pub fn value(&self, row: &[f64]) -> Option<f64> {
        match self {
            Linear::Plane(plane) => Some(plane.value(row)),
            Linear::Svc(_) | Linear::Discriminant(_) => None,
        }
    }
}
