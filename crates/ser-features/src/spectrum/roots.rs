//! All complex roots of a real polynomial at once.
//!
//! ```text
//! z_j ← z_j − w_j,    1/w_j = p′(z_j)/p(z_j) − Σ_{i≠j} 1/(z_j − z_i)
//! ```
//!
//! O. Aberth (1973), "Iteration methods for finding all zeros of a polynomial simultaneously", Math. Comp. 27, 339–344; L. W.
//! Ehrlich (1967). Convergence is cubic. The reference takes eigenvalues of the companion matrix; after rounding to `f32` the
//! two agree. All roots move together, each operation on all of them side by side, until every step falls below rounding, or
//! for a fixed number of rounds, so that no input can keep it busy.

use super::prediction::ORDER;
use crate::lanes::{for_each, widest};

/// A complex number in `f64`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Root {
    pub re: f64,
    pub im: f64,
}

impl Root {
    /// The squared magnitude.
    pub fn norm(self) -> f64 {
        self.re * self.re + self.im * self.im
    }
}

/// Rounds after which roots that still move are taken as they are; 5 to 9 are usual.
const ROUNDS: usize = 64;
/// Square of the relative step that is the last: what is left after it is of the order of its third power, 10⁻²¹.
const SETTLED: f64 = 1e-14;
/// Places for roots: a whole number of vectors.
const PLACES: usize = 12;
/// Places of a vector.
const WIDTH: usize = 4;

/// Real or imaginary parts of all roots.
type Parts = [f64; PLACES];

/// The roots of z¹¹ + c₁z¹⁰ + … + c₁₁ that are not 0, and how many there are.
///
/// Coefficients that are not finite have no roots.
#[inline(never)]
pub(crate) fn roots(coefficients: &[f64; ORDER]) -> ([Root; ORDER], usize) {
    let mut roots = [Root::default(); ORDER];
    if coefficients.iter().any(|c| !c.is_finite()) {
        return (roots, 0);
    }
    // Trailing zeros are roots at 0.
    let degree = ORDER - coefficients.iter().rev().take_while(|&&c| c == 0.0).count();
    if degree == 0 {
        return (roots, 0);
    }
    let (re, im) = widest(
        #[inline(always)]
        || iterate(&coefficients[..degree]),
    );
    for (j, root) in roots[..degree].iter_mut().enumerate() {
        *root = Root {
            re: re[j],
            im: im[j],
        };
    }
    (roots, degree)
}

/// Where the roots of filters of speech begin, as magnitude and angle: the geometric mean of the magnitudes is 1, no two are conjugate. Found by random search for
/// the fewest rounds with a third of 1500 filters of a minute of speech of Emo-DB; with another third there were 5.7, with all of them from points of one circle 7.1
/// (counted in a copy of this method in Python, with linear prediction of the speech at 11 kHz).
const SPEECH: [(f64, f64); ORDER] = [
    (0.932, -2.639),
    (0.969, -2.239),
    (0.896, -1.490),
    (1.166, -0.771),
    (1.270, -0.271),
    (0.821, -0.020),
    (1.128, 0.225),
    (1.384, 0.925),
    (0.944, 1.603),
    (1.021, 1.989),
    (0.675, 2.894),
];

/// Where the roots of a polynomial begin, but for its radius. Those of lower degrees, which are rare, on a circle at 0.4 + 2πj/degree: off the symmetry of the real
/// axis.
fn directions(degree: usize) -> &'static (Parts, Parts) {
    use std::sync::OnceLock;
    static DIRECTIONS: OnceLock<[(Parts, Parts); ORDER]> = OnceLock::new();
    let table = DIRECTIONS.get_or_init(|| {
        std::array::from_fn(|d| {
            let point = |j: usize| match d + 1 {
                ORDER => SPEECH[j],
                degree => (1.0, std::f64::consts::TAU * j as f64 / degree as f64 + 0.4),
            };
            // Places without a root stand far away, where they repel nobody.
            let part = |j: usize, f: fn(f64) -> f64| match j <= d {
                true => point(j).0 * f(point(j).1),
                false => 1e30,
            };
            (
                std::array::from_fn(|j| part(j, libm::cos)),
                std::array::from_fn(|j| part(j, libm::sin)),
            )
        })
    });
    &table[degree - 1]
}

#[inline(always)]
fn iterate(c: &[f64]) -> (Parts, Parts) {
    let degree = c.len();
    // About a circle with the geometric mean of the roots as radius.
    let radius = libm::pow(c[degree - 1].abs(), 1.0 / degree as f64);
    let (mut re, mut im) = *directions(degree);
    for j in 0..PLACES {
        re[j] *= radius;
        im[j] *= radius;
    }
    let mut inverses = [[0.0; PLACES]; PLACES];
    for _ in 0..ROUNDS {
        let (step_re, step_im) = steps(c, &re, &im, &mut inverses);
        let mut moving = 0;
        for j in 0..PLACES {
            let step = step_re[j] * step_re[j] + step_im[j] * step_im[j];
            // A step that is no number comes from a root that is exact, or doubled: it stays.
            let is_finite = step < f64::INFINITY;
            re[j] = if is_finite { re[j] - step_re[j] } else { re[j] };
            im[j] = if is_finite { im[j] - step_im[j] } else { im[j] };
            let is_last = step <= SETTLED * (re[j] * re[j] + im[j] * im[j]);
            moving |= u64::from(is_finite & !is_last & (j < degree));
        }
        if moving == 0 {
            break;
        }
    }
    (re, im)
}

/// The steps w_j of all roots. `inverses` is scratch.
#[inline(always)]
fn steps(c: &[f64], re: &Parts, im: &Parts, inverses: &mut [Parts; PLACES]) -> (Parts, Parts) {
    let (value, slope) = value_and_slope(c, re, im);
    let (value_re, value_im) = value;
    let (slope_re, slope_im) = slope;
    invert_distances(re, im, inverses);
    let mut repulsion = ([0.0; PLACES], [0.0; PLACES]);
    repel::<0>(re, im, inverses, c.len(), &mut repulsion);
    repel::<1>(re, im, inverses, c.len(), &mut repulsion);
    repel::<2>(re, im, inverses, c.len(), &mut repulsion);
    let (repulsion_re, repulsion_im) = repulsion;
    let (mut step_re, mut step_im) = ([0.0; PLACES], [0.0; PLACES]);
    for j in 0..PLACES {
        let (v_re, v_im) = (value_re[j], value_im[j]);
        let (r_re, r_im) = (repulsion_re[j], repulsion_im[j]);
        let d_re = slope_re[j] - (v_re * r_re - v_im * r_im);
        let d_im = slope_im[j] - (v_re * r_im + v_im * r_re);
        let inverse = 1.0 / (d_re * d_re + d_im * d_im);
        step_re[j] = (v_re * d_re + v_im * d_im) * inverse;
        step_im[j] = (v_im * d_re - v_re * d_im) * inverse;
    }
    (step_re, step_im)
}

/// The polynomial and its derivative at z = x + iy, whose real coefficients allow division by the real (t − z)(t − z̄) = t² − 2x·t + |z|², with half of the products
/// of Horner's rule (D. E. Knuth, The Art of Computer Programming 2, section 4.6.4, equation (3)):
///
/// ```text
/// b_k = c_k + 2x·b_{k−1} − |z|²·b_{k−2},   d_k = b_k + 2x·d_{k−1} − |z|²·d_{k−2}
/// p(z)  = b_n − z̄·b_{n−1},                 p′(z) = b_{n−1} + 2iy·(d_{n−2} − z̄·d_{n−3})
/// ```
#[inline(always)]
fn value_and_slope(c: &[f64], x: &Parts, y: &Parts) -> ((Parts, Parts), (Parts, Parts)) {
    let mut value = ([0.0; PLACES], [0.0; PLACES]);
    let mut slope = ([0.0; PLACES], [0.0; PLACES]);
    for vector in 0..PLACES / WIDTH {
        let places = vector * WIDTH..(vector + 1) * WIDTH;
        let x: [f64; WIDTH] = *x[places.clone()].first_chunk().expect("a vector");
        let y: [f64; WIDTH] = *y[places].first_chunk().expect("a vector");
        let twice: [f64; WIDTH] = std::array::from_fn(|j| 2.0 * x[j]);
        let norm: [f64; WIDTH] = std::array::from_fn(|j| x[j] * x[j] + y[j] * y[j]);
        let next = |c: [f64; WIDTH], last: [f64; WIDTH], before: [f64; WIDTH]| -> [f64; WIDTH] {
            std::array::from_fn(|j| c[j] + twice[j] * last[j] - norm[j] * before[j])
        };
        // b_k and b_{k−1}; d_{k−1}, d_{k−2} and d_{k−3}, so that d ends two steps before b.
        let (mut b, mut b_before) = ([1.0; WIDTH], [0.0; WIDTH]);
        let (mut d, mut d_before, mut d_third) = ([0.0; WIDTH], [0.0; WIDTH], [0.0; WIDTH]);
        for &c in c {
            (d, d_before, d_third) = (next(b, d, d_before), d, d_before);
            (b, b_before) = (next([c; WIDTH], b, b_before), b);
        }
        for j in 0..WIDTH {
            let place = vector * WIDTH + j;
            value.0[place] = b[j] - x[j] * b_before[j];
            value.1[place] = y[j] * b_before[j];
            slope.0[place] = b_before[j] - 2.0 * y[j] * (y[j] * d_third[j]);
            slope.1[place] = 2.0 * y[j] * (d_before[j] - x[j] * d_third[j]);
        }
    }
    (value, slope)
}

/// 1/|z_j − z_i|², and 0 where the two are one, for j from the first of the vector of i on. A division takes as long as a dozen other operations, and those left
/// out are the same numbers, turned over.
#[inline(always)]
fn invert_distances(re: &Parts, im: &Parts, inverses: &mut [Parts; PLACES]) {
    for i in 0..PLACES {
        for j in i / WIDTH * WIDTH..PLACES {
            let (x, y) = (re[j] - re[i], im[j] - im[i]);
            let norm = x * x + y * y;
            inverses[i][j] = if norm > 0.0 { 1.0 / norm } else { 0.0 };
        }
    }
}

/// Adds Σ 1/(z_j − z_i) over those i < `degree` that stand in vector `V`.
#[inline(always)]
fn repel<const V: usize>(
    re: &Parts,
    im: &Parts,
    inverses: &[Parts; PLACES],
    degree: usize,
    (sum_re, sum_im): &mut (Parts, Parts),
) {
    for i in V * WIDTH..degree.min((V + 1) * WIDTH) {
        let mut inverse = inverses[i];
        for j in 0..V * WIDTH {
            inverse[j] = inverses[j][i];
        }
        for_each::<PLACES>(
            #[inline(always)]
            |j| {
                let (x, y) = (re[j] - re[i], im[j] - im[i]);
                sum_re[j] += x * inverse[j];
                sum_im[j] -= y * inverse[j];
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Coefficients of the polynomial with the given roots.
    fn from_roots(planted: &[Root; ORDER]) -> [f64; ORDER] {
        let mut c = vec![Root { re: 1.0, im: 0.0 }];
        for &r in planted {
            c.push(Root::default());
            for i in (1..c.len()).rev() {
                let before = c[i - 1];
                c[i].re -= before.re * r.re - before.im * r.im;
                c[i].im -= before.re * r.im + before.im * r.re;
            }
        }
        std::array::from_fn(|i| c[i + 1].re)
    }

    fn polar(radius: f64, angle: f64) -> [Root; 2] {
        let (im, re) = angle.sin_cos();
        [
            Root {
                re: radius * re,
                im: radius * im,
            },
            Root {
                re: radius * re,
                im: -radius * im,
            },
        ]
    }

    #[test]
    fn planted_roots_are_found_inside_and_outside_the_circle() {
        let mut planted = [Root::default(); ORDER];
        let pairs = [
            (0.95, 0.3),
            (1.2, 0.9),
            (0.7, 1.5),
            (1.05, 2.1),
            (0.99, 2.9),
        ];
        for (i, (radius, angle)) in pairs.into_iter().enumerate() {
            planted[2 * i..2 * i + 2].copy_from_slice(&polar(radius, angle));
        }
        planted[10] = Root { re: -0.4, im: 0.0 };
        let (found, count) = roots(&from_roots(&planted));
        assert_eq!(count, ORDER);
        for p in planted {
            let nearest = found
                .iter()
                .map(|f| (f.re - p.re).hypot(f.im - p.im))
                .fold(f64::MAX, f64::min);
            assert!(nearest < 1e-12, "{p:?}: {nearest:e}");
        }
    }

    #[test]
    fn odd_inputs_end() {
        assert_eq!(roots(&[0.0; ORDER]).1, 0);
        assert_eq!(roots(&[f64::NAN; ORDER]).1, 0);
        let mut c = [0.0; ORDER];
        c[0] = -2.0;
        let (found, count) = roots(&c);
        assert_eq!(count, 1);
        assert!((found[0].re - 2.0).abs() < 1e-12);
        // A root of multiplicity eleven converges slowly, and still the rounds are bounded.
        roots(&from_roots(&[Root { re: 0.5, im: 0.0 }; ORDER]));
    }
    #[test]
    fn turned_over_inverses_have_the_bits_of_divisions() {
        let part = |seed: usize| -> Parts {
            std::array::from_fn(|j| ((seed + j) as f64 * 1.7).sin() * 0.9)
        };
        for degree in 1..=ORDER {
            let (re, im) = (part(degree), part(degree + 30));
            let mut inverses = [[f64::NAN; PLACES]; PLACES];
            invert_distances(&re, &im, &mut inverses);
            let mut found = ([0.0; PLACES], [0.0; PLACES]);
            repel::<0>(&re, &im, &inverses, degree, &mut found);
            repel::<1>(&re, &im, &inverses, degree, &mut found);
            repel::<2>(&re, &im, &inverses, degree, &mut found);
            for j in 0..PLACES {
                let (mut want_re, mut want_im) = (0.0_f64, 0.0_f64);
                for i in 0..degree {
                    let (x, y) = (re[j] - re[i], im[j] - im[i]);
                    let norm = x * x + y * y;
                    let inverse = if norm > 0.0 { 1.0 / norm } else { 0.0 };
                    want_re += x * inverse;
                    want_im -= y * inverse;
                }
                assert_eq!(found.0[j].to_bits(), want_re.to_bits());
                assert_eq!(found.1[j].to_bits(), want_im.to_bits());
            }
        }
    }

    #[test]
    fn value_and_slope_are_those_of_horner() {
        for degree in 1..=ORDER {
            let c: Vec<f64> = (0..degree)
                .map(|i| ((i + degree) as f64 * 1.3).sin())
                .collect();
            let part = |seed: f64| -> Parts { std::array::from_fn(|j| (seed + j as f64).sin()) };
            let (x, y) = (part(0.3), part(degree as f64));
            let (value, slope) = value_and_slope(&c, &x, &y);
            for j in 0..PLACES {
                let (mut v, mut d) = ([1.0, 0.0], [0.0, 0.0]);
                let times_z = |a: [f64; 2]| [a[0] * x[j] - a[1] * y[j], a[0] * y[j] + a[1] * x[j]];
                for &c in &c {
                    let (next_d, next_v) = (times_z(d), times_z(v));
                    d = [next_d[0] + v[0], next_d[1] + v[1]];
                    v = [next_v[0] + c, next_v[1]];
                }
                for (found, want) in [
                    (value.0[j], v[0]),
                    (value.1[j], v[1]),
                    (slope.0[j], d[0]),
                    (slope.1[j], d[1]),
                ] {
                    assert!((found - want).abs() < 1e-11, "{degree} {j}: {found} {want}");
                }
            }
        }
    }
}
