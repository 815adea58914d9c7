//! Why a recording could not be measured for a classifier.

/// An error of reading a recording and measuring its features.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The samples do not suit the feature set.
    #[error(transparent)]
    Features(#[from] ser_features::Error),
    /// The file cannot be read or decoded.
    #[error(transparent)]
    Audio(#[from] ser_audio::Error),
}
