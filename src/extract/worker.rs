//! From a path to features: one worker per thread, which keeps what it planned.
//!
//! A recording is read once, whatever its parts: each part has an extractor of its own, which takes its samples from the blocks
//! as they pass. Only where more than [`MOST_OVERLAPPING`] segments overlap is it read again for the rest.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::ExtractionSettings;
use super::analysed_parts::{MOST_OVERLAPPING, Parts, Span};
use super::pass::{AnalysedPart, Pass, Running, start_s};
use super::quality::{Gauge, Quality};
use super::rows::{Kept, Rows, Spill};
use super::team::Team;
use crate::error::Error;
use ser_audio::Recording;
use ser_features::feature::{Extractor, Features, Level};

/// Extracts from many recordings in turn, and keeps the plan of each sample rate it met.
#[derive(Debug)]
pub struct Worker {
    settings: ExtractionSettings,
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
    /// Rows of windows, which have their places already.
    pub windows: Rows,
    /// One per part, in their order; of windows those that came to nothing.
    pub parts: Vec<AnalysedPart>,
    /// Where rows wait that are too many.
    pub spill: Spill,
    /// How much was read, in seconds.
    pub audio_s: f64,
    /// Rate of the samples that were analysed, Hz.
    pub analysed_hz: u32,
    /// Rate of the file, Hz.
    pub rate_hz: u32,
    /// What the rows rest on, if that is asked for.
    pub qualities: Vec<Quality>,
    /// Did the file end before its header said it would?
    pub truncated: bool,
    /// What else there is to say about it.
    pub warnings: Vec<ser_audio::Warning>,
}

/// Opens a recording at its beginning, with the channel and rate that are wanted.
pub type Open<'a> =
    dyn Fn(&ser_audio::DecodingSettings) -> Result<Recording, ser_audio::Error> + 'a;

/// A header may promise any number of samples; this many (an hour at 48 kHz) are believed.
const LARGEST_RESERVE: usize = 3600 * 48_000;

/// The most other threads that share one recording.
const MOST_HELPERS: usize = 63;

impl Worker {
    /// A worker that has planned nothing yet. Where the set is defined at one rate, recordings are resampled to it.
    pub fn new(settings: ExtractionSettings) -> Self {
        Self {
            settings: settings.at_rate_of_set(),
            idle: Vec::new(),
            stop: Arc::default(),
            quality: false,
            helpers: 0,
        }
    }

    /// Gives the worker other threads to share one long recording with, of which more than 63 are no help.
    pub fn with_helpers(mut self, threads: usize) -> Self {
        self.helpers = threads.min(MOST_HELPERS);
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
    /// use ser::extract::{ExtractionSettings, Worker, analysed_parts::Parts};
    ///
    /// let second: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
    /// let mut worker = Worker::new(ExtractionSettings::default());
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
        let like = (self.settings.set, self.settings.level);
        let mut analysed = Vec::new();
        let windows = outcome.windows.each(&outcome.spill, like, &mut |window| {
            let (start_s, end_s) = window.spans().first().copied().unwrap_or_default();
            analysed.push(Analysed {
                start_s,
                end_s,
                features: Ok(window),
            });
            Ok(())
        });
        windows.map_err(Error::Temporary)?;
        for part in outcome.parts {
            let place = part.place(parts, outcome.analysed_hz, outcome.audio_s);
            let mut pieces = Vec::new();
            let read = part.kept.each(&outcome.spill, like, place, |piece| {
                pieces.push(piece.clone());
                Ok(())
            });
            let features = match part.kept {
                Kept::Failed(error) => Err(*error),
                _ => read
                    .map(|()| joined(&pieces, &self.settings))
                    .map_err(Error::Temporary),
            };
            analysed.push(Analysed {
                start_s: place.0,
                end_s: place.1,
                features,
            });
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
            windows: std::mem::take(&mut pass.windows),
            parts: pass.parts(parts, audio_s),
            analysed_hz: pass.rate_hz,
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

/// Pieces as one.
fn joined(pieces: &[Features], settings: &ExtractionSettings) -> Features {
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::extract::analysed_parts::{Segment, Windows};
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
        let mut worker = Worker::new(ExtractionSettings::default());
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
