//! `ser enrol`: a speaker's ordinary voice, kept for `ser classify --baseline`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use clap::Args;

use super::Usage;
use super::atomic_write::write_atomically;
use super::claim::claim;
use super::output::{complain, print, print_data, shown};
use crate::extract::input::find;
use ser_models::classify::Model;
use ser_models::classify::voice::CLIPS;
use ser_models::classify::{Baseline, Ground};
use ser_tables::counted;

const EXAMPLES: &str = "\
Examples:
  ser enrol calm1.wav calm2.wav calm3.wav --name anna
  ser classify call.wav --baseline anna  relative to anna's ordinary voice
  ser enrol calm.wav -o anna.json        to a file of your choice; --baseline takes it, too
  ser enrol --list

Use a few seconds of calm, ordinary speech by one person, ideally through the same microphone as the recordings to classify. A baseline is a small JSON file with mean features, the date and the seconds of speech; it holds no audio. Named baselines are kept in $SER_VOICES, by default in ser/voices in the user's data folder.";

/// Save a speaker's ordinary voice as a baseline for `ser classify`.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings of calm, ordinary speech by one person, and folders of such.
    #[arg(required_unless_present = "list", value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Name of the speaker, for --baseline.
    #[arg(long, value_name = "NAME")]
    name: Option<String>,

    /// Write the baseline to FILE, instead of or in addition to the named one.
    #[arg(short, long, value_name = "FILE.json")]
    output: Option<PathBuf>,

    /// List the saved baselines and exit.
    #[arg(long, conflicts_with_all = ["inputs", "name", "output"])]
    list: bool,

    /// List as JSON.
    #[arg(long, requires = "list")]
    json: bool,
}

/// Enrols a speaker.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.list {
        return list(arguments.json);
    }
    let named = arguments.name.as_deref().map(file_of).transpose()?;
    if named.is_none() && arguments.output.is_none() {
        return Err(Usage(
            "give the baseline a name (--name anna), or a file (-o anna.json)".into(),
        )
        .into());
    }
    let model = Model::built_in()?;
    let found = find(&arguments.inputs);
    if let Some((path, reason)) = found.unreadable.first() {
        bail!("{}: {reason}", path.display());
    }
    let paths: Vec<PathBuf> = found.inputs.into_iter().map(|input| input.path).collect();
    // The folder of named baselines is this program's own; that of -o has to exist.
    if let Some(folder) = named.as_deref().and_then(Path::parent) {
        std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
    }
    let targets: Vec<&PathBuf> = named.iter().chain(&arguments.output).collect();
    let _claim = claim(
        targets.iter().map(|path| path.as_path()),
        paths.iter().map(PathBuf::as_path),
    )?;
    let mut baseline = measured(&model, &paths)?;
    baseline.name.clone_from(&arguments.name);
    let text = baseline.to_json().map_err(anyhow::Error::msg)?;
    for path in &targets {
        write_atomically(path, |target| Ok(target.write_all(text.as_bytes())?))?;
    }
    let place: Vec<String> = targets
        .iter()
        .map(|path| path.display().to_string())
        .collect();
    let few = match baseline.recordings < CLIPS {
        true => " Three or more recordings make answers more reliable.",
        false => "",
    };
    print(&format!(
        "{}: {}, {:.1} s of speech; {}.{few}\n",
        arguments.name.as_deref().unwrap_or("baseline"),
        counted(baseline.recordings, "recording"),
        baseline.speech_s,
        place.join(", ")
    ))?;
    Ok(ExitCode::SUCCESS)
}

/// The baseline that `--baseline` means: one that is kept, by name or file, or one of recordings.
fn baseline(model: &Model, given: &[PathBuf]) -> Result<Baseline> {
    let is_json = |path: &Path| {
        path.extension()
            .is_some_and(|extension| extension.eq_ignore_ascii_case("json"))
    };
    if let [one] = given {
        if is_json(one) {
            return read(one);
        }
        if !one.exists() {
            let named = one.to_str().map(file_of).transpose()?;
            return match named.filter(|path| path.is_file()) {
                Some(path) => read(&path),
                None => bail!(
                    "--baseline {}: no such file, and no baseline of this name: `ser enrol --list` shows those that are kept",
                    one.display()
                ),
            };
        }
    }
    if let Some(odd) = given.iter().find(|path| is_json(path) || !path.exists()) {
        return Err(Usage(format!(
            "--baseline {}: several values have to be recordings that exist; a kept baseline stands alone",
            odd.display()
        ))
        .into());
    }
    let found = find(given);
    let paths: Vec<PathBuf> = found.inputs.into_iter().map(|input| input.path).collect();
    measured(model, &paths).context("--baseline")
}

/// What answers relative to `--baseline` rest on.
///
/// # Errors
/// A model that takes no baseline, and those of [`baseline`].
pub(super) fn calm(model: &Model, given: &[PathBuf]) -> Result<Ground> {
    if matches!(model, Model::Pipeline(_)) {
        return Err(Usage(
            "--baseline is for the built-in model, and those of `ser train --recipe robust`".into(),
        )
        .into());
    }
    Ok(model.calm(&baseline(model, given)?)?)
}

/// A baseline of recordings, each of which has to be readable.
fn measured(model: &Model, paths: &[PathBuf]) -> Result<Baseline> {
    if paths.is_empty() {
        bail!("no recordings in it");
    }
    let mut measure = model.measure()?;
    let mut recordings = Vec::new();
    for path in paths {
        let (sound, warnings) = model
            .open_with_warnings(path)
            .with_context(|| path.display().to_string())?;
        for warning in warnings {
            complain(&shown(&format!("{}: {warning}", path.display())));
        }
        recordings.push(
            measure
                .measure_all(&sound)
                .with_context(|| path.display().to_string())?,
        );
    }
    Ok(model.baseline(&recordings, today())?)
}

fn read(path: &Path) -> Result<Baseline> {
    let text = std::fs::read_to_string(path).with_context(|| path.display().to_string())?;
    Baseline::from_json(&text).map_err(|problem| anyhow::anyhow!("{}: {problem}", path.display()))
}

/// The folder of named baselines.
fn folder() -> Result<PathBuf> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    if let Some(folder) = set("SER_VOICES") {
        return Ok(folder);
    }
    let data = set("XDG_DATA_HOME")
        .or_else(|| set("LOCALAPPDATA"))
        .or_else(|| set("HOME").map(|home| home.join(".local/share")));
    match data {
        Some(data) => Ok(data.join("ser").join("voices")),
        None => bail!("there is no folder for named baselines: set SER_VOICES to one"),
    }
}

/// The file of a named baseline.
fn file_of(name: &str) -> Result<PathBuf> {
    let fits = !name.is_empty()
        && !name.starts_with('.')
        && name
            .chars()
            .all(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_' | '.'));
    if !fits {
        return Err(Usage(format!(
            "{name:?} is no name for a baseline: use letters, digits, space, - _ and ."
        ))
        .into());
    }
    Ok(folder()?.join(format!("{name}.json")))
}

fn list(json: bool) -> Result<ExitCode> {
    let folder = folder()?;
    let mut files: Vec<PathBuf> = match std::fs::read_dir(&folder) {
        Ok(entries) => entries.flatten().map(|entry| entry.path()).collect(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Vec::new(),
        Err(error) => return Err(error).with_context(|| folder.display().to_string()),
    };
    files.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "json")
    });
    files.sort();
    let mut text = String::new();
    let mut entries = Vec::new();
    for path in &files {
        let name = path
            .file_stem()
            .map(|stem| stem.to_string_lossy().into_owned())
            .unwrap_or_default();
        match read(path) {
            Ok(baseline) => {
                text += &format!(
                    "{name:<20}  {}  {:>14}  {:>6.1} s of speech\n",
                    baseline.date,
                    counted(baseline.recordings, "recording"),
                    baseline.speech_s
                );
                entries.push(serde_json::json!({
                    "name": name,
                    "file": path,
                    "date": baseline.date,
                    "recordings": baseline.recordings,
                    "speech_s": baseline.speech_s,
                    "sets": baseline.sets,
                }));
            }
            Err(problem) => complain(&format!("{problem:#}")),
        }
    }
    if json {
        print_data(&(serde_json::to_string_pretty(&entries)? + "\n"))?;
    } else if text.is_empty() {
        print(&format!("no baselines in {}\n", folder.display()))?;
    } else {
        print(&text)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The day in Greenwich, year-month-day.
fn today() -> String {
    let days = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .map_or(0, |since| since.as_secs() / 86_400);
    date(days)
}

/// The date of a day since 1 January 1970. Counted from 1 March 0000, years end with the leap day, and months of 31 and 30 days alternate in fives.
fn date(days: u64) -> String {
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, later) = if month < 10 {
        (month + 3, 0)
    } else {
        (month - 9, 1)
    };
    format!("{:04}-{month:02}-{day:02}", 400 * era + year_of_era + later)
}

#[test]
fn days_have_their_dates() {
    // `date -u -d @$((86400 * N)) +%F`
    for (days, expected) in [
        (0, "1970-01-01"),
        (59, "1970-03-01"),
        (11_016, "2000-02-29"),
        (20_783, "2026-11-26"),
        (47_540, "2100-02-28"),
        (47_541, "2100-03-01"),
    ] {
        assert_eq!(date(days), expected);
    }
}
