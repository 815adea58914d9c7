//! Samples in, features out, for as many recordings as one likes.

use std::ops::Range;

use super::egemaps::stretch::{Analyst, Stretch};
use super::egemaps::version::FeatureSet;
use super::features::{Features, Level};
use super::graph::Graph;
use crate::error::Error;
use crate::lanes::widest;
use crate::unit::SampleRate;

/// The largest sample taken in, some 187 dB above full scale: integers of 32 bit that somebody forgot to scale are still
/// analysed. Powers of such samples, summed and scaled as for MFCC, stay below the largest `f32`.
const LOUDEST: f32 = 2.2e9;

/// The shortest recording in seconds: one long frame of the published sets.
const SHORTEST_S: f64 = 0.060;

/// Extracts one set at one sample rate. Planning happens in [`new`](Self::new); push blocks of any size, then
/// finish. The size of the blocks never changes a bit of the result.
///
/// ```
/// use ser_features::{Extractor, FeatureSet, Level};
///
/// let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Functionals)?;
/// // One second of a 220 Hz sawtooth.
/// let samples: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
/// extractor.push(&samples)?;
/// let features = extractor.finish()?;
/// // 220 Hz is three octaves above 27.5 Hz.
/// let pitch = features.get("F0semitoneFrom27.5Hz_sma3nz_amean").unwrap();
/// assert!((pitch - 36.0).abs() < 0.1);
/// # Ok::<(), ser_features::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Extractor {
    set: FeatureSet,
    level: Level,
    rate: SampleRate,
    graph: Box<dyn Graph>,
    /// Rows of descriptors handed out so far.
    taken: usize,
}

impl Extractor {
    /// Plans the extraction of `set` from samples at `rate_hz`.
    ///
    /// # Errors
    /// [`Error::SampleRate`] outside 4 … 192 kHz; [`Error::RateOfSet`] where the set is defined at another rate. Samples are not resampled
    /// here, because their owner knows best where they begin and end.
    pub fn new(set: FeatureSet, rate_hz: u32, level: Level) -> Result<Self, Error> {
        let rate = SampleRate::new(rate_hz)?;
        if let Some(needed) = set.rate_hz().filter(|&needed| needed != rate_hz) {
            return Err(Error::RateOfSet {
                set: set.name(),
                needed,
                given: rate_hz,
            });
        }
        Ok(Self {
            set,
            level,
            rate,
            graph: (set.definition().graph)(rate, set.rules(), level),
            taken: 0,
        })
    }

    /// The sample rate in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate.hz()
    }

    /// Fewest samples of a recording that gives features: one frame of 60 ms.
    pub fn shortest_samples(&self) -> usize {
        self.rate.samples(SHORTEST_S)
    }

    /// How late rows are: row `t` is among those taken when the 60 ms frame `t + delay()` is complete, or earlier. `None` where rows
    /// are final only when the recording has ended, as in eGeMAPS-ser, which judges background by the whole recording, and for functionals.
    pub fn delay(&self) -> Option<usize> {
        match self.level {
            Level::Functionals => None,
            Level::Descriptors => self.set.definition().delay,
        }
    }

    /// Reserves memory for a recording of `samples`; a hint.
    pub fn reserve(&mut self, samples: usize) {
        self.graph.reserve(samples);
    }

    /// Takes in the next samples, mono, full scale ± 1.
    ///
    /// # Errors
    /// [`Error::NotFinite`] or [`Error::TooLoud`] with the time of the first sample that is infinite, not a number, or beyond
    /// ± 2.2·10⁹; nothing of the block was taken in then.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), Error> {
        self.check(samples)?;
        self.graph.push(samples);
        Ok(())
    }

    /// Are all of the next samples numbers of a credible size?
    fn check(&self, samples: &[f32]) -> Result<(), Error> {
        let credible = |x: f32| x.abs() <= LOUDEST;
        // All of a piece together, which is many times as fast as one after the other.
        let first_odd = widest(
            #[inline(always)]
            || {
                samples.chunks(256).enumerate().find_map(|(i, piece)| {
                    let all = piece.iter().fold(true, |all, &x| all & credible(x));
                    (!all).then_some(256 * i)
                })
            },
        );
        let Some(from) = first_odd else {
            return Ok(());
        };
        let at = from + samples[from..].iter().take_while(|&&x| credible(x)).count();
        let position = self.graph.length_samples() + at;
        let seconds = position as f64 * self.rate.period_s();
        Err(match samples[at].is_finite() {
            true => Error::TooLoud { seconds },
            false => Error::NotFinite { seconds },
        })
    }

    /// One that analyses stretches of this extractor's recordings, on another thread perhaps; `None` where the set is not made for it.
    ///
    /// ```
    /// use ser_features::{Extractor, FeatureSet, Level};
    ///
    /// let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 8_000, Level::Functionals)?;
    /// let samples: Vec<f32> = (0..80_000).map(|i| (i as f32 * 220.0 / 8_000.0).fract() - 0.5).collect();
    /// extractor.push(&samples)?;
    /// let whole = extractor.finish()?;
    ///
    /// let mut analyst = extractor.analyst().unwrap();
    /// let mut work = extractor.cut(&samples)?;
    /// work.extend(extractor.cut_rest());
    /// // In any order; here the last one first.
    /// while let Some(stretch) = work.pop() {
    ///     work.extend(extractor.join(analyst.work(stretch)));
    /// }
    /// work.extend(extractor.decide_rest());
    /// while let Some(stretch) = work.pop() {
    ///     extractor.join(analyst.work(stretch));
    /// }
    /// assert_eq!(extractor.finish()?.values(), whole.values());
    /// # Ok::<(), ser_features::Error>(())
    /// ```
    pub fn analyst(&mut self) -> Option<Analyst> {
        self.graph.in_stretches().map(|graph| graph.analyst())
    }

    /// Takes in the next samples as [`push`](Self::push) does, and leaves the analysis to others: gives the stretches that are complete with them. A recording
    /// is either pushed or cut.
    ///
    /// # Errors
    /// As [`push`](Self::push).
    pub fn cut(&mut self, samples: &[f32]) -> Result<Vec<Stretch>, Error> {
        self.check(samples)?;
        let graph = self.graph.in_stretches();
        Ok(graph.map_or_else(Vec::new, |graph| graph.cut(samples)))
    }

    /// What is left when the recording has ended.
    pub fn cut_rest(&mut self) -> Vec<Stretch> {
        let graph = self.graph.in_stretches();
        graph.map_or_else(Vec::new, |graph| graph.cut_rest())
    }

    /// Takes back a stretch that an analyst has worked on; gives those that must go to one again.
    pub fn join(&mut self, stretch: Stretch) -> Vec<Stretch> {
        let graph = self.graph.in_stretches();
        graph.map_or_else(Vec::new, |graph| graph.join(stretch))
    }

    /// When all stretches of a recording have come back once: those whose pitch is decided by its end. When these too are back, [`finish`](Self::finish) ends
    /// the recording as ever.
    pub fn decide_rest(&mut self) -> Vec<Stretch> {
        let graph = self.graph.in_stretches();
        graph.map_or_else(Vec::new, |graph| graph.decide_rest())
    }

    /// The rows of descriptors that became final since the last call, which may be none. These rows and those that [`finish`](Self::finish)
    /// gives at the end are together, to the bit, what `finish` alone gives of the whole recording.
    ///
    /// ```
    /// use ser_features::{Extractor, FeatureSet, Level};
    ///
    /// let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Descriptors)?;
    /// let second: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
    /// let mut rows = 0;
    /// for block in second.chunks(160) {
    ///     extractor.push(block)?;
    ///     rows += extractor.take_rows().rows().len();
    /// }
    /// // One second has 95 frames of 60 ms; at most delay() of them are open.
    /// assert!(rows >= 95 - extractor.delay().unwrap());
    /// assert_eq!(rows + extractor.finish()?.rows().len(), 96);
    /// # Ok::<(), ser_features::Error>(())
    /// ```
    pub fn take_rows(&mut self) -> Features {
        let last = match self.level {
            Level::Functionals => 0,
            Level::Descriptors => {
                self.graph.settle();
                (self.set.definition().final_rows)(self.graph.contours())
            }
        };
        let rows = self.rows(last);
        // The next row needs its left neighbour.
        self.graph.forget_before(self.taken.saturating_sub(1));
        rows
    }

    /// Ends the recording and gives its features: the functionals, or the rows of descriptors that were not taken before. The extractor is then ready
    /// for the next recording.
    ///
    /// # Errors
    /// [`Error::TooShort`] below one frame of 60 ms, [`Error::Scratch`] if the temporary file of a recording of more than 22 minutes is lost.
    pub fn finish(&mut self) -> Result<Features, Error> {
        let mut all = Features::new(self.set, self.level, Vec::new(), Vec::new());
        self.finish_in_pieces(usize::MAX, |piece| all = piece)?;
        Ok(all)
    }

    /// As [`finish`](Self::finish), with the rows in order in pieces of at most `most`, so that the descriptors of a day never are in memory together.
    ///
    /// # Errors
    /// As [`finish`](Self::finish); what was handed over before belongs to the recording all the same.
    pub fn finish_in_pieces(
        &mut self,
        most: usize,
        accept: impl FnMut(Features),
    ) -> Result<(), Error> {
        let outcome = self.end(most.max(1), accept);
        self.reset();
        outcome
    }

    fn end(&mut self, most: usize, mut accept: impl FnMut(Features)) -> Result<(), Error> {
        let samples = self.graph.length_samples();
        let end_s = samples as f64 / f64::from(self.rate.hz());
        if samples < self.shortest_samples() {
            return Err(Error::TooShort { seconds: end_s });
        }
        let definition = self.set.definition();
        let contours = self.graph.finish();
        let last = match self.level {
            Level::Functionals => 1,
            Level::Descriptors => (definition.rows)(contours),
        };
        loop {
            let mut piece = match self.level {
                Level::Functionals => {
                    let values = (definition.functionals)(self.graph.contours(), self.set);
                    self.taken = last;
                    Features::new(self.set, self.level, vec![(0.0, end_s)], values)
                }
                Level::Descriptors => self.rows(last.min(self.taken.saturating_add(most))),
            };
            if self.graph.contours().is_lost() {
                return Err(Error::Scratch);
            }
            let is_last = self.taken >= last;
            if is_last {
                piece.place(0.0, end_s);
            }
            accept(piece);
            if is_last {
                return Ok(());
            }
        }
    }

    /// The rows of descriptors up to `last` that were not taken yet.
    fn rows(&mut self, last: usize) -> Features {
        let rows = self.taken..last.max(self.taken);
        self.taken = rows.end;
        let values = match self.level {
            Level::Functionals => Vec::new(),
            Level::Descriptors => {
                let descriptor_rows = self.set.definition().descriptor_rows;
                descriptor_rows(self.graph.contours(), self.set, rows.clone())
            }
        };
        Features::new(self.set, self.level, self.spans(rows), values)
    }

    /// Start and end of rows in seconds.
    fn spans(&self, rows: Range<usize>) -> Vec<(f64, f64)> {
        let (hop, length) = (self.graph.hop(), self.graph.frame_length());
        let seconds = |samples: usize| samples as f64 / f64::from(self.rate.hz());
        rows.map(|t| (seconds(t * hop), seconds(t * hop + length)))
            .collect()
    }

    /// Forgets the samples pushed so far.
    pub fn reset(&mut self) {
        self.graph.reset();
        self.taken = 0;
    }
}
