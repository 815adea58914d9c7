//! Labels of recordings, for formats that carry them: a table with columns called file and label (or filename, emotion …).
//!
//! A row is about the recording whose name ends in its path, or the other way round, folder by folder; separators, extensions and Unicode's forms do not matter.
//! In a table with starts, a row is about that stretch of the recording. Whatever [`ser_tables::segment`] reads may have labels: a tier of a TextGrid, cues, a track
//! of Audacity; where it names no recording, its rows are about any that no other row names.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::Path;
use std::time::Duration;

use unicode_normalization::UnicodeNormalization;

use super::part::Segment;
use ser_tables::segment::read;

/// The labels of recordings by name.
#[derive(Clone, Debug, Default)]
pub struct Labels {
    /// By the last part of the name.
    of: HashMap<String, Vec<Entry>>,
    classes: Vec<String>,
    /// Rows that cannot be read, each with its place and the reason.
    pub bad: Vec<String>,
}

#[derive(Clone, Debug)]
struct Entry {
    path: String,
    start: Option<Duration>,
    label: String,
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
        let rows = read(path, tier)?;
        let mut found: BTreeMap<(String, Option<Duration>), String> = BTreeMap::new();
        let mut classes = BTreeSet::new();
        let mut bad = Vec::new();
        for row in rows.rows {
            let row = match row {
                Ok(row) => row,
                Err(wrong) => {
                    bad.push(format!("{} {}: {}", rows.counted, wrong.at, wrong.problem));
                    continue;
                }
            };
            let Some(label) = row.label else {
                continue;
            };
            let of_part = row.start > Duration::ZERO || row.end.is_some();
            let file = row.file.as_deref().map(tidy).unwrap_or_default();
            classes.insert(label.clone());
            let other = found.insert((file.clone(), of_part.then_some(row.start)), label.clone());
            if let Some(other) = other.filter(|other| *other != label) {
                return Err(format!(
                    "{} is labelled {other:?} and {label:?}: keep one",
                    row.file.unwrap_or(file)
                ));
            }
        }
        if classes.is_empty() {
            return Err(
                "has no labels: they stand in a table with the columns file,label (or filename, emotion …)"
                    .to_owned(),
            );
        }
        let mut of: HashMap<String, Vec<Entry>> = HashMap::new();
        for ((path, start), label) in found {
            let last = path.rsplit('/').next().unwrap_or(&path).to_owned();
            of.entry(last)
                .or_default()
                .push(Entry { path, start, label });
        }
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

    /// The label of the recording with this name in the table; none where its rows disagree.
    pub fn of(&self, name: &str) -> Option<&str> {
        agreed(self.entries(name).into_iter())
    }

    /// The label of a stretch of a recording: that of its own row, or the recording's.
    pub fn of_part(&self, name: &str, segment: &Segment) -> Option<&str> {
        let entries = self.entries(name);
        // To the nanosecond, as both were read alike.
        let own = entries
            .iter()
            .filter(|entry| entry.start == Some(segment.start));
        agreed(own.copied()).or_else(|| agreed(entries.iter().copied()))
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

/// The label that all entries have.
fn agreed<'a>(mut entries: impl Iterator<Item = &'a Entry>) -> Option<&'a str> {
    let first = entries.next()?;
    entries
        .all(|entry| entry.label == first.label)
        .then_some(first.label.as_str())
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
        assert_eq!(found.of("x/a.wav"), Some("sad"));
        assert_eq!(found.of("y/b.wav"), Some("anger"));
        assert_eq!((found.of("y/a.wav"), found.of("c.wav")), (None, None));
        let error = labels("file,label\na,sad\na,glad\n").unwrap_err();
        assert!(
            error.ends_with("a is labelled \"glad\" and \"sad\": keep one")
                || error.ends_with("a is labelled \"sad\" and \"glad\": keep one")
        );
    }

    #[test]
    fn labels_are_read_however_they_are_written() {
        let found = labels("\u{feff}emotion;start;Path\r\nsad;;C:\\x\\de\u{301}j\u{e0}.wav\r\nanger;0,5;b.wav\r\nsad;1;b.wav\r\nx;soon;c\r\nshort\r\n").unwrap();
        assert_eq!(found.of("d\u{e9}j\u{e0}.flac"), Some("sad"));
        assert_eq!(found.of("b.wav"), None);
        let at = |seconds: f64| Segment {
            start: Duration::from_secs_f64(seconds),
            end: None,
        };
        assert_eq!(found.of_part("b", &at(0.5)), Some("anger"));
        assert_eq!(found.of_part("b", &at(1.0)), Some("sad"));
        assert_eq!(found.of_part("b", &at(2.0)), None);
        assert_eq!(found.bad.len(), 2, "{:?}", found.bad);
        assert!(
            found.bad[1].starts_with("line 6: has 1 field"),
            "{:?}",
            found.bad
        );
    }
}
