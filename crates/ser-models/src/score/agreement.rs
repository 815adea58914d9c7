//! Agreement of predicted numbers with true ones: concordance, correlation, error.
//!
//! ```text
//! CCC = 2 s_xy / (s_x² + s_y² + (x̄ − ȳ)²)        −1 … 1; 1 only where every prediction is the truth
//! r   = s_xy / (s_x s_y)                         whatever the scale of the predictions
//! RMSE = √(Σ (x − y)² / n)
//! ```
//!
//! s are of n, not of n − 1. A prediction that is always the mean has CCC 0 and no r: chance. Intervals are by a bootstrap over speakers, whose moments
//! add up, so that a draw costs no pass over recordings.
//!
//! L. I.-K. Lin (1989), "A concordance correlation coefficient to evaluate reproducibility", Biometrics 45, 255-268.

use std::collections::BTreeMap;
use std::ops::AddAssign;

use serde::{Deserialize, Serialize};

use super::bootstrap::{Draws, Resampling};
use super::interval::{Interval, Method, Score};
use ser_tables::statistic::quantile;

/// Sums over pairs of a true and a predicted number.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Moments {
    /// Pairs.
    pub count: f64,
    truth: f64,
    predicted: f64,
    truth_squared: f64,
    predicted_squared: f64,
    product: f64,
}

impl AddAssign for Moments {
    fn add_assign(&mut self, other: Moments) {
        self.count += other.count;
        self.truth += other.truth;
        self.predicted += other.predicted;
        self.truth_squared += other.truth_squared;
        self.predicted_squared += other.predicted_squared;
        self.product += other.product;
    }
}

impl Moments {
    /// Adds a pair.
    pub fn add(&mut self, truth: f64, predicted: f64) {
        *self += Moments {
            count: 1.0,
            truth,
            predicted,
            truth_squared: truth * truth,
            predicted_squared: predicted * predicted,
            product: truth * predicted,
        };
    }

    /// Variances of truth and prediction, and their covariance.
    fn spread(&self) -> (f64, f64, f64) {
        let n = self.count;
        let (truth, predicted) = (self.truth / n, self.predicted / n);
        (
            (self.truth_squared / n - truth * truth).max(0.0),
            (self.predicted_squared / n - predicted * predicted).max(0.0),
            self.product / n - truth * predicted,
        )
    }

    /// The concordance correlation coefficient; none of fewer than two pairs, or where nothing varies.
    pub fn ccc(&self) -> Option<f64> {
        let (truth, predicted, both) = self.spread();
        let apart = (self.truth - self.predicted) / self.count;
        let all = truth + predicted + apart * apart;
        (self.count > 1.0 && all > 0.0).then(|| 2.0 * both / all)
    }

    /// Pearson's correlation; none where one of the two does not vary.
    pub fn pearson(&self) -> Option<f64> {
        let (truth, predicted, both) = self.spread();
        let all = truth * predicted;
        (self.count > 1.0 && all > 0.0).then(|| both / all.sqrt())
    }

    /// Root mean square error; none without pairs.
    pub fn rmse(&self) -> Option<f64> {
        let squared = self.truth_squared - 2.0 * self.product + self.predicted_squared;
        (self.count > 0.0).then(|| (squared / self.count).max(0.0).sqrt())
    }
}

/// The moments of a test and those of its resamples.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Of all pairs.
    pub whole: Moments,
    resampled: Vec<Moments>,
    method: Method,
    units: usize,
}

impl Agreement {
    /// Resamples pairs by speaker; each pair for itself where speakers are unknown.
    ///
    /// # Panics
    /// If the lists differ in length.
    pub fn new(
        truth: &[f64],
        predicted: &[f64],
        speakers: Option<&[usize]>,
        resampling: Resampling,
    ) -> Agreement {
        assert_eq!(truth.len(), predicted.len(), "true and predicted numbers");
        let mut units: BTreeMap<usize, Moments> = BTreeMap::new();
        for (at, (&truth, &predicted)) in truth.iter().zip(predicted).enumerate() {
            let unit = speakers.map_or(at, |speakers| speakers[at]);
            units.entry(unit).or_default().add(truth, predicted);
        }
        let units: Vec<Moments> = units.into_values().collect();
        let mut whole = Moments::default();
        units.iter().for_each(|unit| whole += *unit);
        let method = match (speakers.is_some(), units.len()) {
            _ if resampling.resamples == 0 => Method::NotAsked,
            (true, 0 | 1) => Method::OneSpeaker,
            (false, 0 | 1) => Method::OneRecording,
            (true, _) => Method::BootstrapOverSpeakers,
            (false, _) => Method::BootstrapOverRecordings,
        };
        let mut resampled = Vec::new();
        if units.len() > 1 {
            let mut draws = Draws::new(units.len(), resampling.seed);
            for _ in 0..resampling.resamples {
                let mut sum = Moments::default();
                draws.sample().for_each(|unit| sum += units[unit]);
                resampled.push(sum);
            }
        }
        Agreement {
            whole,
            resampled,
            method,
            units: units.len(),
        }
    }

    /// A score with its 95 % interval; none where the test has none.
    pub fn score(&self, of: impl Fn(&Moments) -> Option<f64>) -> Option<Score> {
        let value = of(&self.whole)?;
        let mut values: Vec<f64> = self.resampled.iter().filter_map(&of).collect();
        values.sort_unstable_by(f64::total_cmp);
        let enough = values.len() > 1 && 2 * values.len() >= self.resampled.len();
        let interval = enough.then(|| Interval {
            low: quantile(&values, 0.025),
            high: quantile(&values, 0.975),
        });
        let method = match (self.resampled.is_empty(), enough) {
            (false, false) => Method::TooRare,
            _ => self.method,
        };
        Some(Score {
            value,
            interval,
            method,
            units: self.units,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn moments(truth: &[f64], predicted: &[f64]) -> Moments {
        let mut moments = Moments::default();
        for (truth, predicted) in truth.iter().zip(predicted) {
            moments.add(*truth, *predicted);
        }
        moments
    }

    #[test]
    fn concordance_is_correlation_less_what_scale_and_place_cost() {
        let truth = [1.0, 2.0, 3.0, 4.0, 5.0];
        let same = moments(&truth, &truth);
        assert!((same.ccc().unwrap() - 1.0).abs() < 1e-12 && same.rmse().unwrap() < 1e-6);
        // Shifted by 1: s_x² = s_y² = s_xy = 2, so 4 / (2 + 2 + 1).
        let shifted = moments(&truth, &truth.map(|x| x + 1.0));
        assert!((shifted.ccc().unwrap() - 0.8).abs() < 1e-12);
        assert!((shifted.pearson().unwrap() - 1.0).abs() < 1e-12);
        assert!((shifted.rmse().unwrap() - 1.0).abs() < 1e-12);
        // Half as wide around the mean: s_y² = 0.5 and s_xy = 1, so 2 / 2.5.
        let flat = moments(&truth, &truth.map(|x| 3.0 + (x - 3.0) / 2.0));
        assert!((flat.ccc().unwrap() - 0.8).abs() < 1e-12);
        let turned = moments(&truth, &truth.map(|x| 6.0 - x));
        assert!((turned.ccc().unwrap() + 1.0).abs() < 1e-12);
    }

    #[test]
    fn the_mean_of_all_is_chance() {
        let mean = moments(&[1.0, 2.0, 6.0], &[3.0; 3]);
        assert_eq!((mean.ccc(), mean.pearson()), (Some(0.0), None));
        assert_eq!(moments(&[], &[]).rmse(), None);
    }

    #[test]
    fn an_interval_over_speakers_is_wider_than_one_over_recordings_that_repeat_them() {
        let truth: Vec<f64> = (0..80).map(|i| f64::from(i % 4)).collect();
        let speakers: Vec<usize> = (0..80).map(|i| i / 10).collect();
        // Each speaker is heard as higher or lower by an amount of their own.
        let predicted: Vec<f64> = truth
            .iter()
            .zip(&speakers)
            .map(|(truth, speaker)| truth + ((speaker * 37) % 8) as f64 / 2.0 - 1.75)
            .collect();
        let width = |speakers: Option<&[usize]>| {
            let found = Agreement::new(&truth, &predicted, speakers, Resampling::default());
            found
                .score(Moments::ccc)
                .unwrap()
                .interval
                .unwrap()
                .half_width()
        };
        assert!(width(Some(&speakers)) > 1.3 * width(None));
        let one = Agreement::new(&truth, &predicted, Some(&[0; 80]), Resampling::default());
        let score = one.score(Moments::ccc).unwrap();
        assert_eq!((score.interval, score.method), (None, Method::OneSpeaker));
    }
}
