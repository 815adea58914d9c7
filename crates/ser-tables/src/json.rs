//! Tables in JSON: an object for each row, one on a line or all in one list, as manifests of speech toolkits are.
//!
//! ```text
//! {"audio_filepath": "a.wav", "offset": 0.1, "duration": 0.3, "label": "sad"}
//! ```

use std::collections::HashSet;

use std::fmt;

use serde::Deserializer;
use serde::de::{IgnoredAny, MapAccess, Visitor};
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

/// The text with one object on a line, what the place of a row in the original is called, and all keys in the order of their first row.
///
/// # Errors
/// That a list cannot be read.
pub(crate) fn by_line(text: String) -> Result<(String, &'static str, Vec<String>), String> {
    let start = text.trim_start_matches('\u{feff}').trim_start();
    let mut names = Names::default();
    if !start.starts_with('[') {
        for (_, line) in lines(&text) {
            let mut read = serde_json::Deserializer::from_str(line);
            let mut of_row = Vec::new();
            // What is no object is named when its row is read.
            if (&mut read).deserialize_map(Keys(&mut of_row)).is_ok() && read.end().is_ok() {
                // In the order that rows have them in.
                of_row.sort_unstable();
                of_row.into_iter().for_each(|name| names.add(name));
            }
        }
        return Ok((text, "line", names.all));
    }
    let rows: Vec<Object> = serde_json::from_str(start)
        .map_err(|error| format!("it is no list of JSON objects: {error}"))?;
    let mut lines = Vec::with_capacity(rows.len());
    for row in rows {
        row.keys().for_each(|name| names.add(name.clone()));
        lines.push(Value::Object(row).to_string());
    }
    Ok((lines.join("\n"), "row", names.all))
}

/// Names, each once.
#[derive(Default)]
struct Names {
    all: Vec<String>,
    seen: HashSet<String>,
}

impl Names {
    fn add(&mut self, name: String) {
        if !self.seen.contains(&name) {
            self.seen.insert(name.clone());
            self.all.push(name);
        }
    }
}

/// Takes the keys of an object, and passes over its values.
struct Keys<'a>(&'a mut Vec<String>);

impl<'de> Visitor<'de> for Keys<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some((name, IgnoredAny)) = map.next_entry::<String, IgnoredAny>()? {
            self.0.push(name);
        }
        Ok(())
    }
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
    use crate::input_table::InputTable;

    #[test]
    fn objects_are_rows_on_lines_and_in_lists() {
        let lines = "\u{feff}{\"file\": \"a.wav\", \"start\": 0.5}\n\n{\"file\": \" b \", \"label\": null}\n{\"file\": 1\n";
        let table = InputTable::of_text(lines.into()).unwrap();
        assert_eq!(table.names(), ["file", "start", "label"]);
        let rows: Vec<_> = table.rows().collect();
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
        let list = InputTable::of_text("[ {\"file\": \"a\"},\n{\"file\": \"b\"} ]".into()).unwrap();
        assert_eq!(list.rows().count(), 2);
        assert_eq!(list.place(2), "row 2");
        assert!(InputTable::of_text("[{\"file\": \"a\"}, 1]".into()).is_err());
        // A name in braces begins an ordinary list.
        assert_eq!(
            InputTable::of_text("{a},b\n1,2\n".into()).unwrap().names(),
            ["{a}", "b"]
        );
    }
}
