//! Praat's TextGrid, long or short.
//!
//! Both are one stream of values: texts in quotes (a quote inside is doubled), numbers and flags (`<exists>`) that stand alone; all else is decoration.
//!
//! ```text
//! "ooTextFile" "TextGrid" xmin xmax <exists> tiers
//!   { "IntervalTier" name xmin xmax count { xmin xmax text } }
//!   { "TextTier"     name xmin xmax count { time mark } }
//! ```
//!
//! Intervals without a text are pauses. P. Boersma & D. Weenink, "TextGrid file formats", Praat manual.

use super::{Stretch, Stretches, chosen, stretch};
use crate::input_table::Wrong;
use crate::time::seconds;

#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(f64),
    Flag(String),
}

/// The values of a file, each with its line.
fn values(text: &str) -> Result<Vec<(usize, Value)>, String> {
    let mut found = Vec::new();
    let mut line = 1;
    let mut rest = text;
    let mut free = true;
    while let Some(c) = rest.chars().next() {
        let length = match c {
            '"' => {
                let (value, length) =
                    quoted(rest).ok_or(format!("line {line}: a quote is never closed"))?;
                found.push((line, Value::Text(value)));
                length
            }
            '!' if free => rest.find('\n').unwrap_or(rest.len()),
            _ if c.is_whitespace() => c.len_utf8(),
            _ => {
                let length = rest
                    .find(|c: char| c.is_whitespace() || c == '"')
                    .unwrap_or(rest.len());
                let word = &rest[..length];
                if free && word.starts_with('<') && word.ends_with('>') {
                    found.push((line, Value::Flag(word.to_owned())));
                } else if free && let Ok(number) = word.trim_end_matches('%').parse() {
                    found.push((line, Value::Number(number)));
                }
                length
            }
        };
        line += rest[..length].matches('\n').count();
        free = rest[..length].ends_with(char::is_whitespace);
        rest = &rest[length..];
    }
    Ok(found)
}

/// A text in quotes at the beginning, and how many bytes it takes with them.
fn quoted(text: &str) -> Option<(String, usize)> {
    let mut from = 1;
    loop {
        let quote = from + text[from..].find('"')?;
        if !text[quote + 1..].starts_with('"') {
            return Some((text[1..quote].replace("\"\"", "\""), quote + 1));
        }
        from = quote + 2;
    }
}

/// Takes values one after the other.
struct Stream<'a> {
    values: std::slice::Iter<'a, (usize, Value)>,
    line: usize,
}

impl Stream<'_> {
    fn next(&mut self, what: &str) -> Result<Value, String> {
        let (line, value) = self
            .values
            .next()
            .ok_or_else(|| format!("it ends where {what} is expected: it is cut off"))?;
        self.line = *line;
        Ok(value.clone())
    }

    fn text(&mut self, what: &str) -> Result<String, String> {
        match self.next(what)? {
            Value::Text(text) => Ok(text),
            other => Err(format!(
                "line {}: {other:?} stands where {what} is expected",
                self.line
            )),
        }
    }

    fn number(&mut self, what: &str) -> Result<f64, String> {
        match self.next(what)? {
            Value::Number(number) => Ok(number),
            other => Err(format!(
                "line {}: {other:?} stands where {what} is expected",
                self.line
            )),
        }
    }
}

/// A tier of intervals.
struct Tier {
    name: String,
    rows: Vec<Result<Stretch, Wrong>>,
}

/// The intervals of the tier that is meant, or of the only one.
pub fn read(text: &str, tier: Option<&str>) -> Result<Stretches, String> {
    let values = values(text)?;
    let mut stream = Stream {
        values: values.iter(),
        line: 1,
    };
    stream.text("\"ooTextFile\"")?;
    stream.text("\"TextGrid\"")?;
    stream.number("the time at which it begins")?;
    stream.number("the time at which it ends")?;
    if stream.next("<exists>")? != Value::Flag("<exists>".into()) {
        return Err("it has no tiers".to_owned());
    }
    let count = stream.number("the number of tiers")?;
    let mut tiers = Vec::new();
    let mut number = 0.0;
    while number < count {
        number += 1.0;
        if let Some(tier) = read_tier(&mut stream)? {
            tiers.push(tier);
        }
    }
    let names: Vec<String> = tiers.iter().map(|tier| tier.name.clone()).collect();
    let chosen = chosen(&names, tier)?;
    let several = chosen.len() > 1;
    let mut rows = Vec::new();
    for at in chosen {
        let name = &names[at];
        rows.extend(tiers[at].rows.iter().cloned().map(|row| {
            row.map(|stretch| Stretch {
                speaker: several.then(|| name.clone()),
                ..stretch
            })
        }));
    }
    Ok(Stretches {
        rows,
        counted: "line",
    })
}

/// A tier of intervals, or `None` for one of points.
fn read_tier(stream: &mut Stream<'_>) -> Result<Option<Tier>, String> {
    let class = stream.text("the class of a tier")?;
    let of_intervals = match class.as_str() {
        "IntervalTier" => true,
        "TextTier" => false,
        other => {
            return Err(format!(
                "line {}: {other:?} is no kind of tier",
                stream.line
            ));
        }
    };
    let name = stream.text("the name of a tier")?;
    stream.number("the time at which a tier begins")?;
    stream.number("the time at which a tier ends")?;
    let count = stream.number("the number of intervals")?;
    let mut rows = Vec::new();
    let mut number = 0.0;
    while number < count {
        number += 1.0;
        let start = stream.number("the start of an interval")?;
        let at = stream.line;
        if !of_intervals {
            stream.text("a mark")?;
            continue;
        }
        let end = stream.number("the end of an interval")?;
        let label = stream.text("the text of an interval")?;
        let label = label.trim();
        if label.is_empty() {
            continue;
        }
        let time = |value: f64| seconds(value).map_err(|problem| Wrong { at, problem });
        rows.push(time(start).and_then(|start| {
            let found = stretch(at, Some(start), Some(time(end)?))?;
            Ok(Stretch {
                label: Some(label.to_owned()),
                ..found
            })
        }));
    }
    Ok(of_intervals.then_some(Tier { name, rows }))
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: &str = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0 \nxmax = 2.3 \ntiers? <exists> \nsize = 3 \nitem []: \n    item [1]:\n        class = \"IntervalTier\" \n        name = \"ann\" \n        xmin = 0 \n        xmax = 2.3 \n        intervals: size = 2 \n        intervals [1]:\n            xmin = 0 \n            xmax = 0.5 \n            text = \"\" \n        intervals [2]:\n            xmin = 0.5 \n            xmax = 2.3 \n            text = \"say \"\"no\"\" 1 2\" \n    item [2]:\n        class = \"TextTier\" \n        name = \"bell\" \n        xmin = 0 \n        xmax = 2.3 \n        points: size = 1 \n        points [1]:\n            number = 0.9 \n            mark = \"ding\" \n    item [3]:\n        class = \"IntervalTier\" \n        name = \"bob\" \n        xmin = 0 \n        xmax = 2.3 \n        intervals: size = 1 \n        intervals [1]:\n            xmin = 1 \n            xmax = 2 \n            text = \"yes\" \n";
    const SHORT: &str = "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\n0\n2.3\n<exists>\n1\n\"IntervalTier\"\n\"ann\"\n0\n2.3\n2\n0\n0.5\n\"\"\n0.5\n2.3\n\"say \"\"no\"\" 1 2\"\n";

    #[test]
    fn both_forms_give_the_same_intervals() {
        let of = |text: &str, tier| -> Vec<(f64, f64, String)> {
            let found = read(text, tier).unwrap().rows;
            found
                .into_iter()
                .map(|row| {
                    let row = row.unwrap();
                    (
                        row.start.as_secs_f64(),
                        row.end.unwrap().as_secs_f64(),
                        row.label.unwrap(),
                    )
                })
                .collect()
        };
        let expected = [(0.5, 2.3, "say \"no\" 1 2".to_owned())];
        assert_eq!(of(LONG, Some("ann")), expected);
        assert_eq!(of(SHORT, None), expected);
        let all = read(LONG, Some("*")).unwrap().rows;
        let speakers: Vec<Option<String>> =
            all.into_iter().map(|row| row.unwrap().speaker).collect();
        assert_eq!(speakers, [Some("ann".into()), Some("bob".into())]);
    }

    #[test]
    fn tiers_are_asked_for_and_what_is_cut_off_is_said() {
        assert_eq!(
            read(LONG, None).unwrap_err(),
            "has the tiers \"ann\", \"bob\": say which with --tier, or --tier '*' for all"
        );
        assert_eq!(
            read(SHORT, Some("x")).unwrap_err(),
            "has no tier \"x\"; it has \"ann\""
        );
        let cut = &SHORT[..SHORT.len() - 25];
        assert!(read(cut, None).unwrap_err().contains("cut off"));
        let endless = SHORT.replace("\n2\n0\n0.5", "\n1e300\n0\n0.5");
        assert!(read(&endless, None).unwrap_err().contains("cut off"));
    }
}
