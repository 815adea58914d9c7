//! The header of a WAV file, as it is met in the field.
//!
//! What the header says and what is done:
//!
//! - Chunks other than `fmt `, `data` and `ds64` are skipped, in any order. If `data` comes before
//!   `fmt `, it is returned to, where the source can seek.
//! - Length of `data` 0 with more bytes behind it (unless the RIFF length confirms that it is the whole
//!   file and a chunk follows), 0xFFFFFFFF, or from 0x7FFF0000 on and more than there is: written to a pipe by a program
//!   that could not come back to fill it in (ffmpeg writes the second, sox 0x7FFFF000). Read to the end
//!   of the file; nothing is missing.
//! - Any other length that exceeds the file: read to the end of the file, and `Extent::truncated`
//!   says so. Half a sample at the end is dropped.
//! - Samples narrower than their bytes (12 in 16, 20 in 24, 24 in 32) are in the upper bits, as the
//!   standard has it; see `scale`.
//! - A chunk of odd length without the byte that should follow it: the next name is found one byte
//!   earlier. Where no name stands at all, the next `fmt ` or `data` within 64 KiB is looked for.
//! - `WAVE_FORMAT_EXTENSIBLE` without its extension is integers of the stated width, with a warning.
//! - Behind the samples: a further `data` chunk and a further file of the same format are read on, with
//!   a warning; what differs, or is in no chunk, is left out with a warning.
//! - RIFX is the same with big-endian numbers and samples.

use std::io::{ErrorKind, Read, Seek, SeekFrom};

use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};

use crate::error::Error;
use crate::pcm::{Extent, Format, Samples};
use crate::warning::Warning;
use crate::wave_format::{number, parse_format};

/// Lengths from here on that exceed the file are taken for "unknown" rather than for "cut off".
const STREAMED: u64 = 0x7fff_0000;

/// Bytes looked through for a chunk where none is.
const SEARCH: usize = 1 << 16;

/// Bytes behind the samples in no chunk that are worth a warning; fewer are padding.
const NOTABLE: u64 = 1024;

/// Names of chunks that decide whether there is a padding byte before them.
const NAMES: [&[u8; 4]; 12] = [
    b"fmt ", b"data", b"fact", b"LIST", b"bext", b"JUNK", b"junk", b"PEAK", b"id3 ", b"cue ",
    b"smpl", b"iXML",
];

/// What a header is of.
pub(crate) enum Header {
    /// Samples that are read here; the stream stands at the first.
    Plain(Samples),
    /// A coding that is left to `decode`.
    Coded(Coded),
}

/// What the chunks say about samples that are left to `decode`.
#[derive(Debug, Default)]
pub(crate) struct Coded {
    /// Samples of each channel, where that is known better than from the blocks.
    pub samples: Option<u64>,
    pub warning: Option<Warning>,
}

/// Reads the header of a stream that stands at its start.
///
/// # Errors
///
/// [`Error::Header`] if it ends before the samples start or contradicts itself,
/// [`Error::Undecodable`] for codings nobody reads, and those of rate and channels.
pub(crate) fn read_header(stream: &mut MediaSourceStream<'_>) -> Result<Header, Error> {
    let Some(form) = bytes::<12>(stream)? else {
        return Err(Error::header("it ends within its first 12 bytes"));
    };
    let big = form.starts_with(b"RIFX");
    let length = number([form[4], form[5], form[6], form[7]], big);
    read_chunks(stream, big, 8 + u64::from(length))
}

/// Reads chunks up to the samples. `end`: where the file ends according to its RIFF length.
fn read_chunks(stream: &mut MediaSourceStream<'_>, big: bool, end: u64) -> Result<Header, Error> {
    let file_length = length_of(stream);
    let whole = file_length == Some(end);
    let (mut format, mut data, mut long_length, mut odd) = (None, None, None, false);
    while format.is_none() || data.is_none() {
        let Some((name, length)) = next_chunk(stream, big, odd, SEARCH)? else {
            let missing = if format.is_none() { "fmt " } else { "data" };
            return Err(Error::header(&format!("it has no \"{missing}\" chunk")));
        };
        odd = length % 2 == 1;
        let next = stream.pos() + u64::from(length);
        match &name {
            b"fmt " => {
                // 40 bytes are the longest form that anything below looks at.
                let mut chunk = Vec::new();
                stream
                    .by_ref()
                    .take(u64::from(length).min(40))
                    .read_to_end(&mut chunk)?;
                match parse_format(&chunk, big)? {
                    None if big => return Err(Error::undecodable("big-endian ADPCM", "wav")),
                    None => return Ok(Header::Coded(read_coded(stream, &chunk, next)?)),
                    other if format.is_some() && other != format => {
                        return Err(Error::header("it has two \"fmt \" chunks that differ"));
                    }
                    plain => format = plain,
                }
            }
            b"ds64" => {
                let sizes = bytes::<16>(stream)?
                    .ok_or_else(|| Error::header("its \"ds64\" chunk is cut off"))?;
                long_length = sizes.last_chunk().map(|size| u64::from_le_bytes(*size));
            }
            b"data" => {
                let start = stream.pos();
                let whole = whole && (length > 0 || chunk_follows(stream, big)?);
                let extent = extent(length, long_length, whole, start, file_length);
                data = Some((start, extent));
                if format.is_some() {
                    break;
                }
                if !stream.is_seekable() {
                    let cause =
                        "its samples come before their description, and it cannot be read twice";
                    return Err(Error::header(cause));
                }
            }
            _ => {}
        }
        // Whatever goes wrong here, the next chunk will not be found and that is the error to report.
        let _ = stream.ignore_bytes(next.saturating_sub(stream.pos()));
    }
    let (Some((format, warning)), Some((start, extent))) = (format, data) else {
        return Err(Error::header("it has no samples"));
    };
    if stream.pos() != start {
        stream.seek(SeekFrom::Start(start))?;
    }
    Ok(Header::Plain(Samples {
        format,
        extent,
        chunks: true,
        warnings: warning.into_iter().collect(),
    }))
}

/// Reads on behind the `fmt ` chunk of ADPCM, which ends at `end`.
///
/// Blocks have a fixed number of samples, so an encoder fills up the last one, and only the `fact` chunk says how many were recorded (RIFF MCI,
/// "Multimedia Programming Interface and Data Specifications 1.0"). sox writes it so; ffmpeg counts whole blocks. It is believed where it ends
/// within the last block, so that nothing but filling can be lost.
fn read_coded(stream: &mut MediaSourceStream<'_>, format: &[u8], end: u64) -> Result<Coded, Error> {
    let word = |at: usize| {
        let pair = format.get(at..at + 2).unwrap_or(&[0, 0]);
        u64::from(u16::from_le_bytes([pair[0], pair[1]]))
    };
    let (block, per_block) = (word(12), word(18));
    let _ = stream.ignore_bytes(end.saturating_sub(stream.pos()));
    let (mut fact, mut odd) = (None, end % 2 == 1);
    let mut coded = Coded::default();
    while let Some((name, length)) = next_chunk(stream, false, odd, 0)? {
        let (start, length) = (stream.pos(), u64::from(length));
        odd = length % 2 == 1;
        match &name {
            b"fact" if length >= 4 => fact = bytes::<4>(stream)?.map(u32::from_le_bytes),
            b"data" => {
                let file = length_of(stream);
                let whole = file.is_none_or(|file| length <= file.saturating_sub(start));
                if block > 0 && per_block > 0 && whole {
                    let full = length.div_ceil(block) * per_block;
                    let last_block = full.saturating_sub(per_block) + 1..=full;
                    coded.samples = fact.map(u64::from).filter(|n| last_block.contains(n));
                }
                if file.is_some() && whole {
                    coded.warning = left_behind(stream, start + length)?;
                }
                break;
            }
            _ => {}
        }
        if stream
            .ignore_bytes((start + length).saturating_sub(stream.pos()))
            .is_err()
        {
            break;
        }
    }
    Ok(coded)
}

/// Whether further samples follow those that end at `end`, which are read from nowhere.
fn left_behind(stream: &mut MediaSourceStream<'_>, end: u64) -> Result<Option<Warning>, Error> {
    let file = length_of(stream).unwrap_or(0);
    let _ = stream.ignore_bytes(end.saturating_sub(stream.pos()));
    let mut odd = end % 2 == 1;
    loop {
        let start = stream.pos();
        let Some((name, length)) = next_chunk(stream, false, odd, 0)? else {
            return Ok(None);
        };
        if matches!(&name, b"data" | b"RIFF" | b"RF64" | b"RIFX") && length > 0 {
            let bytes = file.saturating_sub(start);
            return Ok(Some(Warning::LeftOut { bytes }));
        }
        odd = length % 2 == 1;
        if stream.ignore_bytes(u64::from(length)).is_err() {
            return Ok(None);
        }
    }
}

/// What follows samples that ended here: more of them in the same format, or `None`, and what to say about it. `odd`: whether
/// the samples took an odd number of bytes.
///
/// # Errors
///
/// [`Error::Io`].
pub(crate) fn next_samples(
    stream: &mut MediaSourceStream<'_>,
    mut odd: bool,
    format: &Format,
) -> Result<(Option<Extent>, Option<Warning>), Error> {
    let file_length = length_of(stream);
    loop {
        let start = stream.pos();
        let left_out = || {
            let bytes = file_length.map_or(0, |length| length.saturating_sub(start));
            Ok((
                None,
                (bytes >= NOTABLE).then_some(Warning::LeftOut { bytes }),
            ))
        };
        let Some((name, length)) = next_chunk(stream, format.big_endian, odd, 0)? else {
            return left_out();
        };
        match &name {
            b"data" if length > 0 => {
                let extent = extent(length, None, true, stream.pos(), file_length);
                return Ok((Some(extent), Some(Warning::SeveralData)));
            }
            b"RIFF" | b"RF64" | b"BW64" | b"RIFX" => {
                let end = stream.pos().saturating_add(u64::from(length));
                if bytes::<4>(stream)?.as_ref() != Some(b"WAVE") {
                    return left_out();
                }
                return match read_chunks(stream, &name == b"RIFX", end) {
                    Ok(Header::Plain(next)) if next.format == *format => {
                        Ok((Some(next.extent), Some(Warning::Joined)))
                    }
                    Err(Error::Io(error)) => Err(Error::Io(error)),
                    _ => left_out(),
                };
            }
            _ => {}
        }
        odd = length % 2 == 1;
        if stream.ignore_bytes(u64::from(length)).is_err() {
            return Ok((None, None));
        }
    }
}

/// Whether the stream, which stays where it is, is at its end or before a chunk that is all there. One that cannot seek is not asked.
///
/// # Errors
///
/// [`Error::Io`].
fn chunk_follows(stream: &mut MediaSourceStream<'_>, big: bool) -> Result<bool, Error> {
    let Some(file) = length_of(stream) else {
        return Ok(true);
    };
    let start = stream.pos();
    let head = bytes::<8>(stream)?;
    let end = stream.pos();
    stream.seek(SeekFrom::Start(start))?;
    Ok(head.is_none_or(|[a, b, c, d, length @ ..]| {
        is_name(&[a, b, c, d]) && end + u64::from(number(length, big)) <= file
    }))
}

/// What the length of the `data` chunk that begins at `start` means; see the head of this file.
/// `whole`: the RIFF length is exactly that of the file.
fn extent(length: u32, long: Option<u64>, whole: bool, start: u64, file: Option<u64>) -> Extent {
    let long = long.filter(|_| length == u32::MAX);
    let promised = long.unwrap_or(u64::from(length));
    let available = file.map(|file| file.saturating_sub(start));
    let beyond = available.is_none_or(|available| promised > available);
    let streamed = long.is_none() && (length == u32::MAX || promised >= STREAMED && beyond);
    if streamed || promised == 0 && !whole {
        return Extent::REST;
    }
    Extent::promised(promised, available)
}

/// The name and the length of the next chunk, or `None` at the end of the stream or where there is none. `odd`: the chunk before
/// had an odd length. `search`: how many bytes may be passed over to find `fmt ` or `data`.
fn next_chunk(
    stream: &mut MediaSourceStream<'_>,
    big: bool,
    odd: bool,
    search: usize,
) -> Result<Option<([u8; 4], u32)>, Error> {
    let Some(mut name) = bytes::<4>(stream)? else {
        return Ok(None);
    };
    let mut early = None;
    if odd {
        let Some([fifth]) = bytes::<1>(stream)? else {
            return Ok(None);
        };
        let padded = [name[1], name[2], name[3], fifth];
        if name[0] == 0 || NAMES.contains(&&padded) || !is_name(&name) {
            name = padded;
        } else {
            early = Some(fifth);
        }
    }
    if !is_name(&name) {
        let mut left = search;
        while !matches!(&name, b"fmt " | b"data") {
            let Some([byte]) = bytes::<1>(stream)?.filter(|_| left > 0) else {
                return Ok(None);
            };
            left -= 1;
            name = [name[1], name[2], name[3], byte];
        }
    }
    let length = match early {
        None => bytes::<4>(stream)?,
        Some(first) => bytes::<3>(stream)?.map(|[a, b, c]| [first, a, b, c]),
    };
    Ok(length.map(|length| (name, number(length, big))))
}

fn is_name(name: &[u8; 4]) -> bool {
    name.iter().all(|byte| (0x20..0x7f).contains(byte))
}

fn length_of(stream: &MediaSourceStream<'_>) -> Option<u64> {
    stream.byte_len().filter(|_| stream.is_seekable())
}

/// The next bytes, or `None` if the stream ends before them.
fn bytes<const N: usize>(stream: &mut MediaSourceStream<'_>) -> Result<Option<[u8; N]>, Error> {
    let mut bytes = [0; N];
    match stream.read_exact(&mut bytes) {
        Ok(()) => Ok(Some(bytes)),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(None),
        Err(error) => Err(Error::Io(error)),
    }
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
    fn a_length_of_zero_before_samples_and_further_chunks_is_not_believed() {
        let (data, expected) = counting(5000);
        let mut bytes = riff(&[
            chunk(b"fmt ", &fmt(1, 1, 16000, 16)),
            chunk(b"data", &data),
            chunk(b"LIST", b"INFO"),
        ]);
        bytes[40..44].fill(0);
        let (heard, recording) = hear(&bytes).unwrap();
        assert!(heard.starts_with(&expected) && heard.len() == expected.len() + 6);
        assert!(!recording.truncated());
    }

    #[test]
    fn chunks_behind_an_empty_one_are_counted_in_the_order_of_the_file() {
        // RIFX: an empty recording, and a chunk whose length is big-endian.
        let mut bytes = riff(&[chunk(b"fmt ", &fmt(1, 1, 16000, 16)), chunk(b"data", b"")]);
        bytes.extend(b"LIST\0\0\0\x04INFO");
        bytes[..4].copy_from_slice(b"RIFX");
        let length = bytes.len() as u32 - 8;
        bytes[4..8].copy_from_slice(&length.to_be_bytes());
        bytes[16..20].reverse();
        for field in [20..22, 22..24, 24..28, 28..32, 32..34, 34..36] {
            bytes[field].reverse();
        }
        let heard = hear(&bytes).map(|(samples, _)| samples.len());
        assert!(matches!(heard, Ok(0) | Err(Error::Empty)), "{heard:?}");
    }

    #[test]
    fn two_descriptions_must_agree() {
        let (data, expected) = counting(300);
        let with = |second| {
            let first = chunk(b"fmt ", &fmt(1, 1, 16000, 16));
            hear(&riff(&[first, second, chunk(b"data", &data)]))
        };
        assert_eq!(
            with(chunk(b"fmt ", &fmt(1, 1, 16000, 16))).unwrap().0,
            expected
        );
        let other = with(chunk(b"fmt ", &fmt(1, 1, 8000, 16)));
        assert!(matches!(other, Err(Error::Header { .. })));
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
            with(fmt(0x31, 2, 8000, 16)),
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
