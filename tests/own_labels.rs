//! Labels of one's own, from table to answer: numbers (arousal), two classes, seven classes.

#![cfg(feature = "models")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const CLIPS: [&str; 3] = [
    "assets/speech/03a02Wc.flac",
    "assets/speech/13a02Ta.flac",
    "assets/speech/14a01Na.flac",
];

fn ser() -> Command {
    Command::cargo_bin("ser").unwrap()
}

fn said(command: &mut Command) -> String {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// Features of real clips, each repeated for six speakers in two corpora with a small disturbance of its own, as a table of the set; the column `name`
/// holds what `value` gives for clip and take.
fn table(
    folder: &Path,
    name: &str,
    takes: usize,
    value: impl Fn(usize, usize) -> String,
) -> PathBuf {
    let clean = folder.join("clean.csv");
    said(
        ser()
            .arg("extract")
            .args(CLIPS)
            .args(["-q", "-o"])
            .arg(&clean),
    );
    let text = std::fs::read_to_string(&clean).unwrap();
    let mut lines = text.lines();
    let mut table = format!("{},corpus,speaker,{name}\n", lines.next().unwrap());
    let mut state = 1_u64;
    let mut noise = move || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as f64 / f64::from(1_u32 << 30) - 1.0
    };
    for (clip, line) in lines.enumerate() {
        let fields: Vec<&str> = line.split(',').collect();
        for corpus in ["x", "y"] {
            for speaker in 0..6 {
                for take in 0..takes {
                    table += &format!(
                        "{clip}-{corpus}-{speaker}-{take}.wav,{},{}",
                        fields[1], fields[2]
                    );
                    for (at, field) in fields[3..].iter().enumerate() {
                        let own: f64 = field.parse().unwrap();
                        // Each take lies in a direction of its own.
                        let far = if at % takes == take { 0.3 } else { 0.0 };
                        table += &format!(",{}", own * (1.0 + far + 0.05 * noise()));
                    }
                    table += &format!(",{corpus},{speaker},{}\n", value(clip, take));
                }
            }
        }
    }
    let path = folder.join("table.csv");
    std::fs::write(&path, table).unwrap();
    std::fs::copy(folder.join("clean.csv.json"), folder.join("table.csv.json")).unwrap();
    path
}

#[test]
fn a_number_is_trained_evaluated_answered_with_an_interval_embedded_and_explained() {
    let folder = tempfile::tempdir().unwrap();
    let arousal =
        |clip: usize, take: usize| format!("{}", [0.9, 0.1, 0.4][clip] + 0.02 * take as f64);
    let table = table(folder.path(), "arousal", 2, arousal);
    let found = folder.path().join("found.json");
    let csv = folder.path().join("found.csv");
    ser()
        .arg("evaluate")
        .arg(&table)
        .args(["--target", "arousal", "--train", "x", "--transfer", "y"])
        .args([
            "--ridge", "1,100", "--model", "raw,pca", "--folds", "3", "-q", "-o",
        ])
        .arg(&found)
        .arg("--csv")
        .arg(&csv)
        .assert()
        .success()
        .stdout(contains("arousal of x: concordance").and(contains("penalty by fold: 1")));
    // Support vectors instead; each fold chooses its price.
    ser()
        .arg("evaluate")
        .arg(&table)
        .args([
            "--target",
            "arousal",
            "--train",
            "x",
            "--svr",
            "0.00001,1",
            "--folds",
            "3",
            "-q",
        ])
        .assert()
        .success()
        .stdout(contains("  C by fold: 1, 1, 1\n"));
    let found: Value = serde_json::from_str(&std::fs::read_to_string(&found).unwrap()).unwrap();
    assert_eq!(found["schema"], "ser-dimension/1");
    let score = &found["experiments"][0]["scores"][1];
    assert!(score["ccc"]["value"].as_f64().unwrap() > 0.9, "{score}");
    assert_eq!(
        (&score["recordings"], &score["speakers"]),
        (&36.into(), &6.into())
    );
    let scores = std::fs::read_to_string(&csv).unwrap();
    assert!(scores.contains(",y,ccc,") && scores.contains(",valid,rmse_of_mean,"));

    let model = folder.path().join("arousal.safetensors");
    ser()
        .arg("train")
        .arg(&table)
        .args(["--target", "arousal", "--model", "pca", "--latent", "4"])
        .args(["--ridge", "1,100", "-q", "-o"])
        .arg(&model)
        .assert()
        .success()
        .stdout(
            contains("Predicts: arousal, a number from 0.1 to 0.92").and(contains(
                "| one recording, nothing else known | y | 36 | 6 |",
            )),
        );
    let vectors = folder.path().join("vectors.safetensors");
    ser()
        .arg("train")
        .arg(&table)
        .args(["--target", "arousal", "--svr", "0.1", "-q", "-o"])
        .arg(&vectors)
        .assert()
        .success()
        .stdout(contains(
            "- Support vector regression, C = 0.1, errors up to 0.1 standard deviations",
        ));
    let answer = said(
        ser()
            .args(["classify", CLIPS[0], "--json", "--model"])
            .arg(&vectors),
    );
    let answer: Value = serde_json::from_str(&answer).unwrap();
    let value = answer[0]["number"]["value"].as_f64().unwrap();
    assert!((0.8..=0.92).contains(&value), "{value}");
    ser()
        .arg("train")
        .arg(&table)
        .args(["--target", "arousal", "--svr", "0", "-q", "-o"])
        .arg(&vectors)
        .assert()
        .code(1)
        .stderr(contains("C is 0: it has to be above 0"));
    let of = |clip: &str| -> Value {
        let text = said(
            ser()
                .args(["classify", clip, "--json", "--model"])
                .arg(&model),
        );
        let heard: Value = serde_json::from_str(&text).unwrap();
        heard[0]["number"].clone()
    };
    let numbers = CLIPS.map(|clip| of(clip)["value"].as_f64().unwrap());
    assert!(
        numbers[0] > numbers[2] && numbers[2] > numbers[1],
        "{numbers:?}"
    );
    let number = of(CLIPS[0]);
    assert!(number["ccc"][0].as_f64().unwrap() > 0.5, "{number}");
    let (low, high) = (&number["interval"][0], &number["interval"][1]);
    assert!(low.as_f64().unwrap() < numbers[0] && numbers[0] < high.as_f64().unwrap());
    ser()
        .args(["classify", CLIPS[0], "--no-abstain", "--model"])
        .arg(&model)
        .assert()
        .success()
        .stdout(
            contains("  arousal 0.")
                .and(contains("95 % of such numbers lay within this interval"))
                .and(contains("corpora left out of training")),
        );
    let csv = said(
        ser()
            .args(["classify", "--csv", CLIPS[0], "--model"])
            .arg(&model),
    );
    assert!(
        csv.starts_with("file,start,end,speaker,arousal,low,high,"),
        "{csv}"
    );
    let embedded = said(ser().args(["embed", CLIPS[0], "-q", "--model"]).arg(&model));
    assert!(
        embedded.starts_with(
            "file,latent_1,latent_2,latent_3,latent_4,arousal,arousal_low,arousal_high\n"
        ),
        "{embedded}"
    );
    ser()
        .arg("explain")
        .arg(&model)
        .arg(&table)
        .assert()
        .success()
        .stdout(contains(
            "Contributions to arousal relative to the mean of all 72 recordings",
        ));
    ser()
        .args(["classify", CLIPS[0], "-o", "turns.csv", "--model"])
        .arg(&model)
        .assert()
        .code(2)
        .stderr(contains("for models of classes"));
    ser()
        .arg("train")
        .arg(&table)
        .args(["--target", "valence", "-o", "no.safetensors"])
        .assert()
        .failure()
        .stderr(contains("it has no column \"valence\""));
}

#[test]
fn two_and_seven_classes_are_trained_evaluated_answered_and_explained() {
    let names = [
        "joy", "fear", "anger", "disgust", "boredom", "surprise", "calm",
    ];
    for count in [2, 7] {
        let folder = tempfile::tempdir().unwrap();
        let label = |_: usize, take: usize| names[take].to_string();
        let table = table(folder.path(), "label", count, label);
        let labels = names[..count].join(",");
        let model = folder.path().join("m.safetensors");
        let card = said(
            ser()
                .arg("train")
                .arg(&table)
                .args(["--labels", &labels, "--model", "dae", "--epochs", "3"])
                .args(["--latent", "4", "--c", "0.1,1", "-q", "-o"])
                .arg(&model),
        );
        assert!(
            card.contains(&format!("Classes: {}.", names[..count].join(", "))),
            "{card}"
        );
        assert!(
            card.contains("Settings were chosen by folds of speakers"),
            "{card}"
        );
        let text = said(
            ser()
                .arg("evaluate")
                .arg(&table)
                .args(["--labels", &labels, "--train", "x", "--transfer", "y"])
                .args(["--folds", "3", "--c", "0.1,1", "-q"]),
        );
        assert!(text.contains("chosen by fold: C "), "{text}");
        assert!(
            text.contains(&format!("chance {:.2}", 1.0 / count as f64)),
            "{text}"
        );
        let heard = said(
            ser()
                .args(["classify", CLIPS[0], "--json", "--model"])
                .arg(&model),
        );
        let heard: Value = serde_json::from_str(&heard).unwrap();
        let support = heard[0]["support"].as_array().unwrap();
        assert_eq!(support.len(), count);
        let sum: f64 = support.iter().map(|p| p.as_f64().unwrap()).sum();
        assert!((sum - 1.0).abs() < 1e-9);
        assert!(labels.contains(heard[0]["label"].as_str().unwrap()));
        let explained = said(
            ser()
                .arg("explain")
                .arg(&model)
                .arg(&table)
                .args(["--reference", names[0]]),
        );
        assert!(
            explained.contains("Contributions relative to the mean of"),
            "{explained}"
        );
    }
}
