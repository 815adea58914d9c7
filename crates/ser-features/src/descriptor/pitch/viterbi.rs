//! The cheapest path through the pitch candidates, found while frames still arrive.
//!
//! ```text
//! cost_t(b) = local_t(b) + min_a ( cost_{t−1}(a) + change(a, b) )        states: six candidates, and "unvoiced"
//! ```
//!
//! After I. Luengo et al. (2007), "Evaluation of pitch detection algorithms under real conditions", ICASSP. A frame is decided as
//! soon as all seven surviving paths agree on it, or, one at a time, when 40 frames are waiting. How many are decided when the input ends
//! is part of the feature set: the functionals of everything that depends on pitch see only those (see `contour::smooth`).
//!
//! Differs, as the reference does: the second difference in the cost of a change does not follow the path. It
//! compares with the pair of frequencies that was *evaluated* last.

use super::subharmonic::{Candidates, SLOTS};
use crate::lanes::{F32s, F64s, LANES, widest};
use crate::spectrum::logarithm_double::logarithms;

/// States: the candidates and "unvoiced".
const STATES: usize = SLOTS + 1;
const UNVOICED: usize = SLOTS;
/// Frames that may wait for a decision.
pub(crate) const LONGEST_WAIT: usize = 40;
const VOICING_THRESHOLD: f32 = 0.7;

const LOCAL_WEIGHT: f64 = 2.0;
const BELOW_THRESHOLD: f64 = 4.0;
const UNVOICED_DESPITE_CANDIDATE: f64 = 8.0;
const CHANGE_WEIGHT: f64 = 10.0;
const VOICING_CHANGE: f64 = 10.0;
const STAY_UNVOICED: f64 = 1.0;
const IMPOSSIBLE: f64 = 999.0;

/// A frame that waits: its candidates' frequencies and, per state, the state of the frame before.
#[derive(Clone, Copy, Debug, Default)]
struct Waiting {
    f0_hz: [f32; SLOTS],
    previous: [u8; STATES],
}

/// The path search. Decisions come out in order, each as the pitch in Hz, 0 for unvoiced.
#[derive(Clone, Debug)]
pub(crate) struct PathSearch {
    cost: [f64; STATES],
    /// The undecided frames, oldest first, and the newest one.
    waiting: [Waiting; LONGEST_WAIT],
    count: usize,
    seen: usize,
}

impl PathSearch {
    /// A search that has seen nothing.
    pub fn new() -> Self {
        Self {
            cost: [0.0; STATES],
            waiting: [Waiting::default(); LONGEST_WAIT],
            count: 0,
            seen: 0,
        }
    }

    /// Adds a frame and hands the frames that this decides to `decided`.
    #[inline(never)]
    pub fn push(&mut self, candidates: &Candidates, mut decided: impl FnMut(f32)) {
        let f0_hz = candidates.map(|c| c.f0_hz);
        let local = local_costs(candidates);
        let mut previous = [0; STATES];
        if self.seen == 0 {
            self.cost = local;
        } else {
            let before = self.newest_f0();
            previous = self.advance(&before, &f0_hz, &local);
        }
        self.seen += 1;
        self.waiting[self.count] = Waiting { f0_hz, previous };
        self.count += 1;
        if self.count == LONGEST_WAIT {
            let path = self.path_from(self.cheapest());
            decided(self.pitch(0, path[0]));
            self.forget(1);
        } else {
            let agreed = self.agreed();
            if let Some(state) = agreed.1 {
                let path = self.path_through(agreed.0 - 1, state);
                for (t, &state) in path[..agreed.0].iter().enumerate() {
                    decided(self.pitch(t, state));
                }
                self.forget(agreed.0);
            }
        }
    }

    /// Decides all that waits, at the end of the input.
    pub fn finish(&mut self, mut decided: impl FnMut(f32)) {
        let path = self.path_from(self.cheapest());
        for (t, &state) in path[..self.count].iter().enumerate() {
            decided(self.pitch(t, state));
        }
        self.reset();
    }

    /// Forgets everything.
    pub fn reset(&mut self) {
        self.count = 0;
        self.seen = 0;
    }

    fn newest_f0(&self) -> [f32; SLOTS] {
        // The newest frame always waits: seven paths end in seven states.
        self.waiting[self.count - 1].f0_hz
    }

    fn advance(
        &mut self,
        before: &[f32; SLOTS],
        now: &[f32; SLOTS],
        local: &[f64; STATES],
    ) -> [u8; STATES] {
        let mut cost = [0.0; STATES];
        let mut previous = [0; STATES];
        let ratios = log_ratios(before, now);
        for b in 0..STATES {
            // The pair evaluated last. At the very first change of a recording it starts at one.
            let mut last_ratio = if self.seen == 1 && b == 0 { 1.0 } else { 0.0 };
            let mut best = (f64::INFINITY, 0);
            for (a, &cost_before) in self.cost.iter().enumerate() {
                let change = match (a == UNVOICED, b == UNVOICED) {
                    (true, true) => STAY_UNVOICED,
                    (true, false) | (false, true) => VOICING_CHANGE,
                    (false, false) if before[a] == 0.0 || now[b] == 0.0 => IMPOSSIBLE,
                    (false, false) => {
                        let ratio = ratios[b][a];
                        let bend = ratio - last_ratio;
                        last_ratio = ratio;
                        CHANGE_WEIGHT * ratio.abs() + CHANGE_WEIGHT * bend.abs()
                    }
                };
                let total = cost_before + change;
                if total < best.0 {
                    best = (total, a);
                }
            }
            cost[b] = best.0 + local[b];
            previous[b] = best.1 as u8;
        }
        self.cost = cost;
        previous
    }

    /// How many waiting frames all seven paths agree on, and the state of the last of them.
    fn agreed(&self) -> (usize, Option<usize>) {
        let mut states: [usize; STATES] = std::array::from_fn(|s| s);
        for t in (0..self.count - 1).rev() {
            let previous = &self.waiting[t + 1].previous;
            states = states.map(|s| usize::from(previous[s]));
            if states.iter().all(|&s| s == states[0]) {
                return (t + 1, Some(states[0]));
            }
        }
        (0, None)
    }

    fn cheapest(&self) -> usize {
        (1..STATES).fold(0, |best, s| {
            if self.cost[s] < self.cost[best] {
                s
            } else {
                best
            }
        })
    }

    fn path_from(&self, state: usize) -> [usize; LONGEST_WAIT] {
        self.path_through(self.count.saturating_sub(1), state)
    }

    /// The states up to the waiting frame `t`, which is in `state`.
    fn path_through(&self, t: usize, state: usize) -> [usize; LONGEST_WAIT] {
        let mut path = [state; LONGEST_WAIT];
        for t in (0..t).rev() {
            path[t] = usize::from(self.waiting[t + 1].previous[path[t + 1]]);
        }
        path
    }

    fn pitch(&self, t: usize, state: usize) -> f32 {
        if state == UNVOICED {
            0.0
        } else {
            self.waiting[t].f0_hz[state]
        }
    }

    fn forget(&mut self, frames: usize) {
        self.waiting.copy_within(frames..self.count, 0);
        self.count -= frames;
    }
}

/// ln(now_b / before_a) at `[b][a]`; without meaning where either is 0.
#[inline(never)]
fn log_ratios(before: &[f32; SLOTS], now: &[f32; SLOTS]) -> [[f64; LANES]; SLOTS] {
    widest(
        #[inline(always)]
        || {
            let mut divisor = F32s::splat(1.0);
            divisor.0[..SLOTS].copy_from_slice(before);
            let mut ratios = [[0.0; LANES]; SLOTS];
            for b in 0..SLOTS {
                ratios[b] = logarithms(F32s::splat(now[b]).over(divisor).widen()).0;
            }
            ratios
        },
    )
}

fn local_costs(candidates: &Candidates) -> [f64; STATES] {
    let mut voicings = F64s::splat(1.0);
    for (voicing, candidate) in voicings.0.iter_mut().zip(candidates) {
        *voicing = f64::from(candidate.voicing).clamp(0.01, 1.0);
    }
    let logarithms = widest(
        #[inline(always)]
        || logarithms(voicings),
    );
    let mut cost = [0.0; STATES];
    for (i, (cost, candidate)) in cost.iter_mut().zip(candidates).enumerate() {
        let doubt = if voicings.0[i] < f64::from(VOICING_THRESHOLD) {
            BELOW_THRESHOLD
        } else {
            0.0
        };
        *cost = LOCAL_WEIGHT * (doubt - logarithms.0[i]) + range_cost(candidate.f0_hz);
    }
    let voiced = candidates.iter().any(|c| c.voicing >= VOICING_THRESHOLD);
    cost[UNVOICED] = if voiced {
        UNVOICED_DESPITE_CANDIDATE
    } else {
        0.0
    };
    cost
}

/// What speaks against a frequency: nothing between 100 and 350 Hz; empty slots are states too.
fn range_cost(hz: f32) -> f64 {
    let hz = f64::from(hz);
    if hz <= 0.0 {
        2.0
    } else if hz < 100.0 {
        1.0 - hz / 100.0
    } else if hz < 350.0 {
        0.0
    } else if hz < 600.0 {
        (hz - 350.0) / 250.0
    } else {
        1.2
    }
}

#[cfg(test)]
mod tests {
    use super::super::subharmonic::Candidate;
    use super::*;

    fn frame(slots: &[(f32, f32)]) -> Candidates {
        let mut candidates = Candidates::default();
        for (slot, &(f0_hz, voicing)) in candidates.iter_mut().zip(slots) {
            *slot = Candidate {
                f0_hz,
                voicing,
                score: voicing,
            };
        }
        candidates
    }

    fn run(frames: &[Candidates]) -> (Vec<f32>, usize) {
        let mut search = PathSearch::new();
        let mut path = Vec::new();
        for f in frames {
            search.push(f, |f0| path.push(f0));
        }
        let decided = path.len();
        search.finish(|f0| path.push(f0));
        (path, decided)
    }

    #[test]
    fn an_octave_error_of_one_frame_is_passed_over() {
        let mut frames = vec![frame(&[(200.0, 0.9), (100.0, 0.7)]); 9];
        frames[4] = frame(&[(400.0, 0.9), (200.0, 0.85)]);
        let (path, _) = run(&frames);
        assert_eq!(path, vec![200.0; 9]);
    }

    #[test]
    fn noise_is_unvoiced_and_decided_one_frame_late() {
        let (path, decided) = run(&vec![frame(&[(300.0, 0.3)]); 12]);
        assert_eq!((path, decided), (vec![0.0; 12], 11));
    }

    #[test]
    fn every_frame_is_decided_once_and_none_waits_longer_than_forty() {
        // Two equally good and stable voices: no agreement, so the longest wait decides.
        let frames = vec![frame(&[(150.0, 0.9), (100.0, 0.9)]); 115];
        let mut search = PathSearch::new();
        let (mut decided, mut longest) = (0, 0);
        for (t, f) in frames.iter().enumerate() {
            search.push(f, |_| decided += 1);
            longest = longest.max(t + 1 - decided);
        }
        search.finish(|_| decided += 1);
        assert_eq!(decided, 115);
        assert!(longest < LONGEST_WAIT, "{longest}");
    }

    #[test]
    fn nothing_in_nothing_out() {
        assert_eq!(run(&[]), (vec![], 0));
    }
}
