//! `--resume` and `--restart`.

/// What the journal of an earlier run means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Journaling {
    /// There must be none.
    First,
    /// It is gone on with.
    Resume,
    /// It is thrown away.
    Anew,
}
