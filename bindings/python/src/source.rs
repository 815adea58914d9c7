//! A recording as Python has it: a path, the bytes of a file, or samples with their rate.

use std::io::Cursor;
use std::ops::Deref;
use std::path::PathBuf;
use std::sync::Arc;

use numpy::PyReadonlyArray1;
use pyo3::prelude::*;
use pyo3::pybacked::PyBackedBytes;
use ser::audio::{self, Recording};

/// An argument: `str`, a path, `bytes`, or `(samples, rate)` with mono samples of 32-bit floating point.
#[derive(FromPyObject)]
pub enum Argument<'py> {
    Samples(PyReadonlyArray1<'py, f32>, u32),
    Bytes(PyBackedBytes),
    Path(PathBuf),
}

/// A recording that any thread may open.
#[derive(Clone)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// The content of one, which stays where Python or Arrow has it.
    Bytes(Octets),
    /// Samples and their rate in Hz.
    Samples(Floats, u32),
}

/// Bytes, shared.
#[derive(Clone)]
pub struct Octets(pub Arc<dyn Deref<Target = [u8]> + Send + Sync>);

impl AsRef<[u8]> for Octets {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

/// Samples, shared.
#[derive(Clone)]
pub struct Floats(pub Arc<dyn Deref<Target = [f32]> + Send + Sync>);

impl AsRef<[f32]> for Floats {
    fn as_ref(&self) -> &[f32] {
        &self.0
    }
}

impl From<Argument<'_>> for Source {
    fn from(argument: Argument<'_>) -> Self {
        match argument {
            Argument::Path(path) => Self::Path(path),
            Argument::Bytes(bytes) => Self::Bytes(Octets(Arc::new(bytes))),
            Argument::Samples(array, rate) => {
                let samples: Vec<f32> = match array.as_slice() {
                    Ok(slice) => slice.to_vec(),
                    Err(_) => array.as_array().iter().copied().collect(),
                };
                Self::Samples(Floats(Arc::new(samples)), rate)
            }
        }
    }
}

impl Source {
    /// Opens it at its beginning.
    ///
    /// # Errors
    /// Those of [`Recording::open`].
    pub fn open(&self, settings: &audio::DecodingSettings) -> Result<Recording, audio::Error> {
        match self {
            Self::Path(path) => Recording::open(path, settings),
            Self::Bytes(bytes) => {
                Recording::from_reader(Box::new(Cursor::new(bytes.clone())), settings)
            }
            Self::Samples(samples, rate) => {
                // Of one channel already, whichever was asked for.
                let settings = audio::DecodingSettings {
                    channel: None,
                    ..*settings
                };
                Recording::from_samples(samples.clone(), *rate, &settings)
            }
        }
    }
}
