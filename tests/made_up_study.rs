//! The paper's study from recordings to page, on made-up corpora of the layouts and languages that it used: every figure and every sentence comes out.

#![cfg(feature = "models")]

use assert_cmd::Command;
use predicates::prelude::*;
use predicates::str::contains;
use ser::evaluate::result::{Evaluation, Verdict};

#[path = "../examples/made_up_study.rs"]
mod made_up_study;

fn ser() -> Command {
    Command::cargo_bin("ser").unwrap()
}

#[test]
fn the_papers_study_runs_from_corpora_as_distributed_to_its_page() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    made_up_study::make(root, 0.06).unwrap();
    ser()
        .current_dir(root)
        .args([
            "corpus", "prepare", "iemocap", "savee", "emodb", "cafe", "--root", ".",
        ])
        .args(["--labels", "four", "--features", "-o", "data"])
        .assert()
        .success()
        .stdout(contains("savee: 300 recordings").and(contains("emodb: 400 recordings")));
    ser()
        .current_dir(root)
        .args([
            "evaluate",
            "paper.toml",
            "data",
            "--train",
            "iemocap",
            "--transfer",
            "savee,emodb,cafe",
        ])
        .args(["--seed", "1,2", "--epochs", "4", "-q", "-o", "found.json"])
        .assert()
        .success()
        .stdout(contains("mean of 2 seeds").and(contains("The paper's sentences")));
    let text = std::fs::read_to_string(root.join("found.json")).unwrap();
    let found: Evaluation = serde_json::from_str(&text).unwrap();
    assert_eq!(found.claims.len(), 30);
    let untested: Vec<usize> = found
        .claims
        .iter()
        .filter(|claim| claim.verdict == Verdict::NotTested)
        .map(|claim| claim.number)
        .collect();
    // The eighth compares with other publications.
    assert_eq!(untested, [8]);
    for claim in &found.claims {
        // SAVEE has four speakers: whatever depends on it alone stays open.
        let effect = claim.effect.as_ref();
        if effect.is_some_and(|effect| effect.speakers == 4) {
            assert_ne!(claim.verdict, Verdict::Supported, "{}", claim.evidence);
        }
    }
    ser()
        .current_dir(root)
        .args([
            "report",
            "found.json",
            "-o",
            "report",
            "--latex",
            "--no-contours",
            "-q",
        ])
        .assert()
        .success();
    for figure in [
        "fig1-architecture",
        "fig2-scores",
        "fig3-triads",
        "fig3b-confusion-dae",
        "fig4-latent-dae",
        "fig4-attribution-latent-dae",
        "fig5-transfer-dae",
    ] {
        let file = root.join("report").join(format!("{figure}-180mm.svg"));
        assert!(file.is_file(), "{figure}");
    }
    for table in ["scores.tex", "transfer.tex", "sentences.tex"] {
        assert!(root.join("report").join(table).is_file(), "{table}");
    }
    let ratings = std::fs::read_to_string(root.join("report/fig4-latent-dae.csv")).unwrap();
    assert!(ratings.contains("\"iemocap, ratings\""));
}
