//! How an extraction runs: into a file by way of a journal, so that nothing finished is lost; onto standard output directly.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io::{self, IsTerminal};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow};

use super::extract_away::Away;
use super::extract_journaling::Journaling;
use super::extract_table::Target;
use super::interrupt;
use super::output::{complain, shown};
use super::progress::Progress;
use super::{FAILED, INTERRUPTED};
use crate::extract::ExtractionSettings;
use crate::extract::failure::{Failure, FailureList};
use crate::extract::input::{Found, name};
use crate::extract::journal::{self, Journal, Reader, beside};
use crate::extract::plan::{ExtractionPlan, Task};
use crate::extract::quality::QualityList;
use crate::extract::run::{Delivery, Ending, Event, Sink, run};
use crate::extract::source::Sources;
use ser_tables::counted;
use ser_tables::{Format, FrameTime, Schema, atomic_write::sync_folder_of};

/// Everything that is decided before the first recording is opened.
#[derive(Debug)]
pub struct Run {
    /// What is done.
    pub plan: ExtractionPlan,
    /// How.
    pub settings: ExtractionSettings,
    /// By how many.
    pub threads: usize,
    /// Without a bar and a summary.
    pub quiet: bool,
    /// Which columns the table has, if not all.
    pub columns: Option<String>,
    /// Which time of each frame has a column.
    pub frame_time: Option<FrameTime>,
    /// What else was found with the recordings.
    pub found: Found,
    /// What an earlier journal means.
    pub journaling: Journaling,
    /// Where recordings are opened.
    pub sources: Sources,
}

impl Run {
    /// What the table looks like.
    pub(super) fn schema(&self) -> Result<Schema> {
        let schema = self.plan.terms.schema().context("unknown feature set")?;
        let schema = Schema {
            frame_time: self.frame_time,
            ..schema
        };
        match &self.columns {
            None => Ok(schema),
            Some(wanted) => schema
                .with_columns(wanted)
                .map_err(|reason| anyhow!("--columns: {reason}")),
        }
    }
}

/// What came of the recordings.
#[derive(Debug, Default)]
pub(super) struct Tally {
    done: usize,
    failed: usize,
    truncated: usize,
    audio_s: f64,
    /// Recordings of each rate in Hz.
    rates: BTreeMap<u32, usize>,
}

/// Extracts into a file, or into an object by way of one.
pub fn into_file(run: &Run, target: &Target, away: &mut Away) -> Result<ExitCode> {
    let start = Instant::now();
    if target.format.is_none()
        && run.journaling == Journaling::Resume
        && is_complete(run, &target.path)?
    {
        note(
            run,
            &format!("{} is complete already", target.path.display()),
        );
        return Ok(ExitCode::SUCCESS);
    }
    let schema = run.schema()?;
    let (path, name) = away.journal(target);
    // From here on a signal brings what is finished to the disk.
    let grace = interrupt::grace();
    run.sources.heed(grace.flag());
    let is_there = away.find(&path, run.journaling)?;
    let (journal, done) = match run.journaling {
        Journaling::Resume if is_there => Journal::resume(&path, &run.plan),
        Journaling::First if is_there => Err(journal::Error::Unfinished {
            path: String::new(),
        }),
        how => {
            if how == Journaling::Resume {
                note(
                    run,
                    &format!("there is no {name}: beginning with the first recording"),
                );
            }
            Journal::create(&path, &run.plan, how == Journaling::Anew)
                .map(|journal| (journal, journal::Done::default()))
        }
    }
    .map_err(|error| error.about(&name))?;
    let mut journal = away.share(journal, &path)?;
    let mut tally = Tally {
        done: done.tasks.saturating_sub(done.failures),
        failed: done.failures,
        ..Tally::default()
    };
    if done.tasks > 0 {
        note(
            run,
            &format!(
                "going on after {} of {} recordings",
                done.tasks,
                run.plan.tasks.len()
            ),
        );
    }
    let safe = |error: io::Error| match error.to_string() {
        // What a store says names the object, the cause and the remedy.
        text if text.starts_with(&name) => anyhow!(text),
        error => anyhow!(
            "cannot write {name}: {error}; what is finished is safe there: make room and run again with --resume"
        ),
    };
    if !done.all {
        match extract_all(run, done.tasks, &mut journal, &mut tally, &grace) {
            Ok(Ending::Complete) => journal.complete().map_err(safe)?,
            Ok(Ending::Stopped) => {
                journal.keep().map_err(safe)?;
                return Ok(stopped(run, &name));
            }
            Err(error) => return Err(safe(error)),
        }
    }
    drop(journal);
    if target.format.is_none() {
        std::fs::rename(&path, &target.path)
            .with_context(|| format!("cannot write {}", target.path.display()))?;
        sync_folder_of(&target.path);
        return Ok(summarise(run, &tally, start));
    }
    let mut reader = Reader::open(&path).map_err(|error| error.about(&name))?;
    let kept = || format!("all is safe in {name}: run again with --resume");
    target
        .write(&schema, |delivery| {
            if let Err(error) = list_unreadable(run, delivery) {
                return Ok(Err(error));
            }
            pass_all_on(&mut reader, &run.plan.tasks, delivery)
        })
        .with_context(kept)?;
    away.publish(Some(target)).with_context(kept)?;
    away.forget()?;
    std::fs::remove_file(&path).with_context(|| format!("cannot remove {}", path.display()))?;
    Ok(summarise(run, &tally, start))
}

/// Is the shard `path` there, complete and of this very plan?
fn is_complete(run: &Run, path: &Path) -> Result<bool> {
    if !path.exists() || beside(path).exists() {
        return Ok(false);
    }
    Ok(Journal::resume(path, &run.plan)?.1.all)
}

fn pass_all_on(
    reader: &mut Reader,
    tasks: &[Task],
    sink: &mut dyn Sink,
) -> Result<io::Result<()>, journal::Error> {
    for (i, task) in tasks.iter().enumerate() {
        if let Err(error) = reader.pass_on(i, task, sink)? {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

/// Extracts onto standard output.
pub fn onto_standard_output(
    run: &Run,
    format: Format,
    failures: Option<&Path>,
    qualities: Option<&Path>,
    away: &Away,
) -> Result<ExitCode> {
    let start = Instant::now();
    let schema = run.schema()?;
    let mut list = match failures {
        Some(path) => {
            let list = FailureList::create(path);
            Some(list.with_context(|| format!("cannot write {}", path.display()))?)
        }
        None => None,
    };
    let mut quality_list = match qualities {
        Some(path) => {
            let list = QualityList::create(path);
            Some(list.with_context(|| format!("cannot write {}", path.display()))?)
        }
        None => None,
    };
    let mut tally = Tally::default();
    let outcome = ser_tables::start(format, io::stdout(), &schema).and_then(|table| {
        let mut delivery = Delivery {
            table,
            failures: list.as_mut(),
            qualities: quality_list.as_mut(),
        };
        list_unreadable(run, &mut delivery)?;
        let ending = extract_all(run, 0, &mut delivery, &mut tally, &interrupt::grace())?;
        delivery.table.finish()?;
        Ok(ending)
    });
    match outcome {
        // The reader of a pipe may stop early: that is its right.
        Err(error) if super::is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
        Err(error) => return Err(error).context("cannot write to standard output"),
        Ok(Ending::Stopped) => {
            complain(&format!(
                "{}: the table is not complete; with -o FILE a run can be gone on with",
                cause(run)
            ));
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Ok(Ending::Complete) => {}
    }
    if let Some(list) = list {
        list.complete()
            .context("cannot write the list of failures")?;
    }
    if let Some(list) = quality_list {
        list.complete()
            .context("cannot write the list of --quality")?;
    }
    away.publish(None)?;
    Ok(summarise(run, &tally, start))
}

/// Puts folders that could not be searched, and rows of lists that could not be read, into the list of failures.
fn list_unreadable(run: &Run, delivery: &mut Delivery<'_>) -> io::Result<()> {
    let Some(list) = &mut delivery.failures else {
        return Ok(());
    };
    for (path, reason) in &run.found.unreadable {
        let failure = Failure {
            start_s: None,
            end_s: None,
            kind: "unreadable".to_owned(),
            message: reason.clone(),
        };
        list.write(&name(path), &failure)?;
    }
    Ok(())
}

fn extract_all(
    run_: &Run,
    first: usize,
    sink: &mut dyn Sink,
    tally: &mut Tally,
    grace: &interrupt::Grace,
) -> io::Result<Ending> {
    let plan = &run_.plan;
    let progress = Progress::new(plan.tasks.len(), run_.quiet);
    progress.skip(first);
    for (path, reason) in &run_.found.unreadable {
        tally.failed += 1;
        progress.line(&format!(
            "ser: {}",
            shown(&format!("{}: {reason}", path.display()))
        ));
    }
    let mut watcher = Watcher::new(tally, &progress);
    run_.sources.heed(grace.flag());
    let open = |i: usize, settings: &ser_audio::DecodingSettings| {
        run_.sources.open(&plan.tasks[first + i], settings)
    };
    let outcome = run(
        plan,
        &run_.settings,
        first,
        run_.threads,
        grace.flag(),
        &open,
        sink,
        |task, event| watcher.see(task, event),
    );
    progress.finish();
    outcome
}

/// Tells and counts what happens during a run.
pub(super) struct Watcher<'a> {
    tally: &'a mut Tally,
    progress: &'a Progress,
    /// Whether anything of the recording under way failed.
    failed: bool,
}

impl<'a> Watcher<'a> {
    pub(super) fn new(tally: &'a mut Tally, progress: &'a Progress) -> Self {
        Self {
            tally,
            progress,
            failed: false,
        }
    }

    pub(super) fn see(&mut self, task: &Task, event: Event<'_>) {
        let (tally, progress) = (&mut *self.tally, self.progress);
        let name = shown(&task.input.name);
        match event {
            Event::Failed(failure) => {
                self.failed = true;
                tally.failed += 1;
                let part = match (failure.start_s, failure.end_s) {
                    (Some(start), Some(end)) => format!(" from {start} to {end} s"),
                    _ => String::new(),
                };
                progress.line(&format!("ser: {name}{part}: {}", failure.message));
            }
            Event::Truncated => {
                tally.truncated += 1;
                let warning = ser_audio::Warning::EndsEarly;
                progress.line(&format!("ser: {name}: {warning}"));
            }
            Event::Warned(warning) => progress.line(&format!("ser: {name}: {warning}")),
            Event::Done { audio_s, rate_hz } => {
                if rate_hz > 0 {
                    *tally.rates.entry(rate_hz).or_default() += 1;
                }
                tally.done += usize::from(!std::mem::take(&mut self.failed));
                tally.audio_s += audio_s;
                progress.advance(tally.audio_s);
            }
        }
    }
}

/// Why a run ended before its end.
pub(super) fn cause(run: &Run) -> String {
    run.sources.outage().unwrap_or("interrupted".to_owned())
}

fn stopped(run: &Run, journal: &str) -> ExitCode {
    let mut arguments: Vec<OsString> = std::env::args_os().filter(|a| a != "--restart").collect();
    if !arguments.iter().any(|a| a == "--resume") {
        arguments.push("--resume".into());
    }
    let command: Vec<String> = arguments
        .iter()
        .map(|a| quoted(&a.to_string_lossy()))
        .collect();
    let line = format!(
        "{}; what is finished is safe in {journal}; go on with\n  {}",
        cause(run),
        command.join(" ")
    );
    complain(&line);
    ExitCode::from(match run.sources.outage() {
        Some(_) => FAILED,
        None => INTERRUPTED,
    })
}

/// An argument as a POSIX shell reads it.
fn quoted(argument: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=+,:@%".contains(c);
    if !argument.is_empty() && argument.chars().all(plain) {
        argument.to_owned()
    } else {
        format!("'{}'", argument.replace('\'', r"'\''"))
    }
}

fn note(run: &Run, text: &str) {
    if !run.quiet {
        complain(text);
    }
}

/// Says that recordings differ in their rates, where nothing makes them alike.
fn tell_rates(run: &Run, tally: &Tally) {
    if run.settings.audio.rate.is_some() || tally.rates.len() < 2 {
        return;
    }
    let rates: Vec<String> = tally
        .rates
        .iter()
        .map(|(rate_hz, count)| format!("{count} at {rate_hz} Hz"))
        .collect();
    complain(&format!(
        "the recordings have different sample rates ({}); most features depend on the rate, so rows are comparable only within one: --rate HZ resamples all to the same",
        rates.join(", ")
    ));
}

pub(super) fn summarise(run: &Run, tally: &Tally, start: Instant) -> ExitCode {
    tell_rates(run, tally);
    let elapsed_s = start.elapsed().as_secs_f64();
    if !run.quiet && (io::stderr().is_terminal() || tally.failed > 0 || run.found.repeated > 0) {
        let mut parts = vec![counted(tally.done, "recording")];
        let mut say = |count: usize, what: &str| {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        };
        say(tally.failed, "failed (named above)");
        say(tally.truncated, "cut short");
        say(run.found.repeated, "named twice and taken once");
        say(run.found.passed_over, "other files passed over");
        let line = format!(
            "{}; {:.1} s of audio in {elapsed_s:.1} s, {:.0} × real time",
            parts.join(", "),
            tally.audio_s,
            tally.audio_s / elapsed_s.max(1e-9)
        );
        complain(&line);
    }
    if tally.failed > 0 {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    }
}

#[test]
fn arguments_are_quoted_for_the_shell() {
    assert_eq!(quoted("a/b-1.wav"), "a/b-1.wav");
    assert_eq!(quoted("it's $HOME"), r"'it'\''s $HOME'");
}
