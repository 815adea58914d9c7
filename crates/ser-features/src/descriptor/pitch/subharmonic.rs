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
        std::array::from_fn(|lane| self.candidates(&peaks[lane], mean.0[lane], lane))
    }

    /// Sums the sub-harmonics, harmonic by harmonic in every point; gives the mean over the points. Neighbouring points are summed together, in registers.
    #[inline(always)]
    fn add_up(&mut self, spectra: &[F32s]) -> F64s {
        let scale = F32s::splat(HARMONICS as f32);
        let mut total = F64s::default();
        for (first, tile) in (0..).step_by(TILE).zip(self.sum.chunks_mut(TILE)) {
            let mut sums = [F32s::default(); TILE];
            sums[..tile.len()].copy_from_slice(&spectra[first..first + tile.len()]);
            for &(shift, weight) in &self.harmonics {
                let Some(shifted) = spectra.get(first + shift..) else {
                    break;
                };
                if let Some(shifted) = shifted.first_chunk::<TILE>() {
                    for (sum, &v) in sums.iter_mut().zip(shifted) {
                        *sum += weight * v;
                    }
                } else {
                    for (sum, &v) in sums.iter_mut().zip(shifted) {
                        *sum += weight * v;
                    }
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

    fn candidates(&self, peaks: &[usize; SLOTS], mean: f64, lane: usize) -> Candidates {
        let mut candidates = Candidates::default();
        let mut kept = 0;
        // The range is tested after the six were chosen: peaks outside it do take up slots.
        for &peak in peaks.iter().filter(|&&peak| self.may_be_in_range(peak)) {
            let candidate = self.refine(peak, mean, lane);
            if (LOWEST_HZ..=HIGHEST_HZ).contains(&candidate.f0_hz) {
                candidates[kept] = candidate;
                kept += 1;
            }
        }
        let best = (1..kept).fold(0, |best, c| {
            if candidates[c].score > candidates[best].score {
                c
            } else {
                best
            }
        });
        candidates.swap(0, best);
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

    fn refine(&self, peak: usize, mean: f64, lane: usize) -> Candidate {
        let x = [peak - 1, peak, peak + 1]
            .map(|j| f64::from(j as f32 * self.axis.step + self.axis.lowest));
        let y = [peak - 1, peak, peak + 1].map(|j| f64::from(self.sum[j].0[lane]));
        let (octave, height) = parabola::vertex(x, y);
        Candidate {
            f0_hz: (octave * std::f64::consts::LN_2).exp() as f32,
            voicing: if height > 0.0 && height > mean {
                (1.0 - mean / height) as f32
            } else {
                0.0
            },
            score: height as f32,
        }
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
