//! What an answer rests on besides the recording itself.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of ground that an answer can have; each has its own calibration, threshold and row in the card.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Basis {
    /// The recording alone.
    Alone,
    /// All recordings classified together, whose classes are taken to be mixed.
    Batch,
    /// One or two recordings of the speaker's ordinary voice.
    CalmClip,
    /// Three or more recordings of the speaker's ordinary voice.
    CalmClips,
    /// The speaker's own recordings, without labels.
    OwnRecordings,
}

impl Basis {
    /// All, in the order of tables.
    pub const ALL: [Basis; 5] = [
        Basis::Alone,
        Basis::Batch,
        Basis::CalmClip,
        Basis::CalmClips,
        Basis::OwnRecordings,
    ];

    /// Its name in tables and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Basis::Alone => "alone",
            Basis::Batch => "batch",
            Basis::CalmClip => "calm-clip",
            Basis::CalmClips => "calm-clips",
            Basis::OwnRecordings => "own-recordings",
        }
    }

    /// The row's heading in the card.
    pub fn heading(self) -> &'static str {
        match self {
            Basis::Alone => "one recording, nothing else known",
            Basis::Batch => "a batch of mixed recordings",
            Basis::CalmClip => "one calm recording of the speaker",
            Basis::CalmClips => "three calm recordings of the speaker",
            Basis::OwnRecordings => "the speaker's recordings, unlabelled",
        }
    }
}

/// A basis with its extent.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RestsOn {
    /// The kind.
    pub basis: Basis,
    /// Recordings that it was estimated from, this one included where it is one of them.
    pub recordings: usize,
    /// Seconds of speech in them.
    pub speech_s: f64,
}

impl RestsOn {
    /// The recording alone.
    pub const ALONE: RestsOn = RestsOn {
        basis: Basis::Alone,
        recordings: 1,
        speech_s: 0.0,
    };
}

impl RestsOn {
    /// In words for a model that standardises by the recordings given, where it can.
    pub fn of_statistics(&self) -> String {
        let given = match self.basis {
            Basis::Batch => "recordings of the batch",
            Basis::OwnRecordings => "recordings of the speaker",
            Basis::Alone | Basis::CalmClip | Basis::CalmClips => {
                return "this recording alone, standardised by the training data".into();
            }
        };
        format!(
            "this recording, standardised by the {} {given}",
            self.recordings
        )
    }
}

impl fmt::Display for RestsOn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let RestsOn {
            recordings,
            speech_s,
            ..
        } = self;
        let s = if *recordings == 1 { "" } else { "s" };
        match self.basis {
            Basis::Alone => {
                f.write_str("this recording alone; the speaker's ordinary voice is not known")
            }
            Basis::Batch => write!(
                f,
                "this recording and the classes predicted for the {recordings} recordings of the batch"
            ),
            Basis::CalmClip | Basis::CalmClips => write!(
                f,
                "the difference to the speaker's ordinary voice ({recordings} recording{s}, {speech_s:.1} s of speech)"
            ),
            Basis::OwnRecordings => write!(
                f,
                "the difference to the speaker's other recordings ({recordings} recording{s}, {speech_s:.1} s of speech, unlabelled)"
            ),
        }
    }
}
