//! Which parts of a recording are analysed: all of it, given segments, or windows that slide over it.
//!
//! A part is analysed as if it were a file. The samples of a segment follow the rule that openSMILE's Python package
//! was measured to follow (docs/formats.md):
//!
//! ```text
//! first sample = start · rate,     number of samples = (end − start) · rate,     each rounded, halves to even
//! ```
//!
//! A segment ends with its recording at the latest. Windows are whole ones; of a recording shorter than one window, what
//! there is.

use std::time::Duration;

/// A stretch of a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment {
    /// Where it begins.
    pub start: Duration,
    /// Where it ends; `None` for the end of the recording.
    pub end: Option<Duration>,
}

/// Windows that slide over a recording.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Windows {
    /// How long each is.
    pub length: Duration,
    /// How far apart they begin.
    pub hop: Duration,
}

/// The parts of one recording.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Parts {
    /// All of it, as one.
    #[default]
    Whole,
    /// These.
    Segments(Vec<Segment>),
    /// Window after window.
    Windows(Windows),
}

/// The samples of a part.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Span {
    /// Its place among the parts.
    pub index: usize,
    /// Its first sample.
    pub first: u64,
    /// How many samples; `None` for all that come.
    pub length: Option<u64>,
}

/// The most parts that may overlap; more segments take another pass, more windows are refused.
pub const MOST_OVERLAPPING: u32 = 64;

impl Windows {
    /// Checks length and hop.
    ///
    /// # Errors
    /// A sentence about what is wrong.
    pub fn new(length: Duration, hop: Duration) -> Result<Self, String> {
        if length < Duration::from_millis(60) {
            return Err("a window must be at least 60ms, one analysis frame".to_owned());
        }
        if hop < Duration::from_millis(1) || length > hop * MOST_OVERLAPPING {
            return Err(format!(
                "the hop must be at least 1ms and a {MOST_OVERLAPPING}th of the window"
            ));
        }
        Ok(Self { length, hop })
    }
}

impl Parts {
    /// The parts as samples, in order of their beginning.
    pub(super) fn spans(&self, rate_hz: u32) -> Box<dyn Iterator<Item = Span> + '_> {
        match self {
            Self::Whole => Box::new(std::iter::once(Span {
                index: 0,
                first: 0,
                length: None,
            })),
            Self::Segments(segments) => {
                let span = move |index: usize| Span {
                    index,
                    first: samples(segments[index].start, rate_hz),
                    length: segments[index]
                        .end
                        .map(|end| samples(end.saturating_sub(segments[index].start), rate_hz)),
                };
                if segments.is_sorted_by_key(|segment| segment.start) {
                    return Box::new((0..segments.len()).map(span));
                }
                let mut order: Vec<usize> = (0..segments.len()).collect();
                order.sort_by_key(|&index| samples(segments[index].start, rate_hz));
                Box::new(order.into_iter().map(span))
            }
            Self::Windows(windows) => {
                let length = samples(windows.length, rate_hz);
                let hop = samples(windows.hop, rate_hz).max(1);
                Box::new((0..).map(move |index: usize| Span {
                    index,
                    first: hop.saturating_mul(index as u64),
                    length: Some(length),
                }))
            }
        }
    }
}

fn samples(time: Duration, rate_hz: u32) -> u64 {
    (time.as_secs_f64() * f64::from(rate_hz)).round_ties_even() as u64
}

/// Reads a time: seconds as a number, or as pandas prints a `Timedelta`: `0 days 00:00:01.5`, `00:00:01.5`, `1 days`.
pub fn time(text: &str) -> Option<Duration> {
    let text = text.trim();
    if text.is_empty() {
        return None;
    }
    if let Ok(seconds) = text.parse::<f64>() {
        return Duration::try_from_secs_f64(seconds).ok();
    }
    let (days, clock) = match text.split_once("day") {
        Some((days, rest)) => {
            let clock = rest.strip_prefix('s').unwrap_or(rest).trim();
            (days.trim().parse::<u32>().ok()?, clock)
        }
        None => (0, text),
    };
    let day = Duration::from_secs(24 * 3600).checked_mul(days)?;
    if clock.is_empty() {
        return Some(day);
    }
    let [hours, minutes, seconds] =
        <[&str; 3]>::try_from(clock.split(':').collect::<Vec<_>>()).ok()?;
    let (hours, minutes) = (hours.parse::<u32>().ok()?, minutes.parse::<u32>().ok()?);
    let seconds = Duration::try_from_secs_f64(seconds.parse().ok()?).ok()?;
    Duration::from_secs(60)
        .checked_mul(hours.checked_mul(60)?.checked_add(minutes)?)?
        .checked_add(seconds)?
        .checked_add(day)
}

/// Reads a length with a unit: `2s`, `500ms`, `0.5`.
pub fn length(text: &str) -> Option<Duration> {
    let text = text.trim();
    let (number, scale) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(number), _) => (number, 1e-3),
        (None, Some(number)) => (number, 1.0),
        (None, None) => (text, 1.0),
    };
    let number: f64 = number.trim().parse().ok()?;
    Duration::try_from_secs_f64(number * scale).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: f64) -> Duration {
        Duration::from_secs_f64(seconds)
    }

    #[test]
    fn times_are_read_as_seconds_and_as_pandas_prints_them() {
        for (text, seconds) in [
            ("1.5", 1.5),
            ("0 days 00:00:01.500000", 1.5),
            ("00:01:00.5", 60.5),
            ("1 days", 86_400.0),
            ("1 day 00:00:00.25", 86_400.25),
        ] {
            assert_eq!(time(text), Some(at(seconds)), "{text}");
        }
        for text in [
            "",
            "soon",
            "-1",
            "nan",
            "inf",
            "1e300",
            "00:01",
            "99999999999 days",
        ] {
            assert_eq!(time(text), None, "{text}");
        }
        assert_eq!(
            (length("2s"), length("500ms"), length("x")),
            (Some(at(2.0)), Some(at(0.5)), None)
        );
    }

    /// Measured with opensmile-python 2.6.0: `process_files` with these starts and ends gave the features of these samples.
    #[test]
    fn halves_of_samples_go_to_the_even_one() {
        let span = |start: f64, samples: f64| {
            let segment = Segment {
                start: at(start / 16e3),
                end: Some(at(start / 16e3) + at(samples / 16e3)),
            };
            let parts = Parts::Segments(vec![segment]);
            let span = parts.spans(16_000).next().unwrap();
            (span.first, span.length.unwrap())
        };
        assert_eq!(span(1600.5, 12_800.0).0, 1600);
        assert_eq!(span(1601.5, 12_800.0).0, 1602);
        assert_eq!(span(1600.48, 12_800.16), (1600, 12_800));
        assert_eq!(span(1600.8, 12_799.52), (1601, 12_800));
        assert_eq!(span(1600.0, 12_799.5).1, 12_800);
        assert_eq!(span(1600.0, 12_798.5).1, 12_798);
    }

    #[test]
    fn absurd_windows_are_refused() {
        assert!(Windows::new(at(2.0), at(0.5)).is_ok());
        assert!(Windows::new(at(0.05), at(0.05)).is_err());
        assert!(Windows::new(at(2.0), at(0.001)).is_err());
        assert!(Windows::new(at(2.0), at(0.0)).is_err());
    }
}
