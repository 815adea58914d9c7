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

/// Sums of squares of eight frames: squares in `f32`, sums in `f64`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Energies {
    /// Of the samples as they are.
    pub raw: F64s,
    /// Of the windowed samples.
    pub windowed: F64s,
}

/// Window, padding and transform of one family of frames, eight frames at a time.
#[derive(Clone, Debug)]
pub struct FrameTransform {
    window: Vec<f32>,
    front: usize,
    fft: RealFft,
    spectrum: Vec<Complex>,
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
            spectrum: vec![Complex::default(); length / 2],
        }
    }

    /// Transforms eight frames.
    ///
    /// # Panics
    /// If a frame is not as long as the window.
    pub fn process(&mut self, frames: &[&[f32]; LANES]) -> Energies {
        let length = self.window.len();
        let frames = frames.map(|frame| {
            assert_eq!(frame.len(), length, "samples of the frame");
            &frame[..length]
        });
        let energies = widest(
            #[inline(always)]
            || {
                self.clear_margins();
                let mut energies = Energies::default();
                for (i, &w) in self.window.iter().enumerate() {
                    let samples = F32s(std::array::from_fn(
                        #[inline(always)]
                        |lane| frames[lane][i],
                    ));
                    let windowed = w * samples;
                    energies.raw += (samples * samples).widen();
                    energies.windowed += (windowed * windowed).widen();
                    place(&mut self.spectrum, self.front + i, windowed);
                }
                energies
            },
        );
        self.fft.forward(&mut self.spectrum);
        energies
    }

    /// Transforms the eight frames of `columns`, which begin with sample `first` there; gives their sums of squares as they are.
    pub(crate) fn process_columns(&mut self, columns: &Columns, first: usize) -> F64s {
        let energy = self.window_columns(columns, first, |samples, _| samples);
        self.fft.forward(&mut self.spectrum);
        energy
    }

    /// Writes the magnitudes of all N/2 + 1 bins of the eight frames of `columns`, and no spectrum; gives the frames' sums of squares under the window.
    pub(crate) fn magnitudes_of_columns(&mut self, columns: &Columns, out: &mut [F32s]) -> F64s {
        let energy = self.window_columns(columns, 0, |_, windowed| windowed);
        self.fft.magnitudes(&mut self.spectrum, out);
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
                let (front, spectrum) = (self.front, &mut self.spectrum[..]);
                let mut energy = F64s::default();
                columns.for_each(
                    first,
                    &self.window,
                    #[inline(always)]
                    |i, w, samples| {
                        let windowed = w * samples;
                        let value = summed(samples, windowed);
                        energy += (value * value).widen();
                        place(spectrum, front + i, windowed);
                    },
                );
                energy
            },
        )
    }

    /// Zeros before and behind the frame; what the frame leaves of the pairs at its ends included.
    fn clear_margins(&mut self) {
        let end = self.front + self.window.len();
        self.spectrum[..self.front.div_ceil(2)].fill(Complex::default());
        self.spectrum[end / 2..].fill(Complex::default());
    }

    /// The complex spectra in Ooura's packed order, imaginary parts with a plus sign.
    pub(crate) fn spectrum(&self) -> &[Complex] {
        &self.spectrum
    }

    /// Writes the magnitudes of all N/2 + 1 bins.
    pub fn magnitudes(&self, out: &mut [F32s]) {
        widest(
            #[inline(always)]
            || {
                let last = out.len() - 1;
                out[0] = self.spectrum[0].re.map(f32::abs);
                out[last] = self.spectrum[0].im.map(f32::abs);
                for (m, x) in out[1..last].iter_mut().zip(&self.spectrum[1..]) {
                    *m = x.magnitude();
                }
            },
        );
    }
}

/// Puts a sample of the frames into its pair.
#[inline(always)]
fn place(pairs: &mut [Complex], at: usize, value: F32s) {
    let pair = &mut pairs[at / 2];
    *(if at.is_multiple_of(2) {
        &mut pair.re
    } else {
        &mut pair.im
    }) = value;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_moves_the_phase_and_leaves_the_magnitude() {
        let frame: Vec<f32> = (0..320).map(|i| (i as f32 * 0.3).sin()).collect();
        let [a, b] = [Padding::Centred, Padding::Behind].map(|padding| {
            let mut transform = FrameTransform::new(vec![1.0; 320], padding);
            let energies = transform.process(&[&frame; LANES]);
            assert_eq!(energies.raw, energies.windowed);
            let mut magnitudes = vec![F32s::default(); 257];
            transform.magnitudes(&mut magnitudes);
            (transform.spectrum().to_vec(), magnitudes)
        });
        assert!(
            a.1.iter()
                .zip(&b.1)
                .all(|(a, b)| (a.0[3] - b.0[3]).abs() < 1e-3)
        );
        assert!(
            a.0.iter()
                .zip(&b.0)
                .any(|(a, b)| (a.re.0[3] - b.re.0[3]).abs() > 1.0)
        );
    }
}
