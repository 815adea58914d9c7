//! Real Fourier transform in single precision, in the order of operations of Takuya Ooura's `rdft`, of eight frames at once.
//!
//! ```text
//! X_k = Σ_m x_m · exp(+2πi·k·m/N),   k = 0 … N/2
//! ```
//!
//! Note the **plus** sign: the imaginary part is the conjugate of the usual one.
//!
//! Why a transform of our own: the reference computes its spectra with this one in `f32`, and two
//! things downstream read its rounding noise. The formants come from an ill-conditioned linear prediction that
//! amplifies it to 14 % of the frames off by more than 10⁻³, and a Hammarberg index of *exactly* zero
//! counts as a missing value. So each butterfly here rounds as it does there, and `tests/golden/fft` holds the bits.
//!
//! Provenance: the algorithm, its tables and its order of operations are those of the split-radix package `fftsg`,
//! Copyright Takuya Ooura 1996–2001, which "may be used, copied and modified for any purpose" and without fee
//! (<http://www.kurims.kyoto-u.ac.jp/~ooura/fft.html>). The text here is new: Ooura's unrolled routines all turn out to be one
//! recursion over two kinds of node,
//!
//! ```text
//! plain   (N) = pass, then plain (N/4), turned (N/4), plain (N/4), plain  (N/4)
//! turned  (N) = pass, then plain (N/4), turned (N/4), plain (N/4), turned (N/4)
//! ```
//!
//! down to four or two points, followed by the bit-reversal permutation.

mod factors;

use self::factors::{Factor, Pass, Table, untangling_factors};
use crate::lanes::{F32s, widest};

impl Factor {
    /// `self · x`; products and sums round in the order that the reference uses.
    #[inline(always)]
    fn times(self, x: Complex) -> Complex {
        Complex {
            re: self.re * x.re - self.im * x.im,
            im: self.re * x.im + self.im * x.re,
        }
    }
}

/// One complex value of each frame.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Complex {
    pub re: F32s,
    pub im: F32s,
}

impl Complex {
    /// `i · self`
    #[inline(always)]
    fn times_i(self) -> Self {
        Self {
            re: -self.im,
            im: self.re,
        }
    }

    #[inline(always)]
    fn plus(self, other: Self) -> Self {
        Self {
            re: self.re + other.re,
            im: self.im + other.im,
        }
    }

    /// The first and the last value of a real signal's spectrum, as the complex transform of half the length has them.
    #[inline(always)]
    fn ends_joined(self) -> Self {
        let half_difference = 0.5 * (self.re - self.im);
        Self {
            re: self.re - half_difference,
            im: half_difference,
        }
    }

    #[inline(always)]
    fn conjugate(self) -> Self {
        Self {
            re: self.re,
            im: -self.im,
        }
    }

    #[inline(always)]
    pub fn magnitude(self) -> F32s {
        (self.re * self.re + self.im * self.im).map(f32::sqrt)
    }

    #[inline(always)]
    fn less(self, other: Self) -> Self {
        Self {
            re: self.re - other.re,
            im: self.im - other.im,
        }
    }

    /// `exp(iπ/4) · self`, with one product per part: `scale` is cos π/4.
    #[inline(always)]
    fn turn_eighth(self, scale: f32) -> Self {
        Self {
            re: scale * (self.re - self.im),
            im: scale * (self.im + self.re),
        }
    }
}

/// A plan for real transforms of one length. Tables only: it can be shared between threads.
#[derive(Clone, Debug)]
pub struct RealFft {
    length: usize,
    cos_quarter: f32,
    /// Passes by size of the node, the largest first; sizes N/2, N/8, … down to 8 or 16 points.
    passes: Vec<Pass>,
    nodes: Vec<Node>,
    /// Factors that untangle the half-length complex transform, k = 1 … N/4−1.
    untangle: Vec<Factor>,
    /// Where each complex value of the transform goes.
    places: Vec<u32>,
}

impl RealFft {
    /// Plans transforms of `length` samples.
    ///
    /// # Panics
    /// If `length` is not a power of two of at least 64 (the smallest frame here, 20 ms at 4 kHz, has 128).
    pub fn new(length: usize) -> Self {
        assert!(
            length.is_power_of_two() && length >= 64,
            "length {length} is not a power of two of at least 64"
        );
        let half = length / 2;
        let table = Table::new(length / 4);
        let mut passes = Vec::new();
        let mut size = half;
        while size >= 8 {
            passes.push(Pass::new(size, size == half, &table));
            size /= 4;
        }
        let bits = half.trailing_zeros();
        let places = (0..half as u32)
            .map(|k| k.reverse_bits() >> (32 - bits))
            .collect();
        let mut tree = Vec::new();
        nodes(0, half as u32, 0, false, &mut tree);
        Self {
            length,
            nodes: tree,
            cos_quarter: table.cos_quarter(),
            passes,
            untangle: untangling_factors(length),
            places,
        }
    }

    /// Transforms eight frames in place, from pairs of samples `(x₀, x₁), (x₂, x₃), …` into Ooura's packed order:
    /// `(Re X₀, Re X_{N/2}), (Re X₁, Im X₁), (Re X₂, Im X₂), …`, with `Im X_k = +Σ x_m sin(2πkm/N)`.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples.
    pub fn forward(&self, points: &mut [Complex]) {
        assert_eq!(2 * points.len(), self.length, "samples of the transform");
        widest(
            #[inline(always)]
            || {
                self.transform(points);
                self.tangle(points, 1.0);
                let Complex { re, im } = points[0];
                points[0] = Complex {
                    re: re + im,
                    im: re - im,
                };
            },
        );
    }

    /// The inverse of [`forward`](Self::forward) but for a factor: gives N/2 times the samples.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples.
    pub fn inverse(&self, points: &mut [Complex]) {
        assert_eq!(2 * points.len(), self.length, "values of the transform");
        widest(
            #[inline(always)]
            || {
                points[0] = points[0].ends_joined();
                self.tangle(points, -1.0);
                // Backward is forward between two conjugations; a change of sign never rounds.
                points.iter_mut().for_each(|p| p.im = -p.im);
                self.transform(points);
                points.iter_mut().for_each(|p| p.im = -p.im);
            },
        );
    }

    /// The first samples that [`inverse`](Self::inverse) gives, an even number of them: no others are put in their places. What is left of `points` is nobody's
    /// signal.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples.
    pub fn inverse_early(&self, points: &mut [Complex], samples: &mut [F32s]) {
        let half = points.len();
        assert_eq!(2 * half, self.length, "values of the transform");
        widest(
            #[inline(always)]
            || {
                points[0] = points[0].ends_joined().conjugate();
                // Backward is forward between two conjugations, as in `inverse`; here both are made on the way.
                points[half / 2] = points[half / 2].conjugate();
                for (k, w) in (1..).zip(&self.untangle) {
                    let w = Factor::new(w.re, -w.im);
                    let (low, high) = untangled(points[k], points[half - k], w);
                    (points[k], points[half - k]) = (low.conjugate(), high.conjugate());
                }
                self.butterflies(points);
                for (pair, &place) in samples.chunks_exact_mut(2).zip(&self.places) {
                    let Complex { re, im } = points[place as usize];
                    (pair[0], pair[1]) = (re, -im);
                }
            },
        );
    }

    /// Transforms eight frames as [`forward`](Self::forward) does and gives the magnitudes of all N/2 + 1 bins only; what is left of `points` is nobody's spectrum.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples, or not a place for each bin.
    pub fn magnitudes(&self, points: &mut [Complex], out: &mut [F32s]) {
        let half = points.len();
        assert_eq!(2 * half, self.length, "samples of the transform");
        assert_eq!(half + 1, out.len(), "bins of the spectrum");
        widest(
            #[inline(always)]
            || {
                self.butterflies(points);
                let points = &*points;
                let at = |k: usize| points[self.places[k] as usize];
                let Complex { re, im } = points[0];
                out[0] = (re + im).map(f32::abs);
                out[half] = (re - im).map(f32::abs);
                let middle = half / 2;
                out[middle] = at(middle).magnitude();
                for (k, &w) in (1..).zip(&self.untangle) {
                    let (low, high) = untangled(at(k), at(half - k), w);
                    out[k] = low.magnitude();
                    out[half - k] = high.magnitude();
                }
            },
        );
    }

    /// The complex transform of N/2 points.
    #[inline(always)]
    fn transform(&self, points: &mut [Complex]) {
        self.butterflies(points);
        for (from, &to) in self.places.iter().enumerate() {
            if from < to as usize {
                points.swap(from, to as usize);
            }
        }
    }

    /// The same, its values in bit-reversed order.
    #[inline(always)]
    fn butterflies(&self, points: &mut [Complex]) {
        for node in &self.nodes {
            let part = &mut points[node.first as usize..][..node.size as usize];
            match (node.size, node.turned) {
                (2, false) => pair(part, false),
                (2, true) => pair(part, true),
                (4, false) => self.quad(part, false),
                (4, true) => self.quad(part, true),
                (_, false) => self.plain_pass(part, &self.passes[node.level as usize].plain),
                (_, true) => self.turned_pass(part, &self.passes[node.level as usize].turned),
            }
        }
    }

    /// Splits the half-length complex spectrum into that of the real signal (`sign` +1), or joins it again (−1).
    #[inline(always)]
    fn tangle(&self, points: &mut [Complex], sign: f32) {
        let half = points.len();
        for (k, w) in (1..).zip(&self.untangle) {
            let w = Factor::new(w.re, sign * w.im);
            (points[k], points[half - k]) = untangled(points[k], points[half - k], w);
        }
    }

    #[inline(always)]
    fn plain_pass(&self, points: &mut [Complex], factors: &[[Factor; 2]]) {
        let q = factors.len();
        let (a0, rest) = points.split_at_mut(q);
        let (a1, rest) = rest.split_at_mut(q);
        let (a2, a3) = rest.split_at_mut(q);
        for k in 0..q {
            let (x0, x1) = (a0[k].plus(a2[k]), a0[k].less(a2[k]));
            let (x2, x3) = (a1[k].plus(a3[k]), a1[k].less(a3[k]).times_i());
            a0[k] = x0.plus(x2);
            a1[k] = x0.less(x2);
            let (up, down) = (x1.plus(x3), x1.less(x3));
            (a2[k], a3[k]) = if k == 0 {
                (up, down)
            } else if 2 * k == q {
                (
                    up.turn_eighth(self.cos_quarter),
                    down.turn_eighth(self.cos_quarter).times_i(),
                )
            } else {
                (factors[k][0].times(up), factors[k][1].times(down))
            };
        }
    }

    #[inline(always)]
    fn turned_pass(&self, points: &mut [Complex], factors: &[[Factor; 4]]) {
        let q = factors.len();
        let (a0, rest) = points.split_at_mut(q);
        let (a1, rest) = rest.split_at_mut(q);
        let (a2, a3) = rest.split_at_mut(q);
        for k in 0..q {
            let (x0, x1) = (a0[k].plus(a2[k].times_i()), a0[k].less(a2[k].times_i()));
            let (x2, x3) = (a1[k].plus(a3[k].times_i()), a1[k].less(a3[k].times_i()));
            let w = &factors[k];
            let (y0, y1, y2, y3) = if k == 0 {
                let c = self.cos_quarter;
                (x0, x1, x2.turn_eighth(c), x3.turn_eighth(c).times_i())
            } else {
                (
                    w[0].times(x0),
                    w[2].times(x1),
                    w[1].times(x2),
                    w[3].times(x3),
                )
            };
            a0[k] = y0.plus(y2);
            a1[k] = y0.less(y2);
            a2[k] = y1.plus(y3);
            a3[k] = y1.less(y3);
        }
    }

    #[inline(always)]
    fn quad(&self, points: &mut [Complex], turned: bool) {
        let &mut [a0, a1, a2, a3] = points else {
            return;
        };
        let (x0, x1, x2, x3) = if turned {
            let (up, down) = (a1.plus(a3.times_i()), a1.less(a3.times_i()));
            let (up, down) = (
                up.turn_eighth(self.cos_quarter),
                down.turn_eighth(self.cos_quarter),
            );
            (a0.plus(a2.times_i()), a0.less(a2.times_i()), up, down)
        } else {
            (a0.plus(a2), a0.less(a2), a1.plus(a3), a1.less(a3))
        };
        points[0] = x0.plus(x2);
        points[1] = x0.less(x2);
        points[2] = x1.plus(x3.times_i());
        points[3] = x1.less(x3.times_i());
    }
}

#[inline(always)]
fn pair(points: &mut [Complex], turned: bool) {
    let (a, b) = (points[0], points[1]);
    let b = if turned { b.times_i() } else { b };
    points[0] = a.plus(b);
    points[1] = a.less(b);
}

/// Bins `k` and N/2 − `k` of the real signal from those of the half-length transform.
#[inline(always)]
fn untangled(a: Complex, b: Complex, w: Factor) -> (Complex, Complex) {
    let y = w.times(Complex {
        re: a.re - b.re,
        im: a.im + b.im,
    });
    let high = Complex {
        re: b.re + y.re,
        im: b.im - y.im,
    };
    (a.less(y), high)
}

/// A node of the recursion.
#[derive(Clone, Copy, Debug)]
struct Node {
    first: u32,
    size: u32,
    level: u8,
    turned: bool,
}

/// The nodes in the order of the recursion: what a node has left in the cache is taken up by its quarters.
fn nodes(first: u32, size: u32, level: u8, turned: bool, out: &mut Vec<Node>) {
    out.push(Node {
        first,
        size,
        level,
        turned,
    });
    if size > 4 {
        for quarter in 0..4 {
            let turned = quarter == 1 || (quarter == 3 && turned);
            nodes(first + quarter * size / 4, size / 4, level + 1, turned, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lanes::LANES;

    #[test]
    fn early_samples_have_the_bits_of_all() {
        for length in [64, 128, 256, 512, 1024, 2048] {
            let fft = RealFft::new(length);
            let noise = noise(8 * length);
            let spectrum: Vec<Complex> = noise
                .chunks(2 * LANES)
                .map(|x| Complex {
                    re: F32s(std::array::from_fn(|lane| x[lane])),
                    im: F32s(std::array::from_fn(|lane| x[LANES + lane])),
                })
                .collect();
            let (mut all, mut early) = (spectrum.clone(), spectrum);
            fft.inverse(&mut all);
            let mut samples = vec![F32s::default(); length / 4 + 2];
            fft.inverse_early(&mut early, &mut samples);
            for (n, &sample) in samples.iter().enumerate() {
                let Complex { re, im } = all[n / 2];
                let want = if n % 2 == 0 { re } else { im };
                let bits = |x: F32s| x.0.map(f32::to_bits);
                assert_eq!(bits(sample), bits(want), "{length} {n}");
            }
        }
    }

    fn noise(length: usize) -> Vec<f32> {
        let mut state = 1_u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// Runs `transform` with `x` as one of the eight frames, the others being other noise.
    fn in_lane(x: &[f32], lane: usize, transform: impl Fn(&mut [Complex])) -> Vec<f32> {
        let mut points: Vec<Complex> = noise(x.len())
            .chunks(2)
            .map(|pair| Complex {
                re: F32s::splat(pair[0]),
                im: F32s::splat(pair[1]),
            })
            .collect();
        for (point, pair) in points.iter_mut().zip(x.chunks(2)) {
            (point.re.0[lane], point.im.0[lane]) = (pair[0], pair[1]);
        }
        transform(&mut points);
        points
            .iter()
            .flat_map(|p| [p.re.0[lane], p.im.0[lane]])
            .collect()
    }

    #[test]
    fn the_transform_is_the_textbook_sum_with_a_plus_sign() {
        for length in [64, 128, 256, 512, 1024, 2048, 16384] {
            let x = noise(length);
            let spectrum = in_lane(&x, 5, |points| RealFft::new(length).forward(points));
            for k in [1, 2, 3, length / 8 + 1, length / 4, length / 2 - 1] {
                let (mut re, mut im) = (0.0, 0.0);
                for (m, &value) in x.iter().enumerate() {
                    let angle = std::f64::consts::TAU * ((k * m) % length) as f64 / length as f64;
                    re += f64::from(value) * angle.cos();
                    im += f64::from(value) * angle.sin();
                }
                let scale = (length as f64).sqrt();
                assert!(
                    (f64::from(spectrum[2 * k]) - re).abs() < 2e-6 * scale,
                    "re {k} of {length}"
                );
                assert!(
                    (f64::from(spectrum[2 * k + 1]) - im).abs() < 2e-6 * scale,
                    "im {k} of {length}"
                );
            }
        }
    }

    #[test]
    fn the_inverse_gives_the_samples_back() {
        for length in [128, 256, 512, 1024] {
            let x = noise(length);
            let fft = RealFft::new(length);
            let y = in_lane(&x, 2, |points| {
                fft.forward(points);
                fft.inverse(points);
            });
            for (a, b) in x.iter().zip(&y) {
                assert!((a - b / (length as f32 / 2.0)).abs() < 1e-6);
            }
        }
    }

    #[test]
    fn the_bits_are_those_of_the_reference() {
        for length in [256, 512, 1024, 2048, 4096] {
            let fft = RealFft::new(length);
            for variant in 0..3 {
                let path = format!(
                    "{}/tests/golden/fft/rdft_{length}_{variant}.f32",
                    env!("CARGO_MANIFEST_DIR")
                );
                let bytes = std::fs::read(&path).expect("golden file");
                let values: Vec<f32> = bytes
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|&b| f32::from_le_bytes(b))
                    .collect();
                let (input, want) = values.split_at(length);
                let got = in_lane(input, variant, |points| fft.forward(points));
                let wrong = got
                    .iter()
                    .zip(want)
                    .filter(|(a, b)| a.to_bits() != b.to_bits() && *a != *b)
                    .count();
                assert_eq!(
                    wrong, 0,
                    "values that differ, length {length}, signal {variant}"
                );
            }
        }
    }
}
