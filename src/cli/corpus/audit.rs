//! `ser corpus audit`: what is wrong with the recordings?

use std::num::NonZeroUsize;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;

use super::{Desk, print, print_json};
use crate::cli::FAILED;
use crate::cli::progress::Progress;
use ser_corpora::LabelMap;
use ser_corpora::audit::audit;

/// Analyse the recordings of corpora: duplicates, contradictory labels, silence, clipping, rates, bandwidth, and labels that something other than the voice gives away.
///
/// Duplicates are also looked for between the corpora named. Exit code 1 if there is a defect or a warning.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The corpora.
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,

    /// Labels for the leak and balance checks: a map of corpora.toml, common, or native.
    #[arg(long, value_name = "MAP", default_value = "common")]
    labels: String,

    /// Number of recordings analysed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,

    /// As JSON, with every file.
    #[arg(long)]
    json: bool,
}

pub(super) fn run(desk: &Desk, arguments: &Arguments) -> Result<ExitCode> {
    let map = LabelMap::named(&arguments.labels, &desk.catalogue)?;
    let scans = desk.scan_recordings(&arguments.names)?;
    let total = scans.iter().map(|(_, scan)| scan.entries.len()).sum();
    let progress = Progress::new(total, arguments.quiet);
    let found = audit(&scans, &map, super::threads(arguments.threads), |heard_s| {
        progress.advance(heard_s)
    });
    progress.finish();
    if arguments.json {
        print_json(&found)?;
    } else {
        print(&found.render())?;
    }
    Ok(if found.is_clean() {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}
