//! What an extraction gives: named columns and one or many rows.

use std::fmt;
use std::str::FromStr;

use super::egemaps::columns::{descriptors, functionals};
use super::egemaps::version::FeatureSet;
use crate::error::Error;

/// Which of its two tables a set gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Level {
    /// One row per recording: statistics over its contours.
    #[default]
    Functionals,
    /// One row per 10 ms: the smoothed low-level descriptors.
    Descriptors,
}

impl Level {
    /// `functionals` or `lld`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Functionals => "functionals",
            Self::Descriptors => "lld",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Level {
    type Err = Error;

    fn from_str(name: &str) -> Result<Self, Error> {
        [Self::Functionals, Self::Descriptors]
            .into_iter()
            .find(|level| level.name() == name)
            .ok_or_else(|| Error::UnknownLevel(name.to_owned()))
    }
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
    /// Rows of `values`, one after the other, each with its start and end in seconds in `spans`.
    pub fn new(set: FeatureSet, level: Level, spans: Vec<(f64, f64)>, values: Vec<f32>) -> Self {
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

    /// Moves the rows to where a part begins that was analysed as if it were a file; the last row ends with the part.
    pub fn place(&mut self, start_s: f64, end_s: f64) {
        if start_s != 0.0 {
            for (start, end) in &mut self.spans {
                *start += start_s;
                *end += start_s;
            }
        }
        if let Some((_, end)) = self.spans.last_mut() {
            *end = end_s;
        }
    }

    /// A row of NaN, as openSMILE's Python package gives for a stretch that is too short.
    pub fn missing(set: FeatureSet, level: Level, start_s: f64, end_s: f64) -> Self {
        let values = vec![f32::NAN; names(set, level).len()];
        Self::new(set, level, vec![(start_s, end_s)], values)
    }

    /// Start and end of each row in seconds.
    pub fn spans(&self) -> &[(f64, f64)] {
        &self.spans
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
