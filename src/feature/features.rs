//! What an extraction gives: named columns and one or many rows.

use super::egemaps::columns::{descriptors, functionals};
use super::egemaps::version::FeatureSet;

/// Which of its two tables a set gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// One row per recording: statistics over its contours.
    #[default]
    Functionals,
    /// One row per 10 ms: the smoothed low-level descriptors.
    Descriptors,
}

/// The features of one recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Features {
    set: FeatureSet,
    level: Level,
    /// Start and end of each row in seconds.
    spans: Vec<(f64, f64)>,
    values: Vec<f32>,
}

/// One row of [`Features`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Row<'a> {
    /// Where the analysed stretch begins, in seconds from the start of the recording.
    pub start_s: f64,
    /// Where it ends, in seconds.
    pub end_s: f64,
    /// One value per column.
    pub values: &'a [f32],
}

impl Features {
    pub(crate) fn new(
        set: FeatureSet,
        level: Level,
        spans: Vec<(f64, f64)>,
        values: Vec<f32>,
    ) -> Self {
        let features = Self {
            set,
            level,
            spans,
            values,
        };
        debug_assert_eq!(
            features.values.len(),
            features.spans.len() * features.names().count()
        );
        features
    }

    /// The set.
    pub fn set(&self) -> FeatureSet {
        self.set
    }

    /// Functionals or descriptors.
    pub fn level(&self) -> Level {
        self.level
    }

    /// openSMILE's names of the columns, in its order.
    pub fn names(&self) -> impl Iterator<Item = &'static str> + use<> {
        names(self.set, self.level).into_iter()
    }

    /// The rows in order of time; functionals have one.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Row<'_>> {
        let width = self.values.len() / self.spans.len().max(1);
        self.spans
            .iter()
            .zip(self.values.chunks_exact(width.max(1)))
            .map(|(&(start_s, end_s), values)| Row {
                start_s,
                end_s,
                values,
            })
    }

    /// The values of all rows, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The value of a column in the first row.
    pub fn get(&self, name: &str) -> Option<f32> {
        let column = self.names().position(|n| n == name)?;
        self.values.get(column).copied()
    }
}

/// openSMILE's names of the columns of a set, in its order.
pub fn names(set: FeatureSet, level: Level) -> Vec<&'static str> {
    match level {
        Level::Functionals => functionals(set).map(|column| column.name).collect(),
        Level::Descriptors => descriptors(set).map(|column| column.name).collect(),
    }
}
