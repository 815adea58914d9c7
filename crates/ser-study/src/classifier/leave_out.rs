//! Leave one corpus out: what a recipe is worth on a corpus that nobody has heard.
//!
//! ```text
//! for each corpus q:   train on all others, test on q               every system, the same rows
//!                      and within q: folds of whole speakers
//! mean over corpora and gains with intervals: speakers of each corpus resampled, 2000 times
//! ```
//!
//! Systems: the plain recipe of the field (88 features of the files as they are, standardised by the training rows, a linear support vector
//! classifier with balanced classes, by either solver) and the recipe of this module, one recording at a time and each test corpus as a batch (its
//! own statistics, never its labels).

mod render;

use std::ops::ControlFlow;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

use super::validation::train;
use ser_models::classify::classifier::{Judgement, top};
use ser_models::classify::material::{Chosen, Material};
use ser_models::classify::recipe::Recipe;
use ser_models::model::Error;
use ser_models::model::svc::{ClassWeights, Parameters, Solver};
use ser_models::score::abstention::{Point, abstention};
use ser_models::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser_models::score::calibration::{Binning, Calibration, calibration};
use ser_models::score::interval::{Interval, Method, Score};
use ser_models::score::metric::Confusion;
use ser_models::score::split::{Protocol, split};
use ser_parallel::for_each_in_order;
use ser_tables::Scaler;
use ser_tables::statistic::quantile;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// Plain features, one machine per pair of classes, C = 1.
    PlainSmo,
    /// Plain features, one machine per class, C = 0.05.
    PlainLiblinear,
    /// This module's recipe, one recording at a time.
    Robust,
    /// This module's recipe, the test corpus as a batch.
    RobustBatch,
}

impl System {
    /// All, in the order of tables.
    pub const ALL: [System; 4] = [
        System::PlainSmo,
        System::PlainLiblinear,
        System::Robust,
        System::RobustBatch,
    ];

    /// Its name in tables.
    pub fn name(self) -> &'static str {
        match self {
            System::PlainSmo => "plain, SVC C = 1 (smo)",
            System::PlainLiblinear => "plain, SVC C = 0.05 (liblinear)",
            System::Robust => "robust, single recordings",
            System::RobustBatch => "robust, whole batch",
        }
    }
}

/// A system's score on a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The system.
    pub system: System,
    /// The corpus tested on; none for the mean of all.
    pub corpus: Option<String>,
    /// Whether it was trained on other corpora, or on other speakers of the same one.
    pub left_out: bool,
    /// Unweighted average recall.
    pub uar: Score,
    /// Recall of each class.
    pub recall: Vec<Option<f64>>,
    /// Counts, true × predicted.
    pub confusion: Option<Confusion>,
}

/// How much better a system is than another on corpora left out, on average.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gain {
    /// The system.
    pub system: System,
    /// That it is compared with.
    pub over: System,
    /// The difference of the means.
    pub score: Score,
}

/// What a whole model, with temperature, limits and threshold of the other corpora, says of a corpus that it has not heard.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unheard {
    /// The corpus.
    pub corpus: String,
    /// Calibration of the probabilities there.
    pub calibration: Calibration,
    /// Score of the rest by the share of the least certain that is not answered.
    pub curve: Vec<Point>,
    /// Recordings that are called unlike what was learnt from.
    pub outside: usize,
    /// How many for each reason; a recording may have several.
    pub reasons: Vec<(String, usize)>,
    /// Recordings of the corpora learnt from that are.
    pub known_outside: usize,
    /// Of so many.
    pub known: usize,
}

/// A corpus of the comparison.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tested {
    /// Its name.
    pub corpus: String,
    /// Recordings.
    pub recordings: usize,
    /// Speakers.
    pub speakers: usize,
}

/// A comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LeaveOut {
    /// "ser-leave-out/1".
    pub schema: String,
    /// The version of ser.
    pub ser: String,
    /// The recipe.
    pub recipe: Recipe,
    /// Where random numbers began.
    pub seed: u64,
    /// The classes.
    pub classes: Vec<String>,
    /// The corpora.
    pub corpora: Vec<Tested>,
    /// Scores.
    pub entries: Vec<Entry>,
    /// Gains of the means.
    pub gains: Vec<Gain>,
    /// How far the recipe knows what it does not know.
    pub unheard: Vec<Unheard>,
}

/// A test: which rows are learnt from, which are predicted.
struct Unit {
    system: System,
    corpus: usize,
    left_out: bool,
    learnt: Chosen,
    tested: Chosen,
}

/// Compares; `done` is told each finished fit of `units`, which it is told first.
///
/// # Errors
/// Fewer than two corpora, and those of fitting.
pub fn leave_out(
    recipe: &Recipe,
    material: &Material,
    classes: &[String],
    seed: u64,
    threads: usize,
    done: &(dyn Fn(usize) + Sync),
) -> Result<LeaveOut, Error> {
    let corpora = material.corpora();
    if corpora.len() < 2 {
        return Err(Error::TooFew {
            what: "corpora, to leave one out".into(),
            needed: 2,
            found: corpora.len(),
        });
    }
    let all = material.chosen(&corpora, classes);
    let units = units(recipe, material, &all, corpora.len(), seed)?;
    let mut predicted: Vec<Vec<usize>> = Vec::new();
    let mut failed = None;
    let work = |(): &mut (), at: usize| {
        let found = predict(&units[at], recipe, material);
        done(units.len());
        found
    };
    let _ = for_each_in_order(
        units.len(),
        threads,
        || (),
        work,
        |_, found| match found {
            Ok(found) => {
                predicted.push(found);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        },
    );
    if let Some(error) = failed {
        return Err(error);
    }
    let mut entries = Vec::new();
    let mut gains = Vec::new();
    for left_out in [true, false] {
        let bootstraps: Vec<Vec<Bootstrap>> = System::ALL
            .iter()
            .map(|&system| {
                (0..corpora.len())
                    .map(|corpus| {
                        bootstrap(
                            &units,
                            &predicted,
                            material,
                            system,
                            corpus,
                            left_out,
                            classes.len(),
                        )
                    })
                    .collect()
            })
            .collect();
        for (system, of) in System::ALL.into_iter().zip(&bootstraps) {
            for (corpus, bootstrap) in corpora.iter().zip(of) {
                entries.extend(bootstrap.score(Confusion::uar).map(|uar| {
                    Entry {
                        system,
                        corpus: Some(corpus.clone()),
                        left_out,
                        uar,
                        recall: (0..classes.len())
                            .map(|class| bootstrap.confusion().recall(class))
                            .collect(),
                        confusion: Some(bootstrap.confusion().clone()),
                    }
                }));
            }
            let uar = mean(
                &of.iter()
                    .map(|bootstrap| (bootstrap, None))
                    .collect::<Vec<_>>(),
            );
            entries.push(Entry {
                system,
                corpus: None,
                left_out,
                uar,
                recall: Vec::new(),
                confusion: None,
            });
        }
        if left_out {
            for (system, over) in [(2, 0), (2, 1), (3, 0), (3, 1), (3, 2)] {
                let pairs: Vec<_> = bootstraps[system]
                    .iter()
                    .zip(&bootstraps[over])
                    .map(|(a, b)| (a, Some(b)))
                    .collect();
                gains.push(Gain {
                    system: System::ALL[system],
                    over: System::ALL[over],
                    score: mean(&pairs),
                });
            }
        }
    }
    let tested = |(number, corpus): (usize, &String)| {
        let rows: Vec<usize> = all
            .rows
            .iter()
            .zip(&all.corpora)
            .filter(|(_, of)| **of == number)
            .map(|(row, _)| *row)
            .collect();
        let mut speakers: Vec<&Option<String>> = rows
            .iter()
            .map(|&row| &material.rows[row].speaker)
            .collect();
        speakers.sort_unstable();
        speakers.dedup();
        Tested {
            corpus: corpus.clone(),
            recordings: rows.len(),
            speakers: speakers.len(),
        }
    };
    Ok(LeaveOut {
        schema: "ser-leave-out/1".into(),
        ser: env!("CARGO_PKG_VERSION").into(),
        recipe: recipe.clone(),
        seed,
        classes: classes.to_vec(),
        corpora: corpora.iter().enumerate().map(tested).collect(),
        entries,
        gains,
        unheard: (0..corpora.len())
            .map(|corpus| unheard(recipe, material, &corpora, corpus, classes, seed, threads))
            .collect::<Result<_, Error>>()?,
    })
}

/// A whole model of the other corpora on one of them.
fn unheard(
    recipe: &Recipe,
    material: &Material,
    corpora: &[String],
    out: usize,
    classes: &[String],
    seed: u64,
    threads: usize,
) -> Result<Unheard, Error> {
    let others: Vec<String> = corpora
        .iter()
        .enumerate()
        .filter(|(number, _)| *number != out)
        .map(|(_, name)| name.clone())
        .collect();
    let (classifier, _) = train(recipe, material, &others, classes, seed, threads, &|| ())?;
    let tested = material.chosen(&corpora[out..=out], classes);
    let judgements: Vec<Judgement> = tested
        .rows
        .iter()
        .map(|&row| classifier.judge(&material.clean[row]))
        .collect();
    let known = material.chosen(&others, classes);
    let beyond = |row: &&usize| !classifier.judge(&material.clean[**row]).outside.is_empty();
    let predicted: Vec<usize> = judgements
        .iter()
        .map(|judgement| top(&judgement.probabilities))
        .collect();
    let confidence: Vec<f64> = judgements
        .iter()
        .map(|judgement| judgement.confidence)
        .collect();
    let flat: Vec<f64> = judgements
        .iter()
        .flat_map(|judgement| judgement.probabilities.iter().copied())
        .collect();
    let wrong = |_| Error::Shape {
        what: "probabilities",
        expected: classes.len(),
        found: 0,
    };
    let table = Array2::from_shape_vec((judgements.len(), classes.len()), flat).map_err(wrong)?;
    let mut reasons: Vec<(String, usize)> = Vec::new();
    for reason in judgements.iter().flat_map(|judgement| &judgement.outside) {
        match reasons.iter_mut().find(|(name, _)| name == reason.name()) {
            Some((_, count)) => *count += 1,
            None => reasons.push((reason.name().into(), 1)),
        }
    }
    reasons.sort();
    Ok(Unheard {
        corpus: corpora[out].clone(),
        calibration: calibration(table.view(), &tested.labels, Binning::EqualWidth(10))
            .ok_or(Error::Empty)?,
        curve: abstention(classes.len(), &tested.labels, &predicted, &confidence, 10),
        outside: judgements
            .iter()
            .filter(|judgement| !judgement.outside.is_empty())
            .count(),
        reasons,
        known_outside: known.rows.iter().filter(beyond).count(),
        known: known.rows.len(),
    })
}

/// All tests: each system on each corpus left out, and on each fold within it.
fn units(
    recipe: &Recipe,
    material: &Material,
    all: &Chosen,
    corpora: usize,
    seed: u64,
) -> Result<Vec<Unit>, Error> {
    let mut units = Vec::new();
    for corpus in 0..corpora {
        let of = |row: usize| {
            all.rows
                .binary_search(&row)
                .is_ok_and(|at| all.corpora[at] == corpus)
        };
        let inside = all.kept(of);
        let mut names: Vec<&Option<String>> = inside
            .rows
            .iter()
            .map(|&row| &material.rows[row].speaker)
            .collect();
        names.sort_unstable();
        names.dedup();
        let folds = recipe.folds.min(names.len());
        let tests = split(
            Protocol::SpeakerIndependent,
            &material.rows,
            &inside.rows,
            &inside.labels,
            folds,
            seed,
        )?;
        for system in System::ALL {
            units.push(Unit {
                system,
                corpus,
                left_out: true,
                learnt: all.kept(|row| !of(row)),
                tested: inside.clone(),
            });
            for test in &tests {
                units.push(Unit {
                    system,
                    corpus,
                    left_out: false,
                    learnt: inside.kept(|row| test.binary_search(&row).is_err()),
                    tested: inside.kept(|row| test.binary_search(&row).is_ok()),
                });
            }
        }
    }
    Ok(units)
}

/// The classes that a system gives the tested rows.
fn predict(unit: &Unit, recipe: &Recipe, material: &Material) -> Result<Vec<usize>, Error> {
    match unit.system {
        System::PlainSmo => plain(unit, material, Solver::Smo, 1.0),
        System::PlainLiblinear => plain(unit, material, Solver::Liblinear, 0.05),
        System::Robust | System::RobustBatch => {
            // Corpora are numbered anew: the one left out has no rows to learn from.
            let heads = recipe.fit(material, unit.learnt.view())?;
            let z: Vec<Vec<f64>> = unit
                .tested
                .rows
                .iter()
                .map(|&row| heads.clipped(&heads.standardised(&material.clean[row].features)))
                .collect();
            let batch =
                (unit.system == System::RobustBatch).then(|| heads.batch(&z, recipe.batch_half));
            Ok(z.iter()
                .map(|z| top(&heads.scores(z, batch.as_ref())))
                .collect())
        }
    }
}

/// The plain recipe.
fn plain(unit: &Unit, material: &Material, solver: Solver, c: f64) -> Result<Vec<usize>, Error> {
    let parameters = Parameters {
        solver,
        c,
        weights: ClassWeights::Balanced,
        probability: None,
        ..Parameters::default()
    };
    let width = material.columns.len();
    let scaler = Scaler::fit(
        width,
        unit.learnt
            .rows
            .iter()
            .map(|&row| material.plain[row].as_slice()),
    );
    let rows: Vec<f64> = unit
        .learnt
        .rows
        .iter()
        .flat_map(|&row| scaler.transform(&material.plain[row]))
        .collect();
    let wrong = |_| Error::Shape {
        what: "columns",
        expected: width,
        found: 0,
    };
    let x = Array2::from_shape_vec((unit.learnt.rows.len(), width), rows).map_err(wrong)?;
    let svc = parameters
        .check()?
        .fit(x.view(), &unit.learnt.labels, unit.learnt.classes, None)?;
    let predict =
        |&row: &usize| svc.predict(&scaler.transform(&material.plain[row]).collect::<Vec<f64>>());
    Ok(unit.tested.rows.iter().map(predict).collect())
}

/// All predictions of a system on a corpus, resampled by speaker. Draws are the same for all systems and others for each corpus.
fn bootstrap(
    units: &[Unit],
    predicted: &[Vec<usize>],
    material: &Material,
    system: System,
    corpus: usize,
    left_out: bool,
    classes: usize,
) -> Bootstrap {
    let mut rows: Vec<(usize, usize, usize)> = Vec::new();
    for (unit, predicted) in units.iter().zip(predicted).filter(|(unit, _)| {
        unit.system == system && unit.corpus == corpus && unit.left_out == left_out
    }) {
        rows.extend(
            unit.tested
                .rows
                .iter()
                .zip(&unit.tested.labels)
                .zip(predicted)
                .map(|((row, truth), predicted)| (*row, *truth, *predicted)),
        );
    }
    rows.sort_unstable();
    let names: Vec<&Option<String>> = rows
        .iter()
        .map(|(row, ..)| &material.rows[*row].speaker)
        .collect();
    let mut known = names.clone();
    known.sort_unstable();
    known.dedup();
    let speakers: Vec<usize> = names
        .iter()
        .map(|name| known.partition_point(|other| other < name))
        .collect();
    let truth: Vec<usize> = rows.iter().map(|(_, truth, _)| *truth).collect();
    let predicted: Vec<usize> = rows.iter().map(|(.., predicted)| *predicted).collect();
    let test = Predictions {
        classes,
        truth: &truth,
        predicted: &predicted,
        speakers: Some(&speakers),
    };
    Bootstrap::new(
        test,
        Resampling {
            seed: corpus as u64,
            ..Resampling::default()
        },
    )
}

/// The mean UAR over tests, or the mean of its difference to another system.
fn mean(tests: &[(&Bootstrap, Option<&Bootstrap>)]) -> Score {
    let uar = |bootstrap: &Bootstrap| bootstrap.confusion().uar().unwrap_or(0.0);
    let n = tests.len().max(1) as f64;
    let value = tests
        .iter()
        .map(|(one, other)| uar(one) - other.map_or(0.0, uar))
        .sum::<f64>()
        / n;
    let draws: Vec<(Vec<f64>, Option<Vec<f64>>)> = tests
        .iter()
        .map(|(one, other)| {
            (
                one.resampled(Confusion::uar),
                other.map(|other| other.resampled(Confusion::uar)),
            )
        })
        .collect();
    let least = draws
        .iter()
        .map(|(one, other)| {
            other
                .as_ref()
                .map_or(one.len(), |other| one.len().min(other.len()))
        })
        .min()
        .unwrap_or(0);
    let mut means: Vec<f64> = (0..least)
        .map(|draw| {
            draws
                .iter()
                .map(|(one, other)| one[draw] - other.as_ref().map_or(0.0, |other| other[draw]))
                .sum::<f64>()
                / n
        })
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    let interval = (least > 1).then(|| Interval {
        low: quantile(&means, 0.025),
        high: quantile(&means, 0.975),
    });
    Score {
        value,
        interval,
        method: if interval.is_some() {
            Method::BootstrapOverSpeakers
        } else {
            Method::NotAsked
        },
        units: tests.len(),
    }
}
