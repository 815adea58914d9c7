//! What the last run made, so that a second run does only what changed.
//!
//! A recording is taken from the last run when its size and time of change are the same, the plan asks for the same samples, and the audio
//! written then is still there. The file is an aid: if it is missing or cannot be read, everything is made anew.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::make::Made;
use super::{Plan, absolute, whole};
use crate::entry::Entry;
use crate::error::Error;

/// Its name in the folder.
const FILE: &str = ".ser-memory.json";

/// Everything made so far in a folder.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Memory {
    /// What the samples and features depend on, apart from the recording.
    plan: String,
    made: BTreeMap<String, Trace>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trace {
    bytes: u64,
    /// Nanoseconds since 1970.
    changed: u64,
    made: Made,
}

impl Memory {
    /// What the folder holds of a plan like this one.
    pub fn open(folder: &Path, plan: &Plan) -> Memory {
        let plan = format!(
            "{} rate {:?} audio {:?} level {:?} features {:?}",
            env!("CARGO_PKG_VERSION"),
            plan.rate,
            plan.audio,
            plan.level_db,
            plan.features
        );
        let known = std::fs::read(folder.join(FILE)).ok();
        let known = known.and_then(|bytes| serde_json::from_slice::<Memory>(&bytes).ok());
        known.filter(|known| known.plan == plan).unwrap_or(Memory {
            plan,
            made: BTreeMap::new(),
        })
    }

    /// What the last run made of a recording, if it still holds.
    pub fn recall(&self, corpus: &str, entry: &Entry, folder: &Path) -> Option<Made> {
        let trace = self.made.get(&key(corpus, entry))?;
        let same = trace.bytes == entry.bytes && Some(trace.changed) == changed(&entry.disk);
        let there = trace.made.audio.as_ref().is_none_or(|audio| {
            folder
                .join(audio)
                .metadata()
                .is_ok_and(|data| data.len() > 0)
        });
        (same && there).then(|| trace.made.clone())
    }

    /// Remembers what was made of a recording.
    pub fn keep(&mut self, corpus: &str, entry: &Entry, made: &Made) {
        if let Some(changed) = changed(&entry.disk) {
            let trace = Trace {
                bytes: entry.bytes,
                changed,
                made: made.clone(),
            };
            self.made.insert(key(corpus, entry), trace);
        }
    }

    /// Writes it into the folder.
    pub fn save(&self, folder: &Path) -> Result<(), Error> {
        whole::write(&folder.join(FILE), |file| {
            Ok(serde_json::to_writer(file, self)?)
        })
    }
}

fn key(corpus: &str, entry: &Entry) -> String {
    format!(
        "{corpus}\t{}\t{:?}",
        absolute(&entry.disk).display(),
        entry.part
    )
}

fn changed(path: &Path) -> Option<u64> {
    let time = path.metadata().ok()?.modified().ok()?;
    Some(time.duration_since(UNIX_EPOCH).ok()?.as_nanos() as u64)
}
