//! Plain samples as a header describes them, whatever kind of header it was.

use crate::CHANNEL_LIMIT;
use crate::error::Error;
use crate::warning::Warning;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Unsigned8,
    Signed8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
    /// ITU-T G.711.
    ALaw,
    /// ITU-T G.711.
    MuLaw,
    /// GSM 06.10 as Microsoft packs it: 320 samples in 65 bytes.
    Gsm,
}

/// Samples of one recording.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Format {
    /// How a sample is written.
    pub(crate) coding: Coding,
    /// Whether the first byte of a sample is its highest.
    pub(crate) big_endian: bool,
    /// From 1 to [`CHANNEL_LIMIT`].
    pub(crate) channels: usize,
    /// Samples per second, not 0.
    pub(crate) rate: u32,
    /// Significant bits.
    pub(crate) depth: u32,
    /// Bytes of one sample.
    pub(crate) bytes: usize,
}

impl Format {
    /// Samples that use all their bits.
    ///
    /// # Errors
    ///
    /// Those of [`check`].
    pub(crate) fn new(
        coding: Coding,
        big_endian: bool,
        channels: usize,
        rate: u32,
    ) -> Result<Self, Error> {
        check(channels, rate)?;
        let (bytes, depth) = match coding {
            Coding::Unsigned8 | Coding::Signed8 => (1, 8),
            Coding::Signed16 => (2, 16),
            Coding::Signed24 => (3, 24),
            Coding::Signed32 => (4, 32),
            Coding::Float32 => (4, 0),
            Coding::Float64 => (8, 0),
            Coding::ALaw | Coding::MuLaw => (1, 16),
            Coding::Gsm => (65, 16),
        };
        Ok(Format {
            coding,
            big_endian,
            channels,
            rate,
            depth,
            bytes,
        })
    }
}

/// Refuses what no recording has.
///
/// # Errors
///
/// [`Error::Header`] for no channel, [`Error::TooManyChannels`] and [`Error::RateZero`].
pub(crate) fn check(channels: usize, rate: u32) -> Result<(), Error> {
    match (channels, rate) {
        (0, _) => Err(Error::header("it says 0 channels")),
        (_, 0) => Err(Error::RateZero),
        (CHANNEL_LIMIT.., _) if channels > CHANNEL_LIMIT => Err(Error::TooManyChannels {
            channels,
            limit: CHANNEL_LIMIT,
        }),
        _ => Ok(()),
    }
}

/// How far the samples go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of samples, or `None` for the rest of the file.
    pub(crate) left: Option<u64>,
    /// Whether the file is known to hold less than that.
    pub(crate) truncated: bool,
}

impl Extent {
    /// The bytes a header promises, of which `available` are there, if that is known.
    pub(crate) fn promised(bytes: u64, available: Option<u64>) -> Extent {
        Extent {
            left: Some(bytes),
            truncated: available.is_some_and(|available| available < bytes),
        }
    }

    /// The rest of the file.
    pub(crate) const REST: Extent = Extent {
        left: None,
        truncated: false,
    };
}

/// What a header says of plain samples; the stream stands at the first of them.
#[derive(Debug)]
pub(crate) struct Samples {
    pub(crate) format: Format,
    pub(crate) extent: Extent,
    /// Whether chunks may follow in which there are more samples (RIFF).
    pub(crate) chunks: bool,
    pub(crate) warnings: Vec<Warning>,
}

impl Samples {
    /// Samples after which nothing is expected.
    pub(crate) fn only(format: Format, extent: Extent) -> Self {
        Samples {
            format,
            extent,
            chunks: false,
            warnings: Vec::new(),
        }
    }
}

/// The 16-bit number that an 8-bit code of A-law stands for (ITU-T G.711, table 1a; 13 bits, left-aligned).
pub(crate) fn a_law(code: u8) -> i16 {
    let code = code ^ 0x55;
    let (segment, step) = (code >> 4 & 7, i16::from(code & 15) << 4);
    let magnitude = match segment {
        0 => step + 8,
        _ => (step + 0x108) << (segment - 1),
    };
    if code & 0x80 == 0 {
        -magnitude
    } else {
        magnitude
    }
}

/// The 16-bit number that an 8-bit code of µ-law stands for (ITU-T G.711, table 2a; 14 bits, left-aligned).
pub(crate) fn mu_law(code: u8) -> i16 {
    let code = !code;
    let magnitude = (((i16::from(code & 15) << 3) + 0x84) << (code >> 4 & 7)) - 0x84;
    if code & 0x80 == 0 {
        magnitude
    } else {
        -magnitude
    }
}

#[test]
fn companded_codes_are_those_of_the_standard() {
    assert_eq!([0xd5, 0x55, 0xaa, 0x2a].map(a_law), [8, -8, 32256, -32256]);
    assert_eq!(
        [0xff, 0x7f, 0x80, 0x00, 0xfe].map(mu_law),
        [0, 0, 32124, -32124, 8]
    );
}
