//! Properties of a whole recording: how loud its speech is, and up to which frequency it holds anything.

mod active_speech;
mod bandwidth;

pub use active_speech::{ActiveSpeech, SpeechLevel, speech_level};
pub use bandwidth::{Bandwidth, bandwidth_hz};
