//! The machine of liblinear's `LinearSVC(dual=False)`: squared hinge loss, with the intercept penalised like a weight.
//!
//! ```text
//! minimise   f(ŵ) = ½ |ŵ|² + Σ cᵢ max(0, 1 − yᵢ ŵ · x̂ᵢ)²        x̂ = (x, 1),  ŵ = (w, b)
//! ```
//!
//! f is convex, and quadratic as long as the same rows violate their margins. So Newton's method with the Hessian of the present violators,
//!
//! ```text
//! ∇f = ŵ + 2 Σ cᵢ (ŵ · x̂ᵢ − yᵢ) x̂ᵢ      H = 1 + 2 Σ cᵢ x̂ᵢ x̂ᵢᵀ      (sums over rows with yᵢ ŵ · x̂ᵢ < 1)
//! ```
//!
//! ends after finitely many steps, five to ten usually, at the very minimum. A step that does not decrease f enough is halved.
//!
//! Differs: liblinear solves the Newton equations by conjugate gradients within a trust region, since it is made for millions of columns. With the hundred or so
//! columns of a feature set they are solved directly, and the minimum is the same. An intercept that is penalised depends on where the features'
//! origin is: standardise them.
//!
//! S. S. Keerthi, D. DeCoste (2005), "A modified finite Newton method for fast solution of large scale linear SVMs", JMLR 6, 341–361. R.-E. Fan et al. (2008), "LIBLINEAR: a library for large linear classification",
//! JMLR 9, 1871–1874.

use super::normal_matrix::NormalMatrix;
use super::problem::{Plane, Problem};

/// The share of the decrease promised by the gradient that a step must bring.
const ENOUGH: f64 = 1e-2;

/// Finds the plane of a problem.
///
/// Stops when the gradient is shorter than `tolerance` times its length at zero, times the smaller side's share of the rows (liblinear's rule).
pub(super) fn solve(problem: &Problem, tolerance: f64, max_iterations: usize) -> Plane {
    let mut plane = vec![0.0; problem.width()];
    let mut values = vec![0.0; problem.len()];
    let positive = problem.sides().iter().filter(|side| **side > 0.0).count();
    let share = positive.min(problem.len() - positive).max(1) as f64 / problem.len() as f64;
    let mut slope = gradient(problem, &plane, &values);
    let enough = tolerance * share * length(&slope);
    let mut iterations = 0;
    let mut converged = length(&slope) <= enough;
    while !converged && iterations < max_iterations {
        iterations += 1;
        let direction = newton(problem, &values, &slope);
        if !descend(problem, &mut plane, &mut values, &slope, &direction) {
            // Not even a tiny step decreases f: this is its minimum, to rounding.
            converged = true;
            break;
        }
        slope = gradient(problem, &plane, &values);
        converged = length(&slope) <= enough;
    }
    let objective = objective(problem, &plane, &values);
    let bias = plane.pop().unwrap_or_default();
    Plane {
        weight: plane,
        bias,
        objective,
        iterations,
        support: (0..problem.len())
            .filter(|&i| violation(problem, &values, i) > 0.0)
            .count(),
        converged,
    }
}

fn length(vector: &[f64]) -> f64 {
    vector.iter().map(|v| v * v).sum::<f64>().sqrt()
}

/// How far a row is from where its margin should be.
fn violation(problem: &Problem, values: &[f64], row: usize) -> f64 {
    1.0 - problem.sides()[row] * values[row]
}

fn objective(problem: &Problem, plane: &[f64], values: &[f64]) -> f64 {
    let loss = |row| problem.prices()[row] * violation(problem, values, row).max(0.0).powi(2);
    0.5 * plane.iter().map(|w| w * w).sum::<f64>() + (0..values.len()).map(loss).sum::<f64>()
}

fn gradient(problem: &Problem, plane: &[f64], values: &[f64]) -> Vec<f64> {
    let factor = |row: usize| {
        let loss = violation(problem, values, row).max(0.0);
        -2.0 * problem.prices()[row] * problem.sides()[row] * loss
    };
    let factors: Vec<f64> = (0..values.len()).map(factor).collect();
    let mut gradient = problem.combine(&factors);
    gradient.iter_mut().zip(plane).for_each(|(g, w)| *g += w);
    gradient
}

/// −H⁻¹ ∇f.
fn newton(problem: &Problem, values: &[f64], slope: &[f64]) -> Vec<f64> {
    let weight = |row| {
        if violation(problem, values, row) > 0.0 {
            2.0 * problem.prices()[row]
        } else {
            0.0
        }
    };
    let weights: Vec<f64> = (0..values.len()).map(weight).collect();
    NormalMatrix::new(problem, &weights, &vec![1.0; problem.width()])
        .factor()
        .solve(slope.iter().map(|g| -g).collect())
}

/// Goes along a direction as far as f decreases enough; false if it nowhere does.
fn descend(
    problem: &Problem,
    plane: &mut Vec<f64>,
    values: &mut Vec<f64>,
    slope: &[f64],
    direction: &[f64],
) -> bool {
    let promise: f64 = slope.iter().zip(direction).map(|(g, d)| g * d).sum();
    let before = objective(problem, plane, values);
    let changes = problem.times(direction);
    let along = |from: &[f64], step: f64, change: &[f64]| -> Vec<f64> {
        from.iter().zip(change).map(|(f, c)| f + step * c).collect()
    };
    let mut step = 1.0;
    while step > 1e-10 {
        let (next_plane, next_values) =
            (along(plane, step, direction), along(values, step, &changes));
        if objective(problem, &next_plane, &next_values) < before + ENOUGH * step * promise {
            *values = problem.times(&next_plane);
            *plane = next_plane;
            return true;
        }
        step *= 0.5;
    }
    false
}
