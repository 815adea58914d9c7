//! Whether a recording is like those that a model learnt from.
//!
//! A classifier answers for everything, music and silence included, and is sure of it. What it has no ground to answer for is told by limits, each learnt
//! so that of recordings of unheard speakers of the training corpora one in 200 is beyond it:
//!
//! ```text
//! level, bandwidth, length, voicing, clipping     of the sound: see [`super::sound_limits`]
//! columns                          how many of them are beyond the 0.1 % and 99.9 % quantiles of training rows: see [`super::column_limits`]
//! distance                         Mahalanobis distance to the nearest class
//! ```
//!
//! Columns and distance are also learnt on each training corpus by a model of the others, since another corpus is farther away than another speaker and
//! speech all the same; the widest limit counts.

use serde::{Deserialize, Serialize};

use super::abstention_reason::AbstentionReason;
use super::column_limits::{ColumnLimits, Range};
use super::front_end::RecordingFacts;
use super::sound_limits::{BEYOND, SoundLimits, beyond};

/// Limits of what a model knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
    /// Of the sound.
    #[serde(flatten)]
    pub sound: SoundLimits,
    /// Of the standardised columns.
    #[serde(flatten)]
    pub columns: ColumnLimits,
    /// Greatest distance.
    pub distance: f64,
}

/// A recording as the limits see it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What it was.
    pub facts: &'a RecordingFacts,
    /// Its standardised columns, not clipped.
    pub row: &'a [f64],
    /// Its distance to the nearest class.
    pub distance: f64,
}

impl Limits {
    /// Limits by recordings of unheard speakers, and of unheard corpora one by one: each with the ranges of the model that did not hear it.
    /// A model that analyses at `rate_hz` has no use for bandwidth beyond that, and asks for none.
    pub fn learn(
        ranges: Vec<Range>,
        known: &[(Seen<'_>, &[Range])],
        corpora: &[Vec<(Seen<'_>, &[Range])>],
        rate_hz: u32,
    ) -> Limits {
        let facts: Vec<&RecordingFacts> = known.iter().map(|(seen, _)| seen.facts).collect();
        let sets = || std::iter::once(known).chain(corpora.iter().map(Vec::as_slice));
        let rows: Vec<Vec<(&[f64], &[Range])>> = sets()
            .map(|of| {
                of.iter()
                    .map(|(seen, ranges)| (seen.row, *ranges))
                    .collect()
            })
            .collect();
        let distance = |of: &[(Seen<'_>, &[Range])]| {
            let distances = of.iter().map(|(seen, _)| seen.distance);
            beyond(distances.collect(), 1.0 - BEYOND)
        };
        Limits {
            sound: SoundLimits::learn(&facts, rate_hz),
            columns: ColumnLimits::learn(ranges, &rows),
            distance: sets().map(distance).fold(0.0, f64::max),
        }
    }

    /// Why a recording is not like those learnt from; empty if it is. `names` are those of the columns.
    pub fn reasons(&self, seen: Seen<'_>, names: &[String]) -> Vec<AbstentionReason> {
        let mut reasons = self.sound.reasons(seen.facts);
        if reasons == [AbstentionReason::Silence] {
            return reasons;
        }
        reasons.extend(self.columns.reason(seen.row, names));
        if seen.distance > self.distance {
            reasons.push(AbstentionReason::Distance {
                distance: seen.distance,
                greatest: self.distance,
            });
        }
        reasons
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(i: usize) -> RecordingFacts {
        let share = i as f64 / 999.0;
        RecordingFacts {
            level_db: Some(-40.0 + 20.0 * share),
            bandwidth_hz: Some(5500.0),
            recording_s: 3.0,
            speech_s: 1.0 + 4.0 * share,
            voiced: 0.3 + 0.4 * share,
            clipped: 0.0,
        }
    }

    fn limits() -> (Limits, Vec<RecordingFacts>) {
        let all: Vec<RecordingFacts> = (0..1000).map(facts).collect();
        let ranges = [(-2.0, 2.0); 2];
        let known: Vec<(Seen<'_>, &[(f64, f64)])> = all
            .iter()
            .map(|facts| {
                (
                    Seen {
                        facts,
                        row: &[0.0, 0.0],
                        distance: facts.voiced,
                    },
                    ranges.as_slice(),
                )
            })
            .collect();
        (
            Limits::learn(ranges.to_vec(), &known, &[], 16_000),
            all.clone(),
        )
    }

    fn names() -> Vec<String> {
        vec!["a".into(), "b".into()]
    }

    #[test]
    fn of_known_recordings_one_in_two_hundred_is_beyond_each_end() {
        let (limits, all) = limits();
        let beyond = |facts: &&RecordingFacts| {
            !limits
                .reasons(
                    Seen {
                        facts,
                        row: &[0.0, 0.0],
                        distance: facts.voiced,
                    },
                    &names(),
                )
                .is_empty()
        };
        // Far are five recordings. Level, length and voicing have room.
        assert_eq!(all.iter().filter(beyond).count(), 5);
    }

    #[test]
    fn no_more_bandwidth_is_asked_for_than_is_analysed() {
        let wide = RecordingFacts {
            bandwidth_hz: Some(8000.0),
            ..facts(500)
        };
        let known = vec![
            (
                Seen {
                    facts: &wide,
                    row: &[0.0, 0.0],
                    distance: 1.0
                },
                [(-2.0, 2.0); 2].as_slice()
            );
            50
        ];
        let limits = Limits::learn(vec![(-2.0, 2.0); 2], &known, &[], 11_025);
        assert!((limits.sound.bandwidth_hz - 0.95 * 5512.5).abs() < 1e-9);
    }

    #[test]
    fn each_limit_has_its_reason_in_words() {
        let (limits, _) = limits();
        let usual = facts(500);
        let told = |facts: RecordingFacts, row: &[f64], distance: f64| -> Vec<String> {
            limits
                .reasons(
                    Seen {
                        facts: &facts,
                        row,
                        distance,
                    },
                    &names(),
                )
                .iter()
                .map(AbstentionReason::to_string)
                .collect()
        };
        assert!(told(usual, &[0.0, 0.0], 0.5).is_empty());
        assert_eq!(
            told(
                RecordingFacts {
                    level_db: None,
                    ..usual
                },
                &[0.0, 0.0],
                0.5
            ),
            ["it is silent"]
        );
        let narrow = told(
            RecordingFacts {
                bandwidth_hz: Some(3400.0),
                ..usual
            },
            &[0.0, 0.0],
            0.5,
        );
        assert_eq!(
            narrow,
            ["it ends at 3.4 kHz, and the model learnt from recordings up to 5.5 kHz or more"]
        );
        let long = told(
            RecordingFacts {
                speech_s: 60.0,
                ..usual
            },
            &[0.0, 0.0],
            0.5,
        );
        assert!(long[0].starts_with("it has 60.0 s of speech"), "{long:?}");
        assert_eq!(
            told(usual, &[0.0, -9.0], 0.5),
            ["out of the range of training: 1 feature, most of all b"]
        );
        assert!(told(usual, &[0.0, 0.0], 3.0)[0].starts_with("it is unlike all classes"));
        assert_eq!(
            told(
                RecordingFacts {
                    clipped: 0.05,
                    ..usual
                },
                &[0.0, 0.0],
                0.5
            ),
            ["5.0 % of its samples are clipped"]
        );
    }
}
