//! Sequential minimal optimisation: the machine of libsvm's `SVC(kernel="linear")`.
//!
//! The plane w · x + b with the widest margin between two sides, where row i may violate its margin at the price cᵢ, is w = Σ βᵢ xᵢ with the β that solve
//!
//! ```text
//! minimise   f(β) = ½ βᵀKβ − yᵀβ        Kᵢⱼ = xᵢ · xⱼ,   yᵢ = ±1
//! subject to Σ βᵢ = 0,   0 ≤ βᵢ ≤ cᵢ where yᵢ = +1,   −cᵢ ≤ βᵢ ≤ 0 where yᵢ = −1
//! ```
//!
//! Here β = y·α with libsvm's α: the signs leave the problem, and the gradient, gᵢ = w · xᵢ − yᵢ, is what a plane without its bias is wrong by. At
//! the solution the gradient is the same, −b, for all β inside their limits, no larger for those at the upper limit and no smaller for those at the
//! lower. So as long as some β that can rise has a gradient lower than some β that can fall, moving both by the same amount improves f:
//!
//! ```text
//! t = (gⱼ − gᵢ) / (Kᵢᵢ + Kⱼⱼ − 2 Kᵢⱼ), but not beyond a limit:   βᵢ += t,   βⱼ −= t,   g += t (Kᵢ − Kⱼ)
//! ```
//!
//! Which two is [`super::working_set`]'s choice, which rows are left out for a time [`super::shrinking`]'s, and where to begin [`super::interior`]'s.
//! The shortcut of the linear kernel is that w has all there is to know: the gradient of all rows comes from it in n · columns steps,
//! where libsvm needs the kernel rows of all β that are inside.
//!
//! J. C. Platt (1998), "Fast training of support vector machines using sequential minimal optimization". R.-E. Fan, P.-H. Chen, C.-J. Lin (2005),
//! "Working set selection using second order information for training support vector machines", JMLR 6, 1889–1918. The signed form: A. Bordes, S.
//! Ertekin, J. Weston, L. Bottou (2005), "Fast kernel classifiers with online and active learning", JMLR 6, 1579–1619.

use super::kernel_row::KernelRows;
use super::multipliers::State;
use super::problem::{Plane, Problem};
use super::shrinking::Shrinking;
use super::working_set::{self, Choice};

/// Finds the plane of a problem, from multipliers within their limits that sum to 0.
///
/// `tolerance` is the largest gradient, in units of the plane's value, by which a pair may still violate the conditions.
pub(super) fn solve(
    problem: &Problem,
    start: Vec<f64>,
    tolerance: f64,
    max_iterations: usize,
) -> Plane {
    let mut state = State::new(problem, start);
    let mut kernel = KernelRows::new(problem);
    let mut shrinking = Shrinking::new(problem.len());
    let mut iterations = 0;
    let mut converged = false;
    while iterations < max_iterations {
        let choice = working_set::choose(&state, &mut kernel);
        shrinking.perhaps(problem, &mut state, &choice, tolerance);
        match choice {
            Some(choice) if choice.violation > tolerance => {
                iterations += 1;
                if !step(&mut state, choice, &mut kernel) {
                    break;
                }
            }
            _ if state.active.len() < problem.len() => state.activate_all(problem),
            _ => {
                converged = true;
                break;
            }
        }
    }
    state.activate_all(problem);
    plane(problem, &state, iterations, converged)
}

/// Moves a pair to the least f along it, or to the nearer limit, which it then has exactly. False if the step is so short that rounding swallows it.
fn step(state: &mut State, choice: Choice, kernel: &mut KernelRows) -> bool {
    let Choice { rise, fall, .. } = choice;
    let before = (state.beta[rise], state.beta[fall]);
    let best = (state.gradient[fall] - state.gradient[rise]) / choice.curvature;
    let room_above = state.limits[rise].end - state.beta[rise];
    let room_below = state.beta[fall] - state.limits[fall].start;
    let step = best.min(room_above).min(room_below);
    state.beta[rise] += step;
    state.beta[fall] -= step;
    if step == room_above {
        state.beta[rise] = state.limits[rise].end;
    }
    if step == room_below {
        state.beta[fall] = state.limits[fall].start;
    }
    let (up, down) = (kernel.row(rise), kernel.row(fall));
    for &k in &state.active {
        state.gradient[k] += step * (up[k] - down[k]);
    }
    before != (state.beta[rise], state.beta[fall])
}

fn plane(problem: &Problem, state: &State, iterations: usize, converged: bool) -> Plane {
    let mut weight = problem.combine(&state.beta);
    weight.truncate(problem.columns());
    let gain: f64 = state.beta.iter().map(|beta| beta.abs()).sum();
    Plane {
        objective: 0.5 * weight.iter().map(|w| w * w).sum::<f64>() - gain,
        bias: -state.offset(),
        support: state.beta.iter().filter(|beta| **beta != 0.0).count(),
        weight,
        iterations,
        converged,
    }
}
