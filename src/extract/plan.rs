//! What a run will do: its terms, its recordings in order, and which share of them it takes.
//!
//! The terms are everything that decides a number or a column. They are written down with every output that can hold them,
//! with a fingerprint: equal fingerprints, equal ways of computing. A share is each N-th recording, so neighbours in the
//! sorted list, which tend to be equally long, are spread over all shares.

use std::fmt::{self, Write};
use std::path::Path;
use std::sync::Arc;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::ExtractionSettings;
use super::analysed_parts::{Parts, Windows};
use super::input::Input;
use ser_features::feature::{FeatureSet, Level};
use ser_tables::{Identity, Schema, identity};

/// Everything that decides a number or a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    /// The version of this program.
    pub ser: String,
    /// The feature set.
    pub set: String,
    /// `functionals` or `lld`.
    pub level: String,
    /// The channel, counted from 1; `None` for the mean of all.
    pub channel: Option<usize>,
    /// The rate in Hz that is resampled to; `None` for the recording's own.
    pub rate: Option<u32>,
    /// Do recordings that are too short get a row of NaN?
    pub short_nan: bool,
    /// Length and hop of the windows in seconds.
    pub windows: Option<(f64, f64)>,
    /// Are parts of recordings analysed, from a list of segments?
    pub segments: bool,
    /// Is the quality of the parts measured too?
    #[serde(default)]
    pub quality: bool,
    /// The classes, where recordings are labelled.
    pub classes: Option<Vec<String>>,
}

impl Terms {
    /// The terms of an extraction of whole recordings.
    pub fn new(settings: &ExtractionSettings) -> Self {
        Self {
            ser: env!("CARGO_PKG_VERSION").to_owned(),
            set: settings.set.to_string(),
            level: settings.level.to_string(),
            channel: settings.audio.channel.map(|channel| channel + 1),
            rate: settings.audio.rate,
            short_nan: false,
            windows: None,
            segments: false,
            quality: false,
            classes: None,
        }
    }

    /// Sets the windows.
    pub fn with_windows(mut self, windows: Windows) -> Self {
        self.windows = Some((windows.length.as_secs_f64(), windows.hop.as_secs_f64()));
        self
    }

    /// The settings that a worker needs; `None` if set or level are unknown to this version.
    pub fn settings(&self) -> Option<ExtractionSettings> {
        Some(ExtractionSettings {
            set: self.set.parse::<FeatureSet>().ok()?,
            level: self.level.parse::<Level>().ok()?,
            audio: ser_audio::DecodingSettings {
                channel: self.channel.map(|channel| channel.saturating_sub(1)),
                rate: self.rate,
            },
        })
    }

    /// The set, with the revision of its numbers where they are this program's own.
    fn set_with_revision(&self) -> String {
        let revision = self.set.parse().ok().and_then(FeatureSet::revision);
        revision.map_or(self.set.clone(), |r| format!("{} revision {r}", self.set))
    }

    /// The terms as names and texts; what is not asked for is said in words.
    pub fn listed(&self) -> Vec<(&'static str, String)> {
        let or = |value: Option<String>, default: &str| value.unwrap_or(default.to_owned());
        let windows = self
            .windows
            .map(|(length, hop)| format!("{length} s every {hop} s"));
        let mut listed = vec![
            ("ser version", self.ser.clone()),
            ("set", self.set_with_revision()),
            ("level", self.level.clone()),
            (
                "channel",
                or(self.channel.map(|c| c.to_string()), "mean of all"),
            ),
            (
                "rate",
                or(self.rate.map(|r| r.to_string()), "each recording's own"),
            ),
            (
                "short",
                if self.short_nan { "nan" } else { "fail" }.to_owned(),
            ),
            ("windows", or(windows, "none")),
            (
                "segments",
                if self.segments { "listed" } else { "none" }.to_owned(),
            ),
            (
                "classes",
                or(self.classes.as_ref().map(|c| c.join(" ")), "none"),
            ),
        ];
        // It decides no number of the table, so tables with and without have the same fingerprint.
        if self.quality {
            listed.push(("quality", "measured".to_owned()));
        }
        listed
    }

    /// In which terms `self`, from an earlier run, differs from those of `now`; empty if in none.
    pub fn differences(&self, now: &Self) -> String {
        if self.quality != now.quality {
            let word = |quality: bool| if quality { "measured" } else { "not measured" };
            let (then, now) = (word(self.quality), word(now.quality));
            return format!("quality: {then} then, {now} now");
        }
        let pairs = self.listed().into_iter().zip(now.listed());
        let different: Vec<String> = pairs
            .filter(|((_, then), (_, now))| then != now)
            .map(|((name, then), (_, now))| format!("{name}: {then} then, {now} now"))
            .collect();
        different.join("; ")
    }

    /// A number that is equal for equal terms.
    pub fn fingerprint(&self) -> String {
        let mut hash = Hash::default();
        for (name, value) in self.listed() {
            if name == "quality" {
                continue;
            }
            hash.text(name);
            hash.text(&value);
        }
        format!("{:016x}", hash.0)
    }

    /// Whose numbers the rows of the table are; `None` if set or level are unknown to this version.
    pub fn identity(&self) -> Option<Identity> {
        let settings = self.settings()?;
        let mut identity = Identity::new(settings.set, settings.level).at_rate(self.rate);
        identity.signal.channel = self.channel;
        identity.windows = self.windows;
        identity.ser = Some(self.ser.clone());
        Some(identity)
    }

    /// The schema of the table, with what formats keep of the terms.
    pub fn schema(&self) -> Option<Schema> {
        let identity = self.identity()?;
        let mut facts: Vec<(String, String)> = self
            .listed()
            .into_iter()
            .filter(|(name, _)| *name != "quality")
            .map(|(name, value)| (format!("ser.{}", name.trim_start_matches("ser ")), value))
            .collect();
        facts.push(("ser.fingerprint".to_owned(), self.fingerprint()));
        facts.push((identity::KEY.to_owned(), identity.to_json()));
        Some(Schema {
            identity,
            classes: self.classes.clone(),
            columns: None,
            frame_time: None,
            facts,
        })
    }
}

/// One recording of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Where it is, and its name.
    pub input: Input,
    /// What of it is analysed.
    pub parts: Parts,
    /// Its label, or those of its parts.
    pub label: Labelling,
    /// By what a change would be noticed.
    pub stamp: Stamp,
}

/// The labels of a recording.
#[derive(Clone, Debug, PartialEq)]
pub enum Labelling {
    /// One for all of it, or none.
    One(Option<String>),
    /// One for each of its segments, or none.
    Each(Vec<Option<Arc<str>>>),
}

impl Default for Labelling {
    fn default() -> Self {
        Self::One(None)
    }
}

impl Labelling {
    /// The label of the part with this number.
    pub fn of(&self, part: usize) -> Option<&str> {
        match self {
            Self::One(label) => label.as_deref(),
            Self::Each(labels) => labels.get(part)?.as_deref(),
        }
    }
}

/// Length and time of change of a file; zeros for one that is not there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Stamp {
    /// Bytes.
    pub size: u64,
    /// Nanoseconds since 1970.
    pub modified_ns: i64,
}

impl Stamp {
    /// The stamp of a file.
    pub fn of(path: &Path) -> Self {
        let Ok(metadata) = std::fs::metadata(path) else {
            return Self::default();
        };
        let modified = metadata.modified().ok();
        let since = modified.and_then(|time| time.duration_since(UNIX_EPOCH).ok());
        Self {
            size: metadata.len(),
            modified_ns: since.map_or(0, |d| i64::try_from(d.as_nanos()).unwrap_or(0)),
        }
    }
}

/// Which part of the recordings a run takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shard {
    /// From 1 to `count`.
    pub number: usize,
    /// Into how many parts the recordings are divided.
    pub count: usize,
}

impl Shard {
    /// All of it.
    pub const WHOLE: Self = Self {
        number: 1,
        count: 1,
    };

    /// Reads `2/16`.
    pub fn read(text: &str) -> Option<Self> {
        let (number, count) = text.split_once('/')?;
        let shard = Self {
            number: number.trim().parse().ok()?,
            count: count.trim().parse().ok()?,
        };
        (1..=shard.count).contains(&shard.number).then_some(shard)
    }
}

/// What a run will do.
#[derive(Clone, Debug, PartialEq)]
pub struct ExtractionPlan {
    /// How.
    pub terms: Terms,
    /// Which share of the recordings.
    pub shard: Shard,
    /// Recordings of all shares together.
    pub total: usize,
    /// A number that is equal for equal lists of recordings: names, lengths and parts of all shares.
    pub list: u64,
    /// The recordings of this share, in order.
    pub tasks: Vec<Task>,
}

impl ExtractionPlan {
    /// Takes a share of the recordings.
    pub fn new(terms: Terms, tasks: Vec<Task>, shard: Shard) -> Self {
        let mut hash = Hash::default();
        for task in &tasks {
            hash.text(&task.input.name);
            // Written into the hash piece by piece, for a recording may have a million segments.
            let size = task.stamp.size;
            let _ = match &task.label {
                Labelling::One(label) => write!(hash, "{:?} {label:?} {size}", task.parts),
                labels => write!(hash, "{:?} {labels:?} {size}", task.parts),
            };
            hash.end();
        }
        Self {
            terms,
            shard,
            total: tasks.len(),
            list: hash.0,
            tasks: tasks
                .into_iter()
                .skip(shard.number - 1)
                .step_by(shard.count)
                .collect(),
        }
    }
}

/// FNV-1a, 64 bit: short, and the same in every version and on every machine. Nobody profits from a collision here.
struct Hash(u64);

impl Default for Hash {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Hash {
    fn text(&mut self, text: &str) {
        self.bytes(text.as_bytes());
        self.end();
    }

    /// With an end mark, so that "ab", "c" differs from "a", "bc".
    fn end(&mut self) {
        self.bytes(&[0xff]);
    }

    fn bytes(&mut self, bytes: &[u8]) {
        for byte in bytes {
            self.0 = (self.0 ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3);
        }
    }
}

impl fmt::Write for Hash {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.bytes(text.as_bytes());
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_difference_is_named_with_both_values() {
        let then = Terms::new(&ExtractionSettings::default());
        let now = Terms {
            set: "GeMAPSv01b".into(),
            rate: Some(16_000),
            ..then.clone()
        };
        assert_eq!(
            then.differences(&now),
            "set: eGeMAPSv02 then, GeMAPSv01b now; rate: each recording's own then, 16000 now"
        );
        assert_ne!(then.fingerprint(), now.fingerprint());
        assert_eq!(then.differences(&then), "");
    }

    #[test]
    fn shares_are_disjoint_and_complete() {
        let task = |i: usize| Task {
            input: Input {
                path: i.to_string().into(),
                name: i.to_string(),
            },
            parts: Parts::Whole,
            label: Labelling::default(),
            stamp: Stamp::default(),
        };
        let tasks: Vec<Task> = (0..10).map(task).collect();
        let terms = Terms::new(&ExtractionSettings::default());
        let mut names: Vec<String> = (1..=3)
            .flat_map(|number| {
                ExtractionPlan::new(terms.clone(), tasks.clone(), Shard { number, count: 3 }).tasks
            })
            .map(|task| task.input.name)
            .collect();
        names.sort();
        assert_eq!(names, (0..10).map(|i| i.to_string()).collect::<Vec<_>>());
    }

    #[test]
    fn shares_are_read_as_i_of_n() {
        assert_eq!(
            Shard::read("2/16"),
            Some(Shard {
                number: 2,
                count: 16
            })
        );
        for text in ["0/4", "5/4", "4", "1/0", "a/b", "1/2/3"] {
            assert_eq!(Shard::read(text), None, "{text}");
        }
    }
}
