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

use super::{SILENT_POWER, decibels_of_ratio, decibels_of_silence_over};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The bins of the two bands.
#[derive(Clone, Debug)]
pub(crate) struct Hammarberg {
    low: usize,
    high: usize,
}

impl Hammarberg {
    /// Bands of power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        let count = |below: &dyn Fn(f64) -> bool| {
            (0..shape.bins())
                .filter(|&k| below(shape.bin_hz(k)))
                .count()
        };
        Self {
            low: count(&|hz| hz < 2000.0),
            high: count(&|hz| hz <= 5000.0),
        }
    }

    /// The Hammarberg indices of eight frames in dB; 0 where the high band is digitally silent.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let peak = |bins: &[F32s]| bins.iter().fold(F32s::default(), |peak, &p| peak.max(p));
        let low = peak(&power[..self.low]);
        let high = peak(&power[self.low..self.high]);
        low.zip(high, index_db)
    }
}

fn index_db(low: f32, high: f32) -> f32 {
    if high == 0.0 {
        0.0
    } else if low > SILENT_POWER {
        decibels_of_ratio(low / high)
    } else {
        decibels_of_silence_over(high)
    }
}

#[test]
fn ten_times_the_power_below_two_kilohertz_is_ten_decibels() {
    let rate = crate::unit::SampleRate::new(16000).unwrap();
    let hammarberg = Hammarberg::new(&crate::frame::geometry::Geometry::new(rate).short);
    assert_eq!((hammarberg.low, hammarberg.high), (64, 161));
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
