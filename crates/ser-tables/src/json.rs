//! Tables in JSON: an object for each row, one on a line or all in one list, as manifests of speech toolkits are.
//!
//! ```text
//! {"audio_filepath": "a.wav", "offset": 0.1, "duration": 0.3, "label": "sad"}
//! ```

use std::collections::HashSet;

use serde_json::{Map, Value};

use crate::cell::Cell;
use crate::encoding::clean;
use crate::row::{Line, Wrong};

type Object = Map<String, Value>;

/// Whether a text begins with an object, or with a list of them.
pub(crate) fn is_it(text: &str) -> bool {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let inner = start.strip_prefix('[').unwrap_or(start).trim_start();
    inner
        .strip_prefix('{')
        .is_some_and(|rest| rest.trim_start().starts_with(['"', '}']))
}

/// The text with one object on a line, and what the place of a row in the original is called.
///
/// # Errors
/// That a list cannot be read.
pub(crate) fn by_line(text: String) -> Result<(String, &'static str), String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    if !start.starts_with('[') {
        return Ok((text, "line"));
    }
    let rows: Vec<Object> = serde_json::from_str(start)
        .map_err(|error| format!("it is no list of JSON objects: {error}"))?;
    let lines: Vec<String> = rows
        .into_iter()
        .map(|row| Value::Object(row).to_string())
        .collect();
    Ok((lines.join("\n"), "row"))
}

/// All keys, in the order of their first row.
pub(crate) fn names(text: &str) -> Vec<String> {
    let (mut names, mut seen) = (Vec::new(), HashSet::new());
    for row in lines(text).filter_map(|(_, line)| object(line).ok()) {
        for (name, _) in row {
            if seen.insert(name.clone()) {
                names.push(name);
            }
        }
    }
    names
}

/// The rows, with a cell for each of these names.
pub(crate) fn rows<'a>(
    text: &'a str,
    names: &'a [String],
) -> impl Iterator<Item = Result<Line<'a>, Wrong>> {
    lines(text).map(move |(at, line)| {
        let mut row = object(line).map_err(|problem| Wrong { at, problem })?;
        let cells = names
            .iter()
            .map(|name| row.remove(name).map_or(Cell::Missing, cell));
        let cells = cells.collect();
        Ok(Line { at, cells })
    })
}

fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let text = text.trim_start_matches('\u{feff}');
    text.lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty())
        .map(|(number, line)| (number + 1, line))
}

fn object(line: &str) -> Result<Object, String> {
    serde_json::from_str(line).map_err(|error| format!("is no JSON object: {error}"))
}

fn cell(value: Value) -> Cell<'static> {
    match value {
        Value::Null => Cell::Missing,
        Value::Number(number) => number.as_f64().map_or(Cell::Missing, Cell::Number),
        Value::Bool(truth) => Cell::Text(truth.to_string().into()),
        Value::String(text) => match clean(&text) {
            "" => Cell::Missing,
            text => Cell::Text(text.to_owned().into()),
        },
        Value::Array(_) | Value::Object(_) => Cell::Text("a nested value".into()),
    }
}

#[cfg(test)]
mod tests {
    use crate::sheet::Sheet;

    #[test]
    fn objects_are_rows_on_lines_and_in_lists() {
        let lines = "\u{feff}{\"file\": \"a.wav\", \"start\": 0.5}\n\n{\"file\": \" b \", \"label\": null}\n{\"file\": 1\n";
        let sheet = Sheet::of_text(lines.into()).unwrap();
        assert_eq!(sheet.names(), ["file", "start", "label"]);
        let rows: Vec<_> = sheet.rows().collect();
        let first = rows[0].as_ref().unwrap();
        assert_eq!(first.cell(0).text().as_deref(), Some("a.wav"));
        assert_eq!(first.cell(1).number(), Ok(Some(0.5)));
        assert_eq!(first.cell(2).text(), None);
        let second = rows[1].as_ref().unwrap();
        assert_eq!(
            (second.at, second.cell(0).text().as_deref()),
            (3, Some("b"))
        );
        let third = rows[2].as_ref().unwrap_err();
        assert!(
            third.at == 4 && third.problem.starts_with("is no JSON object"),
            "{third:?}"
        );
        let list = Sheet::of_text("[ {\"file\": \"a\"},\n{\"file\": \"b\"} ]".into()).unwrap();
        assert_eq!(list.rows().count(), 2);
        assert_eq!(list.place(2), "row 2");
        assert!(Sheet::of_text("[{\"file\": \"a\"}, 1]".into()).is_err());
        // A name in braces begins an ordinary list.
        assert_eq!(
            Sheet::of_text("{a},b\n1,2\n".into()).unwrap().names(),
            ["{a}", "b"]
        );
    }
}
