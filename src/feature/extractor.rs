//! Samples in, features out, for as many recordings as one likes.

use super::egemaps::graph::{FormantsIn, Graph};
use super::egemaps::summary::{descriptor_rows, summarise};
use super::egemaps::version::FeatureSet;
use super::features::{Features, Level};
use crate::error::Error;
use crate::unit::SampleRate;

/// The largest sample taken in, some 187 dB above full scale: integers of 32 bit that somebody forgot to scale are still
/// analysed. Powers of such samples, summed and scaled as for MFCC, stay below the largest `f32`.
const LOUDEST: f32 = 2.2e9;

/// Extracts one set at one sample rate. Planning happens in [`new`](Self::new); push blocks of any size, then
/// finish. The size of the blocks never changes a bit of the result.
///
/// ```
/// use ser::{Extractor, FeatureSet, Level};
///
/// let mut extractor = Extractor::new(FeatureSet::EGeMapsV02, 16_000, Level::Functionals)?;
/// // One second of a 220 Hz sawtooth.
/// let samples: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
/// extractor.push(&samples)?;
/// let features = extractor.finish()?;
/// // 220 Hz is three octaves above 27.5 Hz.
/// let pitch = features.get("F0semitoneFrom27.5Hz_sma3nz_amean").unwrap();
/// assert!((pitch - 36.0).abs() < 0.1);
/// # Ok::<(), ser::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Extractor {
    set: FeatureSet,
    level: Level,
    rate: SampleRate,
    graph: Graph,
}

impl Extractor {
    /// Plans the extraction of `set` from samples at `rate_hz`.
    ///
    /// # Errors
    /// [`Error::SampleRate`] outside 4 … 192 kHz.
    pub fn new(set: FeatureSet, rate_hz: u32, level: Level) -> Result<Self, Error> {
        let rate = SampleRate::new(rate_hz)?;
        let formants_in = match level {
            Level::Functionals => FormantsIn::VoicedFrames,
            Level::Descriptors => FormantsIn::AllFrames,
        };
        Ok(Self {
            set,
            level,
            rate,
            graph: Graph::new(rate, set.rules(), formants_in),
        })
    }

    /// The sample rate in Hz.
    pub fn rate_hz(&self) -> u32 {
        self.rate.hz()
    }

    /// Fewest samples of a recording that gives features: one frame of 60 ms.
    pub fn shortest_samples(&self) -> usize {
        self.graph.geometry().long.length
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
        let credible = |x: f32| x.abs() <= LOUDEST;
        if let Some(at) = samples.iter().position(|&x| !credible(x)) {
            let position = self.graph.length_samples() + at;
            let seconds = position as f64 * self.rate.period_s();
            return Err(match samples[at].is_finite() {
                true => Error::TooLoud { seconds },
                false => Error::NotFinite { seconds },
            });
        }
        self.graph.push(samples);
        Ok(())
    }

    /// Ends the recording and gives its features. The extractor is then ready for the next one.
    ///
    /// # Errors
    /// [`Error::TooShort`] below one frame of 60 ms.
    pub fn finish(&mut self) -> Result<Features, Error> {
        let samples = self.graph.length_samples();
        let rate_hz = f64::from(self.rate.hz());
        let seconds = |samples: usize| samples as f64 / rate_hz;
        if samples < self.shortest_samples() {
            self.reset();
            return Err(Error::TooShort {
                seconds: seconds(samples),
            });
        }
        let (hop, length) = (
            self.graph.geometry().hop,
            self.graph.geometry().short.length,
        );
        let contours = self.graph.finish();
        let (spans, values) = match self.level {
            Level::Functionals => (vec![(0.0, seconds(samples))], summarise(contours, self.set)),
            Level::Descriptors => {
                let rows = contours.long_frames() + 1;
                let mut spans: Vec<_> = (0..rows)
                    .map(|t| (seconds(t * hop), seconds(t * hop + length)))
                    .collect();
                spans[rows - 1].1 = seconds(samples);
                (spans, descriptor_rows(contours, self.set))
            }
        };
        self.reset();
        Ok(Features::new(self.set, self.level, spans, values))
    }

    /// Forgets the samples pushed so far.
    pub fn reset(&mut self) {
        self.graph.reset();
    }
}
