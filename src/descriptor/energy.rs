//! Energy of a frame.
//!
//! ```text
//! mean square  E = (1/L)·Σ x_i²            raw samples of a short frame: equivalent sound level
//! RMS          R = sqrt((1/L)·Σ w_i²)      Gauss-windowed samples of a long frame: volume gate
//! ```
//!
//! Squares are `f32`, the sum is `f64`.

/// The mean square of `samples`.
pub(crate) fn mean_square(samples: &[f32]) -> f32 {
    mean_square_f64(samples) as f32
}

/// The root of the mean square of `samples`.
pub(crate) fn root_mean_square(samples: &[f32]) -> f32 {
    mean_square_f64(samples).sqrt() as f32
}

fn mean_square_f64(samples: &[f32]) -> f64 {
    samples.iter().map(|x| f64::from(x * x)).sum::<f64>() / samples.len() as f64
}

#[test]
fn a_constant_has_its_own_level() {
    assert_eq!(mean_square(&[0.5; 320]), 0.25);
    assert_eq!(root_mean_square(&[-0.5; 960]), 0.5);
    assert_eq!(mean_square(&[0.0; 320]), 0.0);
}
