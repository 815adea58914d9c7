//! Whom a model serves worst: scores by gender and by speaker, with intervals.
//!
//! Of the experiments with all classes, of the first seed, with speakers held out where the plan has that. A gender's interval is over its speakers; so
//! is that of the gap between two genders, whose speakers are drawn apart. A speaker's interval is over their recordings, and says how sure that
//! speaker's score is, not what others would have. The worst is named; of many speakers one is always worst, which by itself shows no bias.

use std::collections::BTreeMap;

use super::result::{Experiment, SetScores, SpeakerCounts, SubsetScores};
use super::study::Study;
use ser_models::score::bootstrap::{Bootstrap, Resampling};
use ser_models::score::interval::{Interval, Method, Score};
use ser_models::score::metric::Confusion;
use ser_models::score::subset_score::SubsetScore;
use ser_tables::statistic::quantile;

/// All parts of a study's experiments.
pub fn subset_scores(study: &Study, experiments: &[Experiment]) -> Vec<SubsetScores> {
    let plan = &study.plan;
    let with_all_classes = || {
        let of_first = experiments.iter().filter(|e| e.seed == plan.seeds[0]);
        of_first.filter(|e| e.classes == plan.classes)
    };
    let apart = with_all_classes().find(|e| !e.mixes_speakers);
    let Some(kind) = apart.or(with_all_classes().next()).map(|e| e.kind) else {
        return Vec::new();
    };
    let mut parts = Vec::new();
    for experiment in with_all_classes().filter(|e| e.kind == kind) {
        for scores in experiment
            .scores
            .iter()
            .filter(|s| s.set != "train" && s.speakers > 1)
        {
            let by = Parting {
                study,
                experiment,
                scores,
            };
            parts.extend(by.gender());
            if scores.set == "valid" {
                parts.extend(by.speaker());
            }
        }
    }
    parts
}

/// A set that is parted.
struct Parting<'a> {
    study: &'a Study,
    experiment: &'a Experiment,
    scores: &'a SetScores,
}

impl Parting<'_> {
    fn resampling(&self, stream: u64) -> Resampling {
        Resampling {
            resamples: self.study.plan.resamples,
            seed: self.study.plan.seeds[0] ^ (stream << 40),
        }
    }

    fn gender(&self) -> Option<SubsetScores> {
        let corpus = super::score::corpus_of(self.study, &self.scores.set);
        let gender_of: BTreeMap<&str, &str> = self
            .study
            .table
            .rows
            .iter()
            .filter(|row| row.corpus == corpus)
            .filter_map(|row| Some((row.speaker.as_deref()?, row.gender.as_deref()?)))
            .collect();
        let mut groups: BTreeMap<&str, Vec<&SpeakerCounts>> = BTreeMap::new();
        for counts in &self.scores.by_speaker {
            let gender = gender_of.get(counts.speaker.as_str())?;
            groups.entry(gender).or_default().push(counts);
        }
        if groups.len() < 2 {
            return None;
        }
        let resampled: Vec<(String, Bootstrap, usize)> = groups
            .into_iter()
            .enumerate()
            .map(|(number, (gender, speakers))| {
                let name = match gender {
                    "f" => "female speakers",
                    "m" => "male speakers",
                    other => other,
                };
                let units: Vec<Confusion> = speakers
                    .iter()
                    .map(|counts| counts.confusion.clone())
                    .collect();
                let by = self.resampling(number as u64 + 1);
                let resampled =
                    Bootstrap::of_units(self.experiment.classes.len(), &units, true, by);
                (name.to_string(), resampled, units.len())
            })
            .collect();
        let scored = resampled
            .iter()
            .filter_map(|(name, resampled, speakers)| SubsetScore::of(name, resampled, *speakers));
        let parts = self.of("gender", scored.collect())?;
        let named = |name: &String| resampled.iter().find(|(other, _, _)| other == name);
        let best = parts
            .parts
            .iter()
            .reduce(|a, b| if b.uar.value > a.uar.value { b } else { a });
        let gap = gap(&named(&best?.part)?.1, &named(&parts.worst)?.1);
        Some(SubsetScores { gap, ..parts })
    }

    fn speaker(&self) -> Option<SubsetScores> {
        let of_speaker = |counts: &SpeakerCounts| {
            let classes = counts.confusion.classes();
            // Each recording a unit.
            let mut recordings = Vec::new();
            for (truth, row) in counts.confusion.rows().enumerate() {
                for (predicted, &count) in row.iter().enumerate() {
                    let mut one = Confusion::new(classes);
                    one.add(truth, predicted, 1);
                    recordings.extend(std::iter::repeat_n(one, count as usize));
                }
            }
            let by = self.resampling(0);
            let resampled = Bootstrap::of_units(classes, &recordings, false, by);
            SubsetScore::of(&counts.speaker, &resampled, 1)
        };
        self.of(
            "speaker",
            self.scores
                .by_speaker
                .iter()
                .filter_map(of_speaker)
                .collect(),
        )
    }

    fn of(&self, by: &str, parts: Vec<SubsetScore>) -> Option<SubsetScores> {
        let lower = |a, b| {
            let (x, y): (&SubsetScore, &SubsetScore) = (a, b);
            if y.uar.value < x.uar.value { b } else { a }
        };
        let worst = parts.iter().reduce(lower)?.part.clone();
        Some(SubsetScores {
            experiment: self.experiment.name.clone(),
            model: self.experiment.model.clone(),
            set: self.scores.set.clone(),
            by: by.into(),
            worst,
            gap: None,
            parts,
        })
    }
}

/// Speakers of the smaller group.
fn fewest(best: &Bootstrap, worst: &Bootstrap) -> usize {
    let units = |of: &Bootstrap| of.score(Confusion::uar).map_or(0, |score| score.units);
    units(best).min(units(worst))
}

/// The UAR of one group less that of another, whose speakers are others.
fn gap(best: &Bootstrap, worst: &Bootstrap) -> Option<Score> {
    let value = best.confusion().uar()? - worst.confusion().uar()?;
    let (a, b) = (
        best.resampled(Confusion::uar),
        worst.resampled(Confusion::uar),
    );
    let mut differences: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
    differences.sort_unstable_by(f64::total_cmp);
    let interval = (!differences.is_empty()).then(|| Interval {
        low: quantile(&differences, 0.025),
        high: quantile(&differences, 0.975),
    });
    Some(Score {
        value,
        method: match interval {
            Some(_) => Method::BootstrapOverSpeakers,
            None => Method::OneSpeaker,
        },
        interval,
        units: fewest(best, worst),
    })
}
