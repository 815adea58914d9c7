//! A run: every recording of a plan through the workers, the results in order into a sink.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Settings;
use super::failure::{Failure, FailureList};
use super::plan::{Plan, Task};
use super::worker::{Analysis, Worker};
use crate::error::Error;
use ser_features::feature::Features;
use ser_parallel::for_each_in_order_weighed;
use ser_tables::TableWriter;

/// Takes results in the order of the recordings.
pub trait Sink {
    /// Rows of a recording, or of a part of it.
    ///
    /// # Errors
    /// What the target says.
    fn rows(&mut self, task: &Task, features: &Features) -> io::Result<()>;

    /// There are none of a recording, or of a part of it.
    ///
    /// # Errors
    /// What the target says.
    fn failure(&mut self, task: &Task, failure: &Failure) -> io::Result<()>;

    /// The recording is finished.
    ///
    /// # Errors
    /// What the target says.
    fn done(&mut self, task: &Task, audio_s: f64, truncated: bool) -> io::Result<()>;
}

/// Rows into a table, failures into a list if there is one.
pub struct Delivery<'a> {
    /// The table.
    pub table: Box<dyn TableWriter + 'a>,
    /// The list.
    pub failures: Option<&'a mut FailureList>,
}

impl Sink for Delivery<'_> {
    fn rows(&mut self, task: &Task, features: &Features) -> io::Result<()> {
        let (file, label) = (&task.input.name, task.label.as_deref());
        features
            .rows()
            .try_for_each(|row| self.table.write(file, label, &row))
    }

    fn failure(&mut self, task: &Task, failure: &Failure) -> io::Result<()> {
        match &mut self.failures {
            Some(list) => list.write(&task.input.name, failure),
            None => Ok(()),
        }
    }

    fn done(&mut self, _: &Task, _: f64, _: bool) -> io::Result<()> {
        Ok(())
    }
}

/// What happens during a run, for whoever watches it.
#[derive(Debug)]
pub enum Event<'a> {
    /// A recording or a part of it failed.
    Failed(&'a Failure),
    /// A recording ended before its header said it would; what there is was analysed.
    Truncated,
    /// A recording is finished, after so many seconds of audio and with so many rows' worth of parts.
    Done {
        /// Seconds of audio.
        audio_s: f64,
    },
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// With the last recording.
    Complete,
    /// When it was asked to stop.
    Stopped,
}

/// Runs the tasks of `plan` from number `first` on.
///
/// # Errors
/// What the sink says; nothing of the recording in question and of those behind it is in the sink then, or only a part.
pub fn run(
    plan: &Plan,
    settings: &Settings,
    first: usize,
    threads: usize,
    stop: &Arc<AtomicBool>,
    sink: &mut dyn Sink,
    mut watch: impl FnMut(&Task, Event<'_>),
) -> io::Result<Ending> {
    let tasks = plan.tasks.get(first..).unwrap_or_default();
    let mut outcome = Ok(Ending::Complete);
    let _ = for_each_in_order_weighed(
        tasks.len(),
        threads,
        || Worker::new(*settings).stopped_by(stop.clone()),
        |worker, i| worker.analyse(&tasks[i].input.path, &tasks[i].parts),
        weight,
        |i, analysis| {
            if stop.load(Ordering::Relaxed) {
                outcome = Ok(Ending::Stopped);
                return ControlFlow::Break(());
            }
            match settle(plan, settings, &tasks[i], analysis, sink, &mut watch) {
                Ok(()) => ControlFlow::Continue(()),
                Err(error) => {
                    outcome = Err(error);
                    ControlFlow::Break(())
                }
            }
        },
    );
    outcome
}

/// Bytes that a result holds while it waits for its turn.
fn weight(analysis: &Result<Analysis, Error>) -> usize {
    const ROOM_OF_A_PART: usize = 200;
    let parts = analysis
        .as_ref()
        .map_or(&[][..], |analysis| &analysis.parts);
    parts
        .iter()
        .map(|part| {
            let values = part.features.as_ref().map_or(0, |f| f.values().len());
            ROOM_OF_A_PART + values * size_of::<f32>()
        })
        .sum()
}

/// Hands what came of a recording to the sink.
fn settle(
    plan: &Plan,
    settings: &Settings,
    task: &Task,
    analysis: Result<Analysis, Error>,
    sink: &mut dyn Sink,
    watch: &mut dyn FnMut(&Task, Event<'_>),
) -> io::Result<()> {
    let analysis = match analysis {
        Ok(analysis) => analysis,
        Err(error) => {
            let failure = Failure::new(&error);
            sink.failure(task, &failure)?;
            watch(task, Event::Failed(&failure));
            Analysis {
                parts: Vec::new(),
                audio_s: 0.0,
                truncated: false,
            }
        }
    };
    let in_parts = plan.terms.segments || plan.terms.windows.is_some();
    for part in &analysis.parts {
        match &part.features {
            Ok(features) => sink.rows(task, features)?,
            Err(Error::Features(ser_features::Error::TooShort { .. })) if plan.terms.short_nan => {
                let (set, level) = (settings.set, settings.level);
                sink.rows(
                    task,
                    &Features::missing(set, level, part.start_s, part.end_s),
                )?;
            }
            Err(error) => {
                let mut failure = Failure::new(error);
                if in_parts {
                    failure.start_s = Some(part.start_s);
                    failure.end_s = Some(part.end_s);
                }
                sink.failure(task, &failure)?;
                watch(task, Event::Failed(&failure));
            }
        }
    }
    sink.done(task, analysis.audio_s, analysis.truncated)?;
    if analysis.truncated {
        watch(task, Event::Truncated);
    }
    watch(
        task,
        Event::Done {
            audio_s: analysis.audio_s,
        },
    );
    Ok(())
}
