//! Recordings in, features out: files and folders, many at a time.
//!
//! ```text
//! input ─ segment, label ─ plan ─ worker (analysed_parts), many at a time, in order ─ run ┬─ table, failure
//!                                                                                         └─ journal ─ merge ─ table, failure
//! ```
//!
//! - `input` finds recordings, `segment` and `label` read lists about them, `locate` finds what lists name, `plan` is what will be done;
//! - `source` opens recordings, wherever they are: files, and with the feature `remote` objects (`store`);
//! - `quality` measures what rows rest on;
//! - `worker` makes features of a recording or of its parts (`analysed_parts`), which wait as `rows`; `ser-parallel` keeps many workers in step;
//! - `run` hands the results on in order: directly, or into a `journal` from which a table is made at the end,
//!   and `merge` one table of many;
//! - `recordings` runs the rows of a table of recordings, however long it is;
//! - `folder` and [`extract_file`] are for programs that want features and no tables.

mod difference;

pub mod failure;

pub mod input;

pub mod journal;

pub mod label;

pub mod locate;

pub mod merge;

pub mod analysed_parts;
mod pass;

pub mod plan;

pub mod quality;

pub mod recordings;

pub mod run;

pub mod segment;

pub mod source;

mod folder;
mod journal_error;
mod journal_reader;
mod journal_record;
mod list;
mod rows;
#[cfg(feature = "remote")]
pub(crate) mod store;
mod team;
mod worker;

use std::path::Path;

use crate::error::Error;
use ser_features::feature::{FeatureSet, Features, Level};

pub use folder::{Folder, folder};
pub use worker::{Analysed, Analysis, Open, Worker};

/// What is extracted, and from which samples.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ExtractionSettings {
    /// The feature set. Default: eGeMAPSv02.
    pub set: FeatureSet,
    /// Functionals or descriptors. Default: functionals.
    pub level: Level,
    /// Channel and rate. Default: the mean of all channels at the file's own rate.
    pub audio: ser_audio::DecodingSettings,
}

impl ExtractionSettings {
    /// The same, with the rate at which the set is defined, if it is at one.
    #[must_use]
    pub fn at_rate_of_set(mut self) -> Self {
        self.audio.rate = self.set.rate_hz().or(self.audio.rate);
        self
    }
}

/// The features of one recording. For many, keep a [`Worker`], which plans once per sample rate, or use [`folder`].
///
/// ```
/// use ser::extract::{ExtractionSettings, extract_file};
///
/// let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/signal/sweep.flac");
/// let features = extract_file(path, &ExtractionSettings::default())?;
/// assert_eq!(features.names().count(), 88);
/// // A tone that rises from 200 to 2000 Hz in 0.3 s.
/// assert_eq!(features.rows().next().map(|row| row.end_s), Some(0.3));
/// # Ok::<(), ser::Error>(())
/// ```
///
/// # Errors
/// As [`Worker::extract`].
pub fn extract_file(
    path: impl AsRef<Path>,
    settings: &ExtractionSettings,
) -> Result<Features, Error> {
    Worker::new(*settings).extract(path.as_ref())
}
