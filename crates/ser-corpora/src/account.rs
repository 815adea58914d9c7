//! The account of a folder: recordings, and every other file with the reason why it is none.

use std::path::PathBuf;

use super::entry::Entry;

/// What a folder holds of a corpus.
#[derive(Clone, Debug)]
pub struct Scan {
    /// The corpus's name.
    pub corpus: String,
    /// The folder.
    pub root: PathBuf,
    /// Its recordings, by path.
    pub entries: Vec<Entry>,
    /// Every other file.
    pub aside: Vec<Aside>,
    /// Misnamed recordings with their right names.
    pub misnamed: Vec<(String, String)>,
    /// Labels in documents for which there is no recording.
    pub missing: Vec<String>,
    /// Contradictions and lines that were not understood.
    pub notes: Vec<String>,
}

/// A file that is no recording of the corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Aside {
    /// From the root.
    pub path: String,
    /// What became of it.
    pub kind: AsideKind,
    /// Why.
    pub why: String,
}

/// Why a file is no recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum AsideKind {
    /// Audio or video that no rule explains.
    Unexplained,
    /// Called like another file, and something else is in it.
    Contradiction,
    /// The same recording once more.
    Copy,
    /// Called like another file, and damaged or only a part of it.
    Damaged,
    /// Git's stand-in for a file that was not fetched.
    Stub,
    /// No bytes.
    Empty,
    /// Known to be broken.
    Bad,
    /// The operating system refused.
    Unreadable,
    /// Left out by a rule of the description.
    LeftOut,
    /// A document that was read.
    Document,
    /// Neither audio nor a document that is read.
    Other,
}

impl AsideKind {
    /// Its name in reports.
    pub fn word(self) -> &'static str {
        match self {
            AsideKind::Unexplained => "unexplained",
            AsideKind::Contradiction => "contradiction",
            AsideKind::Copy => "copy",
            AsideKind::Damaged => "damaged",
            AsideKind::Stub => "stub",
            AsideKind::Empty => "empty",
            AsideKind::Bad => "bad",
            AsideKind::Unreadable => "unreadable",
            AsideKind::LeftOut => "left out",
            AsideKind::Document => "document",
            AsideKind::Other => "other",
        }
    }
}

impl Scan {
    /// The files set aside for one reason.
    pub fn aside(&self, kind: AsideKind) -> impl Iterator<Item = &Aside> {
        self.aside.iter().filter(move |aside| aside.kind == kind)
    }
}
