//! Codings by name, and the depth of their samples.
//!
//! A coding without a decoder should at least be named: "Opus" tells a user what to do, "unsupported
//! feature" does not.

use symphonia::core::codecs::audio::well_known::*;
use symphonia::core::codecs::audio::{AudioCodecId, AudioCodecParameters};

use crate::error::Error;

/// Significant bits of a sample, where that is less than the decoder's word.
pub(crate) fn depth(params: &AudioCodecParameters) -> Option<u32> {
    match params.codec {
        CODEC_ID_ADPCM_MS | CODEC_ID_ADPCM_IMA_WAV | CODEC_ID_ADPCM_IMA_QT => Some(16),
        // The decoder leaves the field as the container filled it, and MP4 always says 16. The sixth
        // byte of its own configuration is right.
        CODEC_ID_ALAC => params
            .extra_data
            .as_ref()
            .and_then(|data| data.get(5))
            .map(|&bits| u32::from(bits)),
        _ => params.bits_per_sample,
    }
}

/// The error for a coding of a container for which there is no decoder, or `None` if there is one.
pub(crate) fn undecodable(codec: AudioCodecId) -> Option<Error> {
    let (what, extension) = match codec {
        CODEC_ID_OPUS => ("Opus", "opus"),
        CODEC_ID_SPEEX => ("Speex", "spx"),
        CODEC_ID_MP1 => ("MPEG layer I", "mp1"),
        CODEC_ID_MP2 => ("MPEG layer II", "mp2"),
        CODEC_ID_AC3 => ("AC-3", "ac3"),
        CODEC_ID_EAC3 => ("E-AC-3", "eac3"),
        CODEC_ID_AC4 => ("AC-4", "ac4"),
        CODEC_ID_DCA => ("DTS", "dts"),
        CODEC_ID_WMA => ("Windows Media", "wma"),
        CODEC_ID_WAVPACK => ("WavPack", "wv"),
        CODEC_ID_TTA => ("True Audio", "tta"),
        CODEC_ID_TRUEHD => ("Dolby TrueHD", "thd"),
        CODEC_ID_ADPCM_G722 | CODEC_ID_ADPCM_G726 | CODEC_ID_ADPCM_G726LE => ("G.72x ADPCM", "wav"),
        CODEC_ID_AAC => ("this profile of AAC", "m4a"),
        CODEC_ID_FLAC | CODEC_ID_ALAC | CODEC_ID_VORBIS | CODEC_ID_MP3 => return None,
        _ => ("an unknown kind of", "xyz"),
    };
    Some(Error::Undecodable { what, extension })
}

/// The error for a coding of WAV (by its format tag, RFC 2361) that nobody reads here.
pub(crate) fn undecodable_wave(tag: u16) -> Error {
    let what = match tag {
        0x14 | 0x40 | 0x45 | 0x64 => "G.72x ADPCM in WAV",
        0x31 => "GSM 6.10 in WAV",
        0x50 => "MPEG layer II in WAV",
        0x55 => "MP3 in WAV",
        0xff | 0x1610 => "AAC in WAV",
        0x160..=0x163 => "Windows Media in WAV",
        0x674f..=0x6771 => "Vorbis in WAV",
        0x2000 => "AC-3 in WAV",
        _ => "an unknown kind of WAV",
    };
    Error::Undecodable {
        what,
        extension: "wav",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codings_without_a_decoder_are_named() {
        let named = |codec| undecodable(codec).unwrap().to_string();
        assert!(named(CODEC_ID_OPUS).starts_with("holds Opus audio"));
        assert!(named(AudioCodecId::default()).starts_with("holds an unknown kind of audio"));
        assert!(undecodable(CODEC_ID_FLAC).is_none());
        assert!(
            undecodable_wave(0x31)
                .to_string()
                .starts_with("holds GSM 6.10 in WAV audio")
        );
    }

    #[test]
    fn the_depth_of_alac_is_in_its_own_configuration() {
        let mut params = AudioCodecParameters::new();
        params.for_codec(CODEC_ID_ALAC).with_bits_per_sample(16);
        params.with_extra_data(Box::new([0, 0, 16, 0, 0, 24]));
        assert_eq!(depth(&params), Some(24));
    }
}
