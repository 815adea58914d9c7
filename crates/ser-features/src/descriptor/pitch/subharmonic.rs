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

use crate::lanes::{F32s, F64s, LANES, Mask, widest};
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
    /// Peaks that can lie between the lowest and the highest frequency.
    lowest: usize,
    highest: usize,
    sum: Vec<F32s>,
}

impl SubharmonicSum {
    /// Plans for spectra of `points` points on `axis`.
    pub fn new(axis: OctaveAxis, points: usize) -> Self {
        let mut weight = 1.0;
        let harmonics = (2..=HARMONICS)
            .map(|h| {
                weight *= DECAY;
                let octaves = (h as f64).ln() / std::f64::consts::LN_2;
                (
                    (f64::from(axis.per_octave) * octaves).floor() as usize,
                    weight,
                )
            })
            .collect();
        // Two points of slack at either end.
        let point = |hz: f32| (hz.log2() - axis.lowest) / axis.step;
        let lowest = (point(LOWEST_HZ) as usize).saturating_sub(2);
        let highest = point(HIGHEST_HZ) as usize + 3;
        Self {
            axis,
            harmonics,
            lowest,
            highest,
            sum: vec![F32s::default(); points],
        }
    }

    /// The candidates of eight frames' octave spectra.
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
        for (first, tile) in (0..).step_by(TILE).zip(self.sum.chunks_mut(TILE)) {
            let mut sums = [F32s::default(); TILE];
            sums[..tile.len()].copy_from_slice(&spectra[first..first + tile.len()]);
            let whole = |&&(shift, _): &&(usize, f32)| first + shift + TILE <= spectra.len();
            let whole = self.harmonics.iter().take_while(whole).count();
            let (whole, cut) = self.harmonics.split_at(whole);
            sums = add_whole(sums, &spectra[first..], whole);
            for &(shift, weight) in cut {
                let shifted = spectra.get(first + shift..).unwrap_or_default();
                for (sum, &v) in sums.iter_mut().zip(shifted) {
                    *sum += weight * v;
                }
            }
            for (out, sum) in tile.iter_mut().zip(sums) {
                *out = sum.over(scale);
                total += out.widen();
            }
        }
        let points = self.sum.len() as f64;
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
        let mut highest = [[0; SLOTS]; LANES];
        let mut heights = [[f32::NEG_INFINITY; SLOTS]; LANES];
        // What a peak must exceed to be among the six.
        let mut lowest = F32s::splat(f32::NEG_INFINITY);
        for (j, window) in (1..).zip(self.sum.windows(3)) {
            let (before, here, after) = (window[0], window[1], window[2]);
            let is_peak = Mask::of(before, here, |before, here| before < here)
                .and(Mask::of(here, after, |here, after| here > after))
                .and(Mask::of(here, lowest, |here, lowest| here > lowest));
            if !is_peak.any() {
                continue;
            }
            for lane in (0..LANES).filter(|&lane| is_peak.get(lane)) {
                let (height, heights) = (here.0[lane], &mut heights[lane]);
                let place = heights
                    .iter()
                    .position(|&h| height > h)
                    .unwrap_or(SLOTS - 1);
                heights[place..].rotate_right(1);
                heights[place] = height;
                highest[lane][place..].rotate_right(1);
                highest[lane][place] = j;
                lowest.0[lane] = heights[SLOTS - 1];
            }
        }
        highest
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
        let inner = peaks.map(|peak| peak.clamp(1, self.sum.len() - 2));
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

/// Adds the harmonics that the spectra have for the whole tile.
#[inline(always)]
fn add_whole(mut sums: [F32s; TILE], spectra: &[F32s], harmonics: &[(usize, f32)]) -> [F32s; TILE] {
    for &(shift, weight) in harmonics {
        let shifted: &[F32s; TILE] = spectra[shift..].first_chunk().expect("a whole tile");
        for i in 0..TILE {
            sums[i] += weight * shifted[i];
        }
    }
    sums
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
        let mut points = vec![F32s::default(); shape.bins()];
        octave.process(&magnitudes, &mut points);
        let candidates = SubharmonicSum::new(octave.axis(), points.len()).process(&points);
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
}
