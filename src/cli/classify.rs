//! `ser classify`: what a model makes of recordings, how sure it is, and whether it can tell at all.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::num::NonZeroUsize;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::{Result, bail};
use clap::Args;
use serde::Serialize;

use super::extract::time;
use super::output::{complain, print, print_data, shown, threads};
use super::pipe::{self, find_or_read};
use super::progress::Progress;
use super::session;
use super::{FAILED, Usage};
use crate::extract::input::Input;
use crate::extract::{self, Worker};
use ser_features::feature::Level;
use ser_models::classify::NOT_FOR;
use ser_models::classify::answer::{Answer, Measured, Model};
use ser_models::classify::why::{Why, why};
use ser_parallel::for_each_in_order;

const EXAMPLES: &str = "\
Examples:
  ser classify voice.wav                      a card: a bar per class, what the model knows, whether it abstains
  ser classify voice.wav --explain            which voice properties spoke for and against, and when
  ser classify recordings/ --csv > guesses.csv
  ser classify session.wav                    longer than the model has learnt from: an answer for each turn, and how the time divides
  ser classify session.wav -o session.TextGrid    for Praat; also .eaf (ELAN), .vtt, .rttm, .txt (Audacity), .csv, .json
  ser classify call.wav --speakers-by-channel=agent,customer -o call.csv
  ser classify talk.wav --window 2s --hop 500ms   the guess through time
  ser classify session/ --adapt               the model fitted to the voices and the room of this folder, without labels
  ser classify --card                         the model's card: data, scores, what it must not be used for

Labels are guesses about acted speech, not facts about a person. The model abstains where the recording is unlike what it learnt from, or where its best
probability is too low; --no-abstain shows the guess all the same. Exit code 1 if a recording could not be read.";

/// Cards are printed for as many recordings; more of them get a table.
const CARDS: usize = 4;
/// Characters of a bar.
const BAR: usize = 28;

/// Say which emotion a model hears in recordings, with probabilities, or that it cannot tell.
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

    /// A model made by `ser train`; by default the one inside the program.
    #[arg(long, value_name = "MODEL.safetensors")]
    model: Option<PathBuf>,

    /// Which voice properties spoke for and against the answer, and when.
    #[arg(long)]
    explain: bool,

    /// As JSON, everything that is known of each.
    #[arg(long, conflicts_with = "csv")]
    json: bool,

    /// As csv, one line each.
    #[arg(long)]
    csv: bool,

    /// Give the best guess also where the model abstains.
    #[arg(long)]
    no_abstain: bool,

    /// Fit the model to all the recordings given, without labels: for some dozens of recordings of one place with mixed emotions.
    #[arg(long)]
    adapt: bool,

    /// Answer for windows of this length, e.g. 2s.
    #[arg(long, value_name = "TIME", value_parser = time)]
    window: Option<Duration>,

    /// Time from one window to the next, e.g. 500ms [default: half a window].
    #[arg(long, value_name = "TIME", value_parser = time, requires = "window")]
    hop: Option<Duration>,

    /// Print the model's card and stop.
    #[arg(long)]
    card: bool,

    /// Recordings heard at the same time [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

/// A recording, or a window of one, with its answer.
#[derive(Debug, Serialize)]
pub(super) struct Heard {
    file: String,
    start: f64,
    end: f64,
    #[serde(flatten)]
    answer: Answer,
    /// The probabilities by class.
    classes: Option<BTreeMap<String, f64>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    explanation: Option<Why>,
}

/// Part of a recording as it was measured.
struct Part {
    file: String,
    path: PathBuf,
    start: f64,
    end: f64,
    measured: Measured,
}

/// Classifies.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let model = match &arguments.model {
        Some(path) => Model::read(path)?,
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
    if arguments.adapt && !model.adapts() {
        return Err(Usage(
            "--adapt: this model standardises every recording by the data it learnt from, so there is nothing to adapt; models trained with --normalisation corpus or speaker adapt".into(),
        )
        .into());
    }
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
    if arguments.window.is_none()
        && !arguments.explain
        && session::wanted(&arguments.session, &model, &found.inputs)
    {
        failed += session::run(&session::Asked {
            options: &arguments.session,
            model: &model,
            inputs: &found.inputs,
            adapt: arguments.adapt,
            always: arguments.no_abstain,
            json: arguments.json,
            csv: arguments.csv,
            quiet: arguments.quiet,
            threads: threads(arguments.threads),
        })?;
        return Ok(ExitCode::from(if failed > 0 { FAILED } else { 0 }));
    }
    let (parts, unread) = measure(arguments, &model, &found.inputs)?;
    failed += unread;
    let model = if arguments.adapt {
        model.adapted(parts.iter().map(|part| &part.measured))
    } else {
        model
    };
    let heard: Vec<Heard> = parts
        .into_iter()
        .map(|part| answer(arguments, &model, part))
        .collect();
    let text = if heard.is_empty() {
        String::new()
    } else if arguments.json {
        serde_json::to_string_pretty(&heard)? + "\n"
    } else if arguments.csv {
        table(&model, &heard)?
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

/// Measures all parts of all recordings, and counts what could not be read.
fn measure(arguments: &Arguments, model: &Model, inputs: &[Input]) -> Result<(Vec<Part>, usize)> {
    let first = model.measure()?;
    let seconds = |time: Option<Duration>| time.map(|time| time.as_secs_f64());
    let hop = arguments.hop.or(arguments.window.map(|window| window / 2));
    let windows = seconds(arguments.window).zip(seconds(hop));
    let progress = Progress::new(inputs.len(), arguments.quiet || inputs.len() == 1);
    let (mut parts, mut failed, mut heard_s) = (Vec::new(), 0, 0.0);
    let work = |measure: &mut ser_models::classify::answer::Measure,
                number: usize|
     -> Result<(Vec<Part>, f64, Option<String>), String> {
        let input = &inputs[number];
        let sound = model.open(&input.path).map_err(|error| error.to_string())?;
        let length = sound.samples.len() as f64 / f64::from(sound.rate_hz);
        let mut found = Vec::new();
        let mut problem = None;
        for (start, end) in sound.stretches(windows) {
            let whole = arguments.window.is_none();
            let measured = if whole {
                measure.measure(&sound)
            } else {
                measure.measure(&sound.part(start, Some(end)))
            };
            match measured {
                Ok(measured) => found.push(Part {
                    file: input.name.clone(),
                    path: input.path.clone(),
                    start,
                    end,
                    measured,
                }),
                // A window of silence has no answer; a recording without one is a failure.
                Err(error) if whole => return Err(error.to_string()),
                Err(error) => problem = Some(error.to_string()),
            }
        }
        if found.is_empty() {
            return Err(problem.unwrap_or_else(|| "shorter than one window".into()));
        }
        Ok((found, length, problem))
    };
    let _ = for_each_in_order(
        inputs.len(),
        threads(arguments.threads),
        || first.clone(),
        work,
        |number, outcome| {
            match outcome {
                Ok((found, length, _)) => {
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

fn answer(arguments: &Arguments, model: &Model, part: Part) -> Heard {
    let mut answer = model.answer(&part.measured);
    if arguments.no_abstain {
        answer.abstained = None;
    }
    let timed = arguments.explain && arguments.window.is_none();
    let contours = timed.then(|| contours(&part.path)).flatten();
    let explained = arguments.explain.then_some(contours.as_ref());
    Heard::new(model, part.file, (part.start, part.end), answer, explained)
}

impl Heard {
    /// An answer about a stretch of a file; `explained` asks for reasons, with the recording's descriptors where they are known.
    pub(super) fn new(
        model: &Model,
        file: String,
        (start, end): (f64, f64),
        answer: Answer,
        explained: Option<Option<&ser_features::Features>>,
    ) -> Heard {
        let explanation = match (model, explained) {
            (Model::Classifier(classifier), Some(contours)) => {
                let known = classifier.classes.iter();
                let class = known.clone().position(|class| *class == answer.label);
                let class = class.unwrap_or(0);
                Some(why(classifier, class, &answer.standardised, contours))
            }
            _ => None,
        };
        let classes = answer.probabilities.as_ref().map(|p| {
            let classes = model.classes().iter().cloned();
            classes.zip(p.iter().copied()).collect()
        });
        Heard {
            file,
            start,
            end,
            classes,
            explanation,
            answer,
        }
    }
}

/// The descriptors of a recording, for when something was extreme.
fn contours(path: &Path) -> Option<ser_features::Features> {
    let settings = extract::Settings {
        level: Level::Descriptors,
        ..extract::Settings::default()
    };
    Worker::new(settings).extract(path).ok()
}

/// What a recording is called where it is answered, and where not.
fn verdict(answer: &Answer) -> &str {
    if answer.abstained.is_some() {
        "cannot tell"
    } else {
        &answer.label
    }
}

/// A card for one recording.
fn card(model: &Model, heard: &Heard) -> String {
    let mut text = String::new();
    let answer = &heard.answer;
    let _ = writeln!(text, "{}", heard.file);
    let facts = match &answer.facts {
        Some(facts) => format!(
            ", {:.1} s of speech, {:.0} % of it voiced",
            facts.speech_s,
            100.0 * facts.voiced
        ),
        None => String::new(),
    };
    let _ = writeln!(text, "  {:.1} s{facts}", heard.end - heard.start);
    match &answer.abstained {
        Some(reason) => {
            let _ = writeln!(text, "\n  cannot tell: {reason}");
            let _ = writeln!(
                text,
                "  (best guess: {}; --no-abstain gives it)",
                answer.label
            );
        }
        None => {
            let _ = writeln!(text, "\n  {}", answer.label);
        }
    }
    if let Some(probabilities) = &answer.probabilities {
        let _ = writeln!(text);
        for (class, p) in model.classes().iter().zip(probabilities) {
            let _ = writeln!(text, "  {class:<10} {} {p:.2}", bar(*p, BAR));
        }
    }
    if let Some(latent) = &answer.latent {
        let at: Vec<String> = latent.iter().map(|x| format!("{x:+.2}")).collect();
        let _ = writeln!(text, "\n  latent ({})", at.join(", "));
    }
    let _ = match answer.outside.as_slice() {
        [] => writeln!(
            text,
            "  within what the model knows: {}",
            answer.checked.join(", ")
        ),
        reasons => writeln!(
            text,
            "  outside what the model knows: {}",
            reasons.join("; ")
        ),
    };
    if let Some(why) = &heard.explanation {
        explain(&mut text, why);
    }
    text.push('\n');
    text
}

fn explain(text: &mut String, why: &Why) {
    let _ = writeln!(
        text,
        "\n  why {}, against {} (log odds {:+.2}; the groups add up to it within {:.0e})",
        why.class,
        why.reference,
        why.difference,
        why.residual.abs()
    );
    for (title, sign) in [("for", 1.0), ("against", -1.0)] {
        for voice in why
            .voices
            .iter()
            .filter(|voice| voice.contribution * sign > 0.0)
            .take(5)
        {
            let when: Vec<String> = voice
                .spans
                .iter()
                .map(|(start, end)| format!("{start:.2}–{end:.2} s"))
                .collect();
            let when = if when.is_empty() {
                String::new()
            } else {
                format!("; most so at {}", when.join(", "))
            };
            let _ = writeln!(
                text,
                "  {title:<8}{:+.2}  {}: {}{when}",
                voice.contribution, voice.group, voice.words
            );
        }
    }
}

/// A bar of eighths of a character.
fn bar(share: f64, width: usize) -> String {
    let eighths = (share.clamp(0.0, 1.0) * (width * 8) as f64).round() as usize;
    let mut bar = "█".repeat(eighths / 8);
    if let Some(part) = [' ', '▏', '▎', '▍', '▌', '▋', '▊', '▉']
        .get(eighths % 8)
        .filter(|_| !eighths.is_multiple_of(8))
    {
        bar.push(*part);
    }
    let missing = width - bar.chars().count();
    bar + &" ".repeat(missing)
}

/// A line for each recording.
fn lines(model: &Model, heard: &[Heard]) -> String {
    let longest = heard
        .iter()
        .map(|heard| heard.file.chars().count())
        .max()
        .unwrap_or(0)
        .clamp(9, 60);
    let classes: Vec<String> = model
        .classes()
        .iter()
        .map(|class| format!("{class:>8}"))
        .collect();
    let mut text = format!(
        "{:<longest$}  {:<12}{}\n",
        "recording",
        "answer",
        classes.join("")
    );
    for heard in heard {
        let probabilities: String = heard
            .answer
            .probabilities
            .iter()
            .flatten()
            .map(|p| format!("{p:>8.2}"))
            .collect();
        let _ = writeln!(
            text,
            "{:<longest$}  {:<12}{probabilities}",
            heard.file,
            verdict(&heard.answer)
        );
    }
    let answered = heard
        .iter()
        .filter(|heard| heard.answer.abstained.is_none())
        .count();
    let _ = writeln!(
        text,
        "\n{answered} of {} answered; --json gives the reasons for the others",
        heard.len()
    );
    text
}

/// The guess through time.
fn through_time(model: &Model, heard: &[Heard]) -> String {
    let mut text = String::new();
    let mut file = "";
    for heard in heard {
        if heard.file != file {
            let classes: Vec<String> = model
                .classes()
                .iter()
                .map(|class| format!("{class:<12}"))
                .collect();
            let _ = writeln!(
                text,
                "{}\n  {:<16}{:<13}{}",
                heard.file,
                "seconds",
                "answer",
                classes.join("").trim_end()
            );
            file = &heard.file;
        }
        let bars: Vec<String> = heard
            .answer
            .probabilities
            .iter()
            .flatten()
            .map(|p| format!("{} {:3.0} ", bar(*p, 6), 100.0 * p))
            .collect();
        let _ = writeln!(
            text,
            "  {:>6.2} – {:<7.2}{:<13}{}",
            heard.start,
            heard.end,
            verdict(&heard.answer),
            bars.join(" ").trim_end()
        );
    }
    if heard.iter().any(|heard| heard.answer.abstained.is_some()) {
        text.push_str("\ncannot tell: --json gives the reasons, --no-abstain the best guesses\n");
    }
    text
}

/// A csv line for each.
fn table(model: &Model, heard: &[Heard]) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    let mut head: Vec<String> = ["file", "start", "end", "answer", "guess", "abstained"]
        .map(String::from)
        .to_vec();
    head.extend(model.classes().iter().map(|class| format!("p_{class}")));
    head.extend(["latent_1", "latent_2"].map(String::from));
    writer.write_record(&head)?;
    for heard in heard {
        let answer = &heard.answer;
        let answered = if answer.abstained.is_some() {
            ""
        } else {
            answer.label.as_str()
        };
        let mut record = vec![
            heard.file.clone(),
            heard.start.to_string(),
            heard.end.to_string(),
            answered.into(),
            answer.label.clone(),
        ];
        record.push(answer.abstained.clone().unwrap_or_default());
        let optional = |values: &Option<Vec<f64>>, count: usize| -> Vec<String> {
            (0..count)
                .map(|at| {
                    values
                        .as_ref()
                        .and_then(|v| v.get(at))
                        .map(f64::to_string)
                        .unwrap_or_default()
                })
                .collect()
        };
        record.extend(optional(&answer.probabilities, model.classes().len()));
        record.extend(optional(&answer.latent, 2));
        writer.write_record(&record)?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// What stands below every card and table.
fn footer(arguments: &Arguments) -> String {
    let first = NOT_FOR.split(". ").next().unwrap_or_default();
    let card = if arguments.model.is_some() {
        "the model's card"
    } else {
        "`ser classify --card`"
    };
    format!("{first}. {card} says how often it is wrong, and what it must not be used for.\n")
}
