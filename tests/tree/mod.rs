//! Made-up corpora for the tests: the layouts of the real ones, with a tenth of a second of tone in each recording.

use std::io::Cursor;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

/// What the program prints and says, and how it ends, in a folder; without what the user of this machine has configured.
#[allow(dead_code)] // Not each test file runs it.
pub fn ser(folder: &Path, arguments: &[&str]) -> (String, String, i32) {
    let Output {
        status,
        stdout,
        stderr,
    } = Command::new(assert_cmd::cargo::cargo_bin("ser"))
        .args(arguments)
        .current_dir(folder)
        .env("XDG_CONFIG_HOME", folder.join("no-config"))
        .env_remove("SER_CORPORA")
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (text(stdout), text(stderr), status.code().unwrap_or(-1))
}

/// A folder that fills up.
pub struct Tree {
    folder: tempfile::TempDir,
    count: u32,
}

#[allow(dead_code)] // Each test file uses its own part of this.
impl Tree {
    pub fn new() -> Tree {
        Tree {
            folder: tempfile::tempdir().unwrap(),
            count: 0,
        }
    }

    pub fn root(&self) -> &Path {
        self.folder.path()
    }

    /// A file with this content.
    pub fn file(&mut self, path: &str, content: impl AsRef<[u8]>) -> PathBuf {
        let path = self.folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, content).unwrap();
        path
    }

    /// A recording of 0.1 s at 16 kHz that sounds like no other.
    pub fn wav(&mut self, path: &str) -> PathBuf {
        self.count += 1;
        let content = wav(16_000, 1, 1600, 100.0 + f64::from(self.count));
        self.file(path, content)
    }

    /// What every reader must get right in every corpus. `x` and `y` are names of recordings
    /// without extension; the rest must not become recordings.
    pub fn traps(&mut self, folder: &str, upper: &str, stereo: &str) {
        self.file(&format!("{folder}/._{upper}.wav"), "Mac OS X attributes");
        self.file(&format!("{folder}/.DS_Store"), "x");
        self.wav(&format!("{folder}/foreign name.wav"));
        self.file(&format!("{folder}/{upper}.WAV"), wav(16_000, 1, 1600, 77.0));
        self.file(
            &format!("{folder}/{stereo}.wav"),
            wav(22_050, 2, 2205, 78.0),
        );
    }
}

/// A tone as a file: 16 bit, `frames` samples of each channel.
pub fn wav(rate: u32, channels: u16, frames: usize, hz: f64) -> Vec<u8> {
    let tone = |i: usize| {
        (8000.0 * (i as f64 * std::f64::consts::TAU * hz / f64::from(rate)).sin()) as i16
    };
    wav_of(rate, channels, (0..frames).map(tone))
}

/// These samples as a file, the same in all channels.
pub fn wav_of(rate: u32, channels: u16, samples: impl Iterator<Item = i16>) -> Vec<u8> {
    let header = hound::WavSpec {
        channels,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = Cursor::new(Vec::new());
    let mut writer = hound::WavWriter::new(&mut bytes, header).unwrap();
    for sample in samples {
        for _ in 0..channels {
            writer.write_sample(sample).unwrap();
        }
    }
    writer.finalize().unwrap();
    bytes.into_inner()
}
