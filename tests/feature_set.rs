//! A model answers with the numbers that it learnt from: every set, by every kind of model, from a table to `classify` and `embed`, to the bit.

#![cfg(feature = "models")]

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use ser::FeatureSet;
use ser::classify::Basis;
use ser::classify::trust::tempered;
use ser::model::file::Saved;
use ser::table::labelled::Labelled;
use serde_json::Value;

const CLASSES: [&str; 2] = ["sad", "happy"];
/// At 16, 22.05 and 48 kHz, so that a set of one rate has to resample; halves of them are recordings of their own.
const CLIPS: [&str; 6] = [
    "emodb_03a02Wc.flac",
    "emodb_08a04Ff.flac",
    "emodb_13a02Ta.flac",
    "emodb_14a01Na.flac",
    "speech_fr_22050.flac",
    "speech_nl_48000.wav",
];

fn ser(arguments: &[&str]) -> Command {
    let mut command = Command::cargo_bin("ser").unwrap();
    command.args(arguments);
    command
}

fn text(arguments: &[&str]) -> String {
    let output = ser(arguments).output().unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A folder of parts of the clips, as float WAV, and their labels.
fn recordings(folder: &Path) -> (PathBuf, PathBuf) {
    let audio = folder.join("audio");
    std::fs::create_dir(&audio).unwrap();
    let mut labels = String::from("file,label\n");
    let mut count = 0;
    for clip in CLIPS {
        let clip = Path::new("tests/golden/end-to-end").join(clip);
        let mut recording = ser::audio::Recording::open(&clip, &Default::default()).unwrap();
        let mut samples = Vec::new();
        while let Some(block) = recording.next_block().unwrap() {
            samples.extend_from_slice(block);
        }
        let most = samples.len().min(2 * recording.rate() as usize);
        for half in samples[..most].chunks(most.div_ceil(2)) {
            let name = format!("{count:02}.wav");
            let spec = hound::WavSpec {
                channels: 1,
                sample_rate: recording.rate(),
                bits_per_sample: 32,
                sample_format: hound::SampleFormat::Float,
            };
            let mut writer = hound::WavWriter::create(audio.join(&name), spec).unwrap();
            half.iter().for_each(|&x| writer.write_sample(x).unwrap());
            writer.finalize().unwrap();
            labels.push_str(&format!("{name},{}\n", CLASSES[count % 2]));
            count += 1;
        }
    }
    let list = folder.join("labels.csv");
    std::fs::write(&list, labels).unwrap();
    (audio, list)
}

/// The table of a set, as `ser extract` writes it.
fn table(folder: &Path, set: FeatureSet, more: &[&str]) -> PathBuf {
    let (audio, labels) = (folder.join("audio"), folder.join("labels.csv"));
    let table = folder.join(format!("{set}.csv"));
    let mut arguments = vec![
        "extract",
        path(&audio),
        "--labels",
        path(&labels),
        "--set",
        set.name(),
        "-q",
    ];
    arguments.extend(["-o", path(&table)]);
    arguments.extend(more);
    text(&arguments);
    table
}

fn train(table: &Path, model: &str, more: &[&str]) -> PathBuf {
    let kind = more.join("").replace("--", "");
    let file = table.with_extension(format!("{model}{kind}.safetensors"));
    let mut arguments = vec![
        "train",
        path(table),
        "--model",
        model,
        "--labels",
        "sad,happy",
    ];
    arguments.extend(["--no-validation", "--epochs", "3", "-q", "-o", path(&file)]);
    arguments.extend(more);
    text(&arguments);
    file
}

/// What the model makes of the table's rows, and what `classify` and `embed` make of its recordings, must be the same bits.
fn agree(audio: &Path, table: &Path, model: &Path) {
    let saved = Saved::read(model).unwrap();
    let table = Labelled::open(&[table.to_path_buf()]).unwrap();
    let rows: Vec<usize> = (0..table.rows.len()).collect();
    let latents = saved.pipeline.embed(&table, &rows);
    let heard: Value = serde_json::from_str(&text(&[
        "classify",
        path(audio),
        "--model",
        path(model),
        "--json",
    ]))
    .unwrap();
    let heard = heard.as_array().unwrap();
    assert_eq!(heard.len(), rows.len());
    let what = if saved.pipeline.recipe.representation.name() == "raw" {
        "features"
    } else {
        "latent"
    };
    let embedded = text(&[
        "embed",
        path(audio),
        "--model",
        path(model),
        "--what",
        what,
        "-q",
    ]);
    for ((row, heard), line) in rows.iter().zip(heard).zip(embedded.lines().skip(1)) {
        let name = &table.rows[*row].file;
        let latent = latents.row(*row).to_vec();
        let class = saved.pipeline.predict(latents.row(*row));
        assert_eq!(heard["file"], *name);
        assert_eq!(
            heard["label"], *saved.pipeline.classes[class],
            "{name} by {model:?}"
        );
        // A guess has shares, not probabilities: the same numbers at the temperature of recordings that stand alone.
        let trust = saved.facts.trust.as_ref();
        let known = trust.and_then(|trust| trust.of(Basis::Alone));
        let temperature = known.map_or(1.0, |known| known.temperature);
        let probabilities = saved.pipeline.classifier.probabilities(&latent);
        let expected = probabilities.map(|p| tempered(&p, temperature));
        let found: Option<Vec<f64>> = serde_json::from_value(heard["support"].clone()).unwrap();
        assert_eq!(
            found.map(|found| bits(&found)),
            expected.map(|expected| bits(&expected)),
            "{name} by {model:?}"
        );
        if what == "latent" {
            let found: Vec<f64> = serde_json::from_value(heard["latent"].clone()).unwrap();
            assert!(
                bits(&found) == bits(&latent),
                "{name} by {model:?}: {found:?} {latent:?}"
            );
        }
        let (file, numbers) = line.split_once(',').unwrap();
        let numbers: Vec<f64> = numbers.split(',').map(|x| x.parse().unwrap()).collect();
        assert_eq!(file, name);
        assert!(
            bits(&numbers) == bits(&latent),
            "{name} embedded by {model:?}"
        );
    }
}

fn bits(numbers: &[f64]) -> Vec<u64> {
    numbers.iter().map(|x| x.to_bits()).collect()
}

#[test]
fn every_set_by_every_model_gives_its_training_recordings_the_bits_of_its_training_rows() {
    let folder = tempfile::tempdir().unwrap();
    let (audio, _) = recordings(folder.path());
    for set in FeatureSet::ALL {
        let table = table(folder.path(), set, &[]);
        for model in ["raw", "pca", "uae", "dae"] {
            agree(&audio, &table, &train(&table, model, &[]));
        }
        for model in ["raw", "pca"] {
            agree(&audio, &table, &train(&table, model, &["--discriminant"]));
        }
    }
}

#[test]
fn channel_and_rate_of_a_table_are_its_models_too() {
    let folder = tempfile::tempdir().unwrap();
    let (audio, _) = recordings(folder.path());
    let table = table(
        folder.path(),
        FeatureSet::EGeMapsV02,
        &["--rate", "12000", "--channel", "1"],
    );
    for statistics in ["train", "none"] {
        let model = train(&table, "pca", &["--normalisation", statistics]);
        agree(&audio, &table, &model);
    }
}

#[test]
fn a_table_that_does_not_say_its_set_is_asked_for_it_and_the_word_of_its_owner_counts() {
    let folder = tempfile::tempdir().unwrap();
    let (audio, _) = recordings(folder.path());
    let table = table(folder.path(), FeatureSet::EGeMapsV01b, &[]);
    std::fs::remove_file(folder.path().join("eGeMAPSv01b.csv.json")).unwrap();
    let model = folder.path().join("m.safetensors");
    let arguments = [
        "train",
        path(&table),
        "--labels",
        "sad,happy",
        "--no-validation",
        "-q",
        "-o",
        path(&model),
    ];
    ser(&arguments)
        .assert()
        .failure()
        .stderr(contains("say which with --set"));
    ser(&arguments)
        .args(["--set", "eGeMAPSv01b"])
        .assert()
        .success();
    let saved = Saved::read(&model).unwrap();
    assert_eq!(saved.facts.identity.unwrap().set, FeatureSet::EGeMapsV01b);
    ser(&["classify", path(&audio), "--model", path(&model)])
        .assert()
        .success();
    ser(&["explain", path(&model), path(&table), "--set", "eGeMAPSv02"])
        .assert()
        .failure()
        .stderr(contains("eGeMAPSv01b there, eGeMAPSv02 here"));
}

#[test]
fn nothing_asked_of_a_model_is_passed_over_and_it_claims_what_it_checked() {
    let folder = tempfile::tempdir().unwrap();
    let (audio, _) = recordings(folder.path());
    let table = table(folder.path(), FeatureSet::EGeMapsV02, &[]);
    let model = train(&table, "pca", &[]);
    let classify = |more: &str| {
        let mut command = ser(&[
            "classify",
            path(&audio.join("00.wav")),
            "--model",
            path(&model),
        ]);
        if !more.is_empty() {
            command.arg(more);
        }
        command.assert()
    };
    classify("--explain")
        .failure()
        .stderr(contains("ser explain MODEL TABLE"));
    classify("--adapt")
        .failure()
        .stderr(contains("--normalisation corpus"));
    classify("--card").success().stdout(contains(
        "(eGeMAPSv02 functionals, mean of all channels at each recording's own rate)",
    ));
    classify("")
        .success()
        .stdout(contains("like the training data in features\n").and(contains("voicing").not()));
    let by_corpus = train(&table, "raw", &["--normalisation", "corpus"]);
    ser(&[
        "classify",
        path(&audio),
        "--model",
        path(&by_corpus),
        "--adapt",
    ])
    .assert()
    .success();
}
