//! `ser extract`: recordings in, a table of features out.

use std::fs::Permissions;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context, Result, bail};
use clap::{Args, ValueEnum};
use tempfile::NamedTempFile;

use super::FAILED;
use super::progress::Progress;
use crate::error::Error;
use crate::extract::input::{Found, find};
use crate::extract::ordered::for_each_in_order;
use crate::extract::{Settings, Worker};
use crate::feature::{Features, Level, Row};
use crate::table::csv::CsvWriter;
use crate::table::{Schema, TableWriter};
use crate::{FeatureSet, audio};

const EXAMPLES: &str = "\
Examples:
  ser extract interview.wav                      88 functionals on the terminal
  ser extract corpus/ -o features.csv            every recording below a folder
  ser extract corpus/ -o lld.csv --level lld     25 descriptors every 10 ms
  ser extract calls/ --channel 2 -o agent.csv    the second channel of stereo recordings

The numbers are those of openSMILE's eGeMAPSv02. A recording that fails costs one line on standard error;
the others go on. Exit code: 0 all done, 1 something failed, 2 wrong usage.";

/// Extract acoustic features from recordings.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings, and folders that are searched for recordings.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Write the table to FILE instead of standard output; it appears when it is complete.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// One row per recording, or one row every 10 ms.
    #[arg(long, value_enum, default_value = "functionals")]
    level: LevelName,

    /// Recordings analysed at the same time [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Take channel N, counted from 1, instead of the mean of all.
    #[arg(long, value_name = "N")]
    channel: Option<NonZeroUsize>,

    /// Resample to HZ first. By default the sets are computed at the file's own rate, as openSMILE does.
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(4_000..=192_000))]
    rate: Option<u32>,

    /// What becomes of a recording that is shorter than one frame of 60 ms.
    #[arg(long, value_enum, default_value = "fail")]
    short: Short,

    /// No progress bar and no summary; errors only.
    #[arg(short, long)]
    quiet: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum LevelName {
    /// Statistics over the recording.
    Functionals,
    /// Low-level descriptors, smoothed.
    Lld,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Short {
    /// It is named as failed and has no row.
    Fail,
    /// It gets a row of NaN, as in openSMILE's Python package.
    Nan,
}

impl Arguments {
    fn settings(&self) -> Settings {
        Settings {
            set: FeatureSet::EGeMapsV02,
            level: match self.level {
                LevelName::Functionals => Level::Functionals,
                LevelName::Lld => Level::Descriptors,
            },
            audio: audio::Settings {
                channel: self.channel.map(|n| n.get() - 1),
                rate: self.rate,
            },
        }
    }

    fn threads(&self) -> usize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }
}

/// Extracts, and says how it went.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let found = find(&arguments.inputs);
    if found.inputs.is_empty() && found.unreadable.is_empty() {
        let places: Vec<String> = arguments
            .inputs
            .iter()
            .map(|path| path.display().to_string())
            .collect();
        bail!(
            "no recordings in {}: name a folder that holds audio, or files",
            places.join(", ")
        );
    }
    let settings = arguments.settings();
    let schema = Schema {
        set: settings.set,
        level: settings.level,
    };
    let outcome = match &arguments.output {
        Some(path) => {
            let file = Unfinished::create(path)?;
            let mut writer = CsvWriter::new(BufWriter::new(file.target()?), &schema)
                .with_context(|| format!("cannot write {}", path.display()))?;
            let outcome = extract_all(arguments, &found, &settings, &mut writer)
                .with_context(|| format!("cannot write {}", path.display()))?;
            drop(writer);
            file.complete()?;
            outcome
        }
        None => {
            let target = BufWriter::new(io::stdout());
            match CsvWriter::new(target, &schema)
                .and_then(|mut writer| extract_all(arguments, &found, &settings, &mut writer))
            {
                // The reader of a pipe may stop early: that is its right.
                Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {
                    return Ok(ExitCode::SUCCESS);
                }
                outcome => outcome.context("cannot write to standard output")?,
            }
        }
    };
    Ok(outcome)
}

/// A file that takes its name when it is complete.
struct Unfinished {
    file: NamedTempFile,
    path: PathBuf,
}

impl Unfinished {
    fn create(path: &Path) -> Result<Self> {
        let folder = match path.parent() {
            Some(folder) if !folder.as_os_str().is_empty() => folder,
            _ => Path::new("."),
        };
        if path.is_dir() {
            bail!(
                "cannot write {}: it is a folder; name a file",
                path.display()
            );
        }
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ser-").suffix(".part");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // What the user's umask leaves of it, as for any new file.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder).with_context(|| {
            format!(
                "cannot write {}: check that its folder exists and is writable",
                path.display()
            )
        })?;
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    fn target(&self) -> Result<std::fs::File> {
        self.file
            .as_file()
            .try_clone()
            .with_context(|| format!("cannot write {}", self.path.display()))
    }

    fn complete(self) -> Result<()> {
        let context = || format!("cannot write {}", self.path.display());
        self.file.as_file().sync_all().with_context(context)?;
        self.file
            .persist(&self.path)
            .map_err(|e| e.error)
            .with_context(context)?;
        Ok(())
    }
}

/// What came of the recordings.
#[derive(Default)]
struct Tally {
    done: usize,
    failed: usize,
    audio_s: f64,
}

fn extract_all(
    arguments: &Arguments,
    found: &Found,
    settings: &Settings,
    writer: &mut dyn TableWriter,
) -> io::Result<ExitCode> {
    let start = Instant::now();
    let progress = Progress::new(found.inputs.len(), arguments.quiet);
    let mut tally = Tally {
        failed: found.unreadable.len(),
        ..Tally::default()
    };
    for (path, reason) in &found.unreadable {
        progress.line(&format!("ser: {}: {reason}", path.display()));
    }
    let mut write_error = None;
    let flow = for_each_in_order(
        found.inputs.len(),
        arguments.threads(),
        || Worker::new(*settings),
        |worker, i| worker.extract(&found.inputs[i].path),
        |i, outcome| {
            let name = &found.inputs[i].name;
            match accept(name, outcome, arguments.short, settings, writer, &mut tally) {
                Ok(None) => {}
                Ok(Some(complaint)) => progress.line(&format!("ser: {name}: {complaint}")),
                Err(error) => {
                    write_error = Some(error);
                    return ControlFlow::Break(());
                }
            }
            progress.advance(tally.audio_s);
            ControlFlow::Continue(())
        },
    );
    progress.finish();
    if flow.is_break()
        && let Some(error) = write_error
    {
        return Err(error);
    }
    writer.finish()?;
    if !arguments.quiet && (io::stderr().is_terminal() || tally.failed > 0) {
        summarise(&tally, found, start.elapsed().as_secs_f64());
    }
    Ok(if tally.failed > 0 {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// Writes the rows of a recording; gives the complaint about one that failed.
fn accept(
    name: &str,
    outcome: Result<Features, Error>,
    short: Short,
    settings: &Settings,
    writer: &mut dyn TableWriter,
    tally: &mut Tally,
) -> io::Result<Option<Error>> {
    match outcome {
        Ok(features) => {
            for row in features.rows() {
                writer.write(name, &row)?;
            }
            tally.done += 1;
            tally.audio_s += features.rows().last().map_or(0.0, |row| row.end_s);
            Ok(None)
        }
        Err(Error::TooShort { seconds }) if short == Short::Nan => {
            let width = Schema {
                set: settings.set,
                level: settings.level,
            }
            .features()
            .len();
            let values = vec![f32::NAN; width];
            writer.write(
                name,
                &Row {
                    start_s: 0.0,
                    end_s: seconds,
                    values: &values,
                },
            )?;
            tally.done += 1;
            Ok(None)
        }
        Err(error) => {
            tally.failed += 1;
            Ok(Some(error))
        }
    }
}

fn summarise(tally: &Tally, found: &Found, elapsed_s: f64) {
    let mut parts = vec![format!("{} recordings", tally.done)];
    if tally.failed > 0 {
        parts.push(format!("{} failed (named above)", tally.failed));
    }
    if found.passed_over > 0 {
        parts.push(format!("{} other files passed over", found.passed_over));
    }
    let speed = tally.audio_s / elapsed_s.max(1e-9);
    let line = format!(
        "ser: {}; {:.1} s of audio in {elapsed_s:.1} s, {speed:.0} × real time",
        parts.join(", "),
        tally.audio_s
    );
    writeln!(io::stderr(), "{line}").unwrap_or_default();
}
