//! An object as a reader that can seek: blocks of a mebibyte, of which a few are held, whatever the object's size.
//!
//! While a block is decoded, the next one is on its way, if blocks come in order; an object shorter than a block is one request. A web server that
//! does not read from the middle of a file gives it whole, into a temporary file.
//!
//! Decoders may take an error of reading for the end of the file. So the first error stays in [`Object::fault`], where whoever opened the object looks
//! when it seems to end.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::sync::{Arc, OnceLock};

use bytes::Bytes;
use futures_util::StreamExt;
use object_store::path::Path;
use object_store::{GetOptions, ObjectStore};
use tokio::task::JoinHandle;

use crate::address::Address;
use crate::error::{Error, Kind};
use crate::fetch::{Version, ended_early, fetch};
use crate::store::Stores;

/// Bytes that are asked for at once.
pub const BLOCK: u64 = 1 << 20;

/// Blocks that are held, besides the one on its way: decoders go back to headers, and look at the end.
const HELD: usize = 3;

/// How often a whole file is asked for.
const WHOLE: usize = 3;

/// What was seen of an object before it is opened: when it was listed, or asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    /// Bytes.
    pub size: u64,
    /// Seconds since 1970, if the store says.
    pub modified_s: Option<i64>,
}

/// An object that is being read.
#[derive(Debug)]
pub struct Object {
    stores: Stores,
    source: Arc<Source>,
    size: u64,
    position: u64,
    /// The block used last is at the back.
    held: VecDeque<(u64, Bytes)>,
    ahead: Option<(u64, JoinHandle<Result<Bytes, Error>>)>,
    /// All of it, where the server knows no ranges.
    file: Option<File>,
    fault: Arc<OnceLock<Error>>,
}

/// What requests have in common.
#[derive(Debug)]
struct Source {
    store: Arc<dyn ObjectStore>,
    at: Address,
    location: Path,
    version: Version,
}

impl Stores {
    /// Opens an object: its first block is read. If it was `seen` before, it must be the same still.
    ///
    /// # Errors
    /// Any [`Kind`] that reading has; [`Kind::Empty`] for no bytes.
    pub fn open(&self, at: &Address, seen: Option<Seen>) -> Result<Object, Error> {
        let opened = self.try_open(at, seen);
        opened.inspect_err(|error| self.note(at, error))
    }

    fn try_open(&self, at: &Address, seen: Option<Seen>) -> Result<Object, Error> {
        let empty = || {
            Error::new(
                Kind::Empty,
                at,
                "is empty (0 bytes); copy or record it again",
            )
        };
        if seen.is_some_and(|seen| seen.size == 0) {
            return Err(empty());
        }
        let (store, location) = self.find(at)?;
        let expected = Version {
            size: seen.map(|seen| seen.size),
            modified_s: seen.and_then(|seen| seen.modified_s),
            etag: None,
        };
        let first = fetch(&*store, at, &location, 0..BLOCK, &expected);
        let first = self.wait().until(first);
        let interrupted = |_| Error::interrupted(at);
        let (bytes, version, file) = match first.map_err(interrupted)? {
            Ok((bytes, version)) => (bytes, version, None),
            Err(error) if error.kind == Kind::NoRanges && at.is_web() => {
                let whole = whole(&*store, at, &location);
                let (file, version) = self.wait().until(whole).map_err(interrupted)??;
                (Bytes::new(), version, Some(file))
            }
            // A range of an empty object begins behind its end.
            Err(error) if error.message.contains("with 416") => return Err(empty()),
            Err(error) => return Err(error),
        };
        let size = version.size.unwrap_or(0);
        if size == 0 {
            return Err(empty());
        }
        let mut object = Object {
            stores: self.clone(),
            source: Arc::new(Source {
                store,
                at: at.clone(),
                location,
                version,
            }),
            size,
            position: 0,
            held: VecDeque::new(),
            ahead: None,
            file,
            fault: Arc::default(),
        };
        if object.file.is_none() {
            object.held.push_back((0, bytes));
        }
        Ok(object)
    }
}

impl Object {
    /// Bytes.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Where the first error of reading will be, if there is one.
    pub fn fault(&self) -> Arc<OnceLock<Error>> {
        self.fault.clone()
    }

    /// The block with this number.
    fn block(&mut self, number: u64) -> Result<Bytes, Error> {
        if let Some(at) = self.held.iter().position(|(held, _)| *held == number) {
            let found = self.held.remove(at);
            let bytes = found.map(|(_, bytes)| bytes).unwrap_or_default();
            self.held.push_back((number, bytes.clone()));
            return Ok(bytes);
        }
        let at = &self.source.at;
        let wait = self.stores.wait();
        let bytes = match self.ahead.take() {
            Some((ahead, on_its_way)) if ahead == number => {
                let done = wait.until(on_its_way).map_err(|_| Error::interrupted(at))?;
                done.map_err(|_| Error::interrupted(at))??
            }
            other => {
                if let Some((_, unwanted)) = other {
                    unwanted.abort();
                }
                let bytes = self.source.clone().read(number);
                wait.until(bytes).map_err(|_| Error::interrupted(at))??
            }
        };
        let in_order = self.held.back().is_some_and(|(last, _)| last + 1 == number);
        self.held.push_back((number, bytes.clone()));
        if self.held.len() > HELD {
            self.held.pop_front();
        }
        let next = number + 1;
        let is_new = !self.held.iter().any(|(held, _)| *held == next);
        if in_order && is_new && next * BLOCK < self.size {
            let read = self.source.clone().read(next);
            self.ahead = Some((next, self.stores.wait().handle().spawn(read)));
        }
        Ok(bytes)
    }
}

impl Source {
    async fn read(self: Arc<Self>, number: u64) -> Result<Bytes, Error> {
        let size = self.version.size.unwrap_or(u64::MAX);
        let range = number * BLOCK..((number + 1) * BLOCK).min(size);
        let fetched = fetch(&*self.store, &self.at, &self.location, range, &self.version).await;
        match fetched {
            Ok((bytes, _)) => Ok(bytes),
            // It was there a moment ago.
            Err(error) if error.kind == Kind::NotFound => Err(Error::changed(&self.at)),
            Err(error) => Err(error),
        }
    }
}

impl Drop for Object {
    fn drop(&mut self) {
        if let Some((_, unwanted)) = self.ahead.take() {
            unwanted.abort();
        }
    }
}

impl Read for Object {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if let Some(file) = &mut self.file {
            let read = file.read(buffer);
            return read.inspect_err(|error| {
                let _ = self.fault.set(Error::disk(&self.source.at, error));
            });
        }
        if let Some(error) = self.fault.get() {
            return Err(io::Error::other(error.clone()));
        }
        if self.position >= self.size || buffer.is_empty() {
            return Ok(0);
        }
        let (number, from) = (self.position / BLOCK, (self.position % BLOCK) as usize);
        let bytes = self.block(number).map_err(|error| {
            self.stores.note(&self.source.at, &error);
            let _ = self.fault.set(error.clone());
            io::Error::other(error)
        })?;
        let own = bytes.get(from..).unwrap_or_default();
        let length = own.len().min(buffer.len());
        buffer[..length].copy_from_slice(&own[..length]);
        self.position += length as u64;
        Ok(length)
    }
}

impl Seek for Object {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        if let Some(file) = &mut self.file {
            return file.seek(to);
        }
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(by) => self.size.checked_add_signed(by),
            SeekFrom::Current(by) => self.position.checked_add_signed(by),
        };
        self.position = position.ok_or_else(|| {
            io::Error::new(io::ErrorKind::InvalidInput, "a place before the first byte")
        })?;
        Ok(self.position)
    }
}

/// All of an object, in a temporary file that has no name.
async fn whole(
    store: &dyn ObjectStore,
    at: &Address,
    location: &Path,
) -> Result<(File, Version), Error> {
    let disk = |error: io::Error| Error::disk(at, &error);
    let mut problem = String::new();
    for _ in 0..WHOLE {
        let answer = store.get_opts(location, GetOptions::default()).await;
        let answer = answer.map_err(|error| Error::of(at, &error))?;
        let version = Version::of(&answer.meta);
        let mut file = tempfile::tempfile().map_err(disk)?;
        let (mut came, mut stream) = (0, answer.into_stream());
        while let Some(Ok(bytes)) = stream.next().await {
            file.write_all(&bytes).map_err(disk)?;
            came += bytes.len() as u64;
        }
        if Some(came) == version.size {
            file.seek(SeekFrom::Start(0)).map_err(disk)?;
            return Ok((file, version));
        }
        problem = format!("{came} of {} bytes came", version.size.unwrap_or(0));
    }
    Err(ended_early(at, &problem))
}

#[cfg(test)]
mod tests {
    use object_store::ObjectStoreExt;
    use object_store::memory::InMemory;

    use super::*;

    /// Bytes that say where they are.
    fn bytes(length: usize) -> Vec<u8> {
        (0..length)
            .map(|at| ((at * 31) ^ (at >> 13)) as u8)
            .collect()
    }

    fn there(content: Vec<u8>) -> (Stores, Address, Arc<InMemory>) {
        let (store, at) = (
            Arc::new(InMemory::new()),
            Address::read("s3://b/a.wav").unwrap(),
        );
        let stores = Stores::default().with("s3://b", store.clone());
        let location = at.location().unwrap();
        let put = store.put(&location, Bytes::from(content).into());
        stores.wait().through(put).unwrap();
        (stores, at, store)
    }

    #[test]
    fn an_object_is_read_like_a_file_wherever_one_seeks() {
        let content = bytes(5 * BLOCK as usize + 77);
        let (stores, at, _) = there(content.clone());
        let mut object = stores.open(&at, None).unwrap();
        assert_eq!(object.size(), content.len() as u64);
        let mut all = Vec::new();
        object.read_to_end(&mut all).unwrap();
        assert!(all == content);
        let mut file = io::Cursor::new(&content);
        let mut random = 1_u64;
        for step in 0..200 {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            let place = (random >> 33) % (content.len() as u64 + 100);
            let to = match step % 3 {
                0 => SeekFrom::Start(place),
                1 => SeekFrom::End(-((place % 1000) as i64)),
                _ => SeekFrom::Current((place % 300) as i64),
            };
            assert_eq!(object.seek(to).unwrap(), file.seek(to).unwrap());
            let (mut a, mut b) = (Vec::new(), Vec::new());
            object.by_ref().take(3000).read_to_end(&mut a).unwrap();
            file.by_ref().take(3000).read_to_end(&mut b).unwrap();
            assert!(a == b, "step {step} at {place}");
            assert!(object.held.len() <= HELD);
        }
        assert!(object.seek(SeekFrom::Current(i64::MIN)).is_err());
    }

    #[test]
    fn an_object_that_is_replaced_meanwhile_is_an_error_that_stays() {
        let (stores, at, store) = there(bytes(4 * BLOCK as usize));
        let mut object = stores.open(&at, None).unwrap();
        let fault = object.fault();
        let mut first = vec![0; 100];
        object.read_exact(&mut first).unwrap();
        let location = at.location().unwrap();
        let put = store.put(&location, Bytes::from(bytes(10)).into());
        stores.wait().through(put).unwrap();
        assert!(object.read_to_end(&mut first).is_err());
        assert_eq!(fault.get().map(|error| error.kind), Some(Kind::Changed));
        object.seek(SeekFrom::Start(0)).unwrap();
        assert!(object.read_exact(&mut first).is_err());
    }

    #[test]
    fn what_was_listed_must_be_what_is_opened() {
        let (stores, at, _) = there(bytes(1000));
        let seen = stores.look(&at).unwrap().unwrap();
        assert!(stores.open(&at, Some(seen)).is_ok());
        let other = Seen { size: 999, ..seen };
        let error = stores.open(&at, Some(other)).unwrap_err();
        assert_eq!(error.kind, Kind::Changed);
        let nowhere = Address::read("s3://b/none.wav").unwrap();
        assert_eq!(
            stores.open(&nowhere, None).unwrap_err().kind,
            Kind::NotFound
        );
        assert_eq!(stores.look(&nowhere).unwrap(), None);
        let (stores, at, _) = there(Vec::new());
        let seen = stores.look(&at).unwrap();
        assert_eq!(stores.open(&at, seen).unwrap_err().kind, Kind::Empty);
    }
}
