//! A Parquet file whose rows are recordings, a few rows at a time, so that memory stays flat however long the table is.
//!
//! The columns are those of the Arrow function of the Python package: `path` (or `file`), or `audio` (bytes of files, or a struct of `bytes` and `path`
//! as Hugging Face has it), or `samples` (lists of numbers) with `rate` in Hz; optional `start` and `end`, in seconds or as durations. Others are passed over.

use std::fs::File;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use ::parquet::file::reader::{FileReader, SerializedFileReader};

use super::arrow_schema;
use super::layout::Layout;
use super::leaf::{Bytes, Lists, Numbers};

/// Rows of recordings, read as they are asked for.
pub struct Recordings {
    reader: SerializedFileReader<File>,
    layout: Layout,
    /// The row group that is read next.
    group: usize,
    /// The columns of the one that is being read.
    open: Option<Open>,
    /// Rows that were handed over.
    done: u64,
}

/// A row: a recording, or a part of one.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingRow {
    /// What it is called: its path, or `row 7` where it has none.
    pub name: String,
    /// The recording, and where the part begins and ends if it is one; or why there is none.
    pub found: Result<(Sound, Option<Stretch>), String>,
}

/// Beginning of a part, and its end if that is not the recording's.
pub type Stretch = (Duration, Option<Duration>);

/// Where the sound of a row is.
#[derive(Clone, Debug, PartialEq)]
pub enum Sound {
    /// In a file.
    Path(PathBuf),
    /// Here: the content of a file.
    Bytes(Arc<[u8]>),
    /// Here: samples around ±1, and their rate in Hz.
    Samples(Arc<[f32]>, u32),
}

impl Sound {
    fn bytes(&self) -> usize {
        match self {
            Self::Path(_) => 0,
            Self::Bytes(bytes) => bytes.len(),
            Self::Samples(samples, _) => size_of_val(&samples[..]),
        }
    }
}

/// Readers of the columns of one row group.
struct Open {
    path: Option<Bytes>,
    audio: Option<Bytes>,
    samples: Option<(Lists, Numbers)>,
    start: Option<(Numbers, f64)>,
    end: Option<(Numbers, f64)>,
}

/// Rows that are decoded at once where they hold sound.
const FEW: usize = 16;

impl Recordings {
    /// Opens a table.
    ///
    /// # Errors
    /// In words: it is no Parquet file, or has no such columns.
    pub fn open(file: File) -> Result<Self, String> {
        let reader = SerializedFileReader::new(file)
            .map_err(|error| format!("is not read as Parquet: {error}"))?;
        let metadata = reader.metadata().file_metadata();
        let facts = metadata.key_value_metadata().into_iter().flatten();
        let text = facts
            .filter(|fact| fact.key == arrow_schema::KEY)
            .find_map(|fact| fact.value.clone());
        let durations = text.map(|text| arrow_schema::durations(&text));
        let layout = Layout::of(metadata.schema_descr(), &durations.unwrap_or_default())?;
        Ok(Self {
            reader,
            layout,
            group: 0,
            open: None,
            done: 0,
        })
    }

    /// How many rows the file says it has.
    pub fn count(&self) -> usize {
        let rows = self.reader.metadata().file_metadata().num_rows();
        usize::try_from(rows).unwrap_or(0)
    }

    /// Whether rows may be parts of recordings.
    pub fn has_parts(&self) -> bool {
        self.layout.start.is_some() || self.layout.end.is_some()
    }

    /// The next rows, not more than `rows` and, but for one step, not of more sound than `bytes`; none at the end.
    ///
    /// # Errors
    /// That the file is damaged.
    pub fn next(&mut self, rows: usize, bytes: usize) -> Result<Vec<RecordingRow>, String> {
        let holds_sound = self.layout.audio.or(self.layout.samples.map(|at| at.0));
        let mut found = Vec::new();
        let mut held = 0;
        while found.len() < rows && held < bytes {
            if self.open.is_none() {
                if self.group == self.reader.num_row_groups() {
                    break;
                }
                self.open = Some(Open::of(&self.reader, self.group, &self.layout)?);
                self.group += 1;
            }
            let Some(open) = &mut self.open else { break };
            let step = (rows - found.len()).min(holds_sound.map_or(rows, |_| FEW));
            let before = found.len();
            open.take(step, self.done, &mut found)?;
            self.done += (found.len() - before) as u64;
            if found.len() == before {
                self.open = None;
            }
            let sounds = found[before..]
                .iter()
                .filter_map(|row| row.found.as_ref().ok());
            held += sounds.map(|(sound, _)| sound.bytes()).sum::<usize>();
        }
        Ok(found)
    }
}

impl Open {
    fn of(
        reader: &SerializedFileReader<File>,
        group: usize,
        layout: &Layout,
    ) -> Result<Self, String> {
        let group = reader.get_row_group(group).map_err(damaged)?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let bytes = |leaf: usize| Bytes::new(group.get_column_reader(leaf)?, &schema.column(leaf));
        let numbers =
            |leaf: usize| Numbers::new(group.get_column_reader(leaf)?, &schema.column(leaf));
        let lists = |leaf: usize| Lists::new(group.get_column_reader(leaf)?, &schema.column(leaf));
        let times = |at: Option<(usize, f64)>| {
            at.map(|(leaf, unit)| numbers(leaf).map(|times| (times, unit)))
                .transpose()
        };
        let open = || {
            Ok(Self {
                path: layout.path.map(bytes).transpose()?,
                audio: layout.audio.map(bytes).transpose()?,
                samples: match layout.samples {
                    Some((leaf, rate)) => Some((lists(leaf)?, numbers(rate)?)),
                    None => None,
                },
                start: times(layout.start)?,
                end: times(layout.end)?,
            })
        };
        open().map_err(damaged)
    }

    /// Appends the next rows of the group; none at its end.
    fn take(
        &mut self,
        count: usize,
        done: u64,
        rows: &mut Vec<RecordingRow>,
    ) -> Result<(), String> {
        let of =
            |column: &mut Option<Bytes>| column.as_mut().map(|bytes| bytes.take(count)).transpose();
        let paths = of(&mut self.path).map_err(damaged)?;
        let audio = of(&mut self.audio).map_err(damaged)?;
        let samples = match &mut self.samples {
            Some((lists, rates)) => Some((
                lists.take(count).map_err(damaged)?,
                rates.take(count).map_err(damaged)?,
            )),
            None => None,
        };
        let times = |column: &mut Option<(Numbers, f64)>| match column {
            Some((times, unit)) => {
                let unit = *unit;
                let times = times.take(count).map_err(damaged)?;
                Ok(Some(
                    times
                        .into_iter()
                        .map(|time| time.map(|time| time * unit))
                        .collect::<Vec<_>>(),
                ))
            }
            None => Ok::<_, String>(None),
        };
        let (starts, ends) = (times(&mut self.start)?, times(&mut self.end)?);
        let lengths = [
            paths.as_ref().map(Vec::len),
            audio.as_ref().map(Vec::len),
            samples
                .as_ref()
                .map(|(lists, rates)| lists.len().min(rates.len())),
            starts.as_ref().map(Vec::len),
            ends.as_ref().map(Vec::len),
        ];
        let lengths: Vec<usize> = lengths.into_iter().flatten().collect();
        let length = lengths.iter().copied().max().unwrap_or(0);
        if lengths.iter().any(|&other| other != length) {
            return Err("is damaged: its columns have different lengths".to_owned());
        }
        for row in 0..length {
            let path = paths.as_ref().and_then(|paths| paths[row].as_deref());
            let path = path.map(|path| String::from_utf8_lossy(path).into_owned());
            let sound = match (&samples, &audio) {
                (Some((lists, rates)), _) => sound(lists[row].as_deref(), rates[row]),
                (None, Some(audio)) => match (&audio[row], &path) {
                    (Some(bytes), _) => Ok(Sound::Bytes(bytes.clone())),
                    // Of Hugging Face's struct, one of the two is there.
                    (None, Some(path)) => Ok(Sound::Path(path.into())),
                    (None, None) => Err(MISSING.to_owned()),
                },
                (None, None) => path
                    .as_ref()
                    .map(|path| Sound::Path(path.into()))
                    .ok_or(MISSING.to_owned()),
            };
            let time =
                |times: &Option<Vec<Option<f64>>>| times.as_ref().and_then(|times| times[row]);
            let part = stretch(time(&starts), time(&ends));
            rows.push(RecordingRow {
                name: path.unwrap_or_else(|| format!("row {}", done + row as u64 + 1)),
                found: sound.and_then(|sound| Ok((sound, part?))),
            });
        }
        Ok(())
    }
}

const MISSING: &str = "there is no recording in this row";

fn damaged(error: ::parquet::errors::ParquetError) -> String {
    format!("is damaged: {error}")
}

fn sound(samples: Option<&[Option<f32>]>, rate: Option<f64>) -> Result<Sound, String> {
    let samples = samples.ok_or(MISSING)?;
    let whole = |rate: &f64| rate.fract() == 0.0 && (1.0..4e9).contains(rate);
    let rate = rate
        .filter(whole)
        .ok_or("the rate of the samples is missing or no whole number of Hz")?;
    let samples: Option<Arc<[f32]>> = samples.iter().copied().collect();
    let samples = samples.ok_or("there are samples without a value")?;
    Ok(Sound::Samples(samples, rate as u32))
}

/// A part of a recording; none for all of it.
fn stretch(start: Option<f64>, end: Option<f64>) -> Result<Option<Stretch>, String> {
    let time = |seconds: f64| {
        Duration::try_from_secs_f64(seconds)
            .map_err(|_| format!("{seconds} s is no time in a recording"))
    };
    let start = start
        .filter(|start| !start.is_nan())
        .map(time)
        .transpose()?;
    let end = end.filter(|end| !end.is_nan()).map(time).transpose()?;
    match (start, end) {
        (None, None) => Ok(None),
        (start, Some(end)) if end < start.unwrap_or_default() => {
            Err("the end of a part lies before its start".to_owned())
        }
        (start, end) => Ok(Some((start.unwrap_or_default(), end))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ::parquet::data_type::{
        ByteArray, ByteArrayType, DataType, DoubleType, FloatType, Int32Type,
    };
    use ::parquet::file::properties::WriterProperties;
    use ::parquet::file::writer::SerializedFileWriter;
    use ::parquet::schema::parser::parse_message_type;

    /// A column of a row group: values, and definition and repetition levels where it has them.
    struct Filled<T>(Vec<T>, Option<Vec<i16>>, Option<Vec<i16>>);

    enum Column {
        Bytes(Filled<ByteArray>),
        Integer(Filled<i32>),
        Float(Filled<f32>),
        Double(Filled<f64>),
    }

    /// A file with a row group of these columns for each of `groups`.
    fn file(message: &str, groups: &[Vec<Column>]) -> File {
        fn put<T: DataType>(
            target: &mut ::parquet::file::writer::SerializedColumnWriter<'_>,
            Filled(values, definitions, repetitions): &Filled<T::T>,
        ) {
            target
                .typed::<T>()
                .write_batch(values, definitions.as_deref(), repetitions.as_deref())
                .unwrap();
        }
        let schema = Arc::new(parse_message_type(message).unwrap());
        let target = tempfile::tempfile().unwrap();
        let properties = Arc::new(WriterProperties::builder().build());
        let copy = target.try_clone().unwrap();
        let mut writer = SerializedFileWriter::new(copy, schema, properties).unwrap();
        for columns in groups {
            let mut group = writer.next_row_group().unwrap();
            for column in columns {
                let mut target = group.next_column().unwrap().unwrap();
                match column {
                    Column::Bytes(filled) => put::<ByteArrayType>(&mut target, filled),
                    Column::Integer(filled) => put::<Int32Type>(&mut target, filled),
                    Column::Float(filled) => put::<FloatType>(&mut target, filled),
                    Column::Double(filled) => put::<DoubleType>(&mut target, filled),
                }
                target.close().unwrap();
            }
            group.close().unwrap();
        }
        writer.close().unwrap();
        target
    }

    fn bytes(values: &[&str], levels: &[i16]) -> Column {
        let values = values.iter().map(|&value| ByteArray::from(value)).collect();
        Column::Bytes(Filled(values, Some(levels.to_vec()), None))
    }

    fn all(file: File, rows: usize, most: usize) -> Vec<Vec<RecordingRow>> {
        let mut table = Recordings::open(file).unwrap();
        let mut chunks = Vec::new();
        loop {
            let chunk = table.next(rows, most).unwrap();
            if chunk.is_empty() {
                return chunks;
            }
            chunks.push(chunk);
        }
    }

    #[test]
    fn paths_and_parts_come_in_chunks_over_groups() {
        let message = "message table { optional binary path (UTF8); required double start; optional double end; }";
        let group =
            |names: &[&str], levels: &[i16], starts: &[f64], ends: &[f64], there: &[i16]| {
                vec![
                    bytes(names, levels),
                    Column::Double(Filled(starts.to_vec(), None, None)),
                    Column::Double(Filled(ends.to_vec(), Some(there.to_vec()), None)),
                ]
            };
        let groups = [
            group(
                &["a.wav", "b.wav"],
                &[1, 1, 0],
                &[0.0, 0.5, 0.0],
                &[1.0],
                &[0, 1, 0],
            ),
            group(&["c.wav", "d.wav"], &[1, 1], &[2.0, -1.0], &[1.0], &[1, 0]),
        ];
        let chunks = all(file(message, &groups), 2, usize::MAX);
        assert_eq!(chunks.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2, 1]);
        let rows = chunks.concat();
        let at = |seconds: f64| Duration::from_secs_f64(seconds);
        assert_eq!(rows[0].name, "a.wav");
        assert_eq!(
            rows[0].found,
            Ok((Sound::Path("a.wav".into()), Some((at(0.0), None))))
        );
        assert_eq!(
            rows[1].found,
            Ok((Sound::Path("b.wav".into()), Some((at(0.5), Some(at(1.0))))))
        );
        assert_eq!(
            (rows[2].name.as_str(), rows[2].found.clone()),
            ("row 3", Err(MISSING.to_owned()))
        );
        assert!(
            rows[3]
                .found
                .as_ref()
                .unwrap_err()
                .contains("before its start")
        );
        assert!(
            rows[4]
                .found
                .as_ref()
                .unwrap_err()
                .contains("-1 s is no time")
        );
    }

    #[test]
    fn sound_itself_is_bounded_by_its_bytes() {
        let message = "message table { optional group audio { optional binary bytes; optional binary path (UTF8); } }";
        let content = "x".repeat(1000);
        let many = vec![content.as_str(); 40];
        let groups = [
            vec![bytes(&many, &[2; 40]), bytes(&[], &[1; 40])],
            vec![bytes(&[], &[1, 0]), bytes(&["a.wav"], &[2, 0])],
        ];
        let chunks = all(file(message, &groups), 100, 10_000);
        assert_eq!(
            chunks.iter().map(Vec::len).collect::<Vec<_>>(),
            [16, 16, 10]
        );
        let rows = chunks.concat();
        assert_eq!(
            rows[39].found,
            Ok((Sound::Bytes(content.as_bytes().into()), None))
        );
        assert_eq!(rows[39].name, "row 40");
        assert_eq!(
            (rows[40].name.as_str(), rows[40].found.clone()),
            ("a.wav", Ok((Sound::Path("a.wav".into()), None)))
        );
        assert_eq!(rows[41].found, Err(MISSING.to_owned()));
    }

    #[test]
    fn lists_of_samples_have_gaps_and_rates() {
        let message = "message table { optional group samples (LIST) { repeated group list { optional float element; } } optional int32 rate; }";
        // Two samples, an empty list, none, one without a value, one without a rate.
        let definitions = vec![3, 3, 1, 0, 3, 2, 3];
        let repetitions = vec![0, 1, 0, 0, 0, 1, 0];
        let groups = [vec![
            Column::Float(Filled(
                vec![0.5, -0.5, 0.25, 1.0],
                Some(definitions),
                Some(repetitions),
            )),
            Column::Integer(Filled(vec![16_000; 4], Some(vec![1, 1, 1, 1, 0]), None)),
        ]];
        let rows = all(file(message, &groups), 100, usize::MAX).concat();
        let sound = |samples: &[f32]| Ok((Sound::Samples(samples.into(), 16_000), None));
        assert_eq!(rows[0].found, sound(&[0.5, -0.5]));
        assert_eq!(rows[1].found, sound(&[]));
        assert_eq!(rows[2].found, Err(MISSING.to_owned()));
        assert!(
            rows[3]
                .found
                .as_ref()
                .unwrap_err()
                .contains("without a value")
        );
        assert!(
            rows[4]
                .found
                .as_ref()
                .unwrap_err()
                .contains("rate of the samples")
        );
        let message = "message table { required group samples (LIST) { repeated group list { required int32 element (INT_16); } } required double sampling_rate; }";
        let groups = [vec![
            Column::Integer(Filled(
                vec![32767, -32767, 0],
                Some(vec![1, 1, 1]),
                Some(vec![0, 1, 0]),
            )),
            Column::Double(Filled(vec![8000.0, 8000.5], None, None)),
        ]];
        let rows = all(file(message, &groups), 1, usize::MAX).concat();
        assert_eq!(
            rows[0].found,
            Ok((Sound::Samples([1.0, -1.0].into(), 8000), None))
        );
        assert!(rows[1].found.is_err());
    }

    #[test]
    fn what_is_no_table_of_recordings_is_refused_with_its_columns() {
        let refused = |message: &str| match Recordings::open(file(message, &[])) {
            Ok(_) => String::new(),
            Err(reason) => reason,
        };
        let told = refused("message table { required binary name (UTF8); required double x; }");
        assert!(told.ends_with("it has name, x"), "{told}");
        let told = refused("message table { required double path; }");
        assert_eq!(told, "its column path has no texts");
        let told = refused("message table { required float samples; required int32 rate; }");
        assert!(told.contains("lists of float"), "{told}");
        let told = refused("message table { repeated float samples; }");
        assert!(told.contains("column rate"), "{told}");
        let told = refused(
            "message table { required binary path (UTF8); required int64 start (TIMESTAMP_MILLIS); }",
        );
        assert!(told.contains("seconds or durations"), "{told}");
        let text = tempfile::tempfile().unwrap();
        assert!(Recordings::open(text).is_err());
    }
}
