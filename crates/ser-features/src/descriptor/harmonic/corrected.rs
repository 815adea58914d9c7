//! Harmonics of a voiced frame: their frequencies and levels, and what is said with them.
//!
//! ```text
//! L_h    = level of the peak nearest to h·F0                    [dB]     h = 1, 2, … up to 5 kHz
//! H1−H2  = L_1 − L_2          H1−A3 = L_1 − L_j3          A_m = L_jm − L_1
//! ```
//!
//! j_m is the strongest harmonic within 10 % of formant m or 0.6·F0, whichever is wider. H. M. Hanson (1997), "Glottal
//! characteristics of female speakers: acoustic correlates", JASA 101, 466–481.
//!
//! Corrected: H1 is the harmonic at F0 and H2 that at 2·F0; all levels are interpolated; a formant without a harmonic, and every
//! unvoiced frame, is absent instead of 0 or −201 dB.

use crate::descriptor::HIGHEST_HZ;
use crate::lanes::{F32s, F64s, LANES, widest};
use crate::spectrum::logarithm::lns;
use crate::stats::parabola;

/// Harmonics of the lowest voice.
pub(crate) const MOST: usize = 80;
/// A peak is looked for this far from where it should be, in parts of F0.
const SEARCH: f32 = 0.25;
/// Reach of a formant, in parts of its frequency and of F0.
const REACH: f32 = 0.1;
const REACH_F0: f32 = 0.6;
/// Half the width of a valley between two harmonics, in parts of F0, and how many valleys on each side tell the noise at a harmonic.
const VALLEY: f32 = 0.12;
const VALLEYS: usize = 3;
/// Places for valleys: those around all harmonics, in whole vectors, and none on either side.
const VALLEY_PLACES: usize = MOST + LANES + 2 * VALLEYS;
const DB_PER_NEPER: f32 = 10.0 / std::f32::consts::LN_10;

/// The harmonics of a frame.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Harmonics {
    pub f0_hz: f32,
    pub count: usize,
    pub hz: [f32; MOST],
    /// Natural logarithm of the power.
    pub level: [f32; MOST],
    /// Power between the harmonics: the mean of the three valleys on either side.
    pub noise: [f32; MOST],
}

/// Harmonic differences and formant amplitudes of a frame in dB; NaN where absent.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Levels {
    pub h1_h2_db: f32,
    pub h1_a3_db: f32,
    pub amplitude_db: [f32; 3],
}

impl Levels {
    /// Those of an unvoiced frame.
    pub const ABSENT: Self = Self {
        h1_h2_db: f32::NAN,
        h1_a3_db: f32::NAN,
        amplitude_db: [f32::NAN; 3],
    };
}

impl Harmonics {
    /// Finds the harmonics in a power spectrum with bins `bin_hz` apart, which reaches a little beyond 5 kHz.
    pub fn measure(power: &[f32], bin_hz: f32, f0_hz: f32) -> Self {
        widest(
            #[inline(always)]
            || Self::find(power, bin_hz, f0_hz),
        )
    }

    #[inline(always)]
    fn find(power: &[f32], bin_hz: f32, f0_hz: f32) -> Self {
        let mut harmonics = Self {
            f0_hz,
            count: 0,
            hz: [0.0; MOST],
            level: [0.0; MOST],
            noise: [0.0; MOST],
        };
        let highest = HIGHEST_HZ as f32 - 0.3 * f0_hz;
        for h in 0..MOST {
            let is_beyond = (h + 1) as f32 * f0_hz > highest;
            harmonics.count += usize::from(!is_beyond);
        }
        let peaks = peaks(power, bin_hz, f0_hz, harmonics.count);
        harmonics.place(power, bin_hz, &peaks);
        harmonics.find_noise(power, bin_hz);
        harmonics
    }

    /// Frequencies and levels of the harmonics with the given peaks of the spectrum, between the bins.
    #[inline(always)]
    fn place(&mut self, power: &[f32], bin_hz: f32, peaks: &[usize; MOST]) {
        let eights = self
            .hz
            .chunks_exact_mut(LANES)
            .zip(self.level.chunks_exact_mut(LANES));
        let eights = eights.zip(peaks.chunks_exact(LANES));
        for ((hz, level), peaks) in eights.take(self.count.div_ceil(LANES)) {
            let (shifts, heights) = vertices(power, peaks);
            for (lane, &peak) in peaks.iter().enumerate() {
                hz[lane] = (peak as f32 + shifts.0[lane]) * bin_hz;
                level[lane] = heights.0[lane];
            }
        }
        self.hz[self.count..].fill(0.0);
        self.level[self.count..].fill(0.0);
    }

    /// The power between the harmonics, from (h + ½ − 0.12)·F0 to (h + ½ + 0.12)·F0.
    #[inline(always)]
    fn find_noise(&mut self, power: &[f32], bin_hz: f32) {
        let valleys = valleys(power, bin_hz, self.f0_hz, self.count);
        let used = self.count.next_multiple_of(LANES);
        for (block, noise) in self.noise[..used].chunks_exact_mut(LANES).enumerate() {
            // Valley h lies below harmonic h, valley h + 1 above it.
            let mut sum = F32s::default();
            for valley in 0..2 * VALLEYS {
                let mut near = F32s::default();
                near.0
                    .copy_from_slice(&valleys[LANES * block + valley..][..LANES]);
                sum += near;
            }
            let counts = F32s(std::array::from_fn(|lane| {
                let above = (LANES * block + lane + 1) as i32;
                let (valleys, last) = (VALLEYS as i32, self.count as i32 + 1);
                ((above + valleys).min(last) - (above - valleys).max(0)) as f32
            }));
            noise.copy_from_slice(&sum.over(counts).0);
        }
        self.noise[self.count..].fill(0.0);
    }

    /// The differences and amplitudes, given the frequencies of the formants, NaN where absent.
    pub fn levels(&self, formants_hz: [f32; 3]) -> Levels {
        if self.count < 2 {
            return Levels::ABSENT;
        }
        let level = |h: usize| DB_PER_NEPER * self.level[h];
        let strongest = formants_hz.map(|hz| self.strongest_near(hz));
        let difference = |upper: Option<usize>| {
            upper.map_or(f32::NAN, |h| DB_PER_NEPER * (self.level[h] - self.level[0]))
        };
        Levels {
            h1_h2_db: level(0) - level(1),
            h1_a3_db: strongest[2].map_or(f32::NAN, |h| level(0) - level(h)),
            amplitude_db: strongest.map(difference),
        }
    }

    /// The strongest harmonic near a frequency.
    fn strongest_near(&self, hz: f32) -> Option<usize> {
        let reach = (REACH * hz).max(REACH_F0 * self.f0_hz);
        let near = (0..self.count).filter(|&h| (self.hz[h] - hz).abs() <= reach);
        near.max_by(|&a, &b| self.level[a].total_cmp(&self.level[b]))
    }
}

/// The largest bins near the harmonics, eight harmonics at a time.
#[inline(always)]
fn peaks(power: &[f32], bin_hz: f32, f0_hz: f32, count: usize) -> [usize; MOST] {
    let reach = SEARCH * f0_hz / bin_hz;
    let last = (power.len() - 2) as f32;
    let mut peaks = [1; MOST];
    let blocks = peaks.chunks_exact_mut(LANES).take(count.div_ceil(LANES));
    for (block, peaks) in blocks.enumerate() {
        let number = F32s(UP_TO_8) + F32s::splat((block * LANES) as f32);
        let expected = number.map(
            #[inline(always)]
            |number| number * f0_hz / bin_hz,
        );
        // Those beyond the count end with the last bin, too.
        let low = whole(expected.map(
            #[inline(always)]
            |expected| larger((expected - reach).round(), 1.0),
        ));
        let high = whole(expected.map(
            #[inline(always)]
            |expected| smaller((expected + reach).round(), last),
        ));
        let (mut most, mut place) = (F32s::splat(f32::NEG_INFINITY), low);
        for k in 0..=widest_of(&low, &high) {
            // Behind the last bin comes the last again, which is not larger.
            let at = further(&low, k, &high);
            let bins = bins(power, &at);
            for lane in 0..LANES {
                let is_larger = bins.0[lane] > most.0[lane];
                most.0[lane] = if is_larger {
                    bins.0[lane]
                } else {
                    most.0[lane]
                };
                place[lane] = if is_larger { at[lane] } else { place[lane] };
            }
        }
        for (peak, place) in peaks.iter_mut().zip(place) {
            *peak = place as usize;
        }
    }
    peaks[count..].fill(1);
    peaks
}

/// The mean power of the bins of each valley, eight valleys at a time. Nothing stands below the first and above the last valley; adding it changes nothing.
#[inline(always)]
fn valleys(power: &[f32], bin_hz: f32, f0_hz: f32, count: usize) -> [f32; VALLEY_PLACES] {
    let half = VALLEY * f0_hz / bin_hz;
    let last = (power.len() - 1) as f32;
    let mut valleys = [0.0; VALLEY_PLACES];
    let blocks = valleys[VALLEYS - 1..].chunks_exact_mut(LANES);
    for (block, valleys) in blocks.take(count / LANES + 1).enumerate() {
        let number = F32s(UP_TO_8) + F32s::splat((block * LANES) as f32 - 0.5);
        let middle = number.map(
            #[inline(always)]
            |number| number * f0_hz / bin_hz,
        );
        let low = middle.map(
            #[inline(always)]
            |middle| larger((middle - half).ceil(), 1.0),
        );
        let high = middle.zip(
            low,
            #[inline(always)]
            |middle, low| smaller(larger((middle + half).floor(), low), last),
        );
        let low = low.zip(high, smaller);
        let (low, high) = (whole(low), whole(high));
        let mut sum = F32s::default();
        for k in 0..=widest_of(&low, &high) {
            let bins = bins(power, &further(&low, k, &high));
            for lane in 0..LANES {
                let is_inside = low[lane] + k <= high[lane];
                sum.0[lane] += if is_inside { bins.0[lane] } else { 0.0 };
            }
        }
        let width = F32s(std::array::from_fn(
            #[inline(always)]
            |lane| (high[lane] - low[lane] + 1) as f32,
        ));
        valleys.copy_from_slice(&sum.over(width).0);
    }
    valleys[VALLEYS + count..].fill(0.0);
    valleys
}

const UP_TO_8: [f32; LANES] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0];

/// Without the care for what is no number that `max` and `min` take.
#[inline(always)]
fn larger(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

#[inline(always)]
fn smaller(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// Whole numbers from 0 to 2²³ − 1, which stand in the last bits of x + 2²³.
#[inline(always)]
fn whole(x: F32s) -> [i32; LANES] {
    std::array::from_fn(
        #[inline(always)]
        |i| ((x.0[i] + 8_388_608.0).to_bits() & 0x007f_ffff) as i32,
    )
}

/// The places `k` bins further than `low`, or the last ones, if they lie beyond.
#[inline(always)]
fn further(low: &[i32; LANES], k: i32, high: &[i32; LANES]) -> [i32; LANES] {
    std::array::from_fn(
        #[inline(always)]
        |i| (low[i] + k).min(high[i]),
    )
}

/// Steps from the first to the last bin of the widest of eight ranges.
#[inline(always)]
fn widest_of(low: &[i32; LANES], high: &[i32; LANES]) -> i32 {
    (0..LANES).fold(0, |most, i| most.max(high[i] - low[i]))
}

/// Eight bins.
#[inline(always)]
fn bins(power: &[f32], at: &[i32; LANES]) -> F32s {
    F32s(std::array::from_fn(
        #[inline(always)]
        |lane| power[at[lane] as usize],
    ))
}

/// The distances of eight peaks of the logarithmic spectrum from their bins, and their heights.
fn vertices(power: &[f32], peaks: &[usize]) -> (F32s, F32s) {
    let points: [F32s; 3] =
        std::array::from_fn(|i| F32s(std::array::from_fn(|lane| power[peaks[lane] + i - 1])));
    widest(
        #[inline(always)]
        || {
            let smallest = F32s::splat(f32::MIN_POSITIVE);
            // One by one, since `map` would not be inlined.
            let [before, here, after] = points;
            let points = [
                lns(before.max(smallest)).widen(),
                lns(here.max(smallest)).widen(),
                lns(after.max(smallest)).widen(),
            ];
            let (mut shifts, mut heights) = (F64s::default(), F64s::default());
            for lane in 0..LANES {
                (shifts.0[lane], heights.0[lane]) = parabola(points.map(|p| p.0[lane]));
            }
            (shifts.round(), heights.round())
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The power spectrum of sines of given frequency and amplitude under the Hann window.
    fn spectrum(sines: &[(f64, f64)]) -> Vec<f32> {
        let window = crate::frame::window::hann(768);
        (0..324)
            .map(|k| {
                let (mut re, mut im) = (0.0, 0.0);
                for (n, &w) in window.iter().enumerate() {
                    let t = n as f64 / 16_000.0;
                    let x: f64 = sines
                        .iter()
                        .map(|&(hz, amplitude)| amplitude * (std::f64::consts::TAU * hz * t).cos())
                        .sum();
                    let angle = std::f64::consts::TAU * (k * n) as f64 / 1024.0;
                    re += x * f64::from(w) * angle.cos();
                    im += x * f64::from(w) * angle.sin();
                }
                (re * re + im * im) as f32
            })
            .collect()
    }

    #[test]
    fn planted_levels_come_back_within_a_quarter_of_a_decibel() {
        for f0 in [80.0, 113.0, 180.0, 247.0] {
            let sines: Vec<(f64, f64)> = (1..=8)
                .map(|h| (f0 * f64::from(h), 10_f64.powf(-0.3 * f64::from(h - 1))))
                .collect();
            let harmonics = Harmonics::measure(&spectrum(&sines), 15.625, f0 as f32);
            let levels = harmonics.levels([f32::NAN; 3]);
            assert!((levels.h1_h2_db - 6.0).abs() < 0.25, "{f0}: {levels:?}");
            assert!(levels.h1_a3_db.is_nan() && levels.amplitude_db[0].is_nan());
            assert!((harmonics.hz[3] - 4.0 * f0 as f32).abs() < 1.5, "{f0}");
        }
    }

    #[test]
    fn eight_harmonics_have_the_bits_of_one() {
        use crate::stats::argmax;
        let bin_hz = 15.625;
        for seed in 0..60 {
            let value = |k: u32| (seed * 977 + k).wrapping_mul(2_654_435_769) >> 27;
            let power: Vec<f32> = (0..324).map(|k| value(k) as f32 * 0.37).collect();
            let f0_hz = 61.3 + 13.1 * seed as f32;
            let found = Harmonics::measure(&power, bin_hz, f0_hz);
            let highest = HIGHEST_HZ as f32 - 0.3 * f0_hz;
            let expected = (1..=MOST).map(|h| h as f32 * f0_hz);
            assert_eq!(
                found.count,
                expected.take_while(|&hz| hz <= highest).count()
            );
            let peaks = peaks(&power, bin_hz, f0_hz, found.count);
            let valleys = valleys(&power, bin_hz, f0_hz, found.count);
            let reach = SEARCH * f0_hz / bin_hz;
            let half = VALLEY * f0_hz / bin_hz;
            for (h, &peak) in peaks[..found.count].iter().enumerate() {
                let expected = (h + 1) as f32 * f0_hz / bin_hz;
                let low = ((expected - reach).round() as usize).max(1);
                let high = ((expected + reach).round() as usize).min(power.len() - 2);
                let near = power.get(low..=high).unwrap_or_default();
                assert_eq!(peak, low + argmax(near.iter().copied()));
            }
            for h in 0..VALLEY_PLACES - VALLEYS + 1 {
                let middle = (h as f32 + 0.5) * f0_hz / bin_hz;
                let low = ((middle - half).ceil() as usize).max(1);
                let high = ((middle + half).floor() as usize).max(low);
                let high = high.min(power.len() - 1);
                let bins = &power[low.min(high)..=high];
                let want = match h <= found.count {
                    true => bins.iter().sum::<f32>() / bins.len() as f32,
                    false => 0.0,
                };
                assert_eq!(valleys[VALLEYS - 1 + h].to_bits(), want.to_bits());
            }
        }
    }
}
