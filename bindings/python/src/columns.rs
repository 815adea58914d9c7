//! The sets and what their columns mean.

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use ser::{FeatureSet, Level};

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
    [Level::Functionals, Level::Descriptors].map(Level::name).to_vec()
}

/// The columns of a set as JSON: name, unit, group, meaning, formula, reference, and accuracy where it was measured.
#[pyfunction]
pub fn columns(set_name: &str, level_name: &str) -> PyResult<String> {
    let columns = set(set_name)?.columns(level(level_name)?);
    serde_json::to_string(&columns).map_err(value_error)
}
