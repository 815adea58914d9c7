//! A file becomes mono samples at one rate.
//!
//! ```text
//! bytes ─ file_format ─┬─ wave ───┬─ scale, downmix ── resample ── blocks of f32
//!                      └─ decode ─┘
//! ```
//!
//! - `file_format` tells from the first bytes what the file is;
//! - `wave` reads plain samples (`pcm`; headers: `riff`, `wave64`, `au`, `sphere`; `gsm` of telephones), `decode` everything else
//!   (with `edit` for MP4, `aac` for its profiles, `opus`, and `codec` for names);
//! - `scale` says what number stands for full scale, `downmix` makes one channel of many;
//! - `resample` changes the rate, if asked to, with the filters of `polyphase`;
//! - `recording` runs these in a row, block by block;
//! - `error` says what went wrong, and what to do about it, `warning` what is odd about a recording that was read, `watch` whether it was still being written; `guard` turns panics of the decoder into errors.

mod aac;
mod au;
mod codec;
mod decode;
mod decoder;
mod distant;
mod downmix;
mod edit;
mod error;
mod file_format;
mod gsm;
mod guard;
#[cfg(test)]
mod hearing;
mod matroska;
mod mpeg_end;
mod opus;
mod pcm;
mod polyphase;
mod recording;
mod resample;
mod riff;
mod scale;
mod source;
mod sphere;
mod steady;
mod tail;
mod warning;
mod watch;
mod wave;
mod wave64;
mod wave_format;

pub use distant::Distant;
pub use error::Error;
pub use file_format::{begins_like_audio, is_named_like_audio, looks_like_audio, refusal};
pub use guard::hush_decoder_panics;
pub use recording::Recording;
pub use resample::Resampler;
pub use warning::Warning;

/// The most channels that are read. More than any microphone array of speech corpora has; a larger
/// number in a header is damage.
const CHANNEL_LIMIT: usize = 64;

/// What is to be made of a recording.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DecodingSettings {
    /// The channel to take, counting from 0, or `None` for the mean of all. (The command line and the
    /// messages of [`Error`] count channels from 1.) Default: `None`, as the reference does.
    pub channel: Option<usize>,

    /// The rate to hand out, in Hz, or `None` for the recording's own. Default: `None`; the reference
    /// never resamples.
    pub rate: Option<u32>,
}
