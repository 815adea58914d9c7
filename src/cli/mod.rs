//! The command line: one file per subcommand.

#[cfg(feature = "models")]
mod answers;

#[cfg(feature = "models")]
mod classify;

mod claim;

#[cfg(feature = "models")]
mod compare;

mod corpus;

#[cfg(feature = "models")]
mod embed;

#[cfg(feature = "models")]
mod enrol;

#[cfg(feature = "models")]
mod evaluate;

#[cfg(feature = "models")]
mod explain;

mod extract;

mod extract_away;

mod extract_journaling;

mod extract_recordings;

mod extract_run;

mod extract_table;

mod features;
mod format;

mod frame_times;

mod generate;

mod interrupt;

#[cfg(feature = "models")]
mod train_and_evaluate;

#[cfg(feature = "models")]
mod listen;

mod merge;

mod output;

mod pipe;

mod progress;

#[cfg(feature = "models")]
mod recording_report;

#[cfg(feature = "models")]
mod dimension;

#[cfg(feature = "models")]
mod numbers;

#[cfg(feature = "models")]
mod recordings;

#[cfg(feature = "models")]
mod report;

#[cfg(feature = "models")]
mod robust_recipe;

mod segment;

#[cfg(feature = "serve")]
mod serve;

#[cfg(feature = "models")]
mod speakers;

#[cfg(feature = "models")]
mod session;

#[cfg(feature = "models")]
mod session_report;

#[cfg(feature = "models")]
mod train;

mod turn_file;

#[cfg(feature = "models")]
mod atomic_write;

use std::process::ExitCode;

use clap::{ColorChoice, CommandFactory, FromArgMatches, Parser, Subcommand, ValueEnum};

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
    /// When to colour help and errors
    #[arg(long, global = true, value_name = "WHEN", default_value_t = ColorChoice::Auto, hide_possible_values = false)]
    color: ColorChoice,
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
    Enrol(enrol::Arguments),
    #[cfg(feature = "models")]
    Listen(listen::Arguments),
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
    Generate(generate::Arguments),
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
    #[value(alias = "functional", alias = "func")]
    Functionals,
    /// Low-level descriptors, smoothed.
    #[value(
        alias = "llds",
        alias = "LowLevelDescriptors",
        alias = "low-level-descriptors",
        alias = "descriptors"
    )]
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

/// Reads a rate in Hz: `16000`, `16k`, `44.1kHz`.
fn rate(text: &str) -> Result<u32, String> {
    let lower = text.trim().to_ascii_lowercase();
    let number = lower.strip_suffix("hz").unwrap_or(&lower).trim_end();
    let (number, scale) = match number.strip_suffix('k') {
        Some(thousands) => (thousands.trim_end(), 1000.0),
        None => (number, 1.0),
    };
    let hz = number.parse::<f64>().ok().map(|number| number * scale);
    match hz.filter(|hz| hz.fract() == 0.0 && (4_000.0..=192_000.0).contains(hz)) {
        Some(hz) => Ok(hz as u32),
        None => Err("write a rate from 4000 to 192000 Hz, such as 16000 or 16k".to_owned()),
    }
}

#[test]
fn rates_are_read_as_people_write_them() {
    for (text, hz) in [
        ("16000", 16_000),
        ("16k", 16_000),
        ("44.1 kHz", 44_100),
        ("8000Hz", 8_000),
    ] {
        assert_eq!(rate(text), Ok(hz), "{text}");
    }
    for text in [
        "", "k", "16", "1e9", "-16000", "nan", "16000.5", "3999", "192001",
    ] {
        assert!(rate(text).is_err(), "{text}");
    }
}

fn set(name: &str) -> Result<FeatureSet, ser_features::Error> {
    name.parse()
}

impl Cli {
    /// Reads the arguments of this process; help, version and wrong usage end it here, coloured as `--color` says (clap asks before it reads).
    #[must_use]
    pub fn from_process() -> Self {
        let matches = Self::command()
            .color(color(std::env::args_os()))
            .get_matches();
        Self::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
    }
}

/// The value of `--color` among arguments, wherever it stands; `auto` if there is none or if it is none of the three.
fn color(mut arguments: impl Iterator<Item = std::ffi::OsString>) -> ColorChoice {
    while let Some(argument) = arguments.next() {
        let value = match argument.to_str() {
            Some("--") => break,
            Some("--color") => arguments.next(),
            Some(text) => text.strip_prefix("--color=").map(Into::into),
            None => None,
        };
        if let Some(value) = value {
            let known = value
                .to_str()
                .map(|value| ColorChoice::from_str(value, false));
            return known.and_then(Result::ok).unwrap_or(ColorChoice::Auto);
        }
    }
    ColorChoice::Auto
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
        Command::Enrol(arguments) => enrol::run(&arguments),
        #[cfg(feature = "models")]
        Command::Listen(arguments) => listen::run(&arguments),
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
        Command::Generate(arguments) => generate::run(&arguments),
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

#[test]
fn the_colour_is_found_wherever_it_stands() {
    let asked = |line: &str| color(line.split(' ').map(Into::into));
    assert_eq!(asked("ser extract a.wav"), ColorChoice::Auto);
    assert_eq!(asked("ser extract --color never a.wav"), ColorChoice::Never);
    assert_eq!(asked("ser --color=always"), ColorChoice::Always);
    assert_eq!(asked("ser extract -- --color=always"), ColorChoice::Auto);
    assert_eq!(asked("ser --color loud"), ColorChoice::Auto);
}
