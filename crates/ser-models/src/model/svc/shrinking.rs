//! Shrinking: leaving out, for a time, rows whose multipliers will stay at their limits.
//!
//! A multiplier at its upper limit can only fall. If its gradient is lower than that of everything that can rise, no pair would have it fall; likewise
//! at the lower limit with a gradient higher than of everything that can fall. Such rows are left out of all loops, on suspicion. Nothing depends on the suspicion being right: when
//! the rest has converged, all rows are looked at again.
//!
//! T. Joachims (1999), "Making large-scale SVM learning practical"; the times are libsvm's: every 1000 steps (or n, if fewer), and all rows once again when
//! the violation first comes within ten times the tolerance.

use super::multipliers::State;
use super::problem::Problem;
use super::working_set::Choice;

/// When to shrink next.
pub(super) struct Shrinking {
    interval: usize,
    steps_left: usize,
    near_the_end: bool,
}

impl Shrinking {
    /// The times for so many rows.
    pub fn new(rows: usize) -> Self {
        let interval = rows.clamp(1, 1000);
        Self {
            interval,
            steps_left: interval,
            near_the_end: false,
        }
    }

    /// Called before each step with the pair chosen for it; shrinks when it is time to. The pair itself always stays.
    pub fn perhaps(
        &mut self,
        problem: &Problem,
        state: &mut State,
        choice: &Option<Choice>,
        tolerance: f64,
    ) {
        self.steps_left -= 1;
        if self.steps_left > 0 {
            return;
        }
        self.steps_left = self.interval;
        let Some(choice) = choice else { return };
        if !self.near_the_end && choice.violation <= 10.0 * tolerance {
            self.near_the_end = true;
            state.activate_all(problem);
        }
        let keep = |row: &usize| {
            let gradient = state.gradient[*row];
            match (state.can_rise(*row), state.can_fall(*row)) {
                (true, true) => true,
                (true, false) => gradient <= choice.highest,
                (false, _) => gradient >= choice.lowest,
            }
        };
        let active = state.active.iter().copied().filter(keep).collect();
        state.active = active;
    }
}

#[test]
fn rows_are_left_out_only_at_their_time_and_only_at_limits_that_no_pair_would_leave() {
    // In one dimension, far on their right side: 0 and 3 will stay at 0; 1 and 2, in between, will not.
    let mut problem = Problem::new(1);
    for (x, positive) in [(9.0, true), (0.5, true), (-0.5, false), (-9.0, false)] {
        problem.push([x], positive, 1.0);
    }
    let mut state = State::new(&problem, vec![0.0, 0.5, -0.5, 0.0]);
    let mut shrinking = Shrinking::new(problem.len());
    let mut kernel = super::kernel_row::KernelRows::new(&problem);
    let choice = super::working_set::choose(&state, &mut kernel);
    assert!(
        choice.is_some(),
        "the gradients of 1 and 2 are -0.75 and 0.75"
    );
    for _ in 0..3 {
        shrinking.perhaps(&problem, &mut state, &choice, 1e-3);
        assert_eq!(state.active, [0, 1, 2, 3]);
    }
    shrinking.perhaps(&problem, &mut state, &choice, 1e-3);
    assert_eq!(state.active, [1, 2]);
    state.activate_all(&problem);
    assert_eq!(state.active, [0, 1, 2, 3]);
}
