//! Spectral flux: how much the magnitude spectrum changes from one frame to the next.
//!
//! ```text
//! flux(t) = sqrt( 1/K · Σ_k (M_k(t) − M_k(t−1))² ),   50 Hz ≤ f_k ≤ 5 kHz      [amplitude of a sine, full scale 1]
//! ```
//!
//! F. Eyben et al. (2016), IEEE Trans. Affective Computing 7, 190–202. It follows the level, as a change of amplitudes must.
//! Mends: magnitudes are divided by the sum of the window, so their unit is an amplitude and does not depend on the rate; the
//! first frame, which has no predecessor, is absent instead of 0.

use super::{HIGHEST_HZ, LOWEST_HZ};
use crate::frame::geometry::Shape;
use crate::lanes::{F32s, F64s, LANES, widest};

/// The frame before the eight at hand, and which bins count.
#[derive(Clone, Debug)]
pub(crate) struct Flux {
    first: usize,
    previous: Vec<f32>,
    started: bool,
}

impl Flux {
    /// Flux of spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        let first = shape.bins_below(LOWEST_HZ);
        Self {
            first,
            previous: vec![0.0; shape.bins_up_to(HIGHEST_HZ) - first],
            started: false,
        }
    }

    /// The flux from each frame's predecessor to it, for eight frames in a row.
    pub fn measure(&mut self, magnitudes: &[F32s]) -> F32s {
        let (first, used) = (self.first, self.previous.len());
        let previous = &mut self.previous;
        let sum = widest(
            #[inline(always)]
            || {
                let mut sum = F64s::default();
                for (now, previous) in magnitudes[first..].iter().zip(previous) {
                    let mut before = F32s::default();
                    before.0[1..].copy_from_slice(&now.0[..LANES - 1]);
                    before.0[0] = std::mem::replace(previous, now.0[LANES - 1]);
                    let change = (*now - before).widen();
                    sum += change * change;
                }
                sum
            },
        );
        let mut flux = sum.map(|sum| (sum / used as f64).sqrt()).round();
        if !std::mem::replace(&mut self.started, true) {
            flux.0[0] = f32::NAN;
        }
        flux
    }

    /// Forgets the previous frame.
    pub fn reset(&mut self) {
        self.started = false;
    }
}

#[test]
fn a_step_counts_once_and_the_first_frame_has_no_flux() {
    let shape = Shape::of_16_khz(0.020);
    let mut flux = Flux::new(&shape);
    let spectra = vec![F32s([1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]); shape.bins()];
    let found = flux.measure(&spectra).0;
    assert!(found[0].is_nan());
    assert_eq!(found[1..], [0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]);
    assert_eq!(flux.measure(&spectra).0[..2], [2.0, 0.0]);
}
