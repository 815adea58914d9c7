//! How far a transfer corpus's latent cloud stands turned against the training corpus's: orthogonal Procrustes on class means.
//!
//! ```text
//! A, B   class means of the training and of the transfer cloud, the classes that both have, each less its own mean
//! R, s   minimise ‖s A R − B‖²:   Aᵀ B = U Σ Vᵀ,  R = U D Vᵀ,  s = tr(D Σ) / ‖A‖²,  D = diag(1 … 1, ±1) so that det R = 1
//! left   ‖s A R − B‖² / ‖B‖² = 1 − tr(D Σ)² / (‖A‖² ‖B‖²)
//! in the plane          angle = atan2(Σ a × b, Σ a · b),   tr = √((Σ a · b)² + (Σ a × b)²)
//! ```
//!
//! Das et al. (2021) *see* the cloud of a foreign language turned; the angle measures it: by how much the training means have to be turned,
//! anticlockwise, to lie as the transfer means do. A shift does not count, a change of size is the scale, and what no turn explains is the share left.
//! A mirror image is no turn: it is said whether one would fit better, and how well.
//!
//! Of two classes in the plane any turn is explained without rest and a mirror image as well; three or more are needed for a share left that
//! means something. With fewer than two common classes there is nothing to turn. Above two dimensions the angle is that of all planes of the rotation
//! together, √Σθ², 0 or more; dimensions that the means do not span are turned as little as may be.
//!
//! P. H. Schönemann (1966), "A generalized solution of the orthogonal Procrustes problem", Psychometrika 31, 1-10; W. Kabsch (1976), "A solution for
//! the best rotation to relate two sets of vectors", Acta Crystallographica A32, 922-923 (the sign of the determinant).

use std::collections::BTreeMap;

use nalgebra::{DMatrix, SVD};
use ndarray::ArrayView2;
use serde::{Deserialize, Serialize};

use ser_models::model::Error;
use ser_models::score::bootstrap::{Draws, Resampling};
use ser_models::score::interval::Interval;
use ser_tables::statistic::quantile;

/// Points with their classes.
#[derive(Clone, Copy, Debug)]
pub struct Cloud<'a> {
    /// The points, one a row.
    pub points: ArrayView2<'a, f64>,
    /// The class of each.
    pub labels: &'a [usize],
    /// The speaker of each, if speakers are known: what is resampled for the interval.
    pub speakers: Option<&'a [usize]>,
}

/// How the second cloud stands to the first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Rotation {
    /// The classes that both clouds have.
    pub classes: Vec<usize>,
    /// The angle in degrees: in the plane −180 to 180, anticlockwise; above it 0 or more.
    pub angle_deg: f64,
    /// 95 % interval of the angle; its ends may lie beyond ±180 so that the angle is inside. None if not asked for, or not to be had.
    pub interval: Option<Interval>,
    /// Size of the second cloud's means over the first's.
    pub scale: f64,
    /// Share of the second cloud's spread of means that the turn does not explain, 0 to 1.
    pub residual: f64,
    /// Whether a mirror image fits better; none where it cannot be told, as two classes in the plane.
    pub reflection: Option<bool>,
    /// The share that the best mirror image does not explain.
    pub residual_reflected: f64,
}

/// The rotation from the training to the transfer cloud, with the bootstrap interval of its angle (speakers of both clouds, or points, drawn anew).
///
/// # Errors
/// `Shape` if the clouds differ in dimensions or have fewer than two, `NotFinite`, and `TooFew` if fewer than two classes are common or all of a
/// cloud's means coincide.
///
/// # Panics
/// If labels or speakers are not as many as points, or a label is not below `classes`.
pub fn rotation(
    training: Cloud<'_>,
    transfer: Cloud<'_>,
    classes: usize,
    resampling: Resampling,
) -> Result<Rotation, Error> {
    let dimensions = training.points.ncols();
    let shape = |what, expected, found| {
        Err(Error::Shape {
            what,
            expected,
            found,
        })
    };
    if transfer.points.ncols() != dimensions {
        return shape(
            "dimensions of the transfer cloud",
            dimensions,
            transfer.points.ncols(),
        );
    }
    if dimensions < 2 {
        return shape("dimensions of a cloud that can turn", 2, dimensions);
    }
    let (from, to) = (Sums::of(training, classes)?, Sums::of(transfer, classes)?);
    let whole = |sums: &Sums| (0..sums.units.len()).collect::<Vec<_>>();
    let (from_means, to_means) = (from.means(whole(&from)), to.means(whole(&to)));
    let common: Vec<usize> = (0..classes)
        .filter(|&class| from_means[class].is_some() && to_means[class].is_some())
        .collect();
    let mut found = procrustes(&from_means, &to_means, common)?;
    found.interval = angle_interval(&found, &from, &to, resampling, dimensions == 2);
    Ok(found)
}

/// The rotation between class means in the plane, none where a class has no point: what [`rotation`] finds, without an interval.
///
/// # Errors
/// As [`rotation`].
pub fn of_means(from: &[Option<[f64; 2]>], to: &[Option<[f64; 2]>]) -> Result<Rotation, Error> {
    let means = |of: &[Option<[f64; 2]>]| -> Means {
        of.iter()
            .map(|mean| mean.map(|mean| mean.to_vec()))
            .collect()
    };
    let (from, to) = (means(from), means(to));
    let common = (0..from.len().min(to.len()))
        .filter(|&class| from[class].is_some() && to[class].is_some())
        .collect();
    procrustes(&from, &to, common)
}

/// Sums of points by unit (speaker or point) and class.
struct Sums {
    dimensions: usize,
    classes: usize,
    /// For each unit its classes with the count and the sum of their points.
    units: Vec<Vec<(usize, f64, Vec<f64>)>>,
}

type Means = Vec<Option<Vec<f64>>>;

impl Sums {
    fn of(cloud: Cloud<'_>, classes: usize) -> Result<Sums, Error> {
        assert_eq!(cloud.points.nrows(), cloud.labels.len(), "points, classes");
        if let Some(((row, column), _)) = cloud.points.indexed_iter().find(|(_, x)| !x.is_finite())
        {
            return Err(Error::NotFinite { row, column });
        }
        let mut units: BTreeMap<usize, BTreeMap<usize, (f64, Vec<f64>)>> = BTreeMap::new();
        for (row, (point, &label)) in cloud.points.outer_iter().zip(cloud.labels).enumerate() {
            assert!(label < classes, "class {label} of {classes}");
            let unit = cloud.speakers.map_or(row, |speakers| speakers[row]);
            let sums = units.entry(unit).or_default().entry(label);
            let (count, sum) = sums.or_insert_with(|| (0.0, vec![0.0; point.len()]));
            *count += 1.0;
            sum.iter_mut().zip(point).for_each(|(sum, x)| *sum += x);
        }
        let flat = |unit: BTreeMap<usize, (f64, Vec<f64>)>| {
            let classes = unit.into_iter();
            classes.map(|(class, (n, sum))| (class, n, sum)).collect()
        };
        Ok(Sums {
            dimensions: cloud.points.ncols(),
            classes,
            units: units.into_values().map(flat).collect(),
        })
    }

    /// The mean of each class over some units, which may repeat.
    fn means(&self, units: impl IntoIterator<Item = usize>) -> Means {
        let mut sums = vec![(0.0, vec![0.0; self.dimensions]); self.classes];
        for unit in units {
            for (class, count, sum) in &self.units[unit] {
                let (total, sums) = &mut sums[*class];
                *total += count;
                sums.iter_mut().zip(sum).for_each(|(a, b)| *a += b);
            }
        }
        let mean = |(count, sum): (f64, Vec<f64>)| {
            (count > 0.0).then(|| sum.into_iter().map(|x| x / count).collect())
        };
        sums.into_iter().map(mean).collect()
    }
}

/// The means of some classes as rows, less their mean.
fn centred(means: &Means, classes: &[usize]) -> DMatrix<f64> {
    let rows: Vec<&Vec<f64>> = classes.iter().filter_map(|&c| means[c].as_ref()).collect();
    let mut matrix = DMatrix::from_fn(rows.len(), rows[0].len(), |row, column| rows[row][column]);
    for mut column in matrix.column_iter_mut() {
        let mean = column.mean();
        column.add_scalar_mut(-mean);
    }
    matrix
}

/// Means closer together than this share of their distance from the origin are one, up to rounding.
const COINCIDE: f64 = 1e-12;
/// A singular value below this share of the largest is rounding.
const NULL: f64 = 1e-10;

fn procrustes(from: &Means, to: &Means, classes: Vec<usize>) -> Result<Rotation, Error> {
    let too_few = |what: &str, found| {
        Err(Error::TooFew {
            what: what.into(),
            needed: 2,
            found,
        })
    };
    if classes.len() < 2 {
        return too_few(
            "classes in both the training and the transfer cloud",
            classes.len(),
        );
    }
    let (a, b) = (centred(from, &classes), centred(to, &classes));
    let apart = |matrix: &DMatrix<f64>, means: &Means| {
        let points = classes.iter().filter_map(|&class| means[class].as_ref());
        let size = points.flatten().fold(0.0_f64, |size, x| size.max(x.abs()));
        matrix.norm() > COINCIDE * size
    };
    if !apart(&a, from) || !apart(&b, to) {
        return too_few("class means that are apart from each other", 1);
    }
    let fit = if a.ncols() == 2 {
        plane(&a, &b)
    } else {
        space(&a, &b)
    };
    let norms = a.norm_squared() * b.norm_squared();
    let left = |trace: f64| (1.0 - trace * trace / norms).max(0.0);
    Ok(Rotation {
        angle_deg: fit.angle.to_degrees(),
        interval: None,
        scale: fit.turned / a.norm_squared(),
        residual: left(fit.turned),
        reflection: (fit.mirrored - fit.turned)
            .abs()
            .gt(&(NULL * norms.sqrt()))
            .then_some(fit.mirrored > fit.turned),
        residual_reflected: left(fit.mirrored),
        classes,
    })
}

/// The angle in radians, and tr(Aᵀ B R⁻¹) of the best rotation and of the best mirror image.
struct Fit {
    angle: f64,
    turned: f64,
    mirrored: f64,
}

fn plane(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Fit {
    let m = a.transpose() * b;
    let (dot, cross) = (m[(0, 0)] + m[(1, 1)], m[(0, 1)] - m[(1, 0)]);
    // The mirror image at the first axis, then turned.
    let (dot_mirrored, cross_mirrored) = (m[(0, 0)] - m[(1, 1)], m[(0, 1)] + m[(1, 0)]);
    Fit {
        angle: cross.atan2(dot),
        turned: dot.hypot(cross),
        mirrored: dot_mirrored.hypot(cross_mirrored),
    }
}

fn space(a: &DMatrix<f64>, b: &DMatrix<f64>) -> Fit {
    let dimensions = a.ncols();
    let (mut u, sigma, mut v) = descending(a.transpose() * b);
    let rank = sigma.iter().filter(|s| **s > NULL * sigma[0]).count();
    // Where the means do not reach, the turn is free: as little as may be, the pair of directions that would turn most last.
    let free = dimensions - rank;
    if free > 0 {
        let (u_free, v_free) = (u.columns(rank, free), v.columns(rank, free));
        let (left, _, right) = descending(v_free.transpose() * u_free);
        let (u_free, v_free) = (u_free * right, v_free * left);
        u.columns_mut(rank, free).copy_from(&u_free);
        v.columns_mut(rank, free).copy_from(&v_free);
    }
    let all: f64 = sigma.iter().sum();
    let last = sigma[dimensions - 1];
    let (mut turned, mut mirrored) = (all, all - 2.0 * last);
    if (&u * v.transpose()).determinant() < 0.0 {
        u.column_mut(dimensions - 1).neg_mut();
        (turned, mirrored) = (mirrored, turned);
    }
    Fit {
        angle: total_angle(&(u * v.transpose())),
        turned,
        mirrored,
    }
}

/// U, Σ, V of a square matrix, the largest first.
fn descending(matrix: DMatrix<f64>) -> (DMatrix<f64>, Vec<f64>, DMatrix<f64>) {
    let svd = SVD::new(matrix, true, true);
    // Both were asked for.
    let (Some(u), Some(v)) = (svd.u, svd.v_t.map(|v_t| v_t.transpose())) else {
        unreachable!("the singular vectors were asked for");
    };
    let mut order: Vec<usize> = (0..svd.singular_values.len()).collect();
    order.sort_by(|&i, &j| svd.singular_values[j].total_cmp(&svd.singular_values[i]));
    let sigma = order.iter().map(|&i| svd.singular_values[i]).collect();
    (u.select_columns(&order), sigma, v.select_columns(&order))
}

/// √Σθ² over the planes of a rotation. The symmetric part has the cosines as eigenvalues, each plane twice; the antisymmetric part turns the same
/// planes by the sines, so that small angles keep their digits.
fn total_angle(rotation: &DMatrix<f64>) -> f64 {
    let symmetric = (rotation + rotation.transpose()) / 2.0;
    let antisymmetric = (rotation - rotation.transpose()) / 2.0;
    let eigen = symmetric.symmetric_eigen();
    let squares = eigen.eigenvectors.column_iter().zip(&eigen.eigenvalues);
    let squares =
        squares.map(|(vector, cosine)| (&antisymmetric * vector).norm().atan2(*cosine).powi(2));
    (squares.sum::<f64>() / 2.0).sqrt()
}

/// The interval of the angle: percentiles of the deviations from it, taken the short way round in the plane.
fn angle_interval(
    found: &Rotation,
    from: &Sums,
    to: &Sums,
    resampling: Resampling,
    plane: bool,
) -> Option<Interval> {
    if from.units.len() < 2 || to.units.len() < 2 {
        return None;
    }
    // Two streams of one seed, so that clouds of equal size are not drawn alike.
    let mut from_draws = Draws::new(from.units.len(), resampling.seed);
    let mut to_draws = Draws::new(to.units.len(), resampling.seed ^ (1 << 63));
    let mut deviations: Vec<f64> = (0..resampling.resamples)
        .filter_map(|_| {
            let from = from.means(from_draws.sample());
            let to = to.means(to_draws.sample());
            // A draw without one of the classes measures another thing.
            let has = |means: &Means| found.classes.iter().all(|&c| means[c].is_some());
            let drawn = (has(&from) && has(&to)).then(|| found.classes.clone())?;
            let angle = procrustes(&from, &to, drawn).ok()?.angle_deg;
            let deviation = angle - found.angle_deg;
            Some(if plane {
                (deviation + 180.0).rem_euclid(360.0) - 180.0
            } else {
                deviation
            })
        })
        .collect();
    deviations.sort_unstable_by(f64::total_cmp);
    (2 * deviations.len() > resampling.resamples).then(|| Interval {
        low: found.angle_deg + quantile(&deviations, 0.025),
        high: found.angle_deg + quantile(&deviations, 0.975),
    })
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    use super::*;

    const NONE: Resampling = Resampling {
        resamples: 0,
        seed: 0,
    };

    fn turned(points: &Array2<f64>, degrees: f64, scale: f64) -> Array2<f64> {
        let (sin, cos) = degrees.to_radians().sin_cos();
        points.dot(&array![[cos, sin], [-sin, cos]]) * scale + &array![3.0, -7.0]
    }

    fn between(a: &Array2<f64>, b: &Array2<f64>, labels: &[usize], by: Resampling) -> Rotation {
        let cloud = |points| Cloud {
            points,
            labels,
            speakers: None,
        };
        rotation(cloud(a.view()), cloud(b.view()), 4, by).unwrap()
    }

    fn four() -> Array2<f64> {
        array![[0.0, 0.0], [4.0, 1.0], [1.0, 3.0], [-2.0, 2.0]]
    }

    #[test]
    fn a_planted_turn_shift_and_size_are_found() {
        for degrees in [-170.0, -90.0, -30.0, 0.0, 45.0, 179.0] {
            let found = between(&four(), &turned(&four(), degrees, 2.5), &[0, 1, 2, 3], NONE);
            // Rounding of some dozen operations.
            assert!((found.angle_deg - degrees).abs() < 1e-12, "{found:?}");
            assert!((found.scale - 2.5).abs() < 1e-14 && found.residual < 1e-14);
            assert_eq!(found.reflection, Some(false));
        }
    }

    // import numpy as np; from scipy.linalg import orthogonal_procrustes; from scipy.spatial import procrustes     # scipy 1.17.1
    // A = np.array([[0,0],[4,1],[1,3],[-2,2]], float); B = np.array([[.3,.1],[2.9,2.2],[-1.2,2.8],[-2.1,-.3]])
    // a, b = A - A.mean(0), B - B.mean(0); R, s = orthogonal_procrustes(a, b)
    // np.degrees(np.arctan2(R[0,1], R[0,0])), np.linalg.det(R), s / (a**2).sum(), procrustes(A, B)[2]
    #[test]
    fn angle_scale_and_residual_are_those_of_scipy() {
        let b = array![[0.3, 0.1], [2.9, 2.2], [-1.2, 2.8], [-2.1, -0.3]];
        let found = between(&four(), &b, &[0, 1, 2, 3], NONE);
        assert!(
            (found.angle_deg - 37.37796422894748).abs() < 1e-11,
            "{found:?}"
        );
        assert!((found.scale - 0.9259311402335996).abs() < 1e-14);
        assert!((found.residual - 0.047056215477268105).abs() < 1e-14);
        assert_eq!(found.reflection, Some(false));
    }

    #[test]
    fn a_mirror_image_is_told_from_a_turn() {
        let mirrored = four() * array![-1.0, 1.0];
        let found = between(&four(), &mirrored, &[0, 1, 2, 3], NONE);
        assert_eq!(found.reflection, Some(true));
        assert!(found.residual_reflected < 1e-14 && found.residual > 0.1);
    }

    #[test]
    fn two_classes_give_an_angle_without_rest_and_cannot_tell_a_mirror_image() {
        let a = array![[0.0, 0.0], [1.0, 0.0]];
        let found = between(&a, &turned(&a, 90.0, 1.0), &[0, 3], NONE);
        assert!((found.angle_deg - 90.0).abs() < 1e-12);
        assert_eq!((found.reflection, found.classes), (None, vec![0, 3]));
        assert!(found.residual < 1e-14);
    }

    #[test]
    fn one_common_class_or_means_that_coincide_are_errors() {
        let a = array![[0.0, 0.0], [1.0, 0.0]];
        fn cloud<'a>(points: &'a Array2<f64>, labels: &'a [usize]) -> Cloud<'a> {
            Cloud {
                points: points.view(),
                labels,
                speakers: None,
            }
        }
        let error = |b: &Array2<f64>, labels: &[usize]| {
            rotation(cloud(&a, &[0, 1]), cloud(b, labels), 3, NONE)
                .unwrap_err()
                .to_string()
        };
        assert!(error(&a, &[1, 2]).contains("classes in both"));
        assert!(error(&array![[0.3, 0.1], [0.3, 0.1]], &[0, 1]).contains("apart"));
        assert!(error(&array![[f64::NAN, 0.1], [0.3, 0.1]], &[0, 1]).contains("row 0, column 0"));
        assert!(error(&array![[1.0], [2.0]], &[0, 1]).contains("dimensions"));
    }

    #[test]
    fn in_three_dimensions_the_angle_is_that_about_the_axis() {
        // Twenty degrees about the third axis; the means span all three dimensions, or only the plane.
        let (sin, cos) = 20_f64.to_radians().sin_cos();
        let turn = array![[cos, sin, 0.0], [-sin, cos, 0.0], [0.0, 0.0, 1.0]];
        let full = array![
            [0.0, 0.0, 1.0],
            [4.0, 1.0, -1.0],
            [1.0, 3.0, 0.5],
            [-2.0, 2.0, 2.0]
        ];
        let flat = &full * array![1.0, 1.0, 0.0];
        for points in [full, flat] {
            let found = between(&points, &points.dot(&turn), &[0, 1, 2, 3], NONE);
            assert!((found.angle_deg - 20.0).abs() < 1e-8, "{found:?}");
            assert!(found.residual < 1e-12 && (found.scale - 1.0).abs() < 1e-12);
        }
    }

    /// Four classes of points around their means, and the same turned: no random numbers, the scatter is a fixed pattern.
    fn scattered(turn: f64) -> (Array2<f64>, Vec<usize>, Vec<usize>) {
        let means = turned(&four(), turn, 1.0);
        let rows = (0..160_usize).map(|i| {
            let (class, scatter) = (i % 4, i as f64 * 2.399_963);
            let radius = 2.0 * ((i * 7 % 40) as f64 / 40.0).sqrt();
            [
                means[[class, 0]] + radius * scatter.cos(),
                means[[class, 1]] + radius * scatter.sin(),
            ]
        });
        let points = Array2::from(rows.collect::<Vec<_>>());
        let speakers = (0..160).map(|i| i / 16).collect();
        (points, (0..160).map(|i| i % 4).collect(), speakers)
    }

    #[test]
    fn the_interval_holds_the_planted_angle_also_across_the_half_turn() {
        for degrees in [30.0, 179.5] {
            let ((a, labels, speakers), (b, ..)) = (scattered(0.0), scattered(degrees));
            let cloud = |points| Cloud {
                points,
                labels: &labels,
                speakers: Some(&speakers),
            };
            let by = Resampling {
                resamples: 300,
                seed: 3,
            };
            let found = rotation(cloud(a.view()), cloud(b.view()), 4, by).unwrap();
            let interval = found.interval.unwrap();
            assert!(interval.contains(found.angle_deg));
            let turns = [degrees, degrees - 360.0];
            assert!(turns.iter().any(|t| interval.contains(*t)), "{found:?}");
            assert!((1.0..30.0).contains(&interval.half_width()), "{found:?}");
            assert_eq!(
                found,
                rotation(cloud(a.view()), cloud(b.view()), 4, by).unwrap()
            );
        }
    }

    proptest! {
        #[test]
        fn turning_there_and_back_is_the_opposite_angle_with_the_same_rest(
            a in prop::array::uniform4(prop::array::uniform2(-5.0_f64..5.0)),
            b in prop::array::uniform4(prop::array::uniform2(-5.0_f64..5.0)),
        ) {
            let (a, b) = (Array2::from(a.to_vec()), Array2::from(b.to_vec()));
            let (there, back) = (between(&a, &b, &[0, 1, 2, 3], NONE), between(&b, &a, &[0, 1, 2, 3], NONE));
            let sum = (there.angle_deg + back.angle_deg).rem_euclid(360.0);
            prop_assert!(sum.min(360.0 - sum) < 1e-6);
            prop_assert!((there.residual - back.residual).abs() < 1e-9);
            prop_assert!((0.0..=1.0).contains(&there.residual));
        }

        #[test]
        fn the_plane_is_turned_as_a_space_is(
            a in prop::array::uniform4(prop::array::uniform2(-5.0_f64..5.0)),
            b in prop::array::uniform4(prop::array::uniform2(-5.0_f64..5.0)),
        ) {
            let matrix = |rows: [[f64; 2]; 4]| {
                let means: Means = rows.iter().map(|row| Some(row.to_vec())).collect();
                centred(&means, &[0, 1, 2, 3])
            };
            let (a, b) = (matrix(a), matrix(b));
            let (plane, space) = (plane(&a, &b), space(&a, &b));
            let size = a.norm() * b.norm();
            prop_assume!(plane.turned > 1e-3 * size && (plane.turned - plane.mirrored).abs() > 1e-3 * size);
            prop_assert!((plane.angle.abs() - space.angle).abs() < 1e-6);
            prop_assert!((plane.turned - space.turned).abs() < 1e-9 * size);
            prop_assert!((plane.mirrored - space.mirrored).abs() < 1e-9 * size);
        }
    }
}
