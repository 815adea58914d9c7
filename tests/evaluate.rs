//! The numbers of evaluation against scikit-learn, scipy and numpy: tests/models/evaluate.json, made by tests/models/evaluate.py. And a study in
//! which the truth is planted: what is said of the paper's sentences has to be it.

#![cfg(feature = "models")]

use std::fmt::Write;
use std::sync::OnceLock;

use ndarray::Array2;
use ser::evaluate::alignment::Alignment;
use ser::evaluate::plan::{PAPER, Plan};
use ser::evaluate::result::{Evaluation, Verdict};
use ser::evaluate::rotation::{Cloud, rotation};
use ser::evaluate::run::Run;
use ser::evaluate::silhouette::silhouette;
use ser::explain::marginal::{Bandwidth, density, places};
use ser::explain::stability::rank_correlation;
use ser::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser::score::calibration::{Binning, calibration};
use ser::score::metric::Confusion;
use ser::table::labelled::Labelled;
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

/// Three corpora of twelve features: `home` and `near` of one language, `far` of another. The first two features are activation and valence, anger far
/// out in activation, happiness between anger and the calm classes, neutral and sad the same but for the last two features, which only many dimensions can
/// hold beside the others. In `far` the first two features are turned by 70 degrees.
fn study() -> String {
    let mut state = 7_u64;
    let mut uniform = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 31)
    };
    // Nearly normal, of variance 1.
    let mut noise = move || (0..12).map(|_| uniform()).sum::<f64>() - 6.0;
    let mut text = String::from(
        "file,corpus,speaker,label,language,activation,valence,a,b,c,d,e,f,g,h,i,j,k,l\n",
    );
    for (corpus, language, degrees) in [
        ("home", "eng", 0.0),
        ("near", "eng", 0.0),
        ("far", "deu", 70.0),
    ] {
        let (sin, cos) = f64::to_radians(degrees).sin_cos();
        for speaker in 0..12 {
            for take in 0..40 {
                let (label, activation, valence, hidden) = [
                    ("neutral", -1.0, 0.0, [2.0, 0.0]),
                    ("sad", -1.0, -0.3, [-2.0, 0.0]),
                    ("happy", 0.4, 0.5, [0.0, 1.0]),
                    ("angry", 3.0, -0.5, [0.0, -1.0]),
                ][take % 4];
                let (x, y) = (activation + 0.8 * noise(), valence + 0.8 * noise());
                let rated = match corpus {
                    "home" => format!("{x:.3},{y:.3}"),
                    _ => ",".into(),
                };
                let _ = write!(
                    text,
                    "{corpus}{speaker}-{take}.wav,{corpus},{speaker},{label},{language},{rated}"
                );
                // Activation and valence stand in five columns each, so that two dimensions hold them.
                for _ in 0..5 {
                    let _ = write!(
                        text,
                        ",{:.4},{:.4}",
                        cos * x - sin * y + 0.3 * noise(),
                        sin * x + cos * y + 0.3 * noise()
                    );
                }
                for hidden in hidden {
                    let _ = write!(text, ",{:.4}", hidden + 0.5 * noise());
                }
                text.push('\n');
            }
        }
    }
    text
}

fn planted() -> &'static Evaluation {
    static FOUND: OnceLock<Evaluation> = OnceLock::new();
    FOUND.get_or_init(|| evaluate_planted(2))
}

fn evaluate_planted(threads: usize) -> Evaluation {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, study()).unwrap();
    let table = Labelled::open(&[path]).unwrap();
    let mut plan = Plan {
        train: "home".into(),
        folds: 3,
        seeds: vec![1, 2, 3],
        resamples: 2000,
        ..Plan::parse(PAPER).unwrap()
    };
    plan.autoencoder.hidden = vec![8];
    plan.autoencoder.epochs = 30;
    let run = Run::new(&table, &plan).unwrap();
    run.carry_out(threads, &|_, _| {}).unwrap()
}

#[test]
fn a_study_of_several_seeds_has_the_same_bytes_at_any_thread_count() {
    let one = serde_json::to_string(&evaluate_planted(1)).unwrap();
    assert!(one == serde_json::to_string(planted()).unwrap());
    let read: Evaluation = serde_json::from_str(&one).unwrap();
    assert!(one == serde_json::to_string(&read).unwrap());
}

#[test]
fn the_score_over_seeds_is_their_mean_and_every_interval_lies_between_0_and_1() {
    let found = planted();
    assert_eq!(found.over_seeds.len() * 3, found.experiments.len());
    for over in &found.over_seeds {
        for scores in &over.scores {
            let of_seeds: Vec<f64> = found
                .experiments
                .iter()
                .filter(|e| e.name == over.name && e.model == over.model)
                .map(|e| e.scores_of(&scores.set).unwrap().uar.value)
                .collect();
            let mean = of_seeds.iter().sum::<f64>() / 3.0;
            assert!((scores.uar.value - mean).abs() < 1e-12);
            let spread = scores.over_seeds.unwrap();
            let squares: f64 = of_seeds.iter().map(|x| (x - mean).powi(2)).sum();
            assert!((spread.uar - (squares / 2.0).sqrt()).abs() < 1e-12);
            let interval = scores.uar.interval.unwrap();
            assert!(interval.contains(mean), "{} {}", over.name, scores.set);
        }
    }
    for scores in found.experiments.iter().flat_map(|e| &e.scores) {
        let bars = scores
            .bars
            .iter()
            .flat_map(|bars| [&bars.uar, &bars.accuracy]);
        for score in bars.chain([&scores.uar, &scores.accuracy, &scores.macro_f1]) {
            let interval = score.interval.unwrap();
            assert!(interval.low >= 0.0 && interval.high <= 1.0, "{score:?}");
        }
        assert_eq!(scores.by_speaker.len(), 12);
    }
    // Predictions are kept of the first seed alone.
    for experiment in &found.experiments {
        assert_eq!(experiment.recordings.is_empty(), experiment.seed != 1);
    }
}

#[test]
fn the_matrix_has_the_training_corpuss_own_score_on_its_diagonal() {
    let found = planted();
    for model in ["raw", "pca", "uae", "dae"] {
        let own = found
            .matrix
            .iter()
            .find(|t| t.train == "home" && t.test == "home" && t.model == model);
        let same = |e: &&ser::evaluate::result::Experiment| {
            e.seed == 1 && !e.mixes_speakers && e.model == model && e.classes.len() == 4
        };
        let experiment = found.experiments.iter().find(same).unwrap();
        assert_eq!(own.unwrap().uar, experiment.scores_of("valid").unwrap().uar);
    }
}

#[test]
fn what_is_planted_is_what_is_said_of_the_papers_sentences() {
    let found = planted();
    let told = |words: &str| {
        let mut claims = found.claims.iter();
        claims.find(|c| c.sentence.starts_with(words)).unwrap()
    };
    let verdict = |words: &str| {
        let claim = told(words);
        println!(
            "{} {}{}",
            claim.number,
            claim.verdict.name(),
            claim.strength()
        );
        claim.verdict
    };
    // Neutral and sad differ in two features of twelve, which two dimensions do not hold.
    let features = verdict("for the training and validation data sets");
    assert_eq!(features, Verdict::Supported);
    // The corpus of the other language is turned, that of the same language is not.
    let abroad = told("specifically for the German and French");
    let effect = abroad.effect.as_ref().unwrap();
    assert!(
        abroad.p.unwrap() < 0.05 && effect.value > 0.02,
        "{}",
        abroad.evidence
    );
    // Happiness lies apart from the others, and is found.
    assert_ne!(
        verdict("the emotion happy (H) is generally"),
        Verdict::Supported
    );
    // Nothing here is a formant, or loud; other works are not at hand.
    let untested: Vec<usize> = found
        .claims
        .iter()
        .filter(|c| c.verdict == Verdict::NotTested)
        .map(|c| c.number)
        .collect();
    assert_eq!(untested, [8, 25, 26]);
    for claim in found.claims.iter().filter(|c| c.p.is_some()) {
        assert!(claim.p_holm >= claim.p && claim.seeds.unwrap().1 == 3);
    }
}
