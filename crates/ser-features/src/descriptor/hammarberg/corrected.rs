//! Hammarberg index: the strongest low peak of a voice over its strongest high one.
//!
//! ```text
//! H = 10 · log₁₀( max P_k, 50 Hz ≤ f_k < 2 kHz  /  max P_k, 2 ≤ f_k ≤ 5 kHz )      [dB]
//! ```
//!
//! B. Hammarberg et al. (1980), "Perceptual and acoustic correlates of abnormal voice qualities", Acta
//! Oto-Laryngologica 90, 441–451.
//! Corrected: an offset or hum below 50 Hz is no peak of a voice; silence is absent instead of 0 dB.

use crate::descriptor::bands::{Bands, peak};
use crate::descriptor::{LOWEST_HZ, decibels};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The two bands.
#[derive(Clone, Debug)]
pub(crate) struct Hammarberg(Bands);

impl Hammarberg {
    /// Bands of power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self(Bands::new(shape, LOWEST_HZ, 2000.0))
    }

    /// The Hammarberg indices of eight frames in dB.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let [low, high] = self.0.of(power).map(peak);
        decibels(low, high)
    }
}

#[test]
fn the_strongest_peaks_are_compared_and_the_offset_is_none() {
    let shape = Shape::of_16_khz(0.020);
    let hammarberg = Hammarberg::new(&shape);
    let mut power = vec![F32s::splat(1e-9); shape.bins()];
    for (k, p) in [(0, 50.0), (20, 1.0), (100, 0.1), (200, 7.0)] {
        power[k] = F32s::splat(p);
    }
    assert!((hammarberg.measure(&power).0[3] - 10.0).abs() < 1e-5);
    assert!(hammarberg.measure(&vec![F32s::default(); shape.bins()]).0[0].is_nan());
}
