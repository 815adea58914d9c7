//! Times as people and programs write them.
//!
//! ```text
//! 1.5   1,5   1.5s   1500 ms   2min   1h2m3.5s            seconds, and numbers with units
//! 00:00:01.5   00:00:01,500   01:02   1:02:03             clocks (SRT has a comma); two numbers are minutes and seconds
//! 0 days 00:00:01.5   1 day   PT1.5S   P1DT2H             pandas' Timedelta, ISO 8601
//! (empty) NaT NaN NA None null <NA>                       no time
//! ```

use std::time::Duration;

use crate::encoding::{clean, number};
use crate::number::shortest;

/// What is no time, in words.
pub type Problem = String;

/// Words for a value that is missing.
const MISSING: [&str; 8] = ["nat", "nan", "na", "n/a", "none", "null", "<na>", "-"];

/// Whether a field says that there is no value.
pub fn is_missing(field: &str) -> bool {
    let field = clean(field);
    field.is_empty() || MISSING.contains(&field.to_ascii_lowercase().as_str())
}

/// Reads a time; `scale` is the unit of bare numbers in seconds. `None` where the field says that there is none.
///
/// # Errors
/// In words, why it is no time, or none that can be.
pub fn time(field: &str, scale: f64) -> Result<Option<Duration>, Problem> {
    let field = clean(field);
    if is_missing(field) {
        return Ok(None);
    }
    if let Some(value) = number(field) {
        return seconds(value * scale).map(Some);
    }
    let unknown =
        || format!("{field:?} is not a time: write seconds (1.5), 00:00:01.5 or 0 days 00:00:01.5");
    let (negative, text) = match field.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, field.strip_prefix('+').unwrap_or(field)),
    };
    let found = iso(text)
        .or_else(|| days(text))
        .or_else(|| clock(text))
        .or_else(|| units(text))
        .ok_or_else(unknown)?;
    match negative && found > 0.0 {
        // pandas writes -0.5 s as "-1 days +23:59:59.5"; what it is exactly does not matter here.
        true => Err(format!("{field:?} is before the recording begins")),
        false => seconds(found).map(Some),
    }
}

/// A number of seconds as a time.
///
/// # Errors
/// In words, why it is none that can be.
pub fn seconds(value: f64) -> Result<Duration, Problem> {
    if value < 0.0 {
        return Err(format!(
            "{} s is before the recording begins",
            shortest(value)
        ));
    }
    Duration::try_from_secs_f64(value)
        .map_err(|_| format!("{} s is longer than any recording", shortest(value)))
}

/// `1h2m3.5s`, `500 ms`: numbers with units, larger ones first.
fn units(text: &str) -> Option<f64> {
    let mut rest = text;
    let mut total = 0.0;
    let mut smallest = f64::INFINITY;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || ".,".contains(c)))?;
        let value = number(&rest[..digits])?;
        rest = rest[digits..].trim_start();
        let letters = rest
            .find(|c: char| !c.is_alphabetic())
            .unwrap_or(rest.len());
        let unit = unit(&rest[..letters])?;
        if unit >= smallest {
            return None;
        }
        smallest = unit;
        total += value * unit;
        rest = rest[letters..].trim_start();
    }
    smallest.is_finite().then_some(total)
}

/// A unit of time in seconds, by its name.
pub fn unit(name: &str) -> Option<f64> {
    Some(match name.to_lowercase().as_str() {
        "s" | "sec" | "secs" | "second" | "seconds" => 1.0,
        "ms" | "msec" | "msecs" | "millisecond" | "milliseconds" => 1e-3,
        "us" | "\u{b5}s" | "\u{3bc}s" | "usec" | "microsecond" | "microseconds" => 1e-6,
        "ns" | "nsec" | "nanosecond" | "nanoseconds" => 1e-9,
        "m" | "min" | "mins" | "minute" | "minutes" => 60.0,
        "h" | "hr" | "hour" | "hours" => 3600.0,
        _ => return None,
    })
}

/// `h:m:s` or `m:s`, seconds with a point or a comma.
fn clock(text: &str) -> Option<f64> {
    let mut parts = text.rsplit(':');
    let last = parts.next()?;
    let second = digits(last.split(['.', ',']).next()?).and(number(last))?;
    let minute = digits(parts.next()?)?;
    let hour = parts.next().map_or(Some(0.0), digits)?;
    let whole = parts.next().is_none() && second < 60.0 && minute < 60.0;
    whole.then_some(hour * 3600.0 + minute * 60.0 + second)
}

/// A whole number without a sign.
fn digits(text: &str) -> Option<f64> {
    let all = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    all.then(|| text.parse().ok())?
}

/// `1 days 00:00:01.5`, as pandas prints a Timedelta.
fn days(text: &str) -> Option<f64> {
    let (days, rest) = text.split_once("day")?;
    let days = digits(days.trim())?;
    let rest = rest.strip_prefix('s').unwrap_or(rest);
    let rest = rest.trim_start_matches([' ', ',', '+']);
    let rest = if rest.is_empty() { 0.0 } else { clock(rest)? };
    Some(days * 86_400.0 + rest)
}

/// `P1DT2H3M4.5S`, ISO 8601 without years and months, whose length is not told.
fn iso(text: &str) -> Option<f64> {
    let text = text.strip_prefix(['P', 'p'])?;
    let (date, time) = match text.split_once(['T', 't']) {
        Some((_, "")) => return None,
        Some((date, time)) => (date, time),
        None => (text, ""),
    };
    let date = match date {
        "" => 0.0,
        date => 86_400.0 * number(date.strip_suffix(['D', 'd'])?)?,
    };
    let time = if time.is_empty() { 0.0 } else { units(time)? };
    (!text.is_empty()).then_some(date + time)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_in_every_form_that_is_listed() {
        for (text, expected) in [
            ("1.5", 1.5),
            (" 1,5 ", 1.5),
            ("1.5s", 1.5),
            ("1.5 sec", 1.5),
            ("1500 ms", 1.5),
            ("1500ms", 1.5),
            ("2min", 120.0),
            ("1h2m3.5s", 3723.5),
            ("00:00:01.5", 1.5),
            ("00:00:01,500", 1.5),
            ("01:02", 62.0),
            ("1:02:03", 3723.0),
            ("100:00:00", 360_000.0),
            ("0 days 00:00:01.500000", 1.5),
            ("1 days", 86_400.0),
            ("1 day, 0:00:00.25", 86_400.25),
            ("PT1.5S", 1.5),
            ("P1DT2H", 93_600.0),
            ("1e-3", 1e-3),
        ] {
            let found = time(text, 1.0).unwrap().unwrap().as_secs_f64();
            assert!((found - expected).abs() < 1e-9, "{text}: {found}");
        }
        assert_eq!(time("1500", 1e-3), Ok(Some(Duration::from_millis(1500))));
        for text in ["", "NaT", "nan", "NA", "None", "<NA>"] {
            assert_eq!(time(text, 1.0), Ok(None), "{text}");
        }
    }

    #[test]
    fn what_is_no_time_is_named() {
        for text in [
            "soon", "inf", "1:2:3:4", "1:75", "P", "PT", "P1Y", "1x", "1s2h", ":", "1:", "1.5.2",
            "--1",
        ] {
            let error = time(text, 1.0).unwrap_err();
            assert!(error.contains("is not a time"), "{text}: {error}");
        }
        for text in ["-1", "-0.5s", "-1 days +23:59:59.5"] {
            let error = time(text, 1.0).unwrap_err();
            assert!(error.contains("before the recording begins"), "{error}");
        }
        assert!(time("1e300", 1.0).unwrap_err().contains("longer than any"));
        assert_eq!(time("-0", 1.0), Ok(Some(Duration::ZERO)));
    }
}
