//! Mean and normalised standard deviation.
//!
//! ```text
//! m = (1/n)·Σ v_i          s = sqrt((1/n)·Σ (v_i − m)²)          stddevNorm = s/m
//! ```
//!
//! Sums are `f64`; the mean is rounded to `f32` before the deviations are taken. The quotient has the sign of the mean.

/// The arithmetic mean; 0 without values.
pub(crate) fn mean(values: &[f32]) -> f32 {
    if values.is_empty() {
        return 0.0;
    }
    (values.iter().map(|&v| f64::from(v)).sum::<f64>() / values.len() as f64) as f32
}

/// The standard deviation over the signed mean: 0 for a constant; the deviation itself where the mean is exactly 0.
pub(crate) fn normalised_deviation(values: &[f32]) -> f32 {
    let mean = f64::from(mean(values));
    let squares: f64 = values
        .iter()
        .map(|&v| {
            let deviation = f64::from(v) - mean;
            deviation * deviation
        })
        .sum();
    if squares == 0.0 {
        return 0.0;
    }
    let deviation = (squares / values.len() as f64).sqrt();
    (if mean == 0.0 {
        deviation
    } else {
        deviation / mean
    }) as f32
}

#[test]
fn the_deviation_has_the_sign_of_the_mean() {
    assert_eq!(mean(&[1.0, 2.0, 6.0]), 3.0);
    assert_eq!(normalised_deviation(&[1.0, 3.0]), 0.5);
    assert_eq!(normalised_deviation(&[-1.0, -3.0]), -0.5);
    assert_eq!(normalised_deviation(&[-1.0, 1.0]), 1.0);
    assert_eq!(
        (
            mean(&[]),
            normalised_deviation(&[]),
            normalised_deviation(&[7.0; 4])
        ),
        (0.0, 0.0, 0.0)
    );
}
