//! Praat's TextGrid in its long text form, UTF-8: an interval tier per speaker, and beside it one with the probabilities where there are any.
//!
//! Intervals must cover a tier from 0 to its end, so pauses are intervals without a text. <https://www.fon.hum.uva.nl/praat/manual/TextGrid_file_formats.html>

use std::fmt::Write;

use super::tier::tiers;
use super::{Entry, Timeline, percent};

pub(super) fn write(timeline: &Timeline<'_>) -> String {
    let last = |end: f64, entry: &Entry| end.max(entry.end_s);
    let length_s = timeline.entries.iter().fold(timeline.length_s, last);
    let mut written = Vec::new();
    for tier in tiers(timeline) {
        let texts = |text: &dyn Fn(&Entry) -> String| -> Vec<(f64, f64, String)> {
            let of = |entry: &&Entry| (entry.start_s, entry.end_s, text(entry));
            tier.entries.iter().map(of).collect()
        };
        written.push((tier.name.clone(), texts(&|entry| entry.text.clone())));
        if tier.has_probabilities() {
            written.push((format!("{}: probability", tier.name), texts(&percent)));
        }
    }
    let mut text = format!(
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = {length_s}\ntiers? <exists>\nsize = {}\nitem []:\n",
        written.len()
    );
    for (number, (name, entries)) in written.iter().enumerate() {
        interval_tier(&mut text, number + 1, name, length_s, entries);
    }
    text
}

fn interval_tier(
    text: &mut String,
    number: usize,
    name: &str,
    length_s: f64,
    entries: &[(f64, f64, String)],
) {
    let mut intervals = Vec::new();
    let mut at = 0.0;
    for (start_s, end_s, label) in entries {
        if *start_s > at {
            intervals.push((at, *start_s, ""));
        }
        intervals.push((start_s.max(at), *end_s, label.as_str()));
        at = *end_s;
    }
    if length_s > at {
        intervals.push((at, length_s, ""));
    }
    let _ = write!(
        text,
        "    item [{number}]:\n        class = \"IntervalTier\"\n        name = \"{}\"\n        xmin = 0\n        xmax = {length_s}\n        intervals: size = {}\n",
        name.replace('"', "\"\""),
        intervals.len()
    );
    for (i, (start, end, label)) in intervals.iter().enumerate() {
        let label = label.replace('"', "\"\"");
        let _ = writeln!(
            text,
            "        intervals [{}]:\n            xmin = {start}\n            xmax = {end}\n            text = \"{label}\"",
            i + 1
        );
    }
}

#[test]
fn pauses_are_empty_intervals_and_quotes_are_doubled() {
    let entries = super::example();
    let text = write(&Timeline {
        name: "x",
        length_s: 3603.0,
        tier: "turns",
        entries: &entries,
    });
    assert!(text.contains("\nsize = 5\n"), "{text}");
    assert!(text.contains("name = \"A & B: probability\"\n"), "{text}");
    assert!(text.contains("xmin = 1.25\n            xmax = 3603\n            text = \"\"\n"));
    assert!(text.contains("text = \"an \"\"angry\"\" <b>\"\n"));
    assert!(text.contains("xmin = 3602.5\n            xmax = 3603\n"));
}
