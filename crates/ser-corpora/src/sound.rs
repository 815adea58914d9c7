//! A recording of a corpus as samples, with the fingerprint of its file.
//!
//! The file is streamed twice, for the fingerprint and for the samples, of which only those of the part are kept, and no more than [`MOST_SAMPLES`]: a corpus
//! holds utterances, and a day of silence in a small FLAC must not fill the memory.

use std::fs::File;
use std::path::Path;

use sha2::{Digest, Sha256};

use super::entry::Entry;
use ser_audio::Recording;

/// Samples of a recording that are held at most: half an hour at 48 kHz, 346 MB.
pub(crate) const MOST_SAMPLES: usize = 30 * 60 * 48_000;

/// Why a recording of a corpus cannot be used.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// It cannot be read or decoded.
    #[error(transparent)]
    Audio(#[from] ser_audio::Error),

    /// It is no utterance.
    #[error(
        "is longer than {minutes:.0} min at {rate_hz} Hz, the most that is taken of one recording of a corpus: cut it first (`ser segment`)"
    )]
    TooLong {
        /// The most, at this rate.
        minutes: f64,
        /// Its rate.
        rate_hz: u32,
    },
}

/// Samples of a recording, mono.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Sound {
    pub samples: Vec<f32>,
    /// Rate of the samples, Hz.
    pub rate: u32,
    /// Rate of the file, Hz.
    pub source_rate: u32,
    pub channels: usize,
    /// Whether the file ended before its header said so.
    pub truncated: bool,
    /// SHA-256 of the file, in hexadecimal.
    pub sha256: String,
}

impl Sound {
    /// Reads a recording: fingerprint, samples at `rate` (or its own), and of them its part.
    ///
    /// # Errors
    /// What [`Recording::open`] and [`Recording::next_block`] find, or that it is too long.
    pub fn read(entry: &Entry, rate: Option<u32>) -> Result<Sound, Error> {
        let sha256 = fingerprint_of(&entry.disk).map_err(ser_audio::Error::from)?;
        let settings = ser_audio::DecodingSettings {
            channel: None,
            rate,
        };
        let mut recording = Recording::open(&entry.disk, &settings)?;
        let rate = recording.rate();
        let at = |seconds: f64| (seconds * f64::from(rate)).round().max(0.0) as usize;
        let (first, end) = match entry.part {
            None => (0, usize::MAX),
            Some((start, end)) => (at(start), end.map_or(usize::MAX, at)),
        };
        let mut samples = Vec::new();
        let mut position = 0;
        while position < end
            && let Some(block) = recording.next_block()?
        {
            let within = |sample: usize| sample.saturating_sub(position).min(block.len());
            let own = within(first)..within(end);
            if samples.len() + own.len() > MOST_SAMPLES {
                return Err(Error::TooLong {
                    minutes: MOST_SAMPLES as f64 / f64::from(rate) / 60.0,
                    rate_hz: rate,
                });
            }
            if own.start < own.end {
                samples.extend_from_slice(&block[own]);
            }
            position += block.len();
        }
        Ok(Sound {
            samples,
            rate,
            source_rate: recording.source_rate(),
            channels: recording.channels(),
            truncated: recording.truncated(),
            sha256,
        })
    }

    /// Duration.
    pub fn seconds(&self) -> f64 {
        self.samples.len() as f64 / f64::from(self.rate)
    }

    /// A fingerprint of what is heard: the samples without digital silence at either end, and their rate. None for silence.
    pub fn fingerprint(&self) -> Option<[u8; 32]> {
        let first = self.samples.iter().position(|&sample| sample != 0.0)?;
        let last = self.samples.iter().rposition(|&sample| sample != 0.0)?;
        let mut hash = Sha256::new();
        hash.update(self.rate.to_le_bytes());
        for sample in &self.samples[first..=last] {
            hash.update(sample.to_le_bytes());
        }
        Some(hash.finalize().into())
    }
}

/// SHA-256 of a file, in hexadecimal.
fn fingerprint_of(path: &Path) -> std::io::Result<String> {
    // A pipe would be waited for; what is no file is named by the decoder.
    if !path.metadata()?.is_file() {
        return Ok(String::new());
    }
    let mut file = File::open(path)?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut hash)?;
    Ok(hexadecimal(&hash.finalize()))
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sound(samples: Vec<f32>) -> Sound {
        Sound {
            samples,
            rate: 16_000,
            source_rate: 16_000,
            channels: 1,
            truncated: false,
            sha256: String::new(),
        }
    }

    #[test]
    fn silence_at_the_ends_does_not_change_the_fingerprint() {
        let print = |samples: &[f32]| sound(samples.to_vec()).fingerprint();
        assert_eq!(
            print(&[0.1, 0.0, 0.2]),
            print(&[0.0, 0.1, 0.0, 0.2, 0.0, 0.0])
        );
        assert_ne!(print(&[0.1, 0.2]), print(&[0.2, 0.1]));
        assert_eq!(print(&[0.0; 9]), None);
    }
}
