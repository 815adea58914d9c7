//! Which resonance is which formant: the cheapest way through a voiced stretch.
//!
//! ```text
//! cost = Σ_t Σ_m [ 2·|F_m − ref_m|/1 kHz + 0.2·B_m/F_m + 1 if not clear ]  +  Σ_t Σ_m 0.5·|log₂(F_m(t)/F_m(t−1))|,     m = 1, 2, 3
//! ref  = 520, 1570, 2600 Hz
//! ```
//!
//! K. Xia, C. Espy-Wilson (2000), "A new strategy of formant tracking based on dynamic programming", ICSLP. A state takes three of a
//! frame's resonances in order of frequency; where there are fewer than three, a formant is absent at a cost. It is absent, too, where the way leads over a resonance
//! that noise covers (`background`). The references lie
//! between those of men and women (neutral tubes of 17.5 and 16 cm). The weights were chosen on Emo-DB by agreement with Praat's medians, among a dozen
//! settings; halving or doubling each moves the correlations by less than .02.
//!
//! Corrected: the reference numbers the roots of each frame by frequency, so one spurious root moves all formants above it.

use super::all_pole::{CANDIDATES, Resonance, Resonances};
use crate::lanes::{F32s, LANES, Mask, widest};
use crate::spectrum::logarithm_binary::log2s;

const REFERENCE_HZ: [f32; 3] = [520.0, 1570.0, 2600.0];
const PER_HZ: f32 = 2.0 / 1000.0;
const PER_BANDWIDTH: f32 = 0.2;
const PER_OCTAVE: f32 = 0.5;
const UNCLEAR: f32 = 1.0;
const ABSENCE: f32 = 1.0;
const ABSENCE_CHANGE: f32 = 0.25;

/// An assignment: the resonance of each formant.
type State = [Option<u8>; 3];

/// States of a frame at most: three of five.
const MOST_STATES: usize = 10;
/// Places for them: whole vectors.
const PLACES: usize = MOST_STATES.next_multiple_of(LANES);

/// Assigns the resonances of a stretch's frames to F1, F2, F3.
pub(crate) fn track(frames: &[Resonances]) -> Vec<[Resonance; 3]> {
    let mut cost = [f32::INFINITY; PLACES];
    let mut before: Option<Costed> = None;
    let mut ways: Vec<([State; MOST_STATES], [u8; MOST_STATES])> = Vec::with_capacity(frames.len());
    for frame in frames {
        let now = Costed::new(frame);
        let mut from = [0; MOST_STATES];
        let mut next = [f32::INFINITY; PLACES];
        for s in 0..now.count {
            let (way, least) = match &before {
                Some(before) => widest(
                    #[inline(always)]
                    || before.cheapest_way(&cost, now.octave.map(|of_states| of_states[s])),
                ),
                None => (0, 0.0),
            };
            from[s] = way;
            next[s] = least + now.local[s];
        }
        // Only differences count.
        let least = next.iter().copied().fold(f32::INFINITY, f32::min);
        cost = next.map(|cost| cost - least);
        ways.push((now.states, from));
        before = Some(now);
    }
    let count = before.map_or(0, |last| last.count);
    let mut state = (0..count).fold(0, |best, s| if cost[s] < cost[best] { s } else { best });
    let mut formants = vec![[Resonance::ABSENT; 3]; frames.len()];
    for ((formants, frame), (states, from)) in formants.iter_mut().zip(frames).zip(&ways).rev() {
        for (formant, place) in formants.iter_mut().zip(states[state]) {
            let resonance = place.map(|place| frame[usize::from(place)]);
            *formant = resonance
                .filter(|r| r.is_clear)
                .unwrap_or(Resonance::ABSENT);
        }
        state = usize::from(from[state]);
    }
    formants
}

/// The states of a frame with what each costs by itself, and the octaves of their formants.
struct Costed {
    states: [State; MOST_STATES],
    local: [f32; MOST_STATES],
    /// log₂ of the frequencies of each formant; NaN where absent.
    octave: [[f32; PLACES]; 3],
    /// log₂ of the frequencies of the resonances.
    octaves: F32s,
    count: usize,
}

impl Costed {
    fn new(frame: &Resonances) -> Self {
        let mut hz = F32s::splat(1.0);
        for (hz, resonance) in hz.0.iter_mut().zip(frame) {
            *hz = resonance.hz;
        }
        let mut costed = Self {
            states: [[None; 3]; MOST_STATES],
            local: [0.0; MOST_STATES],
            octave: [[f32::NAN; PLACES]; 3],
            octaves: widest(
                #[inline(always)]
                || log2s(hz),
            ),
            count: 0,
        };
        let found = frame.iter().take_while(|r| r.hz.is_finite()).count() as u8;
        match found {
            0 => costed.add(frame, [None; 3]),
            1 => (0..3)
                .for_each(|m| costed.add(frame, std::array::from_fn(|i| (i == m).then_some(0)))),
            2 => {
                costed.add(frame, [Some(0), Some(1), None]);
                costed.add(frame, [Some(0), None, Some(1)]);
                costed.add(frame, [None, Some(0), Some(1)]);
            }
            _ => {
                for a in 0..found {
                    for b in a + 1..found {
                        for c in b + 1..found {
                            costed.add(frame, [Some(a), Some(b), Some(c)]);
                        }
                    }
                }
            }
        }
        debug_assert!(CANDIDATES == 5 && costed.count <= MOST_STATES);
        costed
    }

    fn add(&mut self, frame: &Resonances, state: State) {
        let s = self.count;
        self.states[s] = state;
        for (m, place) in state.iter().enumerate() {
            let Some(place) = place else {
                self.local[s] += ABSENCE;
                continue;
            };
            let Resonance {
                hz,
                bandwidth_hz,
                is_clear,
            } = frame[usize::from(*place)];
            self.local[s] +=
                PER_HZ * (hz - REFERENCE_HZ[m]).abs() + PER_BANDWIDTH * bandwidth_hz / hz;
            if !is_clear {
                self.local[s] += UNCLEAR;
            }
            self.octave[m][s] = self.octaves.0[usize::from(*place)];
        }
        self.count += 1;
    }

    /// From which state it costs least to go to one whose formants lie at these octaves, and what it costs on the whole; the states have cost so much so far.
    #[inline(always)]
    fn cheapest_way(&self, cost: &[f32; PLACES], octave: [f32; 3]) -> (u8, f32) {
        let mut totals = [F32s::default(); PLACES / LANES];
        for (eight, total) in totals.iter_mut().enumerate() {
            let mut change = F32s::default();
            for (of_states, &octave) in self.octave.iter().zip(&octave) {
                let jump = F32s(of_states.as_chunks().0[eight]) - F32s::splat(octave);
                let jump = jump.map(
                    #[inline(always)]
                    |jump| jump.abs(),
                );
                // NaN where one or both are absent.
                let is_number = Mask::of(jump, jump, |a, b| a == b);
                change += is_number.choose(PER_OCTAVE * jump, F32s::splat(ABSENCE_CHANGE));
            }
            *total = F32s(cost.as_chunks().0[eight]) + change;
        }
        let [first, others @ ..] = totals;
        let least = others.into_iter().fold(first, F32s::min);
        let least = least
            .0
            .into_iter()
            .fold(f32::INFINITY, |a, b| if b < a { b } else { a });
        let mut states = totals.iter().flat_map(|eight| eight.0);
        let way = states.position(|total| total == least).unwrap_or(0);
        (way as u8, least)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frame(resonances: &[(f32, f32)]) -> Resonances {
        let mut frame = [Resonance::ABSENT; CANDIDATES];
        for (place, &(hz, bandwidth_hz)) in frame.iter_mut().zip(resonances) {
            *place = Resonance {
                hz,
                bandwidth_hz,
                is_clear: true,
            };
        }
        frame
    }

    #[test]
    fn a_spurious_root_of_one_frame_moves_nothing() {
        let clean = frame(&[
            (500.0, 60.0),
            (1500.0, 90.0),
            (2500.0, 120.0),
            (3500.0, 150.0),
        ]);
        let mut frames = vec![clean; 7];
        frames[3] = frame(&[
            (500.0, 60.0),
            (900.0, 500.0),
            (1500.0, 90.0),
            (2500.0, 120.0),
            (3500.0, 150.0),
        ]);
        let formants = track(&frames).map_hz();
        assert_eq!(formants, vec![[500.0, 1500.0, 2500.0]; 7]);
    }

    #[test]
    fn a_resonance_of_noise_between_two_formants_moves_nothing_and_one_in_the_place_of_a_formant_is_none()
     {
        let mut noisy = frame(&[
            (300.0, 60.0),
            (1100.0, 80.0),
            (1600.0, 150.0),
            (2300.0, 120.0),
        ]);
        assert_eq!(track(&[noisy; 5]).map_hz()[2], [300.0, 1600.0, 2300.0]);
        noisy[2].is_clear = false;
        assert_eq!(track(&[noisy; 5]).map_hz()[2], [300.0, 1100.0, 2300.0]);
        noisy[3].is_clear = false;
        let formants = track(&[noisy; 5]).map_hz()[2];
        assert_eq!(formants[..2], [300.0, 1100.0]);
        assert!(formants[2].is_nan());
    }

    #[test]
    fn a_missing_formant_is_absent_and_the_others_keep_their_names() {
        let clean = frame(&[(500.0, 60.0), (1500.0, 90.0), (2500.0, 120.0)]);
        let mut frames = vec![clean; 7];
        frames[2] = frame(&[(500.0, 60.0), (2500.0, 120.0)]);
        frames[5] = frame(&[]);
        let formants = track(&frames).map_hz();
        assert!(formants[2][1].is_nan() && formants[5].iter().all(|hz| hz.is_nan()));
        assert_eq!((formants[2][0], formants[2][2]), (500.0, 2500.0));
        assert!(track(&[]).is_empty());
    }

    trait Frequencies {
        fn map_hz(&self) -> Vec<[f32; 3]>;
    }

    impl Frequencies for Vec<[Resonance; 3]> {
        fn map_hz(&self) -> Vec<[f32; 3]> {
            self.iter().map(|f| f.map(|r| r.hz)).collect()
        }
    }

    #[test]
    fn the_cheapest_way_is_that_of_plain_loops() {
        let mut state = 5_u32;
        let mut number = || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32
        };
        for round in 0..300 {
            let count = 1 + round % CANDIDATES;
            let resonances: Vec<(f32, f32)> = (0..count)
                .map(|i| {
                    (
                        300.0 + 900.0 * (i as f32 + number()),
                        40.0 + 200.0 * number(),
                    )
                })
                .collect();
            let before = Costed::new(&frame(&resonances));
            let mut cost = [f32::INFINITY; PLACES];
            // Few values, so that many are equal.
            for cost in &mut cost[..before.count] {
                *cost = (3.0 * number()).floor();
            }
            let octave = [number(), f32::NAN, number()].map(|x| 9.0 + 3.0 * x);
            let mut want = (0, f32::INFINITY);
            for (b, &so_far) in cost[..before.count].iter().enumerate() {
                let mut change = 0.0;
                for (of_states, &octave) in before.octave.iter().zip(&octave) {
                    let jump = (of_states[b] - octave).abs();
                    change += match jump.is_nan() {
                        true => ABSENCE_CHANGE,
                        false => PER_OCTAVE * jump,
                    };
                }
                if so_far + change < want.1 {
                    want = (b as u8, so_far + change);
                }
            }
            assert_eq!(before.cheapest_way(&cost, octave), want, "{resonances:?}");
        }
    }
}
