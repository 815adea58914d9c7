//! Linear discriminant analysis over several corpora: how far apart the classes stand, measured by how much recordings of one class differ.
//!
//! ```text
//! a_kq = mean of the rows of class k in corpus q              v_q = n_q^p / Σ n^p     how much a corpus counts
//! μ_k  = Σ_q v_q a_kq                                         over the corpora that have the class
//! S    = Σ_kq v_q/K cov(class k in q)  +  λ Σ_kq v_q/K (a_kq − μ_k)(a_kq − μ_k)ᵀ
//! S'   = (1 − s) S + s diag(S)                                shrinkage
//! f_k(x) = w_k · x + b_k,    w_k = S'⁻¹ μ_k,    b_k = −½ w_k · μ_k
//! ```
//!
//! f_k − f_j is the log odds of two normal classes with one covariance and equal priors. Within each corpus a class counts as much as every other,
//! however many rows it has. The second term makes directions dear in which the same class lies elsewhere in another corpus: those carry
//! microphone, language and staging, and are of no help in a third corpus.
//!
//! The first two canonical axes are kept for pictures: the plane through the mean of the classes in which they stand furthest apart, scaled to a
//! variance within classes of 1.
//!
//! R. A. Fisher (1936), "The use of multiple measurements in taxonomic problems", Annals of Eugenics 7, 179-188; C. R. Rao (1948), "The utilization of
//! multiple measurements in problems of biological classification", J. Royal Statistical Society B 10, 159-203 (several classes);
//! J. H. Friedman (1989), "Regularized discriminant analysis", J. Am. Statistical Association 84, 165-175.

use nalgebra::{Cholesky, DMatrix, DVector};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

use super::error::Error;
use ser_features::lanes::{F64s, LANES, widest};

/// Settings of a discriminant analysis.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Parameters {
    /// s: how far the covariance is drawn to its diagonal, above 0 up to 1.
    pub shrinkage: f64,
    /// λ: how dear directions are in which corpora differ, at least 0.
    pub between_corpora: f64,
    /// p: 0 counts every corpus alike, 1 every row; 0 to 1.
    pub corpus_power: f64,
}

impl Default for Parameters {
    /// What transferred best between corpora in the studies of docs/models.md.
    fn default() -> Self {
        Parameters {
            shrinkage: 0.01,
            between_corpora: 1.0,
            corpus_power: 0.5,
        }
    }
}

impl Parameters {
    /// Checks the settings.
    ///
    /// # Errors
    /// Names the one that is out of range.
    pub fn check(self) -> Result<Checked, Error> {
        let within = |name: &str, value: f64, allowed: bool, range: &str| {
            let wrong = || Error::Parameter(format!("{name} = {value}: it has to be {range}"));
            allowed.then_some(()).ok_or_else(wrong)
        };
        let Parameters {
            shrinkage,
            between_corpora,
            corpus_power,
        } = self;
        within(
            "shrinkage",
            shrinkage,
            shrinkage > 0.0 && shrinkage <= 1.0,
            "above 0 and up to 1",
        )?;
        within(
            "between_corpora",
            between_corpora,
            (0.0..f64::INFINITY).contains(&between_corpora),
            "0 or more",
        )?;
        within(
            "corpus_power",
            corpus_power,
            (0.0..=1.0).contains(&corpus_power),
            "0 to 1",
        )?;
        Ok(Checked(self))
    }
}

/// Settings that can be fitted with.
#[derive(Clone, Copy, Debug)]
pub struct Checked(Parameters);

/// A fitted discriminant.
#[derive(Clone, Debug, PartialEq)]
pub struct Discriminant {
    /// w, classes × columns.
    pub weight: Array2<f64>,
    /// b of each class.
    pub bias: Vec<f64>,
    /// μ, classes × columns.
    pub means: Array2<f64>,
    /// The canonical axes, 2 × columns: a row's place is its product with x − mean of μ.
    pub axes: Array2<f64>,
    /// L⁻¹ of S' = L Lᵀ, lower triangular: what it makes of rows has covariance 1 within classes.
    pub whitening: Array2<f64>,
}

impl Checked {
    /// Fits rows × columns with the class and the corpus of each row.
    ///
    /// # Errors
    /// No rows, one class, a class without a row, values that are no numbers, columns that depend on each other to the last bit.
    pub fn fit(
        &self,
        x: ArrayView2<'_, f64>,
        labels: &[usize],
        classes: usize,
        corpora: &[usize],
    ) -> Result<Discriminant, Error> {
        checked(x, labels, corpora)?;
        if classes < 2 {
            return Err(Error::OneClass);
        }
        let columns = x.ncols();
        let cells = cells(labels, classes, corpora);
        let share = shares(corpora, self.0.corpus_power);
        let mut within = DMatrix::<f64>::zeros(columns, columns);
        let mut between = DMatrix::<f64>::zeros(columns, columns);
        let mut means = Array2::zeros((classes, columns));
        for (class, cells) in cells.iter().enumerate() {
            let total: f64 = (0..share.len())
                .filter(|&q| !cells[q].is_empty())
                .map(|q| share[q])
                .sum();
            if total <= 0.0 {
                return Err(Error::TooFew {
                    what: format!("rows of class {class}"),
                    needed: 1,
                    found: 0,
                });
            }
            let mut centres = Vec::new();
            for (rows, share) in cells
                .iter()
                .zip(&share)
                .filter(|(rows, _)| !rows.is_empty())
            {
                let share = share / total;
                let matrix = DMatrix::from_fn(rows.len(), columns, |i, j| x[(rows[i], j)]);
                let centre = DVector::from_iterator(
                    columns,
                    matrix
                        .column_iter()
                        .map(|column| column.sum() / rows.len() as f64),
                );
                let centred =
                    DMatrix::from_fn(rows.len(), columns, |i, j| matrix[(i, j)] - centre[j]);
                within.gemm_tr(
                    share / classes as f64 / rows.len() as f64,
                    &centred,
                    &centred,
                    1.0,
                );
                centre
                    .iter()
                    .enumerate()
                    .for_each(|(j, a)| means[(class, j)] += share * a);
                centres.push((share, centre));
            }
            let mean = DVector::from_iterator(columns, means.row(class).iter().copied());
            for (share, centre) in centres {
                let away = centre - &mean;
                between.ger(share / classes as f64, &away, &away, 1.0);
            }
        }
        let mut covariance = within + self.0.between_corpora * between;
        for i in 0..columns {
            for j in 0..columns {
                if i != j {
                    covariance[(i, j)] *= 1.0 - self.0.shrinkage;
                }
            }
            // A column that is the same everywhere tells nothing, and with any variance its weights are the same for all classes.
            if covariance[(i, i)] <= 0.0 {
                covariance[(i, i)] = 1.0;
            }
        }
        solved(covariance, means)
    }
}

/// The discriminant of a covariance and class means.
fn solved(covariance: DMatrix<f64>, means: Array2<f64>) -> Result<Discriminant, Error> {
    let (classes, columns) = means.dim();
    let singular = || {
        Error::Parameter("columns depend on each other so closely that no discriminant is found: raise the shrinkage".into())
    };
    let factor = Cholesky::new(covariance).ok_or_else(singular)?;
    let lower = factor.l();
    let whitening = lower
        .solve_lower_triangular(&DMatrix::identity(columns, columns))
        .ok_or_else(singular)?;
    let mean = |class: usize| DVector::from_iterator(columns, means.row(class).iter().copied());
    let mut weight = Array2::zeros((classes, columns));
    let mut bias = Vec::with_capacity(classes);
    let mut centre = DVector::zeros(columns);
    for class in 0..classes {
        let mean = mean(class);
        let solution = factor.solve(&mean);
        bias.push(-0.5 * solution.dot(&mean));
        weight
            .row_mut(class)
            .iter_mut()
            .zip(solution.iter())
            .for_each(|(w, s)| *w = *s);
        centre += mean / classes as f64;
    }
    // Of the whitened means: their principal axes, brought back.
    let spread = DMatrix::from_columns(
        &(0..classes)
            .map(|class| &whitening * (mean(class) - &centre))
            .collect::<Vec<_>>(),
    );
    let gram = (spread.transpose() * &spread).symmetric_eigen();
    let mut order: Vec<usize> = (0..classes).collect();
    order.sort_by(|&a, &b| {
        gram.eigenvalues[b]
            .total_cmp(&gram.eigenvalues[a])
            .then(a.cmp(&b))
    });
    let mut axes = Array2::zeros((2, columns));
    for (row, &axis) in order.iter().take(2).enumerate() {
        let length = gram.eigenvalues[axis].max(0.0).sqrt();
        if length < 1e-9 {
            continue;
        }
        let direction = &spread * gram.eigenvectors.column(axis) / length;
        let axis = whitening.transpose() * direction;
        let largest = axis.iter().copied().fold(
            0.0,
            |most: f64, a| if a.abs() > most.abs() { a } else { most },
        );
        axes.row_mut(row)
            .iter_mut()
            .zip(axis.iter())
            .for_each(|(to, a)| *to = a * largest.signum());
    }
    let whitening = Array2::from_shape_fn((columns, columns), |at| whitening[at]);
    Ok(Discriminant {
        weight,
        bias,
        means,
        axes,
        whitening,
    })
}

impl Discriminant {
    /// f of each class.
    ///
    /// # Panics
    /// If the row has another number of columns.
    pub fn scores(&self, row: &[f64]) -> Vec<f64> {
        assert_eq!(row.len(), self.weight.ncols(), "columns of the row");
        let score = |(weight, bias): (ndarray::ArrayView1<'_, f64>, &f64)| {
            weight.iter().zip(row).map(|(w, x)| w * x).sum::<f64>() + bias
        };
        self.weight
            .outer_iter()
            .zip(&self.bias)
            .map(score)
            .collect()
    }

    /// The place of a row in the plane of the canonical axes.
    pub fn place(&self, row: &[f64]) -> [f64; 2] {
        let classes = self.means.nrows() as f64;
        let centred: Vec<f64> = row
            .iter()
            .zip(self.means.axis_iter(ndarray::Axis(1)))
            .map(|(x, means)| x - means.sum() / classes)
            .collect();
        let along = |axis: usize| {
            self.axes
                .row(axis)
                .iter()
                .zip(&centred)
                .map(|(a, x)| a * x)
                .sum()
        };
        [along(0), along(1)]
    }

    /// Rounds the matrix behind [`distance`](Self::distance) to `f32`: the largest part of a saved model, which compresses to half its size then. A distance
    /// needs no more digits.
    pub fn shorten_whitening(&mut self) {
        self.whitening
            .mapv_inplace(|weight| f64::from(weight as f32));
    }

    /// The Mahalanobis distance of a row to the nearest class mean, divided by √columns: about 1 for a row like those learnt from.
    pub fn distance(&self, row: &[f64]) -> f64 {
        let classes = self.means.nrows();
        let first_of_eight = (0..classes).step_by(LANES);
        let squares = first_of_eight.flat_map(|first| {
            // Places beyond the last class repeat it.
            let class = |lane: usize| (first + lane).min(classes - 1);
            let away: Vec<F64s> = (0..row.len())
                .map(|j| F64s(std::array::from_fn(|i| row[j] - self.means[[class(i), j]])))
                .collect();
            let mut squares = F64s::default();
            widest(
                #[inline(always)]
                || {
                    for (i, weights) in self.whitening.outer_iter().enumerate() {
                        let mut along = F64s::default();
                        for (&weight, &away) in weights.iter().zip(&away[..=i]) {
                            along += weight * away;
                        }
                        squares += along * along;
                    }
                },
            );
            squares.0
        });
        let nearest = squares.fold(f64::INFINITY, f64::min);
        (nearest / row.len() as f64).sqrt()
    }
}

fn checked(x: ArrayView2<'_, f64>, labels: &[usize], corpora: &[usize]) -> Result<(), Error> {
    for (what, found) in [
        ("classes of rows", labels.len()),
        ("corpora of rows", corpora.len()),
    ] {
        if found != x.nrows() {
            return Err(Error::Shape {
                what,
                expected: x.nrows(),
                found,
            });
        }
    }
    if x.nrows() == 0 {
        return Err(Error::Empty);
    }
    match x.indexed_iter().find(|(_, value)| !value.is_finite()) {
        Some(((row, column), _)) => Err(Error::NotFinite { row, column }),
        None => Ok(()),
    }
}

/// Rows by class and corpus.
fn cells(labels: &[usize], classes: usize, corpora: &[usize]) -> Vec<Vec<Vec<usize>>> {
    let count = corpora.iter().max().map_or(0, |most| most + 1);
    let mut cells = vec![vec![Vec::new(); count]; classes];
    for (row, (&label, &corpus)) in labels.iter().zip(corpora).enumerate() {
        cells[label][corpus].push(row);
    }
    cells
}

/// v of each corpus.
fn shares(corpora: &[usize], power: f64) -> Vec<f64> {
    let mut counts = vec![0_usize; corpora.iter().max().map_or(0, |most| most + 1)];
    corpora.iter().for_each(|&corpus| counts[corpus] += 1);
    let sizes: Vec<f64> = counts
        .iter()
        .map(|&n| if n == 0 { 0.0 } else { (n as f64).powf(power) })
        .collect();
    let total: f64 = sizes.iter().sum();
    sizes.iter().map(|size| size / total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMETERS: Parameters = Parameters {
        shrinkage: 0.1,
        between_corpora: 0.0,
        corpus_power: 0.5,
    };

    /// The rows of tests/models/discriminant.py, with classes and corpora.
    fn rows() -> (Array2<f64>, Vec<usize>, Vec<usize>) {
        let classes: Vec<usize> = (0..24).map(|i| i % 3).collect();
        let corpora: Vec<usize> = (0..24).map(|i| usize::from(i >= 15)).collect();
        let x = Array2::from_shape_fn((24, 3), |(i, column)| {
            let (t, y, c) = (i as f64, classes[i] as f64, corpora[i] as f64);
            match column {
                0 => (1.7 * t).sin() + y,
                1 => (2.3 * t).cos() - 0.5 * y + c,
                _ => (0.9 * t + 1.0).sin() + 0.3 * y * y + 0.2 * c * y,
            }
        });
        (x, classes, corpora)
    }

    fn fitted(parameters: Parameters, corpora: &[usize]) -> Discriminant {
        let (x, classes, _) = rows();
        parameters
            .check()
            .unwrap()
            .fit(x.view(), &classes, 3, corpora)
            .unwrap()
    }

    fn assert_near(found: impl IntoIterator<Item = f64>, expected: &[f64]) {
        let found: Vec<f64> = found.into_iter().collect();
        // The same sums in another order.
        assert!(
            found.len() == expected.len()
                && found
                    .iter()
                    .zip(expected)
                    .all(|(a, b)| (a - b).abs() < 1e-9),
            "{found:?} {expected:?}"
        );
    }

    // tests/models/discriminant.py: LinearDiscriminantAnalysis(solver="lsqr")        scikit-learn 1.9.1
    #[test]
    fn of_one_corpus_and_not_shrunk_it_is_the_discriminant_of_scikit_learn() {
        let found = fitted(
            Parameters {
                shrinkage: 1e-13,
                ..PARAMETERS
            },
            &[0; 24],
        );
        let weight = [
            -0.3821931523991593,
            0.3102998457459021,
            0.17850906731412391,
            2.3545332829242107,
            -0.2661383728938679,
            0.9075086876353187,
            4.368583062476694,
            -0.6789002683420531,
            2.644130232308889,
        ];
        assert_near(found.weight.iter().copied(), &weight);
        assert_near(
            found.bias,
            &[
                -0.08166395921453296,
                -1.5961652599526384,
                -6.670097401570727,
            ],
        );
    }

    // tests/models/discriminant.py: the equations of the head of this file in numpy
    #[test]
    fn of_two_corpora_it_is_what_the_equations_say() {
        let found = fitted(
            Parameters {
                between_corpora: 0.7,
                ..PARAMETERS
            },
            &rows().2,
        );
        let weight = [
            -0.42922222632591134,
            0.37926435100069306,
            0.22462850703420104,
            2.5545798560830586,
            0.11421622804659802,
            0.8965223668036965,
            4.57156704457375,
            -0.5235241236001914,
            2.6581654090820237,
        ];
        assert_near(found.weight.iter().copied(), &weight);
        assert_near(
            found.bias.clone(),
            &[-0.10383847569034936, -1.72763921973647, -6.924859730019939],
        );
        let row = [0.5, -1.0, 2.0];
        assert_near([found.distance(&row)], &[1.684526508315692]);
        assert_near(
            found.place(&row),
            &[0.33017723477323957, 2.4509577164855383],
        );
    }

    #[test]
    fn a_direction_in_which_corpora_differ_loses_weight() {
        // Column 0 tells the classes in both corpora, column 1 better but the other way round in the second.
        let labels: Vec<usize> = (0..40).map(|i| i % 2).collect();
        let corpora: Vec<usize> = (0..40).map(|i| usize::from(i >= 30)).collect();
        let x = Array2::from_shape_fn((40, 2), |(i, column)| {
            let side = labels[i] as f64 - 0.5;
            let noise = ((i * (3 + column)) as f64 * 1.3).sin();
            if column == 0 {
                side + noise
            } else {
                2.0 * side * if corpora[i] == 0 { 1.0 } else { -1.0 } + noise
            }
        });
        let share = |between_corpora: f64| {
            let fit = Parameters {
                between_corpora,
                ..PARAMETERS
            }
            .check()
            .unwrap()
            .fit(x.view(), &labels, 2, &corpora)
            .unwrap();
            let difference =
                |column: usize| (fit.weight[(1, column)] - fit.weight[(0, column)]).abs();
            difference(1) / difference(0)
        };
        assert!(
            share(5.0) < 0.6 * share(0.0),
            "{} {}",
            share(5.0),
            share(0.0)
        );
    }

    #[test]
    fn a_constant_column_changes_nothing() {
        let (x, classes, corpora) = rows();
        let wide = Array2::from_shape_fn(
            (24, 4),
            |(i, column)| if column < 3 { x[(i, column)] } else { 0.25 },
        );
        let fit = |x: ArrayView2<'_, f64>| {
            PARAMETERS
                .check()
                .unwrap()
                .fit(x, &classes, 3, &corpora)
                .unwrap()
        };
        let (narrow, wide) = (fit(x.view()), fit(wide.view()));
        let differences = |scores: Vec<f64>| [scores[1] - scores[0], scores[2] - scores[0]];
        assert_near(
            differences(wide.scores(&[0.1, 0.2, 0.3, 0.25])),
            &differences(narrow.scores(&[0.1, 0.2, 0.3])),
        );
    }

    #[test]
    fn what_cannot_be_fitted_is_refused() {
        let (mut x, classes, corpora) = rows();
        let fit = |x: &Array2<f64>, classes: &[usize], count: usize| {
            PARAMETERS
                .check()
                .unwrap()
                .fit(x.view(), classes, count, &corpora)
                .unwrap_err()
                .to_string()
        };
        assert!(fit(&x, &classes, 4).contains("rows of class 3"));
        assert!(fit(&x, &classes[1..], 3).contains("expected 24, found 23"));
        x[(3, 1)] = f64::NAN;
        assert!(fit(&x, &classes, 3).starts_with("row 3, column 1"));
        let wrong = Parameters {
            shrinkage: 0.0,
            ..PARAMETERS
        };
        assert!(
            wrong
                .check()
                .unwrap_err()
                .to_string()
                .starts_with("shrinkage = 0")
        );
    }
}
