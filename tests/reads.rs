//! Reads as file systems over a network give them: in small pieces, interrupted, late, or failing half-way.
//!
//! A library in C stands before the system's `read` (`tests/reads/shim.c`). Where there is no compiler for it the tests say so and end.
#![cfg(target_os = "linux")]

use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::OnceLock;

const GOOD: &str = "tests/golden/end-to-end/cut60ms_16000.flac";

/// The library, made once; none without a compiler.
fn shim() -> Option<&'static Path> {
    static SHIM: OnceLock<Option<PathBuf>> = OnceLock::new();
    let made = SHIM.get_or_init(|| {
        let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("reads.so");
        let compiled = Command::new("cc")
            .args(["-shared", "-fPIC", "-O1", "-o"])
            .arg(&library)
            .args(["tests/reads/shim.c", "-ldl"])
            .current_dir(env!("CARGO_MANIFEST_DIR"))
            .status();
        match compiled {
            Ok(status) => {
                assert!(status.success());
                Some(library)
            }
            Err(error) => {
                eprintln!("skipped: no C compiler ({error})");
                None
            }
        }
    });
    made.as_deref()
}

/// `ser extract` of a folder whose files with `strange` in their names are read in some way.
fn extract(folder: &Path, how: &str, more: &[&str]) -> Option<Output> {
    let output = Command::new(env!("CARGO_BIN_EXE_ser"))
        .arg("extract")
        .arg(folder)
        .args(more)
        .env("LD_PRELOAD", shim()?)
        .env("SER_TEST_READS", how)
        .env("SER_TEST_READS_OF", "strange")
        .output()
        .unwrap();
    Some(output)
}

/// A second of a tone in each of the containers that are read in ways of their own, and a good recording.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let spec = hound::WavSpec {
        channels: 1,
        sample_rate: 16000,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut wav = hound::WavWriter::create(folder.path().join("strange.wav"), spec).unwrap();
    for n in 0..16000 {
        let t = f64::from(n) / 16000.0;
        let tone = (std::f64::consts::TAU * 150.0 * t).sin() + 0.3 * (2714.0 * t).sin();
        wav.write_sample((9000.0 * tone) as i16).unwrap();
    }
    wav.finalize().unwrap();
    std::fs::copy(GOOD, folder.path().join("strange.flac")).unwrap();
    std::fs::copy(GOOD, folder.path().join("good.flac")).unwrap();
    folder
}

#[test]
fn pieces_interruptions_and_delays_change_no_byte() {
    let folder = folder();
    let Some(plain) = extract(folder.path(), "", &[]) else {
        return;
    };
    assert!(plain.status.success(), "{plain:?}");
    assert_eq!(plain.stdout.iter().filter(|&&b| b == b'\n').count(), 4);
    for how in ["short", "interrupted", "slow"] {
        let output = extract(folder.path(), how, &[]).unwrap();
        assert!(output.status.success(), "{how}: {output:?}");
        assert_eq!(output.stdout, plain.stdout, "{how}");
    }
}

#[test]
fn a_read_that_fails_half_way_is_no_shorter_recording() {
    let folder = folder();
    const EIO: i32 = 5;
    const ESTALE: i32 = 116;
    for (from, error) in [(0, EIO), (20, EIO), (600, EIO), (600, ESTALE)] {
        let Some(output) = extract(folder.path(), &format!("fail:{from}:{error}"), &[]) else {
            return;
        };
        let (out, err) = (output.stdout, String::from_utf8(output.stderr).unwrap());
        assert_eq!(output.status.code(), Some(1), "{from}: {err}");
        let rows = String::from_utf8(out).unwrap();
        assert_eq!(rows.lines().count(), 2, "{from}: {rows}{err}");
        assert!(rows.contains("good.flac"));
        let reason = if error == EIO {
            "Input/output error"
        } else {
            "Stale file handle"
        };
        for name in ["strange.wav", "strange.flac"] {
            let line = err.lines().find(|line| line.contains(name));
            assert!(
                line.is_some_and(|line| line.contains(reason)),
                "{from}: {err}"
            );
        }
    }
}

#[test]
fn a_run_whose_reads_failed_takes_them_up_again() {
    let folder = folder();
    let out = tempfile::tempdir().unwrap();
    let table = out.path().join("table.csv");
    let path = table.to_str().unwrap();
    let Some(output) = extract(folder.path(), "fail:600:5", &["-o", path, "--resume"]) else {
        return;
    };
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    let output = extract(folder.path(), "", &["-o", path, "--resume"]).unwrap();
    let plain = extract(folder.path(), "", &[]).unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(std::fs::read(&table).unwrap(), plain.stdout);
}
