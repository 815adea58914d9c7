//! A row of a table, with its place in the file; or what is wrong with it.

use crate::cell::Cell;

/// A row, or what is wrong with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Line<'a> {
    /// Its line in a text, its row in a Parquet table, counted from 1.
    pub at: usize,
    /// One for each column.
    pub cells: Vec<Cell<'a>>,
}

/// A row that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    /// Its line or row.
    pub at: usize,
    /// Why.
    pub problem: String,
}

impl<'a> Line<'a> {
    /// The cell of a column; nothing where there is no such column.
    pub fn cell(&self, column: usize) -> &Cell<'a> {
        self.cells.get(column).unwrap_or(&Cell::Missing)
    }
}
