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
//! A tile of neighbouring samples is summed at once, in registers: the order within each sum stays.

use crate::frame::geometry::Geometry;
use crate::lanes::widest;

/// The rate of the synthesised frame in Hz.
pub(crate) const TARGET_HZ: f64 = 11_000.0;

/// Samples of a tile.
const TILE: usize = 32;

/// Tables of one sample rate.
#[derive(Clone, Debug)]
pub(crate) struct Resynthesis {
    length: usize,
    /// Cosines and sines, tile by tile and in each for the bins 1 … K−1; behind the last sample any values.
    tiles: Vec<[[f32; TILE]; 2]>,
    /// Cosines of the Nyquist bin, where the output is longer than the transform.
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
        let tiles = (0..length)
            .step_by(TILE)
            .flat_map(|first| (1..end).map(move |k| (first, k)))
            .map(|(first, k)| {
                let row =
                    |f: fn(f64) -> f64| std::array::from_fn(|i| f(angle(k, first + i)) as f32);
                [row(f64::cos), row(f64::sin)]
            })
            .collect();
        let nyquist = (length >= shape.fft_length).then(|| {
            (0..length)
                .map(|i| angle(shape.fft_length / 2, i).cos() as f32)
                .collect()
        });
        Self {
            length,
            tiles,
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
    #[inline(never)]
    pub fn process(&self, spectrum: &[f32], out: &mut [f32]) {
        assert_eq!(out.len(), self.length, "samples of the synthesised frame");
        let (bins, _) = spectrum[2..self.packed_length()].as_chunks::<2>();
        widest(
            #[inline(always)]
            || {
                let tables = self.tiles.chunks_exact(bins.len());
                for (tile, (out, table)) in out.chunks_mut(TILE).zip(tables).enumerate() {
                    let mut sums = [spectrum[0]; TILE];
                    if let Some(nyquist) = &self.nyquist {
                        for (sum, cosine) in sums.iter_mut().zip(&nyquist[tile * TILE..]) {
                            *sum += spectrum[1] * cosine;
                        }
                    }
                    add_harmonics(&mut sums, bins, table);
                    for (y, sum) in out.iter_mut().zip(sums) {
                        *y = sum / self.scale;
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn add_harmonics(sums: &mut [f32; TILE], bins: &[[f32; 2]], table: &[[[f32; TILE]; 2]]) {
    let mut local = *sums;
    for (&[re, im], [cosines, sines]) in bins.iter().zip(table) {
        for i in 0..TILE {
            local[i] = local[i] + re * cosines[i] + im * sines[i];
        }
    }
    *sums = local;
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
        for (i, &y) in out.iter().enumerate() {
            let want = (std::f64::consts::TAU * i as f64 / 11.0).cos();
            assert!((f64::from(y) - want).abs() < 1e-6);
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
