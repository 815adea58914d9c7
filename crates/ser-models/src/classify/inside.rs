//! Whether a recording is like those that a model learnt from.
//!
//! A classifier answers for everything, music and silence included, and is sure of it. What it has no ground to answer for is told by limits, each learnt
//! so that of recordings of unheard speakers of the training corpora one in 200 is beyond it:
//!
//! ```text
//! bandwidth, clipping              quantiles of what was measured before preparation
//! level, length                    the same with room: 20 dB below, half as short, twice as long
//! voicing                          half as little, and half of what is missing to all
//! columns                          how many of them are beyond the 0.1 % and 99.9 % quantiles of training rows, disturbed ones included
//! distance                         Mahalanobis distance to the nearest class
//! ```
//!
//! Columns and distance are also learnt on each training corpus by a model of the others, since another corpus is farther away than another speaker and
//! speech all the same; the widest limit counts.
//!
//! Room, because the front end takes the level out and features are means and rates: a fainter or longer recording is no other thing until it is much so.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::front_end::Facts;
use ser_tables::counted;

/// Share of known recordings beyond each limit.
pub const BEYOND: f64 = 0.005;
/// Share of training rows beyond a column's range, at each end.
const COLUMN_BEYOND: f64 = 0.001;
/// Room below the known levels, dB.
const LEVEL_ROOM_DB: f64 = 20.0;
/// Room around the known lengths: a factor.
const LENGTH_ROOM: f64 = 2.0;
/// Room around the known shares of voicing, and of what is not voiced: a factor.
const VOICING_ROOM: f64 = 2.0;
/// How much of the analysed band has to be there at most: the last of it is a resampler's.
const BANDWIDTH_SHARE: f64 = 0.95;
/// Columns named in a reason.
const NAMED: usize = 3;

/// Limits of what a model knows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Limits {
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
    /// Range of each standardised column.
    pub columns: Vec<(f64, f64)>,
    /// Most columns out of their range.
    pub columns_outside: usize,
    /// Greatest distance.
    pub distance: f64,
}

/// The lowest and the highest value of a column that are nothing special.
pub type Range = (f64, f64);

/// A recording as the limits see it.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'a> {
    /// What it was.
    pub facts: &'a Facts,
    /// Its standardised columns, not clipped.
    pub row: &'a [f64],
    /// Its distance to the nearest class.
    pub distance: f64,
}

/// A reason not to believe an answer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "reason", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Reason {
    /// There is nothing in it.
    Silence,
    /// Fainter than all that was learnt from.
    Level {
        /// Active speech level, dB re full scale.
        level_db: f64,
        /// The lowest known.
        lowest_db: f64,
    },
    /// Narrower than all that was learnt from.
    Bandwidth {
        /// Up to where there is anything, Hz.
        bandwidth_hz: f64,
        /// The lowest known.
        lowest_hz: f64,
    },
    /// Shorter or longer.
    Length {
        /// Seconds of speech.
        speech_s: f64,
        /// The shortest known.
        shortest_s: f64,
        /// The longest known.
        longest_s: f64,
    },
    /// Hardly voiced, or too much for speech.
    Voicing {
        /// Voiced share.
        voiced: f64,
        /// The least known.
        least: f64,
        /// The most known.
        most: f64,
    },
    /// Clipped more.
    Clipping {
        /// Share of clipped samples.
        clipped: f64,
    },
    /// Too many columns out of their range.
    Columns {
        /// How many.
        outside: usize,
        /// The ones furthest out.
        names: Vec<String>,
    },
    /// Too far from every class.
    Distance {
        /// Distance, 1 for a usual recording.
        distance: f64,
        /// The greatest known.
        greatest: f64,
    },
}

impl Reason {
    /// What it is about, in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Reason::Silence => "silence",
            Reason::Level { .. } => "level",
            Reason::Bandwidth { .. } => "bandwidth",
            Reason::Length { .. } => "length",
            Reason::Voicing { .. } => "voicing",
            Reason::Clipping { .. } => "clipping",
            Reason::Columns { .. } => "columns",
            Reason::Distance { .. } => "distance",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reason::Silence => f.write_str("it is silent"),
            Reason::Level {
                level_db,
                lowest_db,
            } => {
                write!(
                    f,
                    "its speech is faint, {level_db:.0} dB re full scale, and the model learnt from {lowest_db:.0} dB or more"
                )
            }
            Reason::Bandwidth {
                bandwidth_hz,
                lowest_hz,
            } => {
                write!(
                    f,
                    "it ends at {:.1} kHz, and the model learnt from recordings up to {:.1} kHz or more",
                    bandwidth_hz / 1e3,
                    lowest_hz / 1e3
                )
            }
            Reason::Length {
                speech_s,
                shortest_s,
                longest_s,
            } => {
                write!(
                    f,
                    "it has {speech_s:.1} s of speech, and the model learnt from {shortest_s:.1} to {longest_s:.1} s"
                )
            }
            Reason::Voicing {
                voiced,
                least,
                most,
            } => {
                write!(
                    f,
                    "{:.0} % of it is voiced, and of the speech that the model learnt from {:.0} to {:.0} %",
                    100.0 * voiced,
                    100.0 * least,
                    100.0 * most
                )
            }
            Reason::Clipping { clipped } => {
                write!(f, "{:.1} % of its samples are clipped", 100.0 * clipped)
            }
            Reason::Columns { outside, names } => {
                write!(
                    f,
                    "out of the range of training: {}, most of all {}",
                    counted(*outside, "feature"),
                    names.join(", ")
                )
            }
            Reason::Distance { distance, greatest } => {
                write!(
                    f,
                    "it is unlike all classes: distance {distance:.2}, and known recordings have up to {greatest:.2}"
                )
            }
        }
    }
}

/// The columns that are out of their range, furthest first.
fn out_of_range(ranges: &[(f64, f64)], row: &[f64]) -> Vec<usize> {
    let excess =
        |column: usize| (ranges[column].0 - row[column]).max(row[column] - ranges[column].1);
    let mut out: Vec<usize> = (0..row.len())
        .filter(|&column| excess(column) > 0.0)
        .collect();
    out.sort_by(|&a, &b| excess(b).total_cmp(&excess(a)).then(a.cmp(&b)));
    out
}

impl Limits {
    /// The ranges of columns, of all rows that a model learns from.
    pub fn ranges(rows: &[Vec<f64>]) -> Vec<Range> {
        let width = rows.first().map_or(0, Vec::len);
        let range = |column: usize| {
            let values = || rows.iter().map(|row| row[column]).collect();
            (
                quantile(values(), COLUMN_BEYOND),
                quantile(values(), 1.0 - COLUMN_BEYOND),
            )
        };
        (0..width).map(range).collect()
    }

    /// Limits by recordings of unheard speakers, and of unheard corpora one by one: each with the ranges of the model that did not hear it.
    /// A model that analyses at `rate_hz` has no use for bandwidth beyond that, and asks for none.
    pub fn learn(
        ranges: Vec<Range>,
        known: &[(Seen<'_>, &[Range])],
        corpora: &[Vec<(Seen<'_>, &[Range])>],
        rate_hz: u32,
    ) -> Limits {
        let of = |value: &dyn Fn(&Seen<'_>) -> Option<f64>| -> Vec<f64> {
            known.iter().filter_map(|(seen, _)| value(seen)).collect()
        };
        let low = |value: &dyn Fn(&Seen<'_>) -> Option<f64>| quantile(of(value), BEYOND);
        let high = |value: &dyn Fn(&Seen<'_>) -> Option<f64>| quantile(of(value), 1.0 - BEYOND);
        // The widest of the limits of speakers left out and of each corpus left out.
        let widest = |value: &dyn Fn(&Seen<'_>, &[Range]) -> f64| {
            std::iter::once(known)
                .chain(corpora.iter().map(Vec::as_slice))
                .map(|of| {
                    let values = of.iter().map(|(seen, ranges)| value(seen, ranges));
                    quantile(values.collect(), 1.0 - BEYOND)
                })
                .fold(0.0, f64::max)
        };
        Limits {
            level_db: low(&|seen| seen.facts.level_db) - LEVEL_ROOM_DB,
            bandwidth_hz: low(&|seen| seen.facts.bandwidth_hz)
                .min(BANDWIDTH_SHARE * f64::from(rate_hz) / 2.0),
            speech_s: (
                low(&|seen| Some(seen.facts.speech_s)) / LENGTH_ROOM,
                high(&|seen| Some(seen.facts.speech_s)) * LENGTH_ROOM,
            ),
            voiced: (
                low(&|seen| Some(seen.facts.voiced)) / VOICING_ROOM,
                1.0 - (1.0 - high(&|seen| Some(seen.facts.voiced))) / VOICING_ROOM,
            ),
            clipped: high(&|seen| Some(seen.facts.clipped)).max(0.01),
            columns: ranges,
            columns_outside: widest(&|seen, ranges| out_of_range(ranges, seen.row).len() as f64)
                .ceil() as usize,
            distance: widest(&|seen, _| seen.distance),
        }
    }

    /// Why a recording is not like those learnt from; empty if it is. `names` are those of the columns.
    pub fn reasons(&self, seen: Seen<'_>, names: &[String]) -> Vec<Reason> {
        let Facts {
            level_db,
            bandwidth_hz,
            speech_s,
            voiced,
            clipped,
            ..
        } = *seen.facts;
        let Some(level_db) = level_db else {
            return vec![Reason::Silence];
        };
        let mut reasons = Vec::new();
        if level_db < self.level_db {
            reasons.push(Reason::Level {
                level_db,
                lowest_db: self.level_db,
            });
        }
        if let Some(bandwidth_hz) = bandwidth_hz.filter(|hertz| *hertz < self.bandwidth_hz) {
            reasons.push(Reason::Bandwidth {
                bandwidth_hz,
                lowest_hz: self.bandwidth_hz,
            });
        }
        if !within(self.speech_s, speech_s) {
            reasons.push(Reason::Length {
                speech_s,
                shortest_s: self.speech_s.0,
                longest_s: self.speech_s.1,
            });
        }
        if !within(self.voiced, voiced) {
            reasons.push(Reason::Voicing {
                voiced,
                least: self.voiced.0,
                most: self.voiced.1,
            });
        }
        if clipped > self.clipped {
            reasons.push(Reason::Clipping { clipped });
        }
        let out = out_of_range(&self.columns, seen.row);
        if out.len() > self.columns_outside {
            let names = out
                .iter()
                .take(NAMED)
                .map(|&column| names[column].clone())
                .collect();
            reasons.push(Reason::Columns {
                outside: out.len(),
                names,
            });
        }
        if seen.distance > self.distance {
            reasons.push(Reason::Distance {
                distance: seen.distance,
                greatest: self.distance,
            });
        }
        reasons
    }
}

fn within((low, high): (f64, f64), value: f64) -> bool {
    low <= value && value <= high
}

/// The quantile of values, between neighbours; 0 of none.
fn quantile(mut values: Vec<f64>, share: f64) -> f64 {
    values.sort_unstable_by(f64::total_cmp);
    match values.len() {
        0 => 0.0,
        n => {
            let at = share * (n - 1) as f64;
            let low = values[at.floor() as usize];
            low + (at - at.floor()) * (values[at.ceil() as usize] - low)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn facts(i: usize) -> Facts {
        let share = i as f64 / 999.0;
        Facts {
            level_db: Some(-40.0 + 20.0 * share),
            bandwidth_hz: Some(5500.0),
            recording_s: 3.0,
            speech_s: 1.0 + 4.0 * share,
            voiced: 0.3 + 0.4 * share,
            clipped: 0.0,
        }
    }

    fn limits() -> (Limits, Vec<Facts>) {
        let all: Vec<Facts> = (0..1000).map(facts).collect();
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
        let beyond = |facts: &&Facts| {
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
        let wide = Facts {
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
        assert!((limits.bandwidth_hz - 0.95 * 5512.5).abs() < 1e-9);
    }

    #[test]
    fn each_limit_has_its_reason_in_words() {
        let (limits, _) = limits();
        let usual = facts(500);
        let told = |facts: Facts, row: &[f64], distance: f64| -> Vec<String> {
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
                .map(Reason::to_string)
                .collect()
        };
        assert!(told(usual, &[0.0, 0.0], 0.5).is_empty());
        assert_eq!(
            told(
                Facts {
                    level_db: None,
                    ..usual
                },
                &[0.0, 0.0],
                0.5
            ),
            ["it is silent"]
        );
        let narrow = told(
            Facts {
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
            Facts {
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
                Facts {
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
