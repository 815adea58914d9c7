//! A recording measured as the rows of a table were.
//!
//! ```text
//! samples ─ channel, rate ─ level ─ 16 bit ─ the set's functionals          each step as the table's identity says
//! ```
//!
//! A model that learnt from a table gives its answers only for numbers of the same making: another set with the same columns, or the same set at
//! another rate, is another model's food. Every step is the function that made the table, so the numbers are the same bits.

use super::Error;
use super::front_end::{RecordingFacts, Sound};
use ser_audio::Resampler;
use ser_corpora::prepare::{gain, round_to_16_bit};
use ser_features::{Extractor, Level};
use ser_tables::{Identity, RateRule};

/// Measures recordings, one after the other.
#[derive(Clone, Debug)]
pub struct AsTable {
    identity: Identity,
    /// Of the last rate met.
    extractor: Option<Extractor>,
}

impl AsTable {
    /// Measures as rows of this identity were.
    pub fn new(identity: &Identity) -> AsTable {
        AsTable {
            identity: identity.clone(),
            extractor: None,
        }
    }

    /// How a recording is read: the table's channel, at the table's rate.
    pub fn reading(identity: &Identity) -> ser_audio::DecodingSettings {
        let channel = identity.signal.channel;
        ser_audio::DecodingSettings {
            channel: channel.map(|channel| channel.saturating_sub(1)),
            rate: match identity.signal.rate {
                RateRule::Own => None,
                RateRule::Hz(rate) => Some(rate),
            },
        }
    }

    /// The features of a sound, and what it is like at the table's rate and level.
    ///
    /// # Errors
    /// Samples that are too few, too loud or no numbers, a rate that cannot be resampled, a feature without a value.
    pub fn measure(&mut self, sound: &Sound) -> Result<(Vec<f32>, RecordingFacts), Error> {
        let (samples, rate_hz) = self.conditioned(sound)?;
        let features = self.features(&samples, rate_hz)?;
        let voiced = voiced(&self.identity, &features);
        Ok((features, RecordingFacts::of(&samples, rate_hz, voiced)))
    }

    /// What a sound is like whose features are known.
    ///
    /// # Errors
    /// A rate that cannot be resampled.
    pub fn facts(&self, sound: &Sound, features: &[f32]) -> Result<RecordingFacts, Error> {
        let (samples, rate_hz) = self.conditioned(sound)?;
        Ok(RecordingFacts::of(
            &samples,
            rate_hz,
            voiced(&self.identity, features),
        ))
    }

    /// Samples and their rate as the table had them.
    fn conditioned(&self, sound: &Sound) -> Result<(Vec<f32>, u32), Error> {
        let signal = self.identity.signal;
        let mut samples = sound.samples.clone();
        let mut rate_hz = sound.rate_hz;
        if let RateRule::Hz(wanted) = signal.rate
            && wanted != rate_hz
        {
            let mut resampled = Vec::new();
            let mut resampler = Resampler::new(rate_hz, wanted)?;
            resampler.push(&samples, &mut resampled);
            resampler.finish(&mut resampled);
            (samples, rate_hz) = (resampled, wanted);
        }
        let (factor, _) = gain(&samples, rate_hz, signal.level_db);
        if factor != 1.0 {
            samples.iter_mut().for_each(|sample| *sample *= factor);
        }
        if signal.sixteen_bit {
            round_to_16_bit(&mut samples);
        }
        Ok((samples, rate_hz))
    }

    fn features(&mut self, samples: &[f32], rate_hz: u32) -> Result<Vec<f32>, Error> {
        let kept = self
            .extractor
            .take()
            .filter(|kept| kept.rate_hz() == rate_hz);
        let mut extractor = match kept {
            Some(extractor) => extractor,
            None => Extractor::new(self.identity.set, rate_hz, Level::Functionals)?,
        };
        let pushed = extractor.push(samples);
        let features = pushed.and_then(|()| extractor.finish());
        extractor.reset();
        self.extractor = Some(extractor);
        let features = features?;
        let without: Vec<String> = features
            .names()
            .zip(features.values())
            .filter(|(_, value)| !value.is_finite())
            .map(|(name, _)| name.to_string())
            .collect();
        match without.is_empty() {
            true => Ok(features.values().to_vec()),
            false => Err(Error::NoValue(without)),
        }
    }
}

/// The voiced share of what the features are of: voiced segments per second times their mean length; 0 of a set that has neither.
fn voiced(identity: &Identity, features: &[f32]) -> f64 {
    let names = ser_features::feature::names(identity.set, identity.level);
    let value = |name: &str| {
        let at = names.iter().position(|known| *known == name)?;
        features.get(at).map(|value| f64::from(*value))
    };
    let rate = value("VoicedSegmentsPerSec");
    rate.zip(value("MeanVoicedSegmentLengthSec"))
        .map_or(0.0, |(rate, length)| rate * length)
}
