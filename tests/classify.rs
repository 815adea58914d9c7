//! `ser classify` and `ser embed` as a user meets them, on the clips that ship with the program.

#![cfg(feature = "models")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use serde_json::Value;

const ANGRY: &str = "assets/speech/03a02Wc.flac";
const SAD: &str = "assets/speech/13a02Ta.flac";
const NEUTRAL: &str = "assets/speech/14a01Na.flac";

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
        .stdout(contains("why sad, against the mean neutral").and(contains("Loudness: ")));
}

#[test]
fn a_guess_has_no_percentages_and_says_how_many_were_right_in_corpora_left_out() {
    let heard = json(&["classify", "assets/speech", "--json"]);
    for heard in heard.as_array().unwrap() {
        assert_eq!(
            (&heard["guess"], &heard["rests_on"]["basis"]),
            (&true.into(), &"alone".into())
        );
        assert!(heard["probabilities"].is_null() && heard["classes"].is_null());
        let right = |at: usize| heard["right"][at].as_f64().unwrap();
        assert!(0.25 < right(0) && right(0) < right(1) && right(1) < 1.0);
        let support: f64 = heard["support"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap())
            .sum();
        assert!((support - 1.0).abs() < 1e-12);
    }
    ser(&["classify", ANGRY]).assert().success().stdout(
        contains("(a guess)")
            .and(contains("rests on this recording alone"))
            .and(contains("% were right in corpora left out of training"))
            .and(predicate::function(|text: &str| {
                let mut bars = text.lines().filter(|line| line.contains('█'));
                bars.all(|line| !line.contains(|c: char| c.is_ascii_digit()))
            })),
    );
}

#[test]
fn all_forms_say_the_same_and_the_label_has_the_most_support() {
    // Four recordings of four people: not one speaker, but as many as there have to be.
    let one = ["--one-speaker"];
    let heard = json(&[&["classify", "assets/speech", "--json"][..], &one].concat());
    let csv = text(&[&["classify", "assets/speech", "--csv"][..], &one].concat());
    let mut lines = csv.lines();
    assert_eq!(
        lines.next().unwrap(),
        "file,start,end,speaker,answer,guess,abstained,p_neutral,p_sad,p_happy,p_angry,latent_1,latent_2,rests_on"
    );
    for heard in heard.as_array().unwrap() {
        assert_eq!(heard["rests_on"]["basis"], "own-recordings");
        let p: Vec<f64> = heard["support"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap())
            .collect();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let top = (0..4).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
        assert_eq!(heard["class"], top);
        let line = lines.next().unwrap();
        assert!(
            line.starts_with(heard["file"].as_str().unwrap())
                && line.contains(heard["label"].as_str().unwrap()),
            "{line}"
        );
    }
}

#[test]
fn a_baseline_can_be_given_as_recordings_as_a_file_and_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let voices = folder.path().join("voices");
    let with = |arguments: &[&str]| {
        let output = ser(arguments).env("SER_VOICES", &voices).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    };
    let file = folder.path().join("calm.json");
    let file = file.to_str().unwrap();
    assert!(with(&["enrol", "--list"]).contains("no baselines"));
    let said = with(&["enrol", NEUTRAL, "--name", "anna", "-o", file]);
    assert!(
        said.contains("1 recording,") && said.contains("more reliable"),
        "{said}"
    );
    assert!(with(&["enrol", "--list"]).starts_with("anna"));
    let listed: Value = serde_json::from_str(&with(&["enrol", "--list", "--json"])).unwrap();
    assert_eq!(
        (&listed[0]["name"], &listed[0]["recordings"]),
        (&"anna".into(), &1.into())
    );
    let kept: Value = serde_json::from_str(&std::fs::read_to_string(file).unwrap()).unwrap();
    let set = kept["sets"][1].as_str().unwrap();
    assert!(set.starts_with("eGeMAPS-ser revision "), "{set}");
    assert!(kept["date"].as_str().unwrap().starts_with("20"));

    let by = |baseline: &str| with(&["classify", ANGRY, "--json", "--baseline", baseline]);
    let answer = by(NEUTRAL);
    assert_eq!((by("anna"), by(file)), (answer.clone(), answer.clone()));
    let answer: Value = serde_json::from_str(&answer).unwrap();
    assert_eq!(answer[0]["rests_on"]["basis"], "calm-clip");
    let explained = with(&[
        "classify",
        ANGRY,
        "--explain",
        "--json",
        "--baseline",
        "anna",
    ]);
    assert!(
        explained.contains("than this speaker's ordinary voice by")
            && explained.contains("semitones"),
        "{explained}"
    );
}

#[test]
fn what_is_no_baseline_is_refused_in_one_line() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |arguments: &[&str], code: i32, line: &str| {
        ser(&[&["classify", ANGRY], arguments].concat())
            .env("SER_VOICES", folder.path())
            .assert()
            .code(code)
            .stderr(contains(line));
    };
    refused(&["--baseline", "nobody"], 1, "no baseline of this name");
    refused(&["--baseline", "../x"], 2, "is no name for a baseline");
    refused(
        &["--baseline", NEUTRAL, "nobody"],
        2,
        "have to be recordings that exist",
    );
    refused(
        &["--baseline", NEUTRAL, "--one-speaker"],
        2,
        "cannot be used with",
    );
    let odd = folder.path().join("odd.json");
    std::fs::write(&odd, "{}").unwrap();
    refused(
        &["--baseline", odd.to_str().unwrap()],
        1,
        "not a baseline of `ser enrol`",
    );
    ser(&["enrol", NEUTRAL])
        .assert()
        .code(2)
        .stderr(contains("--name"));
}

#[test]
fn speakers_and_their_turns_are_read_from_a_table() {
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("who.csv");
    let clip = std::fs::canonicalize(ANGRY).unwrap();
    let clip = clip.to_str().unwrap();
    std::fs::write(
        &table,
        format!("file,speaker,start,end\n{clip},anna,0,0.7\n{clip},ben,0.7,1.4\n"),
    )
    .unwrap();
    let table = table.to_str().unwrap();
    let heard = json(&["classify", ANGRY, "--speakers", table, "--json"]);
    let of = |at: usize| {
        (
            heard[at]["speaker"].as_str().unwrap(),
            heard[at]["end"].as_f64().unwrap(),
        )
    };
    assert_eq!((of(0), of(1)), (("anna", 0.7), ("ben", 1.4)));
    // Fewer than four recordings of a speaker say nothing of the voice.
    assert_eq!(heard[0]["rests_on"]["basis"], "alone");
    ser(&["classify", SAD, "--speakers", table])
        .assert()
        .success()
        .stderr(contains(
            "1 of 1 recordings are not in the file of --speakers",
        ));
}

#[test]
fn telephone_speech_is_answered_from_its_own_band() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("call.wav");
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 8000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    // Every other sample of a clip at 16 kHz after a mean of four: no good filter, but nothing is left above 4 kHz.
    let sound = ser::classify::front_end::Sound::open(ANGRY.as_ref()).unwrap();
    assert_eq!(sound.rate_hz, 16_000);
    let mut writer = hound::WavWriter::create(&path, spec).unwrap();
    for four in sound.samples.windows(4).step_by(2) {
        writer
            .write_sample((four.iter().sum::<f32>() / 4.0 * 32_767.0) as i16)
            .unwrap();
    }
    writer.finalize().unwrap();
    let heard = json(&["classify", path.to_str().unwrap(), "--json"]);
    assert_eq!(heard[0]["label"], "angry");
    assert!(
        !heard[0]["outside"].to_string().contains("kHz"),
        "{}",
        heard[0]["outside"]
    );
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
                .and(contains("unlike the training data")),
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
        .stderr(contains("README.md: not a model file").and(contains("ser train")));
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
    assert!((10 + header).is_multiple_of(64) && bytes.len() == 10 + header + 4 * 176 * 8);
}

#[test]
fn the_card_names_data_scores_and_what_the_model_is_not_for() {
    ser(&["classify", "--card"]).assert().success().stdout(
        contains("CREMA-D")
            .and(contains("Emo-DB"))
            .and(contains("not for diagnosis or treatment"))
            .and(contains("On corpora that it was not trained on"))
            .and(contains("ECE")),
    );
}

#[test]
fn the_papers_models_are_inside_and_say_how_they_compare() {
    for name in ["raw", "pca", "uae", "dae"] {
        let heard = json(&["classify", ANGRY, "--model", name, "--json"]);
        let p: Vec<f64> = heard[0]["support"]
            .as_array()
            .unwrap()
            .iter()
            .map(|p| p.as_f64().unwrap())
            .collect();
        // The label is the most probable class.
        let top = (0..4).max_by(|&a, &b| p[a].total_cmp(&p[b])).unwrap();
        assert_eq!(heard[0]["class"], top, "{name}");
        // They are near chance on corpora left out: a guess, without percentages.
        assert_eq!(
            (&heard[0]["guess"], &heard[0]["left_out"]),
            (&true.into(), &"corpora".into())
        );
        assert!(heard[0]["right"][0].as_f64().unwrap() < 0.45, "{name}");
        assert!(heard[0]["probabilities"].is_null(), "{name}");
        let said = text(&["classify", ANGRY, "--model", name]);
        assert!(
            said.contains(" (a guess)\n") && !said.contains(" 0."),
            "{said}"
        );
        assert!(
            said.contains("rests on this recording alone, standardised by the training data"),
            "{said}"
        );
        let card = text(&["classify", "--card", "--model", name]);
        for part in [
            "On corpora that it was not trained on",
            &format!("| plain, as `ser train --model {name}` |"),
            "| the speaker's recordings, unlabelled |",
            "How far its answers can be trusted",
            "bandwidth below",
            "crema-d: 3227 recordings, 60 speakers",
        ] {
            assert!(card.contains(part), "{name}: {part} is missing:\n{card}");
        }
    }
    let latents = text(&["embed", ANGRY, SAD, "--model", "dae"]);
    assert!(latents.starts_with("file,latent_1,latent_2\n"), "{latents}");
    assert_eq!(latents.lines().count(), 3);
    let raw = ser(&["embed", ANGRY, "--model", "raw"]).output().unwrap();
    assert!(String::from_utf8_lossy(&raw.stderr).contains("--what features"));
}
