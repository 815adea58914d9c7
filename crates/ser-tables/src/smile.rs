//! The CSV of openSMILE's command-line tool: `name;frameTime;…`, so that existing scripts go on working.
//!
//! Semicolons, the name in single quotes, the time with six decimals, values in the `%e` of C with seven digits, but whole
//! numbers as integers. Seven digits are not always enough for an `f32`: use another format to keep every bit. Scripts for
//! that tool expect no further column, so labels are left out.

use std::io::{self, Write};

use super::{Schema, TableWriter};
use ser_features::feature::Row;

/// Writes a table in openSMILE's layout.
pub struct SmileWriter<W: Write> {
    target: W,
}

impl<W: Write> SmileWriter<W> {
    /// Starts a table; the header is written at once.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(mut target: W, schema: &Schema) -> io::Result<Self> {
        write!(target, "name;frameTime")?;
        for column in schema.features() {
            write!(target, ";{}", column.name)?;
        }
        writeln!(target)?;
        Ok(Self { target })
    }
}

impl<W: Write> TableWriter for SmileWriter<W> {
    fn write(&mut self, file: &str, _label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        write!(self.target, "{};{:.6}", quoted(file), row.start_s)?;
        for &value in row.values {
            write!(self.target, ";{}", printed(value))?;
        }
        writeln!(self.target)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// A name in single quotes; quotes and backslashes in it after a backslash, line breaks as `\n`.
fn quoted(name: &str) -> String {
    let escaped = name
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n")
        .replace('\r', "\\r");
    format!("'{escaped}'")
}

/// As `%.0f` for whole numbers and `%e` for others: at least two digits of exponent, with its sign.
fn printed(value: f32) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.fract() == 0.0 {
        return format!("{value:.0}");
    }
    let text = format!("{value:.6e}");
    match text.split_once('e') {
        Some((mantissa, exponent)) => {
            let (sign, digits) = match exponent.strip_prefix('-') {
                Some(digits) => ('-', digits),
                None => ('+', exponent),
            };
            format!("{mantissa}e{sign}{digits:0>2}")
        }
        None => text,
    }
}

#[test]
fn numbers_are_printed_as_the_command_line_tool_prints_them() {
    // From rows of its own output.
    assert_eq!(printed(1.295_242), "1.295242e+00");
    assert_eq!(printed(-1.613_904e-3), "-1.613904e-03");
    assert_eq!(printed(9.008_623e2), "9.008623e+02");
    assert_eq!((printed(0.0), printed(-201.0)), ("0".into(), "-201".into()));
}

#[test]
fn rows_have_name_time_and_values() {
    use super::example;
    let mut text = Vec::new();
    example::write(&mut SmileWriter::new(&mut text, &example::schema()).unwrap());
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("name;frameTime;F0semitoneFrom27.5Hz_sma3nz_amean;"));
    assert!(lines[1].starts_with("'a, \\'b\\'; \"c\"\\\\\\n{d}%.wav';0.250000;1.000000e-01;-0;"));
    assert!(lines[3].starts_with("'c.wav';0.250000;nan;"));
}
