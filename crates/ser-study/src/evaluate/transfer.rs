//! The transfer matrix: a model of each corpus tested on each other one, as it is and aligned without labels.
//!
//! | alignment | what an unseen corpus gets |
//! |---|---|
//! | `none` | the training corpus's mean and standard deviation |
//! | `standardise` | its own mean and standard deviation |
//! | `coral` | standardised, then the training corpus's covariance (Sun, Feng & Saenko 2016) |
//! | `rotation` | standardised; its latent cloud turned so that its axes are the training cloud's; two dimensions only |
//!
//! The same fitted model serves all of them. On the diagonal stands what the corpus does for itself: whole speakers held out, without alignment, so
//! that the cost of going abroad can be read off a row. Its folds are those of the plan, so that it is the number that the corpus has elsewhere;
//! of the training corpus it is the plan's own experiment. Intervals are bootstraps over the speakers tested.

use ndarray::{Array2, ArrayView2};

use super::alignment::Alignment;
use super::design::{recipe, seed_of};
use super::fold::Fold;
use super::plan::AlignmentKind;
use super::result::{Experiment, Prediction, SpeakerCounts, Transfer};
use super::score::{bootstrap, counted};
use super::study::Study;
use super::trial::tested;
use ser_models::model::{Error, Pipeline, Representation, Training};
use ser_models::score::metric::Confusion;
use ser_models::score::split::{Protocol, TestRows, split};
use ser_parallel::try_map_in_order;
use ser_tables::Statistics;

/// λ of CORAL, as Sun, Feng & Saenko have it.
const RIDGE: f64 = 1.0;

/// A model to fit.
#[derive(Clone, Debug)]
pub(super) struct Fit {
    corpus: String,
    pub model: Representation,
    /// The fold of the diagonal; none for the model of the whole corpus.
    fold: Option<usize>,
}

/// The models that the matrix takes, row by row.
pub(super) fn fits(study: &Study) -> Vec<Fit> {
    let mut fits = Vec::new();
    if !study.plan.matrix {
        return fits;
    }
    for corpus in &study.corpora {
        let diagonal = match corpus.speakers {
            0 | 1 => 0,
            _ if own(study, &corpus.name) => 0,
            _ => {
                let rows = study.rows_of(&corpus.name, &study.plan.classes);
                folds(study, &rows).map_or(0, |folds| folds.len())
            }
        };
        for &model in &study.plan.models {
            for fold in (0..diagonal).map(Some).chain([None]) {
                fits.push(Fit {
                    corpus: corpus.name.clone(),
                    model,
                    fold,
                });
            }
        }
    }
    fits
}

/// The protocol of the diagonal: the plan's first that holds speakers out. Sessions are of single corpora; others have their speakers.
fn held_out(study: &Study) -> Protocol {
    let mut protocols = study.plan.protocols.iter().copied();
    protocols
        .find(|protocol| {
            matches!(
                protocol,
                Protocol::SpeakerIndependent | Protocol::LeaveOneSpeakerOut
            )
        })
        .unwrap_or(Protocol::SpeakerIndependent)
}

/// Whether the plan's experiments say what a corpus does for itself.
fn own(study: &Study, corpus: &str) -> bool {
    let plan = &study.plan;
    // Within its corpus a row is standardised by the training rows either way.
    let alike = [Statistics::Train, Statistics::Corpus];
    corpus == plan.train
        && plan.protocols.contains(&held_out(study))
        && plan.normalisations.iter().any(|of| alike.contains(of))
}

/// The folds of the diagonal.
fn folds(study: &Study, rows: &[usize]) -> Result<Vec<TestRows>, Error> {
    let (protocol, plan) = (held_out(study), &study.plan);
    let labels = study.labels_of(rows, &plan.classes);
    let folds = study.folds(protocol, rows, &labels);
    let all = &study.table.rows;
    split(protocol, all, rows, &labels, folds, plan.seeds[0])
}

/// Predictions of a fitted model: where, how aligned, and what of which rows.
struct Outcome {
    test: String,
    alignment: &'static str,
    predictions: Vec<Prediction>,
}

/// The matrix; `done` is told each finished fit.
///
/// # Errors
/// The first model that cannot be fitted, named.
pub(super) fn matrix(
    study: &Study,
    experiments: &[Experiment],
    threads: usize,
    done: &(dyn Fn(Representation, &str) + Sync),
) -> Result<Vec<Transfer>, Error> {
    let fits = fits(study);
    let mut matrix = Vec::new();
    let mut diagonal: Vec<Prediction> = Vec::new();
    let work = |number: usize| {
        let fit = &fits[number];
        let at = format!("transfer from {}, {}", fit.corpus, fit.model.name());
        let outcomes =
            carry_out(study, fit).map_err(|error| Error::Parameter(format!("{at}: {error}")));
        done(fit.model, &at);
        outcomes
    };
    let outcomes = try_map_in_order(fits.len(), threads, work)?;
    for (fit, outcomes) in fits.iter().zip(outcomes) {
        if fit.fold.is_some() {
            diagonal.extend(outcomes.into_iter().flat_map(|outcome| outcome.predictions));
            continue;
        }
        let held_out = Outcome {
            test: fit.corpus.clone(),
            alignment: HELD_OUT,
            predictions: std::mem::take(&mut diagonal),
        };
        if own(study, &fit.corpus) {
            matrix.extend(from_experiment(study, fit, experiments));
        }
        let all = [held_out].into_iter().chain(outcomes);
        matrix.extend(all.filter_map(|outcome| entry(study, fit, outcome)));
    }
    Ok(matrix)
}

/// The alignment's name on the diagonal.
const HELD_OUT: &str = "speakers held out";

/// The score of an outcome; none without predictions.
fn entry(study: &Study, fit: &Fit, outcome: Outcome) -> Option<Transfer> {
    let classes = &study.plan.classes;
    let counts = counted(study, classes, outcome.predictions.iter());
    let units = study.units.of_corpus(&outcome.test)?;
    let resampled = bootstrap(study, &outcome.test, classes.len(), &counts);
    let named = |(unit, confusion): (usize, Confusion)| SpeakerCounts {
        speaker: units.names[unit].clone(),
        confusion,
    };
    Some(Transfer {
        train: fit.corpus.clone(),
        model: fit.model.name().into(),
        alignment: outcome.alignment.into(),
        uar: resampled.score(Confusion::uar)?,
        recordings: outcome.predictions.len(),
        speakers: if units.speakers { counts.len() } else { 0 },
        chance: 1.0 / classes.len() as f64,
        test: outcome.test,
        by_speaker: counts.into_iter().map(named).collect(),
    })
}

/// What the plan's experiment with speakers held out says of the training corpus.
fn from_experiment(study: &Study, fit: &Fit, experiments: &[Experiment]) -> Option<Transfer> {
    let plan = &study.plan;
    let protocol = held_out(study);
    let alike = [Statistics::Train.name(), Statistics::Corpus.name()];
    let experiment = experiments.iter().find(|experiment| {
        experiment.seed == plan.seeds[0]
            && experiment.model == fit.model.name()
            && experiment.classes == plan.classes
            && experiment.kind == protocol
            && alike.contains(&experiment.normalisation.as_str())
    })?;
    let valid = experiment.scores_of("valid")?;
    Some(Transfer {
        train: fit.corpus.clone(),
        test: fit.corpus.clone(),
        model: fit.model.name().into(),
        alignment: HELD_OUT.into(),
        uar: valid.uar,
        recordings: valid.recordings,
        speakers: valid.speakers,
        chance: valid.chance,
        by_speaker: valid.by_speaker.clone(),
    })
}

fn carry_out(study: &Study, fit: &Fit) -> Result<Vec<Outcome>, Error> {
    let (plan, table) = (&study.plan, &study.table);
    let rows = study.rows_of(&fit.corpus, &plan.classes);
    let recipe = recipe(plan, fit.model, Statistics::Train);
    let seed = seed_of(plan.seeds[0], fit.fold.unwrap_or(usize::from(u16::MAX)));
    if let Some(number) = fit.fold {
        let folds = folds(study, &rows)?;
        let fold = Fold::of(table, &plan.classes, &rows, &folds[number])?;
        let pipeline = recipe.fit(&fold.training()?, seed, &mut |_| {})?;
        let tested = tested(study, &pipeline, fold.test().to_vec());
        let latents = pipeline.embed(table, &tested);
        return Ok(vec![Outcome {
            test: fit.corpus.clone(),
            alignment: "",
            predictions: predict(study, &pipeline, &fit.corpus, &tested, latents.view()),
        }]);
    }
    let pipeline = recipe.fit(
        &Training::new(table, &rows, &plan.classes)?,
        seed,
        &mut |_| {},
    )?;
    let source = Aligned::new(study, &pipeline, &rows);
    let mut outcomes = Vec::new();
    for corpus in study
        .corpora
        .iter()
        .filter(|corpus| corpus.name != fit.corpus)
    {
        let unseen = study.rows_of(&corpus.name, &plan.classes);
        for &alignment in &plan.alignments {
            let Some(latents) = source.latents(study, &unseen, alignment)? else {
                continue;
            };
            outcomes.push(Outcome {
                test: corpus.name.clone(),
                alignment: alignment.name(),
                predictions: predict(study, &pipeline, &corpus.name, &unseen, latents.view()),
            });
        }
    }
    Ok(outcomes)
}

/// A fitted model with its own rows as it saw them, to which others are aligned.
struct Aligned<'a> {
    pipeline: &'a Pipeline,
    z: Array2<f64>,
    latents: Array2<f64>,
}

impl<'a> Aligned<'a> {
    fn new(study: &Study, pipeline: &'a Pipeline, rows: &[usize]) -> Aligned<'a> {
        let learnt = pipeline.ordinary(&study.table, rows);
        let z = pipeline.normaliser.transform(&study.table, &learnt);
        let latents = pipeline.reducer.transform(z.view());
        Aligned {
            pipeline,
            z,
            latents,
        }
    }

    /// Latents of unseen rows under an alignment; none where it has no meaning.
    fn latents(
        &self,
        study: &Study,
        rows: &[usize],
        kind: AlignmentKind,
    ) -> Result<Option<Array2<f64>>, Error> {
        let reduce = |z: ArrayView2<'_, f64>| self.pipeline.reducer.transform(z);
        let z = self.pipeline.normaliser.transform(&study.table, rows);
        let own = |z: &Array2<f64>| {
            Ok::<_, Error>(
                Alignment::Standardise
                    .fit(self.z.view(), z.view())?
                    .apply(z.view()),
            )
        };
        Ok(match kind {
            AlignmentKind::None => Some(reduce(z.view())),
            AlignmentKind::Standardise => Some(reduce(own(&z)?.view())),
            AlignmentKind::Coral => {
                let own = own(&z)?;
                let map = Alignment::Coral { ridge: RIDGE }.fit(self.z.view(), own.view())?;
                Some(reduce(map.apply(own.view()).view()))
            }
            AlignmentKind::Rotation
                if self.pipeline.recipe.representation != Representation::Raw
                    && self.latents.ncols() == 2 =>
            {
                let latents = reduce(own(&z)?.view());
                let map = Alignment::Rotation.fit(self.latents.view(), latents.view())?;
                Some(map.apply(latents.view()))
            }
            AlignmentKind::Rotation => None,
        })
    }
}

fn predict(
    study: &Study,
    pipeline: &Pipeline,
    set: &str,
    rows: &[usize],
    latents: ArrayView2<'_, f64>,
) -> Vec<Prediction> {
    let of = |(&row, latent): (&usize, ndarray::ArrayView1<'_, f64>)| Prediction {
        set: set.into(),
        row,
        fold: 0,
        predicted: study.plan.classes[pipeline.predict(latent)].clone(),
        probabilities: None,
        latent: None,
    };
    rows.iter().zip(latents.outer_iter()).map(of).collect()
}
