//! How far an explanation is the model's and how far it is chance: rank correlations between repetitions.
//!
//! ```text
//! ρ(a, b) = Pearson's correlation of the ranks of a and b, equal values sharing the mean of their ranks
//! ```
//!
//! Repeat the whole fit with other seeds, folds or references; if the groups come out in another order, the order was not a finding. Only what means
//! the same in every repetition can be compared: a class's decision value does, a latent dimension does not (two networks may swap or
//! mirror them).
//!
//! C. Spearman (1904), "The proof and measurement of association between two things", American Journal of Psychology 15.

use ser_tables::statistic::ranks;
use serde::{Deserialize, Serialize};

/// Agreement of repetitions, over all pairs of them.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stability {
    /// Pairs with a correlation; a repetition in which all groups contribute the same has none.
    pub pairs: usize,
    /// Mean rank correlation.
    pub mean: f64,
    /// The pair that agrees least.
    pub lowest: f64,
    /// The pair that agrees most.
    pub highest: f64,
}

/// Compares the patterns (contribution per group) of repetitions; none if no pair has a correlation.
pub fn stability(patterns: &[Vec<f64>]) -> Option<Stability> {
    let mut found = Vec::new();
    for (i, a) in patterns.iter().enumerate() {
        found.extend(patterns[..i].iter().filter_map(|b| rank_correlation(a, b)));
    }
    if found.is_empty() {
        return None;
    }
    Some(Stability {
        pairs: found.len(),
        mean: found.iter().sum::<f64>() / found.len() as f64,
        lowest: found.iter().copied().fold(f64::INFINITY, f64::min),
        highest: found.iter().copied().fold(f64::NEG_INFINITY, f64::max),
    })
}

/// Spearman's rank correlation; none where one side is constant or there are fewer than two values.
///
/// # Panics
/// If the two differ in length.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> Option<f64> {
    assert_eq!(a.len(), b.len(), "values to correlate");
    let (a, b) = (ranks(a), ranks(b));
    // Ranks, also shared ones, have this mean.
    let mean = (a.len() as f64 + 1.0) / 2.0;
    let (mut ab, mut aa, mut bb) = (0.0, 0.0, 0.0);
    for (a, b) in a.iter().zip(&b) {
        let (a, b) = (a - mean, b - mean);
        ab += a * b;
        aa += a * a;
        bb += b * b;
    }
    (aa > 0.0 && bb > 0.0).then(|| (ab / (aa * bb).sqrt()).clamp(-1.0, 1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rank_correlations_are_those_of_scipy() {
        // scipy.stats.spearmanr([1, 2, 2, 5, 4, 9], [3, 1, 4, 4, 8, 7]).statistic
        let found = rank_correlation(
            &[1.0, 2.0, 2.0, 5.0, 4.0, 9.0],
            &[3.0, 1.0, 4.0, 4.0, 8.0, 7.0],
        );
        assert!(
            (found.unwrap() - 0.661_764_705_882_352_9).abs() < 1e-12,
            "{found:?}"
        );
        let rising = [0.1, 0.2, 30.0];
        assert_eq!(rank_correlation(&rising, &[-5.0, 0.0, 1e9]), Some(1.0));
        assert_eq!(rank_correlation(&rising, &[3.0, 2.0, 1.0]), Some(-1.0));
    }

    #[test]
    fn what_does_not_vary_has_no_correlation() {
        assert_eq!(rank_correlation(&[1.0, 1.0], &[1.0, 2.0]), None);
        assert_eq!(rank_correlation(&[1.0], &[1.0]), None);
        assert_eq!(stability(&[vec![1.0, 2.0]]), None);
    }

    #[test]
    fn stability_is_over_all_pairs() {
        let patterns = [
            vec![1.0, 2.0, 3.0],
            vec![1.0, 5.0, 9.0],
            vec![3.0, 2.0, 1.0],
            vec![0.0; 3],
        ];
        let found = stability(&patterns).unwrap();
        assert_eq!((found.pairs, found.lowest, found.highest), (3, -1.0, 1.0));
        assert!((found.mean + 1.0 / 3.0).abs() < 1e-15);
    }
}
