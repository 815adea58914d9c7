//! Timelines for other tools: Praat, ELAN, players, diarisation scoring, Audacity.
//!
//! ```text
//! entries ─ tier: one line per speaker, no two entries at the same time ─ textgrid, eaf
//!         └ in order of time ─ vtt, rttm, audacity
//! ```

mod audacity;

mod eaf;

mod rttm;

mod textgrid;

mod tier;

mod vtt;

use std::path::Path;

/// A stretch of a recording with a text.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Entry {
    /// Where it begins, in seconds.
    pub start_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// What stands there.
    pub text: String,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// How probable the text is, 0 to 1, where that is known.
    pub probability: Option<f64>,
}

/// The entries of a recording.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Timeline<'a> {
    /// The recording's name.
    pub name: &'a str,
    /// Its length, seconds.
    pub length_s: f64,
    /// What the line of entries without a speaker is called.
    pub tier: &'a str,
    /// In order of their starts.
    pub entries: &'a [Entry],
}

/// A format of timelines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// Praat's TextGrid, an interval tier per speaker.
    TextGrid,
    /// ELAN's annotation document.
    Eaf,
    /// WebVTT, subtitles of the web.
    Vtt,
    /// Rich Transcription Time Marked (NIST).
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
            "eaf" => Some(Self::Eaf),
            "vtt" => Some(Self::Vtt),
            "rttm" => Some(Self::Rttm),
            "txt" => Some(Self::Audacity),
            _ => None,
        }
    }

    /// The timeline as the text of a file.
    pub fn write(self, timeline: &Timeline<'_>) -> String {
        match self {
            Self::TextGrid => textgrid::write(timeline),
            Self::Eaf => eaf::write(timeline),
            Self::Vtt => vtt::write(timeline.entries),
            Self::Rttm => rttm::write(timeline.name, timeline.entries),
            Self::Audacity => audacity::write(timeline.entries),
        }
    }
}

/// A probability as a timeline shows it, empty where there is none.
fn percent(entry: &Entry) -> String {
    let text = |p: f64| format!("{:.0} %", 100.0 * p);
    entry.probability.map(text).unwrap_or_default()
}

/// Two entries at the same time by two speakers, with characters that formats treat specially.
#[cfg(test)]
fn example() -> Vec<Entry> {
    let entry = |start_s, end_s, text: &str, speaker: Option<&str>, probability| Entry {
        start_s,
        end_s,
        text: text.into(),
        speaker: speaker.map(str::to_owned),
        probability,
    };
    vec![
        entry(0.5, 1.25, "an \"angry\" <b>", Some("A & B"), Some(0.625)),
        entry(1.0, 2.0, "sad", Some("C"), Some(0.5)),
        entry(3601.0, 3602.5, "sad", None, None),
    ]
}

#[test]
fn the_extension_says_which_format() {
    assert_eq!(Format::of("a.TextGrid".as_ref()), Some(Format::TextGrid));
    assert_eq!(Format::of("a.EAF".as_ref()), Some(Format::Eaf));
    assert_eq!(Format::of("a.wav".as_ref()), None);
}
