//! Which two multipliers to move: the choice by second-order information (Fan, Chen & Lin 2005, "WSS 2").
//!
//! The one that rises is the one with the lowest gradient of all that can, i. The one that falls is, of all that can, the one with which f would
//! decrease most if there were no limits:
//!
//! ```text
//! j = argmax { (gⱼ − gᵢ)² / (Kᵢᵢ + Kⱼⱼ − 2 Kᵢⱼ) :  βⱼ can fall,  gⱼ > gᵢ }
//! ```
//!
//! Of equals the first row is taken.

use super::kernel_row::KernelRows;
use super::multipliers::{LEAST_CURVATURE, State};

/// The pair to move.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Choice {
    /// The row whose multiplier rises.
    pub rise: usize,
    /// The row whose multiplier falls.
    pub fall: usize,
    /// Kᵢᵢ + Kⱼⱼ − 2 Kᵢⱼ, never below [`LEAST_CURVATURE`].
    pub curvature: f64,
    /// Lowest gradient of an active multiplier that can rise.
    pub lowest: f64,
    /// Highest gradient of an active multiplier that can fall.
    pub highest: f64,
    /// Highest less lowest: 0 or less at the solution.
    pub violation: f64,
}

/// The pair to move, unless no pair of active rows could improve f.
pub(super) fn choose(state: &State, kernel: &mut KernelRows) -> Option<Choice> {
    let mut rise = None;
    let mut lowest = f64::INFINITY;
    for &i in &state.active {
        if state.gradient[i] < lowest && state.can_rise(i) {
            lowest = state.gradient[i];
            rise = Some(i);
        }
    }
    let rise = rise?;
    let row = kernel.row(rise);
    let diagonal = kernel.diagonal();
    let mut highest = f64::NEG_INFINITY;
    let mut best: Option<(f64, usize, f64)> = None;
    for &j in &state.active {
        let above = state.gradient[j] - lowest;
        if above > 0.0 && state.can_fall(j) {
            highest = highest.max(state.gradient[j]);
            let curvature = (diagonal[rise] + diagonal[j] - 2.0 * row[j]).max(LEAST_CURVATURE);
            let gain = above * above / curvature;
            if best.is_none_or(|(most, _, _)| gain > most) {
                best = Some((gain, j, curvature));
            }
        }
    }
    best.map(|(_, fall, curvature)| Choice {
        rise,
        fall,
        curvature,
        lowest,
        highest,
        violation: highest - lowest,
    })
}

#[test]
fn the_pair_is_that_of_the_definition() {
    use super::problem::{Problem, dot};

    let mut problem = Problem::new(2);
    for i in 0..20 {
        let x = f64::from(i);
        problem.push([x.sin(), (2.3 * x).cos()], i % 3 == 0, 1.0);
    }
    // Some at 0, some at the price, some between; only even rows are looked at.
    let beta = (0..20).map(|i| {
        let limits = problem.limits(i);
        limits.start + (limits.end - limits.start) * [0.0, 0.5, 1.0][i / 2 % 3]
    });
    let mut state = State::new(&problem, beta.collect());
    state.active.retain(|row| row % 2 == 0);
    let choice = choose(&state, &mut KernelRows::new(&problem)).unwrap();

    let active = || (0..20).step_by(2);
    let g = |row: usize| state.gradient[row];
    let can_rise = active().filter(|&i| state.beta[i] < problem.limits(i).end);
    let rise = can_rise.min_by(|&a, &b| g(a).total_cmp(&g(b))).unwrap();
    let gain = |j: usize| {
        let (x, z) = (problem.features(rise), problem.features(j));
        let apart = [x[0] - z[0], x[1] - z[1]];
        (g(j) - g(rise)).powi(2) / dot(&apart, &apart)
    };
    let can_fall = active().filter(|&j| state.beta[j] > problem.limits(j).start && g(j) > g(rise));
    let fall = can_fall
        .max_by(|&a, &b| gain(a).total_cmp(&gain(b)))
        .unwrap();
    assert_eq!((choice.rise, choice.fall), (rise, fall));
    assert!((choice.violation - (choice.highest - g(rise))).abs() < 1e-15);
}
