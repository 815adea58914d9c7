//! What can go wrong between a folder and its table, each in one line with a way out.

use std::path::{Path, PathBuf};

/// Why a corpus could not be described, found, read or written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The operating system refused.
    #[error("{}: {cause}", .path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// Its reason.
        cause: std::io::Error,
    },

    /// A description of corpora that cannot be understood.
    #[error("{file}: {place}: {problem}")]
    Description {
        /// The file with the descriptions.
        file: String,
        /// Corpus and key: `emodb: labels.W`.
        place: String,
        /// What is wrong with it, and what would be right.
        problem: String,
    },

    /// A name that no description has.
    #[error("no corpus is called {name:?}; {hint}")]
    UnknownCorpus {
        /// The name asked for.
        name: String,
        /// The nearest name, or how to see them all.
        hint: String,
    },

    /// A name that is no label map.
    #[error("no label map is called {name:?}; there are {known}")]
    UnknownMap {
        /// The name asked for.
        name: String,
        /// Those there are.
        known: String,
    },

    /// Nobody said where the recordings are.
    #[error(
        "{corpus}: no folder given; say --root {corpus}=DIR, or put it below the folder in SER_CORPORA, or under [roots] in {config}; the corpus can be obtained from {get}"
    )]
    NoRoot {
        /// The corpus.
        corpus: String,
        /// The user's configuration file.
        config: String,
        /// Where it can be obtained.
        get: String,
    },

    /// A folder without one recording of the corpus.
    #[error(
        "{corpus}: no recording of it is in {}; {remedy}", .root.display()
    )]
    NothingFound {
        /// The corpus.
        corpus: String,
        /// The folder looked into.
        root: PathBuf,
        /// What to do.
        remedy: String,
    },

    /// A document of a corpus that cannot be read.
    #[error("{}: {problem}", .path.display())]
    Document {
        /// The document.
        path: PathBuf,
        /// What is wrong, and what would be right.
        problem: String,
    },

    /// A table that cannot be written.
    #[error("{}: cannot be written: {cause}; nothing was changed", .path.display())]
    Write {
        /// The file.
        path: PathBuf,
        /// The reason.
        cause: String,
    },

    /// A value asked for that cannot be.
    #[error("{0}")]
    Request(String),
}

impl Error {
    /// Wraps the operating system's reason with the path concerned.
    pub(crate) fn io(path: &Path) -> impl FnOnce(std::io::Error) -> Error + '_ {
        move |cause| Error::Io {
            path: path.to_path_buf(),
            cause,
        }
    }

    /// Wraps any reason why `path` could not be written.
    pub(crate) fn write<E: std::fmt::Display>(path: &Path) -> impl FnOnce(E) -> Error + '_ {
        move |cause| Error::Write {
            path: path.to_path_buf(),
            cause: cause.to_string(),
        }
    }
}
