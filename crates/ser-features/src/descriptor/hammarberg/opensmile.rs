//! Hammarberg index: the strongest low peak of a voice over its strongest high one.
//!
//! ```text
//! H = 10 · log₁₀( max P_k, 0 ≤ f_k < 2 kHz  /  max P_k, 2 ≤ f_k ≤ 5 kHz )      [dB]
//! ```
//!
//! B. Hammarberg et al. (1980), "Perceptual and acoustic correlates of abnormal voice qualities", Acta
//! Oto-Laryngologica 90, 441–451.
//!
//! A frame with one non-zero sample has a flat spectrum; with the reference's transform both maxima are the same number and
//! the index is exactly 0, which later counts as missing.

use crate::descriptor::bands::{Bands, peak, reference_db};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The two bands.
#[derive(Clone, Debug)]
pub(crate) struct Hammarberg(Bands);

impl Hammarberg {
    /// Bands of power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self(Bands::new(shape, 0.0, 2000.0))
    }

    /// The Hammarberg indices of eight frames in dB; 0 where the high band is digitally silent.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let [low, high] = self.0.of(power).map(peak);
        low.zip(high, reference_db)
    }
}

#[test]
fn ten_times_the_power_below_two_kilohertz_is_ten_decibels() {
    let rate = crate::unit::SampleRate::new(16000).unwrap();
    let hammarberg = Hammarberg::new(&crate::frame::geometry::Geometry::new(rate).short);
    let measure = |power: &[(usize, f32)]| {
        let mut lanes = vec![F32s::default(); 257];
        power.iter().for_each(|&(k, p)| lanes[k].0[2] = p);
        hammarberg.measure(&lanes).0[2]
    };
    assert_eq!(measure(&[]), 0.0);
    assert!((measure(&[(64, 1.0)]) + 140.0).abs() < 1e-4);
    assert!((measure(&[(64, 1.0), (63, 10.0)]) - 10.0).abs() < 1e-5);
    assert_eq!(
        hammarberg.measure(&vec![F32s::splat(2.0); 257]),
        F32s::default()
    );
}
