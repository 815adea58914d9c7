//! What an answer may rest on besides the recording: a batch, a baseline of a speaker, or a speaker's other recordings.
//!
//! A [`Baseline`] holds means of transformed features and nothing else: no audio, and nothing fitted, so that it serves every model with the same
//! front end. It is a small JSON file.

use serde::{Deserialize, Serialize};

use super::basis::{Basis, RestsOn};
use super::relative::Centre;

/// The form of a baseline; others are refused.
const FORMAT: u32 = 1;
/// Recordings from which on a baseline has the reliability of three.
pub const CLIPS: usize = 3;

/// What an answer rests on.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Ground {
    /// The recording alone.
    #[default]
    Alone,
    /// A batch: the bias of each class in each band, none where the batch has no recording of it.
    Batch {
        /// By band.
        bias: Vec<Option<Vec<f64>>>,
        /// Its extent.
        rests_on: RestsOn,
    },
    /// A speaker's voice: a centre for each band, none where nothing is known in it.
    Voice {
        /// By band.
        centres: Vec<Option<Centre>>,
        /// Its extent.
        rests_on: RestsOn,
    },
    /// For a pipeline of `ser train`: the statistics of the rows that it standardises by.
    Rows {
        /// Mean and deviation of each column.
        scaler: Box<ser_tables::Scaler>,
        /// Its extent.
        rests_on: RestsOn,
    },
}

impl Ground {
    /// What an answer about a recording of a band rests on; alone where nothing is known of the band.
    pub fn rests_on(&self, band: usize, speech_s: f64) -> RestsOn {
        let known = |known: bool, rests_on: &RestsOn| known.then_some(*rests_on);
        let found = match self {
            Ground::Alone => None,
            Ground::Batch { bias, rests_on } => {
                known(bias.get(band).is_some_and(Option::is_some), rests_on)
            }
            Ground::Voice { centres, rests_on } => {
                known(centres.get(band).is_some_and(Option::is_some), rests_on)
            }
            Ground::Rows { rests_on, .. } => Some(*rests_on),
        };
        found.unwrap_or(RestsOn {
            speech_s,
            ..RestsOn::ALONE
        })
    }
}

/// A speaker's ordinary voice, as it is kept in a file.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Baseline {
    /// The form.
    pub ser_baseline: u32,
    /// What the speaker is called.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The day on which it was made, year-month-day.
    pub date: String,
    /// The version of ser that made it.
    pub ser: String,
    /// The feature sets, with the revision of their numbers.
    pub sets: Vec<String>,
    /// Number of recordings.
    pub recordings: usize,
    /// Seconds of speech in them.
    pub speech_s: f64,
    /// By band of the model.
    pub bands: Vec<BandBaseline>,
}

/// A baseline in one band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BandBaseline {
    /// Analysis rate, Hz.
    pub rate_hz: u32,
    /// Number of recordings that reach this band.
    pub recordings: usize,
    /// Mean of each transformed feature; none where no recording has it.
    pub mean: Vec<Option<f64>>,
}

impl Baseline {
    /// The basis of answers that rest on it.
    pub fn rests_on(&self) -> RestsOn {
        RestsOn {
            basis: if self.recordings < CLIPS {
                Basis::CalmClip
            } else {
                Basis::CalmClips
            },
            recordings: self.recordings,
            speech_s: self.speech_s,
        }
    }

    /// The text of a file.
    ///
    /// # Errors
    /// Numbers that JSON cannot hold.
    pub fn to_json(&self) -> Result<String, String> {
        serde_json::to_string(self)
            .map(|text| text + "\n")
            .map_err(|error| error.to_string())
    }

    /// The baseline in the text of a file.
    ///
    /// # Errors
    /// What is wrong with it, in words.
    pub fn from_json(text: &str) -> Result<Baseline, String> {
        #[derive(Deserialize)]
        struct Version {
            ser_baseline: u32,
        }
        let not_one = |error: serde_json::Error| format!("not a baseline of `ser enrol` ({error})");
        let version: Version = serde_json::from_str(text).map_err(not_one)?;
        if version.ser_baseline != FORMAT {
            return Err(format!(
                "a baseline of format {}, and this ser reads format {FORMAT}: enrol the speaker again",
                version.ser_baseline
            ));
        }
        serde_json::from_str(text).map_err(not_one)
    }

    /// One of recordings that each have a row of transformed features in some bands; `rates_hz` are the bands'.
    pub(super) fn of(
        recordings: &[(f64, Vec<Option<Vec<f64>>>)],
        sets: &[String],
        rates_hz: &[u32],
        date: String,
    ) -> Baseline {
        let band = |(number, &rate_hz): (usize, &u32)| {
            let rows: Vec<Vec<f64>> = recordings
                .iter()
                .filter_map(|(_, bands)| bands.get(number)?.clone())
                .collect();
            let (mean, counts) = super::heads::mean(&rows);
            BandBaseline {
                rate_hz,
                recordings: rows.len(),
                mean: mean
                    .iter()
                    .zip(counts)
                    .map(|(mean, count)| (count > 0.0).then_some(*mean))
                    .collect(),
            }
        };
        Baseline {
            ser_baseline: FORMAT,
            name: None,
            date,
            ser: env!("CARGO_PKG_VERSION").into(),
            sets: sets.to_vec(),
            recordings: recordings.len(),
            speech_s: recordings.iter().map(|(speech_s, _)| speech_s).sum(),
            bands: rates_hz.iter().enumerate().map(band).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_baseline_comes_back_from_its_text_and_others_are_refused() {
        let rows = [
            (2.0, vec![Some(vec![1.0, f64::NAN]), None]),
            (3.0, vec![Some(vec![2.0, f64::NAN]), Some(vec![5.0, 6.0])]),
        ];
        let baseline = Baseline::of(
            &rows,
            &["eGeMAPSv02".into()],
            &[11_025, 8000],
            "2026-11-26".into(),
        );
        assert_eq!(baseline.bands[0].mean, [Some(1.5), None]);
        assert_eq!((baseline.bands[1].recordings, baseline.speech_s), (1, 5.0));
        let text = baseline.to_json().unwrap();
        assert_eq!(Baseline::from_json(&text).unwrap(), baseline);
        assert_eq!(baseline.rests_on().basis, Basis::CalmClip);
        let other = text.replace("\"ser_baseline\":1", "\"ser_baseline\":7");
        assert!(
            Baseline::from_json(&other)
                .unwrap_err()
                .contains("enrol the speaker again")
        );
        assert!(
            Baseline::from_json("{}")
                .unwrap_err()
                .starts_with("not a baseline")
        );
    }
}
