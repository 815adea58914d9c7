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
    /// A baseline of other features than the model's.
    #[error("the baseline is of {sets}, and the model needs {needed}: enrol the speaker again")]
    Baseline {
        /// The sets of the baseline.
        sets: String,
        /// The sets of the model.
        needed: String,
    },
    /// A kind of ground that a model cannot use.
    #[error("this model cannot use {0}")]
    Ground(&'static str),
    /// Measured for another kind of model.
    #[error("the recording was measured for another kind of model")]
    OtherModel,
}
