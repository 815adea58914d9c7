//! `-` as a recording: standard input is kept in a temporary file, so that any container can be read, forwards or not, and twice where need be.

use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use clap::Args;
use tempfile::NamedTempFile;

use super::{Usage, interrupt};
use crate::extract::input::{Found, find};

/// How standard input is read.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Options {
    /// Standard input (-) holds raw samples: FORMAT:RATE:CHANNELS, such as s16le:16000:1. Formats: u8, s16le, s24le, s32le, f32le, f64le, alaw, mulaw.
    #[arg(long, value_name = "FORMAT:RATE:CHANNELS", value_parser = raw)]
    raw: Option<Raw>,

    /// What standard input (-) is called in the output.
    #[arg(long, value_name = "NAME", default_value = "-")]
    name: String,
}

/// Bytes of standard input that are looked at first.
const HEAD: u64 = 4096;

#[cfg(feature = "models")]
impl Options {
    /// What standard input is called.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Whether bare samples were announced.
    pub(super) fn raw(&self) -> bool {
        self.raw.is_some()
    }
}

/// Samples without a header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Raw {
    /// The tag of a WAV file for such samples.
    tag: u16,
    bits: u16,
    /// Hz.
    pub rate: u32,
    /// Interleaved.
    pub channels: u16,
}

/// Formats by name, with the tag and the bits that a WAV file has for them.
const FORMATS: [(&str, u16, u16); 8] = [
    ("u8", 1, 8),
    ("s16le", 1, 16),
    ("s24le", 1, 24),
    ("s32le", 1, 32),
    ("f32le", 3, 32),
    ("f64le", 3, 64),
    ("alaw", 6, 8),
    ("mulaw", 7, 8),
];

pub(super) fn raw(text: &str) -> Result<Raw, String> {
    let mut fields = text.split(':');
    let format = fields.next().unwrap_or_default();
    let Some((_, tag, bits)) = FORMATS.iter().find(|(name, ..)| *name == format) else {
        let names: Vec<&str> = FORMATS.iter().map(|(name, ..)| *name).collect();
        return Err(format!("{format:?} is none of {}", names.join(", ")));
    };
    let mut number = |what: &str| {
        let field = fields.next().unwrap_or_default();
        let number = field.parse::<u32>().ok().filter(|&n| n > 0);
        number.ok_or(format!(
            "{what} is missing: write FORMAT:RATE:CHANNELS, such as s16le:16000:1"
        ))
    };
    let (rate, channels) = (number("the rate")?, number("the number of channels")?);
    let channels = u16::try_from(channels).map_err(|_| "too many channels".to_owned())?;
    Ok(Raw {
        tag: *tag,
        bits: *bits,
        rate,
        channels,
    })
}

impl Raw {
    /// The head of a WAV file with so many bytes of samples.
    pub(super) fn header(self, bytes: u64) -> Vec<u8> {
        let frame = self.bits / 8 * self.channels;
        // A length that does not fit is written as "all there is".
        let length = u32::try_from(bytes).unwrap_or(u32::MAX);
        let mut head = b"RIFF".to_vec();
        head.extend(length.saturating_add(36).to_le_bytes());
        head.extend(b"WAVEfmt ");
        head.extend(16_u32.to_le_bytes());
        head.extend(self.tag.to_le_bytes());
        head.extend(self.channels.to_le_bytes());
        head.extend(self.rate.to_le_bytes());
        head.extend(self.rate.wrapping_mul(u32::from(frame)).to_le_bytes());
        head.extend(frame.to_le_bytes());
        head.extend(self.bits.to_le_bytes());
        head.extend(b"data");
        head.extend(length.to_le_bytes());
        head
    }
}

/// Standard input in a file.
#[derive(Debug)]
pub(super) struct Piped(Option<NamedTempFile>);

impl Piped {
    /// Where it is.
    pub(super) fn path(&self) -> Option<&Path> {
        self.0.as_ref().map(NamedTempFile::path)
    }
}

impl Drop for Piped {
    fn drop(&mut self) {
        if let Some(path) = self.path() {
            interrupt::keep(path);
        }
    }
}

/// Keeps standard input in a file.
pub(super) fn spool(options: &Options) -> Result<Piped> {
    let cannot = "cannot keep standard input in a temporary file (TMPDIR names another place)";
    let mut file = NamedTempFile::with_prefix("ser-").context(cannot)?;
    interrupt::remove_at_end(file.path());
    let header = options.raw.map(|raw| raw.header(u64::MAX));
    file.write_all(&header.unwrap_or_default())
        .context(cannot)?;
    let mut input = io::stdin().lock();
    let mut head = Vec::new();
    input
        .by_ref()
        .take(HEAD)
        .read_to_end(&mut head)
        .context("cannot read standard input")?;
    if head.is_empty() {
        bail!("standard input is empty: give - a recording");
    }
    // What is no recording is refused before it fills the disk.
    if let Some(refusal) = ser_audio::refusal(&head).filter(|_| options.raw.is_none()) {
        bail!("standard input {refusal}");
    }
    let bytes = io::copy(&mut head.as_slice().chain(input), &mut file).context(cannot)?;
    if let Some(raw) = options.raw {
        file.seek(SeekFrom::Start(0)).context(cannot)?;
        file.write_all(&raw.header(bytes)).context(cannot)?;
    }
    file.flush().context(cannot)?;
    Ok(Piped(Some(file)))
}

/// Finds the recordings that `paths` name, of which one may be `-`.
pub(super) fn find_or_read(paths: &[PathBuf], options: &Options) -> Result<(Found, Piped)> {
    let is_pipe = |path: &&PathBuf| path.as_path() == Path::new("-");
    let pipes = paths.iter().filter(is_pipe).count();
    if pipes == 0 {
        if options.raw.is_some() {
            bail!(Usage(
                "--raw is about standard input: name - as input".to_owned()
            ));
        }
        return Ok((find(paths), Piped(None)));
    }
    if pipes > 1 {
        bail!(Usage("- can be named once".to_owned()));
    }
    let piped = spool(options)?;
    let path = piped.path().unwrap_or(Path::new("-")).to_owned();
    let paths: Vec<PathBuf> = paths
        .iter()
        .map(|given| if is_pipe(&given) { &path } else { given }.clone())
        .collect();
    let mut found = find(&paths);
    for input in &mut found.inputs {
        if input.path == path {
            input.name = options.name.clone();
        }
    }
    Ok((found, piped))
}

#[test]
fn raw_formats_are_read_and_nonsense_is_named() {
    let parsed = raw("s16le:16000:2").unwrap();
    assert_eq!(
        (parsed.tag, parsed.bits, parsed.rate, parsed.channels),
        (1, 16, 16_000, 2)
    );
    for text in [
        "",
        "s16",
        "s16le",
        "s16le:0:1",
        "s16le:16000",
        "s16le:16000:70000",
        "s16le:x:1",
    ] {
        assert!(raw(text).is_err(), "{text}");
    }
}
