//! Analysis windows, symmetric: the first and the last value are equal, the denominator is L − 1.
//!
//! ```text
//! Hamming:  w_i = 0.54 − 0.46 · cos(2π·i / (L−1))
//! Gauss:    w_i = exp(−½·z²),   z = (i − (L−1)/2) / (σ·(L−1)/2),   σ = 0.4
//! ```
//!
//! Computed in `f64`, rounded once. F. J. Harris (1978), "On the use of windows for harmonic analysis with the discrete
//! Fourier transform", Proc. IEEE 66, 51–83. No normalisation by the window's gain.

use std::f64::consts::TAU;

/// The Hamming window of `length` samples.
pub(crate) fn hamming(length: usize) -> Vec<f32> {
    let last = (length - 1) as f64;
    (0..length)
        .map(|i| (0.54 - 0.46 * (TAU * i as f64 / last).cos()) as f32)
        .collect()
}

/// The Hann window of `length` samples as one period of a raised cosine: its samples lie half a sample off the zeros.
pub(crate) fn hann(length: usize) -> Vec<f32> {
    (0..length)
        .map(|i| {
            let angle = std::f64::consts::TAU * (i as f64 + 0.5) / length as f64;
            (0.5 - 0.5 * angle.cos()) as f32
        })
        .collect()
}

/// The Gauss window of `length` samples; its standard deviation is 0.4 of *half* the length.
pub(crate) fn gauss(length: usize) -> Vec<f32> {
    let centre = (length - 1) as f64 / 2.0;
    (0..length)
        .map(|i| {
            let z = (i as f64 - centre) / (0.4 * centre);
            (-0.5 * z * z).exp() as f32
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn windows_are_symmetric_with_the_peak_in_the_middle() {
        for window in [hamming(321), gauss(321)] {
            assert_eq!(window[0], window[320]);
            assert_eq!(window[160], 1.0);
        }
        assert_eq!(hamming(320)[0], 0.08);
        assert!((gauss(960)[0] - (-0.5_f32 / 0.16).exp()).abs() < 1e-7);
    }
}
