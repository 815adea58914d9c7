//! A recording of a corpus as samples, with the fingerprint of its file.

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
        let settings = ser_audio::Settings {
            channel: None,
            rate,
        };
        let mut recording = Recording::open(&entry.disk, &settings)?;
        let mut hash = Sha256::new();
        std::io::copy(&mut std::fs::File::open(&entry.disk)?, &mut hash)?;
        let sha256 = hexadecimal(&hash.finalize());
        let rate = recording.rate();
        let at = |seconds: f64| (seconds * f64::from(rate)).round().max(0.0) as usize;
        let samples = match entry.part {
            None => recording.read_to_end()?,
            Some((start, end)) => part(&mut recording, at(start), end.map(at))?,
        };
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

/// The most samples that a part has: those of [`Recording::read_to_end`].
const MOST: usize = 1 << 27;

/// The samples of a part; those around it are read and not kept.
fn part(
    recording: &mut Recording,
    first: usize,
    end: Option<usize>,
) -> Result<Vec<f32>, ser_audio::Error> {
    let (mut samples, mut position) = (Vec::new(), 0);
    while let Some(block) = recording.next_block()? {
        let local = |at: usize| at.saturating_sub(position).min(block.len());
        let own = local(first)..end.map_or(block.len(), local);
        samples.extend_from_slice(block.get(own).unwrap_or_default());
        position += block.len();
        if samples.len() > MOST {
            let limit_s = MOST as f64 / f64::from(recording.rate());
            return Err(ser_audio::Error::TooLong { limit_s });
        }
    }
    Ok(samples)
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
