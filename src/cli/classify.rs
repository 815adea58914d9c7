//! `ser classify`: what a model makes of recordings, how sure it is, and whether it can tell at all.

use std::collections::BTreeMap;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;

use super::answers::{AnsweredStretch, card, lines, table, through_time};
use super::extract::time;
use super::output::{complain, no_formula, print, print_data, shown, threads};
use super::pipe::{self, find_or_read};
use super::progress::Progress;
use super::speakers::{Speakers, Turn};
use super::{FAILED, Usage, enrol, session};
use crate::extract::input::Input;
use crate::extract::{self, Worker};
use ser_features::feature::Level;
use ser_models::classify::Ground;
use ser_models::classify::NOT_FOR;
use ser_models::classify::front_end::Sound;
use ser_models::classify::{Measured, Model};
use ser_parallel::for_each_in_order;

const EXAMPLES: &str = "\
Examples:
  ser classify voice.wav                         a bar per class, and whether the model abstains
  ser classify voice.wav --explain
        which voice properties counted for and against, and when
  ser classify recordings/ --csv > guesses.csv
  ser classify session.wav
        a long recording: a label for each turn, and the share of time per class
  ser classify session.wav -o session.TextGrid
        for Praat; also .eaf (ELAN), .vtt, .rttm, .txt (Audacity), .csv, .json
  ser classify call.wav --speakers-by-channel=agent,customer -o call.csv
  ser classify talk.wav --window 2s --hop 500ms  labels over time
  ser classify call.wav --baseline calm1.wav calm2.wav
        relative to a few seconds of the speaker's ordinary voice
  ser classify calls/ --speakers who.csv
        relative to each speaker's other recordings (columns file, speaker, optionally start and end)
  ser classify anna/ --one-speaker               all recordings are by one speaker
  ser classify session/ --adapt
        a batch of mixed emotions: the model's bias is corrected, without labels
  ser classify voice.wav --model dae
        by the paper's denoising autoencoder; also uae, pca, raw. --card compares them
  ser classify --card
        the model card: data, scores, what it must not be used for

Labels are guesses about acted speech, not facts about a person. Each answer says what it rests on: with --baseline, --speakers or --one-speaker more of them are right. A label is called a guess, and has no percentage, where percentages were wrong on a corpus that had been left out of training; how many of such answers were right there is told instead. The model abstains where the recording is unlike its training data, or where no class stands out; --no-abstain shows the label all the same. Exit code 1 if a recording could not be read.";

/// Cards are printed for as many recordings; more of them get a table.
const CARDS: usize = 4;

/// Predict the emotion of recordings, with probabilities, or abstain.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings, and folders with recordings; - for standard input.
    #[arg(required_unless_present = "card", value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    pipe: pipe::Options,

    #[command(flatten)]
    session: session::Options,

    /// A model made by `ser train`, or one of the paper's inside the program: raw, pca, uae, dae [default: the robust one inside].
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,

    /// Show which voice properties counted for and against the label, and when.
    #[arg(long)]
    explain: bool,

    /// Print JSON, with all measurements.
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// Print csv, one line per recording.
    #[arg(long)]
    csv: bool,

    /// In csv, write names that begin with =, +, - or @ with ' before them, so that a spreadsheet does not run them as formulas.
    #[arg(long)]
    safe_csv: bool,

    /// Show the most probable label even where the model abstains.
    #[arg(long)]
    no_abstain: bool,

    /// A few seconds of ordinary, calm speech by the same speaker: recordings, or a name or file from `ser enrol`.
    #[arg(long, value_name = "FILE|NAME", num_args = 1.., conflicts_with_all = ["speakers", "one_speaker", "adapt"])]
    baseline: Vec<PathBuf>,

    /// Who speaks: csv with the columns file, speaker and optionally start and end, or a folder made by `ser corpus prepare`. Each recording is
    /// classified relative to the speaker's others, without labels; segments with times are classified one
    /// by one.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["one_speaker", "adapt"])]
    speakers: Option<PathBuf>,

    /// All recordings are by one speaker: classify each relative to the others, without labels.
    #[arg(long, conflicts_with = "adapt")]
    one_speaker: bool,

    /// All recordings are one batch of a few dozen with mixed emotions: correct the model's bias on it, without labels.
    #[arg(long)]
    adapt: bool,

    /// Classify sliding windows of this length, e.g. 2s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    window: Option<Duration>,

    /// Time from one window to the next, e.g. 500ms [default: half a window].
    #[arg(long, value_name = "TIME", value_parser = time, requires = "window")]
    hop: Option<Duration>,

    /// Print the model card and exit.
    #[arg(long)]
    card: bool,

    /// Number of recordings analysed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

/// Part of a recording as it was measured.
struct MeasuredPart {
    file: String,
    path: PathBuf,
    start: f64,
    end: f64,
    speaker: Option<String>,
    measured: Measured,
}

/// Classifies.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let model = match &arguments.model {
        Some(path) => Model::named(path)?,
        None => Model::built_in()?,
    };
    if arguments.card {
        print(model.card())?;
        return Ok(ExitCode::SUCCESS);
    }
    if let (Model::Pipeline(trained), true) = (&model, arguments.explain) {
        let which = trained.pipeline.recipe.representation.name();
        return Err(Usage(format!(
            "--explain is for the built-in model; what this one ({which}, made by `ser train`) goes by is told over a table: ser explain MODEL TABLE"
        ))
        .into());
    }
    let together = [
        (arguments.adapt, "--adapt"),
        (arguments.one_speaker, "--one-speaker"),
        (arguments.speakers.is_some(), "--speakers"),
    ];
    if let Some((_, flag)) = together.iter().find(|(given, _)| *given && !model.adapts()) {
        return Err(Usage(format!(
            "{flag}: this model standardises every recording by its training data, so there is nothing to adapt; models trained with --normalisation corpus or speaker adapt"
        ))
        .into());
    }
    let speakers = arguments
        .speakers
        .as_deref()
        .map(Speakers::read)
        .transpose()?;
    let calm = match arguments.baseline.as_slice() {
        [] => None,
        given => Some(enrol::calm(&model, given)?),
    };
    let (found, _piped) = find_or_read(&arguments.inputs, &arguments.pipe)?;
    let mut failed = found.unreadable.len();
    for (path, reason) in &found.unreadable {
        complain(&shown(&format!("{}: {reason}", path.display())));
    }
    if found.inputs.is_empty() && failed == 0 {
        bail!(
            "{}: no recordings in it",
            arguments
                .inputs
                .iter()
                .map(|path| path.display().to_string())
                .collect::<Vec<_>>()
                .join(", ")
        );
    }
    if model.target().is_some() && session::asked(&arguments.session) {
        return Err(Usage(
            "turns and their labels are for models of classes; of a model of numbers, --window gives the course".into(),
        )
        .into());
    }
    if arguments.window.is_none()
        && !arguments.explain
        && model.target().is_none()
        && session::wanted(&arguments.session, &model, &found.inputs)
    {
        failed += session::run(&session::Asked {
            options: &arguments.session,
            model: &model,
            inputs: &found.inputs,
            adapt: arguments.adapt,
            one_speaker: arguments.one_speaker,
            speakers: speakers.as_ref(),
            calm,
            always: arguments.no_abstain,
            json: arguments.json,
            csv: arguments.csv,
            safe: arguments.safe_csv,
            quiet: arguments.quiet,
            threads: threads(arguments.threads),
        })?;
        return Ok(ExitCode::from(if failed > 0 { FAILED } else { 0 }));
    }
    let (parts, unread) = measure(arguments, &model, &found.inputs, speakers.as_ref())?;
    failed += unread;
    if let Some(speakers) = &speakers {
        speakers.complain_of_unknown(&found.inputs);
    }
    let grounds = grounds(arguments, &model, &parts, calm);
    let heard: Vec<AnsweredStretch> = parts
        .into_iter()
        .map(|part| answer(arguments, &model, part, &grounds))
        .collect::<Result<_>>()?;
    let text = if heard.is_empty() {
        String::new()
    } else if arguments.json {
        serde_json::to_string_pretty(&heard)? + "\n"
    } else if arguments.csv {
        let safe = arguments.safe_csv;
        table(&model, &heard, |name| {
            if safe {
                no_formula(name)
            } else {
                name.to_owned()
            }
        })?
    } else if arguments.window.is_some() {
        through_time(&model, &heard)
    } else if heard.len() <= CARDS || arguments.explain {
        heard
            .iter()
            .map(|heard| card(&model, heard))
            .collect::<String>()
            + &footer(arguments)
    } else {
        lines(&model, &heard) + &footer(arguments)
    };
    if arguments.json || arguments.csv {
        print_data(&text)?;
    } else {
        print(&text)?;
    }
    Ok(if failed > 0 {
        ExitCode::from(FAILED)
    } else {
        ExitCode::SUCCESS
    })
}

/// What answers rest on: one ground for all, or one for each speaker.
struct Grounds {
    all: Ground,
    of: BTreeMap<String, Ground>,
}

fn grounds(
    arguments: &Arguments,
    model: &Model,
    parts: &[MeasuredPart],
    calm: Option<Ground>,
) -> Grounds {
    let every = || parts.iter().map(|part| &part.measured).collect::<Vec<_>>();
    let all = match calm {
        Some(calm) => calm,
        None if arguments.adapt => model.batch(&every()),
        None if arguments.one_speaker => model.own(&every()),
        None => Ground::Alone,
    };
    let mut of_speakers: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for part in parts {
        if let Some(speaker) = &part.speaker {
            of_speakers.entry(speaker).or_default().push(&part.measured);
        }
    }
    let of = of_speakers
        .into_iter()
        .map(|(speaker, measured)| (speaker.to_string(), model.own(&measured)));
    Grounds {
        all,
        of: of.collect(),
    }
}

/// Measures all parts of all recordings, and counts what could not be read.
fn measure(
    arguments: &Arguments,
    model: &Model,
    inputs: &[Input],
    speakers: Option<&Speakers>,
) -> Result<(Vec<MeasuredPart>, usize)> {
    let first = model.measure()?;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    let hop = arguments.hop.or(arguments.window.map(|window| window / 2));
    let windows = seconds(arguments.window).zip(seconds(hop));
    let progress = Progress::new(inputs.len(), arguments.quiet || inputs.len() == 1);
    let (mut parts, mut failed, mut heard_s) = (Vec::new(), 0, 0.0);
    let work = |measure: &mut ser_models::classify::Measure,
                number: usize|
     -> Result<(Vec<MeasuredPart>, f64, Vec<ser_audio::Warning>), String> {
        let input = &inputs[number];
        let (sound, warnings) = model
            .open_with_warnings(&input.path)
            .map_err(|error| error.to_string())?;
        let length = sound.samples.len() as f64 / f64::from(sound.rate_hz);
        let mut found = Vec::new();
        let mut problem = None;
        let turns = speakers.map_or(&[][..], |speakers| speakers.turns(input));
        for (start, end, speaker) in stretches(&sound, windows, turns) {
            let whole = (start, end) == (0.0, length);
            let measured = if whole {
                measure.measure(&sound)
            } else {
                measure.measure(&sound.part(start, Some(end)))
            };
            match measured {
                Ok(measured) => found.push(MeasuredPart {
                    file: input.name.clone(),
                    path: input.path.clone(),
                    start,
                    end,
                    speaker,
                    measured,
                }),
                // A window of silence has no answer; a recording without one is a failure.
                Err(error) if whole => return Err(error.to_string()),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        if found.is_empty() {
            return Err(problem.unwrap_or_else(|| {
                "shorter than one window, or than the times of its speaker".into()
            }));
        }
        Ok((found, length, warnings))
    };
    let _ = for_each_in_order(
        inputs.len(),
        threads(arguments.threads),
        || first.clone(),
        work,
        |number, outcome| {
            match outcome {
                Ok((found, length, warnings)) => {
                    for warning in warnings {
                        progress.line(&format!("ser: {}: {warning}", inputs[number].name));
                    }
                    parts.extend(found);
                    heard_s += length;
                }
                Err(reason) => {
                    failed += 1;
                    progress.line(&format!("ser: {}: {reason}", inputs[number].name));
                }
            }
            progress.advance(heard_s);
            ControlFlow::Continue(())
        },
    );
    progress.finish();
    Ok((parts, failed))
}

/// The stretches that are asked about, each with its speaker: the turns with times where there are some, or windows, or the whole.
fn stretches(
    sound: &Sound,
    windows: Option<(f64, f64)>,
    turns: &[Turn],
) -> Vec<(f64, f64, Option<String>)> {
    let length = sound.samples.len() as f64 / f64::from(sound.rate_hz);
    let whole = turns.iter().find(|turn| turn.times.is_none());
    if windows.is_some() || turns.is_empty() || whole.is_some() {
        let speaker_at = |middle: f64| {
            let within = |turn: &&Turn| {
                turn.times
                    .is_none_or(|(start, end)| (start..end).contains(&middle))
            };
            turns.iter().find(within).map(|turn| turn.speaker.clone())
        };
        return sound
            .stretches(windows)
            .into_iter()
            .map(|(start, end)| (start, end, speaker_at((start + end) / 2.0)))
            .collect();
    }
    turns
        .iter()
        .filter_map(|turn| Some((turn.times?, turn)))
        .filter(|((start, _), _)| *start < length)
        .map(|((start, end), turn)| (start, end.min(length), Some(turn.speaker.clone())))
        .collect()
}

fn answer(
    arguments: &Arguments,
    model: &Model,
    part: MeasuredPart,
    grounds: &Grounds,
) -> Result<AnsweredStretch> {
    let own = part
        .speaker
        .as_ref()
        .and_then(|speaker| grounds.of.get(speaker));
    let mut answer = model.answer(&part.measured, own.unwrap_or(&grounds.all))?;
    if arguments.no_abstain {
        answer.abstained = None;
    }
    let timed = arguments.explain && arguments.window.is_none();
    let contours = timed.then(|| contours(&part.path)).flatten();
    let explained = arguments.explain.then_some(contours.as_ref());
    let mut heard =
        AnsweredStretch::new(model, part.file, (part.start, part.end), answer, explained);
    heard.speaker = part.speaker;
    Ok(heard)
}

/// The descriptors of a recording, for when something was extreme.
fn contours(path: &Path) -> Option<ser_features::Features> {
    let settings = extract::ExtractionSettings {
        level: Level::Descriptors,
        ..extract::ExtractionSettings::default()
    };
    Worker::new(settings).extract(path).ok()
}

/// What stands below every card and table.
fn footer(arguments: &Arguments) -> String {
    let first = NOT_FOR.split(". ").next().unwrap_or_default();
    let card = if arguments.model.is_some() {
        "The model's card (--card)"
    } else {
        "`ser classify --card`"
    };
    format!("{first}. {card} says how often it is wrong, and what it must not be used for.\n")
}
