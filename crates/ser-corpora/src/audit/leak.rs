//! How well something that is not the voice predicts the label.
//!
//! A model may learn the microphone instead of the emotion: if the angry recordings are the ones stored at 48 kHz, the rate alone tells anger.
//! So each of duration, level, rate and bandwidth, and all four together, predict the label as simply as can be:
//!
//! ```text
//! class = argmax_c Σ_features log( (n_c(bin) + 1) / (n_c + bins) )      bins: octiles of the training recordings; equal priors
//! ```
//!
//! Speakers of the test fold are not in training (up to ten folds of whole speakers). The score is the unweighted average recall, with chance
//! 1 / classes and a 95 % interval by drawing speakers anew. Where speakers are unknown, recordings take their place, and the result
//! says so. Values equal for all predict nothing and give chance exactly: ties count as the share of the classes that tie.

use std::collections::BTreeMap;

use serde::Serialize;

use crate::random::Random;

/// Bins of a feature.
const BINS: usize = 8;
/// Folds at most.
const FOLDS: usize = 10;
/// Draws of the interval.
const DRAWS: usize = 1000;
/// Fewest recordings of a class that is looked at.
const FEWEST: usize = 8;

/// One recording: who, which class, and what is measured.
#[derive(Clone, Debug)]
pub(crate) struct Sample<'a> {
    pub speaker: Option<&'a str>,
    pub class: &'a str,
    pub values: [f64; FEATURES.len()],
}

/// What is measured.
pub(crate) const FEATURES: [&str; 4] = ["duration", "level", "rate", "bandwidth"];

/// How well a property predicts the label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Leak {
    /// The property, or `all`.
    pub from: String,
    /// Unweighted average recall.
    pub uar: f64,
    /// 95 % interval.
    pub interval: (f64, f64),
    /// What guessing gives.
    pub chance: f64,
    /// Classes.
    pub classes: usize,
    /// Recordings.
    pub recordings: usize,
    /// Speakers, 0 if unknown: the folds then mix them.
    pub speakers: usize,
}

/// Each feature alone, and all together. Empty if there are not two classes with enough recordings.
pub(crate) fn leaks(samples: &[Sample<'_>]) -> Vec<Leak> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for sample in samples {
        *counts.entry(sample.class).or_default() += 1;
    }
    let classes: Vec<&str> = counts
        .into_iter()
        .filter(|(_, count)| *count >= FEWEST)
        .map(|(class, _)| class)
        .collect();
    let samples: Vec<&Sample<'_>> = samples
        .iter()
        .filter(|sample| classes.binary_search(&sample.class).is_ok())
        .collect();
    let group = groups(&samples);
    let groups = group.iter().max().map_or(0, |last| last + 1);
    if classes.len() < 2 || groups < 2 {
        return Vec::new();
    }
    let truth: Vec<usize> = samples
        .iter()
        .map(|sample| {
            classes
                .binary_search(&sample.class)
                .expect("filtered by class above")
        })
        .collect();
    let speakers: std::collections::BTreeSet<_> =
        samples.iter().filter_map(|s| s.speaker).collect();
    let speakers = if speakers.len() < 3 {
        0
    } else {
        speakers.len()
    };
    let each = (0..FEATURES.len()).map(|feature| (FEATURES[feature], vec![feature]));
    let all = std::iter::once(("all", (0..FEATURES.len()).collect()));
    each.chain(all)
        .map(|(name, features): (&str, Vec<usize>)| {
            let task = Task {
                samples: &samples,
                truth: &truth,
                group: &group,
                groups,
                classes: classes.len(),
            };
            let (uar, interval) = task.score(&features);
            Leak {
                from: name.into(),
                uar,
                interval,
                chance: 1.0 / classes.len() as f64,
                classes: classes.len(),
                recordings: samples.len(),
                speakers,
            }
        })
        .collect()
}

/// The speaker of each recording as a number; the recording's own where fewer than three are known.
fn groups(samples: &[&Sample<'_>]) -> Vec<usize> {
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    for speaker in samples.iter().filter_map(|sample| sample.speaker) {
        let next = numbers.len();
        numbers.entry(speaker).or_insert(next);
    }
    if numbers.len() < 3 || samples.iter().any(|sample| sample.speaker.is_none()) {
        return (0..samples.len()).collect();
    }
    samples
        .iter()
        .filter_map(|sample| numbers.get(sample.speaker?).copied())
        .collect()
}

struct Task<'a> {
    samples: &'a [&'a Sample<'a>],
    truth: &'a [usize],
    group: &'a [usize],
    groups: usize,
    classes: usize,
}

impl Task<'_> {
    fn score(&self, features: &[usize]) -> (f64, (f64, f64)) {
        let folds = self.groups.min(FOLDS);
        // Right answers and recordings, by group and class.
        let mut tally = vec![vec![(0.0, 0.0); self.classes]; self.groups];
        for fold in 0..folds {
            let model = Model::fit(self, features, |group| group % folds != fold);
            for (i, sample) in self.samples.iter().enumerate() {
                if self.group[i] % folds == fold {
                    let cell = &mut tally[self.group[i]][self.truth[i]];
                    cell.0 += model.share_right(&sample.values, self.truth[i]);
                    cell.1 += 1.0;
                }
            }
        }
        let all: Vec<usize> = (0..self.groups).collect();
        let uar = recall(&tally, &all, self.classes);
        let mut random = Random::new(1);
        let mut draws: Vec<f64> = (0..DRAWS)
            .map(|_| {
                let drawn: Vec<usize> = all.iter().map(|_| random.below(self.groups)).collect();
                recall(&tally, &drawn, self.classes)
            })
            .collect();
        draws.sort_by(f64::total_cmp);
        (uar, (draws[DRAWS / 40], draws[DRAWS - 1 - DRAWS / 40]))
    }
}

/// Mean recall over the classes that occur among `groups`.
fn recall(tally: &[Vec<(f64, f64)>], groups: &[usize], classes: usize) -> f64 {
    let (mut sum, mut present) = (0.0, 0.0);
    let totals = (0..classes).map(|class| {
        groups.iter().fold((0.0, 0.0), |(right, count), &group| {
            let cell: (f64, f64) = tally[group][class];
            (right + cell.0, count + cell.1)
        })
    });
    for (right, count) in totals {
        if count > 0.0 {
            sum += right / count;
            present += 1.0;
        }
    }
    if present > 0.0 { sum / present } else { 0.0 }
}

struct Model {
    features: Vec<usize>,
    /// Of each feature, the upper edges of all bins but the last.
    edges: Vec<Vec<f64>>,
    /// Log share of each bin, by feature and class.
    shares: Vec<Vec<Vec<f64>>>,
}

impl Model {
    fn fit(task: &Task<'_>, features: &[usize], trains: impl Fn(usize) -> bool) -> Model {
        let training: Vec<usize> = (0..task.samples.len())
            .filter(|&i| trains(task.group[i]))
            .collect();
        let mut model = Model {
            features: features.to_vec(),
            edges: Vec::new(),
            shares: Vec::new(),
        };
        for &feature in features {
            let mut values: Vec<f64> = training
                .iter()
                .map(|&i| task.samples[i].values[feature])
                .collect();
            values.sort_by(f64::total_cmp);
            let at = |bin: usize| {
                values
                    .get(values.len() * bin / BINS)
                    .copied()
                    .unwrap_or(0.0)
            };
            let mut edges: Vec<f64> = (1..BINS).map(at).collect();
            edges.dedup();
            let bins = edges.len() + 1;
            let mut counts = vec![vec![1.0; bins]; task.classes];
            for &i in &training {
                counts[task.truth[i]][bin(&edges, task.samples[i].values[feature])] += 1.0;
            }
            for row in &mut counts {
                let total: f64 = row.iter().sum();
                row.iter_mut()
                    .for_each(|count| *count = (*count / total).ln());
            }
            // A class's pseudo-counts must not tell a value that all classes share.
            if bins == 2 && values.first() == values.last() {
                counts.iter_mut().for_each(|row| row.fill(0.0));
            }
            model.edges.push(edges);
            model.shares.push(counts);
        }
        model
    }

    /// 1 if the class is predicted, a share of it if several tie, else 0.
    fn share_right(&self, values: &[f64], class: usize) -> f64 {
        let classes = self.shares[0].len();
        let score = |class: usize| -> f64 {
            let feature = |(k, &feature): (usize, &usize)| {
                self.shares[k][class][bin(&self.edges[k], values[feature])]
            };
            self.features.iter().enumerate().map(feature).sum()
        };
        let scores: Vec<f64> = (0..classes).map(score).collect();
        let best = scores.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let ties = scores
            .iter()
            .filter(|&&score| score >= best - 1e-12)
            .count();
        if scores[class] >= best - 1e-12 {
            1.0 / ties as f64
        } else {
            0.0
        }
    }
}

/// The bin of a value: how many edges lie at or below it.
fn bin(edges: &[f64], value: f64) -> usize {
    edges.partition_point(|&edge| edge <= value)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 12 speakers, 10 recordings of each of two classes; `rate` of each class.
    fn corpus(rate: impl Fn(usize, &mut Random) -> f64) -> Vec<Sample<'static>> {
        const SPEAKERS: [&str; 12] = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "k", "l"];
        let mut random = Random::new(3);
        let mut samples = Vec::new();
        for speaker in SPEAKERS {
            for i in 0..20 {
                let class = i % 2;
                let values = [
                    random.uniform(),
                    random.uniform(),
                    rate(class, &mut random),
                    8000.0,
                ];
                samples.push(Sample {
                    speaker: Some(speaker),
                    class: ["angry", "sad"][class],
                    values,
                });
            }
        }
        samples
    }

    #[test]
    fn a_rate_that_is_the_label_is_found() {
        let samples = corpus(|class, _| [16_000.0, 48_000.0][class]);
        let leaks = leaks(&samples);
        let rate = &leaks[2];
        assert_eq!(
            (rate.from.as_str(), rate.uar, rate.chance, rate.speakers),
            ("rate", 1.0, 0.5, 12)
        );
        assert_eq!(rate.interval, (1.0, 1.0));
    }

    #[test]
    fn what_is_the_same_for_all_gives_chance_exactly() {
        let leaks = leaks(&corpus(|_, _| 16_000.0));
        assert_eq!((leaks[2].uar, leaks[3].uar), (0.5, 0.5));
    }

    #[test]
    fn noise_is_not_taken_for_a_leak() {
        let leaks = leaks(&corpus(|_, random| random.uniform()));
        for leak in &leaks {
            assert!(
                leak.interval.0 <= 0.5 && leak.interval.1 >= 0.45,
                "{leak:?}"
            );
        }
    }

    #[test]
    fn one_class_is_nothing_to_predict() {
        let mut samples = corpus(|_, _| 1.0);
        samples.retain(|sample| sample.class == "sad");
        assert!(leaks(&samples).is_empty());
    }
}
