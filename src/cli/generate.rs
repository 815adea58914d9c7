//! `ser generate`: manual pages and shell completions, written from the same definitions as `--help`, so that they never differ from the program.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::{Args, CommandFactory, ValueEnum};
use clap_complete::Shell;

use ser_tables::atomic_write::UnfinishedFile;

use super::{Cli, output};

/// Write manual pages or shell completions
///
/// `man` writes one page per command, in roff, into a folder (or the page of `ser` itself to standard output); `complete-SHELL`
/// prints a completion script.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// What to write
    #[arg(value_enum, value_name = "WHAT")]
    what: What,
    /// Folder for the manual pages (one file per command), or file for a completion script
    #[arg(short, long, value_name = "PATH")]
    output: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  ser generate man -o ~/.local/share/man/man1  then: man ser-extract
  ser generate complete-bash > ~/.local/share/bash-completion/completions/ser
  ser generate complete-zsh                    > ~/.zfunc/_ser
  ser generate complete-fish > ~/.config/fish/completions/ser.fish
  ser generate complete-powershell >> $PROFILE";

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum What {
    /// Manual pages
    Man,
    /// Completions for Bash
    CompleteBash,
    /// Completions for Zsh
    CompleteZsh,
    /// Completions for fish
    CompleteFish,
    /// Completions for PowerShell
    CompletePowershell,
}

impl What {
    fn shell(self) -> Option<Shell> {
        match self {
            Self::Man => None,
            Self::CompleteBash => Some(Shell::Bash),
            Self::CompleteZsh => Some(Shell::Zsh),
            Self::CompleteFish => Some(Shell::Fish),
            Self::CompletePowershell => Some(Shell::PowerShell),
        }
    }
}

pub(super) fn run(arguments: &Arguments) -> Result<ExitCode> {
    let command = Cli::command();
    match (arguments.what.shell(), &arguments.output) {
        (Some(shell), path) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut command.clone(), "ser", &mut script);
            write(path.as_deref(), &script)?;
        }
        (None, None) => write(None, &page(command)?)?,
        (None, Some(folder)) => pages(command, folder)?,
    }
    Ok(ExitCode::SUCCESS)
}

/// Every command's page: `ser.1`, `ser-extract.1`, `ser-corpus-prepare.1` …
fn pages(command: clap::Command, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("cannot create {}", folder.display()))?;
    // Built, so that a subcommand knows its whole name (`ser-corpus-prepare`).
    let mut command = command.disable_help_subcommand(true);
    command.build();
    let mut open = vec![command];
    while let Some(command) = open.pop() {
        let name = command
            .get_display_name()
            .unwrap_or_else(|| command.get_name())
            .to_owned();
        open.extend(command.get_subcommands().cloned());
        write(Some(&folder.join(format!("{name}.1"))), &page(command)?)?;
    }
    Ok(())
}

fn page(command: clap::Command) -> Result<Vec<u8>> {
    let mut page = Vec::new();
    clap_mangen::Man::new(command).render(&mut page)?;
    Ok(page)
}

/// To standard output, or whole into a file.
fn write(path: Option<&Path>, bytes: &[u8]) -> Result<()> {
    let Some(path) = path else {
        return output::print_data(std::str::from_utf8(bytes)?);
    };
    let cannot = || format!("cannot write {}", path.display());
    let file = UnfinishedFile::create(path).with_context(cannot)?;
    file.target()
        .and_then(|mut target| target.write_all(bytes))
        .and_then(|()| file.complete())
        .with_context(cannot)?;
    Ok(())
}
