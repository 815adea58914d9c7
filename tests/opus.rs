//! Opus beside the reference decoder: what is decoded here of speech at bitrates from 8 to 128 kbit/s, frames from 2.5 to 60 ms, mono and stereo, is what
//! libopus decodes.
//!
//! Ignored, since it needs `opusenc` and `opusdec` (Debian: opus-tools): `cargo test --release --test opus -- --ignored --nocapture`.

mod talk;

use std::path::Path;
use std::process::Command;

use ser::audio::{Recording, Settings};
use talk::{clip, write};

fn run(program: &str, arguments: &[&str]) {
    let done = Command::new(program).args(arguments).output();
    let done = done.unwrap_or_else(|error| panic!("{program}: {error}"));
    let errors = String::from_utf8_lossy(&done.stderr);
    assert!(done.status.success(), "{program}: {errors}");
}

fn samples(path: &Path) -> Vec<f32> {
    let mut recording = Recording::open(path, &Settings::default()).unwrap();
    assert_eq!(recording.rate(), 48_000, "{}", path.display());
    recording.read_to_end().unwrap()
}

/// Signal over difference, dB.
fn agreement_db(theirs: &[f32], ours: &[f32]) -> f64 {
    let power = |of: &mut dyn Iterator<Item = f64>| of.map(|x| x * x).sum::<f64>();
    let signal = power(&mut theirs.iter().map(|&x| f64::from(x)));
    let both = theirs.iter().zip(ours);
    let difference = power(&mut both.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    10.0 * (signal / difference).log10()
}

#[test]
#[ignore = "needs opus-tools"]
fn opus_is_decoded_as_by_the_reference_decoder() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let (one, other) = (clip("03a02Wc"), clip("08a04Ff"));
    let stereo = one.iter().zip(&other).flat_map(|(&a, &b)| [a, b]);
    write(&path("1.wav"), &[one.clone(), other.clone()].concat(), 1);
    write(&path("2.wav"), &stereo.collect::<Vec<_>>(), 2);
    let mut worst = f64::INFINITY;
    for channels in ["1", "2"] {
        for (bitrate, frame) in [
            ("8", "60"),
            ("8", "20"),
            ("12", "40"),
            ("16", "20"),
            ("24", "20"),
            ("32", "10"),
            ("32", "60"),
            ("48", "20"),
            ("64", "5"),
            ("64", "20"),
            ("96", "2.5"),
            ("128", "10"),
        ] {
            let wav = path(&format!("{channels}.wav"));
            let (opus, decoded) = (path("x.opus"), path("x.wav"));
            let name = |path: &Path| path.to_str().unwrap().to_owned();
            let (wav, to, back) = (name(&wav), name(&opus), name(&decoded));
            let how = ["--quiet", "--bitrate", bitrate, "--framesize", frame];
            run("opusenc", &[&how[..], &[&wav, &to]].concat());
            run(
                "opusdec",
                &["--quiet", "--float", "--rate", "48000", &to, &back],
            );
            let (theirs, ours) = (samples(&decoded), samples(&opus));
            assert_eq!(theirs.len(), ours.len(), "{channels} × {bitrate}, {frame}");
            let db = agreement_db(&theirs, &ours);
            println!("{channels} channels, {bitrate} kbit/s, {frame} ms: {db:.0} dB");
            worst = worst.min(db);
        }
    }
    println!("least {worst:.1} dB");
    // A step of 24 bits lies 144 dB below full scale.
    assert!(worst > 120.0, "{worst}");
}
