//! A recording read once, from its beginning to its end, and each turn measured as soon as it is complete.
//!
//! Held are the samples of turns that are going on, and of each turn that is over only what was measured.

use std::path::Path;

use crate::error::Error;
use crate::segment::listener::Listener;
use crate::segment::marked_stretches::{MarkedStretches, Stretch};
use crate::segment::turn::Turn;
use ser_audio::{DecodingSettings, Recording, Warning};
use ser_models::classify::front_end::Sound;
use ser_models::classify::{Measure, Measured, Model};
use ser_tables::RateRule;

/// Which stretches of a recording are answered for.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Cut {
    /// All of it, as one.
    Whole,
    /// Its turns.
    #[default]
    Turns,
    /// Stretches that somebody has marked, in order of their starts; those longer than a turn cut at their pauses.
    Marked(Vec<Stretch>),
    /// The turns of each channel, the channels being speakers: their names, in order, the channels' numbers where there are more channels.
    Channels(Vec<String>),
}

/// A stretch as it was measured.
#[derive(Clone, Debug)]
pub struct MeasuredPart {
    /// Where it begins, seconds.
    pub start_s: f64,
    /// Where it ends.
    pub end_s: f64,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// What else the list of stretches says of it: columns and their texts.
    pub others: Vec<(String, String)>,
    /// What was measured, or why nothing could be.
    pub measured: Result<Measured, String>,
}

/// A recording as it was heard.
#[derive(Clone, Debug, Default)]
pub struct HeardRecording {
    /// Its stretches, in order of their starts.
    pub parts: Vec<MeasuredPart>,
    /// Its length in seconds.
    pub length_s: f64,
    /// What there is to say about it.
    pub warnings: Vec<Warning>,
}

impl HeardRecording {
    /// Notes how long a recording was that has been read to its end, and what there is to say about it.
    fn ends(&mut self, length_s: f64, recording: &Recording) {
        self.length_s = self.length_s.max(length_s);
        for warning in recording.warnings() {
            if !self.warnings.contains(&warning) {
                self.warnings.push(warning);
            }
        }
    }
}

/// The stretches of a recording.
///
/// # Errors
/// Where it cannot be read to its end.
pub fn hear(
    path: &Path,
    cut: &Cut,
    model: &Model,
    measure: &mut Measure,
) -> Result<HeardRecording, Error> {
    let settings = settings(model);
    let mut heard = HeardRecording::default();
    match cut {
        Cut::Whole => whole_recording(path, &settings, measure, &mut heard)?,
        Cut::Turns => turns(path, &settings, None, measure, &mut heard)?,
        Cut::Marked(stretches) => marked(path, &settings, stretches, measure, &mut heard)?,
        Cut::Channels(names) => {
            let channels = Recording::open(path, &DecodingSettings::default())?.channels();
            for channel in 0..channels {
                let settings = DecodingSettings {
                    channel: Some(channel),
                    ..settings
                };
                let number = || format!("channel {}", channel + 1);
                let speaker = names.get(channel).cloned().unwrap_or_else(number);
                turns(path, &settings, Some(speaker), measure, &mut heard)?;
            }
        }
    }
    let start = |part: &MeasuredPart| part.start_s;
    heard.parts.sort_by(|a, b| start(a).total_cmp(&start(b)));
    Ok(heard)
}

/// How a model wants its recordings read: the rate, and the channel.
pub fn settings(model: &Model) -> DecodingSettings {
    match model {
        Model::Classifier(_) => DecodingSettings::default(),
        Model::Pipeline(trained) => DecodingSettings {
            channel: trained
                .identity
                .signal
                .channel
                .map(|channel| channel.saturating_sub(1)),
            rate: match trained.identity.signal.rate {
                RateRule::Own => None,
                RateRule::Hz(rate) => Some(rate),
            },
        },
    }
}

/// Measures a stretch.
pub fn part(
    measure: &mut Measure,
    turn: Turn,
    speaker: Option<String>,
    samples: &[f32],
    rate_hz: u32,
) -> MeasuredPart {
    let sound = Sound {
        samples: samples.to_vec(),
        rate_hz,
    };
    MeasuredPart {
        start_s: turn.start_s,
        end_s: turn.end_s,
        speaker,
        others: Vec::new(),
        measured: measure.measure(&sound).map_err(|error| error.to_string()),
    }
}

fn whole_recording(
    path: &Path,
    settings: &DecodingSettings,
    measure: &mut Measure,
    heard: &mut HeardRecording,
) -> Result<(), Error> {
    let mut recording = Recording::open(path, settings)?;
    let mut samples = Vec::new();
    while let Some(block) = recording.next_block()? {
        samples.extend_from_slice(block);
    }
    let end_s = samples.len() as f64 / f64::from(recording.rate());
    let turn = Turn {
        start_s: 0.0,
        end_s,
    };
    heard
        .parts
        .push(part(measure, turn, None, &samples, recording.rate()));
    heard.ends(end_s, &recording);
    Ok(())
}

fn turns(
    path: &Path,
    settings: &DecodingSettings,
    speaker: Option<String>,
    measure: &mut Measure,
    heard: &mut HeardRecording,
) -> Result<(), Error> {
    let mut recording = Recording::open(path, settings)?;
    let rate_hz = recording.rate();
    let mut listener = Listener::new(rate_hz, None);
    while let Some(block) = recording.next_block()? {
        listener.push(block, |spoken| {
            let speaker = speaker.clone();
            heard
                .parts
                .push(part(measure, spoken.turn, speaker, spoken.samples, rate_hz));
        });
    }
    listener.finish(|spoken| {
        let speaker = speaker.clone();
        heard
            .parts
            .push(part(measure, spoken.turn, speaker, spoken.samples, rate_hz));
    });
    heard.ends(listener.length_s(), &recording);
    Ok(())
}

fn marked(
    path: &Path,
    settings: &DecodingSettings,
    stretches: &[Stretch],
    measure: &mut Measure,
    heard: &mut HeardRecording,
) -> Result<(), Error> {
    let mut recording = Recording::open(path, settings)?;
    let rate_hz = recording.rate();
    let mut marked = MarkedStretches::new(rate_hz, stretches);
    while let Some(block) = recording.next_block()? {
        marked.push(block, |stretch, turn, samples| {
            let part = noted(measure, turn, stretch, samples, rate_hz);
            heard.parts.push(part);
        });
    }
    marked.finish(|stretch, turn, samples| {
        let part = noted(measure, turn, stretch, samples, rate_hz);
        heard.parts.push(part);
    });
    heard.ends(marked.length_s(), &recording);
    Ok(())
}

/// Measures a turn of a stretch, with what its list says of it.
fn noted(
    measure: &mut Measure,
    turn: Turn,
    stretch: &Stretch,
    samples: &[f32],
    rate_hz: u32,
) -> MeasuredPart {
    MeasuredPart {
        others: stretch.others.clone(),
        ..part(measure, turn, stretch.speaker.clone(), samples, rate_hz)
    }
}
