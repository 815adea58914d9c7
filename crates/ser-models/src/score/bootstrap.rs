//! The bootstrap over speakers: what the score of a test would have been with other speakers.
//!
//! ```text
//! R times:  draw as many speakers as there are, with replacement;  sum their confusion matrices;  score the sum
//! interval = [2.5 %, 97.5 %] percentile of the R scores,    R = 2000
//! ```
//!
//! Recordings of one speaker resemble each other, so they are drawn together; where speakers are unknown, each recording is drawn for itself and
//! the interval is too narrow by what speakers have in common. A score is a function of the confusion matrix, so a draw costs the sum of the
//! speakers' matrices and no pass over recordings; all scores of a test share the draws.
//!
//! Two systems on the same recordings are compared on the same draws ([`Bootstrap::difference`]): what makes a speaker hard for both cancels, and
//! the interval of the difference is far narrower than their two intervals suggest.
//!
//! The percentile interval is too short with few speakers (the test of coverage measures it): of ten, as Emo-DB has, a nominal 95 %
//! holds the truth in some 91 %, of sixty in 95 %.
//!
//! B. Efron, R. J. Tibshirani (1993), "An introduction to the bootstrap", Chapman & Hall, §13.3 (percentiles);
//! M. Bisani, H. Ney (2004), "Bootstrap estimates for confidence intervals in ASR performance evaluation", Proc. ICASSP, 409-412 (over speakers, and pairs).

use std::collections::BTreeMap;

use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use ser_tables::statistic::quantile;
use serde::{Deserialize, Serialize};

use super::interval::{Interval, Method, Score};
use super::metric::Confusion;

/// How often to resample, and from which seed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Resampling {
    /// Number of resamples; 2000 puts some 50 beyond either end. 0: no intervals.
    pub resamples: usize,
    /// Seed of the draws.
    pub seed: u64,
}

impl Default for Resampling {
    fn default() -> Resampling {
        Resampling {
            resamples: 2000,
            seed: 0,
        }
    }
}

/// The predictions of one test.
#[derive(Clone, Copy, Debug)]
pub struct Predictions<'a> {
    /// Number of classes.
    pub classes: usize,
    /// The true class of each recording.
    pub truth: &'a [usize],
    /// The predicted class of each recording.
    pub predicted: &'a [usize],
    /// The speaker of each recording, if speakers are known.
    pub speakers: Option<&'a [usize]>,
}

/// The confusion matrix of a test and those of its resamples.
#[derive(Clone, Debug)]
pub struct Bootstrap {
    whole: Confusion,
    resampled: Vec<Confusion>,
    method: Method,
    units: usize,
}

impl Bootstrap {
    /// Resamples a test. The draws depend on the number of speakers (recordings) and the resampling alone.
    ///
    /// # Panics
    /// If the lists differ in length, or a class is not below the number of classes.
    pub fn new(test: Predictions<'_>, resampling: Resampling) -> Bootstrap {
        let whole = Confusion::count(test.classes, test.truth, test.predicted);
        let known = test.speakers.is_some();
        Bootstrap::resample(whole, &units(&test), known, resampling)
    }

    /// Resamples a test of which the confusion matrix of each speaker is known; of each recording where `known` is false. A model that was tested
    /// several times on the same recordings has them all in its matrices.
    ///
    /// # Panics
    /// If a matrix has another number of classes.
    pub fn of_units(
        classes: usize,
        units: &[Confusion],
        known: bool,
        resampling: Resampling,
    ) -> Bootstrap {
        let mut whole = Confusion::new(classes);
        let filled = |unit: &Confusion| -> Vec<(usize, u64)> {
            let cells = unit.rows().flatten().copied().enumerate();
            cells.filter(|(_, count)| *count > 0).collect()
        };
        units.iter().for_each(|unit| whole += unit);
        let units: Vec<Vec<(usize, u64)>> = units.iter().map(filled).collect();
        Bootstrap::resample(whole, &units, known, resampling)
    }

    fn resample(
        whole: Confusion,
        units: &[Vec<(usize, u64)>],
        known: bool,
        resampling: Resampling,
    ) -> Bootstrap {
        let method = match (known, units.len()) {
            _ if resampling.resamples == 0 => Method::NotAsked,
            (true, 0 | 1) => Method::OneSpeaker,
            (false, 0 | 1) => Method::OneRecording,
            (true, _) => Method::BootstrapOverSpeakers,
            (false, _) => Method::BootstrapOverRecordings,
        };
        let resampled = if units.len() > 1 {
            let mut draws = Draws::new(units.len(), resampling.seed);
            (0..resampling.resamples)
                .map(|_| {
                    let mut sum = Confusion::new(whole.classes());
                    for unit in draws.sample() {
                        for &(cell, count) in &units[unit] {
                            sum.cells_mut()[cell] += count;
                        }
                    }
                    sum
                })
                .collect()
        } else {
            Vec::new()
        };
        Bootstrap {
            whole,
            resampled,
            method,
            units: units.len(),
        }
    }

    /// The confusion matrix of the test itself.
    pub fn confusion(&self) -> &Confusion {
        &self.whole
    }

    /// A score with its interval; none if the test has no such score (the recall of a class without recordings).
    ///
    /// Resamples without the score are passed over; if they are the most, there is no interval.
    pub fn score(&self, statistic: impl Fn(&Confusion) -> Option<f64>) -> Option<Score> {
        let value = statistic(&self.whole)?;
        let resampled = self.resampled.iter().filter_map(&statistic).collect();
        Some(self.with_interval(value, resampled))
    }

    /// The score of this system minus that of another on the same recordings, with the interval of the difference.
    ///
    /// # Panics
    /// If the two were not made of the same recordings with the same resampling.
    pub fn difference(
        &self,
        other: &Bootstrap,
        statistic: impl Fn(&Confusion) -> Option<f64>,
    ) -> Option<Difference> {
        self.assert_paired(other);
        let of_pair = |(a, b): (&Confusion, &Confusion)| Some(statistic(a)? - statistic(b)?);
        let value = of_pair((&self.whole, &other.whole))?;
        let pairs = self.resampled.iter().zip(&other.resampled);
        let resampled: Vec<f64> = pairs.filter_map(of_pair).collect();
        // The observed test counts as one of the draws, so that the share is never 0 for want of resamples.
        let against = resampled.iter().filter(|d| **d * value <= 0.0).count();
        let against = (against + 1) as f64 / (resampled.len() + 1) as f64;
        let score = self.with_interval(value, resampled);
        Some(Difference {
            against: score.interval.map(|_| against),
            score,
        })
    }

    /// The score of each resample that has it: to be averaged over several tests.
    pub fn resampled(&self, statistic: impl Fn(&Confusion) -> Option<f64>) -> Vec<f64> {
        self.resampled.iter().filter_map(statistic).collect()
    }

    fn assert_paired(&self, other: &Bootstrap) {
        let recordings = |confusion: &Confusion| -> Vec<u64> {
            (0..confusion.classes())
                .map(|class| confusion.of_class(class))
                .collect()
        };
        let draws = |of: &Bootstrap| -> Vec<Vec<u64>> {
            let matrices = std::iter::once(&of.whole).chain(of.resampled.iter().take(8));
            matrices.map(recordings).collect()
        };
        assert!(
            self.resampled.len() == other.resampled.len() && draws(self) == draws(other),
            "two systems are compared on the same recordings and resamples"
        );
    }

    fn with_interval(&self, value: f64, mut resampled: Vec<f64>) -> Score {
        let usable = 2 * resampled.len() > self.resampled.len();
        let method = match self.resampled.is_empty() {
            false if !usable => Method::TooRare,
            _ => self.method,
        };
        resampled.sort_unstable_by(f64::total_cmp);
        Score {
            value,
            interval: usable.then(|| Interval {
                low: quantile(&resampled, 0.025),
                high: quantile(&resampled, 0.975),
            }),
            method,
            units: self.units,
        }
    }
}

/// How much better one system is than another.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// The difference with its interval.
    pub score: Score,
    /// Share of resamples in which there is no difference or one of the other sign: twice that is a two-sided p value.
    pub against: Option<f64>,
}

/// For each speaker (recording) the cells of the confusion matrix that are not 0, by ascending speaker.
fn units(test: &Predictions<'_>) -> Vec<Vec<(usize, u64)>> {
    let cells = test.truth.iter().zip(test.predicted);
    let cells = cells.map(|(truth, predicted)| truth * test.classes + predicted);
    let Some(speakers) = test.speakers else {
        return cells.map(|cell| vec![(cell, 1)]).collect();
    };
    assert_eq!(speakers.len(), test.truth.len(), "speakers of recordings");
    let mut counts: BTreeMap<usize, BTreeMap<usize, u64>> = BTreeMap::new();
    for (cell, &speaker) in cells.zip(speakers) {
        *counts.entry(speaker).or_default().entry(cell).or_default() += 1;
    }
    counts
        .into_values()
        .map(|cells| cells.into_iter().collect())
        .collect()
}

/// Samples with replacement, the same on every machine.
pub struct Draws {
    random: ChaCha8Rng,
    units: usize,
}

impl Draws {
    /// Draws among so many units.
    pub fn new(units: usize, seed: u64) -> Draws {
        Draws {
            random: ChaCha8Rng::seed_from_u64(seed),
            units,
        }
    }

    /// As many units as there are.
    pub fn sample(&mut self) -> impl Iterator<Item = usize> {
        // The upper half of a product maps 32 random bits to 0 … units - 1; that some come once more often in 2^32 is of no account.
        (0..self.units)
            .map(|_| ((u64::from(self.random.next_u32()) * self.units as u64) >> 32) as usize)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    // By name: proptest's prelude has another trait of the name.
    use rand_chacha::rand_core::RngCore;

    use super::*;

    const UAR: fn(&Confusion) -> Option<f64> = Confusion::uar;

    fn resampling(resamples: usize, seed: u64) -> Resampling {
        Resampling { resamples, seed }
    }

    /// Numbers in [0, 1).
    struct Uniform(ChaCha8Rng);

    impl Uniform {
        fn next(&mut self) -> f64 {
            f64::from(self.0.next_u32()) / 2_f64.powi(32)
        }
    }

    /// A test of speakers who are understood differently well: truth, prediction, speaker.
    fn test_set(
        speakers: usize,
        per_speaker: usize,
        seed: u64,
    ) -> (Vec<usize>, Vec<usize>, Vec<usize>) {
        let mut random = Uniform(ChaCha8Rng::seed_from_u64(seed));
        let (mut truth, mut predicted, mut who) = (vec![], vec![], vec![]);
        for speaker in 0..speakers {
            let skill = 0.3 + 0.6 * random.next();
            for recording in 0..per_speaker {
                let class = recording % 4;
                truth.push(class);
                who.push(speaker);
                let right = random.next() < skill;
                predicted.push(if right { class } else { (class + 1) % 4 });
            }
        }
        (truth, predicted, who)
    }

    fn bootstrap(test: &(Vec<usize>, Vec<usize>, Vec<usize>), by: Resampling) -> Bootstrap {
        let predictions = Predictions {
            classes: 4,
            truth: &test.0,
            predicted: &test.1,
            speakers: Some(&test.2),
        };
        Bootstrap::new(predictions, by)
    }

    fn over_recordings(test: &(Vec<usize>, Vec<usize>, Vec<usize>)) -> Bootstrap {
        let predictions = Predictions {
            classes: 4,
            truth: &test.0,
            predicted: &test.1,
            speakers: None,
        };
        Bootstrap::new(predictions, Resampling::default())
    }

    #[test]
    fn the_interval_over_recordings_is_that_of_a_binomial_share() {
        // 400 recordings of one class, 300 found: the bootstrap is then a binomial, of deviation sqrt(.75 .25 / 400) = 0.02165.
        let test = (
            vec![0; 400],
            [[0; 300].as_slice(), &[1; 100]].concat(),
            vec![],
        );
        let score = over_recordings(&test).score(Confusion::accuracy).unwrap();
        let interval = score.interval.unwrap();
        // Percentiles of 2000 draws are known to some 3 % of the width, and a share moves in steps of 1/400.
        assert!((interval.low - (0.75 - 1.96 * 0.02165)).abs() < 0.004);
        assert!((interval.high - (0.75 + 1.96 * 0.02165)).abs() < 0.004);
        assert_eq!(score.method, Method::BootstrapOverRecordings);
        assert_eq!(score.units, 400);
    }

    #[test]
    fn matrices_of_speakers_have_the_interval_of_their_recordings() {
        let test = test_set(9, 16, 5);
        let mut units = vec![Confusion::new(4); 9];
        for ((&truth, &predicted), &speaker) in test.0.iter().zip(&test.1).zip(&test.2) {
            units[speaker].add(truth, predicted, 1);
        }
        let by = resampling(300, 1);
        let of_units = Bootstrap::of_units(4, &units, true, by);
        assert_eq!(of_units.score(UAR), bootstrap(&test, by).score(UAR));
        // Tested twice alike is no more than tested once.
        units.iter_mut().for_each(|unit| {
            let once = unit.clone();
            *unit += &once;
        });
        let twice = Bootstrap::of_units(4, &units, true, by).score(UAR).unwrap();
        let once = of_units.score(UAR).unwrap();
        assert!((twice.value - once.value).abs() < 1e-15);
        assert_eq!(twice.units, once.units);
    }

    #[test]
    fn two_speakers_have_the_interval_of_their_three_mixtures() {
        // One is always understood, one never: a draw has a UAR of 0, 1/2 or 1, with probabilities 1/4, 1/2, 1/4.
        let test = (vec![0, 0, 1, 1], vec![0, 1, 1, 0], vec![0, 1, 0, 1]);
        let bootstrap = bootstrap(&test, Resampling::default());
        let score = bootstrap.score(UAR).unwrap();
        assert_eq!(score.value, 0.5);
        assert_eq!(
            score.interval,
            Some(Interval {
                low: 0.0,
                high: 1.0
            })
        );
        let halves = bootstrap.resampled.iter().filter(|c| c.uar() == Some(0.5));
        // Half of 2000, within five deviations of 22.
        assert!((890..1110).contains(&halves.count()));
    }

    #[test]
    fn speakers_who_differ_make_a_wider_interval_than_recordings_alone() {
        let test = test_set(20, 40, 1);
        let width = |b: &Bootstrap| b.score(UAR).unwrap().interval.unwrap().half_width();
        let (speakers, recordings) = (
            width(&bootstrap(&test, Resampling::default())),
            width(&over_recordings(&test)),
        );
        assert!(speakers > 1.5 * recordings, "{speakers} {recordings}");
    }

    #[test]
    fn the_same_seed_gives_the_same_bits_and_another_seed_others() {
        let test = test_set(12, 20, 2);
        let interval = |seed| {
            bootstrap(&test, resampling(500, seed))
                .score(UAR)
                .unwrap()
                .interval
                .unwrap()
        };
        assert_eq!(interval(7), interval(7));
        assert_ne!(interval(7), interval(8));
        // The bits themselves, so that a new version of the generator is noticed.
        assert_eq!(
            Draws::new(10, 42).sample().collect::<Vec<_>>(),
            [2, 6, 1, 9, 7, 4, 3, 6, 7, 2]
        );
    }

    #[test]
    fn one_speaker_has_no_interval_and_says_why() {
        let test = test_set(1, 20, 3);
        let score = bootstrap(&test, Resampling::default()).score(UAR).unwrap();
        assert_eq!((score.interval, score.method), (None, Method::OneSpeaker));
        assert_eq!(score.units, 1);
        let asked = bootstrap(&test_set(3, 8, 3), resampling(0, 0))
            .score(UAR)
            .unwrap();
        assert_eq!((asked.interval, asked.method), (None, Method::NotAsked));
    }

    #[test]
    fn a_class_that_most_resamples_lack_has_a_recall_without_interval() {
        // Class 1 is of one recording in 2: absent from a quarter of the draws of 2 speakers. Of one in 40 it is absent from 36 %.
        let mut test = test_set(40, 4, 4);
        assert!(
            bootstrap(&test, Resampling::default())
                .score(|c| c.recall(1))
                .unwrap()
                .interval
                .is_some()
        );
        test.0.iter_mut().for_each(|class| *class %= 3);
        let none = bootstrap(&test, Resampling::default()).score(|c| c.recall(3));
        assert_eq!(none, None);
        // A statistic that exists in the test but in few of the resamples.
        let whole = bootstrap(&test, Resampling::default());
        let score = whole
            .score(|c| (c == whole.confusion()).then_some(1.0))
            .unwrap();
        assert_eq!((score.interval, score.method), (None, Method::TooRare));
    }

    #[test]
    fn a_system_differs_from_itself_by_nothing_and_from_a_better_one_surely() {
        let test = test_set(20, 40, 5);
        let mut better = test.clone();
        // One more of ten recordings is right, whoever speaks.
        for i in (0..better.0.len()).step_by(10) {
            better.1[i] = better.0[i];
        }
        let by = Resampling::default();
        let (a, b) = (bootstrap(&better, by), bootstrap(&test, by));
        let none = a.difference(&a, UAR).unwrap();
        assert_eq!(
            none.score.interval,
            Some(Interval {
                low: 0.0,
                high: 0.0
            })
        );
        assert_eq!(none.against, Some(1.0));
        let difference = a.difference(&b, UAR).unwrap();
        assert!(difference.score.interval.unwrap().low > 0.0);
        // In no draw: 1 of 2001.
        assert!(difference.against.unwrap() < 0.001);
        // Their own intervals overlap widely: it is the pairing that tells.
        let high = b.score(UAR).unwrap().interval.unwrap().high;
        assert!(a.score(UAR).unwrap().interval.unwrap().low < high);
        let reverse = b.difference(&a, UAR).unwrap().score;
        assert!((reverse.value + difference.score.value).abs() < 1e-15);
    }

    #[test]
    #[should_panic(expected = "the same recordings")]
    fn systems_with_other_recordings_are_not_compared() {
        let by = Resampling::default();
        let (a, b) = (test_set(5, 8, 1), test_set(6, 8, 1));
        let _ = bootstrap(&a, by).difference(&bootstrap(&b, by), UAR);
    }

    #[test]
    fn nine_in_ten_intervals_over_ten_speakers_hold_the_truth() {
        // The truth: skills are uniform in 0.3 … 0.9.
        let holds = |speakers: usize| {
            (0..400_u64)
                .filter(|seed| {
                    let test = test_set(speakers, 40, 1000 + seed);
                    let score = bootstrap(&test, resampling(400, *seed)).score(UAR).unwrap();
                    score.interval.unwrap().contains(0.6)
                })
                .count() as f64
                / 400.0
        };
        let (few, many) = (holds(10), holds(60));
        // Each is known to ± 0.03 (two deviations of a share of 400).
        assert!((0.86..0.95).contains(&few), "{few}");
        assert!((0.91..0.98).contains(&many), "{many}");
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]

        #[test]
        fn the_order_of_recordings_and_the_names_of_speakers_do_not_matter_so_long_as_their_order_stays(
            seed: u64, gap in 1..9_usize,
        ) {
            let test = test_set(6, 12, seed);
            let by = resampling(50, seed);
            let straight = bootstrap(&test, by).score(UAR);
            let reversed = (
                test.0.iter().rev().copied().collect(),
                test.1.iter().rev().copied().collect(),
                test.2.iter().rev().map(|who| 100 + who * gap).collect(),
            );
            prop_assert_eq!(straight, bootstrap(&reversed, by).score(UAR));
        }
    }
}
