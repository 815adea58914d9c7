//! Tables from the disk into rows and features.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use super::columns::{Columns, identity, only_counts};
use super::{Error, Labelled, LabelledRow, Told};
use crate::input_table::{Cell, InputTable};
use crate::role::Place;

/// A folder made by `ser corpus prepare --features`.
pub(super) fn prepared(
    folder: &Path,
    told: &Told,
    target: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Labelled, Error> {
    let features = folder.join("features.csv");
    if !features.is_file() {
        return Err(Error {
            path: folder.to_path_buf(),
            problem: "there is no features.csv in it: make it with `ser corpus prepare NAME… --features -o DIR`".into(),
        });
    }
    let mut read = single(&features, told, None, notes)?;
    let manifest = table(&folder.join("manifest.csv"), None, target, notes)?;
    let known: BTreeMap<(&str, String), &LabelledRow> = manifest
        .rows
        .iter()
        .map(|row| ((row.file.as_str(), stretch(row.start)), row))
        .collect();
    let mut used: HashSet<*const LabelledRow> = HashSet::new();
    for row in &mut read.rows {
        let of = known
            .get(&(row.file.as_str(), stretch(row.start)))
            .or_else(|| known.get(&(row.file.as_str(), stretch(None))));
        let Some(of) = of else {
            return Err(Error {
                path: features,
                problem: format!(
                    "{} is not in manifest.csv beside it: prepare the folder anew",
                    row.file
                ),
            });
        };
        used.insert(*of);
        *row = LabelledRow {
            start: row.start,
            end: row.end,
            ..(*of).clone()
        };
    }
    let without: Vec<&LabelledRow> = manifest
        .rows
        .iter()
        .filter(|row| !used.contains(&std::ptr::from_ref(*row)))
        .collect();
    if let Some(first) = without.first() {
        notes.push(format!(
            "{}: {} of the {} recordings of manifest.csv have no features in features.csv; the first is {}",
            folder.display(),
            without.len(),
            manifest.rows.len(),
            first.file
        ));
    }
    Ok(read)
}

/// The start of a stretch as a key; that of a whole recording is empty or zero.
fn stretch(start: Option<f64>) -> String {
    start
        .filter(|start| *start != 0.0)
        .map(|start| format!("{start:.6}"))
        .unwrap_or_default()
}

/// One table with features.
pub(super) fn single(
    path: &Path,
    told: &Told,
    target: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Labelled, Error> {
    let mut read = table(path, Some(told), target, notes)?;
    if read.columns.is_empty() {
        return Err(Error {
            path: path.to_path_buf(),
            problem: "it has no feature columns: make it with `ser extract` or `ser corpus prepare --features`".into(),
        });
    }
    // A table without a corpus column is one corpus, called like the file.
    let name = path
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned());
    for row in read.rows.iter_mut().filter(|row| row.corpus.is_empty()) {
        row.corpus = name.clone().unwrap_or_default();
    }
    Ok(read)
}

/// The rows of a table; with features where something may be told of these.
pub(super) fn table(
    path: &Path,
    told: Option<&Told>,
    target: Option<&str>,
    notes: &mut Vec<String>,
) -> Result<Labelled, Error> {
    let error = |problem: String| Error {
        path: path.to_path_buf(),
        problem,
    };
    let input = InputTable::open(path).map_err(error)?;
    let names = input.names();
    let mut table = Labelled::default();
    if let Some(told) = told {
        table.identity = identity(path, &input, told).map_err(error)?;
    }
    let mut columns = Columns::find(&input, table.identity.is_some()).map_err(error)?;
    if let Some(target) = target {
        columns.find_target(&input, target).map_err(error)?;
    }
    if let Some(told) = told {
        columns
            .find_features(&input, table.identity.as_ref(), &told.ignored)
            .map_err(error)?;
        table.columns = columns
            .features
            .iter()
            .map(|&at| names[at].clone())
            .collect();
        for &at in columns
            .row_numbers
            .iter()
            .filter(|at| !told.ignored.contains(&names[**at]))
        {
            notes.push(format!(
                "{}: its column {:?} is a row number, as pandas writes its index, and is left out",
                path.display(),
                names[at]
            ));
        }
    }
    for line in input.rows() {
        let line = line.map_err(|wrong| {
            error(format!(
                "{} {}: the file is cut off or damaged",
                input.place(wrong.at),
                wrong.problem
            ))
        })?;
        let bad = |at: usize, problem: String| {
            error(format!(
                "{}: {}: {problem}",
                input.place(line.at),
                names[at]
            ))
        };
        table.rows.push(row(&line.cells, &columns, &bad)?);
        for &at in &columns.features {
            let value = feature(&line.cells[at]).map_err(|problem| bad(at, problem))?;
            table.values.push(value);
        }
    }
    if table.identity.is_none() {
        let width = table.columns.len();
        for (at, name) in table.columns.iter().enumerate() {
            let values = table.values.chunks_exact(width.max(1)).map(|row| row[at]);
            if only_counts(values) {
                return Err(error(format!(
                    "its column {name:?} only counts the rows, and a model would learn their order: leave it out with --ignore"
                )));
            }
        }
    }
    Ok(table)
}

/// What a row is of.
fn row(
    cells: &[Cell<'_>],
    columns: &Columns,
    bad: &dyn Fn(usize, String) -> Error,
) -> Result<LabelledRow, Error> {
    let text = |at: Option<usize>| at.and_then(|at| cells[at].text());
    let number = |at: Option<usize>| match at {
        Some(at) => cells[at].number().map_err(|problem| bad(at, problem)),
        None => Ok(None),
    };
    let time = |place: Option<Place>| match place {
        None => Ok(None),
        // A number stays what it is, to the bit.
        Some(Place { at, scale }) => match cells[at].number() {
            Ok(seconds) => Ok(seconds.filter(|s| !s.is_nan()).map(|s| s * scale)),
            Err(_) => match cells[at].time(scale) {
                Ok(time) => Ok(time.map(|time| time.as_secs_f64())),
                Err(problem) => Err(bad(at, problem)),
            },
        },
    };
    let percent = match number(columns.agreement)? {
        Some(percent) => Some(percent),
        None => text(columns.extra).and_then(|facts| fact(&facts, "agreement")),
    };
    let file = text(Some(columns.file)).unwrap_or_default();
    // openSMILE's program puts names into single quotes.
    let bare = file
        .strip_prefix('\'')
        .and_then(|name| name.strip_suffix('\''));
    Ok(LabelledRow {
        file: bare.unwrap_or(&file).to_owned(),
        start: time(columns.start)?,
        end: time(columns.end)?,
        corpus: text(columns.corpus).unwrap_or_default(),
        speaker: text(columns.speaker),
        gender: text(columns.gender),
        session: text(columns.session),
        language: text(columns.language),
        label: text(columns.label),
        valence: number(columns.valence)?,
        activation: number(columns.activation)?,
        agreement: percent
            .filter(|p| (0.0..=100.0).contains(p))
            .map(|p| p / 100.0),
        target: number(columns.target)?.filter(|x| x.is_finite()),
    })
}

/// A number among the manifest's further facts, as in `kind=improvised; agreement=90`.
fn fact(facts: &str, name: &str) -> Option<f64> {
    let of = |pair: &str| {
        pair.trim()
            .strip_prefix(name)?
            .strip_prefix('=')?
            .parse()
            .ok()
    };
    facts.split(';').find_map(of)
}

/// A feature; NaN where there is none.
fn feature(cell: &Cell<'_>) -> Result<f32, String> {
    if let Cell::Text(text) = cell
        && let Ok(value) = text.parse::<f32>()
    {
        return Ok(value);
    }
    Ok(cell.number()?.map_or(f32::NAN, |value| value as f32))
}
