//! What can go wrong with one recording of a run.

/// An error of extracting features from a file.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The samples or the settings do not suit the feature set.
    #[error(transparent)]
    Features(#[from] ser_features::Error),
    /// A file that cannot be read or decoded.
    #[error(transparent)]
    Audio(#[from] ser_audio::Error),
    /// A part that begins where the recording has ended.
    #[error(
        "begins behind the end of the recording, which is {audio_s:.3} s long: check the times of the list"
    )]
    BehindEnd {
        /// How long the recording is, in seconds.
        audio_s: f64,
    },
    /// What waits to be written found no room, or could not be read back.
    #[error(
        "cannot keep its rows in a temporary file ({0}): make room, or name another folder in TMPDIR"
    )]
    Temporary(std::io::Error),
    /// The run was asked to stop.
    #[error("stopped before it was done: run again with --resume")]
    Interrupted,
}
