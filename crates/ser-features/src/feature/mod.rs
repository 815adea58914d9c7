//! The named sets: descriptors, contours and functionals wired into names with values.

pub mod egemaps;

pub mod ser;

mod definition;
mod extractor;
mod features;
mod graph;

pub use egemaps::stretch::{Analyst, Stretch};
pub use egemaps::version::FeatureSet;
pub use extractor::Extractor;
pub use features::{Features, Level, Row, names};
