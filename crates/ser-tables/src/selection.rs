//! Some columns of a set instead of all, by name, by pattern, or by group.
//!
//! ```text
//! F0*,jitter*,loudness_sma3_amean,formant,HNR
//! ```
//!
//! `*` stands for any characters, `?` for one; the case of letters does not matter. A word that is no column is a group, or the beginning of
//! some groups: `formant` means all of the three, `Formant 2` and `formant2` the second one. The order is that of the set.

use std::io;

use ser_features::feature::Row;
use ser_features::feature::egemaps::columns::Column;

use super::TableWriter;

/// The places of the columns that `wanted` names, in the order of `columns`.
///
/// # Errors
/// In words, which part of it names nothing, and what could be named.
pub fn selection(columns: &[Column], wanted: &str) -> Result<Vec<usize>, String> {
    let mut chosen = vec![false; columns.len()];
    let mut named = false;
    for word in wanted
        .split(',')
        .map(str::trim)
        .filter(|word| !word.is_empty())
    {
        named = true;
        let by_name: Vec<usize> = places(columns, |c| fits(&lower(word), &lower(c.name)));
        let found = match by_name.is_empty() {
            true => places(columns, |c| plain(c.group.name()).starts_with(&plain(word))),
            false => by_name,
        };
        if found.is_empty() || plain(word).is_empty() && !word.contains('*') {
            return Err(format!(
                "{word:?} is no column, pattern or group: columns are those of `ser features`, groups {}",
                groups(columns).join(", ")
            ));
        }
        found.into_iter().for_each(|place| chosen[place] = true);
    }
    match named {
        true => Ok((0..columns.len()).filter(|&place| chosen[place]).collect()),
        false => Err("no column is named".to_owned()),
    }
}

fn places(columns: &[Column], fits: impl Fn(&Column) -> bool) -> Vec<usize> {
    let found = columns
        .iter()
        .enumerate()
        .filter(|(_, column)| fits(column));
    found.map(|(place, _)| place).collect()
}

/// The groups in order, each once.
fn groups(columns: &[Column]) -> Vec<&'static str> {
    let mut names: Vec<&str> = Vec::new();
    for name in columns.iter().map(|column| column.group.name()) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn lower(text: &str) -> Vec<char> {
    text.to_lowercase().chars().collect()
}

/// Letters and digits alone.
fn plain(text: &str) -> String {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    kept.flat_map(char::to_lowercase).collect()
}

/// Whether a text fits a pattern of `*`, `?` and characters that stand for themselves. Each step back goes to the last star only, so the time is
/// bounded by the product of the lengths.
fn fits(pattern: &[char], text: &[char]) -> bool {
    let (mut p, mut t, mut star) = (0, 0, None);
    while t < text.len() {
        match pattern.get(p) {
            Some('*') => {
                star = Some((p, t));
                p += 1;
            }
            Some(&c) if c == '?' || c == text[t] => {
                p += 1;
                t += 1;
            }
            _ => match star {
                Some((at, from)) => {
                    star = Some((at, from + 1));
                    p = at + 1;
                    t = from + 1;
                }
                None => return false,
            },
        }
    }
    pattern[p..].iter().all(|&c| c == '*')
}

/// Passes some of the values of each row on.
pub(crate) struct Selecting<'a> {
    inner: Box<dyn TableWriter + 'a>,
    columns: Vec<usize>,
    values: Vec<f32>,
}

impl<'a> Selecting<'a> {
    /// Writes the columns at these places through `inner`.
    pub fn new(inner: Box<dyn TableWriter + 'a>, columns: Vec<usize>) -> Self {
        let values = Vec::with_capacity(columns.len());
        Self {
            inner,
            columns,
            values,
        }
    }
}

impl TableWriter for Selecting<'_> {
    fn write(&mut self, file: &str, label: Option<&str>, row: &Row<'_>) -> io::Result<()> {
        self.values.clear();
        let chosen = self
            .columns
            .iter()
            .filter_map(|&place| row.values.get(place));
        self.values.extend(chosen);
        let row = Row {
            start_s: row.start_s,
            end_s: row.end_s,
            values: &self.values,
        };
        self.inner.write(file, label, &row)
    }

    fn finish(&mut self) -> io::Result<()> {
        self.inner.finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_features::feature::{FeatureSet, Level};

    fn chosen(wanted: &str) -> Result<Vec<&'static str>, String> {
        let columns = FeatureSet::EGeMapsV02.columns(Level::Functionals);
        let places = selection(&columns, wanted)?;
        Ok(places
            .into_iter()
            .map(|place| columns[place].name)
            .collect())
    }

    #[test]
    fn names_patterns_and_groups_choose_columns_in_their_own_order() {
        let jitter_and_pitch = chosen("jitter*, F0*").unwrap();
        assert_eq!(jitter_and_pitch.len(), 2 + 10);
        assert_eq!(jitter_and_pitch[0], "F0semitoneFrom27.5Hz_sma3nz_amean");
        assert_eq!(
            chosen("LOUDNESS_sma3_amean").unwrap(),
            ["loudness_sma3_amean"]
        );
        assert_eq!(chosen("pitch").unwrap().len(), 10);
        assert_eq!(chosen("formant").unwrap().len(), 18);
        assert_eq!(chosen("Formant 2").unwrap(), chosen("formant2").unwrap());
        assert_eq!(chosen("mfcc?_sma3_amean").unwrap().len(), 4);
        assert_eq!(chosen("*").unwrap().len(), 88);
        assert_eq!(chosen("pitch,F0*,pitch").unwrap().len(), 10);
    }

    #[test]
    fn what_names_nothing_is_said() {
        for wanted in ["", " , ", "F9*", "volume", "pitch,volume", "-", "?"] {
            let error = chosen(wanted).unwrap_err();
            assert!(!error.contains('\n'), "{error}");
        }
        assert!(chosen("volume").unwrap_err().contains("Pitch, Loudness"));
    }

    #[test]
    fn patterns_with_many_stars_end() {
        let many = "*a".repeat(40) + "b";
        assert!(!fits(&lower(&many), &lower(&"a".repeat(200))));
        assert!(fits(&lower("a**c?"), &lower("abccd")));
    }
}
