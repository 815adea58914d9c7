//! What is known of a recording, by the names that the description gives: `speaker`, `emotion`, `text` …

use std::collections::BTreeMap;

/// Fact → value.
pub(crate) type Facts = BTreeMap<String, String>;

/// One row as a reader gives it.
#[derive(Debug)]
pub(crate) struct MetadataRow {
    pub key: Facts,
    pub facts: Facts,
}
