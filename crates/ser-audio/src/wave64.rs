//! Sony Wave64: RIFF with names of 16 bytes and lengths of 64 bits.
//!
//! The first four bytes of a name are those of RIFF, mostly. A length includes the 24 bytes of name and length, and the next
//! chunk begins at a multiple of eight.

use std::io::Read;

use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};

use crate::error::Error;
use crate::pcm::{Extent, Samples};
use crate::wave_format::parse_format;

/// How every `riff` name ends; the others share an ending of their own.
pub(crate) const RIFF: &[u8; 16] = b"riff\x2e\x91\xcf\x11\xa5\xd6\x28\xdb\x04\xc1\x00\x00";
const ENDING: &[u8] = b"\xf3\xac\xd3\x11\x8c\xd1\x00\xc0\x4f\x8e\xdb\x8a";

/// Reads the header of a stream that stands at its start, and leaves it at its first sample.
///
/// # Errors
///
/// [`Error::Header`] if it is cut off or contradicts itself, [`Error::Undecodable`] for codings without a decoder.
pub(crate) fn read_header(stream: &mut MediaSourceStream<'_>) -> Result<Samples, Error> {
    let cut = |_| Error::header("it is cut off");
    let file_length = stream.byte_len().filter(|_| stream.is_seekable());
    let mut start = [0; 40];
    stream.read_exact(&mut start).map_err(cut)?;
    let mut format = None;
    loop {
        let mut name = [0; 16];
        let missing = |_| Error::header("it has no chunk of samples");
        stream.read_exact(&mut name).map_err(missing)?;
        let length = stream.read_u64().map_err(missing)?;
        let length = length
            .checked_sub(24)
            .ok_or_else(|| Error::header("a chunk is shorter than its own name"))?;
        let next = stream.pos().saturating_add(length).saturating_add(7) & !7;
        match (&name[..4], name[4..] == *ENDING) {
            (b"fmt ", true) => {
                let mut chunk = Vec::new();
                stream
                    .by_ref()
                    .take(length.min(40))
                    .read_to_end(&mut chunk)?;
                let parsed = parse_format(&chunk, false)?;
                format = Some(parsed.ok_or_else(|| Error::undecodable("ADPCM in Wave64", "w64"))?);
            }
            (b"data", true) => {
                let (format, warning) = format
                    .ok_or_else(|| Error::header("its samples come before their description"))?;
                let available = file_length.map(|file| file.saturating_sub(stream.pos()));
                let mut samples = Samples::only(format, Extent::promised(length, available));
                if length == 0 || length >= i64::MAX as u64 - 24 {
                    samples.extent = Extent::REST;
                }
                samples.warnings.extend(warning);
                return Ok(samples);
            }
            _ => {}
        }
        let rest = next.saturating_sub(stream.pos());
        stream.ignore_bytes(rest).map_err(missing)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hearing::{hear, hear_piped};
    use crate::riff::tests::{counting, fmt};

    fn chunk(name: &[u8; 4], length: u64, content: &[u8]) -> Vec<u8> {
        let mut chunk = [&name[..], ENDING, &(24 + length).to_le_bytes(), content].concat();
        chunk.resize(chunk.len().next_multiple_of(8), 0);
        chunk
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&RIFF[..], &[0; 8], b"wave", ENDING, &chunks.concat()].concat()
    }

    #[test]
    fn its_samples_are_found_behind_other_chunks() {
        let (data, expected) = counting(101);
        let chunks = [
            chunk(b"junk", 5, b"hello"),
            chunk(b"fmt ", 16, &fmt(1, 1, 16000, 16)),
            chunk(b"data", 202, &data),
            chunk(b"list", 3, b"end"),
        ];
        assert_eq!(hear(&file(&chunks)).unwrap().0, expected);
        assert_eq!(hear_piped(&file(&chunks)).unwrap().0, expected);
    }

    #[test]
    fn headers_that_make_no_sense_are_refused() {
        for chunks in [
            vec![],
            vec![chunk(b"data", 8, &[0; 8])],
            vec![[&b"fmt "[..], ENDING, &[0; 8]].concat()],
            vec![[&b"junk"[..], ENDING, &[0xff; 8]].concat()],
        ] {
            assert!(matches!(hear(&file(&chunks)), Err(Error::Header { .. })));
        }
        assert!(matches!(hear(RIFF), Err(Error::Header { .. })));
    }
}
