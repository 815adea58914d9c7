//! What is asked of a list of numbers in many places, each defined once.
//!
//! ```text
//! quantile q    x₍⌊h⌋₎ + (h − ⌊h⌋)(x₍⌊h⌋₊₁₎ − x₍⌊h⌋₎),  h = (n − 1) q,  x₍₀₎ ≤ x₍₁₎ ≤ …       definition 7, numpy's default
//! rank          place in ascending order, from 1; equal values share the mean of their places
//! ```
//!
//! R. J. Hyndman & Y. Fan (1996), "Sample quantiles in statistical packages", The American Statistician 50, 361-365.

/// The index of the highest value, the first of several; 0 of none.
pub fn argmax(values: &[f64]) -> usize {
    let mut best = 0;
    for (k, value) in values.iter().enumerate() {
        if *value > values[best] {
            best = k;
        }
    }
    best
}

/// The quantile of ascending values, `share` from 0 to 1; NaN of none.
pub fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else {
        return f64::NAN;
    };
    let position = share.clamp(0.0, 1.0) * last as f64;
    let below = position as usize;
    let above = (below + 1).min(last);
    ascending[below] + (position - below as f64) * (ascending[above] - ascending[below])
}

/// The probabilities of scores, exp(x / T) over their sum.
pub fn softmax(scores: &[f64], temperature: f64) -> Vec<f64> {
    let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let powers: Vec<f64> = scores
        .iter()
        .map(|score| libm::exp((score - top) / temperature))
        .collect();
    let sum: f64 = powers.iter().sum();
    powers.iter().map(|power| power / sum).collect()
}

/// The rank of each value.
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut before = 0;
    for equal in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let rank = before as f64 + (equal.len() + 1) as f64 / 2.0;
        equal.iter().for_each(|&row| ranks[row] = rank);
        before += equal.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_several_highest_values_the_first_counts() {
        assert_eq!(argmax(&[1.0, 3.0, 3.0]), 1);
        assert_eq!(argmax(&[f64::NEG_INFINITY; 2]), 0);
        assert_eq!(argmax(&[]), 0);
    }

    #[test]
    fn quantiles_are_those_of_numpy() {
        // numpy.quantile([1, 2, 4, 8, 16], [0, .1, .5, .9, 1])
        let values = [1.0, 2.0, 4.0, 8.0, 16.0];
        let found = [0.0, 0.1, 0.5, 0.9, 1.0].map(|share| quantile(&values, share));
        let expected = [1.0, 1.4, 4.0, 12.8, 16.0];
        for (found, expected) in found.iter().zip(expected) {
            assert!((found - expected).abs() < 1e-14, "{found} {expected}");
        }
        assert_eq!(quantile(&[7.0], 0.3), 7.0);
        assert!(quantile(&[], 0.5).is_nan());
    }

    #[test]
    fn equal_values_share_their_rank_and_zeros_of_both_signs_are_equal() {
        assert_eq!(ranks(&[0.0, -0.0, 1.0, -1.0]), [2.5, 2.5, 4.0, 1.0]);
    }
}
