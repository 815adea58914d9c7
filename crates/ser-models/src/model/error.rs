//! Why a model could not be fitted, saved, read or used, each in one line with a way out.

use std::path::PathBuf;

/// An error of the models.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A feature that is infinite or not a number.
    #[error(
        "row {row}, column {column}: the value is infinite or not a number: leave the row out, or remove outliers first"
    )]
    NotFinite {
        /// Row, from 0.
        row: usize,
        /// Column, from 0.
        column: usize,
    },
    /// Nothing to tell apart.
    #[error("all rows are of one class: a classifier needs at least two")]
    OneClass,
    /// No rows.
    #[error("there are no rows to learn from")]
    Empty,
    /// A table of another shape than the model's.
    #[error("{what}: expected {expected}, found {found}")]
    Shape {
        /// What was counted.
        what: &'static str,
        /// The number that there should be.
        expected: usize,
        /// The number that there is.
        found: usize,
    },
    /// A parameter out of its range: its name, its value and the range.
    #[error("{0}")]
    Parameter(String),
    /// A part that this build was made without: the feature of the crate that brings it.
    #[error("this build lacks the solver {0}; the feature {0} brings it")]
    NotBuilt(&'static str),
    /// Several corpora where one has to be meant: their names.
    #[error("the table has several corpora, and nothing says which to train on: {0}")]
    ManyCorpora(String),
    /// Too few of something.
    #[error("{what}: at least {needed} are needed, found {found}")]
    TooFew {
        /// Of what.
        what: String,
        /// How many it takes.
        needed: usize,
        /// How many there are.
        found: usize,
    },
    /// Training ran away.
    #[error(
        "the loss of epoch {epoch} is not finite: training diverged; lower the learning rate, or standardise the columns"
    )]
    Diverged {
        /// Which epoch, from 1.
        epoch: usize,
    },
    /// The eigenvalues were not found.
    #[error(
        "no principal components of these columns: their variances overflow or their decomposition does not converge; standardise the columns"
    )]
    Decomposition,
    /// Candle refused an operation.
    #[error("candle: {0}")]
    Candle(#[from] candle_core::Error),
    /// A file that is no model, or that cannot be read or written.
    #[error("{}: {problem}", .path.display())]
    File {
        /// The file.
        path: PathBuf,
        /// What is wrong, and what would be right.
        problem: String,
    },
}
