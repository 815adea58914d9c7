//! WebVTT and SRT: cues of a clock, an arrow and a clock, and a text up to an empty line.
//!
//! ```text
//! 00:00:01.500 --> 00:00:02.250 align:start       WebVTT; hours may be missing, settings may follow
//! <v Ann>I would rather not.
//!
//! 00:00:01,500 --> 00:00:02,250                   SRT; a number stands above each cue
//! ```
//!
//! W3C (2019), "WebVTT: The Web Video Text Tracks Format", section 4. Tags are taken out of the text; the voice that `<v NAME>` gives is the speaker.

use super::{Stretch, Stretches, stretch};
use crate::input_table::Wrong;
use crate::time::time;

const ARROW: &str = "-->";

/// Whether it begins as WebVTT does, or has a cue where SRT has its first.
pub fn is_it(text: &str) -> bool {
    text.starts_with("WEBVTT")
        || text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .take(2)
            .any(|line| line.contains(ARROW))
}

/// The cues.
pub fn read(text: &str) -> Stretches {
    let mut rows = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((number, line)) = lines.next() {
        let Some((start, rest)) = line.split_once(ARROW) else {
            // Styles, regions and comments may hold anything up to an empty line.
            if ["NOTE", "STYLE", "REGION"]
                .iter()
                .any(|word| line.starts_with(word))
            {
                for (_, line) in lines.by_ref() {
                    if line.trim().is_empty() {
                        break;
                    }
                }
            }
            continue;
        };
        let mut words = Vec::new();
        for (_, line) in lines.by_ref() {
            if line.trim().is_empty() {
                break;
            }
            words.push(line);
        }
        let end = rest.split_whitespace().next().unwrap_or_default();
        rows.push(cue(number + 1, start, end, &words.join(" ")));
    }
    Stretches {
        rows,
        counted: "line",
    }
}

fn cue(at: usize, start: &str, end: &str, text: &str) -> Result<Stretch, Wrong> {
    let wrong = |problem: String| Wrong { at, problem };
    let needed = |field: &str| {
        time(field, 1.0)
            .map_err(wrong)?
            .ok_or_else(|| wrong("a cue has a start and an end".to_owned()))
    };
    let found = stretch(at, Some(needed(start)?), Some(needed(end)?))?;
    let (label, speaker) = plain(text);
    Ok(Stretch {
        speaker,
        label: (!label.is_empty()).then_some(label),
        ..found
    })
}

/// The text without its tags, and the voice they name.
fn plain(text: &str) -> (String, Option<String>) {
    let mut clean = String::new();
    let mut speaker = None;
    let mut rest = text;
    while let Some(open) = rest.find('<') {
        clean.push_str(&rest[..open]);
        let Some(length) = rest[open..].find('>') else {
            rest = &rest[open..];
            break;
        };
        let tag = &rest[open + 1..open + length];
        let (name, annotation) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        if name.split('.').next() == Some("v") && !annotation.trim().is_empty() {
            speaker = Some(entities(annotation.trim()));
        }
        rest = &rest[open + length + 1..];
    }
    clean.push_str(rest);
    (entities(clean.trim()), speaker)
}

fn entities(text: &str) -> String {
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&nbsp;", " ")
        .replace("&lrm;", "")
        .replace("&rlm;", "")
        .replace("&amp;", "&")
}

#[test]
fn cues_of_both_forms_are_read() {
    let vtt = "WEBVTT a title\n\nNOTE\n0:00:00 --> no cue\n\n1\n00:01.500 --> 00:02.250 align:start\n<v.loud Ann B>I <i>would</i>\nrather &lt;not&gt;.\n\n01:00:01.000 --> 01:00:02.500\n";
    assert!(is_it(vtt));
    let found = read(vtt).rows;
    assert_eq!(found.len(), 2);
    let first = found[0].as_ref().unwrap();
    assert_eq!((first.at, first.start.as_millis()), (7, 1500));
    assert_eq!(first.label.as_deref(), Some("I would rather <not>."));
    assert_eq!(first.speaker.as_deref(), Some("Ann B"));
    assert_eq!(found[1].as_ref().unwrap().start.as_secs(), 3601);
    let srt =
        "1\r\n00:00:01,500 --> 00:00:02,250\r\nyes\r\n\r\n2\r\n00:00:05,0 --> 00:00:04,0\r\nno\r\n";
    assert!(is_it(srt));
    let found = read(srt).rows;
    assert_eq!(found[0].as_ref().unwrap().end.unwrap().as_millis(), 2250);
    assert_eq!(
        found[1].as_ref().unwrap_err().problem,
        "ends at 4 s, before it starts at 5 s"
    );
    assert!(!is_it("file,start,end\n"));
}
