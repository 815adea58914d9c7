//! A table of whatever form, read row by row: text with any separator and encoding, JSON with an object for each row, or Parquet.
//!
//! What a column is about is told by its name ([`super::role`]); what a cell holds is asked of the cell. Rows know where they stand, so that a bad one can be
//! named. R's `write.table`, whose first line lacks the name of the row numbers, is understood.

use std::borrow::Cow;
use std::fs::File;
use std::path::Path;

use crate::bounded_read;
pub use crate::cell::Cell;
use crate::delimited::{Record, Records};
use crate::encoding::{clean, decode, decode_owned};
use crate::json;
use crate::parquet::read::Stored;
pub use crate::row::{Line, Wrong};

/// What a Parquet file begins with.
pub const PARQUET: &[u8] = b"PAR1";

/// Beginnings of what is named like a table and is none, and what to do.
const ALIEN: [(&[u8], &str); 9] = [
    (
        b"PK\x03\x04",
        "it is a workbook of a spreadsheet program or a ZIP archive: save it as CSV there, or unpack it",
    ),
    (
        b"\xd0\xcf\x11\xe0",
        "it is a workbook of a spreadsheet program: save it as CSV there",
    ),
    (
        b"version https://git-lfs.github.com/spec/",
        "it is a Git LFS pointer, not the table: fetch it with git lfs pull",
    ),
    (b"\x1f\x8b", "it is compressed: unpack it (gunzip)"),
    (b"BZh9", "it is compressed: unpack it (bunzip2)"),
    (b"\xfd7zXZ", "it is compressed: unpack it (unxz)"),
    (b"\x28\xb5\x2f\xfd", "it is compressed: unpack it (unzstd)"),
    (
        b"ARROW1",
        "it is an Arrow or Feather file: save it as Parquet or CSV",
    ),
    (b"\xff\xfe\0\0", "it is in UTF-32: save it in UTF-8"),
];

/// A table with the names of its columns.
#[derive(Debug)]
pub struct InputTable {
    names: Vec<String>,
    body: Body,
}

#[derive(Debug)]
enum Body {
    Text {
        text: String,
        /// Records before the rows: the header, if there is one.
        skipped: usize,
    },
    /// JSON, one object on a line; what the place of a row is called.
    Json(String, &'static str),
    Parquet(Stored),
}

impl InputTable {
    /// Reads a table; Parquet is known by its content.
    ///
    /// # Errors
    /// What the system says, or that the file is no table.
    pub fn open(path: &Path) -> Result<InputTable, String> {
        let bytes = bounded_read::read(path).map_err(|error| error.to_string())?;
        if bytes.starts_with(PARQUET) {
            return parquet(File::open(path).map_err(|error| error.to_string())?);
        }
        InputTable::check(&bytes)?;
        InputTable::of_text(decode_owned(bytes))
    }

    /// A table in the bytes of a text file.
    ///
    /// # Errors
    /// That they are no table.
    pub fn of_bytes(bytes: &[u8]) -> Result<InputTable, String> {
        InputTable::check(bytes)?;
        InputTable::of_text(decode(bytes))
    }

    /// Whether the bytes of a text file can be a table.
    ///
    /// # Errors
    /// In words, what they are instead.
    pub fn check(bytes: &[u8]) -> Result<(), String> {
        if bytes.starts_with(PARQUET) {
            return Err("it is Parquet, which is read from files only".to_owned());
        }
        if let Some((_, what)) = ALIEN.iter().find(|(begin, _)| bytes.starts_with(begin)) {
            return Err((*what).to_owned());
        }
        let head = &bytes[..bytes.len().min(64)];
        let head = String::from_utf8_lossy(head).to_lowercase();
        let head = head.trim_start_matches('\u{feff}').trim_start();
        if head.starts_with("<!doctype html") || head.starts_with("<html") {
            return Err("it is a web page (a failed download?)".to_owned());
        }
        if bytes[..bytes.len().min(4096)].contains(&0) && !is_utf16(bytes) {
            return Err("it is no text: a table is CSV or Parquet".to_owned());
        }
        Ok(())
    }

    /// A table in a text that has been decoded.
    ///
    /// # Errors
    /// That there is nothing in it, or that a quote is never closed in its first line.
    pub fn of_text(mut text: String) -> Result<InputTable, String> {
        if json::is_it(&text) {
            let (text, place, names) = json::by_line(text)?;
            let body = Body::Json(text, place);
            return Ok(InputTable { names, body });
        }
        blank_comments(&mut text);
        let mut records = Records::new(&text);
        let header = records.next().ok_or("it is empty")?;
        let header = header.map_err(|error| error.to_string())?;
        let mut names: Vec<String> = header
            .fields
            .iter()
            .map(|name| clean(name).to_owned())
            .collect();
        if !names[0].is_empty() && has_row_names(records, names.len()) {
            names.insert(0, String::new());
        }
        Ok(InputTable {
            names,
            body: Body::Text { text, skipped: 1 },
        })
    }

    /// The same table, whose first line is a row like the others; columns get these names.
    #[must_use]
    pub fn without_header(mut self, names: &[&str]) -> InputTable {
        let width = self.names.len();
        self.names = names.iter().map(ToString::to_string).collect();
        self.names.truncate(width);
        self.names.resize(width, String::new());
        if let Body::Text { skipped, .. } = &mut self.body {
            *skipped = 0;
        }
        self
    }

    /// The names of the columns.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// What a Parquet file says of itself under a key.
    pub fn fact(&self, key: &str) -> Option<&str> {
        let Body::Parquet(stored) = &self.body else {
            return None;
        };
        let fact = stored.facts.iter().find(|(known, _)| known == key);
        fact.map(|(_, value)| value.as_str())
    }

    /// Whether nothing but blanks separates the fields of the first line of a text.
    pub fn is_spaced(&self) -> bool {
        match &self.body {
            Body::Text { text, .. } => {
                let mut lines = text.lines();
                let first = lines.find(|line| !line.trim().is_empty());
                first.is_some_and(|line| !line.contains([',', ';', '\t', '|']))
            }
            Body::Json(..) | Body::Parquet(_) => false,
        }
    }

    /// What the place of a row is called: `line 3`, `row 3`.
    pub fn place(&self, at: usize) -> String {
        match self.body {
            Body::Text { .. } => format!("line {at}"),
            Body::Json(_, place) => format!("{place} {at}"),
            Body::Parquet(_) => format!("row {at}"),
        }
    }

    /// The rows, in order.
    pub fn rows(&self) -> Box<dyn Iterator<Item = Result<Line<'_>, Wrong>> + '_> {
        match &self.body {
            Body::Text { text, skipped } => {
                let width = self.names.len();
                Box::new(
                    Records::new(text)
                        .skip(*skipped)
                        .map(move |record| match record {
                            Ok(record) => line(record, width),
                            Err(error) => Err(Wrong {
                                at: error.line,
                                problem: "a quote opens here and is never closed".to_owned(),
                            }),
                        }),
                )
            }
            Body::Json(text, _) => Box::new(json::rows(text, &self.names)),
            Body::Parquet(stored) => Box::new((0..stored.rows).map(|row| {
                Ok(Line {
                    at: row + 1,
                    cells: stored.row(row),
                })
            })),
        }
    }
}

/// Blanks the lines with `#` at the head of a table. One with as many separators as the line below it is the header, and loses its mark only.
fn blank_comments(text: &mut String) {
    let separators = |line: &str| line.matches([',', ';', '\t', '|']).count();
    let mut at = 0;
    while let Some(line) = text.get(at..).and_then(|rest| rest.lines().next()) {
        let next = text[at..].find('\n').map_or(text.len(), |end| at + end + 1);
        if line.starts_with('#') {
            let below = text.get(next..).and_then(|rest| rest.lines().next());
            let is_header = separators(line) > 0
                && below.is_some_and(|below| {
                    !below.starts_with('#') && separators(below) == separators(line)
                });
            let marked = if is_header { 1 } else { line.len() };
            text.replace_range(at..at + marked, "");
            if is_header {
                return;
            }
            at = next - marked;
        } else if line.trim().is_empty() {
            at = next;
        } else {
            return;
        }
    }
}

/// Whether rows have a number of their own before the fields that the first line names, as R's write.table gives them.
fn has_row_names(records: Records<'_>, width: usize) -> bool {
    const LOOKED_AT: usize = 16;
    let mut rows = 0;
    let all = records.take(LOOKED_AT).all(|record| {
        rows += 1;
        record.is_ok_and(|record| {
            record.fields.len() == width + 1 && record.fields[0] == rows.to_string()
        })
    });
    all && rows > 0
}

fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(b"\xff\xfe")
        || bytes.starts_with(b"\xfe\xff")
        || !decode(&bytes[..bytes.len().min(1024) & !1]).contains('\0')
}

/// A record as a row of so many cells. Empty fields at the end are no mistake, as some programs write them.
fn line(record: Record<'_>, width: usize) -> Result<Line<'_>, Wrong> {
    let Record {
        line: at,
        mut fields,
    } = record;
    while fields.len() > width && fields.last().is_some_and(|field| field.is_empty()) {
        fields.pop();
    }
    if fields.len() != width {
        let problem = format!(
            "has {} {} where the first line has {width}",
            fields.len(),
            if fields.len() == 1 { "field" } else { "fields" }
        );
        return Err(Wrong { at, problem });
    }
    let cells = fields.into_iter().map(|field| match field {
        field if clean(&field).is_empty() => Cell::Missing,
        Cow::Borrowed(field) => Cell::Text(Cow::Borrowed(clean(field))),
        Cow::Owned(field) => Cell::Text(Cow::Owned(clean(&field).to_owned())),
    });
    Ok(Line {
        at,
        cells: cells.collect(),
    })
}

fn parquet(file: File) -> Result<InputTable, String> {
    let stored = Stored::open(file).map_err(|error| format!("it is damaged Parquet: {error}"))?;
    Ok(InputTable {
        names: stored.names.clone(),
        body: Body::Parquet(stored),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(text: &str) -> (Vec<String>, Vec<Vec<Option<String>>>) {
        let table = InputTable::of_text(text.to_owned()).unwrap();
        let rows = table.rows().map(|row| {
            let row = row.unwrap();
            row.cells.iter().map(Cell::text).collect()
        });
        let rows = rows.collect();
        (table.names, rows)
    }

    #[test]
    fn row_names_that_the_first_line_leaves_out_get_a_column() {
        let (names, rows) = cells("file label\n1 a.wav sad\n2 b.wav happy\n");
        assert_eq!(names, ["", "file", "label"]);
        assert_eq!(rows[1][2].as_deref(), Some("happy"));
    }

    #[test]
    fn comments_before_the_header_are_passed_over_and_lines_keep_their_numbers() {
        for text in [
            "# made by x, on a day\n\n#\nfile,label\na.wav,sad\n",
            "#file,label\r\na.wav,sad\r\n",
        ] {
            let (names, rows) = cells(text);
            assert_eq!(names, ["file", "label"], "{text:?}");
            assert_eq!(rows[0][1].as_deref(), Some("sad"));
        }
        let table = InputTable::of_text("# über\n# 2\nfile,label\na.wav,sad\n".into()).unwrap();
        assert_eq!(table.rows().next().unwrap().unwrap().at, 4);
        assert_eq!(
            InputTable::of_text("# only\n".into()).unwrap_err(),
            "it is empty"
        );
    }

    #[test]
    fn a_row_of_another_length_is_named_and_the_next_is_read() {
        let table = InputTable::of_text("a;b\n1;2;3\n4;5;;\n\n6\n".into()).unwrap();
        let rows: Vec<_> = table.rows().collect();
        assert_eq!(
            rows[0],
            Err(Wrong {
                at: 2,
                problem: "has 3 fields where the first line has 2".into()
            })
        );
        assert_eq!(rows[1].as_ref().unwrap().cells.len(), 2);
        assert_eq!(
            rows[2],
            Err(Wrong {
                at: 5,
                problem: "has 1 field where the first line has 2".into()
            })
        );
    }

    #[test]
    fn what_is_no_table_is_called_what_it_is() {
        let error = |bytes: &[u8]| InputTable::of_bytes(bytes).unwrap_err();
        assert!(error(b"PK\x03\x04rest").contains("save it as CSV"));
        assert!(error(b"RIFF\0\0\0\0WAVE").contains("no text"));
        assert!(error(b"\x1f\x8b\x08\0").contains("gunzip"));
        assert!(error(b"version https://git-lfs.github.com/spec/v1\n").contains("git lfs pull"));
        assert!(error(b"\xef\xbb\xbf\n<!DOCTYPE HTML>\n").contains("web page"));
        assert!(error(b"\xff\xfe\0\0f\0\0\0").contains("UTF-32"));
        assert_eq!(error(b"\xef\xbb\xbf\r\n"), "it is empty");
    }

    #[test]
    fn numbers_may_have_decimal_commas_and_features_may_be_infinite() {
        let number = |text: &str| Cell::Text(text.to_owned().into()).number();
        assert_eq!(number("0,5"), Ok(Some(0.5)));
        assert_eq!(number("inf"), Ok(Some(f64::INFINITY)));
        assert_eq!(number("NA"), Ok(None));
        assert!(number("NaN").unwrap().unwrap().is_nan());
        assert_eq!(number("1,2,3"), Err("\"1,2,3\" is not a number".into()));
    }
}
