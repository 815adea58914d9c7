//! Leave one corpus out: what a recipe is worth on a corpus that its model was not trained on.
//!
//! ```text
//! for each corpus q:   the whole of training on all others (temperatures, limits and thresholds too), test on q
//! on every ground that an answer may rest on, in every band of the recipe, and of own recordings also each emotion of a speaker by itself
//! mean over corpora with interval: speakers of each corpus resampled, 2000 times
//! ```
//!
//! For comparison the plain recipe of the field: 88 features of the files as they are, standardised by the training rows, a linear support vector
//! classifier with balanced classes, by either solver; and the models of Das et al. (2021), which are plain but for their two latents.

mod nested;
mod plain;
mod render;
mod teach;

use std::ops::ControlFlow;

use ndarray::Array2;
use serde::{Deserialize, Serialize};

pub use nested::{ChosenSettings, chosen_without};
use nested::{GROUNDS, nested};
use plain::{common, own, paper, plain};

use super::grounds::{ORDINARY, Tested as TestedRow, by_speaker, drawn};
use super::validation::Run;
use ser_models::classify::Answer;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::{Classifier, Judgement};
use ser_models::classify::front_end::Prepared;
use ser_models::classify::recipe::ClassifierRecipe;
use ser_models::classify::relative::FEWEST;
use ser_models::classify::training_data::{Chosen, TrainingData};
use ser_models::classify::voice::{CLIPS, Ground};
use ser_models::model::svc::Solver;
use ser_models::model::{Error, Representation};
use ser_models::score::bootstrap::{Bootstrap, Predictions, Resampling};
use ser_models::score::calibration::{Binning, calibration};
use ser_models::score::interval::{Interval, Method, Score};
use ser_models::score::metric::Confusion;
use ser_parallel::for_each_in_order;
use ser_tables::statistic::quantile;

/// What is compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum System {
    /// Plain features, one machine per pair of classes, C = 1.
    PlainSmo,
    /// Plain features, one machine per class, C = 0.05.
    PlainLiblinear,
    /// The same, every corpus by its own mean and deviation: what a batch is compared with.
    PlainOwn,
    /// Plain features, or two numbers of them, as `ser train --model` makes models by default.
    Paper {
        /// What becomes of the features.
        representation: Representation,
    },
    /// The recipe's model on a ground.
    Ground {
        /// The ground.
        basis: Basis,
        /// The band's number in the recipe.
        band: usize,
    },
    /// The recipe with settings chosen without the corpus tested on, of the first band.
    Nested {
        /// The ground.
        basis: Basis,
    },
    /// Own recordings of one emotion only, each class of a speaker by itself, of the first band.
    OneEmotion,
}

impl System {
    /// All of a recipe, in the order of tables.
    fn all(recipe: &ClassifierRecipe) -> Vec<System> {
        let grounds = (0..recipe.bands.len()).flat_map(|band| {
            Basis::ALL
                .into_iter()
                .map(move |basis| System::Ground { basis, band })
        });
        let paper = Representation::ALL.map(|representation| System::Paper { representation });
        [System::PlainSmo, System::PlainLiblinear, System::PlainOwn]
            .into_iter()
            .chain(paper)
            .chain(grounds)
            .chain(GROUNDS.map(|basis| System::Nested { basis }))
            .chain([System::OneEmotion])
            .collect()
    }
}

/// A system on a corpus left out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// The system.
    pub system: System,
    /// Its name in tables.
    pub name: String,
    /// The corpus tested on; none for the mean of all.
    pub corpus: Option<String>,
    /// Unweighted average recall, every recording answered.
    pub uar: Score,
    /// Recall of each class.
    pub recall: Vec<Option<f64>>,
    /// Counts, true × predicted.
    pub confusion: Option<Confusion>,
    /// Of a model with limits and probabilities: what else its answers are worth.
    pub answers: Option<Answers>,
}

/// How far answers on a corpus left out can be trusted.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Answers {
    /// Recordings tested.
    pub recordings: usize,
    /// Expected calibration error of the probabilities.
    pub expected_error: f64,
    /// Mean probability less accuracy.
    pub overconfidence: f64,
    /// Share of recordings that are answered.
    pub answered: f64,
    /// Unweighted average recall of those.
    pub uar_of_answered: Option<f64>,
    /// Accuracy of all, answered or not.
    pub accuracy: f64,
    /// Accuracy of those answered.
    pub accuracy_of_answered: Option<f64>,
    /// Share of recordings that are called unlike the training recordings.
    pub outside: f64,
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
    /// "ser-leave-out/3".
    pub schema: String,
    /// The version of ser.
    pub ser: String,
    /// The recipe.
    pub recipe: ClassifierRecipe,
    /// Where random numbers began.
    pub seed: u64,
    /// The classes.
    pub classes: Vec<String>,
    /// The corpora.
    pub corpora: Vec<Tested>,
    /// The settings that were chosen without each corpus, for the systems that are nested.
    #[serde(default)]
    pub chosen: Vec<ChosenSettings>,
    /// Scores, system by system: each corpus, then their mean.
    pub entries: Vec<Entry>,
}

/// Predictions of a system on a corpus.
#[derive(Clone)]
struct Predicted {
    rows: Vec<usize>,
    truth: Vec<usize>,
    predicted: Vec<usize>,
    answers: Option<Answers>,
}

/// Compares; `done` is called after each model of a corpus left out.
///
/// # Errors
/// Fewer than two corpora, and those of fitting.
pub fn leave_out(run: Run<'_>, done: &(dyn Fn() + Sync)) -> Result<LeaveOut, Error> {
    let Run {
        recipe,
        training_data,
        classes,
        ..
    } = run;
    let corpora = training_data.corpora();
    if corpora.len() < 2 {
        return Err(Error::TooFew {
            what: "corpora, to leave one out".into(),
            needed: 2,
            found: corpora.len(),
        });
    }
    let systems = System::all(recipe);
    let all = training_data.chosen(&corpora, classes);
    let mut found: Vec<Vec<Predicted>> = Vec::new();
    let mut chosen = Vec::new();
    for out in 0..corpora.len() {
        let (predicted, settings) = left_out(run, &corpora, &all, out, &systems)?;
        found.push(predicted);
        chosen.push(settings);
        done();
    }
    let mut entries = Vec::new();
    for (at, &system) in systems.iter().enumerate() {
        let name = name(recipe, system);
        let tests: Vec<Bootstrap> = (0..corpora.len())
            .map(|corpus| bootstrap(&found[corpus][at], training_data, corpus, classes.len()))
            .collect();
        for ((corpus, test), found) in corpora.iter().zip(&tests).zip(&found) {
            entries.extend(test.score(Confusion::uar).map(|uar| {
                Entry {
                    system,
                    name: name.clone(),
                    corpus: Some(corpus.clone()),
                    uar,
                    recall: (0..classes.len())
                        .map(|class| test.confusion().recall(class))
                        .collect(),
                    confusion: Some(test.confusion().clone()),
                    answers: found[at].answers,
                }
            }));
        }
        entries.push(Entry {
            system,
            name,
            corpus: None,
            uar: mean(&tests),
            recall: Vec::new(),
            confusion: None,
            answers: None,
        });
    }
    let tested = |(number, corpus): (usize, &String)| {
        let of = of_corpus(&all, number);
        let mut speakers: Vec<&Option<String>> = of
            .rows
            .iter()
            .map(|&row| &training_data.rows[row].speaker)
            .collect();
        speakers.sort_unstable();
        speakers.dedup();
        Tested {
            corpus: corpus.clone(),
            recordings: of.rows.len(),
            speakers: speakers.len(),
        }
    };
    Ok(LeaveOut {
        schema: "ser-leave-out/3".into(),
        ser: env!("CARGO_PKG_VERSION").into(),
        recipe: recipe.clone(),
        seed: run.seed,
        classes: classes.to_vec(),
        corpora: corpora.iter().enumerate().map(tested).collect(),
        chosen,
        entries,
    })
}

/// The name of a system in tables.
fn name(recipe: &ClassifierRecipe, system: System) -> String {
    match system {
        System::PlainSmo => "plain, SVC C = 1 (smo)".into(),
        System::PlainLiblinear => "plain, SVC C = 0.05 (liblinear)".into(),
        System::PlainOwn => "plain, SVC C = 0.05 (liblinear), statistics of a batch".into(),
        System::Paper { representation } => {
            format!("plain, as `ser train --model {}`", representation.name())
        }
        System::Ground { basis, band } => match recipe.bands[band].tested() {
            Some(_) => format!("telephone: {}", basis.heading()),
            None => basis.heading().into(),
        },
        System::Nested { basis } => {
            format!("settings chosen without the corpus: {}", basis.heading())
        }
        System::OneEmotion => "the speaker's recordings of one emotion, unlabelled".into(),
    }
}

/// The rows of a corpus.
fn of_corpus(all: &Chosen, corpus: usize) -> Chosen {
    all.kept(|row| {
        all.rows
            .binary_search(&row)
            .is_ok_and(|at| all.corpora[at] == corpus)
    })
}

/// Every system trained on all corpora but one, and tested on that.
fn left_out(
    run: Run<'_>,
    corpora: &[String],
    all: &Chosen,
    out: usize,
    systems: &[System],
) -> Result<(Vec<Predicted>, ChosenSettings), Error> {
    let tested = of_corpus(all, out);
    let learnt = all.kept(|row| tested.rows.binary_search(&row).is_err());
    let others: Vec<String> = corpora
        .iter()
        .enumerate()
        .filter(|(number, _)| *number != out)
        .map(|(_, name)| name.clone())
        .collect();
    let classifier = run.train(&others, &|| ())?;
    let (chosen, of_chosen) = nested(run, &corpora[out], &tested)?;
    let mut found = Vec::new();
    let mut failed = None;
    let work = |(): &mut (), at: usize| match systems[at] {
        System::PlainSmo => {
            let scalers = common(run.training_data, &learnt);
            plain(
                run.training_data,
                &learnt,
                &tested,
                &scalers,
                (Solver::Smo, 1.0),
            )
        }
        System::PlainLiblinear | System::PlainOwn => {
            let scalers = match systems[at] {
                System::PlainOwn => own(run.training_data, &learnt, &tested),
                _ => common(run.training_data, &learnt),
            };
            plain(
                run.training_data,
                &learnt,
                &tested,
                &scalers,
                (Solver::Liblinear, 0.05),
            )
        }
        System::Paper { representation } => paper(run, &learnt, &tested, representation),
        System::Ground { basis, band } => Ok(judged(run, &classifier, &tested, band, basis, false)),
        System::Nested { basis } => {
            let at = GROUNDS.iter().position(|known| *known == basis);
            Ok(of_chosen[at.unwrap_or(0)].clone())
        }
        System::OneEmotion => Ok(judged(
            run,
            &classifier,
            &tested,
            0,
            Basis::OwnRecordings,
            true,
        )),
    };
    let _ = for_each_in_order(
        systems.len(),
        run.threads,
        || (),
        work,
        |_, one| match one {
            Ok(one) => {
                found.push(one);
                ControlFlow::Continue(())
            }
            Err(error) => {
                failed = Some(error);
                ControlFlow::Break(())
            }
        },
    );
    failed.map_or(Ok((found, chosen)), Err)
}

/// A whole model's answers about a corpus that it was not trained on.
fn judged(
    run: Run<'_>,
    classifier: &Classifier,
    tested: &Chosen,
    band: usize,
    basis: Basis,
    one_emotion: bool,
) -> Predicted {
    let prepared: Vec<Prepared> = tested
        .rows
        .iter()
        .map(|&row| run.training_data.tested(run.recipe, band, row))
        .collect();
    let places: Vec<TestedRow> = tested
        .rows
        .iter()
        .zip(&tested.labels)
        .map(|(&row, &truth)| TestedRow {
            row,
            truth,
            corpus: tested.corpora[0],
            x: Vec::new(),
        })
        .collect();
    let ordinary = run.classes.iter().position(|class| class == ORDINARY);
    // Recordings that are judged on one ground.
    let mut groups: Vec<(Vec<usize>, Ground)> = Vec::new();
    let of =
        |members: &[usize]| -> Vec<&Prepared> { members.iter().map(|&at| &prepared[at]).collect() };
    match basis {
        Basis::Alone => groups.push(((0..prepared.len()).collect(), Ground::Alone)),
        Basis::Batch => {
            let every: Vec<usize> = (0..prepared.len()).collect();
            let ground = classifier.batch(&of(&every));
            groups.push((every, ground));
        }
        Basis::OwnRecordings => {
            for members in by_speaker(&places, &run.training_data.rows).into_values() {
                let parts: Vec<Vec<usize>> = match one_emotion {
                    false => vec![members],
                    true => (0..run.classes.len())
                        .map(|class| {
                            members
                                .iter()
                                .copied()
                                .filter(|&at| places[at].truth == class)
                                .collect()
                        })
                        .filter(|part: &Vec<usize>| part.len() >= FEWEST)
                        .collect(),
                };
                for part in parts {
                    let ground = classifier.own(&of(&part));
                    groups.push((part, ground));
                }
            }
        }
        Basis::CalmClip | Basis::CalmClips => {
            let count = if basis == Basis::CalmClip { 1 } else { CLIPS };
            for ((corpus, speaker), members) in by_speaker(&places, &run.training_data.rows) {
                let name = format!("{corpus}/{}", speaker.unwrap_or_default());
                let Some(calm) = drawn(&members, &places, ordinary, count, (&name, run.seed))
                else {
                    continue;
                };
                let recordings: Vec<Vec<Prepared>> =
                    calm.iter().map(|&at| vec![prepared[at].clone()]).collect();
                let baseline = classifier.baseline(&recordings, String::new());
                if let Ok(ground) = classifier.calm(&baseline) {
                    let left = members
                        .into_iter()
                        .filter(|at| !calm.contains(at))
                        .collect();
                    groups.push((left, ground));
                }
            }
        }
    }
    let mut judgements: Vec<(usize, Judgement)> = groups
        .iter()
        .flat_map(|(members, ground)| {
            members
                .iter()
                .map(|&at| (at, classifier.judge(&prepared[at], ground)))
        })
        .collect();
    judgements.sort_by_key(|(at, _)| *at);
    let truth: Vec<usize> = judgements
        .iter()
        .map(|(at, _)| tested.labels[*at])
        .collect();
    Predicted {
        answers: answers(run.classes.len(), &truth, &Said::of_judgements(&judgements)),
        rows: judgements.iter().map(|(at, _)| tested.rows[*at]).collect(),
        predicted: judgements
            .iter()
            .map(|(_, judgement)| judgement.class)
            .collect(),
        truth,
    }
}

/// What a model said of a recording.
struct Said {
    class: usize,
    probabilities: Vec<f64>,
    answered: bool,
    outside: bool,
}

impl Said {
    fn of_judgements(judgements: &[(usize, Judgement)]) -> Vec<Said> {
        let of = |(_, judgement): &(usize, Judgement)| Said {
            class: judgement.class,
            probabilities: judgement.probabilities.clone(),
            answered: judgement.abstained.is_none(),
            outside: !judgement.outside.is_empty(),
        };
        judgements.iter().map(of).collect()
    }

    fn of_answers(answers: Vec<Answer>) -> Vec<Said> {
        let of = |answer: Answer| Said {
            class: answer.class,
            probabilities: answer.support.unwrap_or_default(),
            answered: answer.abstained.is_none(),
            outside: !answer.outside.is_empty(),
        };
        answers.into_iter().map(of).collect()
    }
}

/// How far they can be trusted; none of a model without probabilities.
fn answers(classes: usize, truth: &[usize], said: &[Said]) -> Option<Answers> {
    let flat: Vec<f64> = said
        .iter()
        .flat_map(|said| said.probabilities.iter().copied())
        .collect();
    let table = Array2::from_shape_vec((said.len(), classes), flat).ok()?;
    let found = calibration(table.view(), truth, Binning::EqualWidth(10))?;
    let answered: Vec<usize> = (0..truth.len()).filter(|&at| said[at].answered).collect();
    let of = |values: &dyn Fn(usize) -> usize| -> Vec<usize> {
        answered.iter().map(|&at| values(at)).collect()
    };
    let confusion = Confusion::count(classes, &of(&|at| truth[at]), &of(&|at| said[at].class));
    let share = |count: usize| count as f64 / truth.len() as f64;
    let predicted: Vec<usize> = said.iter().map(|said| said.class).collect();
    Some(Answers {
        recordings: truth.len(),
        expected_error: found.expected_error,
        overconfidence: found.overconfidence,
        answered: share(answered.len()),
        uar_of_answered: confusion.uar(),
        accuracy: Confusion::count(classes, truth, &predicted)
            .accuracy()
            .unwrap_or(0.0),
        accuracy_of_answered: confusion.accuracy(),
        outside: share(said.iter().filter(|said| said.outside).count()),
    })
}

/// Predictions resampled by speaker. Draws are the same for all systems and others for each corpus.
fn bootstrap(
    found: &Predicted,
    training_data: &TrainingData,
    corpus: usize,
    classes: usize,
) -> Bootstrap {
    let names: Vec<&Option<String>> = found
        .rows
        .iter()
        .map(|&row| &training_data.rows[row].speaker)
        .collect();
    let mut known = names.clone();
    known.sort_unstable();
    known.dedup();
    let speakers: Vec<usize> = names
        .iter()
        .map(|name| known.partition_point(|other| other < name))
        .collect();
    let test = Predictions {
        classes,
        truth: &found.truth,
        predicted: &found.predicted,
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

/// The mean UAR over tests.
fn mean(tests: &[Bootstrap]) -> Score {
    let n = tests.len().max(1) as f64;
    let value = tests
        .iter()
        .map(|test| test.confusion().uar().unwrap_or(0.0))
        .sum::<f64>()
        / n;
    let draws: Vec<Vec<f64>> = tests
        .iter()
        .map(|test| test.resampled(Confusion::uar))
        .collect();
    let least = draws.iter().map(Vec::len).min().unwrap_or(0);
    let mut means: Vec<f64> = (0..least)
        .map(|draw| draws.iter().map(|of| of[draw]).sum::<f64>() / n)
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
