//! One reading of a recording: each part that passes has an extractor, and its rows are placed in time when it ends.

use super::analysed_parts::{Parts, Span};
use super::quality::{Gauge, Quality};
use super::rows::{HELD, Kept, Rows, Spill};
use super::team::Team;
use crate::error::Error;
use ser_features::feature::{Extractor, Features, Level};

/// What came of one part.
#[derive(Debug)]
pub(super) struct AnalysedPart {
    pub span: Span,
    pub kept: Kept,
}

impl AnalysedPart {
    /// Where it begins and ends in a recording of so many seconds.
    pub fn place(&self, parts: &Parts, rate_hz: u32, audio_s: f64) -> (f64, f64) {
        let start_s = start_s(&self.span, parts, rate_hz);
        let end_s = match parts {
            Parts::Segments(segments) => {
                let end = segments[self.span.index].end;
                let end_s = end.map_or(audio_s, |end| end.as_secs_f64());
                end_s.min(audio_s).max(start_s)
            }
            Parts::Whole | Parts::Windows(_) => audio_s,
        };
        (start_s, end_s)
    }
}

/// What one reading of a recording holds.
#[derive(Default)]
pub(super) struct Pass {
    /// Are the parts windows, without end?
    pub(super) windowed: bool,
    pub(super) level: Level,
    pub(super) rate_hz: u32,
    /// Samples read.
    pub(super) length: u64,
    pub(super) running: Vec<Running>,
    /// Extractors that wait for a part: taken from the worker, and given back to it.
    pub(super) idle: Vec<Extractor>,
    pub(super) done: Vec<AnalysedPart>,
    /// Bytes of rows that finished segments hold, and how many of these hold none any more.
    pub(super) room: usize,
    pub(super) away: usize,
    /// What was measured of finished parts, with their numbers.
    pub(super) gauged: Vec<(usize, Quality)>,
    /// The same, placed and in order.
    pub(super) qualities: Vec<Quality>,
    /// Rows of the windows that ended in earlier blocks.
    pub(super) windows: Rows,
    pub(super) spill: Spill,
    pub(super) deferred: Vec<Span>,
}

/// A part whose samples are passing.
pub(super) struct Running {
    pub(super) span: Span,
    /// Where it begins, in seconds.
    pub(super) start_s: f64,
    pub(super) extractor: Extractor,
    /// Those who share the work, if it is shared.
    pub(super) team: Option<Team>,
    /// Samples since rows were taken last.
    pub(super) untaken: usize,
    pub(super) gauge: Option<Gauge>,
    pub(super) rows: Rows,
}

/// Rows of descriptors that are handed on at once.
const PIECE: usize = 1000;

impl Pass {
    /// Gives running part `i` what is its own of the block that begins with sample `first`; true if that ended it.
    pub(super) fn feed(&mut self, i: usize, first: u64, block: &[f32]) -> Result<bool, Error> {
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
        let kept = match outcome {
            Ok(()) => Kept::Here(Box::new(rows)),
            Err(error) => Kept::Failed(Box::new(error)),
        };
        self.room += kept.bytes();
        self.done.push(AnalysedPart { span, kept });
        // Windows leave `done` with every block.
        if !self.windowed && self.room > HELD {
            let parts = &mut self.done[self.away..];
            self.spill
                .put_away(parts.iter_mut().map(|part| &mut part.kept))?;
            (self.room, self.away) = (0, self.done.len());
        }
        Ok(())
    }

    /// The recording ends: so do its parts, and those that lie behind it have no samples. Windows go on for ever, so of these only
    /// the whole ones count, or the first.
    pub(super) fn end(&mut self, rest: impl Iterator<Item = Span>) -> Result<(), Error> {
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
        let never = |span: Span| {
            let error = match span.first {
                0 => ser_features::Error::TooShort { seconds: 0.0 }.into(),
                _ => Error::BehindEnd { audio_s },
            };
            let kept = Kept::Failed(Box::new(error));
            AnalysedPart { span, kept }
        };
        self.done.extend(rest.take_while(counts).map(never));
        Ok(())
    }

    /// Windows end in the order in which they began, but not within a block. What is no row stays among the parts.
    pub(super) fn put_windows_in_order(&mut self) -> Result<(), Error> {
        if !self.windowed {
            return Ok(());
        }
        self.sort();
        let mut gauged = std::mem::take(&mut self.gauged).into_iter().peekable();
        let seconds = |sample: u64| sample as f64 / f64::from(self.rate_hz);
        for AnalysedPart { span, kept } in std::mem::take(&mut self.done) {
            match kept {
                Kept::Here(mut rows) => {
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
                kept => self.done.push(AnalysedPart { span, kept }),
            }
        }
        Ok(())
    }

    /// Parts and what was measured of them in the order in which they were asked for.
    fn sort(&mut self) {
        self.done.sort_unstable_by_key(|part| part.span.index);
        self.gauged.sort_unstable_by_key(|(index, _)| *index);
    }

    /// The parts in order, all of them read.
    pub(super) fn parts(&mut self, parts: &Parts, audio_s: f64) -> Vec<AnalysedPart> {
        self.sort();
        let mut gauged = std::mem::take(&mut self.gauged).into_iter().peekable();
        for part in &self.done {
            if let Some((_, quality)) = gauged.next_if(|(index, _)| *index == part.span.index) {
                let place = part.place(parts, self.rate_hz, audio_s);
                self.qualities.push(at(quality, place));
            }
        }
        (self.room, self.away) = (0, 0);
        std::mem::take(&mut self.done)
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

/// Where a part begins, in seconds.
pub(super) fn start_s(span: &Span, parts: &Parts, rate_hz: u32) -> f64 {
    match parts {
        Parts::Whole => 0.0,
        Parts::Segments(segments) => segments[span.index].start.as_secs_f64(),
        Parts::Windows(_) => span.first as f64 / f64::from(rate_hz),
    }
}
