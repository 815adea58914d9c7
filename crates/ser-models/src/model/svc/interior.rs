//! Where to begin: a point so near the solution that [`super::smo`] has little left to do.
//!
//! Pairs of multipliers are slow where many rows lie on the wrong side of the margin: on two overlapping classes in two dimensions libsvm takes
//! hundreds of steps per row. But the kernel matrix of n rows with d columns has rank d, and a Newton step for *all* multipliers at once costs only n · d² / 2.
//! So we walk through the interior of the limits l < β < u with a primal-dual method and hand its end to the pairs, which make
//! it exact, or, should it be bad, mend it: they begin from anything within the limits. On standardised features of speech nothing is left
//! to mend, and the whole takes a tenth of libsvm's time; on features that are not standardised libsvm is far from the solution after minutes.
//!
//! With multipliers z of the lower and v of the upper limits, the conditions of the optimum are
//!
//! ```text
//! K β − y + b − z + v = 0      Σ β = 0      z (β − l) = 0      v (u − β) = 0      z, v ≥ 0
//! ```
//!
//! The last products are set to a common τ instead of 0, and τ goes to 0. Linearised, with D = z / (β − l) + v / (u − β) and K = X Xᵀ, the steps are
//!
//! ```text
//! Δβ = D⁻¹ (r − X̂ ŝ)      (diag(1 … 1, 0) + X̂ᵀ D⁻¹ X̂) ŝ = X̂ᵀ D⁻¹ r + (0 … 0, Σ β)      ŝ = (Xᵀ Δβ, Δb)
//! ```
//!
//! with X̂ = (X, 1): d + 1 equations, however many rows. A first solution with τ = 0 says how far one can go, which gives τ and the second-order
//! term of the step that is taken (Mehrotra's predictor and corrector).
//!
//! S. Fine, K. Scheinberg (2001), "Efficient SVM training using low-rank kernel representations", JMLR 2, 243–264. S. Mehrotra (1992), "On the implementation
//! of a primal-dual interior point method", SIAM J. Optim. 2, 575–601.

use std::ops::Range;

use super::normal_matrix::{Factor, NormalMatrix};
use super::problem::Problem;

/// Above so many columns the equations cost more than the pairs do: begin at zero.
const MOST_COLUMNS: usize = 512;

/// Steps at most; 12 to 25 are usual.
const MOST_STEPS: usize = 60;

/// The sum of all products, over the objective, at which to stop.
const GAP: f64 = 1e-9;

/// Multipliers within their limits that sum to 0, near the solution.
pub(super) fn start(problem: &Problem) -> Vec<f64> {
    if problem.columns() > MOST_COLUMNS {
        return vec![0.0; problem.len()];
    }
    let mut point = Point::middle(problem);
    for _ in 0..MOST_STEPS {
        if !point.advance(problem) {
            break;
        }
    }
    point.to_limits(problem)
}

/// A point strictly within the limits.
struct Point {
    limits: Vec<Range<f64>>,
    beta: Vec<f64>,
    /// β − l, kept apart since the difference loses all its digits near the limit.
    above: Vec<f64>,
    /// u − β.
    below: Vec<f64>,
    /// Multipliers of the lower limits.
    lower: Vec<f64>,
    /// Multipliers of the upper limits.
    upper: Vec<f64>,
    bias: f64,
}

/// A direction to go.
struct Step {
    beta: Vec<f64>,
    lower: Vec<f64>,
    upper: Vec<f64>,
    bias: f64,
}

impl Point {
    /// Every multiplier in the middle of its limits, or as far from 0 as lets both sides sum to the same; all other conditions met.
    fn middle(problem: &Problem) -> Self {
        let total = |side: f64| -> f64 {
            let ours = problem.sides().iter().zip(problem.prices());
            ours.filter(|(s, _)| **s == side).map(|(_, c)| c).sum()
        };
        let half = 0.5 * total(1.0).min(total(-1.0));
        let (positive, negative) = (half / total(1.0), half / total(-1.0));
        let beta: Vec<f64> = problem
            .sides()
            .iter()
            .zip(problem.prices())
            .map(|(&side, price)| side * price * if side > 0.0 { positive } else { negative })
            .collect();
        let gradient = gradient(problem, &beta, 0.0);
        let limits: Vec<Range<f64>> = (0..problem.len()).map(|i| problem.limits(i)).collect();
        Self {
            above: beta.iter().zip(&limits).map(|(b, l)| b - l.start).collect(),
            below: beta.iter().zip(&limits).map(|(b, l)| l.end - b).collect(),
            limits,
            lower: gradient.iter().map(|g| g.max(0.0) + 1.0).collect(),
            upper: gradient.iter().map(|g| (-g).max(0.0) + 1.0).collect(),
            beta,
            bias: 0.0,
        }
    }

    /// The sum of all products z (β − l) and v (u − β): by how much f can be above its least.
    fn gap(&self) -> f64 {
        let product = |i| self.lower[i] * self.above[i] + self.upper[i] * self.below[i];
        (0..self.beta.len()).map(product).sum()
    }

    /// Takes one step; false when there is no more to gain.
    fn advance(&mut self, problem: &Problem) -> bool {
        let rows = self.beta.len();
        let gap = self.gap();
        let size: f64 = self.beta.iter().map(|beta| beta.abs()).sum();
        if gap <= GAP * size {
            return false;
        }
        let equations = Equations::new(problem, self);
        let predictor = equations.step_to(&vec![0.0; rows], &vec![0.0; rows]);
        let left = self.gap_after(&predictor, self.room(&predictor));
        let target = (left / gap).powi(3) * gap / (2 * rows) as f64;
        // Less what the predictor would leave of each product: the product of the two changes.
        let corrected = |sign: f64, multipliers: &[f64]| -> Vec<f64> {
            let changes = predictor.beta.iter().zip(multipliers);
            changes.map(|(beta, m)| target - sign * beta * m).collect()
        };
        let step = equations.step_to(
            &corrected(1.0, &predictor.lower),
            &corrected(-1.0, &predictor.upper),
        );
        let length = 0.995 * self.room(&step);
        let sound = length > 1e-8 && step.beta.iter().all(|change| change.is_finite());
        if sound {
            self.go(&step, length);
        }
        sound
    }

    /// The gap after so much of a step.
    fn gap_after(&self, step: &Step, length: f64) -> f64 {
        let product = |i| {
            let at_lower =
                (self.lower[i] + length * step.lower[i]) * (self.above[i] + length * step.beta[i]);
            let at_upper =
                (self.upper[i] + length * step.upper[i]) * (self.below[i] - length * step.beta[i]);
            at_lower + at_upper
        };
        (0..self.beta.len()).map(product).sum()
    }

    /// How much of a step, at most all, stays within the limits.
    fn room(&self, step: &Step) -> f64 {
        let mut room: f64 = 1.0;
        let mut bound = |value: f64, change: f64| {
            if change < 0.0 {
                room = room.min(-value / change);
            }
        };
        for i in 0..self.beta.len() {
            bound(self.above[i], step.beta[i]);
            bound(self.below[i], -step.beta[i]);
            bound(self.lower[i], step.lower[i]);
            bound(self.upper[i], step.upper[i]);
        }
        room
    }

    fn go(&mut self, step: &Step, length: f64) {
        let add = |to: &mut [f64], length: f64, change: &[f64]| {
            to.iter_mut()
                .zip(change)
                .for_each(|(t, c)| *t += length * c);
        };
        add(&mut self.beta, length, &step.beta);
        add(&mut self.above, length, &step.beta);
        add(&mut self.below, -length, &step.beta);
        add(&mut self.lower, length, &step.lower);
        add(&mut self.upper, length, &step.upper);
        self.bias += length * step.bias;
    }

    /// The multipliers, those nearer to a limit than that limit's multiplier is to 0 put onto it.
    ///
    /// What that takes from Σ β x̂, and so from the plane, the others give back: with as many of them as columns, nearly all of it.
    fn to_limits(&self, problem: &Problem) -> Vec<f64> {
        let mut beta: Vec<f64> = (0..self.beta.len())
            .map(|i| {
                let Range { start, end } = self.limits[i];
                let width = end - start;
                if self.above[i] < self.lower[i] * width {
                    start
                } else if self.below[i] < self.upper[i] * width {
                    end
                } else {
                    self.beta[i].clamp(start, end)
                }
            })
            .collect();
        let taken: Vec<f64> = self.beta.iter().zip(&beta).map(|(b, to)| b - to).collect();
        let inside: Vec<f64> = (0..beta.len())
            .map(|i| {
                let at_limit = beta[i] == self.limits[i].start || beta[i] == self.limits[i].end;
                if at_limit {
                    0.0
                } else {
                    self.above[i].min(self.below[i])
                }
            })
            .collect();
        let plane = NormalMatrix::new(problem, &inside, &vec![1e-9; problem.width()])
            .factor()
            .solve(problem.combine(&taken));
        for (i, value) in problem.times(&plane).into_iter().enumerate() {
            let Range { start, end } = self.limits[i];
            beta[i] = (beta[i] + inside[i] * value).clamp(start, end);
        }
        if beta.iter().any(|beta| !beta.is_finite()) {
            return vec![0.0; beta.len()];
        }
        self.balance(&mut beta);
        beta
    }

    /// Makes the sum 0: by those inside their limits, and if they have not the room by any.
    fn balance(&self, beta: &mut [f64]) {
        let mut surplus: f64 = beta.iter().sum();
        for inside in [true, false] {
            for (beta, Range { start, end }) in beta.iter_mut().zip(self.limits.iter().cloned()) {
                if !inside || (*beta != start && *beta != end) {
                    let moved = (*beta - surplus).clamp(start, end);
                    surplus -= *beta - moved;
                    *beta = moved;
                }
            }
        }
    }
}

/// The linearised conditions at a point.
struct Equations<'a> {
    problem: &'a Problem,
    point: &'a Point,
    /// D⁻¹.
    weights: Vec<f64>,
    /// K β − y + b − z + v, which should be 0.
    residual: Vec<f64>,
    /// Σ β, which should be 0.
    surplus: f64,
    factor: Factor,
}

impl<'a> Equations<'a> {
    fn new(problem: &'a Problem, point: &'a Point) -> Self {
        let rows = 0..problem.len();
        let stiffness = |i| point.lower[i] / point.above[i] + point.upper[i] / point.below[i];
        let weights: Vec<f64> = rows.clone().map(|i| 1.0 / stiffness(i)).collect();
        let mut ridge = vec![1.0; problem.width()];
        ridge[problem.columns()] = 0.0;
        let gradient = gradient(problem, &point.beta, point.bias);
        Self {
            factor: NormalMatrix::new(problem, &weights, &ridge).factor(),
            residual: rows
                .map(|i| gradient[i] - point.lower[i] + point.upper[i])
                .collect(),
            surplus: point.beta.iter().sum(),
            problem,
            point,
            weights,
        }
    }

    /// The step that, to first order, makes the products z (β − l) and v (u − β) these and the rest 0.
    fn step_to(&self, lower: &[f64], upper: &[f64]) -> Step {
        let rows = 0..self.problem.len();
        let point = self.point;
        // Δz and Δv if β stayed.
        let mut lower: Vec<f64> = rows
            .clone()
            .map(|i| lower[i] / point.above[i] - point.lower[i])
            .collect();
        let mut upper: Vec<f64> = rows
            .clone()
            .map(|i| upper[i] / point.below[i] - point.upper[i])
            .collect();
        let mut beta: Vec<f64> = rows
            .clone()
            .map(|i| self.weights[i] * (lower[i] - upper[i] - self.residual[i]))
            .collect();
        let mut right = self.problem.combine(&beta);
        right[self.problem.columns()] += self.surplus;
        let plane = self.factor.solve(right);
        let values = self.problem.times(&plane);
        for i in rows {
            beta[i] -= self.weights[i] * values[i];
            lower[i] -= point.lower[i] / point.above[i] * beta[i];
            upper[i] += point.upper[i] / point.below[i] * beta[i];
        }
        Step {
            beta,
            lower,
            upper,
            bias: plane[self.problem.columns()],
        }
    }
}

/// w · x + b − y with w = Σ β x.
fn gradient(problem: &Problem, beta: &[f64], bias: f64) -> Vec<f64> {
    let mut plane = problem.combine(beta);
    plane[problem.columns()] = bias;
    let mut gradient = problem.times(&plane);
    for (gradient, side) in gradient.iter_mut().zip(problem.sides()) {
        *gradient -= side;
    }
    gradient
}
