//! The command line, as a user meets it.

use std::path::Path;

use assert_cmd::Command;
use predicates::prelude::*;

fn ser() -> Command {
    let mut command = Command::cargo_bin("ser").unwrap();
    command.current_dir(env!("CARGO_MANIFEST_DIR"));
    command
}

fn clip(name: &str) -> String {
    format!("tests/golden/end-to-end/{name}")
}

#[test]
fn one_recording_gives_a_header_and_a_row() {
    let output = ser()
        .args(["extract", &clip("emodb_03a02Wc.flac")])
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 2);
    assert!(lines[0].starts_with("file,start,end,F0semitoneFrom27.5Hz_sma3nz_amean,"));
    assert!(lines[1].starts_with("tests/golden/end-to-end/emodb_03a02Wc.flac,0,"));
    assert_eq!(lines[1].split(',').count(), 3 + 88);
}

#[test]
fn a_folder_gives_the_same_bytes_at_any_number_of_threads() {
    let folder = tempfile::tempdir().unwrap();
    let tables: Vec<Vec<u8>> = ["1", "2", "5"]
        .map(|threads| {
            let file = folder.path().join(threads);
            ser()
                .args([
                    "extract",
                    "tests/golden/end-to-end",
                    "--quiet",
                    "--threads",
                    threads,
                ])
                .args(["--level", "lld", "-o", file.to_str().unwrap()])
                .assert()
                .success()
                .stdout("");
            std::fs::read(file).unwrap()
        })
        .into();
    assert!(tables[0].len() > 100_000);
    assert_eq!(tables[0], tables[1]);
    assert_eq!(tables[0], tables[2]);
}

#[test]
fn a_bad_recording_costs_one_line_and_the_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::copy(clip("cut60ms_16000.flac"), folder.path().join("b.flac")).unwrap();
    std::fs::write(folder.path().join("a.wav"), "this is no sound").unwrap();
    std::fs::write(folder.path().join("notes.txt"), "nor is this").unwrap();
    let table = folder.path().join("out.csv");
    ser()
        .args([
            "extract",
            folder.path().to_str().unwrap(),
            "-o",
            table.to_str().unwrap(),
        ])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("ser: a.wav: is "))
        .stderr(predicate::str::contains(
            "1 recording, 1 failed (named above), 1 other files passed over",
        ));
    let text = std::fs::read_to_string(table).unwrap();
    assert_eq!(text.lines().count(), 2);
    assert!(text.lines().nth(1).unwrap().starts_with("b.flac,0,0.06,"));
}

#[test]
fn a_short_recording_fails_or_gets_a_row_of_nan() {
    let folder = tempfile::tempdir().unwrap();
    let short = folder.path().join("short.wav");
    write_wav(&short, 16_000, &[100; 959]);
    let short = short.to_str().unwrap();
    ser()
        .args(["extract", short])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("too short: 0.0599 s"));
    let output = ser()
        .args(["extract", short, "--short", "nan"])
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    let row = text.lines().nth(1).unwrap();
    assert!(row.contains(",0,0.0599375,NaN,"));
    assert_eq!(row.matches("NaN").count(), 88);
}

#[test]
fn channels_are_counted_from_one() {
    let stereo = clip("speech_it_11025_stereo.wav");
    let rows: Vec<Vec<u8>> = ["1", "2"]
        .map(|n| {
            ser()
                .args(["extract", &stereo, "--channel", n])
                .assert()
                .success()
                .get_output()
                .stdout
                .clone()
        })
        .into();
    assert_ne!(rows[0], rows[1]);
    ser()
        .args(["extract", &stereo, "--channel", "3"])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("has 2 channel(s)"));
}

#[test]
fn another_rate_gives_other_times() {
    let output = ser()
        .args([
            "extract",
            &clip("speech_nl_48000.wav"),
            "--rate",
            "16000",
            "--level",
            "lld",
        ])
        .assert()
        .success();
    let text = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(text.lines().nth(2).unwrap().contains(",0.01,0.03,"));
}

#[test]
fn names_that_other_programs_use_are_understood() {
    let clip = clip("cut90ms_16000.flac");
    let table = |flags: &[&str]| {
        let output = ser()
            .arg("extract")
            .arg(&clip)
            .args(flags)
            .output()
            .unwrap();
        assert!(output.status.success(), "{flags:?}");
        output.stdout
    };
    let expected = table(&["--level", "lld", "--rate", "8000"]);
    let aliases = [
        "--set",
        "eGeMAPS",
        "--level",
        "LowLevelDescriptors",
        "--rate",
        "8k",
    ];
    assert!(table(&aliases) == expected);
}

#[test]
fn wrong_usage_has_exit_code_two() {
    ser().arg("extract").assert().code(2);
    ser()
        .args(["extract", "x.wav", "--level", "both"])
        .assert()
        .code(2);
    ser()
        .args(["extract", "x.wav", "--rate", "1000"])
        .assert()
        .code(2);
}

#[test]
fn an_output_that_cannot_be_written_is_named_and_nothing_is_left() {
    ser()
        .args([
            "extract",
            &clip("cut60ms_16000.flac"),
            "-o",
            "no/such/folder/out.csv",
        ])
        .assert()
        .code(1)
        .stderr(predicate::str::contains(
            "cannot write no/such/folder/out.csv",
        ));
    let folder = tempfile::tempdir().unwrap();
    let table = folder.path().join("out.csv");
    std::fs::write(&table, "old").unwrap();
    ser()
        .args(["extract", "missing.wav", "-o", table.to_str().unwrap()])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("missing.wav"));
    let mut left: Vec<_> = std::fs::read_dir(folder.path())
        .unwrap()
        .map(|entry| entry.unwrap().file_name())
        .collect();
    left.sort();
    assert_eq!(left, ["out.csv", "out.csv.json"]);
}

#[test]
fn a_folder_without_recordings_is_said_so() {
    let folder = tempfile::tempdir().unwrap();
    ser()
        .args(["extract", folder.path().to_str().unwrap()])
        .assert()
        .code(1)
        .stderr(predicate::str::contains("no recordings in"));
}

fn write_wav(path: &Path, rate: u32, samples: &[i16]) {
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples
        .iter()
        .for_each(|&s| writer.write_sample(s).unwrap());
    writer.finalize().unwrap();
}

#[test]
fn a_processor_without_avx2_gives_the_same_bytes() {
    let table = |vector: &str| {
        let mut command = ser();
        command
            .env("SER_VECTOR", vector)
            .args(["extract", "assets/speech", "--level", "lld"]);
        command.assert().success().get_output().stdout.clone()
    };
    assert_eq!(table("sse2"), table("all"));
}

/// What a build with the feature makes of URLs, `tests/remote/check.py` says.
#[cfg(not(feature = "remote"))]
#[test]
fn a_url_names_the_build_that_reads_it() {
    let clip = clip("emodb_03a02Wc.flac");
    ser()
        .args(["extract", &clip, "s3://speech/a.wav"])
        .assert()
        .code(1)
        .stdout(predicate::str::contains("emodb_03a02Wc.flac,0,"))
        .stderr(predicate::str::contains(
            "s3://speech/a.wav: is a URL; download it first, e.g. curl -LO URL; `ser extract` of a build with --features remote reads it",
        ));
    ser()
        .args(["extract", &clip, "-o", "s3://speech/a.csv"])
        .assert()
        .code(2)
        .stderr(predicate::str::contains(
            "s3://speech/a.csv: is a URL; name a file, or use a build with --features remote",
        ));
}
