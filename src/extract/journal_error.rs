//! What can be wrong with a journal, each with its remedy.

use std::io;
use std::path::Path;

/// What is wrong with a journal.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// An earlier run left a journal.
    #[error(
        "{path}: an earlier run stopped before its end: go on with --resume, or begin anew with --restart"
    )]
    Unfinished {
        /// The journal.
        path: String,
    },
    /// The journal is of a run on other terms or other recordings.
    #[error(
        "{path}: the earlier run differs ({differences}): go on as then, or begin anew with --restart"
    )]
    Differs {
        /// The journal.
        path: String,
        /// In what.
        differences: String,
    },
    /// It is no journal, or one of another version of this program.
    #[error(
        "{path}: is no journal or shard that this version reads: begin anew with --restart, or extract the shard again"
    )]
    NoJournal {
        /// The file.
        path: String,
    },
    /// The journal ends before the recordings do: somebody else wrote into it, or cut it.
    #[error(
        "{path}: holds {there} of {expected} recordings though the run was complete: another process changed it; run again with --resume"
    )]
    Short {
        /// The journal.
        path: String,
        /// Recordings in it.
        there: usize,
        /// Recordings of the plan.
        expected: usize,
    },
    /// What the operating system said.
    #[error("{path}: {error}")]
    Io {
        /// The journal.
        path: String,
        /// Its words.
        error: io::Error,
    },
}

impl Error {
    /// The same about a journal that is called `name`, wherever the file is.
    #[must_use]
    pub fn about(mut self, name: &str) -> Self {
        match &mut self {
            Self::Unfinished { path }
            | Self::Differs { path, .. }
            | Self::NoJournal { path }
            | Self::Short { path, .. } => name.clone_into(path),
            // What the system says is about the file.
            Self::Io { .. } => {}
        }
        self
    }
}

/// What the system says about the file at `path`.
pub(super) fn io_at(path: &Path, error: io::Error) -> Error {
    Error::Io {
        path: path.display().to_string(),
        error,
    }
}
