//! What is drawn together when a test is resampled: a speaker with all of their recordings.
//!
//! Recordings of one speaker resemble each other, so a bootstrap draws speakers and not recordings. Where a corpus has a recording whose speaker is
//! unknown, each of its recordings is a unit of its own, and the interval is too narrow by what speakers have in common; results say so.

use std::collections::BTreeMap;

use ser_tables::labelled::LabelledRow;

/// The units of each corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Units {
    corpora: BTreeMap<String, OfCorpus>,
    of_row: Vec<usize>,
}

/// The units of one corpus.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct OfCorpus {
    /// Names of the speakers, ascending; of the recordings where a speaker is unknown.
    pub names: Vec<String>,
    /// Whether they are speakers.
    pub speakers: bool,
}

impl Units {
    /// The units of some rows.
    pub fn of(rows: &[LabelledRow]) -> Units {
        let mut corpora: BTreeMap<String, OfCorpus> = BTreeMap::new();
        for row in rows {
            let corpus = corpora.entry(row.corpus.clone()).or_insert(OfCorpus {
                names: Vec::new(),
                speakers: true,
            });
            corpus.speakers &= row.speaker.is_some();
        }
        for (number, row) in rows.iter().enumerate() {
            if let Some(corpus) = corpora.get_mut(&row.corpus) {
                corpus.names.push(name(row, number, corpus.speakers));
            }
        }
        for corpus in corpora.values_mut() {
            corpus.names.sort_unstable();
            corpus.names.dedup();
        }
        let place = |(number, row): (usize, &LabelledRow)| {
            let corpus = &corpora[&row.corpus];
            let name = name(row, number, corpus.speakers);
            corpus.names.partition_point(|other| *other < name)
        };
        Units {
            of_row: rows.iter().enumerate().map(place).collect(),
            corpora,
        }
    }

    /// The unit of a row, a number in the names of its corpus.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn of_row(&self, row: usize) -> usize {
        self.of_row[row]
    }

    /// The units of a corpus; none without its rows.
    pub fn of_corpus(&self, corpus: &str) -> Option<&OfCorpus> {
        self.corpora.get(corpus)
    }

    /// All corpora with their units, by name.
    pub fn corpora(&self) -> impl Iterator<Item = (&str, &OfCorpus)> {
        self.corpora
            .iter()
            .map(|(name, units)| (name.as_str(), units))
    }
}

fn name(row: &LabelledRow, number: usize, speakers: bool) -> String {
    match &row.speaker {
        Some(speaker) if speakers => speaker.clone(),
        // One file may hold several rows.
        _ => format!("{} #{number}", row.file),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(corpus: &str, speaker: Option<&str>) -> LabelledRow {
        LabelledRow {
            file: format!("{corpus}.wav"),
            corpus: corpus.into(),
            speaker: speaker.map(String::from),
            ..LabelledRow::default()
        }
    }

    #[test]
    fn speakers_are_units_and_recordings_where_one_is_unknown() {
        let rows = [
            row("a", Some("2")),
            row("a", Some("1")),
            row("b", Some("1")),
            row("b", None),
            row("a", Some("2")),
        ];
        let units = Units::of(&rows);
        let of_rows: Vec<usize> = (0..5).map(|row| units.of_row(row)).collect();
        assert_eq!(of_rows, [1, 0, 0, 1, 1]);
        assert_eq!(units.of_corpus("a").unwrap().names, ["1", "2"]);
        assert!(units.of_corpus("a").unwrap().speakers);
        let b = units.of_corpus("b").unwrap();
        assert!(!b.speakers && b.names.len() == 2);
        assert!(units.of_corpus("c").is_none());
    }
}
