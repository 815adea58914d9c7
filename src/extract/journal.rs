//! The journal of a long run: what is finished is kept beside the output until the table can appear whole.
//!
//! ```text
//! OUT.ser-journal:   header with the terms · one record per recording to be done · then for each recording in turn
//!                    its rows or its failure, and that it is done · at the end of a share: that all are
//! ```
//!
//! It only ever grows. A kill at any moment leaves a torn record at most, which is cut off when the run is resumed; all
//! recordings that were done by then are not done again. Because the journal holds everything in input order, the table made of it
//! does not depend on how often the run was stopped, in whatever format it is written. A finished journal is also the file of a
//! shard (`--shard`), which `ser merge` joins with the others.

use std::ffi::OsString;
use std::fs::{File, OpenOptions};
use std::io::{self, BufWriter, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::failure::Failure;
pub use super::journal_error::Error;
use super::journal_error::io_at;
pub use super::journal_reader::{Done, Reader};
use super::journal_record::{JournalRecord, beginning, write_rows};
use super::plan::{ExtractionPlan, Labelling, Task};
use super::quality::Quality;
use super::run::Sink;
use ser_features::feature::Features;

/// Rows that are written as one record.
const ROWS: usize = 4096;

/// How often the records are handed to the operating system, and how often brought to the disk.
const HAND_OVER: Duration = Duration::from_millis(500);
const BRING_TO_DISK: Duration = Duration::from_secs(15);

/// A second place in which a journal is kept.
pub trait Elsewhere: std::fmt::Debug {
    /// Whether it is time to bring what is new there.
    fn is_due(&self) -> bool;

    /// Brings there what the file has and that place has not.
    ///
    /// # Errors
    /// What that place says.
    fn keep(&mut self) -> io::Result<()>;
}

/// Where the journal of the output `path` stands.
pub fn beside(path: &Path) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(".ser-journal");
    name.into()
}

/// A journal that is being written.
#[derive(Debug)]
pub struct Journal {
    target: BufWriter<File>,
    /// The label of the rows that come, as written; that of the recording if it has one for all.
    label: Option<String>,
    handed_over: Instant,
    on_disk: Instant,
    elsewhere: Option<Box<dyn Elsewhere>>,
}

impl Journal {
    /// Begins a journal.
    ///
    /// # Errors
    /// [`Error::Unfinished`] if there is one already, unless `anew`.
    pub fn create(path: &Path, plan: &ExtractionPlan, anew: bool) -> Result<Self, Error> {
        let io_error = |error| io_at(path, error);
        let mut options = OpenOptions::new();
        options.write(true);
        match anew {
            true => options.create(true).truncate(true),
            false => options.create_new(true),
        };
        let file = options.open(path).map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => Error::Unfinished {
                path: path.display().to_string(),
            },
            _ => io_error(error),
        })?;
        let mut journal = Self::on(file);
        journal.begin(plan).map_err(io_error)?;
        Ok(journal)
    }

    /// Goes on with the journal of an earlier run of the same plan; what it had half written is cut off.
    ///
    /// # Errors
    /// [`Error::Differs`] says in what the plans differ.
    pub fn resume(path: &Path, plan: &ExtractionPlan) -> Result<(Self, Done), Error> {
        if cut_in_its_beginning(path, plan).map_err(|error| io_at(path, error))? {
            return Ok((Self::create(path, plan, true)?, Done::default()));
        }
        let reader = Reader::open(path)?;
        reader.compare(plan)?;
        let (done, end) = reader.skim()?;
        let io_error = |error| io_at(path, error);
        let mut file = OpenOptions::new()
            .write(true)
            .open(path)
            .map_err(io_error)?;
        file.set_len(end).map_err(io_error)?;
        file.seek(SeekFrom::End(0)).map_err(io_error)?;
        Ok((Self::on(file), done))
    }

    fn on(file: File) -> Self {
        Self {
            target: BufWriter::with_capacity(1 << 18, file),
            label: None,
            handed_over: Instant::now(),
            on_disk: Instant::now(),
            elsewhere: None,
        }
    }

    /// The same, kept in another place too.
    #[must_use]
    pub fn kept_also(mut self, elsewhere: Box<dyn Elsewhere>) -> Self {
        self.elsewhere = Some(elsewhere);
        self
    }

    fn begin(&mut self, plan: &ExtractionPlan) -> io::Result<()> {
        self.target.write_all(&beginning(plan)?)?;
        self.keep()
    }

    /// Brings everything to the disk, and to the other place.
    ///
    /// # Errors
    /// What the system says.
    pub fn keep(&mut self) -> io::Result<()> {
        self.bring_to_disk()?;
        self.elsewhere.as_mut().map_or(Ok(()), |e| e.keep())
    }

    fn bring_to_disk(&mut self) -> io::Result<()> {
        self.target.flush()?;
        self.target.get_ref().sync_data()?;
        self.handed_over = Instant::now();
        self.on_disk = self.handed_over;
        Ok(())
    }

    /// States that all recordings of the share are done.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(&mut self) -> io::Result<()> {
        JournalRecord::End.write(&mut self.target)?;
        self.keep()
    }
}

impl Sink for Journal {
    fn rows(&mut self, task: &Task, label: Option<&str>, features: &Features) -> io::Result<()> {
        if matches!(task.label, Labelling::Each(_)) && self.label.as_deref() != label {
            self.label = label.map(str::to_owned);
            JournalRecord::Label(self.label.clone()).write(&mut self.target)?;
        }
        let spans = features.spans();
        let width = features.values().len() / spans.len().max(1);
        let values = features.values().chunks(width.max(1) * ROWS);
        for (spans, values) in spans.chunks(ROWS).zip(values) {
            write_rows(&mut self.target, spans, values)?;
        }
        Ok(())
    }

    fn failure(&mut self, _: &Task, failure: &Failure) -> io::Result<()> {
        JournalRecord::Failure(failure.clone()).write(&mut self.target)
    }

    fn warning(&mut self, _: &Task, warning: &Failure) -> io::Result<()> {
        JournalRecord::Warning(warning.clone()).write(&mut self.target)
    }

    fn quality(&mut self, _: &Task, quality: &Quality) -> io::Result<()> {
        JournalRecord::Quality(*quality).write(&mut self.target)
    }

    fn done(&mut self, _: &Task, audio_s: f64, truncated: bool) -> io::Result<()> {
        JournalRecord::Done { audio_s, truncated }.write(&mut self.target)?;
        self.label = None;
        if self.elsewhere.as_ref().is_some_and(|e| e.is_due()) {
            self.keep()?;
        } else if self.on_disk.elapsed() > BRING_TO_DISK {
            self.bring_to_disk()?;
        } else if self.handed_over.elapsed() > HAND_OVER {
            self.target.flush()?;
            self.handed_over = Instant::now();
        }
        Ok(())
    }
}

/// Whether a run was killed while it wrote the beginning of its journal, so that nothing but part of that is there.
fn cut_in_its_beginning(path: &Path, plan: &ExtractionPlan) -> io::Result<bool> {
    let whole = beginning(plan)?;
    if std::fs::metadata(path)?.len() >= whole.len() as u64 {
        return Ok(false);
    }
    Ok(whole.starts_with(&std::fs::read(path)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ExtractionSettings;
    use crate::extract::analysed_parts::{Parts, Segment};
    use crate::extract::input::Input;
    use crate::extract::plan::{Shard, Stamp, Terms};
    use crate::extract::run::Delivery;

    /// Another writer with `--restart` leaves a journal that says it is complete and holds less.
    #[test]
    fn a_short_journal_is_an_error_and_not_a_short_table() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ser-journal");
        let task = |name: &str| Task {
            input: Input {
                path: name.into(),
                name: name.into(),
            },
            parts: Parts::Whole,
            label: Labelling::default(),
            stamp: Stamp::default(),
        };
        let terms = Terms::new(&ExtractionSettings::default());
        let plan = ExtractionPlan::new(terms, vec![task("a"), task("b")], Shard::WHOLE);
        let mut journal = Journal::create(&path, &plan, true).unwrap();
        journal.done(&plan.tasks[0], 1.0, false).unwrap();
        journal.complete().unwrap();
        let schema = plan.terms.schema().unwrap();
        let table = ser_tables::start(ser_tables::Format::Csv, io::sink(), &schema).unwrap();
        let mut sink = Delivery {
            table,
            failures: None,
            qualities: None,
        };
        let mut reader = Reader::open(&path).unwrap();
        reader
            .pass_on(0, &plan.tasks[0], &mut sink)
            .unwrap()
            .unwrap();
        let error = reader.pass_on(1, &plan.tasks[1], &mut sink).unwrap_err();
        assert!(
            matches!(
                error,
                Error::Short {
                    there: 1,
                    expected: 2,
                    ..
                }
            ),
            "{error}"
        );
    }

    /// More segments than one record holds, with labels of their own.
    #[test]
    fn any_number_of_segments_comes_back() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.ser-journal");
        let segment = |i: u64| Segment {
            start: Duration::from_millis(i),
            end: Some(Duration::from_millis(i + 100)),
        };
        let label = |i: u64| (!i.is_multiple_of(3)).then(|| format!("{}", i % 3).into());
        let count = 600_000;
        let task = Task {
            input: Input {
                path: "a".into(),
                name: "a".into(),
            },
            parts: Parts::Segments((0..count).map(segment).collect()),
            label: Labelling::Each((0..count).map(label).collect()),
            stamp: Stamp::default(),
        };
        let terms = Terms::new(&ExtractionSettings::default());
        let plan = ExtractionPlan::new(terms, vec![task], Shard::WHOLE);
        drop(Journal::create(&path, &plan, true).unwrap());
        assert!(Reader::open(&path).unwrap().tasks() == plan.tasks);
        let (_, done) = Journal::resume(&path, &plan).unwrap();
        assert_eq!(done, Done::default());
    }
}
