//! What stands between two layers, with its derivative.
//!
//! ```text
//! relu  max(0, z)        1 or 0 (0 at 0)
//! tanh  tanh z           1 − tanh² z
//! elu   z, eᶻ − 1 below 0        1, eᶻ below 0
//! gelu  z Φ(z)           Φ(z) + z φ(z)             Φ, φ: the normal distribution and its density
//! ```
//!
//! Exponentials and the like are those of the crate libm, so that a model gives the same bits on every processor.
//!
//! All as in PyTorch's defaults: ELU with α = 1, GELU exact rather than by tanh.
//!
//! D.-A. Clevert et al. (2016), "Fast and accurate deep network learning by exponential linear units". D. Hendrycks & K. Gimpel (2016),
//! "Gaussian error linear units".

use libm::{erf, erff, exp, expm1, expm1f, tanh, tanhf};
use serde::{Deserialize, Serialize};

/// A nonlinearity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Activation {
    /// max(0, z).
    #[default]
    Relu,
    /// tanh z.
    Tanh,
    /// z above 0, eᶻ − 1 below.
    Elu,
    /// z times the normal distribution at z.
    Gelu,
}

impl Activation {
    /// Its value at `z`.
    #[inline(always)]
    pub fn value(self, z: f64) -> f64 {
        match self {
            Activation::Relu => z.max(0.0),
            Activation::Tanh => tanh(z),
            Activation::Elu if z > 0.0 => z,
            Activation::Elu => expm1(z),
            Activation::Gelu => 0.5 * z * (1.0 + erf(z * std::f64::consts::FRAC_1_SQRT_2)),
        }
    }

    /// Its derivative at `z`.
    #[inline(always)]
    pub fn slope(self, z: f64) -> f64 {
        match self {
            Activation::Relu => f64::from(u8::from(z > 0.0)),
            Activation::Tanh => 1.0 - tanh(z).powi(2),
            Activation::Elu if z > 0.0 => 1.0,
            Activation::Elu => exp(z),
            Activation::Gelu => {
                let below = 0.5 * (1.0 + erf(z * std::f64::consts::FRAC_1_SQRT_2));
                below + z * exp(-0.5 * z * z) * NORMAL_DENSITY
            }
        }
    }

    /// Its value at `z` in single precision, as networks are.
    #[inline(always)]
    pub(super) fn value_f32(self, z: f32) -> f32 {
        match self {
            // Not `max`, which would turn a NaN into 0.
            Activation::Relu => {
                if z < 0.0 {
                    0.0
                } else {
                    z
                }
            }
            Activation::Tanh => tanhf(z),
            Activation::Elu if z > 0.0 => z,
            Activation::Elu => expm1f(z),
            Activation::Gelu => 0.5 * z * (1.0 + erff(z * std::f32::consts::FRAC_1_SQRT_2)),
        }
    }
}

/// 1 / sqrt(2π).
const NORMAL_DENSITY: f64 = 0.398_942_280_401_432_677_94;

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Activation; 4] = [
        Activation::Relu,
        Activation::Tanh,
        Activation::Elu,
        Activation::Gelu,
    ];

    #[test]
    fn slopes_are_those_of_the_values() {
        for activation in ALL {
            for z in [-3.0, -0.7, -0.01, 0.02, 0.9, 4.0] {
                let step = 1e-5;
                let measured =
                    (activation.value(z + step) - activation.value(z - step)) / (2.0 * step);
                assert!(
                    (measured - activation.slope(z)).abs() < 1e-9,
                    "{activation:?} {z}"
                );
                assert!(
                    (f64::from(activation.value_f32(z as f32)) - activation.value(z)).abs() < 1e-6
                );
            }
        }
    }

    #[test]
    fn values_are_those_of_pytorch() {
        // torch.nn.functional.{relu,tanh,elu,gelu}(torch.tensor([-1.0, 2.0], dtype=torch.float64))
        let expected = [
            [0.0, 2.0],
            [-0.7615941559557649, 0.9640275800758169],
            [-0.6321205588285577, 2.0],
            [-0.15865525393145707, 1.9544997361036416],
        ];
        for (activation, [below, above]) in ALL.into_iter().zip(expected) {
            assert!((activation.value(-1.0) - below).abs() < 1e-12);
            assert!((activation.value(2.0) - above).abs() < 1e-12);
        }
    }

    #[test]
    fn what_is_no_number_stays_none() {
        assert!(ALL.iter().all(|a| a.value_f32(f32::NAN).is_nan()));
    }
}
