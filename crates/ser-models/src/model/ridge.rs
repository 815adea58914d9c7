//! Ridge regression: a number, such as arousal or valence, as a plane over the latents.
//!
//! ```text
//! ŷ = w · x + b        w minimises  Σ_i (y_i − ŷ_i)² + λ |w|²        b is free
//! w = (X'ᵀX' + λI)⁻¹ X'ᵀ(y − ȳ),   X' = X − x̄,   b = ȳ − w · x̄
//! ```
//!
//! λ counts against the sum over rows, as in scikit-learn's `Ridge(alpha)`. With λ above 0 the matrix is positive definite whatever the columns.
//!
//! A. E. Hoerl, R. W. Kennard (1970), "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12, 55-67.

use nalgebra::{Cholesky, DMatrix, DVector};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use super::error::Error;
use super::plane::{Plane, means, range_of};

/// The greatest λ: beyond it every prediction is the mean.
const MOST: f64 = 1e12;

/// Settings of a ridge regression.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// λ: the price of weights, above 0.
    pub penalty: f64,
}

impl Default for Parameters {
    /// Of some thousand standardised rows, a hundredth of their sum of squares.
    fn default() -> Parameters {
        Parameters { penalty: 100.0 }
    }
}

impl Parameters {
    /// Checks the settings.
    ///
    /// # Errors
    /// A penalty out of range.
    pub fn check(self) -> Result<Checked, Error> {
        match self.penalty > 0.0 && self.penalty <= MOST {
            true => Ok(Checked(self)),
            false => Err(Error::Parameter(format!(
                "the penalty of ridge regression is {}: it has to be above 0 and up to {MOST:e}",
                self.penalty
            ))),
        }
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
        let (means, mean) = means(x, y);
        let centred = DMatrix::from_fn(rows, columns, |row, column| {
            x[(row, column)] - means[column]
        });
        let mut gram = centred.tr_mul(&centred);
        for at in 0..columns {
            gram[(at, at)] += self.0.penalty;
        }
        let target = centred.tr_mul(&DVector::from_iterator(rows, y.iter().map(|y| y - mean)));
        let solved = Cholesky::new(gram).ok_or_else(|| {
            Error::Parameter("ridge regression: the penalty is too small for these columns".into())
        })?;
        let weight: Vec<f64> = solved.solve(&target).iter().copied().collect();
        let bias = mean - weight.iter().zip(&means).map(|(w, m)| w * m).sum::<f64>();
        Ok(Plane {
            weight,
            bias,
            range,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn fit(penalty: f64) -> Plane {
        let x = array![[0.0, 1.0], [1.0, 3.0], [2.0, 2.0], [3.0, 5.0], [4.0, 4.0]];
        let y = [1.0, 2.0, 2.5, 4.5, 4.0];
        let parameters = Parameters { penalty }.check().unwrap();
        parameters.fit(x.view(), &y).unwrap()
    }

    /// By hand: X'ᵀX' = [[10, 8], [8, 10]] and X'ᵀy' = [8.5, 8.5], so that both weights are 8.5 / (10 + 2 + 8).
    #[test]
    fn weights_are_those_of_the_normal_equations() {
        let found = fit(2.0);
        assert!((found.weight[0] - 0.425).abs() < 1e-12 && (found.weight[1] - 0.425).abs() < 1e-12);
        assert!((found.bias - (2.8 - 0.425 * 5.0)).abs() < 1e-12);
    }

    #[test]
    fn a_great_penalty_predicts_the_mean_and_nothing_lies_beyond_what_was_learnt() {
        assert!((fit(1e9).value(&[4.0, 4.0]) - 2.8).abs() < 1e-6);
        assert_eq!(fit(0.01).value(&[100.0, 100.0]), 4.5);
        assert_eq!(fit(0.01).value(&[-100.0, -100.0]), 1.0);
    }

    #[test]
    fn what_cannot_be_learnt_is_refused_with_the_reason() {
        let x = array![[0.0], [1.0]];
        let of = |y: &[f64]| {
            let parameters = Parameters::default().check().unwrap();
            parameters.fit(x.view(), y).unwrap_err().to_string()
        };
        assert!(of(&[1.0, 1.0]).contains("nothing to learn"));
        assert!(of(&[1.0, f64::NAN]).contains("not a number"));
        assert!(Parameters { penalty: 0.0 }.check().is_err());
    }
}
