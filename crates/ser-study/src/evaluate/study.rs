//! A plan meets a table: which corpora, which rows, which outliers.
//!
//! What a plan asks for and a table cannot give (a corpus, a class) is an error before anything is fitted.

use std::collections::{BTreeMap, BTreeSet};

use super::contradiction::{contradictions, told};
use super::plan::{OutlierRule, Plan};
use super::result::{ClassCount, CorpusSummary, Role};
use super::units::Units;
use ser_models::model::Error;
use ser_models::model::training::class_of;
use ser_models::score::split::Protocol;
use ser_tables::labelled::{Labelled, LabelledRow};
use ser_tables::{RowOf, Statistics, outliers};

/// The rows of a plan.
#[derive(Clone, Debug)]
pub struct Study {
    /// The rows of the corpora and classes, without what was removed before splitting.
    pub table: Labelled,
    /// The plan with its corpora by name.
    pub plan: Plan,
    /// The corpora, the one to train on first.
    pub corpora: Vec<CorpusSummary>,
    /// The language of each corpus that has one in the table.
    pub languages: BTreeMap<String, String>,
    /// What is drawn together when scores are resampled.
    pub units: Units,
    /// What a reader should know.
    pub warnings: Vec<String>,
}

impl Study {
    /// Takes from the table what the plan asks for.
    ///
    /// # Errors
    /// A corpus or class that the table does not have, with those it has.
    pub fn new(table: &Labelled, plan: &Plan) -> Result<Study, Error> {
        plan.check()?;
        let plan = named(table, plan)?;
        let names: Vec<String> = std::iter::once(plan.train.clone())
            .chain(plan.transfer.iter().cloned())
            .collect();
        let chosen = |_, row: &LabelledRow| {
            let labelled = row
                .label
                .as_ref()
                .is_some_and(|label| plan.classes.contains(label));
            labelled && names.contains(&row.corpus)
        };
        let rows = table.filtered(chosen);
        let kept = if plan.outliers == OutlierRule::Corpus {
            ordinary(&rows, plan.outlier_limit)
        } else {
            rows.clone()
        };
        let corpora: Vec<CorpusSummary> = names
            .iter()
            .enumerate()
            .map(|(number, name)| {
                summary(
                    name,
                    if number == 0 {
                        Role::Train
                    } else {
                        Role::Transfer
                    },
                    &rows,
                    &kept,
                    &plan.classes,
                )
            })
            .collect();
        for corpus in &corpora {
            if let Some(class) = corpus.per_class.iter().find(|class| class.rows == 0) {
                let text = format!(
                    "corpus {}: no recording of class {:?} to work with",
                    corpus.name, class.class
                );
                if corpus.role == Role::Train {
                    return Err(Error::Parameter(format!(
                        "{text}; its labels are {}",
                        labels(table, &corpus.name)
                    )));
                }
            }
        }
        let mut warnings = warnings(&plan, &corpora);
        let all: Vec<usize> = (0..kept.rows.len()).collect();
        warnings.extend(told(&kept, &contradictions(&kept, &all)));
        let language = |row: &LabelledRow| {
            row.language
                .clone()
                .map(|language| (row.corpus.clone(), language))
        };
        let languages = kept.rows.iter().filter_map(language).collect();
        Ok(Study {
            units: Units::of(&kept.rows),
            table: kept,
            plan,
            corpora,
            languages,
            warnings,
        })
    }

    /// The rows of a corpus that have one of the classes.
    pub fn rows_of(&self, corpus: &str, classes: &[String]) -> Vec<usize> {
        let of = |row: &usize| {
            self.table.rows[*row].corpus == corpus && class_of(&self.table, *row, classes).is_some()
        };
        (0..self.table.rows.len()).filter(of).collect()
    }

    /// The folds of a protocol that rows allow: those of the plan, but no more than there are speakers, or recordings of the rarest class where
    /// recordings are dealt. At least two, so that a split of too few says what it lacks.
    pub fn folds(&self, protocol: Protocol, rows: &[usize], labels: &[usize]) -> usize {
        let asked = self.plan.folds;
        let most = match protocol {
            Protocol::Paper => {
                let mut counts: BTreeMap<usize, usize> = BTreeMap::new();
                labels
                    .iter()
                    .for_each(|&class| *counts.entry(class).or_default() += 1);
                counts.into_values().min().unwrap_or(0)
            }
            Protocol::SpeakerIndependent => {
                let name = |&row: &usize| self.table.rows[row].speaker.as_deref();
                rows.iter().map(name).collect::<BTreeSet<_>>().len()
            }
            Protocol::LeaveOneSpeakerOut | Protocol::Session | Protocol::Partition => asked,
        };
        if asked < 2 {
            asked
        } else {
            asked.min(most.max(2))
        }
    }

    /// The classes of rows that have one.
    pub fn labels_of(&self, rows: &[usize], classes: &[String]) -> Vec<usize> {
        rows.iter()
            .filter_map(|&row| class_of(&self.table, row, classes))
            .collect()
    }
}

/// The plan with its corpora by name.
fn named(table: &Labelled, plan: &Plan) -> Result<Plan, Error> {
    let known: BTreeSet<&str> = table.rows.iter().map(|row| row.corpus.as_str()).collect();
    let list = || known.iter().copied().collect::<Vec<_>>().join(", ");
    let mut plan = plan.clone();
    if plan.train.is_empty() {
        if known.len() != 1 {
            return Err(Error::ManyCorpora(list()));
        }
        plan.train = list();
    }
    if plan.transfer == ["*"] {
        let others = known.iter().filter(|name| **name != plan.train);
        plan.transfer = others.map(|name| (*name).to_string()).collect();
    }
    for name in std::iter::once(&plan.train).chain(&plan.transfer) {
        if !known.contains(name.as_str()) {
            return Err(Error::Parameter(format!(
                "corpus {name:?} is not in the table; there are {}",
                list()
            )));
        }
    }
    if plan.transfer.contains(&plan.train) {
        return Err(Error::Parameter(format!(
            "{:?} is both the training and a transfer corpus",
            plan.train
        )));
    }
    Ok(plan)
}

/// The rows that are no outliers, each corpus by its own statistics.
fn ordinary(table: &Labelled, limit: f64) -> Labelled {
    let rows: Vec<&[f32]> = (0..table.rows.len())
        .map(|row| table.features(row))
        .collect();
    let owner = |row| {
        let row: &LabelledRow = row;
        RowOf {
            corpus: &row.corpus,
            speaker: row.speaker.as_deref(),
            class: row.label.as_deref(),
            training: true,
        }
    };
    let owners: Vec<RowOf<'_>> = table.rows.iter().map(owner).collect();
    let found = outliers(
        table.columns.len(),
        &rows,
        &owners,
        Statistics::Corpus,
        limit,
    );
    let out: BTreeSet<usize> = found.rows.iter().map(|outlier| outlier.row).collect();
    table.filtered(|number, _| !out.contains(&number))
}

fn summary(
    name: &str,
    role: Role,
    all: &Labelled,
    kept: &Labelled,
    classes: &[String],
) -> CorpusSummary {
    let count = |table: &Labelled, class: &str| {
        let of = |row: &&LabelledRow| row.corpus == name && row.label.as_deref() == Some(class);
        table.rows.iter().filter(of).count()
    };
    let per_class: Vec<ClassCount> = classes
        .iter()
        .map(|class| ClassCount {
            class: class.clone(),
            rows: count(kept, class),
            removed: count(all, class) - count(kept, class),
        })
        .collect();
    let speakers: BTreeSet<&str> = kept
        .rows
        .iter()
        .filter(|row| row.corpus == name)
        .filter_map(|row| row.speaker.as_deref())
        .collect();
    CorpusSummary {
        name: name.into(),
        role,
        rows: per_class.iter().map(|class| class.rows).sum(),
        removed: per_class.iter().map(|class| class.removed).sum(),
        speakers: speakers.len(),
        per_class,
    }
}

/// The labels of a corpus, in words.
fn labels(table: &Labelled, corpus: &str) -> String {
    let of = table.rows.iter().filter(|row| row.corpus == corpus);
    let labels: BTreeSet<&str> = of.filter_map(|row| row.label.as_deref()).collect();
    if labels.is_empty() {
        return "missing".into();
    }
    labels.into_iter().collect::<Vec<_>>().join(", ")
}

fn warnings(plan: &Plan, corpora: &[CorpusSummary]) -> Vec<String> {
    let mut warnings = Vec::new();
    if let Some(mixing) = plan
        .protocols
        .iter()
        .find(|protocol| protocol.mixes_speakers())
    {
        warnings.push(format!(
            "{}: the same speakers are in training and validation, so its validation scores show how well known speakers are recognised, not new ones",
            mixing.name(plan.folds)
        ));
    }
    if plan.outliers == OutlierRule::Corpus {
        warnings.push("outliers were removed once, using statistics that include the test recordings (as in the paper); outliers = \"train\" removes them fold by fold".into());
    }
    for corpus in corpora {
        if corpus.speakers == 0 {
            warnings.push(format!(
                "{}: speakers are unknown, so its intervals are over recordings, which makes them too narrow",
                corpus.name
            ));
        }
        for class in corpus.per_class.iter().filter(|class| class.rows == 0) {
            warnings.push(format!(
                "{}: no recordings of class {:?}; its average recall is over the other classes",
                corpus.name, class.class
            ));
        }
    }
    warnings
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table() -> Labelled {
        let row = |i: usize| LabelledRow {
            file: format!("{i}.wav"),
            corpus: if i < 300 { "x".into() } else { "y".into() },
            label: Some(["neutral", "sad", "happy", "angry", "bored"][i % 5].into()),
            ..LabelledRow::default()
        };
        let mut values: Vec<f32> = (0..400).map(|i| (i % 7) as f32).collect();
        values[200] = 1e6;
        Labelled {
            identity: None,
            columns: vec!["F0".into()],
            rows: (0..400).map(row).collect(),
            values,
        }
    }

    fn plan(train: &str) -> Plan {
        Plan {
            train: train.into(),
            transfer: vec!["*".into()],
            outliers: OutlierRule::Corpus,
            ..Plan::default()
        }
    }

    #[test]
    fn rows_of_other_classes_and_outliers_stay_outside_and_are_counted() {
        let study = Study::new(&table(), &plan("x")).unwrap();
        assert_eq!(study.plan.transfer, ["y"]);
        assert_eq!(study.table.rows.len(), 319);
        assert_eq!((study.corpora[0].rows, study.corpora[0].removed), (239, 1));
        assert_eq!(
            study.corpora[0].per_class[0],
            ClassCount {
                class: "neutral".into(),
                rows: 59,
                removed: 1
            }
        );
        assert!(study.table.rows.iter().all(|row| row.file != "200.wav"));
        assert!(
            study
                .warnings
                .iter()
                .any(|warning| warning.contains("speakers are unknown"))
        );
    }

    #[test]
    fn what_the_table_does_not_have_is_named_with_what_it_has() {
        let message = |plan: &Plan| Study::new(&table(), plan).unwrap_err().to_string();
        assert!(message(&plan("z")).contains("\"z\" is not in the table; there are x, y"));
        assert!(message(&plan("")).ends_with("which to train on: x, y"));
        let classes = ["sad", "afraid"].map(String::from).to_vec();
        assert!(
            message(&Plan {
                classes,
                ..plan("x")
            })
            .contains("no recording of class \"afraid\"")
        );
    }
}
