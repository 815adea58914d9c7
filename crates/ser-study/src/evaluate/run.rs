//! An evaluation carried out: trials in parallel, results in order.
//!
//! ```text
//! plan × table = study ─ designs × folds = trials ─ scores, latent spaces ──┬ means over seeds ─┐
//!                      └ corpora × models ─ transfer matrix ────────────────┴ claims ───────────┴ evaluation
//! ```
//!
//! Trials run side by side, and nothing inside one is parallel; each draws its random numbers from its own seed. So the same plan and table give the
//! same bytes at any number of threads. What does not depend on the seed is done once: the transfer matrix and the explanations are of the first seed.

use std::ops::ControlFlow;

use super::attribution;
use super::ceiling::ceilings;
use super::claims::{ClaimInputs, claims};
use super::design::{Design, designs_of, is_explained, name};
use super::fold::Fold;
use super::gather::{Gathered, gather, is_papers};
use super::latent_space;
use super::partition::{self, Splits};
use super::plan::Plan;
use super::resample::Resamples;
use super::result::{Evaluation, Experiment, SCHEMA};
use super::score;
use super::seeds::{groups, over_seeds};
use super::study::Study;
use super::subset_scores::subset_scores;
use super::transfer;
use super::trial::{self, Trial};
use ser_models::model::{Error, Pipeline, Representation};
use ser_models::score::split::{Protocol, TestRows, split};
use ser_parallel::{for_each_in_order, try_map_in_order};
use ser_tables::labelled::Labelled;

/// Resamples that the tests of the paper's sentences take at least: corrected for some thirty sentences of up to a dozen comparisons, p has to be known
/// to far below .05.
const OF_CLAIMS: usize = 10_000;

/// What a fit counts for progress, as epochs of an autoencoder.
const FIT: usize = 10;

/// An evaluation about to be carried out.
pub struct Run {
    study: Study,
    designs: Vec<(Design, Vec<TestRows>)>,
}

impl Run {
    /// Sees what is to be done.
    ///
    /// # Errors
    /// What the plan asks for and the table cannot give.
    pub fn new(table: &Labelled, plan: &Plan) -> Result<Run, Error> {
        let mut study = Study::new(table, plan)?;
        let mut designs = Vec::new();
        for design in designs_of(&study.plan) {
            let rows = study.rows_of(&study.plan.train, &design.classes);
            let labels = study.labels_of(&rows, &design.classes);
            let folds = match design.protocol {
                Protocol::Partition => {
                    partition::folds(&study.table.rows, &rows, &study.plan.partition)?
                }
                protocol => split(
                    protocol,
                    &study.table.rows,
                    &rows,
                    &labels,
                    study.folds(protocol, &rows, &labels),
                    design.seed,
                )?,
            };
            designs.push((design, folds));
        }
        let fewer = designs.iter().find(|(design, folds)| {
            folds.len() < study.plan.folds
                && matches!(
                    design.protocol,
                    Protocol::Paper | Protocol::SpeakerIndependent
                )
        });
        if let Some((design, folds)) = fewer {
            let what = match design.protocol {
                Protocol::Paper => "recordings of its rarest class",
                _ => "speakers",
            };
            study.warnings.push(format!(
                "{}: {} folds instead of {}, limited by the number of {what}",
                study.plan.train,
                folds.len(),
                study.plan.folds
            ));
        }
        Ok(Run { study, designs })
    }

    /// Who is tested in which fold: of each protocol and seed, with all classes.
    pub fn splits(&self) -> Vec<Splits> {
        let plan = &self.study.plan;
        let whole = self.designs.iter().filter(|(design, _)| {
            design.classes == plan.classes
                && design.model == plan.models[0]
                && design.normalisation == plan.normalisations[0]
        });
        let of = |(design, folds): &(Design, Vec<TestRows>)| {
            let rows = self.study.rows_of(&plan.train, &design.classes);
            Splits {
                name: name(&self.study, design, folds.len()),
                corpus: plan.train.clone(),
                seed: design.seed,
                partition: partition::parts(&self.study.table.rows, &rows, folds),
            }
        };
        whole.map(of).collect()
    }

    /// How much is to be done, in the units that progress counts.
    pub fn units(&self) -> usize {
        let epochs = self.study.plan.autoencoder.epochs;
        let trial = |model| FIT + if is_network(model) { epochs } else { 0 };
        let trials: usize = self
            .designs
            .iter()
            .map(|(design, folds)| folds.len() * trial(design.model))
            .sum();
        let explained = self
            .designs
            .iter()
            .filter(|(design, _)| is_explained(&self.study.plan, design))
            .count();
        trials
            + explained * FIT
            + transfer::fits(&self.study)
                .iter()
                .map(|fit| trial(fit.model))
                .sum::<usize>()
    }

    /// Does it on so many threads; `progress` is told the units done and at what it is.
    ///
    /// # Errors
    /// The first trial that cannot be fitted, named.
    pub fn carry_out(
        self,
        threads: usize,
        progress: &(dyn Fn(usize, &str) + Sync),
    ) -> Result<Evaluation, Error> {
        let (experiments, gathered) = self.experiments(threads, progress)?;
        let matrix = if self.study.plan.matrix {
            transfer::matrix(&self.study, &experiments, threads, &|model, at| {
                progress(
                    FIT + if is_network(model) {
                        self.study.plan.autoencoder.epochs
                    } else {
                        0
                    },
                    at,
                )
            })?
        } else {
            Vec::new()
        };
        let plan = &self.study.plan;
        let resamples = Resamples::new(
            &self.study.units,
            plan.seeds.len(),
            match is_papers(&plan.classes) {
                true => plan.resamples.max(OF_CLAIMS),
                false => plan.resamples,
            },
            plan.seeds[0],
        );
        let groups = groups(&self.study, &experiments, &resamples, threads);
        let over_seeds = over_seeds(&self.study, &groups, &gathered, &resamples);
        let claims = claims(ClaimInputs {
            study: &self.study,
            groups: &groups,
            gathered: &gathered,
            resamples: &resamples,
            matrix: &matrix,
            threads,
        });
        let parts = subset_scores(&self.study, &experiments);
        let ceilings = ceilings(&self.study, &resamples);
        let mut warnings = self.study.warnings;
        if let Some(most) = experiments.iter().map(twins).max().filter(|most| *most > 0) {
            warnings.push(format!(
                "up to {most} validation recordings per experiment are copies of training recordings; `ser corpus prepare --deduplicate` drops copies"
            ));
        }
        Ok(Evaluation {
            schema: SCHEMA.into(),
            ser: env!("CARGO_PKG_VERSION").into(),
            classes: self.study.plan.classes.clone(),
            features: self.study.table.columns.len(),
            plan: self.study.plan,
            corpora: self.study.corpora,
            warnings,
            experiments,
            over_seeds,
            matrix,
            parts,
            ceilings,
            claims,
            rows: self.study.table.rows,
        })
    }

    fn experiments(
        &self,
        threads: usize,
        progress: &(dyn Fn(usize, &str) + Sync),
    ) -> Result<(Vec<Experiment>, Vec<Gathered>), Error> {
        let of = |design: usize, folds: usize| (0..folds).map(move |fold| (design, fold));
        let jobs: Vec<(usize, usize)> = self
            .designs
            .iter()
            .enumerate()
            .flat_map(|(design, (_, folds))| of(design, folds.len()))
            .collect();
        let mut experiments = Vec::new();
        let mut gathered = Vec::new();
        // The folds' models of the experiments that are to be explained.
        let mut models: Vec<(usize, usize, Vec<Pipeline>)> = Vec::new();
        let mut pending: Vec<Trial> = Vec::new();
        let mut failed = None;
        let work = |(): &mut (), job: usize| self.trial(jobs[job], progress);
        let _ = for_each_in_order(
            jobs.len(),
            threads,
            || (),
            work,
            |job, trial| {
                let (design, folds) = &self.designs[jobs[job].0];
                match trial {
                    Ok(trial) => pending.push(trial),
                    Err(error) => {
                        failed = Some(error);
                        return ControlFlow::Break(());
                    }
                }
                if pending.len() == folds.len() {
                    gathered.extend(self.gathered(design, &pending[0]));
                    if is_explained(&self.study.plan, design) {
                        let of_folds = pending
                            .iter_mut()
                            .filter_map(|trial| trial.pipeline.take())
                            .collect();
                        models.push((experiments.len(), jobs[job].0, of_folds));
                    }
                    experiments.push(self.experiment(design, std::mem::take(&mut pending)));
                }
                ControlFlow::Continue(())
            },
        );
        if let Some(error) = failed {
            return Err(error);
        }
        self.explain(&mut experiments, &models, threads, progress)?;
        for experiment in &mut experiments {
            if experiment.seed != self.study.plan.seeds[0] {
                experiment.recordings = Vec::new();
            }
        }
        Ok((experiments, gathered))
    }

    /// What the tests of the latent space take of a design's first fold; none of other designs than the first of all classes.
    fn gathered(&self, design: &Design, first: &Trial) -> Option<Gathered> {
        let plan = &self.study.plan;
        let wanted = design.classes == plan.classes
            && design.protocol == plan.protocols[0]
            && design.normalisation == plan.normalisations[0]
            && design.model != Representation::Raw;
        let pipeline = first.pipeline.as_ref().filter(|_| wanted)?;
        Some(gather(&self.study, design, &first.predictions, pipeline))
    }

    /// Puts explanations into the experiments that are to have one.
    fn explain(
        &self,
        experiments: &mut [Experiment],
        models: &[(usize, usize, Vec<Pipeline>)],
        threads: usize,
        progress: &(dyn Fn(usize, &str) + Sync),
    ) -> Result<(), Error> {
        let work = |number: usize| {
            let (experiment, design, pipelines) = &models[number];
            let (design, folds) = &self.designs[*design];
            let explanation = attribution::of_experiment(
                &self.study,
                design,
                folds,
                pipelines,
                &experiments[*experiment].recordings,
            );
            progress(FIT, &format!("explaining {}", design.model.name()));
            explanation
        };
        let found = try_map_in_order(models.len(), threads, work)?;
        for ((experiment, _, _), explanation) in models.iter().zip(found) {
            experiments[*experiment].explanation = explanation;
        }
        Ok(())
    }

    fn trial(
        &self,
        (design, fold): (usize, usize),
        progress: &(dyn Fn(usize, &str) + Sync),
    ) -> Result<Trial, Error> {
        let (design, folds) = &self.designs[design];
        let at = format!(
            "{}, {}, fold {}/{}",
            name(&self.study, design, folds.len()),
            design.model.name(),
            fold + 1,
            folds.len()
        );
        let named = |error: Error| Error::Parameter(format!("{at}: {error}"));
        let rows = self.study.rows_of(&self.study.plan.train, &design.classes);
        let parted = Fold::of(&self.study.table, &design.classes, &rows, &folds[fold])?;
        let mut epoch = |_| progress(1, &at);
        let trial = trial::run(&self.study, design, &parted, fold, &mut epoch).map_err(named)?;
        progress(FIT, &at);
        Ok(trial)
    }

    fn experiment(&self, design: &Design, trials: Vec<Trial>) -> Experiment {
        let study = &self.study;
        let first = &trials[0].predictions;
        let latent = (design.model != Representation::Raw)
            .then(|| latent_space::latent_space_numbers(study, &design.classes, first));
        Experiment {
            name: name(study, design, trials.len()),
            kind: design.protocol,
            protocol: design.protocol.name(trials.len()),
            mixes_speakers: design.protocol.mixes_speakers()
                || trials.iter().any(|trial| trial.fold.shared_speakers > 0),
            classes: design.classes.clone(),
            model: design.model.name().into(),
            solver: study.plan.solver().into(),
            normalisation: design.normalisation.name().into(),
            outliers: study.plan.outliers.name().into(),
            seed: design.seed,
            scores: score::over_folds(study, design, &trials),
            latent,
            explanation: None,
            recordings: trials
                .iter()
                .flat_map(|trial| trial.predictions.iter().cloned())
                .collect(),
            folds: trials.into_iter().map(|trial| trial.fold).collect(),
        }
    }
}

fn is_network(model: Representation) -> bool {
    matches!(model, Representation::Uae | Representation::Dae)
}

fn twins(experiment: &Experiment) -> usize {
    experiment.folds.iter().map(|fold| fold.twins).sum()
}
