//! A recording of a corpus as samples, with the fingerprint of its file.

use std::io::Cursor;

use sha2::{Digest, Sha256};

use super::entry::Entry;
use ser_audio::Recording;

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
    /// Reads a recording once: fingerprint, samples at `rate` (or its own), and of them its part.
    ///
    /// # Errors
    /// What [`Recording::from_reader`] and [`Recording::next_block`] find.
    pub fn read(entry: &Entry, rate: Option<u32>) -> Result<Sound, ser_audio::Error> {
        let bytes = std::fs::read(&entry.disk)?;
        let sha256 = hexadecimal(&Sha256::digest(&bytes));
        let settings = ser_audio::Settings {
            channel: None,
            rate,
        };
        let mut recording = Recording::from_reader(Box::new(Cursor::new(bytes)), &settings)?;
        let mut samples = Vec::new();
        while let Some(block) = recording.next_block()? {
            samples.extend_from_slice(block);
        }
        let rate = recording.rate();
        if let Some((start, end)) = entry.part {
            let at = |seconds: f64| {
                ((seconds * f64::from(rate)).round().max(0.0) as usize).min(samples.len())
            };
            let end = end.map_or(samples.len(), at);
            samples = samples[at(start).min(end)..end].to_vec();
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
