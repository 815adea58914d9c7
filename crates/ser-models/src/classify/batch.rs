//! Many recordings of one place at once: what they have in common is the place.
//!
//! ```text
//! q = n / (n + k)                                    how far a batch of n recordings is believed
//! m = q·mean(z) + (1 − q)·mean_train,   v = q·var(z) + (1 − q)·var_train
//! u = (z − m) / √max(v, 0.04)                        0 and 1 in every corpus
//! f = f_single(u · sd_train + mean_train) + q · f_batch(clip u)
//! ```
//!
//! The second discriminant is trained on rows that were standardised corpus by corpus in the same way. What it costs: a batch of one emotion loses what
//! tells it from others, so that batches ought to be of mixed speech; the shrinkage k bounds it.

use serde::{Deserialize, Serialize};

/// The least variance of a batch's column that is believed.
const LEAST_VARIANCE: f64 = 0.04;

/// Mean and deviation that stand for a batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    /// m.
    pub mean: Vec<f64>,
    /// √v.
    pub deviation: Vec<f64>,
    /// q.
    pub share: f64,
    /// n.
    pub recordings: usize,
}

impl Batch {
    /// That of standardised rows; `mean` and `deviation` are those of the training rows, `half` is k: how many recordings are believed by half.
    pub fn of(rows: &[Vec<f64>], mean: &[f64], deviation: &[f64], half: f64) -> Batch {
        let n = rows.len() as f64;
        let share = if n > 0.0 { n / (n + half) } else { 0.0 };
        let column = |at: usize| {
            let own = rows.iter().map(|row| row[at]).sum::<f64>() / n.max(1.0);
            let square = rows.iter().map(|row| (row[at] - own).powi(2)).sum::<f64>() / n.max(1.0);
            let variance = share * square + (1.0 - share) * deviation[at].powi(2);
            (
                share * own + (1.0 - share) * mean[at],
                variance.max(LEAST_VARIANCE).sqrt(),
            )
        };
        let (mean, deviation) = (0..mean.len()).map(column).unzip();
        Batch {
            mean,
            deviation,
            share,
            recordings: rows.len(),
        }
    }

    /// u of a standardised row.
    pub fn standardised(&self, row: &[f64]) -> Vec<f64> {
        row.iter()
            .zip(&self.mean)
            .zip(&self.deviation)
            .map(|((z, m), s)| (z - m) / s)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_large_batch_has_its_own_statistics_and_a_small_one_those_of_training() {
        let rows: Vec<Vec<f64>> = (0..1000)
            .map(|i| vec![5.0 + 2.0 * f64::from(i % 2 * 2 - 1)])
            .collect();
        let large = Batch::of(&rows, &[0.0], &[1.0], 1e-9);
        assert!(
            (large.mean[0] - 5.0).abs() < 1e-6 && (large.deviation[0] - 2.0).abs() < 1e-6,
            "{large:?}"
        );
        assert!((large.standardised(&rows[1])[0] - 1.0).abs() < 1e-6);
        let none = Batch::of(&[], &[0.5], &[1.5], 20.0);
        assert_eq!(
            (none.mean[0], none.deviation[0], none.share),
            (0.5, 1.5, 0.0)
        );
    }

    #[test]
    fn half_is_half() {
        let batch = Batch::of(&vec![vec![4.0]; 20], &[0.0], &[2.0], 20.0);
        assert_eq!((batch.share, batch.mean[0]), (0.5, 2.0));
        assert!((batch.deviation[0] - 2_f64.sqrt()).abs() < 1e-12);
    }

    #[test]
    fn equal_recordings_do_not_blow_up() {
        let batch = Batch::of(&vec![vec![4.0]; 50], &[0.0], &[1.0], 0.0);
        assert_eq!(batch.deviation[0], 0.2);
    }
}
