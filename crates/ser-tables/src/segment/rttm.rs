//! Rich Transcription Time Marked files: who spoke when, one turn on a line.
//!
//! ```text
//! type     file      channel  start  length  orthography  subtype  name  confidence  look-ahead
//! SPEAKER  call_03   1        0.10   0.30    <NA>         <NA>     A     <NA>        <NA>
//! ```
//!
//! NIST (2009), "The 2009 (RT-09) Rich Transcription Meeting Recognition Evaluation Plan", appendix A. Lines of other types, and comments after `;;`, are no
//! turns.

use super::{Stretch, stretch};
use crate::input_table::Wrong;
use crate::time::time;

const TYPES: [&str; 13] = [
    "SEGMENT",
    "NOSCORE",
    "NO_RT_METADATA",
    "LEXEME",
    "NON-LEX",
    "NON-SPEECH",
    "FILLER",
    "EDIT",
    "SU",
    "IP",
    "CB",
    "SPEAKER",
    "SPKR-INFO",
];

fn lines(text: &str) -> impl Iterator<Item = (usize, Vec<&str>)> {
    text.lines().enumerate().filter_map(|(number, line)| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        let counts = fields.first().is_some_and(|first| !first.starts_with(";;"));
        counts.then_some((number + 1, fields))
    })
}

/// Whether the first line that is no comment has a type and enough fields.
pub fn is_it(text: &str) -> bool {
    lines(text)
        .next()
        .is_some_and(|(_, fields)| TYPES.contains(&fields[0]) && fields.len() >= 5)
}

/// Its turns.
pub fn turns(text: &str) -> impl Iterator<Item = Result<Stretch, Wrong>> {
    lines(text)
        .filter(|(_, fields)| fields[0] == "SPEAKER")
        .map(|(at, fields)| turn(at, &fields))
}

fn turn(at: usize, fields: &[&str]) -> Result<Stretch, Wrong> {
    let wrong = |problem: String| Wrong { at, problem };
    let &[_, file, _, start, length, ref rest @ ..] = fields else {
        return Err(wrong(format!(
            "has {} fields; a turn has a file, a channel, a start and a length after SPEAKER",
            fields.len()
        )));
    };
    let given = |field: &str| (field != "<NA>").then(|| field.to_owned());
    let needed = |field: &str| {
        time(field, 1.0)
            .map_err(|problem| wrong(format!("{file}: {problem}")))?
            .ok_or_else(|| wrong(format!("{file}: it has no start or no length")))
    };
    let (start, length) = (needed(start)?, needed(length)?);
    let end = start.checked_add(length);
    let found = stretch(at, Some(start), end)
        .map_err(|error| wrong(format!("{file}: {}", error.problem)))?;
    Ok(Stretch {
        file: given(file),
        speaker: rest.get(2).and_then(|name| given(name)),
        ..found
    })
}

#[test]
fn turns_are_read_and_everything_else_is_left() {
    let text = ";; made by hand\nSPKR-INFO call 1 <NA> <NA> <NA> unknown A <NA>\nSPEAKER call 1 0.10 0.30 <NA> <NA> A <NA> <NA>\nSPEAKER call 1 0.50 -1 <NA> <NA> B\nSPEAKER call 1\n";
    assert!(is_it(text));
    let found: Vec<_> = turns(text).collect();
    let first = found[0].as_ref().unwrap();
    assert_eq!(
        (first.at, first.file.as_deref(), first.speaker.as_deref()),
        (3, Some("call"), Some("A"))
    );
    assert_eq!(first.start.as_secs_f64(), 0.1);
    assert_eq!(first.end.unwrap().as_secs_f64(), 0.4);
    let problem = |at: usize| found[at].as_ref().unwrap_err().problem.clone();
    assert_eq!(problem(1), "call: -1 s is before the recording begins");
    assert!(problem(2).starts_with("has 3 fields"), "{}", problem(2));
    assert!(!is_it("file start end\na 0 1\n"));
}
