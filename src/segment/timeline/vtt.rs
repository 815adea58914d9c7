//! WebVTT: a cue per entry, the speaker as voice span. <https://www.w3.org/TR/webvtt1/>

use std::fmt::Write;

use super::Entry;

pub(super) fn write(entries: &[Entry]) -> String {
    let mut text = "WEBVTT\n".to_owned();
    for entry in entries {
        let voice = match &entry.speaker {
            Some(speaker) => format!("<v {}>", plain(speaker)),
            None => String::new(),
        };
        let probability = match entry.probability {
            Some(p) => format!(" {:.0} %", 100.0 * p),
            None => String::new(),
        };
        let _ = write!(
            text,
            "\n{} --> {}\n{voice}{}{probability}\n",
            clock(entry.start_s),
            clock(entry.end_s),
            plain(&entry.text)
        );
    }
    text
}

/// Text without line breaks and markup.
fn plain(text: &str) -> String {
    let text = text.replace('&', "&amp;").replace('<', "&lt;");
    text.replace('>', "&gt;").replace(['\n', '\r'], " ")
}

fn clock(seconds: f64) -> String {
    let ms = (seconds * 1000.0).round() as u64;
    let (s, m, h) = (ms / 1000 % 60, ms / 60_000 % 60, ms / 3_600_000);
    format!("{h:02}:{m:02}:{s:02}.{:03}", ms % 1000)
}

#[test]
fn cues_have_voices_and_no_markup_of_their_own() {
    assert_eq!(
        write(&super::example()),
        "WEBVTT\n\n00:00:00.500 --> 00:00:01.250\n<v A &amp; B>an \"angry\" &lt;b&gt; 62 %\n\n00:00:01.000 --> 00:00:02.000\n<v C>sad 50 %\n\n01:00:01.000 --> 01:00:02.500\nsad\n"
    );
}
