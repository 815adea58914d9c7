//! Samples in, features out, for as many recordings as one likes.

use super::egemaps::contours::Contours;
use super::egemaps::graph::{FormantsIn, Graph};
use super::egemaps::summary::{descriptor_rows, summarise};
use super::egemaps::version::FeatureSet;
use super::features::{Features, Level};
use super::ser;
use crate::error::Error;
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
    graph: Wiring,
}

/// The wiring diagram of a set: that of the published ones, or the mended one.
#[derive(Clone, Debug)]
enum Wiring {
    Published(Box<Graph>),
    Mended(Box<ser::graph::Graph>),
}

impl Extractor {
    /// Plans the extraction of `set` from samples at `rate_hz`.
    ///
    /// # Errors
    /// [`Error::SampleRate`] outside 4 … 192 kHz; [`Error::RateOfSet`] where the set is defined at another rate. Files are resampled
    /// ([`crate::extract`]); samples are not, because their owner knows best where they begin and end.
    pub fn new(set: FeatureSet, rate_hz: u32, level: Level) -> Result<Self, Error> {
        let rate = SampleRate::new(rate_hz)?;
        if let Some(needed) = set.rate_hz().filter(|&needed| needed != rate_hz) {
            return Err(Error::RateOfSet {
                set,
                needed,
                given: rate_hz,
            });
        }
        let formants_in = match level {
            Level::Functionals => FormantsIn::VoicedFrames,
            Level::Descriptors => FormantsIn::AllFrames,
        };
        Ok(Self {
            set,
            level,
            rate,
            graph: match set.rules() {
                Some(rules) => Wiring::Published(Box::new(Graph::new(rate, rules, formants_in))),
                None => Wiring::Mended(Box::new(ser::graph::Graph::new(rate, false))),
            },
        })
    }

    /// Takes the effect of the formants off the harmonics in H1–H2 and H1–A3 of eGeMAPS-ser (Iseli, Alwan 2004), which leaves that of the voice
    /// source. No effect on other sets.
    pub fn with_corrected_harmonics(mut self) -> Self {
        if let Wiring::Mended(graph) = &mut self.graph {
            **graph = ser::graph::Graph::new(self.rate, true);
        }
        self
    }

    /// The sample rate in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate.hz()
    }

    /// Fewest samples of a recording that gives features: one frame of 60 ms.
    pub fn shortest_samples(&self) -> usize {
        self.rate.samples(SHORTEST_S)
    }

    /// Reserves memory for a recording of `samples`; a hint.
    pub fn reserve(&mut self, samples: usize) {
        match &mut self.graph {
            Wiring::Published(graph) => graph.reserve(samples),
            Wiring::Mended(graph) => graph.reserve(samples),
        }
    }

    fn length_samples(&self) -> usize {
        match &self.graph {
            Wiring::Published(graph) => graph.length_samples(),
            Wiring::Mended(graph) => graph.length_samples(),
        }
    }

    /// Takes in the next samples, mono, full scale ± 1.
    ///
    /// # Errors
    /// [`Error::NotFinite`] or [`Error::TooLoud`] with the time of the first sample that is infinite, not a number, or beyond
    /// ± 2.2·10⁹; nothing of the block was taken in then.
    pub fn push(&mut self, samples: &[f32]) -> Result<(), Error> {
        let credible = |x: f32| x.abs() <= LOUDEST;
        if let Some(at) = samples.iter().position(|&x| !credible(x)) {
            let position = self.length_samples() + at;
            let seconds = position as f64 * self.rate.period_s();
            return Err(match samples[at].is_finite() {
                true => Error::TooLoud { seconds },
                false => Error::NotFinite { seconds },
            });
        }
        match &mut self.graph {
            Wiring::Published(graph) => graph.push(samples),
            Wiring::Mended(graph) => graph.push(samples),
        }
        Ok(())
    }

    /// Ends the recording and gives its features. The extractor is then ready for the next one.
    ///
    /// # Errors
    /// [`Error::TooShort`] below one frame of 60 ms.
    pub fn finish(&mut self) -> Result<Features, Error> {
        let samples = self.length_samples();
        let rate_hz = f64::from(self.rate.hz());
        let seconds = |samples: usize| samples as f64 / rate_hz;
        if samples < self.shortest_samples() {
            self.reset();
            return Err(Error::TooShort {
                seconds: seconds(samples),
            });
        }
        let level = self.level;
        let (hop, length, rows, values) = match &mut self.graph {
            Wiring::Published(graph) => {
                let (hop, length) = (graph.geometry().hop, graph.geometry().short.length);
                let contours = graph.finish();
                let values = at(level, contours, self.set, summarise, descriptor_rows);
                (hop, length, contours.long_frames() + 1, values)
            }
            Wiring::Mended(graph) => {
                let (hop, length) = (graph.hop(), graph.frame_length());
                let contours = graph.finish();
                let (functionals, rows) = (ser::summary::summarise, ser::summary::descriptor_rows);
                let values = at(
                    level,
                    contours,
                    self.set,
                    |c, _| functionals(c),
                    |c, _| rows(c),
                );
                (hop, length, contours.long_frames(), values)
            }
        };
        let mut spans: Vec<_> = match level {
            Level::Functionals => vec![(0.0, 0.0)],
            Level::Descriptors => (0..rows)
                .map(|t| (seconds(t * hop), seconds(t * hop + length)))
                .collect(),
        };
        if let Some(last) = spans.last_mut() {
            last.1 = seconds(samples);
        }
        self.reset();
        Ok(Features::new(self.set, self.level, spans, values))
    }

    /// Forgets the samples pushed so far.
    pub fn reset(&mut self) {
        match &mut self.graph {
            Wiring::Published(graph) => graph.reset(),
            Wiring::Mended(graph) => graph.reset(),
        }
    }
}

/// The values of a level.
fn at(
    level: Level,
    contours: &Contours,
    set: FeatureSet,
    functionals: impl Fn(&Contours, FeatureSet) -> Vec<f32>,
    rows: impl Fn(&Contours, FeatureSet) -> Vec<f32>,
) -> Vec<f32> {
    match level {
        Level::Functionals => functionals(contours, set),
        Level::Descriptors => rows(contours, set),
    }
}
