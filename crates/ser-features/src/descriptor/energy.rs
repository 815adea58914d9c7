//! Energy of a frame.
//!
//! ```text
//! mean square  E = (1/L)·Σ x_i²            raw samples of a short frame: equivalent sound level
//! RMS          R = sqrt((1/L)·Σ w_i²)      Gauss-windowed samples of a long frame: volume gate
//! ```
//!
//! Squares are `f32`, the sum is `f64`; both are taken where the frame is windowed.

/// The mean of `length` squares with the given sum.
pub(crate) fn mean_square(sum: f64, length: usize) -> f32 {
    (sum / length as f64) as f32
}

/// The root of the mean of `length` squares with the given sum.
pub(crate) fn root_mean_square(sum: f64, length: usize) -> f32 {
    (sum / length as f64).sqrt() as f32
}

#[test]
fn a_constant_has_its_own_level() {
    assert_eq!(mean_square(320.0 * 0.25, 320), 0.25);
    assert_eq!(root_mean_square(960.0 * 0.25, 960), 0.5);
    assert_eq!(mean_square(0.0, 320), 0.0);
}
