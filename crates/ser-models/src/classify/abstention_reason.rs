//! In what a recording is unlike those that a model learnt from, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use ser_tables::counted;

/// A reason not to believe an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum AbstentionReason {
    /// There is nothing in it.
    Silence,
    /// Fainter than all that was learnt from.
    Level {
        /// Active speech level, dB re full scale.
        level_db: f64,
        /// The lowest known.
        lowest_db: f64,
    },
    /// Narrower than all that was learnt from.
    Bandwidth {
        /// Up to where there is anything, Hz.
        bandwidth_hz: f64,
        /// The lowest known.
        lowest_hz: f64,
    },
    /// Shorter or longer.
    Length {
        /// Seconds of speech.
        speech_s: f64,
        /// The shortest known.
        shortest_s: f64,
        /// The longest known.
        longest_s: f64,
    },
    /// Hardly voiced, or too much for speech.
    Voicing {
        /// Voiced share.
        voiced: f64,
        /// The least known.
        least: f64,
        /// The most known.
        most: f64,
    },
    /// Clipped more.
    Clipping {
        /// Share of clipped samples.
        clipped: f64,
    },
    /// Too many columns out of their range.
    Columns {
        /// How many.
        outside: usize,
        /// The ones furthest out.
        names: Vec<String>,
    },
    /// Too far from every class.
    Distance {
        /// Distance, 1 for a usual recording.
        distance: f64,
        /// The greatest known.
        greatest: f64,
    },
}

impl AbstentionReason {
    /// What it is about, in a word.
    pub fn name(&self) -> &'static str {
        match self {
            AbstentionReason::Silence => "silence",
            AbstentionReason::Level { .. } => "level",
            AbstentionReason::Bandwidth { .. } => "bandwidth",
            AbstentionReason::Length { .. } => "length",
            AbstentionReason::Voicing { .. } => "voicing",
            AbstentionReason::Clipping { .. } => "clipping",
            AbstentionReason::Columns { .. } => "columns",
            AbstentionReason::Distance { .. } => "distance",
        }
    }
}

impl fmt::Display for AbstentionReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            AbstentionReason::Silence => f.write_str("it is silent"),
            AbstentionReason::Level {
                level_db,
                lowest_db,
            } => {
                write!(
                    f,
                    "its speech is faint, {level_db:.0} dB re full scale, and the model learnt from {lowest_db:.0} dB or more"
                )
            }
            AbstentionReason::Bandwidth {
                bandwidth_hz,
                lowest_hz,
            } => {
                write!(
                    f,
                    "it ends at {:.1} kHz, and the model learnt from recordings up to {:.1} kHz or more",
                    bandwidth_hz / 1e3,
                    lowest_hz / 1e3
                )
            }
            AbstentionReason::Length {
                speech_s,
                shortest_s,
                longest_s,
            } => {
                write!(
                    f,
                    "it has {speech_s:.1} s of speech, and the model learnt from {shortest_s:.1} to {longest_s:.1} s"
                )
            }
            AbstentionReason::Voicing {
                voiced,
                least,
                most,
            } => {
                write!(
                    f,
                    "{:.0} % of it is voiced, and of the speech that the model learnt from {:.0} to {:.0} %",
                    100.0 * voiced,
                    100.0 * least,
                    100.0 * most
                )
            }
            AbstentionReason::Clipping { clipped } => {
                write!(f, "{:.1} % of its samples are clipped", 100.0 * clipped)
            }
            AbstentionReason::Columns { outside, names } => {
                write!(
                    f,
                    "out of the range of training: {}, most of all {}",
                    counted(*outside, "feature"),
                    names.join(", ")
                )
            }
            AbstentionReason::Distance { distance, greatest } => {
                write!(
                    f,
                    "it is unlike all classes: distance {distance:.2}, and known recordings have up to {greatest:.2}"
                )
            }
        }
    }
}
