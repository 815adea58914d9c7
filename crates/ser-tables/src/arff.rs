//! Weka's attribute-relation file format.
//!
//! `name string`, `start`, `end` and the features `numeric`, and, with labels, a nominal `class` last, where Weka expects it.
//! What is missing is `?`. Texts other than plain words are put in single quotes with the backslash escapes that Weka reads. The settings stand as
//! comments in the first lines.

use std::io::{self, Write};

use super::{FrameTime, Schema, TableWriter, shortest};
use ser_features::feature::Row;

/// Writes a table as ARFF.
pub struct ArffWriter<W: Write> {
    target: W,
    frame_time: Option<FrameTime>,
    labelled: bool,
}

impl<W: Write> ArffWriter<W> {
    /// Starts a table; the attributes are written at once.
    ///
    /// # Errors
    /// What the target says.
    pub fn new(mut target: W, schema: &Schema) -> io::Result<Self> {
        for (name, value) in &schema.facts {
            writeln!(target, "% {name}: {}", value.replace(['\n', '\r'], " "))?;
        }
        writeln!(target, "@relation {}", schema.identity.set)?;
        writeln!(target, "@attribute name string")?;
        for name in schema.identity_names().skip(1) {
            writeln!(target, "@attribute {name} numeric")?;
        }
        for column in schema.features() {
            writeln!(target, "@attribute {} numeric", column.name)?;
        }
        if let Some(classes) = &schema.classes {
            let classes: Vec<String> = classes.iter().map(|class| quoted(class)).collect();
            writeln!(target, "@attribute class {{{}}}", classes.join(","))?;
        }
        writeln!(target, "@data")?;
        Ok(Self {
            target,
            frame_time: schema.frame_time,
            labelled: schema.classes.is_some(),
        })
    }
}

impl<W: Write> TableWriter for ArffWriter<W> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        let target = &mut self.target;
        write!(target, "{}", quoted(file))?;
        write!(target, ",{},{}", shortest(row.start_s), shortest(row.end_s))?;
        if let Some(time) = self.frame_time {
            write!(target, ",{}", shortest(time.of(row)))?;
        }
        for &value in row.values {
            if value.is_finite() {
                write!(target, ",{}", shortest(value))?;
            } else {
                target.write_all(b",?")?;
            }
        }
        if self.labelled {
            write!(target, ",{}", label.map_or("?".to_owned(), quoted))?;
        }
        target.write_all(b"\n")
    }

    fn finish(&mut self) -> io::Result<()> {
        self.target.flush()
    }
}

/// A text in single quotes. Plain words go without, as not every reader takes the quotes of a class off.
fn quoted(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-+./".contains(c);
    if text.starts_with(char::is_alphabetic) && text.chars().all(plain) {
        return text.to_owned();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('\'');
    for c in text.chars() {
        match c {
            '\'' | '"' | '\\' | '%' => quoted.extend(['\\', c]),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\t' => quoted.push_str("\\t"),
            c => quoted.push(c),
        }
    }
    quoted.push('\'');
    quoted
}

#[test]
fn attributes_classes_and_odd_names_are_as_weka_reads_them() {
    use super::example;
    let mut text = Vec::new();
    example::write(&mut ArffWriter::new(&mut text, &example::schema()).unwrap());
    let text = String::from_utf8(text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[0], "% set: GeMAPSv01b");
    assert_eq!(
        lines
            .iter()
            .filter(|line| line.starts_with("@attribute"))
            .count(),
        66
    );
    let data = lines.iter().position(|line| *line == "@data").unwrap();
    assert_eq!(lines[data - 1], "@attribute class {anger,'very sad'}");
    assert!(lines[data + 1].starts_with(r#"'a, \'b\'; \"c\"\\\n{d}\%.wav',0.25,1.5,0.1,-0,"#));
    assert!(lines[data + 1].ends_with(",'very sad'"));
    assert!(lines[data + 2].ends_with(",?"));
    assert!(lines[data + 3].starts_with("c.wav,0.25,1.5,?,?,"));
    assert_eq!(lines.len(), data + 4);
}
