//! A table whose rows are recordings: rows in, rows out, a few thousand at a time, so that a table of any length runs in the same memory.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::analysed_parts::{Parts, Segment};
use super::failure::Failure;
use super::input::Input;
use super::plan::{ExtractionPlan, Labelling, Shard, Stamp, Task, Terms};
use super::run::{Ending, Event, Sink, run as run_plan};
use super::source::Sources;
use ser_audio::Recording;
use ser_tables::parquet::recordings::{RecordingRow, Recordings, Sound};

/// Rows that are read at once.
const ROWS: usize = 4096;

/// Bytes of sound that are read at once, where the table holds the sound itself.
const BYTES: usize = 64 << 20;

/// Why a run over a table ended early.
#[derive(Debug)]
pub enum Error {
    /// The table cannot be read on; in words.
    Table(String),
    /// What the sink says.
    Sink(io::Error),
}

/// Runs all rows of a table that are left, in order. A row that names no recording is a failure of kind `usage`, told before the others of its chunk.
///
/// # Errors
/// See [`Error`].
pub fn run(
    table: &mut Recordings,
    terms: &Terms,
    sources: &Sources,
    threads: usize,
    stop: &Arc<AtomicBool>,
    sink: &mut dyn Sink,
    watch: &mut dyn FnMut(&Task, Event<'_>),
) -> Result<Ending, Error> {
    let settings = terms.settings().unwrap_or_default();
    loop {
        let rows = table.next(ROWS, BYTES).map_err(Error::Table)?;
        if rows.is_empty() {
            return Ok(Ending::Complete);
        }
        let chunk = Chunk::of(rows);
        for (task, failure) in &chunk.refused {
            sink.failure(task, failure).map_err(Error::Sink)?;
            watch(task, Event::Failed(failure));
            watch(
                task,
                Event::Done {
                    audio_s: 0.0,
                    rate_hz: 0,
                },
            );
        }
        let plan = ExtractionPlan::new(terms.clone(), chunk.tasks, Shard::WHOLE);
        let open = |i: usize, settings: &ser_audio::DecodingSettings| match &chunk.sounds[i] {
            Sound::Path(path) => sources.open_at(path, Stamp::default(), settings),
            Sound::Bytes(bytes) => {
                Recording::from_reader(Box::new(io::Cursor::new(bytes.clone())), settings)
            }
            // Of one channel already, whichever was asked for.
            Sound::Samples(samples, rate) => Recording::from_samples(
                samples.clone(),
                *rate,
                &ser_audio::DecodingSettings {
                    channel: None,
                    ..*settings
                },
            ),
        };
        let ended = run_plan(&plan, &settings, 0, threads, stop, &open, sink, &mut *watch);
        if ended.map_err(Error::Sink)? == Ending::Stopped {
            return Ok(Ending::Stopped);
        }
    }
}

/// Rows as tasks, each with its sound.
#[derive(Debug, Default)]
struct Chunk {
    tasks: Vec<Task>,
    sounds: Vec<Sound>,
    refused: Vec<(Task, Failure)>,
}

impl Chunk {
    fn of(rows: Vec<RecordingRow>) -> Self {
        let mut chunk = Self::default();
        for row in rows {
            if let ControlFlow::Break((task, message)) = chunk.take(row) {
                let failure = Failure {
                    start_s: None,
                    end_s: None,
                    kind: "usage".to_owned(),
                    message,
                };
                chunk.refused.push((task, failure));
            }
        }
        chunk
    }

    /// Parts next to each other that are about one file are one task, so that it is read once.
    fn take(&mut self, row: RecordingRow) -> ControlFlow<(Task, String)> {
        let mut task = Task {
            input: Input {
                path: row.name.as_str().into(),
                name: row.name,
            },
            parts: Parts::Whole,
            label: Labelling::default(),
            stamp: Stamp::default(),
        };
        let (sound, stretch) = match row.found {
            Ok(found) => found,
            Err(message) => return ControlFlow::Break((task, message)),
        };
        if let Some((start, end)) = stretch {
            let segment = Segment { start, end };
            let last = self.tasks.last_mut().map(|task| &mut task.parts);
            if let (Some(Parts::Segments(segments)), Some(Sound::Path(path)), Sound::Path(same)) =
                (last, self.sounds.last(), &sound)
                && path == same
            {
                segments.push(segment);
                return ControlFlow::Continue(());
            }
            task.parts = Parts::Segments(vec![segment]);
        }
        self.tasks.push(task);
        self.sounds.push(sound);
        ControlFlow::Continue(())
    }
}
