//! Outliers: recordings with a feature far outside, and how many of which corpus and class they were.
//!
//! A recording is out if any |z| > 10 (Das et al. 2021). They take z over the whole data set, once; [`Statistics::Train`] takes it of the training
//! rows and applies it to the rest, so that a test recording cannot make room for itself. A value that is no number is out too.
//!
//! S. Das, N. N. Lønfeldt, A. K. Pagsberg, L. H. Clemmensen (2021), "Towards interpretable and transferable speech emotion recognition".

use std::collections::BTreeMap;

use serde::Serialize;

use super::scaling::{RowOf, Statistics, group, scalers};

/// The limit of the paper.
pub const LIMIT: f64 = 10.0;

/// Which rows are out, and the counts.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Outliers {
    /// The limit of |z|.
    pub limit: f64,
    /// Whose statistics gave z.
    pub statistics: &'static str,
    /// The rows, each with its farthest column and z there (not finite where the value is no number).
    pub rows: Vec<OutlierRow>,
    /// By corpus and class.
    pub removed: Vec<Removed>,
}

/// A row that is out.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct OutlierRow {
    /// Its number.
    pub row: usize,
    /// The column that is farthest out.
    pub column: usize,
    /// Its z there.
    pub z: f64,
}

/// How many of a corpus's class are out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Removed {
    /// The corpus.
    pub corpus: String,
    /// The class; empty for rows without one.
    pub class: String,
    /// How many are out.
    pub removed: usize,
    /// Of how many.
    pub of: usize,
}

/// Finds the rows with any |z| > `limit`, z by the statistics of the training rows, of each corpus or of each speaker.
///
/// # Panics
/// If rows and owners differ in number, or a row is not `width` long.
pub fn outliers(
    width: usize,
    rows: &[&[f32]],
    owners: &[RowOf<'_>],
    by: Statistics,
    limit: f64,
) -> Outliers {
    assert_eq!(rows.len(), owners.len(), "rows and their owners");
    let scalers = scalers(width, rows, owners, by);
    let mut counts: BTreeMap<(&str, &str), (usize, usize)> = BTreeMap::new();
    let mut found = Vec::new();
    for (number, (row, owner)) in rows.iter().zip(owners).enumerate() {
        let scores = scalers[&group(owner, by)].transform(row).zip(row.iter());
        // In a constant column z is 0, also of what is no number.
        let scores = scores.map(|(z, x)| if x.is_finite() { z } else { f64::INFINITY });
        let farthest = scores
            .enumerate()
            .max_by(|a, b| a.1.abs().total_cmp(&b.1.abs()));
        let count = counts
            .entry((owner.corpus, owner.class.unwrap_or("")))
            .or_default();
        count.1 += 1;
        if let Some((column, z)) = farthest.filter(|(_, z)| z.abs() > limit) {
            count.0 += 1;
            found.push(OutlierRow {
                row: number,
                column,
                z,
            });
        }
    }
    let removed = counts
        .into_iter()
        .map(|((corpus, class), (removed, of))| Removed {
            corpus: corpus.to_string(),
            class: class.to_string(),
            removed,
            of,
        });
    Outliers {
        limit,
        statistics: by.name(),
        rows: found,
        removed: removed.collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 200 ordinary rows of corpus x, the last one far out in column 1.
    fn table() -> Vec<[f32; 2]> {
        let mut table: Vec<[f32; 2]> = (0..200).map(|i| [(i % 7) as f32, (i % 5) as f32]).collect();
        table[199][1] = 500.0;
        table
    }

    fn owners(training: impl Fn(usize) -> bool) -> Vec<RowOf<'static>> {
        let class = |i: usize| Some(if i.is_multiple_of(2) { "sad" } else { "angry" });
        (0..200)
            .map(|i| RowOf {
                corpus: "x",
                speaker: None,
                class: class(i),
                training: training(i),
            })
            .collect()
    }

    #[test]
    fn a_row_far_out_is_found_with_its_column_and_counted_by_class() {
        let table = table();
        let rows: Vec<&[f32]> = table.iter().map(|row| &row[..]).collect();
        let found = outliers(2, &rows, &owners(|_| true), Statistics::Corpus, LIMIT);
        assert_eq!(found.rows.len(), 1);
        assert_eq!((found.rows[0].row, found.rows[0].column), (199, 1));
        let counts: Vec<_> = found
            .removed
            .iter()
            .map(|r| (r.class.as_str(), r.removed, r.of))
            .collect();
        assert_eq!(counts, [("angry", 1, 100), ("sad", 0, 100)]);
    }

    #[test]
    fn a_test_row_does_not_make_room_for_itself() {
        let mut table = table();
        // In a group of its own its z is small whatever its value: sqrt(n - 1) is the largest z of n rows.
        table.truncate(40);
        table[39][1] = 500.0;
        let rows: Vec<&[f32]> = table.iter().map(|row| &row[..]).collect();
        let all = &owners(|i| i != 39)[..40];
        assert!(
            outliers(2, &rows, all, Statistics::Corpus, LIMIT)
                .rows
                .is_empty()
        );
        assert_eq!(
            outliers(2, &rows, all, Statistics::Train, LIMIT).rows.len(),
            1
        );
    }

    #[test]
    fn what_is_no_number_is_out() {
        let rows: [&[f32]; 2] = [&[1.0], &[f32::NAN]];
        let owners = &owners(|_| true)[..2];
        assert_eq!(
            outliers(1, &rows, owners, Statistics::Train, LIMIT).rows[0].row,
            1
        );
    }
}
