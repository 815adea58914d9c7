//! A file becomes an object, whole or not at all: in one request, or in parts that the store joins when the last one is there.

use std::fs::File;
use std::io::Read;
use std::path::Path as FilePath;

use bytes::Bytes;
use object_store::{ObjectStore, ObjectStoreExt, PutMode, PutOptions, WriteMultipart};

use crate::address::Address;
use crate::error::{Error, Kind};
use crate::fetch::{Version, fetch};
use crate::store::Stores;

/// Bytes of a part, and the most that are sent at once.
const PART: usize = 8 << 20;

/// Parts on their way at the same time.
const TOGETHER: usize = 3;

/// The most parts of an object in S3 are 10 000; this leaves room.
const PARTS: u64 = 9000;

impl Stores {
    /// Writes `file` as the object, in place of one that is there. It appears when all of it is in the store. A request to stop is not heeded.
    ///
    /// # Errors
    /// What the store says; [`Kind::Disk`] where the file cannot be read.
    pub fn put_file(&self, at: &Address, file: &FilePath) -> Result<(), Error> {
        let disk = |error: std::io::Error| Error::disk(at, &error);
        let mut source = File::open(file).map_err(disk)?;
        let size = source.metadata().map_err(disk)?.len();
        let (store, location) = self.find(at)?;
        let told = |error: object_store::Error| Error::of(at, &error);
        if size <= PART as u64 {
            let mut bytes = Vec::new();
            source.read_to_end(&mut bytes).map_err(disk)?;
            let put = store.put(&location, Bytes::from(bytes).into());
            self.wait().through(put).map_err(told)?;
        } else {
            let part = PART.max(usize::try_from(size / PARTS + 1).unwrap_or(usize::MAX));
            let upload = async {
                let upload = store.put_multipart(&location).await.map_err(told)?;
                let mut parts = WriteMultipart::new_with_chunk_size(upload, part);
                loop {
                    let mut bytes = Vec::new();
                    let read = source.by_ref().take(part as u64).read_to_end(&mut bytes);
                    match read {
                        Ok(0) => break,
                        Ok(_) => {}
                        Err(error) => {
                            let _ = parts.abort().await;
                            return Err(disk(error));
                        }
                    }
                    if let Err(error) = parts.wait_for_capacity(TOGETHER).await {
                        let _ = parts.abort().await;
                        return Err(told(error));
                    }
                    parts.put(bytes.into());
                }
                parts.finish().await.map_err(told)
            };
            self.wait().through(upload)?;
        }
        let there = self.wait().through(store.head(&location)).map_err(told)?;
        match there.size == size {
            true => Ok(()),
            false => {
                let message = format!(
                    "has {} bytes in the store instead of {size}; another process may have written it, run again with --resume",
                    there.size
                );
                Err(Error::new(Kind::Taken, at, message))
            }
        }
    }

    /// Writes a few bytes as an object that must not be there yet; its ETag.
    ///
    /// # Errors
    /// [`Kind::Exists`], and what the store says.
    pub(crate) fn create(&self, at: &Address, bytes: Bytes) -> Result<Option<String>, Error> {
        self.put(at, bytes, PutMode::Create)
    }

    /// Writes a few bytes as an object, whatever was there.
    pub(crate) fn replace(&self, at: &Address, bytes: Bytes) -> Result<Option<String>, Error> {
        self.put(at, bytes, PutMode::Overwrite)
    }

    fn put(&self, at: &Address, bytes: Bytes, mode: PutMode) -> Result<Option<String>, Error> {
        let (store, location) = self.find(at)?;
        let put = |mode| store.put_opts(&location, bytes.clone().into(), PutOptions::from(mode));
        let mut outcome = self.wait().through(put(mode.clone()));
        // A store without conditions: then nothing but good manners keeps two writers apart.
        if let Err(error) = &outcome
            && mode == PutMode::Create
            && (matches!(error, object_store::Error::NotImplemented { .. })
                || crate::error::status(error) == Some(501))
        {
            outcome = self.wait().through(put(PutMode::Overwrite));
        }
        outcome
            .map(|put| put.e_tag)
            .map_err(|error| Error::of(at, &error))
    }

    /// All bytes of a small object; none where there is none.
    ///
    /// # Errors
    /// What the store says.
    pub fn get(&self, at: &Address) -> Result<Option<Bytes>, Error> {
        let (store, location) = self.find(at)?;
        match self.wait().until(all(&*store, at, &location)) {
            Ok(read) => read,
            Err(_) => Err(Error::interrupted(at)),
        }
    }

    /// As [`get`](Self::get), without heeding a request to stop.
    pub(crate) fn get_through(&self, at: &Address) -> Result<Option<Bytes>, Error> {
        let (store, location) = self.find(at)?;
        self.wait().through(all(&*store, at, &location))
    }

    /// Removes an object; it is no error if it is not there.
    ///
    /// # Errors
    /// What the store says.
    pub(crate) fn remove(&self, at: &Address) -> Result<(), Error> {
        let (store, location) = self.find(at)?;
        match self.wait().through(store.delete(&location)) {
            Ok(()) | Err(object_store::Error::NotFound { .. }) => Ok(()),
            Err(error) => Err(Error::of(at, &error)),
        }
    }
}

async fn all(
    store: &dyn ObjectStore,
    at: &Address,
    location: &object_store::path::Path,
) -> Result<Option<Bytes>, Error> {
    let size = match store.head(location).await {
        Ok(meta) => meta.size,
        Err(object_store::Error::NotFound { .. }) => return Ok(None),
        Err(error) => return Err(Error::of(at, &error)),
    };
    if size == 0 {
        return Ok(Some(Bytes::new()));
    }
    match fetch(store, at, location, 0..size, &Version::default()).await {
        Ok((bytes, _)) => Ok(Some(bytes)),
        Err(error) if error.kind == Kind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

#[test]
fn a_file_of_several_parts_comes_back_and_what_is_below_a_prefix_is_listed_in_order() {
    use std::io::Write;
    use std::sync::Arc;

    let store = Arc::new(object_store::memory::InMemory::new());
    let stores = Stores::default().with("s3://b", store);
    let at = |key: &str| Address::read(&format!("s3://b/{key}")).unwrap();
    let mut file = tempfile::NamedTempFile::new().unwrap();
    let content: Vec<u8> = (0..PART * 2 + 5).map(|i| (i >> 9) as u8).collect();
    file.write_all(&content).unwrap();
    stores.put_file(&at("x/large"), file.path()).unwrap();
    assert!(stores.get(&at("x/large")).unwrap().unwrap() == content);
    for key in ["x/b", "x/a/z", "x2/c"] {
        stores.create(&at(key), Bytes::from_static(b"1")).unwrap();
    }
    let again = stores.create(&at("x/b"), Bytes::from_static(b"2"));
    assert_eq!(again.unwrap_err().kind, Kind::Exists);
    let keys = |prefix: &str| -> Vec<String> {
        let listed = stores.list(&at(prefix)).unwrap();
        listed
            .into_iter()
            .map(|entry| entry.at.to_string())
            .collect()
    };
    let expected = ["s3://b/x/a/z", "s3://b/x/b", "s3://b/x/large"];
    assert_eq!(keys("x"), expected);
    assert_eq!(keys("x/"), expected);
    assert_eq!(keys("").len(), 4);
    stores.remove(&at("x/b")).unwrap();
    stores.remove(&at("x/b")).unwrap();
    assert_eq!(stores.get(&at("x/b")).unwrap(), None);
}
