//! A model's card: what it is, what it learnt from, how well it does on whom it has not heard, and what it must not be used for.
//!
//! M. Mitchell et al. (2019), "Model cards for model reporting", FAT* '19, 220–229.

use std::fmt::Write;

use super::card_trust::{alone, trusted};
use super::choice::Choice;
use super::learn_trust::JudgedPart;
use super::render::told;
use super::validation::Validation;
use crate::classifier::leave_out::{LeaveOut, System};
use ser_models::classify::NOT_FOR;
use ser_models::model::Pipeline;
use ser_models::model::file::ModelFacts;
use ser_models::score::subset_score::SubsetScore;
use ser_tables::counted;
use ser_tables::labelled::Labelled;

/// The card, Markdown.
pub fn card(
    name: &str,
    pipeline: &Pipeline,
    facts: &ModelFacts,
    validation: Option<(&Validation, &Labelled, &[JudgedPart])>,
    unheard: Option<&LeaveOut>,
) -> String {
    let mut text = String::new();
    let recipe = &pipeline.recipe;
    let _ = writeln!(text, "# Model card: {name}\n");
    let _ = writeln!(text, "{NOT_FOR}\n");
    if let Some(found) = unheard {
        corpora_left_out(&mut text, pipeline, found);
    }
    let _ = writeln!(text, "## The model\n");
    let _ = writeln!(text, "- Classes: {}.", pipeline.classes.join(", "));
    let set = match &facts.identity {
        Some(identity) => identity.to_string(),
        None => "the table's own columns".into(),
    };
    let _ = writeln!(text, "- Features: {} ({set}).", pipeline.columns.len());
    let _ = writeln!(
        text,
        "- Standardisation: statistics `{}`.",
        recipe.normalisation.name()
    );
    let _ = writeln!(
        text,
        "- Representation: `{}`{}.",
        recipe.representation.name(),
        shape(pipeline)
    );
    let _ = match recipe.discriminant {
        Some(own) => writeln!(
            text,
            "- Classifier: linear discriminant, shrinkage {}, spread between corpora × {}, corpora weighted by their recordings to the power {}.",
            own.shrinkage, own.between_corpora, own.corpus_power
        ),
        None => writeln!(
            text,
            "- Classifier: linear support vector classifier, solver `{}`, C = {}, class weights `{}`.",
            recipe.svc.solver.name(),
            recipe.svc.c,
            recipe.svc.weights.name()
        ),
    };
    let _ = writeln!(
        text,
        "- Seed {}; made by ser {}.\n",
        pipeline.seed,
        env!("CARGO_PKG_VERSION")
    );
    let _ = writeln!(text, "## The data\n");
    for source in &facts.corpora {
        let speakers = match source.speakers {
            0 => "speakers unknown".into(),
            n => counted(n, "speaker"),
        };
        let _ = writeln!(
            text,
            "- {}: {}, {speakers}.",
            source.corpus,
            counted(source.recordings, "recording")
        );
    }
    if pipeline.removed > 0 {
        let limit = recipe.outlier_limit.unwrap_or_default();
        let _ = writeln!(
            text,
            "- Left out as outliers (|z| > {limit}): {}.",
            counted(pipeline.removed, "recording")
        );
    }
    let _ = writeln!(
        text,
        "- Fingerprint of the training table (SHA-256): `{}`.\n",
        facts.fingerprint
    );
    if let (Some(trust), Some((_, _, judged))) = (&facts.trust, validation) {
        trusted(&mut text, trust, judged);
    }
    let _ = writeln!(text, "## Scores\n");
    match validation {
        None => {
            let _ = writeln!(
                text,
                "None: the model was made without validation, so that its answers are guesses without percentages. `ser evaluate` gives scores."
            );
        }
        Some((validation, table, _)) => {
            choices(&mut text, validation);
            scores(&mut text, pipeline, validation, table);
            alone(&mut text, pipeline, validation, table);
        }
    }
    text
}

/// What such a model is worth on a corpus that it has not heard, beside the default model of `ser classify`.
fn corpora_left_out(text: &mut String, pipeline: &Pipeline, found: &LeaveOut) {
    let corpora: Vec<&str> = found.corpora.iter().map(|of| of.corpus.as_str()).collect();
    let own = System::Paper {
        representation: pipeline.recipe.representation,
    };
    let table = found.recalls("an answer of", |system| {
        system == own || matches!(system, System::Ground { band: 0, .. })
    });
    let _ = writeln!(
        text,
        "## On corpora that it was not trained on\n\nUnweighted average recall with the same settings, trained on all but one of {}, tested on that, one recording at a time; chance {:.2}. The rows below it are the default model of `ser classify`, by what an answer rests on.\n\n{table}\nHow far its answers can be trusted there, with the temperature and threshold learnt on the corpora that it was trained on, each left out in turn:\n\n{}",
        corpora.join(", "),
        1.0 / found.classes.len() as f64,
        found.answers(|system| system == own)
    );
}

fn shape(pipeline: &Pipeline) -> String {
    match &pipeline.reducer {
        ser_models::model::pipeline::Reducer::Raw => String::new(),
        ser_models::model::pipeline::Reducer::Pca(pca) => {
            let shares: Vec<String> = pca
                .explained
                .iter()
                .map(|share| format!("{:.0} %", 100.0 * share))
                .collect();
            format!(
                ", {} components, which hold {} of the variance",
                pca.components.nrows(),
                shares.join(" and ")
            )
        }
        ser_models::model::pipeline::Reducer::Autoencoder(network) => {
            let sizes: Vec<String> = network
                .encoder
                .iter()
                .map(|layer| layer.bias.len().to_string())
                .collect();
            let epochs = network.configuration.epochs;
            format!(
                ", {}-{}, {epochs} epochs",
                pipeline.columns.len(),
                sizes.join("-")
            )
        }
    }
}

fn scores(text: &mut String, pipeline: &Pipeline, validation: &Validation, table: &Labelled) {
    let classes = pipeline.classes.len();
    let _ = writeln!(
        text,
        "On recordings held out, {}; chance {:.2}; 95 % intervals by a bootstrap over speakers.\n",
        validation.protocol,
        1.0 / classes as f64
    );
    let _ = writeln!(
        text,
        "| of | recordings | speakers | UAR | accuracy | {} |",
        pipeline
            .classes
            .iter()
            .map(|class| format!("recall of {class}"))
            .collect::<Vec<_>>()
            .join(" | ")
    );
    let _ = writeln!(text, "|---|---|---|---|---|{}", "---|".repeat(classes));
    let parts = validation.parts(table, classes);
    for part in &parts {
        let recalls: Vec<String> = part
            .recall
            .iter()
            .map(|recall| recall.as_ref().map_or("–".into(), told))
            .collect();
        let speakers = match part.speakers {
            0 => "unknown".into(),
            n => n.to_string(),
        };
        let (uar, accuracy) = (told(&part.uar), told(&part.accuracy));
        let _ = writeln!(
            text,
            "| {} | {} | {speakers} | {uar} | {accuracy} | {} |",
            part.part,
            part.recordings,
            recalls.join(" | ")
        );
    }
    if let Some(all) = parts.first() {
        confusion(text, &pipeline.classes, all);
    }
}

/// The settings that the folds chose, where there was a choice.
fn choices(text: &mut String, validation: &Validation) {
    let mut counts: Vec<(String, usize)> = Vec::new();
    for chosen in validation.choices.iter().map(Choice::to_string) {
        match counts.iter_mut().find(|(known, _)| *known == chosen) {
            Some((_, count)) => *count += 1,
            None => counts.push((chosen, 1)),
        }
    }
    if counts.iter().all(|(chosen, _)| chosen.is_empty()) {
        return;
    }
    let told: Vec<String> = counts
        .iter()
        .map(|(chosen, count)| format!("{chosen} ({})", counted(*count, "fold")))
        .collect();
    let _ = writeln!(
        text,
        "Settings were chosen by folds of speakers inside the training rows, anew in each fold scored here: {}.\n",
        told.join("; ")
    );
}

/// The counts of all held-out recordings.
fn confusion(text: &mut String, classes: &[String], all: &SubsetScore) {
    let _ = writeln!(
        text,
        "\nConfusion matrix (rows: true; columns: predicted):\n"
    );
    let _ = writeln!(text, "| | {} |", classes.join(" | "));
    let _ = writeln!(text, "|---|{}", "---|".repeat(classes.len()));
    for (class, counts) in classes.iter().zip(all.confusion.rows()) {
        let counts: Vec<String> = counts.iter().map(u64::to_string).collect();
        let _ = writeln!(text, "| {class} | {} |", counts.join(" | "));
    }
}
