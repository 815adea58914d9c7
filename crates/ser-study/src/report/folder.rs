//! A folder with everything: each figure in two widths as SVG and PNG, its numbers as csv, its caption, and the page.

use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use ser_tables::atomic_write::{folder_of, sync_folder_of};

use crate::evaluate::result::Evaluation;

use super::latex;
use super::page::{Extras, page};
use super::{Error, Figure, Width, figures};

/// Writes the report into `folder` and gives the files written.
///
/// A new folder appears when it is complete. In one that is there already, the files take their places when all of them are complete, the page last;
/// what else is in it stays.
///
/// # Errors
/// What the system says; nothing has changed then, or some files of a complete report have taken their places.
pub fn write_folder(
    evaluation: &Evaluation,
    folder: &Path,
    extras: &Extras<'_>,
) -> Result<Vec<PathBuf>, Error> {
    let above = folder_of(folder);
    fs::create_dir_all(above).map_err(|e| file_error(above, &e))?;
    let unfinished = tempfile::Builder::new()
        .prefix(".ser-")
        .suffix(".part")
        .tempdir_in(above)
        .map_err(|e| file_error(folder, &e))?;
    let mut names = Vec::new();
    let mut write = |name: String, bytes: &[u8]| {
        on_disk(&unfinished.path().join(&name), bytes)
            .map_err(|e| file_error(&folder.join(&name), &e))?;
        names.push(name);
        Ok::<(), Error>(())
    };
    let mut captions = String::new();
    for figure in figures(evaluation) {
        for width in [Width::Single, Width::Double] {
            let name = format!("{}-{}mm", figure.name, width.mm());
            write(format!("{name}.svg"), figure.svg(width).as_bytes())?;
            write(format!("{name}.png"), &figure.png(width)?)?;
        }
        write(format!("{}.csv", figure.name), &figure.table.csv()?)?;
        captions += &caption(&figure);
    }
    write("captions.txt".into(), captions.as_bytes())?;
    if extras.latex {
        for (name, text) in latex::tables(evaluation) {
            write(name.into(), text.as_bytes())?;
        }
    }
    write("report.html".into(), page(evaluation, extras)?.as_bytes())?;
    put(unfinished.path(), folder, &names).map_err(|e| file_error(folder, &e))?;
    Ok(names.iter().map(|name| folder.join(name)).collect())
}

fn on_disk(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut file = File::create(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// Gives a complete folder its name, or its files their places in the one that has the name already.
fn put(complete: &Path, folder: &Path, names: &[String]) -> io::Result<()> {
    if !folder.exists() {
        make_readable(complete, folder)?;
        // Another process may have been faster.
        if fs::rename(complete, folder).is_ok() {
            sync_folder_of(folder);
            return Ok(());
        }
        fs::create_dir_all(folder)?;
    }
    for name in names {
        fs::rename(complete.join(name), folder.join(name))?;
    }
    sync_folder_of(&folder.join("report.html"));
    Ok(())
}

/// A temporary folder is its owner's alone; this one is to be as any other beside it.
#[cfg(unix)]
fn make_readable(complete: &Path, folder: &Path) -> io::Result<()> {
    let like = fs::metadata(folder_of(folder))?.permissions();
    fs::set_permissions(complete, like)
}

#[cfg(not(unix))]
fn make_readable(_: &Path, _: &Path) -> io::Result<()> {
    Ok(())
}

fn caption(figure: &Figure) -> String {
    format!("{}\n{}. {}\n\n", figure.name, figure.title, figure.caption)
}

pub(crate) fn file_error(path: &Path, error: &io::Error) -> Error {
    Error::File {
        path: path.into(),
        problem: error.to_string(),
    }
}

#[test]
fn a_new_folder_appears_whole_and_an_old_one_keeps_what_else_is_in_it() {
    let above = tempfile::tempdir().unwrap();
    let names = ["a.csv".to_owned(), "report.html".to_owned()];
    let complete = |content: &str| {
        let folder = above.path().join("complete");
        fs::create_dir(&folder).unwrap();
        names
            .iter()
            .for_each(|name| on_disk(&folder.join(name), content.as_bytes()).unwrap());
        folder
    };
    let folder = above.path().join("out");
    put(&complete("1"), &folder, &names).unwrap();
    assert!(!above.path().join("complete").exists());
    fs::write(folder.join("mine.txt"), "x").unwrap();
    put(&complete("2"), &folder, &names).unwrap();
    let read = |name: &str| fs::read_to_string(folder.join(name)).unwrap();
    assert_eq!(
        [read("a.csv"), read("report.html"), read("mine.txt")],
        ["2", "2", "x"]
    );
}
