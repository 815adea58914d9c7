//! The page of a long recording: its turns and answers, pitch and loudness.

use std::path::Path;

use anyhow::{Context, Result};

use super::output::{complain, shown};
use super::session::own_voices;
use super::session::percent;
use crate::session::hear::{Cut, HeardRecording, hear};
use crate::session::{self, Session, Told, summary};
use ser_audio::Recording;
use ser_features::{Extractor, FeatureSet, Features, Level};
use ser_models::classify::Ground;
use ser_models::classify::Model;
use ser_study::report::{self, Audio, Course, Division, Turn};

/// What a page is made of.
pub(super) struct Asked<'a> {
    pub path: &'a Path,
    pub name: &'a str,
    pub cut: &'a Cut,
    pub model: &'a Model,
    /// What the page calls the model.
    pub model_name: &'a str,
    pub audio: &'a Audio,
}

/// The page of a session.
pub(super) fn page(asked: &Asked<'_>) -> Result<String> {
    let named = || asked.name.to_owned();
    let mut measure = asked.model.measure()?;
    let heard = hear(asked.path, asked.cut, asked.model, &mut measure);
    let HeardRecording {
        parts,
        length_s,
        warnings,
    } = heard.with_context(named)?;
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    for warning in &warnings {
        complain(&shown(&format!("{}: {warning}", asked.name)));
    }
    let answers = session::Asked {
        model: asked.model,
        ground: Ground::Alone.into(),
        voices: std::sync::Arc::new(own_voices(asked.model, &parts)),
        always: false,
    };
    let session = Session::new(named(), length_s, answers, parts);
    let turns: Vec<Turn> = session.turns().map(|told| turn(&told)).collect();
    let summary = &session.summary;
    let divisions = summary.speakers.iter().chain(std::iter::once(&summary.all));
    let divisions: Vec<Division> = divisions.map(division).collect();
    let page = report::Session {
        name: asked.name,
        warnings: &warnings,
        length_s,
        model: asked.model_name,
        classes: asked.model.classes(),
        turns: &turns,
        divisions: &divisions,
        course: course(asked.path, length_s).with_context(named)?,
    };
    Ok(report::session_page(&page, asked.path, asked.audio)?)
}

fn turn(told: &Told) -> Turn {
    let answer = told.answer.as_ref();
    // Four digits are more than a page shows.
    let rounded = |x: f64| (x * 1e4).round() / 1e4;
    let numbers = |values: &Option<Vec<f64>>| -> Vec<f64> {
        let values = values.iter().flatten();
        values.map(|&x| rounded(x)).collect()
    };
    let latent = answer.map(|answer| numbers(&answer.latent));
    Turn {
        start: rounded(told.start),
        end: rounded(told.end),
        speaker: told.speaker.clone().unwrap_or_default(),
        answer: told.answered().map(str::to_owned),
        abstained: told.silent_because().map(str::to_owned),
        probabilities: answer.map_or_else(Vec::new, |answer| {
            numbers(
                answer
                    .probabilities
                    .as_ref()
                    .map_or(&answer.support, |_| &answer.probabilities),
            )
        }),
        bars_only: answer.is_some_and(|answer| answer.probabilities.is_none()),
        latent: latent.and_then(|latent| Some([*latent.first()?, *latent.get(1)?])),
    }
}

fn division(division: &summary::Division) -> Division {
    Division {
        speaker: division.speaker.clone().unwrap_or_else(|| "all".to_owned()),
        turns: division.turns,
        speech: format!("{:.1} s", division.speech_s),
        unanswered: division
            .unanswered
            .as_ref()
            .map(percent)
            .unwrap_or_default(),
        classes: division.classes.iter().map(percent).collect(),
    }
}

/// Pitch and loudness, frame by frame, with no more held than the page shows.
fn course(path: &Path, length_s: f64) -> Result<Course> {
    let mut recording = Recording::open(path, &ser_audio::DecodingSettings::default())?;
    let set = FeatureSet::EGeMapsV02;
    let columns = set.columns(Level::Descriptors);
    let at = |name: &str| columns.iter().position(|column| column.name == name);
    let places = at("F0semitoneFrom27.5Hz_sma3nz").zip(at("Loudness_sma3"));
    let mut course = Course::new(length_s);
    let mut add = |rows: Features| {
        if let Some((pitch, loudness)) = places {
            for row in rows.rows() {
                course.add(report::hz(row.values[pitch]), row.values[loudness]);
            }
        }
    };
    let mut extractor = Extractor::new(set, recording.rate(), Level::Descriptors)?;
    while let Some(block) = recording.next_block()? {
        extractor.push(block)?;
        add(extractor.take_rows());
    }
    // A recording too short for a frame has no pitch.
    if let Ok(rows) = extractor.finish() {
        add(rows);
    }
    course.close();
    Ok(course)
}
