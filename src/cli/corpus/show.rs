//! `ser corpus show`: what is known of one corpus.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::{Desk, print, print_json};
use ser_corpora::{Corpus, LabelMap, column_width};

/// Show what is known about a corpus: licence, citation, layout, labels and their classes.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The corpus.
    #[arg(value_name = "NAME")]
    name: String,

    /// As JSON.
    #[arg(long)]
    json: bool,
}

/// The maps shown beside the labels.
const MAPS: [&str; 2] = ["four", "four-excited"];

#[derive(Serialize)]
struct ShownCorpus<'a> {
    name: &'a str,
    title: &'a str,
    languages: &'a [String],
    citation: &'a str,
    licence: &'a str,
    usage: &'static str,
    get: &'a str,
    recordings: Option<usize>,
    rates: &'a [u32],
    speakers: usize,
    facts: Vec<&'a str>,
    labels: Vec<LabelLine<'a>>,
    root: Option<String>,
}

#[derive(Serialize)]
struct LabelLine<'a> {
    code: &'a str,
    native: &'a str,
    common: Option<&'a str>,
    classes: BTreeMap<&'static str, String>,
    expected: Option<usize>,
}

pub(super) fn run(desk: &Desk, arguments: &Arguments) -> Result<ExitCode> {
    let corpus = desk.catalogue.corpus(&arguments.name)?;
    let maps = MAPS.map(|name| (name, LabelMap::named(name, &desk.catalogue)));
    let shown = ShownCorpus {
        name: &corpus.name,
        title: &corpus.title,
        languages: &corpus.languages,
        citation: &corpus.citation,
        licence: &corpus.licence,
        usage: corpus.usage.word(),
        get: &corpus.get,
        recordings: corpus.expected.files,
        rates: &corpus.expected.rates,
        speakers: corpus.speakers.len(),
        facts: corpus.facts(),
        labels: corpus
            .labels
            .iter()
            .map(|(code, label)| LabelLine {
                code,
                native: &label.native,
                common: label.common.as_deref(),
                classes: classes(&maps, corpus, code),
                expected: corpus.expected.labels.get(code).copied(),
            })
            .collect(),
        root: desk
            .roots
            .find(corpus, true)
            .ok()
            .map(|root| root.display().to_string()),
    };
    if arguments.json {
        print_json(&shown)?
    } else {
        print(&render(&shown))?
    }
    Ok(ExitCode::SUCCESS)
}

fn classes(
    maps: &[(&'static str, Result<LabelMap, ser_corpora::Error>); 2],
    corpus: &Corpus,
    code: &str,
) -> BTreeMap<&'static str, String> {
    let class = |(name, map): &(&'static str, Result<LabelMap, _>)| {
        Some((
            *name,
            map.as_ref().ok()?.class_of(corpus, code)?.to_string(),
        ))
    };
    maps.iter().filter_map(class).collect()
}

fn render(shown: &ShownCorpus<'_>) -> String {
    let mut text = String::new();
    let rates: Vec<String> = shown.rates.iter().map(u32::to_string).collect();
    let count = |count: Option<usize>| count.map_or("-".to_string(), |count| count.to_string());
    let lines = [
        ("language", shown.languages.join(", ")),
        ("citation", shown.citation.to_string()),
        ("licence", shown.licence.to_string()),
        ("get it from", shown.get.to_string()),
        ("recordings", count(shown.recordings)),
        ("rates, Hz", rates.join(", ")),
        ("facts", shown.facts.join(", ")),
        (
            "folder",
            shown
                .root
                .clone()
                .unwrap_or_else(|| format!("none given: --root {}=DIR", shown.name)),
        ),
    ];
    writeln!(text, "{}: {}\n", shown.name, shown.title).unwrap_or_default();
    for (name, value) in lines.iter().filter(|(_, value)| !value.is_empty()) {
        writeln!(text, "  {name:12}  {value}").unwrap_or_default();
    }
    let code = column_width("code", shown.labels.iter().map(|label| label.code));
    let native = column_width("native", shown.labels.iter().map(|label| label.native));
    writeln!(
        text,
        "\n  {:code$}  {:native$}  {:14}  {:8}  {:12}  recordings",
        "code", "native", "common", MAPS[0], MAPS[1]
    )
    .unwrap_or_default();
    for label in &shown.labels {
        let class = |map| label.classes.get(map).map_or("-", String::as_str);
        writeln!(
            text,
            "  {:code$}  {:native$}  {:14}  {:8}  {:12}  {:>10}",
            label.code,
            label.native,
            label.common.unwrap_or("-"),
            class(MAPS[0]),
            class(MAPS[1]),
            count(label.expected)
        )
        .unwrap_or_default();
    }
    text
}
