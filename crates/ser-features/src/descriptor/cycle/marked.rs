//! The cycles of the voice, marked one by one, and how regular they are: jitter and shimmer.
//!
//! ```text
//! T_i     = the lag of highest correlation between the waveform around mark i and what follows, 0.8 … 1.25 of 1/F0
//! A_i     = root mean square of the samples within 0.2·T of mark i, under a Hann window; of the pulses within 0.4·T
//! jitter  = Σ |T_i − T_{i−1}| / n  /  mean T            shimmer = Σ |20·log₁₀(A_i / A_{i−1})| / n      [dB]
//! ```
//!
//! Y. Medan, E. Yair, D. Chazan (1991), "Super resolution pitch determination of speech signals", IEEE Trans. Signal Processing 39,
//! 40–48 (the periods); I. R. Titze, H. Liang (1993), "Comparison of F0 extraction methods for high-precision voice perturbation
//! measurements", J. Speech Hear. Res. 36, 1120–1133; P. Boersma (2009), "Should jitter be measured by peak picking or by waveform matching?",
//! Folia Phoniatr. Logop. 61, 305–308.
//!
//! The first mark of a voiced stretch is its largest sample, in either direction, of one period, or where there is an inverse filter the largest pulse: a pulse at
//! the end of a window would be half inside, and its lag a mean of two. The next mark is one T further, and so on to the end of
//! the stretch. Lags and marks are refined by a parabola. A frame has the jitter and shimmer of the cycles within 20 ms of its
//! middle. Neighbours that differ by more than 1.3 in length or 1.6 in amplitude are not two cycles of one voice and do not count.
//!
//! Above 120 Hz one response rings into the next: the waveform then jitters less than the pulses that excite it, and its amplitudes follow the phase between
//! both. Where what an [inverse filter](super::inverse) leaves of it repeats well, with a correlation above 0.75, its cycles are measured instead. In breathy or
//! noisy voices it does not, since the filter raises noise, and the waveform is the better witness: there lengths above 150 Hz jitter up to a half too little.
//!
//! Corrected: the reference searches periods frame by frame, so those where frames overlap are measured twice and compared with
//! themselves, and a jitter of exactly 0 counts as missing.

use super::inverse::{Filter, ORDER, flattened};
use super::likeness::likeliest;
use crate::descriptor::CORRECTED_RATE_HZ;
use crate::descriptor::pitch::autocorrelation::LONGEST as LONGEST_PERIOD;
use crate::frame::tape::Tape;
use crate::lanes::widest;
use crate::spectrum::cosine::cosines;
use crate::spectrum::logarithm::log10;
use crate::stats::argmax;

/// A cycle's length relative to 1/F0.
const SHORTEST: f64 = 0.8;
const LONGEST: f64 = 1.25;
/// Correlation below which the chain of cycles breaks.
const ALIKE: f32 = 0.3;
/// Correlation above which pulses tell cycles apart better than the waveform.
const PULSES_ALIKE: f32 = 0.75;
/// Half the window of an amplitude, in periods: of the waveform, and of its pulses, which stand anywhere around the mark.
const REACH: f64 = 0.2;
const PULSE_REACH: f64 = 0.4;
/// Cycles this near to the middle of a frame belong to it, in samples: 20 ms.
pub(super) const NEAR: f64 = 320.0;
const MOST_LONGER: f32 = 1.3;
const MOST_LOUDER: f32 = 1.6;
const RATE_HZ: f64 = CORRECTED_RATE_HZ as f64;
/// Samples that are weighted together.
const BLOCK: usize = 16;

/// A mark, and the cycle that begins there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Cycle {
    /// Of the mark, in samples.
    pub position: f64,
    /// In samples; absent (NaN) where nothing alike follows.
    pub period: f32,
    pub amplitude: f32,
    /// That of the pulses; NaN where the waveform was measured.
    pub pulse: f32,
}

/// How regular the voice is in a frame; NaN where fewer than two cycles say so.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Regularity {
    pub jitter: f32,
    pub shimmer_db: f32,
}

/// Marks the cycles of one voiced stretch after the other.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marker {
    cycles: Vec<Cycle>,
    /// Where the next cycle begins.
    next: Option<f64>,
    /// Scratch: the correlation at each lag.
    likeness: Vec<f32>,
    /// Scratch: pulses.
    flat: Vec<f32>,
}

/// Where a cycle is looked for: the first sample, that of all lags' windows together, and the lags.
struct Search {
    first: usize,
    length: usize,
    low: usize,
    high: usize,
}

impl Search {
    /// Around `mark`; `None` before the first sample.
    fn around(mark: f64, period: f64) -> Option<Self> {
        let length = period.round() as usize;
        Some(Self {
            first: (mark.round() as usize).checked_sub(length / 2)?,
            length,
            low: (SHORTEST * period).floor() as usize,
            high: (LONGEST * period).ceil() as usize,
        })
    }

    /// Samples that all lags need.
    fn reach(&self) -> usize {
        self.high + 1 + self.length
    }
}

impl Marker {
    /// The first sample that later calls may ask for, if a stretch is open.
    pub fn position(&self) -> Option<usize> {
        self.next
            .map(|mark| (mark as usize).saturating_sub(2 * LONGEST_PERIOD))
    }

    /// Marks the cycles that begin before sample `until`, in a voice of `f0_hz` whose inverse filter is `filter`, if it has one; nothing from sample `end` on
    /// is looked at. The first call of a stretch starts around sample `middle`.
    pub fn mark(
        &mut self,
        tape: &Tape,
        middle: usize,
        until: usize,
        end: usize,
        (f0_hz, filter): (f32, Option<Filter>),
    ) {
        let period = RATE_HZ / f64::from(f0_hz);
        let mut mark = match self.next {
            Some(mark) => mark,
            None => match &filter {
                Some(filter) => largest_pulse(tape, middle, period, filter, &mut self.flat),
                None => largest(tape, middle, period),
            },
        };
        while mark < until as f64 {
            let Some(search) = Search::around(mark, period).filter(|s| s.first + s.reach() <= end)
            else {
                break;
            };
            let (mut found, mut pulse) = (None, f32::NAN);
            if let (Some(filter), Some(before)) = (&filter, search.first.checked_sub(ORDER)) {
                let waveform = tape.slice(before, search.reach() + ORDER);
                flattened(filter, waveform, &mut self.flat);
                let pulses = likeliest(&self.flat, search.length, search.low, &mut self.likeness);
                if pulses.1 > PULSES_ALIKE {
                    found = Some(pulses);
                    let (first, last) = near(mark, PULSE_REACH * period);
                    let near = &self.flat[first - search.first..=last - search.first];
                    pulse = amplitude(near, first, mark, PULSE_REACH * period);
                }
            }
            // The waveform is asked only where the pulses do not tell.
            let (lag, likeness) = found.unwrap_or_else(|| {
                let waveform = tape.slice(search.first, search.reach());
                likeliest(waveform, search.length, search.low, &mut self.likeness)
            });
            let alike = likeness >= ALIKE;
            let (first, last) = near(mark, REACH * period);
            let waveform = tape.slice(first, last + 1 - first);
            self.cycles.push(Cycle {
                position: mark,
                period: if alike { lag as f32 } else { f32::NAN },
                amplitude: amplitude(waveform, first, mark, REACH * period),
                pulse,
            });
            mark += if alike { lag } else { period };
        }
        self.next = Some(mark);
    }

    /// Ends a stretch: the regularity of its frames, whose middles are the samples `middles`.
    pub fn finish(
        &mut self,
        middles: impl Iterator<Item = usize>,
        mut give: impl FnMut(Regularity),
    ) {
        let pairs: Vec<Pair> = self.cycles.windows(2).filter_map(Pair::of).collect();
        let (mut first, mut last) = (0, 0);
        for middle in middles {
            let middle = middle as f64;
            while first < pairs.len() && pairs[first].position < middle - NEAR {
                first += 1;
            }
            last = last.max(first);
            while last < pairs.len() && pairs[last].position <= middle + NEAR {
                last += 1;
            }
            give(regularity(&pairs[first..last]));
        }
        self.reset();
    }

    /// The cycles of the stretch that is open.
    pub fn cycles(&self) -> &[Cycle] {
        &self.cycles
    }

    /// Forgets the stretch.
    pub fn reset(&mut self) {
        self.cycles.clear();
        self.next = None;
    }
}

/// Two neighbouring cycles.
struct Pair {
    /// Of the mark between them.
    position: f64,
    /// Difference and mean of the lengths, in samples; NaN where they are no neighbours.
    difference: f32,
    mean: f32,
    ratio_db: f32,
}

impl Pair {
    fn of(cycles: &[Cycle]) -> Option<Self> {
        let [a, b] = cycles else { return None };
        if !are_lengths_of_one_voice(a, b) {
            return None;
        }
        let (first, second) = match a.pulse > 0.0 && b.pulse > 0.0 {
            true => (a.pulse, b.pulse),
            false => (a.amplitude, b.amplitude),
        };
        let amplitudes = are_amplitudes_of_one_voice(first, second);
        Some(Self {
            position: b.position,
            difference: (a.period - b.period).abs(),
            mean: 0.5 * (a.period + b.period),
            ratio_db: if amplitudes {
                20.0 * log10(first / second).abs()
            } else {
                f32::NAN
            },
        })
    }
}

/// Are these two neighbours by their lengths?
pub(super) fn are_lengths_of_one_voice(a: &Cycle, b: &Cycle) -> bool {
    are_within(a.period, b.period, MOST_LONGER)
}

/// Are these amplitudes of two neighbours?
pub(super) fn are_amplitudes_of_one_voice(first: f32, second: f32) -> bool {
    are_within(first, second, MOST_LOUDER)
}

fn are_within(x: f32, y: f32, most: f32) -> bool {
    x > 0.0 && y > 0.0 && x.max(y) <= most * x.min(y)
}

fn regularity(pairs: &[Pair]) -> Regularity {
    let mean = |values: &mut dyn Iterator<Item = f32>| {
        let (mut sum, mut count) = (0.0, 0.0);
        for value in values.filter(|v| v.is_finite()) {
            sum += value;
            count += 1.0;
        }
        // Not a number without values.
        sum / count
    };
    Regularity {
        jitter: mean(&mut pairs.iter().map(|p| p.difference))
            / mean(&mut pairs.iter().map(|p| p.mean)),
        shimmer_db: mean(&mut pairs.iter().map(|p| p.ratio_db)),
    }
}

/// The position of the largest sample within half a period of `middle`.
fn largest(tape: &Tape, middle: usize, period: f64) -> f64 {
    let reach = (0.5 * period).round() as usize;
    let first = middle.saturating_sub(reach);
    let samples = tape.slice(first, 2 * reach);
    let peak = argmax(samples.iter().map(|x| x.abs()));
    (first + peak) as f64
}

/// The position of the largest pulse within half a period of `middle`.
fn largest_pulse(
    tape: &Tape,
    middle: usize,
    period: f64,
    filter: &Filter,
    flat: &mut Vec<f32>,
) -> f64 {
    let reach = (0.5 * period).round() as usize;
    let first = middle.saturating_sub(reach).max(ORDER);
    flattened(filter, tape.slice(first - ORDER, 2 * reach + ORDER), flat);
    (first + argmax(flat.iter().map(|x| x.abs()))) as f64
}

/// The first and last sample within `reach` of a mark.
fn near(mark: f64, reach: f64) -> (usize, usize) {
    let first = (mark - reach).ceil().max(0.0) as usize;
    (first, (mark + reach).floor() as usize)
}

/// The root mean square of samples around a mark, the first of which is number `first`, under a Hann window.
fn amplitude(samples: &[f32], first: usize, mark: f64, reach: f64) -> f32 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (block, samples) in samples.chunks(BLOCK).enumerate() {
        let of_block = widest(
            #[inline(always)]
            || hann(first + BLOCK * block, samples.len(), mark, reach),
        );
        for (&x, weight) in samples.iter().zip(of_block) {
            sum += weight * f64::from(x) * f64::from(x);
            weights += weight;
        }
    }
    (sum / weights).sqrt() as f32
}

/// The Hann window around a mark at `count` samples, the first of which is number `first`; what stands behind them says nothing.
#[inline(always)]
fn hann(first: usize, count: usize, mark: f64, reach: f64) -> [f64; BLOCK] {
    let mut angles = [0.0; BLOCK];
    for (i, angle) in angles.iter_mut().enumerate() {
        let phase = ((first + i) as f64 - mark) / reach;
        // Angles beyond the window would take `cosines` long.
        let is_inside = i < count;
        *angle = if is_inside {
            std::f64::consts::PI * phase
        } else {
            0.0
        };
    }
    cosines(&angles).map(|cosine| 0.5 + 0.5 * cosine)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Decaying resonances, one per cycle of given length and strength.
    fn pulses(periods: &[f64], strengths: &[f64]) -> Tape {
        let mut onset = 200.0;
        let mut samples = vec![0.0_f32; 400];
        for (period, strength) in periods.iter().zip(strengths) {
            let end = (onset + 500.0) as usize;
            samples.resize(samples.len().max(end), 0.0);
            for (n, sample) in samples
                .iter_mut()
                .enumerate()
                .take(end)
                .skip(onset as usize + 1)
            {
                let t = (n as f64 - onset) / RATE_HZ;
                let decay = (-700.0 * t).exp();
                *sample += (strength * decay * (std::f64::consts::TAU * 700.0 * t).sin()) as f32;
            }
            onset += period;
        }
        let mut tape = Tape::default();
        tape.push(&samples);
        tape
    }

    fn measured(periods: &[f64], strengths: &[f64]) -> Regularity {
        let tape = pulses(periods, strengths);
        let mut marker = Marker::default();
        let end: f64 = 200.0 + periods.iter().sum::<f64>();
        let mean = periods.iter().sum::<f64>() / periods.len() as f64;
        marker.mark(
            &tape,
            400,
            end as usize - 300,
            tape.length(),
            ((RATE_HZ / mean) as f32, None),
        );
        let mut found = Vec::new();
        marker.finish((400..end as usize - 400).step_by(160), |r| found.push(r));
        let mean =
            |f: fn(&Regularity) -> f32| found.iter().map(f).sum::<f32>() / found.len() as f32;
        Regularity {
            jitter: mean(|r| r.jitter),
            shimmer_db: mean(|r| r.shimmer_db),
        }
    }

    #[test]
    fn alternating_cycles_give_their_difference() {
        for jitter in [0.0, 0.005, 0.01, 0.03] {
            let period = |i: usize| 128.3 * (1.0 + jitter * (0.5 - (i % 2) as f64));
            let periods: Vec<f64> = (0..60).map(period).collect();
            let found = measured(&periods, &[1.0; 60]);
            assert!(
                (f64::from(found.jitter) - jitter).abs() < 0.0005 + 0.05 * jitter,
                "{jitter}: {found:?}"
            );
        }
        for shimmer_db in [0.0, 0.3, 1.0] {
            let strength = |i: usize| 10_f64.powf(shimmer_db * (i % 2) as f64 / 20.0);
            let strengths: Vec<f64> = (0..60).map(strength).collect();
            let found = measured(&[128.3; 60], &strengths);
            assert!(
                (f64::from(found.shimmer_db) - shimmer_db).abs() < 0.05 + 0.05 * shimmer_db,
                "{shimmer_db}: {found:?}"
            );
        }
    }

    #[test]
    fn one_cycle_says_nothing() {
        let mut marker = Marker::default();
        let mut found = Vec::new();
        marker.finish([100].into_iter(), |r| found.push(r));
        assert!(found[0].jitter.is_nan() && found[0].shimmer_db.is_nan());
    }
}
