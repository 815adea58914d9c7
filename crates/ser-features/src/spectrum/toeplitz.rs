//! Linear equations whose matrix is symmetric and has the same numbers along each diagonal, as those of linear prediction have; eight systems side by side.
//!
//! ```text
//! R_ij = r_|i−j|,   R = L·Lᵀ,   R·x = b:   L·y = b,   Lᵀ·x = y
//! ```
//!
//! Cholesky's factors; G. H. Golub, C. F. Van Loan (2013), "Matrix Computations", 4th ed., 4.2. They are kept, since one matrix meets many right-hand sides.

use crate::lanes::{F64s, LANES};

/// The factors of eight matrices of `N` rows, with the inverses of their diagonals.
pub(crate) struct Toeplitz<const N: usize> {
    l: [[F64s; N]; N],
    inverse: [F64s; N],
}

impl<const N: usize> Toeplitz<N> {
    /// Of the matrices with the first rows `r`.
    #[inline(always)]
    pub fn factored(r: &[F64s; N]) -> Self {
        let mut l = [[F64s::default(); N]; N];
        let mut inverse = [F64s::default(); N];
        for i in 0..N {
            for j in 0..=i {
                let mut sum = F64s::default();
                for (a, b) in l[i][..j].iter().zip(&l[j][..j]) {
                    sum += *a * *b;
                }
                let rest = r[i - j] - sum;
                if i == j {
                    let root = rest.map(f64::sqrt);
                    l[i][i] = root;
                    inverse[i] = F64s::splat(1.0).over(root);
                } else {
                    l[i][j] = rest * inverse[j];
                }
            }
        }
        Self { l, inverse }
    }

    /// Which matrices are positive definite; what the others solve is no number.
    #[inline(always)]
    pub fn is_solvable(&self) -> [bool; LANES] {
        std::array::from_fn(|lane| {
            (0..N).all(|i| self.l[i][i].0[lane] > 0.0 && self.l[i][i].0[lane].is_finite())
        })
    }

    /// The solutions x.
    #[inline(always)]
    pub fn solve(&self, b: &[F64s; N]) -> [F64s; N] {
        let mut x = *b;
        for i in 0..N {
            x[i] = x[i] * self.inverse[i];
            for j in i + 1..N {
                x[j] = x[j] - self.l[j][i] * x[i];
            }
        }
        for i in (0..N).rev() {
            x[i] = x[i] * self.inverse[i];
            for j in 0..i {
                x[j] = x[j] - self.l[i][j] * x[i];
            }
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn solutions_fit_and_indefinite_matrices_are_named() {
        let mut r: [F64s; 4] = std::array::from_fn(|i| {
            F64s(std::array::from_fn(|lane| 0.1 * (lane + 1) as f64).map(|c: f64| c.powi(i as i32)))
        });
        // |r₁| > r₀ has no Cholesky factor; 0 has none either.
        r[1].0[3] = 1.5;
        r[0].0[5] = 0.0;
        let factors = Toeplitz::factored(&r);
        let want = [true, true, true, false, true, false, true, true];
        assert_eq!(factors.is_solvable(), want);
        let b: [F64s; 4] = std::array::from_fn(|i| F64s::splat([1.0, -2.0, 0.5, 3.0][i]));
        let x = factors.solve(&b);
        for lane in (0..LANES).filter(|&lane| want[lane]) {
            for i in 0..4_usize {
                let product: f64 = (0..4)
                    .map(|j| r[i.abs_diff(j)].0[lane] * x[j].0[lane])
                    .sum();
                assert!((product - b[i].0[lane]).abs() < 1e-12, "{lane} {i}");
            }
        }
    }
}
