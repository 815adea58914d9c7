//! The temperature of a model: how much its scores have to be cooled before they are probabilities.
//!
//! ```text
//! p_k = exp(f_k / T) / Σ_j exp(f_j / T),        T minimises Σ_i w_i (−ln p_i,t_i)
//! ```
//!
//! One number, learnt on speakers that the scores were not: it changes no decision, only how sure each is told to be. The loss is convex in 1/T, so
//! that golden sections of ln T find the one minimum.
//!
//! C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017), "On calibration of modern neural networks", Proc. ICML, 1321-1330, §4.2.

/// T between e^−3 and e^4.
const LOGARITHMS: (f64, f64) = (-3.0, 4.0);

/// The temperature of scores with the weights of their rows; 1 without rows.
///
/// # Panics
/// If the lists differ in length.
pub fn fit(scores: &[Vec<f64>], truth: &[usize], weights: &[f64]) -> f64 {
    assert!(
        scores.len() == truth.len() && scores.len() == weights.len(),
        "scores, classes and weights"
    );
    if scores.is_empty() {
        return 1.0;
    }
    let loss = |logarithm: f64| -> f64 {
        let temperature = libm::exp(logarithm);
        let of = |((scores, &truth), weight): ((&Vec<f64>, &usize), &f64)| {
            let top = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
            let sum: f64 = scores
                .iter()
                .map(|score| libm::exp((score - top) / temperature))
                .sum();
            weight * (libm::log(sum) - (scores[truth] - top) / temperature)
        };
        scores.iter().zip(truth).zip(weights).map(of).sum()
    };
    let golden = (5_f64.sqrt() - 1.0) / 2.0;
    let (mut low, mut high) = LOGARITHMS;
    let mut inner = [high - golden * (high - low), low + golden * (high - low)];
    let mut losses = inner.map(loss);
    for _ in 0..60 {
        if losses[0] <= losses[1] {
            high = inner[1];
            inner = [high - golden * (high - low), inner[0]];
            losses = [loss(inner[0]), losses[0]];
        } else {
            low = inner[0];
            inner = [inner[1], low + golden * (high - low)];
            losses = [losses[1], loss(inner[1])];
        }
    }
    libm::exp((low + high) / 2.0)
}

#[cfg(test)]
mod tests {
    use ser_tables::statistic::softmax;

    use super::*;
    use crate::model::random::Random;

    #[test]
    fn scores_that_promise_twice_too_much_are_halved() {
        let mut random = Random::new(1, "temperature");
        let (mut scores, mut truth) = (Vec::new(), Vec::new());
        for _ in 0..20_000 {
            let honest: Vec<f64> = (0..3).map(|_| random.normal()).collect();
            let draw = random.uniform();
            let p = softmax(&honest, 1.0);
            truth.push(if draw < p[0] {
                0
            } else if draw < p[0] + p[1] {
                1
            } else {
                2
            });
            scores.push(honest.iter().map(|score| 2.0 * score).collect());
        }
        let found = fit(&scores, &truth, &vec![1.0; truth.len()]);
        assert!((found - 2.0).abs() < 0.05, "{found}");
    }

    #[test]
    fn probabilities_add_up_whatever_the_scores() {
        for scores in [vec![1e6, -1e6, 0.0], vec![0.0; 4], vec![-1e300, -1e300]] {
            let p = softmax(&scores, 0.5);
            assert!(
                (p.iter().sum::<f64>() - 1.0).abs() < 1e-12 && p.iter().all(|p| p.is_finite()),
                "{p:?}"
            );
        }
    }

    #[test]
    fn weights_decide_between_rows_that_disagree() {
        // The same score, right for the first row and wrong for the second: p is the share of the weight, 3 of 4.
        let scores = vec![vec![1.0, 0.0], vec![1.0, 0.0]];
        let temperature = fit(&scores, &[0, 1], &[3.0, 1.0]);
        assert!((softmax(&scores[0], temperature)[0] - 0.75).abs() < 1e-6);
    }
}
