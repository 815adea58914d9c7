//! `ser segment`: recordings cut into turns at their pauses.

use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::FAILED;
use super::claim::claim;
use super::output::{complain, print, print_data, shown};
use super::pipe::{self, find_or_read};
use super::turn_file::TurnFile;
use crate::segment::timeline::{Entry, Format, Timeline};
use crate::segment::turn::Turn;
use crate::segment::{Pauses, Turns};
use ser_tables::atomic_write::UnfinishedFile;
use ser_tables::counted;

const EXAMPLES: &str = "\
Examples:
  ser segment interview.wav  the turns, and how long the pauses are
  ser segment interview.wav -o interview.TextGrid
        for Praat; also .eaf, .vtt, .rttm, .txt (Audacity), .csv, .json
  ser segment calls/ -o calls.csv
        file,start,end: what `ser extract --segments` reads
  arecord -f S16_LE -r 16000 -d 60 | ser segment - --name session

A turn is a stretch of speech between pauses of 0.3 s, at most 8 s long. Speech is whatever stands out from the background between 150 Hz and 8 kHz, so other sounds may be mistaken for it.";

/// Cut recordings into turns at their pauses.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Recordings, and folders with recordings; - for standard input.
    #[arg(required = true, value_name = "INPUT")]
    inputs: Vec<PathBuf>,

    #[command(flatten)]
    pipe: pipe::Options,

    /// Write the turns to FILE: .csv, .json, or for one recording .TextGrid, .eaf, .vtt, .rttm, .txt.
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(Serialize)]
struct Found {
    file: String,
    turns: Vec<Turn>,
    #[serde(flatten)]
    pauses: Pauses,
}

/// Segments.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let (found, _piped) = find_or_read(&arguments.inputs, &arguments.pipe)?;
    let output = arguments
        .output
        .as_deref()
        .filter(|path| *path != Path::new("-"));
    let _claim = claim(
        output,
        found.inputs.iter().map(|input| input.path.as_path()),
    )?;
    let output = match output {
        Some(path) => Some((path, TurnFile::of(path, "turns", found.inputs.len())?)),
        None => None,
    };
    let mut failed = found.unreadable.len();
    for (path, reason) in &found.unreadable {
        complain(&shown(&format!("{}: {reason}", path.display())));
    }
    if found.inputs.is_empty() && failed == 0 {
        bail!("no recordings: name a folder that holds audio, or files");
    }
    let mut all = Vec::new();
    for input in &found.inputs {
        match Turns::of(&input.path, &ser_audio::DecodingSettings::default()) {
            Ok(turns) => {
                for warning in &turns.warnings {
                    complain(&shown(&format!("{}: {warning}", input.name)));
                }
                all.push(Found {
                    file: input.name.clone(),
                    pauses: turns.pauses(),
                    turns: turns.turns,
                });
            }
            Err(error) => {
                failed += 1;
                complain(&shown(&format!("{}: {error}", input.name)));
            }
        }
    }
    if all.is_empty() {
        return Ok(ExitCode::from(FAILED));
    }
    match output {
        Some((path, kind)) => write(path, kind, &all)?,
        None if arguments.output.is_some() => print_data(&table(&all)?)?,
        None => print(&text(&all))?,
    }
    Ok(ExitCode::from(if failed > 0 { FAILED } else { 0 }))
}

fn write(path: &Path, kind: TurnFile, all: &[Found]) -> Result<()> {
    match (kind, all) {
        (TurnFile::Csv, _) => write_text(path, &table(all)?),
        (TurnFile::Json, _) => write_text(path, &(serde_json::to_string_pretty(all)? + "\n")),
        (TurnFile::Timeline(format), [one]) => write_text(path, &timeline(one, format)),
        (TurnFile::Timeline(_), _) => Ok(()),
    }
}

fn timeline(found: &Found, format: Format) -> String {
    let entries = found.turns.iter().enumerate().map(|(i, turn)| Entry {
        start_s: turn.start_s,
        end_s: turn.end_s,
        // In RTTM the text would be the name of a speaker.
        text: match format {
            Format::Rttm => String::new(),
            _ => format!("turn {}", i + 1),
        },
        ..Entry::default()
    });
    format.write(&Timeline {
        name: &found.file,
        length_s: found.pauses.length_s,
        tier: "turns",
        entries: &entries.collect::<Vec<_>>(),
    })
}

/// Writes a file that appears when it is complete.
pub(super) fn write_text(path: &Path, text: &str) -> Result<()> {
    write_parts(path, |target| target.write_all(text.as_bytes()))
}

/// Writes a file that appears when it is complete, piece by piece.
pub(super) fn write_parts(
    path: &Path,
    parts: impl FnOnce(&mut dyn Write) -> io::Result<()>,
) -> Result<()> {
    let name = || format!("cannot write {}", path.display());
    let file = UnfinishedFile::create(path).with_context(name)?;
    let mut target = BufWriter::new(file.target().with_context(name)?);
    let written = parts(&mut target).and_then(|()| target.flush());
    written.with_context(name)?;
    file.complete().with_context(name)
}

fn table(all: &[Found]) -> Result<String> {
    let mut rows = csv::Writer::from_writer(Vec::new());
    rows.write_record(["file", "start", "end"])?;
    for found in all {
        for turn in &found.turns {
            rows.write_record([
                &found.file,
                &turn.start_s.to_string(),
                &turn.end_s.to_string(),
            ])?;
        }
    }
    Ok(String::from_utf8(rows.into_inner()?)?)
}

fn text(all: &[Found]) -> String {
    use std::fmt::Write as _;
    let mut text = String::new();
    for found in all {
        let _ = writeln!(text, "{}", shown(&found.file));
        for turn in &found.turns {
            let _ = writeln!(text, "  {:>8.2} – {:.2}", turn.start_s, turn.end_s);
        }
        let Pauses {
            turns,
            speech_s,
            length_s,
            pauses,
            ..
        } = found.pauses;
        let _ = write!(
            text,
            "  {}, {speech_s:.1} s of speech in {length_s:.1} s",
            counted(turns, "turn")
        );
        if let (Some(median), Some(longest)) =
            (found.pauses.median_pause_s, found.pauses.longest_pause_s)
        {
            let _ = write!(
                text,
                "; {}, median {median:.2} s, longest {longest:.2} s",
                counted(pauses, "pause")
            );
        }
        text.push('\n');
    }
    text
}
