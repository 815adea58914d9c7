//! `ser features`: what the columns are.

use std::io::{self, Write};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::{LevelName, set};
use ser_features::FeatureSet;
use ser_features::feature::Level;
use ser_features::feature::egemaps::columns::Column;

const AFTER: &str = "\
With --json: an array of objects with name, unit, group, meaning, formula and reference, and for eGeMAPS-ser and eGeMAPS-ser+ accuracy: the voices for which a descriptor is valid, and its error on synthetic signals with known values.

All descriptors are defined in F. Eyben et al. (2016), IEEE Trans. Affective Computing 7, 190–202; the reference of a column is where its descriptor comes from.";

/// Explain the columns of a feature set.
#[derive(Debug, Args)]
#[command(after_help = AFTER)]
pub struct Arguments {
    /// The feature set: eGeMAPSv02, eGeMAPSv01b, eGeMAPSv01a, GeMAPSv01b or GeMAPSv01a; or eGeMAPS-ser, the corrected one, or
    /// eGeMAPS-ser+, which adds cepstral peak, source levels, quotients of jitter and shimmer, pauses and syllables.
    #[arg(long, value_name = "SET", default_value = "eGeMAPSv02", value_parser = set)]
    set: FeatureSet,

    /// One row per recording, or one row every 10 ms.
    #[arg(long, value_enum, default_value = "functionals", ignore_case = true)]
    level: LevelName,

    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// Prints the columns.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let level = Level::from(arguments.level);
    let columns = arguments.set.columns(level);
    let text = if arguments.json {
        serde_json::to_string_pretty(&columns).context("cannot write JSON")? + "\n"
    } else {
        listing(arguments.set, level, &columns)
    };
    match io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(error).context("cannot write to standard output")
        }
        _ => Ok(ExitCode::SUCCESS),
    }
}

/// The columns as text: what descriptors have in common is said once, above them.
fn listing(set: FeatureSet, level: Level, columns: &[Column]) -> String {
    let mut text = format!("{set}, {level}: {} columns\n", columns.len());
    let common = |c: &Column| (c.group, c.formula, c.reference, c.accuracy);
    for columns in columns.chunk_by(|a, b| common(a) == common(b)) {
        let (group, formula, reference, accuracy) = common(&columns[0]);
        text += &format!("\n{group}\n  {formula}\n  {reference}\n");
        if let Some(accuracy) = accuracy {
            text += &format!("  {accuracy}\n");
        }
        for column in columns {
            text += &format!(
                "    {}  [{}]\n        {}\n",
                column.name, column.unit, column.meaning
            );
        }
    }
    text
}

#[test]
fn every_column_is_listed_with_its_unit() {
    for set in FeatureSet::ALL {
        for level in [Level::Functionals, Level::Descriptors] {
            let columns = set.columns(level);
            let text = listing(set, level, &columns);
            for column in &columns {
                assert!(text.contains(&format!("    {}  [{}]\n", column.name, column.unit)));
            }
        }
    }
}
