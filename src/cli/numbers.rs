//! Answers that are numbers, such as arousal: in words, and as csv.

use anyhow::Result;

use ser_models::classify::{Answer, Number};
use ser_tables::fixed;

/// A number with its interval.
pub(super) fn told(number: &Number) -> String {
    let interval = number.interval.map_or(String::new(), |(low, high)| {
        format!(" [{}, {}]", fixed(low, 2), fixed(high, 2))
    });
    format!("{} {}{interval}", number.of, fixed(number.value, 2))
}

/// How far such numbers agree with the truth, and where that was measured.
pub(super) fn agreement(number: &Number, answer: &Answer) -> String {
    let Some(((low, high), left_out)) = number.ccc.zip(answer.left_out) else {
        return "how far such numbers are from the truth was not measured".into();
    };
    let [low, high] = [low, high].map(|ccc| fixed(ccc, 2));
    let ccc = match low == high {
        true => low,
        false => format!("{low} to {high}"),
    };
    format!(
        "95 % of such numbers lay within this interval, concordance with the truth {ccc} (0 is the mean of all), in {left_out}"
    )
}

/// A csv line for each number.
pub(super) fn table<'a>(target: &str, lines: impl Iterator<Item = Line<'a>>) -> Result<String> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record([
        "file",
        "start",
        "end",
        "speaker",
        target,
        "low",
        "high",
        "abstained",
        "rests_on",
    ])?;
    for line in lines {
        let answer = line.answer;
        let number = answer.number.as_ref();
        let end = |of: fn(&(f64, f64)) -> f64| {
            let interval = number.and_then(|number| number.interval.as_ref());
            interval.map(|interval| of(interval).to_string())
        };
        writer.write_record([
            line.file,
            line.start.to_string(),
            line.end.to_string(),
            line.speaker,
            number.map_or(String::new(), |number| number.value.to_string()),
            end(|interval| interval.0).unwrap_or_default(),
            end(|interval| interval.1).unwrap_or_default(),
            answer.abstained.clone().unwrap_or_default(),
            answer.rests_on.basis.name().into(),
        ])?;
    }
    Ok(String::from_utf8(writer.into_inner()?)?)
}

/// An answer about a stretch of a file, with names as the csv writes them.
pub(super) struct Line<'a> {
    pub(super) file: String,
    pub(super) start: f64,
    pub(super) end: f64,
    pub(super) speaker: String,
    pub(super) answer: &'a Answer,
}
