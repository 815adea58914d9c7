//! How a model is made: its settings.
//!
//! docs/models.md lists what was tried instead, with scores.

use serde::{Deserialize, Serialize};

use super::augment::{Channel, Disturbance};
use super::front_end::FrontEndSettings;
use super::speech_band::SpeechBand;
use crate::model::discriminant;

/// Settings of a model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClassifierRecipe {
    /// Wide speech, and narrow.
    pub bands: Vec<SpeechBand>,
    /// How copies are disturbed.
    pub disturbance: Disturbance,
    /// Limit of standardised values.
    pub clip: f64,
    /// p of the weights above.
    pub corpus_power: f64,
    /// The discriminant of one recording.
    pub general: discriminant::Parameters,
    /// That of a recording relative to its speaker.
    pub relative: discriminant::Parameters,
    /// How much of a batch's bias is taken off, 0 to 1.
    pub balance: f64,
    /// How much hotter probabilities are than on unheard speakers of known corpora, since corpora will be unknown.
    pub caution: f64,
    /// Share of unheard speakers' recordings, of known corpora, that is not answered: those with the lowest probabilities.
    pub abstention: f64,
    /// Folds of speakers that temperature, limits and scores are learnt from.
    pub folds: usize,
}

impl Default for ClassifierRecipe {
    fn default() -> ClassifierRecipe {
        ClassifierRecipe {
            bands: vec![
                SpeechBand {
                    front_end: FrontEndSettings::default(),
                    from_hz: 5200.0,
                    copies: vec![Channel::Room, Channel::Coder],
                    taught: None,
                },
                SpeechBand {
                    front_end: FrontEndSettings::narrow(),
                    from_hz: 3000.0,
                    copies: vec![
                        Channel::RoomTelephone,
                        Channel::Telephone,
                        Channel::Telephone,
                        Channel::Telephone,
                    ],
                    taught: Some(0.1),
                },
            ],
            disturbance: Disturbance::default(),
            clip: 4.0,
            corpus_power: 0.5,
            general: discriminant::Parameters {
                shrinkage: 0.05,
                between_corpora: 0.3,
                corpus_power: 0.5,
            },
            relative: discriminant::Parameters {
                shrinkage: 0.1,
                between_corpora: 0.0,
                corpus_power: 0.5,
            },
            balance: 1.0,
            caution: 2.0,
            abstention: 0.3,
            folds: 10,
        }
    }
}
