//! Principal components: the directions in which a table varies most, exactly.
//!
//! ```text
//! C = Σ (x − x̄)(x − x̄)ᵀ / (n − 1)      C v_k = λ_k v_k,  λ_1 ≥ λ_2 ≥ …      y_k = v_k · (x − x̄)
//! ```
//!
//! The covariance of 88 columns is small, so its symmetric eigen decomposition (nalgebra's: Householder to tridiagonal form, then implicit
//! QR) gives all components at once, to rounding. linfa-reduction's `Pca` iterates from random vectors towards the first few only (LOBPCG); its result
//! depends on a seed and on a tolerance, for no gain at this size.
//!
//! A component is as good as its negative. As in scikit-learn's `PCA`, the entry of largest magnitude of each is positive (the first of them, if
//! several are equally large).
//!
//! I. T. Jolliffe (2002), "Principal component analysis", 2nd ed., Springer.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array2, ArrayView1, ArrayView2};

use super::error::Error;

/// Fitted components.
#[derive(Clone, Debug, PartialEq)]
pub struct Pca {
    /// Mean of each column.
    pub mean: Vec<f64>,
    /// The components, one per row, of length 1: k × columns.
    pub components: Array2<f64>,
    /// Variance along each component, in squared units of the columns.
    pub variance: Vec<f64>,
    /// Share of the total variance along each component; 0 where there is no variance at all.
    pub explained: Vec<f64>,
}

impl Pca {
    /// Finds the first `k` components. Constant columns take no part in them.
    ///
    /// # Errors
    /// If there is no table, `k` is 0 or larger than rows or columns, or a value is no finite number.
    pub fn fit(x: ArrayView2<'_, f64>, k: usize) -> Result<Pca, Error> {
        let (rows, columns) = x.dim();
        if rows == 0 || columns == 0 {
            return Err(Error::Empty);
        }
        let most = rows.min(columns);
        if k == 0 || k > most {
            return Err(Error::Parameter(format!(
                "principal components = {k}: 1 to {most} can be found in {rows} rows of {columns} columns"
            )));
        }
        for ((row, column), value) in x.indexed_iter() {
            if !value.is_finite() {
                return Err(Error::NotFinite { row, column });
            }
        }
        let mean = mean(x);
        let eigen = SymmetricEigen::try_new(covariance(x, &mean)?, f64::EPSILON, ROUNDS)
            .ok_or(Error::Decomposition)?;
        let mut order: Vec<usize> = (0..columns).collect();
        order.sort_by(|&a, &b| eigen.eigenvalues[b].total_cmp(&eigen.eigenvalues[a]));
        // Rounding may leave a variance of zero slightly below it.
        let variance = |i: usize| eigen.eigenvalues[i].max(0.0);
        let total: f64 = order.iter().map(|&i| variance(i)).sum();
        let share = |i: usize| {
            if total > 0.0 {
                variance(i) / total
            } else {
                0.0
            }
        };
        order.truncate(k);
        let mut components =
            Array2::from_shape_fn((k, columns), |(k, j)| eigen.eigenvectors[(j, order[k])]);
        for mut component in components.rows_mut() {
            if largest(component.view()) < 0.0 {
                component.mapv_inplace(|x| -x);
            }
        }
        Ok(Pca {
            mean,
            components,
            variance: order.iter().map(|&i| variance(i)).collect(),
            explained: order.iter().map(|&i| share(i)).collect(),
        })
    }

    /// The coordinates of rows along the components: rows × k.
    ///
    /// # Panics
    /// If the rows have another number of columns than the fitted ones.
    pub fn transform(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(x.ncols(), self.mean.len(), "columns");
        let coordinate = |row: ArrayView1<'_, f64>, component: ArrayView1<'_, f64>| -> f64 {
            let centred = row.iter().zip(&self.mean).map(|(x, mean)| x - mean);
            centred.zip(component).map(|(x, v)| x * v).sum()
        };
        Array2::from_shape_fn((x.nrows(), self.components.nrows()), |(i, k)| {
            coordinate(x.row(i), self.components.row(k))
        })
    }
}

/// Rounds of QR before it is given up; some two per column are usual.
const ROUNDS: usize = 10_000;

fn mean(x: ArrayView2<'_, f64>) -> Vec<f64> {
    let rows = x.nrows() as f64;
    x.columns()
        .into_iter()
        .map(|column| column.iter().sum::<f64>() / rows)
        .collect()
}

fn covariance(x: ArrayView2<'_, f64>, mean: &[f64]) -> Result<DMatrix<f64>, Error> {
    let (rows, columns) = x.dim();
    let mut sums = DMatrix::<f64>::zeros(columns, columns);
    let mut centred = vec![0.0; columns];
    for row in x.rows() {
        for ((to, x), mean) in centred.iter_mut().zip(row).zip(mean) {
            *to = x - mean;
        }
        for j in 0..columns {
            let factor = centred[j];
            // Column-major: the lower half of column j lies together.
            let below = &mut sums.as_mut_slice()[j * columns + j..(j + 1) * columns];
            for (sum, x) in below.iter_mut().zip(&centred[j..]) {
                *sum += factor * x;
            }
        }
    }
    let degrees = rows.saturating_sub(1).max(1) as f64;
    let covariance = DMatrix::from_fn(columns, columns, |i, j| {
        sums[(i.max(j), i.min(j))] / degrees
    });
    // QR would not end on what is not finite.
    if covariance.iter().all(|x| x.is_finite()) {
        Ok(covariance)
    } else {
        Err(Error::Decomposition)
    }
}

/// The entry of largest magnitude, the first of several.
fn largest(component: ArrayView1<'_, f64>) -> f64 {
    component.iter().fold(
        0.0,
        |most: f64, &x| if x.abs() > most.abs() { x } else { most },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    /// 60 rows of seven columns: five that vary together, a constant one, and a small one.
    ///
    /// Made again by the script below: no random numbers.
    fn table() -> Array2<f64> {
        Array2::from_shape_fn((60, 7), |(i, j)| {
            let (i, j) = (i as f64, j as f64);
            match j as usize {
                5 => 3.0,
                6 => 1e-3 * (1.7 * i).sin(),
                _ => (0.37 * i * (j + 1.0)).sin() * (j + 1.0) + (0.05 * i) * (2.0 - j),
            }
        })
    }

    // Python 3.11, scikit-learn 1.9.1: tests/models/pca.py prints these numbers.
    const COMPONENTS: [f64; 21] = [
        -0.25253902012474017,
        -0.11399366217015672,
        -0.0031293968402763286,
        0.2728763271741056,
        0.9212807417231019,
        -0.0,
        1.3152582416959233e-05,
        -0.14876920397719356,
        -0.07846934224284174,
        7.123774128242827e-05,
        0.9302766419141029,
        -0.3260301377170572,
        0.0,
        3.220194433863939e-06,
        0.003906634538609601,
        0.004980610807581693,
        0.9999674184272153,
        0.0024913778741958883,
        0.004345898506362298,
        0.0,
        -3.005973434161661e-06,
    ];
    const EXPLAINED: [f64; 3] = [0.4832546807409101, 0.2505501902428848, 0.12868006746768024];
    const FIRST_ROW: [f64; 3] = [3.982823162849049, 1.017040848563063, -0.0906827209133005];
    const LAST_ROW: [f64; 3] = [-1.3896996273777273, -4.298800044575506, 1.3156798288319131];

    #[test]
    fn components_variances_and_coordinates_are_those_of_scikit_learn() {
        let pca = Pca::fit(table().view(), 3).unwrap();
        let close = |found: &[f64], expected: &[f64]| {
            assert_eq!(found.len(), expected.len());
            for (a, b) in found.iter().zip(expected) {
                // Both are exact but for rounding, some 1e-14 of the largest variance; the gaps between variances are as large as they are.
                assert!((a - b).abs() < 1e-10, "{a} {b}");
            }
        };
        close(pca.components.as_slice().unwrap(), &COMPONENTS);
        close(&pca.explained, &EXPLAINED);
        let coordinates = pca.transform(table().view());
        close(&coordinates.row(0).to_vec(), &FIRST_ROW);
        close(&coordinates.row(59).to_vec(), &LAST_ROW);
    }

    #[test]
    fn components_are_orthogonal_and_of_length_one_and_keep_all_the_variance() {
        let x = table();
        let pca = Pca::fit(x.view(), 7).unwrap();
        let product = pca.components.dot(&pca.components.t());
        for ((i, j), value) in product.indexed_iter() {
            assert!((value - f64::from(u8::from(i == j))).abs() < 1e-12);
        }
        assert!((pca.explained.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let y = pca.transform(x.view());
        for (column, expected) in y.columns().into_iter().zip(&pca.variance) {
            let found = column.iter().map(|y| y * y).sum::<f64>() / 59.0;
            assert!((found - expected).abs() < 1e-11, "{found} {expected}");
        }
    }

    #[test]
    fn a_constant_column_has_no_weight() {
        let pca = Pca::fit(table().view(), 3).unwrap();
        assert!(pca.components.column(5).iter().all(|w| w.abs() < 1e-15));
    }

    #[test]
    fn rows_that_are_all_the_same_explain_nothing() {
        let pca = Pca::fit(array![[1.0, 2.0], [1.0, 2.0]].view(), 1).unwrap();
        assert_eq!(pca.explained, [0.0]);
        assert_eq!(pca.transform(array![[1.0, 2.0]].view()), array![[0.0]]);
        assert_eq!(
            Pca::fit(array![[1.0, 2.0]].view(), 1).unwrap().variance,
            [0.0]
        );
    }

    #[test]
    fn fewer_rows_than_columns_are_enough() {
        let x = table();
        let pca = Pca::fit(x.slice(ndarray::s![..3, ..]), 3).unwrap();
        // Three points lie in a plane.
        assert!(pca.explained[2] < 1e-12 && pca.explained[1] > 1e-3);
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let x = table();
        assert!(matches!(
            Pca::fit(x.slice(ndarray::s![..0, ..]), 1),
            Err(Error::Empty)
        ));
        for k in [0, 8] {
            let error = Pca::fit(x.view(), k).unwrap_err().to_string();
            assert!(error.contains("1 to 7"), "{error}");
        }
        let mut spoilt = x.clone();
        spoilt[[4, 2]] = f64::NAN;
        assert!(matches!(
            Pca::fit(spoilt.view(), 2),
            Err(Error::NotFinite { row: 4, column: 2 })
        ));
        spoilt[[4, 2]] = 1e200;
        assert!(matches!(
            Pca::fit(spoilt.view(), 2),
            Err(Error::Decomposition)
        ));
    }
}
