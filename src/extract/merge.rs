//! Shards become one table again.
//!
//! All must be there, complete, and computed on the same terms from the same list of recordings. Then the table is, byte for
//! byte, that of the whole run.

use std::io;
use std::path::{Path, PathBuf};

use super::journal::{self, Reader};
use super::plan::Terms;
use super::run::Sink;

/// Shards that fit together.
#[derive(Debug)]
pub struct Shards {
    /// In order of their numbers.
    readers: Vec<Reader>,
}

impl Shards {
    /// Opens shards and checks them.
    ///
    /// # Errors
    /// One line of text that names the shard, what is wrong and what to do.
    pub fn open(paths: &[PathBuf]) -> Result<Self, String> {
        let mut readers: Vec<(PathBuf, Reader)> = Vec::new();
        for path in paths {
            let done = Reader::done(path).map_err(|error| error.to_string())?;
            let mut reader = Reader::open(path).map_err(|error| error.to_string())?;
            // A cluster's array job may have more shards than a process may have files open.
            reader.close();
            if !done.all {
                return Err(format!(
                    "{}: is not complete ({} of {} recordings): run its command again with --resume",
                    path.display(),
                    done.tasks,
                    reader.tasks().len()
                ));
            }
            if let Some((first, other)) = readers.first() {
                agree(first, other, path, &reader)?;
            }
            readers.push((path.clone(), reader));
        }
        let Some(count) = readers.first().map(|(_, reader)| reader.shard().count) else {
            return Err("no shards: name those that belong together".to_owned());
        };
        readers.sort_by_key(|(_, reader)| reader.shard().number);
        for pair in readers.windows(2) {
            if pair[0].1.shard() == pair[1].1.shard() {
                let (a, b) = (pair[0].0.display(), pair[1].0.display());
                return Err(format!("{a} and {b} are the same shard: leave one out"));
            }
        }
        let there = |number: &usize| readers.iter().any(|(_, r)| r.shard().number == *number);
        let missing: Vec<String> = (1..=count)
            .filter(|n| !there(n))
            .map(|n| format!("{n}/{count}"))
            .collect();
        if !missing.is_empty() {
            return Err(format!(
                "missing shards: {}: extract them, or name them too",
                missing.join(", ")
            ));
        }
        Ok(Self {
            readers: readers.into_iter().map(|(_, reader)| reader).collect(),
        })
    }

    /// The terms that all were computed on.
    pub fn terms(&self) -> &Terms {
        self.readers[0].terms()
    }

    /// Recordings of all shards.
    pub fn total(&self) -> usize {
        self.readers[0].list().0
    }

    /// Hands all results to `sink`, in the order of the whole run.
    ///
    /// # Errors
    /// What reading says is in the outer result, what the sink says in the inner.
    pub fn pass_on(&mut self, sink: &mut dyn Sink) -> Result<io::Result<()>, journal::Error> {
        let count = self.readers.len();
        for i in 0..self.total() {
            let reader = &mut self.readers[i % count];
            reader.reopen()?;
            let task = reader.tasks()[i / count].clone();
            if let Err(error) = reader.pass_on(i / count, &task, sink)? {
                return Ok(Err(error));
            }
            if count > 1 {
                reader.close();
            }
        }
        Ok(Ok(()))
    }
}

/// Do two shards belong to the same run?
fn agree(first: &Path, one: &Reader, second: &Path, other: &Reader) -> Result<(), String> {
    let (a, b) = (first.display(), second.display());
    let settings = one.terms().differences(other.terms());
    let settings = settings
        .replace(" then", &format!(" in {a}"))
        .replace(" now", &format!(" in {b}"));
    if !settings.is_empty() {
        return Err(format!(
            "computed with other settings ({settings}): extract one of them again"
        ));
    }
    if one.shard().count != other.shard().count {
        let (m, n) = (one.shard().count, other.shard().count);
        return Err(format!(
            "{a} is one of {m} shards, {b} one of {n}: extract one of them again"
        ));
    }
    if one.list() != other.list() {
        return Err(format!(
            "{a} and {b} are of different lists of recordings (names, lengths, labels or segments): extract one of them again"
        ));
    }
    Ok(())
}
