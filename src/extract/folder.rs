//! A folder as an iterator over the features of its recordings.

use std::path::Path;

use super::ExtractionSettings;
use super::input::{Input, find};
use super::worker::Worker;
use crate::error::Error;
use ser_features::feature::Features;

/// The recordings of a folder with their features, one after the other, in the order of their names; see [`folder`].
#[derive(Debug)]
pub struct Folder {
    inputs: std::vec::IntoIter<Input>,
    worker: Worker,
}

/// The features of each recording below a folder, in the order of their names. A recording that fails is an `Err` in its place;
/// the others go on.
///
/// ```no_run
/// use ser::extract::{ExtractionSettings, folder};
///
/// for (recording, features) in folder("corpus/wav", &ExtractionSettings::default()) {
///     match features {
///         Ok(features) => println!("{} {:?}", recording.name, features.get("loudness_sma3_amean")),
///         Err(error) => eprintln!("{}: {error}", recording.name),
///     }
/// }
/// ```
pub fn folder(path: impl AsRef<Path>, settings: &ExtractionSettings) -> Folder {
    Folder {
        inputs: find(&[path.as_ref().to_owned()]).inputs.into_iter(),
        worker: Worker::new(*settings),
    }
}

impl Iterator for Folder {
    type Item = (Input, Result<Features, Error>);

    fn next(&mut self) -> Option<Self::Item> {
        let input = self.inputs.next()?;
        let features = self.worker.extract(&input.path);
        Some((input, features))
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        self.inputs.size_hint()
    }
}
