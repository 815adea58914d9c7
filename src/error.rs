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
    /// The run was asked to stop.
    #[error("stopped before it was done: run again with --resume")]
    Interrupted,
}
