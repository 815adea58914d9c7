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

use serde::{Serialize, Serializer};

use hear::Part;
use ser_models::classify::Ground;
use ser_models::classify::answer::{Answer, Model};
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
    pub fn of(model: &Model, part: Part, ground: &Ground, always: bool) -> Self {
        let answered = part.measured.and_then(|measured| {
            let answer = model.answer(&measured, ground);
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
            speaker: part.speaker,
            answer,
            problem,
            others: part.others,
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

/// A recording with its turns.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Session {
    /// Its name.
    pub file: String,
    /// Its length, seconds.
    pub length_s: f64,
    /// The classes, in the model's order.
    pub classes: Vec<String>,
    /// How its time divides.
    pub summary: Summary,
    /// Its turns, in order of their starts.
    pub turns: Vec<Told>,
}

impl Session {
    /// Puts a session together.
    pub fn new(file: String, length_s: f64, classes: &[String], turns: Vec<Told>) -> Self {
        let mut shares = Shares::new(classes);
        turns.iter().for_each(|turn| shares.add(turn));
        Self {
            file,
            length_s,
            classes: classes.to_vec(),
            summary: shares.summary(),
            turns,
        }
    }
}
