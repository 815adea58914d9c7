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
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use super::analysed_parts::Parts;
use super::difference::differ;
use super::failure::Failure;
use super::journal_record::{JournalHeader, JournalRecord, write_rows, write_task};
use super::plan::{ExtractionPlan, Labelling, Shard, Task};
use super::quality::Quality;
use super::run::Sink;
use ser_features::feature::Features;

/// The first bytes of a journal; the number is that of the layout.
const MAGIC: &[u8] = b"ser-journal 2\n";

/// Rows that are written as one record.
const ROWS: usize = 4096;

/// How often the records are handed to the operating system, and how often brought to the disk.
const HAND_OVER: Duration = Duration::from_millis(500);
const BRING_TO_DISK: Duration = Duration::from_secs(15);

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

/// What an earlier run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Done {
    /// Recordings finished, of those at the front of the list.
    pub tasks: usize,
    /// Of these or their parts, how many failed.
    pub failures: usize,
    /// Is the share complete?
    pub all: bool,
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

/// A journal or shard that is being read.
#[derive(Debug)]
pub struct Reader {
    path: PathBuf,
    /// `None` while it is closed.
    source: Option<BufReader<File>>,
    /// Bytes of whole records read so far.
    position: u64,
    header: JournalHeader,
    tasks: Vec<Task>,
}

impl Reader {
    /// Opens a journal and reads what was to be done.
    ///
    /// # Errors
    /// [`Error::NoJournal`] for other files, and for a journal that was killed in its first second.
    pub fn open(path: &Path) -> Result<Self, Error> {
        let io_error = |error| io_at(path, error);
        let alien = || Error::NoJournal {
            path: path.display().to_string(),
        };
        let mut source = BufReader::new(File::open(path).map_err(io_error)?);
        let mut magic = Vec::new();
        source
            .by_ref()
            .take(MAGIC.len() as u64)
            .read_to_end(&mut magic)
            .map_err(io_error)?;
        if magic != MAGIC {
            return Err(alien());
        }
        let Some((JournalRecord::Header(header), length)) =
            JournalRecord::read(&mut source).map_err(io_error)?
        else {
            return Err(alien());
        };
        let mut position = MAGIC.len() as u64 + length;
        let mut tasks = Vec::new();
        for _ in 0..header.tasks {
            let Some((JournalRecord::Task(mut task, segments), length)) =
                JournalRecord::read(&mut source).map_err(io_error)?
            else {
                return Err(alien());
            };
            position += length;
            while let Parts::Segments(there) = &mut task.parts
                && there.len() < segments
            {
                let Some((JournalRecord::Segments(more, labels), length)) =
                    JournalRecord::read(&mut source).map_err(io_error)?
                else {
                    return Err(alien());
                };
                if more.is_empty() {
                    return Err(alien());
                }
                position += length;
                there.extend(more);
                if let (Labelling::Each(there), Labelling::Each(more)) = (&mut task.label, labels) {
                    there.extend(more);
                }
            }
            tasks.push(task);
        }
        Ok(Self {
            path: path.to_owned(),
            source: Some(source),
            position,
            header: *header,
            tasks,
        })
    }

    /// The terms of the run.
    pub fn terms(&self) -> &super::plan::Terms {
        &self.header.terms
    }

    /// Which share of the recordings it is.
    pub fn shard(&self) -> Shard {
        self.header.shard
    }

    /// Recordings of all shares, and a number that is equal for equal lists of them.
    pub fn list(&self) -> (usize, u64) {
        (self.header.total, self.header.list)
    }

    /// The recordings of this share.
    pub fn tasks(&self) -> &[Task] {
        &self.tasks
    }

    fn next(&mut self) -> Result<Option<JournalRecord>, Error> {
        let Some(source) = &mut self.source else {
            return Ok(None);
        };
        let record = JournalRecord::read(source).map_err(|error| io_at(&self.path, error))?;
        Ok(record.map(|(record, length)| {
            self.position += length;
            record
        }))
    }

    /// Is this the journal of `plan`?
    fn compare(&self, plan: &ExtractionPlan) -> Result<(), Error> {
        let mut differences = Vec::new();
        let terms = self.header.terms.differences(&plan.terms);
        if !terms.is_empty() {
            differences.push(terms);
        }
        let (then, now) = (self.header.shard, plan.shard);
        if then != now {
            let shard = |s: Shard| format!("{}/{}", s.number, s.count);
            differences.push(format!("shard: {} then, {} now", shard(then), shard(now)));
        } else if differences.is_empty() {
            differences.extend(differ(&self.tasks, &plan.tasks));
        }
        match differences.is_empty() {
            true => Ok(()),
            false => Err(Error::Differs {
                path: self.path.display().to_string(),
                differences: differences.join("; "),
            }),
        }
    }

    /// Reads on to the end: what is done, and where the last recording that is done ends.
    fn skim(mut self) -> Result<(Done, u64), Error> {
        let (mut done, mut end, mut failures) = (Done::default(), self.position, 0);
        while let Some(record) = self.next()? {
            match record {
                JournalRecord::Failure(_) => failures += 1,
                JournalRecord::Done { .. } => {
                    done.tasks += 1;
                    done.failures = failures;
                    end = self.position;
                }
                JournalRecord::End => {
                    done.all = true;
                    end = self.position;
                }
                JournalRecord::Rows { .. }
                | JournalRecord::Label(_)
                | JournalRecord::Warning(_)
                | JournalRecord::Quality(_) => {}
                JournalRecord::Header(_)
                | JournalRecord::Task(..)
                | JournalRecord::Segments(..) => break,
            }
        }
        if done.tasks > self.tasks.len() || (done.all && done.tasks < self.tasks.len()) {
            return Err(Error::NoJournal {
                path: self.path.display().to_string(),
            });
        }
        Ok((done, end))
    }

    /// How much of the share is done.
    ///
    /// # Errors
    /// What the system says.
    pub fn done(path: &Path) -> Result<Done, Error> {
        Ok(Self::open(path)?.skim()?.0)
    }

    /// Hands the results of the next recording, `task`, which is number `i` of the share, to `sink`.
    ///
    /// # Errors
    /// What reading says is in the outer result, [`Error::Short`] if there are none any more; what the sink says in the inner.
    pub fn pass_on(
        &mut self,
        i: usize,
        task: &Task,
        sink: &mut dyn Sink,
    ) -> Result<io::Result<()>, Error> {
        let Some(settings) = self.header.terms.settings() else {
            return Err(Error::NoJournal {
                path: self.path.display().to_string(),
            });
        };
        let mut label = match &task.label {
            Labelling::One(label) => label.clone(),
            Labelling::Each(_) => None,
        };
        while let Some(record) = self.next()? {
            let outcome = match record {
                JournalRecord::Label(next) => {
                    label = next;
                    Ok(())
                }
                JournalRecord::Rows { spans, values } => sink.rows(
                    task,
                    label.as_deref(),
                    &Features::new(settings.set, settings.level, spans, values),
                ),
                JournalRecord::Failure(failure) => sink.failure(task, &failure),
                JournalRecord::Warning(warning) => sink.warning(task, &warning),
                JournalRecord::Quality(quality) => sink.quality(task, &quality),
                JournalRecord::Done { audio_s, truncated } => {
                    return Ok(sink.done(task, audio_s, truncated));
                }
                JournalRecord::End
                | JournalRecord::Header(_)
                | JournalRecord::Task(..)
                | JournalRecord::Segments(..) => break,
            };
            if let Err(error) = outcome {
                return Ok(Err(error));
            }
        }
        Err(Error::Short {
            path: self.path.display().to_string(),
            there: i,
            expected: self.tasks.len(),
        })
    }

    /// Closes the file until [`reopen`](Self::reopen), so that any number of shards can be read in turn.
    pub(super) fn close(&mut self) {
        self.source = None;
    }

    /// Goes on reading where the file was closed.
    pub(super) fn reopen(&mut self) -> Result<(), Error> {
        if self.source.is_none() {
            let io_error = |error| io_at(&self.path, error);
            let mut file = File::open(&self.path).map_err(io_error)?;
            file.seek(SeekFrom::Start(self.position))
                .map_err(io_error)?;
            self.source = Some(BufReader::new(file));
        }
        Ok(())
    }
}

/// What a journal begins with: the plan and its tasks.
fn beginning(plan: &ExtractionPlan) -> io::Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    let header = JournalHeader {
        terms: plan.terms.clone(),
        shard: plan.shard,
        total: plan.total,
        list: plan.list,
        tasks: plan.tasks.len(),
    };
    JournalRecord::Header(Box::new(header)).write(&mut bytes)?;
    for task in &plan.tasks {
        write_task(&mut bytes, task)?;
    }
    Ok(bytes)
}

/// Whether a run was killed while it wrote the beginning of its journal, so that nothing but part of that is there.
fn cut_in_its_beginning(path: &Path, plan: &ExtractionPlan) -> io::Result<bool> {
    let whole = beginning(plan)?;
    if std::fs::metadata(path)?.len() >= whole.len() as u64 {
        return Ok(false);
    }
    Ok(whole.starts_with(&std::fs::read(path)?))
}

fn io_at(path: &Path, error: io::Error) -> Error {
    Error::Io {
        path: path.display().to_string(),
        error,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::ExtractionSettings;
    use crate::extract::analysed_parts::Segment;
    use crate::extract::input::Input;
    use crate::extract::plan::{Stamp, Terms};
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
