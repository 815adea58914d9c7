//! What commands share: standard output, standard error, and the number of threads.
//!
//! Names of files and labels may hold anything, so what people read is cleared of characters that steer a terminal or turn the direction of writing:
//! `\u{1b}` is printed as it is written here. Data (csv, JSON) are written as they are, for programs.

use std::io::{self, Write};
use std::num::NonZeroUsize;

use anyhow::{Context, Result};

/// Writes a text for people to standard output; a reader that stops early is no error.
pub(super) fn print(text: &str) -> Result<()> {
    print_data(&harmless(text))
}

/// Writes data to standard output as they are.
pub(super) fn print_data(text: &str) -> Result<()> {
    print_parts(|target| target.write_all(text.as_bytes()))
}

/// Writes data to standard output piece by piece.
pub(super) fn print_parts(parts: impl FnOnce(&mut dyn Write) -> io::Result<()>) -> Result<()> {
    let mut target = io::BufWriter::new(io::stdout().lock());
    let written = parts(&mut target).and_then(|()| target.flush());
    match written {
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        outcome => outcome.context("cannot write to standard output"),
    }
}

/// Writes a value as JSON to standard output.
pub(super) fn print_json(value: &impl serde::Serialize) -> Result<()> {
    print_data(&(serde_json::to_string_pretty(value)? + "\n"))
}

/// Writes a line, after the program's name, to standard error; if nobody reads it, so be it.
pub(super) fn complain(text: &str) {
    let _ = writeln!(io::stderr(), "ser: {}", harmless(text));
}

/// The text without characters that do anything but stand there.
pub(super) fn harmless(text: &str) -> String {
    escaped(text, |c| c != '\n' && c != '\t')
}

/// A name on one line, without characters that do anything but stand there.
pub(super) fn shown(name: &str) -> String {
    escaped(name, |_| true)
}

fn escaped(text: &str, wanted: impl Fn(char) -> bool) -> String {
    let mut clean = String::with_capacity(text.len());
    for c in text.chars() {
        if acts(c) && wanted(c) {
            clean.extend(c.escape_default());
        } else {
            clean.push(c);
        }
    }
    clean
}

/// Does a character act on the terminal, or on the order of those around it (Unicode's bidirectional controls, line and paragraph separators)?
fn acts(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    c.is_control() || turns
}

/// A name that a spreadsheet takes for a text, not for a formula (`--safe-csv`).
pub(super) fn no_formula(name: &str) -> String {
    match name.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => format!("'{name}"),
        false => name.to_owned(),
    }
}

/// The number of threads asked for, or one per processor.
pub(super) fn threads(asked: Option<NonZeroUsize>) -> usize {
    asked
        .or_else(|| std::thread::available_parallelism().ok())
        .map_or(1, NonZeroUsize::get)
}

#[test]
fn what_acts_is_written_out_and_the_rest_stays() {
    assert_eq!(shown("a\nb\u{e9}"), "a\\nb\u{e9}");
    assert_eq!(
        harmless("a\u{1b}[2J\u{202e}\u{9b}\n\tb"),
        "a\\u{1b}[2J\\u{202e}\\u{9b}\n\tb"
    );
}

#[test]
fn formulas_become_texts() {
    assert_eq!(no_formula("=1+1.wav"), "'=1+1.wav");
    assert_eq!(no_formula("a=1.wav"), "a=1.wav");
}
