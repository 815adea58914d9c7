//! The magnitude spectrum on a logarithmic frequency axis, prepared for the summation of sub-harmonics.
//!
//! ```text
//! enhance peaks → smooth (¼, ½, ¼) → natural cubic spline over log₂ f → equidistant points → weight w_j
//! w_j = ½ + arctan(3·(j + 1 − κ)/ρ)/π,    κ = ρ·log₂(65/50) − 1,    ρ points per octave
//! ```
//!
//! After D. J. Hermes (1988), "Measurement of pitch by subharmonic summation", JASA 83, 257–264: parts of the spectrum far
//! from any peak are cut out, and an arc tangent models the ear's falling sensitivity to low frequencies. `f64`
//! inside, `f32` out. The axis runs from 25 Hz to Nyquist with as many points as the spectrum has bins.

use crate::frame::geometry::Shape;
use crate::lanes::{F32s, F64s, Mask, widest};

const LOWEST_HZ: f64 = 25.0;

/// What the summation needs to know about the axis; `f32`, as the reference hands it over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct OctaveAxis {
    /// log₂ of the lowest frequency in Hz.
    pub lowest: f32,
    /// Distance of two points in octaves.
    pub step: f32,
    /// Points per octave.
    pub per_octave: f32,
}

/// The steps of one spectrum size: all that depends on the knots of the spline is computed once.
#[derive(Clone, Debug)]
pub(crate) struct OctaveSpectrum {
    axis: OctaveAxis,
    spline: Spline,
    weights: Vec<f64>,
    peaks: Vec<Mask>,
    enhanced: Vec<F32s>,
    smoothed: Vec<F64s>,
}

impl OctaveSpectrum {
    /// Plans for magnitude spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        let bins = shape.bins();
        // The duration is rounded on the way; this moves the axis by up to 6·10⁻⁸.
        let bin_hz = 1.0 / f64::from(shape.duration_s as f32);
        let mut knots: Vec<f64> = (0..bins).map(|k| log2(k as f64 * bin_hz)).collect();
        knots[0] = 2.0 * knots[1] - knots[2];

        let nyquist = bin_hz * (bins - 1) as f64;
        let (lowest, highest) = (log2(LOWEST_HZ), log2(nyquist));
        let step = (highest - lowest) / (bins - 1) as f64;
        let targets: Vec<f64> = (0..bins).map(|j| lowest + j as f64 * step).collect();

        let per_octave = bins as f64 / log2(nyquist / LOWEST_HZ);
        let kappa = per_octave * log2(65.0 / 50.0) - 1.0;
        let weights = (0..bins)
            .map(|j| {
                let octaves = ((j + 1) as f64 - kappa) / per_octave;
                0.5 + (3.0 * octaves).atan() / std::f64::consts::PI
            })
            .collect();
        let axis = OctaveAxis {
            lowest: lowest as f32,
            step: (highest as f32 - lowest as f32) / (bins - 1) as f32,
            per_octave: per_octave as f32,
        };
        let spline = Spline::new(&knots, &targets);
        Self {
            axis,
            spline,
            weights,
            peaks: vec![Mask::NONE; bins + 4],
            enhanced: vec![F32s::default(); bins],
            smoothed: vec![F64s::default(); bins],
        }
    }

    /// The axis of the result.
    pub fn axis(&self) -> OctaveAxis {
        self.axis
    }

    /// Turns magnitude spectra into as many points on the octave axis.
    pub fn process(&mut self, magnitudes: &[F32s], out: &mut [F32s]) {
        widest(
            #[inline(always)]
            || {
                enhance_peaks(magnitudes, &mut self.peaks, &mut self.enhanced);
                smooth(&self.enhanced, &mut self.smoothed);
                self.spline.process(&self.smoothed, out);
                for (value, &weight) in out.iter_mut().zip(&self.weights) {
                    let weighted = (weight * value.widen()).round();
                    *value = Mask::of(*value, F32s::default(), |v, zero| v > zero).keep(weighted);
                }
            },
        );
    }
}

fn log2(x: f64) -> f64 {
    x.ln() / std::f64::consts::LN_2
}

/// Sets what lies further than two bins from a peak to zero, between peaks only.
#[inline(always)]
fn enhance_peaks(magnitudes: &[F32s], peaks: &mut [Mask], enhanced: &mut [F32s]) {
    let rises = |k: usize| {
        Mask::of(magnitudes[k], magnitudes[k - 1], |here, before| {
            here > before
        })
    };
    let last = magnitudes.len() - 1;
    // Two places at either end stand for bins that are none.
    peaks[2] = Mask::of(magnitudes[0], magnitudes[1], |here, after| here > after);
    for k in 1..last {
        let holds = Mask::of(magnitudes[k], magnitudes[k + 1], |here, after| {
            here >= after
        });
        peaks[k + 2] = rises(k).and(holds);
    }
    peaks[last + 2] = rises(last);

    let (mut any, mut several) = (Mask::NONE, Mask::NONE);
    for &peak in &peaks[2..] {
        several = several.or(any.and(peak));
        any = any.or(peak);
    }
    // Wherever the only peak is, the first three bins stay: a slip of the reference that its numbers contain.
    let single = any.and(several.not());

    let mut seen_before = Mask::NONE;
    for (k, window) in peaks.windows(5).enumerate() {
        seen_before = seen_before.or(window[2]);
        let near = window.iter().fold(Mask::NONE, |near, &peak| near.or(peak));
        let keep = near.or(seen_before.not());
        let alone = if k < 3 { single } else { Mask::NONE };
        enhanced[k] = keep.and(single.not()).or(alone).keep(magnitudes[k]);
    }
    // Behind the last peak everything stays, too.
    let mut seen_behind = single;
    for k in (0..=last).rev() {
        seen_behind = seen_behind.or(peaks[k + 2]);
        let kept = seen_behind.not().and(any);
        if !kept.any() {
            break;
        }
        enhanced[k] = kept.choose(magnitudes[k], enhanced[k]);
    }
}

#[inline(always)]
fn smooth(spectrum: &[F32s], smoothed: &mut [F64s]) {
    let last = spectrum.len() - 1;
    let quarter = |sum: F64s| 0.25 * sum;
    smoothed[0] = quarter(2.0 * spectrum[0].widen() + spectrum[1].widen());
    for (value, window) in smoothed[1..].iter_mut().zip(spectrum.windows(3)) {
        let [before, here, after] = [window[0], window[1], window[2]].map(F32s::widen);
        *value = quarter(before + 2.0 * here + after);
    }
    smoothed[last] = spectrum[last].widen();
}

/// Natural cubic spline with fixed knots and fixed targets.
///
/// W. H. Press et al., Numerical Recipes, 3rd edition, section 3.3: the tridiagonal system is factored once.
#[derive(Clone, Debug)]
struct Spline {
    /// Per inner knot: reciprocal intervals to the left and right, and the factors of the elimination.
    eliminate: Vec<Elimination>,
    /// Per target: interval and the four weights of ordinates and second derivatives.
    targets: Vec<Target>,
    second: Vec<F64s>,
}

#[derive(Clone, Copy, Debug)]
struct Elimination {
    inverse_left: f64,
    inverse_right: f64,
    scale: f64,
    carry: f64,
    back: f64,
}

#[derive(Clone, Copy, Debug)]
struct Target {
    interval: u32,
    a: f64,
    b: f64,
    c: f64,
    d: f64,
}

impl Spline {
    fn new(knots: &[f64], targets: &[f64]) -> Self {
        let n = knots.len();
        let mut eliminate = Vec::with_capacity(n - 2);
        let mut back = 0.0;
        for i in 1..n - 1 {
            let (left, right) = (knots[i] - knots[i - 1], knots[i + 1] - knots[i]);
            let both = knots[i + 1] - knots[i - 1];
            let sigma = left / both;
            let pivot = sigma * back + 2.0;
            back = (sigma - 1.0) / pivot;
            eliminate.push(Elimination {
                inverse_left: 1.0 / left,
                inverse_right: 1.0 / right,
                scale: 6.0 / (both * pivot),
                carry: sigma / pivot,
                back,
            });
        }
        let targets = targets
            .iter()
            .map(|&x| {
                // The last target may exceed the last knot by rounding: it stays in the last interval.
                let interval = knots.partition_point(|&u| u <= x).clamp(1, n - 1) - 1;
                let width = knots[interval + 1] - knots[interval];
                let a = (knots[interval + 1] - x) / width;
                let b = (x - knots[interval]) / width;
                let sixth = width * width / 6.0;
                let cubic = |t: f64| (t * t * t - t) * sixth;
                Target {
                    interval: interval as u32,
                    a,
                    b,
                    c: cubic(a),
                    d: cubic(b),
                }
            })
            .collect();
        Self {
            eliminate,
            targets,
            second: vec![F64s::default(); n],
        }
    }

    #[inline(always)]
    fn process(&mut self, y: &[F64s], out: &mut [F32s]) {
        let second = &mut self.second[..y.len()];
        let last = second.len() - 1;
        second[0] = F64s::default();
        second[last] = F64s::default();
        let mut before = F64s::default();
        for ((value, window), e) in second[1..]
            .iter_mut()
            .zip(y.windows(3))
            .zip(&self.eliminate)
        {
            let [left, here, right] = [window[0], window[1], window[2]];
            let bend = e.inverse_right * (right - here) - e.inverse_left * (here - left);
            before = e.scale * bend - e.carry * before;
            *value = before;
        }
        let mut after = F64s::default();
        for (value, e) in second[1..last].iter_mut().zip(&self.eliminate).rev() {
            after = e.back * after + *value;
            *value = after;
        }
        for (value, t) in out.iter_mut().zip(&self.targets) {
            let i = t.interval as usize;
            let (y, second) = (&y[i..i + 2], &second[i..i + 2]);
            *value = (t.a * y[0] + t.b * y[1] + t.c * second[0] + t.d * second[1]).round();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spline_at(spline: &mut Spline, y: [f64; 5]) -> [f32; 5] {
        let mut out = [F32s::default(); 5];
        spline.process(&y.map(F64s::splat), &mut out);
        out.map(|v| v.0[6])
    }

    #[test]
    fn a_spline_goes_through_its_knots_and_is_exact_for_lines() {
        let knots = [0.0, 1.0, 2.5, 3.0, 5.0];
        let mut spline = Spline::new(&knots, &[0.0, 1.0, 2.5, 4.0, 5.0]);
        let out = spline_at(&mut spline, [1.0, -1.0, 4.0, 2.0, 0.0]);
        assert_eq!([out[0], out[1], out[2], out[4]], [1.0, -1.0, 4.0, 0.0]);
        let out = spline_at(&mut spline, knots.map(|x| 3.0 * x - 1.0));
        assert!((out[3] - 11.0).abs() < 1e-6);
    }

    /// Enhances `x` in one lane, beside a spectrum with many peaks in the others.
    fn enhanced(x: &[f32]) -> Vec<f32> {
        let lane = 4;
        let spectra: Vec<F32s> = x
            .iter()
            .enumerate()
            .map(|(k, &v)| {
                let mut values = F32s::splat((k as f32).sin());
                values.0[lane] = v;
                values
            })
            .collect();
        let mut out = vec![F32s::splat(9.0); x.len()];
        enhance_peaks(&spectra, &mut vec![Mask::NONE; x.len() + 4], &mut out);
        out.iter().map(|v| v.0[lane]).collect()
    }

    #[test]
    fn only_the_neighbourhood_of_peaks_is_kept_between_peaks() {
        let mut x: Vec<f32> = (0..30).map(|k| 1.0 - 0.001 * k as f32).collect();
        x[5] = 9.0;
        x[20] = 9.0;
        let y = enhanced(&x);
        // Bin 0 is a peak, too.
        assert_eq!(y[..8], x[..8]);
        assert!(y[8..=17].iter().all(|&v| v == 0.0), "{y:?}");
        assert_eq!(y[18..], x[18..], "behind the last peak everything stays");
        x[0] = 0.5;
        assert_eq!(
            enhanced(&x)[..8],
            x[..8],
            "before the first peak everything stays"
        );
    }

    #[test]
    fn a_single_peak_empties_everything_from_the_fourth_bin_on() {
        let x: Vec<f32> = (0..40).map(|k| -(k as f32 - 20.0).abs()).collect();
        let y = enhanced(&x);
        assert!(y[3..].iter().all(|&v| v == 0.0) && y[..3] == x[..3]);
    }

    #[test]
    fn a_flat_spectrum_is_left_alone() {
        let x = [2.0_f32; 16];
        assert_eq!(enhanced(&x), x);
    }
}
