//! What a file is, told by its first bytes and not by its name.
//!
//! A name is a wish: voices called `.wav` are often MP3, and a text may be called `.mp3`. Left alone, a
//! searching decoder finds something like an MPEG frame in most images, so what is not recognised
//! within its first bytes is not tried at all.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use symphonia::core::io::{MediaSourceStream, SeekBuffered};

use crate::error::Error;
use crate::wave64::RIFF;

/// Bytes of the start that [`FileFormat::of`] wants to see. An MPEG frame is at most 2881 bytes long, and
/// one frame and the header of the next are what makes MPEG certain.
pub(crate) const HEAD: usize = 4096;

/// The families of content, as far as they are opened in different ways.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// RIFF, RF64 or RIFX with WAVE inside.
    Wave,
    /// Sony Wave64.
    Wave64,
    /// Sun or NeXT AU.
    Au,
    /// NIST SPHERE.
    Sphere,
    /// A bare sequence of MPEG or ADTS frames, maybe after an ID3 tag, without an index.
    Frames,
    /// A container with a header: AIFF, FLAC, Ogg, MP4, Matroska, CAF.
    Container,
    /// Audio without a decoder here: what, and its usual extension.
    Undecodable(&'static str, &'static str),
    /// What Git leaves in place of a large file.
    LfsPointer,
    /// Something else, with its article.
    Alien(&'static str),
    /// No bytes.
    Empty,
    /// None of these.
    Unknown,
}

use FileFormat::{Alien, Container, Undecodable};

/// Beginnings: where, which bytes, what it is. The first that fits is taken.
const BEGINNINGS: &[(usize, &[u8], FileFormat)] = &[
    (0, b"ID3", FileFormat::Frames),
    (0, b"fLaC", Container),
    (28, b"Speex   ", Undecodable("Speex", "spx")), // in Ogg, as first packet
    (0, b"OggS", Container),
    (0, b"caff", Container),
    (0, b"\x1a\x45\xdf\xa3", Container), // EBML: Matroska, WebM
    (4, b"ftyp", Container),             // MP4, M4A, QuickTime
    (4, b"moov", Container),             // QuickTime without ftyp
    (0, b"#!AMR", Undecodable("AMR", "amr")),
    (
        0,
        b"\x30\x26\xb2\x75\x8e\x66\xcf\x11",
        Undecodable("Windows Media", "wma"),
    ),
    (0, b"MAC ", Undecodable("Monkey's Audio", "ape")),
    (0, b"wvpk", Undecodable("WavPack", "wv")),
    (0, b"NIST_1A", FileFormat::Sphere),
    (0, b".snd", FileFormat::Au),
    (0, RIFF, FileFormat::Wave64),
    (0, b"ajkg", Undecodable("Shorten", "shn")),
    (0, b"DSD ", Undecodable("DSD", "dsf")),
    (0, b"TTA1", Undecodable("True Audio", "tta")),
    (
        0,
        b"Creative Voice File",
        Undecodable("Creative Voice", "voc"),
    ),
    (0, b"dns.", Undecodable("AU with its bytes swapped", "au")),
    (0, b"MPCK", Undecodable("Musepack", "mpc")),
    (0, b"FLV\x01", Undecodable("Flash video", "flv")),
    (0, b"MThd", Alien("a MIDI score")),
    (0, b"\x89PNG", Alien("a PNG image")),
    (0, b"\xff\xd8\xff", Alien("a JPEG image")),
    (0, b"GIF8", Alien("a GIF image")),
    (0, b"II*\0", Alien("a TIFF image")),
    (0, b"MM\0*", Alien("a TIFF image")),
    (0, b"%PDF", Alien("a PDF document")),
    (
        0,
        b"PK\x03\x04",
        Alien("a ZIP archive or an office document"),
    ),
    (0, b"\x1f\x8b", Alien("a gzip archive")),
    (0, b"7z\xbc\xaf", Alien("a 7z archive")),
    (0, b"Rar!\x1a\x07", Alien("a RAR archive")),
    (4, b"1AY&SY", Alien("a bzip2 archive")),
    (0, b"\xfd7zXZ", Alien("an xz archive")),
    (0, b"\x28\xb5\x2f\xfd", Alien("a Zstandard archive")),
    (257, b"ustar", Alien("a tar archive")),
    (0, b"SQLite format 3", Alien("an SQLite database")),
    (0, b"\x89HDF", Alien("an HDF5 file")),
    (0, b"MATLAB 5.0 MAT", Alien("a MATLAB file")),
    (0, b"\x93NUMPY", Alien("a NumPy array")),
    (0, b"PAR1", Alien("a Parquet table")),
    (0, b"#EXTM3U", Alien("a playlist")),
    (0, b"\0\0\0\x01Bud1", Alien("a .DS_Store of macOS")),
    (
        0,
        b"\0\0\x01\xba",
        Undecodable("MPEG program stream", "mpg"),
    ),
    (0, b"\x7f\xfe\x80\x01", Undecodable("DTS", "dts")),
    (0, b".SoX", Undecodable("SoX's own", "sox")),
    (
        0,
        b"\x00\x05\x16\x07",
        Alien("an AppleDouble file (a macOS attribute, not its audio)"),
    ),
    (0, b"\x7fELF", Alien("a program")),
    (
        0,
        b"version https://git-lfs.github.com/spec/",
        FileFormat::LfsPointer,
    ),
    (0, b"[InternetShortcut]", Alien("a link to a web page")),
    (
        0,
        b"<!DOCTYPE html",
        Alien("a web page (a failed download?)"),
    ),
    (
        0,
        b"<!doctype html",
        Alien("a web page (a failed download?)"),
    ),
    (0, b"<html", Alien("a web page (a failed download?)")),
    (0, b"http://", Alien("a text with a URL")),
    (0, b"https://", Alien("a text with a URL")),
];

impl FileFormat {
    /// The format of content that begins with `head`, which is the whole content or [`HEAD`] bytes of it.
    pub(crate) fn of(head: &[u8]) -> FileFormat {
        if head.is_empty() {
            return FileFormat::Empty;
        }
        let form = head.get(8..12).unwrap_or_default();
        match head.get(..4).unwrap_or_default() {
            b"RIFF" | b"RF64" | b"BW64" | b"RIFX" if form == b"WAVE" => return FileFormat::Wave,
            b"RIFF" if form == b"WEBP" => return Alien("a WebP image"),
            b"RIFF" if form == b"AVI " => return Undecodable("AVI video", "avi"),
            b"FORM" if form == b"AIFF" || form == b"AIFC" => return Container,
            _ => {}
        }
        let begins = |&&(at, bytes, _): &&(usize, &[u8], FileFormat)| {
            head.get(at..).is_some_and(|rest| rest.starts_with(bytes))
        };
        if let Some(&(_, _, file_format)) = BEGINNINGS.iter().find(begins) {
            return file_format;
        }
        // Packets of 188 bytes that begin with the same byte.
        if head.len() >= 940 && head.iter().step_by(188).all(|&byte| byte == 0x47) {
            return Undecodable("MPEG transport stream", "ts");
        }
        if head.len() >= 16 && head.iter().all(|&byte| byte == 0) {
            Alien("a file of zeros (a copy or download that broke off?)")
        } else if is_frames(head) {
            FileFormat::Frames
        } else if is_text(head) {
            Alien("a text")
        } else {
            FileFormat::Unknown
        }
    }

    /// The error to report for content that is not opened.
    pub(crate) fn refusal(self) -> Option<Error> {
        match self {
            FileFormat::Wave
            | FileFormat::Wave64
            | FileFormat::Au
            | FileFormat::Sphere
            | FileFormat::Frames
            | Container => None,
            Undecodable(what, extension) => Some(Error::undecodable(what, extension)),
            FileFormat::LfsPointer => Some(Error::LfsPointer),
            Alien(what) => Some(Error::NotAudio { what }),
            FileFormat::Empty => Some(Error::Empty),
            FileFormat::Unknown => Some(Error::Unrecognised),
        }
    }
}

/// Whether an MPEG or ADTS frame stands at the start and, as far as seen, another right after it; or
/// three in a row anywhere, as where a broadcast was cut out (by chance, once in 10⁹ files of noise).
fn is_frames(head: &[u8]) -> bool {
    let next = |from: usize| frame_length(&head[from..]).map(|length| from + length);
    let seen = |at: usize| at + 6 <= head.len();
    let first = next(0).is_some_and(|second| !seen(second) || next(second).is_some());
    first
        || (1..head.len()).any(|at| {
            let mut frames =
                std::iter::successors(Some(at), |&at| if seen(at) { next(at) } else { None });
            frames.nth(3).is_some()
        })
}

/// Bytes from this frame to the next, if a header of MPEG audio (ISO 11172-3 §2.4.1.3, 13818-3) or of
/// ADTS (13818-7 §6.2) stands at the start.
fn frame_length(bytes: &[u8]) -> Option<usize> {
    /// Bit rates in kbit/s: MPEG 1 layers I, II, III; MPEG 2 layer I; MPEG 2 layers II and III.
    const KBITS: [[usize; 14]; 5] = [
        [
            32, 64, 96, 128, 160, 192, 224, 256, 288, 320, 352, 384, 416, 448,
        ],
        [
            32, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320, 384,
        ],
        [
            32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320,
        ],
        [
            32, 48, 56, 64, 80, 96, 112, 128, 144, 160, 176, 192, 224, 256,
        ],
        [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160],
    ];
    let &[0xff, b1, b2, b3, b4, b5, ..] = bytes else {
        return None;
    };
    if b1 & 0xf6 == 0xf0 {
        let length = usize::from(b3 & 3) << 11 | usize::from(b4) << 3 | usize::from(b5 >> 5);
        return (length > 7 && (b2 >> 2) & 0xf < 13).then_some(length);
    }
    let (version, layer) = ((b1 >> 3) & 3, (b1 >> 1) & 3); // 3 is MPEG 1, 2 is 2, 0 is 2.5; layer I is 3
    let (index, rate, padding) = (
        usize::from(b2 >> 4),
        usize::from((b2 >> 2) & 3),
        usize::from((b2 >> 1) & 1),
    );
    if b1 & 0xe0 != 0xe0 || version == 1 || layer == 0 || !(1..15).contains(&index) || rate == 3 {
        return None;
    }
    let row = match (version, layer) {
        (3, layer) => usize::from(3 - layer),
        (_, 3) => 3,
        _ => 4,
    };
    let bits = 1000 * KBITS[row][index - 1];
    let halvings = [2, 0, 1, 0][usize::from(version)];
    let hz = [44100, 48000, 32000][rate] >> halvings;
    Some(match layer {
        3 => (12 * bits / hz + padding) * 4,
        1 if version != 3 => 72 * bits / hz + padding,
        _ => 144 * bits / hz + padding,
    })
}

/// Whether it reads as UTF-8 or Latin-1 text without control characters, or as UTF-16 with its mark. A text of one byte over and over is none.
fn is_text(head: &[u8]) -> bool {
    if head.len() >= 16 && head.iter().all(|&byte| byte == head[0]) {
        return false;
    }
    let control = |&&byte: &&u8| {
        (byte < 32 && !matches!(byte, b'\t' | b'\n' | b'\r' | 12 | 27)) || byte == 127
    };
    head.starts_with(b"\xff\xfe")
        || head.starts_with(b"\xfe\xff")
        || !head.iter().any(|byte| control(&byte))
}

/// Extensions under which recordings go, also those in formats that [`Error::Undecodable`] will name:
/// a recording that is silently left out is worse than one that is refused.
const EXTENSIONS: &[&str] = &[
    "wav", "wave", "bwf", "rf64", "aif", "aiff", "aifc", "flac", "mp3", "mp2", "ogg", "oga",
    "opus", "spx", "m4a", "m4b", "mp4", "mov", "3gp", "aac", "alac", "caf", "mka", "mkv", "webm",
    "amr", "wma", "ape", "wv", "sph", "au", "snd", "w64",
];

/// Whether a file is worth opening as a recording: by its extension or, if that says nothing, by its
/// first bytes.
///
/// For walking through folders. What cannot be read counts as no, and so do the `._` companions that
/// macOS leaves beside every file on foreign disks.
pub fn looks_like_audio(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    if name.starts_with("._") || !path.is_file() {
        return false;
    }
    is_named_like_audio(path) || begins_like_audio(path)
}

/// Whether the name alone says that it is a recording: by its extension, and not one of the `._` companions.
pub fn is_named_like_audio(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    !name.starts_with("._") && EXTENSIONS.contains(&extension.to_ascii_lowercase().as_str())
}

/// Why content that begins like this is not opened as a recording; `None` for what is worth trying.
pub fn refusal(head: &[u8]) -> Option<Error> {
    FileFormat::of(head).refusal()
}

/// Whether the content of a regular file begins like audio, whatever its name says.
pub fn begins_like_audio(path: &Path) -> bool {
    if !path.is_file() {
        return false;
    }
    let mut head = Vec::with_capacity(HEAD);
    let read = File::open(path).and_then(|file| file.take(HEAD as u64).read_to_end(&mut head));
    read.is_ok()
        && !matches!(
            FileFormat::of(&head),
            FileFormat::LfsPointer | Alien(_) | FileFormat::Empty | FileFormat::Unknown
        )
}

/// What stands there instead of a regular file.
pub(crate) fn no_file(metadata: &std::fs::Metadata) -> Option<&'static str> {
    if metadata.is_file() {
        return None;
    }
    if metadata.is_dir() {
        return Some("a folder");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::FileTypeExt;
        let kind = metadata.file_type();
        if kind.is_fifo() {
            return Some("a named pipe");
        }
        if kind.is_socket() {
            return Some("a socket");
        }
    }
    Some("a device")
}

/// The first bytes, which remain to be read.
pub(crate) fn peek(stream: &mut MediaSourceStream<'_>) -> Result<Vec<u8>, Error> {
    let mut head = Vec::with_capacity(HEAD);
    stream.ensure_seekback_buffer(HEAD);
    stream.by_ref().take(HEAD as u64).read_to_end(&mut head)?;
    stream.seek_buffered_rev(head.len());
    Ok(head)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_is_told_by_its_first_bytes() {
        assert_eq!(FileFormat::of(b""), FileFormat::Empty);
        assert_eq!(
            FileFormat::of(b"RIFF\xff\xff\xff\xffWAVEfmt "),
            FileFormat::Wave
        );
        assert_eq!(
            FileFormat::of(b"RF64\xff\xff\xff\xffWAVEds64"),
            FileFormat::Wave
        );
        assert_eq!(
            FileFormat::of(b"RIFF\x10\0\0\0WEBPVP8 "),
            Alien("a WebP image")
        );
        assert_eq!(FileFormat::of(b"FORM\0\0\0\x10AIFCFVER"), Container);
        assert_eq!(FileFormat::of(b"\0\0\0\x20ftypM4A "), Container);
        assert_eq!(
            FileFormat::of("Grüße\nan alle\n".as_bytes()),
            Alien("a text")
        );
        assert_eq!(
            FileFormat::of(b"speaker,label\n03,anger\n"),
            Alien("a text")
        );
        assert!(matches!(FileFormat::of(&[0; HEAD]), Alien(zeros) if zeros.contains("zeros")));
        assert_eq!(
            FileFormat::of(&[0x8f, 0, 1, 2, 3, 4, 5]),
            FileFormat::Unknown
        );
        assert_eq!(FileFormat::of(&[0xff; HEAD]), FileFormat::Unknown);
        assert_eq!(FileFormat::of(b"BZh91AY&SY\xff"), Alien("a bzip2 archive"));
        let packets = [b"\x47@\0\x10\0".as_slice(), &[0xff; 183]]
            .concat()
            .repeat(6);
        assert_eq!(
            FileFormat::of(&packets),
            Undecodable("MPEG transport stream", "ts")
        );
        assert_eq!(
            FileFormat::of(&[0xff, 0xd8, 0xff, 0xe0, 0, 16]),
            Alien("a JPEG image")
        );
    }

    #[test]
    fn lengths_of_mpeg_and_adts_frames_are_those_of_the_standard() {
        assert_eq!(frame_length(&[0xff, 0xfb, 0x90, 0, 0, 0]), Some(417)); // MPEG 1 III, 128 k, 44.1 kHz
        assert_eq!(frame_length(&[0xff, 0xfb, 0x92, 0, 0, 0]), Some(418)); // the same with padding
        assert_eq!(frame_length(&[0xff, 0xf3, 0x64, 0, 0, 0]), Some(144)); // MPEG 2 III, 48 k, 24 kHz
        assert_eq!(
            frame_length(&[0xff, 0xf1, 0x60, 0x40, 0x2b, 0x60]),
            Some(347)
        );
        assert_eq!(frame_length(&[0xff, 0xfb, 0xf0, 0, 0, 0]), None); // no such bit rate
        assert_eq!(frame_length(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), None);
    }

    #[test]
    fn one_frame_header_without_a_second_is_not_mpeg() {
        let mut head = vec![0x55; HEAD];
        head[..4].copy_from_slice(&[0xff, 0xfb, 0x90, 0]);
        assert_eq!(FileFormat::of(&head), FileFormat::Unknown);
        head[417..421].copy_from_slice(&[0xff, 0xfb, 0x90, 0]);
        assert_eq!(FileFormat::of(&head), FileFormat::Frames);
    }

    #[test]
    fn a_name_decides_only_if_its_extension_is_known() {
        let folder = std::env::temp_dir().join(format!("ser-kind-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let looks = |name: &str, content: &[u8]| {
            std::fs::write(folder.join(name), content).unwrap();
            looks_like_audio(&folder.join(name))
        };
        assert!(looks("a.WAV", b""));
        assert!(looks("a.opus", b"OggS"));
        assert!(looks("noext", b"fLaC\0\0\0\x22"));
        assert!(looks("speech.003", b"NIST_1A\n   1024\n"));
        assert!(!looks("notes.txt", b"hello"));
        assert!(!looks("._a.wav", b"\0\x05\x16\x07"));
        assert!(!looks_like_audio(&folder) && !looks_like_audio(&folder.join("none.wav")));
        std::fs::remove_dir_all(folder).unwrap();
    }
}
