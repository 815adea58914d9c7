//! Loudness: mel bands weighted by an equal-loudness curve and compressed by the intensity–loudness power law.
//!
//! ```text
//! W(f) = 10³² · (ω² + 56.8·10⁶)·ω⁴ / ((ω² + 6.3·10⁶)²·(ω² + 0.38·10⁹)·(ω⁷ + 1.7·10³¹)),   ω = 2πf
//! N    = (1/26) · Σ_b (max(m_b, 9.3·10⁻¹⁰) · W(f_b))^0.33
//! ```
//!
//! H. Hermansky (1990), "Perceptual linear predictive (PLP) analysis of speech", JASA 87, 1738–1752.
//! Differs: the last factor has ω⁷ where the paper has ω⁶, and the result is the *mean* over the bands.
//! Both are the reference's.

use crate::lanes::{F32s, widest};
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::power::power;

const FLOOR: f32 = 9.3e-10;
const EXPONENT: f32 = 0.33;

/// The weights of one filter bank.
#[derive(Clone, Debug)]
pub(crate) struct Loudness {
    weights: [f32; BANDS],
}

impl Loudness {
    /// Weights at the centres of the bank's bands.
    pub fn new(bank: &MelBank) -> Self {
        Self {
            weights: bank.centres_hz().map(|hz| equal_loudness(hz) as f32),
        }
    }

    /// The loudness of eight frames. Digital silence gives about 0.001.
    pub fn measure(&self, bands: &[F32s; BANDS]) -> F32s {
        widest(
            #[inline(always)]
            || {
                let mut sum = F32s::default();
                for (&band, &weight) in bands.iter().zip(&self.weights) {
                    let weighted = weight * band.max(F32s::splat(FLOOR));
                    sum += power(weighted, f64::from(EXPONENT));
                }
                sum.over(F32s::splat(BANDS as f32))
            },
        )
    }
}

fn equal_loudness(hz: f64) -> f64 {
    let w = std::f64::consts::TAU * hz;
    let w2 = w * w;
    1e32 * (w2 + 56.8e6) * w2 * w2 / ((w2 + 6.3e6).powi(2) * (w2 + 0.38e9) * (w.powi(7) + 1.7e31))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::unit::SampleRate;

    fn at(hz: u32) -> Loudness {
        Loudness::new(&MelBank::new(
            &Geometry::new(SampleRate::new(hz).unwrap()).short,
        ))
    }

    #[test]
    fn the_curve_is_the_published_table() {
        let loudness = at(16000);
        for (b, want) in [
            (0, 2.027_781e-3_f32),
            (9, 1.136_403),
            (18, 3.134_182),
            (25, 0.206_651_1),
        ] {
            assert!((loudness.weights[b] / want - 1.0).abs() < 1e-6, "band {b}");
        }
    }

    #[test]
    fn silence_is_a_little_above_zero() {
        assert!(
            (at(16000).measure(&[F32s::default(); BANDS]).0[0] / 1.033_966e-3 - 1.0).abs() < 1e-6
        );
        assert!(
            (at(8000).measure(&[F32s::default(); BANDS]).0[7] / 1.017_382e-3 - 1.0).abs() < 1e-6
        );
    }
}
