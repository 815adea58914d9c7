//! Labels of recordings, for formats that carry them: a CSV with the columns `file` and `label`.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

/// The labels of recordings by name.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    of: HashMap<String, String>,
    classes: Vec<String>,
}

impl Labels {
    /// Reads the labels.
    ///
    /// # Errors
    /// One line of text that names the file and what is wrong.
    pub fn read(path: &Path) -> Result<Self, String> {
        Self::read_rows(path).map_err(|reason| format!("{}: {reason}", path.display()))
    }

    fn read_rows(path: &Path) -> Result<Self, String> {
        let mut rows = csv::ReaderBuilder::new()
            .flexible(true)
            .from_path(path)
            .map_err(|error| error.to_string())?;
        let header = rows.headers().map_err(|error| error.to_string())?.clone();
        let place = |name: &str| {
            let is_it = |field: &str| field.trim_start_matches('\u{feff}').trim() == name;
            header.iter().position(is_it).ok_or(format!(
                "no column {name:?}: labels are a CSV with the columns file,label"
            ))
        };
        let (file, label) = (place("file")?, place("label")?);
        let mut of = HashMap::new();
        let mut classes = BTreeSet::new();
        for row in rows.records() {
            let row = row.map_err(|error| error.to_string())?;
            let field = |place: usize| row.get(place).unwrap_or_default().trim().to_owned();
            let (file, label) = (field(file), field(label));
            if label.is_empty() {
                continue;
            }
            classes.insert(label.clone());
            if let Some(other) = of.insert(file.clone(), label.clone())
                && other != label
            {
                return Err(format!(
                    "{file} is labelled {other:?} and {label:?}: keep one"
                ));
            }
        }
        Ok(Self {
            of,
            classes: classes.into_iter().collect(),
        })
    }

    /// All labels there are, sorted.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The label of the recording with this name in the table, or with this last part of it.
    pub fn of(&self, name: &str) -> Option<&str> {
        let last = name.rsplit('/').next().unwrap_or(name);
        self.of
            .get(name)
            .or_else(|| self.of.get(last))
            .map(String::as_str)
    }
}

#[test]
fn labels_are_found_by_name_or_its_last_part() {
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(
        file.path(),
        "file,label\nx/a.wav,sad\nb.wav,anger\nc.wav,\n",
    )
    .unwrap();
    let labels = Labels::read(file.path()).unwrap();
    assert_eq!(labels.classes(), ["anger", "sad"]);
    assert_eq!(labels.of("x/a.wav"), Some("sad"));
    assert_eq!(labels.of("y/b.wav"), Some("anger"));
    assert_eq!((labels.of("a.wav"), labels.of("c.wav")), (None, None));
    std::fs::write(file.path(), "file,label\na,sad\na,glad\n").unwrap();
    assert!(
        Labels::read(file.path())
            .unwrap_err()
            .ends_with("a is labelled \"sad\" and \"glad\": keep one")
    );
}
