//! A windowed frame becomes its complex spectrum and the magnitudes of its bins.
//!
//! ```text
//! X = rfft(pad(w_i · x_i)),     M_k = sqrt(re² + im²),   k = 0 … N/2
//! ```
//!
//! No scaling. Each product, sum and root is rounded to `f32`. Where the zeros go changes the phases only, but the formants
//! are computed from the phases.

use super::ooura::RealFft;

/// Where the zeros go that lengthen a frame to its transform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Padding {
    /// Half before the frame (rounded down), half behind it.
    Centred,
    /// All behind it.
    Behind,
}

/// Window, padding and transform of one family of frames.
#[derive(Clone, Debug)]
pub(crate) struct FrameTransform {
    window: Vec<f32>,
    front: usize,
    fft: RealFft,
    windowed: Vec<f32>,
    packed: Vec<f32>,
}

impl FrameTransform {
    /// Plans for frames as long as `window`.
    pub fn new(window: Vec<f32>, padding: Padding) -> Self {
        let length = window.len().next_power_of_two();
        let front = match padding {
            Padding::Centred => (length - window.len()) / 2,
            Padding::Behind => 0,
        };
        let windowed = vec![0.0; window.len()];
        Self {
            window,
            front,
            fft: RealFft::new(length),
            windowed,
            packed: vec![0.0; length],
        }
    }

    /// Transforms one frame; the results are read from the other methods.
    ///
    /// # Panics
    /// If the frame is not as long as the window.
    pub fn process(&mut self, frame: &[f32]) {
        assert_eq!(frame.len(), self.window.len(), "samples of the frame");
        for ((y, x), w) in self.windowed.iter_mut().zip(frame).zip(&self.window) {
            *y = x * w;
        }
        self.packed.fill(0.0);
        self.packed[self.front..self.front + frame.len()].copy_from_slice(&self.windowed);
        self.fft.forward(&mut self.packed);
    }

    /// The windowed samples, without the zeros.
    pub fn windowed(&self) -> &[f32] {
        &self.windowed
    }

    /// The complex spectrum in Ooura's packed order, imaginary parts with a plus sign.
    pub fn packed(&self) -> &[f32] {
        &self.packed
    }

    /// Writes the magnitudes of all N/2 + 1 bins.
    pub fn magnitudes(&self, out: &mut [f32]) {
        let last = out.len() - 1;
        out[0] = self.packed[0].abs();
        out[last] = self.packed[1].abs();
        let (bins, _) = self.packed.as_chunks::<2>();
        for (m, [re, im]) in out[1..last].iter_mut().zip(&bins[1..]) {
            *m = (re * re + im * im).sqrt();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn padding_moves_the_phase_and_leaves_the_magnitude() {
        let frame: Vec<f32> = (0..320).map(|i| (i as f32 * 0.3).sin()).collect();
        let mut spectra = [Padding::Centred, Padding::Behind].map(|padding| {
            let mut transform = FrameTransform::new(vec![1.0; 320], padding);
            transform.process(&frame);
            let mut magnitudes = vec![0.0; 257];
            transform.magnitudes(&mut magnitudes);
            (transform.packed().to_vec(), magnitudes)
        });
        let (b, a) = (spectra[1].1.split_off(0), &spectra[0].1);
        assert!(a.iter().zip(&b).all(|(a, b)| (a - b).abs() < 1e-3));
        assert!(
            spectra[0]
                .0
                .iter()
                .zip(&spectra[1].0)
                .any(|(a, b)| (a - b).abs() > 1.0)
        );
    }
}
