//! Spectral flux: how much the magnitude spectrum changes from one frame to the next.
//!
//! ```text
//! flux(t) = sqrt( 1/(U+1) · Σ_{k=0..U} (M_k(t) − M_k(t−1))² ),   U: the last bin below 5 kHz;   flux(0) = 0
//! ```
//!
//! Plain magnitudes: neither normalised nor rectified. The first frame has flux 0, which later counts as missing.

use crate::frame::geometry::Shape;
use crate::lanes::{F32s, F64s, LANES, widest};

const HIGHEST_HZ: f64 = 5000.0;

/// The frame before the eight at hand, and how many bins count.
#[derive(Clone, Debug)]
pub(crate) struct Flux {
    previous: Vec<f32>,
    started: bool,
}

impl Flux {
    /// Flux of spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        let used = (0..shape.bins())
            .filter(|&k| shape.bin_hz(k) < HIGHEST_HZ)
            .count();
        Self {
            previous: vec![0.0; used],
            started: false,
        }
    }

    /// The flux from each frame's predecessor to it, for eight frames in a row.
    pub fn measure(&mut self, magnitudes: &[F32s]) -> F32s {
        let used = self.previous.len();
        let sum = widest(
            #[inline(always)]
            || {
                let mut sum = F64s::default();
                for (now, previous) in magnitudes[..used].iter().zip(&mut self.previous) {
                    let mut before = F32s::default();
                    before.0[1..].copy_from_slice(&now.0[..LANES - 1]);
                    before.0[0] = std::mem::replace(previous, now.0[LANES - 1]);
                    let change = now.widen() - before.widen();
                    sum += change * change;
                }
                sum
            },
        );
        let mut flux = sum.map(|sum| (sum / used as f64).sqrt()).round();
        if !std::mem::replace(&mut self.started, true) {
            flux.0[0] = 0.0;
        }
        flux
    }

    /// Forgets the previous frame.
    pub fn reset(&mut self) {
        self.started = false;
    }
}

#[test]
fn only_change_below_five_kilohertz_counts() {
    let rate = crate::unit::SampleRate::new(16000).unwrap();
    let mut flux = Flux::new(&crate::frame::geometry::Geometry::new(rate).short);
    assert_eq!(flux.previous.len(), 160);
    let mut spectra = vec![F32s([1.0, 1.0, 3.0, 3.0, 3.0, 3.0, 3.0, 3.0]); 257];
    assert_eq!(
        flux.measure(&spectra).0,
        [0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    );
    spectra.fill(F32s::splat(3.0));
    spectra[160..].fill(F32s::splat(9.0));
    assert_eq!(flux.measure(&spectra), F32s::default());
    spectra[..160].fill(F32s::splat(4.0));
    assert_eq!(flux.measure(&spectra).0[..2], [1.0, 0.0]);
    flux.reset();
    assert_eq!(flux.measure(&vec![F32s::splat(7.0); 257]).0[0], 0.0);
}
