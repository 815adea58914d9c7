//! What `ser train --recipe robust` and `ser evaluate --leave-corpus-out` do: the model of `ser classify`, made and judged.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};

use super::Usage;
use super::atomic_write::write_atomically;
use super::output::{print, threads};
use super::train_and_evaluate::{PlanRunner, corpora_named};
use ser_models::classify::{ClassifierRecipe, TrainingData};
use ser_study::classifier::card::card;
use ser_study::classifier::leave_out::{LeaveOut, leave_out};
use ser_study::classifier::validation::Run;
use ser_study::evaluate::plan::Plan;
use ser_tables::labelled::{Labelled, LabelledRow};

/// What both are given.
pub struct RobustRecipe<'a> {
    /// Folders made by `ser corpus prepare`.
    pub folders: &'a [PathBuf],
    /// Only these corpora.
    pub corpora: Option<&'a [String]>,
    /// Where random numbers begin.
    pub seed: u64,
    /// Threads asked for.
    pub threads: Option<NonZeroUsize>,
    /// Without progress bar.
    pub quiet: bool,
}

impl RobustRecipe<'_> {
    /// Trains, and writes model and card; the card begins with the scores of `unheard`, a result of [`RobustRecipe::leave_corpus_out`].
    pub fn train(
        &self,
        output: &Path,
        card_path: &Path,
        unheard: Option<&Path>,
    ) -> Result<ExitCode> {
        let recipe = ClassifierRecipe::default();
        let unheard = unheard
            .map(|path| read_leave_out(path, &recipe))
            .transpose()?;
        let (training_data, classes) = self.training_data(&recipe)?;
        let bar = self.runner().bar(recipe.bands.len() * (recipe.folds + 1));
        bar.set_message("folds");
        let run = self.run(&recipe, &training_data, &classes);
        let mut classifier = run.train(&training_data.corpora(), &|| bar.inc(1))?;
        bar.finish_and_clear();
        if let Some(found) = &unheard {
            found.teach(&mut classifier);
        }
        classifier.card = card(&classifier, unheard.as_ref());
        classifier.write(output)?;
        write_atomically(card_path, |target| {
            Ok(target.write_all(classifier.card.as_bytes())?)
        })?;
        print(&classifier.card)?;
        Ok(ExitCode::SUCCESS)
    }

    /// Leaves each corpus out, and prints and writes the scores.
    pub fn leave_corpus_out(&self, json: Option<&Path>, csv: Option<&Path>) -> Result<ExitCode> {
        let recipe = ClassifierRecipe::default();
        let (training_data, classes) = self.training_data(&recipe)?;
        let bar = self.runner().bar(training_data.corpora().len());
        bar.set_message("corpora left out");
        let found = leave_out(self.run(&recipe, &training_data, &classes), &|| bar.inc(1))?;
        bar.finish_and_clear();
        if let Some(path) = json {
            write_atomically(path, |target| {
                Ok(serde_json::to_writer_pretty(target, &found)?)
            })?;
        }
        if let Some(path) = csv {
            write_atomically(path, |target| Ok(found.write_csv(target)?))?;
        }
        print(&found.render())?;
        Ok(ExitCode::SUCCESS)
    }

    fn run<'a>(
        &self,
        recipe: &'a ClassifierRecipe,
        training_data: &'a TrainingData,
        classes: &'a [String],
    ) -> Run<'a> {
        Run {
            recipe,
            training_data,
            classes,
            seed: self.seed,
            threads: threads(self.threads),
        }
    }

    fn runner(&self) -> PlanRunner {
        PlanRunner {
            threads: self.threads,
            quiet: self.quiet,
        }
    }

    /// The recordings of the folders, heard, and their classes in order.
    fn training_data(&self, recipe: &ClassifierRecipe) -> Result<(TrainingData, Vec<String>)> {
        let [folder] = self.folders else {
            return Err(Usage(
                "this takes one folder: `ser corpus prepare` puts several corpora into one".into(),
            )
            .into());
        };
        let mut rows = Labelled::manifest(folder)?;
        if let Some(asked) = self.corpora.filter(|asked| *asked != ["*"]) {
            let names = corpora_named(&rows, asked)?;
            rows.retain(|row| names.contains(&row.corpus));
        }
        rows.retain(|row| row.label.is_some());
        let classes = classes(&rows);
        anyhow::ensure!(
            classes.len() > 1,
            "{}: its recordings have fewer than two labels: prepare it with --labels four",
            folder.display()
        );
        let bar = self.runner().bar(rows.len());
        bar.set_message("recordings");
        let training_data = TrainingData::hear(
            rows,
            folder,
            recipe,
            self.seed,
            threads(self.threads),
            &|| bar.inc(1),
        )?;
        bar.finish_and_clear();
        Ok((training_data, classes))
    }
}

/// A result of leaving corpora out, which has to be of this recipe.
pub fn read_leave_out(path: &Path, recipe: &ClassifierRecipe) -> Result<LeaveOut> {
    let name = || path.display().to_string();
    let file = std::fs::File::open(path).with_context(name)?;
    let found: LeaveOut =
        serde_json::from_reader(std::io::BufReader::new(file)).with_context(|| {
            format!(
                "{}: not a result of `ser evaluate --leave-corpus-out -o`",
                path.display()
            )
        })?;
    anyhow::ensure!(
        found.recipe == *recipe,
        "{}: a result of another recipe: repeat `ser evaluate DIR --leave-corpus-out -o`",
        path.display()
    );
    Ok(found)
}

/// The labels, in the order of plans, others after them.
fn classes(rows: &[LabelledRow]) -> Vec<String> {
    let known = Plan::default().classes;
    let mut classes: Vec<String> = rows.iter().filter_map(|row| row.label.clone()).collect();
    let place = |class: &String| {
        known
            .iter()
            .position(|name| name == class)
            .unwrap_or(known.len())
    };
    classes.sort_by_key(|class| (place(class), class.clone()));
    classes.dedup();
    classes
}
