//! A file that only grows, kept in a store as numbered objects, for objects cannot grow.
//!
//! ```text
//! out.csv.ser-journal/000001, 000002, …:   "ser-log 1\n" · chain (u64) · session (u64) · offset (u64) · bytes of the file from there on
//! ```
//!
//! All numbers are little-endian. The objects of one run are a chain, written by one or more sessions (processes, one after the other). An object that
//! begins before the end of those in front of it replaces what they have from there on: a session that goes on cuts off what was half written.
//!
//! Two writers are told apart by conditions that the store checks: each object is written only if there is none of its number (`If-None-Match: *`), and
//! before each, the first object must still be that of the own chain. Of two sessions that go on at the same time, the second to write a number stops, with
//! [`Kind::Taken`]; a session whose journal was removed or begun anew stops likewise. Where a store has no conditional writes, the second check is
//! left.

use std::fs::File;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::io::{Seek, SeekFrom, Write};

use bytes::Bytes;
use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::ObjectStore;

use crate::address::Address;
use crate::error::{Error, Kind};
use crate::fetch::Version;
use crate::store::Stores;

/// With what each object begins.
const MAGIC: &[u8] = b"ser-log 1\n";

/// Bytes before the content.
const HEAD: usize = MAGIC.len() + 3 * 8;

/// Bytes of the file in one object.
const PIECE: usize = 8 << 20;

/// A log that is being written.
#[derive(Debug)]
pub struct Log {
    stores: Stores,
    folder: Address,
    chain: u64,
    session: u64,
    /// The number of the object to be written next.
    next: u64,
    /// Bytes of the file that are in the store.
    end: u64,
    /// By what the first object is known.
    first: Option<Version>,
}

/// A number that no other process draws.
fn drawn() -> u64 {
    RandomState::new().build_hasher().finish()
}

/// An object, taken apart.
struct Piece {
    chain: u64,
    session: u64,
    offset: u64,
    content: Bytes,
}

impl Piece {
    fn read(bytes: &Bytes) -> Option<Self> {
        let numbers = bytes.strip_prefix(MAGIC)?.get(..HEAD - MAGIC.len())?;
        let number = |at: usize| {
            let field = numbers.get(8 * at..)?.first_chunk()?;
            Some(u64::from_le_bytes(*field))
        };
        Some(Self {
            chain: number(0)?,
            session: number(1)?,
            offset: number(2)?,
            content: bytes.slice(HEAD..),
        })
    }

    fn written(&self) -> Bytes {
        let mut bytes = MAGIC.to_vec();
        for number in [self.chain, self.session, self.offset] {
            bytes.extend(number.to_le_bytes());
        }
        bytes.extend_from_slice(&self.content);
        bytes.into()
    }
}

fn object(folder: &Address, number: u64) -> Address {
    folder.followed_by(&format!("/{number:06}"))
}

fn taken(folder: &Address) -> Error {
    let message = "another process writes this output, or has finished it; wait until it ends, or name another output";
    Error::new(Kind::Taken, folder, message)
}

impl Log {
    /// Whether there is a log.
    ///
    /// # Errors
    /// What the store says.
    pub fn is_there(stores: &Stores, folder: &Address) -> Result<bool, Error> {
        Ok(stores.look(&object(folder, 1))?.is_some())
    }

    /// Begins a log; what is left of an earlier one is removed. Nothing is written yet.
    ///
    /// # Errors
    /// What the store says.
    pub fn begin(stores: &Stores, folder: &Address) -> Result<Self, Error> {
        remove_all(stores, folder)?;
        Ok(Self {
            stores: stores.clone(),
            folder: folder.clone(),
            chain: drawn(),
            session: drawn(),
            next: 1,
            end: 0,
            first: None,
        })
    }

    /// Goes on with a log: what it holds is written into `file`. None where there is no log.
    ///
    /// # Errors
    /// What the store says; [`Kind::Disk`].
    pub fn fetch(
        stores: &Stores,
        folder: &Address,
        file: &mut File,
    ) -> Result<Option<Self>, Error> {
        let mut log: Option<Self> = None;
        let mut number = 1;
        loop {
            let at = object(folder, number);
            let Some(bytes) = stores.get(&at)? else { break };
            let Some(piece) = Piece::read(&bytes) else {
                break;
            };
            let disk = |error| Error::disk(&at, &error);
            let log = log.get_or_insert_with(|| Self {
                stores: stores.clone(),
                folder: folder.clone(),
                chain: piece.chain,
                session: drawn(),
                next: 1,
                end: 0,
                first: None,
            });
            if piece.chain != log.chain || piece.offset > log.end {
                break;
            }
            file.set_len(piece.offset).map_err(disk)?;
            file.seek(SeekFrom::Start(piece.offset)).map_err(disk)?;
            file.write_all(&piece.content).map_err(disk)?;
            log.end = piece.offset + piece.content.len() as u64;
            number += 1;
            log.next = number;
        }
        Ok(log)
    }

    /// Bytes of the file that are in the store.
    pub fn end(&self) -> u64 {
        self.end
    }

    /// The file was cut: what the store has behind `end` is replaced by what comes.
    pub fn go_back_to(&mut self, end: u64) {
        self.end = self.end.min(end);
    }

    /// Appends to the file. Returns when all of it is in the store; a request to stop is not heeded.
    ///
    /// # Errors
    /// [`Kind::Taken`] where another process writes; what the store says.
    pub fn append(&mut self, bytes: &[u8]) -> Result<(), Error> {
        for content in bytes.chunks(PIECE) {
            if self.next > 1 {
                self.check()?;
            }
            let piece = Piece {
                chain: self.chain,
                session: self.session,
                offset: self.end,
                content: Bytes::copy_from_slice(content),
            };
            self.write(&piece)?;
            self.next += 1;
            self.end += content.len() as u64;
        }
        Ok(())
    }

    fn write(&self, piece: &Piece) -> Result<(), Error> {
        let at = object(&self.folder, self.next);
        let written = piece.written();
        match self.stores.create(&at, written.clone()) {
            Ok(_) => Ok(()),
            Err(error) if error.kind == Kind::Exists || error.kind == Kind::Changed => {
                let there = self.stores.get(&at)?;
                match there.as_ref().and_then(Piece::read) {
                    // A request whose answer was lost had arrived.
                    _ if there.as_ref() == Some(&written) => Ok(()),
                    Some(there) if there.chain == self.chain || self.next == 1 => {
                        Err(taken(&self.folder))
                    }
                    // What a run that was given up had left.
                    _ => self.stores.replace(&at, written).map(|_| ()),
                }
            }
            Err(error) => Err(error),
        }
    }

    /// Is the log still this chain's?
    ///
    /// # Errors
    /// [`Kind::Taken`] if it is not; what the store says.
    pub fn check(&mut self) -> Result<(), Error> {
        let at = object(&self.folder, 1);
        let Some(version) = self.stores.version_through(&at)? else {
            return Err(taken(&self.folder));
        };
        // The first object never changes, so its chain is read once.
        if self.first.as_ref() == Some(&version) {
            return Ok(());
        }
        let bytes = self.stores.get_through(&at)?;
        match bytes.as_ref().and_then(Piece::read) {
            Some(piece) if piece.chain == self.chain => {
                self.first = Some(version);
                Ok(())
            }
            _ => Err(taken(&self.folder)),
        }
    }

    /// Removes the log, its first object first: without that there is none.
    ///
    /// # Errors
    /// What the store says.
    pub fn remove(stores: &Stores, folder: &Address) -> Result<(), Error> {
        remove_all(stores, folder)
    }
}

fn remove_all(stores: &Stores, folder: &Address) -> Result<(), Error> {
    stores.remove(&object(folder, 1))?;
    let (store, prefix) = stores.find(folder)?;
    let told = |error: object_store::Error| Error::of(folder, &error);
    let is_number = |name: Option<&str>| {
        name.is_some_and(|name| name.len() >= 6 && name.bytes().all(|b| b.is_ascii_digit()))
    };
    let listed = store
        .list(Some(&prefix))
        .map_ok(|meta| meta.location)
        .try_filter(|path| std::future::ready(is_number(path.filename())))
        .try_collect::<Vec<_>>();
    let listed = stores.wait().through(listed).map_err(told)?;
    if listed.is_empty() {
        return Ok(());
    }
    let paths = stream::iter(listed.into_iter().map(Ok)).boxed();
    let gone = store.delete_stream(paths).filter(|outcome| {
        let is_error =
            matches!(outcome, Err(error) if !matches!(error, object_store::Error::NotFound { .. }));
        std::future::ready(is_error)
    });
    let errors: Vec<_> = stores.wait().through(gone.collect());
    match errors.into_iter().next() {
        Some(Err(error)) => Err(told(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::sync::Arc;

    use object_store::memory::InMemory;

    use super::*;

    fn there() -> (Stores, Address) {
        let stores = Stores::default().with("s3://b", Arc::new(InMemory::new()));
        (stores, Address::read("s3://b/out.csv.ser-journal").unwrap())
    }

    fn read(stores: &Stores, folder: &Address) -> Option<(Log, String)> {
        let mut file = tempfile::tempfile().unwrap();
        let log = Log::fetch(stores, folder, &mut file).unwrap()?;
        let mut text = String::new();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.read_to_string(&mut text).unwrap();
        Some((log, text))
    }

    #[test]
    fn what_was_appended_comes_back_and_a_cut_tail_is_replaced() {
        let (stores, folder) = there();
        assert!(read(&stores, &folder).is_none());
        let mut log = Log::begin(&stores, &folder).unwrap();
        log.append(b"one ").unwrap();
        log.append(b"two ").unwrap();
        log.append(b"thr").unwrap();
        let (mut again, text) = read(&stores, &folder).unwrap();
        assert_eq!((text.as_str(), again.end()), ("one two thr", 11));
        again.go_back_to(8);
        again.append(b"four").unwrap();
        let (_, text) = read(&stores, &folder).unwrap();
        assert_eq!(text, "one two four");
        assert!(Log::is_there(&stores, &folder).unwrap());
        Log::remove(&stores, &folder).unwrap();
        assert!(!Log::is_there(&stores, &folder).unwrap());
        assert!(stores.list(&folder).unwrap().is_empty());
    }

    #[test]
    fn of_two_writers_one_stops() {
        let (stores, folder) = there();
        let mut first = Log::begin(&stores, &folder).unwrap();
        let mut other = Log::begin(&stores, &folder).unwrap();
        first.append(b"a").unwrap();
        assert_eq!(other.append(b"b").unwrap_err().kind, Kind::Taken);
        let (mut second, _) = read(&stores, &folder).unwrap();
        second.append(b"b").unwrap();
        assert_eq!(first.append(b"c").unwrap_err().kind, Kind::Taken);
        // Begun anew: whoever wrote before stops, and what it had left is no part of the new one.
        let mut anew = Log::begin(&stores, &folder).unwrap();
        anew.append(b"x").unwrap();
        assert_eq!(second.append(b"d").unwrap_err().kind, Kind::Taken);
        assert_eq!(read(&stores, &folder).unwrap().1, "x");
        Log::remove(&stores, &folder).unwrap();
        assert_eq!(second.check().unwrap_err().kind, Kind::Taken);
    }

    #[test]
    fn what_a_run_that_was_given_up_left_is_replaced() {
        let (stores, folder) = there();
        let mut old = Log::begin(&stores, &folder).unwrap();
        old.append(b"1").unwrap();
        let stray = Piece {
            chain: 7,
            session: 7,
            offset: 1,
            content: Bytes::from_static(b"stray"),
        };
        stores.create(&object(&folder, 2), stray.written()).unwrap();
        assert_eq!(read(&stores, &folder).unwrap().1, "1");
        old.append(b"2").unwrap();
        assert_eq!(read(&stores, &folder).unwrap().1, "12");
    }
}
