//! Long recordings cut into turns at their pauses.
//!
//! ```text
//! samples ─ turn: stretches of speech of at most 8 s ─ timeline: TextGrid, ELAN, WebVTT, RTTM …
//!         └ marked_stretches: those that somebody else has marked, with theirs
//! ```
//!
//! Turns are found by [`ser_features::speech`]. Everything is computed as the samples come, so a live stream and a file are cut at the same places, and memory does not grow with the length.

pub mod marked_stretches;

pub mod timeline;

use std::path::Path;

use crate::error::Error;
use ser_audio::{Recording, Warning};
pub use ser_features::speech::{activity, listener, turn};
use turn::{Segmenter, Turn};

/// The turns of a recording.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Turns {
    /// In order; they do not overlap.
    pub turns: Vec<Turn>,
    /// Length of the recording in seconds.
    pub length_s: f64,
    /// What there is to say about the recording.
    pub warnings: Vec<Warning>,
}

impl Turns {
    /// Cuts a recording.
    ///
    /// # Errors
    /// Where it cannot be read to its end.
    pub fn of(path: &Path, settings: &ser_audio::DecodingSettings) -> Result<Self, Error> {
        let mut recording = Recording::open(path, settings)?;
        let mut segmenter = Segmenter::new(recording.rate());
        let mut turns = Vec::new();
        while let Some(block) = recording.next_block()? {
            segmenter.push(block, |turn| turns.push(turn));
        }
        segmenter.finish(|turn| turns.push(turn));
        Ok(Self {
            turns,
            length_s: segmenter.length_s(),
            warnings: recording.warnings(),
        })
    }

    /// Statistics of the pauses.
    pub fn pauses(&self) -> Pauses {
        let mut lengths: Vec<f64> = self
            .turns
            .windows(2)
            .map(|pair| pair[1].start_s - pair[0].end_s)
            .filter(|&length| length > 0.0)
            .collect();
        lengths.sort_by(f64::total_cmp);
        let speech_s = self
            .turns
            .iter()
            .map(|turn| turn.end_s - turn.start_s)
            .sum();
        Pauses {
            turns: self.turns.len(),
            speech_s,
            length_s: self.length_s,
            pauses: lengths.len(),
            median_pause_s: lengths.get(lengths.len() / 2).copied(),
            longest_pause_s: lengths.last().copied(),
        }
    }
}

/// How much of a recording is speech, and how long its pauses are.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Pauses {
    /// Turns.
    pub turns: usize,
    /// Length of all turns together, seconds.
    pub speech_s: f64,
    /// Length of the recording, seconds.
    pub length_s: f64,
    /// Pauses between turns; one that was cut because it was too long has none at the cut.
    pub pauses: usize,
    /// The upper median of their lengths, seconds.
    pub median_pause_s: Option<f64>,
    /// The longest, seconds.
    pub longest_pause_s: Option<f64>,
}
