//! `ser corpus`: corpora as they were downloaded, listed, checked, heard through and prepared.

mod audit;

mod check;

mod list;

mod prepare;

mod show;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Result;
use clap::{Args, Subcommand};

use super::output::{print, print_json, threads};
use ser_corpora::{AsideKind, Catalogue, Corpus, Error, Roots, Scan, config_folder, scan};
use ser_tables::counted;

const EXAMPLES: &str = "\
Examples:
  ser corpus list                                      the known corpora
  ser corpus check emodb --root ~/Downloads/emodb      is everything there?
  ser corpus audit crema-d emodb --root /data/corpora  what is wrong with the recordings?
  ser corpus prepare emodb cremad ravdess --labels four -o data/
  ser corpus check voices --corpora voices.toml --root voices/
        a corpus of your own

Where recordings are: --root NAME=DIR (or DIR alone), SER_CORPORA (a folder that holds corpora by name), or [roots] in config.toml.";

/// List, show, check, audit and prepare corpora.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,

    /// Descriptions of additional corpora, which override built-in ones of the same name.
    #[arg(long, value_name = "FILE", global = true)]
    corpora: Option<PathBuf>,

    /// Where recordings are: NAME=DIR, or DIR.
    #[arg(long, value_name = "NAME=DIR", global = true)]
    root: Vec<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    List(list::Arguments),
    Show(show::Arguments),
    Check(check::Arguments),
    Audit(audit::Arguments),
    Prepare(prepare::Arguments),
}

/// Runs the command.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let desk = Desk::open(arguments)?;
    match &arguments.command {
        Command::List(own) => list::run(&desk, own),
        Command::Show(own) => show::run(&desk, own),
        Command::Check(own) => check::run(&desk, own),
        Command::Audit(own) => audit::run(&desk, own),
        Command::Prepare(own) => prepare::run(&desk, own),
    }
}

/// What every subcommand needs: the descriptions and the folders.
struct Desk {
    catalogue: Catalogue,
    roots: Roots,
}

impl Desk {
    fn open(arguments: &Arguments) -> Result<Desk> {
        let mut catalogue = Catalogue::built_in();
        let own = config_folder().join("corpora.toml");
        if own.is_file() {
            catalogue.read(&own)?;
        }
        if let Some(file) = &arguments.corpora {
            catalogue.read(file)?;
        }
        Ok(Desk {
            catalogue,
            roots: Roots::new(&arguments.root)?,
        })
    }

    /// Finds and reads the folders of the corpora named; each once, in the order given.
    fn scan<'a>(&'a self, names: &[String]) -> Result<Vec<(&'a Corpus, Scan)>> {
        let mut corpora: Vec<&Corpus> = Vec::new();
        for name in names {
            let corpus = self.catalogue.corpus(name)?;
            if !corpora.iter().any(|known| known.name == corpus.name) {
                corpora.push(corpus);
            }
        }
        let alone = corpora.len() == 1;
        let scan_one = |corpus: &'a Corpus| {
            let root = self.roots.find(corpus, alone)?;
            Ok((corpus, scan(corpus, &root)?))
        };
        corpora.into_iter().map(scan_one).collect()
    }

    /// The same, where a folder without a recording is an error.
    fn scan_recordings<'a>(&'a self, names: &[String]) -> Result<Vec<(&'a Corpus, Scan)>> {
        let scans = self.scan(names)?;
        for (corpus, scan) in &scans {
            if scan.entries.is_empty() {
                let unused = scan.aside.len();
                let contradiction = scan.aside(AsideKind::Contradiction).next();
                let remedy = match contradiction {
                    Some(first) => format!(
                        "its files are called alike and hold different things ({} {}): name the folder that is meant by --root {}=DIR",
                        first.path, first.why, corpus.name
                    ),
                    None => format!(
                        "see `ser corpus check {}` for its {}, or name another folder by --root {}=DIR",
                        corpus.name,
                        counted(unused, "file"),
                        corpus.name
                    ),
                };
                let (corpus, root) = (corpus.name.clone(), scan.root.clone());
                return Err(Error::NothingFound {
                    corpus,
                    root,
                    remedy,
                }
                .into());
            }
        }
        Ok(scans)
    }
}
