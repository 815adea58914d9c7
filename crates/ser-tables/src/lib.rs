//! Many recordings' features as rows with identities and named columns.
//!
//! A table is written row by row, in the order of the recordings; one file here per format, chosen by [`Format`]. Formats that
//! are lossless give back the same `f32` bits (`docs/formats.md`).
//!
//! Whatever is read goes one way: bytes → [`encoding`] → [`delimited`] records (or Parquet) → [`input_table`] with named columns → the [`role`] of each → a
//! [`labelled`] table, [`segment`]s, a list or labels.

pub mod encoding;

pub mod delimited;

pub mod frame_time;

pub mod time;

pub mod role;

mod cell;

mod row;

mod json;

pub mod input_table;

pub mod segment;

pub mod arff;

pub mod csv;

pub mod bounded_read;

pub mod identity;

pub mod jsonl;

pub mod labelled;

pub mod npy;

pub mod parquet;

#[cfg(feature = "arrow")]
pub mod record_batch;

pub mod smile;

pub mod statistic;

mod aligned;
pub mod atomic_write;
mod format;
mod number;
mod outlier;
mod scaling;
mod selection;

use std::io;

use ser_features::feature::egemaps::columns::Column;
use ser_features::feature::{FeatureSet, Level, Row};

pub use aligned::aligned;
pub use format::start_files;
pub use format::{Format, start};
pub use frame_time::FrameTime;
pub use identity::{Identity, RateRule, Signal};
pub use number::{counted, fixed, shortest, signed};
pub use outlier::{LIMIT, OutlierRow, Outliers, Removed, outliers};
pub use scaling::{RowOf, Scaler, Statistics, standardise};
pub use selection::selection;

/// The columns of a table: three that say what a row is of, the time of the frame if it is asked for, then the features, then the label if there is one.
#[derive(Clone, Debug, PartialEq)]
pub struct Schema {
    /// Whose numbers the rows are.
    pub identity: Identity,
    /// The values that the last column, `label`, may take; `None` for no such column.
    pub classes: Option<Vec<String>>,
    /// Which of the set's columns there are, by their places; `None` for all.
    pub columns: Option<Vec<usize>>,
    /// A column after `end` with the time of each frame; `None` for no such column.
    pub frame_time: Option<FrameTime>,
    /// What else is known of the table, for formats that keep it: version, settings, fingerprint.
    pub facts: Vec<(String, String)>,
}

/// Columns before the features: the recording, and the stretch of it that a row is of, in seconds.
pub const IDENTITY: [&str; 3] = ["file", "start", "end"];

/// The column after the features, where recordings are labelled.
pub const LABEL: &str = "label";

impl Schema {
    /// A table without labels and further facts.
    pub fn new(set: FeatureSet, level: Level) -> Self {
        Self {
            identity: Identity::new(set, level),
            classes: None,
            columns: None,
            frame_time: None,
            facts: Vec::new(),
        }
    }

    /// Names of the columns before the features.
    pub fn identity_names(&self) -> impl Iterator<Item = &'static str> + use<> {
        let time = self.frame_time.map(FrameTime::name);
        IDENTITY.into_iter().chain(time)
    }

    /// The features, in order.
    pub fn features(&self) -> Vec<Column> {
        let all = self.identity.set.columns(self.identity.level);
        match &self.columns {
            None => all,
            Some(places) => {
                let chosen = all
                    .into_iter()
                    .enumerate()
                    .filter(|(at, _)| places.contains(at));
                chosen.map(|(_, column)| column).collect()
            }
        }
    }

    /// The same with the columns that `wanted` names, patterns and groups among them; see [`selection`].
    ///
    /// # Errors
    /// In words, what names nothing.
    pub fn with_columns(mut self, wanted: &str) -> Result<Self, String> {
        let all = self.identity.set.columns(self.identity.level);
        self.columns = Some(selection::selection(&all, wanted)?);
        self.facts
            .push(("ser.columns".to_owned(), wanted.to_owned()));
        Ok(self)
    }
}

/// Writes a table in some format, chosen at run time.
pub trait TableWriter {
    /// Appends a row of the recording `file`. The label is left out where the table has no such column.
    ///
    /// # Errors
    /// What the target says.
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()>;

    /// Writes what the format needs at its end, and flushes.
    ///
    /// # Errors
    /// What the target says.
    fn finish(&mut self) -> io::Result<()>;
}

/// Rows that every format is tested with.
#[cfg(test)]
pub(crate) mod example {
    use super::*;

    /// A name with everything that must be quoted somewhere.
    pub const ODD: &str = "a, 'b'; \"c\"\\\n{d}%.wav";

    pub fn schema() -> Schema {
        Schema {
            classes: Some(vec!["anger".into(), "very sad".into()]),
            facts: vec![("set".into(), "GeMAPSv01b".into())],
            ..Schema::new(FeatureSet::GeMapsV01b, Level::Functionals)
        }
    }

    /// Values whose bits are easily lost.
    pub fn values() -> Vec<f32> {
        let odd = [0.1, -0.0, 1e-45, f32::MAX, 36.000_004, -201.0, 1e-7];
        odd.iter().copied().cycle().take(62).collect()
    }

    /// Three rows: an odd name with a label, a plain one without, and one of NaN.
    pub fn write(writer: &mut dyn TableWriter) {
        let values = values();
        let row = |values| Row {
            start_s: 0.25,
            end_s: 1.5,
            values,
        };
        writer.write(ODD, Some("very sad"), &row(&values)).unwrap();
        writer.write("b.wav", None, &row(&values)).unwrap();
        writer
            .write("c.wav", Some("anger"), &row(&[f32::NAN; 62]))
            .unwrap();
        writer.finish().unwrap();
    }

    pub fn same_bits(a: &[f32], b: &[f32]) -> bool {
        a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.to_bits() == b.to_bits())
    }
}
