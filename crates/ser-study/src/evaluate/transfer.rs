//! The transfer matrix: a model of each corpus tested on each other one, as it is and aligned without labels.
//!
//! | alignment | what an unseen corpus gets |
//! |---|---|
//! | `none` | the training corpus's mean and standard deviation |
//! | `standardise` | its own mean and standard deviation |
//! | `coral` | standardised, then the training corpus's covariance (Sun, Feng & Saenko 2016) |
//! | `rotation` | standardised; its latent cloud turned so that its axes are the training cloud's; two dimensions only |
//!
//! The same fitted model serves all of them. On the diagonal stands what the corpus does for itself: folds of whole speakers ([`DIAGONAL_FOLDS`]), without
//! alignment, so that the cost of going abroad can be read off a row. Intervals are bootstraps over the speakers tested.

use ndarray::{Array2, ArrayView2};
use std::collections::BTreeSet;

use super::alignment::Alignment;
use super::design::{recipe, seed_of};
use super::fold::Fold;
use super::plan::AlignmentKind;
use super::result::{Prediction, Transfer};
use super::score::bootstrap;
use super::study::Study;
use super::trial::tested;
use ser_models::model::{Error, Pipeline, Representation, Training};
use ser_models::score::metric::Confusion;
use ser_models::score::split::{Protocol, split};
use ser_parallel::try_map_in_order;
use ser_tables::Statistics;

/// λ of CORAL, as Sun, Feng & Saenko have it.
const RIDGE: f64 = 1.0;

/// Folds of the diagonal; fewer where there are fewer speakers.
pub const DIAGONAL_FOLDS: usize = 5;

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
            speakers => speakers.min(DIAGONAL_FOLDS),
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

/// Predictions of a fitted model: where, how aligned, and what of which rows.
struct Outcome {
    test: String,
    alignment: &'static str,
    predictions: Vec<Prediction>,
}

/// The matrix; `done` is told each finished fit.
pub(super) fn matrix(
    study: &Study,
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
            alignment: "speakers held out",
            predictions: std::mem::take(&mut diagonal),
        };
        let all = [held_out].into_iter().chain(outcomes);
        matrix.extend(all.filter_map(|outcome| entry(study, fit, outcome)));
    }
    Ok(matrix)
}

/// The score of an outcome; none without predictions.
fn entry(study: &Study, fit: &Fit, outcome: Outcome) -> Option<Transfer> {
    let classes = &study.plan.classes;
    let speakers: BTreeSet<&str> = outcome
        .predictions
        .iter()
        .filter_map(|prediction| study.table.rows[prediction.row].speaker.as_deref())
        .collect();
    Some(Transfer {
        train: fit.corpus.clone(),
        model: fit.model.name().into(),
        alignment: outcome.alignment.into(),
        uar: bootstrap(study, classes, outcome.predictions.iter()).score(Confusion::uar)?,
        recordings: outcome.predictions.len(),
        speakers: speakers.len(),
        chance: 1.0 / classes.len() as f64,
        test: outcome.test,
    })
}

fn carry_out(study: &Study, fit: &Fit) -> Result<Vec<Outcome>, Error> {
    let (plan, table) = (&study.plan, &study.table);
    let rows = study.rows_of(&fit.corpus, &plan.classes);
    let recipe = recipe(plan, fit.model, Statistics::Train);
    let seed = seed_of(plan.seeds[0], fit.fold.unwrap_or(usize::from(u16::MAX)));
    if let Some(number) = fit.fold {
        let speakers: BTreeSet<&Option<String>> =
            rows.iter().map(|&row| &table.rows[row].speaker).collect();
        let labels = study.labels_of(&rows, &plan.classes);
        let folds = split(
            Protocol::SpeakerIndependent,
            &table.rows,
            &rows,
            &labels,
            speakers.len().min(DIAGONAL_FOLDS),
            plan.seeds[0],
        )?;
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
