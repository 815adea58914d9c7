//! Mel-frequency cepstral coefficients 1–4.
//!
//! ```text
//! C_i = λ_i · sqrt(2/26) · Σ_b ln(max(32767²·m_b, 1)) · cos(π·i/26·(b + ½)),   λ_i = 1 + 11·sin(π·i/22)
//! ```
//!
//! S. B. Davis, P. Mermelstein (1980), IEEE Trans. ASSP 28, 357–366; lifter λ of the HTK book with length 22. The factor brings
//! samples in [−1, 1] to the 16-bit scale of HTK. `f32` products and sums, in order of the bands.

use crate::lanes::{F32s, widest};
use crate::spectrum::logarithm::lns;
use crate::spectrum::mel::BANDS;

/// Number of coefficients, counted from 1.
pub(crate) const COEFFICIENTS: usize = 4;
const LIFTER: f64 = 22.0;
const SIXTEEN_BIT: f32 = (32767.0 * 32767.0) as f32;

/// Cosines and lifter.
#[derive(Clone, Debug)]
pub(crate) struct Mfcc {
    cosines: [[f32; BANDS]; COEFFICIENTS],
    scales: [f32; COEFFICIENTS],
}

impl Mfcc {
    /// Computes the tables.
    pub fn new() -> Self {
        let norm = (2.0 / BANDS as f64).sqrt() as f32;
        let angle = |i: usize| std::f64::consts::PI * (i + 1) as f64;
        Self {
            cosines: std::array::from_fn(|i| {
                std::array::from_fn(|b| (angle(i) / BANDS as f64 * (b as f64 + 0.5)).cos() as f32)
            }),
            scales: std::array::from_fn(|i| {
                (1.0 + LIFTER / 2.0 * (angle(i) / LIFTER).sin()) as f32 * norm
            }),
        }
    }

    /// The coefficients of eight frames; all 0 for silence.
    pub fn measure(&self, bands: &[F32s; BANDS]) -> [F32s; COEFFICIENTS] {
        widest(
            #[inline(always)]
            || {
                let mut sums = [F32s::default(); COEFFICIENTS];
                for (b, &band) in bands.iter().enumerate() {
                    let log = lns((SIXTEEN_BIT * band).max(F32s::splat(1.0)));
                    for (sum, cosines) in sums.iter_mut().zip(&self.cosines) {
                        *sum += cosines[b] * log;
                    }
                }
                std::array::from_fn(
                    #[inline(always)]
                    |i| self.scales[i] * sums[i],
                )
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flat_spectrum_has_no_shape() {
        let flat = Mfcc::new().measure(&[F32s::splat(1.0); BANDS]);
        assert!(flat.iter().all(|c| c.0[2].abs() < 1e-3), "{flat:?}");
        assert_eq!(
            Mfcc::new().measure(&[F32s::default(); BANDS]),
            [F32s::default(); COEFFICIENTS]
        );
    }

    #[test]
    fn a_cosine_over_the_bands_is_one_coefficient() {
        let bands = std::array::from_fn(|b| {
            let angle = std::f64::consts::PI * 2.0 / 26.0 * (b as f64 + 0.5);
            F32s::splat((0.5 * angle.cos()).exp() as f32)
        });
        let c = Mfcc::new().measure(&bands);
        // Σ ½cos² = 6.5, times sqrt(2/26), times the lifter.
        let want =
            6.5 * (2.0_f64 / 26.0).sqrt() * (1.0 + 11.0 * (std::f64::consts::PI / 11.0).sin());
        assert!(
            (f64::from(c[1].0[0]) - want).abs() < 1e-4 && c[0].0[0].abs() < 1e-4,
            "{c:?} {want}"
        );
    }
}
