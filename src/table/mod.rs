//! Many recordings' features as rows with identities and named columns.
//!
//! A table is written row by row, in the order of the recordings; one file here per format.

pub mod csv;

mod number;

use std::io;

use crate::feature::{FeatureSet, Level, Row, egemaps::columns};

pub use number::shortest;

/// The columns of a table: three that say what a row is of, then the features.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Schema {
    /// The feature set.
    pub set: FeatureSet,
    /// Functionals or descriptors.
    pub level: Level,
}

/// Columns before the features: the recording, and the stretch of it that a row is of, in seconds.
pub const IDENTITY: [&str; 3] = ["file", "start", "end"];

impl Schema {
    /// Names and units of the features, in order.
    pub fn features(&self) -> Vec<(&'static str, &'static str)> {
        match self.level {
            Level::Functionals => columns::functionals(self.set)
                .map(|column| (column.name, column.unit))
                .collect(),
            Level::Descriptors => columns::descriptors(self.set)
                .map(|column| (column.name, column.unit))
                .collect(),
        }
    }
}

/// Writes a table in some format, chosen at run time.
pub trait TableWriter: Send {
    /// Appends a row of the recording `file`.
    ///
    /// # Errors
    /// What the target says.
    fn write(&mut self, file: &str, row: &Row<'_>) -> io::Result<()>;

    /// Writes what the format needs at its end, and flushes.
    ///
    /// # Errors
    /// What the target says.
    fn finish(&mut self) -> io::Result<()>;
}
