//! What a user of the classifier may rely on: determinism, files, probabilities, and what is refused.

use ndarray::{Array2, ArrayView2};

use super::super::problem::dot;
use super::super::{Parameters, Solver, Svc, argmax};
use super::{Error, fit, plain, read};

#[test]
fn two_fits_give_the_same_bits() {
    let rows = read("emodb.csv", 8);
    let once = || {
        let checked = Parameters::default().check().unwrap();
        let svc = checked
            .fit(rows.x.view(), &rows.y, 4, Some(&rows.speaker))
            .unwrap();
        serde_json::to_string(&svc).unwrap()
    };
    assert_eq!(once(), once());
}

#[test]
fn a_saved_classifier_says_the_same_and_a_spoilt_one_is_refused() {
    let rows = read("clouds.csv", 2);
    let checked = Parameters::default().check().unwrap();
    let svc = checked.fit(rows.x.view(), &rows.y, 3, None).unwrap();
    let text = serde_json::to_string(&svc).unwrap();
    let read: Svc = serde_json::from_str(&text).unwrap();
    for row in rows.x.rows() {
        let row = row.to_vec();
        assert_eq!(read.predict(&row), svc.predict(&row));
        for (a, b) in read.decisions(&row).iter().zip(svc.decisions(&row)) {
            assert!((a - b).abs() <= 1e-14 * b.abs().max(1.0));
        }
    }
    let spoilt = text.replacen("\"positive\":0", "\"positive\":7", 1);
    assert!(serde_json::from_str::<Svc>(&spoilt).is_err());
    let spoilt = text.replacen("\"columns\":2", "\"columns\":3", 1);
    assert!(serde_json::from_str::<Svc>(&spoilt).is_err());
}

#[test]
fn class_scores_are_the_class_planes_values_and_speak_for_the_class() {
    for solver in [Solver::Smo, Solver::Liblinear] {
        let rows = read("emodb.csv", 88);
        let svc = fit(plain(solver), rows.x.view(), &rows.y).unwrap();
        let planes = svc.class_planes();
        let mut agree = 0;
        for row in rows.x.rows() {
            let row = row.to_vec();
            let scores = svc.class_scores(&row);
            for (score, (weight, bias)) in scores.iter().zip(&planes) {
                assert!((score - dot(&row, weight) - bias).abs() < 1e-12);
            }
            agree += usize::from(argmax(&scores) == svc.predict(&row));
        }
        assert!(agree as f64 >= 0.85 * rows.y.len() as f64, "{agree}");
    }
}

#[test]
fn probabilities_sum_to_one_and_know_the_class_more_often_than_chance() {
    let rows = read("emodb.csv", 88);
    for solver in [Solver::Smo, Solver::Liblinear] {
        let parameters = Parameters {
            solver,
            ..Parameters::default()
        };
        let checked = parameters.check().unwrap();
        let svc = checked
            .fit(rows.x.view(), &rows.y, 4, Some(&rows.speaker))
            .unwrap();
        let mut right = 0;
        for (row, &class) in rows.x.rows().into_iter().zip(&rows.y) {
            let p = svc.probabilities(&row.to_vec()).unwrap();
            assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
            right += usize::from(argmax(&p) == class);
        }
        assert!(right as f64 > 0.9 * rows.y.len() as f64, "{right}");
        assert!(svc.machines().iter().all(|m| m.platt.unwrap().a < 0.0));
    }
}

#[test]
fn probabilities_not_asked_for_are_not_there() {
    let rows = read("clouds.csv", 2);
    let svc = fit(plain(Solver::Smo), rows.x.view(), &rows.y).unwrap();
    assert_eq!(svc.probabilities(&[0.0, 0.0]), None);
}

#[test]
fn a_class_without_rows_is_never_predicted() {
    let x = ndarray::array![[0.0], [0.1], [1.0], [1.1], [2.0], [2.1]];
    for (y, solver) in [
        ([1, 1, 3, 3, 4, 4], Solver::Smo),
        ([1, 1, 3, 3, 4, 4], Solver::Liblinear),
        ([1, 1, 3, 3, 3, 3], Solver::Liblinear),
        #[cfg(feature = "linfa")]
        ([1, 1, 3, 3, 3, 3], Solver::Linfa),
    ] {
        let parameters = Parameters {
            solver,
            probability: Some(2),
            ..Parameters::default()
        };
        let svc = parameters
            .check()
            .unwrap()
            .fit(x.view(), &y, 6, None)
            .unwrap();
        let present: Vec<usize> = [1, 3, 4].into_iter().filter(|c| y.contains(c)).collect();
        assert_eq!(svc.present(), present);
        for value in [-5.0, 0.5, 1.5, 9.0] {
            assert!(present.contains(&svc.predict(&[value])));
            let p = svc.probabilities(&[value]).unwrap();
            let scores = svc.class_scores(&[value]);
            for class in 0..6 {
                assert_eq!(p[class] > 0.0, present.contains(&class), "{p:?}");
                assert_eq!(scores[class].is_finite(), present.contains(&class));
            }
        }
        assert_eq!(svc.predict(&[-5.0]), 1);
    }
}

#[test]
fn what_cannot_be_learnt_from_is_refused_by_name() {
    let x = ndarray::array![[0.0, 1.0], [1.0, f64::NAN], [2.0, 1.0]];
    let good = ndarray::array![[0.0, 1.0], [1.0, 2.0], [2.0, 1.0]];
    let refused = |x: ArrayView2<f64>, y: &[usize], groups: Option<&[usize]>| {
        let checked = plain(Solver::Smo).check().unwrap();
        checked.fit(x, y, 2, groups).unwrap_err()
    };
    let error = refused(x.view(), &[0, 1, 0], None);
    assert!(matches!(error, Error::NotFinite { row: 1, column: 1 }));
    let error = refused(
        good.mapv(|v| if v == 2.0 { f64::INFINITY } else { v })
            .view(),
        &[0, 1, 0],
        None,
    );
    assert!(matches!(error, Error::NotFinite { row: 1, column: 1 }));
    assert!(matches!(
        refused(good.view(), &[1, 1, 1], None),
        Error::OneClass
    ));
    let empty = Array2::zeros((0, 2));
    assert!(matches!(refused(empty.view(), &[], None), Error::Empty));
    let no_columns = Array2::zeros((3, 0));
    assert!(matches!(
        refused(no_columns.view(), &[0, 1, 0], None),
        Error::Empty
    ));
    let error = refused(good.view(), &[0, 1], None);
    assert!(matches!(
        error,
        Error::Shape {
            expected: 3,
            found: 2,
            ..
        }
    ));
    let error = refused(good.view(), &[0, 1, 0], Some(&[1]));
    assert!(matches!(
        error,
        Error::Shape {
            expected: 3,
            found: 1,
            ..
        }
    ));
    assert!(
        refused(good.view(), &[0, 2, 0], None)
            .to_string()
            .contains("class of row 1 = 2")
    );
    let huge = good.mapv(|v| v * 1e200);
    assert!(
        refused(huge.view(), &[0, 1, 0], None)
            .to_string()
            .contains("standardise")
    );
}

#[test]
fn probabilities_need_a_row_of_each_class_per_fold_and_a_second_speaker() {
    let x = ndarray::array![[0.0], [1.0], [2.0], [3.0], [4.0], [5.0]];
    let fit = |y: &[usize], groups: Option<&[usize]>| {
        let parameters = Parameters {
            probability: Some(2),
            ..Parameters::default()
        };
        parameters.check().unwrap().fit(x.view(), y, 2, groups)
    };
    let error = fit(&[0, 0, 0, 0, 0, 1], None).unwrap_err();
    assert!(matches!(
        error,
        Error::TooFew {
            needed: 2,
            found: 1,
            ..
        }
    ));
    let alone = fit(&[0, 0, 0, 0, 1, 1], Some(&[1, 1, 2, 2, 3, 3])).unwrap_err();
    assert!(
        alone
            .to_string()
            .contains("groups (speakers) with rows of a class 1"),
        "{alone}"
    );
    assert!(fit(&[0, 1, 0, 1, 0, 1], Some(&[1, 1, 2, 2, 3, 3])).is_ok());
}

#[test]
fn one_row_per_class_is_divided_in_the_middle() {
    let x = ndarray::array![[0.0, 0.0], [2.0, 0.0]];
    let exact: &[Solver] = &[
        Solver::Smo,
        #[cfg(feature = "linfa")]
        Solver::Linfa,
    ];
    for solver in exact {
        let svc = fit(plain(*solver), x.view(), &[0, 1]).unwrap();
        let machine = &svc.machines()[0];
        assert!((machine.weight[0] + 1.0).abs() < 1e-9 && (machine.bias - 1.0).abs() < 1e-9);
    }
    let svc = fit(plain(Solver::Liblinear), x.view(), &[0, 1]).unwrap();
    assert_eq!((svc.predict(&[0.0, 0.0]), svc.predict(&[2.0, 0.0])), (0, 1));
}

#[test]
fn constant_columns_get_no_weight_and_spoil_nothing() {
    let rows = read("clouds.csv", 2);
    let constant = Array2::from_shape_fn((rows.y.len(), 4), |(i, j)| match j {
        0 | 1 => rows.x[[i, j]],
        2 => 0.0,
        _ => 5.0,
    });
    let with = fit(plain(Solver::Smo), constant.view(), &rows.y).unwrap();
    let without = fit(plain(Solver::Smo), rows.x.view(), &rows.y).unwrap();
    for (with, without) in with.machines().iter().zip(without.machines()) {
        assert!(with.weight[2].abs() < 1e-9 && with.weight[3].abs() < 1e-9);
        assert!((with.weight[0] - without.weight[0]).abs() < 1e-3);
        assert!((with.bias - without.bias).abs() < 1e-2);
    }
    let nothing = Array2::from_elem((rows.y.len(), 3), 0.0);
    for solver in [Solver::Smo, Solver::Liblinear] {
        let svc = fit(plain(solver), nothing.view(), &rows.y).unwrap();
        assert!(svc.predict(&[0.0; 3]) < 3);
        assert!(svc.machines().iter().all(|m| m.weight == [0.0; 3]));
    }
}

#[test]
fn a_row_on_the_plane_goes_to_the_later_class_and_equal_votes_to_the_first() {
    let machine = |positive: usize, negative: usize, weight: f64| {
        format!(
            r#"{{"positive":{positive},"negative":{negative},"weight":[{weight}],"bias":0,"platt":null,"objective":0,"iterations":0,"support":0,"converged":true}}"#
        )
    };
    let three = |weights: [f64; 3]| -> Svc {
        let machines = [
            machine(0, 1, weights[0]),
            machine(0, 2, weights[1]),
            machine(1, 2, weights[2]),
        ];
        let parameters = serde_json::to_string(&Parameters::default()).unwrap();
        serde_json::from_str(&format!(
            r#"{{"parameters":{parameters},"classes":3,"columns":1,"machines":[{}]}}"#,
            machines.join(",")
        ))
        .unwrap()
    };
    // 0 beats 1, 2 beats 0, 1 beats 2.
    assert_eq!(three([1.0, -1.0, 1.0]).predict(&[1.0]), 0);
    assert_eq!(three([1.0, 1.0, 1.0]).predict(&[0.0]), 2);
}
