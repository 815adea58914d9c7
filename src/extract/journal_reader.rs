//! A journal, or the file of a shard, read: what was to be done, how much of it is, and the results one recording after the other.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::analysed_parts::Parts;
use super::difference::differ;
use super::journal_error::{Error, io_at};
use super::journal_record::{JournalHeader, JournalRecord, MAGIC};
use super::plan::{ExtractionPlan, Labelling, Shard, Task};
use super::run::Sink;
use ser_features::feature::Features;

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
    pub(super) fn compare(&self, plan: &ExtractionPlan) -> Result<(), Error> {
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
    pub(super) fn skim(mut self) -> Result<(Done, u64), Error> {
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
