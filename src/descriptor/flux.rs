//! Spectral flux: how much the magnitude spectrum changes from one frame to the next.
//!
//! ```text
//! flux(t) = sqrt( 1/(U+1) · Σ_{k=0..U} (M_k(t) − M_k(t−1))² ),   U: the last bin below 5 kHz;   flux(0) = 0
//! ```
//!
//! Plain magnitudes: neither normalised nor rectified. The first frame has flux 0, which later counts as missing.

use crate::frame::geometry::Shape;

const HIGHEST_HZ: f64 = 5000.0;

/// The previous frame, and how much of it counts.
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

    /// The flux from the previous frame to this one.
    pub fn measure(&mut self, magnitudes: &[f32]) -> f32 {
        let now = &magnitudes[..self.previous.len()];
        let sum: f64 = now
            .iter()
            .zip(&self.previous)
            .map(|(a, b)| {
                let change = f64::from(*a) - f64::from(*b);
                change * change
            })
            .sum();
        self.previous.copy_from_slice(now);
        let first = !std::mem::replace(&mut self.started, true);
        if first {
            0.0
        } else {
            (sum / now.len() as f64).sqrt() as f32
        }
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
    let mut spectrum = vec![1.0; 257];
    assert_eq!(flux.measure(&spectrum), 0.0);
    assert_eq!(flux.measure(&spectrum), 0.0);
    spectrum[160..].fill(9.0);
    assert_eq!(flux.measure(&spectrum), 0.0);
    spectrum[..160].fill(3.0);
    assert_eq!(flux.measure(&spectrum), 2.0);
    flux.reset();
    assert_eq!(flux.measure(&vec![7.0; 257]), 0.0);
}
