//! Regression and network chosen inside the fold, by folds of whole speakers among its training rows: the highest CCC of all inner test rows together.
//!
//! Of equal ones the first network with the greatest price of weights is taken. Standardisation and representation are fitted once per inner fold and network.

use super::folds;
use crate::evaluate::choice::INNER_FOLDS;
use crate::evaluate::design::seed_of;
use crate::evaluate::plan::Plan;
use ser_models::model::autoencoder::Configuration;
use ser_models::model::linear::Linear;
use ser_models::model::regression::Regression;
use ser_models::model::{Error, Recipe, Representation};
use ser_models::score::agreement::Moments;
use ser_models::score::split::Protocol;
use ser_tables::labelled::Labelled;

/// What was chosen; none of what the plan has no candidates for.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chosen {
    /// The regression.
    pub regression: Option<Regression>,
    /// The network.
    pub autoencoder: Option<Configuration>,
}

impl Chosen {
    /// The recipe with what was chosen.
    pub fn applied(&self, recipe: &Recipe) -> Recipe {
        let mut recipe = recipe.clone();
        if let Some(regression) = self.regression {
            recipe = recipe.with_regression(regression);
        }
        if let Some(network) = &self.autoencoder {
            recipe.autoencoder.clone_from(network);
        }
        recipe
    }
}

/// The best of the plan's candidates for some training rows.
///
/// # Errors
/// Those of splitting and fitting.
pub fn choose(
    plan: &Plan,
    recipe: &Recipe,
    (table, rows): (&Labelled, &[usize]),
    seed: u64,
) -> Result<Chosen, Error> {
    let networks: Vec<Option<Configuration>> = match recipe.representation {
        Representation::Raw => vec![None],
        _ if plan.choose_autoencoder.is_empty() => vec![None],
        _ => plan.choose_autoencoder.iter().cloned().map(Some).collect(),
    };
    let regressions: Vec<Option<Regression>> = match plan.regressions() {
        few if few.len() < 2 => vec![None],
        several => several.into_iter().map(Some).collect(),
    };
    if networks.len() * regressions.len() < 2 {
        return Ok(Chosen::default());
    }
    let (_, inner) = folds(
        table,
        rows,
        Protocol::SpeakerIndependent,
        INNER_FOLDS,
        seed,
        &mut Vec::new(),
    )?;
    let mut best: Option<(f64, Chosen)> = None;
    for autoencoder in networks {
        let mut found = vec![Moments::default(); regressions.len()];
        for (number, test) in inner.iter().enumerate() {
            let learnt: Vec<usize> = rows
                .iter()
                .copied()
                .filter(|row| !test.contains(row))
                .collect();
            let network = Chosen {
                regression: None,
                autoencoder: autoencoder.clone(),
            };
            let seed = seed_of(seed, number);
            let mut fitted =
                network
                    .applied(recipe)
                    .fit_numbers((table, &learnt), "", seed, &mut |_| {})?;
            let kept = fitted.ordinary(table, &learnt);
            let latents = fitted.embed(table, &kept);
            let numbers: Vec<f64> = kept
                .iter()
                .filter_map(|&row| table.rows[row].target)
                .collect();
            for (regression, moments) in regressions.iter().zip(&mut found) {
                if let Some(regression) = regression {
                    fitted.classifier = Linear::Plane(regression.fit(latents.view(), &numbers)?);
                }
                for (&row, value) in test.iter().zip(fitted.values(table, test)) {
                    if let Some(truth) = table.rows[row].target {
                        moments.add(truth, value);
                    }
                }
            }
        }
        for (regression, moments) in regressions.iter().zip(&found) {
            let ccc = moments.ccc().unwrap_or(0.0);
            if best.as_ref().is_none_or(|(known, _)| ccc > *known) {
                let chosen = Chosen {
                    regression: *regression,
                    autoencoder: autoencoder.clone(),
                };
                best = Some((ccc, chosen));
            }
        }
    }
    Ok(best.map(|(_, chosen)| chosen).unwrap_or_default())
}
