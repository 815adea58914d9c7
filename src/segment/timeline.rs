//! Stretches with a text, in the formats that other tools read.

use std::fmt::Write;
use std::path::Path;

/// A stretch with a text.
#[derive(Clone, Debug, PartialEq)]
pub struct Entry {
    /// Where it begins, in seconds.
    pub start_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// What stands there.
    pub text: String,
}

/// A format of timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Praat's TextGrid, one interval tier.
    TextGrid,
    /// WebVTT, subtitles of the web.
    Vtt,
    /// Rich Transcription Time Marked (NIST), the text as speaker.
    Rttm,
    /// A label track of Audacity.
    Audacity,
}

impl Format {
    /// The format that the extension of a file name means.
    pub fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "textgrid" => Some(Self::TextGrid),
            "vtt" => Some(Self::Vtt),
            "rttm" => Some(Self::Rttm),
            "txt" => Some(Self::Audacity),
            _ => None,
        }
    }

    /// Entries in order, of a recording of this name and length.
    pub fn write(self, name: &str, length_s: f64, entries: &[Entry]) -> String {
        match self {
            Self::TextGrid => textgrid(length_s, entries),
            Self::Vtt => vtt(entries),
            Self::Rttm => rttm(name, entries),
            Self::Audacity => audacity(entries),
        }
    }
}

/// Intervals must cover the whole tier, so pauses are intervals without a text.
fn textgrid(length_s: f64, entries: &[Entry]) -> String {
    let mut intervals = Vec::new();
    let mut at = 0.0;
    for entry in entries {
        if entry.start_s > at {
            intervals.push((at, entry.start_s, ""));
        }
        intervals.push((entry.start_s.max(at), entry.end_s, entry.text.as_str()));
        at = entry.end_s;
    }
    let length_s = length_s.max(at);
    if length_s > at {
        intervals.push((at, length_s, ""));
    }
    let mut text = format!(
        "File type = \"ooTextFile\"\nObject class = \"TextGrid\"\n\nxmin = 0\nxmax = {length_s}\ntiers? <exists>\nsize = 1\nitem []:\n    item [1]:\n        class = \"IntervalTier\"\n        name = \"turns\"\n        xmin = 0\n        xmax = {length_s}\n        intervals: size = {}\n",
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
    text
}

fn vtt(entries: &[Entry]) -> String {
    let mut text = "WEBVTT\n".to_owned();
    for entry in entries {
        let label = entry
            .text
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;");
        let label = label.replace(['\n', '\r'], " ");
        let _ = write!(
            text,
            "\n{} --> {}\n{label}\n",
            clock(entry.start_s),
            clock(entry.end_s)
        );
    }
    text
}

fn clock(seconds: f64) -> String {
    let ms = (seconds * 1000.0).round() as u64;
    let (s, m, h) = (ms / 1000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1000)
}

fn rttm(name: &str, entries: &[Entry]) -> String {
    // Fields are separated by blanks.
    let field = |text: &str| {
        let joined = text.split_whitespace().collect::<Vec<_>>().join("_");
        if joined.is_empty() {
            "<NA>".to_owned()
        } else {
            joined
        }
    };
    let mut text = String::new();
    for entry in entries {
        let length = entry.end_s - entry.start_s;
        let _ = writeln!(
            text,
            "SPEAKER {} 1 {:.3} {length:.3} <NA> <NA> {} <NA> <NA>",
            field(name),
            entry.start_s,
            field(&entry.text)
        );
    }
    text
}

fn audacity(entries: &[Entry]) -> String {
    let mut text = String::new();
    for entry in entries {
        let label = entry.text.replace(['\t', '\n', '\r'], " ");
        let _ = writeln!(text, "{:.6}\t{:.6}\t{label}", entry.start_s, entry.end_s);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entries() -> Vec<Entry> {
        let entry = |start_s, end_s, text: &str| Entry {
            start_s,
            end_s,
            text: text.into(),
        };
        vec![
            entry(0.5, 1.25, "an \"angry\" <b>"),
            entry(3601.0, 3602.5, "sad"),
        ]
    }

    #[test]
    fn pauses_of_a_textgrid_are_empty_intervals_and_quotes_are_doubled() {
        let text = Format::TextGrid.write("x", 3603.0, &entries());
        assert!(text.contains("intervals: size = 5\n"), "{text}");
        assert!(text.contains("xmin = 1.25\n            xmax = 3601\n            text = \"\"\n"));
        assert!(text.contains("text = \"an \"\"angry\"\" <b>\"\n"));
        assert!(text.contains("xmin = 3602.5\n            xmax = 3603\n"));
    }

    #[test]
    fn other_formats_line_by_line() {
        assert_eq!(
            Format::Vtt.write("x", 1.0, &entries()),
            "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\nan \"angry\" &lt;b&gt;\n\n01:00:01.000 --> 01:00:02.500\nsad\n"
        );
        assert_eq!(
            Format::Rttm.write("a b.wav", 1.0, &entries()[1..]),
            "SPEAKER a_b.wav 1 3601.000 1.500 <NA> <NA> sad <NA> <NA>\n"
        );
        assert_eq!(
            Format::Audacity.write("x", 1.0, &entries()[1..]),
            "3601.000000\t3602.500000\tsad\n"
        );
        assert_eq!(Format::of("a.TextGrid".as_ref()), Some(Format::TextGrid));
    }
}
