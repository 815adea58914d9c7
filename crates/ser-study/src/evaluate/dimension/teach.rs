//! What a model of numbers carries about its answers, and its card.
//!
//! ```text
//! interval   value ± q,   q the 95 % quantile of |truth − prediction| on what was left out of training, of several corpora the greatest
//! ```
//!
//! Left out is each corpus in turn, or with one corpus its speakers in folds. Every row is predicted by a model that has not heard it, so that the
//! interval holds 95 % of such rows whatever the errors look like (split conformal prediction: V. Vovk, A. Gammerman, G. Shafer (2005), "Algorithmic
//! learning in a random world", Springer).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use super::{choose, folds, speakers, values};
use crate::evaluate::design::seed_of;
use crate::evaluate::held_out::grounds;
use crate::evaluate::plan::Plan;
use crate::evaluate::render::told;
use ser_models::classify::NOT_FOR;
use ser_models::classify::basis::Basis;
use ser_models::classify::column_limits::{ColumnLimits, Range};
use ser_models::classify::front_end::RecordingFacts;
use ser_models::classify::reliability::LeftOut;
use ser_models::classify::sound_limits::SoundLimits;
use ser_models::classify::trust::{Spread, Trust};
use ser_models::model::file::ModelFacts;
use ser_models::model::pipeline::Reducer;
use ser_models::model::regression::Regression;
use ser_models::model::{Error, Pipeline, Recipe};
use ser_models::score::agreement::{Agreement, Moments};
use ser_models::score::bootstrap::Resampling;
use ser_models::score::split::{Protocol, TestRows};
use ser_parallel::try_map_in_order;
use ser_tables::labelled::Labelled;
use ser_tables::statistic::quantile;

/// The share of rows left out that an interval holds.
const HELD: f64 = 0.95;
/// Most folds of speakers.
const FOLDS: usize = 10;

/// Rows left out together, with their predictions on each ground.
struct Part {
    rows: Vec<usize>,
    values: Vec<Vec<f64>>,
    standardised: Vec<Vec<f64>>,
    ranges: Vec<Range>,
}

/// What was learnt about a model of numbers.
pub struct Learnt {
    /// What the model carries.
    pub trust: Trust,
    /// Rows of a table for the card.
    pub rows: Vec<String>,
}

/// Leaves out corpora or speakers; `facts` are those of the rows' recordings, where they are there, and the rate they are analysed at.
///
/// # Errors
/// Too few speakers or recordings, and those of fitting.
pub fn teach(
    (table, rows): (&Labelled, &[usize]),
    (plan, recipe, pipeline): (&Plan, &Recipe, &Pipeline),
    seed: u64,
    threads: usize,
    facts: Option<(&[RecordingFacts], u32)>,
) -> Result<Learnt, Error> {
    let mut corpora: BTreeMap<&str, TestRows> = BTreeMap::new();
    for &row in rows {
        corpora
            .entry(&table.rows[row].corpus)
            .or_default()
            .push(row);
    }
    let several = corpora.len() > 1;
    let mut warnings = Vec::new();
    let (left_out, protocol, tests) = match several {
        true => (
            LeftOut::Corpora,
            "each corpus left out of training in turn".to_string(),
            corpora.values().cloned().collect(),
        ),
        false => {
            let wanted = Protocol::SpeakerIndependent;
            let (protocol, tests) = folds(table, rows, wanted, FOLDS, seed, &mut warnings)?;
            let left_out = match protocol.mixes_speakers() {
                true => LeftOut::Recordings,
                false => LeftOut::Speakers,
            };
            (left_out, protocol.name(tests.len()), tests)
        }
    };
    let bases = grounds(pipeline.normaliser.by());
    let target = &pipeline.classes[0];
    let work = |number: usize| {
        part(
            (table, rows),
            (plan, recipe, target),
            &tests[number],
            bases,
            seed_of(seed, number),
        )
    };
    let parts = try_map_in_order(tests.len(), threads, work)?;
    let overall = pipeline.normaliser.overall();
    let known: Vec<Vec<f64>> = pipeline
        .ordinary(table, rows)
        .iter()
        .map(|&row| overall.transform(table.features(row)).collect())
        .collect();
    let sets: Vec<Vec<(&[f64], &[Range])>> = parts
        .iter()
        .map(|part| {
            let rows = part.standardised.iter();
            rows.map(|row| (row.as_slice(), part.ranges.as_slice()))
                .collect()
        })
        .collect();
    let names: Vec<String> = match several {
        true => corpora.keys().map(ToString::to_string).collect(),
        false => vec!["all".into()],
    };
    let mut lines = Vec::new();
    let mut spread = Vec::new();
    for (at, &basis) in bases.iter().enumerate() {
        let mut found = Spread {
            basis,
            half_width: 0.0,
            ccc: (f64::INFINITY, f64::NEG_INFINITY),
        };
        for (number, name) in names.iter().enumerate() {
            let of = if several {
                &parts[number..=number]
            } else {
                &parts[..]
            };
            let rows: Vec<usize> = of.iter().flat_map(|part| part.rows.clone()).collect();
            let predicted: Vec<f64> = of.iter().flat_map(|part| part.values[at].clone()).collect();
            let truth: Vec<f64> = rows
                .iter()
                .filter_map(|&row| table.rows[row].target)
                .collect();
            let mut errors: Vec<f64> = truth
                .iter()
                .zip(&predicted)
                .map(|(t, p)| (t - p).abs())
                .collect();
            errors.sort_unstable_by(f64::total_cmp);
            found.half_width = found.half_width.max(quantile(&errors, HELD));
            let voices = speakers(table, &rows);
            let agreement =
                Agreement::new(&truth, &predicted, voices.as_deref(), Resampling::default());
            let ccc = agreement.whole.ccc().unwrap_or(0.0);
            found.ccc = (found.ccc.0.min(ccc), found.ccc.1.max(ccc));
            let score = |of: fn(&Moments) -> Option<f64>| {
                agreement.score(of).map_or("–".into(), |score| told(&score))
            };
            let count = voices.map_or("unknown".into(), |of| {
                of.iter().collect::<BTreeSet<_>>().len().to_string()
            });
            lines.push(format!(
                "| {} | {name} | {} | {count} | {} | {} | {} |",
                basis.heading(),
                rows.len(),
                score(Moments::ccc),
                score(Moments::pearson),
                score(Moments::rmse),
            ));
        }
        spread.push(found);
    }
    Ok(Learnt {
        trust: Trust {
            left_out,
            protocol,
            sound: facts.map(|(facts, rate_hz)| {
                SoundLimits::learn(&facts.iter().collect::<Vec<_>>(), rate_hz)
            }),
            columns: ColumnLimits::learn(ColumnLimits::ranges(&known), &sets),
            reliability: Vec::new(),
            spread,
        },
        rows: lines,
    })
}

fn part(
    (table, rows): (&Labelled, &[usize]),
    (plan, recipe, target): (&Plan, &Recipe, &str),
    test: &[usize],
    bases: &[Basis],
    seed: u64,
) -> Result<Part, Error> {
    let learnt: Vec<usize> = rows
        .iter()
        .copied()
        .filter(|row| !test.contains(row))
        .collect();
    let recipe = choose(plan, recipe, (table, &learnt), seed)?.applied(recipe);
    let pipeline = recipe.fit_numbers((table, &learnt), target, seed, &mut |_| {})?;
    let overall = pipeline.normaliser.overall();
    let standardised = |row: &usize| overall.transform(table.features(*row)).collect();
    let known: Vec<Vec<f64>> = pipeline
        .ordinary(table, &learnt)
        .iter()
        .map(standardised)
        .collect();
    Ok(Part {
        values: bases
            .iter()
            .map(|&basis| values(&pipeline, table, test, basis))
            .collect(),
        standardised: test.iter().map(standardised).collect(),
        ranges: ColumnLimits::ranges(&known),
        rows: test.to_vec(),
    })
}

/// The card, Markdown.
pub fn card(
    name: &str,
    pipeline: &Pipeline,
    making: &ModelFacts,
    learnt: Option<&Learnt>,
) -> String {
    let recipe = &pipeline.recipe;
    let target = &pipeline.classes[0];
    let mut text = format!("# Model card: {name}\n\n{NOT_FOR}\n\n## The model\n\n");
    let range = match &pipeline.classifier {
        ser_models::model::linear::Linear::Plane(plane) => plane.range,
        _ => (f64::NAN, f64::NAN),
    };
    let set = match &making.identity {
        Some(identity) => identity.to_string(),
        None => "the table's own columns".into(),
    };
    let shape = match &pipeline.reducer {
        Reducer::Raw => String::new(),
        Reducer::Pca(pca) => format!(", {} components", pca.components.nrows()),
        Reducer::Autoencoder(network) => format!(
            ", {}",
            crate::evaluate::choice::told(&network.configuration)
        ),
    };
    let method = match recipe.regression() {
        Regression::Ridge(own) => format!("Ridge regression, penalty {}", own.penalty),
        Regression::Svr(own) => format!(
            "Support vector regression, C = {}, errors up to {} standard deviations of the training numbers cost nothing",
            own.c, own.epsilon
        ),
    };
    let _ = write!(
        text,
        "- Predicts: {target}, a number from {} to {} in the units of the training table.\n- Features: {} ({set}).\n- Standardisation: statistics `{}`.\n- Representation: `{}`{shape}.\n- {}.\n- Seed {}; made by ser {}.\n\n## The data\n\n",
        range.0,
        range.1,
        pipeline.columns.len(),
        recipe.normalisation.name(),
        recipe.representation.name(),
        method,
        pipeline.seed,
        env!("CARGO_PKG_VERSION")
    );
    for source in &making.corpora {
        let _ = writeln!(
            text,
            "- {}: {} recordings, {} speakers.",
            source.corpus, source.recordings, source.speakers
        );
    }
    let _ = writeln!(
        text,
        "- Fingerprint of the training table (SHA-256): `{}`.\n\n## Scores on what was left out of training\n",
        making.fingerprint
    );
    let Some(learnt) = learnt else {
        text += "None: the model was made without validation, so that its answers have no interval. `ser evaluate --target` gives scores.\n";
        return text;
    };
    let _ = writeln!(
        text,
        "Left out: {}. Concordance correlation coefficient (CCC, Lin 1989; the mean of all has 0), Pearson's r, root mean square error; 95 % intervals by a bootstrap over speakers.\n\n| an answer rests on | left out | recordings | speakers | CCC | r | RMSE |\n|---|---|---|---|---|---|---|",
        learnt.trust.protocol
    );
    for row in &learnt.rows {
        let _ = writeln!(text, "{row}");
    }
    text += "\nThe interval of an answer held 95 % of what was left out, of several corpora on the worst:\n\n";
    for spread in &learnt.trust.spread {
        let _ = writeln!(
            text,
            "- {}: ± {:.3}.",
            spread.basis.heading(),
            spread.half_width
        );
    }
    if learnt.trust.left_out != LeftOut::Corpora {
        text += "\nThere is one training corpus: other corpora were not tested, and it does worse there.\n";
    }
    text
}
