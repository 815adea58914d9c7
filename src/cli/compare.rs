//! `ser compare`: whether one system is better than another, over the speakers that both were tested on.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::atomic_write::write_atomically;
use super::claim::claim;
use super::output::print;
use super::report::read;
use ser_study::evaluate::compare::{Compared, Measure, between, within};
use ser_tables::signed;

const EXAMPLES: &str = "\
Examples:
  ser evaluate data/ --train emodb --protocol leave-one-speaker-out --c 1 -o one.json
  ser evaluate data/ --train emodb --protocol leave-one-speaker-out --c 0.05 -o other.json
  ser compare one.json other.json
        each experiment against its counterpart in the other result
  ser compare paper.json --csv pairs.csv  every two representations of one result

A paired bootstrap over speakers (and seeds, where both results have the same ones): what makes a speaker hard for both cancels out. d is the difference in standard deviations of one speaker; p is two-sided and corrected for the number of pairs (Holm). With n speakers no p is below 2 · 2^-n.";

/// Compare two results of `ser evaluate`, or the representations of one, with paired tests over speakers.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A result of `ser evaluate -o`.
    #[arg(value_name = "RESULT.json")]
    first: PathBuf,

    /// Another, of the same recordings.
    #[arg(value_name = "OTHER.json")]
    second: Option<PathBuf>,

    /// The score that is compared.
    #[arg(long, value_enum, default_value = "uar")]
    score: ScoreName,

    /// Only these sets: `valid`, or names of corpora [default: all but the training rows].
    #[arg(long, value_name = "SET", value_delimiter = ',')]
    set: Option<Vec<String>>,

    /// Resamples of the bootstrap.
    #[arg(long, value_name = "N", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(99..=1_000_000))]
    resamples: u32,

    /// The pairs as JSON on standard output.
    #[arg(long)]
    json: bool,

    /// The pairs as csv.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ScoreName {
    /// Unweighted average recall.
    Uar,
    /// Share of recordings predicted correctly.
    Accuracy,
}

/// Compares.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let inputs = [Some(&arguments.first), arguments.second.as_ref()];
    let inputs = inputs.into_iter().flatten().map(PathBuf::as_path);
    let _claim = claim(arguments.csv.iter().map(PathBuf::as_path), inputs)?;
    let measure = match arguments.score {
        ScoreName::Uar => Measure::Uar,
        ScoreName::Accuracy => Measure::Accuracy,
    };
    let resamples = arguments.resamples as usize;
    let mut first = read(&arguments.first)?;
    let mut second = arguments.second.as_deref().map(read).transpose()?;
    if let Some(sets) = &arguments.set {
        for evaluation in std::iter::once(&mut first).chain(&mut second) {
            for experiment in &mut evaluation.experiments {
                experiment
                    .scores
                    .retain(|scores| sets.contains(&scores.set));
            }
        }
    }
    let found = match (&second, &arguments.second) {
        (Some(second), Some(path)) => {
            let (one, other) = names(&arguments.first, path);
            between((&first, &one), (second, &other), measure, resamples)
        }
        _ => within(&first, measure, resamples),
    };
    let found = found.with_context(|| arguments.first.display().to_string())?;
    if let Some(path) = &arguments.csv {
        write_atomically(path, |target| write_csv(&found, target))?;
    }
    match arguments.json {
        true => print(&format!("{}\n", serde_json::to_string_pretty(&found)?))?,
        false => print(&render(&found, resamples))?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Short names of two results: their files', or their paths where those are the same.
fn names(first: &Path, second: &Path) -> (String, String) {
    let stem = |path: &Path| {
        path.file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default()
    };
    match stem(first) == stem(second) {
        true => (first.display().to_string(), second.display().to_string()),
        false => (stem(first), stem(second)),
    }
}

/// The pairs, those of one protocol and set below each other.
fn render(found: &[Compared], resamples: usize) -> String {
    let mut text = String::new();
    let mut headed: Vec<(&str, &str)> = Vec::new();
    for pair in found {
        let head = (pair.name.as_str(), pair.set.as_str());
        if headed.contains(&head) {
            continue;
        }
        text += &format!(
            "{}{}, {}\n",
            if headed.is_empty() { "" } else { "\n" },
            head.0,
            head.1
        );
        headed.push(head);
        let of_head = found
            .iter()
            .filter(|p| (p.name.as_str(), p.set.as_str()) == head);
        of_head.for_each(|pair| text += &line(pair, least(pair, resamples)));
    }
    let seeds = found.iter().map(|pair| pair.seeds).max().unwrap_or(1);
    text += &format!(
        "\nPaired bootstrap over speakers{}; p is two-sided and Holm-corrected for {} pairs\n",
        if seeds > 1 { " and seeds" } else { "" },
        found.len()
    );
    if found.iter().any(|pair| least(pair, resamples)) {
        text += &format!(
            "≤: the difference had the same sign in all {resamples} resamples; --resamples asks for more\n"
        );
    }
    text
}

/// Whether p is the least that so many resamples can show.
fn least(pair: &Compared, resamples: usize) -> bool {
    pair.p * (resamples + 1) as f64 <= 2.0 + 1e-9
}

fn line(pair: &Compared, least: bool) -> String {
    let interval = pair.difference.interval.map_or(String::new(), |interval| {
        format!(
            " [{}, {}]",
            signed(interval.low, 3),
            signed(interval.high, 3)
        )
    });
    let d = pair
        .difference
        .standardised
        .map_or(String::new(), |d| format!(", d = {}", signed(d, 2)));
    format!(
        "  {:<16} {:.3} against {:.3}: {}{interval}{d}; better on {} of {} speakers, worse on {}; p {} {:.3}\n",
        format!("{} − {}", pair.first, pair.second),
        pair.scores.0,
        pair.scores.1,
        signed(pair.difference.value, 3),
        pair.wins.0,
        pair.difference.speakers,
        pair.wins.1,
        if least { '≤' } else { '=' },
        pair.p_holm
    )
}

fn write_csv(found: &[Compared], target: &mut dyn std::io::Write) -> Result<()> {
    let mut writer = csv::Writer::from_writer(target);
    let head = "experiment,set,first,second,first_score,second_score,difference,low,high,d,p,p_holm,first_better,second_better,speakers,seeds";
    writer.write_record(head.split(','))?;
    for pair in found {
        let end = |end: Option<f64>| end.map(|x| x.to_string()).unwrap_or_default();
        let interval = pair.difference.interval;
        writer.write_record([
            pair.name.clone(),
            pair.set.clone(),
            pair.first.clone(),
            pair.second.clone(),
            pair.scores.0.to_string(),
            pair.scores.1.to_string(),
            pair.difference.value.to_string(),
            end(interval.map(|interval| interval.low)),
            end(interval.map(|interval| interval.high)),
            end(pair.difference.standardised),
            pair.p.to_string(),
            pair.p_holm.to_string(),
            pair.wins.0.to_string(),
            pair.wins.1.to_string(),
            pair.difference.speakers.to_string(),
            pair.seeds.to_string(),
        ])?;
    }
    writer.flush()?;
    Ok(())
}
