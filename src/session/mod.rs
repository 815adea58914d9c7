//! A long recording as a session: its turns, what a model answers for each, and how the time divides among the answers.
//!
//! ```text
//! recording ─ hear: turns, measured ─ answer: one per turn ─┬─ summary: shares of time
//!                                                           └─ write: csv, json, timelines
//! ```
//!
//! An hour gets no single label: voices change, and a mean over all of it would say what nobody sounded like.

pub mod hear;

pub mod live;

pub mod queue;

pub mod summary;

pub mod write;

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::ser::SerializeStruct;
use serde::{Serialize, Serializer};

use hear::MeasuredPart;
use ser_models::classify::Ground;
use ser_models::classify::{Answer, Model};
use summary::{Shares, Summary};

/// A turn with what a model answers.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Told {
    /// Where it begins, seconds.
    pub start: f64,
    /// Where it ends.
    pub end: f64,
    /// Who speaks, where that is known.
    pub speaker: Option<String>,
    /// The answer; none for a turn that could not be measured.
    #[serde(flatten)]
    pub answer: Option<Answer>,
    /// Why it could not be measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<String>,
    /// What else the list of its stretch says of it: columns and their texts.
    #[serde(
        rename = "given",
        skip_serializing_if = "Vec::is_empty",
        serialize_with = "as_map"
    )]
    pub others: Vec<(String, String)>,
}

impl Told {
    /// What the model answers for a measured turn, resting on `ground`. With `always`, its best guess counts as an answer where it abstains.
    pub fn of(model: &Model, part: &MeasuredPart, ground: &Ground, always: bool) -> Self {
        let answered = part.measured.as_ref().map_err(Clone::clone);
        let answered = answered.and_then(|measured| {
            let answer = model.answer(measured, ground);
            answer.map_err(|error| error.to_string())
        });
        let (answer, problem) = match answered {
            Ok(mut answer) => {
                if always {
                    answer.abstained = None;
                }
                (Some(answer), None)
            }
            Err(problem) => (None, Some(problem)),
        };
        Self {
            start: part.start_s,
            end: part.end_s,
            speaker: part.speaker.clone(),
            answer,
            problem,
            others: part.others.clone(),
        }
    }

    /// The class that is answered; none where the model abstains, or could not be asked.
    pub fn answered(&self) -> Option<&str> {
        let answer = self.answer.as_ref()?;
        answer.abstained.is_none().then_some(answer.label.as_str())
    }

    /// Why there is no answer.
    pub fn silent_because(&self) -> Option<&str> {
        let abstained = self.answer.as_ref().and_then(|a| a.abstained.as_deref());
        abstained.or(self.problem.as_deref())
    }

    /// Probability of the best guess.
    pub fn probability(&self) -> Option<f64> {
        let answer = self.answer.as_ref()?;
        let probabilities = answer.probabilities.as_ref()?;
        probabilities.iter().copied().reduce(f64::max)
    }
}

/// Pairs as an object, in their order.
fn as_map<S: Serializer>(pairs: &[(String, String)], target: S) -> Result<S::Ok, S::Error> {
    target.collect_map(pairs.iter().map(|(name, text)| (name, text)))
}

/// What the answers of a session come from.
#[derive(Clone, Debug)]
pub struct Asked<'a> {
    /// The model.
    pub model: &'a Model,
    /// What answers rest on.
    pub ground: Arc<Ground>,
    /// What those about a speaker rest on, where that is known apart from the others.
    pub voices: Arc<BTreeMap<String, Ground>>,
    /// Best guesses count as answers.
    pub always: bool,
}

impl Asked<'_> {
    /// What the model answers for a turn.
    pub fn told(&self, part: &MeasuredPart) -> Told {
        let own = part.speaker.as_ref().and_then(|who| self.voices.get(who));
        Told::of(self.model, part, own.unwrap_or(&self.ground), self.always)
    }
}

/// A recording with its turns.
///
/// Held of a turn is what was measured of it, a number for each feature. An answer is several times as large and quickly found from these, so it is
/// found whenever it is needed: once for the summary, and once more where the turns are written.
#[derive(Clone, Debug)]
pub struct Session<'a> {
    /// Its name.
    pub file: String,
    /// Its length, seconds.
    pub length_s: f64,
    /// How its time divides.
    pub summary: Summary,
    asked: Asked<'a>,
    parts: Vec<MeasuredPart>,
}

impl<'a> Session<'a> {
    /// Puts a session together from its turns, in order of their starts.
    pub fn new(file: String, length_s: f64, asked: Asked<'a>, parts: Vec<MeasuredPart>) -> Self {
        let mut shares = Shares::new(asked.model.classes());
        parts.iter().for_each(|part| shares.add(&asked.told(part)));
        Self {
            file,
            length_s,
            summary: shares.summary(),
            asked,
            parts,
        }
    }

    /// The classes, in the model's order.
    pub fn classes(&self) -> &'a [String] {
        self.asked.model.classes()
    }

    /// Its turns, in order of their starts.
    pub fn turns(&self) -> impl ExactSizeIterator<Item = Told> + '_ {
        self.parts.iter().map(|part| self.asked.told(part))
    }
}

impl Serialize for Session<'_> {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        let mut fields = target.serialize_struct("Session", 5)?;
        fields.serialize_field("file", &self.file)?;
        fields.serialize_field("length_s", &self.length_s)?;
        fields.serialize_field("classes", self.classes())?;
        fields.serialize_field("summary", &self.summary)?;
        fields.serialize_field("turns", &OneByOne(self))?;
        fields.end()
    }
}

/// The turns of a session as a sequence, each dropped when it is written.
struct OneByOne<'a>(&'a Session<'a>);

impl Serialize for OneByOne<'_> {
    fn serialize<S: Serializer>(&self, target: S) -> Result<S::Ok, S::Error> {
        target.collect_seq(self.0.turns())
    }
}
