//! ELAN's annotation document, format 3.0: a tier per speaker, and below it the probabilities, each tied to its annotation.
//!
//! Times are whole milliseconds. The date that the schema asks for is always the same, so that the same recording gives the same file.
//! <https://www.mpi.nl/tools/elan/EAFv3.0.xsd>

use std::fmt::Write;

use super::tier::{Tier, tiers};
use super::{Entry, Timeline, percent};

const HEAD: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="ser" DATE="1970-01-01T00:00:00+00:00" FORMAT="3.0" VERSION="3.0" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:noNamespaceSchemaLocation="http://www.mpi.nl/tools/elan/EAFv3.0.xsd">
"#;

const TAIL: &str = r#"    <LINGUISTIC_TYPE GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="answer" TIME_ALIGNABLE="true"/>
    <LINGUISTIC_TYPE CONSTRAINTS="Symbolic_Association" GRAPHIC_REFERENCES="false" LINGUISTIC_TYPE_ID="probability" TIME_ALIGNABLE="false"/>
    <CONSTRAINT DESCRIPTION="1-1 association with a parent annotation" STEREOTYPE="Symbolic_Association"/>
</ANNOTATION_DOCUMENT>
"#;

pub(super) fn write(timeline: &Timeline<'_>) -> String {
    let mut text = HEAD.to_owned();
    let media = plain(&address(timeline.name));
    let _ = writeln!(
        text,
        "    <HEADER MEDIA_FILE=\"\" TIME_UNITS=\"milliseconds\">\n        <MEDIA_DESCRIPTOR MEDIA_URL=\"{media}\" MIME_TYPE=\"{}\" RELATIVE_MEDIA_URL=\"./{media}\"/>\n    </HEADER>",
        mime(timeline.name)
    );
    let tiers = tiers(timeline);
    // Slots stand in order of time; each annotation has two of its own.
    let ms = |seconds: f64| (seconds * 1000.0).round() as u64;
    let entries: Vec<&Entry> = tiers
        .iter()
        .flat_map(|tier| &tier.entries)
        .copied()
        .collect();
    let mut slots: Vec<(u64, usize)> = Vec::with_capacity(2 * entries.len());
    for (number, entry) in entries.iter().enumerate() {
        slots.push((ms(entry.start_s), 2 * number + 1));
        slots.push((ms(entry.end_s), 2 * number + 2));
    }
    slots.sort_unstable();
    text.push_str("    <TIME_ORDER>\n");
    for (ms, slot) in slots {
        let _ = writeln!(
            text,
            "        <TIME_SLOT TIME_SLOT_ID=\"ts{slot}\" TIME_VALUE=\"{ms}\"/>"
        );
    }
    text.push_str("    </TIME_ORDER>\n");
    let (mut first, mut next) = (0, entries.len());
    for tier in &tiers {
        write_tier(&mut text, tier, first, &mut next);
        first += tier.entries.len();
    }
    text.push_str(TAIL);
    text
}

/// `first`: annotations before those of the tier; `next`: the last number given.
fn write_tier(text: &mut String, tier: &Tier<'_>, first: usize, next: &mut usize) {
    let name = plain(&tier.name);
    // Turns of nobody known are not those of one speaker.
    let speaker = tier
        .entries
        .first()
        .and_then(|entry| entry.speaker.as_ref());
    let speaker = speaker.map(|who| format!(" PARTICIPANT=\"{}\"", plain(who)));
    let speaker = speaker.unwrap_or_default();
    let _ = writeln!(
        text,
        "    <TIER LINGUISTIC_TYPE_REF=\"answer\"{speaker} TIER_ID=\"{name}\">"
    );
    for (i, entry) in tier.entries.iter().enumerate() {
        let number = first + i + 1;
        let _ = writeln!(
            text,
            "        <ANNOTATION>\n            <ALIGNABLE_ANNOTATION ANNOTATION_ID=\"a{number}\" TIME_SLOT_REF1=\"ts{}\" TIME_SLOT_REF2=\"ts{}\">\n                <ANNOTATION_VALUE>{}</ANNOTATION_VALUE>\n            </ALIGNABLE_ANNOTATION>\n        </ANNOTATION>",
            2 * number - 1,
            2 * number,
            plain(&entry.text)
        );
    }
    text.push_str("    </TIER>\n");
    if !tier.has_probabilities() {
        return;
    }
    let _ = writeln!(
        text,
        "    <TIER LINGUISTIC_TYPE_REF=\"probability\" PARENT_REF=\"{name}\"{speaker} TIER_ID=\"{name}: probability\">"
    );
    for (i, entry) in tier.entries.iter().enumerate() {
        if entry.probability.is_none() {
            continue;
        }
        *next += 1;
        let _ = writeln!(
            text,
            "        <ANNOTATION>\n            <REF_ANNOTATION ANNOTATION_ID=\"a{next}\" ANNOTATION_REF=\"a{}\">\n                <ANNOTATION_VALUE>{}</ANNOTATION_VALUE>\n            </REF_ANNOTATION>\n        </ANNOTATION>",
            first + i + 1,
            percent(entry)
        );
    }
    text.push_str("    </TIER>\n");
}

/// Text as it may stand in XML 1.0: markup escaped, other control characters blank.
fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => plain.push_str("&amp;"),
            '<' => plain.push_str("&lt;"),
            '>' => plain.push_str("&gt;"),
            '"' => plain.push_str("&quot;"),
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => plain.push(' '),
            c => plain.push(c),
        }
    }
    plain
}

/// A name as part of a URL (RFC 3986): the last part of its path, with bytes that have a meaning there or are no ASCII written as %XX.
fn address(name: &str) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let mut address = String::new();
    for byte in name.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                address.push(char::from(byte));
            }
            byte => {
                let _ = write!(address, "%{byte:02X}");
            }
        }
    }
    address
}

/// As ELAN names media.
fn mime(name: &str) -> &'static str {
    match name.rsplit('.').next().map(str::to_ascii_lowercase) {
        Some(extension) if extension == "wav" => "audio/x-wav",
        Some(extension) if extension == "mp3" => "audio/mpeg",
        _ => "unknown",
    }
}

#[test]
fn annotations_point_at_slots_and_probabilities_at_annotations() {
    let entries = super::example();
    let text = write(&Timeline {
        name: "calls/a b.wav",
        length_s: 3603.0,
        tier: "answer",
        entries: &entries,
    });
    assert!(
        text.contains("RELATIVE_MEDIA_URL=\"./a%20b.wav\""),
        "{text}"
    );
    let order: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split("TIME_SLOT_ID=\"").nth(1)?.split('"').next())
        .collect();
    assert_eq!(order, ["ts1", "ts3", "ts2", "ts4", "ts5", "ts6"]);
    assert!(text.contains("TIER_ID=\"A &amp; B\""));
    assert!(text.contains("<ANNOTATION_VALUE>an &quot;angry&quot; &lt;b&gt;</ANNOTATION_VALUE>"));
    assert!(text.contains("ANNOTATION_ID=\"a4\" ANNOTATION_REF=\"a1\""));
    assert!(text.contains("ANNOTATION_ID=\"a5\" ANNOTATION_REF=\"a2\""));
    assert!(text.contains("REF=\"answer\" PARTICIPANT=\"C\" TIER_ID=\"C\""));
    assert!(text.contains("REF=\"answer\" TIER_ID=\"answer\""));
}
