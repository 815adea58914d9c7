//! Jitter and shimmer: how much neighbouring periods differ in length and in amplitude.
//!
//! ```text
//! jitter  = mean |T_i − T_{i−1}| / mean T_i                          at most 1
//! shimmer = 20 · log₁₀(1 + Σ |A_i − A'_i| / Σ (A_i + A'_i)/2)        [dB],   A: peak to peak
//! ```
//!
//! A period is the lag, within ± 10 % of 1/F0, at which the waveform is most like itself ([`self_correlation`](super::self_correlation); Y. Medan, E. Yair, D. Chazan (1991), IEEE Trans. Signal Processing 39, 40–48). The search walks
//! through the recording period by period.
//!
//! Differs, as the reference does: periods that begin in the overlap of two frames are measured in both, so the "previous"
//! period is often a later one; periods are not synchronised to the peaks of the wave.

use super::self_correlation::SelfCorrelation;
use crate::frame::geometry::{Geometry, NOMINAL_HOP_S};
use crate::frame::tape::Tape;
use crate::lanes::{F32s, LANES, widest};
use crate::spectrum::parabola;

/// How far the period may be from 1/F0.
const SEARCH_RANGE: f64 = 0.1;
/// Correlation above which a period is believed.
const CORRELATION_THRESHOLD: f64 = 0.5;
/// Which periods count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodRule {
    /// Those whose correlation exceeds 0.5.
    Threshold,
    /// Those whose correlation exceeds the smallest one met so far in the frame, the present one included and rounded to `f32`:
    /// the first one and each new minimum pass only if rounding went down.
    RunningMinimum,
}

/// Jitter and shimmer of one frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Regularity {
    /// Relative, 0 … 1.
    pub jitter: f32,
    pub shimmer_db: f32,
}

/// The period search, with what it carries from frame to frame.
#[derive(Clone, Debug)]
pub(crate) struct PeriodSearch {
    rule: PeriodRule,
    sample_s: f64,
    hop: usize,
    /// Samples due per frame: the nominal hop, rounded up.
    due: usize,
    frame_length: usize,
    /// Where the next search starts.
    position: usize,
    /// Samples between there and the start of the current frame.
    backlog: usize,
    last_period_s: f32,
    last_jitter: f32,
    last_shimmer: f32,
    waveform: SelfCorrelation,
}

/// What was counted within one frame; all sums are `f32`.
#[derive(Default)]
struct Tally {
    periods: u32,
    period_sum: f32,
    differences: u32,
    difference_sum: f32,
    amplitude_sum: f32,
    amplitude_difference_sum: f32,
}

impl PeriodSearch {
    /// A search at the start of a recording.
    pub fn new(geometry: &Geometry, rule: PeriodRule) -> Self {
        let sample_s = geometry.rate.period_s();
        Self {
            rule,
            sample_s,
            hop: geometry.hop,
            due: (NOMINAL_HOP_S / sample_s).ceil() as usize,
            frame_length: geometry.long.length,
            position: 0,
            backlog: 0,
            last_period_s: 0.0,
            last_jitter: 0.0,
            last_shimmer: 0.0,
            waveform: SelfCorrelation::default(),
        }
    }

    /// Measures frame `t` with pitch `f0_hz`; both values are 0 if it is unvoiced. Frames must come in order.
    #[inline(never)]
    pub fn measure(&mut self, tape: &Tape, t: usize, f0_hz: f32) -> Regularity {
        let due = self.due + self.backlog;
        let mut limit = self.frame_length + self.backlog;
        let start = t * self.hop;
        if self.position + self.backlog != start {
            self.position = start;
            limit = self.frame_length;
        }
        if f0_hz == 0.0 {
            self.position += due;
            self.backlog = 0;
            self.last_period_s = 0.0;
            self.last_jitter = 0.0;
            self.last_shimmer = 0.0;
            return Regularity::default();
        }
        let (tally, reached) = self.walk(tape, f0_hz, due, limit);
        self.backlog = due - reached;
        self.position += reached;
        self.regularity(&tally)
    }

    /// The first sample that a later frame may need.
    pub fn position(&self) -> usize {
        self.position
    }

    /// Back to the start of a recording.
    pub fn reset(&mut self) {
        self.position = 0;
        self.backlog = 0;
        self.last_period_s = 0.0;
        self.last_jitter = 0.0;
        self.last_shimmer = 0.0;
    }

    /// Walks over the periods of one frame; gives the counts and the offset of the next frame's start.
    fn walk(&mut self, tape: &Tape, f0_hz: f32, due: usize, limit: usize) -> (Tally, usize) {
        let period = (1.0 / f64::from(f0_hz)) / self.sample_s;
        let expected = period.round() as usize;
        let shortest = ((1.0 - SEARCH_RANGE) * period).floor() as usize;
        let longest = ((1.0 + SEARCH_RANGE) * period).ceil() as usize;
        let length = due.max(2 * longest + 2).min(limit);
        let samples = tape.slice(self.position, length);
        self.waveform.load(samples);

        let mut tally = Tally::default();
        let mut smallest = f32::INFINITY;
        let (mut offset, mut reached) = (0, 0);
        while offset + 2 * longest + 1 < length {
            match self.waveform.best_lag(offset, shortest, longest) {
                None => offset += expected,
                Some((lag, correlation_near)) => {
                    // Abscissae count from the shortest lag: the height's rounding depends on their size, and the
                    // running minimum depends on the rounding.
                    let from = lag - shortest;
                    let lags = [from - 1, from, from + 1].map(|lag| lag as f64);
                    let (refined, correlation) = parabola::vertex(lags, correlation_near);
                    let period = shortest as f64 + refined;
                    let first = peak_to_peak(&samples[offset + 1..offset + lag - 1]);
                    let second = peak_to_peak(&samples[offset + lag + 1..offset + 2 * lag - 1]);
                    offset += lag;
                    let counts = match self.rule {
                        PeriodRule::Threshold => correlation > CORRELATION_THRESHOLD,
                        PeriodRule::RunningMinimum => {
                            smallest = smallest.min(correlation as f32);
                            correlation > f64::from(smallest)
                        }
                    };
                    if counts {
                        let period_s = (period.abs() * self.sample_s) as f32;
                        tally.add(period_s, self.last_period_s, first, second);
                        self.last_period_s = period_s;
                    }
                }
            }
            if offset + 1 < due {
                reached = offset;
            }
        }
        (tally, reached)
    }

    fn regularity(&mut self, tally: &Tally) -> Regularity {
        let mut jitter = self.last_jitter;
        if tally.periods > 0 {
            jitter = 0.0;
            if tally.differences > 0 {
                let mean_difference = tally.difference_sum / tally.differences as f32;
                let mean_period = tally.period_sum / tally.periods as f32;
                jitter = (mean_difference / mean_period).min(1.0);
                self.last_jitter = jitter;
            }
            self.last_shimmer = if tally.amplitude_sum > 0.0 {
                (tally.amplitude_difference_sum / tally.amplitude_sum).min(1.0)
            } else {
                0.0
            };
        }
        let shimmer_db = (20.0 * (f64::from(self.last_shimmer) + 1.0).log10()) as f32;
        Regularity { jitter, shimmer_db }
    }
}

impl Tally {
    fn add(&mut self, period_s: f32, last_period_s: f32, first: f32, second: f32) {
        self.period_sum += period_s;
        self.periods += 1;
        if last_period_s > 0.0 {
            self.difference_sum += (last_period_s - period_s).abs();
            self.differences += 1;
        }
        self.amplitude_sum += (first + second) / 2.0;
        self.amplitude_difference_sum += (first - second).abs();
    }
}

fn peak_to_peak(samples: &[f32]) -> f32 {
    let (eights, rest) = samples.as_chunks::<LANES>();
    let (mut low, mut high) = (F32s::splat(f32::INFINITY), F32s::splat(f32::NEG_INFINITY));
    widest(
        #[inline(always)]
        || {
            for &eight in eights {
                low = low.min(F32s(eight));
                high = high.max(F32s(eight));
            }
        },
    );
    let low = low
        .0
        .iter()
        .chain(rest)
        .fold(f32::INFINITY, |low, &x| low.min(x));
    let high = high
        .0
        .iter()
        .chain(rest)
        .fold(f32::NEG_INFINITY, |high, &x| high.max(x));
    if samples.is_empty() { 0.0 } else { high - low }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::SampleRate;

    fn pulses(period: usize, amplitude: impl Fn(usize) -> f32) -> Tape {
        let mut tape = Tape::default();
        let wave: Vec<f32> = (0..16000)
            .map(|i| amplitude(i / period) * (-((i % period) as f32) / 12.0).exp())
            .collect();
        tape.push(&wave);
        tape
    }

    fn mean_of(tape: &Tape, f0_hz: f32) -> (f32, f32) {
        let geometry = Geometry::new(SampleRate::new(16000).unwrap());
        let mut search = PeriodSearch::new(&geometry, PeriodRule::Threshold);
        let frames = 80;
        let (mut jitter, mut shimmer) = (0.0, 0.0);
        for t in 0..frames {
            let r = search.measure(tape, t, f0_hz);
            jitter += r.jitter / frames as f32;
            shimmer += r.shimmer_db / frames as f32;
        }
        (jitter, shimmer)
    }

    #[test]
    fn a_strictly_periodic_wave_has_neither_jitter_nor_shimmer() {
        let (jitter, shimmer) = mean_of(&pulses(100, |_| 0.5), 160.0);
        assert!(jitter < 1e-6 && shimmer < 1e-4, "{jitter} {shimmer}");
    }

    #[test]
    fn alternating_amplitudes_are_shimmer() {
        let loud_and_soft = |period: usize| if period.is_multiple_of(2) { 0.55 } else { 0.45 };
        let (jitter, shimmer) = mean_of(&pulses(100, loud_and_soft), 160.0);
        // |0.55 − 0.45| / 0.5 = 0.2: 1.58 dB.
        assert!(
            jitter < 2e-3 && (shimmer - 1.58).abs() < 0.02,
            "{jitter} {shimmer}"
        );
    }

    #[test]
    fn unvoiced_frames_and_constants_measure_nothing() {
        let mut tape = Tape::default();
        tape.push(&[0.25; 4000]);
        let geometry = Geometry::new(SampleRate::new(16000).unwrap());
        let mut search = PeriodSearch::new(&geometry, PeriodRule::Threshold);
        assert_eq!(search.measure(&tape, 0, 0.0), Regularity::default());
        assert_eq!(search.measure(&tape, 1, 100.0), Regularity::default());
    }
}
