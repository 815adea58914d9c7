//! Learning from prepared tables: a model fitted, or models compared, from a plan.

use std::io::Write;
use std::path::{Path, PathBuf};

use pyo3::prelude::*;
use ser::evaluate::card::card;
use ser::evaluate::choice::choose;
use ser::evaluate::design::recipe;
use ser::evaluate::learn_trust::learn_trust;
use ser::evaluate::plan::{OutlierRule, Plan};
use ser::evaluate::run::Run;
use ser::evaluate::validation::validate;
use ser::model::Training;
use ser::model::file::{ModelFacts, Saved};
use ser::table::atomic_write::UnfinishedFile;
use ser::table::labelled::{Labelled, Told};

use crate::columns::{set, value_error};
use crate::watch::{threads, watched};

/// A plan from JSON; what it does not say is the default.
fn plan(text: &str) -> Result<Plan, String> {
    let plan: Plan = serde_json::from_str(text).map_err(|error| format!("plan: {error}"))?;
    plan.check().map_err(|error| error.to_string())?;
    Ok(plan)
}

/// Rows of tables that have all of their features, and how many have not.
fn open(tables: &[PathBuf], set_name: Option<&str>) -> PyResult<(Labelled, usize)> {
    let told = Told {
        set: set_name.map(set).transpose()?,
        ignored: Vec::new(),
    };
    let table = Labelled::open_as(tables, &told).map_err(value_error)?;
    let has_all = |row: usize| table.features(row).iter().all(|x| x.is_finite());
    let kept = table.filtered(|row, _| has_all(row));
    let without = table.rows.len() - kept.rows.len();
    Ok((kept, without))
}

/// Carries out a plan: everything as JSON, the scores as text, and the number of rows left out for want of a feature.
#[pyfunction]
#[pyo3(signature = (plan_text, tables, set_name=None, thread_count=None, progress=None))]
pub fn evaluate(
    py: Python<'_>,
    plan_text: &str,
    tables: Vec<PathBuf>,
    set_name: Option<&str>,
    thread_count: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(String, String, usize)> {
    let plan = plan(plan_text).map_err(value_error)?;
    let (table, without) = open(&tables, set_name)?;
    let found = watched(py, progress, |watch| {
        let run = Run::new(&table, &plan)?;
        run.carry_out(threads(thread_count), &|_, _| watch.advance())
    })?
    .map_err(value_error)?;
    let json = serde_json::to_string(&found).map_err(value_error)?;
    Ok((json, found.render(), without))
}

/// Fits one model to tables, writes it with its card beside it, and gives the card; it is scored on held-out speakers if `validated`.
#[pyfunction]
#[pyo3(signature = (plan_text, tables, output, set_name=None, validated=true, thread_count=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named in Python")]
pub fn train(
    py: Python<'_>,
    plan_text: &str,
    tables: Vec<PathBuf>,
    output: PathBuf,
    set_name: Option<&str>,
    validated: bool,
    thread_count: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let plan = plan(plan_text).map_err(value_error)?;
    let ([model], [normalisation], [seed]) = (
        plan.models.as_slice(),
        plan.normalisations.as_slice(),
        plan.seeds.as_slice(),
    ) else {
        return Err(value_error(
            "a model has one of models, normalisations and seeds; ser.evaluate compares several",
        ));
    };
    if plan.outliers == OutlierRule::Corpus {
        return Err(value_error(
            "outliers = 'corpus' belongs to an evaluation; a model removes outliers by its training rows ('fit'), or none",
        ));
    }
    let (table, _) = open(&tables, set_name)?;
    let table = table.filtered(|_, row| plan.train.is_empty() || row.corpus == plan.train);
    let all: Vec<usize> = (0..table.rows.len()).collect();
    let training = Training::new(&table, &all, &plan.classes).map_err(value_error)?;
    let recipe = recipe(&plan, *model, *normalisation);
    let name = output
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned());
    let saved = watched(py, progress, |watch| -> Result<Saved, String> {
        let pipeline = choose(&plan, &recipe, &training, *seed)
            .and_then(|chosen| chosen.applied(&recipe).fit(&training, *seed, &mut |_| {}))
            .map_err(|error| error.to_string())?;
        watch.advance();
        let validation = validated.then(|| {
            validate(
                &training,
                (&plan, &recipe),
                *seed,
                threads(thread_count),
                &|_, _| watch.advance(),
            )
        });
        let validation = validation
            .transpose()
            .map_err(|error| format!("validation: {error}"))?;
        let mut facts = ModelFacts::of(&training);
        let made = (&plan, &recipe, &pipeline);
        let (seed, threads) = (*seed, threads(thread_count));
        // Of the recordings themselves nothing is measured here: the table is all there is.
        let learnt = validation.as_ref().map(|validation| {
            let advance = || watch.advance();
            learn_trust(&training, made, seed, threads, validation, None, &advance)
        });
        facts.trust = learnt.as_ref().map(|learnt| learnt.trust.clone());
        let judged = learnt.as_ref().map_or(&[][..], |learnt| &learnt.judged);
        let scores = validation
            .as_ref()
            .map(|validation| (validation, &table, judged));
        let card = card(&name.unwrap_or_default(), &pipeline, &facts, scores, None);
        Ok(Saved {
            pipeline,
            facts,
            card,
        })
    })?
    .map_err(value_error)?;
    saved.write(&output).map_err(value_error)?;
    write_atomically(&output.with_extension("md"), &saved.card)?;
    Ok(saved.card)
}

fn write_atomically(path: &Path, text: &str) -> PyResult<()> {
    let unfinished = UnfinishedFile::create(path)?;
    unfinished.target()?.write_all(text.as_bytes())?;
    Ok(unfinished.complete()?)
}
