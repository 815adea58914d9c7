//! Lists of segments: which stretches of which recordings are analysed, each as if it were a file.
//!
//! A CSV or Parquet table with the columns `file`, `start` and `end`, as the index of opensmile-python and audformat tables;
//! other columns do not matter. Times are seconds or pandas' `0 days 00:00:01.5` (in Parquet also durations); an empty end
//! is the end of the recording.

use std::fs::File;
use std::path::Path;
use std::time::Duration;

use super::part::{Segment, time};

/// A line of the list: a recording by its name, and a stretch of it.
pub type Line = (String, Segment);

/// Reads a list of segments.
///
/// # Errors
/// One line of text that names the file, where possible the line, and what to do.
pub fn read(path: &Path) -> Result<Vec<Line>, String> {
    let extension = path
        .extension()
        .and_then(|e| e.to_str())
        .unwrap_or_default();
    let file = File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let lines = match extension.to_ascii_lowercase().as_str() {
        "parquet" | "pq" => read_parquet(file),
        _ => read_csv(file),
    };
    lines.map_err(|reason| format!("{}: {reason}", path.display()))
}

/// Puts a line together, from texts or times that may be missing.
fn line(file: &str, start: Option<Duration>, end: Option<Duration>) -> Result<Line, String> {
    let start = start.unwrap_or_default();
    match end {
        _ if file.is_empty() => Err("no file name".to_owned()),
        Some(end) if end < start => Err("the end lies before the start".to_owned()),
        _ => Ok((file.to_owned(), Segment { start, end })),
    }
}

fn read_csv(file: File) -> Result<Vec<Line>, String> {
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(file);
    let header = rows.headers().map_err(|error| error.to_string())?.clone();
    let place = |name: &str| {
        let is_it = |field: &str| field.trim_start_matches('\u{feff}').trim() == name;
        header.iter().position(is_it).ok_or(format!(
            "no column {name:?}: a list of segments has the columns file,start,end"
        ))
    };
    let (file, start, end) = (place("file")?, place("start")?, place("end")?);
    let mut lines = Vec::new();
    for row in rows.records() {
        let row = row.map_err(|error| error.to_string())?;
        let number = row.position().map_or(0, csv::Position::line);
        let field = |place: usize| row.get(place).unwrap_or_default().trim();
        let time_in = |place: usize| match field(place) {
            "" | "NaT" | "NaN" | "nan" => Ok(None),
            text => time(text).map(Some).ok_or(format!(
                "line {number}: {text:?} is no time: write seconds, or 0 days 00:00:01.5"
            )),
        };
        let line = line(field(file), time_in(start)?, time_in(end)?);
        lines.push(line.map_err(|reason| format!("line {number}: {reason}"))?);
    }
    Ok(lines)
}

#[cfg(not(feature = "arrow"))]
fn read_parquet(_: File) -> Result<Vec<Line>, String> {
    Err("this build reads no Parquet: write the list as CSV".to_owned())
}

#[cfg(feature = "arrow")]
fn read_parquet(file: File) -> Result<Vec<Line>, String> {
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
    let text = |error: &dyn std::fmt::Display| error.to_string();
    let batches = ParquetRecordBatchReaderBuilder::try_new(file)
        .and_then(|builder| builder.build())
        .map_err(|error| text(&error))?;
    let mut lines = Vec::new();
    for batch in batches {
        let batch = batch.map_err(|error| text(&error))?;
        let column = |name: &str| {
            batch.column_by_name(name).ok_or(format!(
                "no column {name:?}: a list of segments has the columns file,start,end"
            ))
        };
        let (files, starts, ends) = (column("file")?, column("start")?, column("end")?);
        for i in 0..batch.num_rows() {
            let row = || -> Result<Line, String> {
                let file = arrow::text(files, i).ok_or("the column \"file\" holds no text")?;
                line(&file, arrow::time(starts, i)?, arrow::time(ends, i)?)
            };
            lines.push(row().map_err(|reason| format!("row {}: {reason}", lines.len() + 1))?);
        }
    }
    Ok(lines)
}

/// Cells of Arrow arrays, of whatever type pandas gave them.
#[cfg(feature = "arrow")]
mod arrow {
    use std::time::Duration;

    use arrow_array::cast::AsArray;
    use arrow_array::types::{
        DurationMicrosecondType, DurationMillisecondType, DurationNanosecondType,
        DurationSecondType, Float64Type, Int64Type,
    };
    use arrow_array::{Array, ArrayRef};
    use arrow_schema::{DataType, TimeUnit};

    pub fn text(array: &ArrayRef, i: usize) -> Option<String> {
        if array.is_null(i) {
            return None;
        }
        match array.data_type() {
            DataType::Utf8 => Some(array.as_string::<i32>().value(i).to_owned()),
            DataType::LargeUtf8 => Some(array.as_string::<i64>().value(i).to_owned()),
            DataType::Utf8View => Some(array.as_string_view().value(i).to_owned()),
            DataType::Dictionary(_, _) => {
                let dictionary = array.as_any_dictionary();
                let key = *dictionary.normalized_keys().get(i)?;
                text(dictionary.values(), key)
            }
            _ => None,
        }
    }

    pub fn time(array: &ArrayRef, i: usize) -> Result<Option<Duration>, String> {
        if array.is_null(i) {
            return Ok(None);
        }
        let counted = |count: i64, of: fn(u64) -> Duration| u64::try_from(count).ok().map(of);
        let time = match array.data_type() {
            DataType::Float64 => {
                let seconds = array.as_primitive::<Float64Type>().value(i);
                if seconds.is_nan() {
                    return Ok(None);
                }
                Duration::try_from_secs_f64(seconds).ok()
            }
            DataType::Int64 => counted(
                array.as_primitive::<Int64Type>().value(i),
                Duration::from_secs,
            ),
            DataType::Duration(unit) => match unit {
                TimeUnit::Second => counted(
                    array.as_primitive::<DurationSecondType>().value(i),
                    Duration::from_secs,
                ),
                TimeUnit::Millisecond => counted(
                    array.as_primitive::<DurationMillisecondType>().value(i),
                    Duration::from_millis,
                ),
                TimeUnit::Microsecond => counted(
                    array.as_primitive::<DurationMicrosecondType>().value(i),
                    Duration::from_micros,
                ),
                TimeUnit::Nanosecond => counted(
                    array.as_primitive::<DurationNanosecondType>().value(i),
                    Duration::from_nanos,
                ),
            },
            _ => text(array, i).as_deref().and_then(super::time),
        };
        time.map(Some)
            .ok_or("a time is neither a duration nor seconds".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> Result<Vec<Line>, String> {
        let file = tempfile::Builder::new().suffix(".csv").tempfile().unwrap();
        std::fs::write(file.path(), text).unwrap();
        read(file.path()).map_err(|e| e.replace(&file.path().display().to_string(), "list.csv"))
    }

    #[test]
    fn columns_are_found_by_name_and_both_kinds_of_time_are_read() {
        let lines = read_text(
            "\u{feff}file,emotion,start,end\na.wav,x,0 days 00:00:00.500000,0 days 00:00:01.5\n\"b,c.wav\",y,0.25,\n",
        )
        .unwrap();
        let segment = |start, end: Option<f64>| Segment {
            start: Duration::from_secs_f64(start),
            end: end.map(Duration::from_secs_f64),
        };
        assert_eq!(lines[0], ("a.wav".into(), segment(0.5, Some(1.5))));
        assert_eq!(lines[1], ("b,c.wav".into(), segment(0.25, None)));
    }

    #[test]
    fn what_is_wrong_is_named_with_its_line() {
        let error = |text| read_text(text).unwrap_err();
        assert_eq!(
            error("file,begin,end\n"),
            "list.csv: no column \"start\": a list of segments has the columns file,start,end"
        );
        assert_eq!(
            error("file,start,end\na,0,1\na,soon,1\n"),
            "list.csv: line 3: \"soon\" is no time: write seconds, or 0 days 00:00:01.5"
        );
        assert_eq!(
            error("file,start,end\na,2,1\n"),
            "list.csv: line 2: the end lies before the start"
        );
    }
}
