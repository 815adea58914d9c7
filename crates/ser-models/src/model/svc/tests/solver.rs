//! The solvers against scikit-learn, against each other, and against the conditions of the optimum.
//!
//! `tests/models/svc/svc.py` made the expected numbers, with scikit-learn 1.9.1.

use ndarray::{Array2, ArrayView1};
use proptest::prelude::*;
use serde::Deserialize;

use super::super::problem::{Problem, dot};
use super::super::{ClassWeights, Machine, Parameters, Solver, interior, liblinear, smo};
use super::{fit, folder, plain, predictions, read, share_of_equals};

#[derive(Deserialize)]
struct Golden {
    table: String,
    columns: usize,
    weights: ClassWeights,
    pairs: Vec<GoldenPlane>,
    predicted: Vec<usize>,
    rests: Vec<GoldenPlane>,
    predicted_rests: Vec<usize>,
}

#[derive(Deserialize)]
struct GoldenPlane {
    weight: Vec<f64>,
    bias: f64,
    objective: Option<f64>,
}

fn golden() -> Vec<Golden> {
    let text = std::fs::read_to_string(folder().join("golden.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// The largest difference between the values of a machine and of an expected plane.
fn largest_difference(machine: &Machine, plane: &GoldenPlane, x: &Array2<f64>) -> f64 {
    let difference = |row: ArrayView1<f64>| {
        let expected = dot(&row.to_vec(), &plane.weight) + plane.bias;
        (machine.decision(row.iter().copied()) - expected).abs()
    };
    x.rows().into_iter().map(difference).fold(0.0, f64::max)
}

#[test]
fn pairs_have_the_objective_and_the_values_of_libsvm() {
    for golden in golden() {
        let rows = read(&golden.table, golden.columns);
        let parameters = Parameters {
            weights: golden.weights,
            tolerance: Some(1e-8),
            ..plain(Solver::Smo)
        };
        let svc = fit(parameters, rows.x.view(), &rows.y).unwrap();
        assert_eq!(svc.machines().len(), golden.pairs.len());
        for (machine, plane) in svc.machines().iter().zip(&golden.pairs) {
            let objective = plane.objective.unwrap();
            let error = ((machine.objective - objective) / objective).abs();
            assert!(
                error < 1e-7,
                "objective {} for {objective}",
                machine.objective
            );
            assert!(machine.converged);
            let difference = largest_difference(machine, plane, &rows.x);
            // libsvm rounds the kernel's elements, a hundred or so, to 32 bits.
            assert!(
                difference < 1e-4,
                "{} {}: {difference}",
                golden.table,
                golden.columns
            );
        }
    }
}

#[test]
fn at_their_usual_tolerance_pairs_predict_what_libsvm_predicts() {
    for golden in golden() {
        let rows = read(&golden.table, golden.columns);
        let parameters = Parameters {
            weights: golden.weights,
            ..plain(Solver::Smo)
        };
        let svc = fit(parameters, rows.x.view(), &rows.y).unwrap();
        for (machine, plane) in svc.machines().iter().zip(&golden.pairs) {
            let objective = plane.objective.unwrap();
            assert!(((machine.objective - objective) / objective).abs() < 1e-5);
        }
        let equal = share_of_equals(&predictions(&svc, &rows.x), &golden.predicted);
        assert!(
            equal >= 0.995,
            "{} {}: {equal}",
            golden.table,
            golden.columns
        );
    }
}

#[test]
fn rests_have_the_values_of_liblinear() {
    for golden in golden() {
        let rows = read(&golden.table, golden.columns);
        let parameters = Parameters {
            weights: golden.weights,
            ..plain(Solver::Liblinear)
        };
        let svc = fit(parameters, rows.x.view(), &rows.y).unwrap();
        for (machine, plane) in svc.machines().iter().zip(&golden.rests) {
            let difference = largest_difference(machine, plane, &rows.x);
            assert!(
                difference < 1e-5,
                "{} {}: {difference}",
                golden.table,
                golden.columns
            );
            assert!(machine.converged && machine.iterations < 30);
        }
        let equal = share_of_equals(&predictions(&svc, &rows.x), &golden.predicted_rests);
        assert!(
            equal >= 0.995,
            "{} {}: {equal}",
            golden.table,
            golden.columns
        );
    }
}

#[cfg(feature = "linfa")]
#[test]
fn linfa_finds_the_same_planes() {
    for (table, columns) in [("clouds.csv", 2), ("emodb.csv", 8)] {
        let rows = read(table, columns);
        let linfa = fit(plain(Solver::Linfa), rows.x.view(), &rows.y).unwrap();
        let smo = fit(plain(Solver::Smo), rows.x.view(), &rows.y).unwrap();
        for (linfa, smo) in linfa.machines().iter().zip(smo.machines()) {
            let error = ((linfa.objective - smo.objective) / smo.objective).abs();
            assert!(error < 1e-5, "{} for {}", linfa.objective, smo.objective);
            assert!(linfa.converged);
        }
        let equal = share_of_equals(&predictions(&linfa, &rows.x), &predictions(&smo, &rows.x));
        assert!(equal >= 0.99, "{equal}");
    }
}

#[test]
fn of_two_classes_liblinear_has_one_machine_and_both_classes_their_weights() {
    let rows = read("clouds.csv", 2);
    let two: Vec<usize> = (0..rows.y.len()).filter(|&i| rows.y[i] < 2).collect();
    let x = rows.x.select(ndarray::Axis(0), &two);
    let y: Vec<usize> = two.iter().map(|&i| rows.y[i]).collect();
    let svc = fit(plain(Solver::Liblinear), x.view(), &y).unwrap();
    let [machine] = svc.machines() else {
        panic!("one machine")
    };
    // t = np.loadtxt("clouds.csv", delimiter=","); t = t[t[:, 0] < 2]
    // s = LinearSVC(dual=False, class_weight="balanced", tol=1e-8).fit(t[:, 2:], t[:, 0]); print(-s.coef_, -s.intercept_)
    let expected = GoldenPlane {
        weight: vec![-0.55238958, 0.02789279],
        bias: 0.40418971,
        objective: None,
    };
    assert!(
        largest_difference(machine, &expected, &x) < 1e-5,
        "{machine:?}"
    );
}

/// A binary problem of rows, the first half of which are on the positive side.
fn two_sides(rows: &[Vec<f64>], prices: (f64, f64)) -> Problem {
    let mut problem = Problem::new(rows[0].len());
    for (i, row) in rows.iter().enumerate() {
        let positive = 2 * i < rows.len();
        let price = if positive { prices.0 } else { prices.1 };
        problem.push(row.iter().copied(), positive, price);
    }
    problem
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Weak duality: the primal ½|w|² + Σ c max(0, 1 − y f) is never below minus the dual; at the solution they meet.
    #[test]
    fn primal_and_dual_meet_on_any_data(
        rows in (1_usize..6).prop_flat_map(|d| prop::collection::vec(prop::collection::vec(-3.0_f64..3.0, d), 2..60)),
        prices in (0.1_f64..10.0, 0.1_f64..10.0),
    ) {
        let problem = two_sides(&rows, prices);
        let plane = smo::solve(&problem, interior::start(&problem), 1e-6, 10_000_000);
        prop_assert!(plane.converged);
        let hinge = |i: usize| {
            let value = dot(problem.features(i), &plane.weight) + plane.bias;
            problem.prices()[i] * (1.0 - problem.sides()[i] * value).max(0.0)
        };
        let primal = 0.5 * dot(&plane.weight, &plane.weight) + (0..rows.len()).map(hinge).sum::<f64>();
        let gap = primal + plane.objective;
        let scale = problem.prices().iter().sum::<f64>();
        prop_assert!((-1e-9..=1e-5).contains(&(gap / scale)), "{gap} of {scale}");
    }

    /// The start decides how long it takes, not where it ends.
    #[test]
    fn from_zero_and_from_the_interior_the_objective_is_the_same(
        rows in (1_usize..6).prop_flat_map(|d| prop::collection::vec(prop::collection::vec(-3.0_f64..3.0, d), 2..60)),
        prices in (0.1_f64..10.0, 0.1_f64..10.0),
    ) {
        let problem = two_sides(&rows, prices);
        let zero = smo::solve(&problem, vec![0.0; rows.len()], 1e-6, 10_000_000);
        let inside = smo::solve(&problem, interior::start(&problem), 1e-6, 10_000_000);
        prop_assert!(zero.converged && inside.converged);
        let error = (zero.objective - inside.objective).abs() / zero.objective.abs().max(1e-12);
        prop_assert!(error < 1e-5, "{} {}", zero.objective, inside.objective);
    }
}

#[test]
fn the_start_keeps_to_the_limits_and_sums_to_nothing() {
    let rows = read("emodb.csv", 88);
    let mut problem = Problem::new(88);
    for (row, &class) in rows.x.rows().into_iter().zip(&rows.y) {
        problem.push(
            row.iter().copied(),
            class == 2,
            if class == 2 { 3.0 } else { 0.5 },
        );
    }
    let beta = interior::start(&problem);
    assert!(beta.iter().sum::<f64>().abs() < 1e-12);
    for (i, beta) in beta.iter().enumerate() {
        let limits = problem.limits(i);
        assert!(
            (limits.start..=limits.end).contains(beta),
            "{beta} in {limits:?}"
        );
    }
    let near = smo::solve(&problem, beta, 1e-3, 10_000_000);
    let far = smo::solve(&problem, vec![0.0; rows.y.len()], 1e-3, 10_000_000);
    assert!(
        10 * near.iterations < far.iterations,
        "{} {}",
        near.iterations,
        far.iterations
    );
    assert!(((near.objective - far.objective) / far.objective).abs() < 1e-5);
}

#[test]
fn features_far_from_zero_and_of_unlike_size_are_no_harder() {
    let rows = read("emodb.csv", 8);
    let spoilt = Array2::from_shape_fn(rows.x.raw_dim(), |(i, j)| {
        10_f64.powi(j as i32 - 4) * (rows.x[[i, j]] + 30.0)
    });
    let svc = fit(plain(Solver::Smo), spoilt.view(), &rows.y).unwrap();
    assert!(svc.converged());
    let steps: usize = svc
        .machines()
        .iter()
        .map(|machine| machine.iterations)
        .sum();
    assert!(steps < 1000, "{steps}");
}

#[test]
fn a_solver_that_is_stopped_early_says_so() {
    let rows = read("emodb.csv", 8);
    let mut problem = Problem::new(8);
    for (row, &class) in rows.x.rows().into_iter().zip(&rows.y) {
        problem.push(row.iter().copied(), class == 0, 1.0);
    }
    let stopped = smo::solve(&problem, vec![0.0; rows.y.len()], 1e-3, 3);
    assert!(!stopped.converged && stopped.iterations == 3);
    let stopped = liblinear::solve(&problem, 1e-8, 1);
    assert!(!stopped.converged && stopped.iterations == 1);
}
