//! One cell of a table, whatever the table is: nothing, a text, a number or a time.

use std::borrow::Cow;
use std::time::Duration;

use crate::encoding::number;
use crate::time::{is_missing, seconds, time};

/// One field of a row.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell<'a> {
    /// Nothing.
    Missing,
    /// A text, without the blanks around it; never empty.
    Text(Cow<'a, str>),
    /// A number.
    Number(f64),
    /// A length of time, in nanoseconds.
    Nanoseconds(i64),
}

impl Cell<'_> {
    /// As a text; `None` if nothing is there.
    pub fn text(&self) -> Option<String> {
        match self {
            Cell::Missing => None,
            Cell::Text(text) => Some(text.clone().into_owned()),
            Cell::Number(number) => Some(crate::shortest(*number)),
            Cell::Nanoseconds(time) => Some(crate::shortest(*time as f64 * 1e-9)),
        }
    }

    /// As a number; `None` if nothing is there.
    ///
    /// # Errors
    /// The text that is no number.
    pub fn number(&self) -> Result<Option<f64>, String> {
        match self {
            Cell::Missing => Ok(None),
            Cell::Number(number) => Ok(Some(*number)),
            Cell::Nanoseconds(time) => Ok(Some(*time as f64 * 1e-9)),
            Cell::Text(text) => match text.parse::<f64>() {
                Ok(number) => Ok(Some(number)),
                Err(_) if is_missing(text) => Ok(None),
                Err(_) => number(text)
                    .map(Some)
                    .ok_or_else(|| format!("{text:?} is not a number")),
            },
        }
    }

    /// As a time; `scale` is the unit of bare numbers in seconds. `None` if nothing is there.
    ///
    /// # Errors
    /// In words, why it is none.
    pub fn time(&self, scale: f64) -> Result<Option<Duration>, String> {
        match self {
            Cell::Missing => Ok(None),
            Cell::Text(text) => time(text, scale),
            Cell::Number(number) if number.is_nan() => Ok(None),
            Cell::Number(number) => seconds(number * scale).map(Some),
            Cell::Nanoseconds(time) => match u64::try_from(*time) {
                Ok(time) => Ok(Some(Duration::from_nanos(time))),
                Err(_) => seconds(*time as f64 * 1e-9).map(Some),
            },
        }
    }
}
