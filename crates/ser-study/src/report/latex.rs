//! Tables for a paper: LaTeX with `booktabs`, each a `tabular` to be put into a table of one's own.

use std::fmt::Write;

use crate::evaluate::result::{Evaluation, SetScores};
use ser_models::score::interval::Score;

use super::figure::selection::{first_seed, model_name, preparation, scores, set_title, thousands};

/// File names with their contents.
pub(crate) fn tables(evaluation: &Evaluation) -> Vec<(&'static str, String)> {
    let mut tables = vec![("scores.tex", score_table(evaluation))];
    if !evaluation.matrix.is_empty() {
        tables.push(("transfer.tex", transfer_table(evaluation)));
    }
    if !evaluation.claims.is_empty() {
        tables.push(("sentences.tex", sentence_table(evaluation)));
    }
    tables
}

/// 52.3 [49.1, 55.0], in percent.
fn percent(score: &Score) -> String {
    let value = format!("{:.1}", 100.0 * score.value);
    match score.interval {
        Some(i) => format!("{value} [{:.1}, {:.1}]", 100.0 * i.low, 100.0 * i.high),
        None => value,
    }
}

fn score_table(evaluation: &Evaluation) -> String {
    let mut text = head(
        "UAR and accuracy in percent with 95 % intervals over speakers (and seeds, where there are several; then the number after ± is their standard deviation).",
        "llrrrr",
        &[
            "Representation",
            "Set",
            "$n$",
            "Speakers",
            "UAR",
            "Accuracy",
        ],
    );
    let mut headed = String::new();
    for experiment in first_seed(evaluation) {
        let head = format!(
            "{}; {}",
            experiment.classes.join(", "),
            preparation(evaluation, experiment)
        );
        if head != headed {
            let _ = writeln!(
                text,
                "\\midrule\n\\multicolumn{{6}}{{l}}{{\\emph{{{}}}}} \\\\",
                escape(&head)
            );
            headed = head;
        }
        for set in scores(evaluation, experiment) {
            let with_sd = |score: &Score, sd: fn(&SetScores) -> Option<f64>| {
                let text = percent(score);
                match (sd(set), text.split_once(' ')) {
                    (Some(sd), Some((value, rest))) => {
                        format!("{value} $\\pm$ {:.1} {rest}", 100.0 * sd)
                    }
                    _ => text,
                }
            };
            let _ = writeln!(
                text,
                "{} & {} & {} & {} & {} & {} \\\\",
                escape(&model_name(&experiment.model)),
                escape(&set_title(evaluation, &set.set)),
                thousands(set.recordings).replace('\u{a0}', "\\,"),
                set.speakers,
                with_sd(&set.uar, |set| set.over_seeds.map(|spread| spread.uar)),
                with_sd(&set.accuracy, |set| set
                    .over_seeds
                    .map(|spread| spread.accuracy)),
            );
        }
    }
    foot(text)
}

fn transfer_table(evaluation: &Evaluation) -> String {
    let mut text = head(
        "UAR in percent with 95 % intervals over speakers, trained on one corpus and tested on another.",
        "llllr",
        &[
            "Trained on",
            "Tested on",
            "Representation",
            "Alignment",
            "UAR",
        ],
    );
    text += "\\midrule\n";
    for entry in &evaluation.matrix {
        let _ = writeln!(
            text,
            "{} & {} & {} & {} & {} \\\\",
            escape(&entry.train),
            escape(&entry.test),
            escape(&model_name(&entry.model)),
            escape(&entry.alignment),
            percent(&entry.uar)
        );
    }
    foot(text)
}

fn sentence_table(evaluation: &Evaluation) -> String {
    let mut text = head(
        "Sentences of Das et al. (2021), tested by a paired bootstrap over speakers and seeds; p corrected by Holm.",
        "rp{7cm}lp{5cm}r",
        &["", "Sentence", "Verdict", "Weakest comparison", "$p$"],
    );
    text += "\\midrule\n";
    for claim in &evaluation.claims {
        let effect = claim
            .effect
            .as_ref()
            .map_or(String::new(), |effect| effect.told());
        let p = claim.p_holm.map_or(String::new(), |p| match p < 0.001 {
            true => "$<.001$".into(),
            false => format!("{p:.3}"),
        });
        let _ = writeln!(
            text,
            "{} & {} & {} & {} & {p} \\\\",
            claim.number,
            escape(&claim.sentence),
            claim.verdict.name(),
            escape(&effect),
        );
    }
    foot(text)
}

fn head(about: &str, columns: &str, names: &[&str]) -> String {
    format!(
        "% {about}\n% \\usepackage{{booktabs}}\n\\begin{{tabular}}{{{columns}}}\n\\toprule\n{} \\\\\n",
        names.join(" & ")
    )
}

fn foot(text: String) -> String {
    text + "\\bottomrule\n\\end{tabular}\n"
}

/// Text as LaTeX takes it.
fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' | '%' | '$' | '#' | '_' | '{' | '}' => escaped.extend(['\\', c]),
            '\\' => escaped += "\\textbackslash{}",
            '~' => escaped += "\\textasciitilde{}",
            '^' => escaped += "\\textasciicircum{}",
            '<' => escaped += "$<$",
            '>' => escaped += "$>$",
            '−' => escaped += "$-$",
            '√' => escaped += "$\\surd$",
            'ρ' => escaped += "$\\rho$",
            '°' => escaped += "$^\\circ$",
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

#[test]
fn hostile_names_stay_text() {
    assert_eq!(
        escape("a_b & 50 % \\input{x} < −1°"),
        "a\\_b \\& 50 \\% \\textbackslash{}input\\{x\\} $<$ $-$1$^\\circ$"
    );
}

#[test]
fn every_row_of_a_table_has_its_columns() {
    let evaluation: Evaluation =
        serde_json::from_str(include_str!("../../../../tests/report/small.json")).unwrap();
    let tables = tables(&evaluation);
    assert_eq!(tables.len(), 3);
    for (name, text) in tables {
        let columns = text.lines().find(|line| line.contains(" & ")).unwrap();
        let columns = columns.matches(" & ").count();
        let rows = text
            .lines()
            .filter(|l| l.ends_with("\\\\") && !l.contains("multicolumn"));
        for row in rows {
            assert_eq!(row.matches(" & ").count(), columns, "{name}: {row}");
        }
    }
}
