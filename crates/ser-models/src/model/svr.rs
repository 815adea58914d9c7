//! Support vector regression: a number, such as arousal or valence, as a plane that small errors cost nothing.
//!
//! ```text
//! ŷ = w · x + b        w, b minimise  ½|w|² + C Σ_i max(0, |ŷ_i − y_i| − ε)²        b is free
//! ```
//!
//! y is measured in standard deviations of the training rows from their mean, so that C and ε mean the same for every scale of ratings. The sum is convex and
//! smooth; with the rows outside of the tube |ŷ − y| ≤ ε known it is a quadratic one, which Newton's method solves at once. Its steps are shortened
//! until the sum falls, and end at the minimum.
//!
//! H. Drucker, C. J. C. Burges, L. Kaufman, A. Smola, V. Vapnik (1997), "Support vector regression machines", Advances in Neural Information Processing Systems 9,
//! 155-161; C.-H. Ho, C.-J. Lin (2012), "Large-scale linear support vector regression", JMLR 13, 3323-3348 (the squared loss); S. S. Keerthi, D. DeCoste
//! (2005), "A modified finite Newton method for fast solution of large scale linear SVMs", JMLR 6, 341-361.

use nalgebra::{Cholesky, DMatrix, DVector};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::plane::{Plane, means, range_of};

/// The greatest C and ε.
const MOST: f64 = 1e9;
/// Slope at which the minimum is reached, as a share of that at the start.
const FLAT: f64 = 1e-10;
/// Most steps of Newton's method, and most halvings of one.
const STEPS: usize = 200;
const HALVINGS: i32 = 40;
/// Share of the fall that a step's slope promises which it has to reach.
const PROMISE: f64 = 1e-4;

/// Settings of a support vector regression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// C: the price of errors, above 0.
    pub c: f64,
    /// ε: half the width of the tube within which errors cost nothing, in standard deviations of the training rows' numbers; 0 or more.
    pub epsilon: f64,
}

impl Default for Parameters {
    fn default() -> Parameters {
        Parameters {
            c: 0.01,
            epsilon: 0.1,
        }
    }
}

impl Parameters {
    /// Checks the settings.
    ///
    /// # Errors
    /// A price or tube out of range.
    pub fn check(self) -> Result<Checked, Error> {
        let wrong = |what: &str| {
            Err(Error::Parameter(format!(
                "support vector regression: {what}"
            )))
        };
        if !(self.c > 0.0 && self.c <= MOST) {
            return wrong(&format!(
                "C is {}: it has to be above 0 and up to {MOST:e}",
                self.c
            ));
        }
        if !(self.epsilon >= 0.0 && self.epsilon <= MOST) {
            return wrong(&format!("ε is {}: it has to be 0 or more", self.epsilon));
        }
        Ok(Checked(self))
    }
}

/// Settings that can be fitted with.
#[derive(Clone, Copy, Debug)]
pub struct Checked(Parameters);

impl Checked {
    /// Fits rows × columns with the number of each row.
    ///
    /// # Errors
    /// Fewer than two rows, numbers that are all the same, values that are no numbers.
    pub fn fit(&self, x: ArrayView2<'_, f64>, y: &[f64]) -> Result<Plane, Error> {
        let range = range_of(x, y)?;
        let (rows, columns) = x.dim();
        let (middle, mean) = means(x, y);
        let deviation = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / rows as f64).sqrt();
        // The last column is that of b.
        let x = DMatrix::from_fn(rows, columns + 1, |row, column| match column {
            _ if column == columns => 1.0,
            _ => x[(row, column)] - middle[column],
        });
        let y = DVector::from_iterator(rows, y.iter().map(|y| (y - mean) / deviation));
        let solution = self.minimise(&x, &y);
        let weight: Vec<f64> = solution
            .iter()
            .take(columns)
            .map(|w| w * deviation)
            .collect();
        let shift: f64 = weight.iter().zip(&middle).map(|(w, m)| w * m).sum();
        Ok(Plane {
            bias: mean + solution[columns] * deviation - shift,
            weight,
            range,
        })
    }

    fn minimise(&self, x: &DMatrix<f64>, y: &DVector<f64>) -> DVector<f64> {
        let mut at = DVector::zeros(x.ncols());
        let mut errors = self.beyond(&(x * &at - y));
        let mut start = None;
        for _ in 0..STEPS {
            let slope = self.slope(x, &at, &errors);
            let size = slope.norm();
            if size <= FLAT * *start.get_or_insert(size) {
                break;
            }
            let Some(step) = self.newton(x, &errors, &slope) else {
                break;
            };
            let (here, promised) = (self.sum(&at, &errors), slope.dot(&step));
            let lower = (0..HALVINGS).find_map(|halvings| {
                let share = 0.5_f64.powi(halvings);
                let there = &at + share * &step;
                let errors = self.beyond(&(x * &there - y));
                let is_lower = self.sum(&there, &errors) <= here + PROMISE * share * promised;
                is_lower.then_some((there, errors))
            });
            let Some(lower) = lower else {
                // Nothing more can be told apart in `f64`.
                break;
            };
            (at, errors) = lower;
        }
        at
    }

    /// By how much each error lies outside of the tube, with its sign.
    fn beyond(&self, errors: &DVector<f64>) -> DVector<f64> {
        let epsilon = self.0.epsilon;
        errors.map(|error| error - error.clamp(-epsilon, epsilon))
    }

    /// What is minimised.
    fn sum(&self, at: &DVector<f64>, errors: &DVector<f64>) -> f64 {
        let weights = at.len() - 1;
        let of_weights: f64 = at.iter().take(weights).map(|w| w * w).sum();
        0.5 * of_weights + self.0.c * errors.norm_squared()
    }

    fn slope(&self, x: &DMatrix<f64>, at: &DVector<f64>, errors: &DVector<f64>) -> DVector<f64> {
        let mut slope = 2.0 * self.0.c * x.tr_mul(errors);
        for i in 0..at.len() - 1 {
            slope[i] += at[i];
        }
        slope
    }

    /// The step to the minimum if the rows outside of the tube stay the same.
    fn newton(
        &self,
        x: &DMatrix<f64>,
        errors: &DVector<f64>,
        slope: &DVector<f64>,
    ) -> Option<DVector<f64>> {
        let outside: Vec<usize> = (0..errors.len()).filter(|&i| errors[i] != 0.0).collect();
        let rows = x.select_rows(&outside);
        let mut curvature = 2.0 * self.0.c * rows.tr_mul(&rows);
        let last = slope.len() - 1;
        for i in 0..last {
            curvature[(i, i)] += 1.0;
        }
        // With every row in the tube b could be anything nearby.
        curvature[(last, last)] += 1e-12;
        Some(-Cholesky::new(curvature)?.solve(slope))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};

    fn fit(c: f64, epsilon: f64, x: ArrayView2<'_, f64>, y: &[f64]) -> Plane {
        Parameters { c, epsilon }
            .check()
            .unwrap()
            .fit(x, y)
            .unwrap()
    }

    /// By hand: numbers −1, 1 are already standardised; with x = −1, 1 the errors are ±(w − 1), so that w + 4C(w − 1 + ε) = 0.
    #[test]
    fn two_rows_have_the_plane_that_a_pencil_gives() {
        let x = array![[-1.0], [1.0]];
        for (c, epsilon) in [(0.25, 0.0), (1.0, 0.1), (2.0, 0.5)] {
            let found = fit(c, epsilon, x.view(), &[-1.0, 1.0]);
            let want = 4.0 * c * (1.0 - epsilon) / (1.0 + 4.0 * c);
            assert!((found.weight[0] - want).abs() < 1e-9, "{found:?}");
            assert!(found.bias.abs() < 1e-9);
        }
    }

    #[test]
    fn without_a_tube_it_is_ridge_regression_and_scale_changes_nothing() {
        let x = Array2::from_shape_fn((40, 3), |(i, j)| ((i * (2 * j + 7)) % 19) as f64 / 9.0);
        let y: Vec<f64> = (0..40)
            .map(|i| 3.0 + 2.0 * x[(i, 0)] - x[(i, 2)] + ((i * 5) % 7) as f64 / 10.0)
            .collect();
        let c = 0.3;
        let found = fit(c, 0.0, x.view(), &y);
        // ½|w|² + C Σ e² is the same as Σ e² + |w|²/(2C).
        let penalty = 1.0 / (2.0 * c);
        let ridge = super::super::ridge::Parameters { penalty }.check().unwrap();
        let ridge = ridge.fit(x.view(), &y).unwrap();
        for (a, b) in found.weight.iter().zip(&ridge.weight) {
            assert!((a - b).abs() < 1e-8, "{a} {b}");
        }
        assert!((found.bias - ridge.bias).abs() < 1e-8);
        let scaled: Vec<f64> = y.iter().map(|y| 100.0 * y - 5.0).collect();
        let large = fit(c, 0.2, x.view(), &scaled);
        let small = fit(c, 0.2, x.view(), &y);
        assert!((large.weight[1] - 100.0 * small.weight[1]).abs() < 1e-6);
    }

    /// The conditions of the optimum: w = −2C Σ e x and Σ e = 0.
    #[test]
    fn the_minimum_is_one() {
        let x = Array2::from_shape_fn((60, 4), |(i, j)| {
            ((i * i + 3 * i * j) % 23) as f64 / 11.0 - 1.0
        });
        let y: Vec<f64> = (0..60)
            .map(|i| ((i * 7) % 13) as f64 + 4.0 * x[(i, 1)])
            .collect();
        let (c, epsilon) = (0.5, 0.3);
        let found = fit(c, epsilon, x.view(), &y);
        let mean = y.iter().sum::<f64>() / 60.0;
        let deviation = (y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / 60.0).sqrt();
        let mut slope: Vec<f64> = found.weight.iter().map(|w| w / deviation).collect();
        slope.push(0.0);
        for (row, y) in x.outer_iter().zip(&y) {
            let value: f64 = row.iter().zip(&found.weight).map(|(x, w)| x * w).sum();
            let error = (value + found.bias - y) / deviation;
            let error = error - error.clamp(-epsilon, epsilon);
            for (slope, x) in slope.iter_mut().zip(row.iter().chain([&1.0])) {
                *slope += 2.0 * c * error * x;
            }
        }
        assert!(slope.iter().all(|slope| slope.abs() < 1e-7), "{slope:?}");
    }

    #[test]
    fn what_cannot_be_learnt_is_refused_with_the_reason() {
        let x = array![[0.0], [1.0]];
        let checked = Parameters::default().check().unwrap();
        let same = checked.fit(x.view(), &[1.0, 1.0]).unwrap_err().to_string();
        assert!(same.contains("nothing to learn"));
        assert!(
            Parameters {
                c: 0.0,
                epsilon: 0.1
            }
            .check()
            .is_err()
        );
        assert!(
            Parameters {
                c: 1.0,
                epsilon: -0.1
            }
            .check()
            .is_err()
        );
    }
}
