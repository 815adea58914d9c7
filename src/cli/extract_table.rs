//! Where a table goes, and how it gets there whole.

use std::io;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::Usage;
use crate::extract::failure::FailureList;
use crate::extract::journal;
use crate::extract::quality::QualityList;
use crate::extract::run::Delivery;
use ser_tables::atomic_write::UnfinishedFile;
use ser_tables::{Format, Schema, identity, npy, start_files};

/// A file that is to be written.
#[derive(Debug)]
pub struct Target {
    /// Its name.
    pub path: PathBuf,
    /// Its format; `None` for a share of the work.
    pub format: Option<Format>,
    /// Where failures are listed.
    pub failures: Option<PathBuf>,
    /// Where is listed what rows rest on.
    pub qualities: Option<PathBuf>,
}

impl Target {
    /// A share of the work.
    pub fn shard(path: &Path) -> Self {
        Self {
            path: path.to_owned(),
            format: None,
            failures: None,
            qualities: None,
        }
    }

    /// A table in a format, or in that which its name says; a name without extension says CSV.
    pub fn table(path: &Path, format: Option<Format>, failures: Option<PathBuf>) -> Result<Self> {
        let format = format.or_else(|| match path.extension() {
            Some(_) => Format::of(path),
            None => Some(Format::Csv),
        });
        if format.is_none() {
            bail!(Usage(format!(
                "{}: its extension names no format: use .csv, .parquet, .arff, .jsonl or .npy, or --format",
                path.display()
            )));
        }
        Ok(Self {
            path: path.to_owned(),
            format,
            failures,
            qualities: None,
        })
    }

    /// All files of the table; the list of failures is apart.
    pub fn files(&self) -> Vec<PathBuf> {
        let mut files = vec![self.path.clone()];
        if self.format == Some(Format::Npy) {
            files.extend(npy::beside(&self.path));
        }
        files
    }

    /// The file beside the table that says whose numbers it holds, where the format has one.
    pub fn identity(&self) -> Option<PathBuf> {
        let has = |format: &Format| *format != Format::Parquet;
        self.format
            .filter(has)
            .map(|_| identity::beside(&self.path))
    }

    /// Refuses to replace a file beside the table that somebody else made.
    pub fn check_beside(&self) -> Result<()> {
        let Some(path) = self.identity().filter(|path| path.exists()) else {
            return Ok(());
        };
        if identity::Identity::of(&self.path).is_err() {
            bail!(Usage(format!(
                "{}: is of another kind, and would be replaced by what describes the table: name another output",
                path.display()
            )));
        }
        Ok(())
    }

    /// Writes the table, with what `pass_on` hands over; all its files appear when they are complete, the table last.
    pub fn write(
        &self,
        schema: &Schema,
        pass_on: impl FnOnce(&mut Delivery<'_>) -> Result<io::Result<()>, journal::Error>,
    ) -> Result<()> {
        let Some(format) = self.format else {
            return Ok(());
        };
        let cannot_write = || format!("cannot write {}", self.path.display());
        let mut files = Vec::new();
        for path in &self.files() {
            files.push(UnfinishedFile::create(path).with_context(cannot_write)?);
        }
        let mut failures = match &self.failures {
            Some(path) => {
                let list = FailureList::create(path);
                Some(list.with_context(|| format!("cannot write {}", path.display()))?)
            }
            None => None,
        };
        let mut qualities = match &self.qualities {
            Some(path) => {
                let list = QualityList::create(path);
                Some(list.with_context(|| format!("cannot write {}", path.display()))?)
            }
            None => None,
        };
        let targets: io::Result<_> = files.iter().map(UnfinishedFile::target).collect();
        let table = targets.and_then(|targets| start_files(format, targets, schema));
        let mut delivery = Delivery {
            table: table.with_context(cannot_write)?,
            failures: failures.as_mut(),
            qualities: qualities.as_mut(),
        };
        pass_on(&mut delivery)?.with_context(cannot_write)?;
        delivery.table.finish().with_context(cannot_write)?;
        drop(delivery);
        if let Some(list) = failures {
            list.complete()
                .context("cannot write the list of failures")?;
        }
        if let Some(list) = qualities {
            list.complete()
                .context("cannot write the list of --quality")?;
        }
        if format != Format::Parquet {
            schema.identity.write(&self.path).with_context(|| {
                format!("cannot write {}", identity::beside(&self.path).display())
            })?;
        }
        for file in files.into_iter().rev() {
            file.complete().with_context(cannot_write)?;
        }
        Ok(())
    }
}
