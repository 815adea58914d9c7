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
    fn ends_joined(first: F32s, last: F32s) -> Self {
        let half_difference = 0.5 * (first - last);
        Self {
            re: first - half_difference,
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
        while size >= 4 {
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

    /// Transforms eight frames, from pairs of samples `(x₀, x₁), (x₂, x₃), …`: gives the magnitudes of all N/2 + 1 bins, and the first bins themselves, as many as
    /// there are places, in Ooura's packed order `(Re X₀, Re X_{N/2}), (Re X₁, Im X₁), (Re X₂, Im X₂), …`, with `Im X_k = +Σ x_m sin(2πkm/N)`. What is left of
    /// `points` is nobody's spectrum.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples, or not a magnitude for each bin.
    pub fn forward(&self, points: &mut [Complex], bins: &mut [Complex], magnitudes: &mut [F32s]) {
        widest(
            #[inline(always)]
            || {
                self.split(
                    points,
                    magnitudes,
                    #[inline(always)]
                    |k, value| {
                        if let Some(bin) = bins.get_mut(k) {
                            *bin = value;
                        }
                    },
                );
            },
        );
    }

    /// Transforms eight frames as [`forward`](Self::forward) does and gives the magnitudes only.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples, or not a magnitude for each bin.
    pub fn magnitudes(&self, points: &mut [Complex], magnitudes: &mut [F32s]) {
        widest(
            #[inline(always)]
            || {
                self.split(
                    points,
                    magnitudes,
                    #[inline(always)]
                    |_, _| {},
                );
            },
        );
    }

    /// The complex transform of N/2 points split into that of the real signal: `take` gets the bins 0 (packed with the last) to N/2 − 1.
    #[inline(always)]
    fn split(
        &self,
        points: &mut [Complex],
        magnitudes: &mut [F32s],
        mut take: impl FnMut(usize, Complex),
    ) {
        let half = points.len();
        assert_eq!(2 * half, self.length, "samples of the transform");
        assert_eq!(half + 1, magnitudes.len(), "bins of the spectrum");
        self.butterflies(points);
        let points = &*points;
        let at = |k: usize| points[self.places[k] as usize];
        let Complex { re, im } = points[0];
        let ends = Complex {
            re: re + im,
            im: re - im,
        };
        magnitudes[0] = ends.re.map(f32::abs);
        magnitudes[half] = ends.im.map(f32::abs);
        take(0, ends);
        let middle = half / 2;
        magnitudes[middle] = at(middle).magnitude();
        take(middle, at(middle));
        for (k, &w) in (1..).zip(&self.untangle) {
            let (low, high) = untangled(at(k), at(half - k), w);
            magnitudes[k] = low.magnitude();
            magnitudes[half - k] = high.magnitude();
            take(k, low);
            take(half - k, high);
        }
    }

    /// N/2 times the inverse transform of a spectrum without imaginary parts, as a power spectrum is; `value` gives its bins 0 … N/2. The samples stay where the
    /// butterflies leave them, for [`sample`](Self::sample) and [`first_samples`](Self::first_samples): those who want an autocorrelation want few of its lags.
    ///
    /// # Panics
    /// If there are not half as many pairs as planned samples.
    #[inline(always)]
    pub fn inverse_of_real(&self, value: impl Fn(usize) -> F32s, points: &mut [Complex]) {
        let half = points.len();
        assert_eq!(2 * half, self.length, "values of the transform");
        widest(
            #[inline(always)]
            || {
                // Backward is forward between two conjugations, which never round. The first is made here, the second by those who fetch samples.
                points[0] = Complex::ends_joined(value(0), value(half)).conjugate();
                points[half / 2] = Complex {
                    re: value(half / 2),
                    im: F32s::default(),
                };
                let (low, high) = points.split_at_mut(half / 2);
                let pairs = low[1..].iter_mut().zip(high[1..].iter_mut().rev());
                for (k, ((low, high), w)) in (1..).zip(pairs.zip(&self.untangle)) {
                    let (a, b) = (value(k), value(half - k));
                    let (re, im) = (w.re * (a - b), -w.im * (a - b));
                    *low = Complex { re: a - re, im };
                    *high = Complex { re: b + re, im };
                }
                self.butterflies(points);
            },
        );
    }

    /// Sample `n` of one frame of what [`inverse_of_real`](Self::inverse_of_real) has left.
    #[inline(always)]
    pub fn sample(&self, points: &[Complex], n: usize, lane: usize) -> f32 {
        let point = &points[self.places[n / 2] as usize];
        if n.is_multiple_of(2) {
            point.re.0[lane]
        } else {
            -point.im.0[lane]
        }
    }

    /// The first samples of what [`inverse_of_real`](Self::inverse_of_real) has left, an even number of them.
    #[inline(always)]
    pub fn first_samples(&self, points: &[Complex], samples: &mut [F32s]) {
        for (pair, &place) in samples.chunks_exact_mut(2).zip(&self.places) {
            let Complex { re, im } = points[place as usize];
            (pair[0], pair[1]) = (re, -im);
        }
    }

    /// The complex transform of N/2 points, its values in bit-reversed order.
    #[inline(always)]
    fn butterflies(&self, points: &mut [Complex]) {
        for node in &self.nodes {
            let part = &mut points[node.first as usize..][..node.size as usize];
            let pass = &self.passes[node.level as usize];
            match (node.size, node.turned) {
                (8, false) => self.plain_eight(part),
                (8, true) => self.turned_eight(part, &pass.turned),
                (16, false) => {
                    self.plain_pass(part, &pass.plain);
                    self.quads(part, false, &self.passes[node.level as usize + 1]);
                }
                (16, true) => {
                    self.turned_pass(part, &pass.turned);
                    self.quads(part, true, &self.passes[node.level as usize + 1]);
                }
                (_, false) => self.plain_pass(part, &pass.plain),
                (_, true) => self.turned_pass(part, &pass.turned),
            }
        }
    }

    #[inline(always)]
    fn plain_pass(&self, points: &mut [Complex], factors: &[[Factor; 2]]) {
        let q = factors.len();
        let (a0, rest) = points.split_at_mut(q);
        let (a1, rest) = rest.split_at_mut(q);
        let (a2, a3) = rest.split_at_mut(q);
        for k in 0..q {
            let [sum, difference, up, down] = plain([a0[k], a1[k], a2[k], a3[k]]);
            (a0[k], a1[k]) = (sum, difference);
            (a2[k], a3[k]) = if k == 0 {
                (up, down)
            } else if 2 * k == q {
                self.half_way(up, down)
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
            let quarters = [a0[k], a1[k], a2[k], a3[k]];
            [a0[k], a1[k], a2[k], a3[k]] = if k == 0 {
                self.turned_first(quarters)
            } else {
                turned(quarters, &factors[k])
            };
        }
    }

    /// The factors of the place in the middle of a plain node's quarters.
    #[inline(always)]
    fn half_way(&self, up: Complex, down: Complex) -> (Complex, Complex) {
        let c = self.cos_quarter;
        (up.turn_eighth(c), down.turn_eighth(c).times_i())
    }

    /// The first place of a turned node's quarters.
    #[inline(always)]
    fn turned_first(&self, quarters: [Complex; 4]) -> [Complex; 4] {
        let c = self.cos_quarter;
        let [x0, x1, x2, x3] = half_turned(quarters);
        let (y2, y3) = (x2.turn_eighth(c), x3.turn_eighth(c).times_i());
        [x0.plus(y2), x0.less(y2), x1.plus(y3), x1.less(y3)]
    }

    /// A plain node of eight points, its quarters included.
    #[inline(always)]
    fn plain_eight(&self, points: &mut [Complex]) {
        let a = plain([points[0], points[2], points[4], points[6]]);
        let [sum, difference, up, down] = plain([points[1], points[3], points[5], points[7]]);
        let (up, down) = self.half_way(up, down);
        put_pairs(points, a, [sum, difference, up, down], false);
    }

    /// A turned node of eight points, its quarters included.
    #[inline(always)]
    fn turned_eight(&self, points: &mut [Complex], factors: &[[Factor; 4]]) {
        let a = self.turned_first([points[0], points[2], points[4], points[6]]);
        let b = turned([points[1], points[3], points[5], points[7]], &factors[1]);
        put_pairs(points, a, b, true);
    }

    /// The quarters of a node of sixteen points, passes with one place.
    #[inline(always)]
    fn quads(&self, points: &mut [Complex], last_turned: bool, pass: &Pass) {
        let (first, rest) = points.split_at_mut(4);
        let (second, rest) = rest.split_at_mut(4);
        let (third, fourth) = rest.split_at_mut(4);
        self.plain_pass(first, &pass.plain);
        self.turned_pass(second, &pass.turned);
        self.plain_pass(third, &pass.plain);
        if last_turned {
            self.turned_pass(fourth, &pass.turned);
        } else {
            self.plain_pass(fourth, &pass.plain);
        }
    }
}

/// A place of a plain node's quarters, before factors.
#[inline(always)]
fn plain([a0, a1, a2, a3]: [Complex; 4]) -> [Complex; 4] {
    let (x0, x1) = (a0.plus(a2), a0.less(a2));
    let (x2, x3) = (a1.plus(a3), a1.less(a3).times_i());
    [x0.plus(x2), x0.less(x2), x1.plus(x3), x1.less(x3)]
}

#[inline(always)]
fn half_turned([a0, a1, a2, a3]: [Complex; 4]) -> [Complex; 4] {
    let (a2, a3) = (a2.times_i(), a3.times_i());
    [a0.plus(a2), a0.less(a2), a1.plus(a3), a1.less(a3)]
}

/// A place of a turned node's quarters.
#[inline(always)]
fn turned(quarters: [Complex; 4], w: &[Factor; 4]) -> [Complex; 4] {
    let [x0, x1, x2, x3] = half_turned(quarters);
    let (y0, y1) = (w[0].times(x0), w[2].times(x1));
    let (y2, y3) = (w[1].times(x2), w[3].times(x3));
    [y0.plus(y2), y0.less(y2), y1.plus(y3), y1.less(y3)]
}

/// The pairs that a node of eight points ends with: of its quarters the second is turned, and the last if the node is.
#[inline(always)]
fn put_pairs(points: &mut [Complex], a: [Complex; 4], b: [Complex; 4], last_turned: bool) {
    for (j, pair) in points.chunks_exact_mut(2).enumerate() {
        let turned = j == 1 || (j == 3 && last_turned);
        let b = if turned { b[j].times_i() } else { b[j] };
        (pair[0], pair[1]) = (a[j].plus(b), a[j].less(b));
    }
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

/// The nodes in the order of the recursion: what a node has left in the cache is taken up by its quarters. Those of eight and sixteen points include theirs.
fn nodes(first: u32, size: u32, level: u8, turned: bool, out: &mut Vec<Node>) {
    out.push(Node {
        first,
        size,
        level,
        turned,
    });
    if size > 16 {
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

    fn noise(length: usize) -> Vec<f32> {
        let mut state = 1_u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    /// The spectrum of `x`, packed, as one of the eight frames, the others being other noise.
    fn in_lane(x: &[f32], lane: usize, fft: &RealFft) -> Vec<f32> {
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
        let mut bins = vec![Complex::default(); points.len()];
        let mut magnitudes = vec![F32s::default(); points.len() + 1];
        fft.forward(&mut points, &mut bins, &mut magnitudes);
        for (bin, magnitude) in bins.iter().zip(&magnitudes).skip(1) {
            assert_eq!(bin.magnitude(), *magnitude);
        }
        bins.iter()
            .flat_map(|p| [p.re.0[lane], p.im.0[lane]])
            .collect()
    }

    #[test]
    fn the_transform_is_the_textbook_sum_with_a_plus_sign() {
        for length in [64, 128, 256, 512, 1024, 2048, 16384] {
            let x = noise(length);
            let spectrum = in_lane(&x, 5, &RealFft::new(length));
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
    fn the_inverse_of_a_real_spectrum_is_a_sum_of_cosines() {
        for length in [64, 128, 256, 512, 1024, 2048] {
            let fft = RealFft::new(length);
            let half = length / 2;
            let spectra = noise(LANES * (half + 1));
            let value = |k: usize| F32s(std::array::from_fn(|lane| spectra[LANES * k + lane]));
            let mut points = vec![Complex::default(); half];
            fft.inverse_of_real(value, &mut points);
            let mut first = vec![F32s::default(); length];
            fft.first_samples(&points, &mut first);
            for n in [0, 1, 2, 3, half / 2, half - 1, half, length - 1] {
                let lane = n % LANES;
                let sum: f64 = (0..=half)
                    .map(|k| {
                        let angle =
                            std::f64::consts::TAU * ((k * n) % length) as f64 / length as f64;
                        let twice = if k == 0 || k == half { 0.5 } else { 1.0 };
                        twice * f64::from(value(k).0[lane]) * angle.cos()
                    })
                    .sum();
                let sample = fft.sample(&points, n, lane);
                assert_eq!(sample, first[n].0[lane]);
                let error = (f64::from(sample) - sum).abs();
                assert!(
                    error < 2e-6 * (length as f64).sqrt(),
                    "{length} {n}: {error}"
                );
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
                let got = in_lane(input, variant, &fft);
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
