//! The numbers of evaluation against scikit-learn, scipy and numpy: tests/models/evaluate.json, made by tests/models/evaluate.py.

#![cfg(feature = "models")]

use ndarray::Array2;
use ser::evaluate::alignment::Alignment;
use ser::evaluate::rotation::{Cloud, rotation};
use ser::evaluate::silhouette::silhouette;
use ser::explain::marginal::{Bandwidth, density, places};
use ser::explain::stability::rank_correlation;
use ser::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser::score::calibration::{Binning, calibration};
use ser::score::metric::Confusion;
use serde_json::Value;

const CLASSES: usize = 4;

fn golden() -> Value {
    serde_json::from_str(include_str!("models/evaluate.json")).unwrap()
}

fn number(value: &Value) -> f64 {
    value.as_f64().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(number).collect()
}

fn classes(value: &Value) -> Vec<usize> {
    let class = |value: &Value| value.as_u64().unwrap() as usize;
    value.as_array().unwrap().iter().map(class).collect()
}

fn table(value: &Value) -> Array2<f64> {
    let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
    Array2::from_shape_vec((rows.len(), rows[0].len()), rows.concat()).unwrap()
}

/// Equal up to the rounding of some hundred terms, absolutely or relatively.
fn assert_close(found: f64, expected: f64, what: &str) {
    let difference = (found - expected).abs() / expected.abs().max(1.0);
    assert!(difference < 1e-11, "{what}: {found} and {expected}");
}

#[test]
fn scores_of_a_confusion_matrix_are_those_of_scikit_learn() {
    let golden = &golden()["predictions"];
    let (truth, predicted) = (classes(&golden["truth"]), classes(&golden["predicted"]));
    let confusion = Confusion::count(CLASSES, &truth, &predicted);
    let expected = &golden["expected"];
    for (name, found) in [
        ("uar", confusion.uar()),
        ("accuracy", confusion.accuracy()),
        ("macro_f1", confusion.macro_f1()),
    ] {
        assert_close(found.unwrap(), number(&expected[name]), name);
    }
    for (class, expected) in numbers(&expected["recall"]).into_iter().enumerate() {
        assert_close(confusion.recall(class).unwrap(), expected, "recall");
    }
}

#[test]
fn calibration_is_that_of_scikit_learn() {
    let golden = &golden()["predictions"];
    let probabilities = table(&golden["probabilities"]);
    let truth = classes(&golden["truth"]);
    let expected = &golden["expected"];
    for (name, binning) in [
        ("width", Binning::EqualWidth(10)),
        ("mass", Binning::EqualMass(10)),
    ] {
        let found = calibration(probabilities.view(), &truth, binning).unwrap();
        let of = |key: &str| numbers(&expected[name][key]);
        let filled = found.bins.iter().filter(|bin| bin.recordings > 0);
        let filled: Vec<_> = filled.collect();
        assert_eq!(filled.len(), of("accuracy").len(), "bins with recordings");
        for (bin, (accuracy, confidence)) in filled
            .iter()
            .zip(of("accuracy").iter().zip(of("confidence")))
        {
            assert_close(bin.accuracy.unwrap(), *accuracy, "accuracy of a bin");
            assert_close(bin.confidence.unwrap(), confidence, "confidence of a bin");
        }
        assert_close(found.brier, number(&expected["brier"]), "Brier score");
        assert_close(found.log_loss, number(&expected["log_loss"]), "log loss");
        if name == "width" {
            let error = number(&expected["expected_error"]);
            assert_close(found.expected_error, error, "expected error");
        }
    }
}

#[test]
fn the_bootstrap_over_speakers_has_the_interval_of_one_written_out_on_recordings() {
    let golden = &golden()["predictions"];
    let (truth, predicted) = (classes(&golden["truth"]), classes(&golden["predicted"]));
    let speakers = classes(&golden["speaker"]);
    let predictions = Predictions {
        classes: CLASSES,
        truth: &truth,
        predicted: &predicted,
        speakers: Some(&speakers),
    };
    let by = Resampling {
        resamples: 20_000,
        seed: 1,
    };
    let score = Bootstrap::new(predictions, by)
        .score(Confusion::uar)
        .unwrap();
    let (found, expected) = (
        score.interval.unwrap(),
        numbers(&golden["expected"]["uar_interval"]),
    );
    // Other random numbers: percentiles of 20 000 draws are known to some 1 % of the width of 0.2.
    assert!(
        (found.low - expected[0]).abs() < 0.005,
        "{found:?} {expected:?}"
    );
    assert!(
        (found.high - expected[1]).abs() < 0.005,
        "{found:?} {expected:?}"
    );
    assert_eq!(score.units, 9);
}

#[test]
fn silhouettes_are_those_of_scikit_learn() {
    for cloud in golden()["silhouettes"].as_array().unwrap() {
        let points = table(&cloud["points"]);
        let found = silhouette(points.view(), &classes(&cloud["labels"]), CLASSES).unwrap();
        let expected = &cloud["expected"];
        assert_close(found.overall, number(&expected["overall"]), "overall");
        for (found, expected) in found.per_class.iter().zip(numbers(&expected["per_class"])) {
            assert_close(found.unwrap(), expected, "of a class");
        }
    }
}

#[test]
fn rank_correlations_are_those_of_scipy() {
    let golden = &golden()["correlations"];
    let (x, y) = (numbers(&golden["x"]), numbers(&golden["y"]));
    let found = rank_correlation(&x, &y).unwrap();
    assert_close(
        found,
        numbers(&golden["expected"]["spearman"])[0],
        "spearman",
    );
}

#[test]
fn densities_are_those_of_scipy() {
    let golden = &golden()["densities"];
    for (name, rule) in [
        ("scott", Bandwidth::Scott),
        ("silverman", Bandwidth::Silverman),
    ] {
        let found = density(&numbers(&golden["values"]), &places(-4.0, 6.0, 21), rule).unwrap();
        let expected = numbers(&golden["expected"][name]);
        for (found, expected) in found.density.iter().zip(expected) {
            assert_close(*found, expected, name);
        }
    }
}

#[test]
fn a_turn_in_space_is_that_of_scipy() {
    let golden = &golden()["rotation"];
    let (training, transfer) = (table(&golden["training"]), table(&golden["transfer"]));
    let labels = classes(&golden["labels"]);
    let cloud = |points| Cloud {
        points,
        labels: &labels,
        speakers: None,
    };
    let none = Resampling {
        resamples: 0,
        seed: 0,
    };
    let found = rotation(
        cloud(training.view()),
        cloud(transfer.view()),
        CLASSES,
        none,
    )
    .unwrap();
    let expected = |key: &str| number(&golden["expected"][key]);
    assert!(
        (found.angle_deg - expected("angle_deg")).abs() < 1e-6,
        "{found:?}"
    );
    assert_close(found.scale, expected("scale"), "scale");
    assert_close(found.residual, expected("residual"), "residual");
}

#[test]
fn alignments_move_rows_where_scipy_moves_them() {
    let golden = &golden()["alignment"];
    let (training, transfer) = (table(&golden["training"]), table(&golden["transfer"]));
    for (name, alignment) in [
        ("coral_0", Alignment::Coral { ridge: 0.0 }),
        ("coral_1", Alignment::Coral { ridge: 1.0 }),
        ("standardise", Alignment::Standardise),
    ] {
        let map = alignment.fit(training.view(), transfer.view()).unwrap();
        let (found, expected) = (map.apply(transfer.view()), table(&golden["expected"][name]));
        for (found, expected) in found.iter().zip(&expected) {
            // Eigenvectors and powers of matrices: some digits fewer.
            assert!(
                (found - expected).abs() < 1e-9,
                "{name}: {found} {expected}"
            );
        }
    }
}
