//! `ser classify` and `ser embed` as a user meets them, on the clips that ship with the program.

#![cfg(feature = "models")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const ANGRY: &str = "assets/speech/03a02Wc.flac";
const SAD: &str = "assets/speech/13a02Ta.flac";

fn ser(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("ser").unwrap();
    command.args(arguments);
    command
}

fn text(arguments: &[&str]) -> String {
    let output = ser(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn json(arguments: &[&str]) -> Value {
    serde_json::from_str(&text(arguments)).unwrap()
}

#[test]
fn the_first_command_of_the_readme_shows_the_card_that_the_readme_shows() {
    let card = text(&["classify", ANGRY]);
    let readme = std::fs::read_to_string("README.md").unwrap();
    assert!(
        readme.contains(card.trim_end()),
        "README.md shows another card than\n{card}"
    );
}

#[test]
fn an_explanation_adds_up_to_the_log_odds_it_explains() {
    for file in [ANGRY, SAD] {
        let heard = json(&["classify", file, "--explain", "--json"]);
        let why = &heard[0]["explanation"];
        let voices = why["voices"].as_array().unwrap();
        let sum: f64 = voices
            .iter()
            .map(|voice| voice["contribution"].as_f64().unwrap())
            .sum();
        let difference = why["difference"].as_f64().unwrap();
        assert!(
            (sum - difference).abs() <= 1e-9 * difference.abs().max(1.0),
            "{file}: {sum} of {difference}"
        );
        assert_eq!(why["class"], heard[0]["label"]);
        assert!(
            voices
                .iter()
                .any(|voice| !voice["spans"].as_array().unwrap().is_empty())
        );
    }
    ser(&["classify", SAD, "--explain"])
        .assert()
        .success()
        .stdout(contains("why sad").and(contains("softer than neutral")));
}

#[test]
fn probabilities_add_up_and_all_forms_say_the_same() {
    let heard = json(&["classify", "assets/speech", "--json"]);
    let csv = text(&["classify", "assets/speech", "--csv"]);
    let mut lines = csv.lines();
    assert!(
        lines
            .next()
            .unwrap()
            .starts_with("file,start,end,answer,guess,abstained,p_neutral,p_sad,p_happy,p_angry")
    );
    for heard in heard.as_array().unwrap() {
        let p: Vec<f64> = heard["probabilities"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap())
            .collect();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let line = lines.next().unwrap();
        assert!(
            line.starts_with(heard["file"].as_str().unwrap()) && line.contains(&p[0].to_string()),
            "{line}"
        );
    }
}

#[test]
fn the_answers_are_the_same_bytes_at_any_thread_count() {
    let of = |threads: &str| text(&["classify", "assets", "--json", "--threads", threads]);
    assert_eq!(of("1"), of("3"));
}

#[test]
fn windows_give_an_answer_through_time() {
    let heard = json(&[
        "classify", ANGRY, "--window", "1s", "--hop", "250ms", "--json",
    ]);
    // 1.498 s hold windows from 0 and from 0.25 s.
    let starts: Vec<f64> = heard
        .as_array()
        .unwrap()
        .iter()
        .map(|part| part["start"].as_f64().unwrap())
        .collect();
    assert_eq!(starts, [0.0, 0.25]);
}

#[test]
fn what_is_no_speech_is_not_answered_unless_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let tone = folder.path().join("tone.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16_000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(&tone, spec).unwrap();
    for i in 0..48_000 {
        writer
            .write_sample((8000.0 * (f64::from(i) * 0.7).sin()) as i16)
            .unwrap();
    }
    writer.finalize().unwrap();
    let tone = tone.to_str().unwrap();
    ser(&["classify", tone])
        .assert()
        .success()
        .stdout(contains("cannot tell:").and(contains("best guess")));
    ser(&["classify", tone, "--no-abstain"])
        .assert()
        .success()
        .stdout(
            contains("cannot tell")
                .not()
                .and(contains("outside what the model knows")),
        );
}

#[test]
fn a_recording_that_cannot_be_read_costs_one_line_and_the_others_stay() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("a.wav"), b"RIFF....WAVE").unwrap();
    std::fs::copy(ANGRY, folder.path().join("b.flac")).unwrap();
    let folder = folder.path().to_str().unwrap();
    ser(&["classify", folder])
        .assert()
        .code(1)
        .stderr(contains("a.wav"))
        .stdout(contains("b.flac").and(contains("angry")));
}

#[test]
fn models_that_are_none_are_refused_with_the_remedy() {
    ser(&["classify", ANGRY, "--model", "README.md"])
        .assert()
        .failure()
        .stderr(contains("README.md: it is no model file").and(contains("ser train")));
    ser(&["classify", ANGRY, "--model", "missing.safetensors"])
        .assert()
        .failure()
        .stderr(contains("missing.safetensors"));
}

#[test]
fn a_model_of_ser_train_classifies_too() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("table.csv");
    let features = text(&["extract", "assets/speech"]);
    let mut lines = features.lines();
    let mut labelled = format!("{},label,speaker\n", lines.next().unwrap());
    let rows: Vec<&str> = lines.collect();
    for speaker in 0..6 {
        for (row, label) in rows.iter().zip(["angry", "happy", "sad", "neutral"]) {
            labelled.push_str(&format!("{row},{label},{speaker}\n"));
        }
    }
    std::fs::write(&table, labelled).unwrap();
    let model = folder.path().join("m.safetensors");
    let (table, model) = (table.to_str().unwrap(), model.to_str().unwrap());
    ser(&[
        "train",
        table,
        "--set",
        "eGeMAPSv02",
        "--model",
        "pca",
        "-o",
        model,
        "-q",
    ])
    .assert()
    .success();
    let heard = json(&["classify", ANGRY, "--model", model, "--json"]);
    assert_eq!(heard[0]["label"], "angry");
    assert_eq!(heard[0]["latent"].as_array().unwrap().len(), 2);
}

#[test]
fn embeddings_are_the_latents_of_classify_and_numpy_reads_them() {
    let heard = json(&["classify", "assets/speech", "--json"]);
    let csv = text(&["embed", "assets/speech"]);
    let first = csv.lines().nth(1).unwrap();
    let latent = heard[0]["latent"].as_array().unwrap();
    assert_eq!(
        first,
        format!(
            "{},{},{}",
            heard[0]["file"].as_str().unwrap(),
            latent[0],
            latent[1]
        )
    );
    let folder = tempfile::tempdir().unwrap();
    let array = folder.path().join("x.npy");
    ser(&[
        "embed",
        "assets/speech",
        "--what",
        "features",
        "-q",
        "-o",
        array.to_str().unwrap(),
    ])
    .assert()
    .success();
    let bytes = std::fs::read(&array).unwrap();
    assert_eq!(&bytes[..8], b"\x93NUMPY\x01\x00");
    let header = usize::from(u16::from_le_bytes([bytes[8], bytes[9]]));
    assert!((10 + header).is_multiple_of(64) && bytes.len() == 10 + header + 4 * 88 * 8);
}

#[test]
fn the_card_names_data_scores_and_what_the_model_is_not_for() {
    ser(&["classify", "--card"]).assert().success().stdout(
        contains("CREMA-D")
            .and(contains("Emo-DB"))
            .and(contains("not for diagnosis or treatment"))
            .and(contains("Calibration")),
    );
}
