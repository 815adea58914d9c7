//! Experiments over all seeds: mean scores with intervals over seeds and speakers, and how far seeds differ.
//!
//! Weights, noise and folds begin with the seed, so one seed's score is one draw of several. The mean over seeds is the score to quote; its
//! standard deviation over seeds says what another seed would have given.

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use super::gather::Gathered;
use super::resample::{Part, Resamples, Series, Sums};
use super::result::{Experiment, OverSeeds, SetScores, Spread, TurnOverSeeds};
use super::rotation;
use super::score::corpus_of;
use super::study::Study;
use ser_models::score::interval::{Method, Score};
use ser_models::score::metric::Confusion;
use ser_parallel::for_each_in_order;

/// An experiment of all seeds.
pub struct Group<'a> {
    /// One per seed, in the plan's order.
    pub seeds: Vec<&'a Experiment>,
    /// Statistics of each set.
    pub sets: Vec<OfSet>,
}

/// Statistics of a set, with their resamples.
pub struct OfSet {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// Unweighted average recall.
    pub uar: Series,
    /// Accuracy.
    pub accuracy: Series,
    /// Macro F1.
    pub macro_f1: Series,
    /// Recall of each class.
    pub recall: Vec<Series>,
}

/// Experiments that differ in their seed alone, in the order of the first seed's.
pub fn groups<'a>(
    study: &Study,
    experiments: &'a [Experiment],
    resamples: &Resamples,
    threads: usize,
) -> Vec<Group<'a>> {
    let mut groups: Vec<Vec<&Experiment>> = Vec::new();
    for experiment in experiments {
        let alike = |group: &&mut Vec<&Experiment>| {
            let first = group[0];
            first.kind == experiment.kind
                && first.classes == experiment.classes
                && first.model == experiment.model
                && first.normalisation == experiment.normalisation
        };
        match groups.iter_mut().find(alike) {
            Some(group) => group.push(experiment),
            None => groups.push(vec![experiment]),
        }
    }
    let jobs: Vec<(usize, &str)> = groups
        .iter()
        .enumerate()
        .flat_map(|(group, seeds)| seeds[0].scores.iter().map(move |s| (group, s.set.as_str())))
        .collect();
    let mut with_sets: Vec<Group<'a>> = groups
        .iter()
        .map(|seeds| Group {
            seeds: seeds.clone(),
            sets: Vec::new(),
        })
        .collect();
    let work = |(): &mut (), job: usize| {
        let (group, set) = jobs[job];
        of_set(study, &groups[group], set, resamples)
    };
    let _ = for_each_in_order(
        jobs.len(),
        threads,
        || (),
        work,
        |job, found| {
            with_sets[jobs[job].0].sets.push(found);
            ControlFlow::Continue(())
        },
    );
    with_sets
}

fn of_set(study: &Study, seeds: &[&Experiment], set: &str, resamples: &Resamples) -> OfSet {
    let corpus = corpus_of(study, set);
    let classes = seeds[0].classes.len();
    let names = study.units.of_corpus(corpus).map(|units| &units.names);
    let sums: Vec<Sums> = seeds
        .iter()
        .map(|experiment| {
            let scores = experiment.scores_of(set).into_iter();
            scores
                .flat_map(|scores| &scores.by_speaker)
                .filter_map(|counts| {
                    let unit = names?.binary_search(&counts.speaker).ok()?;
                    let cells = counts.confusion.rows().flatten();
                    Some((unit, cells.map(|&count| count as f64).collect()))
                })
                .collect()
        })
        .collect();
    let part = Part {
        corpus,
        per_seed: sums.iter().collect(),
    };
    let mut series = resamples
        .series(&[part], 3 + classes, |cells, found| {
            scores(classes, cells, found)
        })
        .into_iter();
    let mut next = || {
        series
            .next()
            .unwrap_or_else(|| unreachable!("as many series as outputs were asked for"))
    };
    OfSet {
        set: set.into(),
        uar: next(),
        accuracy: next(),
        macro_f1: next(),
        recall: (0..classes).map(|_| next()).collect(),
    }
}

/// UAR, accuracy, macro F1 and the recall of each class, of weighted counts: those of [`Confusion`].
fn scores(classes: usize, cells: &[f64], found: &mut [f64]) {
    if cells.len() < classes * classes {
        return;
    }
    let row = |class: usize| {
        cells[class * classes..(class + 1) * classes]
            .iter()
            .sum::<f64>()
    };
    let column = |class: usize| {
        (0..classes)
            .map(|t| cells[t * classes + class])
            .sum::<f64>()
    };
    let hits = |class: usize| cells[class * classes + class];
    let (mut recalls, mut there) = (0.0, 0.0);
    let (mut f1, mut occurring) = (0.0, 0.0);
    let (mut right, mut all) = (0.0, 0.0);
    for class in 0..classes {
        let (of_class, taken_for) = (row(class), column(class));
        if of_class > 0.0 {
            found[3 + class] = hits(class) / of_class;
            recalls += hits(class) / of_class;
            there += 1.0;
        }
        if of_class + taken_for > 0.0 {
            f1 += 2.0 * hits(class) / (of_class + taken_for);
            occurring += 1.0;
        }
        right += hits(class);
        all += of_class;
    }
    found[0] = recalls / there;
    found[1] = right / all;
    found[2] = f1 / occurring;
}

/// The result's account of groups of several seeds, turns included.
pub fn over_seeds(
    study: &Study,
    groups: &[Group<'_>],
    gathered: &[Gathered],
    resamples: &Resamples,
) -> Vec<OverSeeds> {
    let several = groups.iter().filter(|group| group.seeds.len() > 1);
    let of_group = |group: &Group<'_>| {
        let first = group.seeds[0];
        OverSeeds {
            name: first.name.clone(),
            kind: first.kind,
            classes: first.classes.clone(),
            model: first.model.clone(),
            normalisation: first.normalisation.clone(),
            seeds: group
                .seeds
                .iter()
                .map(|experiment| experiment.seed)
                .collect(),
            scores: group.sets.iter().map(|set| mean_of(group, set)).collect(),
            rotation: match first.kind == study.plan.protocols[0]
                && first.classes == study.plan.classes
                && first.normalisation == study.plan.normalisations[0].name()
            {
                true => turns(study, &first.model, gathered, resamples),
                false => Vec::new(),
            },
        }
    };
    several.map(of_group).collect()
}

fn mean_of(group: &Group<'_>, set: &OfSet) -> SetScores {
    let of_seeds: Vec<&SetScores> = group
        .seeds
        .iter()
        .filter_map(|experiment| experiment.scores_of(&set.set))
        .collect();
    let first = of_seeds[0];
    let method = match first.uar.method {
        Method::BootstrapOverRecordings => Method::BootstrapOverRecordingsAndSeeds,
        Method::BootstrapOverSpeakers => Method::BootstrapOverSpeakersAndSeeds,
        other => other,
    };
    let score = |series: &Series| Score {
        value: if series.observed.is_finite() {
            series.observed
        } else {
            0.0
        },
        interval: series.interval(),
        method,
        units: series.units,
    };
    let mut confusion = Confusion::new(first.confusion.classes());
    of_seeds
        .iter()
        .for_each(|scores| confusion += &scores.confusion);
    let singles: Vec<f64> = of_seeds
        .iter()
        .filter_map(|scores| Some(scores.single.as_ref()?.value))
        .collect();
    let single = (!singles.is_empty()).then(|| {
        let mean = singles.iter().sum::<f64>() / singles.len() as f64;
        Score::bare(mean, singles.len())
    });
    let extreme = |of: fn(f64, f64) -> f64| set.uar.seeds.iter().copied().fold(f64::NAN, of);
    SetScores {
        set: set.set.clone(),
        uar: score(&set.uar),
        accuracy: score(&set.accuracy),
        macro_f1: score(&set.macro_f1),
        single,
        recall: set.recall.iter().map(score).collect(),
        confusion,
        recordings: first.recordings,
        speakers: first.speakers,
        chance: first.chance,
        bars: None,
        over_seeds: Some(Spread {
            seeds: of_seeds.len(),
            uar: set.uar.over_seeds().unwrap_or(0.0),
            accuracy: set.accuracy.over_seeds().unwrap_or(0.0),
            lowest: extreme(f64::min),
            highest: extreme(f64::max),
        }),
        by_speaker: Vec::new(),
    }
}

/// How the class means of each set other than the training rows are turned and how much of them no turn explains, for one representation:
/// set, magnitude of the angle in degrees, share that remains, whether mirrored.
pub fn turned(
    model: &str,
    gathered: &[Gathered],
    resamples: &Resamples,
) -> BTreeMap<String, [Series; 3]> {
    let gathered_of_model: Vec<&Gathered> = gathered.iter().filter(|g| g.model == model).collect();
    let Some(first) = gathered_of_model.first() else {
        return BTreeMap::new();
    };
    let part = |set: &str| -> Option<Part<'_>> {
        let per_seed: Option<Vec<_>> = gathered_of_model
            .iter()
            .map(|g| g.sets.iter().find(|s| s.set == set))
            .collect();
        let per_seed = per_seed?;
        Some(Part {
            corpus: &per_seed.first()?.corpus,
            per_seed: per_seed.iter().map(|set| &set.means).collect(),
        })
    };
    let mut turned = BTreeMap::new();
    for set in first.sets.iter().filter(|set| set.set != "train") {
        let (Some(from), Some(to)) = (part("train"), part(&set.set)) else {
            continue;
        };
        let of = |sums: &[f64], found: &mut [f64]| {
            let means = |sums: &[f64]| -> Vec<Option<[f64; 2]>> {
                sums.chunks_exact(3)
                    .map(|c| (c[0] > 0.0).then(|| [c[1] / c[0], c[2] / c[0]]))
                    .collect()
            };
            let (from, to) = sums.split_at(sums.len() / 2);
            if let Ok(turn) = rotation::of_means(&means(from), &means(to)) {
                found[0] = turn.angle_deg.abs();
                found[1] = turn.residual;
                found[2] = turn.reflection.map_or(f64::NAN, |r| f64::from(u8::from(r)));
            }
        };
        if let Ok(series) = resamples.series(&[from, to], 3, of).try_into() {
            turned.insert(set.set.clone(), series);
        }
    }
    turned
}

fn turns(
    study: &Study,
    model: &str,
    gathered: &[Gathered],
    resamples: &Resamples,
) -> Vec<TurnOverSeeds> {
    let turned = turned(model, gathered, resamples);
    let turn = |corpus: &String| {
        let [angle, residual, mirrored] = turned.get(corpus)?;
        let interval = angle.interval();
        angle.observed.is_finite().then(|| TurnOverSeeds {
            corpus: corpus.clone(),
            angle_deg: angle.observed,
            sd_deg: angle.over_seeds(),
            interval_deg: interval.map(|interval| (interval.low, interval.high)),
            mirrored: mirrored.seeds.iter().filter(|m| **m > 0.5).count(),
            seeds: angle.seeds.iter().filter(|a| a.is_finite()).count(),
            residual: residual.observed,
        })
    };
    study.plan.transfer.iter().filter_map(turn).collect()
}

#[test]
fn scores_of_weighted_counts_are_those_of_the_confusion_matrix() {
    let rows = [[5, 1, 0], [2, 3, 1], [0, 0, 0]];
    let mut confusion = Confusion::new(3);
    let mut cells = Vec::new();
    for (truth, row) in rows.iter().enumerate() {
        for (predicted, &count) in row.iter().enumerate() {
            confusion.add(truth, predicted, count);
            cells.push(count as f64);
        }
    }
    let mut found = [f64::NAN; 6];
    scores(3, &cells, &mut found);
    let expected = [confusion.uar(), confusion.accuracy(), confusion.macro_f1()];
    for (found, expected) in found.iter().zip(expected) {
        assert!((found - expected.unwrap()).abs() < 1e-15);
    }
    assert_eq!(found[3..5], [5.0 / 6.0, 0.5]);
    assert!(found[5].is_nan());
}
