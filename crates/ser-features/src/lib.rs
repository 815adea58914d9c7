//! eGeMAPS acoustic features with openSMILE's numbers, bit for bit: samples become named numbers.
//!
//! ```text
//! samples → frames → spectra → descriptors → contours → functionals
//! ```
//!
//! No files, no threads, no command line, no environment: this crate builds for a browser as it does for a cluster. Modules stand
//! in the order in which the data flows, and each uses only those above it.

pub mod error;

pub mod unit;

pub mod lanes;

pub mod stats;

pub mod frame;

pub mod spectrum;

pub mod descriptor;

pub mod contour;

pub mod functional;

pub mod feature;

pub mod level;

pub mod speech;

#[cfg(feature = "bench")]
#[doc(hidden)]
pub mod bench;

pub use error::Error;
pub use feature::{Extractor, FeatureSet, Features, Level, Row};
