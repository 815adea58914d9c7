//! Alpha ratio: how much stronger a voice is above 1 kHz than below.
//!
//! ```text
//! α = 10 · log₁₀( Σ P_k, 1 ≤ f_k ≤ 5 kHz  /  Σ P_k, 50 Hz ≤ f_k < 1 kHz )      [dB]
//! ```
//!
//! J. Sundberg, M. Nordenberg (2006), "Effects of vocal loudness variation on spectrum balance as reflected by the alpha measure
//! of long-term-average spectra of speech", JASA 120, 453–457.
//! Corrected: the low band begins at 50 Hz as in the definition of GeMAPS, not at 0 Hz; silence is absent instead of 0 dB.

use crate::descriptor::bands::{Bands, sum};
use crate::descriptor::{LOWEST_HZ, decibels};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The two bands.
#[derive(Clone, Debug)]
pub(crate) struct AlphaRatio(Bands);

impl AlphaRatio {
    /// Bands of power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self(Bands::new(shape, LOWEST_HZ, 1000.0))
    }

    /// The alpha ratios of eight frames in dB.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let [low, high] = self.0.of(power).map(sum);
        decibels(high, low)
    }
}

#[test]
fn a_hundredth_of_the_power_above_one_kilohertz_is_minus_twenty_decibels() {
    let shape = Shape::of_16_khz(0.020);
    let alpha = AlphaRatio::new(&shape);
    let mut power = vec![F32s::default(); shape.bins()];
    // An offset, a low tone, a high one, and one above the bands.
    for (k, p) in [(0, 50.0), (10, 1.0), (100, 0.01), (200, 7.0)] {
        power[k] = F32s::splat(p);
    }
    assert!((alpha.measure(&power).0[3] + 20.0).abs() < 1e-5);
    assert!(alpha.measure(&vec![F32s::default(); shape.bins()]).0[0].is_nan());
}
