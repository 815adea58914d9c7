//! The coefficients of a change of rate: a windowed sinc for every phase between two samples, and the sums of samples with them.
//!
//! ```text
//! h_φ[j] = c·sinc(c·d) · I₀(β·√(1 − (d/H)²)) / I₀(β),                     d = j − H + 1 − φ, in samples of the input
//! c = 2·f_c / from,   f_c = 0.975 · min(from, to)/2,   H = 160 samples of the lower rate,   β = 0.1102·(A − 8.7),   A = 122 dB
//! ```
//!
//! R. E. Crochiere, L. R. Rabiner (1983), *Multirate Digital Signal Processing*, section 4.3 (the polyphase form and the window designs); J. F.
//! Kaiser (1974), "Nonrecursive digital filter design using the I₀-sinh window function", Proc. IEEE ISCAS, 20–23 (window, β, and the length for
//! a stopband of A dB and a transition from 0.95 to 1 of the lower Nyquist frequency). Each h_φ is scaled to a sum of one.
//!
//! Ratios with more phases than a table of 2²⁰ coefficients holds (rates without a common divisor) take the straight line between two of 2048 phases per
//! sample of the lower rate, which is right to −128 dB.

use std::sync::{Arc, Mutex, PoisonError};

use ser_features::lanes::{F32s, F64s, LANES, widest};

/// H, in samples of the lower rate.
const REACH: f64 = 160.0;
/// f_c relative to the lower Nyquist frequency: the middle of the transition.
const CUTOFF: f64 = 0.975;
/// β of 122 dB.
const BETA: f64 = 0.1102 * (122.0 - 8.7);
/// Parts of a sum.
const PARTS: usize = 16;
/// Coefficients of all phases at most.
const LARGEST_TABLE: usize = 1 << 20;
/// Interpolated phases per sample of the lower rate.
const PHASES: f64 = 2048.0;
/// Filters that are kept for the next recording.
const MOST_KEPT: usize = 4;

/// The coefficients of a change of rate.
pub(crate) struct Filter {
    from: u32,
    to: u32,
    /// M and L.
    pub numerator: u64,
    pub denominator: u64,
    /// 2·H in samples of the input, rounded up to whole parts.
    pub taps: usize,
    /// Coefficients of phase p/phases up to the middle, one row of `taps` each: h_(1−φ) is h_φ from the other end.
    rows: Vec<f32>,
    phases: u64,
}

/// The coefficients of one phase, as they are or from the other end.
#[derive(Clone, Copy)]
pub(crate) struct Row<'a> {
    coefficients: &'a [f32],
    mirrored: bool,
}

impl Filter {
    /// The filter for two rates: kept from an earlier recording, or made.
    pub fn shared(from: u32, to: u32) -> Arc<Filter> {
        static KEPT: Mutex<Vec<Arc<Filter>>> = Mutex::new(Vec::new());
        let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.iter().position(|f| (f.from, f.to) == (from, to));
        let filter = match found {
            Some(place) => kept.remove(place),
            None => Arc::new(Filter::new(from, to)),
        };
        // The last used stands last.
        if kept.len() == MOST_KEPT {
            kept.remove(0);
        }
        kept.push(Arc::clone(&filter));
        filter
    }

    fn new(from: u32, to: u32) -> Filter {
        let divisor = greatest_common_divisor(from, to);
        let (numerator, denominator) = (u64::from(from / divisor), u64::from(to / divisor));
        // Samples of the input in one of the lower rate.
        let stretch = (f64::from(from) / f64::from(to)).max(1.0);
        let taps = (2 * (REACH * stretch).ceil() as usize).next_multiple_of(PARTS);
        let exact = denominator as usize * taps <= LARGEST_TABLE;
        let phases = match exact {
            true => denominator,
            false => (PHASES / stretch).ceil() as u64,
        };
        // Where there is but one phase, it is not mirrored.
        let own = phases as usize / 2 + 1;
        let mut rows = vec![0.0; own * taps];
        let mut eight = vec![F64s::default(); taps];
        for (group, rows) in rows.chunks_mut(LANES * taps).enumerate() {
            let phase = |lane: usize| (group * LANES + lane) as f64 / phases as f64;
            let phase = F64s(std::array::from_fn(phase));
            widest(
                #[inline(always)]
                || coefficients(phase, stretch, &mut eight),
            );
            for (lane, row) in rows.chunks_exact_mut(taps).enumerate() {
                for (h, eight) in row.iter_mut().zip(&eight) {
                    *h = eight.0[lane] as f32;
                }
            }
        }
        Filter {
            from,
            to,
            numerator,
            denominator,
            taps,
            rows,
            phases,
        }
    }

    /// Is there a row for every phase?
    pub fn is_exact(&self) -> bool {
        self.phases == self.denominator
    }

    /// The coefficients of phase p/phases; also of 1, where phases are interpolated.
    #[inline(always)]
    pub fn row(&self, phase: u64) -> Row<'_> {
        let mirrored = phase > self.phases / 2;
        let own = if mirrored { self.phases - phase } else { phase };
        Row {
            coefficients: &self.rows[own as usize * self.taps..][..self.taps],
            mirrored,
        }
    }

    /// One output: `remainder`/L beyond the middle of its window.
    pub fn apply(&self, window: &[f32], remainder: u64) -> f32 {
        if self.is_exact() {
            return dot(window, self.row(remainder));
        }
        let place = remainder * self.phases;
        let (phase, beyond) = (place / self.denominator, place % self.denominator);
        let share = beyond as f32 / self.denominator as f32;
        let (before, after) = (
            dot(window, self.row(phase)),
            dot(window, self.row(phase + 1)),
        );
        before + share * (after - before)
    }
}

/// h_φ of eight phases for all taps; `stretch` is max(1, from/to).
#[inline(always)]
fn coefficients(phase: F64s, stretch: f64, rows: &mut [F64s]) {
    let angle = std::f64::consts::PI * CUTOFF / stretch;
    let first = phase + F64s::splat((rows.len() / 2 - 1) as f64);
    let reach = F64s::splat(REACH * stretch);
    let distance = |j: usize| F64s::splat(j as f64) - first;
    // Two windows at once: a long sum of one alone waits for each of its terms (a quarter more time), and four have not enough registers (twice the time).
    for (pair, h) in rows.as_chunks_mut::<2>().0.iter_mut().enumerate() {
        let inside = [2 * pair, 2 * pair + 1].map(
            #[inline(always)]
            |j| {
                let place = distance(j).over(reach);
                F64s::splat(1.0) - place * place
            },
        );
        *h = kaiser(inside);
    }
    // sin of angles in arithmetic progression, by rotation: 10⁻¹³ off after a thousand steps.
    let (turn_sin, turn_cos) = (libm::sin(angle), libm::cos(angle));
    let mut sin = first.map(|first| libm::sin(-first * angle));
    let mut cos = first.map(|first| libm::cos(-first * angle));
    let mut sum = F64s::default();
    for (j, h) in rows.iter_mut().enumerate() {
        let distance = distance(j);
        let sinc = sin.over(distance).zip(
            distance,
            #[inline(always)]
            |sinc, distance| if distance == 0.0 { angle } else { sinc },
        );
        *h = *h * sinc;
        sum += *h;
        (sin, cos) = (
            turn_cos * sin + turn_sin * cos,
            turn_cos * cos - turn_sin * sin,
        );
    }
    for h in rows {
        *h = h.over(sum);
    }
}

/// The windows I₀(β·√u) of u = 1 − (d/H)², without their scale, and 0 outside of them.
#[inline(always)]
fn kaiser<const N: usize>(inside: [F64s; N]) -> [F64s; N] {
    let square = inside.map(
        #[inline(always)]
        |inside| BETA * BETA * inside.map(|u| u.max(0.0)),
    );
    let windows = bessel_i0_of_square(square);
    std::array::from_fn(
        #[inline(always)]
        |n| {
            windows[n].zip(
                inside[n],
                #[inline(always)]
                |window, u| if u > 0.0 { window } else { 0.0 },
            )
        },
    )
}

/// I₀(x) of x², up to β²: the modified Bessel function Σ_k (x²/4)^k / k!², whose terms left out are below 10⁻¹⁵ of the sum.
#[inline(always)]
fn bessel_i0_of_square<const N: usize>(square: [F64s; N]) -> [F64s; N] {
    const TERMS: usize = 32;
    /// 1/k!².
    const WEIGHTS: [f64; TERMS] = {
        let mut weights = [1.0; TERMS];
        let mut k = 1;
        while k < TERMS {
            weights[k] = weights[k - 1] / (k * k) as f64;
            k += 1;
        }
        weights
    };
    let mut sums = [F64s::splat(WEIGHTS[TERMS - 1]); N];
    for &weight in WEIGHTS[..TERMS - 1].iter().rev() {
        for (sum, &square) in sums.iter_mut().zip(&square) {
            *sum = *sum * (0.25 * square) + F64s::splat(weight);
        }
    }
    sums
}

/// Σ xᵢ·hᵢ in 16 interleaved parts, which are then added pairwise.
fn dot(window: &[f32], row: Row<'_>) -> f32 {
    let [sum] = widest(
        #[inline(always)]
        || dots([window], row),
    );
    sum
}

/// Σ xᵢ·hᵢ of several windows with one row, each as [`Filter::apply`] sums. All have the row's length, a whole number of parts.
#[inline(always)]
pub(crate) fn dots<const N: usize>(windows: [&[f32]; N], row: Row<'_>) -> [f32; N] {
    let rows = row.coefficients.as_chunks::<PARTS>().0;
    let parts = match row.mirrored {
        false => parts(
            windows,
            rows.iter().map(
                #[inline(always)]
                |parts| {
                    halves(
                        #[inline(always)]
                        |i| parts[i],
                    )
                },
            ),
        ),
        true => parts(
            windows,
            rows.iter().rev().map(
                #[inline(always)]
                |parts| {
                    halves(
                        #[inline(always)]
                        |i| parts[PARTS - 1 - i],
                    )
                },
            ),
        ),
    };
    parts.map(|parts| total(&parts))
}

/// The parts of the sums with coefficients that come 16 at a time.
#[inline(always)]
fn parts<const N: usize>(
    windows: [&[f32]; N],
    rows: impl ExactSizeIterator<Item = [F32s; 2]>,
) -> [[F32s; 2]; N] {
    // Told once to be as long as the row, which then goes without saying in the loop.
    let windows = windows.map(
        #[inline(always)]
        |window| &window.as_chunks::<PARTS>().0[..rows.len()],
    );
    let mut parts = [[F32s::default(); 2]; N];
    for (place, [low, high]) in rows.enumerate() {
        for (parts, window) in parts.iter_mut().zip(windows) {
            let [x, y] = halves(
                #[inline(always)]
                |i| window[place][i],
            );
            parts[0] += x * low;
            parts[1] += y * high;
        }
    }
    parts
}

/// Sixteen numbers in two vectors.
#[inline(always)]
fn halves(number: impl Fn(usize) -> f32) -> [F32s; 2] {
    std::array::from_fn(
        #[inline(always)]
        |half| {
            F32s(std::array::from_fn(
                #[inline(always)]
                |i| number(LANES * half + i),
            ))
        },
    )
}

/// All parts, pairwise. Not inlined: it would tempt the compiler to keep the parts in this order while they are summed.
#[inline(never)]
fn total([low, high]: &[F32s; 2]) -> f32 {
    let sum = |i: usize| (low.0[i] + low.0[i + 4]) + (high.0[i] + high.0[i + 4]);
    (sum(0) + sum(1)) + (sum(2) + sum(3))
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bessel_is_that_of_the_tables() {
        // Abramowitz, Stegun (1964), table 9.8: e^−x·I₀(x).
        for (x, scaled) in [
            (1.0_f64, 0.465_759_607_6),
            (5.0, 0.183_540_812_6),
            (10.0, 0.127_833_337_2),
        ] {
            assert!(
                (bessel_i0_of_square([F64s::splat(x * x)])[0].0[3] * (-x).exp() - scaled).abs()
                    < 1e-10,
                "{x}"
            );
        }
    }
}
