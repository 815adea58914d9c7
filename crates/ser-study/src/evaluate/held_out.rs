//! Rows that a fitted model was not trained on, answered on every ground that `ser classify` has.
//!
//! ```text
//! alone             each row by the statistics of all training rows: what one recording gets
//! batch             the rows of a corpus by their own statistics, without labels
//! own recordings    each speaker's rows by their own statistics; each alone where a speaker has fewer than four
//! ```
//!
//! The latter two are of models trained with the statistics of corpora or speakers; others answer alone.

use std::collections::BTreeMap;

use ndarray::Array2;

use ser_models::classify::basis::Basis;
use ser_models::classify::column_limits::{ColumnLimits, Range};
use ser_models::classify::relative::FEWEST;
use ser_models::model::Pipeline;
use ser_models::model::training::class_of;
use ser_tables::labelled::Labelled;
use ser_tables::{Scaler, Statistics};

/// Rows that a model was not trained on, with its answers.
#[derive(Clone, Debug, PartialEq)]
pub struct HeldOut {
    /// The rows of the table.
    pub rows: Vec<usize>,
    /// Their classes.
    pub truth: Vec<usize>,
    /// What was answered about them, ground by ground.
    pub answers: Vec<(Basis, Vec<RowAnswer>)>,
    /// The rows by the statistics of all training rows.
    pub standardised: Vec<Vec<f64>>,
    /// The ranges of the training rows' columns.
    pub ranges: Vec<Range>,
}

/// What a model answered about a row.
#[derive(Clone, Debug, PartialEq)]
pub struct RowAnswer {
    /// The class.
    pub class: usize,
    /// Probabilities, where the model learnt them.
    pub probabilities: Option<Vec<f64>>,
}

/// The grounds that answers of a model can have.
pub fn grounds(by: Statistics) -> &'static [Basis] {
    match by {
        Statistics::Train | Statistics::None => &[Basis::Alone],
        Statistics::Corpus | Statistics::Speaker => {
            &[Basis::Alone, Basis::Batch, Basis::OwnRecordings]
        }
    }
}

impl HeldOut {
    /// Answers about rows that the model has not learnt from; `learnt` are those that it has.
    pub fn of(pipeline: &Pipeline, table: &Labelled, learnt: &[usize], test: &[usize]) -> HeldOut {
        let labelled = test
            .iter()
            .filter_map(|&row| Some((row, class_of(table, row, &pipeline.classes)?)));
        let (rows, truth): (Vec<usize>, Vec<usize>) = labelled.unzip();
        let overall = pipeline.normaliser.overall();
        let standardised = |row: &usize| overall.transform(table.features(*row)).collect();
        let known: Vec<Vec<f64>> = pipeline
            .ordinary(table, learnt)
            .iter()
            .map(standardised)
            .collect();
        let answers = grounds(pipeline.normaliser.by())
            .iter()
            .map(|&basis| (basis, row_answers(pipeline, table, &rows, basis)));
        HeldOut {
            answers: answers.collect(),
            standardised: rows.iter().map(standardised).collect(),
            ranges: ColumnLimits::ranges(&known),
            rows,
            truth,
        }
    }
}

/// The answers on a ground.
pub fn row_answers(
    pipeline: &Pipeline,
    table: &Labelled,
    rows: &[usize],
    basis: Basis,
) -> Vec<RowAnswer> {
    let one = |latent: ndarray::ArrayView1<'_, f64>| RowAnswer {
        class: pipeline.predict(latent),
        probabilities: pipeline.classifier.probabilities(&latent.to_vec()),
    };
    let latents = latents(pipeline, table, rows, basis);
    latents.outer_iter().map(one).collect()
}

/// The latents of rows standardised as a ground has it.
pub fn latents(pipeline: &Pipeline, table: &Labelled, rows: &[usize], basis: Basis) -> Array2<f64> {
    let scalers = scalers(table, rows, basis);
    let z: Vec<f64> = rows
        .iter()
        .flat_map(|row| {
            let features = table.features(*row);
            pipeline.normaliser.alone(features, scalers.get(row))
        })
        .collect();
    let z = Array2::from_shape_vec((rows.len(), table.columns.len()), z);
    let z = z.unwrap_or_else(|_| Array2::zeros((0, table.columns.len())));
    pipeline.reducer.transform(z.view())
}

/// The statistics of the rows that a row stands among; none for rows that stand alone.
fn scalers(table: &Labelled, rows: &[usize], basis: Basis) -> BTreeMap<usize, Scaler> {
    let mut groups: BTreeMap<(&str, Option<&str>), Vec<usize>> = BTreeMap::new();
    for &row in rows {
        let of = &table.rows[row];
        let group = match (basis, of.speaker.as_deref()) {
            (Basis::Batch, _) => (of.corpus.as_str(), None),
            (Basis::OwnRecordings, Some(speaker)) => (of.corpus.as_str(), Some(speaker)),
            _ => continue,
        };
        groups.entry(group).or_default().push(row);
    }
    let mut scalers = BTreeMap::new();
    for members in groups.into_values().filter(|of| of.len() >= FEWEST) {
        let features = members.iter().map(|&row| table.features(row));
        let scaler = Scaler::fit(table.columns.len(), features);
        scalers.extend(members.iter().map(|&row| (row, scaler.clone())));
    }
    scalers
}
