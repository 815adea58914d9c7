//! What can go wrong between a file and its samples, each in one line with a way out.
//!
//! A message continues a sentence that the caller begins with the path: `talk.wav: has 2 channels …`.
//! So no message holds a path, and each says the cause first and the remedy after it.

/// Why a recording could not be opened, or not be read to its end.
///
/// Times are seconds from the start of the recording.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused. Its own words are in the message, and so are not a `source` that
    /// would repeat them.
    #[error("cannot be read: {0}")]
    Io(std::io::Error),

    /// Neither a regular file nor a link to one. Opening a pipe that nobody writes into would wait for ever.
    #[error("is {what}, not a file; `-` reads standard input")]
    NotAFile {
        /// The kind with its article: "a named pipe".
        what: &'static str,
    },

    /// The process may not open another file.
    #[error(
        "cannot be opened: too many files are open; use fewer --threads, or raise the limit by ulimit -n 4096"
    )]
    TooManyOpen,

    /// There is not one byte in it.
    #[error("is empty (0 bytes); copy or record it again")]
    Empty,

    /// Content of another kind, such as a text or an image.
    #[error("is {what}, not a recording; remove it from the list of inputs")]
    NotAudio {
        /// The kind with its article: "a PNG image".
        what: &'static str,
    },

    /// The first bytes belong to no format known here.
    #[error(
        "is in no audio format known here (its name does not matter, its content does); \
         convert it, e.g. ffmpeg -i INPUT out.wav"
    )]
    Unrecognised,

    /// A format or a coding that is known, but for which there is no decoder here.
    #[error("holds {what} audio, which is not decoded here; {remedy}")]
    Undecodable {
        /// The name of coding or format: "Speex".
        what: &'static str,
        /// What to do about it, with a command where there is one.
        remedy: String,
    },

    /// What Git leaves in place of a large file that was not fetched.
    #[error("is a Git LFS pointer, not the recording; fetch it with git lfs pull")]
    LfsPointer,

    /// An address where a path is expected.
    #[error(
        "is a URL; download it first, e.g. curl -LO URL; `ser extract` of a build with --features remote reads it"
    )]
    Url,

    /// What an object store says, where the recording is in one.
    #[error("{message}")]
    Store {
        /// A word for programs.
        kind: &'static str,
        /// The cause and the remedy.
        message: String,
    },

    /// A container such as MP4 without a track of audio.
    #[error("has no audio track; choose another file")]
    NoAudio,

    /// The header contradicts itself, breaks off, or uses something the decoder does not know.
    #[error("has a header that cannot be used ({cause}); repair it by ffmpeg -i INPUT out.wav")]
    Header {
        /// What the reader of the header found.
        cause: String,
    },

    /// The header gives a sample rate of 0.
    #[error("says that its sample rate is 0 Hz; write it again with the rate it was recorded at")]
    RateZero,

    /// More channels than anything records, which in practice is a damaged header.
    #[error(
        "has {channels} channels, and 1 to {limit} are read; split it, e.g. sox INPUT out.wav remix 1"
    )]
    TooManyChannels {
        /// Channels according to the header.
        channels: usize,
        /// The most that are read.
        limit: usize,
    },

    /// The channel asked for does not exist. Printed counting from 1, as on the command line.
    #[error("has {channels} channel(s), so there is no channel {}; choose one from 1 to {channels}", .channel.saturating_add(1))]
    NoSuchChannel {
        /// The channel asked for, counting from 0.
        channel: usize,
        /// How many there are.
        channels: usize,
    },

    /// No resampler is made between these rates.
    #[error(
        "cannot be resampled from {from} Hz to {to} Hz; both must lie between {lowest} and {highest} Hz"
    )]
    Ratio {
        /// Rate of the recording, Hz.
        from: u32,
        /// Rate asked for, Hz.
        to: u32,
        /// Lowest rate resampled, Hz.
        lowest: u32,
        /// Highest rate resampled, Hz.
        highest: u32,
    },

    /// A part in the middle cannot be decoded.
    #[error("is damaged at {seconds:.3} s ({cause}); copy it again, or cut it there")]
    Damaged {
        /// Where, in seconds.
        seconds: f64,
        /// What the decoder found.
        cause: String,
    },

    /// Rate or channels change on the way.
    #[error(
        "changes its sample rate or channels at {seconds:.3} s; split it there, or convert it, e.g. ffmpeg -i INPUT out.wav"
    )]
    Changed {
        /// Where, in seconds.
        seconds: f64,
    },

    /// More samples than are held in memory together.
    #[error(
        "is longer than {:.0} min, which is more than is held in memory; cut it, e.g. ffmpeg -i INPUT -f segment -segment_time 1800 part%03d.wav", .limit_s / 60.0
    )]
    TooLong {
        /// The most that is held, in seconds.
        limit_s: f64,
    },

    /// A sample is NaN, infinite, or too large for 32 bits.
    #[error(
        "has a sample that is not a finite number at {seconds:.6} s; export it again, or convert it to 16 bit, e.g. sox INPUT -b 16 out.wav"
    )]
    NotFinite {
        /// Time of the first such sample, in seconds.
        seconds: f64,
    },
}

impl Error {
    /// The error for audio without a decoder here. `extension`: what such files usually carry, for a command that converts it,
    /// or nothing where ffmpeg has no decoder either.
    pub(crate) fn undecodable(what: &'static str, extension: &str) -> Error {
        let remedy = match extension {
            "" => "get it as WAV or FLAC from the program that wrote it".to_string(),
            extension => format!("convert it, e.g. ffmpeg -i in.{extension} out.wav"),
        };
        Error::Undecodable { what, remedy }
    }

    /// The error for a header that cannot be used.
    pub(crate) fn header(cause: &str) -> Error {
        Error::Header {
            cause: cause.to_string(),
        }
    }
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        /// EMFILE and ENFILE, which have these numbers on Linux, macOS and the BSDs.
        const TOO_MANY_OPEN: [i32; 2] = [24, 23];
        let too_many = |code| cfg!(unix) && TOO_MANY_OPEN.contains(&code);
        match error.raw_os_error() {
            Some(code) if too_many(code) => Error::TooManyOpen,
            _ => Error::Io(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_message_is_one_line_with_a_remedy_after_a_semicolon() {
        let seconds = 1.5;
        let cause = || "no data".to_string();
        let messages = [
            Error::NotAFile {
                what: "a named pipe",
            }
            .to_string(),
            Error::TooManyOpen.to_string(),
            Error::Empty.to_string(),
            Error::NotAudio { what: "a text" }.to_string(),
            Error::Unrecognised.to_string(),
            Error::undecodable("Speex", "spx").to_string(),
            Error::undecodable("AC-4", "").to_string(),
            Error::LfsPointer.to_string(),
            Error::Url.to_string(),
            Error::NoAudio.to_string(),
            Error::Header { cause: cause() }.to_string(),
            Error::RateZero.to_string(),
            Error::TooManyChannels {
                channels: 99,
                limit: 64,
            }
            .to_string(),
            Error::NoSuchChannel {
                channel: 2,
                channels: 2,
            }
            .to_string(),
            Error::Ratio {
                from: 1,
                to: 2,
                lowest: 3,
                highest: 4,
            }
            .to_string(),
            Error::Damaged {
                seconds,
                cause: cause(),
            }
            .to_string(),
            Error::Changed { seconds }.to_string(),
            Error::TooLong { limit_s: 8388.6 }.to_string(),
            Error::NotFinite { seconds }.to_string(),
        ];
        for message in messages {
            assert!(
                !message.contains('\n') && !message.contains("  "),
                "{message}"
            );
            assert!(message.contains("; "), "{message}");
        }
    }

    #[test]
    fn a_missing_channel_is_counted_from_one() {
        let message = Error::NoSuchChannel {
            channel: 2,
            channels: 2,
        }
        .to_string();
        assert_eq!(
            message,
            "has 2 channel(s), so there is no channel 3; choose one from 1 to 2"
        );
    }
}
