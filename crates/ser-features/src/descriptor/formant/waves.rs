//! The harmonics of a frame as waves, and sums over them at the lags of an all-pole model.
//!
//! ```text
//! r_i = 1/n·Σ_h P_h cos(ω_h i)            P_h ← P_h·(1 + (f_h/20 Hz)²),   ω_h = 2π·f_h/10 kHz
//! g_i = 1/n·Σ_h Re[e^{−jω_h i}/A(ω_h)]    A(ω) = Σ a_k e^{−jωk}
//! ```
//!
//! Eight harmonics stand side by side; cosines and sines from the second lag on are made by rotation.

use crate::descriptor::HIGHEST_HZ;
use crate::descriptor::harmonic::corrected::{Harmonics, MOST};
use crate::lanes::{F64s, LANES, for_each, totals, widest};
use crate::spectrum::cosine::cosines_and_sines;
use crate::spectrum::exponential::exponentiate;

/// Coefficients: two poles per kHz up to 5 kHz, and one.
pub(super) const TERMS: usize = 11;
/// Vectors of harmonics.
const BLOCKS: usize = MOST.div_ceil(LANES);
/// Lags whose sums are formed together.
const TOGETHER: usize = 6;
/// Above it pre-emphasis rises.
pub(super) const EMPHASIS_FROM_HZ: f64 = 20.0;

/// The harmonics of a frame.
#[derive(Clone, Debug, Default)]
pub(super) struct Waves {
    eights: [Eight; BLOCKS],
    /// Eights in use. The places beyond the harmonics have no power, and their cosines are 0.
    used: usize,
    count: f64,
}

/// Eight harmonics: powers, cosines per lag from 0 on, sines per lag from 1 on.
#[derive(Clone, Copy, Debug, Default)]
struct Eight {
    cos: [F64s; TERMS],
    sin: [F64s; TERMS - 1],
    power: F64s,
    /// 1/A at the last step.
    re: F64s,
    im: F64s,
}

impl Waves {
    /// Takes in the harmonics.
    pub fn load(&mut self, harmonics: &Harmonics) {
        let count = harmonics.count;
        self.used = count.div_ceil(LANES);
        self.count = count as f64;
        widest(
            #[inline(always)]
            || self.turn(harmonics),
        );
    }

    /// The powers, and the cosines and sines: of the first lag from the angle, of those from two on by rotation.
    #[inline(always)]
    fn turn(&mut self, harmonics: &Harmonics) {
        let count = harmonics.count;
        let strongest = harmonics.level[..count]
            .iter()
            .copied()
            .fold(f32::NEG_INFINITY, f32::max);
        let mut relative = harmonics.level.map(|level| level - strongest);
        exponentiate(&mut relative[..LANES * self.used]);
        for block in 0..self.used {
            let from = block * LANES;
            let present = |lane: usize, value: f64| if from + lane < count { value } else { 0.0 };
            // Loops, since what they do would not be inlined from a closure.
            let (mut hz, mut power) = (F64s::default(), F64s::default());
            let places = from..from + LANES;
            let (hz_here, powers) = (&harmonics.hz[places.clone()], &relative[places]);
            for lane in 0..LANES {
                hz.0[lane] = present(lane, f64::from(hz_here[lane]));
                let emphasised = hz.0[lane] / EMPHASIS_FROM_HZ;
                let gain = 1.0 + emphasised * emphasised;
                power.0[lane] = present(lane, gain * f64::from(powers[lane]));
            }
            let angle = hz.map(
                #[inline(always)]
                |hz| std::f64::consts::TAU * hz / (2.0 * HIGHEST_HZ),
            );
            let (cos, sin) = cosines_and_sines(&angle.0);
            let cos = F64s(std::array::from_fn(|lane| present(lane, cos[lane])));
            let sin = F64s(std::array::from_fn(|lane| present(lane, sin[lane])));
            let eight = &mut self.eights[block];
            eight.power = power;
            eight.cos[0] = F64s(std::array::from_fn(|lane| present(lane, 1.0)));
            let (mut c, mut s) = (cos, sin);
            for i in 1..TERMS {
                (eight.cos[i], eight.sin[i - 1]) = (c, s);
                (c, s) = (c * cos - s * sin, c * sin + s * cos);
            }
        }
    }

    /// r: the mean over the harmonics of P·cos(ωi).
    #[inline(always)]
    pub fn correlations(&self) -> [f64; TERMS] {
        let eights = &self.eights[..self.used];
        let sums = sums_of_products::<TERMS, 5>(eights, |eight| eight.power, |eight| &eight.cos);
        sums.map(|r| r / self.count)
    }

    /// g: the mean over the harmonics of Re[e^{−jωi}/A(ω)].
    #[inline(always)]
    pub fn response(&mut self, a: &[f64; TERMS]) -> [f64; TERMS] {
        let eights = &mut self.eights[..self.used];
        for eight in &mut *eights {
            let (mut x, mut y) = (F64s::default(), F64s::default());
            for (&a, &cos) in a.iter().zip(&eight.cos) {
                x += a * cos;
            }
            for (&a, &sin) in a[1..].iter().zip(&eight.sin) {
                y = y - a * sin;
            }
            // Places without a harmonic have A = 0 and cosines 0.
            let norm = x * x + y * y;
            let inverse = norm.map(
                #[inline(always)]
                |norm| if norm > 0.0 { 1.0 / norm } else { 0.0 },
            );
            eight.re = x * inverse;
            eight.im = y * -inverse;
        }
        // (re + j·im)·(cos − j·sin)
        let even = sums_of_products::<TERMS, 5>(eights, |eight| eight.re, |eight| &eight.cos);
        let odd =
            sums_of_products::<{ TERMS - 1 }, 4>(eights, |eight| eight.im, |eight| &eight.sin);
        let mut response = even;
        for (response, odd) in response[1..].iter_mut().zip(odd) {
            *response += odd;
        }
        response.map(|response| response / self.count)
    }
}

/// The sums of the products of numbers with the cosines, or the sines, of each lag: those of as many lags at a time as stay in registers, and of the `REST`.
#[inline(always)]
fn sums_of_products<const N: usize, const REST: usize>(
    eights: &[Eight],
    numbers: impl Fn(&Eight) -> F64s,
    waves: impl Fn(&Eight) -> &[F64s; N],
) -> [f64; N] {
    const { assert!(N == TOGETHER + REST) };
    let mut parts = [F64s::default(); N];
    let (low, high) = parts.split_at_mut(TOGETHER);
    low.copy_from_slice(&products::<TOGETHER, N>(eights, &numbers, &waves, 0));
    high.copy_from_slice(&products::<REST, N>(eights, &numbers, &waves, TOGETHER));
    totals(&parts)
}

/// The parts of the sums of `M` lags, from the first one on.
#[inline(always)]
fn products<const M: usize, const N: usize>(
    eights: &[Eight],
    numbers: &impl Fn(&Eight) -> F64s,
    waves: &impl Fn(&Eight) -> &[F64s; N],
    first: usize,
) -> [F64s; M] {
    let mut parts = [F64s::default(); M];
    for eight in eights {
        let number = numbers(eight);
        let waves = &waves(eight)[first..first + M];
        for_each::<M>(|i| parts[i] += number * waves[i]);
    }
    parts
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Harmonics of `f0` with the spectrum of resonances at 10 kHz, and the tilt that the pre-emphasis takes off.
    pub fn harmonics(f0: f64, resonances: &[(f64, f64)]) -> Harmonics {
        let mut harmonics = Harmonics {
            f0_hz: f0 as f32,
            count: 0,
            hz: [0.0; MOST],
            level: [0.0; MOST],
            noise: [0.0; MOST],
        };
        while (harmonics.count + 1) as f64 * f0 < 4900.0 {
            let hz = (harmonics.count + 1) as f64 * f0;
            let w = std::f64::consts::TAU * hz / 10_000.0;
            let mut level = -(1.0 + (hz / 20.0).powi(2)).ln();
            for &(centre, bandwidth) in resonances {
                let r = (-std::f64::consts::PI * bandwidth / 10_000.0).exp();
                let wi = std::f64::consts::TAU * centre / 10_000.0;
                let distance = |angle: f64| 1.0 - 2.0 * r * angle.cos() + r * r;
                level -= (distance(w - wi) * distance(w + wi)).ln();
            }
            harmonics.hz[harmonics.count] = hz as f32;
            harmonics.level[harmonics.count] = level as f32;
            harmonics.count += 1;
        }
        harmonics
    }

    #[test]
    fn sums_have_the_bits_of_plain_loops() {
        let mut waves = Waves::default();
        let few = harmonics(310.0, &[(500.0, 60.0)]);
        for frame in [harmonics(93.0, &[(700.0, 80.0)]), few] {
            waves.load(&frame);
            let mut parts = [[0.0; LANES]; TERMS];
            for eight in &waves.eights[..waves.used] {
                for (i, parts) in parts.iter_mut().enumerate() {
                    for (lane, part) in parts.iter_mut().enumerate() {
                        *part += eight.power.0[lane] * eight.cos[i].0[lane];
                    }
                }
            }
            for (found, parts) in waves.correlations().iter().zip(parts) {
                let want = parts[1..].iter().fold(parts[0], |sum, part| sum + part);
                assert_eq!(found.to_bits(), (want / waves.count).to_bits());
            }
            let a: [f64; TERMS] = std::array::from_fn(|i| 0.7_f64.powi(i as i32 + 1));
            let (mut even, mut odd) = ([[0.0; LANES]; TERMS], [[0.0; LANES]; TERMS]);
            for eight in &waves.eights[..waves.used] {
                for lane in 0..LANES {
                    let cos = |i: usize| eight.cos[i].0[lane];
                    let sin = |i: usize| {
                        if i == 0 {
                            0.0
                        } else {
                            eight.sin[i - 1].0[lane]
                        }
                    };
                    let x = (0..TERMS).fold(0.0, |x, i| x + a[i] * cos(i));
                    let y = (0..TERMS).fold(0.0, |y, i| y - a[i] * sin(i));
                    let norm: f64 = x * x + y * y;
                    let inverse = if norm > 0.0 { 1.0 / norm } else { 0.0 };
                    for i in 0..TERMS {
                        even[i][lane] += x * inverse * cos(i);
                        odd[i][lane] += y * -inverse * sin(i);
                    }
                }
            }
            let total = |parts: &[f64; LANES]| parts[1..].iter().fold(parts[0], |sum, p| sum + p);
            for (i, found) in waves.response(&a).iter().enumerate() {
                let want = (total(&even[i]) + total(&odd[i])) / waves.count;
                assert_eq!(found.to_bits(), want.to_bits());
            }
        }
    }
}
