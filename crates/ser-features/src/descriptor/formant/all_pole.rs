//! Formants: the resonances of the all-pole filter whose spectrum goes through the harmonics.
//!
//! ```text
//! 1/|A(ω_h)|² ≈ P_h,   A(z) = Σ a_k z^−k, k = 0 … 10,   at the harmonics h of the frame, and nowhere else
//! R_ij = 1/n·Σ_h P_h cos(ω_h(i − j)),    g_i = 1/n·Σ_h Re[e^{−jω_h i}/A(ω_h)],    a ← (1 − α)·a + α·R⁻¹g
//! F = arg z · 10 kHz/2π,   B = −ln|z| · 10 kHz/π       of the roots z of A
//! ```
//!
//! A. El-Jaroudi, J. Makhoul (1991), "Discrete all-pole modeling", IEEE Trans. Signal Processing 39, 411–423. Ordinary linear
//! prediction fits the whole spectrum of a voice, which is a comb, and is drawn to its teeth: at F0 = 250 Hz F1 is off by up to
//! 11 %. The discrete model is told where the teeth are. It needs no second sample rate: harmonics up to 5 kHz are mapped on a
//! unit circle of 10 kHz, where five pairs of poles are five formants of a vocal tract of 17.5 cm. One range for men and women: on Emo-DB its
//! medians follow Praat's, whose range is set by the speaker's gender (docs/errata.md). The tilt of the source, −6 dB per octave with
//! radiation, is taken off P_h first: 1 + (f/20 Hz)².
//!
//! Where the fundamental stands 4 dB or more above all other harmonics (soft and breathy voices), F1 lies on its slope, one pole of the
//! discrete model becomes a hair on the fundamental, and the rest fits noise. There the start of the iteration is kept, ordinary linear
//! prediction of the harmonics, which is broad enough. Above 195 Hz harmonics are so far apart that a strong fundamental is the rule, and linear
//! prediction the worse of the two. (On Emo-DB this rule raises the correlation of F1 with Praat from .72 to .92.)
//!
//! A recording made at 8 kHz has nothing above 4 kHz, and an all-pole model through the cliff spends its poles there. Where the harmonics of a frame
//! fall by 50 dB or more from 2.6–3.7 to above 4.15 kHz, those above 3.8 kHz are replaced by what voices have there in the mean, after
//! pre-emphasis 3 dB less than from 2.6 to 3.7 kHz. (Voices do not fall off like that: the steepest shouted vowels do by 27 dB within 500 Hz. Of 3, 4, 6, 8 and 10 dB,
//! 3 was chosen on Emo-DB, where F1 at 8 kHz then differs least from F1 at 16 kHz; on CREMA-D, which had no part in it, F1, F2 and F3 come nearer too.) Tried, no
//! gain: a model of four pairs of poles up to 4 kHz, whose F1 differs from that of the whole band by 4.1 % instead of 2.6 (Emo-DB, means of recordings).
//!
//! Roots with more than 2 kHz bandwidth, or outside 60 Hz … 98 % of the band, are no formants. Which of the rest is which formant is decided by
//! `track`, which prefers narrow ones.
//!
//! Corrected: sign of the polynomial; a whole frame, with a window, at one sample rate; pre-emphasis; a limit on the bandwidth.

use crate::descriptor::HIGHEST_HZ;
use crate::descriptor::harmonic::corrected::{Harmonics, MOST};
use crate::lanes::{F64s, LANES, totals, widest};
use crate::spectrum::cosine::cosines_and_sines;
use crate::spectrum::exponential::exponentiate;
use crate::spectrum::logarithm::ln;
use crate::spectrum::prediction::ORDER;
use crate::spectrum::roots::roots;
use crate::spectrum::toeplitz::Toeplitz;

/// Coefficients: two poles per kHz up to 5 kHz, and one.
const TERMS: usize = 11;
/// Where harmonics of a narrow band, which ends at the Nyquist frequency of telephony, are no longer believed.
const NARROW_HZ: f32 = 3800.0;
/// How far a voice falls beyond, in nepers of power: 3 dB.
const NARROW_FALL: f32 = 0.3 * std::f32::consts::LN_10;
/// Bands whose mean levels are compared to tell a narrow band from a wide one, and how much there is in between, in nepers of power: 50 dB.
const BELOW_END_HZ: std::ops::Range<f32> = 2600.0..3700.0;
const ABOVE_END_HZ: std::ops::Range<f32> = 4150.0..5000.0;
const CLIFF: f32 = 5.0 * std::f32::consts::LN_10;
/// Fewest harmonics that say anything.
const FEWEST: usize = 3;
/// Vectors of harmonics.
const BLOCKS: usize = MOST.div_ceil(LANES);
/// Lags whose sums are formed together.
const TOGETHER: usize = 6;
/// Steps of the iteration, and how far each goes.
const STEPS: usize = 11;
const STEP: f64 = 0.8;
/// Added to R_00, relative: with few harmonics R is close to singular.
const RIDGE: f64 = 1e-6;
const EMPHASIS_FROM_HZ: f64 = 20.0;
const LOWEST_HZ: f32 = 60.0;
/// Part of the band in which roots are formants.
const LAST: f32 = 0.98;
const WIDEST_HZ: f32 = 2000.0;
/// How far the fundamental stands above the other harmonics where F1 lies on its slope, in nepers of power: 4 dB.
const DOMINANT: f32 = 0.4 * std::f32::consts::LN_10;
/// Pitch above which a dominant fundamental means nothing.
const DOMINANT_BELOW_HZ: f32 = 195.0;

/// Candidates of a frame.
pub(crate) const CANDIDATES: usize = 5;

/// Frequency and bandwidth; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Resonance {
    pub hz: f32,
    pub bandwidth_hz: f32,
    /// Does the voice stand out of the background there? `background` decides.
    pub is_clear: bool,
}

impl Resonance {
    /// None.
    pub const ABSENT: Self = Self {
        hz: f32::NAN,
        bandwidth_hz: f32::NAN,
        is_clear: false,
    };
}

/// The resonances of a frame by frequency, absent ones last.
pub(crate) type Resonances = [Resonance; CANDIDATES];

/// Memory of the fit of eight frames.
#[derive(Clone, Debug)]
pub(crate) struct AllPole {
    frames: Box<[Waves; LANES]>,
}

impl AllPole {
    /// Reserves memory.
    pub fn new() -> Self {
        Self {
            frames: Box::new(std::array::from_fn(|_| Waves::default())),
        }
    }

    /// The resonances of frames with these harmonics, eight at a time.
    pub fn measure<'a>(
        &'a mut self,
        harmonics: &'a [Harmonics],
    ) -> impl Iterator<Item = Resonances> + 'a {
        harmonics.chunks(LANES).flat_map(|group| {
            let filters = self.filters(group);
            let found = filters.map(|filter| {
                filter.map_or([Resonance::ABSENT; CANDIDATES], |filter| {
                    resonances(&filter)
                })
            });
            found.into_iter().take(group.len())
        })
    }

    /// The filters through the harmonics of up to eight frames; `None` where there are too few.
    fn filters(&mut self, group: &[Harmonics]) -> [Option<[f64; TERMS]>; LANES] {
        let (mut exists, mut moves) = ([false; LANES], [false; LANES]);
        for (lane, harmonics) in group.iter().enumerate() {
            if harmonics.count < FEWEST {
                continue;
            }
            exists[lane] = true;
            moves[lane] = if is_narrow(harmonics) {
                self.frames[lane].load(&continued(harmonics))
            } else {
                self.frames[lane].load(harmonics)
            };
        }
        widest(
            #[inline(always)]
            || fit(&mut self.frames, exists, moves),
        )
    }
}

/// The harmonics of a frame.
#[derive(Clone, Debug, Default)]
struct Waves {
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
    /// Takes in the harmonics; true where the iteration goes on from ordinary linear prediction of them.
    fn load(&mut self, harmonics: &Harmonics) -> bool {
        let count = harmonics.count;
        self.used = count.div_ceil(LANES);
        self.count = count as f64;
        widest(
            #[inline(always)]
            || self.turn(harmonics),
        );
        !is_dominated(harmonics)
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
    fn correlations(&self) -> [f64; TERMS] {
        let mut parts = [F64s::default(); TERMS];
        even(&self.eights[..self.used], |eight| eight.power, &mut parts);
        totals(&parts).map(|r| r / self.count)
    }

    /// g: the mean over the harmonics of Re[e^{−jωi}/A(ω)].
    #[inline(always)]
    fn response(&mut self, a: &[f64; TERMS]) -> [f64; TERMS] {
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
        let mut of_cosines = [F64s::default(); TERMS];
        let mut of_sines = [F64s::default(); TERMS - 1];
        even(eights, |eight| eight.re, &mut of_cosines);
        odd(eights, |eight| eight.im, &mut of_sines);
        let (even, odd) = (totals(&of_cosines), totals(&of_sines));
        let mut response = even;
        for (response, odd) in response[1..].iter_mut().zip(odd) {
            *response += odd;
        }
        response.map(|response| response / self.count)
    }
}

/// Adds the products of numbers with the cosines of each lag to the parts of their sums: those of as many lags at a time as stay in registers.
#[inline(always)]
fn even(eights: &[Eight], numbers: impl Fn(&Eight) -> F64s, parts: &mut [F64s; TERMS]) {
    let (low, high) = parts.split_at_mut(TOGETHER);
    for eight in eights {
        add_products(numbers(eight), &eight.cos[..TOGETHER], low);
    }
    for eight in eights {
        add_products(numbers(eight), &eight.cos[TOGETHER..], high);
    }
}

/// The same with the sines.
#[inline(always)]
fn odd(eights: &[Eight], numbers: impl Fn(&Eight) -> F64s, parts: &mut [F64s; TERMS - 1]) {
    let (low, high) = parts.split_at_mut(TOGETHER);
    for eight in eights {
        add_products(numbers(eight), &eight.sin[..TOGETHER], low);
    }
    for eight in eights {
        add_products(numbers(eight), &eight.sin[TOGETHER..], high);
    }
}

/// The coefficients a₀ … a₁₀ of each frame that exists; `None` where the equations have no solution. Those that do not move keep the start of the iteration.
#[inline(always)]
fn fit(
    frames: &mut [Waves; LANES],
    exists: [bool; LANES],
    mut moves: [bool; LANES],
) -> [Option<[f64; TERMS]>; LANES] {
    // Lanes without a frame solve equations that have a solution.
    let mut r = [F64s::default(); TERMS];
    r[0] = F64s::splat(1.0);
    for lane in (0..LANES).filter(|&lane| exists[lane]) {
        set_lane(&mut r, lane, frames[lane].correlations());
    }
    r[0] = (1.0 + RIDGE) * r[0];
    let factor = Toeplitz::factored(&r);
    // The start is ordinary linear prediction, R·a = (g, 0, …, 0), scaled to the gain.
    let mut impulse = [F64s::default(); TERMS];
    impulse[0] = F64s::splat(1.0);
    let mut a = factor.solve(&impulse);
    let scale = a[0].map(f64::sqrt);
    for a in &mut a {
        *a = a.over(scale);
    }
    let solvable = factor.is_solvable();
    for (moves, solvable) in moves.iter_mut().zip(solvable) {
        *moves &= solvable;
    }
    for _ in 0..STEPS {
        if moves == [false; LANES] {
            break;
        }
        let mut response = [F64s::default(); TERMS];
        for lane in (0..LANES).filter(|&lane| moves[lane]) {
            set_lane(
                &mut response,
                lane,
                frames[lane].response(&a.map(|a| a.0[lane])),
            );
        }
        let target = factor.solve(&response);
        let mut change = F64s::default();
        for (a, target) in a.iter_mut().zip(target) {
            let step = STEP * (target - *a);
            let moved = *a + step;
            change += step * step;
            for (lane, &moves) in moves.iter().enumerate() {
                a.0[lane] = if moves { moved.0[lane] } else { a.0[lane] };
            }
        }
        for (lane, moves) in moves.iter_mut().enumerate() {
            let is_settled = change.0[lane] < 1e-8 * a[0].0[lane] * a[0].0[lane];
            *moves &= !is_settled;
        }
    }
    std::array::from_fn(|lane| {
        let a = a.map(|a| a.0[lane]);
        let is_found = exists[lane] && solvable[lane] && a.iter().all(|a| a.is_finite());
        is_found.then_some(a)
    })
}

/// Places the values of one frame beside those of the others.
#[inline(always)]
fn set_lane<const N: usize>(lanes: &mut [F64s; N], lane: usize, values: [f64; N]) {
    for (lanes, value) in lanes.iter_mut().zip(values) {
        lanes.0[lane] = value;
    }
}

/// The products of eight numbers with their cosines or sines of some lags, as parts of their sums.
#[inline(always)]
fn add_products(numbers: F64s, waves: &[F64s], parts: &mut [F64s]) {
    for (parts, &wave) in parts.iter_mut().zip(waves) {
        *parts += numbers * wave;
    }
}

/// Does the recording end at 4 kHz, as one at 8 kHz does? The levels of its harmonics then fall off a cliff.
fn is_narrow(harmonics: &Harmonics) -> bool {
    let mean = |band: std::ops::Range<f32>| {
        let (mut sum, mut count) = (0.0, 0.0);
        for h in (0..harmonics.count).filter(|&h| band.contains(&harmonics.hz[h])) {
            sum += harmonics.level[h];
            count += 1.0;
        }
        // Not a number without harmonics, which is no cliff.
        sum / count
    };
    mean(BELOW_END_HZ) - mean(ABOVE_END_HZ) > CLIFF
}

/// Levels of a narrow band, continued beyond its end as flat as voices are in the mean.
fn continued(harmonics: &Harmonics) -> Harmonics {
    let emphasis = |hz: f32| ln(1.0 + (hz / EMPHASIS_FROM_HZ as f32).powi(2));
    let (mut sum, mut count) = (0.0, 0.0);
    for h in (0..harmonics.count).filter(|&h| BELOW_END_HZ.contains(&harmonics.hz[h])) {
        sum += harmonics.level[h] + emphasis(harmonics.hz[h]);
        count += 1.0;
    }
    let level = sum / count - NARROW_FALL;
    let mut whole = *harmonics;
    for h in (0..harmonics.count).filter(|&h| harmonics.hz[h] > NARROW_HZ) {
        whole.hz[h] = (h + 1) as f32 * harmonics.f0_hz;
        whole.level[h] = level - emphasis(whole.hz[h]);
    }
    whole
}

/// Is the fundamental so strong that F1 lies on its slope?
fn is_dominated(harmonics: &Harmonics) -> bool {
    let others = &harmonics.level[1..harmonics.count];
    let strongest = others.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    harmonics.f0_hz < DOMINANT_BELOW_HZ && harmonics.level[0] - strongest > DOMINANT
}

/// Frequencies and bandwidths of the roots that may be formants.
fn resonances(filter: &[f64; TERMS]) -> Resonances {
    let mut found = [Resonance::ABSENT; CANDIDATES];
    let mut monic = [0.0; ORDER];
    for (coefficient, a) in monic.iter_mut().zip(&filter[1..]) {
        *coefficient = a / filter[0];
    }
    let (roots, count) = roots(&monic);
    let rate = 2.0 * HIGHEST_HZ;
    let last_hz = LAST * HIGHEST_HZ as f32;
    let mut kept = 0;
    for root in roots[..count].iter().filter(|root| root.im > 0.0) {
        let hz = (libm::atan2(root.im, root.re) * rate / std::f64::consts::TAU) as f32;
        // A root outside the circle has the spectrum of its mirror image.
        let bandwidth_hz = (0.5 * libm::log(root.norm())).abs() * rate / std::f64::consts::PI;
        let bandwidth_hz = bandwidth_hz as f32;
        if (LOWEST_HZ..=last_hz).contains(&hz) && bandwidth_hz <= WIDEST_HZ && kept < CANDIDATES {
            found[kept] = Resonance {
                hz,
                bandwidth_hz,
                is_clear: true,
            };
            kept += 1;
        }
    }
    found[..kept].sort_by(|a, b| a.hz.total_cmp(&b.hz));
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Harmonics of `f0` with the spectrum of resonances at 10 kHz, and the tilt that the pre-emphasis takes off.
    fn harmonics(f0: f64, resonances: &[(f64, f64)]) -> Harmonics {
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

    fn one(fit: &mut AllPole, harmonics: &Harmonics) -> Resonances {
        fit.measure(std::slice::from_ref(harmonics)).next().unwrap()
    }

    #[test]
    fn frames_do_not_hear_each_other() {
        let vowel = [(500.0, 60.0), (1500.0, 90.0), (2500.0, 120.0)];
        let mut fit = AllPole::new();
        let frames: Vec<_> = (0..19)
            .map(|i| {
                harmonics(
                    if i == 5 {
                        2000.0
                    } else {
                        80.0 + 17.0 * f64::from(i)
                    },
                    &vowel,
                )
            })
            .collect();
        let together: Vec<_> = fit.measure(&frames).collect();
        assert_eq!(together.len(), frames.len());
        for (frame, found) in frames.iter().zip(together) {
            let bits = |found: Resonances| found.map(|r| [r.hz, r.bandwidth_hz].map(f32::to_bits));
            assert_eq!(bits(found), bits(one(&mut AllPole::new(), frame)));
        }
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

    #[test]
    fn planted_resonances_come_back_at_any_pitch() {
        let vowels = [
            [
                (700.0, 80.0),
                (1200.0, 90.0),
                (2600.0, 120.0),
                (3500.0, 150.0),
                (4400.0, 200.0),
            ],
            [
                (300.0, 60.0),
                (800.0, 80.0),
                (2300.0, 120.0),
                (3400.0, 150.0),
                (4300.0, 200.0),
            ],
            [
                (280.0, 60.0),
                (2250.0, 90.0),
                (2950.0, 120.0),
                (3600.0, 150.0),
                (4500.0, 200.0),
            ],
        ];
        let mut fit = AllPole::new();
        for vowel in vowels {
            for f0 in [80.0, 120.0, 170.0, 210.0] {
                let found = one(&mut fit, &harmonics(f0, &vowel));
                for (found, (hz, _)) in found.iter().zip(vowel) {
                    let error = f64::from(found.hz) / hz - 1.0;
                    assert!(error.abs() < 0.03, "{f0} Hz, {hz}: {found:?}");
                }
            }
        }
    }

    #[test]
    fn a_band_that_ends_at_4_khz_has_the_formants_below() {
        let vowel = [
            (500.0, 60.0),
            (1500.0, 90.0),
            (2500.0, 120.0),
            (3500.0, 150.0),
            (4400.0, 200.0),
        ];
        let mut fit = AllPole::new();
        for f0 in [90.0, 130.0, 180.0] {
            let mut narrow = harmonics(f0, &vowel);
            for h in 0..narrow.count {
                if narrow.hz[h] > 4000.0 {
                    narrow.level[h] -= 20.0;
                }
            }
            let found = one(&mut fit, &narrow);
            for (found, (hz, _)) in found.iter().zip(&vowel[..3]) {
                let error = f64::from(found.hz) / hz - 1.0;
                assert!(error.abs() < 0.03, "{f0} Hz, {hz}: {found:?}");
            }
        }
    }

    #[test]
    fn too_few_harmonics_have_no_resonances() {
        let none = one(&mut AllPole::new(), &harmonics(2000.0, &[(500.0, 80.0)]));
        assert!(none.iter().all(|r| r.hz.is_nan()));
    }
}
