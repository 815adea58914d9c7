//! The native half of the Python package `ser`: the crates' own names for Python, and no logic beyond them.
//!
//! ```text
//! paths, bytes, arrays ── source ─┬─ run (many at a time, watched) ── features ── numpy
//!                                 └─ stream (push, finish) ────────── features ── numpy
//! ```
//!
//! What users call is in `python/ser`; it checks arguments and gives results their shape. Values are those of the native program, bit for bit.
//! A panic never reaches a user: `watch` turns it into an error.

mod arrow;

mod classifier;

mod columns;

mod corpus;

mod learn;

mod run;

mod source;

mod stream;

mod study;

mod watch;

use pyo3::prelude::*;

/// Everything that Python sees.
#[pymodule]
mod _native {
    use pyo3::prelude::*;

    #[pymodule_export]
    use super::arrow::{Batches, arrow_extract};
    #[pymodule_export]
    use super::classifier::Classifier;
    #[pymodule_export]
    use super::columns::{columns, geometry, level_names, set_names};
    #[pymodule_export]
    use super::corpus::{corpus_audit, corpus_check, corpus_prepare};
    #[pymodule_export]
    use super::learn::{Encoder, statistics};
    #[pymodule_export]
    use super::run::{extract, find};
    #[pymodule_export]
    use super::stream::Stream;
    #[pymodule_export]
    use super::study::{evaluate, train};

    #[pymodule_init]
    fn init(module: &Bound<'_, PyModule>) -> PyResult<()> {
        ser::audio::hush_decoder_panics();
        module.add("VERSION", env!("CARGO_PKG_VERSION"))
    }
}
