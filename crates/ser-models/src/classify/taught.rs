//! A narrow band learns from a wide one: scores that come near those which the same recordings get in the wide band.
//!
//! ```text
//! minimise  Σ_i w_i ‖V z_i + c − f(z'_i)‖² / Σ_i w_i  +  ρ ‖V‖²
//! ```
//!
//! z is a row of the narrow band, z' the same recording in the wide one, f what the wide band's discriminant makes of it, w the weights of the rows.
//! Of training recordings, what the telephone cuts off is known. A score tells more of a recording than its label, and what the wide band's scores
//! rest on is found again in what is left. Whatever differs between copies of a recording through several telephones has the same f, so it gets
//! little weight.
//!
//! D. Lopez-Paz, L. Bottou, B. Schölkopf, V. Vapnik (2016), "Unifying distillation and privileged information", ICLR; A. E. Hoerl, R. W. Kennard (1970),
//! "Ridge regression: biased estimation for nonorthogonal problems", Technometrics 12, 55-67.

use nalgebra::{Cholesky, DMatrix};

use crate::model::Error;
use crate::model::discriminant::Discriminant;

/// Gives a discriminant weights and biases by a teacher: `rows` are copy after copy of the same recordings, `scores` and `weights` of these recordings.
///
/// # Errors
/// No rows, or rows that are no whole number of copies.
pub(super) fn teach(
    discriminant: &mut Discriminant,
    rows: &[Vec<f64>],
    scores: &[Vec<f64>],
    weights: &[f64],
    penalty: f64,
) -> Result<(), Error> {
    let recordings = scores.len();
    if recordings == 0 || rows.is_empty() {
        return Err(Error::Empty);
    }
    if !rows.len().is_multiple_of(recordings) || weights.len() != recordings {
        return Err(Error::Shape {
            what: "rows of a band that is taught",
            expected: recordings,
            found: rows.len(),
        });
    }
    let (width, classes) = (rows[0].len(), scores[0].len());
    let copies = rows.len() / recordings;
    let total = weights.iter().sum::<f64>() * copies as f64;
    let share = |row: usize| weights[row % recordings] / total;
    let mean = |value: &dyn Fn(usize) -> f64| -> f64 {
        (0..rows.len()).map(|row| share(row) * value(row)).sum()
    };
    let centre: Vec<f64> = (0..width).map(|at| mean(&|row| rows[row][at])).collect();
    let middle: Vec<f64> = (0..classes)
        .map(|class| mean(&|row| scores[row % recordings][class]))
        .collect();
    // Both sides times √share: their products are weighted sums.
    let z = DMatrix::from_fn(rows.len(), width, |row, at| {
        share(row).sqrt() * (rows[row][at] - centre[at])
    });
    let f = DMatrix::from_fn(rows.len(), classes, |row, class| {
        share(row).sqrt() * (scores[row % recordings][class] - middle[class])
    });
    let mut products = DMatrix::from_diagonal_element(width, width, penalty);
    products.gemm_tr(1.0, &z, &z, 1.0);
    let singular = || Error::Parameter("the penalty of a taught band has to be above 0".into());
    let solution = Cholesky::new(products)
        .ok_or_else(singular)?
        .solve(&z.tr_mul(&f));
    for class in 0..classes {
        let mut bias = middle[class];
        for at in 0..width {
            let weight = solution[(at, class)];
            discriminant.weight[(class, at)] = weight;
            bias -= weight * centre[at];
        }
        discriminant.bias[class] = bias;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random::Random;
    use ndarray::Array2;

    fn untaught() -> Discriminant {
        Discriminant {
            weight: Array2::zeros((2, 3)),
            bias: vec![0.0; 2],
            means: Array2::zeros((2, 3)),
            axes: Array2::zeros((2, 3)),
            whitening: Array2::zeros((3, 3)),
        }
    }

    /// Rows of two columns and one that differs from copy to copy; the teacher sees 2 z₀ − z₁ + 1 and its negative.
    fn lesson(copies: usize, fickle: f64) -> (Vec<Vec<f64>>, Vec<Vec<f64>>) {
        let mut random = Random::numbered(1, "lesson", 0);
        let recordings: Vec<[f64; 2]> = (0..200)
            .map(|_| [random.normal(), random.normal()])
            .collect();
        let mut rows = Vec::new();
        for _ in 0..copies {
            for [a, b] in &recordings {
                rows.push(vec![*a, *b, a + fickle * random.normal()]);
            }
        }
        let score = |[a, b]: &[f64; 2]| vec![2.0 * a - b + 1.0, b - 2.0 * a - 1.0];
        (rows, recordings.iter().map(score).collect())
    }

    #[test]
    fn what_the_rows_still_tell_is_learnt_whole() {
        let (rows, scores) = lesson(2, 1.0);
        let mut taught = untaught();
        teach(&mut taught, &rows, &scores, &[1.0; 200], 1e-9).unwrap();
        for (row, wanted) in rows.iter().zip(scores.iter().cycle()) {
            let found = taught.scores(row);
            assert!((found[0] - wanted[0]).abs() < 1e-6 && (found[1] - wanted[1]).abs() < 1e-6);
        }
    }

    #[test]
    fn what_differs_from_copy_to_copy_gets_less_weight_the_more_it_differs() {
        let weight_at = |fickle: f64| {
            let (mut rows, scores) = lesson(4, fickle);
            // Only the fickle column tells of z₀.
            rows.iter_mut().for_each(|row| row[0] = 0.0);
            let mut taught = untaught();
            teach(&mut taught, &rows, &scores, &[1.0; 200], 1e-3).unwrap();
            taught.weight[(0, 2)]
        };
        let weights = [0.1, 0.5, 2.0].map(weight_at);
        assert!(weights[0] > 1.8 && weights[0] > weights[1] && weights[1] > 2.0 * weights[2]);
        assert!(weights[2] > 0.0, "{weights:?}");
    }

    #[test]
    fn a_recording_of_no_weight_is_not_learnt_from() {
        let (rows, mut scores) = lesson(1, 1.0);
        scores[7] = vec![1e6, -1e6];
        let mut weights = [1.0; 200];
        weights[7] = 0.0;
        let mut taught = untaught();
        teach(&mut taught, &rows, &scores, &weights, 1e-9).unwrap();
        assert!(
            (taught.weight[(0, 0)] - 2.0).abs() < 1e-6,
            "{:?}",
            taught.weight
        );
        let mismatch = teach(&mut taught, &rows[1..], &scores, &weights, 0.1);
        assert!(matches!(mismatch, Err(Error::Shape { .. })));
    }
}
