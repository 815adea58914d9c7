//! A plane over the latents that gives a number, whoever fitted it.
//!
//! ```text
//! ŷ = w · x + b,   not beyond the numbers learnt from
//! ```

use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::error::Error;

/// A fitted plane.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plane {
    /// w, one weight per column.
    pub weight: Vec<f64>,
    /// b.
    pub bias: f64,
    /// The lowest and the highest number learnt from.
    pub range: (f64, f64),
}

impl Plane {
    /// The number of a row, not beyond those learnt from.
    ///
    /// # Panics
    /// If the row has another number of columns.
    pub fn value(&self, row: &[f64]) -> f64 {
        assert_eq!(row.len(), self.weight.len(), "values of a row");
        let products = self.weight.iter().zip(row).map(|(w, x)| w * x);
        (products.sum::<f64>() + self.bias).clamp(self.range.0, self.range.1)
    }

    /// Whether all its numbers are finite and its range one.
    pub fn sound(&self) -> bool {
        let (low, high) = self.range;
        let numbers = self.weight.iter().chain([&self.bias, &low, &high]);
        numbers.into_iter().all(|x| x.is_finite()) && low <= high
    }
}

/// The lowest and the highest of the numbers that rows are to teach.
///
/// # Errors
/// Fewer than two rows, numbers that are all the same, values that are no numbers.
pub(super) fn range_of(x: ArrayView2<'_, f64>, y: &[f64]) -> Result<(f64, f64), Error> {
    let rows = x.nrows();
    if rows != y.len() {
        return Err(Error::Shape {
            what: "rows",
            expected: y.len(),
            found: rows,
        });
    }
    if rows < 2 {
        return Err(Error::TooFew {
            what: "rows with a number to learn".into(),
            needed: 2,
            found: rows,
        });
    }
    if !x.iter().chain(y).all(|value| value.is_finite()) {
        return Err(Error::Parameter(
            "regression: a value is infinite or not a number".into(),
        ));
    }
    let (low, high) = y
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &y| {
            (low.min(y), high.max(y))
        });
    if low == high {
        return Err(Error::Parameter(format!(
            "all rows have the number {low}: there is nothing to learn"
        )));
    }
    Ok((low, high))
}

/// The mean of each column, and that of the numbers.
pub(super) fn means(x: ArrayView2<'_, f64>, y: &[f64]) -> (Vec<f64>, f64) {
    let count = y.len() as f64;
    let means = x.columns().into_iter().map(|c| c.sum() / count).collect();
    (means, y.iter().sum::<f64>() / count)
}
