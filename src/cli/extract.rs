//! `ser extract`: recordings in, a table of features out. Here: what was asked for, and the plan that follows from it.

use std::collections::HashMap;
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};

use super::claim::claim;
use super::extract_away::{Away, Role};
use super::extract_journaling::Journaling;
use super::extract_recordings;
use super::extract_run::{self, Run};
use super::extract_table::Target;
use super::frame_times::{FrameTimes, check_frame_time};
use super::output::{complain, no_formula};
use super::pipe::{self, Piped, find_or_read};
use super::{LevelName, Usage, rate, set};
use crate::FeatureSet;
use crate::extract::analysed_parts::{Parts, Segment, Windows, length};
use crate::extract::input::{Found, Input, read_list};
use crate::extract::label::{Labels, OfRecording};
use crate::extract::plan::{ExtractionPlan, Labelling, Shard, Stamp, Task, Terms};
use crate::extract::source::Sources;
use crate::extract::{ExtractionSettings, segment};
use ser_tables::{Format, FrameTime, selection};

const EXAMPLES: &str = "\
Examples:
  ser extract interview.wav                     88 functionals on the terminal
  ser extract corpus/ -o features.csv           every recording below a folder
  ser extract corpus/ -o features.parquet       the same for pandas, polars, R, DuckDB
  ser extract corpus/ -o lld.csv --level lld    25 descriptors every 10 ms
  ser extract corpus/ --columns 'F0*,loudness' -o pitch.csv
        some of the columns
  ser extract talk.wav --level lld --frame-times=centre -o talk.csv
        the middle of each frame beside its descriptors
  ser extract calls/ --channel 2 -o agent.csv   the second channel of stereo recordings
  ser extract talk.wav --window 2s --hop 0.5s   functionals of sliding windows
  ser extract db/ --segments db/db.parts.csv    the segments listed in a table
  ser extract talk.wav --segments talk.TextGrid --tier words
        the intervals of a tier in Praat
  ser extract s3://speech/calls -o s3://speech/calls.parquet
        recordings and table in object stores (s3:, gs:, az:, https:; a build with --features remote)
  ser extract --table rows.parquet -o features.parquet
        a recording or a part of one per row, a million or more
  ffmpeg -i call.amr -f wav - | ser extract - --name call
        a recording from a pipe
  ser extract corpus/ -o features.csv --resume  continue after an interruption
  ser extract corpus/ -o part-3.ser --shard 3/16 one shard of the work, joined by `ser merge`

The numbers are those of openSMILE, except with --set eGeMAPS-ser and eGeMAPS-ser+; `ser features` explains them. A failed recording gives one message on standard error; the rest continue. Exit code: 0 all done, 1 something failed, 2 wrong usage, 130 interrupted.";

/// Extract acoustic features from recordings.
#[derive(Clone, Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings, and folders to search for recordings; - for standard input. In a build with --features remote also URLs.
    #[arg(required_unless_present_any = ["list", "segments", "table", "smile"], value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    /// Also take the recordings named in FILE: one path per line, or a table with a column file, filename, path or wav; - for standard input.
    #[arg(long, value_name = "FILE")]
    list: Option<PathBuf>,

    /// Analyse the segments of FILE, each as if it were a file: csv or parquet with file,start,end (also filename, begin, duration …), RTTM, Praat TextGrid,
    /// ELAN .eaf, WebVTT, SRT, or an Audacity label track. INPUT is the folder that names are relative to, or the one recording.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["list", "window"])]
    segments: Option<PathBuf>,

    /// The tier of a TextGrid or .eaf file whose intervals are the segments; '*' for all.
    #[arg(long, value_name = "NAME", requires = "segments")]
    tier: Option<String>,

    /// Take the recordings from the rows of FILE, a Parquet table of any length: column path, or audio (bytes of files), or samples (lists) with rate;
    /// optional start and end, in seconds.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["inputs", "list", "segments", "window", "labels", "resume", "restart", "quality", "shard", "safe_csv"])]
    table: Option<PathBuf>,

    #[command(flatten)]
    pipe: pipe::Options,

    /// Write the table to FILE instead of standard output (-); the file appears once complete.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// The output format; by default from the extension of FILE, and csv on standard output.
    #[arg(long, value_parser = super::format::format_parser())]
    format: Option<Format>,

    /// The feature set: eGeMAPSv02, eGeMAPSv01b, eGeMAPSv01a, GeMAPSv01b or GeMAPSv01a; or eGeMAPS-ser, the corrected one, or
    /// eGeMAPS-ser+, which adds cepstral peak, source levels, quotients of jitter and shimmer, pauses and syllables.
    #[arg(long, value_name = "SET", default_value = "eGeMAPSv02", value_parser = set)]
    set: FeatureSet,

    /// One row per recording, or one row every 10 ms.
    #[arg(long, value_enum, default_value = "functionals", ignore_case = true)]
    level: LevelName,

    /// Only these columns: names, patterns such as 'F0*', or groups such as pitch, formant, MFCC (`ser features` lists both), separated by commas.
    #[arg(long, value_name = "COLUMNS", conflicts_with = "shard")]
    columns: Option<String>,

    /// With --level lld: add a column frameTime, the start of each frame in seconds as in openSMILE's tables; with =centre a column frameCentre, its middle.
    #[arg(long, value_enum, value_name = "EDGE", num_args = 0..=1, require_equals = true, default_missing_value = "start", conflicts_with = "shard")]
    frame_times: Option<FrameTimes>,

    /// Functionals of sliding windows of this length, such as 2s or 500ms.
    #[arg(long, value_name = "TIME", value_parser = time)]
    window: Option<Duration>,

    /// Step from one window to the next [default: half a window].
    #[arg(long, value_name = "TIME", value_parser = time, requires = "window")]
    hop: Option<Duration>,

    /// Add the labels of FILE (csv or parquet with file,label; or the FILE of --segments) as the last column; in arff the class.
    #[arg(long, value_name = "FILE")]
    labels: Option<PathBuf>,

    /// Number of recordings analysed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// Take channel N, counted from 1, instead of the mean of all.
    #[arg(long, value_name = "N")]
    channel: Option<NonZeroUsize>,

    /// Resample to HZ first. By default the sets are computed at the file's own rate, as openSMILE does.
    #[arg(long, value_name = "HZ", value_parser = rate)]
    rate: Option<u32>,

    /// What to do with a recording shorter than one frame (60 ms).
    #[arg(long, value_enum, default_value = "fail")]
    short: Short,

    /// Continue an interrupted run with the same output.
    #[arg(long, requires = "output", conflicts_with = "restart")]
    resume: bool,

    /// Start over, discarding what an earlier run with the same output left.
    #[arg(long, requires = "output")]
    restart: bool,

    /// Write failures and warnings to FILE (csv or jsonl).
    #[arg(long, value_name = "FILE")]
    failures: Option<PathBuf>,

    /// Write the quality of each row to FILE (csv or jsonl): seconds of speech, voiced share, clipping, signal-to-noise ratio, bandwidth.
    #[arg(long, value_name = "FILE", conflicts_with = "shard")]
    quality: Option<PathBuf>,

    /// Analyse the I-th of N shards of the recordings, and write a file for `ser merge`.
    #[arg(long, value_name = "I/N", value_parser = shard, requires = "output", conflicts_with_all = ["format", "failures"])]
    shard: Option<Shard>,

    /// Write names that begin with =, +, - or @ with ' before them, so that a spreadsheet does not run them as formulas.
    #[arg(long)]
    safe_csv: bool,

    /// No progress bar and no summary; messages about recordings are still printed.
    #[arg(short, long)]
    quiet: bool,

    /// The flags of SMILExtract, which are answered with the equivalent.
    #[arg(short = 'C', short_aliases = ['I', 'O'], value_name = "FILE", hide = true)]
    smile: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Short {
    /// Report it as failed and write no row.
    Fail,
    /// Write a row of NaN, as openSMILE's Python package does.
    Nan,
}

pub(super) fn time(text: &str) -> Result<Duration, String> {
    length(text).ok_or("write a time such as 2s, 500ms or 0.5".to_owned())
}

fn shard(text: &str) -> Result<Shard, String> {
    Shard::read(text).ok_or("write I/N with I from 1 to N, such as 3/16".to_owned())
}

impl Arguments {
    fn settings(&self) -> ExtractionSettings {
        ExtractionSettings {
            set: self.set,
            level: self.level.into(),
            audio: ser_audio::DecodingSettings {
                channel: self.channel.map(|n| n.get() - 1),
                rate: self.rate,
            },
        }
        .at_rate_of_set()
    }

    /// A rate that contradicts the set is refused.
    fn check_rate(&self) -> Result<()> {
        match (self.set.rate_hz(), self.rate) {
            (Some(needed), Some(given)) if needed != given => bail!(Usage(format!(
                "{} is defined at {needed} Hz: leave out --rate",
                self.set
            ))),
            _ => Ok(()),
        }
    }

    fn threads(&self) -> usize {
        self.threads
            .or_else(|| std::thread::available_parallelism().ok())
            .map_or(1, NonZeroUsize::get)
    }

    fn windows(&self) -> Result<Option<Windows>> {
        let Some(window) = self.window else {
            return Ok(None);
        };
        let hop = self.hop.unwrap_or(window / 2);
        if self.level == LevelName::Lld {
            bail!(Usage(
                "--window goes with --level functionals: descriptors have a row every 10 ms anyway"
                    .to_owned()
            ));
        }
        Ok(Some(Windows::new(window, hop).map_err(Usage)?))
    }

    fn terms(&self, windows: Option<Windows>, labels: Option<&Labels>) -> Terms {
        let mut terms = Terms::new(&self.settings());
        terms.short_nan = self.short == Short::Nan;
        terms.quality = self.quality.is_some();
        terms.segments = self.segments.is_some();
        terms.classes = labels.map(|labels| labels.classes().to_vec());
        windows.map_or(terms.clone(), |windows| terms.with_windows(windows))
    }

    /// The column of frame times, which only descriptors have.
    fn frame_time(&self) -> Result<Option<FrameTime>> {
        let frame_time = self.frame_times.map(FrameTime::from);
        if frame_time.is_some() && self.level != LevelName::Lld {
            bail!(Usage(
                "--frame-times goes with --level lld: a row of functionals is of all its frames, from start to end".to_owned()
            ));
        }
        let output = self
            .output
            .as_deref()
            .filter(|path| *path != Path::new("-"));
        let format = self.format.or_else(|| output.and_then(Format::of));
        check_frame_time(frame_time, format)?;
        Ok(frame_time)
    }

    /// Temporary files in the place of outputs that go to stores.
    fn bring_outputs_here(&mut self, sources: &Sources) -> Result<Away> {
        use crate::extract::input::is_url;
        if self.shard.is_some() && self.output.as_deref().is_some_and(is_url) {
            bail!(Usage(
                "--shard writes a file of this machine, which `ser merge` reads: copy it to the store afterwards".to_owned()
            ));
        }
        let mut outputs = [
            (Role::List, &mut self.failures),
            (Role::List, &mut self.quality),
            (Role::Table, &mut self.output),
        ];
        Away::of(&mut outputs, sources)
    }

    /// Where the results go.
    fn target(&self) -> Result<Option<Target>> {
        let to_file = self.output.as_ref().filter(|path| *path != Path::new("-"));
        let Some(path) = to_file else {
            if let Some(format) = self.format.filter(|format| !format.streams()) {
                bail!(Usage(format!(
                    "{format} cannot go to standard output: use -o FILE.{format}"
                )));
            }
            return Ok(None);
        };
        if self.shard.is_some() {
            if Format::of(path).is_some() {
                bail!(Usage(format!(
                    "{}: a share is written for `ser merge`, which makes the table: name it like part-1.ser",
                    path.display()
                )));
            }
            return Ok(Some(Target::shard(path)));
        }
        let mut target = Target::table(path, self.format, self.failures.clone())?;
        target.qualities.clone_from(&self.quality);
        Ok(Some(target))
    }
}

/// Extracts, and says how it went.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if !arguments.smile.is_empty() {
        bail!(Usage(
            "-C, -I and -O are flags of SMILExtract; the equivalent of -C eGeMAPSv02.conf -I in.wav -csvoutput out.csv is: ser extract in.wav --set eGeMAPSv02 -o out.csv (its -lldcsvoutput: --level lld)".to_owned()
        ));
    }
    if arguments.output.as_deref() == Some(Path::new("-"))
        && (arguments.resume || arguments.restart || arguments.shard.is_some())
    {
        bail!(Usage(
            "--resume, --restart and --shard need a file: -o FILE".to_owned()
        ));
    }
    arguments.check_rate()?;
    if arguments.quality.is_some() && arguments.level == LevelName::Lld {
        bail!(Usage(
            "--quality goes with --level functionals: it is about recordings and parts of them, not about frames".to_owned()
        ));
    }
    if let Some(wanted) = &arguments.columns {
        let columns = arguments.set.columns(arguments.level.into());
        selection(&columns, wanted).map_err(|reason| Usage(format!("--columns: {reason}")))?;
    }
    let frame_time = arguments.frame_time()?;
    let sources = Sources::default();
    let mut here = arguments.clone();
    let mut away = here.bring_outputs_here(&sources)?;
    let arguments = &here;
    let target = arguments.target()?;
    let windows = arguments.windows()?;
    if let Some(table) = &arguments.table {
        return rows_of(table, arguments, target.as_ref(), (sources, &away));
    }
    let (mut tasks, mut found, _piped) = match &arguments.segments {
        Some(list) => {
            let (tasks, found) = segments(list, arguments)?;
            (tasks, found, None)
        }
        None => {
            let (tasks, found, piped) = recordings(arguments, windows, &sources)?;
            (tasks, found, Some(piped))
        }
    };
    away.check_inputs(tasks.iter().map(|task| task.input.path.as_path()))?;
    sources
        .stamp(&mut tasks)
        .map_err(|reason| anyhow!(reason))?;
    let mut outputs = target.as_ref().map(Target::files).unwrap_or_default();
    outputs.extend(target.as_ref().and_then(Target::identity));
    let lists = [&arguments.list, &arguments.segments, &arguments.labels];
    let _claim = claim(
        outputs
            .iter()
            .chain(&arguments.failures)
            .chain(&arguments.quality)
            .map(PathBuf::as_path),
        tasks
            .iter()
            .map(|task| task.input.path.as_path())
            .chain(lists.into_iter().flatten().map(PathBuf::as_path)),
    )?;
    if let Some(target) = &target {
        away.check_beside(target)?;
    }
    let labels = match &arguments.labels {
        Some(path) => {
            // The tier of the segments is not one of another file.
            let tier = arguments.tier.as_deref();
            let tier = tier.filter(|_| arguments.segments.as_ref() == Some(path));
            Some(Labels::read(path, tier).map_err(|reason| anyhow!(reason))?)
        }
        None => None,
    };
    let mut tasks = labelled(tasks, labels.as_ref(), arguments)?;
    if let (Some(labels), Some(path)) = (&labels, &arguments.labels) {
        let bad = labels.bad.iter();
        found
            .unreadable
            .extend(bad.map(|reason| (path.clone(), reason.clone())));
    }
    if arguments.safe_csv {
        for task in &mut tasks {
            task.input.name = no_formula(&task.input.name);
            match &mut task.label {
                Labelling::One(label) => *label = label.as_deref().map(no_formula),
                Labelling::Each(labels) => {
                    for label in labels.iter_mut().flatten() {
                        *label = no_formula(label).into();
                    }
                }
            }
        }
    }
    let terms = arguments.terms(windows, labels.as_ref());
    let run = Run {
        plan: ExtractionPlan::new(terms, tasks, arguments.shard.unwrap_or(Shard::WHOLE)),
        settings: arguments.settings(),
        threads: arguments.threads(),
        quiet: arguments.quiet,
        columns: arguments.columns.clone(),
        frame_time,
        found,
        journaling: match (arguments.resume, arguments.restart) {
            (true, _) => Journaling::Resume,
            (_, true) => Journaling::Anew,
            _ => Journaling::First,
        },
        sources,
    };
    match target {
        Some(target) => extract_run::into_file(&run, &target, &mut away),
        None => extract_run::onto_standard_output(
            &run,
            arguments.format.unwrap_or_default(),
            arguments.failures.as_deref(),
            arguments.quality.as_deref(),
            &away,
        ),
    }
}

/// Extracts the rows of a table of recordings.
fn rows_of(
    table: &Path,
    arguments: &Arguments,
    target: Option<&Target>,
    (sources, away): (Sources, &Away),
) -> Result<ExitCode> {
    let mut outputs = target.map(Target::files).unwrap_or_default();
    outputs.extend(target.and_then(Target::identity));
    let outputs = outputs.iter().chain(&arguments.failures);
    let _claim = claim(outputs.map(PathBuf::as_path), [table])?;
    if let Some(target) = target {
        away.check_beside(target)?;
    } else if arguments.failures.is_some() {
        bail!(Usage("--failures with --table needs -o FILE".to_owned()));
    }
    let mut run = Run {
        plan: ExtractionPlan::new(arguments.terms(None, None), Vec::new(), Shard::WHOLE),
        settings: arguments.settings(),
        threads: arguments.threads(),
        quiet: arguments.quiet,
        columns: arguments.columns.clone(),
        frame_time: arguments.frame_time()?,
        found: Found::default(),
        journaling: Journaling::First,
        sources,
    };
    extract_recordings::extract(
        &mut run,
        table,
        target,
        arguments.format.unwrap_or_default(),
        away,
    )
}

/// The recordings that the arguments name.
fn recordings(
    arguments: &Arguments,
    windows: Option<Windows>,
    sources: &Sources,
) -> Result<(Vec<Task>, Found, Piped)> {
    let mut paths = arguments.inputs.clone();
    if let Some(list) = &arguments.list {
        let listed = read_list(list).map_err(|error| anyhow!("{}: {error}", list.display()))?;
        paths.extend(listed);
    }
    let (mut found, piped) = find_or_read(&paths, &arguments.pipe)?;
    sources
        .expand(&mut found)
        .map_err(|reason| anyhow!(reason))?;
    if found.inputs.is_empty() && found.unreadable.is_empty() {
        let places: Vec<String> = paths
            .iter()
            .take(5)
            .map(|path| path.display().to_string())
            .collect();
        bail!(
            "no recordings in {}: name a folder that holds audio, or files",
            places.join(", ")
        );
    }
    let parts = windows.map_or(Parts::Whole, Parts::Windows);
    let tasks = std::mem::take(&mut found.inputs)
        .into_iter()
        .map(|input| task(input, parts.clone()))
        .collect();
    Ok((tasks, found, piped))
}

fn task(input: Input, parts: Parts) -> Task {
    Task {
        stamp: Stamp::of(&input.path),
        input,
        parts,
        label: Labelling::default(),
    }
}

/// The segments of a list; those of one recording that follow each other are one task, so that it is read once.
fn segments(list: &Path, arguments: &Arguments) -> Result<(Vec<Task>, Found)> {
    let input = match arguments.inputs.as_slice() {
        [] => None,
        [input] => Some(input.as_path()),
        _ => bail!(Usage("with --segments name one INPUT at most: the folder that the names in the list are relative to, or the recording".to_owned())),
    };
    let (mut tasks, mut found) = (Vec::<Task>::new(), Found::default());
    segment::each(list, input, arguments.tier.as_deref(), |line| match line {
        Ok(line) => match tasks.last_mut() {
            Some(Task {
                input,
                parts: Parts::Segments(segments),
                ..
            }) if input.path == line.path => segments.push(line.segment),
            _ => {
                let (path, name) = (line.path, line.name);
                let parts = Parts::Segments(vec![line.segment]);
                tasks.push(task(Input { path, name }, parts));
            }
        },
        Err(reason) => found.unreadable.push((list.to_owned(), reason)),
    })
    .map_err(|reason| anyhow!(reason))?;
    if tasks.is_empty() && found.unreadable.is_empty() {
        bail!("{}: names no segments", list.display());
    }
    Ok((tasks, found))
}

/// Gives the recordings, or their segments where these have their own, the labels of a list.
fn labelled(
    mut tasks: Vec<Task>,
    labels: Option<&Labels>,
    arguments: &Arguments,
) -> Result<Vec<Task>> {
    let (Some(labels), Some(path)) = (labels, &arguments.labels) else {
        return Ok(tasks);
    };
    // A list may come back to a recording again and again.
    let mut of: HashMap<String, OfRecording> = HashMap::new();
    let (mut all, mut unknown) = (0, 0);
    for task in &mut tasks {
        let own = match of.get(&task.input.name) {
            Some(own) => own,
            None => of
                .entry(task.input.name.clone())
                .or_insert(labels.of(&task.input.name)),
        };
        task.label = labelling(&task.parts, own);
        let (rows, without) = match (&task.label, &task.parts) {
            (Labelling::Each(labels), _) => {
                let without = labels.iter().filter(|label| label.is_none());
                (labels.len(), without.count())
            }
            (Labelling::One(label), Parts::Segments(segments)) => {
                let rows = segments.len();
                (rows, if label.is_none() { rows } else { 0 })
            }
            (Labelling::One(label), _) => (1, usize::from(label.is_none())),
        };
        all += rows;
        unknown += without;
    }
    let what = match arguments.segments {
        Some(_) => "segments",
        None => "recordings",
    };
    if unknown == all {
        bail!(
            "{}: has a label for none of the {all} {what}, the first of which is of {:?}: its column file must hold such names",
            path.display(),
            tasks[0].input.name
        );
    }
    if unknown > 0 {
        complain(&format!(
            "{}: {unknown} of {all} {what} have no label",
            path.display(),
        ));
    }
    Ok(tasks)
}

/// One label for all parts of a recording, or one for each.
fn labelling(parts: &Parts, labels: &OfRecording) -> Labelling {
    let Parts::Segments(segments) = parts else {
        return Labelling::One(labels.label().map(str::to_owned));
    };
    let of = |segment: &Segment| labels.of_part(segment).cloned();
    let first = segments.first().and_then(of);
    match segments.iter().all(|segment| of(segment) == first) {
        true => Labelling::One(first.map(|label| label.to_string())),
        false => Labelling::Each(segments.iter().map(of).collect()),
    }
}
