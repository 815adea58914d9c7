//! Which objects there are, with their lengths and times.

use std::sync::Arc;

use futures_util::{StreamExt, TryStreamExt, stream};
use object_store::{ObjectMeta, ObjectStore, ObjectStoreExt};

use crate::address::Address;
use crate::error::{Error, Kind};
use crate::fetch::{Version, modified_s};
use crate::object::Seen;
use crate::store::Stores;

/// Objects that are asked about at the same time.
const TOGETHER: usize = 32;

/// An object that was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Where it is.
    pub at: Address,
    /// What the store says about it.
    pub seen: Seen,
}

fn seen(meta: &ObjectMeta) -> Seen {
    Seen {
        size: meta.size,
        modified_s: modified_s(meta),
    }
}

impl Stores {
    /// All objects below a prefix, as if it were a folder, in order of their names.
    ///
    /// # Errors
    /// What the store says.
    pub fn list(&self, at: &Address) -> Result<Vec<Entry>, Error> {
        let listed = self.try_list(at);
        listed.inspect_err(|error| self.note(at, error))
    }

    fn try_list(&self, at: &Address) -> Result<Vec<Entry>, Error> {
        let (store, prefix) = self.find(at)?;
        let objects = store.list(Some(&prefix)).map_ok(|meta| Entry {
            at: at.at(&meta.location),
            seen: seen(&meta),
        });
        let found = self.wait().until(objects.try_collect::<Vec<_>>());
        let found = found.map_err(|_| Error::interrupted(at))?;
        let mut found = found.map_err(|error| Error::of(at, &error))?;
        found.sort_by(|a, b| a.at.key.cmp(&b.at.key));
        Ok(found)
    }

    /// What the store says about an object; none where there is none.
    ///
    /// # Errors
    /// What the store says.
    pub fn look(&self, at: &Address) -> Result<Option<Seen>, Error> {
        let looked = self.look_all(std::slice::from_ref(at))?;
        match looked.into_iter().next() {
            Some(Ok(seen)) => Ok(Some(seen)),
            Some(Err(error)) if error.kind == Kind::NotFound => Ok(None),
            Some(Err(error)) => Err(error),
            None => Ok(None),
        }
    }

    /// The version of an object that is there, without heeding a request to stop.
    pub(crate) fn version_through(&self, at: &Address) -> Result<Option<Version>, Error> {
        let (store, location) = self.find(at)?;
        match self.wait().through(store.head(&location)) {
            Ok(meta) => Ok(Some(Version::of(&meta))),
            Err(object_store::Error::NotFound { .. }) => Ok(None),
            Err(error) => Err(Error::of(at, &error)),
        }
    }

    /// What stores say about objects, in their order; each error is the object's own.
    ///
    /// # Errors
    /// Where a store cannot be reached at all, or nobody may ask.
    pub fn look_all(&self, all: &[Address]) -> Result<Vec<Result<Seen, Error>>, Error> {
        let mut stores: Vec<Result<(Arc<dyn ObjectStore>, _), Error>> = Vec::new();
        for at in all {
            stores.push(self.find(at));
        }
        let looks = all.iter().zip(stores).map(|(at, store)| async move {
            let (store, location) = store?;
            let meta = store.head(&location).await;
            meta.map(|meta| seen(&meta))
                .map_err(|error| Error::of(at, &error))
        });
        let looked = stream::iter(looks).buffered(TOGETHER).collect::<Vec<_>>();
        let Some(first) = all.first() else {
            return Ok(Vec::new());
        };
        let looked = self.wait().until(looked);
        let looked = looked.map_err(|_| Error::interrupted(first))?;
        for (at, outcome) in all.iter().zip(&looked) {
            if let Err(error) = outcome
                && !at.is_web()
                && matches!(error.kind, Kind::Unreachable | Kind::Usage)
            {
                return Err(error.clone());
            }
        }
        Ok(looked)
    }
}
