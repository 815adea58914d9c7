//! Real Fourier transform in single precision, in the order of operations of Takuya Ooura's `rdft`.
//!
//! ```text
//! X_k = Σ_m x_m · exp(+2πi·k·m/N),   k = 0 … N/2
//! ```
//!
//! Note the **plus** sign: the imaginary part is the conjugate of the usual one.
//!
//! Why a transform of our own beside `realfft`: the reference computes its spectra with this one in `f32`, and two
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

/// A complex number whose products and sums round in the order that the reference uses.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Complex {
    re: f32,
    im: f32,
}

impl Complex {
    const fn new(re: f32, im: f32) -> Self {
        Self { re, im }
    }

    /// Real and imaginary part exchanged.
    const fn swap(self) -> Self {
        Self::new(self.im, self.re)
    }

    const fn conj(self) -> Self {
        Self::new(self.re, -self.im)
    }

    const fn minus(self) -> Self {
        Self::new(-self.re, -self.im)
    }

    /// `i · self`
    const fn times_i(self) -> Self {
        Self::new(-self.im, self.re)
    }

    fn plus(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }

    fn less(self, other: Self) -> Self {
        Self::new(self.re - other.re, self.im - other.im)
    }

    fn times(self, x: Self) -> Self {
        Self::new(
            self.re * x.re - self.im * x.im,
            self.re * x.im + self.im * x.re,
        )
    }

    /// `exp(iπ/4) · self`, with one product per part: `scale` is cos π/4.
    fn turn_eighth(self, scale: f32) -> Self {
        Self::new(scale * (self.re - self.im), scale * (self.im + self.re))
    }
}

/// Twiddle factors of one pass over a node of 4·Q points; index 0 … Q−1.
#[derive(Clone, Debug)]
struct Pass {
    /// Factors of a plain node: for the third and the fourth quarter.
    plain: Vec<[Complex; 2]>,
    /// Factors of a turned node: two for the sum, two for the difference.
    turned: Vec<[Complex; 4]>,
}

/// A plan for real transforms of one length. Tables only: it can be shared between threads.
#[derive(Clone, Debug)]
pub struct RealFft {
    length: usize,
    cos_quarter: f32,
    /// Passes by size of the node, the largest first; sizes N/2, N/8, … down to 8 or 16 points.
    passes: Vec<Pass>,
    /// Factors that untangle the half-length complex transform, k = 1 … N/4−1.
    untangle: Vec<Complex>,
    /// Where each complex value of the transform goes: pairs to exchange.
    exchanges: Vec<(u32, u32)>,
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
        let exchanges = (0..half as u32)
            .map(|k| (k, k.reverse_bits() >> (32 - bits)))
            .filter(|(from, to)| from < to)
            .collect();
        Self {
            length,
            cos_quarter: table.cos_quarter(),
            passes,
            untangle: untangling_factors(length),
            exchanges,
        }
    }

    /// Number of samples that one transform takes.
    pub fn length(&self) -> usize {
        self.length
    }

    /// Transforms `data` in place into Ooura's packed order: `Re X₀, Re X_{N/2}, Re X₁, Im X₁, Re X₂, …`,
    /// with `Im X_k = +Σ x_m sin(2πkm/N)`.
    ///
    /// # Panics
    /// If `data` is not as long as planned.
    pub fn forward(&self, data: &mut [f32]) {
        assert_eq!(data.len(), self.length, "samples of the transform");
        let (points, _) = data.as_chunks_mut::<2>();
        self.transform(points);
        self.tangle(points, 1.0);
        let [re, im] = points[0];
        points[0] = [re + im, re - im];
    }

    /// The inverse of [`forward`](Self::forward) but for a factor: gives N/2 times the samples.
    ///
    /// # Panics
    /// If `data` is not as long as planned.
    pub fn inverse(&self, data: &mut [f32]) {
        assert_eq!(data.len(), self.length, "values of the transform");
        let (points, _) = data.as_chunks_mut::<2>();
        let [first, last] = points[0];
        let half_difference = 0.5 * (first - last);
        points[0] = [first - half_difference, half_difference];
        self.tangle(points, -1.0);
        // Backward is forward between two conjugations; a change of sign never rounds.
        points.iter_mut().for_each(|p| p[1] = -p[1]);
        self.transform(points);
        points.iter_mut().for_each(|p| p[1] = -p[1]);
    }

    /// The complex transform of N/2 points.
    fn transform(&self, points: &mut [[f32; 2]]) {
        self.node(points, 0, false);
        for &(from, to) in &self.exchanges {
            points.swap(from as usize, to as usize);
        }
    }

    /// Splits the half-length complex spectrum into that of the real signal (`sign` +1), or joins it again (−1).
    fn tangle(&self, points: &mut [[f32; 2]], sign: f32) {
        let half = points.len();
        for (k, w) in (1..).zip(&self.untangle) {
            let w = Complex::new(w.re, sign * w.im);
            let (a, b) = (load(points, k), load(points, half - k));
            let y = w.times(Complex::new(a.re - b.re, a.im + b.im));
            store(points, k, a.less(y));
            store(points, half - k, Complex::new(b.re + y.re, b.im - y.im));
        }
    }

    fn node(&self, points: &mut [[f32; 2]], level: usize, turned: bool) {
        match points.len() {
            2 => pair(points, turned),
            4 => self.quad(points, turned),
            size => {
                let pass = &self.passes[level];
                if turned {
                    self.turned_pass(points, &pass.turned);
                } else {
                    self.plain_pass(points, &pass.plain);
                }
                for (quarter, part) in points.chunks_exact_mut(size / 4).enumerate() {
                    self.node(part, level + 1, quarter == 1 || (quarter == 3 && turned));
                }
            }
        }
    }

    fn plain_pass(&self, points: &mut [[f32; 2]], factors: &[[Complex; 2]]) {
        let q = factors.len();
        for (k, [third, fourth]) in factors.iter().enumerate() {
            let [a0, a1, a2, a3] = [0, 1, 2, 3].map(|quarter| load(points, k + quarter * q));
            let (x0, x1, x2, x3) = (a0.plus(a2), a0.less(a2), a1.plus(a3), a1.less(a3));
            store(points, k, x0.plus(x2));
            store(points, k + q, x0.less(x2));
            let (up, down) = (x1.plus(x3.times_i()), x1.less(x3.times_i()));
            let (up, down) = if k == 0 {
                (up, down)
            } else if 2 * k == q {
                (
                    up.turn_eighth(self.cos_quarter),
                    down.turn_eighth(self.cos_quarter).times_i(),
                )
            } else {
                (third.times(up), fourth.times(down))
            };
            store(points, k + 2 * q, up);
            store(points, k + 3 * q, down);
        }
    }

    fn turned_pass(&self, points: &mut [[f32; 2]], factors: &[[Complex; 4]]) {
        let q = factors.len();
        for (k, w) in factors.iter().enumerate() {
            let [a0, a1, a2, a3] = [0, 1, 2, 3].map(|quarter| load(points, k + quarter * q));
            let (x0, x1) = (a0.plus(a2.times_i()), a0.less(a2.times_i()));
            let (x2, x3) = (a1.plus(a3.times_i()), a1.less(a3.times_i()));
            let (y0, y1, y2, y3) = if k == 0 {
                (
                    x0,
                    x1,
                    x2.turn_eighth(self.cos_quarter),
                    x3.turn_eighth(self.cos_quarter).times_i(),
                )
            } else {
                (
                    w[0].times(x0),
                    w[2].times(x1),
                    w[1].times(x2),
                    w[3].times(x3),
                )
            };
            store(points, k, y0.plus(y2));
            store(points, k + q, y0.less(y2));
            store(points, k + 2 * q, y1.plus(y3));
            store(points, k + 3 * q, y1.less(y3));
        }
    }

    fn quad(&self, points: &mut [[f32; 2]], turned: bool) {
        let [a0, a1, a2, a3] = [0, 1, 2, 3].map(|k| load(points, k));
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
        store(points, 0, x0.plus(x2));
        store(points, 1, x0.less(x2));
        store(points, 2, x1.plus(x3.times_i()));
        store(points, 3, x1.less(x3.times_i()));
    }
}

fn pair(points: &mut [[f32; 2]], turned: bool) {
    let (a, b) = (load(points, 0), load(points, 1));
    let b = if turned { b.times_i() } else { b };
    store(points, 0, a.plus(b));
    store(points, 1, a.less(b));
}

fn load(points: &[[f32; 2]], k: usize) -> Complex {
    Complex::new(points[k][0], points[k][1])
}

fn store(points: &mut [[f32; 2]], k: usize, value: Complex) {
    points[k] = [value.re, value.im];
}

/// Ooura's table of cosines and sines: a segment for each size, each half as long as the one before.
///
/// The angle is formed in `f32`, its cosine is taken in `f64`, and the finished expression is rounded once.
struct Table {
    values: Vec<f32>,
}

impl Table {
    fn new(length: usize) -> Self {
        let mut w = vec![0.0_f32; length];
        let mut half = length / 2;
        let step = (1.0_f64.atan() / half as f64) as f32;
        let cos = |angle: f32| f64::from(angle).cos();
        let sin = |angle: f32| f64::from(angle).sin();
        let cos_quarter = cos(step * half as f32) as f32;
        w[0] = 1.0;
        w[1] = cos_quarter;
        if half == 4 {
            w[2] = cos(step * 2.0) as f32;
            w[3] = sin(step * 2.0) as f32;
        } else {
            w[2] = (0.5 / cos(step * 2.0)) as f32;
            w[3] = (0.5 / cos(step * 6.0)) as f32;
            for j in (4..half).step_by(4) {
                let (angle, triple) = (step * j as f32, 3.0 * step * j as f32);
                w[j] = cos(angle) as f32;
                w[j + 1] = sin(angle) as f32;
                w[j + 2] = cos(triple) as f32;
                w[j + 3] = -sin(triple) as f32;
            }
        }
        // Each further segment takes every second entry of the one before.
        let mut from = 0;
        while half > 2 {
            let to = from + half;
            half /= 2;
            w[to] = 1.0;
            w[to + 1] = cos_quarter;
            if half == 4 {
                w[to + 2] = w[from + 4];
                w[to + 3] = w[from + 5];
            } else if half > 4 {
                w[to + 2] = 0.5 / w[from + 4];
                w[to + 3] = 0.5 / w[from + 6];
                for j in (4..half).step_by(4) {
                    for offset in 0..4 {
                        w[to + j + offset] = w[from + 2 * j + offset];
                    }
                }
            }
            from = to;
        }
        Self { values: w }
    }

    fn cos_quarter(&self) -> f32 {
        self.values[1]
    }

    /// The segment that starts `from_end` values before the end.
    fn segment(&self, from_end: usize) -> &[f32] {
        &self.values[self.values.len() - from_end..]
    }
}

fn complex_at(segment: &[f32], index: usize) -> Complex {
    Complex::new(segment[index], segment[index + 1])
}

impl Pass {
    fn new(size: usize, first: bool, table: &Table) -> Self {
        Self {
            plain: plain_factors(size, first, table),
            turned: if first {
                Vec::new()
            } else {
                turned_factors(size, table)
            },
        }
    }
}

/// exp(iθ) and exp(3iθ) with θ = 2πk/size, as the table has them.
fn plain_factors(size: usize, first: bool, table: &Table) -> Vec<[Complex; 2]> {
    let q = size / 4;
    let mut factors = vec![[Complex::new(1.0, 0.0); 2]; q];
    for k in 1..q / 2 {
        let (one, three) = if first {
            first_pass_factors(k, q, table)
        } else if size == 16 {
            let one = complex_at(table.segment(8), 2);
            (one, one.swap())
        } else {
            let segment = table.segment(size);
            (
                complex_at(segment, 4 * k),
                complex_at(segment, 4 * k + 2).conj(),
            )
        };
        factors[k] = [one, three];
        factors[q - k] = [one.swap(), three.swap().minus()];
    }
    factors
}

/// The first pass has only every second factor in the table and interpolates the others.
fn first_pass_factors(k: usize, q: usize, table: &Table) -> (Complex, Complex) {
    let w = &table.values;
    let entry = |k: usize| match k {
        0 => (Complex::new(1.0, 0.0), Complex::new(1.0, 0.0)),
        k if 2 * k == q => {
            let c = table.cos_quarter();
            (Complex::new(c, c), Complex::new(-c, -c))
        }
        k => (complex_at(w, 2 * k), complex_at(w, 2 * k + 2)),
    };
    let (one, three) = if k % 2 == 0 {
        entry(k)
    } else {
        let ((one_before, three_before), (one_after, three_after)) = (entry(k - 1), entry(k + 1));
        let (one, three) = (one_before.plus(one_after), three_before.plus(three_after));
        (
            Complex::new(w[2] * one.re, w[2] * one.im),
            Complex::new(w[3] * three.re, w[3] * three.im),
        )
    };
    (one, three.conj())
}

/// The four factors of a turned node: θ is an odd multiple of half the plain node's step.
fn turned_factors(size: usize, table: &Table) -> Vec<[Complex; 4]> {
    let q = size / 4;
    let mut factors = vec![[Complex::new(1.0, 0.0); 4]; q];
    for k in 1..q / 2 {
        let segment = table.segment(2 * size);
        let (one, one_late, three, three_late) = if size == 16 {
            let (one, three) = (complex_at(segment, 4), complex_at(segment, 6).conj());
            (one, three.swap(), three, one.conj().minus())
        } else {
            let late = 2 * q - 4 * k + 2 * q;
            (
                complex_at(segment, 4 * k),
                complex_at(segment, late).swap(),
                complex_at(segment, 4 * k + 2).conj(),
                complex_at(segment, late + 2).swap().conj(),
            )
        };
        factors[k] = [one, one_late, three, three_late];
        factors[q - k] = [
            one_late.swap(),
            one.swap(),
            three_late.conj().swap().conj(),
            three.conj().swap().conj(),
        ];
    }
    let middle = if size == 8 {
        complex_at(table.segment(8), 2)
    } else {
        complex_at(table.segment(2 * size), 2 * q)
    };
    factors[q / 2] = [middle, middle.swap(), middle.swap(), middle.minus()];
    factors
}

/// `½ − ½·sin` and `½·cos` of the angles 2πk/N, k = 1 … N/4−1, as Ooura's second table has them.
fn untangling_factors(length: usize) -> Vec<Complex> {
    let quarter = length / 4;
    let half = quarter / 2;
    let step = (1.0_f64.atan() / half as f64) as f32;
    let mut c = vec![0.0_f32; quarter];
    c[0] = f64::from(step * half as f32).cos() as f32;
    c[half] = 0.5 * c[0];
    for j in 1..half {
        let angle = f64::from(step * j as f32);
        c[j] = (0.5 * angle.cos()) as f32;
        c[quarter - j] = (0.5 * angle.sin()) as f32;
    }
    (1..quarter)
        .map(|k| Complex::new(0.5 - c[quarter - k], c[k]))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(length: usize) -> Vec<f32> {
        let mut state = 1_u32;
        (0..length)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / (1 << 23) as f32 - 1.0
            })
            .collect()
    }

    #[test]
    fn the_transform_is_the_textbook_sum_with_a_plus_sign() {
        for length in [64, 128, 256, 512, 1024, 2048, 16384] {
            let x = noise(length);
            let mut spectrum = x.clone();
            RealFft::new(length).forward(&mut spectrum);
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
            let mut y = x.clone();
            let fft = RealFft::new(length);
            fft.forward(&mut y);
            fft.inverse(&mut y);
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
                let mut got = input.to_vec();
                fft.forward(&mut got);
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
