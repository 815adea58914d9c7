//! The `ser` binary: parse, run, choose the exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    ser::cli::run(ser::cli::Cli::from_process())
}
