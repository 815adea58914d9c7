//! Rich Transcription Time Marked (NIST, 2009 evaluation plan, appendix A): one `SPEAKER` line per entry.
//!
//! ```text
//! type file channel start duration orthography subtype name confidence lookahead
//! ```
//!
//! The name is the speaker, so that tools that score diarisation read who speaks when; the text is the subtype and its probability the confidence. Where
//! no speaker is known the text is the name too.

use std::fmt::Write;

use super::Entry;

pub(super) fn write(name: &str, entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let label = field(&entry.text);
        let (subtype, speaker) = match &entry.speaker {
            Some(speaker) => (label, field(speaker)),
            None => ("<NA>".to_owned(), label),
        };
        let confidence = entry.probability.map(|p| format!("{p:.4}"));
        let _ = writeln!(
            text,
            "SPEAKER {} 1 {:.3} {:.3} <NA> {subtype} {speaker} {} <NA>",
            field(stem(name)),
            entry.start_s,
            entry.end_s - entry.start_s,
            confidence.as_deref().unwrap_or("<NA>")
        );
    }
    text
}

/// Fields are separated by blanks.
/// The name of a recording as diarisation tools have it: without folders and extension.
fn stem(name: &str) -> &str {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    match last.rsplit_once('.') {
        Some((stem, _)) if !stem.is_empty() => stem,
        _ => last,
    }
}

fn field(text: &str) -> String {
    let joined = text.split_whitespace().collect::<Vec<_>>().join("_");
    match joined.is_empty() {
        true => "<NA>".to_owned(),
        false => joined,
    }
}

#[test]
fn speakers_are_names_and_fields_have_no_blanks() {
    assert_eq!(
        write("calls/a b.wav", &super::example()[1..]),
        "SPEAKER a_b 1 1.000 1.000 <NA> sad C 0.5000 <NA>\nSPEAKER a_b 1 3601.000 1.500 <NA> <NA> sad <NA> <NA>\n"
    );
}
