//! One recording made ready: read once, brought to rate and level, written, measured.
//!
//! Audio is 16 bit. A 16-bit recording whose rate and level stay is written with its own samples: decoding divides by 32767 and writing
//! multiplies by it. A level never makes a recording clip: the gain stops short of it, and the result says so. Without a level the gain is
//! untouched; a resampler may then go beyond full scale (a recording normalised to its last step does), which is clipped, counted and told.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{PreparationSettings, atomic_write, with_slashes};
use crate::entry::Entry;
use crate::sound::Sound;
use ser_features::feature::{Extractor, FeatureSet, Level};
use ser_features::level::speech_level;

/// A format of the audio written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum AudioFormat {
    /// WAV, 16 bit.
    Wav,
    /// FLAC, 16 bit: the same samples in about half the space.
    Flac,
}

impl AudioFormat {
    /// Its extension.
    pub fn extension(self) -> &'static str {
        match self {
            AudioFormat::Wav => "wav",
            AudioFormat::Flac => "flac",
        }
    }
}

/// What is known of a recording after it was made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Made {
    /// SHA-256 of the original file.
    pub sha256: String,
    /// Fingerprint of what is heard, at the rate made, before any gain.
    pub fingerprint: Option<String>,
    pub seconds: f64,
    pub rate: u32,
    /// Gain applied, dB.
    pub gain_db: f64,
    pub gain_limited: bool,
    /// Samples beyond full scale that were clipped.
    pub clipped: usize,
    /// The audio written, from the folder.
    pub audio: Option<String>,
    /// Features as their bits, so that they come back exactly.
    pub features: Option<Vec<u32>>,
    /// Why there are none, where they were asked for.
    pub no_features: Option<String>,
}

impl Made {
    /// The features.
    pub fn values(&self) -> Option<Vec<f32>> {
        Some(
            self.features
                .as_ref()?
                .iter()
                .map(|&bits| f32::from_bits(bits))
                .collect(),
        )
    }
}

/// Rates whose plans are kept.
const MOST_EXTRACTORS: usize = 8;

/// Makes recordings, one after the other; keeps the extractors of the rates it met.
pub(crate) struct Maker<'a> {
    settings: &'a PreparationSettings,
    folder: &'a Path,
    extractors: Vec<Extractor>,
}

impl<'a> Maker<'a> {
    /// A maker that has planned nothing yet.
    pub fn new(settings: &'a PreparationSettings, folder: &'a Path) -> Self {
        Self {
            settings,
            folder,
            extractors: Vec::new(),
        }
    }

    /// Makes a recording.
    ///
    /// # Errors
    /// Why it cannot be read or written.
    pub fn make(&mut self, corpus: &str, entry: &Entry) -> Result<Made, String> {
        // Without audio, samples are only for features, and those of some sets have a rate of their own.
        let of_set = self.settings.features.and_then(FeatureSet::rate_hz);
        let rate = match self.settings.audio {
            None => self.settings.rate.or(of_set),
            Some(_) => self.settings.rate,
        };
        let mut sound = Sound::read(entry, rate).map_err(|error| error.to_string())?;
        if sound.samples.is_empty() {
            return Err("holds no sample".into());
        }
        let fingerprint = sound
            .fingerprint()
            .map(|print| print.iter().map(|byte| format!("{byte:02x}")).collect());
        let (gain, gain_limited) = gain(&sound.samples, sound.rate, self.settings.level_db);
        if gain != 1.0 {
            sound.samples.iter_mut().for_each(|sample| *sample *= gain);
        }
        let mut clipped = 0;
        let audio = match self.settings.audio {
            None => None,
            Some(format) => {
                clipped = sound
                    .samples
                    .iter()
                    .filter(|sample| beyond(**sample))
                    .count();
                let integers: Vec<i16> = sound
                    .samples
                    .iter()
                    .map(|&sample| quantised(sample))
                    .collect();
                round_to_16_bit(&mut sound.samples);
                let path = audio_path(corpus, entry, format);
                let target = self.folder.join(&path);
                match format {
                    AudioFormat::Wav => write_wav(&target, &integers, sound.rate)?,
                    AudioFormat::Flac => write_flac(&target, &integers, sound.rate)?,
                }
                Some(with_slashes(&path))
            }
        };
        let (features, no_features) = match self.settings.features {
            None => (None, None),
            Some(set) => match self.features(set, &sound) {
                Ok(bits) => (Some(bits), None),
                Err(error) => (None, Some(error)),
            },
        };
        Ok(Made {
            seconds: sound.seconds(),
            rate: sound.rate,
            sha256: sound.sha256,
            fingerprint,
            gain_db: 20.0 * f64::from(gain).log10(),
            gain_limited,
            clipped,
            audio,
            features,
            no_features,
        })
    }

    fn features(&mut self, set: FeatureSet, sound: &Sound) -> Result<Vec<u32>, String> {
        if let Some(of_set) = set.rate_hz().filter(|rate| *rate != sound.rate) {
            return Err(format!(
                "is at {} Hz and {set} is defined at {of_set} Hz: with --audio, say --rate {of_set} as well, so that audio and features are of the same samples",
                sound.rate
            ));
        }
        let known = self
            .extractors
            .iter()
            .position(|extractor| extractor.rate_hz() == sound.rate);
        let at = match known {
            Some(at) => at,
            None => {
                if self.extractors.len() == MOST_EXTRACTORS {
                    self.extractors.remove(0);
                }
                let extractor = Extractor::new(set, sound.rate, Level::Functionals);
                self.extractors
                    .push(extractor.map_err(|error| error.to_string())?);
                self.extractors.len() - 1
            }
        };
        let extractor = &mut self.extractors[at];
        extractor.reset();
        extractor
            .push(&sound.samples)
            .map_err(|error| error.to_string())?;
        let features = extractor.finish().map_err(|error| error.to_string())?;
        Ok(features
            .values()
            .iter()
            .map(|value| value.to_bits())
            .collect())
    }
}

/// The factor that brings samples to a level without clipping, and whether that was less than asked for.
pub fn gain(samples: &[f32], rate_hz: u32, level_db: Option<f64>) -> (f32, bool) {
    let peak = samples
        .iter()
        .fold(0.0_f32, |peak, sample| peak.max(sample.abs()));
    let level = level_db.and_then(|level_db| {
        let found = speech_level(samples, rate_hz)?.level_db;
        Some(libm::pow(10.0, (level_db - found) / 20.0) as f32)
    });
    let most = if peak > 0.0 { 1.0 / peak } else { 1.0 };
    match level {
        Some(gain) if gain > most => (most, true),
        Some(gain) => (gain, false),
        None => (1.0, false),
    }
}

/// Rounds samples to the steps that audio of 16 bit has.
pub fn round_to_16_bit(samples: &mut [f32]) {
    for sample in samples {
        *sample = f32::from(quantised(*sample)) / 32767.0;
    }
}

/// Whether a sample has no step of 16 bit. (-32768 is decoded as slightly below -1, and has one.)
fn beyond(sample: f32) -> bool {
    !(-32768.5..32767.5).contains(&(sample * 32767.0))
}

/// The nearest step of 16 bit.
fn quantised(sample: f32) -> i16 {
    // The conversion saturates.
    (sample * 32767.0).round() as i16
}

/// Where the audio of a recording goes, from the folder.
fn audio_path(corpus: &str, entry: &Entry, format: AudioFormat) -> PathBuf {
    let stem = entry
        .path
        .rsplit_once('.')
        .map_or(entry.path.as_str(), |(stem, _)| stem);
    let part = entry.part.map_or(String::new(), |(start, end)| {
        let ms = |seconds: f64| (seconds * 1000.0).round() as u64;
        format!(
            "_{:07}-{}",
            ms(start),
            end.map_or("end".into(), |end| format!("{:07}", ms(end)))
        )
    });
    PathBuf::from(format!(
        "audio/{corpus}/{stem}{part}.{}",
        format.extension()
    ))
}

fn write_wav(path: &Path, samples: &[i16], rate: u32) -> Result<(), String> {
    let header = hound::WavSpec {
        channels: 1,
        sample_rate: rate,
        bits_per_sample: 16,
        sample_format: hound::SampleFormat::Int,
    };
    let mut bytes = io::Cursor::new(Vec::with_capacity(44 + 2 * samples.len()));
    let fill = |bytes: &mut io::Cursor<Vec<u8>>| -> Result<(), hound::Error> {
        let mut writer = hound::WavWriter::new(bytes, header)?;
        for &sample in samples {
            writer.write_sample(sample)?;
        }
        writer.finalize()
    };
    fill(&mut bytes).map_err(|error| error.to_string())?;
    write_bytes(path, bytes.get_ref())
}

fn write_flac(path: &Path, samples: &[i16], rate: u32) -> Result<(), String> {
    use flacenc::component::BitRepr;
    use flacenc::error::Verify;
    let failed = |what: &str| format!("cannot be written as FLAC ({what}); use --audio wav");
    let config = flacenc::config::Encoder::default()
        .into_verified()
        .map_err(|_| failed("its settings"))?;
    let samples: Vec<i32> = samples.iter().map(|&sample| i32::from(sample)).collect();
    let source = flacenc::source::MemSource::from_samples(&samples, 1, 16, rate as usize);
    let stream = flacenc::encode_with_fixed_block_size(&config, source, config.block_size)
        .map_err(|error| failed(&error.to_string()))?;
    let mut sink = flacenc::bitsink::ByteSink::new();
    stream
        .write(&mut sink)
        .map_err(|error| failed(&error.to_string()))?;
    let mut bytes = sink.as_slice().to_vec();
    // The shortest block in STREAMINFO leaves out the last one (RFC 9639, section 8.2); flacenc 0.5.1 counts it, and decoders then
    // take the stream for one of varying blocks and find it broken.
    let block = u16::try_from(config.block_size).map_err(|_| failed("its blocks are too long"))?;
    bytes[8..10].copy_from_slice(&block.to_be_bytes());
    bytes[10..12].copy_from_slice(&block.to_be_bytes());
    write_bytes(path, &bytes)
}

fn write_bytes(path: &Path, bytes: &[u8]) -> Result<(), String> {
    atomic_write::write(path, |file| io::Write::write_all(file, bytes))
        .map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sixteen_bit_samples_come_back_as_they_were() {
        for step in i16::MIN..=i16::MAX {
            assert_eq!(quantised(f32::from(step) / 32767.0), step);
        }
    }

    #[test]
    fn both_formats_hold_the_same_samples() {
        let folder = tempfile::tempdir().unwrap();
        for length in [1_usize, 100, 5000, 16_000] {
            let samples: Vec<i16> = (0..length)
                .map(|i| ((i as f64 * 0.07).sin() * 20_000.0) as i16)
                .collect();
            for format in [AudioFormat::Wav, AudioFormat::Flac] {
                let path = folder.path().join("a").with_extension(format.extension());
                match format {
                    AudioFormat::Wav => write_wav(&path, &samples, 16_000).unwrap(),
                    AudioFormat::Flac => write_flac(&path, &samples, 16_000).unwrap(),
                }
                let mut recording = ser_audio::Recording::open(&path, &Default::default()).unwrap();
                let mut back = Vec::new();
                while let Some(block) = recording.next_block().unwrap() {
                    back.extend(block.iter().map(|&sample| quantised(sample)));
                }
                assert_eq!(back, samples, "{format:?} of {length}");
            }
        }
    }
}
