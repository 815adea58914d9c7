//! What the recipe is compared with: plain features of the files as they are.

use ndarray::Array2;

use super::Predicted;
use crate::classifier::validation::Run;
use crate::evaluate::design;
use crate::evaluate::plan::Plan;
use ser_models::classify::material::{Chosen, Material};
use ser_models::model::svc::{ClassWeights, Parameters, Solver};
use ser_models::model::{Error, Representation, Training};
use ser_tables::labelled::Labelled;
use ser_tables::{Scaler, Statistics};

/// The plain recipe.
pub(super) fn plain(
    material: &Material,
    learnt: &Chosen,
    tested: &Chosen,
    solver: Solver,
    c: f64,
) -> Result<Predicted, Error> {
    let parameters = Parameters {
        solver,
        c,
        weights: ClassWeights::Balanced,
        probability: None,
        ..Parameters::default()
    };
    let width = material.plain.first().map_or(0, Vec::len);
    let scaler = Scaler::fit(
        width,
        learnt
            .rows
            .iter()
            .map(|&row| material.plain[row].as_slice()),
    );
    let rows: Vec<f64> = learnt
        .rows
        .iter()
        .flat_map(|&row| scaler.transform(&material.plain[row]))
        .collect();
    let wrong = |_| Error::Shape {
        what: "columns",
        expected: width,
        found: 0,
    };
    let x = Array2::from_shape_vec((learnt.rows.len(), width), rows).map_err(wrong)?;
    let svc = parameters
        .check()?
        .fit(x.view(), &learnt.labels, learnt.classes, None)?;
    let predict =
        |&row: &usize| svc.predict(&scaler.transform(&material.plain[row]).collect::<Vec<f64>>());
    Ok(Predicted {
        rows: tested.rows.clone(),
        truth: tested.labels.clone(),
        predicted: tested.rows.iter().map(predict).collect(),
        answers: None,
    })
}

/// A model of Das et al. (2021), as `ser train` makes it by default, one recording at a time.
pub(super) fn paper(
    run: Run<'_>,
    learnt: &Chosen,
    tested: &Chosen,
    representation: Representation,
) -> Result<Predicted, Error> {
    let plain = &run.material.plain;
    let table = Labelled {
        columns: (0..plain.first().map_or(0, Vec::len))
            .map(|number| number.to_string())
            .collect(),
        values: plain.concat(),
        ..run.material.table()
    };
    let training = Training::new(&table, &learnt.rows, run.classes)?;
    let plan = Plan::default();
    let recipe = design::recipe(&plan, representation, Statistics::Train);
    let pipeline = recipe.fit(&training, run.seed, &mut |_| {})?;
    let latents = pipeline.embed(&table, &tested.rows);
    Ok(Predicted {
        rows: tested.rows.clone(),
        truth: tested.labels.clone(),
        predicted: latents
            .outer_iter()
            .map(|latent| pipeline.predict(latent))
            .collect(),
        answers: None,
    })
}
