//! Tests of the classifier as a whole: what the tables are, and how the tests fit to them.

use std::path::PathBuf;

use ndarray::{Array2, ArrayView2};

use super::super::error::Error;
use super::*;

mod contract;
mod solver;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/models/svc")
}

struct Rows {
    x: Array2<f64>,
    y: Vec<usize>,
    speaker: Vec<usize>,
}

/// Class, speaker and the first columns of a table.
fn read(name: &str, columns: usize) -> Rows {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let (mut x, mut y, mut speaker) = (Vec::new(), Vec::new(), Vec::new());
    for line in text.lines() {
        let values: Vec<f64> = line.split(',').map(|v| v.parse().unwrap()).collect();
        y.push(values[0] as usize);
        speaker.push(values[1] as usize);
        x.extend_from_slice(&values[2..2 + columns]);
    }
    let x = Array2::from_shape_vec((y.len(), columns), x).unwrap();
    Rows { x, y, speaker }
}

/// Default settings but for probabilities, which take time.
fn plain(solver: Solver) -> Parameters {
    Parameters {
        solver,
        probability: None,
        ..Parameters::default()
    }
}

fn fit(parameters: Parameters, x: ArrayView2<f64>, y: &[usize]) -> Result<Svc, Error> {
    let classes = y.iter().max().map_or(0, |most| most + 1);
    parameters.check()?.fit(x, y, classes, None)
}

fn predictions(svc: &Svc, x: &Array2<f64>) -> Vec<usize> {
    x.rows()
        .into_iter()
        .map(|row| svc.predict(&row.to_vec()))
        .collect()
}

fn share_of_equals(a: &[usize], b: &[usize]) -> f64 {
    assert_eq!(a.len(), b.len());
    a.iter().zip(b).filter(|(a, b)| a == b).count() as f64 / a.len() as f64
}
