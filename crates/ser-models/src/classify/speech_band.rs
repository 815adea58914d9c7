//! A band that speech comes in: wide as of a microphone, or narrow as of a telephone.

use serde::{Deserialize, Serialize};

use super::augment::Channel;
use super::front_end::FrontEndSettings;

/// A band that speech comes in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SpeechBand {
    /// How recordings are prepared.
    pub front_end: FrontEndSettings,
    /// Recordings whose spectrum ends here or above belong to the band, Hz; of several bands, to the first.
    pub from_hz: f64,
    /// The copies that are learnt from beside the recordings themselves: what each goes through.
    pub copies: Vec<Channel>,
    /// ρ of ridge regression, `taught.rs`, above 0: the scores are learnt from those of the first band. None: from the labels.
    pub taught: Option<f64>,
}

impl SpeechBand {
    /// The copy by which the band is tested: that of a telephone. None: the recordings themselves.
    pub fn tested(&self) -> Option<usize> {
        self.copies
            .iter()
            .position(|channel| *channel == Channel::Telephone)
    }
}
