//! Outputs are claimed before any work begins: each is a file of its own, none is an input, and nobody else is writing it.
//!
//! A claim is a file `.NAME.ser-lock` beside the output, locked by the operating system for as long as the process lives, with the number of the
//! process inside. A lock file that a killed process left is locked by nobody, and the next claim takes it over.

use std::fs::{File, Metadata, OpenOptions, TryLockError};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};

use super::{Usage, interrupt};
use ser_tables::atomic_write::{self, UnfinishedFile};

/// Outputs that are this process's own until this is dropped.
#[derive(Debug)]
pub(super) struct Claim {
    _locks: Vec<Lock>,
}

/// Claims files that are going to be written.
pub(super) fn claim<'a>(
    outputs: impl IntoIterator<Item = &'a Path>,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<Claim> {
    let outputs: Vec<&Path> = outputs.into_iter().collect();
    for path in &outputs {
        if *path == Path::new("-") {
            bail!(Usage(
                "- is no output here: without the flag the result goes to standard output; ./- is a file of that name".to_owned()
            ));
        }
        drop(
            UnfinishedFile::create(path)
                .with_context(|| format!("cannot write {}", path.display()))?,
        );
    }
    distinct(&outputs, inputs)?;
    let mut locks = Vec::new();
    for path in outputs {
        atomic_write::remove_strays(path);
        locks.push(lock(path)?);
    }
    Ok(Claim { _locks: locks })
}

/// Claims a folder, in which files are going to be written; it may not be there yet.
pub(super) fn claim_folder<'a>(
    folder: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<Claim> {
    distinct(&[folder], inputs)?;
    std::fs::create_dir_all(folder)
        .with_context(|| format!("cannot write {}", folder.display()))?;
    atomic_write::remove_strays(&folder.join("-"));
    Ok(Claim {
        _locks: vec![lock(&folder.join("folder"))?],
    })
}

/// Claims a folder that is going to appear whole; it may not be there yet.
#[cfg(feature = "models")]
pub(super) fn claim_whole_folder<'a>(
    folder: &Path,
    inputs: impl IntoIterator<Item = &'a Path>,
) -> Result<Claim> {
    distinct(&[folder], inputs)?;
    let cannot = || format!("cannot write {}", folder.display());
    if folder.exists() && !folder.is_dir() {
        bail!(
            "{}: it is a file: name a folder, or a page (.html)",
            cannot()
        );
    }
    std::fs::create_dir_all(atomic_write::folder_of(folder)).with_context(cannot)?;
    atomic_write::remove_strays(folder);
    Ok(Claim {
        _locks: vec![lock(folder)?],
    })
}

#[cfg(feature = "models")]
/// The paths with the tables that a prepared folder among them holds: its manifest and its features.
pub(super) fn tables_of(paths: &[PathBuf]) -> Vec<PathBuf> {
    let mut tables = paths.to_vec();
    for folder in paths.iter().filter(|path| path.is_dir()) {
        let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
        tables.extend(entries.map(|entry| entry.path()).filter(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name == "manifest.csv" || name.starts_with("features")
        }));
    }
    tables
}

/// Refuses outputs that are inputs, or each other.
fn distinct<'a>(outputs: &[&Path], inputs: impl IntoIterator<Item = &'a Path>) -> Result<()> {
    let there: Vec<(&Path, Metadata)> = outputs
        .iter()
        .filter_map(|path| Some((*path, std::fs::metadata(path).ok()?)))
        .collect();
    let places: Vec<PathBuf> = outputs.iter().map(|path| place(path)).collect();
    for (i, path) in outputs.iter().enumerate() {
        let twin = there.iter().find(|(other, metadata)| {
            other != path
                && std::fs::metadata(path).is_ok_and(|own| same(&own, metadata) == Some(true))
        });
        if places[..i].contains(&places[i]) || twin.is_some() {
            bail!(Usage(format!(
                "{}: is to hold two outputs: give each a file of its own",
                path.display()
            )));
        }
    }
    if there.is_empty() {
        return Ok(());
    }
    for input in inputs {
        let Ok(metadata) = std::fs::metadata(input) else {
            continue;
        };
        for (path, own) in &there {
            if same(own, &metadata).unwrap_or_else(|| place(path) == place(input)) {
                bail!(Usage(format!(
                    "{}: is an input, and the output would replace it: name another output",
                    path.display()
                )));
            }
        }
    }
    Ok(())
}

/// The path with its folder's links followed.
fn place(path: &Path) -> PathBuf {
    if let Ok(place) = std::fs::canonicalize(path) {
        return place;
    }
    let folder = std::fs::canonicalize(atomic_write::folder_of(path));
    folder.map_or(path.to_owned(), |folder| {
        folder.join(path.file_name().unwrap_or_default())
    })
}

#[cfg(unix)]
fn same(a: &Metadata, b: &Metadata) -> Option<bool> {
    use std::os::unix::fs::MetadataExt;
    Some((a.dev(), a.ino()) == (b.dev(), b.ino()))
}

/// Where files have no number, their places are compared.
#[cfg(not(unix))]
fn same(_: &Metadata, _: &Metadata) -> Option<bool> {
    None
}

#[derive(Debug)]
struct Lock {
    path: PathBuf,
    _file: File,
}

fn lock(output: &Path) -> Result<Lock> {
    let output = place(output);
    let name = output.file_name().unwrap_or_default().to_string_lossy();
    let path = output.with_file_name(format!(".{name}.ser-lock"));
    loop {
        let mut file = OpenOptions::new()
            .read(true)
            .write(true)
            .create(true)
            .truncate(false)
            .open(&path)
            .with_context(|| format!("cannot lock {}", path.display()))?;
        if let Err(TryLockError::WouldBlock) = file.try_lock() {
            let mut owner = String::new();
            let _ = file.read_to_string(&mut owner);
            let owner = match owner.trim().parse::<u32>() {
                Ok(number) => format!("process {number}"),
                Err(_) => "another process".to_owned(),
            };
            bail!(
                "{}: {owner} is writing it: wait until it ends, or name another output",
                output.display()
            );
        }
        // The last owner may have removed the file after it was opened here: then another one may be locked by now.
        let here = file.metadata().ok().zip(std::fs::metadata(&path).ok());
        if here.is_some_and(|(a, b)| same(&a, &b) != Some(false)) {
            let _ = file.set_len(0);
            let _ = file.write_all(std::process::id().to_string().as_bytes());
            interrupt::remove_at_end(&path);
            return Ok(Lock { path, _file: file });
        }
    }
}

impl Drop for Lock {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.path);
        interrupt::keep(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_claim_names_the_process_that_holds_the_first() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.csv");
        let first = claim([path.as_path()], []).unwrap();
        let error = claim([path.as_path()], []).unwrap_err().to_string();
        let owner = format!("a.csv: process {} is writing it", std::process::id());
        assert!(error.contains(&owner), "{error}");
        drop(first);
        // A lock file without an owner is what a kill leaves.
        std::fs::write(folder.path().join(".a.csv.ser-lock"), "1").unwrap();
        drop(claim([path.as_path()], []).unwrap());
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn an_output_is_no_input_and_no_other_output_by_whatever_name() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("b")).unwrap();
        std::fs::write(path("a.csv"), "x").unwrap();
        let refused = |outputs: &[PathBuf], inputs: &[PathBuf]| {
            let outcome = claim(
                outputs.iter().map(PathBuf::as_path),
                inputs.iter().map(PathBuf::as_path),
            );
            outcome.err().map(|error| error.to_string())
        };
        let by_way_of = path("b").join("../a.csv");
        let message = refused(&[path("a.csv")], &[by_way_of]).unwrap();
        assert!(message.contains("is an input"), "{message}");
        let other = path("b").join("../n.csv");
        let message = refused(&[path("n.csv"), other], &[]).unwrap();
        assert!(message.contains("two outputs"), "{message}");
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink(path("a.csv"), path("link.csv")).unwrap();
            std::fs::hard_link(path("a.csv"), path("hard.csv")).unwrap();
            for name in ["link.csv", "hard.csv"] {
                assert!(refused(&[path(name)], &[path("a.csv")]).is_some(), "{name}");
            }
        }
        assert_eq!(refused(&[path("a.csv"), path("n.csv")], &[path("b")]), None);
        assert!(refused(&["-".into()], &[]).is_some());
    }
}
