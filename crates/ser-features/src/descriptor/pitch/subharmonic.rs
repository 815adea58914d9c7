//! Pitch candidates by summation of sub-harmonics.
//!
//! ```text
//! S_j = 1/15 · Σ_{h=1..15} 0.85^(h−1) · V_{j + s_h},     s_h = floor(ρ·log₂ h)
//! ```
//!
//! On an octave axis a harmonic is a shift: every component votes for the fundamentals whose h-th harmonic it may be.
//! D. J. Hermes (1988), "Measurement of pitch by subharmonic summation", JASA 83, 257–264.
//!
//! The six highest peaks of S are refined by a parabola and kept if they lie between 55 and 1000 Hz; a candidate's voicing is
//! 1 − mean(S)/height. The sum is `f32`.

use crate::lanes::{F32s, F64s, LANES, Mask, for_each, widest};
use crate::spectrum::octave::OctaveAxis;
use crate::spectrum::parabola;

/// Number of candidate slots per frame.
pub(crate) const SLOTS: usize = 6;
const HARMONICS: usize = 15;
/// Points that are summed together.
const TILE: usize = 8;
const DECAY: f32 = 0.85;
const LOWEST_HZ: f32 = 55.0;
const HIGHEST_HZ: f32 = 1000.0;

/// One slot; all 0 when empty.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Candidate {
    pub f0_hz: f32,
    /// How far the peak stands above the mean of the sum, 0 … 1.
    pub voicing: f32,
    pub score: f32,
}

/// The candidates of a frame, the best one first, empty slots last.
pub(crate) type Candidates = [Candidate; SLOTS];

/// Shifts and weights of one octave axis.
#[derive(Clone, Debug)]
pub(crate) struct SubharmonicSum {
    axis: OctaveAxis,
    /// Shift in points and weight of the harmonics 2 … 15.
    harmonics: Vec<(usize, f32)>,
    /// How many of them reach a point of the spectra from some point of each tile.
    reaching: Vec<usize>,
    /// Points of the spectra.
    points: usize,
    /// Peaks that can lie between the lowest and the highest frequency.
    lowest: usize,
    highest: usize,
    /// Whole tiles; 0 beyond the points.
    sum: Vec<F32s>,
}

impl SubharmonicSum {
    /// Plans for spectra of `points` points on `axis`.
    pub fn new(axis: OctaveAxis, points: usize) -> Self {
        let mut weight = 1.0;
        let harmonics: Vec<(usize, f32)> = (2..=HARMONICS)
            .map(|h| {
                weight *= DECAY;
                let octaves = (h as f64).ln() / std::f64::consts::LN_2;
                (
                    (f64::from(axis.per_octave) * octaves).floor() as usize,
                    weight,
                )
            })
            .collect();
        let tiles = points.div_ceil(TILE);
        let reaches = |tile: usize, shift: usize| tile * TILE + shift < points;
        let reaching = (0..tiles)
            .map(|tile| harmonics.partition_point(|&(shift, _)| reaches(tile, shift)))
            .collect();
        // Two points of slack at either end.
        let point = |hz: f32| (hz.log2() - axis.lowest) / axis.step;
        let lowest = (point(LOWEST_HZ) as usize).saturating_sub(2);
        let highest = point(HIGHEST_HZ) as usize + 3;
        Self {
            axis,
            harmonics,
            reaching,
            points,
            lowest,
            highest,
            sum: vec![F32s::default(); tiles * TILE],
        }
    }

    /// Memory for octave spectra: behind their points there are zeros, so that every sum over a tile finds whole tiles.
    pub fn spectra(&self) -> Vec<F32s> {
        vec![F32s::default(); self.points + 2 * TILE]
    }

    /// The candidates of eight frames' octave spectra, which lie in [`spectra`](Self::spectra).
    pub fn process(&mut self, spectra: &[F32s]) -> [Candidates; LANES] {
        let mean = widest(
            #[inline(always)]
            || self.add_up(spectra),
        );
        let peaks = widest(
            #[inline(always)]
            || self.highest_peaks(),
        );
        self.candidates(&peaks, mean)
    }

    /// Sums the sub-harmonics, harmonic by harmonic in every point; gives the mean over the points. Neighbouring points are summed together, in registers.
    #[inline(always)]
    fn add_up(&mut self, spectra: &[F32s]) -> F64s {
        let scale = F32s::splat(HARMONICS as f32);
        let mut total = F64s::default();
        let tiles = self.sum.as_chunks_mut::<TILE>().0.iter_mut();
        for (first, (tile, &reaching)) in (0..).step_by(TILE).zip(tiles.zip(&self.reaching)) {
            let spectra = &spectra[first..];
            let mut sums: [F32s; TILE] = *spectra.first_chunk().expect("a whole tile");
            for &(shift, weight) in &self.harmonics[..reaching] {
                let shifted: &[F32s; TILE] = spectra[shift..].first_chunk().expect("a whole tile");
                for_each::<TILE>(
                    #[inline(always)]
                    |i| sums[i] += weight * shifted[i],
                );
            }
            for (out, sum) in tile.iter_mut().zip(sums) {
                *out = sum.over(scale);
                total += out.widen();
            }
        }
        let points = self.points as f64;
        total.map(|total| total / points)
    }

    fn candidates(&self, peaks: &[[usize; SLOTS]; LANES], mean: F64s) -> [Candidates; LANES] {
        let mut candidates = [Candidates::default(); LANES];
        let mut kept = [0; LANES];
        // The range is tested after the six were chosen: peaks outside it do take up slots.
        for slot in 0..SLOTS {
            let refined = self.refine(&peaks.map(|peaks| peaks[slot]), mean);
            for (lane, candidate) in refined.into_iter().enumerate() {
                if (LOWEST_HZ..=HIGHEST_HZ).contains(&candidate.f0_hz) {
                    candidates[lane][kept[lane]] = candidate;
                    kept[lane] += 1;
                }
            }
        }
        for (candidates, kept) in candidates.iter_mut().zip(kept) {
            let best = (1..kept).fold(0, |best, c| {
                if candidates[c].score > candidates[best].score {
                    c
                } else {
                    best
                }
            });
            candidates.swap(0, best);
        }
        candidates
    }

    /// The positions of the six largest peaks of each frame, the largest first; of equals the lower one first; 0 for none.
    #[inline(always)]
    fn highest_peaks(&self) -> [[usize; SLOTS]; LANES] {
        let mut places = [F32s::default(); SLOTS];
        let mut heights = [F32s::splat(f32::NEG_INFINITY); SLOTS];
        for (j, window) in (1..).zip(self.sum[..self.points].windows(3)) {
            let (before, here, after) = (window[0], window[1], window[2]);
            let is_peak = Mask::of(before, here, |before, here| before < here)
                .and(Mask::of(here, after, |here, after| here > after))
                .and(Mask::of(here, heights[SLOTS - 1], |here, least| {
                    here > least
                }));
            if is_peak.any() {
                let here = is_peak.choose(here, F32s::splat(f32::NEG_INFINITY));
                insert(&mut heights, &mut places, here, F32s::splat(j as f32));
            }
        }
        std::array::from_fn(|lane| places.map(|place| place.0[lane] as usize))
    }

    /// Is there a peak at all, and can it be in range? The vertex of its parabola lies between its neighbours.
    fn may_be_in_range(&self, peak: usize) -> bool {
        peak > 0 && (self.lowest..self.highest).contains(&peak)
    }

    /// One peak of each frame, refined; empty where it is none or cannot be in range.
    fn refine(&self, peaks: &[usize; LANES], mean: F64s) -> [Candidate; LANES] {
        let mut candidates = [Candidate::default(); LANES];
        if !peaks.iter().any(|&peak| self.may_be_in_range(peak)) {
            return candidates;
        }
        let inner = peaks.map(|peak| peak.clamp(1, self.points - 2));
        let (octave, height) = widest(
            #[inline(always)]
            || {
                let point = |k: usize| {
                    let j = inner.map(|peak| peak + k - 1);
                    let x = F32s(j.map(|j| j as f32 * self.axis.step + self.axis.lowest));
                    let y = F32s(std::array::from_fn(|lane| self.sum[j[lane]].0[lane]));
                    (x.widen(), y.widen())
                };
                let [(x1, y1), (x2, y2), (x3, y3)] = [point(0), point(1), point(2)];
                parabola::vertices([x1, x2, x3], [y1, y2, y3])
            },
        );
        for (lane, candidate) in candidates.iter_mut().enumerate() {
            let (height, mean) = (height.0[lane], mean.0[lane]);
            if self.may_be_in_range(peaks[lane]) {
                *candidate = Candidate {
                    f0_hz: (octave.0[lane] * std::f64::consts::LN_2).exp() as f32,
                    voicing: if height > 0.0 && height > mean {
                        (1.0 - mean / height) as f32
                    } else {
                        0.0
                    },
                    score: height as f32,
                };
            }
        }
        candidates
    }
}

/// Puts each frame's `height` in front of the first that is lower and moves the others on.
#[inline(always)]
fn insert(
    heights: &mut [F32s; SLOTS],
    places: &mut [F32s; SLOTS],
    mut height: F32s,
    mut place: F32s,
) {
    let mut moves = Mask::NONE;
    for (h, p) in heights.iter_mut().zip(places) {
        moves = moves.or(Mask::of(height, *h, |new, old| new > old));
        (height, *h) = (moves.choose(*h, height), moves.choose(height, *h));
        (place, *p) = (moves.choose(*p, place), moves.choose(place, *p));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::spectrum::octave::OctaveSpectrum;
    use crate::unit::SampleRate;

    fn candidates_of(partials_hz: &[f64]) -> Candidates {
        let shape = Geometry::new(SampleRate::new(16000).unwrap()).long;
        let mut magnitudes = vec![F32s::default(); shape.bins()];
        for hz in partials_hz {
            for (k, m) in magnitudes.iter_mut().enumerate() {
                let distance = (shape.bin_hz(k) - hz) / 20.0;
                *m += F32s::splat((-0.5 * distance * distance).exp() as f32);
            }
        }
        let mut octave = OctaveSpectrum::new(&shape);
        let mut sum = SubharmonicSum::new(octave.axis(), shape.bins());
        let mut points = sum.spectra();
        octave.process(&magnitudes, &mut points[..shape.bins()]);
        let candidates = sum.process(&points);
        assert_eq!(candidates[0], candidates[7]);
        candidates[3]
    }

    #[test]
    fn harmonics_of_200_hz_are_heard_as_200_hz() {
        let candidates = candidates_of(&(1..=15).map(|h| 200.0 * f64::from(h)).collect::<Vec<_>>());
        assert!((candidates[0].f0_hz - 200.0).abs() < 2.0, "{candidates:?}");
        assert!(candidates[0].voicing > 0.7);
    }

    #[test]
    fn a_missing_fundamental_is_found_among_the_candidates() {
        let candidates = candidates_of(&(2..=15).map(|h| 150.0 * f64::from(h)).collect::<Vec<_>>());
        assert!(
            candidates.iter().any(|c| (c.f0_hz - 150.0).abs() < 3.0),
            "{candidates:?}"
        );
    }

    #[test]
    fn silence_has_no_candidates() {
        assert_eq!(candidates_of(&[]), Candidates::default());
    }

    #[test]
    fn the_six_highest_peaks_are_those_of_sorting_the_lower_of_equals_first() {
        let shape = Geometry::new(SampleRate::new(16000).unwrap()).long;
        let axis = OctaveSpectrum::new(&shape).axis();
        let mut sum = SubharmonicSum::new(axis, 61);
        let mut state = 3_u32;
        for _ in 0..200 {
            for x in &mut sum.sum[..61] {
                *x = F32s(std::array::from_fn(|lane| {
                    state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    // Few values, so that many are equal; in one frame few peaks.
                    let few = lane == 7 && state >> 28 != 0;
                    if few { 0.0 } else { (state >> 29) as f32 }
                }));
            }
            let found = sum.highest_peaks();
            for (lane, found) in found.iter().enumerate() {
                let at = |j: usize| sum.sum[j].0[lane];
                let is_peak = |&j: &usize| at(j) > at(j - 1) && at(j) > at(j + 1);
                let mut want: Vec<usize> = (1..60).filter(is_peak).collect();
                want.sort_by(|&a, &b| at(b).total_cmp(&at(a)));
                want.resize(SLOTS, 0);
                assert_eq!(found[..], want[..], "{lane}");
            }
        }
    }
}
