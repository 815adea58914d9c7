//! Eight overlapping frames side by side, without fetching a sample twice.
//!
//! ```text
//! row p:  x_{s+p}, x_{s+p+H}, x_{s+p+2H}, …        s: the first sample of the eight frames, H: the hop, p = 0 … H−1
//! ```
//!
//! Sample `i = m·H + p` of frame `t + l` is sample `(m + l)·H + p` of the stretch: sample `i` of all eight frames are the eight neighbours
//! from place `m` of row `p` on, and one load takes them. A long frame reaches over a little more than six hops at every rate, so
//! sixteen places are enough, and short frames are found in the same rows.

use crate::lanes::{F32s, LANES};

/// Hops that eight long frames reach over, and two to spare that fill the row.
const PLACES: usize = 2 * LANES;

/// One row: every hop's sample number `p`.
#[derive(Clone, Copy, Debug, Default)]
#[repr(align(64))]
struct SamplesAcrossHops([f32; PLACES]);

/// The samples of eight frames in rows.
#[derive(Clone, Debug)]
pub(crate) struct Columns {
    rows: Vec<SamplesAcrossHops>,
}

impl Columns {
    /// Rows for frames `hop` samples apart.
    pub fn new(hop: usize) -> Self {
        Self {
            rows: vec![SamplesAcrossHops::default(); hop],
        }
    }

    /// Takes in the samples from the first one of the first frame on; where there are none, frames hold zeros.
    #[inline(always)]
    pub fn load(&mut self, samples: &[f32]) {
        let mut hops = samples.chunks(self.rows.len());
        for m in 0..PLACES - 2 {
            let hop = hops.next().unwrap_or_default();
            let (rows, beyond) = self.rows.split_at_mut(hop.len());
            for (row, &sample) in rows.iter_mut().zip(hop) {
                row.0[m] = sample;
            }
            for row in beyond {
                row.0[m] = 0.0;
            }
        }
    }

    /// The samples of the eight frames from sample `first` of each on, `count` of them, run by run: those of a run stand at the same places of neighbouring rows.
    pub fn runs(&self, first: usize, count: usize) -> impl Iterator<Item = Run<'_>> {
        let hop = self.rows.len();
        let (mut place, mut from, mut left) = (first / hop, first % hop, count);
        std::iter::from_fn(move || {
            let length = left.min(hop - from);
            let run = Run {
                rows: &self.rows[from..from + length],
                place,
            };
            (place, from, left) = (place + 1, 0, left - length);
            (length > 0).then_some(run)
        })
    }
}

/// Rows with samples of eight frames, in order.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Run<'a> {
    rows: &'a [SamplesAcrossHops],
    place: usize,
}

impl<'a> Run<'a> {
    /// Number of samples of each frame.
    pub fn len(self) -> usize {
        self.rows.len()
    }

    /// The first `count` samples, and the others.
    #[inline(always)]
    pub fn split_at(self, count: usize) -> (Self, Self) {
        let (rows, rest) = self.rows.split_at(count);
        let place = self.place;
        (Self { rows, place }, Self { rows: rest, place })
    }

    /// One sample of each of the eight frames after the other.
    #[inline(always)]
    pub fn samples(self) -> impl ExactSizeIterator<Item = F32s> {
        let places = self.place..self.place + LANES;
        self.rows.iter().map(move |row| {
            let mut samples = F32s::default();
            samples.0.copy_from_slice(&row.0[places.clone()]);
            samples
        })
    }

    /// The same, two by two; without the last one of an odd number.
    #[inline(always)]
    pub fn pairs(self) -> impl ExactSizeIterator<Item = [F32s; 2]> {
        let places = self.place..self.place + LANES;
        self.rows.as_chunks::<2>().0.iter().map(move |rows| {
            let mut samples = [F32s::default(); 2];
            samples[0].0.copy_from_slice(&rows[0].0[places.clone()]);
            samples[1].0.copy_from_slice(&rows[1].0[places.clone()]);
            samples
        })
    }
}

#[test]
fn every_frame_finds_its_samples() {
    for (hop, length) in [(160, 960), (110, 662), (40, 241)] {
        let wave: Vec<f32> = (0..length + 7 * hop).map(|n| n as f32).collect();
        let mut columns = Columns::new(hop);
        // All of it, and a stretch that ends within the last frames.
        for end in [wave.len() + 4000, wave.len(), length + 10] {
            let mut longer = wave.clone();
            longer.resize(wave.len().max(end), 0.0);
            longer.truncate(end);
            columns.load(&longer);
            for first in [0, 1, hop, hop + 64] {
                let mut count = 0;
                for run in columns.runs(first, length - first) {
                    let paired = run
                        .pairs()
                        .flatten()
                        .chain(run.samples().skip(run.len() / 2 * 2));
                    for (samples, again) in run.samples().zip(paired) {
                        assert_eq!(samples, again);
                        for lane in 0..LANES {
                            let place = lane * hop + first + count;
                            let want = longer.get(place).copied().unwrap_or_default();
                            assert_eq!(samples.0[lane], want);
                        }
                        count += 1;
                    }
                }
                assert_eq!(count, length - first);
            }
        }
    }
}
