//! `--frame-times` of `ser extract` and `ser merge`.

use std::str::FromStr;

use anyhow::{Result, bail};
use clap::ValueEnum;

use super::Usage;
use ser_tables::{Format, FrameTime};

/// Which time of each frame has a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum FrameTimes {
    /// Where the frame begins.
    Start,
    /// The middle of its 20 ms.
    #[value(alias = "center")]
    Centre,
}

impl FromStr for FrameTimes {
    type Err = String;

    fn from_str(name: &str) -> Result<Self, String> {
        <Self as ValueEnum>::from_str(name, false).map_err(|_| "start or centre".into())
    }
}

impl From<FrameTimes> for FrameTime {
    fn from(edge: FrameTimes) -> Self {
        match edge {
            FrameTimes::Start => Self::Start,
            FrameTimes::Centre => Self::Centre,
        }
    }
}

/// openSMILE's own layout has its one column of time, and no other.
pub(super) fn check_frame_time(
    frame_time: Option<FrameTime>,
    format: Option<Format>,
) -> Result<()> {
    if frame_time == Some(FrameTime::Centre) && format == Some(Format::SmileCsv) {
        bail!(Usage(
            "smile-csv has the column frameTime, the start of each frame, and no other: leave out --frame-times, or use another format".to_owned()
        ));
    }
    Ok(())
}
