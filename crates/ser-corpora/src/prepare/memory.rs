//! What the last run made, so that a second run does only what changed.
//!
//! A recording is taken from the last run when its size and time of change are the same, the settings ask for the same samples, and the audio
//! written then is still there. The file has a line with the settings, then one for each recording, which is written as soon as it is made: a run that is killed has
//! lost only what was in work. The file is an aid: if it is missing or a line cannot be read, what it would say is made anew.

use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;
use std::time::UNIX_EPOCH;

use serde::{Deserialize, Serialize};

use super::make::Made;
use super::{PreparationSettings, absolute, atomic_write};
use crate::entry::Entry;
use crate::error::Error;
use crate::walk::MEMORY;

/// Everything made so far in a folder.
#[derive(Debug)]
pub(crate) struct Memory {
    /// What the samples and features depend on, apart from the recording.
    plan: String,
    made: BTreeMap<String, Trace>,
}

#[derive(Debug, Serialize, Deserialize)]
struct Head {
    plan: String,
}

#[derive(Debug, Serialize, Deserialize)]
struct Trace {
    key: String,
    bytes: u64,
    /// Nanoseconds since 1970.
    changed: u64,
    made: Made,
}

/// The file while it grows.
#[derive(Debug)]
pub(crate) struct Growing(File);

impl Growing {
    /// Writes down what was made of a recording.
    pub fn keep(&mut self, corpus: &str, entry: &Entry, made: &Made) -> io::Result<()> {
        match trace(corpus, entry, made) {
            Some(trace) => self.0.write_all(&line(&trace)?),
            None => Ok(()),
        }
    }
}

fn line(value: &impl Serialize) -> io::Result<Vec<u8>> {
    let mut line = serde_json::to_vec(value)?;
    line.push(b'\n');
    Ok(line)
}

impl Memory {
    /// What the folder holds of settings like these.
    pub fn open(folder: &Path, settings: &PreparationSettings) -> Memory {
        let plan = format!(
            "{} rate {:?} audio {:?} level {:?} features {:?}",
            env!("CARGO_PKG_VERSION"),
            settings.rate,
            settings.audio,
            settings.level_db,
            settings.features
        );
        let mut memory = Memory {
            plan,
            made: BTreeMap::new(),
        };
        let Ok(file) = File::open(folder.join(MEMORY)) else {
            return memory;
        };
        let mut lines = BufReader::new(file).lines().map_while(Result::ok);
        let head = lines.next().unwrap_or_default();
        if serde_json::from_str::<Head>(&head).is_ok_and(|head| head.plan == memory.plan) {
            let traces = lines.filter_map(|line| serde_json::from_str::<Trace>(&line).ok());
            memory.made = traces.map(|trace| (trace.key.clone(), trace)).collect();
        }
        memory
    }

    /// Writes the file anew with what is known, and leaves it open for more.
    pub fn grow(&self, folder: &Path) -> Result<Growing, Error> {
        self.save(folder)?;
        let path = folder.join(MEMORY);
        let file = OpenOptions::new().append(true).open(&path);
        Ok(Growing(file.map_err(Error::write(&path))?))
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
        if let Some(trace) = trace(corpus, entry, made) {
            self.made.insert(trace.key.clone(), trace);
        }
    }

    /// Writes it into the folder.
    pub fn save(&self, folder: &Path) -> Result<(), Error> {
        atomic_write::write(&folder.join(MEMORY), |file| {
            let plan = self.plan.clone();
            file.write_all(&line(&Head { plan })?)?;
            self.made
                .values()
                .try_for_each(|trace| file.write_all(&line(trace)?))
        })
    }
}

fn trace(corpus: &str, entry: &Entry, made: &Made) -> Option<Trace> {
    Some(Trace {
        key: key(corpus, entry),
        bytes: entry.bytes,
        changed: changed(&entry.disk)?,
        made: made.clone(),
    })
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
