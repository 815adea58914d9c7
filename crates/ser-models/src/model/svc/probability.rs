//! Probabilities from decision values.
//!
//! **One machine.** The probability of its positive class is a sigmoid of its value f (Platt 2000):
//!
//! ```text
//! P(+|f) = 1 / (1 + exp(A f + B))
//! ```
//!
//! A and B are those of greatest likelihood on rows that the machine did not learn from, towards targets that leave room for doubt: (n₊ + 1) / (n₊ + 2) for the
//! n₊ positive rows and 1 / (n₋ + 2) for the others. They are found by Newton's method with backtracking, in a form in which nothing cancels or overflows.
//!
//! **One machine per pair.** Of the pairs' probabilities rᵢⱼ = P(i | i or j) those of the classes are made by the second method of Wu, Lin & Weng:
//!
//! ```text
//! minimise Σᵢ Σⱼ≠ᵢ (rⱼᵢ pᵢ − rᵢⱼ pⱼ)²   where Σ pᵢ = 1        that is      Q p + b e = 0,  eᵀ p = 1
//! Qᵢᵢ = Σₛ≠ᵢ rₛᵢ²      Qᵢⱼ = −rⱼᵢ rᵢⱼ                                    (their equation 21; it has one solution, never negative)
//! ```
//!
//! Differs: libsvm approaches that solution until it is within 0.005 / classes; here the equations are solved.
//!
//! **One machine per class.** The classes' sigmoids, divided by their sum. There is no theory to that, only use; where probabilities matter take the pairs.
//!
//! J. Platt (2000), "Probabilistic outputs for support vector machines and comparisons to regularized likelihood methods". H.-T. Lin, C.-J. Lin, R. C. Weng
//! (2007), "A note on Platt's probabilistic outputs for support vector machines", Machine Learning 68, 267–276. T.-F. Wu, C.-J. Lin, R. C. Weng
//! (2004), "Probability estimates for multi-class classification by pairwise coupling", JMLR 5, 975–1005.

use serde::{Deserialize, Serialize};

/// A probability of a pair is kept so far from 0 and 1 (libsvm's).
const LEAST: f64 = 1e-7;

/// Platt's sigmoid.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sigmoid {
    /// Factor of the decision value; below 0 if the machine is any good.
    pub a: f64,
    /// The offset.
    pub b: f64,
}

impl Sigmoid {
    /// Fits the sigmoid to decision values and whether each is of a positive row. Needs no value: without any it says one half.
    pub fn fit(decisions: &[(f64, bool)]) -> Self {
        let positive = decisions.iter().filter(|(_, positive)| *positive).count() as f64;
        let negative = decisions.len() as f64 - positive;
        let high = (positive + 1.0) / (positive + 2.0);
        let low = 1.0 / (negative + 2.0);
        let samples: Vec<(f64, f64)> = decisions
            .iter()
            .map(|&(value, positive)| (value, if positive { high } else { low }))
            .collect();
        let mut best = Self {
            a: 0.0,
            b: ((negative + 1.0) / (positive + 1.0)).ln(),
        };
        let mut loss = best.loss(&samples);
        for _ in 0..100 {
            let Some((a, b, promise)) = best.newton(&samples) else {
                break;
            };
            let mut step = 1.0;
            let shorter = loop {
                let next = Self {
                    a: best.a + step * a,
                    b: best.b + step * b,
                };
                let next_loss = next.loss(&samples);
                if next_loss < loss + 1e-4 * step * promise {
                    break Some((next, next_loss));
                }
                step *= 0.5;
                if step < 1e-10 {
                    break None;
                }
            };
            let Some(better) = shorter else { break };
            (best, loss) = better;
        }
        best
    }

    /// The probability of the positive class.
    pub fn probability(self, decision: f64) -> f64 {
        let f = decision * self.a + self.b;
        // Never the exponential of a large number.
        if f >= 0.0 {
            libm::exp(-f) / (1.0 + libm::exp(-f))
        } else {
            1.0 / (1.0 + libm::exp(f))
        }
    }

    /// Minus the logarithm of the likelihood.
    fn loss(self, samples: &[(f64, f64)]) -> f64 {
        let one = |&(value, target): &(f64, f64)| {
            let f = value * self.a + self.b;
            let (factor, f_abs) = if f >= 0.0 {
                (target, f)
            } else {
                (target - 1.0, -f)
            };
            factor * f + (-f_abs).exp().ln_1p()
        };
        samples.iter().map(one).sum()
    }

    /// Newton's direction and the loss's slope along it; none where the gradient is zero to 1e-5, as in the paper.
    fn newton(self, samples: &[(f64, f64)]) -> Option<(f64, f64, f64)> {
        // A ridge of 1e-12 keeps the Hessian regular.
        let (mut aa, mut ab, mut bb) = (1e-12, 0.0, 1e-12);
        let (mut slope_a, mut slope_b) = (0.0, 0.0);
        for &(value, target) in samples {
            let p = self.probability(value);
            let curvature = p * (1.0 - p);
            aa += value * value * curvature;
            ab += value * curvature;
            bb += curvature;
            slope_a += value * (target - p);
            slope_b += target - p;
        }
        if slope_a.abs() < 1e-5 && slope_b.abs() < 1e-5 {
            return None;
        }
        let determinant = aa * bb - ab * ab;
        let a = -(bb * slope_a - ab * slope_b) / determinant;
        let b = -(aa * slope_b - ab * slope_a) / determinant;
        Some((a, b, slope_a * a + slope_b * b))
    }
}

/// Probabilities of `classes` classes from those of their pairs: `pair(i, j)` is that of i against j, asked for i < j.
pub(super) fn couple(classes: usize, pair: impl Fn(usize, usize) -> f64) -> Vec<f64> {
    let r = |i: usize, j: usize| {
        if i < j {
            pair(i, j).clamp(LEAST, 1.0 - LEAST)
        } else {
            1.0 - pair(j, i).clamp(LEAST, 1.0 - LEAST)
        }
    };
    let q = |i: usize, j: usize| {
        if i == j {
            let others = (0..classes).filter(|&s| s != i);
            others.map(|s| r(s, i).powi(2)).sum()
        } else {
            -r(j, i) * r(i, j)
        }
    };
    // Q p + b e = 0 and eᵀ p = 1, with b as the last unknown and the right side as the last column.
    let mut equations: Vec<Vec<f64>> = (0..classes)
        .map(|i| (0..classes).map(|j| q(i, j)).chain([1.0, 0.0]).collect())
        .collect();
    let sum = (0..classes).map(|_| 1.0).chain([0.0, 1.0]).collect();
    equations.push(sum);
    let mut p = solve(equations);
    p.truncate(classes);
    p.iter_mut().for_each(|p| *p = p.max(0.0)); // Rounding.
    normalise(p)
}

/// Solves equations, the right side being the last column, by elimination with row pivots.
fn solve(mut equations: Vec<Vec<f64>>) -> Vec<f64> {
    let unknowns = equations.len();
    for k in 0..unknowns {
        let largest = (k..unknowns).max_by(|&a, &b| {
            let size = |row: usize| equations[row][k].abs();
            size(a).total_cmp(&size(b))
        });
        equations.swap(k, largest.unwrap_or(k));
        let pivot = equations[k].clone();
        for (row, line) in equations.iter_mut().enumerate() {
            if row != k {
                let factor = line[k] / pivot[k];
                line.iter_mut()
                    .zip(&pivot)
                    .for_each(|(x, p)| *x -= factor * p);
            }
        }
    }
    (0..unknowns)
        .map(|k| equations[k][unknowns] / equations[k][k])
        .collect()
}

/// Divides by the sum; all equal where that is 0.
pub(super) fn normalise(mut p: Vec<f64>) -> Vec<f64> {
    let sum: f64 = p.iter().sum();
    let share = 1.0 / p.len() as f64;
    for p in &mut p {
        *p = if sum > 0.0 { *p / sum } else { share };
    }
    p
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What the pairs' probabilities are if those of the classes are `p`.
    fn consistent(p: &[f64]) -> impl Fn(usize, usize) -> f64 {
        move |i, j| p[i] / (p[i] + p[j])
    }

    #[test]
    fn two_classes_keep_the_probability_of_their_pair() {
        for r in [0.001, 0.3, 0.5, 0.99] {
            let p = couple(2, |_, _| r);
            assert!((p[0] - r).abs() < 1e-14 && (p[1] - (1.0 - r)).abs() < 1e-14);
        }
    }

    #[test]
    fn pairs_that_agree_give_back_the_probabilities_they_were_made_of() {
        let classes = [0.5, 0.1, 0.15, 0.25];
        for (found, p) in couple(4, consistent(&classes)).iter().zip(classes) {
            assert!((found - p).abs() < 1e-13, "{found} for {p}");
        }
    }

    #[test]
    fn pairs_that_disagree_give_the_least_sum_of_squares() {
        // Wu, Lin & Weng (2004), eq. 19: against a search over the simplex in steps of 1/200.
        let r = [[0.5, 0.9, 0.2], [0.1, 0.5, 0.7], [0.8, 0.3, 0.5]];
        let sum = |p: [f64; 3]| -> f64 {
            let pairs = [(0, 1), (0, 2), (1, 2)];
            let square = |(i, j): (usize, usize)| (r[j][i] * p[i] - r[i][j] * p[j]).powi(2);
            pairs.into_iter().map(square).sum()
        };
        let p = couple(3, |i, j| r[i][j]);
        let least = sum([p[0], p[1], p[2]]);
        for a in 0..=200 {
            for b in 0..=200 - a {
                let (a, b) = (f64::from(a) / 200.0, f64::from(b) / 200.0);
                assert!(sum([a, b, 1.0 - a - b]) >= least - 1e-15);
            }
        }
    }

    #[test]
    fn certain_pairs_give_a_certain_class_and_no_nan() {
        let p = couple(4, |i, _| if i == 2 { 1.0 } else { 0.0 });
        assert!(p.iter().all(|p| p.is_finite()));
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        assert!(couple(3, |_, _| 1.0)[0] > 0.999);
    }

    // from sklearn.calibration import _sigmoid_calibration; import numpy as np   (scikit-learn 1.9.1)
    // i = np.arange(60); f = np.sin(i * 1.3) * 2 + np.where(i % 3 == 0, .8, -.4); y = (i % 3 == 0)
    // print(_sigmoid_calibration(f, y.astype(float)))
    #[test]
    fn the_sigmoid_is_that_of_scikit_learn() {
        let decisions: Vec<(f64, bool)> = (0..60)
            .map(|i| {
                let positive = i % 3 == 0;
                let side = if positive { 0.8 } else { -0.4 };
                ((f64::from(i) * 1.3).sin() * 2.0 + side, positive)
            })
            .collect();
        let sigmoid = Sigmoid::fit(&decisions);
        assert!((sigmoid.a - -0.47398028).abs() < 1e-4, "{sigmoid:?}");
        assert!((sigmoid.b - 0.78549045).abs() < 1e-4, "{sigmoid:?}");
    }

    #[test]
    fn the_sigmoid_has_the_gradient_zero_also_on_values_that_overflow_the_exponential() {
        let decisions: Vec<(f64, bool)> = (0..200)
            .map(|i| {
                (
                    1e3 * (f64::from(i) * 0.7).sin(),
                    (f64::from(i) * 0.9).sin() > 0.2,
                )
            })
            .collect();
        let sigmoid = Sigmoid::fit(&decisions);
        let samples: Vec<(f64, f64)> = {
            let positive = decisions.iter().filter(|d| d.1).count() as f64;
            let negative = decisions.len() as f64 - positive;
            let target = |p| {
                if p {
                    (positive + 1.0) / (positive + 2.0)
                } else {
                    1.0 / (negative + 2.0)
                }
            };
            decisions.iter().map(|d| (d.0, target(d.1))).collect()
        };
        let slope: f64 = samples
            .iter()
            .map(|(f, t)| t - sigmoid.probability(*f))
            .sum();
        assert!(slope.abs() < 1e-4, "{sigmoid:?} {slope}");
        assert!(sigmoid.probability(f64::MAX).is_finite());
    }

    #[test]
    fn values_of_one_side_or_none_give_a_sigmoid_that_is_finite() {
        assert_eq!(Sigmoid::fit(&[]).probability(7.0), 0.5);
        let sigmoid = Sigmoid::fit(&[(1.0, true), (2.0, true)]);
        assert!(sigmoid.a.is_finite() && sigmoid.probability(1.5) > 0.5);
    }
}
