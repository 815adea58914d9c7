//! A batch of recordings with mixed classes: what the model is biased towards in this batch is taken off.
//!
//! ```text
//! p_ik ∝ exp((f_ik + b_k) / T)        b such that the mean of p over the batch is 1/K for every class; T of one recording alone
//! used: s n/(n + 10) b                 s of the recipe; a small batch moves little
//! ```
//!
//! On a corpus that a model has not been trained on, its scores are shifted, and most recordings fall to one or two classes. Without labels, the mean
//! of the predicted probabilities shows that shift, as long as the batch is mixed.
//!
//! M. Saerens, P. Latinne, C. Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori probabilities: a simple procedure", Neural
//! Computation 14, 21-41.

use ser_tables::statistic::softmax;

/// Recordings at which half of the bias is taken off.
const HALF: f64 = 10.0;
/// Steps of the iteration, each half of the way.
const STEPS: usize = 60;

/// What is added to the scores of each class; nothing without scores.
pub fn offsets(scores: &[Vec<f64>], temperature: f64, strength: f64) -> Vec<f64> {
    let classes = scores.first().map_or(0, Vec::len);
    let mut bias = vec![0.0; classes];
    let n = scores.len() as f64;
    for _ in 0..STEPS {
        let mut mean = vec![0.0; classes];
        for scores in scores {
            let shifted: Vec<f64> = scores
                .iter()
                .zip(&bias)
                .map(|(score, b)| score / temperature + b)
                .collect();
            let p = softmax(&shifted, 1.0);
            mean.iter_mut().zip(p).for_each(|(mean, p)| *mean += p / n);
        }
        for (bias, mean) in bias.iter_mut().zip(mean) {
            *bias -= 0.5 * libm::log(classes as f64 * mean.max(1e-9));
        }
    }
    let share = strength * n / (n + HALF);
    bias.iter().map(|b| share * temperature * b).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random::Random;

    #[test]
    fn a_shift_of_all_scores_is_found_and_a_small_batch_moves_less() {
        let mut random = Random::new(1, "balance");
        let scores: Vec<Vec<f64>> = (0..900)
            .map(|i| {
                (0..3)
                    .map(|k| {
                        2.0 * f64::from(u8::from(i % 3 == k))
                            + random.normal()
                            + if k == 1 { 1.5 } else { 0.0 }
                    })
                    .collect()
            })
            .collect();
        let found = offsets(&scores, 1.0, 1.0);
        assert!(
            (found[0] - found[1] - 1.5).abs() < 0.15 && (found[0] - found[2]).abs() < 0.15,
            "{found:?}"
        );
        let few = offsets(&scores[..9], 1.0, 1.0);
        assert!(few.iter().all(|b| b.abs() < 1.5), "{few:?}");
        assert!(offsets(&[], 1.0, 1.0).is_empty());
    }
}
