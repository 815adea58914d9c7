//! The rows that a model may learn from.
//!
//! Every `fit` takes a [`Training`], and a [`Training`] knows nothing but its own rows: what a model is tested on cannot reach it. Folds make
//! theirs in one place, `fold` of the crate ser-study.

use super::error::Error;
use ser_tables::labelled::Labelled;

/// Rows with their classes.
#[derive(Clone, Debug)]
pub struct Training<'a> {
    table: &'a Labelled,
    rows: Vec<usize>,
    classes: &'a [String],
}

impl<'a> Training<'a> {
    /// The rows of the table that have one of the classes, of those given.
    ///
    /// # Errors
    /// Where none has, or all have the same one.
    pub fn new(
        table: &'a Labelled,
        rows: &[usize],
        classes: &'a [String],
    ) -> Result<Training<'a>, Error> {
        let rows: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|&row| class_of(table, row, classes).is_some())
            .collect();
        let training = Training {
            table,
            rows,
            classes,
        };
        let labels = training.labels();
        match labels.first() {
            None => Err(Error::Empty),
            Some(first) if labels.iter().all(|label| label == first) => Err(Error::OneClass),
            Some(_) => Ok(training),
        }
    }

    /// The table they stand in.
    pub fn table(&self) -> &'a Labelled {
        self.table
    }

    /// Their numbers in the table.
    pub fn rows(&self) -> &[usize] {
        &self.rows
    }

    /// The names of the classes.
    pub fn classes(&self) -> &'a [String] {
        self.classes
    }

    /// The class of each row.
    pub fn labels(&self) -> Vec<usize> {
        let label = |&row: &usize| class_of(self.table, row, self.classes);
        self.rows.iter().filter_map(label).collect()
    }

    /// A number for each row's speaker; `None` where a row has none.
    pub fn speakers(&self) -> Option<Vec<usize>> {
        let name = |&row: &usize| {
            let row = &self.table.rows[row];
            row.speaker
                .as_deref()
                .map(|speaker| (row.corpus.as_str(), speaker))
        };
        let names: Option<Vec<(&str, &str)>> = self.rows.iter().map(name).collect();
        let names = names?;
        let mut known = names.clone();
        known.sort_unstable();
        known.dedup();
        Some(
            names
                .iter()
                .map(|name| known.partition_point(|other| other < name))
                .collect(),
        )
    }

    /// A number for each row's corpus, from 0 in the order of their names.
    pub fn corpora(&self) -> Vec<usize> {
        let name = |&row: &usize| self.table.rows[row].corpus.as_str();
        let mut known: Vec<&str> = self.rows.iter().map(name).collect();
        known.sort_unstable();
        known.dedup();
        let number = |row| known.partition_point(|other| *other < name(row));
        self.rows.iter().map(number).collect()
    }

    /// The same without some of its rows.
    ///
    /// # Errors
    /// Where what remains cannot be learnt from.
    pub fn without(&self, out: &[usize]) -> Result<Training<'a>, Error> {
        let kept: Vec<usize> = self
            .rows
            .iter()
            .copied()
            .filter(|row| !out.contains(row))
            .collect();
        Training::new(self.table, &kept, self.classes)
    }
}

/// The class of a row, if it has one of those asked for.
pub fn class_of(table: &Labelled, row: usize, classes: &[String]) -> Option<usize> {
    let label = table.rows[row].label.as_ref()?;
    classes.iter().position(|class| class == label)
}
