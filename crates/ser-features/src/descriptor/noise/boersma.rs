//! Harmonics-to-noise ratio, and the exact period that it belongs to.
//!
//! ```text
//! HNR = 10 · log₁₀( r / (1 − r) )      [dB],    r = N(τ)/E(τ) at the maximum of N(τ)/r_w(τ) near 1/F0
//! N(τ) = Σ_n w(n)·w(n+τ)·x(n)·x(n+τ) = 1/N·Σ_k P_k · cos(2π·k·τ/N)           any τ, not only whole samples
//! E(τ) = Σ_n w(n)·x(n)²·½·(w(n+τ) + w(n−τ))
//! r_w(τ) = (1 − τ/L)·(2/3 + 1/3·cos(2πτ/L)) + 1/2π·sin(2πτ/L)           Hann window of L samples
//! ```
//!
//! P. Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
//! sound", IFA Proceedings 17, 97–110. The period is sought below 5 kHz; harmonics and noise are those of the whole band, up to 8 kHz.
//!
//! Boersma divides N by r_x(0)·r_w(τ), which takes the energy of the voice to be the same all along the window. It is not: a period has a loud
//! part, and with three periods in the window r then comes out above or below 1 as the window moves on, by ± 0.001 at 90 Hz, which is all of a noise at 30 dB; and
//! at 100 Hz, where every frame begins in the same phase, no mean over frames helps. E weights the energies as N weights the products, so that r is exactly 1
//! for anything periodic (Y. Medan, E. Yair, D. Chazan (1991), IEEE Trans. Signal Processing 39, 40–48, normalise so, without a window).
//!
//! Corrected: the compatible kernel does not divide by the autocorrelation of the window, which takes away more the lower the voice is, and
//! takes r at a whole number of samples.

use crate::descriptor::CORRECTED_RATE_HZ;
use crate::lanes::{F32s, F64s, LANES, totals, widest};
use crate::spectrum::cosine::cosines_and_sines;
use crate::spectrum::logarithm::log10;

/// −10 dB; the tracker calls nothing below −5 dB voiced.
const MOST_NOISE: f32 = 0.9;
/// 50 dB. A window of three periods cannot tell more apart.
const LEAST_NOISE: f32 = 1e-5;
/// Steps of Newton's method; the tracker's period is right to a tenth of a sample.
const STEPS: usize = 2;
const RATE_HZ: f64 = CORRECTED_RATE_HZ as f64;

/// A frame's pitch and how clear it is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Voice {
    pub f0_hz: f32,
    /// 1 − r: the share of the noise in the power.
    pub noise: f32,
}

impl Voice {
    /// The ratio in dB.
    pub fn ratio_db(&self) -> f32 {
        let noise = self.noise.clamp(LEAST_NOISE, MOST_NOISE);
        10.0 * log10((1.0 - noise) / noise)
    }
}

/// Window and transform.
#[derive(Clone, Debug)]
pub(crate) struct HarmonicsToNoise {
    window_length: f64,
    fft_length: f64,
    /// k and k², k = 1, 2, …, eight numbers at a time.
    numbers: Vec<[F64s; 2]>,
    /// w, w·cos(2πn/L), w·sin(2πn/L).
    window: [Vec<f64>; 3],
}

impl HarmonicsToNoise {
    /// For frames under this Hann window.
    pub fn new(window: &[f32], fft_length: usize) -> Self {
        let length = window.len() as f64;
        let angle = |n: usize| std::f64::consts::TAU * n as f64 / length;
        let weighted = |turn: fn(f64) -> f64| {
            let weights = window.iter().enumerate();
            weights
                .map(|(n, &w)| f64::from(w) * turn(angle(n)))
                .collect()
        };
        Self {
            window_length: length,
            fft_length: fft_length as f64,
            numbers: (1..=fft_length / 2)
                .step_by(LANES)
                .map(|k| {
                    let k = F64s(std::array::from_fn(|i| (k + i) as f64));
                    [k, k * k]
                })
                .collect(),
            window: [weighted(|_| 1.0), weighted(libm::cos), weighted(libm::sin)],
        }
    }

    /// The exact pitch near `f0_hz` of the frame `samples`, from its power spectrum below bin `used`, and its ratio, from all of it.
    pub fn measure(&self, samples: &[f32], power: &[f64], used: usize, f0_hz: f32) -> Voice {
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
        let value = self.height(whole, period);
        // The spectrum is one-sided, so a mean stands in it once and everything else twice.
        let products = (2.0 * value + whole[0]) / self.fft_length;
        let height = products / self.energy(samples, period);
        Voice {
            f0_hz: (RATE_HZ / period) as f32,
            noise: (1.0 - height) as f32,
        }
    }

    /// The autocorrelation of the windowed frame at a lag of `period` samples, and its two derivatives.
    fn correlation(&self, power: &[f64], period: f64) -> [f64; 3] {
        let angle = std::f64::consts::TAU * period / self.fft_length;
        widest(
            #[inline(always)]
            || sums(&power[1..], &self.numbers, angle),
        )
        .map_derivatives(std::f64::consts::TAU / self.fft_length)
    }

    /// The first of [`correlation`](Self::correlation) alone.
    fn height(&self, power: &[f64], period: f64) -> f64 {
        let angle = std::f64::consts::TAU * period / self.fft_length;
        let Sums([value]) = widest(
            #[inline(always)]
            || sums(&power[1..], &self.numbers, angle),
        );
        value
    }

    /// E: the mean energy of the samples that are multiplied at a lag, under their windows.
    fn energy(&self, samples: &[f32], lag: f64) -> f64 {
        // One window before the sample, or one behind, is 0 beyond these.
        let (low, high) = (
            lag.ceil() as usize,
            (self.window_length - lag).ceil() as usize,
        );
        let part = |range: std::ops::Range<usize>| {
            let [flat, cos, sin] = &self.window;
            widest(
                #[inline(always)]
                || {
                    let windows = [
                        &flat[range.clone()],
                        &cos[range.clone()],
                        &sin[range.clone()],
                    ];
                    weighted_energies(&samples[range.clone()], windows)
                },
            )
        };
        let (before, inner, behind) = (part(0..low), part(low..high), part(high..samples.len()));
        let (turn_sin, turn_cos) = libm::sincos(std::f64::consts::TAU * lag / self.window_length);
        // w(n ± τ) = ½ − ½·(cos(2πn/L)·cos(2πτ/L) ∓ sin(2πn/L)·sin(2πτ/L))
        let sum = |end: [f64; 3], sign: f64| {
            let [flat, cos, sin]: [f64; 3] = std::array::from_fn(|i| inner[i] + end[i]);
            0.5 * (flat - cos * turn_cos + sign * sin * turn_sin)
        };
        0.5 * (sum(before, 1.0) + sum(behind, -1.0))
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

/// Σ w·x² for each of three windows.
#[inline(always)]
fn weighted_energies(samples: &[f32], windows: [&[f64]; 3]) -> [f64; 3] {
    let mut sums = [F64s::default(); 3];
    let (blocks, rest) = samples.as_chunks::<LANES>();
    for (place, x) in blocks.iter().enumerate() {
        let x = F32s(*x).widen();
        for (sum, window) in sums.iter_mut().zip(windows) {
            *sum += F64s(window.as_chunks().0[place]) * x * x;
        }
    }
    for (sum, window) in sums.iter_mut().zip(windows) {
        let window = &window[LANES * blocks.len()..];
        for (i, (&x, w)) in rest.iter().zip(window).enumerate() {
            sum.0[i] += w * f64::from(x) * f64::from(x);
        }
    }
    totals(&sums)
}

/// Σ P_k cos kθ, Σ k P_k sin kθ, Σ k² P_k cos kθ, or the first of these.
struct Sums<const N: usize>([f64; N]);

impl Sums<3> {
    fn map_derivatives(self, scale: f64) -> [f64; 3] {
        let [value, slope, bend] = self.0;
        [value, -scale * slope, -scale * scale * bend]
    }
}

/// Eight bins at a time; their cosines are turned on by 8θ.
#[inline(always)]
fn sums<const N: usize>(power: &[f64], numbers: &[[F64s; 2]], angle: f64) -> Sums<N> {
    let (cos, sin) = cosines_and_sines(&(angle * numbers[0][0]).0);
    let (mut cos, mut sin) = (F64s(cos), F64s(sin));
    let turn = |wave: F64s| F64s::splat(wave.0[LANES - 1]);
    let (turn_cos, turn_sin) = (turn(cos), turn(sin));
    let mut sums = [F64s::default(); N];
    let (chunks, rest) = power.as_chunks::<LANES>();
    let mut last = [0.0; LANES];
    last[..rest.len()].copy_from_slice(rest);
    let powers = chunks.iter().chain(std::iter::once(&last));
    for (&p, &[k, square]) in powers.zip(numbers) {
        let p = F64s(p);
        let even = p * cos;
        sums[0] += even;
        if N == 3 {
            sums[1] += k * p * sin;
            sums[2] += square * even;
        }
        let turned = cos * turn_cos - sin * turn_sin;
        sin = cos * turn_sin + sin * turn_cos;
        cos = turned;
    }
    Sums(totals(&sums))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sums_are_the_textbook_ones() {
        let power: Vec<f64> = (0..321)
            .map(|k| f64::from(((k * k) as f32 * 0.37).sin().abs()))
            .collect();
        let noise = HarmonicsToNoise::new(&crate::frame::window::hann(768), 1024);
        let found = noise.correlation(&power, 97.3);
        let angle = std::f64::consts::TAU * 97.3 / 1024.0;
        let mut want = 0.0;
        for (k, &p) in power.iter().enumerate().skip(1) {
            want += p * (k as f64 * angle).cos();
        }
        assert!((found[0] - want).abs() < 1e-9, "{found:?} {want}");
        let step = 1e-5;
        let slope = (noise.correlation(&power, 97.3 + step)[0]
            - noise.correlation(&power, 97.3 - step)[0])
            / (2.0 * step);
        assert!((found[1] - slope).abs() < 1e-5, "{found:?} {slope}");
        let bend = (noise.correlation(&power, 97.3 + step)[1]
            - noise.correlation(&power, 97.3 - step)[1])
            / (2.0 * step);
        assert!((found[2] - bend).abs() < 1e-5, "{found:?} {bend}");
    }

    #[test]
    fn the_window_is_that_of_the_samples() {
        let window = crate::frame::window::hann(768);
        let products = |lag: usize| -> f64 {
            let pairs = window.iter().zip(&window[lag..]);
            pairs.map(|(&a, &b)| f64::from(a) * f64::from(b)).sum()
        };
        let noise = HarmonicsToNoise::new(&crate::frame::window::hann(768), 1024);
        for lag in [0, 20, 100, 256] {
            let want = products(lag) / products(0);
            assert!((noise.window(lag as f64).0 - want).abs() < 1e-4, "{lag}");
        }
    }
}
