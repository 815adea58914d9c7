//! The command line: one file per subcommand.

#[cfg(feature = "models")]
mod classify;

mod claim;

#[cfg(feature = "models")]
mod compare;

mod corpus;

#[cfg(feature = "models")]
mod embed;

#[cfg(feature = "models")]
mod evaluate;

#[cfg(feature = "models")]
mod explain;

mod extract;

mod extract_run;

mod extract_table;

mod features;
mod format;

mod interrupt;

#[cfg(feature = "models")]
mod learning;

mod merge;

mod output;

mod pipe;

mod progress;

#[cfg(feature = "models")]
mod recording_report;

#[cfg(feature = "models")]
mod report;

#[cfg(feature = "models")]
mod robust;

mod segment;
#[cfg(feature = "serve")]
mod serve;

#[cfg(feature = "models")]
mod train;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

use ser_features::feature::{FeatureSet, Level};

/// Speech in, emotion out: acoustic features, corpora and small interpretable models.
#[derive(Debug, Parser)]
#[command(
    name = "ser",
    version,
    about,
    propagate_version = true,
    max_term_width = 100
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
#[allow(clippy::large_enum_variant, reason = "there is one of it per process")]
enum Command {
    Extract(extract::Arguments),
    Features(features::Arguments),
    Segment(segment::Arguments),
    Merge(merge::Arguments),
    Corpus(corpus::Arguments),
    #[cfg(feature = "models")]
    Classify(classify::Arguments),
    #[cfg(feature = "models")]
    Embed(embed::Arguments),
    #[cfg(feature = "models")]
    Train(train::Arguments),
    #[cfg(feature = "models")]
    Evaluate(evaluate::Arguments),
    #[cfg(feature = "models")]
    Compare(compare::Arguments),
    #[cfg(feature = "models")]
    Explain(explain::Arguments),
    #[cfg(feature = "models")]
    Report(report::Arguments),
    #[cfg(feature = "serve")]
    Serve(serve::Arguments),
}

/// Some recordings failed, or the whole run did.
const FAILED: u8 = 1;
/// The arguments make no sense together.
const WRONG_USAGE: u8 = 2;
/// As a shell reports a process that Ctrl-C ended.
const INTERRUPTED: u8 = 130;

/// Arguments that each make sense but not together, or not for this output.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
struct Usage(String);

/// The levels by the names that users know.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum LevelName {
    /// Statistics over the recording.
    Functionals,
    /// Low-level descriptors, smoothed.
    Lld,
}

impl From<LevelName> for Level {
    fn from(name: LevelName) -> Self {
        match name {
            LevelName::Functionals => Self::Functionals,
            LevelName::Lld => Self::Descriptors,
        }
    }
}

fn set(name: &str) -> Result<FeatureSet, ser_features::Error> {
    name.parse()
}

/// Runs the command that was given; the exit code is 0 if all was done, 1 if something failed, 2 for arguments that
/// make no sense together (clap sees to the others), 130 after Ctrl-C.
pub fn run(cli: Cli) -> ExitCode {
    ser_audio::hush_decoder_panics();
    interrupt::watch();
    let outcome = match cli.command {
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Features(arguments) => features::run(&arguments),
        Command::Segment(arguments) => segment::run(&arguments),
        Command::Merge(arguments) => merge::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
        #[cfg(feature = "models")]
        Command::Classify(arguments) => classify::run(&arguments),
        #[cfg(feature = "models")]
        Command::Embed(arguments) => embed::run(&arguments),
        #[cfg(feature = "models")]
        Command::Train(arguments) => train::run(&arguments),
        #[cfg(feature = "models")]
        Command::Evaluate(arguments) => evaluate::run(&arguments),
        #[cfg(feature = "models")]
        Command::Compare(arguments) => compare::run(&arguments),
        #[cfg(feature = "models")]
        Command::Explain(arguments) => explain::run(&arguments),
        #[cfg(feature = "models")]
        Command::Report(arguments) => report::run(&arguments),
        #[cfg(feature = "serve")]
        Command::Serve(arguments) => serve::run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        // The reader of a pipe may stop early: that is its right.
        if error.chain().any(is_broken_pipe) {
            return ExitCode::SUCCESS;
        }
        output::complain(&format!("{error:#}"));
        ExitCode::from(if error.is::<Usage>() {
            WRONG_USAGE
        } else {
            FAILED
        })
    })
}

fn is_broken_pipe(cause: &(dyn std::error::Error + 'static)) -> bool {
    let broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    let of_csv =
        |error: &csv::Error| matches!(error.kind(), csv::ErrorKind::Io(error) if broken(error));
    let of_json =
        |error: &serde_json::Error| error.io_error_kind() == Some(std::io::ErrorKind::BrokenPipe);
    // A writer of csv gives its own error as the cause of an input or output error of no kind.
    let inside = |error: &std::io::Error| {
        error
            .get_ref()
            .is_some_and(|inner| is_broken_pipe(inner as &(dyn std::error::Error + 'static)))
    };
    cause.downcast_ref().is_some_and(broken)
        || cause.downcast_ref().is_some_and(inside)
        || cause.downcast_ref().is_some_and(of_csv)
        || cause.downcast_ref().is_some_and(of_json)
}
