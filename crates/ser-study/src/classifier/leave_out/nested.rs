//! The settings of the recipe chosen inside the fold: nested leave-one-corpus-out.
//!
//! ```text
//! for each corpus q left out:   candidates × others:  train on all others but one, test on that one
//!                               the settings with the highest mean UAR there, then trained on all others, tested on q
//! ```
//!
//! The general discriminant is chosen by recordings alone, that of known voices by speakers' own recordings, each from the grid below; of equal ones the
//! first; with three corpora in all, inner models learn from one, which says nothing of the scatter between corpora. Nothing of q takes part. What the grid does not hold (front end, columns, kind of model, copies) was fixed looking at all corpora.
//!
//! S. Varma, R. Simon (2006), "Bias in error estimation when using cross-validation for model selection", BMC Bioinformatics 7, 91.

use serde::{Deserialize, Serialize};

use super::Predicted;
use crate::classifier::grounds::{Scored, scored};
use crate::classifier::validation::Run;
use ser_models::classify::basis::Basis;
use ser_models::classify::classifier::top;
use ser_models::classify::heads::Heads;
use ser_models::classify::recipe::ClassifierRecipe;
use ser_models::classify::training_data::Chosen;
use ser_models::model::{Error, discriminant};
use ser_models::score::metric::Confusion;
use ser_parallel::try_map_in_order;

/// Shrinkages of the general discriminant.
const SHRINKAGES: [f64; 4] = [0.01, 0.05, 0.2, 0.5];
/// How much scatter between corpora counts in it.
const BETWEEN: [f64; 3] = [0.0, 0.3, 1.0];
/// Shrinkages of the discriminant of known voices.
const OF_VOICES: [f64; 4] = [0.02, 0.1, 0.3, 0.6];
/// Grounds that the chosen settings are tested on.
pub(super) const GROUNDS: [Basis; 4] = [
    Basis::Alone,
    Basis::CalmClip,
    Basis::CalmClips,
    Basis::OwnRecordings,
];

/// The settings that were chosen without a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChosenSettings {
    /// The corpus left out.
    pub corpus: String,
    /// The discriminant of one recording.
    pub general: discriminant::Parameters,
    /// That of a recording relative to its speaker.
    pub relative: discriminant::Parameters,
}

/// The settings that do best on all corpora of the training data but one, which takes no part.
///
/// # Errors
/// Those of fitting.
pub fn chosen_without(run: Run<'_>, corpus: &str) -> Result<ChosenSettings, Error> {
    let others = others(run, corpus);
    let mut recipe = run.recipe.clone();
    let mut general = Vec::new();
    for shrinkage in SHRINKAGES {
        for between_corpora in BETWEEN {
            general.push(discriminant::Parameters {
                shrinkage,
                between_corpora,
                ..recipe.general
            });
        }
    }
    let with = |recipe: &ClassifierRecipe, general| ClassifierRecipe {
        general,
        ..recipe.clone()
    };
    let of_one = candidates(&recipe, &general, with);
    let found = best(run, &others, Basis::Alone, &of_one)?;
    recipe.general = found.map_or(recipe.general, |at| general[at]);
    let relative = OF_VOICES.map(|shrinkage| discriminant::Parameters {
        shrinkage,
        ..recipe.relative
    });
    let with = |recipe: &ClassifierRecipe, relative| ClassifierRecipe {
        relative,
        ..recipe.clone()
    };
    let of_voices = candidates(&recipe, &relative, with);
    let found = best(run, &others, Basis::OwnRecordings, &of_voices)?;
    Ok(ChosenSettings {
        corpus: corpus.into(),
        general: recipe.general,
        relative: found.map_or(recipe.relative, |at| relative[at]),
    })
}

fn others(run: Run<'_>, corpus: &str) -> Vec<String> {
    let mut others = run.training_data.corpora();
    others.retain(|other| other != corpus);
    others
}

/// Chooses settings without a corpus, trains with them on all others, and tests on it; the grounds in the order of [`GROUNDS`].
pub(super) fn nested(
    run: Run<'_>,
    corpus: &str,
    tested: &Chosen,
) -> Result<(ChosenSettings, Vec<Predicted>), Error> {
    let chosen = chosen_without(run, corpus)?;
    let recipe = ClassifierRecipe {
        general: chosen.general,
        relative: chosen.relative,
        ..run.recipe.clone()
    };
    let learnt = run.training_data.chosen(&others(run, corpus), run.classes);
    let heads = recipe.fit(run.training_data, 0, learnt.view())?;
    let predicted = GROUNDS.map(|basis| predicted(run, &heads, tested, basis));
    Ok((chosen, predicted.into()))
}

fn candidates(
    recipe: &ClassifierRecipe,
    settings: &[discriminant::Parameters],
    with: impl Fn(&ClassifierRecipe, discriminant::Parameters) -> ClassifierRecipe,
) -> Vec<ClassifierRecipe> {
    settings.iter().map(|&own| with(recipe, own)).collect()
}

/// The candidate with the highest mean UAR over the corpora, each left out in turn; none where there is only one corpus.
fn best(
    run: Run<'_>,
    corpora: &[String],
    basis: Basis,
    candidates: &[ClassifierRecipe],
) -> Result<Option<usize>, Error> {
    if corpora.len() < 2 {
        return Ok(None);
    }
    let jobs = candidates.len() * corpora.len();
    let work = |job: usize| {
        let (recipe, out) = (
            &candidates[job / corpora.len()],
            &corpora[job % corpora.len()],
        );
        let inner: Vec<String> = corpora.iter().filter(|of| *of != out).cloned().collect();
        let learnt = run.training_data.chosen(&inner, run.classes);
        let tested = run
            .training_data
            .chosen(std::slice::from_ref(out), run.classes);
        let heads = recipe.fit(run.training_data, 0, learnt.view())?;
        let found = predicted(run, &heads, &tested, basis);
        let confusion = Confusion::count(run.classes.len(), &found.truth, &found.predicted);
        Ok::<f64, Error>(confusion.uar().unwrap_or(0.0))
    };
    let scores = try_map_in_order(jobs, run.threads, work)?;
    let means: Vec<f64> = scores
        .chunks(corpora.len())
        .map(|of| of.iter().sum::<f64>() / of.len() as f64)
        .collect();
    Ok(Some(top(&means)))
}

fn predicted(run: Run<'_>, heads: &Heads, tested: &Chosen, basis: Basis) -> Predicted {
    let rows = run.tested(0, heads, tested);
    let found: Vec<Scored> = scored(
        heads,
        &rows,
        &run.training_data.rows,
        run.classes,
        run.seed,
        basis,
    );
    Predicted {
        rows: found.iter().map(|one| one.row).collect(),
        truth: found.iter().map(|one| one.truth).collect(),
        predicted: found.iter().map(|one| top(&one.scores)).collect(),
        answers: None,
    }
}
