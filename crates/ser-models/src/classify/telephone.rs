//! Speech as a telephone carries it: a narrow band, companded or coded samples.
//!
//! ```text
//! band      0 or 200 … 300 Hz up to 3.3 … 3.9 kHz, flanks of 18 dB per octave below      the lower end one time in two
//! coder     one of three alike:  G.711 A-law,  G.711 µ-law,  speech-correlated noise  y = x (1 + 10^(−Q/20) n),  n white, Q 14 … 30 dB
//! ```
//!
//! The third stands for coders at a low rate (GSM 06.10, Opus at 12 kbit/s), whose noise goes with the speech: the modulated noise reference
//! unit by which such coders are rated.
//!
//! ITU-T G.711 (1988), "Pulse code modulation of voice frequencies" (here the continuous laws, 8 bit); ITU-T P.810 (1996), "Modulated noise
//! reference unit (MNRU)"; ITU-T G.712 (2001) for the band.

use super::spectral::filtered;
use crate::model::random::Random;

/// µ of G.711.
const MU: f64 = 255.0;
/// A of G.711.
const A: f64 = 87.6;
/// Codes on each side of 0.
const CODES: f64 = 127.0;

/// A copy of samples at `rate` Hz through a telephone. Where the band ends above half the rate, or at `wide`, there is no band but the coder's noise.
pub(crate) fn telephoned(samples: &[f32], rate: f64, wide: bool, random: &mut Random) -> Vec<f32> {
    let mut speech: Vec<f64> = samples.iter().map(|&x| f64::from(x)).collect();
    let [has_low, low, high] = [0; 3].map(|_| random.uniform());
    if !wide {
        let low = (has_low < 0.5).then_some(200.0 + 100.0 * low);
        let high = 3300.0 + 600.0 * high;
        speech = filtered(&speech, |share| {
            let hertz = share * rate;
            let below = low.map_or(1.0, |low| (hertz / low).min(1.0).powi(3));
            let above = ((high + 200.0 - hertz) / 200.0).clamp(0.0, 1.0);
            below * above
        });
    }
    let coder = random.below(3);
    let quality_db = 14.0 + 16.0 * random.uniform();
    let coded: Vec<f64> = match coder {
        0 if !wide => speech
            .iter()
            .map(|&x| companded(x, a_law, from_a_law))
            .collect(),
        1 if !wide => speech
            .iter()
            .map(|&x| companded(x, mu_law, from_mu_law))
            .collect(),
        _ => {
            let amount = 10_f64.powf(-quality_db / 20.0);
            speech
                .iter()
                .map(|x| x * (1.0 + amount * random.normal()))
                .collect()
        }
    };
    coded.into_iter().map(|x| x as f32).collect()
}

/// A sample rounded to one of 255 values that are dense where it is small.
fn companded(x: f64, compress: fn(f64) -> f64, expand: fn(f64) -> f64) -> f64 {
    let code = (compress(x.abs().min(1.0)) * CODES).round() / CODES;
    expand(code).copysign(x)
}

fn mu_law(x: f64) -> f64 {
    (MU * x).ln_1p() / MU.ln_1p()
}

fn from_mu_law(y: f64) -> f64 {
    ((y * MU.ln_1p()).exp() - 1.0) / MU
}

fn a_law(x: f64) -> f64 {
    let linear = A * x / (1.0 + A.ln());
    if x < 1.0 / A {
        linear
    } else {
        (1.0 + (A * x).ln()) / (1.0 + A.ln())
    }
}

fn from_a_law(y: f64) -> f64 {
    let slope = 1.0 + A.ln();
    if y < 1.0 / slope {
        y * slope / A
    } else {
        (y * slope - 1.0).exp() / A
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_laws_are_within_half_a_step_and_their_own_inverses() {
        for i in 0..=1000 {
            let x = f64::from(i) / 1000.0;
            assert!((from_mu_law(mu_law(x)) - x).abs() < 1e-12);
            assert!((from_a_law(a_law(x)) - x).abs() < 1e-12);
            // Half a step of 1/127 where the law is logarithmic: ln(256)/254 and (1 + ln 87.6)/254 of the value.
            for (compress, expand, share) in [
                (
                    mu_law as fn(f64) -> f64,
                    from_mu_law as fn(f64) -> f64,
                    0.0221,
                ),
                (a_law, from_a_law, 0.0218),
            ] {
                let error = (companded(x, compress, expand) - x).abs();
                assert!(error <= share * x + 1e-3, "{x}: {error}");
            }
        }
        assert_eq!(
            companded(-0.25, mu_law, from_mu_law),
            -companded(0.25, mu_law, from_mu_law)
        );
    }

    #[test]
    fn nothing_passes_above_the_band_and_what_is_within_stays() {
        let rate = 16_000.0;
        let tone = |hertz: f64| -> Vec<f32> {
            (0..16_000)
                .map(|i| (0.1 * (std::f64::consts::TAU * hertz * f64::from(i) / rate).sin()) as f32)
                .collect()
        };
        let power = |x: &[f32]| x.iter().map(|x| f64::from(*x).powi(2)).sum::<f64>();
        for number in 0..12 {
            let at = |hertz: f64| {
                let x = tone(hertz);
                let y = telephoned(&x, rate, false, &mut Random::numbered(1, "x", number));
                10.0 * (power(&y) / power(&x)).log10()
            };
            assert!(at(1000.0).abs() < 0.5, "{}", at(1000.0));
            // The highest band with its flank ends at 4.1 kHz: the rest is the coder's.
            assert!(at(4110.0) < -20.0, "{}", at(4110.0));
        }
    }
}
