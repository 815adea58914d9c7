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
    #[error(
        "holds {what} audio, which is not decoded here; convert it, e.g. ffmpeg -i in.{extension} out.wav"
    )]
    Undecodable {
        /// The name of coding or format: "Opus".
        what: &'static str,
        /// The extension such files usually carry, for the example in the message.
        extension: &'static str,
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

    /// A sample is NaN, infinite, or too large for 32 bits.
    #[error(
        "has a sample that is not a finite number at {seconds:.6} s; export it again, or convert it to 16 bit, e.g. sox INPUT -b 16 out.wav"
    )]
    NotFinite {
        /// Time of the first such sample, in seconds.
        seconds: f64,
    },
}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Error::Io(error)
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
            Error::Empty.to_string(),
            Error::NotAudio { what: "a text" }.to_string(),
            Error::Unrecognised.to_string(),
            Error::Undecodable {
                what: "Opus",
                extension: "opus",
            }
            .to_string(),
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
