//! The cycles of the voice, marked one by one, and how regular they are: jitter and shimmer.
//!
//! ```text
//! T_i     = the lag of highest correlation between the waveform around mark i and what follows, 0.8 … 1.25 of 1/F0
//! A_i     = root mean square of the samples within 0.2·T of mark i, under a Hann window
//! jitter  = Σ |T_i − T_{i−1}| / n  /  mean T            shimmer = Σ |20·log₁₀(A_i / A_{i−1})| / n      [dB]
//! ```
//!
//! Y. Medan, E. Yair, D. Chazan (1991), "Super resolution pitch determination of speech signals", IEEE Trans. Signal Processing 39,
//! 40–48 (the periods); I. R. Titze, H. Liang (1993), "Comparison of F0 extraction methods for high-precision voice perturbation
//! measurements", J. Speech Hear. Res. 36, 1120–1133; P. Boersma (2009), "Should jitter be measured by peak picking or by waveform matching?",
//! Folia Phoniatr. Logop. 61, 305–308.
//!
//! The first mark of a voiced stretch is its largest sample, in either direction, of one period; the next is one T further, and so on to the end of
//! the stretch. Lags and marks are refined by a parabola. A frame has the jitter and shimmer of the cycles within 20 ms of its
//! middle. Neighbours that differ by more than 1.3 in length or 1.6 in amplitude are not two cycles of one voice and do not count.
//!
//! Mends: the reference searches periods frame by frame, so those where frames overlap are measured twice and compared with
//! themselves, and a jitter of exactly 0 counts as missing.

use crate::frame::tape::Tape;

/// A cycle's length relative to 1/F0.
const SHORTEST: f64 = 0.8;
const LONGEST: f64 = 1.25;
/// Correlation below which the chain of cycles breaks.
const ALIKE: f32 = 0.3;
/// Half the window of an amplitude, in periods.
const REACH: f64 = 0.2;
/// Cycles this near to the middle of a frame belong to it, in samples: 20 ms.
const NEAR: f64 = 320.0;
const MOST_LONGER: f32 = 1.3;
const MOST_LOUDER: f32 = 1.6;
const RATE_HZ: f64 = 16_000.0;

/// A mark, and the cycle that begins there.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Cycle {
    /// Of the mark, in samples.
    position: f64,
    /// In samples; absent (NaN) where nothing alike follows.
    period: f32,
    amplitude: f32,
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
    /// Scratch: the squares of the samples, summed up.
    energy: Vec<f32>,
}

impl Marker {
    /// The first sample that later calls may ask for, if a stretch is open.
    pub fn position(&self) -> Option<usize> {
        self.next
            .map(|mark| (mark as usize).saturating_sub(2 * super::pitch::LONGEST))
    }

    /// Marks the cycles that begin before sample `until`, in a voice of `f0_hz`; nothing from sample `end` on is looked at. The
    /// first call of a stretch starts around sample `middle`.
    pub fn mark(&mut self, tape: &Tape, middle: usize, until: usize, end: usize, f0_hz: f32) {
        let period = RATE_HZ / f64::from(f0_hz);
        let mut mark = match self.next {
            Some(mark) => mark,
            None => largest(tape, middle, period),
        };
        while mark < until as f64 {
            let Some((lag, likeness)) = self.next_cycle(tape, mark, period, end) else {
                break;
            };
            let alike = likeness >= ALIKE;
            self.cycles.push(Cycle {
                position: mark,
                period: if alike { lag as f32 } else { f32::NAN },
                amplitude: amplitude(tape, mark, period),
            });
            mark += if alike { lag } else { period };
        }
        self.next = Some(mark);
    }

    /// The lag of the waveform that is most like the one around `mark`, in samples, and their correlation; `None` where it would reach
    /// beyond `end`.
    fn next_cycle(
        &mut self,
        tape: &Tape,
        mark: f64,
        period: f64,
        end: usize,
    ) -> Option<(f64, f32)> {
        let length = period.round() as usize;
        let first = (mark.round() as usize).checked_sub(length / 2)?;
        let low = (SHORTEST * period).floor() as usize;
        let high = (LONGEST * period).ceil() as usize;
        if first + high + 1 + length > end {
            return None;
        }
        let here = tape.slice(first, length);
        let there = tape.slice(first + low - 1, high - low + 3 + length - 1);
        let mut energy: f32 = there[..length].iter().map(|x| x * x).sum();
        let own: f32 = here.iter().map(|x| x * x).sum();
        self.energy.clear();
        let mut best = (0, f32::NEG_INFINITY);
        for (i, window) in there.windows(length).enumerate() {
            let likeness = if energy > 0.0 && own > 0.0 {
                product(here, window) / (energy.sqrt() * own.sqrt())
            } else {
                0.0
            };
            self.energy.push(likeness);
            if likeness > best.1 {
                best = (i, likeness);
            }
            if let Some(&entering) = there.get(i + length) {
                energy += entering * entering - window[0] * window[0];
            }
        }
        let (i, likeness) = best;
        let lag = (low - 1 + i) as f64;
        if i == 0 || i + 1 == self.energy.len() {
            return Some((lag, 0.0));
        }
        let [a, b, c] = [i - 1, i, i + 1].map(|i| f64::from(self.energy[i]));
        let bend = a - 2.0 * b + c;
        let shift = if bend < 0.0 {
            0.5 * (a - c) / bend
        } else {
            0.0
        };
        Some((lag + shift.clamp(-0.5, 0.5), likeness))
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
        let within = |x: f32, y: f32, most: f32| x > 0.0 && y > 0.0 && x.max(y) <= most * x.min(y);
        let lengths = within(a.period, b.period, MOST_LONGER);
        if !lengths {
            return None;
        }
        let amplitudes = within(a.amplitude, b.amplitude, MOST_LOUDER);
        Some(Self {
            position: b.position,
            difference: (a.period - b.period).abs(),
            mean: 0.5 * (a.period + b.period),
            ratio_db: if amplitudes {
                20.0 * (a.amplitude / b.amplitude).log10().abs()
            } else {
                f32::NAN
            },
        })
    }
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
    let peak = (0..samples.len()).fold(0, |best, i| {
        if samples[i].abs() > samples[best].abs() {
            i
        } else {
            best
        }
    });
    (first + peak) as f64
}

/// The root mean square around a mark, under a Hann window.
fn amplitude(tape: &Tape, mark: f64, period: f64) -> f32 {
    let reach = REACH * period;
    let first = (mark - reach).ceil().max(0.0) as usize;
    let last = (mark + reach).floor() as usize;
    let (mut sum, mut weights) = (0.0, 0.0);
    for (i, &x) in tape.slice(first, last + 1 - first).iter().enumerate() {
        let phase = ((first + i) as f64 - mark) / reach;
        let weight = 0.5 + 0.5 * (std::f64::consts::PI * phase).cos();
        sum += weight * f64::from(x) * f64::from(x);
        weights += weight;
    }
    (sum / weights).sqrt() as f32
}

/// The sum of products, in eight strands.
fn product(a: &[f32], b: &[f32]) -> f32 {
    let mut sums = [0.0_f32; 8];
    let (a8, a_rest) = a.as_chunks::<8>();
    let (b8, b_rest) = b.as_chunks::<8>();
    for (a, b) in a8.iter().zip(b8) {
        for i in 0..8 {
            sums[i] += a[i] * b[i];
        }
    }
    let rest: f32 = a_rest.iter().zip(b_rest).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + rest
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
            (RATE_HZ / mean) as f32,
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
