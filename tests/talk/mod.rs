//! A conversation of clips that are bundled, and the program that hears it.

#![allow(dead_code, reason = "each test uses its part")]

use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

pub const RATE: u32 = 16_000;

/// The program.
pub fn ser() -> Command {
    Command::new(assert_cmd::cargo::cargo_bin("ser"))
}

/// What it prints, where it succeeds.
pub fn output(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// What `ser classify --json` says of a recording.
pub fn json(path: &Path) -> Value {
    serde_json::from_str(&output(ser().arg("classify").arg(path).arg("--json"))).unwrap()
}

/// A clip of the bundled speech as 16-bit samples.
pub fn clip(name: &str) -> Vec<i16> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("assets/speech/{name}.flac"));
    let settings = ser::audio::DecodingSettings {
        rate: Some(RATE),
        ..Default::default()
    };
    let mut recording = ser::audio::Recording::open(&path, &settings).unwrap();
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block().unwrap() {
        samples.extend(block.iter().map(|x| (x * 32_768.0) as i16));
    }
    samples
}

/// Clips with pauses of 0.7 s between them, the speaker by turns one and the other.
pub fn spoken() -> Vec<(Vec<i16>, usize)> {
    let names = ["03a02Wc", "08a04Ff", "13a02Ta", "14a01Na"];
    let clips = names.iter().map(|name| clip(name)).collect::<Vec<_>>();
    (0..8).map(|i| (clips[i % 4].clone(), i % 2)).collect()
}

/// All of it, mono.
pub fn mono() -> Vec<i16> {
    let pause = vec![0; 11_200];
    let parts = spoken().into_iter();
    parts
        .flat_map(|(clip, _)| [pause.clone(), clip].concat())
        .collect()
}

/// Where each of the clips of [`mono`] is spoken, seconds, and by whom.
pub fn marks() -> Vec<(f64, f64, &'static str)> {
    let mut at = 0.0;
    let mut marks = Vec::new();
    for (clip, speaker) in spoken() {
        let (start, length) = (at + 0.7, clip.len() as f64 / f64::from(RATE));
        at = start + length;
        // Whole milliseconds, so that times come out alike however they are written.
        let whole = |seconds: f64| (1000.0 * seconds).round() / 1000.0;
        marks.push((whole(start), whole(at), ["ann", "bob"][speaker]));
    }
    marks
}

/// Writes samples as WAV.
pub fn write(path: &Path, samples: &[i16], channels: u16) {
    let spec = hound::WavSpec {
        channels,
        sample_rate: RATE,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut writer = hound::WavWriter::create(path, spec).unwrap();
    samples
        .iter()
        .for_each(|&x| writer.write_sample(x).unwrap());
    writer.finalize().unwrap();
}

/// The conversation as a file.
pub fn session() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("session.wav");
    write(&path, &mono(), 1);
    (folder, path)
}

/// Lines of `ser listen` for what is written to its standard input in pieces.
pub fn listened(arguments: &[&str], bytes: &[u8], piece: usize) -> Vec<Value> {
    let mut child = ser()
        .args(["listen", "-"])
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut to = child.stdin.take().unwrap();
    let bytes = bytes.to_vec();
    let writer = std::thread::spawn(move || {
        for piece in bytes.chunks(piece) {
            to.write_all(piece).unwrap();
        }
    });
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let lines = lines.map(|line| serde_json::from_str(&line.unwrap()).unwrap());
    let lines = lines.collect();
    writer.join().unwrap();
    assert!(child.wait().unwrap().success());
    lines
}

/// The lines of one kind.
pub fn events<'a>(lines: &'a [Value], event: &str) -> Vec<&'a Value> {
    lines.iter().filter(|line| line["event"] == event).collect()
}

/// The numbers in an array or an object.
pub fn numbers(value: &Value) -> Vec<f64> {
    match value {
        Value::Array(values) => values.iter().filter_map(Value::as_f64).collect(),
        Value::Object(values) => values.values().filter_map(Value::as_f64).collect(),
        _ => Vec::new(),
    }
}

/// The same in ascending order.
pub fn sorted(value: &Value) -> Vec<f64> {
    let mut numbers = numbers(value);
    numbers.sort_by(f64::total_cmp);
    numbers
}
