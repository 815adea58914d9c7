//! What the audit says: a finding names the files and the remedy.

use serde::Serialize;

/// How much a finding matters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Weight {
    /// Wrong labels or lost recordings.
    Defect,
    /// Likely to make results wrong.
    Warning,
    /// Worth knowing.
    Note,
}

impl Weight {
    /// Its name in reports.
    pub fn word(self) -> &'static str {
        match self {
            Weight::Defect => "defect",
            Weight::Warning => "warning",
            Weight::Note => "note",
        }
    }
}

/// One finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The corpus, or several.
    pub corpus: String,
    /// How much it matters.
    pub weight: Weight,
    /// Its kind in one or two words.
    pub kind: &'static str,
    /// What was found, in one line.
    pub message: String,
    /// What to do about it.
    pub remedy: String,
    /// The files, with what was measured of each.
    pub files: Vec<FileNote>,
}

/// A file of a finding.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct FileNote {
    /// From the corpus's root.
    pub path: String,
    /// What was found in it.
    pub note: String,
}
