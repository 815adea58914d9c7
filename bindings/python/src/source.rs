//! A recording as Python has it: a path, the bytes of a file, or samples with their rate.

use std::io::Cursor;
use std::path::PathBuf;
use std::sync::Arc;

use numpy::{PyArrayMethods, PyReadonlyArray1};
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
#[derive(Clone, Debug)]
pub enum Source {
    /// A file.
    Path(PathBuf),
    /// The content of one, which stays where Python has it.
    Bytes(Shared),
    /// Samples and their rate in Hz.
    Samples(Arc<[f32]>, u32),
}

/// Bytes of Python, shared.
#[derive(Clone, Debug)]
pub struct Shared(Arc<PyBackedBytes>);

impl AsRef<[u8]> for Shared {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl From<Argument<'_>> for Source {
    fn from(argument: Argument<'_>) -> Self {
        match argument {
            Argument::Path(path) => Self::Path(path),
            Argument::Bytes(bytes) => Self::Bytes(Shared(Arc::new(bytes))),
            Argument::Samples(array, rate) => {
                let samples = match array.as_slice() {
                    Ok(slice) => slice.into(),
                    Err(_) => array.as_array().iter().copied().collect(),
                };
                Self::Samples(samples, rate)
            }
        }
    }
}

impl Source {
    /// Opens it at its beginning.
    ///
    /// # Errors
    /// Those of [`Recording::open`].
    pub fn open(&self, settings: &audio::Settings) -> Result<Recording, audio::Error> {
        match self {
            Self::Path(path) => Recording::open(path, settings),
            Self::Bytes(bytes) => {
                Recording::from_reader(Box::new(Cursor::new(bytes.clone())), settings)
            }
            Self::Samples(samples, rate) => {
                Recording::from_samples(samples.clone(), *rate, settings)
            }
        }
    }
}
