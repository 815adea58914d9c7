//! `ser corpus check`: is everything there?

use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{Desk, print, print_json};
use crate::cli::FAILED;
use ser_corpora::Check;

/// Compare a copy of a corpus with what was published; list every file that no rule explains.
///
/// Exit code 1 if a file is unexplained, copied, contradicts another of its name, or is empty, unreadable or not fetched. Missing recordings are listed and are
/// no failure.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The corpora.
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,

    /// As JSON, with every path.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(desk: &Desk, arguments: &Arguments) -> Result<ExitCode> {
    let scans = desk.scan(&arguments.names)?;
    let checks: Vec<Check> = scans
        .iter()
        .map(|(corpus, scan)| Check::new(corpus, scan))
        .collect();
    if arguments.json {
        print_json(&checks)?;
    } else {
        let texts: Vec<String> = checks.iter().map(Check::render).collect();
        print(&texts.join("\n"))?;
    }
    let clean = checks
        .iter()
        .all(|check| check.is_clean() && check.recordings.found > 0);
    Ok(if clean {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}
