//! All complex roots of a real polynomial at once.
//!
//! ```text
//! z_j ← z_j − w_j,    1/w_j = p′(z_j)/p(z_j) − Σ_{i≠j} 1/(z_j − z_i)
//! ```
//!
//! O. Aberth (1973), "Iteration methods for finding all zeros of a polynomial simultaneously", Math. Comp. 27, 339–344; L. W.
//! Ehrlich (1967). Convergence is cubic. The reference takes eigenvalues of the companion matrix; after rounding to `f32` the
//! two agree. Every root stops by itself: when its step falls below rounding, or after a fixed number of
//! rounds, so that no input can keep it busy.

use super::prediction::ORDER;

/// A complex number in `f64`.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Root {
    pub re: f64,
    pub im: f64,
}

impl Root {
    fn times(self, o: Self) -> Self {
        Self {
            re: self.re * o.re - self.im * o.im,
            im: self.re * o.im + self.im * o.re,
        }
    }

    fn less(self, o: Self) -> Self {
        Self {
            re: self.re - o.re,
            im: self.im - o.im,
        }
    }

    fn over(self, o: Self) -> Self {
        let scale = 1.0 / o.norm();
        Self {
            re: (self.re * o.re + self.im * o.im) * scale,
            im: (self.im * o.re - self.re * o.im) * scale,
        }
    }

    /// The squared magnitude.
    pub fn norm(self) -> f64 {
        self.re * self.re + self.im * self.im
    }
}

/// Rounds after which a root that still moves is taken as it is; 8 to 12 are usual.
const ROUNDS: usize = 64;

/// The roots of z¹¹ + c₁z¹⁰ + … + c₁₁ that are not 0, and how many there are.
///
/// Coefficients that are not finite have no roots.
pub(crate) fn roots(coefficients: &[f64; ORDER]) -> ([Root; ORDER], usize) {
    let mut z = [Root::default(); ORDER];
    if coefficients.iter().any(|c| !c.is_finite()) {
        return (z, 0);
    }
    // Trailing zeros are roots at 0.
    let degree = ORDER - coefficients.iter().rev().take_while(|&&c| c == 0.0).count();
    let c = &coefficients[..degree];
    if degree == 0 {
        return (z, 0);
    }
    // On a circle with the geometric mean of the roots as radius, off the symmetry of the real axis.
    let radius = c[degree - 1].abs().powf(1.0 / degree as f64);
    for (j, z) in z[..degree].iter_mut().enumerate() {
        let angle = std::f64::consts::TAU * j as f64 / degree as f64 + 0.4;
        *z = Root {
            re: radius * angle.cos(),
            im: radius * angle.sin(),
        };
    }
    let mut moving = [true; ORDER];
    for _ in 0..ROUNDS {
        for j in 0..degree {
            if moving[j] {
                let step = correction(c, &z[..degree], j);
                if step.re.is_finite() && step.im.is_finite() {
                    z[j] = z[j].less(step);
                    // A step this small leaves an error of its third power.
                    moving[j] = step.norm() > 1e-24 * z[j].norm();
                } else {
                    moving[j] = false;
                }
            }
        }
        if !moving[..degree].contains(&true) {
            break;
        }
    }
    (z, degree)
}

/// The step of root `j`; not a number where it already is exact or two approximations coincide.
fn correction(c: &[f64], z: &[Root], j: usize) -> Root {
    let x = z[j];
    let mut value = Root { re: 1.0, im: 0.0 };
    let mut derivative = Root::default();
    for &c in c {
        let d = derivative.times(x);
        derivative = Root {
            re: d.re + value.re,
            im: d.im + value.im,
        };
        let v = value.times(x);
        value = Root {
            re: v.re + c,
            im: v.im,
        };
    }
    let mut repulsion = Root::default();
    for (i, &other) in z.iter().enumerate() {
        if i != j {
            let distance = x.less(other);
            let scale = 1.0 / distance.norm();
            repulsion.re += distance.re * scale;
            repulsion.im -= distance.im * scale;
        }
    }
    value.over(derivative.less(value.times(repulsion)))
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
                c[i] = c[i].less(c[i - 1].times(r));
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
                .map(|f| f.less(p).norm().sqrt())
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
}
