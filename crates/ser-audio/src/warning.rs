//! What a listener should be told about a recording that could be read all the same, each in one line.
//!
//! As with [`crate::Error`], a message continues a sentence that the caller begins with the path: `talk.wav: ends before …`.

/// Something about a recording that a user should see, although there are samples.
#[derive(Debug, Clone, Copy, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Warning {
    /// The file is shorter than its header promises.
    #[error("ends before its header says; what there is was analysed")]
    EndsEarly,

    /// The file is longer, shorter or newer at the end of reading than it was at the beginning.
    #[error(
        "changed while it was read, as a recording or a copy under way does; what was there was analysed: run again when it is complete"
    )]
    Changed,

    /// A WAV file with more than one chunk of samples.
    #[error("has more than one \"data\" chunk; all were read, one after the other")]
    SeveralData,

    /// An MP3 that is longer than its own index counts.
    #[error(
        "goes on after the end that its header gives, as MP3s joined end to end do; all of it was read"
    )]
    BeyondEnd,

    /// More than one track of audio.
    #[error("has {tracks} audio tracks; the first was read, the others were left out")]
    SeveralTracks {
        /// How many.
        tracks: usize,
    },

    /// A WAV header whose frames are longer than its channels and bits.
    #[error(
        "says that a frame has {block} bytes, but also {channels} × {bits} bits; read by channels and bits"
    )]
    FrameTooLong {
        /// Bytes of a frame according to the header.
        block: u32,
        /// Channels according to the header.
        channels: u32,
        /// Bits of a sample according to the header.
        bits: u32,
    },

    /// Several files of one format joined end to end, or a chained Ogg stream.
    #[error("holds several recordings joined end to end; all were read as one")]
    Joined,

    /// Bytes behind the samples that may hold more of them, but cannot be read as part of this recording.
    #[error(
        "has {bytes} bytes behind its samples that do not belong to them by format or header; they were left out"
    )]
    LeftOut {
        /// How many bytes.
        bytes: u64,
    },

    /// Floating point under the format tag of integers, as some recorders and openSMILE up to 3.0.0 wrote it.
    #[error(
        "holds floating-point samples, though its header says integers; read as floating point"
    )]
    FloatTaggedAsInteger,

    /// `WAVE_FORMAT_EXTENSIBLE` whose extension is missing.
    #[error(
        "says that its header is extended, but the extension is missing; read as {bits}-bit integers"
    )]
    NoExtension {
        /// Bits of a sample according to the header.
        bits: u32,
    },

    /// Samples far above full scale: integers stored as floating point without scaling.
    #[error(
        "has a peak of {peak:.1} where full scale is 1; loudness and all level-dependent features are wrong unless it is rescaled"
    )]
    BeyondFullScale {
        /// The largest magnitude of the mix.
        peak: f32,
    },

    /// The mean of the channels is far weaker than the channels.
    #[error(
        "has channels that cancel each other (their mean is {decibels:.0} dB below them); take one of them with --channel"
    )]
    Cancelled {
        /// How far the energy of the mean lies below the mean energy of the channels, in dB.
        decibels: f64,
    },
}

impl Warning {
    /// A word for programs, as in the list of failures.
    pub fn kind(&self) -> &'static str {
        match self {
            Warning::EndsEarly => "truncated",
            Warning::Changed => "changed-while-read",
            Warning::SeveralData | Warning::BeyondEnd | Warning::Joined => "joined",
            Warning::LeftOut { .. } | Warning::SeveralTracks { .. } => "left-out",
            Warning::FloatTaggedAsInteger
            | Warning::NoExtension { .. }
            | Warning::FrameTooLong { .. } => "header",
            Warning::BeyondFullScale { .. } => "level",
            Warning::Cancelled { .. } => "cancelled",
        }
    }
}

#[test]
fn every_warning_is_one_line() {
    let warnings = [
        Warning::EndsEarly,
        Warning::Changed,
        Warning::SeveralData,
        Warning::BeyondEnd,
        Warning::SeveralTracks { tracks: 2 },
        Warning::FrameTooLong {
            block: 4,
            channels: 1,
            bits: 16,
        },
        Warning::Joined,
        Warning::LeftOut { bytes: 5 },
        Warning::FloatTaggedAsInteger,
        Warning::NoExtension { bits: 16 },
        Warning::BeyondFullScale { peak: 32768.0 },
        Warning::Cancelled { decibels: 80.0 },
    ];
    for warning in warnings {
        let text = warning.to_string();
        assert!(!text.contains('\n') && !text.contains("  "), "{text}");
        assert!(!warning.kind().contains(' '));
    }
}
