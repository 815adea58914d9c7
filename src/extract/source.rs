//! Where recordings are opened: files, and in a build with the feature `remote` objects in stores, by their URLs.
//!
//! Without the feature a URL is a file that is not there, and its failure says which build reads it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use super::input::{Found, is_url};
use super::plan::{Stamp, Task};
use ser_audio::{DecodingSettings, Error, Recording};

#[cfg(feature = "remote")]
use super::store::Shelf;

/// Opens recordings wherever they are.
#[derive(Clone, Debug, Default)]
pub struct Sources {
    #[cfg(feature = "remote")]
    shelf: Shelf,
}

impl Sources {
    /// Opens the recording of a task, which must still be what was found.
    ///
    /// # Errors
    /// As [`Recording::open`]; [`Error::Store`] for what a store says.
    pub fn open(&self, task: &Task, settings: &DecodingSettings) -> Result<Recording, Error> {
        self.open_at(&task.input.path, task.stamp, settings)
    }

    /// Opens what a path or URL names; a stamp of zeros is of nothing that was found before.
    ///
    /// # Errors
    /// As [`open`](Self::open).
    pub fn open_at(
        &self,
        path: &Path,
        stamp: Stamp,
        settings: &DecodingSettings,
    ) -> Result<Recording, Error> {
        match is_url(path) {
            #[cfg(feature = "remote")]
            true => self.shelf.open(path, stamp, settings),
            _ => {
                let _ = stamp;
                Recording::open(path, settings)
            }
        }
    }

    /// Reading from stores ends when `stop` becomes true, and a store that cannot be reached any more makes it true.
    pub fn heed(&self, stop: &Arc<AtomicBool>) {
        #[cfg(feature = "remote")]
        self.shelf.stores().heed(stop);
        let _ = stop;
    }

    /// Why a run was stopped, if it was because a store could not be reached.
    pub fn outage(&self) -> Option<String> {
        #[cfg(feature = "remote")]
        return self.shelf.stores().outage().map(ToString::to_string);
        #[cfg(not(feature = "remote"))]
        None
    }

    /// Puts the recordings below a prefix in the place of its URL.
    ///
    /// # Errors
    /// In words, where a store cannot be reached at all or asks for credentials.
    pub fn expand(&self, found: &mut Found) -> Result<(), String> {
        #[cfg(feature = "remote")]
        self.shelf.expand(found)?;
        let _ = found;
        Ok(())
    }

    /// Stamps the tasks whose recordings are in stores.
    ///
    /// # Errors
    /// As [`expand`](Self::expand).
    pub fn stamp(&self, tasks: &mut [Task]) -> Result<(), String> {
        #[cfg(feature = "remote")]
        self.shelf.stamp(tasks)?;
        let _ = tasks;
        Ok(())
    }

    /// The stores, for outputs.
    #[cfg(feature = "remote")]
    pub(crate) fn stores(&self) -> &ser_remote::Stores {
        self.shelf.stores()
    }
}
