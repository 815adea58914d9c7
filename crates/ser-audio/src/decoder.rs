//! The decoder of a track, or why there is none.

use std::io::ErrorKind;

use symphonia::core::codecs::audio::well_known::{CODEC_ID_AAC, CODEC_ID_OPUS};
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::errors::Error as Cause;

use crate::aac::announces_sbr;
use crate::codec::undecodable;
use crate::error::Error;
use crate::opus;

/// Samples of a packet, over all channels, that a header may announce: decoders reserve room for them on its word.
const PACKET: u64 = 1 << 22;

/// A decoder for a track.
pub(crate) fn decoder(params: &AudioCodecParameters) -> Result<Box<dyn AudioDecoder>, Error> {
    let config = params.extra_data.as_deref().unwrap_or_default();
    let channels = params.channels.as_ref().map_or(1, |all| all.count()) as u64;
    let packet = params.max_frames_per_packet.unwrap_or(0);
    if packet.saturating_mul(channels) > PACKET {
        return Err(Error::Header {
            cause: format!("it says that a packet has {packet} samples"),
        });
    }
    match params.codec {
        CODEC_ID_OPUS => return Ok(Box::new(opus::Decoder::new(params)?)),
        CODEC_ID_AAC if announces_sbr(config) => return Err(Error::undecodable("HE-AAC", "m4a")),
        _ => {}
    }
    symphonia::default::get_codecs()
        .make_audio_decoder(params, &AudioDecoderOptions::default())
        .map_err(|cause| undecodable(params.codec).unwrap_or_else(|| at_open(cause)))
}

/// An error met while the header is read.
pub(crate) fn at_open(cause: Cause) -> Error {
    match cause {
        Cause::IoError(error) if error.kind() != ErrorKind::UnexpectedEof => Error::Io(error),
        Cause::IoError(_) => Error::Header {
            cause: "it is cut off".to_string(),
        },
        Cause::Unsupported(cause) if cause.starts_with("aifc: compression type") => {
            Error::undecodable("an unknown kind of AIFF-C", "aifc")
        }
        cause => Error::Header {
            cause: cause.to_string(),
        },
    }
}
