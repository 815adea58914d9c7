//! What the recipe is compared with: plain features of the files as they are.

use std::collections::{BTreeMap, BTreeSet};

use ndarray::Array2;

use super::{Predicted, Said};
use crate::classifier::validation::Run;
use crate::evaluate::design;
use crate::evaluate::learn_trust::learn_trust;
use crate::evaluate::plan::Plan;
use crate::evaluate::validation::{Validation, probabilities_for, validate};
use ser_models::classify::Answer;
use ser_models::classify::Ground;
use ser_models::classify::front_end::RecordingFacts;
use ser_models::classify::trained;
use ser_models::classify::training_data::{Chosen, TrainingData};
use ser_models::model::svc::{ClassWeights, Parameters, Solver};
use ser_models::model::{Error, Representation, Training};
use ser_tables::labelled::Labelled;
use ser_tables::{Scaler, Statistics};

/// By which statistics the rows of each corpus are standardised.
pub(super) struct Scalers {
    learnt: BTreeMap<usize, Scaler>,
    tested: Scaler,
}

/// Statistics of all rows to learn from, for these and for those tested.
pub(super) fn common(training_data: &TrainingData, learnt: &Chosen) -> Scalers {
    let all = scaler(training_data, learnt.rows.iter());
    Scalers {
        learnt: learnt
            .corpora
            .iter()
            .map(|&corpus| (corpus, all.clone()))
            .collect(),
        tested: all,
    }
}

/// Every corpus by its own statistics, so that the one tested is known as a batch.
pub(super) fn own(training_data: &TrainingData, learnt: &Chosen, tested: &Chosen) -> Scalers {
    let rows = |corpus: usize| {
        let pairs = learnt.rows.iter().zip(&learnt.corpora);
        pairs
            .filter(move |(_, of)| **of == corpus)
            .map(|(row, _)| row)
    };
    let corpora: BTreeSet<usize> = learnt.corpora.iter().copied().collect();
    let of = |corpus| (corpus, scaler(training_data, rows(corpus)));
    Scalers {
        learnt: corpora.into_iter().map(of).collect(),
        tested: scaler(training_data, tested.rows.iter()),
    }
}

fn scaler<'a>(
    training_data: &'a TrainingData,
    rows: impl Iterator<Item = &'a usize> + Clone,
) -> Scaler {
    let width = training_data.plain.first().map_or(0, Vec::len);
    Scaler::fit(width, rows.map(|&row| training_data.plain[row].as_slice()))
}

/// The plain recipe.
pub(super) fn plain(
    training_data: &TrainingData,
    learnt: &Chosen,
    tested: &Chosen,
    scalers: &Scalers,
    (solver, c): (Solver, f64),
) -> Result<Predicted, Error> {
    let parameters = Parameters {
        solver,
        c,
        weights: ClassWeights::Balanced,
        probability: None,
        ..Parameters::default()
    };
    let width = training_data.plain.first().map_or(0, Vec::len);
    let rows: Vec<f64> = (learnt.rows.iter().zip(&learnt.corpora))
        .flat_map(|(&row, corpus)| scalers.learnt[corpus].transform(&training_data.plain[row]))
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
    let predict = |&row: &usize| {
        let x = scalers.tested.transform(&training_data.plain[row]);
        svc.predict(&x.collect::<Vec<f64>>())
    };
    Ok(Predicted {
        rows: tested.rows.clone(),
        truth: tested.labels.clone(),
        predicted: tested.rows.iter().map(predict).collect(),
        answers: None,
    })
}

/// A model of Das et al. (2021), as `ser train` makes it by default, one recording at a time, with what that learns from its own corpora of how far
/// its answers can be trusted.
pub(super) fn paper(
    run: Run<'_>,
    learnt: &Chosen,
    tested: &Chosen,
    representation: Representation,
) -> Result<Predicted, Error> {
    let plain = &run.training_data.plain;
    let table = Labelled {
        columns: (0..plain.first().map_or(0, Vec::len))
            .map(|number| number.to_string())
            .collect(),
        values: plain.concat(),
        ..run.training_data.table()
    };
    let training = Training::new(&table, &learnt.rows, run.classes)?;
    let plan = Plan {
        probabilities: probabilities_for(&training),
        ..Plan::default()
    };
    let recipe = design::recipe(&plan, representation, Statistics::Train);
    let pipeline = recipe.fit(&training, run.seed, &mut |_| {})?;
    let facts = |row: &usize| run.training_data.bands[0].clean[*row].facts;
    let known: Vec<RecordingFacts> = training.rows().iter().map(facts).collect();
    let rate_hz = run.recipe.bands[0].front_end.rate_hz;
    // With several corpora speakers say nothing that these do not, but for limits, which they only widen.
    let validation = match training.corpora().iter().any(|corpus| *corpus > 0) {
        true => Validation::default(),
        false => validate(&training, (&plan, &recipe), run.seed, 1, &|_, _| ())?,
    };
    let made = (&plan, &recipe, &pipeline);
    let found = learn_trust(
        &training,
        made,
        run.seed,
        1,
        &validation,
        Some((&known, rate_hz)),
        &|| (),
    );
    let trusted = Some(&found.trust);
    let answers: Vec<Answer> = tested
        .rows
        .iter()
        .map(|row| {
            let features = table.features(*row);
            trained::answer(&pipeline, trusted, features, &facts(row), &Ground::Alone)
        })
        .collect();
    Ok(Predicted {
        rows: tested.rows.clone(),
        truth: tested.labels.clone(),
        predicted: answers.iter().map(|answer| answer.class).collect(),
        answers: super::answers(
            run.classes.len(),
            &tested.labels,
            &Said::of_answers(answers),
        ),
    })
}
