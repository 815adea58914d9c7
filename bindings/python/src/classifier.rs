//! Models that can be asked about recordings.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use ser::audio;
use ser::classify::answer_explanation::{AnswerExplanation, explain_answer};
use ser::classify::voice::Baseline;
use ser::classify::{Answer, Measure, Measured, Model};
use ser::classify::{Error, Ground, Sound};
use ser::extract::failure::kind;
use ser::table::RateRule;
use ser_parallel::for_each_in_order;
use serde::Serialize;

use crate::columns::value_error;
use crate::run::Reason;
use crate::source::{Argument, Source};
use crate::watch::{released, threads, watched};

/// A model: the bundled one, or a file of `ser train`.
#[pyclass(frozen, module = "ser._native")]
pub struct Classifier(Model);

/// Recording, kind and message.
type Failure = (usize, String, String);

/// A part of a recording, measured.
struct Part {
    recording: usize,
    start: f64,
    end: f64,
    measured: Measured,
}

/// What is said of a part.
#[derive(Serialize)]
struct Said {
    recording: usize,
    start: f64,
    end: f64,
    #[serde(flatten)]
    answer: Answer,
    explanation: Option<AnswerExplanation>,
}

#[pymethods]
impl Classifier {
    /// Reads a model; without a path, the bundled one.
    #[staticmethod]
    #[pyo3(signature = (path=None))]
    fn load(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Self> {
        let read = || match &path {
            Some(path) => Model::named(path),
            None => Model::built_in(),
        };
        released(py, read)?.map(Self).map_err(value_error)
    }

    /// The classes, in order.
    #[getter]
    fn classes(&self) -> Vec<String> {
        self.0.classes().to_vec()
    }

    /// The names of the standardised features.
    #[getter]
    fn columns(&self) -> Vec<String> {
        self.0.columns().to_vec()
    }

    /// The card, Markdown.
    #[getter]
    fn card(&self) -> &str {
        self.0.card()
    }

    /// Whether it takes something from the recordings that it is asked about together.
    #[getter]
    fn adapts(&self) -> bool {
        self.0.adapts()
    }

    /// Answers about recordings as JSON, and `(recording, kind, message)` of those that could not be measured. `ground` is what answers rest on:
    /// `alone`, `batch`, `speaker` (all are of one), or the JSON of a baseline.
    #[pyo3(signature = (sources, *, windows=None, ground="alone", explain=false, thread_count=None, progress=None))]
    #[allow(clippy::too_many_arguments, reason = "named in Python")]
    fn ask(
        &self,
        py: Python<'_>,
        sources: Vec<Argument<'_>>,
        windows: Option<(f64, f64)>,
        ground: &str,
        explain: bool,
        thread_count: Option<usize>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(String, Vec<Failure>)> {
        let sources: Vec<Source> = sources.into_iter().map(Source::from).collect();
        let first = self.0.measure().map_err(value_error)?;
        let calm = match ground {
            "alone" | "batch" | "speaker" => Ground::Alone,
            json => {
                let baseline = Baseline::from_json(json).map_err(value_error)?;
                self.0.calm(&baseline).map_err(value_error)?
            }
        };
        let (said, failures) = watched(py, progress, |watch| {
            let (mut parts, mut failures) = (Vec::new(), Vec::new());
            let _ = for_each_in_order(
                sources.len(),
                threads(thread_count),
                || first.clone(),
                |measure, i| {
                    let attempt = || measured(&self.0, measure, i, &sources[i], windows);
                    catch_unwind(AssertUnwindSafe(attempt)).unwrap_or_else(|_| {
                        let message = "made ser fail by an error of its own; please report it";
                        Err(("internal".to_owned(), message.to_owned()))
                    })
                },
                |i, outcome| {
                    match outcome {
                        Ok(found) => parts.extend(found),
                        Err((kind, message)) => failures.push((i, kind, message)),
                    }
                    watch.advance();
                    match watch.stop.load(Ordering::Relaxed) {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                },
            );
            let all: Vec<&Measured> = parts.iter().map(|part: &Part| &part.measured).collect();
            let ground = match ground {
                "batch" => self.0.batch(&all),
                "speaker" => self.0.own(&all),
                _ => calm,
            };
            let said = parts
                .iter()
                .map(|part| say(&self.0, part, &ground, explain));
            (said.collect::<Result<Vec<Said>, Error>>(), failures)
        })?;
        let said = serde_json::to_string(&said.map_err(value_error)?);
        Ok((said.map_err(value_error)?, failures))
    }

    /// The ordinary voice of one speaker as JSON, by recordings of calm speech.
    fn enrol(&self, py: Python<'_>, sources: Vec<Argument<'_>>, date: String) -> PyResult<String> {
        let sources: Vec<Source> = sources.into_iter().map(Source::from).collect();
        let mut measure = self.0.measure().map_err(value_error)?;
        let baseline = released(py, move || {
            let mut recordings = Vec::with_capacity(sources.len());
            for source in &sources {
                recordings.push(measure.measure_all(&sound(&self.0, source)?)?);
            }
            self.0.baseline(&recordings, date)
        })?;
        baseline
            .map_err(value_error)?
            .to_json()
            .map_err(value_error)
    }
}

fn say(model: &Model, part: &Part, ground: &Ground, explain: bool) -> Result<Said, Error> {
    let answer = model.answer(&part.measured, ground)?;
    let explanation = match model {
        Model::Classifier(classifier) if explain => Some(explain_answer(classifier, &answer, None)),
        _ => None,
    };
    Ok(Said {
        recording: part.recording,
        start: part.start,
        end: part.end,
        answer,
        explanation,
    })
}

/// The parts of a recording, measured for a model.
fn measured(
    model: &Model,
    measure: &mut Measure,
    recording: usize,
    source: &Source,
    windows: Option<(f64, f64)>,
) -> Result<Vec<Part>, Reason> {
    let sound = sound(model, source).map_err(|error| reason(error.into()))?;
    let mut parts = Vec::new();
    let mut problem = None;
    for (start, end) in sound.stretches(windows) {
        let part = match windows {
            None => measure.measure(&sound),
            Some(_) => measure.measure(&sound.part(start, Some(end))),
        };
        match part {
            Ok(measured) => parts.push(Part {
                recording,
                start,
                end,
                measured,
            }),
            Err(error) => problem = Some(reason(error)),
        }
    }
    match (parts.is_empty(), problem) {
        (false, _) => Ok(parts),
        (true, Some(problem)) => Err(problem),
        (true, None) => Err(("too-short".to_owned(), "shorter than one window".to_owned())),
    }
}

fn reason(error: Error) -> Reason {
    let message = error.to_string();
    let kind = match error {
        Error::Features(error) => kind(&error.into()),
        Error::Audio(error) => kind(&error.into()),
        _ => "features",
    };
    (kind.to_owned(), message)
}

/// Reads a recording as the model needs it.
fn sound(model: &Model, source: &Source) -> Result<Sound, audio::Error> {
    if let Source::Path(path) = source {
        return model.open(path);
    }
    let settings = match model {
        Model::Classifier(_) => audio::DecodingSettings::default(),
        Model::Pipeline(trained) => {
            let signal = trained.identity.signal;
            audio::DecodingSettings {
                channel: signal.channel.map(|channel| channel.saturating_sub(1)),
                rate: match signal.rate {
                    RateRule::Own => None,
                    RateRule::Hz(rate) => Some(rate),
                },
            }
        }
    };
    let mut recording = source.open(&settings)?;
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    Ok(Sound {
        samples,
        rate_hz: recording.rate(),
    })
}
