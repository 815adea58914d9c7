//! The multipliers of [`super::smo`], one per row, with what each may be and the gradient of what they make least.

use std::ops::Range;

use super::problem::Problem;

/// The least curvature along a pair, for rows that are equal (libsvm's τ).
pub(super) const LEAST_CURVATURE: f64 = 1e-12;

/// Multipliers and their gradient.
pub(super) struct State {
    /// The signed multipliers, β.
    pub beta: Vec<f64>,
    /// What each may be.
    pub limits: Vec<Range<f64>>,
    /// The gradient; right for the active rows only.
    pub gradient: Vec<f64>,
    /// The rows that are looked at, ascending.
    pub active: Vec<usize>,
}

impl State {
    pub fn new(problem: &Problem, beta: Vec<f64>) -> Self {
        let mut state = Self {
            beta,
            limits: (0..problem.len()).map(|i| problem.limits(i)).collect(),
            gradient: Vec::new(),
            active: Vec::new(),
        };
        state.activate_all(problem);
        state
    }

    pub fn can_rise(&self, row: usize) -> bool {
        self.beta[row] < self.limits[row].end
    }

    pub fn can_fall(&self, row: usize) -> bool {
        self.beta[row] > self.limits[row].start
    }

    /// Looks at all rows again, their gradient computed anew from w.
    pub fn activate_all(&mut self, problem: &Problem) {
        let mut plane = problem.combine(&self.beta);
        plane[problem.columns()] = 0.0;
        self.gradient = problem.times(&plane);
        for (gradient, side) in self.gradient.iter_mut().zip(problem.sides()) {
            *gradient -= side;
        }
        self.active = (0..problem.len()).collect();
    }

    /// −b: the mean gradient of the multipliers inside their limits, or the middle between those that bound it.
    pub fn offset(&self) -> f64 {
        let (mut sum, mut inside) = (0.0, 0);
        let (mut lowest, mut highest) = (f64::INFINITY, f64::NEG_INFINITY);
        for (row, &gradient) in self.gradient.iter().enumerate() {
            match (self.can_rise(row), self.can_fall(row)) {
                (true, true) => {
                    sum += gradient;
                    inside += 1;
                }
                (true, false) => lowest = lowest.min(gradient),
                (false, _) => highest = highest.max(gradient),
            }
        }
        if inside > 0 {
            sum / f64::from(inside)
        } else {
            0.5 * (lowest + highest)
        }
    }
}
