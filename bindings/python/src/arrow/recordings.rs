//! Which recordings a batch means: a column `path`, or `audio` (bytes of files, or a struct with `bytes` and `path` as Hugging Face has it), or
//! `samples` (lists of floating point) with `rate`; and `start` and `end`, in seconds or as durations.

use std::sync::Arc;

use arrow_array::cast::AsArray;
use arrow_array::types::{
    DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType, DurationSecondType,
    Float32Type, Float64Type, Int16Type, Int32Type, Int64Type, UInt32Type, UInt64Type,
};
use arrow_array::{Array, ArrayRef, RecordBatch};
use arrow_schema::{DataType, TimeUnit};
use ser::extract::analysed_parts::Segment;

use crate::source::{Floats, Octets, Source};

/// The columns that hold sound, which are not handed on.
pub(super) const SOUND: [&str; 2] = ["audio", "samples"];

/// A row: what is analysed, or why it cannot be.
pub(super) type RecordingRow = Result<(Source, Option<Segment>), String>;

/// The rows of a batch.
///
/// # Errors
/// A column that is missing or of another type, in words.
pub(super) fn rows(batch: &RecordBatch) -> Result<Vec<RecordingRow>, String> {
    let column = |name: &str| batch.column_by_name(name);
    let sources = if let Some(samples) = column("samples") {
        let rate = column("rate")
            .or_else(|| column("sampling_rate"))
            .ok_or("samples need a column rate, in Hz")?;
        of_samples(samples, rate)?
    } else if let Some(audio) = column("audio") {
        of_audio(audio)?
    } else if let Some(path) = column("path").or_else(|| column("file")) {
        of_paths(path)?
    } else {
        return Err(
            "a table of recordings has a column path, audio, or samples with rate".to_owned(),
        );
    };
    let start = column("start").map(seconds).transpose()?;
    let end = column("end").map(seconds).transpose()?;
    let row = |(i, source): (usize, Result<Source, String>)| {
        let time = |times: &Option<Vec<Option<f64>>>| times.as_ref().and_then(|times| times[i]);
        Ok((source?, segment(time(&start), time(&end))?))
    };
    Ok(sources.into_iter().enumerate().map(row).collect())
}

/// A part of a recording; none for all of it.
fn segment(start: Option<f64>, end: Option<f64>) -> Result<Option<Segment>, String> {
    let time = |seconds: f64| {
        std::time::Duration::try_from_secs_f64(seconds)
            .map_err(|_| format!("usage: {seconds} s is no time in a recording"))
    };
    let end = end.filter(|end| !end.is_nan()).map(time).transpose()?;
    let start = start
        .filter(|start| !start.is_nan())
        .map(time)
        .transpose()?;
    match (start, end) {
        (None, None) => Ok(None),
        (start, Some(end)) if end < start.unwrap_or_default() => {
            Err("usage: the end of a part lies before its start".to_owned())
        }
        (start, end) => Ok(Some(Segment {
            start: start.unwrap_or_default(),
            end,
        })),
    }
}

const MISSING: &str = "usage: there is no recording in this row";

fn of_paths(column: &ArrayRef) -> Result<Vec<Result<Source, String>>, String> {
    let source = |path: Option<&str>| path.map(|p| Source::Path(p.into())).ok_or(MISSING.into());
    Ok(match column.data_type() {
        DataType::Utf8 => column.as_string::<i32>().iter().map(source).collect(),
        DataType::LargeUtf8 => column.as_string::<i64>().iter().map(source).collect(),
        DataType::Utf8View => column.as_string_view().iter().map(source).collect(),
        other => return Err(format!("the column path has texts, not {other}")),
    })
}

fn of_audio(column: &ArrayRef) -> Result<Vec<Result<Source, String>>, String> {
    macro_rules! shared {
        ($array:expr) => {{
            let array = $array;
            let bytes = |i: usize| {
                let offsets = array.value_offsets();
                let (begin, end) = (offsets[i] as usize, offsets[i + 1] as usize);
                let content = array.values().slice_with_length(begin, end - begin);
                Source::Bytes(Octets(Arc::new(content)))
            };
            let one = |i| {
                if array.is_null(i) {
                    Err(MISSING.into())
                } else {
                    Ok(bytes(i))
                }
            };
            (0..array.len()).map(one).collect()
        }};
    }
    Ok(match column.data_type() {
        DataType::Binary => shared!(column.as_binary::<i32>()),
        DataType::LargeBinary => shared!(column.as_binary::<i64>()),
        DataType::BinaryView => {
            let source = |bytes: Option<&[u8]>| {
                let bytes = bytes.ok_or(MISSING.to_owned())?;
                Ok(Source::Bytes(Octets(Arc::new(bytes.to_vec()))))
            };
            column.as_binary_view().iter().map(source).collect()
        }
        DataType::Struct(_) => {
            let fields = column.as_struct();
            let of = |name: &str| fields.column_by_name(name);
            let bytes = of("bytes").map(of_audio).transpose()?;
            let paths = of("path").map(of_paths).transpose()?;
            let one = |i: usize| {
                let found = [&bytes, &paths]
                    .into_iter()
                    .flatten()
                    .find_map(|sources| sources[i].as_ref().ok());
                found.cloned().ok_or(MISSING.to_owned())
            };
            (0..column.len()).map(one).collect()
        }
        other => {
            return Err(format!(
                "the column audio has the bytes of files, not {other}"
            ));
        }
    })
}

fn of_samples(column: &ArrayRef, rate: &ArrayRef) -> Result<Vec<Result<Source, String>>, String> {
    let rates = rates(rate)?;
    let one = |i: usize| {
        let list: ArrayRef = match column.data_type() {
            _ if column.is_null(i) => return Err(MISSING.into()),
            DataType::List(_) => column.as_list::<i32>().value(i),
            DataType::LargeList(_) => column.as_list::<i64>().value(i),
            _ => column.as_fixed_size_list().value(i),
        };
        let rate =
            rates[i].ok_or("usage: the rate of the samples is missing or no whole number of Hz")?;
        let floats: Floats = match list.data_type() {
            DataType::Float32 => Floats(Arc::new(
                list.as_primitive::<Float32Type>().values().clone(),
            )),
            DataType::Float64 => {
                let values = list.as_primitive::<Float64Type>().values();
                Floats(Arc::new(
                    values.iter().map(|&x| x as f32).collect::<Vec<_>>(),
                ))
            }
            _ => {
                let values = list.as_primitive::<Int16Type>().values();
                Floats(Arc::new(
                    values
                        .iter()
                        .map(|&x| f32::from(x) / 32767.0)
                        .collect::<Vec<_>>(),
                ))
            }
        };
        match list.null_count() {
            0 => Ok(Source::Samples(floats, rate)),
            _ => Err("not-finite: there are samples without a value".to_owned()),
        }
    };
    let item = match column.data_type() {
        DataType::List(item) | DataType::LargeList(item) | DataType::FixedSizeList(item, _) => item,
        other => {
            return Err(format!(
                "the column samples has lists of numbers, not {other}"
            ));
        }
    };
    match item.data_type() {
        DataType::Float32 | DataType::Float64 | DataType::Int16 => {
            Ok((0..column.len()).map(one).collect())
        }
        other => Err(format!("samples are float, double or int16, not {other}")),
    }
}

fn rates(column: &ArrayRef) -> Result<Vec<Option<u32>>, String> {
    macro_rules! whole {
        ($type:ty) => {{
            let rates = column.as_primitive::<$type>().iter();
            rates
                .map(|rate| rate.and_then(|rate| u32::try_from(rate).ok()))
                .collect()
        }};
    }
    Ok(match column.data_type() {
        DataType::Int32 => whole!(Int32Type),
        DataType::Int64 => whole!(Int64Type),
        DataType::UInt32 => whole!(UInt32Type),
        DataType::UInt64 => whole!(UInt64Type),
        DataType::Float64 => {
            let rates = column.as_primitive::<Float64Type>().iter();
            let whole = |rate: f64| {
                (rate.fract() == 0.0 && rate > 0.0 && rate < 4e9).then_some(rate as u32)
            };
            rates.map(|rate| rate.and_then(whole)).collect()
        }
        other => {
            return Err(format!(
                "the column rate has whole numbers of Hz, not {other}"
            ));
        }
    })
}

fn seconds(column: &ArrayRef) -> Result<Vec<Option<f64>>, String> {
    macro_rules! times {
        ($type:ty, $scale:expr) => {{
            let times = column.as_primitive::<$type>().iter();
            times
                .map(|time| time.map(|time| time as f64 * $scale))
                .collect()
        }};
    }
    Ok(match column.data_type() {
        DataType::Float64 => times!(Float64Type, 1.0),
        DataType::Float32 => times!(Float32Type, 1.0),
        DataType::Int32 => times!(Int32Type, 1.0),
        DataType::Int64 => times!(Int64Type, 1.0),
        DataType::Duration(TimeUnit::Second) => times!(DurationSecondType, 1.0),
        DataType::Duration(TimeUnit::Millisecond) => times!(DurationMillisecondType, 1e-3),
        DataType::Duration(TimeUnit::Microsecond) => times!(DurationMicrosecondType, 1e-6),
        DataType::Duration(TimeUnit::Nanosecond) => times!(DurationNanosecondType, 1e-9),
        DataType::Null => vec![None; column.len()],
        other => {
            return Err(format!(
                "start and end are seconds or durations, not {other}"
            ));
        }
    })
}
