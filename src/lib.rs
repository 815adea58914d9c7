//! Speech in, emotion out, in pure Rust.
//!
//! ```text
//! samples → frames → spectra → descriptors → contours → functionals → table → model → report
//! ```
//!
//! This crate measures a voice the way the field agreed on (eGeMAPS: 88 numbers of pitch, jitter, shimmer, formants, loudness
//! and spectrum) and gives the numbers that openSMILE gives. Modules stand in the order in which the data flows.

pub mod error;

pub mod extract;

pub mod segment;

#[cfg(feature = "models")]
pub mod session;

pub mod cli;

pub use ser_audio as audio;
pub use ser_corpora as corpus;
pub use ser_features::{contour, descriptor, feature, frame, functional, level, spectrum, unit};
#[cfg(feature = "models")]
pub use ser_models::{classify, explain, model, score};
#[cfg(feature = "models")]
pub use ser_study::{classifier, evaluate, report};
pub use ser_tables as table;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub use ser_features::bench;

pub use error::Error;
pub use ser_features::{Extractor, FeatureSet, Features, Level, Row};
