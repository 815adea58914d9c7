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

    /// Calls `take` with the samples of the eight frames from sample `first` of each on, as many as there are values, and the value of each, in order.
    #[inline(always)]
    pub fn for_each(
        &self,
        first: usize,
        mut values: &[f32],
        mut take: impl FnMut(usize, f32, F32s),
    ) {
        let hop = self.rows.len();
        let (mut m, mut p) = (first / hop, first % hop);
        let mut taken = 0;
        while !values.is_empty() {
            let (here, beyond) = values.split_at(values.len().min(hop - p));
            for (i, (row, &value)) in self.rows[p..].iter().zip(here).enumerate() {
                let mut samples = F32s::default();
                samples.0.copy_from_slice(&row.0[m..m + LANES]);
                take(taken + i, value, samples);
            }
            taken += here.len();
            values = beyond;
            (m, p) = (m + 1, 0);
        }
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
                let values: Vec<f32> = (first..length).map(|i| i as f32).collect();
                let mut count = 0;
                columns.for_each(first, &values, |i, value, samples| {
                    assert_eq!(value, (first + i) as f32);
                    for lane in 0..LANES {
                        let place = lane * hop + first + i;
                        let want = longer.get(place).copied().unwrap_or_default();
                        assert_eq!(samples.0[lane], want);
                    }
                    count += 1;
                });
                assert_eq!(count, length - first);
            }
        }
    }
}
