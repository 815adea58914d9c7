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
    peaks: Vec<Mask>,
    enhanced: Vec<F32s>,
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
        let weight = |j: usize| {
            let octaves = ((j + 1) as f64 - kappa) / per_octave;
            0.5 + (3.0 * octaves).atan() / std::f64::consts::PI
        };
        let axis = OctaveAxis {
            lowest: lowest as f32,
            step: (highest as f32 - lowest as f32) / (bins - 1) as f32,
            per_octave: per_octave as f32,
        };
        Self {
            axis,
            spline: Spline::new(&knots, &targets, weight),
            peaks: vec![Mask::NONE; bins + 4],
            enhanced: vec![F32s::default(); bins],
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
                self.spline.process(Smoothed::new(&self.enhanced), out);
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

    let near = |window: &[Mask]| window.iter().fold(Mask::NONE, |near, &peak| near.or(peak));
    let mut seen_before = Mask::NONE;
    let mut k = 0;
    // Until there was a peak in all frames; to the end, if one has no other.
    while k <= last && (single.any() || !seen_before.all()) {
        let window = &peaks[k..k + 5];
        seen_before = seen_before.or(window[2]);
        let keep = near(window).or(seen_before.not());
        let alone = if k < 3 { single } else { Mask::NONE };
        enhanced[k] = keep.and(single.not()).or(alone).keep(magnitudes[k]);
        k += 1;
    }
    // From there on two bins at a time, since they have four places of their five in common.
    let (pairs, odd) = enhanced[k..].as_chunks_mut::<2>();
    let windows = peaks[k..].windows(6).step_by(2);
    let magnitude_pairs = magnitudes[k..].as_chunks::<2>().0;
    for ((out, window), magnitudes) in pairs.iter_mut().zip(windows).zip(magnitude_pairs) {
        let common = near(&window[1..5]);
        out[0] = common.or(window[0]).keep(magnitudes[0]);
        out[1] = common.or(window[5]).keep(magnitudes[1]);
    }
    if let [out] = odd {
        *out = near(&peaks[last..last + 5]).keep(magnitudes[last]);
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

/// A spectrum smoothed by (¼, ½, ¼), bin by bin where it is asked for: cheaper than to keep it in `f64`.
#[derive(Clone, Copy)]
struct Smoothed<'a> {
    spectrum: &'a [F32s],
}

impl<'a> Smoothed<'a> {
    #[inline(always)]
    fn new(spectrum: &'a [F32s]) -> Self {
        Self { spectrum }
    }

    /// Bin `k`, neither the first nor the last.
    #[inline(always)]
    fn inner(self, k: usize) -> F64s {
        smoothed(&self.spectrum[k - 1..k + 2])
    }

    #[inline(always)]
    fn first(self) -> F64s {
        0.25 * (2.0 * self.spectrum[0].widen() + self.spectrum[1].widen())
    }

    #[inline(always)]
    fn last(self) -> F64s {
        self.spectrum[self.spectrum.len() - 1].widen()
    }
}

/// A bin and its neighbours, (¼, ½, ¼).
#[inline(always)]
fn smoothed(window: &[F32s]) -> F64s {
    let [before, here, after] = [window[0], window[1], window[2]].map(F32s::widen);
    0.25 * (before + 2.0 * here + after)
}

/// Natural cubic spline with fixed knots and fixed targets.
///
/// W. H. Press et al., Numerical Recipes, 3rd edition, section 3.3: the tridiagonal system is factored once. The way up eliminates, the way down
/// solves, and takes the targets of each interval along while its ends are at hand.
#[derive(Clone, Debug)]
struct Spline {
    /// Per inner knot: reciprocal intervals to the left and right, and the factors of the elimination.
    eliminate: Vec<Elimination>,
    /// Per target: interval, the four weights of ordinates and second derivatives, and the weight of the result.
    targets: Vec<Target>,
    /// What the way up leaves for the way down, per inner knot.
    eliminated: Vec<F64s>,
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
    weight: f64,
}

impl Spline {
    fn new(knots: &[f64], targets: &[f64], weight: impl Fn(usize) -> f64) -> Self {
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
            .enumerate()
            .map(|(j, &x)| {
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
                    weight: weight(j),
                }
            })
            .collect();
        Self {
            eliminate,
            targets,
            eliminated: vec![F64s::default(); n - 2],
        }
    }

    #[inline(always)]
    fn process(&mut self, y: Smoothed<'_>, out: &mut [F32s]) {
        let bend = |e: &Elimination, left: F64s, here: F64s, right: F64s| {
            e.inverse_right * (right - here) - e.inverse_left * (here - left)
        };
        let mut before = F64s::default();
        let (mut left, mut here) = (y.first(), y.inner(1));
        let inner = self.eliminated.len();
        let values = self.eliminated.iter_mut().zip(&self.eliminate);
        // The values behind each knot but the last.
        let behind = y.spectrum[1..].windows(3);
        for ((value, e), window) in values.zip(behind) {
            let right = smoothed(window);
            before = e.scale * bend(e, left, here, right) - e.carry * before;
            *value = before;
            (left, here) = (here, right);
        }
        let last = &self.eliminate[inner - 1];
        self.eliminated[inner - 1] =
            last.scale * bend(last, left, here, y.last()) - last.carry * before;

        // Second derivatives at the ends of the interval; 0 at the first and the last knot.
        let mut upper = F64s::default();
        let mut targets = out.iter_mut().zip(&self.targets).rev().peekable();
        let (eliminate, eliminated) = (&self.eliminate[..inner], &self.eliminated[..inner]);
        for i in (0..inner + 1).rev() {
            let lower = match i {
                0 => F64s::default(),
                _ => eliminate[i - 1].back * upper + eliminated[i - 1],
            };
            let is_here = |t: &Target| t.interval as usize == i;
            if targets.peek().is_some_and(|(_, t)| is_here(t)) {
                let y_lower = if i == 0 { y.first() } else { y.inner(i) };
                let y_upper = if i == inner { y.last() } else { y.inner(i + 1) };
                while let Some((value, t)) = targets.next_if(|(_, t)| is_here(t)) {
                    let x = (t.a * y_lower + t.b * y_upper + t.c * lower + t.d * upper).round();
                    // Weights are positive: what is below 0 stays there.
                    *value = F32s::default().max((t.weight * x.widen()).round());
                }
            }
            upper = lower;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The spline through what smoothing makes of `x`, and through which values that is.
    fn spline_at(knots: &[f64; 6], targets: &[f64; 5], x: [f32; 6]) -> ([f32; 5], [f64; 6]) {
        let mut out = [F32s::default(); 5];
        let spectrum = x.map(F32s::splat);
        let y = Smoothed::new(&spectrum);
        Spline::new(knots, targets, |_| 1.0).process(y, &mut out);
        let inner = [y.inner(1), y.inner(2), y.inner(3), y.inner(4)];
        let through = [y.first(), inner[0], inner[1], inner[2], inner[3], y.last()];
        (out.map(|v| v.0[6]), through.map(|v| v.0[6]))
    }

    #[test]
    fn a_spline_goes_through_its_knots_and_is_exact_for_lines() {
        let knots = [0.0, 1.0, 2.5, 3.0, 5.0, 5.5];
        let targets = [0.0, 1.0, 2.5, 3.0, 5.5];
        let (out, y) = spline_at(&knots, &targets, [1.0, 8.0, 4.0, 2.0, 3.0, 9.0]);
        for (out, y) in out.into_iter().zip([y[0], y[1], y[2], y[3], y[5]]) {
            assert!((f64::from(out) - y).abs() < 1e-6);
        }
        // Smoothing leaves the line alone but for its first value, which this one takes into account.
        let knots = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];
        let targets = [1.0, 2.25, 3.5, 4.75, 5.0];
        let (out, y) = spline_at(&knots, &targets, [0.0, 4.0, 4.0, 4.0, 4.0, 4.0]);
        assert_eq!(y, [1.0, 3.0, 4.0, 4.0, 4.0, 4.0]);
        assert!(out.iter().all(|&v| v > 0.9 && v < 4.4));
        let (out, _) = spline_at(&knots, &targets, [4.0, 4.0, 8.0, 12.0, 16.0, 20.0]);
        assert!((out[3] - 15.0).abs() < 0.5, "{out:?}");
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

    #[test]
    fn eight_spectra_are_enhanced_as_each_alone() {
        // The definition, one spectrum at a time.
        let alone = |x: &[f32]| -> Vec<f32> {
            let last = x.len() - 1;
            let is_peak = |k: usize| match k {
                0 => x[0] > x[1],
                k if k == last => x[k] > x[k - 1],
                k => x[k] > x[k - 1] && x[k] >= x[k + 1],
            };
            let peaks: Vec<usize> = (0..=last).filter(|&k| is_peak(k)).collect();
            let kept = |k: usize| match peaks[..] {
                [] => true,
                [_] => k < 3,
                [first, .., end] => {
                    k < first || k > end || peaks.iter().any(|peak| peak.abs_diff(k) <= 2)
                }
            };
            (0..=last)
                .map(|k| if kept(k) { x[k] } else { 0.0 })
                .collect()
        };
        let mut state = 7_u32;
        for bins in 5..60 {
            let spectra: Vec<F32s> = (0..bins)
                .map(|k| {
                    F32s(std::array::from_fn(|lane| {
                        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                        match lane {
                            // Noise with plateaus, a few peaks far apart, a fall, and one peak.
                            0..=3 => (state >> 29) as f32,
                            4 | 5 => f32::from(u8::from(state >> 27 == 0)) - 0.01 * k as f32,
                            6 => -(k as f32),
                            _ => -(k as f32 - 0.6 * bins as f32).abs(),
                        }
                    }))
                })
                .collect();
            for lanes in [8, 7, 6] {
                // With and without frames of one peak, which the others must not feel.
                let spectra: Vec<F32s> = spectra
                    .iter()
                    .map(|x| F32s(std::array::from_fn(|lane| x.0[lane % lanes])))
                    .collect();
                let mut out = vec![F32s::splat(9.0); bins];
                enhance_peaks(&spectra, &mut vec![Mask::NONE; bins + 4], &mut out);
                for lane in 0..8 {
                    let of_lane =
                        |x: &[F32s]| -> Vec<f32> { x.iter().map(|x| x.0[lane]).collect() };
                    assert_eq!(of_lane(&out), alone(&of_lane(&spectra)), "{bins} {lane}");
                }
            }
        }
    }
}
