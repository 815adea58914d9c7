//! Equivalent sound level: the mean energy in decibels.
//!
//! ```text
//! L = 10 · log₁₀( max(mean E, 10⁻¹²) )      [dB re full scale]
//! ```
//!
//! With E the mean square of each frame this is L_eq of the recording; digital silence has −120 dB.

use super::moment::mean;
use crate::spectrum::logarithm::ln;

const FLOOR: f32 = 1e-12;

/// The level of the mean of `energies`.
pub(crate) fn equivalent_level_db(energies: &[f32]) -> f32 {
    let mean = mean(energies);
    let mean = if mean > FLOOR { mean } else { FLOOR };
    (10.0 / std::f64::consts::LN_10) as f32 * ln(mean)
}

#[test]
fn full_scale_is_zero_and_silence_minus_120() {
    assert_eq!(equivalent_level_db(&[1.0; 3]), 0.0);
    assert!((equivalent_level_db(&[0.0; 3]) + 120.0).abs() < 1e-4);
    assert!((equivalent_level_db(&[0.001, 0.003]) + 26.9897).abs() < 1e-4);
}
