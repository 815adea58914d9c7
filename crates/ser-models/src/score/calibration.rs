//! Calibration: whether a probability of 0.7 is right seven times in ten.
//!
//! ```text
//! ECE   = Σ_b n_b/n · |accuracy(b) − confidence(b)|             over bins b of the top probability
//! Brier = 1/n Σ_i Σ_c (p_ic − [c = t_i])²                       0 … 2
//! log loss = −1/n Σ_i ln p_i,t_i                                p kept within ε … 1 − ε, ε = 2⁻⁵²
//! ```
//!
//! The confidence of a recording is its top probability, and it is right if that is its true class (the first of equal ones). A classifier that
//! votes may predict another class than its probabilities favour: calibration is about the probabilities.
//!
//! Bins are of equal width (Guo et al.: a confidence on a border belongs to the lower bin) or of equal mass (borders at the quantiles of the
//! confidences, as scikit-learn's `calibration_curve(strategy="quantile")`). Equal width leaves the lower bins of a four-class problem empty, as the
//! top probability is at least 1/4; equal mass has no empty bins but moving borders.
//!
//! C. Guo, G. Pleiss, Y. Sun, K. Q. Weinberger (2017), "On calibration of modern neural networks", Proc. ICML, 1321-1330;
//! G. W. Brier (1950), "Verification of forecasts expressed in terms of probability", Monthly Weather Review 78, 1-3 (the sum over classes, not its half).

use ndarray::{ArrayView1, ArrayView2};
use ser_tables::statistic::quantile;
use serde::{Deserialize, Serialize};

/// How the confidences are put into bins.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Binning {
    /// So many bins of equal width from 0 to 1.
    EqualWidth(usize),
    /// So many bins of nearly equal count; equal confidences stay together.
    EqualMass(usize),
}

impl Default for Binning {
    fn default() -> Binning {
        Binning::EqualWidth(10)
    }
}

/// The recordings whose confidence is above `low` and up to `high`.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bin {
    /// The lower border.
    pub low: f64,
    /// The upper border.
    pub high: f64,
    /// Number of recordings.
    pub recordings: usize,
    /// Their mean confidence; none without recordings.
    pub confidence: Option<f64>,
    /// The share of them that are right; none without recordings.
    pub accuracy: Option<f64>,
}

/// How well the probabilities of a test are calibrated.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// How the bins were made.
    pub binning: Binning,
    /// The bins, for a reliability diagram.
    pub bins: Vec<Bin>,
    /// Expected calibration error.
    pub expected_error: f64,
    /// The error of the worst bin that has recordings.
    pub largest_error: f64,
    /// Mean confidence minus accuracy: above 0 the probabilities promise too much.
    pub overconfidence: f64,
    /// Brier score.
    pub brier: f64,
    /// Log loss, in nats.
    pub log_loss: f64,
    /// Number of recordings.
    pub recordings: usize,
}

/// The calibration of recordings × classes of probabilities; none without recordings.
///
/// # Panics
/// If there are not as many true classes as rows, a class has no column, a probability is no number, or there are 0 bins.
pub fn calibration(
    probabilities: ArrayView2<'_, f64>,
    truth: &[usize],
    binning: Binning,
) -> Option<Calibration> {
    assert_eq!(probabilities.nrows(), truth.len(), "rows and true classes");
    assert!(
        probabilities.iter().all(|p| p.is_finite()),
        "a probability is no number"
    );
    let recordings = truth.len();
    if recordings == 0 {
        return None;
    }
    let tops: Vec<(f64, bool)> = probabilities
        .outer_iter()
        .zip(truth)
        .map(|(row, &truth)| {
            let top = top(row);
            (row[top], top == truth)
        })
        .collect();
    let borders = borders(tops.iter().map(|top| top.0).collect(), binning);
    let bins = bins(&tops, &borders);
    let error = |bin: &Bin| Some((bin.accuracy? - bin.confidence?).abs());
    let share = |bin: &Bin| bin.recordings as f64 / recordings as f64;
    let mean = |value: &dyn Fn(&(f64, bool)) -> f64| {
        tops.iter().map(value).sum::<f64>() / recordings as f64
    };
    Some(Calibration {
        binning,
        expected_error: bins
            .iter()
            .filter_map(|bin| Some(share(bin) * error(bin)?))
            .sum(),
        largest_error: bins.iter().filter_map(error).fold(0.0, f64::max),
        overconfidence: mean(&|top| top.0) - mean(&|top| f64::from(top.1)),
        brier: brier(probabilities, truth),
        log_loss: log_loss(probabilities, truth),
        recordings,
        bins,
    })
}

/// The class of the highest probability, the first of equal ones.
pub fn top(probabilities: ArrayView1<'_, f64>) -> usize {
    let mut top = 0;
    for (class, &p) in probabilities.iter().enumerate() {
        if p > probabilities[top] {
            top = class;
        }
    }
    top
}

/// Borders of bins, from the lowest to the highest.
fn borders(mut confidences: Vec<f64>, binning: Binning) -> Vec<f64> {
    let steps = |bins: usize| {
        assert!(bins > 0, "0 bins");
        (0..=bins).map(move |border| border as f64 / bins as f64)
    };
    match binning {
        Binning::EqualWidth(bins) => steps(bins).collect(),
        Binning::EqualMass(bins) => {
            confidences.sort_unstable_by(f64::total_cmp);
            steps(bins)
                .map(|share| quantile(&confidences, share))
                .collect()
        }
    }
}

fn bins(tops: &[(f64, bool)], borders: &[f64]) -> Vec<Bin> {
    // Count, sum of confidences, number right.
    let mut sums = vec![(0_usize, 0.0, 0_usize); borders.len() - 1];
    for &(confidence, right) in tops {
        let inner = &borders[1..borders.len() - 1];
        let sum = &mut sums[inner.partition_point(|&border| border < confidence)];
        sum.0 += 1;
        sum.1 += confidence;
        sum.2 += usize::from(right);
    }
    let bin = |(&(recordings, confidence, right), border): (&(usize, f64, usize), &[f64])| {
        let mean = |sum: f64| (recordings > 0).then(|| sum / recordings as f64);
        Bin {
            low: border[0],
            high: border[1],
            recordings,
            confidence: mean(confidence),
            accuracy: mean(right as f64),
        }
    };
    sums.iter().zip(borders.windows(2)).map(bin).collect()
}

/// Brier score of recordings × classes of probabilities; NaN without recordings.
pub fn brier(probabilities: ArrayView2<'_, f64>, truth: &[usize]) -> f64 {
    let of_row = |(row, &truth): (ArrayView1<'_, f64>, &usize)| -> f64 {
        let is = |class: usize| f64::from(class == truth);
        let squares = row.iter().enumerate();
        squares.map(|(class, p)| (p - is(class)).powi(2)).sum()
    };
    let rows = probabilities.outer_iter().zip(truth);
    rows.map(of_row).sum::<f64>() / truth.len() as f64
}

/// Log loss of recordings × classes of probabilities, in nats; NaN without recordings.
///
/// # Panics
/// If a true class has no column.
pub fn log_loss(probabilities: ArrayView2<'_, f64>, truth: &[usize]) -> f64 {
    let of_row = |(row, &truth): (ArrayView1<'_, f64>, &usize)| -> f64 {
        -row[truth].clamp(f64::EPSILON, 1.0 - f64::EPSILON).ln()
    };
    let rows = probabilities.outer_iter().zip(truth);
    rows.map(of_row).sum::<f64>() / truth.len() as f64
}

#[cfg(test)]
mod tests {
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bins_of_equal_width_have_the_error_worked_out_by_hand() {
        // Confidences 0.9 (right), 0.8 (wrong), 0.75 (right), 0.6 (right); the bin 0.7 … 0.8 holds two of them.
        let p = array![[0.9, 0.1], [0.8, 0.2], [0.25, 0.75], [0.6, 0.4]];
        let found = calibration(p.view(), &[0, 1, 1, 0], Binning::default()).unwrap();
        let counts: Vec<usize> = found.bins.iter().map(|bin| bin.recordings).collect();
        assert_eq!(counts, [0, 0, 0, 0, 0, 1, 0, 2, 1, 0]);
        // ¼ |1 − 0.9| + ½ |½ − 0.775| + ¼ |1 − 0.6|
        assert!((found.expected_error - 0.2625).abs() < 1e-15);
        assert!((found.largest_error - 0.4).abs() < 1e-15);
        assert!((found.overconfidence - (0.7625 - 0.75)).abs() < 1e-15);
        // (2 · 0.1² + 2 · 0.8² + 2 · 0.25² + 2 · 0.4²) / 4
        assert!((found.brier - 0.43625).abs() < 1e-15);
        let log_loss = -(0.9_f64 * 0.2 * 0.75 * 0.6).ln() / 4.0;
        assert!((found.log_loss - log_loss).abs() < 1e-15);
    }

    #[test]
    fn a_confidence_on_a_border_belongs_to_the_lower_bin_and_1_to_the_last() {
        let p = array![[0.5, 0.5], [1.0, 0.0], [0.7, 0.3]];
        let bins = calibration(p.view(), &[0, 0, 0], Binning::EqualWidth(10))
            .unwrap()
            .bins;
        assert_eq!(
            [4, 6, 9].map(|bin: usize| bins[bin].recordings),
            [1, 1, 1],
            "{bins:?}"
        );
    }

    #[test]
    fn bins_of_equal_mass_keep_equal_confidences_together() {
        let p = array![[0.6, 0.4], [0.6, 0.4], [0.6, 0.4], [0.9, 0.1]];
        let bins = calibration(p.view(), &[0, 0, 0, 0], Binning::EqualMass(2))
            .unwrap()
            .bins;
        assert_eq!(bins[0].recordings, 3);
        assert_eq!(bins[1].recordings, 1);
    }

    #[test]
    fn a_certain_and_wrong_prediction_has_a_finite_log_loss() {
        let p = array![[1.0, 0.0]];
        let found = calibration(p.view(), &[1], Binning::default()).unwrap();
        assert_eq!(found.brier, 2.0);
        assert!((found.log_loss - 52.0 * 2_f64.ln()).abs() < 1e-12);
    }

    #[test]
    fn without_recordings_there_is_no_calibration() {
        let p = Array2::zeros((0, 4));
        assert_eq!(calibration(p.view(), &[], Binning::default()), None);
    }

    proptest! {
        #[test]
        fn a_reordered_test_has_the_same_calibration(
            rows in prop::collection::vec((prop::array::uniform3(0.01_f64..1.0), 0..3_usize), 1..50),
            mass: bool,
        ) {
            let binning = if mass { Binning::EqualMass(5) } else { Binning::EqualWidth(5) };
            let of = |rows: &[([f64; 3], usize)]| {
                let share = |(p, _): &([f64; 3], usize)| p.map(|x| x / p.iter().sum::<f64>());
                let p: Vec<[f64; 3]> = rows.iter().map(share).collect();
                let truth: Vec<usize> = rows.iter().map(|row| row.1).collect();
                calibration(Array2::from(p).view(), &truth, binning).unwrap()
            };
            let straight = of(&rows);
            let reversed = of(&rows.into_iter().rev().collect::<Vec<_>>());
            // Sums in another order: equal up to rounding.
            prop_assert!((straight.expected_error - reversed.expected_error).abs() < 1e-12);
            prop_assert!((straight.brier - reversed.brier).abs() < 1e-12);
            prop_assert!((straight.log_loss - reversed.log_loss).abs() < 1e-12);
            // No error of a bin can be less than that of all bins together.
            prop_assert!(straight.expected_error >= straight.overconfidence.abs() - 1e-12);
            prop_assert!(straight.largest_error >= straight.expected_error - 1e-12);
        }
    }
}
