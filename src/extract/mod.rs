//! Recordings in, features out: files and folders, many at a time.

pub mod input;

pub mod ordered;

use std::path::Path;

use crate::audio::{self, Recording};
use crate::error::Error;
use crate::feature::{Extractor, FeatureSet, Features, Level};

/// What is extracted, and from which samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Settings {
    /// The feature set. Default: eGeMAPSv02.
    pub set: FeatureSet,
    /// Functionals or descriptors. Default: functionals.
    pub level: Level,
    /// Channel and rate. Default: the mean of all channels at the file's own rate.
    pub audio: audio::Settings,
}

/// Extracts from many recordings in turn, and keeps the plan of each sample rate it met.
#[derive(Debug)]
pub struct Worker {
    settings: Settings,
    extractors: Vec<Extractor>,
}

impl Worker {
    /// A worker that has planned nothing yet.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings,
            extractors: Vec::new(),
        }
    }

    /// The features of a recording.
    ///
    /// # Errors
    /// Where the file cannot be read, is shorter than one frame of 60 ms, or has a rate outside 4 … 192 kHz.
    pub fn extract(&mut self, path: &Path) -> Result<Features, Error> {
        let mut recording = Recording::open(path, &self.settings.audio)?;
        let extractor = self.extractor(recording.rate())?;
        if let Some(samples) = recording.length_samples() {
            extractor.reserve(usize::try_from(samples).unwrap_or(0).min(LARGEST_RESERVE));
        }
        let outcome = feed(&mut recording, extractor);
        if outcome.is_err() {
            extractor.reset();
        }
        outcome?;
        extractor.finish()
    }

    fn extractor(&mut self, rate_hz: u32) -> Result<&mut Extractor, Error> {
        let known = self.extractors.iter().position(|e| e.rate_hz() == rate_hz);
        let index = match known {
            Some(index) => index,
            None => {
                self.extractors.push(Extractor::new(
                    self.settings.set,
                    rate_hz,
                    self.settings.level,
                )?);
                self.extractors.len() - 1
            }
        };
        Ok(&mut self.extractors[index])
    }
}

/// A header may promise any number of samples; this many (an hour at 48 kHz) are believed.
const LARGEST_RESERVE: usize = 3600 * 48_000;

fn feed(recording: &mut Recording, extractor: &mut Extractor) -> Result<(), Error> {
    while let Some(block) = recording.next_block()? {
        extractor.push(block)?;
    }
    Ok(())
}

/// The features of one recording. For many, keep a [`Worker`]: it plans once per sample rate.
///
/// # Errors
/// As [`Worker::extract`].
pub fn extract_file(path: impl AsRef<Path>, settings: &Settings) -> Result<Features, Error> {
    Worker::new(*settings).extract(path.as_ref())
}
