//! The `ser` binary: parse, run, choose the exit code.

use std::process::ExitCode;

use clap::Parser;

fn main() -> ExitCode {
    ser::cli::run(ser::cli::Cli::parse())
}
