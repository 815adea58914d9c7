//! The machine of [`super::smo`] found by the crate linfa-svm, as a check of it by other authors (feature `linfa`).
//!
//! linfa-svm 0.8 builds the whole n × n kernel matrix, which takes 8 n² bytes, and is many times slower. Its shrinking is off here: with it, it gave planes
//! whose objective was impossible. Numbers that are not finite, and rows of one class, are refused before they come here. Its plane can only be
//! asked for values, so the weights are the values on the unit vectors. It does not tell how many steps it took, nor, but in a text, whether it
//! converged; the steps are given as 0 and the text is read.

use linfa::DatasetBase;
use linfa::prelude::Fit;
use linfa_svm::Svm;
use ndarray::{Array1, Array2};

use super::super::error::Error;
use super::problem::{Plane, Problem, dot};

/// Finds the plane of a problem in which all rows of a side have the same price.
pub(super) fn solve(problem: &Problem, tolerance: f64) -> Result<Plane, Error> {
    let (rows, columns) = (problem.len(), problem.columns());
    let features = Array2::from_shape_fn((rows, columns), |(i, j)| problem.features(i)[j]);
    let positive: Array1<bool> = problem.sides().iter().map(|side| *side > 0.0).collect();
    let price = |side: bool| {
        let at = positive.iter().position(|p| *p == side);
        at.map_or(1.0, |at| problem.prices()[at])
    };
    let machine = Svm::<f64, bool>::params()
        .eps(tolerance)
        .shrinking(false)
        .pos_neg_weights(price(true), price(false))
        .linear_kernel()
        .fit(&DatasetBase::new(features, positive))
        .map_err(|problem| Error::Parameter(format!("linfa-svm: {problem}")))?;
    let weight: Vec<f64> = Array2::<f64>::eye(columns)
        .rows()
        .into_iter()
        .map(|unit| machine.weighted_sum(&unit))
        .collect();
    let gain: f64 = machine.alpha.iter().map(|alpha| alpha.abs()).sum();
    Ok(Plane {
        objective: 0.5 * dot(&weight, &weight) - gain,
        bias: -machine.rho,
        iterations: 0,
        support: machine.nsupport(),
        converged: machine.to_string().starts_with("Exited"),
        weight,
    })
}
