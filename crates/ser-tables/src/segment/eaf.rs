//! ELAN's annotation files: XML with slots of time, and annotations between two slots on tiers.
//!
//! ```xml
//! <MEDIA_DESCRIPTOR MEDIA_URL="file:///home/me/a.wav" RELATIVE_MEDIA_URL="./a.wav" …/>
//! <TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/>                                        milliseconds
//! <TIER TIER_ID="words" PARTICIPANT="Ann">
//!   <ALIGNABLE_ANNOTATION TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2"><ANNOTATION_VALUE>no</ANNOTATION_VALUE>
//! ```
//!
//! Slots without a time, which ELAN allows inside subdivided annotations, make their annotations bad rows. Tiers of references, which have no times of their
//! own, are left out. Max Planck Institute for Psycholinguistics (2017), "ELAN Annotation Format", schema version 3.0.

use std::collections::HashMap;
use std::time::Duration;

use super::{Stretch, Stretches, chosen, stretch};
use crate::input_table::Wrong;

/// A tag with its attributes, or the text between two tags.
enum Piece<'a> {
    Open(&'a str, &'a str),
    Close(&'a str),
    Text(&'a str),
}

/// The pieces of an XML text, without comments, declarations and instructions.
fn pieces(text: &str) -> Result<Vec<Piece<'_>>, String> {
    let mut found = Vec::new();
    let mut rest = text;
    let cut = || "it ends inside a tag: it is cut off".to_owned();
    while let Some(open) = rest.find('<') {
        if open > 0 {
            found.push(Piece::Text(&rest[..open]));
        }
        rest = &rest[open..];
        let skipped = [
            ("<!--", "-->"),
            ("<![CDATA[", "]]>"),
            ("<?", "?>"),
            ("<!", ">"),
        ];
        if let Some((begin, end)) = skipped.iter().find(|(begin, _)| rest.starts_with(begin)) {
            let length = rest[begin.len()..].find(end).ok_or_else(cut)?;
            if begin.ends_with('[') {
                found.push(Piece::Text(&rest[begin.len()..begin.len() + length]));
            }
            rest = &rest[begin.len() + length + end.len()..];
            continue;
        }
        let close = tag_end(rest).ok_or_else(cut)?;
        let inner = &rest[1..close];
        rest = &rest[close + 1..];
        if let Some(name) = inner.strip_prefix('/') {
            found.push(Piece::Close(name.trim()));
            continue;
        }
        let (inner, empty) = match inner.strip_suffix('/') {
            Some(inner) => (inner, true),
            None => (inner, false),
        };
        let (name, attributes) = inner.split_once(char::is_whitespace).unwrap_or((inner, ""));
        found.push(Piece::Open(name, attributes));
        if empty {
            found.push(Piece::Close(name));
        }
    }
    Ok(found)
}

/// Where the tag at the beginning ends: a `>` inside quotes is part of an attribute.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    text.char_indices().find_map(|(at, c)| {
        match quote {
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '\'' => quote = Some(c),
            None if c == '>' => return Some(at),
            _ => {}
        }
        None
    })
}

/// An attribute of a tag.
fn attribute(attributes: &str, name: &str) -> Option<String> {
    let mut rest = attributes;
    while let Some((key, after)) = rest.split_once('=') {
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| "\"'".contains(*c))?;
        let (value, next) = after[1..].split_once(quote)?;
        if key.trim() == name {
            return Some(entities(value));
        }
        rest = next;
    }
    None
}

/// A text with its entities written out.
fn entities(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let known = rest.find(';').filter(|end| *end < 12).and_then(|end| {
            let c = match &rest[1..end] {
                "lt" => '<',
                "gt" => '>',
                "amp" => '&',
                "quot" => '"',
                "apos" => '\'',
                other => {
                    let number = other.strip_prefix('#')?;
                    let code = match number.strip_prefix(['x', 'X']) {
                        Some(hexadecimal) => u32::from_str_radix(hexadecimal, 16).ok()?,
                        None => number.parse().ok()?,
                    };
                    char::from_u32(code)?
                }
            };
            Some((c, end))
        });
        match known {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out
}

/// A tier with the slots and values of its annotations.
#[derive(Default)]
struct Tier {
    name: String,
    participant: Option<String>,
    annotations: Vec<Annotation>,
}

#[derive(Default)]
struct Annotation {
    from: String,
    to: String,
    value: String,
}

/// The annotations of the tier that is meant, or of the only one.
pub fn read(text: &str, tier: Option<&str>) -> Result<Stretches, String> {
    let mut slots: HashMap<String, Option<Duration>> = HashMap::new();
    let mut tiers: Vec<Tier> = Vec::new();
    let mut file = None;
    let mut in_value = false;
    for piece in pieces(text)? {
        match piece {
            Piece::Open("TIME_SLOT", attributes) => {
                let id = attribute(attributes, "TIME_SLOT_ID").unwrap_or_default();
                let ms = attribute(attributes, "TIME_VALUE").and_then(|ms| ms.parse().ok());
                slots.insert(id, ms.map(Duration::from_millis));
            }
            Piece::Open("MEDIA_DESCRIPTOR", attributes) if file.is_none() => {
                let relative = attribute(attributes, "RELATIVE_MEDIA_URL");
                let url = relative.or_else(|| attribute(attributes, "MEDIA_URL"));
                file = url.as_deref().and_then(file_name);
            }
            Piece::Open("TIER", attributes) => tiers.push(Tier {
                name: attribute(attributes, "TIER_ID").unwrap_or_default(),
                participant: attribute(attributes, "PARTICIPANT").filter(|name| !name.is_empty()),
                annotations: Vec::new(),
            }),
            Piece::Open("ALIGNABLE_ANNOTATION", attributes) => {
                if let Some(tier) = tiers.last_mut() {
                    tier.annotations.push(Annotation {
                        from: attribute(attributes, "TIME_SLOT_REF1").unwrap_or_default(),
                        to: attribute(attributes, "TIME_SLOT_REF2").unwrap_or_default(),
                        value: String::new(),
                    });
                }
            }
            Piece::Open("ANNOTATION_VALUE", _) => in_value = true,
            Piece::Close("ANNOTATION_VALUE") => in_value = false,
            Piece::Text(text) if in_value => {
                let last = tiers
                    .last_mut()
                    .and_then(|tier| tier.annotations.last_mut());
                if let Some(annotation) = last {
                    annotation.value.push_str(&entities(text));
                }
            }
            _ => {}
        }
    }
    tiers.retain(|tier| !tier.annotations.is_empty());
    let names: Vec<String> = tiers.iter().map(|tier| tier.name.clone()).collect();
    let chosen = chosen(&names, tier)?;
    let several = chosen.len() > 1;
    let mut rows = Vec::new();
    for at in chosen {
        let tier = &tiers[at];
        let name = several.then(|| tier.name.clone());
        let speaker = tier.participant.clone().or(name);
        for annotation in &tier.annotations {
            rows.push(
                row(rows.len() + 1, annotation, &slots).map(|found| Stretch {
                    file: file.clone(),
                    speaker: speaker.clone(),
                    ..found
                }),
            );
        }
    }
    Ok(Stretches {
        rows,
        counted: "annotation",
    })
}

fn row(
    at: usize,
    annotation: &Annotation,
    slots: &HashMap<String, Option<Duration>>,
) -> Result<Stretch, Wrong> {
    let slot = |id: &str| match slots.get(id) {
        Some(Some(time)) => Ok(*time),
        Some(None) => Err(Wrong {
            at,
            problem: format!("its time slot {id} has no time"),
        }),
        None => Err(Wrong {
            at,
            problem: format!("its time slot {id:?} is not in the file"),
        }),
    };
    let found = stretch(
        at,
        Some(slot(&annotation.from)?),
        Some(slot(&annotation.to)?),
    )?;
    let label = annotation.value.trim();
    Ok(Stretch {
        label: (!label.is_empty()).then(|| label.to_owned()),
        ..found
    })
}

/// The last part of a URL, its percent signs written out.
fn file_name(url: &str) -> Option<String> {
    let last = url.rsplit(['/', '\\']).next()?;
    let mut bytes = Vec::new();
    let mut rest = last.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| std::str::from_utf8(after.get(..2)?).ok())
            .flatten()
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                bytes.push(code);
                rest = &after[2..];
            }
            None => {
                bytes.push(byte);
                rest = after;
            }
        }
    }
    let name = String::from_utf8_lossy(&bytes).into_owned();
    (!name.is_empty()).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = r#"<?xml version="1.0" encoding="UTF-8"?>
<ANNOTATION_DOCUMENT AUTHOR="" FORMAT="3.0"><!-- <TIER TIER_ID="none"> -->
 <HEADER TIME_UNITS="milliseconds"><MEDIA_DESCRIPTOR MEDIA_URL="file:///C:/x/my%20call.wav" MIME_TYPE="audio/x-wav"/></HEADER>
 <TIME_ORDER><TIME_SLOT TIME_SLOT_ID="ts1" TIME_VALUE="100"/><TIME_SLOT TIME_SLOT_ID='ts2' TIME_VALUE='400'/><TIME_SLOT TIME_SLOT_ID="ts3"/></TIME_ORDER>
 <TIER LINGUISTIC_TYPE_REF="x" PARTICIPANT="Ann" TIER_ID="A>B">
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a1" TIME_SLOT_REF1="ts1" TIME_SLOT_REF2="ts2">
   <ANNOTATION_VALUE>no &lt;&#228;&gt;</ANNOTATION_VALUE></ALIGNABLE_ANNOTATION></ANNOTATION>
  <ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a2" TIME_SLOT_REF1="ts2" TIME_SLOT_REF2="ts3"><ANNOTATION_VALUE/></ALIGNABLE_ANNOTATION></ANNOTATION>
 </TIER>
 <TIER TIER_ID="refs"><ANNOTATION><REF_ANNOTATION ANNOTATION_REF="a1"><ANNOTATION_VALUE>y</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION></TIER>
</ANNOTATION_DOCUMENT>"#;

    #[test]
    fn annotations_have_the_times_of_their_slots() {
        let found = read(FILE, None).unwrap();
        let first = found.rows[0].as_ref().unwrap();
        assert_eq!(first.file.as_deref(), Some("my call.wav"));
        assert_eq!(first.speaker.as_deref(), Some("Ann"));
        assert_eq!(first.label.as_deref(), Some("no <\u{e4}>"));
        assert_eq!(first.start.as_millis(), 100);
        assert_eq!(first.end.map(|end| end.as_millis()), Some(400));
        let second = found.rows[1].as_ref().unwrap_err();
        assert_eq!(second.problem, "its time slot ts3 has no time");
        assert!(read(FILE, Some("A>B")).is_ok());
        assert!(read(FILE, Some("B")).unwrap_err().contains("\"A>B\""));
        assert!(
            read(&FILE[..FILE.len() - 3], None)
                .unwrap_err()
                .contains("cut off")
        );
    }
}
