//! How a plane is fitted to numbers: ridge regression or support vectors.

use ndarray::ArrayView2;

use super::error::Error;
use super::plane::Plane;
use super::{ridge, svr};

/// A way to fit numbers, with its settings.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Regression {
    /// Least squares with a price of weights.
    Ridge(ridge::Parameters),
    /// Support vectors.
    Svr(svr::Parameters),
}

impl Regression {
    /// Checks the settings.
    ///
    /// # Errors
    /// Those of the method.
    pub fn check(self) -> Result<(), Error> {
        match self {
            Regression::Ridge(own) => own.check().map(|_| ()),
            Regression::Svr(own) => own.check().map(|_| ()),
        }
    }

    /// Fits rows × columns with the number of each row.
    ///
    /// # Errors
    /// Those of the method.
    pub fn fit(self, x: ArrayView2<'_, f64>, y: &[f64]) -> Result<Plane, Error> {
        match self {
            Regression::Ridge(own) => own.check()?.fit(x, y),
            Regression::Svr(own) => own.check()?.fit(x, y),
        }
    }
}
