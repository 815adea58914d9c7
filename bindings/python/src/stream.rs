//! Samples as they arrive: push and finish.

use std::sync::Mutex;

use numpy::{PyArray1, PyArray2, PyArrayMethods, PyReadonlyArray1};
use pyo3::exceptions::PyRuntimeError;
use pyo3::prelude::*;
use ser::{Extractor, Features};

use crate::columns::{level, set, value_error};
use crate::watch::released;

/// Blocks shorter than this are pushed with Python's lock held: to release it takes about as long.
const SHORT_BLOCK: usize = 400;

/// Rows as `(values, starts, ends)`, in seconds.
type Rows<'py> = (
    Bound<'py, PyArray2<f32>>,
    Bound<'py, PyArray1<f64>>,
    Bound<'py, PyArray1<f64>>,
);

/// An extractor of one set at one rate.
#[pyclass(frozen, module = "ser._native")]
pub struct Stream(Mutex<Extractor>);

impl Stream {
    fn with<T>(&self, work: impl FnOnce(&mut Extractor) -> T) -> PyResult<T> {
        let mut extractor = self
            .0
            .lock()
            .map_err(|_| PyRuntimeError::new_err("an earlier call failed; make a new Extractor"))?;
        Ok(work(&mut extractor))
    }
}

#[pymethods]
impl Stream {
    /// Plans for samples at `rate` Hz.
    #[new]
    fn new(rate: u32, set_name: &str, level_name: &str) -> PyResult<Self> {
        let extractor = Extractor::new(set(set_name)?, rate, level(level_name)?);
        Ok(Self(Mutex::new(extractor.map_err(value_error)?)))
    }

    /// Takes in the next samples.
    fn push(&self, py: Python<'_>, samples: PyReadonlyArray1<'_, f32>) -> PyResult<()> {
        let copied: Vec<f32>;
        let block = match samples.as_slice() {
            Ok(block) => block,
            Err(_) => {
                copied = samples.as_array().iter().copied().collect();
                &copied
            }
        };
        let push = || self.with(|extractor| extractor.push(block));
        let pushed = if block.len() < SHORT_BLOCK {
            push()
        } else {
            released(py, push)?
        };
        pushed?.map_err(value_error)
    }

    /// The rows that became final since the last call.
    fn take_rows<'py>(&self, py: Python<'py>) -> PyResult<Rows<'py>> {
        let features = released(py, || self.with(Extractor::take_rows))??;
        rows(py, &features)
    }

    /// Ends the recording and gives its features.
    fn finish<'py>(&self, py: Python<'py>) -> PyResult<Rows<'py>> {
        let features = released(py, || self.with(Extractor::finish))??;
        rows(py, &features.map_err(value_error)?)
    }

    /// Forgets the samples pushed so far.
    fn reset(&self) -> PyResult<()> {
        self.with(Extractor::reset)
    }

    /// How late rows are, in frames, if they come while the recording lasts.
    #[getter]
    fn delay(&self) -> PyResult<Option<usize>> {
        self.with(|extractor| extractor.delay())
    }

    /// Fewest samples that give features.
    #[getter]
    fn shortest(&self) -> PyResult<usize> {
        self.with(|extractor| extractor.shortest_samples())
    }
}

fn rows<'py>(py: Python<'py>, features: &Features) -> PyResult<Rows<'py>> {
    let width = features.names().count();
    let (starts, ends): (Vec<f64>, Vec<f64>) = features.spans().iter().copied().unzip();
    let values = PyArray1::from_slice(py, features.values()).reshape([starts.len(), width])?;
    Ok((
        values,
        PyArray1::from_vec(py, starts),
        PyArray1::from_vec(py, ends),
    ))
}
