//! Sun and NeXT AU: six big-endian numbers, then samples.
//!
//! ```text
//! ".snd"  where the samples begin  their bytes (0xFFFFFFFF: to the end)  coding  rate  channels
//! ```

use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};

use crate::error::Error;
use crate::pcm::{Coding, Extent, Format, Samples};

/// Reads the header of a stream that stands at its start, and leaves it at its first sample.
///
/// # Errors
///
/// [`Error::Header`] if it is cut off or contradicts itself, [`Error::Undecodable`] for codings without a decoder.
pub(crate) fn read_header(stream: &mut MediaSourceStream<'_>) -> Result<Samples, Error> {
    let cut = |_| Error::header("it is cut off");
    let mut words = [0; 6];
    for word in &mut words {
        *word = stream.read_be_u32().map_err(cut)?;
    }
    let [_, start, bytes, coding, rate, channels] = words;
    let coding = match coding {
        1 => Coding::MuLaw,
        2 => Coding::Signed8,
        3 => Coding::Signed16,
        4 => Coding::Signed24,
        5 => Coding::Signed32,
        6 => Coding::Float32,
        7 => Coding::Float64,
        27 => Coding::ALaw,
        23..=26 => return Err(Error::undecodable("G.72x ADPCM in AU", "au")),
        _ => return Err(Error::undecodable("an unknown kind of AU", "")),
    };
    let channels = usize::try_from(channels).unwrap_or(usize::MAX);
    let format = Format::new(coding, true, channels, rate)?;
    let before = u64::from(start)
        .checked_sub(stream.pos())
        .ok_or_else(|| Error::header("its samples begin within it"))?;
    stream.ignore_bytes(before).map_err(cut)?;
    let file_length = stream.byte_len().filter(|_| stream.is_seekable());
    let available = file_length.map(|length| length.saturating_sub(stream.pos()));
    let extent = match bytes {
        u32::MAX => Extent::REST,
        bytes => Extent::promised(u64::from(bytes), available),
    };
    Ok(Samples::only(format, extent))
}

#[cfg(test)]
mod tests {
    use crate::hearing::{hear, hear_piped};
    use crate::riff::tests::counting;
    use crate::{Error, Warning};

    fn au(words: [u32; 5], samples: &[u8]) -> Vec<u8> {
        let words: Vec<u8> = words.iter().flat_map(|word| word.to_be_bytes()).collect();
        [b".snd", &words[..], b"note", samples].concat()
    }

    #[test]
    fn sixteen_bit_companded_and_floating_samples_are_read() {
        let (data, expected) = counting(200);
        let swapped: Vec<u8> = data.chunks(2).flat_map(|b| [b[1], b[0]]).collect();
        for length in [400, u32::MAX] {
            let file = au([28, length, 3, 16000, 1], &swapped);
            assert_eq!(hear(&file).unwrap().0, expected);
            assert_eq!(hear_piped(&file).unwrap().0, expected);
        }
        let law = au([28, 2, 1, 8000, 1], &[0x80, 0xff]);
        assert_eq!(hear(&law).unwrap().0, [32124.0 / 32767.0, 0.0]);
        let float = au([28, 4, 6, 8000, 1], &0.25_f32.to_be_bytes());
        assert_eq!(hear(&float).unwrap().0, [0.25]);
        let cut = hear(&au([28, 500, 3, 16000, 1], &swapped)).unwrap().1;
        assert_eq!(cut.warnings(), [Warning::EndsEarly]);
    }

    #[test]
    fn headers_that_make_no_sense_are_refused() {
        let refused = |words| hear(&au(words, &[0; 64])).err().unwrap();
        assert!(matches!(
            refused([28, 8, 99, 8000, 1]),
            Error::Undecodable { .. }
        ));
        assert!(matches!(refused([28, 8, 3, 0, 1]), Error::RateZero));
        assert!(matches!(refused([28, 8, 3, 8000, 0]), Error::Header { .. }));
        assert!(matches!(refused([3, 8, 3, 8000, 1]), Error::Header { .. }));
        assert!(matches!(
            refused([u32::MAX, 8, 3, 8000, 1]),
            Error::Header { .. }
        ));
        assert!(matches!(
            refused([28, 8, 3, 8000, u32::MAX]),
            Error::TooManyChannels { .. }
        ));
        assert!(matches!(hear(b".snd\0\0"), Err(Error::Header { .. })));
    }
}
