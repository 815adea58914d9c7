//! What can go wrong, one variant per cause; each message is one line that names the cause and the remedy.

/// An error of the library.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A sample rate outside the range in which the descriptors are defined.
    #[error("sample rate {0} Hz is outside 4000 … 192000 Hz: resample the recording")]
    SampleRate(u32),
    /// Samples at another rate than the one at which a set is defined.
    #[error(
        "{set} is defined at {needed} Hz and was given samples at {given} Hz: resample them first"
    )]
    RateOfSet {
        /// The set's name.
        set: &'static str,
        /// Its rate.
        needed: u32,
        /// That of the samples.
        given: u32,
    },
    /// A name that is no feature set.
    #[error(
        "unknown feature set {0:?}: one of eGeMAPSv02, eGeMAPSv01b, eGeMAPSv01a, GeMAPSv01b, GeMAPSv01a, eGeMAPS-ser, eGeMAPS-ser+"
    )]
    UnknownSet(String),
    /// A name that is no level.
    #[error("unknown level {0:?}: one of functionals, lld")]
    UnknownLevel(String),
    /// Fewer samples than one long frame.
    #[error("too short: {seconds:.4} s, and one analysis frame takes 0.06 s")]
    TooShort {
        /// Duration of the recording.
        seconds: f64,
    },
    /// A sample of a size that no recording has.
    #[error(
        "sample at {seconds:.6} s is far beyond full scale: the recording is damaged, or its samples are of another type than its header says"
    )]
    TooLoud {
        /// Position of the sample.
        seconds: f64,
    },
    /// A sample that is infinite or not a number.
    #[error("sample at {seconds:.6} s is infinite or not a number: the recording is damaged")]
    NotFinite {
        /// Position of the sample.
        seconds: f64,
    },
    /// What was kept of a long recording in a temporary file could not be read back.
    #[error(
        "the temporary file of a long recording cannot be read back: check the disk that holds the temporary files (TMPDIR)"
    )]
    Scratch,
}
