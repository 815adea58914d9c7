//! `ser merge`: the shares of a run become its table.

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result, anyhow, bail};
use clap::Args;

use super::Usage;
use super::claim::claim;
use super::extract_table::Target;
use super::frame_times::{FrameTimes, check_frame_time};
use crate::extract::merge::Shards;
use ser_features::Level;
use ser_tables::{Format, FrameTime};

const EXAMPLE: &str = "\
Example, on two machines and then on one:
  ser extract corpus/ -o part-1.ser --shard 1/2
  ser extract corpus/ -o part-2.ser --shard 2/2
  ser merge features.parquet part-1.ser part-2.ser

The table is byte-identical to that of a single run. Shards that are missing, incomplete, or computed with other settings or from other recordings are an error that names them.";

/// Join the shards written by `ser extract --shard`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLE)]
pub struct Arguments {
    /// The table; it appears when it is complete.
    #[arg(value_name = "OUT")]
    output: PathBuf,

    /// All shards of the run, in any order.
    #[arg(required = true, value_name = "SHARD")]
    shards: Vec<PathBuf>,

    /// The output format; by default from the extension of OUT.
    #[arg(long, value_parser = super::format::format_parser())]
    format: Option<Format>,

    /// Only these columns: names, patterns such as 'F0*', or groups such as pitch, separated by commas.
    #[arg(long, value_name = "COLUMNS")]
    columns: Option<String>,

    /// Of shards with --level lld: add a column frameTime, the start of each frame in seconds as in openSMILE's tables; with =centre a column frameCentre.
    #[arg(long, value_enum, value_name = "EDGE", num_args = 0..=1, require_equals = true, default_missing_value = "start")]
    frame_times: Option<FrameTimes>,

    /// Write failures and their causes to FILE (csv or jsonl).
    #[arg(long, value_name = "FILE")]
    failures: Option<PathBuf>,
}

/// Merges.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let target = Target::table(
        &arguments.output,
        arguments.format,
        arguments.failures.clone(),
    )?;
    let _claim = claim(
        target
            .files()
            .iter()
            .chain(&target.identity())
            .chain(&arguments.failures)
            .map(PathBuf::as_path),
        arguments.shards.iter().map(PathBuf::as_path),
    )?;
    target.check_beside()?;
    let mut shards = Shards::open(&arguments.shards).map_err(|reason| anyhow!(reason))?;
    let mut schema = shards
        .terms()
        .schema()
        .context("the shards are of a feature set that this version does not know")?;
    schema.frame_time = arguments.frame_times.map(FrameTime::from);
    if schema.frame_time.is_some() && schema.identity.level != Level::Descriptors {
        bail!(Usage(
            "--frame-times goes with descriptors, and these shards hold functionals".to_owned()
        ));
    }
    check_frame_time(schema.frame_time, target.format)?;
    if let Some(wanted) = &arguments.columns {
        let chosen = schema.with_columns(wanted);
        schema = chosen.map_err(|reason| Usage(format!("--columns: {reason}")))?;
    }
    target.write(&schema, |delivery| shards.pass_on(delivery))?;
    Ok(ExitCode::SUCCESS)
}
