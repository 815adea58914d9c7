//! Fundamental frequency: periods at which the autocorrelation is high, and the best path through them.
//!
//! ```text
//! r(τ) = [r_x(τ)/r_x(0)] / [r_w(τ)/r_w(0)]             x: windowed signal, w: Hann window of 48 ms; 62.5 … 800 Hz
//! strength:  r − 0.01·log₂(62.5 Hz·τ)  of a candidate,   0.45 of "unvoiced"
//! change:    0.35·|log₂(f/f′)|  between candidates,      0.14 between voiced and unvoiced
//! ```
//!
//! P. Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
//! sound", IFA Proceedings 17, 97–110; costs as there, per 10 ms. The path of largest sum is found while frames arrive, and a frame is
//! decided when all surviving paths agree on it, or when 40 wait.
//!
//! Corrected: the compatible tracker sums sub-harmonics on an octave axis, so its candidates depend on the sample rate, its penalty for
//! changes compares with the pair that was evaluated last and not with the path, and its gate is an absolute level. Here
//! voicing is the height of the autocorrelation, which no gain changes; silence is told by `feature::ser` from the recording's own level.

use crate::descriptor::CORRECTED_RATE_HZ;
use crate::lanes::{F32s, F64s, LANES, Mask, widest};
use crate::spectrum::logarithm_binary::log2s;
use crate::spectrum::ooura::{Complex, RealFft};
use crate::stats::{argmax, parabola};

/// Samples per second of everything here.
const RATE_HZ: f64 = CORRECTED_RATE_HZ as f64;
/// Shortest period in samples: 800 Hz.
const SHORTEST: usize = 20;
/// Longest period in samples: 62.5 Hz, three periods of which fill the window.
pub(crate) const LONGEST: usize = 256;
/// Candidates of a frame.
const SLOTS: usize = 6;
/// States of the path: the candidates, and unvoiced.
const STATES: usize = SLOTS + 1;
const UNVOICED: usize = SLOTS;
/// Frames that may wait for a decision.
pub(crate) const LONGEST_WAIT: usize = 40;

const VOICING: f32 = 0.45;
const OCTAVE_COST: f32 = 0.01;
const OCTAVE_JUMP_COST: f32 = 0.35;
const VOICING_CHANGE_COST: f32 = 0.14;
const IMPOSSIBLE: f32 = -1e30;

/// A period that a frame may have; strength 0 for an empty slot.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Candidate {
    pub f0_hz: f32,
    pub strength: f32,
}

/// The candidates of a frame, strongest first.
pub(crate) type Candidates = [Candidate; SLOTS];

/// Finds candidates in power spectra of windowed frames.
#[derive(Clone, Debug)]
pub(crate) struct Periodicity {
    fft: RealFft,
    bins: Vec<Complex>,
    /// The autocorrelation, up to the lag behind the longest.
    lags: Vec<F32s>,
    /// r_w(0)/r_w(τ) per lag.
    correction: Vec<f32>,
}

impl Periodicity {
    /// Plans for frames under `window`, whose transforms have `fft_length` points.
    ///
    /// # Panics
    /// If the transform is so short that the longest lag wraps round.
    pub fn new(window: &[f32], fft_length: usize) -> Self {
        assert!(LONGEST + window.len() <= fft_length, "lags wrap round");
        // Of eight lags side by side. Behind the window there is nothing, and adding that changes no sum.
        let mut padded: Vec<f64> = window.iter().map(|&w| f64::from(w)).collect();
        padded.resize(window.len() + LONGEST + 2 * LANES, 0.0);
        let products = |lag: usize| {
            widest(
                #[inline(always)]
                || {
                    let mut sums = F64s::default();
                    for (&w, later) in padded[..window.len()]
                        .iter()
                        .zip(padded[lag..].windows(LANES))
                    {
                        sums += w * F64s(std::array::from_fn(
                            #[inline(always)]
                            |i| later[i],
                        ));
                    }
                    sums
                },
            )
        };
        let products: Vec<f64> = (0..LONGEST + 2)
            .step_by(LANES)
            .flat_map(|lag| products(lag).0)
            .collect();
        Self {
            fft: RealFft::new(fft_length),
            bins: vec![Complex::default(); fft_length / 2],
            lags: vec![F32s::default(); LONGEST + 2],
            correction: products[..LONGEST + 2]
                .iter()
                .map(|product| (products[0] / product) as f32)
                .collect(),
        }
    }

    /// The candidates of eight frames; `power` may end before the Nyquist frequency.
    pub fn process(&mut self, power: &[F32s]) -> [Candidates; LANES] {
        let value = |k: usize| power.get(k).copied().unwrap_or_default();
        self.fft.inverse_of_real(value, &mut self.bins);
        widest(
            #[inline(always)]
            || self.fft.first_samples(&self.bins, &mut self.lags),
        );
        let mut found = [Candidates::default(); LANES];
        widest(
            #[inline(always)]
            || self.search(&mut found),
        );
        found
    }

    #[inline(always)]
    fn search(&self, found: &mut [Candidates; LANES]) {
        let at = |lag: usize| self.correction[lag] * self.lags[lag];
        // Silence has no peaks: everything is 0 times 0.
        let scale = at(0).map(|r| if r > 0.0 { 1.0 / r } else { 0.0 });
        let (mut before, mut here) = (at(SHORTEST - 1) * scale, at(SHORTEST) * scale);
        let floor = F32s::splat(0.5 * VOICING);
        for lag in SHORTEST..=LONGEST {
            let after = at(lag + 1) * scale;
            let is_peak = Mask::of(before, here, |before, here| before < here)
                .and(Mask::of(here, after, |here, after| here >= after))
                .and(Mask::of(here, floor, |here, floor| here > floor));
            if is_peak.any() {
                for lane in (0..LANES).filter(|&lane| is_peak.get(lane)) {
                    let points = [before, here, after].map(|r| f64::from(r.0[lane]));
                    let (shift, height) = parabola(points);
                    let height = (height as f32).min(1.0);
                    let period = lag as f32 + shift as f32;
                    let strength = height - OCTAVE_COST * libm::log2f(period / LONGEST as f32);
                    let f0_hz = RATE_HZ as f32 / period;
                    insert(&mut found[lane], Candidate { f0_hz, strength });
                }
            }
            (before, here) = (here, after);
        }
    }
}

fn insert(candidates: &mut Candidates, new: Candidate) {
    if let Some(place) = candidates.iter().position(|c| new.strength > c.strength) {
        candidates[place..].rotate_right(1);
        candidates[place] = new;
    }
}

/// A frame that waits: its frequencies and, per state, the state of the frame before.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    f0_hz: [f32; SLOTS],
    previous: [u8; STATES],
}

/// The path search. Decisions come out in order, each as the pitch in Hz, 0 for unvoiced.
#[derive(Clone, Debug)]
pub(crate) struct Path {
    score: [f32; STATES],
    octave: [f32; SLOTS],
    waiting: Vec<Waiting>,
    started: bool,
}

impl Path {
    /// A search that has seen nothing.
    pub fn new() -> Self {
        Self {
            score: [0.0; STATES],
            octave: [0.0; SLOTS],
            waiting: Vec::with_capacity(LONGEST_WAIT),
            started: false,
        }
    }

    /// Adds a frame and hands the frames that this decides to `decided`.
    pub fn push(&mut self, candidates: &Candidates, mut decided: impl FnMut(f32)) {
        let mut f0_hz = F32s::splat(1.0);
        for (f0_hz, c) in f0_hz.0.iter_mut().zip(candidates) {
            *f0_hz = c.f0_hz.max(1.0);
        }
        let octaves = widest(
            #[inline(always)]
            || log2s(f0_hz),
        );
        let octave = std::array::from_fn(|slot| octaves.0[slot]);
        let mut local = [VOICING; STATES];
        for (local, c) in local.iter_mut().zip(candidates) {
            *local = if c.f0_hz > 0.0 {
                c.strength
            } else {
                IMPOSSIBLE
            };
        }
        let mut previous = [0; STATES];
        if std::mem::replace(&mut self.started, true) {
            let before = self.score;
            for state in 0..STATES {
                let (from, score) = self.best_way_to(&before, state, &octave);
                previous[state] = from;
                local[state] = (local[state] + score).max(IMPOSSIBLE);
            }
            // Only differences count; without this a long recording would run out of digits.
            let best = local.iter().copied().fold(IMPOSSIBLE, f32::max);
            local = local.map(|score| (score - best).max(IMPOSSIBLE));
        }
        self.score = local;
        self.octave = octave;
        self.waiting.push(Waiting {
            f0_hz: candidates.map(|c| c.f0_hz),
            previous,
        });
        self.decide(&mut decided);
    }

    fn best_way_to(
        &self,
        before: &[f32; STATES],
        state: usize,
        octave: &[f32; SLOTS],
    ) -> (u8, f32) {
        let mut best = (0, f32::NEG_INFINITY);
        for (from, &score) in before.iter().enumerate() {
            let cost = match (from == UNVOICED, state == UNVOICED) {
                (true, true) => 0.0,
                (false, false) => OCTAVE_JUMP_COST * (octave[state] - self.octave[from]).abs(),
                _ => VOICING_CHANGE_COST,
            };
            if score - cost > best.1 {
                best = (from as u8, score - cost);
            }
        }
        best
    }

    /// Hands out the frames on which all surviving paths agree, or the oldest if too many wait.
    fn decide(&mut self, decided: &mut impl FnMut(f32)) {
        let mut alive: [bool; STATES] = std::array::from_fn(|s| self.score[s] > 0.5 * IMPOSSIBLE);
        let mut agreed = None;
        for t in (0..self.waiting.len()).rev() {
            if let Some(state) = only(&alive) {
                agreed = Some((t, state));
                break;
            }
            let mut earlier = [false; STATES];
            for state in (0..STATES).filter(|&s| alive[s]) {
                earlier[usize::from(self.waiting[t].previous[state])] = true;
            }
            alive = earlier;
        }
        if let Some((t, state)) = agreed {
            self.hand_out(t, state, t + 1, decided);
        } else if self.waiting.len() == LONGEST_WAIT {
            self.hand_out(LONGEST_WAIT - 1, self.best(), 1, decided);
        }
    }

    fn best(&self) -> usize {
        argmax(self.score)
    }

    /// Hands out the first `count` frames of the path that is in `state` at frame `t`.
    fn hand_out(&mut self, t: usize, state: usize, count: usize, decided: &mut impl FnMut(f32)) {
        let mut states = [state; LONGEST_WAIT];
        for t in (0..t).rev() {
            states[t] = usize::from(self.waiting[t + 1].previous[states[t + 1]]);
        }
        for (frame, &state) in self.waiting.iter().zip(&states[..count]) {
            decided(if state == UNVOICED {
                0.0
            } else {
                frame.f0_hz[state]
            });
        }
        self.waiting.drain(..count);
    }

    /// Decides all that waits, at the end of the input.
    pub fn finish(&mut self, mut decided: impl FnMut(f32)) {
        if let Some(last) = self.waiting.len().checked_sub(1) {
            self.hand_out(last, self.best(), last + 1, &mut decided);
        }
        self.reset();
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.waiting.clear();
        self.started = false;
    }
}

/// The one that is true, if it is one.
fn only(alive: &[bool; STATES]) -> Option<usize> {
    let mut states = (0..STATES).filter(|&s| alive[s]);
    match (states.next(), states.next()) {
        (Some(state), None) => Some(state),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(slots: &[(f32, f32)]) -> Candidates {
        let mut candidates = Candidates::default();
        for (slot, &(f0_hz, strength)) in candidates.iter_mut().zip(slots) {
            *slot = Candidate { f0_hz, strength };
        }
        candidates
    }

    fn run(frames: &[Candidates]) -> Vec<f32> {
        let mut search = Path::new();
        let mut path = Vec::new();
        for f in frames {
            search.push(f, |f0| path.push(f0));
        }
        search.finish(|f0| path.push(f0));
        path
    }

    #[test]
    fn an_octave_error_of_one_frame_is_passed_over() {
        let mut frames = vec![frame(&[(200.0, 0.95), (100.0, 0.93)]); 9];
        frames[4] = frame(&[(100.0, 0.95), (200.0, 0.85)]);
        assert_eq!(run(&frames), vec![200.0; 9]);
    }

    #[test]
    fn weak_periodicity_is_unvoiced_and_a_gap_of_one_frame_is_kept() {
        assert_eq!(run(&vec![frame(&[(300.0, 0.3)]); 12]), vec![0.0; 12]);
        let mut frames = vec![frame(&[(200.0, 0.9)]); 9];
        frames[4] = frame(&[]);
        assert_eq!(run(&frames)[4], 0.0);
    }

    #[test]
    fn no_frame_waits_longer_than_forty_and_each_is_decided_once() {
        let frames = vec![frame(&[(150.0, 0.9), (100.0, 0.9)]); 115];
        let mut search = Path::new();
        let (mut decided, mut longest) = (0, 0);
        for (t, f) in frames.iter().enumerate() {
            search.push(f, |_| decided += 1);
            longest = longest.max(t + 1 - decided);
        }
        search.finish(|_| decided += 1);
        assert_eq!(decided, 115);
        assert!(longest < LONGEST_WAIT, "{longest}");
    }
}
