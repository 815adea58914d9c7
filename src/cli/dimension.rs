//! Models of numbers: what `ser train --target` and `ser evaluate --target` do.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};

use super::atomic_write::write_atomically;
use super::output::print;
use super::recordings;
use ser_models::model::Recipe;
use ser_models::model::file::{ModelFacts, Saved};
use ser_study::evaluate::dimension::{card, choose, evaluate, teach};
use ser_study::evaluate::plan::Plan;
use ser_tables::labelled::Labelled;

/// What a model of numbers is trained by.
pub struct Training<'a> {
    /// Rows, some with a number.
    pub table: &'a Labelled,
    /// Candidates of settings.
    pub plan: &'a Plan,
    /// The column of the numbers.
    pub target: &'a str,
    /// How the model is made.
    pub recipe: Recipe,
    /// Where random numbers begin.
    pub seed: u64,
    /// Folds at the same time.
    pub threads: usize,
    /// Whether corpora or speakers are left out to learn intervals.
    pub validated: bool,
}

impl Training<'_> {
    /// Trains, and writes model and card.
    pub fn train(&self, tables: &[PathBuf], output: &Path, card_path: &Path) -> Result<ExitCode> {
        let Training {
            table,
            plan,
            target,
            ref recipe,
            seed,
            threads,
            validated,
        } = *self;
        let rows: Vec<usize> = (0..table.rows.len())
            .filter(|&row| table.rows[row].target.is_some())
            .collect();
        if rows.is_empty() {
            bail!("no row has a number in {target:?}");
        }
        let chosen = choose(plan, recipe, (table, &rows), seed)?.applied(recipe);
        let pipeline = chosen.fit_numbers((table, &rows), target, seed, &mut |_| {})?;
        let learnt = match validated {
            false => None,
            true => {
                let found = recordings::facts((table, &rows), tables, threads);
                let facts = found
                    .as_ref()
                    .map(|(facts, rate)| (facts.as_slice(), *rate));
                let made = (plan, recipe, &pipeline);
                let learnt = teach((table, &rows), made, seed, threads, facts);
                Some(learnt.context("validation (--no-validation leaves it out)")?)
            }
        };
        let mut facts = ModelFacts::of_rows(table, &rows);
        facts.trust = learnt.as_ref().map(|learnt| learnt.trust.clone());
        let name = output.file_stem().unwrap_or_default().to_string_lossy();
        let card = card(&name, &pipeline, &facts, learnt.as_ref());
        let saved = Saved {
            pipeline,
            facts,
            card,
        };
        saved.write(output)?;
        write_atomically(card_path, |target| {
            Ok(target.write_all(saved.card.as_bytes())?)
        })?;
        print(&saved.card)?;
        Ok(ExitCode::SUCCESS)
    }
}

/// Evaluates a plan about numbers: text to standard output, JSON and csv where asked for.
pub fn score(
    table: &Labelled,
    plan: &Plan,
    threads: usize,
    (json, csv): (Option<&Path>, Option<&Path>),
) -> Result<ExitCode> {
    let found = evaluate(table, plan, threads, &|| ())?;
    if let Some(path) = json {
        write_atomically(path, |target| Ok(serde_json::to_writer(target, &found)?))?;
    }
    if let Some(path) = csv {
        write_atomically(path, |target| Ok(found.write_csv(target)?))?;
    }
    print(&found.render())?;
    Ok(ExitCode::SUCCESS)
}
