//! Harmonics-to-noise ratio, and the exact period that it belongs to.
//!
//! ```text
//! HNR = 10 · log₁₀( r(τ) / (1 − r(τ)) )      [dB],    r(τ) = [r_x(τ)/r_x(0)] / [r_w(τ)/r_w(0)] at its maximum near 1/F0
//! r_x(τ) = Σ_k P_k · cos(2π·k·τ/N)           any τ, not only whole samples
//! r_w(τ) = (1 − τ/L)·(2/3 + 1/3·cos(2πτ/L)) + 1/2π·sin(2πτ/L)           Hann window of L samples
//! ```
//!
//! P. Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
//! sound", IFA Proceedings 17, 97–110, equations 8 and 9. The period is sought below 5 kHz; harmonics and noise are those of the whole band, up to
//! 8 kHz.
//! Under a window of few periods r comes out a little above or below the truth as the window moves on over the cycles. At 90 Hz that
//! is ± 0.001, nothing at 20 dB and all at 30 dB; so below 125 Hz 1 − r, the share of the noise, is averaged over seven frames of the stretch.
//!
//! Corrected: the compatible kernel does not divide by the autocorrelation of the window, which takes away more the lower the voice is, and
//! takes r at a whole number of samples.

use crate::descriptor::CORRECTED_RATE_HZ;
use crate::lanes::widest;
use crate::spectrum::logarithm::log10;

/// −10 dB; the tracker calls nothing below −5 dB voiced.
const MOST_NOISE: f32 = 0.9;
/// 50 dB. A window of three periods cannot tell more apart.
const LEAST_NOISE: f32 = 1e-5;
/// Steps of Newton's method; the tracker's period is right to a tenth of a sample.
const STEPS: usize = 2;
const RATE_HZ: f64 = CORRECTED_RATE_HZ as f64;
/// Bins side by side.
const WIDTH: usize = 8;

/// A frame's pitch and how clear it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Voice {
    pub f0_hz: f32,
    /// 1 − r: the share of the noise in the power.
    pub noise: f32,
}

/// Pitch below which the window holds fewer than six periods.
const LOW_HZ: f32 = 125.0;
/// Frames over which the share of the noise is averaged there.
const AVERAGED: usize = 7;

/// The ratio in dB of each frame of a voiced stretch.
pub(crate) fn ratios_db(stretch: &[Voice]) -> Vec<f32> {
    (0..stretch.len())
        .map(|t| {
            let reach = if stretch[t].f0_hz < LOW_HZ {
                AVERAGED / 2
            } else {
                0
            };
            let near = &stretch[t.saturating_sub(reach)..(t + reach + 1).min(stretch.len())];
            let sum: f32 = near.iter().map(|voice| voice.noise).sum();
            let noise = (sum / near.len() as f32).clamp(LEAST_NOISE, MOST_NOISE);
            10.0 * log10((1.0 - noise) / noise)
        })
        .collect()
}

/// Window and transform lengths.
#[derive(Clone, Copy, Debug)]
pub(crate) struct HarmonicsToNoise {
    window_length: f64,
    fft_length: f64,
}

impl HarmonicsToNoise {
    /// For frames of `window_length` samples under a Hann window.
    pub fn new(window_length: usize, fft_length: usize) -> Self {
        Self {
            window_length: window_length as f64,
            fft_length: fft_length as f64,
        }
    }

    /// The exact pitch near `f0_hz`, from the power spectrum below bin `used`, and its ratio, from all of it.
    pub fn measure(&self, power: &[f32], used: usize, f0_hz: f32) -> Voice {
        let whole = power;
        let power = &power[..used];
        let start = RATE_HZ / f64::from(f0_hz);
        let mut period = start;
        for _ in 0..STEPS {
            let [value, slope, bend] = self.correlation(power, period);
            let (window, window_slope) = self.window(period);
            // The maximum of ln r_x − ln r_w; where the curve is not concave the tracker's period stays.
            let (first, second) = (slope / value - window_slope / window, bend / value);
            let step = if value > 0.0 && second < 0.0 {
                (-first / second).clamp(-0.5, 0.5)
            } else {
                0.0
            };
            if (period + step - start).abs() > 1.0 {
                break;
            }
            period += step;
        }
        let total: f64 = whole[1..].iter().map(|&p| f64::from(p)).sum();
        let [value, _, _] = self.correlation(whole, period);
        let height = value / total / self.window(period).0;
        Voice {
            f0_hz: (RATE_HZ / period) as f32,
            noise: (1.0 - height) as f32,
        }
    }

    /// The autocorrelation of the windowed frame at a lag of `period` samples, and its two derivatives.
    fn correlation(&self, power: &[f32], period: f64) -> [f64; 3] {
        let angle = std::f64::consts::TAU * period / self.fft_length;
        widest(
            #[inline(always)]
            || sums(&power[1..], angle),
        )
        .map_derivatives(std::f64::consts::TAU / self.fft_length)
    }

    /// The autocorrelation of the window at a lag, 1 at 0, and its derivative.
    fn window(&self, lag: f64) -> (f64, f64) {
        use std::f64::consts::TAU;
        let x = lag / self.window_length;
        let (sin, cos) = libm::sincos(TAU * x);
        let value = (1.0 - x) * (2.0 / 3.0 + cos / 3.0) + sin / TAU;
        let slope = -(2.0 / 3.0 + cos / 3.0) - (1.0 - x) * TAU / 3.0 * sin + cos;
        (value, slope / self.window_length)
    }
}

/// Σ P_k cos kθ, Σ k P_k sin kθ, Σ k² P_k cos kθ.
struct Sums([f64; 3]);

impl Sums {
    fn map_derivatives(self, scale: f64) -> [f64; 3] {
        let [value, slope, bend] = self.0;
        [value, -scale * slope, -scale * scale * bend]
    }
}

/// Eight bins at a time; their cosines are turned on by 8θ.
#[inline(always)]
fn sums(power: &[f32], angle: f64) -> Sums {
    let mut cos: [f64; WIDTH] = std::array::from_fn(|i| libm::cos(angle * (i + 1) as f64));
    let mut sin: [f64; WIDTH] = std::array::from_fn(|i| libm::sin(angle * (i + 1) as f64));
    let (turn_sin, turn_cos) = libm::sincos(angle * WIDTH as f64);
    let mut k: [f64; WIDTH] = std::array::from_fn(|i| (i + 1) as f64);
    let mut sums = [[0.0; WIDTH]; 3];
    let (chunks, rest) = power.as_chunks::<WIDTH>();
    let mut last = [0.0; WIDTH];
    last[..rest.len()].copy_from_slice(rest);
    for p in chunks.iter().chain(std::iter::once(&last)) {
        for i in 0..WIDTH {
            let p = f64::from(p[i]);
            let even = p * cos[i];
            sums[0][i] += even;
            sums[1][i] += k[i] * p * sin[i];
            sums[2][i] += k[i] * k[i] * even;
            let turned = cos[i] * turn_cos - sin[i] * turn_sin;
            sin[i] = cos[i] * turn_sin + sin[i] * turn_cos;
            cos[i] = turned;
            k[i] += WIDTH as f64;
        }
    }
    Sums(sums.map(|s| s.iter().sum()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_the_textbook_ones() {
        let power: Vec<f32> = (0..321)
            .map(|k| ((k * k) as f32 * 0.37).sin().abs())
            .collect();
        let noise = HarmonicsToNoise::new(768, 1024);
        let found = noise.correlation(&power, 97.3);
        let angle = std::f64::consts::TAU * 97.3 / 1024.0;
        let mut want = 0.0;
        for (k, &p) in power.iter().enumerate().skip(1) {
            want += f64::from(p) * (k as f64 * angle).cos();
        }
        assert!((found[0] - want).abs() < 1e-9, "{found:?} {want}");
        let step = 1e-5;
        let slope = (noise.correlation(&power, 97.3 + step)[0]
            - noise.correlation(&power, 97.3 - step)[0])
            / (2.0 * step);
        assert!((found[1] - slope).abs() < 1e-5, "{found:?} {slope}");
    }

    #[test]
    fn the_window_is_that_of_the_samples() {
        let window = crate::frame::window::hann(768);
        let products = |lag: usize| -> f64 {
            let pairs = window.iter().zip(&window[lag..]);
            pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
        };
        let noise = HarmonicsToNoise::new(768, 1024);
        for lag in [0, 20, 100, 256] {
            let want = products(lag) / products(0);
            assert!((noise.window(lag as f64).0 - want).abs() < 1e-4, "{lag}");
        }
    }
}
