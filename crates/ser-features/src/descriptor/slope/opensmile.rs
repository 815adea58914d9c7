//! Spectral slope: a straight line through the logarithmic power spectrum of a band.
//!
//! ```text
//! slope = (n·Σ f·D − Σ f · Σ D) / (n·Σ f² − (Σ f)²)      [dB/Hz],   D_k = 10·log₁₀ P_k, at least −140 dB
//! ```
//!
//! F. Tamarit, M. Goudbeek, K. Scherer (2008), "Spectral slope measurements in emotionally expressive speech", Proc. Speech Analysis
//! and Processing for Knowledge Discovery.
//! Differs, as the reference does: `n` is one less than the number of points, so the result depends on the level (digital silence has
//! slope 0.112 dB/Hz in 0–500 Hz at 16 kHz); a band edge between two bins weights the bin *below* the edge.

use crate::descriptor::SILENT_POWER;
use crate::frame::geometry::Shape;
use crate::lanes::{F32s, F64s, Mask, widest};
use crate::spectrum::logarithm::lns;

const SILENT_DB: f32 = -140.0;

/// The slope over one band of the spectrum.
#[derive(Clone, Debug)]
pub(crate) struct Slope {
    first: usize,
    /// Weight, and weight times frequency, of each bin.
    points: Vec<(f64, f64)>,
    count: f64,
    sum_frequency: f64,
    denominator: f64,
}

impl Slope {
    /// The band from `low_hz` to `high_hz` of spectra of the given frames.
    pub fn new(shape: &Shape, low_hz: f64, high_hz: f64) -> Self {
        let axis = shape.axis_hz();
        let after_low = axis
            .iter()
            .position(|&hz| hz > low_hz)
            .expect("a band above Nyquist");
        let first = after_low - 1;
        let first_weight = (axis[after_low] - low_hz) / (axis[after_low] - axis[first]);
        let (last, last_weight) = match axis.iter().position(|&hz| hz >= high_hz) {
            Some(at) if axis[at] == high_hz => (at, 1.0),
            Some(at) => (at - 1, (high_hz - axis[at - 1]) / (axis[at] - axis[at - 1])),
            None => (axis.len() - 1, 1.0),
        };
        let points: Vec<(f64, f64)> = (first..=last)
            .map(|k| {
                let weight = match k {
                    k if k == first => first_weight,
                    k if k == last => last_weight,
                    _ => 1.0,
                };
                (weight, weight * axis[k])
            })
            .collect();
        let count = (last - first) as f64;
        let sum_frequency: f64 = points.iter().map(|p| p.1).sum();
        let sum_square: f64 = points.iter().map(|p| p.1 * p.1).sum();
        let denominator = count * sum_square - sum_frequency * sum_frequency;
        Self {
            first,
            points,
            count,
            sum_frequency,
            denominator,
        }
    }

    /// How many bins of the spectrum are read, from DC.
    pub fn bins(&self) -> usize {
        self.first + self.points.len()
    }

    /// The slopes in dB/Hz of eight spectra in dB.
    pub fn measure(&self, decibels: &[F32s]) -> F32s {
        if self.denominator == 0.0 {
            return F32s::default();
        }
        let (sum_product, sum_level) = widest(
            #[inline(always)]
            || {
                let (mut sum_product, mut sum_level) = (F64s::default(), F64s::default());
                for (db, &(weight, weighted_hz)) in decibels[self.first..].iter().zip(&self.points)
                {
                    sum_product += weighted_hz * db.widen();
                    sum_level += weight * db.widen();
                }
                (sum_product, sum_level)
            },
        );
        let numerator = self.count * sum_product - self.sum_frequency * sum_level;
        numerator
            .map(|numerator| numerator / self.denominator)
            .round()
    }
}

/// Power spectra in dB, without any reference level.
pub(crate) fn decibels(power: &[F32s], out: &mut [F32s]) {
    const PER_NEPER: f32 = (10.0 / std::f64::consts::LN_10) as f32;
    widest(
        #[inline(always)]
        || {
            for (db, &p) in out.iter_mut().zip(power) {
                let silent = Mask::of(p, F32s::splat(SILENT_POWER), |p, silent| p <= silent);
                *db = silent.choose(F32s::splat(SILENT_DB), PER_NEPER * lns(p));
            }
        },
    );
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::unit::SampleRate;

    fn slope(hz: u32, low: f64, high: f64) -> Slope {
        Slope::new(
            &Geometry::new(SampleRate::new(hz).unwrap()).short,
            low,
            high,
        )
    }

    #[test]
    fn bands_are_those_of_the_specification() {
        let rows = [
            (16000, 0.0, 500.0, 0, 1.0, 16, 1.0),
            (16000, 500.0, 1500.0, 16, 1.0, 48, 1.0),
            (11025, 500.0, 1500.0, 11, 0.416290, 34, 0.751131),
            (44100, 0.0, 500.0, 0, 1.0, 11, 0.609977),
            (48000, 500.0, 1500.0, 10, 0.333333, 32, 1.0),
        ];
        for (hz, low, high, first, first_weight, last, last_weight) in rows {
            let s = slope(hz, low, high);
            assert_eq!((s.first, s.bins() - 1), (first, last), "{hz} {low}");
            assert!((s.points[0].0 - first_weight).abs() < 1e-6, "{hz} {low}");
            assert!(
                (s.points[last - first].0 - last_weight).abs() < 1e-6,
                "{hz} {low}"
            );
        }
    }

    #[test]
    fn silence_has_the_slopes_that_the_point_count_gives_it() {
        let silence = [F32s::splat(SILENT_DB); 257];
        for (hz, low, high) in [
            (16000, 0.112, 0.076_363_6),
            (44100, 0.132_697_4, 0.022_185_65),
        ] {
            assert!((slope(hz, 0.0, 500.0).measure(&silence).0[0] - low).abs() < 1e-7);
            assert!((slope(hz, 500.0, 1500.0).measure(&silence).0[7] - high).abs() < 1e-7);
        }
    }

    #[test]
    fn decibels_have_a_floor() {
        let mut db = [F32s::default(); 3];
        decibels(&[0.0, 1.0, 100.0].map(F32s::splat), &mut db);
        assert_eq!([db[0].0[0], db[1].0[0]], [-140.0, 0.0]);
        assert!((db[2].0[0] - 20.0).abs() < 1e-5);
    }
}
