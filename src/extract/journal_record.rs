//! What a journal consists of: records, each with its length and checksum in front.
//!
//! ```text
//! length of the content (u32) · CRC-32 of the content (u32) · content: one byte that says which kind, then its fields
//! ```
//!
//! All numbers are little-endian; a text is its length (u32) and its UTF-8. A record that is cut off or does not fit its checksum is
//! the end: what a killed process had half written.

use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::Duration;

use super::analysed_parts::{Parts, Segment};
use super::failure::Failure;
use super::input::Input;
use super::plan::{ExtractionPlan, Labelling, Shard, Stamp, Task, Terms};
use super::quality::Quality;

/// The first bytes of a journal; the number is that of the layout.
pub(super) const MAGIC: &[u8] = b"ser-journal 2\n";

/// The longest content of a record that is believed.
const LONGEST: u32 = 1 << 28;

/// The terms of a run and how many records of tasks follow.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct JournalHeader {
    pub terms: Terms,
    pub shard: Shard,
    pub total: usize,
    pub list: u64,
    pub tasks: usize,
}

/// One record.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum JournalRecord {
    Header(Box<JournalHeader>),
    /// A recording to be done, with its first segments, and how many it has.
    Task(Task, usize),
    /// More segments of the recording before.
    Segments(Vec<Segment>, Labelling),
    /// The label of the rows that follow, of the recording whose turn it is.
    Label(Option<String>),
    /// Some rows of the recording whose turn it is.
    Rows {
        spans: Vec<(f64, f64)>,
        values: Vec<f32>,
    },
    /// A failure of the recording whose turn it is.
    Failure(Failure),
    /// What there is to say about the recording whose turn it is, although it has rows.
    Warning(Failure),
    /// What a row of the recording whose turn it is rests on.
    Quality(Quality),
    /// It is finished; the next one's turn.
    Done {
        audio_s: f64,
        truncated: bool,
    },
    /// All are finished.
    End,
}

/// Writes rows without taking them over.
pub(super) fn write_rows(
    target: &mut impl Write,
    spans: &[(f64, f64)],
    values: &[f32],
) -> io::Result<()> {
    let mut content = Content(vec![b'R']);
    content.u32(spans.len() as u32);
    for &(start, end) in spans {
        content.f64(start);
        content.f64(end);
    }
    for value in values {
        content.0.extend(value.to_le_bytes());
    }
    content.write(target)
}

/// Segments in one record; a recording may have any number.
const SEGMENTS: usize = 1 << 18;

/// Writes a task without taking it over: one record, and more for segments that do not fit in it.
pub(super) fn write_task(target: &mut impl Write, task: &Task) -> io::Result<()> {
    let mut content = Content(vec![b'T']);
    content.text(&task.input.name);
    let (labelled, label) = match &task.label {
        Labelling::One(label) => (u8::from(label.is_some()), label.as_deref()),
        Labelling::Each(_) => (2, None),
    };
    content.0.push(labelled);
    content.text(label.unwrap_or_default());
    content.u64(task.stamp.size);
    content.u64(task.stamp.modified_ns as u64);
    let segments = match &task.parts {
        Parts::Segments(segments) => segments.as_slice(),
        Parts::Whole | Parts::Windows(_) => &[],
    };
    content.u64(segments.len() as u64);
    let mut pieces = segments.chunks(SEGMENTS);
    content.segments(pieces.next().unwrap_or_default(), &task.label, 0);
    content.write(target)?;
    for (i, piece) in pieces.enumerate() {
        let mut content = Content(vec![b'S', labelled]);
        content.segments(piece, &task.label, (i + 1) * SEGMENTS);
        content.write(target)?;
    }
    Ok(())
}

impl JournalRecord {
    /// Writes the record.
    pub fn write(&self, target: &mut impl Write) -> io::Result<()> {
        let mut content = Content(Vec::new());
        match self {
            Self::Task(task, _) => return write_task(target, task),
            Self::Segments(segments, labels) => {
                let labelled = matches!(labels, Labelling::Each(_));
                content.0.extend([b'S', if labelled { 2 } else { 0 }]);
                content.segments(segments, labels, 0);
            }
            Self::Label(label) => {
                content.0.extend([b'L', u8::from(label.is_some())]);
                content.text(label.as_deref().unwrap_or_default());
            }
            Self::Rows { spans, values } => return write_rows(target, spans, values),
            Self::Header(header) => {
                content.0.push(b'H');
                content.0.extend(serde_json::to_vec(header)?);
            }
            Self::Failure(failure) => {
                content.0.push(b'F');
                content.0.extend(serde_json::to_vec(failure)?);
            }
            Self::Warning(warning) => {
                content.0.push(b'W');
                content.0.extend(serde_json::to_vec(warning)?);
            }
            Self::Quality(quality) => {
                content.0.push(b'Q');
                content.0.extend(serde_json::to_vec(quality)?);
            }
            Self::Done { audio_s, truncated } => {
                content.0.push(b'D');
                content.f64(*audio_s);
                content.0.push(u8::from(*truncated));
            }
            Self::End => content.0.push(b'E'),
        }
        content.write(target)
    }

    /// Reads the next record and the bytes it takes; `None` at the end, or where the rest is torn.
    pub fn read(source: &mut impl Read) -> io::Result<Option<(Self, u64)>> {
        let mut head = [0; 8];
        if !filled(source, &mut head)? {
            return Ok(None);
        }
        let [a, b, c, d, e, f, g, h] = head;
        let length = u32::from_le_bytes([a, b, c, d]);
        if length == 0 || length > LONGEST {
            return Ok(None);
        }
        let mut content = Vec::new();
        source
            .by_ref()
            .take(u64::from(length))
            .read_to_end(&mut content)?;
        if content.len() != length as usize
            || crc32fast::hash(&content) != u32::from_le_bytes([e, f, g, h])
        {
            return Ok(None);
        }
        Ok(Self::decode(&content).map(|record| (record, 8 + u64::from(length))))
    }

    fn decode(content: &[u8]) -> Option<Self> {
        let (&kind, fields) = content.split_first()?;
        let mut fields = Fields(fields);
        Some(match kind {
            b'H' => Self::Header(serde_json::from_slice(fields.0).ok()?),
            b'F' => Self::Failure(serde_json::from_slice(fields.0).ok()?),
            b'W' => Self::Warning(serde_json::from_slice(fields.0).ok()?),
            b'T' => {
                let (task, segments) = fields.task()?;
                Self::Task(task, segments)
            }
            b'S' => {
                let labelled = fields.take::<1>()? == [2];
                let (segments, labels) = fields.segments(labelled)?;
                Self::Segments(segments, labels)
            }
            b'L' => {
                let labelled = fields.take::<1>()? != [0];
                let label = fields.text()?;
                Self::Label(labelled.then_some(label))
            }
            b'R' => {
                let rows = fields.u32()?;
                let spans = (0..rows)
                    .map(|_| Some((fields.f64()?, fields.f64()?)))
                    .collect::<Option<_>>()?;
                let values = fields
                    .0
                    .chunks_exact(4)
                    .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                Self::Rows {
                    spans,
                    values: values.collect(),
                }
            }
            b'Q' => Self::Quality(serde_json::from_slice(fields.0).ok()?),
            b'D' => Self::Done {
                audio_s: fields.f64()?,
                truncated: fields.take::<1>()? != [0],
            },
            b'E' => Self::End,
            _ => return None,
        })
    }
}

/// Reads until `buffer` is full; false if the source ends before.
fn filled(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match source.read_exact(buffer) {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        Err(error) => Err(error),
    }
}

/// The content of a record on its way out.
struct Content(Vec<u8>);

impl Content {
    fn u32(&mut self, value: u32) {
        self.0.extend(value.to_le_bytes());
    }

    fn u64(&mut self, value: u64) {
        self.0.extend(value.to_le_bytes());
    }

    fn f64(&mut self, value: f64) {
        self.0.extend(value.to_le_bytes());
    }

    fn text(&mut self, text: &str) {
        self.u32(text.len() as u32);
        self.0.extend(text.as_bytes());
    }

    /// A time as seconds and nanoseconds; all bits set for none.
    fn time(&mut self, time: Option<Duration>) {
        self.u64(time.map_or(u64::MAX, |t| t.as_secs()));
        self.u32(time.map_or(u32::MAX, |t| t.subsec_nanos()));
    }

    /// How many there are, and each with its label, if they have their own; the first is number `from` of the recording.
    fn segments(&mut self, segments: &[Segment], labels: &Labelling, from: usize) {
        self.u32(segments.len() as u32);
        for (i, segment) in segments.iter().enumerate() {
            self.time(Some(segment.start));
            self.time(segment.end);
            if let Labelling::Each(labels) = labels {
                let label = labels.get(from + i).and_then(Option::as_deref);
                self.0.push(u8::from(label.is_some()));
                self.text(label.unwrap_or_default());
            }
        }
    }

    fn write(&self, target: &mut impl Write) -> io::Result<()> {
        target.write_all(&(self.0.len() as u32).to_le_bytes())?;
        target.write_all(&crc32fast::hash(&self.0).to_le_bytes())?;
        target.write_all(&self.0)
    }
}

/// The content of a record on its way in.
struct Fields<'a>(&'a [u8]);

impl Fields<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (head, rest) = self.0.split_first_chunk::<N>()?;
        self.0 = rest;
        Some(*head)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn f64(&mut self) -> Option<f64> {
        self.take().map(f64::from_le_bytes)
    }

    fn text(&mut self) -> Option<String> {
        let length = self.u32()? as usize;
        let (text, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        String::from_utf8(text.to_vec()).ok()
    }

    fn time(&mut self) -> Option<Option<Duration>> {
        let (seconds, nanoseconds) = (self.u64()?, self.u32()?);
        Some((nanoseconds < 1_000_000_000).then(|| Duration::new(seconds, nanoseconds)))
    }

    /// A task with the segments that its record holds, and how many it has.
    fn task(&mut self) -> Option<(Task, usize)> {
        let name = self.text()?;
        let labelled = self.take::<1>()?;
        let label = self.text()?;
        let stamp = Stamp {
            size: self.u64()?,
            modified_ns: self.u64()? as i64,
        };
        let count = usize::try_from(self.u64()?).ok()?;
        let (segments, labels) = self.segments(labelled == [2])?;
        let task = Task {
            input: Input {
                path: name.clone().into(),
                name,
            },
            parts: match count {
                0 => Parts::Whole,
                _ => Parts::Segments(segments),
            },
            label: match labelled {
                [0] => Labelling::One(None),
                [1] => Labelling::One(Some(label)),
                _ => labels,
            },
            stamp,
        };
        Some((task, count))
    }

    fn segments(&mut self, labelled: bool) -> Option<(Vec<Segment>, Labelling)> {
        let count = self.u32()?;
        let (mut segments, mut labels) = (Vec::new(), Vec::<Option<Arc<str>>>::new());
        for _ in 0..count {
            segments.push(Segment {
                start: self.time()??,
                end: self.time()?,
            });
            if labelled {
                let there = self.take::<1>()? != [0];
                let label = self.text()?;
                let before = labels.last().cloned().flatten();
                labels.push(there.then(|| match before {
                    Some(before) if *before == *label => before,
                    _ => Arc::from(label),
                }));
            }
        }
        let labels = match labelled {
            true => Labelling::Each(labels),
            false => Labelling::default(),
        };
        Some((segments, labels))
    }
}

/// What a journal begins with: the plan and its tasks.
pub(super) fn beginning(plan: &ExtractionPlan) -> io::Result<Vec<u8>> {
    let mut bytes = MAGIC.to_vec();
    let header = JournalHeader {
        terms: plan.terms.clone(),
        shard: plan.shard,
        total: plan.total,
        list: plan.list,
        tasks: plan.tasks.len(),
    };
    JournalRecord::Header(Box::new(header)).write(&mut bytes)?;
    for task in &plan.tasks {
        write_task(&mut bytes, task)?;
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn records() -> Vec<JournalRecord> {
        let segment = |end| Segment {
            start: Duration::from_millis(1500),
            end,
        };
        let task = Task {
            input: Input {
                path: "a\n\".wav".into(),
                name: "a\n\".wav".into(),
            },
            parts: Parts::Segments(vec![segment(None), segment(Some(Duration::new(7, 1)))]),
            label: Labelling::One(Some("anger".into())),
            stamp: Stamp {
                size: 1 << 40,
                modified_ns: -5,
            },
        };
        let labels = Labelling::Each(vec![Some("a".into()), None]);
        let labelled = Task {
            label: labels.clone(),
            ..task.clone()
        };
        vec![
            JournalRecord::Task(task, 2),
            JournalRecord::Task(labelled, 2),
            JournalRecord::Segments(vec![segment(None), segment(None)], labels),
            JournalRecord::Label(Some("a".into())),
            JournalRecord::Label(None),
            JournalRecord::Rows {
                spans: vec![(0.0, 0.1), (0.01, 0.02)],
                values: vec![1e-45, -0.0, f32::MAX, 2.0],
            },
            JournalRecord::Failure(Failure {
                start_s: None,
                end_s: Some(2.5),
                kind: "k".into(),
                message: "m".into(),
            }),
            JournalRecord::Warning(Failure {
                start_s: None,
                end_s: None,
                kind: "w".into(),
                message: "\u{1b}m".into(),
            }),
            JournalRecord::Quality(Quality {
                speech_s: 0.25,
                snr_db: Some(-0.1),
                ..Quality::default()
            }),
            JournalRecord::Done {
                audio_s: 0.1,
                truncated: true,
            },
            JournalRecord::End,
        ]
    }

    fn written() -> Vec<u8> {
        let mut bytes = Vec::new();
        records().iter().for_each(|r| r.write(&mut bytes).unwrap());
        bytes
    }

    fn read(mut bytes: &[u8]) -> Vec<JournalRecord> {
        std::iter::from_fn(|| JournalRecord::read(&mut bytes).unwrap())
            .map(|(record, _)| record)
            .collect()
    }

    #[test]
    fn records_come_back_as_they_were() {
        assert_eq!(read(&written()), records());
    }

    #[test]
    fn a_torn_or_changed_tail_is_the_end_and_nothing_before_is_lost() {
        let bytes = written();
        for cut in 0..bytes.len() {
            let whole = read(&bytes[..cut]);
            assert_eq!(whole, records()[..whole.len()]);
            let mut changed = bytes.clone();
            changed[cut] ^= 0x10;
            let whole = read(&changed);
            assert!(whole.len() < records().len());
            assert_eq!(whole, records()[..whole.len()]);
        }
    }
}
