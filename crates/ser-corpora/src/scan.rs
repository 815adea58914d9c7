//! A folder becomes the recordings of a corpus, and an account of everything else in it.
//!
//! ```text
//! files ─┬─ left out by a rule, empty, a stand-in, known to be broken ─────────────┐
//!        ├─ documents ── rows ──┐                                                  ├─ the account
//!        └─ recordings ── name, folder ── facts ── rows join ── entry ── copies? ──┘
//! ```
//!
//! No file is dropped silently: it is a recording, or it stands in the account with the reason. A name that no rule explains is never
//! guessed at. Where two sources say different things of one recording, the name counts, then a document, then the folder, and the
//! contradiction is told.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use super::description::Corpus;
use super::entry::Entry;
use super::error::Error;
use super::reader::{Reader, Sorted};
use super::walk::walk;

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
    /// The same recording once more.
    Copy,
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
            AsideKind::Copy => "copy",
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

/// Reads a corpus's folder.
///
/// # Errors
/// [`Error::Io`] if the folder or a document cannot be read, [`Error::Document`] if a document lacks a column.
pub fn scan(corpus: &Corpus, root: &Path) -> Result<Scan, Error> {
    let (files, refused) = walk(root)?;
    let mut scan = Scan {
        corpus: corpus.name.clone(),
        root: root.to_path_buf(),
        entries: Vec::new(),
        aside: Vec::new(),
        misnamed: Vec::new(),
        missing: Vec::new(),
        notes: Vec::new(),
    };
    for (path, why) in refused {
        scan.aside.push(Aside {
            path,
            kind: AsideKind::Unreadable,
            why,
        });
    }
    let mut reader = Reader::new(corpus, &files, &mut scan)?;
    let mut candidates = Vec::new();
    for file in &files {
        match reader.sort(file) {
            Sorted::Recording => candidates.push(file),
            Sorted::Aside(kind, why) => scan.aside.push(Aside {
                path: file.path.clone(),
                kind,
                why,
            }),
        }
    }
    // The least nested first: of several copies of a tree the outermost stays.
    candidates.sort_by_key(|file| (file.path.matches('/').count(), &file.path));
    let mut seen: HashMap<String, String> = HashMap::new();
    for file in candidates {
        let stem = reader.right_stem(file);
        if stem != file.stem() {
            scan.misnamed.push((file.path.clone(), stem.clone()));
        }
        match reader.entries(file, &stem, &mut scan.notes) {
            Err(why) => {
                let kind = AsideKind::Unexplained;
                scan.aside.push(Aside {
                    path: file.path.clone(),
                    kind,
                    why,
                });
            }
            Ok(entries) => {
                for entry in entries {
                    match seen.get(&entry.identity(&stem)) {
                        Some(first) => scan.aside.push(Aside {
                            path: file.path.clone(),
                            kind: AsideKind::Copy,
                            why: format!("of {first}"),
                        }),
                        None => {
                            seen.insert(entry.identity(&stem), file.path.clone());
                            scan.entries.push(entry);
                        }
                    }
                }
            }
        }
    }
    reader.finish(&mut scan);
    scan.entries.sort_by(|a, b| {
        let start = |entry: &Entry| entry.part.map_or(0.0, |(start, _)| start);
        a.path.cmp(&b.path).then(start(a).total_cmp(&start(b)))
    });
    scan.aside
        .sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    Ok(scan)
}
