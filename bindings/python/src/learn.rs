//! Scaling and latent spaces for `ser.sklearn`, fitted by the models' own code.

use numpy::ndarray::{Array1, Array2};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray2};
use pyo3::prelude::*;
use pyo3::types::PyBytes;
use ser::model::autoencoder::{Autoencoder, Configuration, Dense};
use ser::model::pca::Pca;
use ser::model::pipeline::Reducer;
use ser::table::Scaler;
use serde::{Deserialize, Serialize};

use crate::columns::value_error;
use crate::watch::{released, watched};

/// Mean and standard deviation of the columns of a table of `float32`; where a column is constant, a deviation of 0.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub fn statistics<'py>(
    py: Python<'py>,
    table: PyReadonlyArray2<'py, f32>,
) -> PyResult<(Bound<'py, PyArray1<f64>>, Bound<'py, PyArray1<f64>>)> {
    let table = table.as_array().as_standard_layout().into_owned();
    let width = table.ncols();
    let scaler = released(py, move || {
        let rows = table.as_slice().unwrap_or_default();
        match width {
            0 => Scaler::fit(0, std::iter::empty()),
            _ => Scaler::fit(width, rows.chunks_exact(width)),
        }
    })?;
    Ok((
        PyArray1::from_slice(py, scaler.mean()),
        PyArray1::from_slice(py, scaler.deviation()),
    ))
}

/// A fitted representation: principal components, or the encoder of an autoencoder.
#[pyclass(frozen, module = "ser._native")]
pub struct Encoder {
    reducer: Reducer,
    columns: usize,
}

/// Weights, a list per output, and biases.
type Layer = (Vec<Vec<f32>>, Vec<f32>);

/// What an [`Encoder`] is pickled as.
#[derive(Serialize, Deserialize)]
enum State {
    Pca {
        mean: Vec<f64>,
        components: Vec<Vec<f64>>,
        variance: Vec<f64>,
        explained: Vec<f64>,
    },
    Autoencoder {
        configuration: Configuration,
        encoder: Vec<Layer>,
        decoder: Vec<Layer>,
        losses: Vec<f64>,
    },
}

#[pymethods]
impl Encoder {
    /// Fits `kind` (`pca`, `uae` or `dae`) to standardised rows; `configuration` is JSON with what differs from the defaults.
    #[staticmethod]
    #[pyo3(signature = (table, kind, configuration, seed, progress=None))]
    fn fit(
        py: Python<'_>,
        table: PyReadonlyArray2<'_, f64>,
        kind: &str,
        configuration: &str,
        seed: u64,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<Self> {
        let mut wanted: Configuration = serde_json::from_str(configuration).map_err(value_error)?;
        if kind == "uae" {
            wanted.noise = 0.0;
        }
        let rows = table.as_array().as_standard_layout().into_owned();
        let columns = rows.ncols();
        let is_pca = kind == "pca";
        let reducer = watched(py, progress, move |watch| {
            let rows = rows.view();
            if is_pca {
                return Pca::fit(rows, wanted.latent).map(Reducer::Pca);
            }
            let network = wanted.check()?.fit(rows, seed, &mut |_| watch.advance())?;
            Ok(Reducer::Autoencoder(network))
        })?
        .map_err(|error: ser::model::Error| value_error(error))?;
        Ok(Self { reducer, columns })
    }

    /// The representation of standardised rows.
    fn transform<'py>(
        &self,
        py: Python<'py>,
        table: PyReadonlyArray2<'py, f64>,
    ) -> PyResult<Bound<'py, PyArray2<f64>>> {
        let table = table.as_array().as_standard_layout().into_owned();
        if table.ncols() != self.columns {
            return Err(value_error(format!(
                "the table has {} columns, and the encoder was fitted to {}",
                table.ncols(),
                self.columns
            )));
        }
        let latent = released(py, || self.reducer.transform(table.view()))?;
        Ok(latent.into_pyarray(py))
    }

    /// Share of the variance along each principal component; empty for an autoencoder.
    #[getter]
    fn explained(&self) -> Vec<f64> {
        match &self.reducer {
            Reducer::Pca(pca) => pca.explained.clone(),
            _ => Vec::new(),
        }
    }

    /// Loss of each epoch; empty for principal components.
    #[getter]
    fn losses(&self) -> Vec<f64> {
        match &self.reducer {
            Reducer::Autoencoder(network) => network.losses.clone(),
            _ => Vec::new(),
        }
    }

    /// Everything that makes it, for pickle.
    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let layers = |layers: &[Dense]| {
            let layer = |dense: &Dense| {
                let rows = dense.weight.outer_iter().map(|row| row.to_vec());
                (rows.collect(), dense.bias.to_vec())
            };
            layers.iter().map(layer).collect()
        };
        let state = match &self.reducer {
            Reducer::Raw => return Err(value_error("an encoder of nothing")),
            Reducer::Pca(pca) => State::Pca {
                mean: pca.mean.clone(),
                components: pca
                    .components
                    .outer_iter()
                    .map(|row| row.to_vec())
                    .collect(),
                variance: pca.variance.clone(),
                explained: pca.explained.clone(),
            },
            Reducer::Autoencoder(network) => State::Autoencoder {
                configuration: network.configuration.clone(),
                encoder: layers(&network.encoder),
                decoder: layers(&network.decoder),
                losses: network.losses.clone(),
            },
        };
        let bytes = serde_json::to_vec(&(self.columns, state)).map_err(value_error)?;
        Ok(PyBytes::new(py, &bytes))
    }

    /// What [`Encoder::to_bytes`] gave.
    #[staticmethod]
    fn from_bytes(bytes: &[u8]) -> PyResult<Self> {
        let (columns, state): (usize, State) =
            serde_json::from_slice(bytes).map_err(value_error)?;
        let reducer = match state {
            State::Pca {
                mean,
                components,
                variance,
                explained,
            } => Reducer::Pca(Pca {
                mean,
                components: matrix(components)?,
                variance,
                explained,
            }),
            State::Autoencoder {
                configuration,
                encoder,
                decoder,
                losses,
            } => Reducer::Autoencoder(Autoencoder {
                configuration,
                encoder: layers(encoder)?,
                decoder: layers(decoder)?,
                losses,
            }),
        };
        Ok(Self { reducer, columns })
    }
}

fn matrix<T: Copy>(rows: Vec<Vec<T>>) -> PyResult<Array2<T>> {
    let shape = (rows.len(), rows.first().map_or(0, Vec::len));
    Array2::from_shape_vec(shape, rows.concat()).map_err(value_error)
}

fn layers(layers: Vec<Layer>) -> PyResult<Vec<Dense>> {
    let dense = |(weight, bias): Layer| {
        Ok(Dense {
            weight: matrix(weight)?,
            bias: Array1::from_vec(bias),
        })
    };
    layers.into_iter().map(dense).collect()
}
