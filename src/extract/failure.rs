//! What failed and why, for people (a message) and for programs (a kind), and the list of it as a file.
//!
//! The list is CSV (`file,start,end,kind,message`) or, by the extension `.jsonl`, one JSON object per line with the same keys.
//! `start` and `end` are empty where the whole recording failed.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::list::List;
use crate::error::Error;

/// Why there are no features of a recording, or of a part of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Failure {
    /// Where the part begins, in seconds, if it is one.
    pub start_s: Option<f64>,
    /// Where it ends.
    pub end_s: Option<f64>,
    /// A word for programs, from the list in docs/reliability.md.
    pub kind: String,
    /// A sentence for people.
    pub message: String,
}

impl Failure {
    /// A failure of a whole recording.
    pub fn new(error: &Error) -> Self {
        Self {
            start_s: None,
            end_s: None,
            kind: kind(error).to_owned(),
            message: error.to_string(),
        }
    }

    /// A warning for the same list: there are features, but a user should know this about the recording.
    pub fn warning(warning: &ser_audio::Warning) -> Self {
        Self {
            start_s: None,
            end_s: None,
            kind: warning.kind().to_owned(),
            message: warning.to_string(),
        }
    }

    /// A warning for the same list: there are features, but of less than the header promised.
    pub fn cut_short(audio_s: f64) -> Self {
        Self {
            start_s: None,
            end_s: Some(audio_s),
            kind: ser_audio::Warning::EndsEarly.kind().to_owned(),
            message: ser_audio::Warning::EndsEarly.to_string(),
        }
    }
}

/// A word for the cause of an error.
pub fn kind(error: &Error) -> &'static str {
    use ser_features::Error as Features;
    match error {
        Error::Features(error) => match error {
            Features::SampleRate(_) | Features::RateOfSet { .. } => "sample-rate",
            Features::UnknownSet(_) | Features::UnknownLevel(_) => "usage",
            Features::TooShort { .. } => "too-short",
            Features::TooLoud { .. } => "too-loud",
            Features::NotFinite { .. } => "not-finite",
            Features::Scratch => "temporary-file",
            _ => "features",
        },
        Error::Interrupted => "interrupted",
        Error::BehindEnd { .. } => "behind-end",
        Error::Temporary(_) => "temporary-file",
        Error::Audio(error) => match error {
            ser_audio::Error::Io(_) => "unreadable",
            ser_audio::Error::NotAFile { .. } => "not-a-file",
            ser_audio::Error::TooManyOpen => "too-many-open",
            ser_audio::Error::Empty => "empty",
            ser_audio::Error::NotAudio { .. } => "not-audio",
            ser_audio::Error::LfsPointer => "lfs-pointer",
            ser_audio::Error::Url => "url",
            ser_audio::Error::Store { kind, .. } => kind,
            ser_audio::Error::Unrecognised => "unrecognised",
            ser_audio::Error::Undecodable { .. } => "no-decoder",
            ser_audio::Error::NoAudio => "no-audio-track",
            ser_audio::Error::Header { .. } => "header",
            ser_audio::Error::RateZero => "sample-rate",
            ser_audio::Error::TooManyChannels { .. } => "channels",
            ser_audio::Error::NoSuchChannel { .. } => "no-such-channel",
            ser_audio::Error::Ratio { .. } => "sample-rate",
            ser_audio::Error::Damaged { .. } => "damaged",
            ser_audio::Error::Changed { .. } => "format-changes",
            ser_audio::Error::NotFinite { .. } => "not-finite",
            ser_audio::Error::TooLong { .. } => "too-long",
            _ => "audio",
        },
    }
}

/// The list of failures as a file, which appears when it is complete.
#[derive(Debug)]
pub struct FailureList(List);

#[derive(Serialize)]
struct Line<'a> {
    file: &'a str,
    start: Option<f64>,
    end: Option<f64>,
    kind: &'a str,
    message: &'a str,
}

impl FailureList {
    /// Begins the list.
    ///
    /// # Errors
    /// What the system says.
    pub fn create(path: &Path) -> io::Result<Self> {
        List::create(path, &["file", "start", "end", "kind", "message"]).map(Self)
    }

    /// Appends a failure.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&mut self, file: &str, failure: &Failure) -> io::Result<()> {
        self.0.write(&Line {
            file,
            start: failure.start_s,
            end: failure.end_s,
            kind: &failure.kind,
            message: &failure.message,
        })
    }

    /// Completes the file.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(self) -> io::Result<()> {
        self.0.complete()
    }
}

#[test]
fn both_lists_say_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let mut failure = Failure::new(&ser_features::Error::TooShort { seconds: 0.01 }.into());
    failure.start_s = Some(0.5);
    let text = |name: &str| {
        let path = folder.path().join(name);
        let mut list = FailureList::create(&path).unwrap();
        list.write("a,b.wav", &failure).unwrap();
        list.complete().unwrap();
        std::fs::read_to_string(path).unwrap()
    };
    let message = "too short: 0.0100 s, and one analysis frame takes 0.06 s";
    assert_eq!(
        text("f.csv"),
        format!("file,start,end,kind,message\n\"a,b.wav\",0.5,,too-short,\"{message}\"\n")
    );
    assert_eq!(
        text("f.jsonl"),
        format!(
            "{{\"file\":\"a,b.wav\",\"start\":0.5,\"end\":null,\"kind\":\"too-short\",\"message\":\"{message}\"}}\n"
        )
    );
}
