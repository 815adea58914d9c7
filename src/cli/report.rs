//! `ser report`: results as figures for print and as a page for the screen.

use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::Args;
use indicatif::{ProgressBar, ProgressDrawTarget};

use super::Usage;
use super::atomic_write::write_atomically;
use super::claim::{claim, claim_whole_folder};
use super::output::{print, threads};
use ser_parallel::for_each_in_order;
use ser_study::evaluate::result::{Evaluation, SCHEMA};
use ser_study::report::{Audio, Contours, Extras, page, write_folder};
use ser_tables::atomic_write::folder_of;

use super::pipe;
use super::recording_report::{self, Population};
use super::session::is_long;
use super::session_report;
use crate::session::hear::Cut;
use ser_models::classify::Model;

const EXAMPLES: &str = "\
Examples:
  ser evaluate paper.toml data/ --train cremad -o paper.json
  ser report paper.json -o paper.html        one page, which opens from the disk without network
  ser report paper.json -o figures/
        also each figure as SVG and PNG, with its numbers as csv
  ser report paper.json -o figures/ --latex  and its tables as LaTeX
  ser report paper.json -o paper.html --embed-audio
  ser report voice.wav -o voice.html
        one recording: waveform, spectrogram, pitch, loudness, formants, features
  ser report voice.wav --model dae.safetensors
        its features against those that a model learnt from
  ser report session.wav
        a long one: turns and answers per speaker through time, pitch, loudness, latent path
  ffmpeg -v error -i call.mkv -f wav - | ser report - --name call --speakers-by-channel=agent,customer";

/// Bytes of recordings that a page may hold.
const EMBEDDED: u64 = 200 << 20;

/// Draw figures and a page from a result of `ser evaluate`, or a page for a single recording.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A result of `ser evaluate` (.json), or a recording; - for standard input.
    #[arg(value_name = "RESULT.json|RECORDING")]
    input: PathBuf,

    #[command(flatten)]
    pipe: pipe::Options,

    /// The page (.html), or a folder for page and figures [default: the input's name with .html].
    #[arg(short, long, value_name = "FILE.html|DIR")]
    output: Option<PathBuf>,

    /// Embed the recordings in the page instead of linking to them.
    #[arg(long)]
    embed_audio: bool,

    /// For a long recording: neither embed nor link the audio.
    #[arg(long, conflicts_with = "embed_audio")]
    no_audio: bool,

    /// For a long recording: each channel is a speaker, called NAMES (such as agent,customer), or channel 1, channel 2.
    #[arg(long, value_name = "NAMES", num_args = 0..=1, require_equals = true, value_delimiter = ',')]
    speakers_by_channel: Option<Vec<String>>,

    /// Folder whose recordings may be embedded; those elsewhere are linked [default: the current folder].
    #[arg(long, value_name = "DIR", requires = "embed_audio")]
    audio_root: Option<PathBuf>,

    /// Leave out pitch, loudness and formant contours, which have to be measured again.
    #[arg(long)]
    no_contours: bool,

    /// Also write the tables as LaTeX (booktabs) to the folder: scores, transfer matrix, the paper's sentences.
    #[arg(long)]
    latex: bool,

    /// For a recording: the model to whose training data its features are compared.
    #[arg(long, value_name = "MODEL.safetensors")]
    model: Option<PathBuf>,

    /// Number of recordings analysed in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

/// Reports.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let piped = match arguments.input == Path::new("-") {
        true => Some(pipe::spool(&arguments.pipe)?),
        false if arguments.pipe.raw() => bail!(Usage(
            "--raw is about standard input: name - as input".to_owned()
        )),
        false => None,
    };
    let input = piped.as_ref().and_then(pipe::Piped::path);
    let input = input.unwrap_or(&arguments.input);
    let name = match piped {
        Some(_) => arguments.pipe.name().to_owned(),
        None => input
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned(),
    };
    if name == "-" && arguments.output.is_none() {
        bail!(Usage(
            "a report of standard input needs a name: --name NAME, or -o FILE.html".to_owned()
        ));
    }
    let output = arguments
        .output
        .clone()
        .unwrap_or_else(|| PathBuf::from(&name).with_extension("html"));
    let is_page = output
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("html"));
    let inputs = [Some(&arguments.input), arguments.model.as_ref()];
    let inputs = inputs.into_iter().flatten().map(PathBuf::as_path);
    let _claim = match is_page {
        true => {
            std::fs::create_dir_all(folder_of(&output))
                .with_context(|| output.display().to_string())?;
            claim([output.as_path()], inputs)?
        }
        false => claim_whole_folder(&output, inputs)?,
    };
    let is_result = input
        .extension()
        .is_some_and(|extension| extension.eq_ignore_ascii_case("json"));
    if !is_result {
        let file = if is_page {
            output
        } else {
            output.join("report.html")
        };
        let text = of_recording(arguments, input, &name, &file, piped.is_some())?;
        if let Some(folder) = file
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty())
        {
            std::fs::create_dir_all(folder).with_context(|| folder.display().to_string())?;
        }
        write_atomically(&file, |target| Ok(target.write_all(text.as_bytes())?))?;
        print(&format!("{}\n", file.display()))?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.latex && is_page {
        return Err(Usage(
            "--latex writes tables beside the figures: name a folder with -o".into(),
        )
        .into());
    }
    let evaluation = read(&arguments.input)?;
    let contours = if arguments.no_contours {
        Vec::new()
    } else {
        contours(&evaluation, arguments)
    };
    let folder = if is_page {
        output.parent().unwrap_or(Path::new("")).to_path_buf()
    } else {
        output.clone()
    };
    let folder = std::path::absolute(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        &folder
    })
    .with_context(|| output.display().to_string())?;
    let audio = if arguments.embed_audio {
        Audio::Embed {
            folder,
            root: arguments.audio_root.clone().unwrap_or_else(|| ".".into()),
            limit: EMBEDDED,
        }
    } else {
        Audio::Link { folder }
    };
    let extras = Extras {
        title: None,
        audio,
        contours: &contours,
        latex: arguments.latex,
    };
    if is_page {
        let text = page(&evaluation, &extras)?;
        write_atomically(&output, |target| Ok(target.write_all(text.as_bytes())?))?;
        print(&format!("{}\n", output.display()))?;
    } else {
        let written = write_folder(&evaluation, &output, &extras)?;
        let names: String = written
            .iter()
            .map(|file| format!("{}\n", file.display()))
            .collect();
        print(&names)?;
    }
    Ok(ExitCode::SUCCESS)
}

/// The page of a recording: of a long one its turns, of another one all that was measured.
fn of_recording(
    arguments: &Arguments,
    path: &Path,
    name: &str,
    page: &Path,
    piped: bool,
) -> Result<String> {
    let built_in = Model::built_in()?;
    let channels = arguments.speakers_by_channel.clone();
    if channels.is_none() && !is_long(&built_in, path) {
        let population = arguments
            .model
            .as_deref()
            .map(Population::read)
            .transpose()?;
        return recording_report::page(path, name, population.as_ref(), arguments.embed_audio);
    }
    let model = arguments.model.as_deref().map(Model::named).transpose()?;
    let folder =
        std::path::absolute(folder_of(page)).with_context(|| page.display().to_string())?;
    let audio = if arguments.embed_audio {
        Audio::Embed {
            folder,
            root: folder_of(path).to_path_buf(),
            limit: EMBEDDED,
        }
    } else if arguments.no_audio || piped {
        // Standard input is gone when the page is opened.
        Audio::None
    } else {
        Audio::Link { folder }
    };
    let model_name = arguments
        .model
        .as_ref()
        .map(|path| path.display().to_string());
    session_report::page(&session_report::Asked {
        path,
        name,
        cut: &channels.map_or(Cut::Turns, Cut::Channels),
        model: model.as_ref().unwrap_or(&built_in),
        model_name: model_name.as_deref().unwrap_or("the built-in model"),
        audio: &audio,
    })
}

/// Reads a result.
pub(super) fn read(path: &Path) -> Result<Evaluation> {
    let name = || path.display().to_string();
    let bytes = ser_tables::bounded_read::read(path).with_context(name)?;
    let found: serde_json::Value = serde_json::from_slice(&bytes).with_context(name)?;
    match found["schema"].as_str() {
        Some(SCHEMA) => {}
        Some(other) => bail!(
            "{}: it is of form {other}, and this ser reads {SCHEMA}: run `ser evaluate` again",
            name()
        ),
        None => bail!(
            "{}: it is no result of `ser evaluate -o RESULT.json`",
            name()
        ),
    }
    serde_json::from_value(found).with_context(name)
}

/// Contours of the recordings that are at hand; a recording that cannot be read has none.
fn contours(evaluation: &Evaluation, arguments: &Arguments) -> Vec<Contours> {
    let rows: Vec<usize> = (0..evaluation.rows.len())
        .filter(|&row| Path::new(&evaluation.rows[row].file).is_file())
        .collect();
    let target = if arguments.quiet {
        ProgressDrawTarget::hidden()
    } else {
        ProgressDrawTarget::stderr()
    };
    let bar = ProgressBar::with_draw_target(Some(rows.len() as u64), target);
    let mut found = Vec::new();
    let work = |measure: &mut recording_report::Measure, number: usize| {
        measure.contours(Path::new(&evaluation.rows[rows[number]].file), rows[number])
    };
    let _ = for_each_in_order(
        rows.len(),
        threads(arguments.threads),
        recording_report::Measure::default,
        work,
        |_, contours| {
            bar.inc(1);
            found.extend(contours);
            ControlFlow::Continue(())
        },
    );
    bar.finish_and_clear();
    found
}
