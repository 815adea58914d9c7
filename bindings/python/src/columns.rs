//! The sets and what their columns mean.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use ser::{Extractor, FeatureSet, Level};

/// A set by its name.
///
/// # Errors
/// `ValueError` that lists the names.
pub(crate) fn set(name: &str) -> PyResult<FeatureSet> {
    name.parse().map_err(value_error)
}

/// A level by its name.
///
/// # Errors
/// `ValueError` that lists the names.
pub(crate) fn level(name: &str) -> PyResult<Level> {
    name.parse().map_err(value_error)
}

/// An error of the library as a `ValueError` with its message.
pub(crate) fn value_error(error: impl std::fmt::Display) -> PyErr {
    PyValueError::new_err(error.to_string())
}

/// The names of all sets, the published ones first.
#[pyfunction]
pub fn set_names() -> Vec<&'static str> {
    FeatureSet::ALL.map(FeatureSet::name).to_vec()
}

/// The names of the levels.
#[pyfunction]
pub fn level_names() -> Vec<&'static str> {
    [Level::Functionals, Level::Descriptors]
        .map(Level::name)
        .to_vec()
}

/// The columns of a set as JSON: name, unit, group, meaning, formula, reference, and accuracy where it was measured.
#[pyfunction]
pub fn columns(set_name: &str, level_name: &str) -> PyResult<String> {
    let columns = set(set_name)?.columns(level(level_name)?);
    serde_json::to_string(&columns).map_err(value_error)
}

/// Hop and length in samples of the frames that rows of descriptors stand for, as the library places them: 10 and 20 ms.
#[pyfunction]
pub fn geometry(rate: u32) -> PyResult<(usize, usize)> {
    let mut extractor =
        Extractor::new(FeatureSet::default(), rate, Level::Descriptors).map_err(value_error)?;
    extractor
        .push(&vec![0.0; rate as usize / 5])
        .map_err(value_error)?;
    let features = extractor.finish().map_err(value_error)?;
    let spans = features.spans();
    let samples = |seconds: f64| (seconds * f64::from(rate)).round() as usize;
    Ok((samples(spans[1].0), samples(spans[0].1)))
}
