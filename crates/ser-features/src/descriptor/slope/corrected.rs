//! Spectral slope: the straight line of least squares through the logarithmic power spectrum of a band.
//!
//! ```text
//! slope = Σ (f_k − f̄)·D_k / Σ (f_k − f̄)²      [dB/Hz],   D_k = 10·log₁₀ P_k
//! ```
//!
//! F. Tamarit, M. Goudbeek, K. Scherer (2008), "Spectral slope measurements in emotionally expressive speech", Proc. Speech
//! Analysis and Processing for Knowledge Discovery.
//! Corrected: f̄ is the mean of the frequencies that are there, so a gain, which adds a constant to D, changes nothing; bins count once
//! if they lie in the band; the bin at 0 Hz, which holds the offset, does not count.

use crate::frame::geometry::Shape;
use crate::lanes::{F32s, LANES, widest};
use crate::spectrum::logarithm::log10s;

/// Power relative to the strongest bin of the band below which a bin counts as this: −120 dB. Keeps empty bins finite.
const SMALLEST: f32 = 1e-12;

/// The slope over one band of the spectrum.
#[derive(Clone, Debug)]
pub(crate) struct Slope {
    first: usize,
    /// (f_k − f̄) / Σ (f − f̄)² of each bin.
    weights: Vec<f32>,
}

impl Slope {
    /// The band from `low_hz` to `high_hz`, limits included, of spectra of the given frames.
    pub fn new(shape: &Shape, low_hz: f64, high_hz: f64) -> Self {
        let first = shape.bins_below(low_hz).max(1);
        let axis: Vec<f64> = (first..shape.bins_up_to(high_hz))
            .map(|k| shape.bin_hz(k))
            .collect();
        let mean = axis.iter().sum::<f64>() / axis.len() as f64;
        let squares: f64 = axis.iter().map(|hz| (hz - mean).powi(2)).sum();
        Self {
            first,
            weights: axis
                .iter()
                .map(|hz| ((hz - mean) / squares) as f32)
                .collect(),
        }
    }

    /// The slopes in dB/Hz of eight power spectra; absent in silence.
    pub fn measure(&self, power: &[F32s]) -> F32s {
        let band = &power[self.first..self.first + self.weights.len()];
        let peak = band.iter().fold(F32s::default(), |peak, &p| peak.max(p));
        let smallest = (SMALLEST * peak).max(F32s::splat(f32::MIN_POSITIVE));
        let mut slope = widest(
            #[inline(always)]
            || {
                let mut slope = F32s::default();
                for (&p, &weight) in band.iter().zip(&self.weights) {
                    slope += weight * (10.0 * log10s(p.max(smallest)));
                }
                slope
            },
        );
        for lane in 0..LANES {
            if peak.0[lane] <= 0.0 {
                slope.0[lane] = f32::NAN;
            }
        }
        slope
    }
}

#[test]
fn a_planted_slope_comes_back_at_any_level() {
    let shape = Shape::of_16_khz(0.020);
    for (low, high) in [(0.0, 500.0), (500.0, 1500.0)] {
        let slope = Slope::new(&shape, low, high);
        for level_db in [-60.0, 0.0, 20.0] {
            let power: Vec<F32s> = (0..shape.bins())
                .map(|k| 10_f64.powf((level_db - 0.02 * shape.bin_hz(k)) / 10.0))
                .map(|p| F32s::splat(p as f32))
                .collect();
            let found = slope.measure(&power).0[0];
            assert!((found + 0.02).abs() < 1e-5, "{low} {level_db}: {found}");
        }
        assert!(slope.measure(&vec![F32s::default(); 257]).0[0].is_nan());
    }
}
