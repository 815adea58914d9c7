//! Loudness: bands of hearing weighted by an equal-loudness curve and compressed by the intensity–loudness power law.
//!
//! ```text
//! E(f) = ω⁴ · (ω² + 56.8·10⁶) / ((ω² + 6.3·10⁶)² · (ω² + 0.38·10⁹)),   ω = 2πf,   scaled to E(1 kHz) = 1
//! N    = Σ_b (E(f_b) · m_b)^0.33                       m_b: power in 26 mel bands, 20 Hz to 5 kHz, sine of full scale 1
//! ```
//!
//! H. Hermansky (1990), "Perceptual linear predictive (PLP) analysis of speech", JASA 87, 1738–1752, equations 4–6. Loudness
//! follows the level, as it must: 10 dB more is 2.1 times as loud.
//! Corrected: the curve is the published one up to 5 kHz, without the further pole that the reference has with ω⁷; N is the sum over
//! the bands; the power is that of the sound and not of the transform, and the bands do not move with the sample rate. Silence is 0.

use crate::lanes::{F32s, widest};
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::power_single::powers;

const EXPONENT: f32 = 0.33;

/// The weights of one filter bank.
#[derive(Clone, Debug)]
pub(crate) struct Loudness {
    weights: [f32; BANDS],
}

impl Loudness {
    /// Weights at the centres of the bank's bands.
    pub fn new(bank: &MelBank) -> Self {
        let reference = equal_loudness(1000.0);
        Self {
            weights: bank
                .centres_hz()
                .map(|hz| (equal_loudness(hz) / reference) as f32),
        }
    }

    /// The loudness of eight frames.
    pub fn measure(&self, bands: &[F32s; BANDS]) -> F32s {
        widest(
            #[inline(always)]
            || {
                let mut sum = F32s::default();
                for (&band, &weight) in bands.iter().zip(&self.weights) {
                    sum += F32s(powers(&(weight * band).0, EXPONENT));
                }
                sum
            },
        )
    }
}

fn equal_loudness(hz: f64) -> f64 {
    let w2 = (std::f64::consts::TAU * hz).powi(2);
    w2 * w2 * (w2 + 56.8e6) / ((w2 + 6.3e6).powi(2) * (w2 + 0.38e9))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Shape;

    #[test]
    fn ten_decibels_are_2_14_times_as_loud_and_silence_is_not() {
        let bank = MelBank::up_to(&Shape::of_16_khz(0.020), 5000.0);
        let loudness = Loudness::new(&bank);
        let at = |power: f32| loudness.measure(&[F32s::splat(power); BANDS]).0[5];
        assert!((at(1e-4) / at(1e-5) - 10_f32.powf(0.33)).abs() < 1e-4);
        assert_eq!(at(0.0), 0.0);
    }

    #[test]
    fn the_ear_is_least_sensitive_to_low_tones() {
        // 40-dB equal-loudness contour: some 12 dB less sensitive at 100 Hz … 200 Hz than at 1 kHz, more sensitive at 3 – 4 kHz.
        let db = |hz| 10.0 * (equal_loudness(hz) / equal_loudness(1000.0)).log10();
        assert!((-30.0..-20.0).contains(&db(100.0)), "{}", db(100.0));
        assert!((-20.0..-8.0).contains(&db(200.0)), "{}", db(200.0));
        assert!(db(3500.0) > 2.0 && db(3500.0) < 10.0, "{}", db(3500.0));
    }
}
