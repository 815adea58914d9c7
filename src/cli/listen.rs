//! `ser listen`: a live stream answered turn by turn.

use std::collections::VecDeque;
use std::io::{self, IsTerminal, Read, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::atomic::Ordering;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use clap::Args;
use serde::Serialize;

use super::extract::time;
use super::output::{complain, harmless, print_data};
use super::pipe::{Raw, raw};
use super::session::{divisions, line};
use super::{Usage, enrol, interrupt};
use crate::session::Told;
use crate::session::hear::settings;
use crate::session::live::Live;
use crate::session::queue::{Block, Queue, queue};
use crate::session::summary::Summary;
use ser_audio::Recording;
use ser_features::{Extractor, FeatureSet, Level};
use ser_models::classify::Model;

const EXAMPLES: &str = "\
Examples:
  arecord -q -t raw -f S16_LE -r 16000 -c 1 | ser listen - --raw s16le:16000:1
        ALSA
  parec --raw --format=s16le --rate=16000 --channels=1 --latency-msec=20 | ser listen - --raw s16le:16000:1
        PulseAudio, PipeWire
  ffmpeg -v error -f avfoundation -i :0 -ac 1 -ar 16000 -f s16le -flush_packets 1 - | ser listen - --raw s16le:16000:1
        macOS
  sox -q -d -t raw -e signed -b 16 -r 16000 -c 1 - | ser listen - --raw s16le:16000:1
  ser listen - < session.wav  a file, as fast as it goes
  ser listen - --baseline anna < session.wav
        relative to the ordinary voice that `ser enrol calm.wav --name anna` keeps

One JSON line per turn when it ends, and every --hop while it lasts; on a terminal, a view of level, pitch and probabilities. A turn ends after a pause of 0.3 s (1 s if the turn is shorter than a second), which is detected 0.3 s later: hangover_ms gives that delay, latency_ms the time from the last sample to the written line, processing_ms the computing time within it. Ctrl-C or the end of the stream prints a summary.";

/// Blocks of 10 ms on their way: five seconds.
const QUEUED: usize = 500;
/// Arrivals are remembered for so many blocks: longer than the longest turn and its pause.
const REMEMBERED: usize = 1500;
/// Latencies kept for the summary; a longer stream keeps every second, then every fourth …
const KEPT: usize = 4096;

/// Classify a live stream turn by turn, reporting the latency of each result.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// - for standard input: bare samples with --raw, or WAV and other containers that can be read forwards.
    #[arg(value_name = "INPUT")]
    input: PathBuf,

    /// Standard input holds raw samples: FORMAT:RATE:CHANNELS, such as s16le:16000:1. Formats: u8, s16le, s24le, s32le, f32le, f64le, alaw, mulaw.
    #[arg(long, value_name = "FORMAT:RATE:CHANNELS", value_parser = raw)]
    raw: Option<Raw>,

    /// Channel to analyse, counted from 1 [default: the mean of all].
    #[arg(long, value_name = "N")]
    channel: Option<std::num::NonZeroUsize>,

    /// A model made by `ser train`, or one of the paper's inside the program: raw, pca, uae, dae [default: the robust one inside].
    #[arg(long, value_name = "MODEL")]
    model: Option<PathBuf>,

    /// A few seconds of ordinary, calm speech by the speaker, to classify relative to: recordings, or a name or file from `ser enrol`.
    #[arg(long, value_name = "FILE|NAME", num_args = 1..)]
    baseline: Vec<PathBuf>,

    /// Interval between interim results within a turn; 0s for results at the end of turns only.
    #[arg(long, value_name = "TIME", value_parser = time, default_value = "1s")]
    hop: Duration,

    /// Show the most probable label even where the model abstains.
    #[arg(long)]
    no_abstain: bool,

    /// JSON lines even on a terminal.
    #[arg(long)]
    json: bool,
}

/// A line about a turn.
#[derive(Serialize)]
struct Line<'a> {
    /// `turn` for one that has ended, `within` for one that goes on.
    event: &'static str,
    start: f64,
    end: f64,
    answer: Option<&'a str>,
    guess: Option<&'a str>,
    abstained: Option<&'a str>,
    probabilities: std::collections::BTreeMap<&'a str, f64>,
    /// How the classes share in an answer that is a guess and has no probabilities.
    support: std::collections::BTreeMap<&'a str, f64>,
    latent: Option<&'a [f64]>,
    #[serde(flatten)]
    delay: Delay,
}

/// How late a line is, milliseconds.
#[derive(Clone, Copy, Serialize)]
struct Delay {
    /// After its last sample had come.
    latency_ms: f64,
    /// Of that, until the sample came that decided it, in the time of the stream.
    hangover_ms: f64,
    /// From then until the line was written.
    processing_ms: f64,
}

#[derive(Serialize)]
struct Overrun {
    event: &'static str,
    /// Where in the stream it was noticed, seconds.
    at: f64,
    /// How many so far.
    count: u64,
}

#[derive(Serialize)]
struct End<'a> {
    event: &'static str,
    length_s: f64,
    overruns: u64,
    median_processing_ms: Option<f64>,
    /// 95 % of lines about ended turns took no longer.
    p95_processing_ms: Option<f64>,
    #[serde(flatten)]
    summary: &'a Summary,
}

/// Listens.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    if arguments.input != Path::new("-") {
        bail!(Usage(format!(
            "{}: `ser listen` reads standard input: write `ser listen - < {0}`, or `ser classify {0}` for a recording",
            arguments.input.display()
        )));
    }
    let model = match &arguments.model {
        Some(path) => Model::named(path)?,
        None => Model::built_in()?,
    };
    let calm = match arguments.baseline.as_slice() {
        [] => None,
        given => Some(enrol::calm(&model, given)?),
    };
    let mut settings = settings(&model);
    if let Some(channel) = arguments.channel {
        settings.channel = Some(channel.get() - 1);
    }
    let head = arguments.raw.map(|raw| raw.header(u64::MAX));
    let stream = io::Cursor::new(head.unwrap_or_default()).chain(io::stdin());
    let mut recording = Recording::from_stream(stream, &settings).context("standard input")?;
    let rate_hz = recording.rate();
    let (mut sender, queue) = queue(QUEUED, rate_hz);
    let grace = interrupt::grace();
    let reader = std::thread::spawn(move || -> Result<(), ser_audio::Error> {
        while let Some(block) = recording.next_block()? {
            if !sender.send(block) {
                break;
            }
        }
        Ok(())
    });
    let hop_s = Some(arguments.hop.as_secs_f64()).filter(|&hop| hop > 0.0);
    let mut live = Live::new(&model, rate_hz, hop_s, arguments.no_abstain)?;
    if let Some(calm) = calm {
        live = live.relative_to(calm);
    }
    let view = io::stdout().is_terminal() && !arguments.json;
    let mut writer = Writer::new(&model, rate_hz, view)?;
    let stopped = || grace.flag().load(Ordering::SeqCst);
    let live = listen(live, &queue, &mut writer, stopped)?;
    let interrupted = stopped();
    writer.end(&live, &queue)?;
    if !interrupted && reader.is_finished() {
        let outcome = reader.join();
        outcome.unwrap_or(Ok(())).context(
            "standard input: it could not be read to its end; what came before was answered",
        )?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Until the stream ends or is stopped.
fn listen<'a>(
    mut live: Live<'a>,
    queue: &Queue,
    writer: &mut Writer<'a>,
    stopped: impl Fn() -> bool,
) -> Result<Live<'a>> {
    let mut overruns = 0;
    while !stopped() {
        let block = match queue.blocks.recv_timeout(Duration::from_millis(100)) {
            Ok(block) => block,
            Err(RecvTimeoutError::Timeout) => continue,
            Err(RecvTimeoutError::Disconnected) => break,
        };
        writer.arrived(&block);
        let mut outcome = Ok(());
        live.push(&block.samples, |ended, told| {
            if outcome.is_ok() {
                outcome = writer.told(ended, told);
            }
        });
        outcome?;
        if queue.overruns() > overruns {
            overruns = queue.overruns();
            writer.overrun(live.length_s(), overruns)?;
        }
    }
    let mut outcome = Ok(());
    live.finish(|ended, told| {
        if outcome.is_ok() {
            outcome = writer.told(ended, told);
        }
    });
    outcome.map(|()| live)
}

/// Writes lines, and knows when samples came.
struct Writer<'a> {
    model: &'a Model,
    rate_hz: u32,
    view: Option<View>,
    /// The number of the sample after each block, and when it came.
    arrivals: VecDeque<(u64, Instant)>,
    samples: u64,
    processing: Thinned,
}

impl<'a> Writer<'a> {
    fn new(model: &'a Model, rate_hz: u32, view: bool) -> Result<Self> {
        Ok(Self {
            model,
            rate_hz,
            view: view.then(|| View::new(rate_hz)).transpose()?,
            arrivals: VecDeque::new(),
            samples: 0,
            processing: Thinned::default(),
        })
    }

    fn arrived(&mut self, block: &Block) {
        self.samples += block.samples.len() as u64;
        self.arrivals.push_back((self.samples, block.at));
        if self.arrivals.len() > REMEMBERED {
            self.arrivals.pop_front();
        }
        if let Some(view) = &mut self.view {
            view.hear(&block.samples);
        }
    }

    /// How late a line about a stretch that ends there is by now.
    fn delay(&self, end_s: f64) -> Delay {
        let now = Instant::now();
        let end = (end_s * f64::from(self.rate_hz)) as u64;
        let came = self.arrivals.iter().find(|(until, _)| *until >= end);
        let last = self.arrivals.back();
        let since = |at: Option<&(u64, Instant)>| {
            let elapsed = at.map(|(_, at)| now.saturating_duration_since(*at));
            elapsed.unwrap_or_default().as_secs_f64() * 1000.0
        };
        let length_s = self.samples as f64 / f64::from(self.rate_hz);
        Delay {
            latency_ms: since(came.or(last)),
            hangover_ms: 1000.0 * (length_s - end_s).max(0.0),
            processing_ms: since(last),
        }
    }

    fn told(&mut self, ended: bool, told: &Told) -> Result<()> {
        let delay = self.delay(told.end);
        if ended {
            self.processing.add(delay.processing_ms);
        }
        if let Some(view) = &mut self.view {
            return view.told(ended, told, self.model.classes(), delay);
        }
        let answer = told.answer.as_ref();
        let probabilities = answer.and_then(|answer| answer.probabilities.as_deref());
        let support = answer.and_then(|answer| answer.support.as_deref());
        let by_class = |values: Option<&[f64]>| {
            let classes = self.model.classes().iter().map(String::as_str);
            let values = values.unwrap_or_default().iter().copied();
            classes.zip(values).collect()
        };
        self.write(&Line {
            event: if ended { "turn" } else { "within" },
            start: told.start,
            end: told.end,
            answer: told.answered(),
            guess: answer.map(|answer| answer.label.as_str()),
            abstained: told.silent_because(),
            probabilities: by_class(probabilities),
            support: by_class(support),
            latent: answer.and_then(|answer| answer.latent.as_deref()),
            delay,
        })
    }

    fn overrun(&mut self, at: f64, count: u64) -> Result<()> {
        complain(&format!(
            "overrun at {at:.1} s: answers are five seconds behind the stream, and what records it may have lost samples; a longer --hop takes less computing"
        ));
        match self.view {
            Some(_) => Ok(()),
            None => self.write(&Overrun {
                event: "overrun",
                at,
                count,
            }),
        }
    }

    fn end(&mut self, live: &Live<'_>, queue: &Queue) -> Result<()> {
        let summary = live.summary();
        let at = |share| self.processing.quantile(share);
        if let Some(view) = &mut self.view {
            view.clear()?;
            let mut text = format!("{:.1} s, {} turns", live.length_s(), summary.all.turns);
            if let Some(median) = at(0.5) {
                text += &format!("; answers {median:.0} ms after they were decided (median)");
            }
            if queue.overruns() > 0 {
                text += &format!("; {} overruns", queue.overruns());
            }
            text.push('\n');
            if summary.all.turns > 0 {
                text += &divisions([].iter(), &summary.all, self.model.classes());
            }
            return print_data(&harmless(&text));
        }
        self.write(&End {
            event: "summary",
            length_s: live.length_s(),
            overruns: queue.overruns(),
            median_processing_ms: at(0.5),
            p95_processing_ms: at(0.95),
            summary: &summary,
        })
    }

    fn write(&self, line: &impl Serialize) -> Result<()> {
        let mut target = io::stdout().lock();
        let text = serde_json::to_string(line)? + "\n";
        let written = target.write_all(text.as_bytes());
        Ok(written.and_then(|()| target.flush())?)
    }
}

/// Values of which at most so many are kept: all at first, then every second, every fourth …
#[derive(Default)]
struct Thinned {
    values: Vec<f64>,
    seen: u64,
    every: u64,
}

impl Thinned {
    fn add(&mut self, value: f64) {
        self.every = self.every.max(1);
        if self.seen.is_multiple_of(self.every) {
            self.values.push(value);
        }
        self.seen += 1;
        if self.values.len() == KEPT {
            let mut number = 0;
            self.values.retain(|_| {
                number += 1;
                number % 2 == 1
            });
            self.every *= 2;
        }
    }

    fn quantile(&self, share: f64) -> Option<f64> {
        let mut sorted = self.values.clone();
        sorted.sort_by(f64::total_cmp);
        let at = (sorted.len().saturating_sub(1) as f64 * share).round() as usize;
        sorted.get(at).copied()
    }
}

/// The view on a terminal: a line that is drawn again and again, and above it the turns that have ended.
struct View {
    extractor: Extractor,
    pitch: Option<usize>,
    pitch_hz: f32,
    level_db: f64,
    blocks: u64,
    guess: String,
}

impl View {
    fn new(rate_hz: u32) -> Result<Self> {
        let extractor = Extractor::new(FeatureSet::EGeMapsV02, rate_hz, Level::Descriptors)?;
        let columns = FeatureSet::EGeMapsV02.columns(Level::Descriptors);
        Ok(Self {
            extractor,
            pitch: columns
                .iter()
                .position(|column| column.name == "F0semitoneFrom27.5Hz_sma3nz"),
            pitch_hz: 0.0,
            level_db: -99.0,
            blocks: 0,
            guess: String::new(),
        })
    }

    fn hear(&mut self, samples: &[f32]) {
        let mean = samples.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>();
        let level_db = 10.0 * (mean / samples.len().max(1) as f64 + 1e-10).log10();
        // Falls by 1 dB per block, as a meter's needle does.
        self.level_db = level_db.max(self.level_db - 1.0);
        // Samples that are no numbers have no pitch; the turn with them says so.
        if self.extractor.push(samples).is_ok()
            && let Some(pitch) = self.pitch
            && let Some(row) = self.extractor.take_rows().rows().last()
        {
            self.pitch_hz = ser_study::report::hz(row.values[pitch]);
        }
        self.blocks += 1;
        if self.blocks.is_multiple_of(10) {
            let _ = self.draw();
        }
    }

    fn draw(&self) -> io::Result<()> {
        let filled = ((self.level_db + 60.0) / 60.0 * 20.0).clamp(0.0, 20.0) as usize;
        let bar = "█".repeat(filled) + &"·".repeat(20 - filled);
        let pitch = match self.pitch_hz > 0.0 {
            true => format!("{:>4.0} Hz", self.pitch_hz),
            false => " ".repeat(7),
        };
        let mut target = io::stdout().lock();
        write!(
            target,
            "\r\u{1b}[K{bar} {:>4.0} dB {pitch}  {}",
            self.level_db, self.guess
        )?;
        target.flush()
    }

    fn clear(&self) -> io::Result<()> {
        let mut target = io::stdout().lock();
        write!(target, "\r\u{1b}[K")?;
        target.flush()
    }

    fn told(&mut self, ended: bool, told: &Told, classes: &[String], delay: Delay) -> Result<()> {
        let answer = told.answer.as_ref();
        let probabilities = answer.and_then(|answer| {
            let shares = answer.probabilities.as_ref().or(answer.support.as_ref());
            shares.map(Vec::as_slice)
        });
        let shown: Vec<String> = classes
            .iter()
            .zip(probabilities.unwrap_or_default())
            .map(|(class, p)| format!("{} {:.0} %", harmless(class), 100.0 * p))
            .collect();
        self.guess = shown.join("  ");
        if !ended {
            return Ok(());
        }
        self.guess.clear();
        self.clear()?;
        let line = line(told);
        print_data(&format!(
            "{}   {:.0} ms\n",
            harmless(line.trim_end()),
            delay.latency_ms
        ))
    }
}

#[test]
fn quantiles_of_many_values_are_kept_in_little() {
    let mut kept = Thinned::default();
    (0..100_000).for_each(|i| kept.add(f64::from(i)));
    assert!(kept.values.len() < KEPT);
    let median = kept.quantile(0.5).unwrap();
    assert!((median - 50_000.0).abs() < 500.0, "{median}");
    assert_eq!(Thinned::default().quantile(0.5), None);
}
