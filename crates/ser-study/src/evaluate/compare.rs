//! Two systems on the same recordings: is one better, and by how much?
//!
//! Pairs are of results made under the same protocol with the same classes and tested on the same speakers; their counts by speaker are drawn together
//! (paired bootstrap), with their seeds where both have the same ones. For each pair: the difference with its interval, in standard deviations of one
//! speaker (d), how many speakers each side wins, and a p value corrected for the number of pairs (Holm).

use serde::{Deserialize, Serialize};

use super::claims::verdict::{Comparison, Judged, Unit, holm, judge};
use super::resample::{Part, Resamples, Series, Sums};
use super::result::{Effect, Evaluation, Experiment, Side, SpeakerCounts};
use ser_models::model::Error;
use ser_models::score::metric::Confusion;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Measure {
    /// Unweighted average recall.
    Uar,
    /// Share of recordings predicted correctly.
    Accuracy,
}

impl Measure {
    fn of(self, confusion: &Confusion) -> Option<f64> {
        match self {
            Measure::Uar => confusion.uar(),
            Measure::Accuracy => confusion.accuracy(),
        }
    }
}

/// A pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Compared {
    /// The protocol with its classes.
    pub name: String,
    /// `valid`, or the corpus tested on.
    pub set: String,
    /// The first system.
    pub first: String,
    /// The second.
    pub second: String,
    /// Their scores: means over seeds.
    pub scores: (f64, f64),
    /// The first less the second.
    pub difference: Effect,
    /// Two-sided.
    pub p: f64,
    /// Corrected for the number of pairs.
    pub p_holm: f64,
    /// Speakers with whom the first does better, and with whom the second does.
    pub wins: (usize, usize),
    /// Seeds drawn; 1 where the two have different ones.
    pub seeds: usize,
}

/// All seeds of an experiment.
struct System<'a> {
    name: String,
    seeds: Vec<&'a Experiment>,
}

/// Experiments of a result that differ in the seed alone; `label` stands before the representation's name.
fn systems<'a>(evaluation: &'a Evaluation, label: &str) -> Vec<System<'a>> {
    let mut systems: Vec<System<'a>> = Vec::new();
    for experiment in &evaluation.experiments {
        let same = |system: &&mut System<'_>| {
            let first = system.seeds[0];
            first.name == experiment.name
                && first.model == experiment.model
                && first.normalisation == experiment.normalisation
        };
        match systems.iter_mut().find(same) {
            Some(system) => system.seeds.push(experiment),
            None => systems.push(System {
                name: format!("{label}{}", experiment.model),
                seeds: vec![experiment],
            }),
        }
    }
    let several = systems
        .iter()
        .any(|s| s.seeds[0].normalisation != systems[0].seeds[0].normalisation);
    for system in systems.iter_mut().filter(|_| several) {
        system.name += &format!(", {}", system.seeds[0].normalisation);
    }
    systems
}

/// Every two representations of one result under the same protocol.
///
/// # Errors
/// Where there is nothing to compare.
pub fn within(
    evaluation: &Evaluation,
    measure: Measure,
    resamples: usize,
) -> Result<Vec<Compared>, Error> {
    let systems = systems(evaluation, "");
    let mut pairs = Vec::new();
    for (number, first) in systems.iter().enumerate() {
        for second in &systems[number + 1..] {
            if first.seeds[0].name == second.seeds[0].name {
                pairs.push((first, second));
            }
        }
    }
    compared(&pairs, measure, resamples)
}

/// Each experiment of one result against its like in another: of the same protocol, classes and representation.
///
/// # Errors
/// Where none is like another, or they were tested on different recordings.
pub fn between(
    (first, first_label): (&Evaluation, &str),
    (second, second_label): (&Evaluation, &str),
    measure: Measure,
    resamples: usize,
) -> Result<Vec<Compared>, Error> {
    let (ours, theirs) = (
        systems(first, &format!("{first_label}: ")),
        systems(second, &format!("{second_label}: ")),
    );
    let mut pairs = Vec::new();
    for own in &ours {
        let like = theirs.iter().filter(|other| {
            let (a, b) = (own.seeds[0], other.seeds[0]);
            a.name == b.name && a.classes == b.classes && a.model == b.model
        });
        pairs.extend(like.map(|other| (own, other)));
    }
    compared(&pairs, measure, resamples)
}

fn compared(
    pairs: &[(&System<'_>, &System<'_>)],
    measure: Measure,
    resamples: usize,
) -> Result<Vec<Compared>, Error> {
    let mut found = Vec::new();
    for (first, second) in pairs {
        for scores in &first.seeds[0].scores {
            let set = scores.set.as_str();
            // What was learnt from is no test.
            if set != "train" && second.seeds[0].scores_of(set).is_some() {
                found.extend(pair(first, second, set, measure, resamples)?);
            }
        }
    }
    if found.is_empty() {
        return Err(Error::Parameter(
            "no two experiments have the protocol, the classes and a tested set in common".into(),
        ));
    }
    let p: Vec<f64> = found.iter().map(|pair| pair.p).collect();
    for (pair, p) in found.iter_mut().zip(holm(&p)) {
        pair.p_holm = p;
    }
    Ok(found)
}

fn pair(
    first: &System<'_>,
    second: &System<'_>,
    set: &str,
    measure: Measure,
    resamples: usize,
) -> Result<Option<Compared>, Error> {
    let counts = |system: &System<'_>| -> Vec<Vec<SpeakerCounts>> {
        let of_seeds = system.seeds.iter().filter_map(|e| e.scores_of(set));
        of_seeds.map(|scores| scores.by_speaker.clone()).collect()
    };
    let (mut ours, mut theirs) = (counts(first), counts(second));
    alike(&ours, &theirs).map_err(|why| {
        Error::Parameter(format!(
            "{} and {} on {set} ({}): {why}; paired tests need the same recordings of the same speakers",
            first.name, second.name, first.seeds[0].name
        ))
    })?;
    let seeds = |system: &System<'_>| -> Vec<u64> { system.seeds.iter().map(|e| e.seed).collect() };
    // Other seeds have other folds and weights: their mean is then compared.
    if seeds(first) != seeds(second) {
        (ours, theirs) = (vec![total(&ours)], vec![total(&theirs)]);
    }
    let classes = first.seeds[0].classes.len();
    let sums = |lists: &[Vec<SpeakerCounts>]| -> Vec<Sums> {
        let cells = |(unit, counts): (usize, &SpeakerCounts)| {
            let cells = counts.confusion.rows().flatten();
            (unit, cells.map(|&count| count as f64).collect())
        };
        lists
            .iter()
            .map(|list| list.iter().enumerate().map(cells).collect())
            .collect()
    };
    let (own, other) = (sums(&ours), sums(&theirs));
    let speakers = ours[0].len();
    let drawn = Resamples::for_units(
        [("speakers", speakers)].into_iter(),
        own.len(),
        resamples,
        0,
    );
    let part = |sums| Part {
        corpus: "speakers",
        per_seed: sums,
    };
    let score = |cells: &[f64]| -> f64 {
        let row = |class: usize| &cells[class * classes..(class + 1) * classes];
        match measure {
            Measure::Uar => {
                let recall = |class: usize| row(class)[class] / row(class).iter().sum::<f64>();
                let recalls: Vec<f64> =
                    (0..classes).map(recall).filter(|r| r.is_finite()).collect();
                recalls.iter().sum::<f64>() / recalls.len() as f64
            }
            Measure::Accuracy => {
                let right: f64 = (0..classes).map(|class| row(class)[class]).sum();
                right / cells.iter().sum::<f64>()
            }
        }
    };
    let mut series = drawn
        .series(
            &[part(own.iter().collect()), part(other.iter().collect())],
            3,
            |cells, found| {
                let (a, b) = cells.split_at(cells.len() / 2);
                (found[0], found[1]) = (score(a), score(b));
                found[2] = found[0] - found[1];
            },
        )
        .into_iter();
    let mut next = || -> Option<Series> { series.next() };
    let (Some(a), Some(b), Some(difference)) = (next(), next(), next()) else {
        return Ok(None);
    };
    let comparison = Comparison {
        of: format!("{} − {}", first.name, second.name),
        series: difference,
        side: Side::Above,
        bound: 0.0,
        unit: Unit::Points,
    };
    let Some(judged) = judge(&[comparison]) else {
        return Ok(None);
    };
    Ok(Some(Compared {
        name: first.seeds[0].name.clone(),
        set: set.into(),
        first: first.name.clone(),
        second: second.name.clone(),
        scores: (a.observed, b.observed),
        p: Judged::p(&judged),
        p_holm: 1.0,
        difference: judged.effect,
        wins: wins(&total(&ours), &total(&theirs), measure),
        seeds: own.len(),
    }))
}

/// Why two tests are not of the same recordings.
fn alike(ours: &[Vec<SpeakerCounts>], theirs: &[Vec<SpeakerCounts>]) -> Result<(), String> {
    let tested = |counts: &SpeakerCounts| -> Vec<u64> {
        let confusion = &counts.confusion;
        (0..confusion.classes())
            .map(|class| confusion.of_class(class))
            .collect()
    };
    let (Some(one), Some(other)) = (ours.first(), theirs.first()) else {
        return Err("there are no counts by speaker".into());
    };
    if one.is_empty() {
        return Err("there are no counts by speaker".into());
    }
    for list in ours.iter().chain(theirs) {
        let differs =
            list.len() != one.len() || list.iter().zip(one).any(|(a, b)| a.speaker != b.speaker);
        if differs {
            return Err("they have different speakers".into());
        }
    }
    let uneven = one.iter().zip(other).find(|(a, b)| {
        let (a, b) = (tested(a), tested(b));
        // As often tested as there are folds: in proportion.
        let (all_a, all_b): (u64, u64) = (a.iter().sum(), b.iter().sum());
        a.iter().zip(&b).any(|(a, b)| a * all_b != b * all_a)
    });
    match uneven {
        Some((a, _)) => Err(format!("speaker {} has other recordings", a.speaker)),
        None => Ok(()),
    }
}

/// Counts of all seeds together.
fn total(lists: &[Vec<SpeakerCounts>]) -> Vec<SpeakerCounts> {
    let mut total = lists[0].clone();
    for list in &lists[1..] {
        for (sum, counts) in total.iter_mut().zip(list) {
            sum.confusion += &counts.confusion;
        }
    }
    total
}

fn wins(ours: &[SpeakerCounts], theirs: &[SpeakerCounts], measure: Measure) -> (usize, usize) {
    let scores = ours
        .iter()
        .zip(theirs)
        .filter_map(|(a, b)| Some((measure.of(&a.confusion)?, measure.of(&b.confusion)?)));
    scores.fold((0, 0), |(first, second), (a, b)| {
        (first + usize::from(a > b), second + usize::from(b > a))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn evaluation(skill: impl Fn(usize) -> u64, seed: u64) -> Evaluation {
        let mut evaluation: Evaluation =
            serde_json::from_str(include_str!("../../../../tests/report/small.json")).unwrap();
        evaluation.experiments.truncate(1);
        let experiment = &mut evaluation.experiments[0];
        experiment.seed = seed;
        experiment.scores.retain(|scores| scores.set == "valid");
        experiment.scores[0].by_speaker = (0..12)
            .map(|speaker| {
                let mut confusion = Confusion::new(4);
                for class in 0..4 {
                    confusion.add(class, class, skill(speaker));
                    confusion.add(class, (class + 1) % 4, 10 - skill(speaker));
                }
                SpeakerCounts {
                    speaker: format!("{speaker:02}"),
                    confusion,
                }
            })
            .collect();
        evaluation
    }

    #[test]
    fn one_that_is_better_with_every_speaker_is_better_however_speakers_differ() {
        let (good, poor) = (
            evaluation(|s| 3 + (s % 6) as u64, 1),
            evaluation(|s| 2 + (s % 6) as u64, 1),
        );
        let found = between((&good, "a"), (&poor, "b"), Measure::Uar, 999).unwrap();
        let pair = &found[0];
        assert_eq!(
            (pair.first.as_str(), pair.second.as_str()),
            ("a: raw", "b: raw")
        );
        assert!((pair.difference.value - 0.1).abs() < 1e-12);
        // Two-sided, one of 1000 on either side.
        assert!((pair.p - 0.002).abs() < 1e-12 && pair.p_holm == pair.p);
        assert_eq!(pair.wins, (12, 0));
        // Other seeds are compared by their mean.
        let other = evaluation(|s| 2 + (s % 6) as u64, 9);
        let found = between((&good, "a"), (&other, "b"), Measure::Accuracy, 999).unwrap();
        assert_eq!(found[0].seeds, 1);
    }

    #[test]
    fn one_that_is_better_with_half_of_the_speakers_is_not() {
        let (one, other) = (
            evaluation(|_| 5, 1),
            evaluation(|s| if s % 2 == 0 { 7 } else { 3 }, 1),
        );
        let found = between((&one, "a"), (&other, "b"), Measure::Uar, 999).unwrap();
        assert!(found[0].p > 0.5 && found[0].wins == (6, 6));
    }

    #[test]
    fn other_speakers_or_recordings_are_refused() {
        let one = evaluation(|_| 5, 1);
        let mut other = one.clone();
        other.experiments[0].scores[0].by_speaker[3]
            .confusion
            .add(0, 0, 1);
        let error = between((&one, "a"), (&other, "b"), Measure::Uar, 9).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("speaker 03 has other recordings")
        );
        other.experiments[0].scores[0].by_speaker.pop();
        let error = between((&one, "a"), (&other, "b"), Measure::Uar, 9).unwrap_err();
        assert!(error.to_string().contains("different speakers"));
        assert!(within(&one, Measure::Uar, 9).is_err());
    }
}
