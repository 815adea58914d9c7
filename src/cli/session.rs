//! Long recordings in `ser classify`: an answer for each turn, and how the time divides among the answers.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Result, anyhow, bail};
use clap::Args;

use super::claim::claim;
use super::output::{complain, no_formula, print, print_parts, shown};
use super::progress::Progress;
use super::segment::{write_parts, write_text};
use super::speakers::{Speakers, Turn};
use super::turn_file::TurnFile;
use crate::extract::input::Input;
use crate::extract::segment;
use crate::segment::marked_stretches::Stretch;
use crate::session::hear::{Cut, MeasuredPart, hear, settings};
use crate::session::summary::{Division, Share};
use crate::session::write::{SILENT, csv, json, timeline};
use crate::session::{self, Session, Told};
use ser_audio::Recording;
use ser_models::classify::Ground;
use ser_models::classify::{Measured, Model};
use ser_parallel::for_each_in_order;
use ser_tables::aligned;

/// Recordings of a model that has no range of its own are cut from here on, seconds.
const LONG_S: f64 = 30.0;
/// Turns are listed on the terminal up to so many.
const LISTED: usize = 40;

/// What concerns recordings with more than one turn.
#[derive(Clone, Debug, Default, Args)]
pub(super) struct Options {
    /// Write the results to FILE: .csv, .json, or for one recording .TextGrid, .eaf, .vtt, .rttm, .txt (Audacity).
    #[arg(short, long, value_name = "FILE", conflicts_with_all = ["window", "explain"])]
    output: Option<PathBuf>,

    /// Each channel is a speaker, called NAMES (such as agent,customer), or channel 1, channel 2.
    #[arg(long, value_name = "NAMES", num_args = 0..=1, require_equals = true, value_delimiter = ',', conflicts_with_all = ["window", "explain", "speakers"])]
    speakers_by_channel: Option<Vec<String>>,

    /// Classify the segments of FILE instead of the turns that are found: csv with start,end (and file, speaker), RTTM, Praat TextGrid, ELAN .eaf, WebVTT, SRT or
    /// Audacity labels. Where they name speakers, each segment is classified relative to its speaker's others.
    #[arg(long, value_name = "FILE", conflicts_with_all = ["window", "explain", "speakers_by_channel", "speakers"])]
    segments: Option<PathBuf>,

    /// The tier of a TextGrid or .eaf file whose intervals are the segments; '*' for all.
    #[arg(long, value_name = "NAME", requires = "segments")]
    tier: Option<String>,
}

/// How the command was asked.
pub(super) struct Asked<'a> {
    pub options: &'a Options,
    pub model: &'a Model,
    pub inputs: &'a [Input],
    /// The model fitted to what it hears.
    pub adapt: bool,
    /// All turns are of one speaker.
    pub one_speaker: bool,
    /// Who speaks in which recording, and when.
    pub speakers: Option<&'a Speakers>,
    /// The ordinary voice of the one speaker.
    pub calm: Option<Ground>,
    /// Best guesses count as answers.
    pub always: bool,
    pub json: bool,
    pub csv: bool,
    /// Names in csv are kept from being formulas.
    pub safe: bool,
    pub quiet: bool,
    pub threads: usize,
}

impl Asked<'_> {
    /// How names are written in csv.
    fn named(&self) -> &'static dyn Fn(&str) -> String {
        match self.safe {
            true => &no_formula,
            false => &str::to_owned,
        }
    }

    /// Who speaks throughout a recording, if the list says so.
    fn speaker_of(&self, input: &Input) -> Option<&str> {
        match self.speakers?.turns(input) {
            turns @ [first, ..] if turns.iter().all(|turn| turn.times.is_none()) => {
                Some(&first.speaker)
            }
            _ => None,
        }
    }
}

/// Whether the recordings are answered turn by turn: one is longer than what the model has learnt from, or the arguments ask for it.
pub(super) fn wanted(options: &Options, model: &Model, inputs: &[Input]) -> bool {
    asked(options) || inputs.iter().any(|input| is_long(model, &input.path))
}

/// Whether the arguments ask for turns.
pub(super) fn asked(options: &Options) -> bool {
    options.output.is_some() || options.speakers_by_channel.is_some() || options.segments.is_some()
}

/// Longer than what the model has learnt from? A recording that cannot be read is not.
pub(super) fn is_long(model: &Model, path: &Path) -> bool {
    let limit_s = match model {
        Model::Classifier(classifier) => {
            let longest = classifier
                .bands
                .iter()
                .map(|band| band.limits.sound.speech_s.1);
            longest.fold(0.0, f64::max)
        }
        Model::Pipeline(_) => LONG_S,
    };
    let longer = || -> Result<bool, ser_audio::Error> {
        let mut recording = Recording::open(path, &settings(model))?;
        let limit = (limit_s * f64::from(recording.rate())) as u64;
        if let Some(length) = recording.length_samples() {
            return Ok(length > limit);
        }
        let mut length = 0;
        while let Some(block) = recording.next_block()? {
            length += block.len() as u64;
            if length > limit {
                return Ok(true);
            }
        }
        Ok(false)
    };
    longer().unwrap_or(false)
}

/// Answers turn by turn; gives the number of recordings that could not be read.
pub(super) fn run(asked: &Asked<'_>) -> Result<usize> {
    let output = asked.options.output.as_deref();
    let output = output.filter(|path| *path != Path::new("-"));
    let kind = output
        .map(|path| TurnFile::of(path, "answers", asked.inputs.len()))
        .transpose()?;
    let _claim = claim(
        output,
        asked
            .inputs
            .iter()
            .map(|input| input.path.as_path())
            .chain(asked.options.segments.as_deref()),
    )?;
    let marked = Marked::read(asked)?;
    let (sessions, mut failed) = sessions(asked, &marked)?;
    failed += marked.bad;
    if let (Some(path), Some(kind)) = (output, kind) {
        match (kind, sessions.as_slice()) {
            (TurnFile::Csv, all) => write_parts(path, |target| csv(target, all, asked.named()))?,
            (TurnFile::Json, all) => write_parts(path, |target| json(target, all))?,
            (TurnFile::Timeline(format), [one]) => write_text(path, &timeline(one, format))?,
            (TurnFile::Timeline(_), _) => {}
        }
    }
    if sessions.is_empty() {
        return Ok(failed);
    }
    if asked.json {
        print_parts(|target| json(target, &sessions))?;
    } else if asked.csv || (asked.options.output.is_some() && output.is_none()) {
        print_parts(|target| csv(target, &sessions, asked.named()))?;
    } else {
        let listed = output.is_none();
        print(&sessions.iter().map(|s| text(s, listed)).collect::<String>())?;
    }
    Ok(failed)
}

/// The sessions that could be read, and how many recordings could not.
fn sessions<'a>(asked: &Asked<'a>, marked: &Marked) -> Result<(Vec<Session<'a>>, usize)> {
    let first = asked.model.measure()?;
    let inputs = asked.inputs;
    let progress = Progress::new(inputs.len(), asked.quiet || inputs.len() == 1);
    let (mut heard, mut failed, mut heard_s) = (Vec::new(), 0, 0.0);
    let _ = for_each_in_order(
        inputs.len(),
        asked.threads,
        || first.clone(),
        |measure, number| {
            let path = &inputs[number].path;
            hear(
                path,
                &cut(asked, marked, &inputs[number]),
                asked.model,
                measure,
            )
            .map_err(|error| error.to_string())
        },
        |number, outcome| {
            match outcome {
                Ok(mut found) => {
                    if let Some(speaker) = asked.speaker_of(&inputs[number]) {
                        for part in &mut found.parts {
                            part.speaker = Some(speaker.to_owned());
                        }
                    }
                    for warning in &found.warnings {
                        progress.line(&format!("ser: {}: {warning}", inputs[number].name));
                    }
                    heard_s += found.length_s;
                    heard.push((number, found.parts, found.length_s));
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
    let model = asked.model;
    let measured = || -> Vec<&Measured> {
        let parts = heard.iter().flat_map(|(_, parts, _)| parts);
        parts
            .filter_map(|part| part.measured.as_ref().ok())
            .collect()
    };
    let all = match &asked.calm {
        Some(calm) => calm.clone(),
        None if asked.adapt => model.batch(&measured()),
        None if asked.one_speaker => model.own(&measured()),
        None => Ground::Alone,
    };
    // A speaker's own turns, where it is known whose they are and nothing else was asked for. Names in a list of speakers are good for all recordings.
    let alone = matches!(all, Ground::Alone);
    let everywhere = asked.speakers.map(|speakers| {
        speakers.complain_of_unknown(inputs);
        Arc::new(own_voices(
            model,
            heard.iter().flat_map(|(_, parts, _)| parts),
        ))
    });
    let ground = Arc::new(all);
    let session = |(number, parts, length_s): (usize, Vec<MeasuredPart>, f64)| {
        let asked = session::Asked {
            model,
            ground: Arc::clone(&ground),
            voices: match (&everywhere, alone) {
                (Some(voices), _) => Arc::clone(voices),
                (None, true) => Arc::new(own_voices(model, &parts)),
                (None, false) => Arc::default(),
            },
            always: asked.always,
        };
        let name = inputs[number].name.clone();
        Session::new(name, length_s, asked, parts)
    };
    let sessions = heard.into_iter().map(session).collect();
    Ok((sessions, failed))
}

/// What answers about each speaker rest on: their own turns.
pub(super) fn own_voices<'a>(
    model: &Model,
    parts: impl IntoIterator<Item = &'a MeasuredPart>,
) -> BTreeMap<String, Ground> {
    let mut of: BTreeMap<&str, Vec<&Measured>> = BTreeMap::new();
    for part in parts {
        if let (Some(speaker), Ok(measured)) = (&part.speaker, &part.measured) {
            of.entry(speaker).or_default().push(measured);
        }
    }
    of.into_iter()
        .map(|(speaker, measured)| (speaker.to_owned(), model.own(&measured)))
        .collect()
}

/// The segments of `--segments`, by recording.
#[derive(Default)]
struct Marked {
    of: BTreeMap<PathBuf, Vec<Stretch>>,
    /// Rows that could not be read.
    bad: usize,
}

impl Marked {
    fn read(asked: &Asked<'_>) -> Result<Marked> {
        let Some(list) = &asked.options.segments else {
            return Ok(Marked::default());
        };
        let input = match asked.inputs {
            [one] => Some(one.path.as_path()),
            _ => None,
        };
        let read = segment::read(list, input, asked.options.tier.as_deref());
        let read = read.map_err(|reason| anyhow!(reason))?;
        for reason in &read.bad {
            complain(&shown(&format!("{}: {reason}", list.display())));
        }
        let mut marked = Marked {
            bad: read.bad.len(),
            ..Marked::default()
        };
        for line in read.lines {
            let stretch = Stretch {
                start_s: line.segment.start.as_secs_f64(),
                end_s: line.segment.end.map(|end| end.as_secs_f64()),
                speaker: line.speaker,
                others: line
                    .others
                    .into_iter()
                    .map(|(name, text)| (name.to_string(), text))
                    .collect(),
            };
            marked
                .of
                .entry(place(&line.path))
                .or_default()
                .push(stretch);
        }
        for stretches in marked.of.values_mut() {
            stretches.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
        }
        match asked
            .inputs
            .iter()
            .find(|input| !marked.of.contains_key(&place(&input.path)))
        {
            Some(input) => bail!("{}: names no segments of {}", list.display(), input.name),
            None => Ok(marked),
        }
    }
}

/// A recording's place, however it was named.
fn place(path: &Path) -> PathBuf {
    path.canonicalize().unwrap_or_else(|_| path.to_owned())
}

fn cut(asked: &Asked<'_>, marked: &Marked, input: &Input) -> Cut {
    if let Some(stretches) = marked.of.get(&place(&input.path)) {
        return Cut::Marked(stretches.clone());
    }
    let turns = asked.speakers.map_or(&[][..], |list| list.turns(input));
    let mut timed: Vec<Stretch> = turns.iter().filter_map(Turn::stretch).collect();
    timed.sort_by(|a, b| a.start_s.total_cmp(&b.start_s));
    if !timed.is_empty() {
        return Cut::Marked(timed);
    }
    match &asked.options.speakers_by_channel {
        Some(names) => Cut::Channels(names.clone()),
        None if is_long(asked.model, &input.path) => Cut::Turns,
        None => Cut::Whole,
    }
}

/// A session on the terminal: how its time divides, and its turns if they are listed and not too many.
fn text(session: &Session<'_>, listed: bool) -> String {
    let all = &session.summary.all;
    let mut text = format!(
        "{}\n  {:.1} s, {} turn{}, {:.1} s of speech\n",
        shown(&session.file),
        session.length_s,
        all.turns,
        if all.turns == 1 { "" } else { "s" },
        all.speech_s
    );
    if all.turns == 0 {
        text.push_str("  no speech found\n");
        return text;
    }
    text.push_str(&divisions(
        session.summary.speakers.iter(),
        all,
        session.classes(),
    ));
    if listed && session.turns().len() <= LISTED {
        text.push('\n');
        for turn in session.turns() {
            text.push_str(&line(&turn));
        }
    } else if listed {
        let _ = writeln!(
            text,
            "\n  -o FILE (.csv, .json, .TextGrid, .eaf, .vtt, .rttm, .txt) writes the {} turns",
            session.turns().len()
        );
    }
    text
}

/// A turn on a line of its own.
pub(super) fn line(turn: &Told) -> String {
    let speaker = turn.speaker.as_deref().map(|s| format!("{}  ", shown(s)));
    let probability = turn.answered().and(turn.probability());
    let probability = probability.map(|p| format!("{p:.2}"));
    let why = turn.silent_because().map(|why| format!("({why})"));
    let guess = turn.answered().map(|_| "a guess".to_owned());
    format!(
        "  {:>8.2} – {:<8.2}  {}{:<11} {}\n",
        turn.start,
        turn.end,
        speaker.unwrap_or_default(),
        turn.answered().unwrap_or(SILENT),
        probability.or(why).or(guess).unwrap_or_default()
    )
}

/// Shares of time as a table: a line for each speaker, and one for all.
pub(super) fn divisions<'a>(
    speakers: impl Iterator<Item = &'a Division>,
    all: &'a Division,
    classes: &[String],
) -> String {
    let mut lines: Vec<(String, &Division)> = speakers
        .map(|division| {
            let name = division.speaker.as_deref().unwrap_or_default();
            (shown(name), division)
        })
        .collect();
    lines.push(("all".to_owned(), all));
    let mut head = ["", "speech", "not answered"].map(str::to_owned).to_vec();
    head.extend(classes.iter().cloned());
    let mut rows = vec![head];
    for (name, division) in lines {
        let unanswered = division.unanswered.as_ref().map(percent);
        let speech = format!("{:>6.1} s", division.speech_s);
        let mut row = vec![name, speech, unanswered.unwrap_or_default()];
        row.extend(division.classes.iter().map(percent));
        rows.push(row);
    }
    format!(
        "\n  shares of answered speech, weighted by probability, in % (95 % interval)\n{}",
        aligned(&rows)
    )
}

/// A share in per cent, its interval in brackets.
pub(super) fn percent(share: &Share) -> String {
    let interval = share
        .interval
        .map(|(low, high)| format!(" ({:.0}–{:.0})", 100.0 * low, 100.0 * high));
    format!("{:.0}{}", 100.0 * share.share, interval.unwrap_or_default())
}
