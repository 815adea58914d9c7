//! Speech in, emotion out, in pure Rust.
//!
//! ```text
//! samples → frames → spectra → descriptors → contours → functionals → table → model → report
//! ```
//!
//! This crate measures a voice the way the field agreed on (eGeMAPS: 88 numbers of pitch, jitter, shimmer, formants, loudness
//! and spectrum) and gives the numbers that openSMILE gives. Modules stand in the order in which the data flows.

pub mod error;

pub mod unit;

pub(crate) mod lanes;

pub mod frame;

pub mod spectrum;

pub mod descriptor;

pub mod contour;

pub mod functional;

pub mod feature;

pub mod audio;

pub mod extract;

pub mod table;

pub mod corpus;

#[cfg(feature = "models")]
pub mod model;

#[cfg(feature = "models")]
pub mod evaluate;

#[cfg(feature = "models")]
pub mod explain;

#[cfg(feature = "models")]
pub mod report;

#[cfg(feature = "models")]
pub mod classify;

pub mod cli;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;

pub use error::Error;
pub use feature::{Extractor, FeatureSet, Features, Level, Row};
