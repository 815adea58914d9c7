//! `ser corpus list`: the known corpora, and where.

use std::fmt::Write;
use std::process::ExitCode;

use anyhow::Result;
use clap::Args;
use serde::Serialize;

use super::{Desk, print, print_json};

/// List the known corpora and where their recordings are.
#[derive(Debug, Args)]
pub struct Arguments {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Line<'a> {
    name: &'a str,
    title: &'a str,
    languages: &'a [String],
    recordings: Option<usize>,
    licence: &'a str,
    root: Option<String>,
}

pub(super) fn run(desk: &Desk, arguments: &Arguments) -> Result<ExitCode> {
    let lines: Vec<Line<'_>> = desk
        .catalogue
        .corpora()
        .map(|corpus| Line {
            name: &corpus.name,
            title: &corpus.title,
            languages: &corpus.languages,
            recordings: corpus.expected.files,
            licence: &corpus.licence,
            root: desk
                .roots
                .find(corpus, false)
                .ok()
                .map(|root| root.display().to_string()),
        })
        .collect();
    if arguments.json {
        print_json(&lines)?;
    } else {
        let own = desk.roots.config_folder.join("corpora.toml");
        print(&render(&lines, &own.display().to_string()))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn render(lines: &[Line<'_>], own: &str) -> String {
    let width = lines.iter().map(|line| line.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for line in lines {
        let recordings = line
            .recordings
            .map_or("-".to_string(), |count| count.to_string());
        let languages = line.languages.join(" ");
        let place = line
            .root
            .as_ref()
            .map_or(String::new(), |root| format!("  in {root}"));
        writeln!(
            text,
            "{:width$}  {languages:7}  {recordings:>6}  {}{place}",
            line.name, line.title
        )
        .unwrap_or_default();
    }
    writeln!(text, "\nYour own: --corpora FILE, or {own}").unwrap_or_default();
    text
}

#[test]
fn a_line_has_name_language_size_title_and_place() {
    let languages = ["deu".to_string()];
    let line = |name, recordings, root| Line {
        name,
        title: "T",
        languages: &languages,
        recordings,
        licence: "",
        root,
    };
    let lines = [
        line("emodb", Some(535), Some("/data/emodb".into())),
        line("x", None, None),
    ];
    insta::assert_snapshot!(render(&lines, "/home/me/corpora.toml"), @"
    emodb  deu         535  T  in /data/emodb
    x      deu           -  T

    Your own: --corpora FILE, or /home/me/corpora.toml
    ");
}
