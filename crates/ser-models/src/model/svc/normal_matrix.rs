//! Normal matrices: weighted sums of x̂ x̂ᵀ over the rows of a problem, and the solution of equations with them.
//!
//! ```text
//! M = diag(r) + Σᵢ ωᵢ x̂ᵢ x̂ᵢᵀ,      M = L Lᵀ (Cholesky)
//! ```
//!
//! Both Newton methods of this module ([`super::interior`], [`super::liblinear`]) spend nearly all their time on the sum, n · columns² / 2
//! multiplications. Four rows are added at a time, so that an element of M is loaded and stored once for four of them.

use ser_features::lanes::widest;

use super::problem::{Problem, dot};

/// The lower triangle of a symmetric matrix, row by row in a square.
pub(super) struct NormalMatrix {
    size: usize,
    values: Vec<f64>,
}

impl NormalMatrix {
    /// diag(ridge) + Σ weight · x̂ x̂ᵀ over the rows of the problem; rows of weight 0 are passed over.
    pub fn new(problem: &Problem, weights: &[f64], ridge: &[f64]) -> Self {
        let size = problem.width();
        let mut values = vec![0.0; size * size];
        for (k, &r) in ridge.iter().enumerate() {
            values[k * size + k] = r;
        }
        let rows: Vec<(&[f64], f64)> = problem
            .rows()
            .zip(weights.iter().copied())
            .filter(|(_, weight)| *weight != 0.0)
            .collect();
        let fours = rows.chunks_exact(4);
        widest(
            #[inline(always)]
            || {
                for &single in fours.remainder() {
                    add(&mut values, size, [single]);
                }
                for four in fours {
                    add(&mut values, size, [four[0], four[1], four[2], four[3]]);
                }
            },
        );
        Self { size, values }
    }

    /// Splits the matrix into L Lᵀ.
    ///
    /// A pivot that is nothing but rounding becomes infinite, so that its unknown comes out as 0: along a direction that the rows do not determine
    /// nothing is moved.
    pub fn factor(mut self) -> Factor {
        for j in 0..self.size {
            let (above, below) = self.values.split_at_mut(j * self.size);
            let row = &mut below[..self.size];
            for k in 0..j {
                let other = &above[k * self.size..][..=k];
                row[k] = (row[k] - dot(&row[..k], &other[..k])) / other[k];
            }
            let pivot = row[j] - dot(&row[..j], &row[..j]);
            row[j] = if pivot > 1e-15 * row[j] {
                pivot.sqrt()
            } else {
                1e150
            };
        }
        Factor {
            size: self.size,
            lower: self.values,
        }
    }
}

/// Adds the rows' products, each times its weight, to the lower triangle.
#[inline(always)]
fn add<const N: usize>(values: &mut [f64], size: usize, rows: [(&[f64], f64); N]) {
    for (a, line) in values.chunks_exact_mut(size).enumerate() {
        let line = &mut line[..=a];
        let factors: [f64; N] = std::array::from_fn(|n| rows[n].1 * rows[n].0[a]);
        let rows: [&[f64]; N] = std::array::from_fn(|n| &rows[n].0[..=a]);
        for b in 0..line.len() {
            let mut sum = 0.0;
            for n in 0..N {
                sum += factors[n] * rows[n][b];
            }
            line[b] += sum;
        }
    }
}

/// L of L Lᵀ.
pub(super) struct Factor {
    size: usize,
    lower: Vec<f64>,
}

impl Factor {
    /// The x of L Lᵀ x = right.
    pub fn solve(&self, mut right: Vec<f64>) -> Vec<f64> {
        for j in 0..self.size {
            let row = &self.lower[j * self.size..][..=j];
            right[j] = (right[j] - dot(&row[..j], &right[..j])) / row[j];
        }
        for j in (0..self.size).rev() {
            let row = &self.lower[j * self.size..][..=j];
            right[j] /= row[j];
            let x = right[j];
            right[..j]
                .iter_mut()
                .zip(row)
                .for_each(|(r, l)| *r -= l * x);
        }
        right
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_solution_put_into_the_equations_gives_the_right_side() {
        let mut problem = Problem::new(2);
        for i in 0..7 {
            let x = f64::from(i);
            problem.push([x.sin(), (1.7 * x).cos()], true, 1.0);
        }
        let weights: Vec<f64> = (0..7).map(f64::from).collect();
        let ridge = [1.0, 1.0, 0.0];
        let right = vec![1.0, -2.0, 3.0];
        let solution = NormalMatrix::new(&problem, &weights, &ridge)
            .factor()
            .solve(right.clone());
        // (diag(ridge) + Σ ω x̂ x̂ᵀ) solution, by its definition.
        let mut found: Vec<f64> = ridge.iter().zip(&solution).map(|(r, s)| r * s).collect();
        for (row, weight) in problem.rows().zip(&weights) {
            let value = weight * dot(row, &solution);
            found.iter_mut().zip(row).for_each(|(f, x)| *f += value * x);
        }
        for (found, right) in found.iter().zip(&right) {
            assert!((found - right).abs() < 1e-12, "{found} for {right}");
        }
    }

    #[test]
    fn a_direction_that_no_row_determines_is_left_alone() {
        let mut problem = Problem::new(1);
        problem.push([1.0], true, 1.0); // x̂ = (1, 1): the matrix has rank 1.
        let solution = NormalMatrix::new(&problem, &[1.0], &[0.0, 0.0])
            .factor()
            .solve(vec![2.0, 2.0]);
        assert_eq!(solution, [2.0, 0.0]);
    }
}
