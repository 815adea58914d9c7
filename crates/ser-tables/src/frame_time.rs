//! The time of each frame of descriptors as one column, beside `start` and `end`.
//!
//! `start` and `end` are those of openSMILE's Python package: the last row of a recording, or of a segment, ends where that ends. Its command-line tool
//! has one time a row instead, `frameTime`, where the frame begins. Praat and most plots place a frame at its middle.
//!
//! ```text
//! |<- 20 ms ->|         loudness, spectrum, MFCC, formants
//! |<-             60 ms             ->|         pitch, jitter, shimmer, HNR, H1-H2, H1-A3 of the published sets
//! frameTime   |
//!       frameCentre = frameTime + 10 ms
//! ```
//!
//! All columns of eGeMAPS-ser and eGeMAPS-ser+ are centred there.

use ser_features::feature::Row;

/// Which time of a frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FrameTime {
    /// Where it begins, as openSMILE's `frameTime`.
    Start,
    /// The middle of its 20 ms.
    Centre,
}

/// From the beginning of a frame to the middle of its 20 ms, seconds.
const HALF_S: f64 = 0.01;

impl FrameTime {
    /// The name of the column.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Start => "frameTime",
            Self::Centre => "frameCentre",
        }
    }

    /// The time of a row, in seconds from the beginning of the recording; to the nanosecond, so that decimals stay short.
    pub fn of(self, row: &Row<'_>) -> f64 {
        match self {
            Self::Start => row.start_s,
            Self::Centre => ((row.start_s + HALF_S) * 1e9).round() / 1e9,
        }
    }
}

#[test]
fn the_last_row_has_the_time_of_its_frame_not_of_the_recordings_end() {
    let row = Row {
        start_s: 0.13,
        end_s: 3.0,
        values: &[],
    };
    assert_eq!(FrameTime::Start.of(&row), 0.13);
    assert_eq!(FrameTime::Centre.of(&row).to_string(), "0.14");
}
