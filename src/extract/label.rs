//! Labels of recordings, for formats that carry them: a table with columns called file and label (or filename, emotion …).
//!
//! A row is about the recording whose name ends in its path, or the other way round, folder by folder; separators, extensions and Unicode's forms do not matter.
//! In a table with starts, a row is about that stretch of the recording. Whatever [`ser_tables::segment`] reads may have labels: a tier of a TextGrid, cues, a track
//! of Audacity; where it names no recording, its rows are about any that no other row names.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::analysed_parts::Segment;
use ser_tables::segment::{Others, each};

/// The labels of recordings by name.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// By the last part of the name.
    of: HashMap<String, Vec<Entry>>,
    classes: Vec<String>,
    /// Rows that cannot be read, each with its place and the reason.
    pub bad: Vec<String>,
}

/// The rows about one path.
#[derive(Clone, Debug)]
struct Entry {
    path: Arc<str>,
    /// By where a stretch starts; none for the whole recording.
    of: HashMap<Option<Duration>, Arc<str>>,
}

/// The labels of one recording: of its stretches, and of those that have none of their own.
#[derive(Clone, Debug, Default)]
pub struct OfRecording {
    own: HashMap<Duration, Option<Arc<str>>>,
    common: Option<Arc<str>>,
}

impl OfRecording {
    /// The label of the recording; none where its rows disagree.
    pub fn label(&self) -> Option<&str> {
        self.common.as_deref()
    }

    /// The label of a stretch: that of its own row, to the nanosecond, as both were read alike; or the recording's.
    pub fn of_part(&self, segment: &Segment) -> Option<&Arc<str>> {
        let own = self.own.get(&segment.start).and_then(Option::as_ref);
        own.or(self.common.as_ref())
    }
}

impl Labels {
    /// Reads the labels; of a file with tiers those of `tier`.
    ///
    /// # Errors
    /// One line of text that names the file and what is wrong.
    pub fn read(path: &Path, tier: Option<&str>) -> Result<Self, String> {
        Self::read_rows(path, tier).map_err(|reason| format!("{}: {reason}", path.display()))
    }

    fn read_rows(path: &Path, tier: Option<&str>) -> Result<Self, String> {
        let mut found = Found::default();
        let mut bad = Vec::new();
        each(path, tier, Others::LeftOut, &mut |counted, row| match row {
            Ok(row) => {
                if let Some(label) = row.label {
                    let of_part = row.start > Duration::ZERO || row.end.is_some();
                    let start = of_part.then_some(row.start);
                    found.insert(row.file.unwrap_or_default(), start, &label);
                }
            }
            Err(wrong) => bad.push(format!("{counted} {}: {}", wrong.at, wrong.problem)),
        })?;
        if let Some(twice) = found.twice {
            return Err(twice);
        }
        if found.classes.is_empty() {
            return Err(
                "has no labels: they stand in a table with the columns file,label (or filename, emotion …)"
                    .to_owned(),
            );
        }
        let mut of: HashMap<String, Vec<Entry>> = HashMap::new();
        for entry in found.entries {
            let last = entry.path.rsplit('/').next().unwrap_or(&entry.path);
            of.entry(last.to_owned()).or_default().push(entry);
        }
        let classes: BTreeSet<String> = found.classes.iter().map(|c| c.to_string()).collect();
        Ok(Self {
            of,
            classes: classes.into_iter().collect(),
            bad,
        })
    }

    /// All labels there are, sorted.
    pub fn classes(&self) -> &[String] {
        &self.classes
    }

    /// The labels of the recording with this name in the table.
    pub fn of(&self, name: &str) -> OfRecording {
        let mut found = OfRecording::default();
        let rows = self.entries(name).into_iter().flat_map(|entry| &entry.of);
        let (mut first, mut agree) = (None, true);
        for (start, label) in rows {
            agree &= first.get_or_insert(label) == &label;
            if let Some(start) = start {
                let own = found.own.entry(*start).or_insert(Some(label.clone()));
                if own.as_ref().is_some_and(|own| own != label) {
                    *own = None;
                }
            }
        }
        found.common = first.filter(|_| agree).cloned();
        found
    }

    /// The rows about a recording: of several, those whose paths fit in most folders.
    fn entries(&self, name: &str) -> Vec<&Entry> {
        let name = tidy(name);
        let last = name.rsplit('/').next().unwrap_or(&name);
        let folders = |entry: &Entry| {
            let fits = ends_in(&name, &entry.path) || ends_in(&entry.path, &name);
            fits.then(|| {
                entry
                    .path
                    .matches('/')
                    .count()
                    .min(name.matches('/').count())
            })
        };
        let of = |last: &str| self.of.get(last).map_or(&[][..], Vec::as_slice);
        let rows = of(last);
        if rows.is_empty() {
            return of("").iter().collect();
        }
        let best = rows.iter().filter_map(folders).max();
        rows.iter()
            .filter(|entry| best.is_some() && folders(entry) == best)
            .collect()
    }
}

/// Rows while they are read. Names and labels that come again are held once.
#[derive(Default)]
struct Found {
    entries: Vec<Entry>,
    by_path: HashMap<Arc<str>, usize>,
    classes: HashSet<Arc<str>>,
    /// The file that the last row named, and its entry.
    last: Option<(String, usize)>,
    /// That a stretch has two labels.
    twice: Option<String>,
}

impl Found {
    fn insert(&mut self, file: String, start: Option<Duration>, label: &str) {
        let label = match self.classes.get(label) {
            Some(known) => known.clone(),
            None => {
                let label: Arc<str> = label.into();
                self.classes.insert(label.clone());
                label
            }
        };
        let at = match &self.last {
            Some((last, at)) if *last == file => *at,
            _ => {
                let path: Arc<str> = tidy(&file).into();
                let next = self.entries.len();
                let at = *self.by_path.entry(path.clone()).or_insert(next);
                if at == next {
                    let of = HashMap::new();
                    self.entries.push(Entry { path, of });
                }
                self.last = Some((file.clone(), at));
                at
            }
        };
        let other = self.entries[at].of.insert(start, label.clone());
        if let Some(other) = other.filter(|other| *other != label && self.twice.is_none()) {
            self.twice = Some(format!(
                "{file} is labelled {other:?} and {label:?}: keep one"
            ));
        }
    }
}

/// A path without what people and systems write differently.
fn tidy(path: &str) -> String {
    let path: String = path.trim().replace('\\', "/").nfc().collect();
    let path = path.trim_start_matches("./").trim_start_matches('/');
    match path.rsplit_once('.') {
        // An extension, not a part of the name.
        Some((stem, extension))
            if !stem.is_empty()
                && (2..=5).contains(&extension.len())
                && extension.starts_with(|c: char| c.is_ascii_alphabetic())
                && extension.chars().all(|c| c.is_ascii_alphanumeric()) =>
        {
            stem.to_owned()
        }
        _ => path.to_owned(),
    }
}

/// Whether `path` ends in all folders and the name of `end`.
fn ends_in(path: &str, end: &str) -> bool {
    path.strip_suffix(end)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(text: &str) -> Result<Labels, String> {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        Labels::read(file.path(), None)
    }

    #[test]
    fn labels_are_found_by_name_or_its_last_part() {
        let found = labels("file,label\nx/a.wav,sad\nb.wav,anger\nc.wav,\n").unwrap();
        assert_eq!(found.classes(), ["anger", "sad"]);
        assert_eq!(found.of("x/a.wav").label(), Some("sad"));
        assert_eq!(found.of("y/b.wav").label(), Some("anger"));
        assert_eq!(found.of("y/a.wav").label(), None);
        assert_eq!(found.of("c.wav").label(), None);
        let error = labels("file,label\na,sad\na,glad\n").unwrap_err();
        assert!(
            error.ends_with("a is labelled \"glad\" and \"sad\": keep one")
                || error.ends_with("a is labelled \"sad\" and \"glad\": keep one")
        );
    }

    #[test]
    fn labels_are_read_however_they_are_written() {
        let found = labels("\u{feff}emotion;start;Path\r\nsad;;C:\\x\\de\u{301}j\u{e0}.wav\r\nanger;0,5;b.wav\r\nsad;1;b.wav\r\nx;soon;c\r\nshort\r\n").unwrap();
        assert_eq!(found.of("d\u{e9}j\u{e0}.flac").label(), Some("sad"));
        assert_eq!(found.of("b.wav").label(), None);
        let of_part = |name: &str, segment: &Segment| {
            let label = found.of(name).of_part(segment).cloned();
            label.map(|label| label.to_string())
        };
        let at = |seconds: f64| Segment {
            start: Duration::from_secs_f64(seconds),
            end: None,
        };
        assert_eq!(of_part("b", &at(0.5)).as_deref(), Some("anger"));
        assert_eq!(of_part("b", &at(1.0)).as_deref(), Some("sad"));
        assert_eq!(of_part("b", &at(2.0)).as_deref(), None);
        assert_eq!(found.bad.len(), 2, "{:?}", found.bad);
        assert!(
            found.bad[1].starts_with("line 6: has 1 field"),
            "{:?}",
            found.bad
        );
    }
}
