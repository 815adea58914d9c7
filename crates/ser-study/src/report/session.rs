//! The page of a session: a line of turns per speaker, pitch and loudness through its time, the path of the answers through the latent space, and the
//! shares of time. A turn that is clicked is played.
//!
//! Pitch and loudness are thinned to [`POINTS`] values, so that the page of an hour is no larger than its turns make it. The recording is linked, or inside.

use minijinja::{Value, context};
use serde::Serialize;

use super::Error;
use super::audio::{Audio, Sources};
use super::page::{STYLE, THEME, render, script_json};
use super::palette;
use super::words::ETHICS;

const SCRIPT: &str = include_str!("../../../../assets/report/session.js");
const TEMPLATE: &str = include_str!("../../../../assets/report/session.html");

/// The most values of pitch and of loudness: ten a second for an hour.
pub const POINTS: usize = 36_000;

/// A recording with its turns.
#[derive(Clone, Debug, Default)]
pub struct Session<'a> {
    /// Its name, as the page shows it.
    pub name: &'a str,
    /// What there is to say about the file, each continuing its name.
    pub warnings: &'a [String],
    /// Its length, seconds.
    pub length_s: f64,
    /// The model's name.
    pub model: &'a str,
    /// The model's classes.
    pub classes: &'a [String],
    /// In order of their starts.
    pub turns: &'a [Turn],
    /// How the time divides, a line for each speaker and one for all.
    pub divisions: &'a [Division],
    /// Pitch and loudness.
    pub course: Course,
}

/// A turn and its answer.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Turn {
    /// Where it begins, seconds.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
    /// Who speaks; empty where that is not known.
    pub speaker: String,
    /// The class that is answered; none where the model abstains.
    pub answer: Option<String>,
    /// Why there is no answer.
    pub abstained: Option<String>,
    /// Of each class; or what speaks for it, where that is no probability.
    pub probabilities: Vec<f64>,
    /// The numbers of the classes are no probabilities: they are shown as bars, without percentages.
    pub bars_only: bool,
    /// Where it lies in the latent space.
    pub latent: Option<[f64; 2]>,
}

/// A line of the table of shares: texts, as they are shown.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Division {
    /// Whose.
    pub speaker: String,
    /// Turns.
    pub turns: u64,
    /// Seconds of speech.
    pub speech: String,
    /// Share that is not answered.
    pub unanswered: String,
    /// Share of each class.
    pub classes: Vec<String>,
}

/// Pitch and loudness through time, thinned as they come.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Course {
    /// Time between values, seconds.
    pub hop: f64,
    /// Median of the voiced pitch within a hop, Hz; 0 where nothing is voiced.
    pub pitch: Vec<u16>,
    /// Mean loudness within a hop (eGeMAPS, no unit), in hundredths.
    pub loudness: Vec<u16>,
    #[serde(skip)]
    open: Vec<(f32, f32)>,
    #[serde(skip)]
    per: usize,
}

impl Default for Course {
    fn default() -> Self {
        Self::new(0.0)
    }
}

impl Course {
    /// For a recording of a length, in seconds; descriptors come every 10 ms.
    pub fn new(length_s: f64) -> Self {
        let per = ((length_s * 100.0 / POINTS as f64).ceil() as usize).max(10);
        Self {
            hop: per as f64 * 0.01,
            pitch: Vec::new(),
            loudness: Vec::new(),
            open: Vec::new(),
            per,
        }
    }

    /// Takes in the descriptors of a frame: pitch in Hz, 0 where unvoiced, and loudness.
    pub fn add(&mut self, pitch_hz: f32, loudness: f32) {
        self.open.push((pitch_hz, loudness));
        if self.open.len() == self.per {
            self.close();
        }
    }

    /// Ends the recording.
    pub fn close(&mut self) {
        if self.open.is_empty() {
            return;
        }
        let mut voiced: Vec<f32> = self
            .open
            .iter()
            .map(|x| x.0)
            .filter(|&hz| hz > 0.0)
            .collect();
        voiced.sort_by(f32::total_cmp);
        let pitch = voiced.get(voiced.len() / 2).copied().unwrap_or(0.0);
        let loudness = self.open.iter().map(|x| x.1).sum::<f32>() / self.open.len() as f32;
        self.pitch.push(pitch.round() as u16);
        self.loudness.push((100.0 * loudness).round() as u16);
        self.open.clear();
    }
}

#[derive(Serialize)]
struct Shown<'a> {
    length: f64,
    classes: Vec<Class<'a>>,
    turns: &'a [Turn],
    course: &'a Course,
    audio: Option<String>,
}

#[derive(Serialize)]
struct Class<'a> {
    name: &'a str,
    colour: &'static str,
}

/// The page of a session.
///
/// # Errors
/// [`Error::Page`] where the template cannot be filled, which is a fault of this program.
pub fn session_page(
    session: &Session<'_>,
    recording: &std::path::Path,
    audio: &Audio,
) -> Result<String, Error> {
    let classes = session.classes.iter().enumerate().map(|(i, name)| Class {
        name,
        colour: palette::class(session.classes, i).colour,
    });
    let divisions: Vec<Value> = session
        .divisions
        .iter()
        .map(|line| {
            context! {
                speaker => line.speaker.clone(), turns => line.turns, speech => line.speech.clone(), unanswered => line.unanswered.clone(),
                classes => line.classes.clone(),
            }
        })
        .collect();
    let data = Shown {
        length: session.length_s,
        classes: classes.collect(),
        turns: session.turns,
        course: &session.course,
        audio: Sources::new(audio).url(recording),
    };
    render(
        "session.html",
        TEMPLATE,
        context! {
            name => session.name, warnings => session.warnings.to_vec(), model => session.model, ethics => ETHICS, style => STYLE, theme => THEME, script => SCRIPT,
            classes => session.classes.to_vec(), divisions, data => script_json(&data)?,
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(name: &str, turns: &[Turn], length_s: f64) -> String {
        let mut course = Course::new(length_s);
        for i in 0..(length_s * 100.0) as usize {
            course.add((i % 400) as f32, (i % 70) as f32 / 10.0);
        }
        course.close();
        let classes = ["anger".to_owned(), name.to_owned()];
        let session = Session {
            name,
            warnings: &[],
            length_s,
            model: "m",
            classes: &classes,
            turns,
            divisions: &[],
            course,
        };
        session_page(&session, std::path::Path::new("none.wav"), &Audio::None).unwrap()
    }

    #[test]
    fn names_with_markup_stay_names() {
        let name = "</script><img src=x onerror=alert(1)>\"'.wav";
        let turn = Turn {
            speaker: name.into(),
            answer: Some(name.into()),
            ..Turn::default()
        };
        assert!(!page(name, &[turn], 1.0).contains("<img src=x"));
    }

    #[test]
    fn the_page_of_a_day_stays_small() {
        let turn = Turn {
            start: 86_399.123,
            end: 86_399.987,
            speaker: "channel 1".into(),
            answer: None,
            abstained: Some(
                "p = 0.41 is below the threshold of 0.53 that was chosen for it".into(),
            ),
            probabilities: vec![0.123_456_789_123; 4],
            bars_only: false,
            latent: Some([-0.123_456_789_123; 2]),
        };
        // 700 turns an hour.
        let page = page("x.wav", &vec![turn; 700 * 24], 86_400.0);
        assert!(page.len() < 15_000_000, "{}", page.len());
    }

    #[test]
    fn pitch_is_the_median_of_what_is_voiced() {
        let mut course = Course::new(1.0);
        for hz in [0.0, 100.0, 0.0, 120.0, 400.0, 0.0, 0.0, 0.0, 0.0, 0.0] {
            course.add(hz, 1.5);
        }
        course.add(0.0, 0.25);
        course.close();
        assert_eq!(
            (course.pitch, course.loudness),
            (vec![120, 0], vec![150, 25])
        );
    }
}
