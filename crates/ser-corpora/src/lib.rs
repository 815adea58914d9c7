//! Which recordings, spoken by whom, labelled how: from a folder as it was downloaded to a table.
//!
//! ```text
//! corpora.toml ── catalogue ─┐
//! folder ──────── walk ──────┴─ scan ── entries ─┬─ check      against what was published
//!                                                ├─ audit      by listening
//!                                                └─ prepare    manifest, audio, features, audformat
//! ```
//!
//! The code knows no corpus: layouts, codes, speakers and counts are data in `corpora.toml` ([`Catalogue`]). The one exception is
//! `iemocap`, whose label files are no tables.

pub mod audit;

pub mod prepare;

mod account;
mod catalogue;
mod check;
mod copies;
mod corpus;
mod corpus_toml;
mod entry;
mod error;
mod fact;
mod iemocap;
mod label;
mod metadata_table;
mod random;
mod reader;
mod root;
mod scan;
mod sound;
mod walk;

pub use account::{Aside, AsideKind, Scan};
pub use catalogue::Catalogue;
pub use check::{AsideFile, Check, Count, LabelCount, SpeakerCount, column_width};
pub use corpus::{Corpus, Expected, Gender, Label, Speaker, SpeakerCounts, Usage};
pub use entry::Entry;
pub use error::Error;
pub use label::LabelMap;
pub use root::{Roots, config_folder};
pub use scan::scan;
