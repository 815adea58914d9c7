//! NIST SPHERE, in which the corpora of the LDC come (also under `.wav`).
//!
//! ```text
//! NIST_1A⏎ ␣␣␣1024⏎ sample_rate -i 16000⏎ … end_head⏎ … samples from byte 1024 on
//! ```
//!
//! Each line is a name, a type (`-i` integer, `-s8` text of 8 bytes) and a value. PCM, A-law and µ-law are read; shorten,
//! the compression of the 1990s, is not.

use symphonia::core::io::{MediaSource, MediaSourceStream, ReadBytes};

use crate::error::Error;
use crate::pcm::{Coding, Extent, Format, Samples};

/// The longest header that is believed. Real ones have 1024 bytes, seldom 2048.
const LONGEST: u64 = 1 << 16;

/// Reads the header of a stream that stands at its start, and leaves it at its first sample.
///
/// # Errors
///
/// [`Error::Header`] if it contradicts itself, [`Error::Undecodable`] for shorten and unknown codings.
pub(crate) fn read_header(stream: &mut MediaSourceStream<'_>) -> Result<Samples, Error> {
    let file_length = stream.byte_len().filter(|_| stream.is_seekable());
    let first = read(stream, 16)?;
    let size = first.get(8..).unwrap_or_default().trim().parse().ok();
    let size = size.filter(|size| (16..=LONGEST).contains(size));
    let size = size.ok_or_else(|| Error::header("it does not say how long it is"))?;
    let rest = read(stream, size - 16)?;
    let value = |name: &str| {
        let lines = rest.lines().take_while(|line| line.trim() != "end_head");
        lines
            .filter_map(|line| line.split_once(' '))
            .find_map(|(key, typed)| {
                (key == name).then(|| {
                    typed
                        .trim()
                        .split_once(' ')
                        .map_or("", |(_, value)| value.trim())
                })
            })
    };
    // Some are written as real numbers, `-r 16000.000`.
    let number = |name: &str| {
        let text = value(name)?;
        let whole = |n: &f64| n.fract() == 0.0 && (0.0..1e15).contains(n);
        let real = || Some(text.parse::<f64>().ok().filter(whole)? as u64);
        text.parse::<u64>().ok().or_else(real)
    };
    let needed = |name: &str| {
        number(name).ok_or_else(|| Error::header(&format!("it has no number \"{name}\"")))
    };
    let coding = value("sample_coding").unwrap_or("pcm");
    if coding.contains("shorten") {
        return Err(Error::Undecodable {
            what: "NIST SPHERE compressed with shorten",
            remedy: "unpack it, e.g. sph2pipe -f wav IN.sph OUT.wav".to_string(),
        });
    }
    let big_endian = value("sample_byte_format") == Some("10");
    let wide = number("sample_n_bytes").unwrap_or(2);
    let coding = match (coding, wide) {
        ("ulaw" | "mu-law" | "mulaw", _) => Coding::MuLaw,
        ("alaw" | "a-law", _) => Coding::ALaw,
        ("pcm", 1) => Coding::Signed8,
        ("pcm", 2) => Coding::Signed16,
        ("pcm", 3) => Coding::Signed24,
        ("pcm", 4) => Coding::Signed32,
        _ => return Err(Error::undecodable("an unknown kind of NIST SPHERE", "")),
    };
    let channels = number("channel_count").unwrap_or(1);
    let format = Format::new(
        coding,
        big_endian,
        usize::try_from(channels).unwrap_or(usize::MAX),
        u32::try_from(needed("sample_rate")?).unwrap_or(0),
    )?;
    let frame = (format.channels * format.bytes) as u64;
    let available = file_length.map(|length| length.saturating_sub(stream.pos()));
    let extent = number("sample_count").map_or(Extent::REST, |count| {
        Extent::promised(count.saturating_mul(frame), available)
    });
    Ok(Samples::only(format, extent))
}

fn read(stream: &mut MediaSourceStream<'_>, length: u64) -> Result<String, Error> {
    use std::io::Read;
    let mut bytes = Vec::new();
    stream.by_ref().take(length).read_to_end(&mut bytes)?;
    if (bytes.len() as u64) < length {
        return Err(Error::header("it is cut off"));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

#[cfg(test)]
mod tests {
    use crate::hearing::{hear, hear_piped};
    use crate::riff::tests::counting;
    use crate::{Error, Warning};

    fn sphere(fields: &str, samples: &[u8]) -> Vec<u8> {
        let mut file = format!("NIST_1A\n   1024\n{fields}end_head\n").into_bytes();
        file.resize(1024, b' ');
        [file, samples.to_vec()].concat()
    }

    #[test]
    fn both_byte_orders_and_companded_samples_are_read() {
        let (data, expected) = counting(300);
        let fields =
            "sample_count -i 300\nsample_rate -i 16000\nchannel_count -i 1\nsample_n_bytes -i 2\n";
        let little = sphere(
            &format!("{fields}sample_byte_format -s2 01\nsample_coding -s3 pcm\n"),
            &data,
        );
        assert_eq!(hear(&little).unwrap().0, expected);
        assert_eq!(hear_piped(&little).unwrap().0, expected);
        let swapped: Vec<u8> = data.chunks(2).flat_map(|b| [b[1], b[0]]).collect();
        let big = sphere(&format!("{fields}sample_byte_format -s2 10\n"), &swapped);
        assert_eq!(hear(&big).unwrap().0, expected);
        let law = "sample_rate -i 8000\nsample_n_bytes -i 1\nsample_coding -s4 ulaw\n";
        let (heard, recording) = hear(&sphere(law, &[0x80, 0xff])).unwrap();
        assert_eq!(
            (heard, recording.rate()),
            (vec![32124.0 / 32767.0, 0.0], 8000)
        );
        let cut = hear(&little[..1024 + 100]).unwrap().1;
        assert_eq!(cut.warnings(), [Warning::EndsEarly]);
    }

    #[test]
    fn shorten_and_nonsense_are_refused_by_name() {
        let shorten = "sample_rate -i 16000\nsample_coding -s26 pcm,embedded-shorten-v2.00\n";
        let message = hear(&sphere(shorten, &[0; 8])).err().unwrap().to_string();
        assert!(
            message.contains("shorten") && message.contains("sph2pipe"),
            "{message}"
        );
        for fields in [
            "",
            "sample_rate -i x\n",
            "sample_rate -i 16000\nchannel_count -i 0\n",
        ] {
            assert!(matches!(
                hear(&sphere(fields, &[0; 8])),
                Err(Error::Header { .. })
            ));
        }
        assert!(matches!(
            hear(b"NIST_1A\n   9999999999\n"),
            Err(Error::Header { .. })
        ));
        assert!(matches!(
            hear(b"NIST_1A\n   1024\n"),
            Err(Error::Header { .. })
        ));
    }
}
