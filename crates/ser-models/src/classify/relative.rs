//! A recording relative to its speaker's ordinary voice.
//!
//! ```text
//! x_i / s = b + m_k + e          b the speaker's centre, m_k what class k adds to it, e the rest; s the deviation within speakers of training
//! f_k     = discriminant of clip(x/s − b, ±4)
//! ```
//!
//! The centre stands midway between the classes, each counted alike. It is estimated with a normal prior N(b₀, τ²) from the centres of the training
//! speakers, ten times as wide as they differ since an unheard corpus lies elsewhere:
//!
//! ```text
//! calm recordings     b = (Σ_i (x_i/s − m_neutral)/σ² + b₀/τ²) / (n/σ² + 1/τ²)
//! own, unlabelled     the same with Σ_k p_ik m_k for m_neutral, p_i = softmax(f(x_i/s − b)/1.5) and b in turn, five times from p = 1/K
//! ```
//!
//! This is the EM algorithm with the discriminant's posterior in the place of the E step. Of a speaker with only one emotion b and m_k cannot be
//! told apart. Such speakers are recognised by how little their recordings differ along the two canonical axes, on which b has no influence: a logistic
//! function, learnt from subsets of the training speakers, gives the chance ω that the recordings are mixed, and
//!
//! ```text
//! p_i = ω softmax(f(x_i/s − b)/1.5) + (1 − ω) softmax(a'_i/3),    a'_i = half the general model's scores, half their mean over the speaker
//! ```
//!
//! A. P. Dempster, N. M. Laird, D. B. Rubin (1977), "Maximum likelihood from incomplete data via the EM algorithm", J. Royal Statistical Society B 39,
//! 1-38; C. J. Leggetter, P. C. Woodland (1995), "Maximum likelihood linear regression for speaker adaptation", Computer Speech and Language 9,
//! 171-185, for the idea.

use nalgebra::{Cholesky, Matrix3, Vector3};
use ndarray::Array2;

use crate::model::discriminant::Discriminant;
use ser_tables::statistic::softmax;

/// Standardised values stay within ± this.
pub const CLIP: f64 = 4.0;
/// Fewest recordings that are a speaker's own voice.
pub const FEWEST: usize = 4;
/// Temperature of relative scores within the estimate.
const SOFT: f64 = 1.5;
/// Temperature of the general model's scores where they are mixed in.
const GENERAL: f64 = 3.0;
/// Rounds of the estimate.
const ROUNDS: usize = 5;

/// The part of a model that judges relative to a speaker.
#[derive(Clone, Debug, PartialEq)]
pub struct Relative {
    /// s: deviation within speakers of each transformed column.
    pub scale: Vec<f64>,
    /// m, classes × columns, in units of s.
    pub offsets: Array2<f64>,
    /// σ²: what a recording of one class of one speaker varies by.
    pub noise: Vec<f64>,
    /// b₀.
    pub prior_mean: Vec<f64>,
    /// τ².
    pub prior_variance: Vec<f64>,
    /// From x/s − b to scores; without whitening.
    pub discriminant: Discriminant,
    /// Weights of the two measures of spread, and a constant.
    pub mixed: [f64; 3],
}

/// A speaker's voice, as estimated.
#[derive(Clone, Debug, PartialEq)]
pub struct Centre {
    /// b.
    pub place: Vec<f64>,
    /// ω: chance that the recordings are of several classes; 1 where it is not in question.
    pub mixed: f64,
    /// Mean of the general model's scores over the recordings.
    pub general: Vec<f64>,
}

impl Relative {
    /// clip(x/s − b); 0 where the recording or the speaker has no value.
    pub fn row(&self, transformed: &[f64], place: &[f64]) -> Vec<f64> {
        let value = |((x, s), b): ((&f64, &f64), &f64)| {
            let value = (x / s - b).clamp(-CLIP, CLIP);
            if value.is_finite() { value } else { 0.0 }
        };
        transformed
            .iter()
            .zip(&self.scale)
            .zip(place)
            .map(value)
            .collect()
    }

    /// f.
    pub fn scores(&self, row: &[f64]) -> Vec<f64> {
        self.discriminant.scores(row)
    }

    /// Scores of a recording, whose general scores are `general`, of a speaker.
    pub fn scores_of(&self, transformed: &[f64], general: &[f64], centre: &Centre) -> Vec<f64> {
        let scores = self.scores(&self.row(transformed, &centre.place));
        if centre.mixed >= 1.0 {
            return scores;
        }
        let pooled: Vec<f64> = general
            .iter()
            .zip(&centre.general)
            .map(|(a, mean)| 0.5 * (a + mean))
            .collect();
        let (own, others) = (softmax(&scores, SOFT), softmax(&pooled, GENERAL));
        own.iter()
            .zip(others)
            .map(|(own, other)| {
                libm::log((centre.mixed * own + (1.0 - centre.mixed) * other).max(1e-12))
            })
            .collect()
    }

    /// The centre by the mean of recordings of class `class`, with how many had each column.
    pub fn by_class(&self, mean: &[f64], counts: &[f64], class: Option<usize>) -> Centre {
        let sum = |at: usize| {
            let offset = class.map_or(0.0, |class| self.offsets[(class, at)]);
            let value = mean[at] / self.scale[at] - offset;
            if value.is_finite() {
                (counts[at] * value, counts[at])
            } else {
                (0.0, 0.0)
            }
        };
        Centre {
            place: self.posterior(sum),
            mixed: 1.0,
            general: Vec::new(),
        }
    }

    /// The centre by a speaker's recordings, whose general scores are `general`; of one recording at least.
    pub fn by_all(&self, transformed: &[Vec<f64>], general: &[Vec<f64>]) -> Centre {
        let classes = self.offsets.nrows();
        let mut p = vec![vec![1.0 / classes as f64; classes]; transformed.len()];
        let mut place = self.prior_mean.clone();
        for _ in 0..ROUNDS {
            place = self.posterior(|at| {
                let mut found = (0.0, 0.0);
                for (row, p) in transformed.iter().zip(&p) {
                    let offset: f64 = p
                        .iter()
                        .enumerate()
                        .map(|(class, p)| p * self.offsets[(class, at)])
                        .sum();
                    let value = row[at] / self.scale[at] - offset;
                    if value.is_finite() {
                        found = (found.0 + value, found.1 + 1.0);
                    }
                }
                found
            });
            for (p, row) in p.iter_mut().zip(transformed) {
                *p = softmax(&self.scores(&self.row(row, &place)), SOFT);
            }
        }
        let n = general.len().max(1) as f64;
        let mean = |class: usize| general.iter().map(|scores| scores[class]).sum::<f64>() / n;
        Centre {
            mixed: self.chance_of_mixed(transformed),
            place,
            general: (0..classes).map(mean).collect(),
        }
    }

    /// b of each column, by a sum of values and their number.
    fn posterior(&self, sum: impl Fn(usize) -> (f64, f64)) -> Vec<f64> {
        let of = |at: usize| {
            let (sum, count) = sum(at);
            let (noise, prior) = (self.noise[at], self.prior_variance[at]);
            (sum / noise + self.prior_mean[at] / prior) / (count / noise + 1.0 / prior)
        };
        (0..self.scale.len()).map(of).collect()
    }

    /// ω.
    fn chance_of_mixed(&self, transformed: &[Vec<f64>]) -> f64 {
        let [first, second, constant] = self.mixed;
        let [range, variance] = self.spread(transformed);
        1.0 / (1.0 + libm::exp(-(first * range + second * variance + constant)))
    }

    /// How much recordings of a speaker differ along the canonical axes: logarithms of the product of the ranges, and of the mean variance.
    pub fn spread(&self, transformed: &[Vec<f64>]) -> [f64; 2] {
        let n = transformed.len().max(1) as f64;
        let mean = |at: usize| {
            let (sum, count) = transformed
                .iter()
                .map(|row| row[at])
                .filter(|x| x.is_finite())
                .fold((0.0, 0.0), |(sum, count), x| (sum + x, count + 1.0));
            sum / count / self.scale[at]
        };
        // Any place would do but for the clipping.
        let place: Vec<f64> = (0..self.scale.len()).map(mean).collect();
        let places: Vec<[f64; 2]> = transformed
            .iter()
            .map(|row| self.discriminant.place(&self.row(row, &place)))
            .collect();
        let (mut range, mut variance) = (0.0, 0.0);
        for axis in 0..2 {
            let values = || places.iter().map(|place| place[axis]);
            let (low, high) = values()
                .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
                    (low.min(x), high.max(x))
                });
            let mean = values().sum::<f64>() / n;
            range += libm::log((high - low).max(1e-3));
            variance +=
                values().map(|x| (x - mean).powi(2)).sum::<f64>() / (n - 1.0).max(1.0) / 2.0;
        }
        [range, libm::log(variance.max(1e-3))]
    }
}

/// Weights and constant of a logistic function of two measures, both sides counting alike; Newton's method with a ridge of 1 on the weights.
///
/// Always mixed, where one side has no example.
pub fn logistic(examples: &[([f64; 2], bool)]) -> [f64; 3] {
    let positive = examples.iter().filter(|(_, mixed)| *mixed).count() as f64;
    let negative = examples.len() as f64 - positive;
    if positive == 0.0 || negative == 0.0 {
        return [0.0, 0.0, 40.0];
    }
    let mut weights = Vector3::zeros();
    for _ in 0..30 {
        let mut gradient = Vector3::new(weights[0], weights[1], 0.0);
        let mut curvature = Matrix3::from_diagonal(&Vector3::new(1.0, 1.0, 1e-6));
        for ([a, b], mixed) in examples {
            let x = Vector3::new(*a, *b, 1.0);
            let p = 1.0 / (1.0 + libm::exp(-weights.dot(&x)));
            let side = if *mixed { positive } else { negative };
            let share = examples.len() as f64 / (2.0 * side);
            gradient += share * (p - f64::from(u8::from(*mixed))) * x;
            curvature += share * p * (1.0 - p) * x * x.transpose();
        }
        let Some(factor) = Cholesky::new(curvature) else {
            break;
        };
        let step = factor.solve(&gradient);
        weights -= step;
        if step.amax() < 1e-9 {
            break;
        }
    }
    [weights[0], weights[1], weights[2]]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::random::Random;

    /// Two columns; class 0 lies at −2 and class 1 at +2 of both.
    fn relative() -> Relative {
        let offsets = ndarray::arr2(&[[-2.0, -2.0], [2.0, 2.0]]);
        Relative {
            scale: vec![1.0, 0.5],
            noise: vec![1.0, 1.0],
            prior_mean: vec![0.0, 0.0],
            prior_variance: vec![100.0, 100.0],
            discriminant: Discriminant {
                weight: offsets.clone(),
                bias: vec![0.0, 0.0],
                means: offsets.clone(),
                axes: ndarray::arr2(&[[0.7, 0.7], [0.7, -0.7]]),
                whitening: Array2::zeros((0, 0)),
            },
            offsets,
            mixed: [1.0, 1.0, 0.0],
        }
    }

    #[test]
    fn both_ways_find_the_centre_of_a_speaker() {
        let mut random = Random::new(1, "speaker");
        let relative = relative();
        let centre = [7.0, -3.0];
        let row = |class: usize, random: &mut Random| -> Vec<f64> {
            (0..2)
                .map(|j| {
                    relative.scale[j]
                        * (centre[j] + relative.offsets[(class, j)] + 0.5 * random.normal())
                })
                .collect()
        };
        let rows: Vec<Vec<f64>> = (0..40)
            .map(|i| row(usize::from(i % 4 == 0), &mut random))
            .collect();
        let found = relative.by_all(&rows, &vec![vec![0.0, 0.0]; 40]);
        let calm = row(0, &mut random);
        let by_one = relative.by_class(&calm, &[1.0, 1.0], Some(0));
        let places = found.place.iter().zip(&by_one.place);
        for ((all, one), centre) in places.zip(&centre) {
            assert!((all - centre).abs() < 0.5, "{found:?}");
            assert!((one - centre).abs() < 1.5, "{by_one:?}");
        }
        // A column without a value tells nothing: the prior stays, and the row is 0 there.
        let partly = relative.by_class(&[calm[0], f64::NAN], &[1.0, 0.0], Some(0));
        assert_eq!(partly.place[1], 0.0);
        assert_eq!(relative.row(&[1.0, f64::NAN], &partly.place)[1], 0.0);
    }

    #[test]
    fn a_speaker_of_one_class_is_left_to_the_general_model() {
        let mut random = Random::new(2, "speaker");
        let relative = Relative {
            mixed: [0.0, 8.0, -8.0],
            ..relative()
        };
        let rows: Vec<Vec<f64>> = (0..20)
            .map(|_| vec![5.0 + 0.3 * random.normal(), 0.3 * random.normal()])
            .collect();
        let general = vec![vec![0.0, 6.0]; 20];
        let centre = relative.by_all(&rows, &general);
        assert!(centre.mixed < 0.01, "{}", centre.mixed);
        for row in &rows {
            let scores = relative.scores_of(row, &general[0], &centre);
            assert!(scores[1] > scores[0]);
        }
    }

    #[test]
    fn the_logistic_function_has_its_middle_between_both_sides() {
        let examples: Vec<([f64; 2], bool)> = (0..100)
            .map(|i| ([f64::from(i) / 10.0, 0.0], i >= 60))
            .collect();
        let [a, b, c] = logistic(&examples);
        assert!((-c / a - 6.0).abs() < 0.7 && b.abs() < 1e-9, "{a} {b} {c}");
        assert_eq!(logistic(&examples[60..]), [0.0, 0.0, 40.0]);
    }
}
