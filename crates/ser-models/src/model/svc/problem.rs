//! The question put to one machine: rows on two sides, and the plane between them that is the answer.
//!
//! Rows are kept with a 1 behind their features, x̂ = (x, 1), so that a plane is one vector ŵ = (w, b) and its value on a row one product, ŵ · x̂.

use std::ops::Range;

use ser_features::lanes::widest;

/// Rows on two sides of a plane that is sought, with the price of each one's error.
pub(super) struct Problem {
    columns: usize,
    /// Row by row, each with its 1.
    values: Vec<f64>,
    /// +1 or −1 by row.
    side: Vec<f64>,
    /// Price of a violation by row, above 0.
    price: Vec<f64>,
}

impl Problem {
    /// Begins a problem of rows with so many columns.
    pub fn new(columns: usize) -> Self {
        Self {
            columns,
            values: Vec::new(),
            side: Vec::new(),
            price: Vec::new(),
        }
    }

    /// Adds a row.
    pub fn push(&mut self, row: impl IntoIterator<Item = f64>, positive: bool, price: f64) {
        self.values.extend(row);
        self.values.push(1.0);
        self.side.push(if positive { 1.0 } else { -1.0 });
        self.price.push(price);
        assert_eq!(
            self.values.len(),
            self.side.len() * self.width(),
            "values of all rows"
        );
    }

    /// Subtracts its mean from every feature; gives the means.
    pub fn centre(&mut self) -> Vec<f64> {
        let rows = self.len() as f64;
        let mut mean = self.combine(&vec![1.0; self.len()]);
        mean.iter_mut().for_each(|m| *m /= rows);
        mean[self.columns] = 0.0;
        let width = self.width();
        for row in self.values.chunks_exact_mut(width) {
            row.iter_mut().zip(&mean).for_each(|(x, m)| *x -= m);
        }
        mean.truncate(self.columns);
        mean
    }

    /// Number of rows.
    pub fn len(&self) -> usize {
        self.side.len()
    }

    /// Number of features.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Number of features and one.
    pub fn width(&self) -> usize {
        self.columns + 1
    }

    /// The rows, each with its 1.
    pub fn rows(&self) -> std::slice::ChunksExact<'_, f64> {
        self.values.chunks_exact(self.width())
    }

    /// The features of a row.
    pub fn features(&self, row: usize) -> &[f64] {
        &self.values[row * self.width()..][..self.columns]
    }

    /// +1 or −1 by row.
    pub fn sides(&self) -> &[f64] {
        &self.side
    }

    /// Price of a violation by row.
    pub fn prices(&self) -> &[f64] {
        &self.price
    }

    /// The values between which the signed multiplier of a row may lie: 0 and its price on the positive side, minus its price and 0 on the other.
    pub fn limits(&self, row: usize) -> Range<f64> {
        let end = self.side[row] * self.price[row];
        end.min(0.0)..end.max(0.0)
    }

    /// ŵ · x̂ of every row.
    pub fn times(&self, plane: &[f64]) -> Vec<f64> {
        widest(
            #[inline(always)]
            || self.rows().map(|row| dot(row, plane)).collect(),
        )
    }

    /// The sum of all x̂, each times its factor.
    pub fn combine(&self, factors: &[f64]) -> Vec<f64> {
        let mut sum = vec![0.0; self.width()];
        widest(
            #[inline(always)]
            || {
                for (row, &factor) in self.rows().zip(factors) {
                    if factor != 0.0 {
                        sum.iter_mut().zip(row).for_each(|(s, x)| *s += factor * x);
                    }
                }
            },
        );
        sum
    }
}

/// The sum of the products of two slices: eight partial sums, then these in order, then what is left over.
#[inline(always)]
pub(super) fn dot(a: &[f64], b: &[f64]) -> f64 {
    assert_eq!(a.len(), b.len(), "values of two rows");
    let (a8, b8) = (a.chunks_exact(8), b.chunks_exact(8));
    let rest: f64 = a8
        .remainder()
        .iter()
        .zip(b8.remainder())
        .map(|(a, b)| a * b)
        .sum();
    let mut sums = [0.0; 8];
    for (a, b) in a8.zip(b8) {
        for k in 0..8 {
            sums[k] += a[k] * b[k];
        }
    }
    sums.iter().sum::<f64>() + rest
}

/// The answer: a plane, and how it was come by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Plane {
    /// One weight per feature.
    pub weight: Vec<f64>,
    /// The value where all features are 0.
    pub bias: f64,
    /// What the solver made smallest.
    pub objective: f64,
    /// Steps it took.
    pub iterations: usize,
    /// Rows that hold the plane in place.
    pub support: usize,
    /// Whether the tolerance was reached.
    pub converged: bool,
}

#[test]
fn products_of_rows_of_any_length_are_their_sums() {
    for length in 0..20 {
        let a: Vec<f64> = (0..length).map(|i| f64::from(i) + 1.0).collect();
        let b: Vec<f64> = (0..length).map(|i| 2.0 - f64::from(i)).collect();
        let expected: f64 = a.iter().zip(&b).map(|(a, b)| a * b).sum();
        assert_eq!(dot(&a, &b), expected, "whole numbers: no rounding");
    }
}

#[test]
fn a_centred_problem_has_features_of_mean_zero_and_its_ones() {
    let mut problem = Problem::new(2);
    problem.push([1.0, 5.0], true, 1.0);
    problem.push([3.0, 5.0], false, 1.0);
    assert_eq!(problem.centre(), [2.0, 5.0]);
    let rows: Vec<&[f64]> = problem.rows().collect();
    assert_eq!(rows, [[-1.0, 0.0, 1.0], [1.0, 0.0, 1.0]]);
}
