//! A run: every recording of a plan through the workers, the results in order into a sink.

use std::io;
use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ExtractionSettings;
use super::failure::{Failure, FailureList};
use super::input::is_url;
use super::pass::AnalysedPart;
use super::plan::{ExtractionPlan, Stamp, Task};
use super::quality::{Quality, QualityList};
use super::rows::Kept;
use super::worker::{Outcome, Worker};
use crate::error::Error;
use ser_features::feature::Features;
use ser_parallel::for_each_in_order_weighed;
use ser_tables::TableWriter;

/// Takes results in the order of the recordings.
pub trait Sink {
    /// Rows of a recording, or of a part of it, with the label that they have.
    ///
    /// # Errors
    /// What the target says.
    fn rows(&mut self, task: &Task, label: Option<&str>, features: &Features) -> io::Result<()>;

    /// There are none of a recording, or of a part of it.
    ///
    /// # Errors
    /// What the target says.
    fn failure(&mut self, task: &Task, failure: &Failure) -> io::Result<()>;

    /// There are rows of a recording, but a user should know this about it.
    ///
    /// # Errors
    /// What the target says.
    fn warning(&mut self, task: &Task, warning: &Failure) -> io::Result<()>;

    /// What a row rests on, where that is asked for.
    ///
    /// # Errors
    /// What the target says.
    fn quality(&mut self, task: &Task, quality: &Quality) -> io::Result<()>;

    /// The recording is finished.
    ///
    /// # Errors
    /// What the target says.
    fn done(&mut self, task: &Task, audio_s: f64, truncated: bool) -> io::Result<()>;
}

/// Rows into a table, failures and warnings into a list if there is one.
pub struct Delivery<'a> {
    /// The table.
    pub table: Box<dyn TableWriter + 'a>,
    /// The list.
    pub failures: Option<&'a mut FailureList>,
    /// The list of what rows rest on.
    pub qualities: Option<&'a mut QualityList>,
}

impl Sink for Delivery<'_> {
    fn rows(&mut self, task: &Task, label: Option<&str>, features: &Features) -> io::Result<()> {
        let file = &task.input.name;
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

    fn warning(&mut self, task: &Task, warning: &Failure) -> io::Result<()> {
        self.failure(task, warning)
    }

    fn quality(&mut self, task: &Task, quality: &Quality) -> io::Result<()> {
        match &mut self.qualities {
            Some(list) => list.write(&task.input.name, quality),
            None => Ok(()),
        }
    }

    fn done(&mut self, task: &Task, audio_s: f64, truncated: bool) -> io::Result<()> {
        match &mut self.failures {
            Some(list) if truncated => list.write(&task.input.name, &Failure::cut_short(audio_s)),
            _ => Ok(()),
        }
    }
}

/// What happens during a run, for whoever watches it.
#[derive(Debug)]
pub enum Event<'a> {
    /// A recording or a part of it failed.
    Failed(&'a Failure),
    /// A recording ended before its header said it would; what there is was analysed.
    Truncated,
    /// A recording was analysed, but a user should know this about it.
    Warned(&'a ser_audio::Warning),
    /// A recording is finished, after so many seconds of audio.
    Done {
        /// Seconds of audio.
        audio_s: f64,
        /// The rate of the file in Hz; 0 where it could not be read.
        rate_hz: u32,
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

/// Opens the recording of a task, counted from the first that is run.
pub type OpenTask<'a> = dyn Fn(usize, &ser_audio::DecodingSettings) -> Result<ser_audio::Recording, ser_audio::Error>
    + Sync
    + 'a;

/// Runs the tasks of `plan` from number `first` on, with recordings that are wherever `open` finds them.
///
/// # Errors
/// What the sink says; nothing of the recording in question and of those behind it is in the sink then, or only a part.
#[allow(clippy::too_many_arguments, reason = "what a run needs")]
pub fn run(
    plan: &ExtractionPlan,
    settings: &ExtractionSettings,
    first: usize,
    threads: usize,
    stop: &Arc<AtomicBool>,
    open: &OpenTask<'_>,
    sink: &mut dyn Sink,
    mut watch: impl FnMut(&Task, Event<'_>),
) -> io::Result<Ending> {
    let tasks = plan.tasks.get(first..).unwrap_or_default();
    let mut outcome = Ok(Ending::Complete);
    // Threads that have no recording of their own share the others'.
    let helpers = threads / tasks.len().max(1);
    let _ = for_each_in_order_weighed(
        tasks.len(),
        threads,
        || {
            let worker = Worker::new(*settings)
                .stopped_by(stop.clone())
                .with_helpers(helpers.saturating_sub(1));
            match plan.terms.quality {
                true => worker.with_quality(),
                false => worker,
            }
        },
        |worker, i| {
            let mut outcome = worker.outcome(&|settings| open(i, settings), &tasks[i].parts)?;
            // Also between the plan and the first byte; what is no file has no stamp, and of an object each request says which version is meant.
            let planned = tasks[i].stamp;
            let changed = ser_audio::Warning::Changed;
            if planned != Stamp::default()
                && !is_url(&tasks[i].input.path)
                && planned != Stamp::of(&tasks[i].input.path)
                && !outcome.warnings.contains(&changed)
            {
                outcome.warnings.push(changed);
            }
            Ok(outcome)
        },
        weight,
        |i, outcome_of_one| {
            if stop.load(Ordering::Relaxed) {
                outcome = Ok(Ending::Stopped);
                return ControlFlow::Break(());
            }
            match settle(plan, settings, &tasks[i], outcome_of_one, sink, &mut watch) {
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
fn weight(outcome: &Result<Outcome, Error>) -> usize {
    let Ok(outcome) = outcome else { return 0 };
    let room = |part: &AnalysedPart| size_of::<AnalysedPart>() + part.kept.bytes();
    outcome.windows.bytes() + outcome.parts.iter().map(room).sum::<usize>()
}

/// Hands what came of a recording to the sink.
fn settle(
    plan: &ExtractionPlan,
    settings: &ExtractionSettings,
    task: &Task,
    outcome: Result<Outcome, Error>,
    sink: &mut dyn Sink,
    watch: &mut dyn FnMut(&Task, Event<'_>),
) -> io::Result<()> {
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => {
            let failure = Failure::new(&error);
            sink.failure(task, &failure)?;
            watch(task, Event::Failed(&failure));
            Outcome::default()
        }
    };
    let in_parts = plan.terms.segments || plan.terms.windows.is_some();
    let is_too_short = |error: &Error| {
        matches!(
            error,
            Error::Features(ser_features::Error::TooShort { .. }) | Error::BehindEnd { .. }
        )
    };
    let like = (settings.set, settings.level);
    outcome.windows.each(&outcome.spill, like, &mut |window| {
        sink.rows(task, task.label.of(0), &window)
    })?;
    for part in &outcome.parts {
        let place = part.place(&task.parts, outcome.analysed_hz, outcome.audio_s);
        let label = task.label.of(part.span.index);
        match &part.kept {
            Kept::Failed(error) if plan.terms.short_nan && is_too_short(error) => {
                let missing = Features::missing(like.0, like.1, place.0, place.1);
                sink.rows(task, label, &missing)?;
            }
            Kept::Failed(error) => {
                let mut failure = Failure::new(error);
                if in_parts {
                    failure.start_s = Some(place.0);
                    failure.end_s = Some(place.1);
                }
                sink.failure(task, &failure)?;
                watch(task, Event::Failed(&failure));
            }
            kept => kept.each(&outcome.spill, like, place, |piece| {
                sink.rows(task, label, piece)
            })?,
        }
    }
    for quality in &outcome.qualities {
        sink.quality(task, quality)?;
    }
    for warning in &outcome.warnings {
        sink.warning(task, &Failure::warning(warning))?;
    }
    sink.done(task, outcome.audio_s, outcome.truncated)?;
    if outcome.truncated {
        watch(task, Event::Truncated);
    }
    for warning in &outcome.warnings {
        watch(task, Event::Warned(warning));
    }
    watch(
        task,
        Event::Done {
            audio_s: outcome.audio_s,
            rate_hz: outcome.rate_hz,
        },
    );
    Ok(())
}
