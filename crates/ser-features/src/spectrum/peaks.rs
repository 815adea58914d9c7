//! Which bins of eight spectra are peaks, as a set of bits for each.
//!
//! A peak exceeds both neighbours; the first and the last bin have one only. A search among bits meets no branch per bin: the next peak above or below is
//! a count of zeros.

use crate::lanes::{F32s, LANES, Mask, widest};

/// Bits of a word that eight spectra share a vector register with.
const WORD: usize = u32::BITS as usize;

/// The peaks of eight spectra below a fixed bin.
#[derive(Clone, Debug)]
pub(crate) struct Peaks {
    /// How many bins are looked at.
    bins: usize,
    /// Bit `k % 32` of word `k / 32` tells whether bin `k` is a peak.
    words: Vec<[u32; LANES]>,
}

/// The peaks of one of the spectra.
#[derive(Clone, Copy, Debug)]
pub(crate) struct PeaksOf<'a> {
    words: &'a [[u32; LANES]],
    lane: usize,
}

impl Peaks {
    /// Memory for the first `bins` bins.
    pub fn new(bins: usize) -> Self {
        Self {
            bins,
            words: vec![[0; LANES]; bins.div_ceil(WORD)],
        }
    }

    /// Finds the peaks of spectra with at least as many bins, and at least two.
    pub fn find(&mut self, magnitudes: &[F32s]) {
        widest(
            #[inline(always)]
            || {
                let above = |a: F32s, b: F32s| Mask::of(a, b, |a, b| a > b);
                let last = magnitudes.len() - 1;
                for (w, word) in self.words.iter_mut().enumerate() {
                    let first = w * WORD;
                    let end = (first + WORD).min(self.bins);
                    let from = first.max(1);
                    let around = &magnitudes[from - 1..end.min(last) + 1];
                    *word = [0; LANES];
                    for (k, window) in (from - first..).zip(around.windows(3)) {
                        let here = window[1];
                        let peak = above(here, window[0]).and(above(here, window[2]));
                        peak.set(word, 1 << k);
                    }
                }
                above(magnitudes[0], magnitudes[1]).set(&mut self.words[0], 1);
                if last < self.bins {
                    let peak = above(magnitudes[last], magnitudes[last - 1]);
                    peak.set(&mut self.words[last / WORD], 1 << (last % WORD));
                }
            },
        );
    }

    /// Those of spectrum `lane`.
    pub fn of(&self, lane: usize) -> PeaksOf<'_> {
        PeaksOf {
            words: &self.words,
            lane,
        }
    }
}

impl PeaksOf<'_> {
    /// Is bin `k` a peak? Not beyond the bins that were looked at.
    #[inline(always)]
    pub fn has(self, k: usize) -> bool {
        self.words
            .get(k / WORD)
            .is_some_and(|word| word[self.lane] >> (k % WORD) & 1 != 0)
    }

    /// The peak closest to `expected`, not there itself, between `low` and `high`; of two equally close the upper one.
    #[inline(always)]
    pub fn closest(self, expected: usize, low: usize, high: usize) -> Option<usize> {
        let above = self.next(expected + 1, high);
        let nearest = above.map_or(0, |above| (2 * expected + 1).saturating_sub(above));
        let below = expected
            .checked_sub(1)
            .and_then(|start| self.previous(start, low.max(nearest)));
        below.or(above)
    }

    /// The lowest peak from `start` to `end`.
    #[inline(always)]
    fn next(self, start: usize, end: usize) -> Option<usize> {
        let mut at = start / WORD;
        let mut word = self.words.get(at)?[self.lane] & (u32::MAX << (start % WORD));
        while word == 0 {
            at += 1;
            if at * WORD > end {
                return None;
            }
            word = self.words.get(at)?[self.lane];
        }
        let found = at * WORD + word.trailing_zeros() as usize;
        (found <= end).then_some(found)
    }

    /// The highest peak from `start` down to `end`.
    #[inline(always)]
    fn previous(self, start: usize, end: usize) -> Option<usize> {
        let mut at = start / WORD;
        let mut word = self.words.get(at)?[self.lane] & (u32::MAX >> (WORD - 1 - start % WORD));
        while word == 0 {
            if at == 0 || at * WORD <= end {
                return None;
            }
            at -= 1;
            word = self.words[at][self.lane];
        }
        let found = at * WORD + WORD - 1 - word.leading_zeros() as usize;
        (found >= end).then_some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A spectrum that rises and falls without a pattern, the same in no two lanes.
    fn spectra(bins: usize) -> Vec<F32s> {
        let value = |k: usize, lane: usize| ((k * k * (lane + 3)) % 29) as f32;
        (0..bins)
            .map(|k| F32s(std::array::from_fn(|lane| value(k, lane))))
            .collect()
    }

    #[test]
    fn a_peak_exceeds_its_neighbours_and_the_ends_have_one() {
        for bins in [2, 31, 32, 33, 97] {
            let m = spectra(bins);
            let mut peaks = Peaks::new(bins);
            peaks.find(&spectra(bins).into_iter().rev().collect::<Vec<_>>());
            peaks.find(&m);
            for lane in 0..LANES {
                for k in 0..bins {
                    let here = m[k].0[lane];
                    let expected = (k == 0 || here > m[k - 1].0[lane])
                        && (k + 1 == bins || here > m[k + 1].0[lane]);
                    assert_eq!(peaks.of(lane).has(k), expected, "{k} of {bins}");
                }
                assert!(!peaks.of(lane).has(bins));
            }
        }
    }

    #[test]
    fn the_closest_peak_is_that_of_a_search_step_by_step() {
        let mut peaks = Peaks::new(100);
        peaks.find(&spectra(100));
        for lane in 0..LANES {
            let of = peaks.of(lane);
            for expected in 0..100_usize {
                for (low, high) in [(0, 0), (0, 99), (expected, expected), (expected / 2, 98)] {
                    let stepped = (1..100).find_map(|distance| {
                        let (above, below) =
                            (expected + distance, usize::wrapping_sub(expected, distance));
                        let is_peak = |k: usize| k >= low && k <= high.max(expected) && of.has(k);
                        if above <= high && is_peak(above) {
                            return Some(above);
                        }
                        (below < expected && is_peak(below)).then_some(below)
                    });
                    assert_eq!(of.closest(expected, low, high), stepped, "{expected}");
                }
            }
        }
    }

    #[test]
    fn bins_beyond_the_fixed_one_are_not_looked_at() {
        let mut peaks = Peaks::new(10);
        peaks.find(
            &(0..40)
                .map(|k| F32s::splat((k % 3) as f32))
                .collect::<Vec<_>>(),
        );
        let of = peaks.of(5);
        assert!(of.has(8) && !of.has(11));
        assert_eq!(of.closest(8, 0, 39), Some(5));
    }
}
