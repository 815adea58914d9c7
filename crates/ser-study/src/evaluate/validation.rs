//! A recipe validated on all its training rows: each is predicted once, by a model that has not heard its speaker.
//!
//! Folds of whole speakers over all corpora together; where a speaker is unknown, stratified folds of recordings, which the result says. Scores are of all
//! predictions together with a bootstrap over speakers, also by corpus and by gender.

use super::choice::{Choice, choose};
use super::design::seed_of;
use super::fold::Fold;
use super::held_out::HeldOut;
use super::plan::Plan;
use ser_models::model::training::class_of;
use ser_models::model::{Error, Recipe, Training};
use ser_models::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser_models::score::split::{Protocol, split};
use ser_models::score::subset_score::SubsetScore;
use ser_parallel::try_map_in_order;
use ser_tables::labelled::{Labelled, LabelledRow};
use std::collections::BTreeSet;

/// What held-out rows were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Validation {
    /// How rows were held out, in words.
    pub protocol: String,
    /// Whether speakers may stand on both sides.
    pub mixes_speakers: bool,
    /// The rows, in order.
    pub rows: Vec<usize>,
    /// Their classes.
    pub truth: Vec<usize>,
    /// The classes that they were given.
    pub predicted: Vec<usize>,
    /// Probabilities, where the recipe learns them.
    pub probabilities: Option<Vec<Vec<f64>>>,
    /// Each fold's test rows on every ground that an answer about them can have.
    pub held: Vec<HeldOut>,
    /// The settings that each fold chose, where the plan has candidates.
    pub choices: Vec<Choice>,
}

/// Most folds.
const FOLDS: usize = 10;

/// Validates a recipe, of whose settings each fold chooses its own where the plan has candidates; `done` is told each finished fold.
///
/// # Errors
/// Fewer than two speakers, fewer rows of a class than folds, and those of fitting.
pub fn validate(
    training: &Training<'_>,
    (plan, recipe): (&Plan, &Recipe),
    seed: u64,
    threads: usize,
    done: &(dyn Fn(usize, usize) + Sync),
) -> Result<Validation, Error> {
    let (table, rows, labels) = (training.table(), training.rows(), training.labels());
    let speakers = training
        .speakers()
        .map(|numbers| numbers.into_iter().collect::<BTreeSet<_>>().len());
    let (protocol, folds) = match speakers {
        Some(speakers) => (Protocol::SpeakerIndependent, speakers.min(FOLDS)),
        None => (Protocol::Paper, FOLDS),
    };
    let folds = split(protocol, &table.rows, rows, &labels, folds, seed)?;
    let work = |number: usize| {
        let fold = Fold::of(table, training.classes(), rows, &folds[number])?;
        let (learnt, seed) = (fold.training()?, seed_of(seed, number));
        let chosen = choose(plan, recipe, &learnt, seed)?;
        let recipe = chosen.applied(recipe);
        let pipeline = recipe.fit(&learnt, seed, &mut |_| {})?;
        let latents = pipeline.embed(table, fold.test());
        let told = fold
            .test()
            .iter()
            .zip(latents.outer_iter())
            .map(|(&row, latent)| {
                let probabilities = pipeline.classifier.probabilities(&latent.to_vec());
                (row, pipeline.predict(latent), probabilities)
            });
        let told: Vec<_> = told.collect();
        let held = HeldOut::of(&pipeline, table, learnt.rows(), fold.test());
        done(number, folds.len());
        Ok::<_, Error>((told, (held, chosen)))
    };
    let told = try_map_in_order(folds.len(), threads, work)?;
    let (told, held): (Vec<_>, Vec<(HeldOut, Choice)>) = told.into_iter().unzip();
    let (held, choices) = held.into_iter().unzip();
    let mut found: Vec<_> = told.into_iter().flatten().collect();
    found.sort_by_key(|(row, _, _)| *row);
    let truth = found
        .iter()
        .filter_map(|(row, _, _)| class_of(table, *row, training.classes()))
        .collect();
    Ok(Validation {
        protocol: match speakers {
            Some(_) => protocol.name(folds.len()),
            None => format!(
                "stratified {}-fold; speakers are unknown and may stand on both sides",
                folds.len()
            ),
        },
        mixes_speakers: speakers.is_none(),
        rows: found.iter().map(|(row, _, _)| *row).collect(),
        truth,
        predicted: found.iter().map(|(_, class, _)| *class).collect(),
        probabilities: found
            .into_iter()
            .map(|(_, _, probabilities)| probabilities)
            .collect(),
        held,
        choices,
    })
}

/// Whether there is enough of each class to learn probabilities: recordings, and speakers where they are known, for five folds.
pub fn probabilities_for(training: &Training<'_>) -> bool {
    const FOLDS: usize = 5;
    let labels = training.labels();
    let units = training
        .speakers()
        .unwrap_or_else(|| (0..labels.len()).collect());
    (0..training.classes().len()).all(|class| {
        let of_class = units
            .iter()
            .zip(&labels)
            .filter(|(_, label)| **label == class);
        of_class
            .map(|(unit, _)| unit)
            .collect::<BTreeSet<_>>()
            .len()
            >= FOLDS
    })
}

impl Validation {
    /// Scores of the rows that `of` says yes to.
    pub fn score(
        &self,
        part: &str,
        table: &Labelled,
        classes: usize,
        of: impl Fn(&LabelledRow) -> bool,
    ) -> Option<SubsetScore> {
        let inside: Vec<usize> = (0..self.rows.len())
            .filter(|&at| of(&table.rows[self.rows[at]]))
            .collect();
        let pick = |list: &[usize]| -> Vec<usize> { inside.iter().map(|&at| list[at]).collect() };
        let names: Vec<Option<(&str, &str)>> = inside
            .iter()
            .map(|&at| {
                let row = &table.rows[self.rows[at]];
                row.speaker
                    .as_deref()
                    .map(|speaker| (row.corpus.as_str(), speaker))
            })
            .collect();
        let known: BTreeSet<(&str, &str)> = names.iter().flatten().copied().collect();
        let known: Vec<(&str, &str)> = known.into_iter().collect();
        let numbers: Option<Vec<usize>> = names
            .iter()
            .map(|name| name.map(|name| known.partition_point(|other| *other < name)))
            .collect();
        let (truth, predicted) = (pick(&self.truth), pick(&self.predicted));
        let resampled = Bootstrap::new(
            Predictions {
                classes,
                truth: &truth,
                predicted: &predicted,
                speakers: numbers.as_deref(),
            },
            Resampling::default(),
        );
        let speakers = if numbers.is_some() { known.len() } else { 0 };
        SubsetScore::of(part, &resampled, speakers)
    }

    /// Scores of everything, of each corpus and of each gender.
    pub fn parts(&self, table: &Labelled, classes: usize) -> Vec<SubsetScore> {
        let of = |name: &dyn Fn(&LabelledRow) -> Option<String>| -> BTreeSet<String> {
            self.rows
                .iter()
                .filter_map(|&row| name(&table.rows[row]))
                .collect()
        };
        let corpora = of(&|row| Some(row.corpus.clone()));
        let genders = of(&|row| row.gender.clone());
        let mut parts = Vec::new();
        parts.extend(self.score("all", table, classes, |_| true));
        if corpora.len() > 1 {
            for corpus in &corpora {
                parts.extend(self.score(corpus, table, classes, |row| row.corpus == *corpus));
            }
        }
        for gender in &genders {
            let named = match gender.as_str() {
                "f" => "female speakers",
                "m" => "male speakers",
                other => other,
            };
            parts.extend(self.score(named, table, classes, |row| {
                row.gender.as_ref() == Some(gender)
            }));
        }
        parts
    }
}
