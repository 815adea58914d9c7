//! `ser corpus prepare`: corpora become one clean table.

use std::fmt::Write;
use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, bail};
use clap::{Args, ValueEnum};

use super::{Desk, print, print_json};
use crate::cli::claim::claim_folder;
use crate::cli::output::{complain, shown};
use crate::cli::progress::Progress;
use crate::cli::{FAILED, set};
use ser_corpora::LabelMap;
use ser_corpora::prepare::{AudioFormat, PreparationSettings, Prepared, prepare};
use ser_features::FeatureSet;
use ser_tables::counted;
use ser_tables::{LIMIT, Statistics};

const EXAMPLES: &str = "\
Examples:
  ser corpus prepare emodb cremad ravdess -o data/ --labels four
  ser corpus prepare emodb -o data/ --rate 16000 --audio wav --level -26
  ser corpus prepare emodb cremad -o data/ --features --deduplicate --outliers

The folder gets manifest.csv and manifest.parquet; db.yaml with its tables, which the audformat package loads; audio/ with --audio; features.csv with --features. A second run redoes only what has changed, and continues where a killed run stopped. Exit code 1 if a recording could not be made, has no features though they were asked for, or shares its name with a different recording.";

/// Build one clean, labelled table from corpora, with audio at one rate and features on request.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// The corpora.
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,

    /// The folder to write into.
    #[arg(short, long, value_name = "DIR")]
    output: PathBuf,

    /// Labels: a map of corpora.toml (four, four-excited …), common, or native.
    #[arg(long, value_name = "MAP", default_value = "common")]
    labels: String,

    /// Bring audio and features to HZ; by default each recording keeps its rate.
    #[arg(long, value_name = "HZ", value_parser = clap::value_parser!(u32).range(4_000..=192_000))]
    rate: Option<u32>,

    /// Write the audio, mono, 16 bit.
    #[arg(long, value_enum, value_name = "FORMAT")]
    audio: Option<Format>,

    /// Bring the active speech level (ITU-T P.56) to DB re full scale, e.g. -26; by default the gain is untouched.
    #[arg(long, value_name = "DB", allow_negative_numbers = true)]
    level: Option<f64>,

    /// Extract functionals as well: eGeMAPSv02, or another set, --features=eGeMAPS-ser.
    #[arg(long, value_name = "SET", num_args = 0..=1, default_missing_value = "eGeMAPSv02", require_equals = true, value_parser = set)]
    features: Option<FeatureSet>,

    /// Leave out duplicate recordings; all copies where their labels differ.
    #[arg(long)]
    deduplicate: bool,

    /// Leave out recordings with a feature farther from the mean than Z standard deviations.
    #[arg(long, value_name = "Z", num_args = 0..=1, default_missing_value = "10", require_equals = true)]
    outliers: Option<f64>,

    /// Whose mean and standard deviation define outliers.
    #[arg(long, value_enum, value_name = "OF", default_value = "corpus")]
    outliers_over: Over,

    /// Number of recordings processed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,

    /// Print a summary of the run as JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Format {
    /// 16 bit.
    Wav,
    /// 16 bit, the same samples in less space.
    Flac,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Over {
    /// Each corpus by its own.
    Corpus,
    /// All recordings of the table.
    All,
    /// Each speaker by their own.
    Speaker,
}

impl Arguments {
    fn settings(&self) -> PreparationSettings {
        let statistics = match self.outliers_over {
            Over::Corpus => Statistics::Corpus,
            Over::All => Statistics::Train,
            Over::Speaker => Statistics::Speaker,
        };
        PreparationSettings {
            rate: self.rate,
            audio: self.audio.map(|format| match format {
                Format::Wav => AudioFormat::Wav,
                Format::Flac => AudioFormat::Flac,
            }),
            level_db: self.level,
            features: self.features,
            deduplicate: self.deduplicate,
            outliers: self.outliers.map(|limit| (limit, statistics)),
        }
    }
}

pub(super) fn run(desk: &Desk, arguments: &Arguments) -> Result<ExitCode> {
    if arguments
        .level
        .is_some_and(|level| !(-60.0..=-5.0).contains(&level))
    {
        bail!("--level must lie between -60 and -5 dB; speech is commonly kept at -26");
    }
    if arguments
        .outliers
        .is_some_and(|limit| !(limit.is_finite() && limit > 0.0))
    {
        bail!(
            "--outliers must be a positive number of standard deviations; the paper takes {LIMIT}"
        );
    }
    let map = LabelMap::named(&arguments.labels, &desk.catalogue)?;
    let scans = desk.scan_recordings(&arguments.names)?;
    let roots = scans.iter().map(|(_, scan)| scan.root.as_path());
    let _claim = claim_folder(&arguments.output, roots)?;
    let total = scans
        .iter()
        .flat_map(|(corpus, scan)| scan.entries.iter().map(move |entry| (corpus, entry)))
        .filter(|(corpus, entry)| map.keeps_unlabelled() || map.class(corpus, entry).is_some())
        .count();
    let progress = Progress::new(total, arguments.quiet);
    let threads = super::threads(arguments.threads);
    let outcome = prepare(
        &scans,
        &map,
        &arguments.settings(),
        &arguments.output,
        threads,
        |done_s| {
            progress.advance(done_s);
        },
    );
    progress.finish();
    let prepared = outcome?;
    for (name, reason) in prepared.failed.iter().chain(&prepared.without_features) {
        complain(&shown(&format!("{name}: {reason}")));
    }
    if let Some((name, reason)) = prepared.contradictions.first() {
        complain(&shown(&format!(
            "not used, for another of the same name holds something else: {}; the first is {name}, which {reason}: name the folder that is meant by --root",
            counted(prepared.contradictions.len(), "file")
        )));
    }
    let recordings: usize = prepared
        .corpora
        .iter()
        .map(|corpus| corpus.recordings)
        .sum();
    if recordings == 0 {
        complain("the table has no recordings");
    }
    if arguments.json {
        print_json(&prepared)?;
    } else {
        print(&render(&prepared))?;
    }
    let whole = prepared.failed.is_empty()
        && prepared.without_features.is_empty()
        && prepared.contradictions.is_empty();
    Ok(if whole && recordings > 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::from(FAILED)
    })
}

/// Names shown before the rest is counted.
const SHOWN: usize = 5;

fn render(prepared: &Prepared) -> String {
    let mut out = String::new();
    write(prepared, &mut out).expect("a string takes all that is written");
    out
}

fn write(prepared: &Prepared, out: &mut String) -> std::fmt::Result {
    for corpus in &prepared.corpora {
        let classes: Vec<String> = corpus
            .classes
            .iter()
            .map(|(class, count)| format!("{class} {count}"))
            .collect();
        writeln!(
            out,
            "{}: {} ({})",
            corpus.corpus,
            counted(corpus.recordings, "recording"),
            classes.join(", ")
        )?;
        if corpus.unmapped > 0 {
            writeln!(
                out,
                "  {} have no class in the label map {}",
                corpus.unmapped, prepared.labels
            )?;
        }
        if corpus.unexplained > 0 {
            let name = &corpus.corpus;
            writeln!(
                out,
                "  unexplained and not used: {}; see ser corpus check {name}",
                counted(corpus.unexplained, "file")
            )?;
        }
    }
    let made = format!(
        "{} made, {} unchanged since the last run",
        prepared.made, prepared.unchanged
    );
    writeln!(
        out,
        "{made}, {} failed; in {}",
        prepared.failed.len(),
        prepared.folder
    )?;
    let names = |pairs: &[(String, String)]| -> Vec<String> {
        pairs
            .iter()
            .map(|(name, reason)| format!("{name}: {reason}"))
            .collect()
    };
    list(out, "could not be made", &names(&prepared.failed))?;
    list(out, "have no features", &names(&prepared.without_features))?;
    list(
        out,
        "are called like another that holds something else, and are not used",
        &names(&prepared.contradictions),
    )?;
    list(
        out,
        "stay below the level asked for, or they would clip",
        &prepared.gain_limited,
    )?;
    let clipped: Vec<String> = prepared
        .clipped
        .iter()
        .map(|(name, count)| format!("{name}: {}", counted(*count, "sample")))
        .collect();
    list(
        out,
        "went beyond full scale at the new rate and were clipped there; --level -26 leaves room",
        &clipped,
    )?;
    list(
        out,
        "left out because they sound the same as another",
        &prepared.duplicates,
    )?;
    if let Some(outliers) = &prepared.outliers {
        let what = format!(
            "left out as outliers, |z| > {} over each {}",
            outliers.limit,
            over(outliers.statistics)
        );
        list(out, &what, &prepared.outlier_files)?;
        for count in &outliers.removed {
            let class = if count.class.is_empty() {
                "no class"
            } else {
                &count.class
            };
            writeln!(
                out,
                "  {} {class}: {} of {} removed",
                count.corpus, count.removed, count.of
            )?;
        }
    }
    Ok(())
}

fn over(statistics: &str) -> &str {
    if statistics == "train" {
        "table"
    } else {
        statistics
    }
}

fn list(out: &mut String, what: &str, names: &[String]) -> std::fmt::Result {
    if names.is_empty() {
        return Ok(());
    }
    writeln!(out, "{} {what}", names.len())?;
    for name in names.iter().take(SHOWN) {
        writeln!(out, "  {name}")?;
    }
    match names.len().saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (all with --json)"),
    }
}
