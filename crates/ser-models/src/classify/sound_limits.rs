//! Limits of the sound itself: level, bandwidth, length, voicing and clipping of the recordings that a model learnt from.
//!
//! ```text
//! bandwidth, clipping              quantiles of what was measured, one recording in 200 beyond
//! level, length                    the same with room: 20 dB below, half as short, twice as long
//! voicing                          half as little, and half of what is missing to all
//! ```
//!
//! Room, because features are means and rates: a fainter or longer recording is no other thing until it is much so.

use serde::{Deserialize, Serialize};

use super::abstention_reason::AbstentionReason;
use super::front_end::RecordingFacts;
use ser_tables::statistic::quantile;

/// Share of known recordings beyond each limit.
pub const BEYOND: f64 = 0.005;
/// Room below the known levels, dB.
const LEVEL_ROOM_DB: f64 = 20.0;
/// Room around the known lengths: a factor.
const LENGTH_ROOM: f64 = 2.0;
/// Room around the known shares of voicing, and of what is not voiced: a factor.
const VOICING_ROOM: f64 = 2.0;
/// How much of the analysed band has to be there at most: the last of it is a resampler's.
const BANDWIDTH_SHARE: f64 = 0.95;

/// What recordings may be like before they were prepared.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SoundLimits {
    /// Lowest active speech level, dB re full scale.
    pub level_db: f64,
    /// Lowest bandwidth, Hz.
    pub bandwidth_hz: f64,
    /// Shortest and longest speech, seconds.
    pub speech_s: (f64, f64),
    /// Least and most voicing.
    pub voiced: (f64, f64),
    /// Most clipping.
    pub clipped: f64,
}

impl SoundLimits {
    /// Limits by known recordings. A model that analyses at `rate_hz` has no use for bandwidth beyond that, and asks for none.
    pub fn learn(known: &[&RecordingFacts], rate_hz: u32) -> SoundLimits {
        let of = |value: &dyn Fn(&RecordingFacts) -> Option<f64>| -> Vec<f64> {
            known.iter().filter_map(|facts| value(facts)).collect()
        };
        let low = |value: &dyn Fn(&RecordingFacts) -> Option<f64>| beyond(of(value), BEYOND);
        let high = |value: &dyn Fn(&RecordingFacts) -> Option<f64>| beyond(of(value), 1.0 - BEYOND);
        SoundLimits {
            level_db: low(&|facts| facts.level_db) - LEVEL_ROOM_DB,
            bandwidth_hz: low(&|facts| facts.bandwidth_hz)
                .min(BANDWIDTH_SHARE * f64::from(rate_hz) / 2.0),
            speech_s: (
                low(&|facts| Some(facts.speech_s)) / LENGTH_ROOM,
                high(&|facts| Some(facts.speech_s)) * LENGTH_ROOM,
            ),
            voiced: (
                low(&|facts| Some(facts.voiced)) / VOICING_ROOM,
                1.0 - (1.0 - high(&|facts| Some(facts.voiced))) / VOICING_ROOM,
            ),
            clipped: high(&|facts| Some(facts.clipped)).max(0.01),
        }
    }

    /// Why a recording is not like those learnt from; empty if it is.
    pub fn reasons(&self, facts: &RecordingFacts) -> Vec<AbstentionReason> {
        let Some(level_db) = facts.level_db else {
            return vec![AbstentionReason::Silence];
        };
        let mut reasons = Vec::new();
        if level_db < self.level_db {
            reasons.push(AbstentionReason::Level {
                level_db,
                lowest_db: self.level_db,
            });
        }
        if let Some(bandwidth_hz) = facts
            .bandwidth_hz
            .filter(|hertz| *hertz < self.bandwidth_hz)
        {
            reasons.push(AbstentionReason::Bandwidth {
                bandwidth_hz,
                lowest_hz: self.bandwidth_hz,
            });
        }
        if !within(self.speech_s, facts.speech_s) {
            reasons.push(AbstentionReason::Length {
                speech_s: facts.speech_s,
                shortest_s: self.speech_s.0,
                longest_s: self.speech_s.1,
            });
        }
        if !within(self.voiced, facts.voiced) {
            reasons.push(AbstentionReason::Voicing {
                voiced: facts.voiced,
                least: self.voiced.0,
                most: self.voiced.1,
            });
        }
        if facts.clipped > self.clipped {
            reasons.push(AbstentionReason::Clipping {
                clipped: facts.clipped,
            });
        }
        reasons
    }
}

fn within((low, high): (f64, f64), value: f64) -> bool {
    low <= value && value <= high
}

/// The quantile of values, between neighbours; 0 of none.
pub(super) fn beyond(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.is_empty() {
        true => 0.0,
        false => quantile(&values, share),
    }
}
