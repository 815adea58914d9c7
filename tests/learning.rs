//! Models and their evaluation, as a user meets them and as the library promises: no leak, the same bytes at any thread count, clear errors.

#![cfg(feature = "models")]

use std::fmt::Write;
use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use ser::evaluate::design::recipe;
use ser::evaluate::fold::Fold;
use ser::evaluate::plan::Plan;
use ser::evaluate::result::Evaluation;
use ser::evaluate::run::Run;
use ser::model::file::{ModelFacts, Saved};
use ser::model::{Representation, Training};
use ser::score::split::Protocol;
use ser::table::Statistics;
use ser::table::labelled::Labelled;

const CLASSES: [&str; 4] = ["neutral", "sad", "happy", "angry"];

/// Two corpora of eight speakers, four classes around points of their own, six features; the second corpus is shifted.
fn table() -> String {
    let mut text = String::from("file,corpus,speaker,gender,label,language,a,b,c,d,e,f\n");
    let mut state = 1_u64;
    let mut noise = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((state >> 33) as f64 / f64::from(1_u32 << 31) - 0.5) * 2.0
    };
    for (corpus, shift) in [("x", 0.0), ("y", 3.0)] {
        for speaker in 0..8 {
            for take in 0..12 {
                let class = take % 4;
                let gender = ["f", "m"][speaker % 2];
                let _ = write!(
                    text,
                    "{corpus}{speaker}-{take}.wav,{corpus},{speaker},{gender},{},eng",
                    CLASSES[class]
                );
                for feature in 0..6 {
                    let centre = [2.0, -1.0, 0.5, 1.5][(class + feature) % 4];
                    let _ = write!(text, ",{:.4}", centre + shift + noise());
                }
                text.push('\n');
            }
        }
    }
    text
}

fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, table()).unwrap();
    (folder, path)
}

fn ser() -> Command {
    Command::cargo_bin("ser").unwrap()
}

fn plan() -> Plan {
    let mut plan = Plan {
        train: "x".into(),
        transfer: vec!["y".into()],
        models: Representation::ALL.to_vec(),
        protocols: vec![Protocol::Paper, Protocol::SpeakerIndependent],
        folds: 4,
        triads: true,
        matrix: true,
        explain: true,
        resamples: 50,
        ..Plan::default()
    };
    plan.autoencoder.hidden = vec![5, 4];
    plan.autoencoder.epochs = 3;
    plan
}

fn evaluate(threads: usize) -> Evaluation {
    let (_folder, path) = folder();
    let table = Labelled::open(&[path]).unwrap();
    Run::new(&table, &plan())
        .unwrap()
        .carry_out(threads, &|_, _| {})
        .unwrap()
}

#[test]
fn an_evaluation_has_the_same_bytes_at_any_thread_count() {
    let bytes = |threads| serde_json::to_vec(&evaluate(threads)).unwrap();
    let one = bytes(1);
    assert!(
        one == bytes(2) && one == bytes(3),
        "one, two and three threads differ"
    );
}

#[test]
fn a_result_read_again_is_the_same() {
    let text = serde_json::to_string(&evaluate(2)).unwrap();
    let read: Evaluation = serde_json::from_str(&text).unwrap();
    assert!(serde_json::to_string(&read).unwrap() == text);
}

#[test]
fn every_validation_row_is_predicted_once_in_every_experiment() {
    for experiment in evaluate(2).experiments {
        let mut rows: Vec<usize> = experiment
            .recordings
            .iter()
            .filter(|p| p.set == "valid")
            .map(|p| p.row)
            .collect();
        rows.sort_unstable();
        let tested = 8 * 3 * experiment.classes.len();
        assert_eq!(
            rows.len(),
            tested,
            "{} {}",
            experiment.name,
            experiment.model
        );
        rows.dedup();
        assert_eq!(rows.len(), tested);
    }
}

#[test]
fn a_split_that_mixes_speakers_says_so_and_one_of_speakers_shares_none() {
    let found = evaluate(2);
    assert!(
        found
            .warnings
            .iter()
            .any(|warning| warning.contains("the same speakers are in training and validation"))
    );
    for experiment in &found.experiments {
        let shared: usize = experiment
            .folds
            .iter()
            .map(|fold| fold.shared_speakers)
            .sum();
        assert_eq!(experiment.mixes_speakers, shared > 0, "{}", experiment.name);
        assert_eq!(
            experiment.mixes_speakers,
            experiment.name.contains("speakers on both sides")
        );
    }
}

/// The leak that is planted: rows that are tested hold anything at all. A model that had seen them would differ.
#[test]
fn a_model_does_not_change_with_what_it_is_tested_on() {
    let (_folder, path) = folder();
    let clean = Labelled::open(&[path]).unwrap();
    let classes: Vec<String> = CLASSES.iter().map(|class| (*class).to_string()).collect();
    let rows: Vec<usize> = (0..clean.rows.len()).collect();
    let test: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|&row| clean.rows[row].speaker.as_deref() == Some("3"))
        .collect();
    let mut planted = clean.clone();
    for &row in &test {
        planted.rows[row].label = Some(CLASSES[0].into());
        for column in 0..planted.columns.len() {
            planted.values[row * planted.columns.len() + column] = 1e6;
        }
    }
    for model in Representation::ALL {
        for normalisation in [Statistics::Train, Statistics::Corpus, Statistics::Speaker] {
            let fit = |table: &Labelled| {
                let fold = Fold::of(table, &classes, &rows, &test).unwrap();
                let pipeline = recipe(&plan(), model, normalisation)
                    .fit(&fold.training().unwrap(), 1, &mut |_| {})
                    .unwrap();
                Saved {
                    pipeline,
                    facts: ModelFacts::default(),
                    card: String::new(),
                }
                .to_bytes()
                .unwrap()
            };
            assert!(
                fit(&clean) == fit(&planted),
                "{model:?} {normalisation:?} has seen what it is tested on"
            );
        }
    }
}

#[test]
fn a_model_read_again_predicts_the_same_bits() {
    let (folder, path) = folder();
    let table = Labelled::open(&[path]).unwrap();
    let classes = Plan::default().classes;
    let rows: Vec<usize> = (0..table.rows.len()).collect();
    let training = Training::new(&table, &rows, &classes).unwrap();
    for model in Representation::ALL {
        let mut plan = plan();
        plan.probabilities = true;
        let pipeline = recipe(&plan, model, Statistics::Train)
            .fit(&training, 1, &mut |_| {})
            .unwrap();
        let saved = Saved {
            pipeline,
            facts: ModelFacts::of(&training),
            card: "# card".into(),
        };
        let file = folder.path().join(format!("{}.safetensors", model.name()));
        saved.write(&file).unwrap();
        let read = Saved::read(&file).unwrap();
        let bits = |saved: &Saved| -> Vec<u64> {
            let latents = saved.pipeline.embed(&table, &rows);
            let told = latents.outer_iter().flat_map(|latent| {
                saved
                    .pipeline
                    .classifier
                    .probabilities(&latent.to_vec())
                    .unwrap()
            });
            told.chain(latents.iter().copied())
                .map(f64::to_bits)
                .collect()
        };
        assert!(bits(&saved) == bits(&read), "{model:?}");
        assert_eq!((&saved.facts, &saved.card), (&read.facts, &read.card));
        assert!(saved.to_bytes().unwrap() == read.to_bytes().unwrap());
    }
}

#[test]
fn damaged_and_foreign_model_files_are_refused_with_a_line() {
    let (folder, path) = folder();
    let file = folder.path().join("m.safetensors");
    train(&path, &file).assert().success();
    let whole = std::fs::read(&file).unwrap();
    let refused = |bytes: &[u8]| {
        let error = Saved::from_bytes(bytes).unwrap_err();
        assert!(!error.contains('\n'), "{error}");
        error
    };
    assert!(refused(b"").contains("not a model file"));
    assert!(refused(&whole[..whole.len() / 2]).contains("not a model file"));
    assert!(refused(&whole[..whole.len() - 1]).contains("not a model file"));
    let foreign = safetensors::serialize(
        Vec::<(&str, safetensors::tensor::TensorView<'_>)>::new(),
        None,
    )
    .unwrap();
    assert!(refused(&foreign).contains("of no model of ser"));
    let text = String::from_utf8_lossy(&whole).into_owned();
    let later = text.replacen("\\\"format\\\":3", "\\\"format\\\":9", 1);
    assert_ne!(text, later);
    // Only the header is text; the file of this model has no other part that is not.
    let at = whole
        .windows(12)
        .position(|w| w == b"\\\"format\\\":3")
        .unwrap();
    let mut bytes = whole.clone();
    bytes[at + 11] = b'9';
    assert!(refused(&bytes).contains("form 9"));
}

/// A model whose description was changed by hand.
fn forged(model: &[u8], key: &str, value: serde_json::Value) -> Vec<u8> {
    let (_, header) = safetensors::SafeTensors::read_metadata(model).unwrap();
    let text = &header.metadata().as_ref().unwrap()["ser.model"];
    let mut described: serde_json::Value = serde_json::from_str(text).unwrap();
    *described.pointer_mut(key).unwrap() = value;
    let metadata =
        std::collections::HashMap::from([("ser.model".to_string(), described.to_string())]);
    let tensors = safetensors::SafeTensors::deserialize(model).unwrap();
    safetensors::serialize(tensors.tensors(), Some(metadata)).unwrap()
}

#[test]
fn models_made_to_hurt_are_refused_before_they_are_used() {
    let (folder, path) = folder();
    let file = folder.path().join("m.safetensors");
    train(&path, &file).assert().success();
    let whole = std::fs::read(&file).unwrap();
    assert!(Saved::from_bytes(&forged(&whole, "/seed", 7.into())).is_ok());
    for (key, value) in [
        ("/classifier/classes", serde_json::json!(1_u64 << 63)),
        ("/classifier/columns", 3.into()),
        ("/classifier/machines/0/bias", serde_json::Value::Null),
        ("/classifier/machines/0/positive", 9.into()),
        (
            "/normaliser/overall/deviation",
            serde_json::json!([1.0, 1.0]),
        ),
        ("/classes", serde_json::json!(["sad"])),
        ("/columns", serde_json::json!(["a"])),
        ("/recipe/autoencoder/epochs", 1_000_000_000_000_u64.into()),
        ("/recipe/representation", "dae".into()),
    ] {
        let error = Saved::from_bytes(&forged(&whole, key, value)).unwrap_err();
        assert!(!error.contains('\n'), "{key}: {error}");
    }
    let mut poisoned = Saved::read(&file).unwrap();
    if let ser::model::pipeline::Reducer::Pca(pca) = &mut poisoned.pipeline.reducer {
        pca.components[(0, 0)] = f64::NAN;
    }
    let error = Saved::from_bytes(&poisoned.to_bytes().unwrap()).unwrap_err();
    assert!(
        error.contains("pca.components has a weight that is infinite or not a number"),
        "{error}"
    );
}

#[test]
fn rows_without_all_features_are_left_out_and_counted() {
    let (folder, path) = folder();
    let text = std::fs::read_to_string(&path).unwrap();
    let mut lines: Vec<String> = text.lines().map(String::from).collect();
    for (line, value) in [(3, "NaN"), (9, "inf"), (14, "")] {
        let (rest, _) = lines[line].rsplit_once(',').unwrap();
        lines[line] = format!("{rest},{value}");
    }
    std::fs::write(&path, lines.join("\n") + "\n").unwrap();
    let told = "3 of 192 rows are left out";
    train(&path, &folder.path().join("m.safetensors"))
        .assert()
        .success()
        .stderr(contains(told));
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "--folds", "4", "-q"])
        .assert()
        .success()
        .stderr(contains(told));
}

fn train(table: &Path, model: &Path) -> Command {
    let mut command = ser();
    command
        .arg("train")
        .arg(table)
        .args(["--model", "pca", "-q", "-o"])
        .arg(model);
    command
}

#[test]
fn train_writes_a_model_and_its_card_and_evaluate_its_result() {
    let (folder, path) = folder();
    let model = folder.path().join("m.safetensors");
    train(&path, &model)
        .assert()
        .success()
        .stdout(contains("# Model card: m").and(contains("speaker-independent 10-fold")));
    let card = std::fs::read_to_string(folder.path().join("m.md")).unwrap();
    assert!(
        card.contains("| x | 96 | 8 |")
            && card.contains("female speakers")
            && card.contains("AI Act")
    );
    let result = folder.path().join("r.json");
    let scores = folder.path().join("s.csv");
    ser()
        .arg("evaluate")
        .arg(&path)
        .args([
            "--train",
            "x",
            "--transfer",
            "y",
            "--folds",
            "4",
            "--model",
            "raw,pca",
            "-q",
            "-o",
        ])
        .arg(&result)
        .arg("--csv")
        .arg(&scores)
        .assert()
        .success()
        .stdout(contains("speaker-independent 4-fold").and(contains("chance 0.25")));
    assert!(
        std::fs::read_to_string(&result)
            .unwrap()
            .starts_with("{\"schema\":\"ser-evaluation/2\"")
    );
    assert!(std::fs::read_to_string(&scores).unwrap().lines().count() > 20);
}

#[test]
fn a_trained_model_says_how_far_its_answers_can_be_trusted() {
    let (folder, path) = folder();
    let model = folder.path().join("m.safetensors");
    train(&path, &model).assert().success().stdout(
        contains("## How far its answers can be trusted")
            .and(contains("Each corpus left out of training in turn."))
            .and(contains("| one recording, nothing else known | x | 96 |"))
            .and(contains(
                "the training recordings were not beside the table",
            )),
    );
    let trust = Saved::read(&model).unwrap().facts.trust.unwrap();
    assert_eq!(trust.reliability.len(), 1);
    // The second corpus is shifted: what is learnt on one is wrong on the other.
    assert!(!trust.reliability[0].percentages && trust.reliability[0].right.is_some());
    train(&path, &model)
        .args(["--normalisation", "corpus"])
        .assert()
        .success()
        .stdout(
            contains("| a batch of mixed recordings | y | 96 |")
                .and(contains("`ser classify` of a single recording has none")),
        );
    train(&path, &model)
        .args(["--train", "x"])
        .assert()
        .success()
        .stdout(contains(
            "There is one training corpus, so that speakers were left out",
        ));
    train(&path, &model)
        .arg("--no-validation")
        .assert()
        .success()
        .stdout(contains("its answers are guesses without percentages"));
    assert!(Saved::read(&model).unwrap().facts.trust.is_none());
}

#[test]
fn a_score_by_the_statistics_of_a_corpus_says_what_a_single_recording_reaches() {
    let (folder, path) = folder();
    let scores = folder.path().join("s.csv");
    let evaluate = |normalisation: &str| {
        ser()
            .arg("evaluate")
            .arg(&path)
            .args(["--train", "x", "--transfer", "y", "--folds", "4", "-q"])
            .args(["--normalisation", normalisation, "--csv"])
            .arg(&scores)
            .assert()
            .success()
    };
    let single = "`ser classify` of a single recording";
    evaluate("train").stdout(contains(single).not());
    evaluate("corpus").stdout(contains(single));
    let text = std::fs::read_to_string(&scores).unwrap();
    let value = |score: &str| -> f64 {
        let line = text
            .lines()
            .find(|line| line.contains(&format!(",y,{score},")))
            .unwrap();
        let (_, rest) = line.split_once(&format!(",y,{score},")).unwrap();
        rest.split(',').next().unwrap().parse().unwrap()
    };
    // Corpus y is shifted by three: its own statistics take that off, a single recording has none.
    assert!(value("uar") > value("uar_single") + 0.05, "{text}");
}

#[test]
fn a_corpus_of_fewer_speakers_than_folds_has_fewer_folds_and_the_result_says_so() {
    let (_folder, path) = folder();
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "-q"])
        .assert()
        .success()
        .stdout(contains("speaker-independent 8-fold").and(contains(
            "x: 8 folds instead of 10, limited by the number of speakers",
        )));
}

#[test]
fn errors_name_what_is_wrong_and_the_remedy() {
    let (folder, path) = folder();
    let evaluate = |arguments: &[&str]| {
        ser()
            .arg("evaluate")
            .arg(&path)
            .arg("-q")
            .args(arguments)
            .assert()
            .failure()
    };
    evaluate(&[]).stderr(contains(
        "which corpus to train on? Say --train NAME, one of x, y",
    ));
    evaluate(&["--train", "z"])
        .stderr(contains("no corpus \"z\" in the tables; they contain x, y"));
    evaluate(&["--train", "x", "--folds", "1"]).stderr(contains("at least 2 are needed"));
    evaluate(&["--train", "x", "--labels", "sad,glad"]).stderr(
        contains("of the classes sad, glad the tables have only sad")
            .and(contains("angry 48, happy 48, neutral 48, sad 48")),
    );
    evaluate(&["--train", "x", "--protocol", "session"]).stderr(contains("its session is unknown"));
    evaluate(&["--train", "x", "--c", "-1"]).stderr(contains("-1"));
    ser()
        .args(["evaluate", "missing.csv", "-q"])
        .assert()
        .failure()
        .stderr(contains("missing.csv"));
    let text = table().replacen(",2.", ",NaN2.", 1);
    let bad = folder.path().join("bad.csv");
    std::fs::write(&bad, text).unwrap();
    ser()
        .arg("evaluate")
        .arg(&bad)
        .args(["--train", "x", "-q"])
        .assert()
        .failure()
        .stderr(contains("bad.csv: line"));
    train(&path, Path::new("no/such/folder/m.safetensors"))
        .assert()
        .failure()
        .stderr(contains("m.safetensors"));
}

#[test]
fn a_plan_of_flags_printed_and_read_again_is_the_same_plan() {
    let folder = tempfile::tempdir().unwrap();
    let print = |arguments: &[&str]| {
        ser()
            .arg("evaluate")
            .args(arguments)
            .arg("--print-plan")
            .output()
            .unwrap()
            .stdout
    };
    let first = print(&[
        "--model",
        "dae",
        "--matrix",
        "--seed",
        "4,5",
        "--normalisation",
        "speaker",
    ]);
    let path = folder.path().join("plan.toml");
    std::fs::write(&path, &first).unwrap();
    assert_eq!(print(&[path.to_str().unwrap()]), first);
    assert!(
        String::from_utf8(first)
            .unwrap()
            .contains("models = [\"dae\"]")
    );
}

#[test]
fn exported_splits_read_again_as_a_partition_give_the_same_scores() {
    let (folder, path) = folder();
    let splits = folder.path().join("splits.toml");
    let evaluate = |arguments: &[&str], more: &Path| {
        let output = ser()
            .arg("evaluate")
            .arg(&path)
            .args(["--train", "x", "--model", "raw,pca", "-q"])
            .args(arguments)
            .arg(more)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let scores = |text: &str| -> Vec<String> {
        let lines = text
            .lines()
            .filter(|line| line.starts_with("  raw") || line.starts_with("  pca"));
        lines.map(String::from).collect()
    };
    let first = evaluate(&["--folds", "4", "--splits"], &splits);
    let text = std::fs::read_to_string(&splits).unwrap();
    assert!(
        text.contains("name = \"speaker-independent 4-fold\"") && text.contains("speakers = [")
    );
    let again = evaluate(&["--partition"], &splits);
    assert!(again.contains("published partition, 4-fold"));
    assert_eq!(scores(&first), scores(&again));
    std::fs::write(&splits, "[[partition]]\nspeakers = [\"nobody\"]\n").unwrap();
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "-q", "--partition"])
        .arg(&splits)
        .assert()
        .failure()
        .stderr(contains("\"nobody\" is of no row"));
}

#[test]
fn c_is_chosen_inside_the_fold_and_does_not_change_with_what_is_tested() {
    let (_folder, path) = folder();
    let clean = Labelled::open(&[path]).unwrap();
    let chosen = |table: &Labelled| -> Vec<Option<f64>> {
        let plan = Plan {
            train: "x".into(),
            folds: 2,
            choose_c: vec![1e-6, 1e-3, 1.0],
            resamples: 10,
            ..Plan::default()
        };
        let run = Run::new(table, &plan).unwrap();
        let found = run.carry_out(2, &|_, _| {}).unwrap();
        found.experiments[0]
            .folds
            .iter()
            .map(|fold| fold.chosen_c)
            .collect()
    };
    let before = chosen(&clean);
    assert!(before.iter().all(Option::is_some), "{before:?}");
    // The speakers of the first fold hold anything at all: the first fold's choice stays.
    let plan = Plan {
        train: "x".into(),
        folds: 2,
        ..Plan::default()
    };
    let first = &Run::new(&clean, &plan).unwrap().splits()[0].partition[0];
    let mut planted = clean.clone();
    for row in 0..planted.rows.len() {
        let speaker = planted.rows[row].speaker.clone().unwrap_or_default();
        if planted.rows[row].corpus == "x" && first.speakers.contains(&speaker) {
            for column in 0..planted.columns.len() {
                planted.values[row * planted.columns.len() + column] = (row % 7) as f32;
            }
        }
    }
    assert_eq!(chosen(&planted)[0], before[0]);
}

#[test]
fn settings_of_a_network_are_chosen_by_folds_and_the_card_tells_which() {
    let (folder, path) = folder();
    let model = folder.path().join("m.safetensors");
    train(&path, &model)
        .args(["--latent", "1,3", "--c", "0.01,1", "--no-validation"])
        .assert()
        .success()
        .stdout(contains("components, which hold"));
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "--folds", "2", "-q", "--print-plan"])
        .args(["--hidden", "16-8,32", "--noise", "0.5,1"])
        .assert()
        .success()
        .stdout(predicates::function::function(|plan: &str| {
            plan.matches("[[choose_autoencoder]]").count() == 4
        }));
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "--hidden", "16-x"])
        .assert()
        .failure()
        .stderr(contains("joined by -"));
}

#[test]
fn copies_with_contradictory_labels_are_named_and_probabilities_that_cannot_be_are_refused() {
    let (folder, path) = folder();
    let mut text = std::fs::read_to_string(&path).unwrap();
    let line = text.lines().nth(1).unwrap().to_string();
    let copy = line
        .replacen("x0-0.wav", "copy.wav", 1)
        .replacen("neutral", "happy", 1);
    text += &format!("{copy}\n");
    std::fs::write(&path, &text).unwrap();
    let told = "x0-0.wav (neutral) = copy.wav (happy)";
    train(&path, &folder.path().join("m.safetensors"))
        .assert()
        .success()
        .stderr(contains(told));
    ser()
        .arg("evaluate")
        .arg(&path)
        .args(["--train", "x", "--folds", "4", "-q"])
        .assert()
        .success()
        .stdout(contains(told));
    // Three speakers are too few for probabilities from five folds.
    let few: Vec<&str> = text
        .lines()
        .filter(|line| {
            line.starts_with("file") || ["x0", "x1", "x2"].iter().any(|s| line.starts_with(s))
        })
        .collect();
    let small = folder.path().join("small.csv");
    std::fs::write(&small, few.join("\n") + "\n").unwrap();
    train(&small, &folder.path().join("n.safetensors"))
        .arg("--probabilities")
        .assert()
        .code(2)
        .stderr(contains("--probabilities: they are learnt from five folds"));
}

#[test]
fn an_explanation_names_recordings_and_their_rows_in_the_tables() {
    let (folder, path) = folder();
    let model = folder.path().join("m.safetensors");
    train(&path, &model).assert().success();
    let out = folder.path().join("why.json");
    ser()
        .arg("explain")
        .arg(&model)
        .arg(&path)
        .args(["--corpus", "y", "-o"])
        .arg(&out)
        .assert()
        .success();
    let found: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&out).unwrap()).unwrap();
    let table = std::fs::read_to_string(&path).unwrap();
    let rows = found["rows"].as_array().unwrap();
    assert!(!rows.is_empty());
    for row in rows {
        let file = row["file"].as_str().unwrap();
        let line = table
            .lines()
            .nth(row["row"].as_u64().unwrap() as usize + 1)
            .unwrap();
        assert!(
            line.starts_with(file) && row["corpus"] == "y",
            "{line} {row}"
        );
    }
    let explained: std::collections::BTreeSet<u64> = rows
        .iter()
        .map(|row| row["row"].as_u64().unwrap())
        .collect();
    for contribution in found["recordings"].as_array().unwrap() {
        assert!(explained.contains(&contribution["row"].as_u64().unwrap()));
    }
}
