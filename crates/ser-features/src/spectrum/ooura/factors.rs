//! The twiddle factors of Ooura's `rdft`, with its roundings: from tables of cosines in `f32`, of which some factors are interpolated.

/// A twiddle factor.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Factor {
    pub(super) re: f32,
    pub(super) im: f32,
}

impl Factor {
    pub(super) const fn new(re: f32, im: f32) -> Self {
        Self { re, im }
    }

    /// Real and imaginary part exchanged.
    pub(super) const fn swap(self) -> Self {
        Self::new(self.im, self.re)
    }

    pub(super) const fn conj(self) -> Self {
        Self::new(self.re, -self.im)
    }

    pub(super) const fn minus(self) -> Self {
        Self::new(-self.re, -self.im)
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self::new(self.re + other.re, self.im + other.im)
    }
}

/// Twiddle factors of one pass over a node of 4·Q points; index 0 … Q−1.
#[derive(Clone, Debug)]
pub(super) struct Pass {
    /// Factors of a plain node: for the third and the fourth quarter.
    pub(super) plain: Vec<[Factor; 2]>,
    /// Factors of a turned node: two for the sum, two for the difference.
    pub(super) turned: Vec<[Factor; 4]>,
}

/// Ooura's table of cosines and sines: a segment for each size, each half as long as the one before.
///
/// The angle is formed in `f32`, its cosine is taken in `f64`, and the finished expression is rounded once.
pub(super) struct Table {
    values: Vec<f32>,
}

impl Table {
    pub(super) fn new(length: usize) -> Self {
        let mut w = vec![0.0_f32; length];
        let mut half = length / 2;
        let step = (std::f64::consts::FRAC_PI_4 / half as f64) as f32;
        let cos = |angle: f32| libm::cos(f64::from(angle));
        let sin = |angle: f32| libm::sin(f64::from(angle));
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

    pub(super) fn cos_quarter(&self) -> f32 {
        self.values[1]
    }

    /// The segment that starts `from_end` values before the end.
    fn segment(&self, from_end: usize) -> &[f32] {
        &self.values[self.values.len() - from_end..]
    }
}

fn complex_at(segment: &[f32], index: usize) -> Factor {
    Factor::new(segment[index], segment[index + 1])
}

impl Pass {
    pub(super) fn new(size: usize, first: bool, table: &Table) -> Self {
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
fn plain_factors(size: usize, first: bool, table: &Table) -> Vec<[Factor; 2]> {
    let q = size / 4;
    let mut factors = vec![[Factor::new(1.0, 0.0); 2]; q];
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
fn first_pass_factors(k: usize, q: usize, table: &Table) -> (Factor, Factor) {
    let w = &table.values;
    let entry = |k: usize| match k {
        0 => (Factor::new(1.0, 0.0), Factor::new(1.0, 0.0)),
        k if 2 * k == q => {
            let c = table.cos_quarter();
            (Factor::new(c, c), Factor::new(-c, -c))
        }
        k => (complex_at(w, 2 * k), complex_at(w, 2 * k + 2)),
    };
    let (one, three) = if k.is_multiple_of(2) {
        entry(k)
    } else {
        let ((one_before, three_before), (one_after, three_after)) = (entry(k - 1), entry(k + 1));
        let (one, three) = (one_before.plus(one_after), three_before.plus(three_after));
        (
            Factor::new(w[2] * one.re, w[2] * one.im),
            Factor::new(w[3] * three.re, w[3] * three.im),
        )
    };
    (one, three.conj())
}

/// The four factors of a turned node: θ is an odd multiple of half the plain node's step.
fn turned_factors(size: usize, table: &Table) -> Vec<[Factor; 4]> {
    let q = size / 4;
    let mut factors = vec![[Factor::new(1.0, 0.0); 4]; q];
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
    if q == 1 {
        return factors;
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
pub(super) fn untangling_factors(length: usize) -> Vec<Factor> {
    let quarter = length / 4;
    let half = quarter / 2;
    let step = (std::f64::consts::FRAC_PI_4 / half as f64) as f32;
    let mut c = vec![0.0_f32; quarter];
    c[0] = libm::cos(f64::from(step * half as f32)) as f32;
    c[half] = 0.5 * c[0];
    for j in 1..half {
        let angle = f64::from(step * j as f32);
        c[j] = (0.5 * libm::cos(angle)) as f32;
        c[quarter - j] = (0.5 * libm::sin(angle)) as f32;
    }
    (1..quarter)
        .map(|k| Factor::new(0.5 - c[quarter - k], c[k]))
        .collect()
}
