//! Limits of the features: how many of them may be out of the range of the training rows.
//!
//! ```text
//! range of a column    its 0.1 % and 99.9 % quantiles among training rows
//! limit                the 99.5 % quantile of the number of columns out of their range, of recordings that the ranges are not of
//! ```

use serde::{Deserialize, Serialize};

use super::abstention_reason::AbstentionReason;
use super::sound_limits::{BEYOND, beyond};

/// Share of training rows beyond a column's range, at each end.
const COLUMN_BEYOND: f64 = 0.001;
/// Columns named in a reason.
const NAMED: usize = 3;

/// The lowest and the highest value of a column that are nothing special.
pub type Range = (f64, f64);

/// Ranges of columns, and how many may be out of theirs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnLimits {
    /// Range of each standardised column.
    #[serde(rename = "columns")]
    pub ranges: Vec<Range>,
    /// Most columns out of their range.
    #[serde(rename = "columns_outside")]
    pub most_outside: usize,
}

impl ColumnLimits {
    /// The ranges of columns, of all rows that a model learns from.
    pub fn ranges(rows: &[Vec<f64>]) -> Vec<Range> {
        let width = rows.first().map_or(0, Vec::len);
        let range = |column: usize| {
            let values = || rows.iter().map(|row| row[column]).collect();
            (
                beyond(values(), COLUMN_BEYOND),
                beyond(values(), 1.0 - COLUMN_BEYOND),
            )
        };
        (0..width).map(range).collect()
    }

    /// The limit that is wide enough for each set of unheard recordings, given with the ranges of the model that did not hear them.
    pub fn learn(ranges: Vec<Range>, sets: &[Vec<(&[f64], &[Range])>]) -> ColumnLimits {
        let of_set = |rows: &Vec<(&[f64], &[Range])>| {
            let outside = rows
                .iter()
                .map(|(row, ranges)| out_of_range(ranges, row).len() as f64);
            beyond(outside.collect(), 1.0 - BEYOND)
        };
        ColumnLimits {
            ranges,
            most_outside: sets.iter().map(of_set).fold(0.0, f64::max).ceil() as usize,
        }
    }

    /// The reason not to believe an answer, where too many columns are out of their range. `names` are those of the columns.
    pub fn reason(&self, row: &[f64], names: &[String]) -> Option<AbstentionReason> {
        let out = out_of_range(&self.ranges, row);
        (out.len() > self.most_outside).then(|| AbstentionReason::Columns {
            outside: out.len(),
            names: out
                .iter()
                .take(NAMED)
                .map(|&column| names[column].clone())
                .collect(),
        })
    }
}

/// The columns that are out of their range, furthest first.
fn out_of_range(ranges: &[Range], row: &[f64]) -> Vec<usize> {
    let excess =
        |column: usize| (ranges[column].0 - row[column]).max(row[column] - ranges[column].1);
    let mut out: Vec<usize> = (0..row.len())
        .filter(|&column| excess(column) > 0.0)
        .collect();
    out.sort_by(|&a, &b| excess(b).total_cmp(&excess(a)).then(a.cmp(&b)));
    out
}

#[test]
fn the_limit_is_wide_enough_for_every_set_left_out() {
    let ranges = vec![(-1.0, 1.0); 4];
    let (near, far) = ([0.0, 0.0, 0.0, 2.0], [0.0, -3.0, 2.0, 2.5]);
    let sets = [&near, &far].map(|row| vec![(row.as_slice(), ranges.as_slice()); 3]);
    let limits = ColumnLimits::learn(ranges.clone(), &sets);
    assert_eq!(limits.most_outside, 3);
    let names = ["a", "b", "c", "d"].map(String::from);
    assert!(limits.reason(&near, &names).is_none() && limits.reason(&far, &names).is_none());
    let beyond = limits.reason(&[9.0, -3.0, 2.0, 2.5], &names).unwrap();
    let expected = AbstentionReason::Columns {
        outside: 4,
        names: vec!["a".into(), "b".into(), "d".into()],
    };
    assert_eq!(beyond, expected);
}
