//! Scores with their intervals: how far another sample of folds, speakers or recordings might have moved them.
//!
//! ```text
//! over k folds        mean ± t(0.975, k − 1) · s / √k,     s² = Σ(x − mean)² / (k − 1),   cut at 0 and 1
//! of one share k/n    (p + z²/2n ± z √(p(1 − p)/n + z²/4n²)) / (1 + z²/n),     z = 1.96     (Wilson)
//! of one test set     percentiles of resampled tests: see [`bootstrap`](super::bootstrap)
//! ```
//!
//! All are 95 % intervals, and each [`Score`] names its method; where there is no interval the method says why. The t interval is the paper's; it is
//! somewhat narrow: the folds' training sets overlap, so their scores are not independent, and all folds of a transfer corpus have the same
//! speakers, so that it says nothing of other speakers. Wilson's is for recordings that are
//! independent of each other; recordings of the same speakers are not, and their share wants the bootstrap over speakers.
//!
//! Y. Bengio, Y. Grandvalet (2004), "No unbiased estimator of the variance of k-fold cross-validation", JMLR 5, 1089-1105;
//! E. B. Wilson (1927), "Probable inference, the law of succession, and statistical inference", J. Am. Statistical Association 22, 209-212.

use std::fmt;

use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Normal quantile of 0.975.
const Z: f64 = 1.959_963_984_540_054;

/// From where to where a score's true value plausibly lies.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies inside, ends included.
    pub fn contains(&self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Half its width: what stands behind "±".
    pub fn half_width(&self) -> f64 {
        (self.high - self.low) / 2.0
    }
}

/// A value with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Score {
    /// The value.
    pub value: f64,
    /// Its 95 % interval, if there is one.
    pub interval: Option<Interval>,
    /// Where the interval comes from, or why there is none.
    pub method: Method,
    /// Of how many it is: folds, speakers or recordings, as the method says.
    pub units: usize,
}

/// Where an interval comes from, or why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Method {
    /// Student's t over the scores of folds.
    TOverFolds,
    /// Percentile bootstrap over speakers.
    BootstrapOverSpeakers,
    /// Percentile bootstrap over speakers and the model's seeds.
    BootstrapOverSpeakersAndSeeds,
    /// Percentile bootstrap over recordings and the model's seeds: the speakers are not known.
    BootstrapOverRecordingsAndSeeds,
    /// Percentile bootstrap over recordings: the speakers are not known.
    BootstrapOverRecordings,
    /// Wilson's interval of a share of independent recordings.
    Wilson,
    /// No interval: one fold has no spread.
    OneFold,
    /// No interval: one speaker says nothing of others.
    OneSpeaker,
    /// No interval: one recording.
    OneRecording,
    /// No interval: most resamples lack the recordings that the score is of.
    TooRare,
    /// No interval was asked for.
    NotAsked,
}

impl fmt::Display for Method {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Method::TOverFolds => "95 % interval, Student's t over folds",
            Method::BootstrapOverSpeakers => "95 % interval, bootstrap over speakers",
            Method::BootstrapOverSpeakersAndSeeds => {
                "95 % interval, bootstrap over speakers and seeds"
            }
            Method::BootstrapOverRecordingsAndSeeds => {
                "95 % interval, bootstrap over recordings and seeds (speakers unknown)"
            }
            Method::BootstrapOverRecordings => {
                "95 % interval, bootstrap over recordings (speakers unknown)"
            }
            Method::Wilson => "95 % interval, Wilson, recordings taken as independent",
            Method::OneFold => "no interval: one fold has no spread",
            Method::OneSpeaker => "no interval: one speaker says nothing of others",
            Method::OneRecording => "no interval: there is one recording",
            Method::TooRare => {
                "no interval: most resamples lack the recordings that the score is of"
            }
            Method::NotAsked => "no interval",
        })
    }
}

impl Score {
    /// A value without an interval.
    pub fn bare(value: f64, units: usize) -> Score {
        Score {
            value,
            interval: None,
            method: Method::NotAsked,
            units,
        }
    }
}

/// The mean score of folds with its t interval; none without folds.
pub fn over_folds(scores: &[f64]) -> Option<Score> {
    let folds = scores.len();
    let value = match folds {
        0 => return None,
        _ => scores.iter().sum::<f64>() / folds as f64,
    };
    let method = match folds {
        1 => Method::OneFold,
        _ => Method::TOverFolds,
    };
    let interval = (folds > 1).then(|| {
        let squares: f64 = scores.iter().map(|x| (x - value).powi(2)).sum();
        let error = (squares / (folds - 1) as f64 / folds as f64).sqrt();
        let half = t_quantile(folds - 1) * error;
        // A score is a share. Scores outside 0 … 1 are none, and keep their ends.
        Interval {
            low: (value - half).max(value.min(0.0)),
            high: (value + half).min(value.max(1.0)),
        }
    });
    Some(Score {
        value,
        interval,
        method,
        units: folds,
    })
}

/// The 0.975 quantile of Student's t.
fn t_quantile(freedom: usize) -> f64 {
    StudentsT::new(0.0, 1.0, freedom as f64).map_or(f64::NAN, |t| t.inverse_cdf(0.975))
}

/// The share of `found` among independent recordings with Wilson's interval; none of no recordings.
///
/// # Panics
/// If more are found than there are.
pub fn wilson(found: u64, recordings: u64) -> Option<Score> {
    assert!(found <= recordings, "{found} found of {recordings}");
    let n = recordings as f64;
    (recordings > 0).then(|| {
        let p = found as f64 / n;
        let scale = 1.0 + Z * Z / n;
        let centre = (p + Z * Z / (2.0 * n)) / scale;
        let half = Z * (p * (1.0 - p) / n + (Z / (2.0 * n)).powi(2)).sqrt() / scale;
        Score {
            value: p,
            interval: Some(Interval {
                low: (centre - half).max(0.0),
                high: (centre + half).min(1.0),
            }),
            method: Method::Wilson,
            units: recordings as usize,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // import numpy as np; from scipy import stats                                        # scipy 1.17.1
    // x = np.array([.52, .61, .55, .49, .58, .60, .53, .57, .56, .51])
    // stats.t.interval(.95, 9, x.mean(), stats.sem(x))
    #[test]
    fn ten_folds_have_the_t_interval_of_scipy() {
        let folds = [0.52, 0.61, 0.55, 0.49, 0.58, 0.60, 0.53, 0.57, 0.56, 0.51];
        let score = over_folds(&folds).unwrap();
        let interval = score.interval.unwrap();
        assert!((score.value - 0.552).abs() < 1e-15);
        // The quantile is found by iteration, to some 1e-10.
        assert!(
            (interval.low - 0.523_826_277_765_812_9).abs() < 1e-9,
            "{interval:?}"
        );
        assert!(
            (interval.high - 0.580_173_722_234_187).abs() < 1e-9,
            "{interval:?}"
        );
        assert_eq!((score.method, score.units), (Method::TOverFolds, 10));
    }

    // [stats.t.ppf(.975, k) for k in (1, 2, 3, 4, 9, 99)]                                 # scipy 1.17.1
    #[test]
    fn the_quantiles_of_t_are_those_of_scipy() {
        for (freedom, expected) in [
            (1, 12.706_204_736_174_694),
            (2, 4.302_652_729_749_462),
            (3, 3.182_446_305_283_707_8),
            (4, 2.776_445_105_197_793_4),
            (9, 2.262_157_162_798_205),
            (99, 1.984_216_951_586_417_4),
        ] {
            let found = t_quantile(freedom);
            assert!(
                (found / expected - 1.0).abs() < 1e-9,
                "{freedom}: {found} {expected}"
            );
        }
    }

    #[test]
    fn one_fold_has_a_score_without_interval_and_says_why() {
        let score = over_folds(&[0.6]).unwrap();
        assert_eq!((score.value, score.interval), (0.6, None));
        assert!(
            score
                .method
                .to_string()
                .starts_with("no interval: one fold")
        );
        assert_eq!(over_folds(&[]), None);
    }

    #[test]
    fn no_interval_of_shares_leaves_0_to_1() {
        let ends = |folds: &[f64]| over_folds(folds).unwrap().interval.unwrap();
        assert_eq!(ends(&[0.99, 1.0, 0.992]).high, 1.0);
        assert_eq!(ends(&[0.01, 0.0, 0.008]).low, 0.0);
    }

    #[test]
    fn folds_that_agree_have_an_interval_of_no_width() {
        let interval = over_folds(&[0.5; 4]).unwrap().interval.unwrap();
        assert_eq!((interval.low, interval.high), (0.5, 0.5));
    }

    // stats.binomtest(k, n).proportion_ci(.95, method="wilson")                           # scipy 1.17.1
    #[test]
    fn wilsons_interval_is_that_of_scipy() {
        for (found, of, low, high) in [
            (0, 5, 0.0, 0.434_482_464_783_174_76),
            (5, 5, 0.565_517_535_216_825_1, 1.0),
            (13, 20, 0.432_854_276_685_236_3, 0.818_808_175_898_917_9),
            (400, 1000, 0.370_074_781_211_377_27, 0.430_690_570_485_733_8),
        ] {
            let interval = wilson(found, of).unwrap().interval.unwrap();
            // Equal up to rounding.
            assert!((interval.low - low).abs() < 1e-14, "{interval:?}");
            assert!((interval.high - high).abs() < 1e-14, "{interval:?}");
        }
        assert_eq!(wilson(0, 0), None);
    }

    #[test]
    fn a_method_is_written_as_a_word() {
        // serde_json reads short numbers exactly, others (without its feature float_roundtrip) to the last bit but one.
        let score = Score {
            value: 0.5,
            interval: Some(Interval {
                low: 0.25,
                high: 0.75,
            }),
            method: Method::Wilson,
            units: 2,
        };
        let text = serde_json::to_string(&score).unwrap();
        assert!(text.contains(r#""method":"wilson""#), "{text}");
        assert_eq!(serde_json::from_str::<Score>(&text).unwrap(), score);
        let word = serde_json::to_string(&Method::BootstrapOverSpeakers).unwrap();
        assert_eq!(word, r#""bootstrap-over-speakers""#);
    }
}
