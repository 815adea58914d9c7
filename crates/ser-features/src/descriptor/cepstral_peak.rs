//! Cepstral peak prominence, smoothed: how far the voice's comb stands out of the spectrum.
//!
//! ```text
//! c(q) = 2/Σ_k h_k · Σ_k h_k·(L_k − trend_k)·cos(2π·k·q/N),   L_k = 10·log₁₀ P_k up to 5 kHz, h: Hann, trend: the straight line through L
//! C(q) = 10·log₁₀ (mean of c² over three frames and over q ± 0.25 ms)                                [dB]
//! CPPS = C(q*) − line(q*),   q* the maximum of C within 1/500 … 1/60 s; line: through C(q) from 1 to 16.7 ms
//! ```
//!
//! J. Hillenbrand, R. A. Houde (1996), "Acoustic correlates of breathy vocal quality: dysphonic voices and continuous speech", J. Speech Hear. Res. 39,
//! 311–321. A comb whose level goes up and down by ± A dB gives c = A at its period.

use crate::descriptor::CORRECTED_RATE_HZ;
use crate::lanes::widest;
use crate::spectrum::logarithm::{ln, log10};

/// Quefrencies in samples: 1 to 16.7 ms, a whole number of vectors.
const FIRST: usize = 16;
const COUNT: usize = 256;
const WIDTH: usize = 8;
/// The shortest period of a voice: 500 Hz.
const SHORTEST: usize = CORRECTED_RATE_HZ as usize / 500;
/// Half the smoothing over quefrency, in samples, and over time, in frames.
const REACH: usize = 4;
const REACH_FRAMES: usize = 1;
const DB_PER_NEPER: f32 = 10.0 / std::f32::consts::LN_10;
/// −120 dB: the cepstrum of nothing.
const LEAST: f32 = 1e-12;

/// c² of a frame at the quefrencies from [`FIRST`] on.
pub(crate) type Cepstrum = Box<[f32; COUNT]>;

/// Plans cepstra of power spectra of one length.
#[derive(Clone, Debug)]
pub(crate) struct CepstralPeak {
    window: Vec<f32>,
    /// Cosine and sine of 2π·q/N.
    turn: Vec<[[f32; WIDTH]; 2]>,
    level: Vec<f32>,
}

impl CepstralPeak {
    /// For the `bins` lowest bins of transforms of `fft_length`.
    pub fn new(bins: usize, fft_length: usize) -> Self {
        let angle = |q: usize| std::f64::consts::TAU * q as f64 / fft_length as f64;
        let turn = |v: usize| {
            let q = |i: usize| FIRST + v * WIDTH + i;
            [
                std::array::from_fn(|i| libm::cos(angle(q(i))) as f32),
                std::array::from_fn(|i| libm::sin(angle(q(i))) as f32),
            ]
        };
        Self {
            window: crate::frame::window::hann(bins),
            turn: (0..COUNT / WIDTH).map(turn).collect(),
            level: Vec::with_capacity(bins),
        }
    }

    /// The cepstrum of a frame with this power spectrum.
    pub fn cepstrum(&mut self, power: &[f32]) -> Cepstrum {
        let Self {
            window,
            turn,
            level,
        } = self;
        level.clear();
        let decibels = |&p: &f32| DB_PER_NEPER * ln(p.max(f32::MIN_POSITIVE));
        level.extend(power[..window.len()].iter().map(decibels));
        take_trend_off(level);
        let weights: f32 = window.iter().sum();
        for (level, weight) in level.iter_mut().zip(window) {
            *level *= 2.0 / weights * *weight;
        }
        let mut squares = Box::new([0.0; COUNT]);
        widest(
            #[inline(always)]
            || {
                for (squares, [turn_cos, turn_sin]) in squares
                    .as_chunks_mut::<WIDTH>()
                    .0
                    .iter_mut()
                    .zip(turn.iter())
                {
                    let (mut cos, mut sin) = ([1.0_f32; WIDTH], [0.0_f32; WIDTH]);
                    let mut sum = [0.0_f32; WIDTH];
                    for &level in level.iter() {
                        for i in 0..WIDTH {
                            sum[i] += level * cos[i];
                            let turned = cos[i] * turn_cos[i] - sin[i] * turn_sin[i];
                            sin[i] = cos[i] * turn_sin[i] + sin[i] * turn_cos[i];
                            cos[i] = turned;
                        }
                    }
                    *squares = sum.map(|c| c * c);
                }
            },
        );
        squares
    }
}

/// The prominence in dB of each frame of a stretch.
pub(crate) fn prominences_db(stretch: &[Cepstrum]) -> Vec<f32> {
    (0..stretch.len())
        .map(|t| {
            let last = (t + REACH_FRAMES).min(stretch.len() - 1);
            let near = &stretch[t.saturating_sub(REACH_FRAMES)..=last];
            let mut squares = [0.0; COUNT];
            for frame in near {
                for (sum, square) in squares.iter_mut().zip(frame.iter()) {
                    *sum += square / near.len() as f32;
                }
            }
            prominence_db(&squares)
        })
        .collect()
}

fn prominence_db(squares: &[f32; COUNT]) -> f32 {
    let mut level: Vec<f32> = (0..COUNT)
        .map(|q| {
            let near = &squares[q.saturating_sub(REACH)..(q + REACH + 1).min(COUNT)];
            let mean = near.iter().sum::<f32>() / near.len() as f32;
            10.0 * log10(mean.max(LEAST))
        })
        .collect();
    take_trend_off(&mut level);
    level[SHORTEST - FIRST..]
        .iter()
        .copied()
        .fold(f32::NEG_INFINITY, f32::max)
}

/// Subtracts the straight line through values at equal distances.
fn take_trend_off(values: &mut [f32]) {
    let middle = (values.len() - 1) as f64 / 2.0;
    let (mut sum, mut moment, mut squares) = (0.0, 0.0, 0.0);
    for (i, &value) in values.iter().enumerate() {
        let x = i as f64 - middle;
        sum += f64::from(value);
        moment += x * f64::from(value);
        squares += x * x;
    }
    let (mean, slope) = (sum / values.len() as f64, moment / squares);
    for (i, value) in values.iter_mut().enumerate() {
        *value -= (mean + slope * (i as f64 - middle)) as f32;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power spectrum of a comb of ± `depth_db` at `f0_hz`, on a slope.
    fn comb(f0_hz: f64, depth_db: f64) -> Vec<f32> {
        let level = |k: usize| {
            let hz = k as f64 * 15.625;
            let phase = std::f64::consts::TAU * hz / f0_hz;
            depth_db * phase.cos() - hz / 200.0
        };
        (0..321)
            .map(|k| 10_f64.powf(level(k) / 10.0) as f32)
            .collect()
    }

    #[test]
    fn a_comb_of_so_many_decibels_has_a_cepstrum_of_so_many() {
        let mut peak = CepstralPeak::new(321, 1024);
        for (f0_hz, depth_db) in [(100.0, 5.0), (160.0, 10.0), (250.0, 20.0)] {
            let cepstrum = peak.cepstrum(&comb(f0_hz, depth_db));
            let q = (16_000.0 / f0_hz) as usize;
            let found = f64::from(cepstrum[q - FIRST].sqrt());
            assert!((found / depth_db - 1.0).abs() < 0.02, "{f0_hz} Hz: {found}");
            let highest = crate::stats::argmax(cepstrum.iter().copied()) + FIRST;
            assert_eq!(highest, q);
        }
    }

    #[test]
    fn twice_the_comb_is_six_decibels_more_above_the_same_floor() {
        // The floor is planted: a comb at 1 ms has no part in the peak.
        let mut peak = CepstralPeak::new(321, 1024);
        let floor = [1e-2; COUNT];
        let mut prominence = |depth_db: f64| {
            let mut cepstrum = peak.cepstrum(&comb(125.0, depth_db));
            for (c, floor) in cepstrum.iter_mut().zip(floor) {
                *c += floor;
            }
            prominences_db(&[cepstrum])[0]
        };
        let found = prominence(8.0) - prominence(4.0);
        // The line rises a little with the peak.
        assert!((4.5..=6.1).contains(&found), "{found}");
    }

    #[test]
    fn a_straight_line_has_no_trend_left() {
        let mut values: Vec<f32> = (0..9).map(|i| 3.0 - 2.0 * i as f32).collect();
        take_trend_off(&mut values);
        assert!(values.iter().all(|v| v.abs() < 1e-5), "{values:?}");
    }
}
