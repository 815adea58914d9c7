//! Timelines in the programs that they are for: what is written here they read, and what they write is read here.
//!
//! Ignored, since it needs Python: `python3 -m venv .readers && .readers/bin/pip install praat-parselmouth pympi-ling webvtt-py pandas`, then
//! `PYTHON=$PWD/.readers/bin/python cargo test --release --test timelines -- --ignored`. Round trips without it are in `session.rs`.

#![cfg(feature = "models")]

mod talk;

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use talk::{output, ser, spoken, write};

/// Runs the script with a word and a folder.
fn python(word: &str, folder: &Path) {
    let program = std::env::var("PYTHON").unwrap_or("python3".into());
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/timelines.py");
    let done = Command::new(program)
        .args([script.as_path(), word.as_ref(), folder])
        .output()
        .unwrap();
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{errors}");
}

#[test]
#[ignore = "needs Python with praat-parselmouth, pympi-ling, webvtt-py and pandas"]
fn praat_elan_and_players_read_every_timeline_and_theirs_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let mut samples = Vec::new();
    for (clip, speaker) in spoken() {
        let stereo = |x: i16| if speaker == 0 { [x, 0] } else { [0, x] };
        samples.extend(vec![0; 22_400]);
        samples.extend(clip.into_iter().flat_map(stereo));
    }
    write(&path("call.wav"), &samples, 2);
    for format in ["json", "csv", "TextGrid", "eaf", "vtt", "rttm", "txt"] {
        let mut command = ser();
        command.args(["classify", "--speakers-by-channel=agent,customer", "-o"]);
        command
            .arg(path(&format!("session.{format}")))
            .arg(path("call.wav"));
        output(&mut command);
    }
    python("read", folder.path());
    python("write", folder.path());
    let found = |list: &str, tiers: &[&str]| -> Vec<(f64, f64, String)> {
        let mut command = ser();
        command.arg("classify").arg(path("call.wav")).arg("--json");
        command.arg("--segments").arg(path(list)).args(tiers);
        let session: Value = serde_json::from_str(&output(&mut command)).unwrap();
        let turns = session["turns"].as_array().unwrap().iter();
        let of = |turn: &Value| {
            let at = |field: &str| (turn[field].as_f64().unwrap() * 1000.0).round() / 1000.0;
            let speaker = turn["speaker"].as_str().unwrap_or_default();
            (at("start"), at("end"), speaker.to_owned())
        };
        turns.map(of).collect()
    };
    let expected = found("session.rttm", &[]);
    assert!(expected.len() >= 8);
    let every = ["--tier", "*"];
    for (list, tiers) in [
        ("session.csv", &[][..]),
        ("session.vtt", &[]),
        ("marks-long.TextGrid", &every),
        ("marks-short.TextGrid", &every),
        ("marks-utf16.TextGrid", &every),
        ("marks.eaf", &every),
        ("marks.vtt", &[]),
    ] {
        assert_eq!(found(list, tiers), expected, "{list}");
    }
    // Subtitles of this form name nobody, or as a part of the text.
    let srt = found("marks.srt", &[]);
    let times = |all: &[(f64, f64, String)]| all.iter().map(|x| (x.0, x.1)).collect::<Vec<_>>();
    assert_eq!(times(&srt), times(&expected));
}
