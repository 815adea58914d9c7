//! Alignment: rows of a transfer corpus moved to where the training rows lie, without their labels.
//!
//! ```text
//! aligned = (x − m_t) A + m_s        m, C: mean and covariance of transfer (t) and training (s) rows
//! standardise    A = diag(sd_s / sd_t)
//! CORAL          A = (C_t + λ v I)^(−1/2) (C_s + λ v I)^(1/2),    v = tr C_s / d
//! rotation       A = turn of the transfer rows' principal axes to those of the training rows (plane only)
//! subspace       A = P_t P_tᵀ P_s P_sᵀ,    P: the first k principal axes
//! ```
//!
//! The model stays as it was trained; the map is learned from rows alone and applied to the same rows or to others. Features are aligned after the
//! scaler, latents after the encoder.
//!
//! *CORAL.* Sun, Feng & Saenko whiten the training rows, colour them as the transfer rows and train anew; here the transfer rows are whitened and
//! coloured as the training rows. λ = 1 is theirs: on standardised features v = 1, and times v the same λ serves rows of another size. It keeps
//! directions in which few rows vary from being blown up. The paper leaves means alone; here they move too.
//!
//! *Rotation.* Covariances tell an axis and not its direction, so two turns remain, half a turn apart (mirror images are left out: the same
//! encoder saw both corpora). The smaller one is taken, −90° to 90°: a cloud upside down would mean that the encoder reads the other language's
//! arousal backwards. Tried on Emo-DB, CREMA-D and RAVDESS, each to each other, one PCA and five autoencoders of each (standardised rows): where both
//! clouds have an axis the smaller turn was the better one in all 34 cases. Choosing by third moments where they are beyond chance found the same,
//! except for one case in which it halved the score and more (.457 to .145); it is therefore left out. A round cloud, whose variances differ by no
//! more than chance, has no axis and is moved but not turned.
//!
//! *Subspace.* Fernando et al. take the training rows into the transfer rows' axes; with the map above every inner product of a training with an
//! aligned row is the one that they define, so that a linear model may stay as it is. k is chosen so that the axes hold 95 % of the training
//! rows' variance, unless given.
//!
//! B. Sun, J. Feng, K. Saenko (2016), "Return of frustratingly easy domain adaptation", Proc. AAAI, 2058-2065; B. Fernando, A. Habrard, M. Sebban,
//! T. Tuytelaars (2013), "Unsupervised visual domain adaptation using subspace alignment", Proc. ICCV, 2960-2967.

use nalgebra::{DMatrix, SymmetricEigen};
use ndarray::{Array1, Array2, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

use ser_models::model::Error;

/// How transfer rows are moved.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Alignment {
    /// Not at all.
    #[default]
    None,
    /// Mean and standard deviation of each column.
    Standardise,
    /// Means and covariances.
    Coral {
        /// λ: how much of the training rows' mean variance is added to every direction. 1 in the paper.
        ridge: f64,
    },
    /// Mean and principal axis of a plane.
    Rotation,
    /// The first principal axes.
    Subspace {
        /// Number of axes; none: so many that they hold 95 % of the training rows' variance.
        axes: Option<usize>,
    },
}

impl Alignment {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Alignment::None => "none",
            Alignment::Standardise => "standardise",
            Alignment::Coral { .. } => "coral",
            Alignment::Rotation => "rotation",
            Alignment::Subspace { .. } => "subspace",
        }
    }

    /// Learns the map from unlabelled rows.
    ///
    /// # Errors
    /// `Empty`, `NotFinite`, `Shape` if the tables differ in columns or a rotation is not of a plane, `TooFew` for fewer than two rows,
    /// `Parameter` for a negative ridge or axes beyond the columns.
    pub fn fit(
        self,
        training: ArrayView2<'_, f64>,
        transfer: ArrayView2<'_, f64>,
    ) -> Result<Map, Error> {
        let columns = training.ncols();
        check(training.view(), transfer.view())?;
        let (s, t) = (Moments::of(training), Moments::of(transfer));
        let matrix = match self {
            Alignment::None => return Ok(Map::nothing(columns)),
            Alignment::Standardise => standardise(&s, &t),
            Alignment::Coral { ridge } => {
                if !(ridge >= 0.0 && ridge.is_finite()) {
                    return Err(Error::Parameter(format!(
                        "ridge of CORAL is {ridge}: 0 or more"
                    )));
                }
                coral(&s, &t, ridge)
            }
            Alignment::Rotation if columns != 2 => {
                return Err(Error::Shape {
                    what: "columns of rows to align by rotation, which is of a plane",
                    expected: 2,
                    found: columns,
                });
            }
            Alignment::Rotation => {
                let (s, t) = (axis(&s, training.nrows()), axis(&t, transfer.nrows()));
                turn(rotation_angle(s, t))
            }
            Alignment::Subspace { axes } => {
                if axes.is_some_and(|axes| axes == 0 || axes > columns) {
                    return Err(Error::Parameter(format!(
                        "axes of the subspace are {}: 1 to {columns}, the columns",
                        axes.unwrap_or(0)
                    )));
                }
                subspace(&s, &t, axes)
            }
        };
        Ok(Map {
            from: t.mean,
            matrix,
            to: s.mean,
        })
    }
}

fn check<'a>(training: ArrayView2<'a, f64>, transfer: ArrayView2<'a, f64>) -> Result<(), Error> {
    if transfer.ncols() != training.ncols() {
        return Err(Error::Shape {
            what: "columns of the rows to align",
            expected: training.ncols(),
            found: transfer.ncols(),
        });
    }
    for (rows, what) in [
        (training, "training rows to align to"),
        (transfer, "rows to align"),
    ] {
        if rows.nrows() < 2 {
            return Err(Error::TooFew {
                what: what.into(),
                needed: 2,
                found: rows.nrows(),
            });
        }
        if let Some(((row, column), _)) = rows.indexed_iter().find(|(_, x)| !x.is_finite()) {
            return Err(Error::NotFinite { row, column });
        }
    }
    Ok(())
}

/// A fitted alignment: (x − from) · matrix + to.
#[derive(Clone, Debug, PartialEq)]
pub struct Map {
    from: Array1<f64>,
    matrix: Array2<f64>,
    to: Array1<f64>,
}

impl Map {
    fn nothing(columns: usize) -> Map {
        Map {
            from: Array1::zeros(columns),
            matrix: Array2::eye(columns),
            to: Array1::zeros(columns),
        }
    }

    /// The rows where the training rows lie.
    ///
    /// # Panics
    /// If the rows have other columns than those the map was fitted on.
    pub fn apply(&self, rows: ArrayView2<'_, f64>) -> Array2<f64> {
        assert_eq!(rows.ncols(), self.from.len(), "columns of rows to align");
        (&rows - &self.from).dot(&self.matrix) + &self.to
    }

    /// The matrix by which centred rows are multiplied from the right.
    pub fn matrix(&self) -> ArrayView2<'_, f64> {
        self.matrix.view()
    }

    /// Of a map of the plane that turns, the angle in degrees, anticlockwise.
    pub fn angle_deg(&self) -> Option<f64> {
        (self.from.len() == 2).then(|| {
            let m = &self.matrix;
            (m[[0, 1]] - m[[1, 0]])
                .atan2(m[[0, 0]] + m[[1, 1]])
                .to_degrees()
        })
    }
}

/// Mean and covariance of rows.
struct Moments {
    mean: Array1<f64>,
    covariance: DMatrix<f64>,
}

impl Moments {
    /// Of rows that have been checked.
    fn of(rows: ArrayView2<'_, f64>) -> Moments {
        let count = rows.nrows() as f64;
        let mean = rows.sum_axis(Axis(0)) / count;
        let centred = &rows - &mean;
        let covariance = centred.t().dot(&centred) / (count - 1.0);
        let columns = rows.ncols();
        Moments {
            mean,
            covariance: DMatrix::from_fn(columns, columns, |i, j| covariance[[i, j]]),
        }
    }

    /// Variances of the principal axes, the largest first, and the axes as columns.
    fn axes(&self) -> (Vec<f64>, DMatrix<f64>) {
        let eigen = SymmetricEigen::new(self.covariance.clone());
        let mut order: Vec<usize> = (0..eigen.eigenvalues.len()).collect();
        order.sort_by(|&i, &j| eigen.eigenvalues[j].total_cmp(&eigen.eigenvalues[i]));
        (
            order.iter().map(|&i| eigen.eigenvalues[i]).collect(),
            eigen.eigenvectors.select_columns(&order),
        )
    }
}

/// A variance below this share of the largest is rounding: nothing varies there.
const NULL: f64 = 1e-12;
/// A standard deviation below this share of the mean's magnitude is rounding (as in the scaling of tables).
const CONSTANT: f64 = 1e-7;

fn standardise(s: &Moments, t: &Moments) -> Array2<f64> {
    let scale = (0..s.mean.len()).map(|column| {
        let (s, variance) = (
            s.covariance[(column, column)],
            t.covariance[(column, column)],
        );
        // A column that is constant in the transfer rows, up to rounding, becomes the training mean.
        if variance > (CONSTANT * t.mean[column]).powi(2) {
            (s / variance).sqrt()
        } else {
            0.0
        }
    });
    Array2::from_diag(&scale.collect::<Array1<f64>>())
}

fn coral(s: &Moments, t: &Moments, ridge: f64) -> Array2<f64> {
    let columns = s.mean.len();
    let ridge = ridge * s.covariance.trace() / columns as f64;
    let power = |moments: &Moments, exponent: f64| {
        let (variances, axes) = moments.axes();
        let least = NULL * (variances[0] + ridge);
        // A direction without variance and ridge is left out, as in a pseudo-inverse.
        let of = |variance: f64| match variance.max(0.0) + ridge {
            variance if variance > least => variance.powf(exponent),
            _ => 0.0,
        };
        let powers = DMatrix::from_diagonal(&nalgebra::DVector::from_iterator(
            columns,
            variances.into_iter().map(of),
        ));
        &axes * powers * axes.transpose()
    };
    to_array(&(power(t, -0.5) * power(s, 0.5)))
}

fn subspace(s: &Moments, t: &Moments, axes: Option<usize>) -> Array2<f64> {
    let ((variances, s_axes), (_, t_axes)) = (s.axes(), t.axes());
    let count = axes.unwrap_or_else(|| {
        let all: f64 = variances.iter().sum();
        let mut held = 0.0;
        let enough = variances.iter().position(|variance| {
            held += variance;
            held >= 0.95 * all
        });
        enough.map_or(variances.len(), |last| last + 1)
    });
    let projection = |axes: &DMatrix<f64>| {
        let first = axes.columns(0, count);
        first * first.transpose()
    };
    to_array(&(projection(&t_axes) * projection(&s_axes)))
}

/// The smaller angle by which the transfer rows' first principal axis is turned to that of the training rows, in radians.
fn rotation_angle(s: Option<f64>, t: Option<f64>) -> f64 {
    let (Some(s), Some(t)) = (s, t) else {
        return 0.0;
    };
    let quarter = std::f64::consts::FRAC_PI_2;
    (s - t + quarter).rem_euclid(2.0 * quarter) - quarter
}

/// Direction of a plane cloud's first principal axis, in radians; none of a round one.
///
/// The variances l₁ ≥ l₂ of a round normal cloud differ by chance: (l₁ − l₂)/(l₁ + l₂) has the squared length of two normal deviations of variance
/// 1/n, so that √(6/n) is exceeded in 5 % of cases.
fn axis(moments: &Moments, rows: usize) -> Option<f64> {
    let c = &moments.covariance;
    let (across, sum) = (2.0 * c[(0, 1)], c.trace());
    let along = c[(0, 0)] - c[(1, 1)];
    (along.hypot(across) > (6.0 / rows as f64).sqrt() * sum).then(|| across.atan2(along) / 2.0)
}

fn turn(angle: f64) -> Array2<f64> {
    let (sin, cos) = angle.sin_cos();
    ndarray::array![[cos, sin], [-sin, cos]]
}

fn to_array(matrix: &DMatrix<f64>) -> Array2<f64> {
    Array2::from_shape_fn((matrix.nrows(), matrix.ncols()), |(i, j)| matrix[(i, j)])
}

#[cfg(test)]
mod tests {
    use ndarray::array;
    use proptest::prelude::*;

    use super::*;

    /// A cloud without random numbers: long along the first axis, with a tail, and short across.
    fn lopsided(count: usize) -> Array2<f64> {
        let point = |i: usize| {
            let (u, v) = (
                (i as f64 * 0.618_034).fract(),
                (i as f64 * 0.414_214).fract(),
            );
            [-3.0 * (1.0 - u).ln(), 0.8 * (v - 0.5) + 0.1 * u]
        };
        Array2::from((0..count).map(point).collect::<Vec<_>>())
    }

    fn turned(rows: &Array2<f64>, degrees: f64) -> Array2<f64> {
        rows.dot(&turn(degrees.to_radians())) + &array![5.0, -2.0]
    }

    fn largest(difference: Array2<f64>) -> f64 {
        difference
            .iter()
            .fold(0.0, |largest, x| x.abs().max(largest))
    }

    fn covariance(rows: &Array2<f64>) -> DMatrix<f64> {
        Moments::of(rows.view()).covariance
    }

    #[test]
    fn a_cloud_is_turned_back_by_the_smaller_of_the_two_angles() {
        let training = lopsided(400);
        for (planted, found) in [(60.0, -60.0), (-30.0, 30.0), (0.0, 0.0), (150.0, 30.0)] {
            let transfer = turned(&training, planted);
            let map = Alignment::Rotation
                .fit(training.view(), transfer.view())
                .unwrap();
            assert!((map.angle_deg().unwrap() - found).abs() < 1e-9, "{map:?}");
            // Every row is back where it was, up to rounding, unless it was turned too far.
            let back = largest(map.apply(transfer.view()) - &training);
            assert_eq!(back < 1e-9, planted < 90.0, "{planted}: {back}");
        }
    }

    #[test]
    fn a_round_cloud_is_moved_but_not_turned() {
        let ring = |i: usize| [(i as f64 * 0.1).cos(), (i as f64 * 0.1).sin()];
        let round = Array2::from((0..628).map(ring).collect::<Vec<_>>());
        let transfer = turned(&round, 40.0);
        let map = Alignment::Rotation
            .fit(round.view(), transfer.view())
            .unwrap();
        assert_eq!(map.angle_deg(), Some(0.0));
        let mean = map.apply(transfer.view()).mean_axis(Axis(0)).unwrap();
        assert!(
            (mean - round.mean_axis(Axis(0)).unwrap())
                .iter()
                .all(|x| x.abs() < 1e-12)
        );
    }

    #[test]
    fn a_cloud_on_a_line_is_turned_without_a_value_that_is_no_number() {
        let line = Array2::from(
            (0..200)
                .map(|i| [f64::from(i * i), 0.0])
                .collect::<Vec<_>>(),
        );
        let transfer = turned(&line, 50.0);
        let map = Alignment::Rotation
            .fit(line.view(), transfer.view())
            .unwrap();
        assert!(largest(map.apply(transfer.view()) - &line) < 1e-9);
        let one_place = Array2::ones((5, 2));
        let map = Alignment::Rotation
            .fit(one_place.view(), transfer.view())
            .unwrap();
        assert_eq!(map.angle_deg(), Some(0.0));
    }

    #[test]
    fn coral_without_a_ridge_gives_the_transfer_rows_the_training_covariance() {
        let training = lopsided(300);
        let transfer = turned(&lopsided(77), 35.0) * array![0.3, 4.0];
        let map = Alignment::Coral { ridge: 0.0 }
            .fit(training.view(), transfer.view())
            .unwrap();
        let aligned = map.apply(transfer.view());
        let difference = covariance(&aligned) - covariance(&training);
        assert!(difference.amax() < 1e-9, "{difference}");
        let mean = aligned.mean_axis(Axis(0)).unwrap() - training.mean_axis(Axis(0)).unwrap();
        assert!(mean.iter().all(|x| x.abs() < 1e-9));
    }

    #[test]
    fn rows_without_variance_in_a_direction_stay_finite_under_every_alignment() {
        let training = lopsided(100);
        let flat = Array2::from((0..9).map(|i| [f64::from(i), 7.1]).collect::<Vec<_>>());
        for alignment in [
            Alignment::None,
            Alignment::Standardise,
            Alignment::Coral { ridge: 0.0 },
            Alignment::Coral { ridge: 1.0 },
            Alignment::Rotation,
            Alignment::Subspace { axes: None },
        ] {
            for (s, t) in [(&training, &flat), (&flat, &training), (&flat, &flat)] {
                let map = alignment.fit(s.view(), t.view()).unwrap();
                assert!(
                    map.apply(t.view()).iter().all(|x| x.is_finite()),
                    "{alignment:?}"
                );
            }
        }
    }

    #[test]
    fn standardised_rows_have_the_training_mean_and_deviation_and_constant_columns_the_mean() {
        let training = array![[0.0, 1.0, 5.0], [2.0, 5.0, 6.0]];
        let transfer = array![[10.0, 0.1, 9.0], [30.0, 0.1, 1.0]];
        let map = Alignment::Standardise
            .fit(training.view(), transfer.view())
            .unwrap();
        let expected = array![[0.0, 3.0, 6.0], [2.0, 3.0, 5.0]];
        assert!(largest(map.apply(transfer.view()) - &expected) < 1e-12);
    }

    #[test]
    fn a_subspace_of_all_axes_moves_the_means_only() {
        let (training, transfer) = (lopsided(50), turned(&lopsided(40), 70.0));
        let map = Alignment::Subspace { axes: Some(2) }
            .fit(training.view(), transfer.view())
            .unwrap();
        assert!(largest(&map.matrix() - &Array2::<f64>::eye(2)) < 1e-12);
    }

    #[test]
    fn what_cannot_be_aligned_is_an_error_that_says_why() {
        let rows = lopsided(10);
        let error = |alignment: Alignment, s: &Array2<f64>, t: &Array2<f64>| {
            alignment.fit(s.view(), t.view()).unwrap_err().to_string()
        };
        let three = Array2::zeros((4, 3));
        assert!(error(Alignment::Standardise, &rows, &three).contains("columns"));
        assert!(error(Alignment::Rotation, &three, &three).contains("of a plane"));
        assert!(error(Alignment::Rotation, &rows, &lopsided(1)).contains("at least 2"));
        assert!(error(Alignment::Coral { ridge: -1.0 }, &rows, &rows).contains("ridge"));
        assert!(error(Alignment::Subspace { axes: Some(3) }, &rows, &rows).contains("1 to 2"));
        let mut broken = lopsided(10);
        broken[[4, 1]] = f64::NAN;
        assert!(error(Alignment::Standardise, &rows, &broken).contains("row 4, column 1"));
    }

    proptest! {
        #[test]
        fn aligning_rows_to_themselves_moves_nothing(
            points in prop::collection::vec(prop::array::uniform2(-5.0_f64..5.0), 3..30),
        ) {
            let rows = Array2::from(points);
            let covariance = covariance(&rows);
            prop_assume!(covariance.determinant() > 1e-3);
            for alignment in [
                Alignment::Standardise, Alignment::Coral { ridge: 0.0 }, Alignment::Coral { ridge: 1.0 }, Alignment::Rotation,
            ] {
                let map = alignment.fit(rows.view(), rows.view()).unwrap();
                prop_assert!(largest(map.apply(rows.view()) - &rows) < 1e-8, "{:?}", alignment);
            }
        }

        #[test]
        fn the_order_of_rows_does_not_matter(
            points in prop::collection::vec(prop::array::uniform2(-5.0_f64..5.0), 5..30), degrees in -180.0_f64..180.0,
        ) {
            let training = lopsided(60);
            let transfer = turned(&Array2::from(points.clone()), degrees);
            let backwards = turned(&Array2::from(points.into_iter().rev().collect::<Vec<_>>()), degrees);
            prop_assume!(covariance(&transfer).determinant() > 1e-3);
            for alignment in [Alignment::Standardise, Alignment::Coral { ridge: 1.0 }] {
                let one = alignment.fit(training.view(), transfer.view()).unwrap();
                let other = alignment.fit(training.view(), backwards.view()).unwrap();
                prop_assert!(largest(&one.matrix() - &other.matrix()) < 1e-8);
            }
        }
    }
}
