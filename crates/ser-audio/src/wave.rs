//! Plain samples of a WAV file, read without help.
//!
//! Speech corpora are WAV, and WAV in the field is seldom what its standard says. The general decoder
//! refuses recordings that their users would call fine (more than 26 channels, RF64, a `fact` chunk of
//! another size, lengths of 0 from a recorder that was switched off) and does not say when a file ends
//! too early. So integers, floats, companded samples and GSM are read here, after a header understood by
//! `riff` (or `wave64`, `au`, `sphere`); ADPCM goes to `decode`.

use std::io::{Read, Seek, SeekFrom};

use symphonia::core::audio::sample::i24;
use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes, SeekBuffered};

use crate::downmix::{Balance, Mix, downmix};
use crate::error::Error;
use crate::gsm;
use crate::pcm::{Coding, Extent, Format, Samples, a_law, mu_law};
use crate::riff::{Coded, Header, next_samples, read_header};
use crate::scale::{Amplitude, Scale};
use crate::warning::Warning;

/// Frames read at a time: 64 channels of doubles are then 2 MB, one of 16 bit 8 kB.
const BLOCK_FRAMES: usize = 4096;

/// Bytes that [`holds_floats`] looks at, at most; of a stream that cannot seek, those that it keeps.
const LOOK: usize = 1 << 20;
const LOOK_AHEAD: usize = 1 << 14;

/// A file of plain samples.
pub(crate) struct Reader {
    stream: MediaSourceStream<'static>,
    format: Format,
    /// What is not read yet.
    extent: Extent,
    /// Whether the samples end at an odd byte, where more chunks may follow.
    more: Option<bool>,
    gsm: gsm::Decoder,
    balance: Balance,
    scale: Scale,
    warnings: Vec<Warning>,
    bytes: Vec<u8>,
    /// The beginning of a frame at the end of a chunk.
    torn: Vec<u8>,
    /// Samples of each channel read at once.
    block: usize,
}

/// The outcome of [`open`].
pub(crate) enum Opened {
    /// Ready to be read.
    Plain(Box<Reader>),
    /// A coding that is left to `decode`, with the stream at its start again.
    Coded(MediaSourceStream<'static>, Coded),
}

/// Opens a WAV file that stands at its start.
///
/// # Errors
///
/// Those of [`read_header`].
pub(crate) fn open(mut stream: MediaSourceStream<'static>) -> Result<Opened, Error> {
    match read_header(&mut stream)? {
        Header::Plain(samples) => {
            Reader::new(stream, samples).map(|reader| Opened::Plain(Box::new(reader)))
        }
        Header::Coded(coded) => rewind(stream).map(|stream| Opened::Coded(stream, coded)),
    }
}

impl Reader {
    /// Reads what a header describes, from the first sample on, where `stream` stands.
    ///
    /// # Errors
    ///
    /// [`Error::Io`].
    pub(crate) fn new(
        mut stream: MediaSourceStream<'static>,
        samples: Samples,
    ) -> Result<Self, Error> {
        let Samples {
            mut format,
            extent,
            chunks,
            mut warnings,
        } = samples;
        if format.coding == Coding::Signed32 && holds_floats(&mut stream, format.big_endian)? {
            format.coding = Coding::Float32;
            warnings.push(Warning::FloatTaggedAsInteger);
        }
        Ok(Reader {
            stream,
            format,
            more: is_odd(&extent).filter(|_| chunks),
            extent,
            gsm: gsm::Decoder::default(),
            balance: Balance::default(),
            scale: Scale::default(),
            warnings,
            bytes: Vec::new(),
            torn: Vec::new(),
            block: BLOCK_FRAMES,
        })
    }

    /// Reads at most so many samples of each channel at once, at least one.
    pub(crate) fn set_block(&mut self, frames: usize) {
        self.block = frames.clamp(1, BLOCK_FRAMES);
    }

    /// Samples per second, not 0.
    pub(crate) fn rate(&self) -> u32 {
        self.format.rate
    }

    /// Number of channels, at least 1.
    pub(crate) fn channels(&self) -> usize {
        self.format.channels
    }

    /// Samples of each channel still to come according to header and file length, if they say.
    pub(crate) fn length(&self) -> Option<u64> {
        let available = self.stream.byte_len().filter(|_| self.stream.is_seekable());
        let available = available.map(|length| length.saturating_sub(self.stream.pos()));
        let bytes = match (self.extent.left, available) {
            (Some(left), Some(available)) => Some(left.min(available)),
            (left, available) => left.or(available),
        };
        let per_frame = match self.format.coding {
            Coding::Gsm => gsm::SAMPLES as u64,
            _ => 1,
        };
        bytes.map(|bytes| bytes / self.frame_bytes() as u64 * per_frame)
    }

    /// Whether the file ends before its header says. Known at once where the file's length is, and
    /// otherwise after the last block.
    pub(crate) fn truncated(&self) -> bool {
        self.extent.truncated
    }

    /// What there is to say about the file, so far.
    pub(crate) fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// How the mean of the channels compares with them, so far.
    pub(crate) fn balance(&self) -> Balance {
        self.balance
    }

    /// Chooses what stands for full scale in all blocks to come.
    pub(crate) fn set_scale(&mut self, scale: Scale) {
        self.scale = scale;
    }

    fn frame_bytes(&self) -> usize {
        self.format.channels * self.format.bytes
    }

    /// Replaces `mono` by the next block; false at the end.
    pub(crate) fn next_block(&mut self, mix: Mix, mono: &mut Vec<f32>) -> Result<bool, Error> {
        let frame = self.frame_bytes();
        let most = match self.format.coding {
            Coding::Gsm => (self.block / gsm::SAMPLES).max(1) * frame,
            _ => self.block * frame,
        } as u64;
        loop {
            let wanted = self.extent.left.unwrap_or(u64::MAX).min(most);
            self.bytes.clear();
            self.bytes.append(&mut self.torn);
            let read = self
                .stream
                .by_ref()
                .take(wanted)
                .read_to_end(&mut self.bytes)?;
            if let Some(left) = &mut self.extent.left {
                *left -= read as u64;
                if (read as u64) < wanted {
                    self.extent.truncated = true;
                    *left = 0;
                }
            }
            let frames = self.bytes.len() / frame;
            self.torn.extend_from_slice(&self.bytes[frames * frame..]);
            if frames > 0 {
                self.mix_down(mix, frames, mono);
                return Ok(true);
            }
            if !self.read_on()? {
                mono.clear();
                return Ok(false);
            }
        }
    }

    /// Looks for more samples behind those that ended; false if there are none.
    fn read_on(&mut self) -> Result<bool, Error> {
        let Some(odd) = self.more.take().filter(|_| !self.extent.truncated) else {
            return Ok(false);
        };
        let (extent, warning) = next_samples(&mut self.stream, odd, &self.format)?;
        if let Some(warning) = warning.filter(|warning| !self.warnings.contains(warning)) {
            self.warnings.push(warning);
        }
        let Some(extent) = extent else {
            return Ok(false);
        };
        // A frame that was torn between two chunks is put together again, where it then comes out even.
        let (frame, torn) = (self.frame_bytes() as u64, self.torn.len() as u64);
        let even = |bytes: u64| bytes.is_multiple_of(frame);
        if !extent
            .left
            .is_some_and(|left| !even(left) && even(left + torn))
        {
            self.torn.clear();
        }
        self.more = is_odd(&extent);
        self.extent = extent;
        Ok(true)
    }

    fn mix_down(&mut self, mix: Mix, frames: usize, mono: &mut Vec<f32>) {
        let Format {
            coding,
            big_endian,
            channels,
            depth,
            bytes,
            ..
        } = self.format;
        let frame = self.frame_bytes();
        if coding == Coding::Gsm {
            let scale = self.scale.full(depth, i16::WIDTH);
            mono.clear();
            for block in self.bytes.chunks_exact(frame) {
                mono.extend(self.gsm.decode(block).iter().map(|&n| n.number() / scale));
            }
            return;
        }
        if big_endian && bytes > 1 {
            self.bytes.chunks_exact_mut(bytes).for_each(<[u8]>::reverse);
        }
        let scale = self.scale;
        let balance = &mut self.balance;
        let interleaved = &self.bytes[..frames * frame];
        /// Mixes with one reader of samples, so that the loop over them has no choice to make.
        macro_rules! with {
            ($type:ty, $bytes:literal, $read:expr) => {{
                let read: fn(&[u8]) -> $type = $read;
                let full_scale = scale.full(depth, <$type>::WIDTH);
                if frame == $bytes {
                    // One channel: samples of a length that the compiler knows are scaled side by side.
                    let (samples, _) = interleaved.as_chunks::<$bytes>();
                    mono.clear();
                    mono.extend(samples.iter().map(|all| read(all).number() / full_scale));
                } else {
                    downmix(mix, channels, full_scale, mono, balance, |k| {
                        interleaved
                            .chunks_exact(frame)
                            .map(move |all| read(&all[k * bytes..]).number())
                    })
                }
            }};
        }
        match coding {
            Coding::Unsigned8 => with!(u8, 1, |b| b[0]),
            Coding::Signed8 => with!(i8, 1, |b| b[0].cast_signed()),
            Coding::ALaw => with!(i16, 1, |b| a_law(b[0])),
            Coding::MuLaw => with!(i16, 1, |b| mu_law(b[0])),
            Coding::Gsm => {}
            Coding::Signed16 => with!(i16, 2, |b| i16::from_le_bytes([b[0], b[1]])),
            Coding::Signed24 => with!(i24, 3, |b| i24::from(
                i32::from_le_bytes([0, b[0], b[1], b[2]]) >> 8
            )),
            Coding::Signed32 => with!(i32, 4, |b| i32::from_le_bytes([b[0], b[1], b[2], b[3]])),
            Coding::Float32 => with!(f32, 4, |b| f32::from_le_bytes([b[0], b[1], b[2], b[3]])),
            Coding::Float64 => {
                with!(f64, 8, |b| f64::from_le_bytes([
                    b[0], b[1], b[2], b[3], b[4], b[5], b[6], b[7]
                ]))
            }
        }
    }
}

/// Whether a known number of bytes is odd.
fn is_odd(extent: &Extent) -> Option<bool> {
    extent.left.map(|bytes| bytes % 2 == 1)
}

/// Whether samples that are called integers of 32 bits are floating point, by their numbers; the stream stays where it is.
///
/// Read as floating point, integers are of all magnitudes: only those between 0.34 and 0.53 of full scale fall into
/// 10⁻⁹ … 4. Read as what they are, floating-point samples all do (or are 0). So: at least 16 samples that are not 0, of which
/// 99 % lie there.
fn holds_floats(stream: &mut MediaSourceStream<'static>, big: bool) -> Result<bool, Error> {
    let start = stream.pos();
    let look = if stream.is_seekable() {
        LOOK
    } else {
        LOOK_AHEAD
    };
    stream.ensure_seekback_buffer(LOOK_AHEAD);
    let (mut seen, mut likely, mut read) = (0_u32, 0_u32, 0);
    let mut bytes = vec![0; LOOK_AHEAD];
    while read < look && seen < 1024 {
        let length = {
            bytes.clear();
            stream
                .by_ref()
                .take(LOOK_AHEAD as u64)
                .read_to_end(&mut bytes)?
        };
        for word in bytes.chunks_exact(4) {
            let word = [word[0], word[1], word[2], word[3]];
            let value = if big {
                f32::from_be_bytes(word)
            } else {
                f32::from_le_bytes(word)
            };
            seen += u32::from(value.to_bits() != 0);
            likely += u32::from((1e-9..4.0).contains(&value.abs()));
        }
        read += length;
        if length < LOOK_AHEAD {
            break;
        }
    }
    if stream.is_seekable() {
        stream.seek(SeekFrom::Start(start))?;
    } else {
        stream.seek_buffered_rev(read);
    }
    Ok(seen >= 16 && likely * 100 >= seen * 99)
}

/// Back to the first byte, which a stream that cannot seek manages if it was not far.
fn rewind(mut stream: MediaSourceStream<'static>) -> Result<MediaSourceStream<'static>, Error> {
    if stream.is_seekable() {
        stream.seek(SeekFrom::Start(0))?;
    } else if stream.seek_buffered(0) != 0 {
        return Err(Error::Header {
            cause: "its description is too far from its start for a stream that cannot go back"
                .to_string(),
        });
    }
    Ok(stream)
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use hound::{SampleFormat, WavSpec, WavWriter};

    use crate::hearing::{hear, hear_with};
    use crate::riff::tests::{chunk, fmt, riff};
    use crate::{DecodingSettings, Error};

    fn hound<S: hound::Sample + Copy>(
        channels: u16,
        bits: u16,
        format: SampleFormat,
        samples: &[S],
    ) -> Vec<u8> {
        let spec = WavSpec {
            channels,
            sample_rate: 16000,
            bits_per_sample: bits,
            sample_format: format,
        };
        let mut bytes = Cursor::new(Vec::new());
        let mut writer = WavWriter::new(&mut bytes, spec).unwrap();
        samples
            .iter()
            .for_each(|&sample| writer.write_sample(sample).unwrap());
        writer.finalize().unwrap();
        bytes.into_inner()
    }

    #[test]
    fn every_kind_of_sample_is_scaled_to_the_bit() {
        use SampleFormat::{Float, Int};
        let scaled = |numbers: &[i32], scale: f32| {
            numbers
                .iter()
                .map(|&n| n as f32 / scale)
                .collect::<Vec<_>>()
        };
        let eight = [-128, -127, -1, 0, 1, 127];
        assert_eq!(
            hear(&hound(1, 8, Int, &eight)).unwrap().0,
            scaled(&eight, 127.0)
        );
        let sixteen = [-32768, -32767, -3, 0, 1, 12345, 32767];
        assert_eq!(
            hear(&hound(1, 16, Int, &sixteen)).unwrap().0,
            scaled(&sixteen, 32767.0)
        );
        let twentyfour = [-8388608, -8388352, -5, 0, 1, 7654321, 8388607];
        assert_eq!(
            hear(&hound(1, 24, Int, &twentyfour)).unwrap().0,
            scaled(&twentyfour, 8388352.0)
        );
        let thirtytwo = [i32::MIN, -7, 0, 1, 123456789, i32::MAX];
        assert_eq!(
            hear(&hound(1, 32, Int, &thirtytwo)).unwrap().0,
            scaled(&thirtytwo, 2147483647.0)
        );
        let float = [-3.5, -1.0, 0.0, 1e-30, 0.1, 17.25];
        assert_eq!(hear(&hound(1, 32, Float, &float)).unwrap().0, float);
        let double: Vec<u8> = [0.1_f64, -2.5, 1e-60]
            .into_iter()
            .flat_map(f64::to_le_bytes)
            .collect();
        let double = riff(&[
            chunk(b"fmt ", &fmt(3, 1, 16000, 64)),
            chunk(b"data", &double),
        ]);
        assert_eq!(hear(&double).unwrap().0, [0.1, -2.5, 0.0]);
    }

    #[test]
    fn a_sample_that_two_chunks_share_is_one_sample() {
        let samples: Vec<i16> = (0..300).map(|n| n * 91 - 13_000).collect();
        let bytes: Vec<u8> = samples.iter().flat_map(|n| n.to_le_bytes()).collect();
        let format = chunk(b"fmt ", &fmt(1, 1, 16000, 16));
        let whole = hear(&riff(&[format.clone(), chunk(b"data", &bytes)]));
        let whole = whole.unwrap().0;
        let (left, right) = bytes.split_at(201);
        let torn = [format.clone(), chunk(b"data", left), chunk(b"data", right)];
        assert_eq!(hear(&riff(&torn)).unwrap().0, whole);
        // Half a sample more than there should be is dropped.
        let odd = [&bytes[..200], &[7]].concat();
        let surplus = [format, chunk(b"data", &odd), chunk(b"data", &bytes[200..])];
        assert_eq!(hear(&riff(&surplus)).unwrap().0, whole);
    }

    #[test]
    fn stereo_is_averaged_as_integers_and_a_channel_can_be_picked() {
        let bytes = hound(2, 16, SampleFormat::Int, &[32767_i16, 32767, 1, 2, -5, 4]);
        assert_eq!(
            hear(&bytes).unwrap().0,
            [1.0, 1.5 / 32767.0, -0.5 / 32767.0]
        );
        let channel = |channel| {
            hear_with(
                &bytes,
                &DecodingSettings {
                    channel: Some(channel),
                    rate: None,
                },
            )
        };
        let (second, recording) = channel(1).unwrap();
        assert_eq!(
            (second, recording.channels()),
            ([1.0, 2.0 / 32767.0, 4.0 / 32767.0].to_vec(), 2)
        );
        assert!(matches!(
            channel(2),
            Err(Error::NoSuchChannel {
                channel: 2,
                channels: 2
            })
        ));
    }

    #[test]
    fn sixty_four_channels_are_read_and_sixty_five_are_not() {
        let frame: Vec<i16> = (0..64).collect();
        let (heard, recording) = hear(&hound(64, 16, SampleFormat::Int, &frame)).unwrap();
        assert_eq!((heard, recording.channels()), (vec![31.5 / 32767.0], 64));
        let many = riff(&[
            chunk(b"fmt ", &fmt(1, 65, 16000, 16)),
            chunk(b"data", &[0; 130]),
        ]);
        assert!(matches!(
            hear(&many),
            Err(Error::TooManyChannels {
                channels: 65,
                limit: 64
            })
        ));
    }

    #[test]
    fn the_first_sample_that_is_no_number_is_named_by_its_time() {
        for bad in [f32::NAN, f32::INFINITY, f32::NEG_INFINITY] {
            let mut samples = vec![0.25; 20000];
            samples[12000] = bad;
            samples[15000] = f32::NAN;
            let refused = hear(&hound(1, 32, SampleFormat::Float, &samples))
                .err()
                .unwrap();
            assert!(
                matches!(refused, Error::NotFinite { seconds: 0.75 }),
                "{refused}"
            );
        }
    }
}
