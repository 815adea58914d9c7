//! Windowed frames become their complex spectra and the magnitudes of their bins.
//!
//! ```text
//! X = rfft(pad(w_i · x_i)),     M_k = sqrt(re² + im²),   k = 0 … N/2
//! ```
//!
//! No scaling. Each product, sum and root is rounded to `f32`. Where the zeros go changes the phases only, but the formants
//! are computed from the phases.

use super::ooura::{Complex, RealFft};
use crate::frame::columns::Columns;
use crate::lanes::{F32s, F64s, LANES, widest};

/// Where the zeros go that lengthen a frame to its transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Half before the frame (rounded down), half behind it.
    Centred,
    /// All behind it.
    Behind,
}

/// Window, padding and transform of one family of frames, eight frames at a time.
#[derive(Clone, Debug)]
pub struct FrameTransform {
    window: Vec<f32>,
    front: usize,
    fft: RealFft,
    points: Vec<Complex>,
}

impl FrameTransform {
    /// Plans for frames as long as `window`.
    pub fn new(window: Vec<f32>, padding: Padding) -> Self {
        let length = window.len().next_power_of_two();
        let front = match padding {
            Padding::Centred => (length - window.len()) / 2,
            Padding::Behind => 0,
        };
        Self {
            window,
            front,
            fft: RealFft::new(length),
            points: vec![Complex::default(); length / 2],
        }
    }

    /// Writes the magnitudes of all N/2 + 1 bins of eight frames.
    ///
    /// # Panics
    /// If a frame is not as long as the window.
    pub fn magnitudes(&mut self, frames: &[&[f32]; LANES], out: &mut [F32s]) {
        let length = self.window.len();
        let frames = frames.map(|frame| {
            assert_eq!(frame.len(), length, "samples of the frame");
            &frame[..length]
        });
        widest(
            #[inline(always)]
            || {
                self.clear_margins();
                for (i, &w) in (self.front..).zip(&self.window) {
                    let samples = F32s(std::array::from_fn(
                        #[inline(always)]
                        |lane| frames[lane][i - self.front],
                    ));
                    let pair = &mut self.points[i / 2];
                    let place = if i.is_multiple_of(2) {
                        &mut pair.re
                    } else {
                        &mut pair.im
                    };
                    *place = w * samples;
                }
            },
        );
        self.fft.magnitudes(&mut self.points, out);
    }

    /// Writes the first bins of the spectra of the eight frames of `columns` that begin with sample `first` there, as many as there are places, in Ooura's packed
    /// order and with a plus sign of the imaginary parts, and the magnitudes of all N/2 + 1 bins; gives the frames' sums of squares as they are.
    pub(crate) fn spectra_of_columns(
        &mut self,
        columns: &Columns,
        first: usize,
        bins: &mut [Complex],
        magnitudes: &mut [F32s],
    ) -> F64s {
        let energy = self.window_columns(columns, first, |samples, _| samples);
        self.fft.forward(&mut self.points, bins, magnitudes);
        energy
    }

    /// Writes the magnitudes of all N/2 + 1 bins of the eight frames of `columns`; gives the frames' sums of squares under the window.
    pub(crate) fn magnitudes_of_columns(&mut self, columns: &Columns, out: &mut [F32s]) -> F64s {
        let energy = self.window_columns(columns, 0, |_, windowed| windowed);
        self.fft.magnitudes(&mut self.points, out);
        energy
    }

    #[inline(always)]
    fn window_columns(
        &mut self,
        columns: &Columns,
        first: usize,
        summed: impl Fn(F32s, F32s) -> F32s,
    ) -> F64s {
        widest(
            #[inline(always)]
            || {
                self.clear_margins();
                let mut energy = F64s::default();
                let mut windowed = |w: f32, samples: F32s| {
                    let windowed = w * samples;
                    let value = summed(samples, windowed);
                    energy += (value * value).widen();
                    windowed
                };
                let (mut at, mut window) = (self.front, &self.window[..]);
                for run in columns.runs(first, window.len()) {
                    // The second of a pair that an earlier run has begun, whole pairs, and the first of one that a later run ends.
                    let (lone, run) = run.split_at(run.len().min(at % 2));
                    let (weights, rest) = window.split_at(lone.len());
                    for (&w, samples) in weights.iter().zip(lone.samples()) {
                        self.points[at / 2].im = windowed(w, samples);
                        at += 1;
                    }
                    let (paired, lone) = run.split_at(run.len() / 2 * 2);
                    let (weights, rest) = rest.split_at(paired.len());
                    let pairs = &mut self.points[at / 2..][..paired.len() / 2];
                    let weights = weights.as_chunks::<2>().0;
                    for ((pair, w), samples) in pairs.iter_mut().zip(weights).zip(paired.pairs()) {
                        pair.re = windowed(w[0], samples[0]);
                        pair.im = windowed(w[1], samples[1]);
                    }
                    at += paired.len();
                    let (weights, rest) = rest.split_at(lone.len());
                    for (&w, samples) in weights.iter().zip(lone.samples()) {
                        self.points[at / 2].re = windowed(w, samples);
                        at += 1;
                    }
                    window = rest;
                }
                energy
            },
        )
    }

    /// Zeros before and behind the frame; what the frame leaves of the pairs at its ends included.
    fn clear_margins(&mut self) {
        let end = self.front + self.window.len();
        self.points[..self.front.div_ceil(2)].fill(Complex::default());
        self.points[end / 2..].fill(Complex::default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_moves_the_phase_and_leaves_the_magnitude() {
        let frame: Vec<f32> = (0..320).map(|i| (i as f32 * 0.3).sin()).collect();
        let mut columns = Columns::new(160);
        columns.load(&frame);
        let [a, b] = [Padding::Centred, Padding::Behind].map(|padding| {
            let mut transform = FrameTransform::new(vec![1.0; 320], padding);
            let (mut bins, mut magnitudes) =
                (vec![Complex::default(); 256], vec![F32s::default(); 257]);
            let energy = transform.spectra_of_columns(&columns, 0, &mut bins, &mut magnitudes);
            let mut again = magnitudes.clone();
            transform.magnitudes(&[&frame; LANES], &mut again);
            let squares = frame.iter().map(|x| f64::from(x * x));
            assert_eq!(energy.0[0], squares.sum::<f64>());
            assert!(magnitudes.iter().zip(&again).all(|(a, b)| a.0[0] == b.0[0]));
            (bins, magnitudes)
        });
        let differ = |a: f32, b: f32, by: f32| (a - b).abs() > by;
        assert!(
            !a.1.iter()
                .zip(&b.1)
                .any(|(a, b)| differ(a.0[0], b.0[0], 1e-3))
        );
        assert!(
            a.0.iter()
                .zip(&b.0)
                .any(|(a, b)| differ(a.re.0[0], b.re.0[0], 1.0))
        );
    }
}
