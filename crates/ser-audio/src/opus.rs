//! Opus (RFC 6716, RFC 7845), decoded at 48 kHz by the crate `opus-pure`, behind the decoder interface of symphonia.
//!
//! The head of the stream says how many samples at the start are the coder's run-in, and a gain; both are applied here. Padding
//! at the end is what the container says (Ogg by its last page; Matroska mostly does not, so up to one packet remains).
//! Why this crate: docs/formats.md.

use opus_pure::{ChannelLayout, MAX_PACKET_SAMPLES, OpusMSDecoder, packet};
use symphonia::core::audio::{
    AsGenericAudioBufferRef, AudioBuffer, AudioMut, AudioSpec, Channels, GenericAudioBufferRef,
};
use symphonia::core::codecs::CodecInfo;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, FinalizeResult};
use symphonia::core::errors::{Error as Cause, Result as Outcome, decode_error};
use symphonia::core::packet::PacketRef;

use crate::error::Error;

/// Opus always decodes to this rate; a lower one is only a hint about what was coded.
const RATE_HZ: u32 = 48_000;

const INFO: CodecInfo = CodecInfo {
    short_name: "opus",
    long_name: "Opus",
    profiles: &[],
};

/// A decoder of one stream.
pub(crate) struct Decoder {
    params: AudioCodecParameters,
    decoder: OpusMSDecoder,
    channels: usize,
    gain: f32,
    /// Samples at the start still to be left out.
    skip: usize,
    interleaved: Vec<f32>,
    planes: AudioBuffer<f32>,
}

impl Decoder {
    /// Reads the head of the stream, which containers hand on as extra data.
    ///
    /// # Errors
    ///
    /// [`Error::Header`] if the head is none, [`Error::Undecodable`] for arrangements of channels other than mono, stereo and
    /// the surround orders of Vorbis.
    pub(crate) fn new(params: &AudioCodecParameters) -> Result<Self, Error> {
        let head = params.extra_data.as_deref().unwrap_or_default();
        let fixed: &[u8; 19] = head
            .first_chunk()
            .filter(|head| head.starts_with(b"OpusHead"))
            .ok_or_else(|| Error::header("its Opus stream has no head"))?;
        let (channels, family) = (usize::from(fixed[9]), fixed[18]);
        let other =
            || Error::undecodable("Opus with an unusual arrangement of channels as", "opus");
        let layout = ChannelLayout::surround(channels, family).map_err(|_| other())?;
        let streams = [layout.nb_streams as u8, layout.nb_coupled_streams as u8];
        if family != 0 && head.get(19..) != Some(&[&streams[..], &layout.mapping].concat()) {
            return Err(other());
        }
        let decoder =
            OpusMSDecoder::new(RATE_HZ.cast_signed(), channels, family).map_err(|_| other())?;
        let gain_db = f32::from(i16::from_le_bytes([fixed[16], fixed[17]])) / 256.0;
        let spec = AudioSpec::new(RATE_HZ, Channels::Discrete(channels as u16));
        Ok(Decoder {
            params: params.clone(),
            decoder,
            channels,
            gain: libm::powf(10.0, gain_db / 20.0),
            skip: usize::from(u16::from_le_bytes([fixed[10], fixed[11]])),
            interleaved: vec![0.0; MAX_PACKET_SAMPLES * channels],
            planes: AudioBuffer::new(spec, MAX_PACKET_SAMPLES),
        })
    }

    fn fill(&mut self, packet: &PacketRef<'_>) -> Outcome<()> {
        self.planes.clear();
        if packet.data.is_empty() {
            return Ok(()); // stands for silence that was not sent
        }
        let length = packet::samples_48k(packet.data).map_err(invalid)? as usize;
        if length > MAX_PACKET_SAMPLES {
            return decode_error("opus: a packet of more than 120 ms");
        }
        let decoded = self
            .decoder
            .decode(packet.data, length, &mut self.interleaved)
            .map_err(invalid)?
            .min(length);
        self.planes.render_silence(Some(decoded));
        for k in 0..self.channels {
            let samples = self.interleaved.iter().skip(k).step_by(self.channels);
            let plane = self.planes.plane_mut(k).unwrap_or_default();
            plane
                .iter_mut()
                .zip(samples)
                .for_each(|(out, sample)| *out = sample * self.gain);
        }
        let start = self.skip.min(decoded);
        self.skip -= start;
        let end = usize::try_from(packet.trim_end.get()).unwrap_or(usize::MAX);
        self.planes.trim(start, end.min(decoded - start));
        Ok(())
    }
}

fn invalid(_: opus_pure::Error) -> Cause {
    Cause::DecodeError("opus: invalid packet")
}

impl AudioDecoder for Decoder {
    /// Nothing is sought here, so a decoder runs from the start of a stream to its end.
    fn reset(&mut self) {}

    fn codec_info(&self) -> &CodecInfo {
        &INFO
    }

    fn codec_params(&self) -> &AudioCodecParameters {
        &self.params
    }

    fn decode_ref(&mut self, packet: &PacketRef<'_>) -> Outcome<GenericAudioBufferRef<'_>> {
        let outcome = self.fill(packet);
        if outcome.is_err() {
            self.planes.clear();
        }
        outcome.map(|()| self.planes.as_generic_audio_buffer_ref())
    }

    fn finalize(&mut self) -> FinalizeResult {
        FinalizeResult::default()
    }

    fn last_decoded(&self) -> GenericAudioBufferRef<'_> {
        self.planes.as_generic_audio_buffer_ref()
    }
}
