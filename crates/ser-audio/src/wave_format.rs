//! The `fmt ` chunk of a WAV file: how its samples are coded.
//!
//! WAVEFORMAT, WAVEFORMATEX and WAVEFORMATEXTENSIBLE; where the numbers contradict each other, the size of a frame counts, or the bits where everybody else
//! goes by them.

use crate::codec::undecodable_wave;
use crate::error::Error;
use crate::pcm::{Coding, Format, check};
use crate::warning::Warning;

/// Understands a `fmt ` chunk (WAVEFORMAT, WAVEFORMATEX or WAVEFORMATEXTENSIBLE); `None` for a coding that is left to `decode`.
///
/// # Errors
///
/// As for [`read_header`](crate::riff::read_header).
pub(crate) fn parse_format(
    chunk: &[u8],
    big: bool,
) -> Result<Option<(Format, Option<Warning>)>, Error> {
    let u16_at = |at: usize| {
        let pair = chunk.get(at..at + 2)?;
        Some(number(
            if big {
                [0, 0, pair[0], pair[1]]
            } else {
                [pair[0], pair[1], 0, 0]
            },
            big,
        ) as u16)
    };
    let u32_at = |at: usize| {
        chunk
            .get(at..)?
            .first_chunk()
            .map(|word| number(*word, big))
    };
    let (Some(mut tag), Some(channels), Some(rate), Some(block), Some(bits)) =
        (u16_at(0), u16_at(2), u32_at(4), u16_at(12), u16_at(14))
    else {
        return Err(Error::header("its \"fmt \" chunk is cut off"));
    };
    let mut depth = u32::from(bits);
    let mut warning = None;
    if tag == 0xfffe {
        // The first two bytes of the identifier are a format tag, the other fourteen say whether they
        // are one: the usual ending, and that of ambisonics.
        const ENDINGS: [&[u8]; 2] = [
            b"\x00\x00\x00\x00\x10\x00\x80\x00\x00\xaa\x00\x38\x9b\x71",
            b"\x00\x00\x21\x07\xd3\x11\x86\x44\xc8\xc1\xca\x00\x00\x00",
        ];
        tag = match (u16_at(18), u16_at(24), chunk.get(26..40)) {
            (Some(valid), Some(inner), Some(ending)) if ENDINGS.contains(&ending) => {
                if valid != 0 {
                    depth = u32::from(valid).min(depth);
                }
                inner
            }
            (_, _, Some(_)) => return Err(undecodable_wave(tag)),
            _ => {
                warning = Some(Warning::NoExtension { bits: depth });
                1
            }
        };
    }
    let channels = usize::from(channels);
    check(channels, rate)?;
    // The bytes of a sample follow from the size of a frame; only where that is nonsense, from the bits.
    let least = usize::from(bits).div_ceil(8);
    let bytes = Some(usize::from(block))
        .filter(|block| block % channels == 0)
        .map(|block| block / channels);
    let mut bytes = bytes
        .filter(|&bytes| bytes >= least && bytes <= 4)
        .unwrap_or(least);
    // Narrow samples have room to spare (24 bits in 4 bytes), whole words have none: then one of the numbers is wrong, and
    // everybody else goes by the bits.
    if matches!(bits, 8 | 16 | 32) && bytes > least && matches!(tag, 1 | 3) {
        bytes = least;
        warning = Some(Warning::FrameTooLong {
            block: u32::from(block),
            channels: channels as u32,
            bits: u32::from(bits),
        });
    }
    let coding = match (tag, bytes) {
        (6, _) => {
            return Ok(Some((
                Format::new(Coding::ALaw, big, channels, rate)?,
                None,
            )));
        }
        (7, _) => {
            return Ok(Some((
                Format::new(Coding::MuLaw, big, channels, rate)?,
                None,
            )));
        }
        (0x31, _) if channels == 1 => {
            return Ok(Some((Format::new(Coding::Gsm, false, 1, rate)?, None)));
        }
        (1, _) if bits == 0 => return Err(Error::header("it says 0 bits per sample")),
        (1, 1) => Coding::Unsigned8,
        (1, 2) => Coding::Signed16,
        (1, 3) => Coding::Signed24,
        (1, 4) => Coding::Signed32,
        // Nobody writes integers of 64 bits.
        (1, 8) if bits == 64 => {
            warning = Some(Warning::FloatTaggedAsInteger);
            Coding::Float64
        }
        (3, 4) if bits == 32 => Coding::Float32,
        (3, 8) if bits == 64 => Coding::Float64,
        (1 | 3, _) => return Err(Error::header(&format!("it says {bits} bits per sample"))),
        (2 | 0x11, _) => return Ok(None),
        _ => return Err(undecodable_wave(tag)),
    };
    let format = Format {
        coding,
        big_endian: big,
        channels,
        rate,
        depth,
        bytes,
    };
    Ok(Some((format, warning)))
}

/// Four bytes in their order.
pub(crate) fn number(bytes: [u8; 4], big: bool) -> u32 {
    if big {
        u32::from_be_bytes(bytes)
    } else {
        u32::from_le_bytes(bytes)
    }
}

#[cfg(test)]
mod tests {
    use crate::Error;
    use crate::hearing::hear;
    use crate::riff::tests::{chunk, counting, fmt, riff};

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
    fn frames_longer_than_channels_and_bits_are_read_by_these() {
        let (data, expected) = counting(300);
        let mut format = fmt(1, 1, 16000, 16);
        format[12] = 4;
        let bytes = riff(&[chunk(b"fmt ", &format), chunk(b"data", &data)]);
        let (heard, recording) = hear(&bytes).unwrap();
        assert_eq!(heard, expected);
        let warning = crate::Warning::FrameTooLong {
            block: 4,
            channels: 1,
            bits: 16,
        };
        assert_eq!(recording.warnings(), [warning]);
    }
}
