//! Contributions of many recordings as distributions: one per class, target and group, as violins show them.
//!
//! Quantiles lie on the straight line between order statistics, x((n − 1) p), the seventh definition of Hyndman & Fan (1996), "Sample quantiles in
//! statistical packages", The American Statistician 50.

use ser_tables::statistic::quantile;
use serde::{Deserialize, Serialize};

/// How the contributions of one group are spread over some recordings.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Distribution {
    /// Number of recordings.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Standard deviation, over n − 1; 0 for one recording.
    pub sd: f64,
    /// Smallest, 5 %, 25 %, 50 %, 75 %, 95 %, largest.
    pub quantiles: [f64; 7],
    /// Share of recordings in which the group spoke for the target (contribution above 0).
    pub positive: f64,
}

/// The shares of [`Distribution::quantiles`].
pub const SHARES: [f64; 7] = [0.0, 0.05, 0.25, 0.5, 0.75, 0.95, 1.0];

impl Distribution {
    /// Of some values; none of no values.
    pub fn of(values: &[f64]) -> Option<Distribution> {
        if values.is_empty() {
            return None;
        }
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let n = sorted.len();
        let mean = sorted.iter().sum::<f64>() / n as f64;
        let squares: f64 = sorted.iter().map(|x| (x - mean).powi(2)).sum();
        Some(Distribution {
            n,
            mean,
            sd: (squares / (n - 1).max(1) as f64).sqrt(),
            quantiles: SHARES.map(|share| quantile(&sorted, share)),
            positive: sorted.iter().filter(|&&x| x > 0.0).count() as f64 / n as f64,
        })
    }

    /// The median.
    pub fn median(&self) -> f64 {
        self.quantiles[3]
    }
}

/// The distribution of one group's contributions to one target over the recordings of one class.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Cell {
    /// Index of the class.
    pub class: usize,
    /// Index of the target.
    pub target: usize,
    /// Index of the group.
    pub group: usize,
    /// Its distribution.
    pub distribution: Distribution,
}

/// Group contributions of one recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Explained {
    /// Index of its class.
    pub class: usize,
    /// Targets × groups.
    pub groups: Vec<Vec<f64>>,
}

/// Distributions of every class, target and group, in this order; a class without recordings has none.
pub fn summarise(recordings: &[Explained], classes: usize) -> Vec<Cell> {
    let mut cells = Vec::new();
    for class in 0..classes {
        let members: Vec<&Explained> = recordings.iter().filter(|r| r.class == class).collect();
        let Some(first) = members.first() else {
            continue;
        };
        for (target, groups) in first.groups.iter().enumerate() {
            for group in 0..groups.len() {
                let values: Vec<f64> = members.iter().map(|r| r.groups[target][group]).collect();
                let distribution = Distribution::of(&values);
                cells.extend(distribution.map(|distribution| Cell {
                    class,
                    target,
                    group,
                    distribution,
                }));
            }
        }
    }
    cells
}

/// Mean contribution of each group over some recordings' target: the pattern that [`super::stability`] compares. Empty for no recordings.
pub fn mean_pattern<'a>(recordings: impl Iterator<Item = &'a [f64]>) -> Vec<f64> {
    let mut sums: Vec<f64> = Vec::new();
    let mut n = 0.0;
    for groups in recordings {
        sums.resize(groups.len(), 0.0);
        sums.iter_mut().zip(groups).for_each(|(sum, x)| *sum += x);
        n += 1.0;
    }
    sums.iter().map(|sum| sum / n).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([7, 1, 4, 2, 9, 3], [0, .05, .25, .5, .75, .95, 1]); .mean(); .std(ddof=1)
        let found = Distribution::of(&[7.0, 1.0, 4.0, 2.0, 9.0, 3.0]).unwrap();
        let expected = [1.0, 1.25, 2.25, 3.5, 6.25, 8.5, 9.0];
        for (a, b) in found.quantiles.iter().zip(expected) {
            assert!((a - b).abs() < 1e-14, "{a} {b}");
        }
        assert!(
            (found.mean - 13.0 / 3.0).abs() < 1e-14
                && (found.sd - 3.076_794_869_123_8).abs() < 1e-12
        );
        assert_eq!((found.n, found.median(), found.positive), (6, 3.5, 1.0));
    }

    #[test]
    fn one_value_is_all_its_quantiles_and_no_value_none() {
        let one = Distribution::of(&[-2.0]).unwrap();
        assert_eq!((one.quantiles, one.sd, one.positive), ([-2.0; 7], 0.0, 0.0));
        assert!(Distribution::of(&[]).is_none());
    }

    #[test]
    fn each_class_has_its_own_distributions() {
        let explained = |class, a, b| Explained {
            class,
            groups: vec![vec![a, b]],
        };
        let recordings = [
            explained(0, 1.0, 2.0),
            explained(2, 5.0, 6.0),
            explained(0, 3.0, 4.0),
        ];
        let cells = summarise(&recordings, 3);
        let found: Vec<_> = cells
            .iter()
            .map(|c| (c.class, c.target, c.group, c.distribution.mean))
            .collect();
        assert_eq!(
            found,
            [
                (0, 0, 0, 2.0),
                (0, 0, 1, 3.0),
                (2, 0, 0, 5.0),
                (2, 0, 1, 6.0)
            ]
        );
    }

    #[test]
    fn a_pattern_is_the_mean_over_recordings() {
        let rows: [&[f64]; 2] = [&[1.0, 2.0], &[3.0, -2.0]];
        assert_eq!(mean_pattern(rows.into_iter()), [2.0, 0.0]);
        assert!(mean_pattern(std::iter::empty()).is_empty());
    }
}
