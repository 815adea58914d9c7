//! Formants: resonances of the vocal tract, as the roots of a predictor polynomial.
//!
//! ```text
//! z¹¹ − a₁z¹⁰ − … − a₁₁ = 0,     F = |arg z|·f_s/(2π),     B = −ln|z|·f_s/π      [Hz],   f_s = 11 kHz
//! ```
//!
//! Roots outside the unit circle are mirrored into it; frequencies from 50 Hz to an upper limit count, sorted.
//!
//! B. S. Atal, S. L. Hanauer (1971), "Speech analysis and synthesis by linear prediction of the speech wave", JASA 50, 637–655.
//! Differs, as the reference does: the coefficients of the *error filter* 1 + Σ a_k z^−k stand in the polynomial with the
//! sign of *predictor* coefficients. With the textbook sign F1–F3 are hundreds of Hz elsewhere.

use crate::spectrum::prediction::ORDER;
use crate::spectrum::resynthesis::TARGET_HZ;
use crate::spectrum::roots::roots;

/// Number of formants that are looked for.
pub(crate) const FORMANTS: usize = 5;
const LOWEST_HZ: f64 = 50.0;

/// Frequency and bandwidth in Hz of up to five formants; 0 for those that are missing.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Formants {
    pub frequency_hz: [f32; FORMANTS],
    pub bandwidth_hz: [f32; FORMANTS],
}

/// The formants of a frame with the given error filter, none above `highest_hz`.
pub(crate) fn formants(error_filter: &[f32; ORDER], highest_hz: f64) -> Formants {
    let period = 1.0 / TARGET_HZ;
    let (roots, count) = roots(&error_filter.map(|a| -f64::from(a)));
    let mut found = [(0.0, 0.0); ORDER];
    let mut number = 0;
    for root in roots[..count].iter().filter(|root| root.im >= 0.0) {
        let frequency = root.im.atan2(root.re) / (std::f64::consts::TAU * period);
        if (LOWEST_HZ..=highest_hz).contains(&frequency) {
            // |ln| mirrors a root outside the circle into it.
            let decay = (0.5 * root.norm().ln()).abs();
            found[number] = (frequency, decay / (std::f64::consts::PI * period));
            number += 1;
        }
    }
    found[..number].sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut formants = Formants::default();
    for (i, (frequency, bandwidth)) in found[..number.min(FORMANTS)].iter().enumerate() {
        formants.frequency_hz[i] = *frequency as f32;
        formants.bandwidth_hz[i] = *bandwidth as f32;
    }
    formants
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Minus the coefficients of the polynomial with the given resonances, so that the reversed sign finds them.
    fn planted(resonances: &[(f64, f64)]) -> [f32; ORDER] {
        let mut c = vec![1.0];
        let mut multiply = |factor: &[f64]| {
            let mut product = vec![0.0; c.len() + factor.len() - 1];
            for (i, a) in c.iter().enumerate() {
                for (j, b) in factor.iter().enumerate() {
                    product[i + j] += a * b;
                }
            }
            c = product;
        };
        for &(hz, bandwidth) in resonances {
            let radius = (-std::f64::consts::PI * bandwidth / TARGET_HZ).exp();
            let angle = std::f64::consts::TAU * hz / TARGET_HZ;
            multiply(&[1.0, -2.0 * radius * angle.cos(), radius * radius]);
        }
        c.resize(ORDER + 1, 0.0);
        std::array::from_fn(|i| -c[i + 1] as f32)
    }

    #[test]
    fn planted_resonances_come_back_in_order() {
        let f = formants(
            &planted(&[(2500.0, 120.0), (500.0, 60.0), (1500.0, 90.0)]),
            5450.0,
        );
        for (i, (hz, bandwidth)) in [(500.0, 60.0), (1500.0, 90.0), (2500.0, 120.0)]
            .into_iter()
            .enumerate()
        {
            assert!((f.frequency_hz[i] - hz).abs() < 0.1, "{f:?}");
            assert!((f.bandwidth_hz[i] - bandwidth).abs() < 0.1, "{f:?}");
        }
        assert_eq!(f.frequency_hz[3..], [0.0, 0.0]);
    }

    #[test]
    fn silence_and_real_roots_have_no_formants() {
        assert_eq!(formants(&[0.0; ORDER], 5450.0), Formants::default());
        let mut real = [0.0; ORDER];
        real[0] = -0.9;
        assert_eq!(formants(&real, 5450.0), Formants::default());
    }
}
