//! Alpha ratio: energy of 1–5 kHz over energy below 1 kHz.
//!
//! ```text
//! α = 10 · log₁₀( Σ P_k, 1 ≤ f_k ≤ 5 kHz  /  Σ P_k, f_k < 1 kHz )      [dB]
//! ```
//!
//! J. Sundberg, M. Nordenberg (2006), "Effects of vocal loudness variation on spectrum balance", JASA 120, 453–457; high
//! over low, so bright sounds are positive. Sums are `f32` in order of frequency.

use crate::descriptor::bands::{Bands, reference_db, sum};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The two bands.
#[derive(Clone, Debug)]
pub(crate) struct AlphaRatio(Bands);

impl AlphaRatio {
    /// Bands of power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self(Bands::new(shape, 0.0, 1000.0))
    }

    /// The alpha ratios of eight frames in dB; 0 where the low band is digitally silent.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let [low, high] = self.0.of(power).map(sum);
        high.zip(low, reference_db)
    }
}

#[test]
fn ten_times_the_energy_above_one_kilohertz_is_ten_decibels() {
    let rate = crate::unit::SampleRate::new(16000).unwrap();
    let alpha = AlphaRatio::new(&crate::frame::geometry::Geometry::new(rate).short);
    let measure = |power: &[(usize, f32)]| {
        let mut lanes = vec![F32s::default(); 257];
        power.iter().for_each(|&(k, p)| lanes[k].0[5] = p);
        alpha.measure(&lanes).0[5]
    };
    assert_eq!(measure(&[]), 0.0);
    assert!((measure(&[(3, 1.0)]) + 140.0).abs() < 1e-4);
    assert!((measure(&[(3, 1.0), (160, 10.0)]) - 10.0).abs() < 1e-5);
    assert!((measure(&[(3, 1.0), (160, 10.0), (161, 1e6)]) - 10.0).abs() < 1e-5);
}
