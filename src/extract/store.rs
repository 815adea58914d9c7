//! Recordings in object stores: what a URL means, when its object was changed, and how it is opened.
//!
//! As a folder, a prefix means all recordings below it, by the same rules for names: known extensions, no `._` companions, no unfinished downloads.
//! What has no extension is passed over, as its content would have to be asked for. A URL that is an object means that object, whatever its name.

use std::collections::{HashMap, HashSet};
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::input::{Found, Input, is_unfinished, is_url};
use super::plan::{Stamp, Task};
use ser_audio::{DecodingSettings, Distant, Error, Recording, is_named_like_audio};
use ser_remote::{Address, Kind, Object, Seen, Stores};

/// Stores, and what was seen in them.
#[derive(Clone, Debug, Default)]
pub(super) struct Shelf {
    stores: Stores,
    /// Of objects that were listed, until they are stamped.
    listed: Arc<Mutex<HashMap<PathBuf, Stamp>>>,
}

impl Shelf {
    pub fn stores(&self) -> &Stores {
        &self.stores
    }

    /// Opens an object.
    pub fn open(
        &self,
        path: &Path,
        stamp: Stamp,
        settings: &DecodingSettings,
    ) -> Result<Recording, Error> {
        let at = address(path).ok_or(Error::Url)?;
        let seen = (stamp != Stamp::default()).then_some(Seen {
            size: stamp.size,
            modified_s: (stamp.modified_ns != 0).then_some(stamp.modified_ns / 1_000_000_000),
        });
        let object = self.stores.open(&at, seen).map_err(|error| told(&error))?;
        Recording::from_distant(Distance(object), settings)
    }

    /// Puts the recordings below a prefix in the place of its URL.
    pub fn expand(&self, found: &mut Found) -> Result<(), String> {
        if !found.inputs.iter().any(|input| is_url(&input.path)) {
            return Ok(());
        }
        let given = std::mem::take(&mut found.inputs);
        for input in given {
            match address(&input.path) {
                Some(at) => self.expand_one(at, input, found)?,
                None => found.inputs.push(input),
            }
        }
        let named = found.inputs.len();
        let mut seen = HashSet::new();
        found.inputs.retain(|input| seen.insert(input.path.clone()));
        found.repeated += named - found.inputs.len();
        Ok(())
    }

    fn expand_one(&self, at: Address, input: Input, found: &mut Found) -> Result<(), String> {
        if at.is_web() && at.is_prefix() {
            let reason = "is a folder of a web server, which lists nothing; name its recordings, or put their URLs into a --list".to_owned();
            found.unreadable.push((at.to_string().into(), reason));
            return Ok(());
        }
        if at.is_web() || (!at.is_prefix() && is_named_like_audio(&input.path)) {
            let name = at.to_string();
            found.inputs.push(Input { name, ..input });
            return Ok(());
        }
        match self.below(&at, found) {
            Err(error) if is_fatal(error.kind) => Err(error.to_string()),
            Err(error) => {
                found.unreadable.push((error.url.into(), error.message));
                Ok(())
            }
            Ok(()) => Ok(()),
        }
    }

    /// What an address means that may be a prefix.
    fn below(&self, at: &Address, found: &mut Found) -> Result<(), ser_remote::Error> {
        let mut listed = self.listed.lock().unwrap_or_else(PoisonError::into_inner);
        let mut take = |at: &Address, seen: Option<Seen>, found: &mut Found| {
            let path = PathBuf::from(at.in_full());
            if let Some(seen) = seen {
                listed.insert(path.clone(), stamp(seen));
            }
            let name = at.to_string();
            found.inputs.push(Input { path, name });
        };
        if !at.is_prefix()
            && let Some(seen) = self.stores.look(at)?
        {
            take(at, Some(seen), found);
            return Ok(());
        }
        let entries = self.stores.list(at)?;
        if entries.is_empty() && !at.is_prefix() {
            // Neither an object nor a folder: a failure with its name.
            take(at, None, found);
        }
        for entry in entries {
            let name = PathBuf::from(entry.at.file_name());
            if is_named_like_audio(&name) && !is_unfinished(&name) {
                take(&entry.at, Some(entry.seen), found);
            } else {
                found.passed_over += 1;
            }
        }
        Ok(())
    }

    /// Stamps the tasks whose recordings are in stores; those of objects that nothing can be learned of now fail when they are opened.
    pub fn stamp(&self, tasks: &mut [Task]) -> Result<(), String> {
        let mut listed =
            std::mem::take(&mut *self.listed.lock().unwrap_or_else(PoisonError::into_inner));
        let mut unknown = HashMap::new();
        for task in tasks.iter() {
            let path = &task.input.path;
            if is_url(path) && !listed.contains_key(path) {
                unknown.extend(address(path).map(|at| (path.clone(), at)));
            }
        }
        let (paths, all): (Vec<PathBuf>, Vec<Address>) = unknown.into_iter().unzip();
        let looked = self.stores.look_all(&all);
        let looked = looked.map_err(|error| error.to_string())?;
        let known = paths.into_iter().zip(looked);
        listed.extend(known.filter_map(|(path, seen)| Some((path, stamp(seen.ok()?)))));
        for task in tasks {
            if is_url(&task.input.path) {
                let known = listed.get(&task.input.path);
                task.stamp = known.copied().unwrap_or_default();
            }
        }
        Ok(())
    }
}

/// Whether no other object of the store will fare better.
fn is_fatal(kind: Kind) -> bool {
    matches!(kind, Kind::Unreachable | Kind::Usage | Kind::Interrupted)
}

pub(crate) fn address(path: &Path) -> Option<Address> {
    path.to_str().and_then(Address::read)
}

fn stamp(seen: Seen) -> Stamp {
    Stamp {
        size: seen.size,
        modified_ns: seen.modified_s.unwrap_or(0).saturating_mul(1_000_000_000),
    }
}

fn told(error: &ser_remote::Error) -> Error {
    let kind = match error.kind {
        Kind::Empty => return Error::Empty,
        Kind::NotFound => "not-found",
        Kind::Denied => "denied",
        Kind::Unreachable => "unreachable",
        Kind::Changed => "changed-while-read",
        Kind::Usage => "url",
        Kind::Disk => "temporary-file",
        Kind::Interrupted => "interrupted",
        _ => "store",
    };
    Error::Store {
        kind,
        message: error.message.clone(),
    }
}

/// An object as `ser-audio` wants it.
struct Distance(Object);

impl Read for Distance {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl Seek for Distance {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl Distant for Distance {
    fn length(&self) -> u64 {
        self.0.size()
    }

    fn fault(&self) -> Box<dyn Fn() -> Option<Error> + Send + Sync> {
        let fault = self.0.fault();
        Box::new(move || fault.get().map(told))
    }
}
