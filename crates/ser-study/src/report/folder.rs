//! A folder with everything: each figure in two widths as SVG and PNG, its numbers as csv, its caption, and the page.

use std::fs;
use std::path::{Path, PathBuf};

use crate::evaluate::result::Evaluation;

use super::latex;
use super::page::{Extras, page};
use super::{Error, Figure, Width, figures};

/// Writes the report into `folder`, which is made if it is not there, and gives the files written.
pub fn write_folder(
    evaluation: &Evaluation,
    folder: &Path,
    extras: &Extras<'_>,
) -> Result<Vec<PathBuf>, Error> {
    fs::create_dir_all(folder).map_err(|e| file_error(folder, &e))?;
    let mut written = Vec::new();
    let mut write = |name: String, bytes: &[u8]| {
        let path = folder.join(name);
        fs::write(&path, bytes).map_err(|e| file_error(&path, &e))?;
        written.push(path);
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
    Ok(written)
}

fn caption(figure: &Figure) -> String {
    format!("{}\n{}. {}\n\n", figure.name, figure.title, figure.caption)
}

pub(crate) fn file_error(path: &Path, error: &std::io::Error) -> Error {
    Error::File {
        path: path.into(),
        problem: error.to_string(),
    }
}
