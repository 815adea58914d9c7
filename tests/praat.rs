//! eGeMAPS-ser against Praat on Emo-DB: medians of pitch and formants, recording by recording.
//!
//! Ignored, since it needs the shared corpora and Python with praat-parselmouth and pandas, as a measuring instrument (four minutes; `SER_PRAAT`
//! names a csv that `tests/oracle/praat.py measure` has made before, and saves them):
//!
//! ```sh
//! SER_SHARED=FOLDER_WITH_CORPORA SER_PYTHON=venv/bin/python cargo test --release --test praat -- --ignored
//! ```

use std::path::{Path, PathBuf};
use std::process::Command;

fn environment(name: &str) -> PathBuf {
    std::env::var_os(name)
        .unwrap_or_else(|| panic!("set {name}, as the head of this file says"))
        .into()
}

fn run(program: &Path, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{}: {errors}", program.display());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
#[ignore = "needs the shared corpora and Python with praat-parselmouth: SER_SHARED=DIR SER_PYTHON=python"]
fn medians_of_pitch_and_formants_correlate_with_praats_by_nine_tenths() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_string();
    let (python, shared) = (environment("SER_PYTHON"), environment("SER_SHARED"));
    let corpus = shared.join("corpora/emodb/wav");
    let corpus = corpus.to_str().unwrap();
    let praat = match std::env::var("SER_PRAAT") {
        Ok(measured) => measured,
        Err(_) => {
            let to = at("praat.csv");
            run(&python, &["tests/oracle/praat.py", "measure", corpus, &to]);
            to
        }
    };
    let ours = at("ser.csv");
    let ser = assert_cmd::cargo::cargo_bin("ser");
    let set = ["--set", "eGeMAPS-ser", "--level", "lld", "-q", "-o"];
    run(
        &ser,
        &[&["extract", corpus], &set[..], &[ours.as_str()]].concat(),
    );
    // The reference's own column is not looked at here, so ours stands in for it.
    let table = run(
        &python,
        &["tests/oracle/praat.py", "table", &praat, &ours, &ours],
    );
    for column in ["f0", "F1", "F2", "F3"] {
        let line = table
            .lines()
            .find(|line| line.starts_with(&format!("| {column} |")))
            .unwrap();
        let r: f64 = line.split('|').nth(3).unwrap().trim().parse().unwrap();
        assert!(r >= 0.9, "{column}: r = {r}");
    }
}
