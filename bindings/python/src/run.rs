//! Many recordings: each through a worker, the results together in the order of the recordings.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;
use std::time::Duration;

use numpy::{PyArray1, PyArray2, PyArrayMethods};
use pyo3::prelude::*;
use pyo3::types::PyDict;
use ser::Features;
use ser::audio;
use ser::extract::analysed_parts::{Parts, Segment, Windows};
use ser::extract::failure::Failure;
use ser::extract::{Analysis, ExtractionSettings, Worker, input};
use ser_parallel::for_each_in_order_weighed;

use crate::columns::{level, set, value_error};
use crate::source::{Argument, Source};
use crate::watch::{threads, watched};

/// Start and end in nanoseconds; without an end, to the end of the recording.
type Span = (u64, Option<u64>);

/// Why there is nothing of a recording or a part of it: kind and message as in docs/reliability.md.
pub(crate) type Reason = (String, String);

/// Everything of a call that decides a number.
#[derive(Clone, Copy)]
struct Terms {
    settings: ExtractionSettings,
    short_nan: bool,
}

/// What became of one recording.
pub(crate) enum Found {
    Done(Analysis),
    Failed(Reason),
}

/// Rows of all recordings, one column per vector.
#[derive(Default)]
struct Rows {
    values: Vec<f32>,
    /// Which recording, and which part of it.
    recording: Vec<i64>,
    part: Vec<i64>,
    /// Seconds.
    start: Vec<f64>,
    end: Vec<f64>,
    /// Rate in Hz as analysed, seconds read, and whether the file ended early, of each recording.
    rate: Vec<u32>,
    length: Vec<f64>,
    truncated: Vec<bool>,
    /// What a user should know of a recording.
    warnings: Vec<(usize, String)>,
    /// Recording, part, start and end in seconds, kind and message.
    failures: Vec<(usize, Option<usize>, f64, f64, String, String)>,
    /// Parts that are too short and have a row of NaN.
    short: Vec<(usize, usize)>,
}

impl Rows {
    fn take(&mut self, recording: usize, outcome: Found, rate: u32, terms: &Terms) {
        self.rate.push(rate);
        let analysis = match outcome {
            Found::Done(analysis) => analysis,
            Found::Failed((kind, message)) => {
                self.length.push(0.0);
                self.truncated.push(false);
                let failure = (recording, None, f64::NAN, f64::NAN, kind, message);
                return self.failures.push(failure);
            }
        };
        self.length.push(analysis.audio_s);
        self.truncated.push(analysis.truncated);
        let told = analysis.warnings.iter();
        self.warnings
            .extend(told.map(|warning| (recording, warning.to_string())));
        for (part, analysed) in analysis.parts.into_iter().enumerate() {
            let (start_s, end_s) = (analysed.start_s, analysed.end_s);
            match analysed.features {
                Ok(features) => self.rows(recording, part, &features),
                Err(ser::Error::Features(ser_features::Error::TooShort { .. }))
                    if terms.short_nan =>
                {
                    let ExtractionSettings { set, level, .. } = terms.settings;
                    self.rows(
                        recording,
                        part,
                        &Features::missing(set, level, start_s, end_s),
                    );
                    self.short.push((recording, part));
                }
                Err(error) => {
                    let Failure { kind, message, .. } = Failure::new(&error);
                    let failure = (recording, Some(part), start_s, end_s, kind, message);
                    self.failures.push(failure);
                }
            }
        }
    }

    fn rows(&mut self, recording: usize, part: usize, features: &Features) {
        self.values.extend_from_slice(features.values());
        for &(start, end) in features.spans() {
            self.recording.push(recording as i64);
            self.part.push(part as i64);
            self.start.push(start);
            self.end.push(end);
        }
    }

    fn into_python(self, py: Python<'_>, width: usize) -> PyResult<Bound<'_, PyDict>> {
        let found = PyDict::new(py);
        let values = PyArray1::from_vec(py, self.values);
        let values: Bound<'_, PyArray2<f32>> = values.reshape([self.recording.len(), width])?;
        found.set_item("values", values)?;
        found.set_item("recording", PyArray1::from_vec(py, self.recording))?;
        found.set_item("part", PyArray1::from_vec(py, self.part))?;
        found.set_item("start", PyArray1::from_vec(py, self.start))?;
        found.set_item("end", PyArray1::from_vec(py, self.end))?;
        found.set_item("rate", PyArray1::from_vec(py, self.rate))?;
        found.set_item("length", PyArray1::from_vec(py, self.length))?;
        found.set_item("truncated", PyArray1::from_vec(py, self.truncated))?;
        found.set_item("warnings", self.warnings)?;
        found.set_item("failures", self.failures)?;
        found.set_item("short", self.short)?;
        Ok(found)
    }
}

/// Bytes that a result holds while it waits for its turn.
fn weight(outcome: &(Found, u32)) -> usize {
    match &outcome.0 {
        Found::Failed(_) => 0,
        Found::Done(analysis) => {
            let values = analysis
                .parts
                .iter()
                .filter_map(|part| part.features.as_ref().ok());
            values.map(|features| size_of_val(features.values())).sum()
        }
    }
}

/// One recording; a panic is a reason like any other.
pub(crate) fn analysed(
    worker: &mut Worker,
    source: &Source,
    parts: &Parts,
    settings: &ExtractionSettings,
    sixteen_bit: bool,
) -> (Found, u32) {
    let rate = std::cell::Cell::new(0);
    let open = |wanted: &audio::DecodingSettings| {
        let recording = source.open(wanted)?;
        rate.set(recording.rate());
        Ok(if sixteen_bit {
            recording.cut_to_sixteen_bit()
        } else {
            recording
        })
    };
    let attempt = catch_unwind(AssertUnwindSafe(|| worker.analyse_with(&open, parts)));
    let outcome = match attempt {
        Ok(Ok(analysis)) => Found::Done(analysis),
        Ok(Err(error)) => {
            let Failure { kind, message, .. } = Failure::new(&error);
            Found::Failed((kind, message))
        }
        Err(_) => {
            *worker = Worker::new(*settings);
            let message = "made ser fail by an error of its own; please report it with the file";
            Found::Failed(("internal".to_owned(), message.to_owned()))
        }
    };
    (outcome, rate.get())
}

/// The parts of each recording: all of it, segments, or windows of a length and hop in seconds.
fn parts(
    count: usize,
    spans: Option<Vec<Vec<Span>>>,
    windows: Option<(f64, f64)>,
) -> PyResult<Vec<Parts>> {
    if let Some((length, hop)) = windows {
        let seconds = |s: f64| Duration::try_from_secs_f64(s).map_err(value_error);
        let windows = Windows::new(seconds(length)?, seconds(hop)?).map_err(value_error)?;
        return Ok(vec![Parts::Windows(windows); count]);
    }
    let Some(spans) = spans else {
        return Ok(vec![Parts::Whole; count]);
    };
    if spans.len() != count {
        return Err(value_error(
            "as many lists of segments as recordings are needed",
        ));
    }
    let segment = |(start, end): Span| Segment {
        start: Duration::from_nanos(start),
        end: end.map(Duration::from_nanos),
    };
    let of_one = |spans: Vec<Span>| Parts::Segments(spans.into_iter().map(segment).collect());
    Ok(spans.into_iter().map(of_one).collect())
}

/// Features of many recordings, as a dict of arrays: `values` (rows × columns), `recording`, `part`, `start` and `end` of each row; `rate`, `length`
/// and `truncated` of each recording; and lists of `warnings`, `failures` and `short` parts.
#[pyfunction]
#[pyo3(signature = (sources, set_name, level_name, *, channel=None, rate=None, spans=None, windows=None, sixteen_bit=false, short_nan=false, thread_count=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named in Python")]
pub fn extract<'py>(
    py: Python<'py>,
    sources: Vec<Argument<'py>>,
    set_name: &str,
    level_name: &str,
    channel: Option<usize>,
    rate: Option<u32>,
    spans: Option<Vec<Vec<Span>>>,
    windows: Option<(f64, f64)>,
    sixteen_bit: bool,
    short_nan: bool,
    thread_count: Option<usize>,
    progress: Option<&Bound<'py, PyAny>>,
) -> PyResult<Bound<'py, PyDict>> {
    let settings = ExtractionSettings {
        set: set(set_name)?,
        level: level(level_name)?,
        audio: audio::DecodingSettings { channel, rate },
    };
    let terms = Terms {
        settings,
        short_nan,
    };
    let sources: Vec<Source> = sources.into_iter().map(Source::from).collect();
    let parts = parts(sources.len(), spans, windows)?;
    let mut rows = watched(py, progress, |watch| {
        let mut rows = Rows::default();
        let _ = for_each_in_order_weighed(
            sources.len(),
            threads(thread_count),
            || Worker::new(settings).stopped_by(watch.stop.clone()),
            |worker, i| analysed(worker, &sources[i], &parts[i], &settings, sixteen_bit),
            weight,
            |i, (outcome, rate)| {
                rows.take(i, outcome, rate, &terms);
                watch.advance();
                match watch.stop.load(Ordering::Relaxed) {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            },
        );
        rows
    })?;
    rows.values.shrink_to_fit();
    rows.into_python(py, settings.set.columns(settings.level).len())
}

/// The recordings that paths mean, as pairs of path and name; folders are searched. Second, what could not be searched and why.
#[pyfunction]
#[allow(clippy::type_complexity)]
pub fn find(
    py: Python<'_>,
    paths: Vec<PathBuf>,
) -> PyResult<(Vec<(PathBuf, String)>, Vec<(PathBuf, String)>)> {
    let found = watched(py, None, |_| input::find(&paths))?;
    let inputs = found.inputs.into_iter();
    Ok((
        inputs.map(|input| (input.path, input.name)).collect(),
        found.unreadable,
    ))
}
