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
//! Eight frames side by side, a tile of neighbouring samples at once, in registers: the order within each sum stays, and the tables, which do not fit the
//! first cache, are read once for all eight.

use std::sync::{Arc, Mutex};

use crate::frame::geometry::Geometry;
use crate::lanes::{F32s, widest};
use crate::spectrum::ooura::Complex;

/// The rate of the synthesised frame in Hz.
pub(crate) const TARGET_HZ: f64 = 11_000.0;

/// Samples of a tile: as many as fit the sixteen registers of AVX2 beside what they are made of.
const TILE: usize = 10;

/// Rates whose tables are kept for whoever plans next.
const KEPT: usize = 4;

/// The synthesis at one sample rate; copies share their tables, and so do all that are planned while the program runs.
#[derive(Clone, Debug)]
pub(crate) struct Resynthesis {
    tables: Arc<Tables>,
}

/// Tables of one sample rate.
#[derive(Debug)]
struct Tables {
    rate_hz: u32,
    length: usize,
    /// Cosines and sines, tile by tile and in each for the bins 1 … K−1; behind the last sample any values.
    tiles: Vec<[[f32; TILE]; 2]>,
    /// Cosines of the Nyquist bin, where the output is longer than the transform.
    nyquist: Option<Vec<f32>>,
    scale: f32,
    bins: usize,
}

impl Tables {
    fn new(geometry: &Geometry) -> Self {
        let shape = &geometry.short;
        let rate = f64::from(geometry.rate.hz());
        let n = shape.fft_length as f64;
        let length = (n * (TARGET_HZ / rate) * (0.020 / shape.duration_s)).round() as usize;
        let period = n * length as f64 / shape.length as f64;
        let angle = |product: usize| std::f64::consts::TAU * product as f64 / period;
        let end = shape.fft_length.min(length) / 2;
        // Of the products of a bin and a sample a third are different ones.
        let mut known = vec![None; end * length.next_multiple_of(TILE)];
        let mut both = |k: usize, i: usize| {
            *known[k * i].get_or_insert_with(|| {
                let angle = angle(k * i);
                [angle.cos() as f32, angle.sin() as f32]
            })
        };
        let mut tiles = Vec::with_capacity(length.div_ceil(TILE) * end);
        for first in (0..length).step_by(TILE) {
            for k in 1..end {
                let mut tile = [[0.0; TILE]; 2];
                for i in 0..TILE {
                    [tile[0][i], tile[1][i]] = both(k, first + i);
                }
                tiles.push(tile);
            }
        }
        let nyquist = (length >= shape.fft_length).then(|| {
            (0..length)
                .map(|i| angle(shape.fft_length / 2 * i).cos() as f32)
                .collect()
        });
        Self {
            rate_hz: geometry.rate.hz(),
            length,
            tiles,
            nyquist,
            scale: (shape.fft_length / 2) as f32,
            bins: end,
        }
    }
}

impl Resynthesis {
    /// Plans for the short frames of `geometry`.
    pub fn new(geometry: &Geometry) -> Self {
        static PLANNED: Mutex<Vec<Arc<Tables>>> = Mutex::new(Vec::new());
        let mut planned = PLANNED.lock().unwrap_or_else(|e| e.into_inner());
        let rate_hz = geometry.rate.hz();
        if let Some(tables) = planned.iter().find(|tables| tables.rate_hz == rate_hz) {
            return Self {
                tables: tables.clone(),
            };
        }
        let tables = Arc::new(Tables::new(geometry));
        planned.insert(0, tables.clone());
        planned.truncate(KEPT);
        Self { tables }
    }

    /// Samples of the synthesised frame: 220 at all common rates.
    pub fn length(&self) -> usize {
        self.tables.length
    }

    /// How many bins of the spectrum are read, from DC.
    pub fn bins(&self) -> usize {
        self.tables.bins
    }

    /// Synthesises eight frames from the first bins of their spectra in Ooura's packed order.
    ///
    /// # Panics
    /// If `spectrum` has fewer than [`bins`](Self::bins) values or `out` is not of
    /// [`length`](Self::length).
    #[inline(never)]
    pub fn process(&self, spectrum: &[Complex], out: &mut [F32s]) {
        let planned = &*self.tables;
        assert_eq!(
            out.len(),
            planned.length,
            "samples of the synthesised frame"
        );
        let (first, bins) = (spectrum[0], &spectrum[1..planned.bins]);
        widest(
            #[inline(always)]
            || {
                let tables = planned.tiles.chunks_exact(bins.len());
                for (tile, (out, table)) in out.chunks_mut(TILE).zip(tables).enumerate() {
                    let mut sums = [first.re; TILE];
                    if let Some(nyquist) = &planned.nyquist {
                        for (sum, &cosine) in sums.iter_mut().zip(&nyquist[tile * TILE..]) {
                            *sum += cosine * first.im;
                        }
                    }
                    let sums = add_harmonics(sums, bins, table);
                    for (y, sum) in out.iter_mut().zip(sums) {
                        *y = sum.over(F32s::splat(planned.scale));
                    }
                }
            },
        );
    }
}

#[inline(always)]
fn add_harmonics(
    mut sums: [F32s; TILE],
    bins: &[Complex],
    table: &[[[f32; TILE]; 2]],
) -> [F32s; TILE] {
    for (&Complex { re, im }, [cosines, sines]) in bins.iter().zip(table) {
        for i in 0..TILE {
            sums[i] = sums[i] + cosines[i] * re + sines[i] * im;
        }
    }
    sums
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
        let mut spectrum = vec![Complex::default(); resynthesis.bins()];
        spectrum[32].re.0[5] = 256.0;
        let mut out = vec![F32s::default(); 220];
        resynthesis.process(&spectrum, &mut out);
        for (i, &y) in out.iter().enumerate() {
            let want = (std::f64::consts::TAU * i as f64 / 11.0).cos();
            assert!((f64::from(y.0[5]) - want).abs() < 1e-6);
            assert_eq!(y.0[4], 0.0);
        }
    }

    #[test]
    fn low_rates_use_the_nyquist_bin() {
        let geometry = Geometry::new(SampleRate::new(4000).unwrap());
        let resynthesis = Resynthesis::new(&geometry);
        assert!(resynthesis.tables.nyquist.is_some() && resynthesis.length() == 220);
        // The second plan has the tables of the first.
        let again = Resynthesis::new(&geometry);
        assert!(Arc::ptr_eq(&again.tables, &resynthesis.tables));
        assert_eq!(resynthesis.bins(), 64);
    }
}
