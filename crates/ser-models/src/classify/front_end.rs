//! From a recording as it is to features that recordings share: one rate, one level, no silence at the ends.
//!
//! ```text
//! samples ─ 11 025 Hz ─ active level −26 dB ─ trim ─ level again ─┬─ eGeMAPSv02               88 features
//!            8 000 Hz                                            └─ 16 000 Hz ─ eGeMAPS-ser  88 more
//! ```
//!
//! The lower rate is for telephone speech, which has nothing above 3.4 to 4 kHz: what is not there cannot be compared with what is.
//!
//! What differs between corpora before anything is said in them is taken away where it can be: the rate (CREMA-D is resampled to 11 025 Hz here, and
//! the spectral columns move with the band), the recording level (loudness goes with it), and the silence that an editor left at the ends (rates of
//! segments and percentiles go with it). What was taken away is told as [`RecordingFacts`], so that a model can say what it has not learnt from.

use serde::{Deserialize, Serialize};

use super::Error;
use super::trim::trimmed;
use ser_audio::{Recording, Resampler};
use ser_features::level::{bandwidth_hz, speech_level};
use ser_features::unit::SampleRate;
use ser_features::{Extractor, FeatureSet, Level};

/// Stands between a set's name and a column's.
pub const PREFIX: &str = "/";

/// What a front end does; a model carries its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FrontEndSettings {
    /// Analysis rate, Hz.
    pub rate_hz: u32,
    /// Active speech level, dB re full scale.
    pub level_db: f64,
    /// How far below the active level speech begins and ends, dB.
    pub trim_db: f64,
    /// The feature sets, one after the other. A set that is defined at one rate gets the prepared speech at that.
    pub sets: Vec<String>,
}

impl Default for FrontEndSettings {
    fn default() -> FrontEndSettings {
        FrontEndSettings {
            rate_hz: 11_025,
            level_db: -26.0,
            trim_db: 20.0,
            sets: [FeatureSet::EGeMapsV02, FeatureSet::EGeMapsSer]
                .map(|set| set.name().into())
                .to_vec(),
        }
    }
}

impl FrontEndSettings {
    /// Of speech that ends at 4 kHz or less.
    pub fn narrow() -> FrontEndSettings {
        FrontEndSettings {
            rate_hz: 8000,
            ..FrontEndSettings::default()
        }
    }

    /// The names of the features that it computes, without planning how.
    ///
    /// # Errors
    /// A rate out of range, a set that is none.
    pub fn columns(&self) -> Result<Vec<String>, Error> {
        SampleRate::new(self.rate_hz)?;
        let mut columns = Vec::new();
        for (number, set) in self.sets.iter().enumerate() {
            let set: FeatureSet = set.parse()?;
            // All sets of 88 columns share their names: those of the first stand bare.
            let prefix = match number {
                0 => String::new(),
                _ => format!("{}{PREFIX}", set.name()),
            };
            let names = ser_features::feature::names(set, Level::Functionals);
            columns.extend(names.iter().map(|name| format!("{prefix}{name}")));
        }
        Ok(columns)
    }

    /// The sets with the revision of their numbers, where they are this program's own.
    pub fn told_sets(&self) -> Vec<String> {
        let told = |name: &String| {
            let revision = name.parse().ok().and_then(FeatureSet::revision);
            revision.map_or(name.clone(), |revision| {
                format!("{name} revision {revision}")
            })
        };
        self.sets.iter().map(told).collect()
    }
}

/// Samples as a file has them.
#[derive(Clone, Debug, PartialEq)]
pub struct Sound {
    /// Mono.
    pub samples: Vec<f32>,
    /// Their rate, Hz.
    pub rate_hz: u32,
}

impl Sound {
    /// Reads a recording at its own rate; the mean of its channels.
    ///
    /// # Errors
    /// What reading finds.
    pub fn open(path: &std::path::Path) -> Result<Sound, ser_audio::Error> {
        Sound::open_as(path, &ser_audio::DecodingSettings::default()).map(|(sound, _)| sound)
    }

    /// Reads a recording, with what there is to say about it.
    ///
    /// # Errors
    /// What reading finds; a recording that is too long to be held as a whole.
    pub fn open_as(
        path: &std::path::Path,
        settings: &ser_audio::DecodingSettings,
    ) -> Result<(Sound, Vec<ser_audio::Warning>), ser_audio::Error> {
        let mut recording = Recording::open(path, settings)?;
        let samples = recording.read_to_end()?;
        let rate_hz = recording.rate();
        Ok((Sound { samples, rate_hz }, recording.warnings()))
    }

    /// The stretches that are asked about, in seconds: the whole, or windows of a length, one every hop, that lie within it.
    pub fn stretches(&self, windows: Option<(f64, f64)>) -> Vec<(f64, f64)> {
        let length = self.samples.len() as f64 / f64::from(self.rate_hz);
        let Some((window, hop)) = windows else {
            return vec![(0.0, length)];
        };
        let count = if length < window {
            0
        } else {
            ((length - window) / hop + 1e-9) as usize + 1
        };
        (0..count)
            .map(|number| (number as f64 * hop, number as f64 * hop + window))
            .collect()
    }

    /// A stretch of it, in seconds.
    pub fn part(&self, start_s: f64, end_s: Option<f64>) -> Sound {
        let at = |seconds: f64| {
            ((seconds * f64::from(self.rate_hz)).round().max(0.0) as usize).min(self.samples.len())
        };
        let end = end_s.map_or(self.samples.len(), at);
        Sound {
            samples: self.samples[at(start_s).min(end)..end].to_vec(),
            rate_hz: self.rate_hz,
        }
    }
}

/// What a recording was before it was prepared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RecordingFacts {
    /// Active speech level, dB re full scale; none for silence.
    pub level_db: Option<f64>,
    /// Up to where there is anything in its spectrum, Hz; none for silence and for less than 2048 samples.
    pub bandwidth_hz: Option<f64>,
    /// Length of the recording, seconds.
    pub recording_s: f64,
    /// Length from the beginning to the end of speech, seconds.
    pub speech_s: f64,
    /// How much of that is voiced, 0 to 1.
    pub voiced: f64,
    /// Share of samples that stand at the highest or lowest value in a row of three or more.
    pub clipped: f64,
}

impl RecordingFacts {
    /// Those of samples as they are, of which the voiced share is known: speech begins and ends where it is 20 dB below its active level.
    pub fn of(samples: &[f32], rate_hz: u32, voiced: f64) -> RecordingFacts {
        let level_db = speech_level(samples, rate_hz).map(|level| level.level_db);
        let speech = match level_db {
            Some(level_db) => trimmed(
                samples,
                rate_hz,
                level_db - FrontEndSettings::default().trim_db,
            ),
            None => samples,
        };
        let seconds = |samples: &[f32]| samples.len() as f64 / f64::from(rate_hz);
        RecordingFacts {
            level_db,
            bandwidth_hz: bandwidth_hz(samples, rate_hz),
            recording_s: seconds(samples),
            speech_s: seconds(speech),
            voiced: voiced.clamp(0.0, 1.0),
            clipped: clipped(samples),
        }
    }
}

/// A recording made ready for a model.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// Features of the prepared speech; NaN where the voice has no such value.
    pub features: Vec<f32>,
    /// The number of the model's band that it was prepared for.
    pub band: usize,
    /// What the recording was.
    pub facts: RecordingFacts,
}

/// Prepares recordings, one after the other.
#[derive(Clone, Debug)]
pub struct FrontEnd {
    settings: FrontEndSettings,
    extractors: Vec<Extractor>,
    columns: Vec<String>,
    voiced: Option<(usize, usize)>,
}

impl FrontEnd {
    /// Plans.
    ///
    /// # Errors
    /// A rate out of range, a set that is none.
    pub fn new(settings: &FrontEndSettings) -> Result<FrontEnd, Error> {
        let columns = settings.columns()?;
        let mut extractors = Vec::new();
        for set in &settings.sets {
            let set: FeatureSet = set.parse()?;
            let rate_hz = set.rate_hz().unwrap_or(settings.rate_hz);
            extractors.push(Extractor::new(set, rate_hz, Level::Functionals)?);
        }
        let at = |name: &str| columns.iter().position(|column| column == name);
        Ok(FrontEnd {
            voiced: at("VoicedSegmentsPerSec").zip(at("MeanVoicedSegmentLengthSec")),
            extractors,
            settings: settings.clone(),
            columns,
        })
    }

    /// The names of the features; those of all sets but the first begin with the set's name and a slash.
    pub fn columns(&self) -> &[String] {
        &self.columns
    }

    /// What it does.
    pub fn settings(&self) -> &FrontEndSettings {
        &self.settings
    }

    /// Prepares mono samples.
    ///
    /// # Errors
    /// Samples that are no numbers or far too large, less speech than one frame of 60 ms, a rate that cannot be resampled.
    pub fn prepare(&mut self, samples: &[f32], rate_hz: u32) -> Result<Prepared, Error> {
        self.prepare_in(0, samples, rate_hz, bandwidth_hz(samples, rate_hz))
    }

    /// The same for a band of a model, the bandwidth being known.
    pub(crate) fn prepare_in(
        &mut self,
        band: usize,
        samples: &[f32],
        rate_hz: u32,
        bandwidth_hz: Option<f64>,
    ) -> Result<Prepared, Error> {
        let base = self.base(samples, rate_hz)?;
        let (features, speech_s) = self.features(&base)?;
        let voiced = self.voiced.map_or(0.0, |(rate, length)| {
            f64::from(features[rate]) * f64::from(features[length])
        });
        let facts = RecordingFacts {
            level_db: speech_level(samples, rate_hz).map(|level| level.level_db),
            bandwidth_hz,
            recording_s: samples.len() as f64 / f64::from(rate_hz),
            speech_s,
            voiced: voiced.clamp(0.0, 1.0),
            clipped: clipped(samples),
        };
        Ok(Prepared {
            features,
            band,
            facts,
        })
    }

    /// The samples at the analysis rate and level, silence included: where disturbances are put in.
    pub(crate) fn base(&self, samples: &[f32], rate_hz: u32) -> Result<Vec<f32>, Error> {
        // Said here with the time in the recording; the extractor would say it of the resampled one.
        if let Some(at) = samples.iter().position(|x| !x.is_finite()) {
            let seconds = at as f64 / f64::from(rate_hz);
            return Err(ser_features::Error::NotFinite { seconds }.into());
        }
        let mut base = resampled(samples, rate_hz, self.settings.rate_hz)?;
        self.level(&mut base);
        Ok(base)
    }

    /// Features of samples from [`base`](Self::base), and the seconds that are speech.
    pub(crate) fn features(&mut self, base: &[f32]) -> Result<(Vec<f32>, f64), Error> {
        let rate_hz = self.settings.rate_hz;
        let mut speech = trimmed(
            base,
            rate_hz,
            self.settings.level_db - self.settings.trim_db,
        )
        .to_vec();
        self.level(&mut speech);
        let mut features = Vec::with_capacity(self.columns.len());
        for extractor in &mut self.extractors {
            extractor.reset();
            match extractor.rate_hz() {
                own if own == rate_hz => extractor.push(&speech)?,
                own => extractor.push(&resampled(&speech, rate_hz, own)?)?,
            }
            features.extend_from_slice(extractor.finish()?.values());
        }
        Ok((features, speech.len() as f64 / f64::from(rate_hz)))
    }

    /// Brings samples to the active level; silence stays.
    pub(crate) fn level(&self, samples: &mut [f32]) {
        // Samples far from full scale have no level there: P.56 looks down to 2⁻¹⁵ of it.
        let peak = samples.iter().fold(0.0_f32, |peak, x| peak.max(x.abs()));
        if peak <= 0.0 {
            return;
        }
        if !(1e-3..=1.0).contains(&peak) {
            samples.iter_mut().for_each(|x| *x *= 0.5 / peak);
        }
        if let Some(found) = speech_level(samples, self.settings.rate_hz) {
            let gain = libm::pow(10.0, (self.settings.level_db - found.level_db) / 20.0) as f32;
            samples.iter_mut().for_each(|x| *x *= gain);
        }
    }
}

/// Samples at another rate.
pub(crate) fn resampled(samples: &[f32], from_hz: u32, to_hz: u32) -> Result<Vec<f32>, Error> {
    if from_hz == to_hz {
        return Ok(samples.to_vec());
    }
    let mut resampler = Resampler::new(from_hz, to_hz)?;
    let mut resampled = Vec::with_capacity(resampler.length_of(samples.len() as u64) as usize);
    resampler.push(samples, &mut resampled);
    resampler.finish(&mut resampled);
    Ok(resampled)
}

/// Share of samples in rows of three or more at the highest or lowest value.
fn clipped(samples: &[f32]) -> f64 {
    let high = samples.iter().copied().fold(0.0, f32::max);
    let low = samples.iter().copied().fold(0.0, f32::min);
    let mut clipped = 0;
    for run in samples.chunk_by(|a, b| a == b) {
        if run.len() >= 3 && run[0] != 0.0 && (run[0] == high || run[0] == low) {
            clipped += run.len();
        }
    }
    clipped as f64 / samples.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A voice of 120 Hz with pauses, 16 kHz.
    fn voice(gain: f32) -> Vec<f32> {
        let on = |t: f32| if (t * 2.0).fract() < 0.7 { 1.0 } else { 0.001 };
        let sample = |i: usize| {
            let t = i as f32 / 16_000.0;
            gain * on(t) * (0.4 - (t * 120.0).fract()) * 0.3
        };
        (0..32_000).map(sample).collect()
    }

    fn prepared(samples: &[f32]) -> Prepared {
        FrontEnd::new(&FrontEndSettings::default())
            .unwrap()
            .prepare(samples, 16_000)
            .unwrap()
    }

    #[test]
    fn gain_and_silence_at_the_ends_change_facts_and_hardly_any_feature() {
        let plain = prepared(&voice(1.0));
        let mut longer = vec![0.0; 8000];
        longer.extend(voice(0.1));
        longer.extend(vec![0.0; 16_000]);
        let changed = prepared(&longer);
        let (a, b) = (
            plain.facts.level_db.unwrap(),
            changed.facts.level_db.unwrap(),
        );
        // The envelope sinks into silence over some more of the hangover.
        assert!((a - b - 20.0).abs() < 0.5, "{a} {b}");
        assert!((plain.facts.speech_s - changed.facts.speech_s).abs() < 0.12);
        let front_end = FrontEnd::new(&FrontEndSettings::default()).unwrap();
        let names = front_end.columns();
        let of = |prepared: &Prepared, name: &str| {
            prepared.features[names.iter().position(|n| n == name).unwrap()]
        };
        for (name, tolerance) in [
            ("F0semitoneFrom27.5Hz_sma3nz_amean", 0.1),
            ("loudness_sma3_percentile80.0", 0.05),
            ("equivalentSoundLevel_dBp", 0.6),
        ] {
            let (a, b) = (of(&plain, name), of(&changed, name));
            assert!((a - b).abs() < tolerance, "{name}: {a} {b}");
        }
    }

    #[test]
    fn a_preparation_repeats_to_the_bit_whatever_came_before() {
        let mut front_end = FrontEnd::new(&FrontEndSettings::default()).unwrap();
        let first = front_end.prepare(&voice(1.0), 16_000).unwrap();
        let _ = front_end.prepare(&voice(0.3)[..700], 16_000);
        assert_eq!(front_end.prepare(&voice(1.0), 16_000).unwrap(), first);
    }

    #[test]
    fn silence_has_features_but_no_level() {
        let found = prepared(&[0.0; 16_000]);
        assert_eq!(
            (
                found.facts.level_db,
                found.facts.voiced,
                found.facts.clipped
            ),
            (None, 0.0, 0.0)
        );
        assert!(found.features[..88].iter().all(|x| x.is_finite()));
    }

    #[test]
    fn too_little_and_no_numbers_are_refused_with_their_place() {
        let mut front_end = FrontEnd::new(&FrontEndSettings::default()).unwrap();
        assert!(matches!(
            front_end.prepare(&[0.1; 100], 16_000),
            Err(Error::Features(ser_features::Error::TooShort { .. }))
        ));
        let mut samples = voice(1.0);
        samples[8000] = f32::NAN;
        assert!(
            matches!(front_end.prepare(&samples, 16_000), Err(Error::Features(ser_features::Error::NotFinite { seconds })) if seconds == 0.5)
        );
    }

    #[test]
    fn samples_that_stay_at_the_top_are_clipped() {
        assert_eq!(
            clipped(&[0.0, 0.9, 0.9, 0.9, 0.0, -0.5, -0.5, 0.1]),
            3.0 / 8.0
        );
        assert_eq!(clipped(&[0.0; 5]), 0.0);
    }
}
