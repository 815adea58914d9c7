//! `ser extract --table`: a table of recordings in, a table of features out, row by row.

use std::cell::Cell;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, anyhow, bail};

use super::extract_away::Away;
use super::extract_run::{Run, Tally, Watcher, cause, summarise};
use super::extract_table::Target;
use super::output::complain;
use super::progress::Progress;
use super::{INTERRUPTED, interrupt};
use crate::extract::recordings::{Error, run};
use crate::extract::run::{Delivery, Ending};
use ser_tables::Format;
use ser_tables::parquet::recordings::Recordings;

/// How a run over a table ended before its end.
enum Early {
    Stopped,
    Table(String),
}

/// Extracts the rows of `table` into a file, or onto standard output in `format`.
pub fn extract(
    run_: &mut Run,
    table: &Path,
    target: Option<&Target>,
    format: Format,
    away: &Away,
) -> Result<ExitCode> {
    let start = Instant::now();
    let told = |reason: String| anyhow!("{}: {reason}", table.display());
    let file = File::open(table).map_err(|error| told(error.to_string()))?;
    let mut recordings = Recordings::open(file).map_err(told)?;
    run_.plan.terms.segments = recordings.has_parts();
    let schema = run_.schema()?;
    let grace = interrupt::grace();
    run_.sources.heed(grace.flag());
    let progress = Progress::new(recordings.count(), run_.quiet);
    let mut tally = Tally::default();
    let early = Cell::new(None);
    let mut pass_on = |delivery: &mut Delivery<'_>| {
        let mut watcher = Watcher::new(&mut tally, &progress);
        let ended = run(
            &mut recordings,
            &run_.plan.terms,
            &run_.sources,
            run_.threads,
            grace.flag(),
            delivery,
            &mut |task, event| watcher.see(task, event),
        );
        let reason = match ended {
            Ok(Ending::Complete) => return Ok(()),
            Ok(Ending::Stopped) => Early::Stopped,
            Err(Error::Table(reason)) => Early::Table(reason),
            Err(Error::Sink(error)) => return Err(error),
        };
        early.set(Some(reason));
        Err(io::Error::other("not complete"))
    };
    let written = match target {
        Some(target) => target.write(&schema, |delivery| Ok(pass_on(delivery))),
        None => {
            let outcome = ser_tables::start(format, io::stdout(), &schema).and_then(|table| {
                let mut delivery = Delivery {
                    table,
                    failures: None,
                    qualities: None,
                };
                pass_on(&mut delivery)?;
                delivery.table.finish()
            });
            match outcome {
                Err(error) if super::is_broken_pipe(&error) => return Ok(ExitCode::SUCCESS),
                outcome => outcome.context("cannot write to standard output"),
            }
        }
    };
    progress.finish();
    match early.take() {
        Some(Early::Stopped) => {
            complain(&format!(
                "{}: nothing was written, as the table is not complete",
                cause(run_)
            ));
            return Ok(ExitCode::from(INTERRUPTED));
        }
        Some(Early::Table(reason)) => bail!(told(reason)),
        None => written?,
    }
    away.publish(target)?;
    Ok(summarise(run_, &tally, start))
}
