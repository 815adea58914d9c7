//! Why a recording could not be measured for a classifier.

/// An error of reading a recording and measuring its features.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The samples do not suit the feature set.
    #[error(transparent)]
    Features(#[from] ser_features::Error),
    /// Features that a recording has no value for, by name.
    #[error("no value for {} of its features, of which the model needs all: {}", .0.len(), .0.join(", "))]
    NoValue(Vec<String>),
    /// The file cannot be read or decoded.
    #[error(transparent)]
    Audio(#[from] ser_audio::Error),
}
