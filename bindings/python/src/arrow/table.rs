//! From the recordings of batches to a table of features: the columns that came, without the sound, then `seconds` (what was analysed), the features,
//! and `error`, null where there is none. Functionals are a row per row that came; descriptors are many, each with its `time`.

use std::ops::ControlFlow;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use arrow_array::builder::{Float32Builder, Float64Builder, StringBuilder};
use arrow_array::{Array, ArrayRef, RecordBatch, make_array};
use arrow_data::transform::MutableArrayData;
use arrow_schema::{ArrowError, DataType, Field, Schema, SchemaRef};
use pyo3::prelude::*;
use ser::audio;
use ser::extract::analysed_parts::{Parts, Segment};
use ser::extract::{ExtractionSettings, Worker};
use ser::table::record_batch::arrow_schema;
use ser::{Features, Level};
use ser_parallel::for_each_in_order_weighed;

use super::capsule::Batches;
use super::recordings::{RecordingRow, SOUND, rows};
use crate::columns::{level, set, value_error};
use crate::run::{Found, analysed};
use crate::source::Source;
use crate::watch::{threads, watched};

/// Features of the recordings of a table.
#[pyfunction]
#[pyo3(signature = (data, set_name, level_name, *, channel=None, rate=None, thread_count=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named in Python")]
pub fn arrow_extract(
    py: Python<'_>,
    data: &Bound<'_, PyAny>,
    set_name: &str,
    level_name: &str,
    channel: Option<usize>,
    rate: Option<u32>,
    thread_count: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<Batches> {
    let settings = ExtractionSettings {
        set: set(set_name)?,
        level: level(level_name)?,
        audio: audio::DecodingSettings { channel, rate },
    };
    let given = Batches::import(data)?;
    let schema = schema(&given.schema, &settings).map_err(value_error)?;
    let made = watched(py, progress, |watch| {
        let one = |batch: &RecordBatch| -> Result<RecordBatch, String> {
            let jobs = jobs(rows(batch)?);
            let mut table = Table::new(&settings, batch.num_rows());
            let _ = for_each_in_order_weighed(
                jobs.len(),
                threads(thread_count),
                || Worker::new(settings).stopped_by(watch.stop.clone()),
                |worker, i| jobs[i].run(worker, &settings),
                Vec::len,
                |_, results| {
                    for (row, found) in results {
                        table.push(row, found);
                        watch.advance();
                    }
                    match watch.stop.load(Ordering::Relaxed) {
                        true => ControlFlow::Break(()),
                        false => ControlFlow::Continue(()),
                    }
                },
            );
            table.finish(batch, &schema)
        };
        given.batches.iter().map(one).collect::<Result<Vec<_>, _>>()
    })?;
    Ok(Batches {
        schema: schema.clone(),
        batches: made.map_err(value_error)?,
    })
}

/// One recording with the rows that are about it.
enum Job {
    Whole(usize, Source),
    Parts(Vec<usize>, Source, Vec<Segment>),
    Refused(usize, String),
}

/// Rows next to each other that are about one file are read together.
fn jobs(rows: Vec<RecordingRow>) -> Vec<Job> {
    let mut jobs: Vec<Job> = Vec::new();
    for (at, row) in rows.into_iter().enumerate() {
        let (source, segment) = match row {
            Ok(row) => row,
            Err(reason) => {
                jobs.push(Job::Refused(at, reason));
                continue;
            }
        };
        let Some(segment) = segment else {
            jobs.push(Job::Whole(at, source));
            continue;
        };
        if let (Some(Job::Parts(places, Source::Path(last), segments)), Source::Path(path)) =
            (jobs.last_mut(), &source)
            && last == path
        {
            places.push(at);
            segments.push(segment);
            continue;
        }
        jobs.push(Job::Parts(vec![at], source, vec![segment]));
    }
    jobs
}

/// What there is for a row: features and the seconds analysed, or a reason.
type Outcome = Result<(Features, f64), String>;

impl Job {
    fn run(&self, worker: &mut Worker, settings: &ExtractionSettings) -> Vec<(usize, Outcome)> {
        let (places, source, parts) = match self {
            Job::Refused(at, reason) => return vec![(*at, Err(reason.clone()))],
            Job::Whole(at, source) => (std::slice::from_ref(at), source, Parts::Whole),
            Job::Parts(places, source, segments) => {
                (places.as_slice(), source, Parts::Segments(segments.clone()))
            }
        };
        let analysis = match analysed(worker, source, &parts, settings, false).0 {
            Found::Done(analysis) => analysis,
            Found::Failed((kind, message)) => {
                let reason = format!("{kind}: {message}");
                return places.iter().map(|&at| (at, Err(reason.clone()))).collect();
            }
        };
        let results = analysis.parts.into_iter().map(|part| {
            let seconds = part.end_s - part.start_s;
            part.features
                .map(|features| (features, seconds))
                .map_err(|error| format!("{}: {error}", ser::extract::failure::kind(&error)))
        });
        places.iter().copied().zip(results).collect()
    }
}

/// The schema of the result.
fn schema(given: &Schema, settings: &ExtractionSettings) -> Result<SchemaRef, String> {
    let settings = settings.at_rate_of_set();
    let own = ser::extract::plan::Terms::new(&settings)
        .schema()
        .ok_or("set and level are known to themselves")?;
    let own = arrow_schema(&own);
    let mut fields: Vec<Field> = given
        .fields()
        .iter()
        .filter(|field| !SOUND.contains(&field.name().as_str()))
        .map(|field| field.as_ref().clone())
        .collect();
    if settings.level == Level::Descriptors {
        fields.push(Field::new("time", DataType::Float64, true));
    }
    fields.push(Field::new("seconds", DataType::Float64, true));
    let features = own
        .fields()
        .iter()
        .filter(|field| *field.data_type() == DataType::Float32);
    fields.extend(features.map(|field| field.as_ref().clone().with_nullable(true)));
    fields.push(Field::new("error", DataType::Utf8, true));
    for (at, field) in fields.iter().enumerate() {
        if fields[..at]
            .iter()
            .any(|before| before.name() == field.name())
        {
            return Err(format!(
                "the table has a column {:?}, which the result has, too: rename it",
                field.name()
            ));
        }
    }
    Ok(Arc::new(Schema::new_with_metadata(
        fields,
        own.metadata().clone(),
    )))
}

/// The rows of a batch as they are made.
struct Table {
    level: Level,
    /// Of each row made, the row that came.
    origin: Vec<usize>,
    time: Float64Builder,
    seconds: Float64Builder,
    features: Vec<Float32Builder>,
    error: StringBuilder,
}

impl Table {
    fn new(settings: &ExtractionSettings, rows: usize) -> Self {
        let width = settings.set.columns(settings.level).len();
        Self {
            level: settings.level,
            origin: Vec::with_capacity(rows),
            time: Float64Builder::new(),
            seconds: Float64Builder::new(),
            features: (0..width)
                .map(|_| Float32Builder::with_capacity(rows))
                .collect(),
            error: StringBuilder::new(),
        }
    }

    fn push(&mut self, row: usize, found: Outcome) {
        match found {
            Err(reason) => {
                self.origin.push(row);
                self.time.append_null();
                self.seconds.append_null();
                self.features
                    .iter_mut()
                    .for_each(Float32Builder::append_null);
                self.error.append_value(reason);
            }
            Ok((features, seconds)) => {
                for values in features.rows() {
                    self.origin.push(row);
                    self.time.append_value(values.start_s);
                    self.seconds.append_value(seconds);
                    for (column, &value) in self.features.iter_mut().zip(values.values) {
                        column.append_value(value);
                    }
                    self.error.append_null();
                }
            }
        }
    }

    fn finish(mut self, batch: &RecordBatch, schema: &SchemaRef) -> Result<RecordBatch, String> {
        let origin = self.origin;
        let untouched = origin.iter().copied().eq(0..batch.num_rows());
        let mut columns: Vec<ArrayRef> = Vec::with_capacity(schema.fields().len());
        for (field, column) in batch.schema().fields().iter().zip(batch.columns()) {
            if SOUND.contains(&field.name().as_str()) {
                continue;
            }
            columns.push(match untouched {
                true => column.clone(),
                false => repeated(column, &origin).map_err(|error| error.to_string())?,
            });
        }
        if self.level == Level::Descriptors {
            columns.push(Arc::new(self.time.finish()));
        }
        columns.push(Arc::new(self.seconds.finish()));
        columns.extend(
            self.features
                .iter_mut()
                .map(|column| Arc::new(column.finish()) as ArrayRef),
        );
        columns.push(Arc::new(self.error.finish()));
        RecordBatch::try_new(schema.clone(), columns).map_err(|error| error.to_string())
    }
}

/// The rows of a column, each as often as it is named.
fn repeated(column: &ArrayRef, rows: &[usize]) -> Result<ArrayRef, ArrowError> {
    let data = column.to_data();
    let mut taken = MutableArrayData::new(vec![&data], false, rows.len());
    for &row in rows {
        taken.try_extend(0, row, row + 1)?;
    }
    Ok(make_array(taken.freeze()))
}
