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
    enhanced: Vec<f32>,
    smoothed: Vec<f64>,
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
            enhanced: vec![0.0; bins],
            smoothed: vec![0.0; bins],
        }
    }

    /// The axis of the result.
    pub fn axis(&self) -> OctaveAxis {
        self.axis
    }

    /// Turns a magnitude spectrum into as many points on the octave axis.
    pub fn process(&mut self, magnitudes: &[f32], out: &mut [f32]) {
        self.enhanced.copy_from_slice(magnitudes);
        enhance_peaks(magnitudes, &mut self.enhanced);
        smooth(&self.enhanced, &mut self.smoothed);
        self.spline.process(&self.smoothed, out);
        for (value, weight) in out.iter_mut().zip(&self.weights) {
            *value = if *value > 0.0 {
                (f64::from(*value) * weight) as f32
            } else {
                0.0
            };
        }
    }
}

fn log2(x: f64) -> f64 {
    x.ln() / std::f64::consts::LN_2
}

/// Sets what lies further than two bins from a peak to zero, between peaks only.
fn enhance_peaks(magnitudes: &[f32], enhanced: &mut [f32]) {
    let last = magnitudes.len() - 1;
    let is_peak = |k: usize| {
        (k == 0 || magnitudes[k] > magnitudes[k - 1])
            && match k {
                0 => magnitudes[0] > magnitudes[1],
                k if k == last => true,
                k => magnitudes[k] >= magnitudes[k + 1],
            }
    };
    let mut previous = None;
    let mut peaks = 0;
    for k in (0..=last).filter(|&k| is_peak(k)) {
        if let Some(before) = previous
            && before + 3 <= k - 3_usize.min(k)
        {
            enhanced[before + 3..=k - 3].fill(0.0);
        }
        previous = Some(k);
        peaks += 1;
    }
    if peaks == 1 {
        // Wherever the only peak is: a slip of the reference that its numbers contain.
        enhanced[3..].fill(0.0);
    }
}

fn smooth(spectrum: &[f32], smoothed: &mut [f64]) {
    let last = spectrum.len() - 1;
    let at = |k: usize| f64::from(spectrum[k]);
    smoothed[0] = (2.0 * at(0) + at(1)) / 4.0;
    for k in 1..last {
        smoothed[k] = (at(k - 1) + 2.0 * at(k) + at(k + 1)) / 4.0;
    }
    smoothed[last] = at(last);
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
    second: Vec<f64>,
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
            second: vec![0.0; n],
        }
    }

    fn process(&mut self, y: &[f64], out: &mut [f32]) {
        let second = &mut self.second;
        let last = second.len() - 1;
        second[0] = 0.0;
        second[last] = 0.0;
        let mut before = 0.0;
        for (i, e) in (1..).zip(&self.eliminate) {
            let bend = (y[i + 1] - y[i]) * e.inverse_right - (y[i] - y[i - 1]) * e.inverse_left;
            before = bend * e.scale - before * e.carry;
            second[i] = before;
        }
        let mut after = 0.0;
        for (i, e) in (1..last).zip(&self.eliminate).rev() {
            after = e.back * after + second[i];
            second[i] = after;
        }
        for (value, t) in out.iter_mut().zip(&self.targets) {
            let i = t.interval as usize;
            *value = (t.a * y[i] + t.b * y[i + 1] + t.c * second[i] + t.d * second[i + 1]) as f32;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_spline_goes_through_its_knots_and_is_exact_for_lines() {
        let knots = [0.0, 1.0, 2.5, 3.0, 5.0];
        let mut out = [0.0; 5];
        let mut spline = Spline::new(&knots, &[0.0, 1.0, 2.5, 4.0, 5.0]);
        spline.process(&[1.0, -1.0, 4.0, 2.0, 0.0], &mut out);
        assert_eq!([out[0], out[1], out[2], out[4]], [1.0, -1.0, 4.0, 0.0]);
        spline.process(&knots.map(|x| 3.0 * x - 1.0), &mut out);
        assert!((out[3] - 11.0).abs() < 1e-6);
    }

    #[test]
    fn only_the_neighbourhood_of_peaks_is_kept_between_peaks() {
        let mut x = vec![1.0_f32; 30];
        for k in 0..30 {
            x[k] = 1.0 + 0.001 * k as f32;
        }
        x[5] = 9.0;
        x[20] = 9.0;
        let mut y = x.clone();
        enhance_peaks(&x, &mut y);
        assert!(y[8..=17].iter().all(|&v| v == 0.0));
        assert_eq!(y[18..20], x[18..20]);
        assert_eq!(y[..8], x[..8]);
    }

    #[test]
    fn a_single_peak_empties_everything_from_the_fourth_bin_on() {
        let x: Vec<f32> = (0..40).map(|k| -(k as f32 - 20.0).abs()).collect();
        let mut y = x.clone();
        enhance_peaks(&x, &mut y);
        assert!(y[3..].iter().all(|&v| v == 0.0) && y[..3] == x[..3]);
    }

    #[test]
    fn a_flat_spectrum_is_left_alone() {
        let x = [2.0_f32; 16];
        let mut y = x;
        enhance_peaks(&x, &mut y);
        assert_eq!(x, y);
    }
}
