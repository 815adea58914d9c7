//! A 20 ms frame at 11 kHz, synthesised from the lower bins of its spectrum.
//!
//! ```text
//! y_i = (2/N) · ( Re₀ + Σ_{k=1}^{K−1} ( Re_k·cos(2πki/Λ) + Im_k·sin(2πki/Λ) ) ),   i = 0 … I−1
//! I = round(L · 11000/rate) samples out,   Λ = N·I/L period,   K = floor(min(N, I)/2)
//! ```
//!
//! Im has a plus sign. DC counts double, and the band ends at bin K−1: 3406 Hz at 8, 16 and 32 kHz, 5109 Hz at 48 kHz. Thus
//! formants depend on the sample rate, here as in the reference.
//!
//! Everything is `f32` and summed term by term, Re₀, Re₁cos, Im₁sin, Re₂cos …, because linear prediction amplifies the last bit.
//! The loop over `k` is outside and that over the samples inside: the order within each sum stays, and the
//! compiler works on several samples at once.

use crate::frame::geometry::Geometry;

/// The rate of the synthesised frame in Hz.
pub(crate) const TARGET_HZ: f64 = 11_000.0;

/// Tables of one sample rate.
#[derive(Clone, Debug)]
pub(crate) struct Resynthesis {
    length: usize,
    /// Rows of cosines and sines of the bins 1 … K−1, `length` values each.
    rows: Vec<f32>,
    /// The row of the Nyquist bin, where the output is longer than the transform.
    nyquist: Option<Vec<f32>>,
    scale: f32,
    bins: usize,
}

impl Resynthesis {
    /// Plans for the short frames of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        let shape = &geometry.short;
        let rate = f64::from(geometry.rate.hz());
        let n = shape.fft_length as f64;
        let length = (n * (TARGET_HZ / rate) * (0.020 / shape.duration_s)).round() as usize;
        let period = n * length as f64 / shape.length as f64;
        let angle = |k: usize, i: usize| std::f64::consts::TAU * (k * i) as f64 / period;
        let end = shape.fft_length.min(length) / 2;
        let mut rows = Vec::with_capacity(2 * end * length);
        for k in 1..end {
            rows.extend((0..length).map(|i| angle(k, i).cos() as f32));
            rows.extend((0..length).map(|i| angle(k, i).sin() as f32));
        }
        let nyquist = (length >= shape.fft_length).then(|| {
            (0..length)
                .map(|i| angle(shape.fft_length / 2, i).cos() as f32)
                .collect()
        });
        Self {
            length,
            rows,
            nyquist,
            scale: (shape.fft_length / 2) as f32,
            bins: end,
        }
    }

    /// Samples of the synthesised frame: 220 at all common rates.
    pub fn length(&self) -> usize {
        self.length
    }

    /// How many values of the packed spectrum are read.
    pub fn packed_length(&self) -> usize {
        2 * self.bins
    }

    /// Synthesises the frame from a spectrum in Ooura's packed order.
    ///
    /// # Panics
    /// If `spectrum` has fewer than [`packed_length`](Self::packed_length) values or `out` is not of
    /// [`length`](Self::length).
    pub fn process(&self, spectrum: &[f32], out: &mut [f32]) {
        assert_eq!(out.len(), self.length, "samples of the synthesised frame");
        out.fill(spectrum[0]);
        if let Some(row) = &self.nyquist {
            for (y, c) in out.iter_mut().zip(row) {
                *y += spectrum[1] * c;
            }
        }
        let (bins, _) = spectrum[2..self.packed_length()].as_chunks::<2>();
        for ([re, im], row) in bins.iter().zip(self.rows.chunks_exact(2 * self.length)) {
            let (cosines, sines) = row.split_at(self.length);
            for ((y, c), s) in out.iter_mut().zip(cosines).zip(sines) {
                *y += re * c;
                *y += im * s;
            }
        }
        for y in out.iter_mut() {
            *y /= self.scale;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::SampleRate;

    #[test]
    fn a_tone_keeps_its_frequency() {
        let geometry = Geometry::new(SampleRate::new(16000).unwrap());
        let resynthesis = Resynthesis::new(&geometry);
        assert_eq!(resynthesis.length(), 220);
        // Bin 32 of 512 at 16 kHz is 1000 Hz: eleven samples a period at 11 kHz.
        let mut spectrum = vec![0.0; resynthesis.packed_length()];
        spectrum[64] = 256.0;
        let mut out = vec![0.0; 220];
        resynthesis.process(&spectrum, &mut out);
        for i in 0..220 {
            let want = (std::f64::consts::TAU * i as f64 / 11.0).cos();
            assert!((f64::from(out[i]) - want).abs() < 1e-6);
        }
    }

    #[test]
    fn low_rates_use_the_nyquist_bin() {
        let geometry = Geometry::new(SampleRate::new(4000).unwrap());
        let resynthesis = Resynthesis::new(&geometry);
        assert!(resynthesis.nyquist.is_some() && resynthesis.length() == 220);
        assert_eq!(resynthesis.packed_length(), 128);
    }
}
