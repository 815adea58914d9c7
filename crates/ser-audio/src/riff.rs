//! The header of a WAV file, as it is met in the field.
//!
//! What the header says and what is done:
//!
//! - Chunks other than `fmt `, `data` and `ds64` are skipped, in any order. If `data` comes before
//!   `fmt `, it is returned to, where the source can seek.
//! - Length of `data` 0 with more bytes behind it (unless the RIFF length confirms that it is the whole
//!   file), 0xFFFFFFFF, or from 0x7FFF0000 on and more than there is: written to a pipe by a program
//!   that could not come back to fill it in (ffmpeg writes the second, sox 0x7FFFF000). Read to the end
//!   of the file; nothing is missing.
//! - Any other length that exceeds the file: read to the end of the file, and `Extent::truncated`
//!   says so. Half a sample at the end is dropped.
//! - Samples narrower than their bytes (12 in 16, 20 in 24, 24 in 32) are in the upper bits, as the
//!   standard has it; see `scale`.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};

use crate::CHANNEL_LIMIT;
use crate::codec::undecodable_wave;
use crate::error::Error;

/// Lengths from here on that exceed the file are taken for "unknown" rather than for "cut off".
const STREAMED: u64 = 0x7fff_0000;

/// How a sample is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Coding {
    Unsigned8,
    Signed16,
    Signed24,
    Signed32,
    Float32,
    Float64,
}

/// What the `fmt ` chunk says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Format {
    /// How a sample is written.
    pub(crate) coding: Coding,
    /// From 1 to [`CHANNEL_LIMIT`].
    pub(crate) channels: usize,
    /// Samples per second, not 0.
    pub(crate) rate: u32,
    /// Significant bits.
    pub(crate) depth: u32,
    /// Bytes of one sample.
    pub(crate) bytes: usize,
}

/// How far the samples go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Extent {
    /// Bytes of samples, or `None` for the rest of the file.
    pub(crate) left: Option<u64>,
    /// Whether the file is known to hold less than that.
    pub(crate) truncated: bool,
}

/// Reads the header of a stream that stands at its start, and leaves it at its first sample. `None` for
/// a coding that is left to `decode`.
///
/// # Errors
///
/// [`Error::Header`] if it ends before the samples start or contradicts itself,
/// [`Error::Undecodable`] for codings nobody reads, and those of rate and channels.
pub(crate) fn read_header(
    stream: &mut MediaSourceStream<'_>,
) -> Result<Option<(Format, Extent)>, Error> {
    let file_length = stream.byte_len().filter(|_| stream.is_seekable());
    let Some([_, riff_length, _]) = words(stream)? else {
        return Err(header("it ends within its first 12 bytes"));
    };
    let whole = file_length == Some(u64::from(riff_length) + 8);
    let mut format = None;
    let mut data = None;
    let mut long_length = None;
    while format.is_none() || data.is_none() {
        let Some([name, length]) = words(stream)? else {
            let missing = if format.is_none() { "fmt " } else { "data" };
            return Err(header(&format!("it has no \"{missing}\" chunk")));
        };
        let next = stream.pos() + u64::from(length) + u64::from(length % 2);
        match &name.to_le_bytes() {
            b"fmt " => {
                // 40 bytes are the longest form that anything below looks at.
                let mut chunk = Vec::new();
                stream
                    .by_ref()
                    .take(u64::from(length).min(40))
                    .read_to_end(&mut chunk)?;
                match parse_format(&chunk)? {
                    None => return Ok(None),
                    plain => format = plain,
                }
            }
            b"ds64" => {
                let sizes =
                    words(stream)?.ok_or_else(|| header("its \"ds64\" chunk is cut off"))?;
                let [_, _, low, high] = sizes;
                long_length = Some(u64::from(high) << 32 | u64::from(low));
            }
            b"data" => {
                let extent = Extent::of(length, long_length, whole, stream.pos(), file_length);
                data = Some((stream.pos(), extent));
                if format.is_some() {
                    break;
                }
                if !stream.is_seekable() {
                    let cause =
                        "its samples come before their description, and it cannot be read twice";
                    return Err(header(cause));
                }
            }
            _ => {}
        }
        // Whatever goes wrong here, the next chunk will not be found and that is the error to report.
        let _ = stream.ignore_bytes(next.saturating_sub(stream.pos()));
    }
    let (Some(format), Some((start, extent))) = (format, data) else {
        return Err(header("it has no samples"));
    };
    if stream.pos() != start {
        stream.seek(SeekFrom::Start(start))?;
    }
    Ok(Some((format, extent)))
}

impl Extent {
    /// What the length of the `data` chunk that begins at `start` means; see the head of this file.
    /// `whole`: the RIFF length is exactly that of the file.
    fn of(length: u32, long: Option<u64>, whole: bool, start: u64, file: Option<u64>) -> Extent {
        let long = long.filter(|_| length == u32::MAX);
        let promised = long.unwrap_or(u64::from(length));
        let available = file.map(|file| file.saturating_sub(start));
        let beyond = available.is_none_or(|available| promised > available);
        let streamed = long.is_none() && (length == u32::MAX || promised >= STREAMED && beyond);
        if streamed || promised == 0 && !whole {
            return Extent {
                left: None,
                truncated: false,
            };
        }
        Extent {
            left: Some(promised),
            truncated: beyond && available.is_some(),
        }
    }
}

/// Understands a `fmt ` chunk (WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE).
fn parse_format(chunk: &[u8]) -> Result<Option<Format>, Error> {
    let u16_at = |at: usize| {
        chunk
            .get(at..at + 2)
            .map(|b| u16::from_le_bytes([b[0], b[1]]))
    };
    let u32_at = |at: usize| {
        chunk
            .get(at..at + 4)
            .map(|b| u32::from_le_bytes([b[0], b[1], b[2], b[3]]))
    };
    let (Some(mut tag), Some(channels), Some(rate), Some(block), Some(bits)) =
        (u16_at(0), u16_at(2), u32_at(4), u16_at(12), u16_at(14))
    else {
        return Err(header("its \"fmt \" chunk is cut off"));
    };
    let mut depth = u32::from(bits);
    if tag == 0xfffe {
        // The first two bytes of the identifier are a format tag, the other fourteen say whether they
        // are one: the usual ending, and that of ambisonics.
        const ENDINGS: [&[u8]; 2] = [
            b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71",
            b"\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00",
        ];
        let (Some(valid), Some(inner), Some(ending)) = (u16_at(18), u16_at(24), chunk.get(26..40))
        else {
            return Err(header("its \"fmt \" chunk is cut off"));
        };
        if !ENDINGS.contains(&ending) {
            return Err(undecodable_wave(tag));
        }
        tag = inner;
        depth = if valid == 0 {
            depth
        } else {
            u32::from(valid).min(depth)
        };
    }
    if channels == 0 {
        return Err(header("it says 0 channels"));
    }
    let channels = usize::from(channels);
    if channels > CHANNEL_LIMIT {
        return Err(Error::TooManyChannels {
            channels,
            limit: CHANNEL_LIMIT,
        });
    }
    if rate == 0 {
        return Err(Error::RateZero);
    }
    // The bytes of a sample follow from the size of a frame; only where that is nonsense, from the bits.
    let least = usize::from(bits).div_ceil(8);
    let bytes = Some(usize::from(block))
        .filter(|block| block % channels == 0)
        .map(|block| block / channels);
    let bytes = bytes
        .filter(|&bytes| bytes >= least && bytes <= 4)
        .unwrap_or(least);
    let coding = match (tag, bytes) {
        (1, _) if bits == 0 => return Err(header("it says 0 bits per sample")),
        (1, 1) => Coding::Unsigned8,
        (1, 2) => Coding::Signed16,
        (1, 3) => Coding::Signed24,
        (1, 4) => Coding::Signed32,
        (3, 4) if bits == 32 => Coding::Float32,
        (3, 8) if bits == 64 => Coding::Float64,
        (1 | 3, _) => return Err(header(&format!("it says {bits} bits per sample"))),
        (2 | 6 | 7 | 0x11, _) => return Ok(None),
        _ => return Err(undecodable_wave(tag)),
    };
    Ok(Some(Format {
        coding,
        channels,
        rate,
        depth,
        bytes,
    }))
}

fn header(cause: &str) -> Error {
    Error::Header {
        cause: cause.to_string(),
    }
}

/// The next 32-bit numbers, or `None` if the stream ends before them.
fn words<const N: usize>(stream: &mut MediaSourceStream<'_>) -> Result<Option<[u32; N]>, Error> {
    let mut words = [0; N];
    for word in &mut words {
        let mut bytes = [0; 4];
        match stream.read_exact(&mut bytes) {
            Ok(()) => *word = u32::from_le_bytes(bytes),
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => return Ok(None),
            Err(error) => return Err(Error::Io(error)),
        }
    }
    Ok(Some(words))
}

#[cfg(test)]
pub(crate) mod tests {
    use crate::Error;
    use crate::hearing::{hear, hear_piped};

    pub(crate) fn chunk(name: &[u8; 4], content: &[u8]) -> Vec<u8> {
        let pad: &[u8] = if content.len() % 2 == 1 { &[0] } else { &[] };
        [
            &name[..],
            &(content.len() as u32).to_le_bytes(),
            content,
            pad,
        ]
        .concat()
    }

    pub(crate) fn fmt(tag: u16, channels: u16, rate: u32, bits: u16) -> Vec<u8> {
        let block = channels.wrapping_mul(bits.div_ceil(8));
        let second = rate.wrapping_mul(u32::from(block));
        let words = [tag.to_le_bytes(), channels.to_le_bytes()].concat();
        [
            words,
            rate.to_le_bytes().to_vec(),
            second.to_le_bytes().to_vec(),
            block.to_le_bytes().to_vec(),
            bits.to_le_bytes().to_vec(),
        ]
        .concat()
    }

    pub(crate) fn riff(chunks: &[Vec<u8>]) -> Vec<u8> {
        let content = chunks.concat();
        [
            b"RIFF",
            &(4 + content.len() as u32).to_le_bytes()[..],
            b"WAVE",
            &content,
        ]
        .concat()
    }

    /// Sixteen bit, one channel, the samples 1, 2, 3, …
    pub(crate) fn counting(samples: i16) -> (Vec<u8>, Vec<f32>) {
        let data: Vec<u8> = (1..=samples).flat_map(i16::to_le_bytes).collect();
        (
            data,
            (1..=samples).map(|n| f32::from(n) / 32767.0).collect(),
        )
    }

    #[test]
    fn the_extensible_header_says_how_many_bits_count() {
        let extensible = |bits: u16, valid: u16, tag: u16| {
            let rest = b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71";
            let tail = [
                &22_u16.to_le_bytes()[..],
                &valid.to_le_bytes(),
                &[4, 0, 0, 0],
                &tag.to_le_bytes(),
                rest,
            ];
            chunk(
                b"fmt ",
                &[fmt(0xfffe, 1, 48000, bits), tail.concat()].concat(),
            )
        };
        let twenty_in_24 = riff(&[
            extensible(24, 20, 1),
            chunk(b"data", &[0x10, 0, 0, 0xf0, 0xff, 0x7f]),
        ]);
        assert_eq!(
            hear(&twenty_in_24).unwrap().0,
            [1.0, 524287.0].map(|n| n / (32767.0 * 16.0))
        );
        let twentyfour_in_32 = riff(&[extensible(32, 24, 1), chunk(b"data", &[0, 1, 0, 0])]);
        assert_eq!(hear(&twentyfour_in_32).unwrap().0, [1.0 / 8388352.0]);
        let float = riff(&[
            extensible(32, 32, 3),
            chunk(b"data", &2.5_f32.to_le_bytes()),
        ]);
        assert_eq!(hear(&float).unwrap().0, [2.5]);
        let other = riff(&[extensible(16, 16, 0x55), chunk(b"data", &[0; 2])]);
        assert!(matches!(
            hear(&other),
            Err(Error::Undecodable {
                what: "MP3 in WAV",
                ..
            })
        ));
    }

    #[test]
    fn chunks_may_come_in_any_order_and_be_odd() {
        let (data, expected) = counting(300);
        let (fmt, data) = (chunk(b"fmt ", &fmt(1, 1, 16000, 16)), chunk(b"data", &data));
        let (list, odd) = (
            chunk(b"LIST", b"INFOISFT\x04\0\0\0abc\0"),
            chunk(b"fact", b"surprise!"),
        );
        let usual = riff(&[
            list.clone(),
            odd.clone(),
            fmt.clone(),
            odd.clone(),
            data.clone(),
            list.clone(),
        ]);
        assert_eq!(hear(&usual).unwrap().0, expected);
        assert_eq!(hear_piped(&usual).unwrap().0, expected);
        let reversed = riff(&[data, list, fmt]);
        let (heard, recording) = hear(&reversed).unwrap();
        assert_eq!((heard, recording.truncated()), (expected, false));
        assert!(matches!(hear_piped(&reversed), Err(Error::Header { .. })));
    }

    /// A file whose `data` and RIFF lengths are replaced.
    fn with_lengths(data: &[u8], riff_length: u32, data_length: u32) -> Vec<u8> {
        let mut bytes = riff(&[chunk(b"fmt ", &fmt(1, 1, 16000, 16)), chunk(b"data", data)]);
        bytes[4..8].copy_from_slice(&riff_length.to_le_bytes());
        bytes[40..44].copy_from_slice(&data_length.to_le_bytes());
        bytes
    }

    #[test]
    fn lengths_that_a_pipe_left_open_mean_the_rest_of_the_file() {
        let (data, expected) = counting(5000);
        let ffmpeg = (u32::MAX, u32::MAX);
        let sox = (0x7fff_f024, 0x7fff_f000);
        for (riff_length, data_length) in [ffmpeg, sox, (0, 0), (36, 0)] {
            let bytes = with_lengths(&data, riff_length, data_length);
            for (heard, recording) in [hear(&bytes).unwrap(), hear_piped(&bytes).unwrap()] {
                assert_eq!(
                    (&heard, recording.truncated()),
                    (&expected, false),
                    "{data_length:#x}"
                );
            }
        }
    }

    #[test]
    fn a_length_of_zero_that_the_file_confirms_is_believed() {
        let bytes = riff(&[
            chunk(b"fmt ", &fmt(1, 1, 16000, 16)),
            chunk(b"data", &[]),
            chunk(b"LIST", b"INFO"),
        ]);
        assert_eq!(hear(&bytes).unwrap().0, [0.0; 0]);
    }

    #[test]
    fn a_cut_off_file_is_read_as_far_as_it_goes_and_says_so() {
        let (data, expected) = counting(5000);
        let mut bytes = with_lengths(&data, 10036, 10000);
        bytes.truncate(44 + 6001);
        let (heard, recording) = hear(&bytes).unwrap();
        assert_eq!(
            (&heard[..], recording.truncated()),
            (&expected[..3000], true)
        );
        assert_eq!(recording.length_samples(), Some(3000));
        let (heard, recording) = hear_piped(&bytes).unwrap();
        assert_eq!(
            (&heard[..], recording.truncated()),
            (&expected[..3000], true)
        );
    }

    #[test]
    fn the_long_form_takes_its_length_from_its_own_chunk() {
        let (data, expected) = counting(100);
        let ds64 = [&[0; 8][..], &200_u64.to_le_bytes(), &[0; 12]].concat();
        let mut bytes = riff(&[
            chunk(b"ds64", &ds64),
            chunk(b"fmt ", &fmt(1, 1, 16000, 16)),
            chunk(b"data", &data),
            chunk(b"LIST", b"INFO"),
        ]);
        bytes[..8].copy_from_slice(b"RF64\xff\xff\xff\xff");
        let length_at = bytes.windows(4).position(|name| name == b"data").unwrap() + 4;
        bytes[length_at..length_at + 4].fill(0xff);
        assert_eq!(hear(&bytes).unwrap().0, expected);
    }

    #[test]
    fn headers_that_make_no_sense_are_refused() {
        let with = |format: Vec<u8>| {
            hear(&riff(&[chunk(b"fmt ", &format), chunk(b"data", &[0; 64])]))
                .err()
                .unwrap()
        };
        assert!(matches!(with(fmt(1, 1, 0, 16)), Error::RateZero));
        assert!(matches!(with(fmt(1, 0, 16000, 16)), Error::Header { .. }));
        assert!(matches!(with(fmt(1, 1, 16000, 0)), Error::Header { .. }));
        assert!(matches!(with(fmt(1, 1, 16000, 48)), Error::Header { .. }));
        assert!(matches!(with(fmt(3, 1, 16000, 16)), Error::Header { .. }));
        assert!(matches!(with(vec![1, 0, 1]), Error::Header { .. }));
        assert!(matches!(
            with(fmt(0x31, 1, 8000, 16)),
            Error::Undecodable {
                what: "GSM 6.10 in WAV",
                ..
            }
        ));
        assert!(matches!(
            hear(b"RIFF\x04\0\0\0WAVE"),
            Err(Error::Header { .. })
        ));
        assert!(matches!(
            hear(b"RIFF\xff\xff\xff\xffWAVEdata\xff\xff\xff\xff"),
            Err(Error::Header { .. })
        ));
    }
}
