//! The command line: one file per subcommand.

mod corpus;

mod extract;

mod progress;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

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
enum Command {
    Extract(extract::Arguments),
    Corpus(corpus::Arguments),
}

/// Some recordings failed, or the whole run did.
const FAILED: u8 = 1;

/// Runs the command that was given; the exit code is 0 if all was done, 1 if something failed. (Wrong usage never gets here: clap
/// exits with 2.)
pub fn run(cli: Cli) -> ExitCode {
    let outcome = match cli.command {
        Command::Extract(arguments) => extract::run(&arguments),
        Command::Corpus(arguments) => corpus::run(&arguments),
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("ser: {error:#}");
        ExitCode::from(FAILED)
    })
}
