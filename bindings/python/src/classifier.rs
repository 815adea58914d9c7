//! Models that can be asked about recordings.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::PathBuf;
use std::sync::atomic::Ordering;

use pyo3::prelude::*;
use ser::audio;
use ser::classify::answer::{Answer, Measure, Measured, Model};
use ser::classify::why::{Why, why};
use ser::classify::{Error, Sound};
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
    explanation: Option<Why>,
}

#[pymethods]
impl Classifier {
    /// Reads a model; without a path, the bundled one.
    #[staticmethod]
    #[pyo3(signature = (path=None))]
    fn load(py: Python<'_>, path: Option<PathBuf>) -> PyResult<Self> {
        let read = || match &path {
            Some(path) => Model::read(path),
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

    /// Answers about recordings as JSON, and `(recording, kind, message)` of those that could not be measured.
    #[pyo3(signature = (sources, *, windows=None, adapt=false, explain=false, thread_count=None, progress=None))]
    #[allow(clippy::too_many_arguments, reason = "named in Python")]
    fn ask(
        &self,
        py: Python<'_>,
        sources: Vec<Argument<'_>>,
        windows: Option<(f64, f64)>,
        adapt: bool,
        explain: bool,
        thread_count: Option<usize>,
        progress: Option<&Bound<'_, PyAny>>,
    ) -> PyResult<(String, Vec<(usize, String, String)>)> {
        let sources: Vec<Source> = sources.into_iter().map(Source::from).collect();
        let first = self.0.measure().map_err(value_error)?;
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
            let adapted = adapt.then(|| self.0.adapted(parts.iter().map(|part| &part.measured)));
            let model = adapted.as_ref().unwrap_or(&self.0);
            let said: Vec<Said> = parts.into_iter().map(|part| say(model, part, explain)).collect();
            (serde_json::to_string(&said), failures)
        })?;
        Ok((said.map_err(value_error)?, failures))
    }
}

fn say(model: &Model, part: Part, explain: bool) -> Said {
    let answer = model.answer(&part.measured);
    let explanation = match model {
        Model::Classifier(classifier) if explain => {
            let class = classifier.classes.iter().position(|class| *class == answer.label);
            Some(why(classifier, class.unwrap_or(0), &answer.standardised, None))
        }
        _ => None,
    };
    Said {
        recording: part.recording,
        start: part.start,
        end: part.end,
        answer,
        explanation,
    }
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
        Model::Classifier(_) => audio::Settings::default(),
        Model::Pipeline(trained) => {
            let signal = trained.identity.signal;
            audio::Settings {
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
