//! From a path to features: one worker per thread, which keeps what it planned.
//!
//! A recording is read once, whatever its parts: each part has an extractor of its own, which takes its samples from the blocks
//! as they pass. Only where more than [`MOST_OVERLAPPING`] segments overlap is it read again for the rest.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::Settings;
use super::part::{MOST_OVERLAPPING, Parts, Span};
use super::quality::{Gauge, Quality};
use super::rows::{Rows, Spill};
use super::team::Team;
use crate::error::Error;
use ser_audio::Recording;
use ser_features::feature::{Extractor, Features, Level};

/// Extracts from many recordings in turn, and keeps the plan of each sample rate it met.
#[derive(Debug)]
pub struct Worker {
    settings: Settings,
    idle: Vec<Extractor>,
    stop: Arc<AtomicBool>,
    quality: bool,
    helpers: usize,
}

/// The features of the parts of a recording, all in memory.
#[derive(Debug)]
pub struct Analysis {
    /// One per part, in their order; each with what it is of, or why there is nothing.
    pub parts: Vec<Analysed>,
    /// How much was read, in seconds.
    pub audio_s: f64,
    /// Did the file end before its header said it would?
    pub truncated: bool,
    /// What else there is to say about it.
    pub warnings: Vec<ser_audio::Warning>,
}

/// The features of one part.
#[derive(Debug)]
pub struct Analysed {
    /// Where it begins, in seconds.
    pub start_s: f64,
    /// Where it ends, in seconds.
    pub end_s: f64,
    /// Its features.
    pub features: Result<Features, Error>,
}

/// What came of a recording, with rows that may wait in a file.
#[derive(Debug, Default)]
pub(super) struct Outcome {
    /// One per part, in their order; windows are one part together.
    pub parts: Vec<Part>,
    /// Where rows wait that are too many.
    pub spill: Spill,
    /// How much was read, in seconds.
    pub audio_s: f64,
    /// Rate of the file, Hz.
    pub rate_hz: u32,
    /// What the rows rest on, if that is asked for.
    pub qualities: Vec<Quality>,
    /// Did the file end before its header said it would?
    pub truncated: bool,
    /// What else there is to say about it.
    pub warnings: Vec<ser_audio::Warning>,
}

/// The rows of one part.
#[derive(Debug)]
pub(super) struct Part {
    pub start_s: f64,
    pub end_s: f64,
    pub rows: Result<Rows, Error>,
}

/// Opens a recording at its beginning, with the channel and rate that are wanted.
pub type Open<'a> = dyn Fn(&ser_audio::Settings) -> Result<Recording, ser_audio::Error> + 'a;

/// A header may promise any number of samples; this many (an hour at 48 kHz) are believed.
const LARGEST_RESERVE: usize = 3600 * 48_000;

impl Worker {
    /// A worker that has planned nothing yet. Where the set is defined at one rate, recordings are resampled to it.
    pub fn new(settings: Settings) -> Self {
        Self {
            settings: settings.at_rate_of_set(),
            idle: Vec::new(),
            stop: Arc::default(),
            quality: false,
            helpers: 0,
        }
    }

    /// Gives the worker other threads to share one long recording with.
    pub fn with_helpers(mut self, threads: usize) -> Self {
        self.helpers = threads;
        self
    }

    /// Makes the worker measure what functionals rest on.
    pub(super) fn with_quality(mut self) -> Self {
        self.quality = self.settings.level == Level::Functionals;
        self
    }

    /// Makes the worker give up, with [`Error::Interrupted`], soon after `stop` becomes true.
    pub fn stopped_by(mut self, stop: Arc<AtomicBool>) -> Self {
        self.stop = stop;
        self
    }

    /// The features of a recording.
    ///
    /// # Errors
    /// Where the file cannot be read, is shorter than one frame of 60 ms, or has a rate outside 4 … 192 kHz.
    pub fn extract(&mut self, path: &Path) -> Result<Features, Error> {
        let mut analysis = self.analyse(path, &Parts::Whole)?;
        match analysis.parts.pop() {
            Some(whole) => whole.features,
            None => Err(ser_features::Error::TooShort { seconds: 0.0 }.into()),
        }
    }

    /// The features of parts of a recording.
    ///
    /// # Errors
    /// Where the file cannot be read to its end, or has a rate outside 4 … 192 kHz. That a part is too short is in its own result.
    pub fn analyse(&mut self, path: &Path, parts: &Parts) -> Result<Analysis, Error> {
        self.analyse_with(&|settings| Recording::open(path, settings), parts)
    }

    /// The features of parts of a recording that `open` opens at its beginning, wherever it is; more than once where many parts overlap.
    ///
    /// ```
    /// use ser::audio::Recording;
    /// use ser::extract::{Settings, Worker, part::Parts};
    ///
    /// let second: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
    /// let mut worker = Worker::new(Settings::default());
    /// let open = |settings: &_| Recording::from_samples(second.clone(), 16_000, settings);
    /// let analysis = worker.analyse_with(&open, &Parts::Whole)?;
    /// assert_eq!((analysis.parts.len(), analysis.audio_s), (1, 1.0));
    /// # Ok::<(), ser::Error>(())
    /// ```
    ///
    /// # Errors
    /// As [`Worker::analyse`].
    pub fn analyse_with(&mut self, open: &Open<'_>, parts: &Parts) -> Result<Analysis, Error> {
        let outcome = self.outcome(open, parts)?;
        let mut analysed = Vec::new();
        for part in outcome.parts {
            let pieces = part.rows.and_then(|rows| {
                let mut pieces = Vec::new();
                rows.each(&outcome.spill, |piece| {
                    pieces.push(piece.clone());
                    Ok(())
                })
                .map_err(Error::Temporary)?;
                Ok(pieces)
            });
            let (start_s, end_s) = (part.start_s, part.end_s);
            match pieces {
                Ok(windows) if matches!(parts, Parts::Windows(_)) => {
                    analysed.extend(windows.into_iter().map(|window| {
                        let span = window.spans().first().copied();
                        let (start_s, end_s) = span.unwrap_or((start_s, end_s));
                        Analysed {
                            start_s,
                            end_s,
                            features: Ok(window),
                        }
                    }));
                }
                pieces => analysed.push(Analysed {
                    start_s,
                    end_s,
                    features: pieces.map(|pieces| joined(&pieces, &self.settings)),
                }),
            }
        }
        Ok(Analysis {
            parts: analysed,
            audio_s: outcome.audio_s,
            truncated: outcome.truncated,
            warnings: outcome.warnings,
        })
    }

    /// What comes of parts of a recording that `open` opens.
    ///
    /// # Errors
    /// As [`analyse`](Self::analyse).
    pub(super) fn outcome(&mut self, open: &Open<'_>, parts: &Parts) -> Result<Outcome, Error> {
        let mut pass = Pass {
            idle: std::mem::take(&mut self.idle),
            windowed: matches!(parts, Parts::Windows(_)),
            level: self.settings.level,
            ..Pass::default()
        };
        let outcome = self.read(open, parts, &mut pass);
        self.give_back(&mut pass);
        outcome
    }

    /// Reads a recording, as often as its overlapping parts need.
    fn read(&self, open: &Open<'_>, parts: &Parts, pass: &mut Pass) -> Result<Outcome, Error> {
        let mut recording = open(&self.settings.audio)?;
        pass.rate_hz = recording.rate();
        self.pass(&mut recording, parts.spans(pass.rate_hz), parts, pass)?;
        let truncated = recording.truncated();
        let mut warnings = recording.warnings();
        warnings.retain(|warning| *warning != ser_audio::Warning::EndsEarly);
        while !pass.deferred.is_empty() {
            let mut recording = open(&self.settings.audio)?;
            let spans = std::mem::take(&mut pass.deferred);
            pass.length = 0;
            self.pass(&mut recording, Box::new(spans.into_iter()), parts, pass)?;
        }
        let audio_s = pass.length as f64 / f64::from(pass.rate_hz);
        Ok(Outcome {
            parts: pass.parts(parts, audio_s),
            spill: std::mem::take(&mut pass.spill),
            audio_s,
            rate_hz: recording.source_rate(),
            qualities: std::mem::take(&mut pass.qualities),
            truncated,
            warnings,
        })
    }

    /// Reads a recording once, for as many of `spans` as can be held at a time.
    fn pass(
        &self,
        recording: &mut Recording,
        spans: Box<dyn Iterator<Item = Span> + '_>,
        parts: &Parts,
        pass: &mut Pass,
    ) -> Result<(), Error> {
        let rate_hz = recording.rate();
        let expected = recording.length_samples();
        let mut spans = spans.peekable();
        while let Some(block) = recording.next_block()? {
            if self.stop.load(Ordering::Relaxed) {
                return Err(Error::Interrupted);
            }
            let first = pass.length;
            pass.length += block.len() as u64;
            let mut i = 0;
            while i < pass.running.len() {
                i += usize::from(!pass.feed(i, first, block)?);
            }
            while let Some(span) = spans.next_if(|span| span.first < pass.length) {
                // Windows never are too many: `Windows::new` sees to that.
                if !pass.windowed && pass.running.len() > MOST_OVERLAPPING as usize {
                    pass.deferred.push(span);
                    continue;
                }
                let mut extractor = self.extractor(&mut pass.idle, rate_hz)?;
                extractor.reserve(credible(span.length.or(expected)));
                let alone = self.helpers == 0 || !matches!(parts, Parts::Whole);
                let analyst = if alone { None } else { extractor.analyst() };
                pass.running.push(Running {
                    team: analyst.map(|analyst| Team::new(analyst, self.helpers)),
                    start_s: start_s(&span, parts, rate_hz),
                    span,
                    extractor,
                    untaken: 0,
                    gauge: self.quality.then(|| Gauge::new(rate_hz)),
                    rows: Rows::default(),
                });
                pass.feed(pass.running.len() - 1, first, block)?;
            }
            pass.put_windows_in_order()?;
        }
        pass.end(spans)?;
        pass.put_windows_in_order()
    }

    /// One that has done its work, or a new one.
    fn extractor(&self, idle: &mut Vec<Extractor>, rate_hz: u32) -> Result<Extractor, Error> {
        match idle.iter().position(|e| e.rate_hz() == rate_hz) {
            Some(index) => Ok(idle.swap_remove(index)),
            None => Ok(Extractor::new(
                self.settings.set,
                rate_hz,
                self.settings.level,
            )?),
        }
    }

    fn give_back(&mut self, pass: &mut Pass) {
        let running = pass.running.drain(..).map(|running| running.extractor);
        for mut extractor in running.chain(pass.idle.drain(..)) {
            extractor.reset();
            self.idle.push(extractor);
        }
        // A folder of odd rates must not fill the memory with plans.
        let surplus = self.idle.len().saturating_sub(MOST_OVERLAPPING as usize);
        self.idle.drain(..surplus);
    }
}

fn credible(samples: Option<u64>) -> usize {
    usize::try_from(samples.unwrap_or(0))
        .unwrap_or(usize::MAX)
        .min(LARGEST_RESERVE)
}

/// Where a part begins, in seconds.
fn start_s(span: &Span, parts: &Parts, rate_hz: u32) -> f64 {
    match parts {
        Parts::Whole => 0.0,
        Parts::Segments(segments) => segments[span.index].start.as_secs_f64(),
        Parts::Windows(_) => span.first as f64 / f64::from(rate_hz),
    }
}

/// Pieces as one.
fn joined(pieces: &[Features], settings: &Settings) -> Features {
    match pieces {
        [one] => one.clone(),
        pieces => {
            let spans = pieces.iter().flat_map(|piece| piece.spans()).copied();
            let values = pieces.iter().flat_map(|piece| piece.values()).copied();
            let (set, level) = (settings.set, settings.level);
            Features::new(set, level, spans.collect(), values.collect())
        }
    }
}

/// What one reading of a recording holds.
#[derive(Default)]
struct Pass {
    /// Are the parts windows, without end?
    windowed: bool,
    level: Level,
    rate_hz: u32,
    /// Samples read.
    length: u64,
    running: Vec<Running>,
    /// Extractors that wait for a part: taken from the worker, and given back to it.
    idle: Vec<Extractor>,
    done: Vec<(Span, Result<Rows, Error>)>,
    /// What was measured of finished parts, with their numbers.
    gauged: Vec<(usize, Quality)>,
    /// The same, placed and in order.
    qualities: Vec<Quality>,
    /// Rows of the windows that ended in earlier blocks.
    windows: Rows,
    spill: Spill,
    deferred: Vec<Span>,
}

/// A part whose samples are passing.
struct Running {
    span: Span,
    /// Where it begins, in seconds.
    start_s: f64,
    extractor: Extractor,
    /// Those who share the work, if it is shared.
    team: Option<Team>,
    /// Samples since rows were taken last.
    untaken: usize,
    gauge: Option<Gauge>,
    rows: Rows,
}

/// Rows of descriptors that are handed on at once.
const PIECE: usize = 1000;

impl Pass {
    /// Gives running part `i` what is its own of the block that begins with sample `first`; true if that ended it.
    fn feed(&mut self, i: usize, first: u64, block: &[f32]) -> Result<bool, Error> {
        let Running {
            span,
            extractor,
            team,
            untaken,
            gauge,
            rows,
            start_s,
        } = &mut self.running[i];
        let within = |sample: u64| (sample.saturating_sub(first) as usize).min(block.len());
        let end = span.length.map(|length| span.first.saturating_add(length));
        let own = &block[within(span.first)..end.map_or(block.len(), within)];
        match team {
            Some(team) => team.push(extractor, own)?,
            None => extractor.push(own)?,
        }
        if let Some(gauge) = gauge {
            gauge.push(own);
        }
        *untaken += own.len();
        // A hundred rows a second: about a piece.
        if self.level == Level::Descriptors && *untaken >= PIECE / 100 * self.rate_hz as usize {
            *untaken = 0;
            let piece = extractor.take_rows();
            if !piece.spans().is_empty() {
                rows.push(shifted(piece, *start_s), &mut self.spill)?;
            }
        }
        let is_over = end.is_some_and(|end| end <= first + block.len() as u64);
        if is_over {
            self.finish(i)?;
        }
        Ok(is_over)
    }

    /// Ends running part `i`. Its last piece is placed when it is known where the recording ends.
    fn finish(&mut self, i: usize) -> Result<(), Error> {
        let Running {
            span,
            start_s,
            mut extractor,
            team,
            gauge,
            mut rows,
            ..
        } = self.running.swap_remove(i);
        if let Some(mut team) = team {
            team.end(&mut extractor);
        }
        let (mut last, mut kept) = (None, Ok(()));
        let finished = extractor.finish_in_pieces(PIECE, |piece| {
            if let Some(before) = last.replace(piece)
                && kept.is_ok()
            {
                kept = rows.push(shifted(before, start_s), &mut self.spill);
            }
        });
        self.idle.push(extractor);
        kept?;
        if let Some((gauge, features)) = gauge.zip(last.as_ref()) {
            self.gauged.push((span.index, gauge.finish(features)));
        }
        let outcome = match finished {
            Ok(()) => last.map_or(Ok(()), |last| rows.push(last, &mut self.spill)),
            Err(error) => Err(error.into()),
        };
        self.done.push((span, outcome.map(|()| rows)));
        Ok(())
    }

    /// The recording ends: so do its parts, and those that lie behind it have no samples. Windows go on for ever, so of these only
    /// the whole ones count, or the first.
    fn end(&mut self, rest: impl Iterator<Item = Span>) -> Result<(), Error> {
        let windowed = self.windowed;
        let counts = |span: &Span| !windowed || span.index == 0;
        while let Some(running) = self.running.last() {
            if counts(&running.span) {
                self.finish(self.running.len() - 1)?;
            } else if let Some(running) = self.running.pop() {
                self.idle.push(running.extractor);
            }
        }
        let audio_s = self.length as f64 / f64::from(self.rate_hz);
        let never = |span: Span| match span.first {
            0 => {
                let error = ser_features::Error::TooShort { seconds: 0.0 };
                (span, Err(error.into()))
            }
            _ => (span, Err(Error::BehindEnd { audio_s })),
        };
        self.done.extend(rest.take_while(counts).map(never));
        Ok(())
    }

    /// Windows end in the order in which they began, but not within a block. What is no row stays among the parts.
    fn put_windows_in_order(&mut self) -> Result<(), Error> {
        if !self.windowed {
            return Ok(());
        }
        self.done.sort_by_key(|(span, _)| span.index);
        self.gauged.sort_by_key(|(index, _)| *index);
        let mut gauged = std::mem::take(&mut self.gauged).into_iter().peekable();
        let seconds = |sample: u64| sample as f64 / f64::from(self.rate_hz);
        for (span, rows) in std::mem::take(&mut self.done) {
            match rows {
                Ok(mut rows) => {
                    let end = span.first + span.length.unwrap_or(0);
                    let Some(mut window) = rows.take_last() else {
                        continue;
                    };
                    let place = (seconds(span.first), seconds(end.min(self.length)));
                    window.place(place.0, place.1);
                    if let Some((_, quality)) = gauged.next_if(|(index, _)| *index == span.index) {
                        self.qualities.push(at(quality, place));
                    }
                    self.windows.push(window, &mut self.spill)?;
                }
                Err(error) => self.done.push((span, Err(error))),
            }
        }
        Ok(())
    }

    /// The parts with their places, in order.
    fn parts(&mut self, parts: &Parts, audio_s: f64) -> Vec<Part> {
        self.done.sort_by_key(|(span, _)| span.index);
        self.gauged.sort_by_key(|(index, _)| *index);
        let mut gauged = std::mem::take(&mut self.gauged).into_iter().peekable();
        let mut placed = Vec::new();
        let windows = std::mem::take(&mut self.windows);
        if windows.bytes() > 0 {
            placed.push(Part {
                start_s: 0.0,
                end_s: audio_s,
                rows: Ok(windows),
            });
        }
        for (span, mut rows) in std::mem::take(&mut self.done) {
            let start_s = start_s(&span, parts, self.rate_hz);
            let end_s = match parts {
                Parts::Segments(segments) => {
                    let end = segments[span.index].end;
                    let end_s = end.map_or(audio_s, |end| end.as_secs_f64());
                    end_s.min(audio_s).max(start_s)
                }
                Parts::Whole | Parts::Windows(_) => audio_s,
            };
            if let Ok(rows) = &mut rows
                && let Some(last) = rows.last_mut()
            {
                last.place(start_s, end_s);
            }
            if let Some((_, quality)) = gauged.next_if(|(index, _)| *index == span.index) {
                self.qualities.push(at(quality, (start_s, end_s)));
            }
            placed.push(Part {
                start_s,
                end_s,
                rows,
            });
        }
        placed
    }
}

/// What was measured of a stretch.
fn at(quality: Quality, (start, end): (f64, f64)) -> Quality {
    Quality {
        start,
        end,
        ..quality
    }
}

/// Rows of a part that begins there; the end of the last one is its own.
fn shifted(mut piece: Features, start_s: f64) -> Features {
    if let Some(&(_, end_s)) = piece.spans().last() {
        piece.place(start_s, start_s + end_s);
    }
    piece
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::part::{Segment, Windows};
    use std::time::Duration;

    const RATE: u32 = 8000;

    fn recording(seconds: u32) -> tempfile::NamedTempFile {
        let file = tempfile::Builder::new().suffix(".wav").tempfile().unwrap();
        let spec = hound::WavSpec {
            channels: 1,
            sample_rate: RATE,
            bits_per_sample: 16,
            sample_format: hound::SampleFormat::Int,
        };
        let mut writer = hound::WavWriter::create(file.path(), spec).unwrap();
        for n in 0..seconds * RATE {
            writer.write_sample((n * 150 % RATE) as i16).unwrap();
        }
        writer.finalize().unwrap();
        file
    }

    /// One extractor holds what overlaps at one moment; more of them is memory that grows with the recording.
    #[test]
    fn extractors_are_as_many_as_parts_overlap_however_many_parts_there_are() {
        let file = recording(30);
        let time = |ms: u64| Duration::from_millis(ms);
        let mut worker = Worker::new(Settings::default());
        let windows = Windows::new(time(400), time(100)).unwrap();
        let analysis = worker
            .analyse(file.path(), &Parts::Windows(windows))
            .unwrap();
        assert_eq!(analysis.parts.len(), 297);
        // Four overlap; blocks of 4096 samples begin up to six more before the oldest of them end.
        let windowed = worker.idle.len();
        assert!(windowed <= 11, "{windowed}");
        let segment = |i: u64| Segment {
            start: time(40 * i),
            end: Some(time(40 * i + 100)),
        };
        let segments: Vec<Segment> = (0..700).map(segment).collect();
        let analysis = worker
            .analyse(file.path(), &Parts::Segments(segments))
            .unwrap();
        assert!(analysis.parts.iter().all(|part| part.features.is_ok()));
        assert!(worker.idle.len() <= 20, "{}", worker.idle.len());
    }
}
