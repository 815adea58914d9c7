//! The page of one recording: its waveform, spectrogram, pitch, loudness and formants, and how its features stand in a population.
//!
//! The recording comes as numbers, from whoever decoded and measured it. [`ser_view`] makes of them what the script of the page draws, which the page in
//! the browser draws with the same script.

use minijinja::context;
use resvg::tiny_skia::Pixmap;
use ser_view::spectrogram::{Spectrogram, spectrogram};
use ser_view::{Feature, Tracks, View};
use serde::Serialize;

use super::Error;
use super::audio::data_url;
use super::page::{PLOTLY, STYLE, THEME, render, script_json};
use super::words::ETHICS;

const WORDS: &str = include_str!("../../../../assets/report/words.js");
const SCRIPT: &str = include_str!("../../../../assets/report/recording.js");
const TEMPLATE: &str = include_str!("../../../../assets/report/recording.html");

/// A recording and what was measured of it.
#[derive(Clone, Debug, Default)]
pub struct ReportedRecording<'a> {
    /// Its name, as the page shows it.
    pub name: &'a str,
    /// What there is to say about the file, each continuing its name.
    pub warnings: &'a [String],
    /// Its samples, −1 to 1.
    pub samples: &'a [f32],
    /// Samples per second.
    pub rate_hz: u32,
    /// Lines through its time.
    pub tracks: Tracks,
    /// Its features.
    pub features: &'a [Feature<'a>],
    /// Whose mean and deviation the features are compared with, such as "3162 recordings of crema-d"; empty where there is none.
    pub population: &'a str,
    /// What a model guessed, if one was asked.
    pub guess: Option<Guess<'a>>,
    /// The file's bytes and media type, to play it from the page.
    pub audio: Option<(&'a [u8], &'a str)>,
}

/// What a model guessed.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub struct Guess<'a> {
    /// The model's name.
    pub model: &'a str,
    /// The classes with their probabilities, or with what speaks for each.
    pub classes: &'a [(&'a str, f64)],
    /// The numbers of the classes are no probabilities: they are shown as bars, without percentages.
    pub bars_only: bool,
    /// What spoke for and against, in sentences.
    pub reasons: &'a [String],
}

/// The view with what only a page made from a file has.
#[derive(Serialize)]
struct Shown<'a> {
    #[serde(flatten)]
    view: View<'a>,
    guess: Option<Guess<'a>>,
    audio: Option<String>,
}

/// The page of a recording.
///
/// # Errors
/// [`Error::Page`] and [`Error::Picture`] where template or picture cannot be made, which is a fault of this program.
pub fn recording_page(recording: &ReportedRecording<'_>) -> Result<String, Error> {
    let (samples, rate_hz) = (recording.samples, recording.rate_hz);
    let picture = spectrogram(samples, rate_hz);
    let mut view = View::new(
        samples,
        rate_hz,
        &picture,
        &recording.tracks,
        recording.features,
        recording.population,
    );
    view.spectrogram.url = data_url("image/png", &png(&picture)?);
    let data = Shown {
        view,
        guess: recording.guess,
        audio: recording.audio.map(|(bytes, kind)| data_url(kind, bytes)),
    };
    render(
        "recording.html",
        TEMPLATE,
        context! {
            name => recording.name, warnings => recording.warnings.to_vec(),
            ethics => ETHICS, style => STYLE, plotly => PLOTLY, scripts => [THEME, WORDS, SCRIPT],
            data => script_json(&data)?,
        },
    )
}

/// The spectrogram as a PNG.
fn png(picture: &Spectrogram) -> Result<Vec<u8>, Error> {
    let mut pixels = Pixmap::new(picture.width as u32, picture.height as u32)
        .ok_or_else(|| Error::Picture("a spectrogram without extent".into()))?;
    for (pixel, &grey) in pixels.data_mut().chunks_exact_mut(4).zip(&picture.grey) {
        pixel.copy_from_slice(&[grey, grey, grey, 255]);
    }
    pixels
        .encode_png()
        .map_err(|e| Error::Picture(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_markup_stays_a_name() {
        let name = "</script><img src=x onerror=alert(1)>\"'.wav";
        let feature = Feature {
            name,
            group: name,
            meaning: name,
            ..Feature::default()
        };
        let page = recording_page(&ReportedRecording {
            name,
            samples: &[0.0; 1000],
            rate_hz: 16000,
            warnings: &["ends before its header says".into()],
            features: &[feature],
            ..ReportedRecording::default()
        })
        .unwrap();
        assert!(!page.contains("<img src=x"));
        assert!(page.contains("This recording ends before its header says."));
        assert!(page.len() < crate::report::LARGEST);
    }

    #[test]
    fn the_picture_is_the_spectrogram_pixel_by_pixel() {
        let samples: Vec<f32> = (0..8000).map(|n| (n as f32 * 0.4).sin()).collect();
        let picture = spectrogram(&samples, 16000);
        let pixels = Pixmap::decode_png(&png(&picture).unwrap()).unwrap();
        let grey: Vec<u8> = pixels.pixels().iter().map(|pixel| pixel.red()).collect();
        assert_eq!(grey, picture.grey);
    }
}
