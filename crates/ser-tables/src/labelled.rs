//! A table read back: features, and of whom they are.
//!
//! Models learn from what `ser corpus prepare --features` wrote (a folder with manifest.csv and features.csv), or from one csv with a row per
//! recording. Columns that say what a row is of have the manifest's names ([`KNOWN`]); all others are features.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

/// Columns that are no features.
pub const KNOWN: [&str; 27] = [
    "file",
    "start",
    "end",
    "corpus",
    "source",
    "speaker",
    "gender",
    "age",
    "label",
    "native_label",
    "session",
    "text",
    "transcript",
    "take",
    "intensity",
    "split",
    "language",
    "valence",
    "activation",
    "dominance",
    "duration",
    "rate",
    "gain_db",
    "sha256",
    "extra",
    "name",
    "class",
];

/// Why a table cannot be learnt from.
#[derive(Debug, thiserror::Error)]
#[error("{}: {problem}", .path.display())]
pub struct Error {
    /// The file or folder.
    pub path: PathBuf,
    /// What is wrong, and what would be right.
    pub problem: String,
}

/// What a row is of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Row {
    /// The recording.
    pub file: String,
    /// Where it begins in the recording, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub start: Option<f64>,
    /// Where it ends, seconds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub end: Option<f64>,
    /// Its corpus.
    pub corpus: String,
    /// Who speaks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub speaker: Option<String>,
    /// The speaker's gender, one letter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// The recording session.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub session: Option<String>,
    /// The language spoken, ISO 639-3.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
    /// Its class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<String>,
    /// Valence, in the corpus's own units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valence: Option<f64>,
    /// Activation (arousal), in the corpus's own units.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub activation: Option<f64>,
}

/// Rows with features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labelled {
    /// Names of the features.
    pub columns: Vec<String>,
    /// What the rows are of.
    pub rows: Vec<Row>,
    /// The features, row after row. A field that is empty is NaN.
    pub values: Vec<f32>,
}

impl Labelled {
    /// Reads tables, which must have the same features in the same order, and puts them below each other.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and the remedy.
    pub fn open(paths: &[PathBuf]) -> Result<Labelled, Error> {
        let mut whole = Labelled::default();
        for path in paths {
            let part = if path.is_dir() {
                prepared(path)?
            } else {
                single(path)?
            };
            whole.append(part, path)?;
        }
        Ok(whole)
    }

    /// The recordings of a folder made by `ser corpus prepare`, with features or without: its manifest alone.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and the remedy.
    pub fn manifest(folder: &Path) -> Result<Vec<Row>, Error> {
        let path = folder.join("manifest.csv");
        if !path.is_file() {
            return Err(Error {
                path: folder.to_path_buf(),
                problem: "there is no manifest.csv in it: make it with `ser corpus prepare NAME… --labels four -o DIR`".into(),
            });
        }
        Ok(read(&path)?.rows)
    }

    /// The features of a row.
    pub fn features(&self, row: usize) -> &[f32] {
        let width = self.columns.len();
        &self.values[row * width..(row + 1) * width]
    }

    /// The rows that `keep`, asked with number and row, says yes to.
    pub fn filtered(&self, keep: impl Fn(usize, &Row) -> bool) -> Labelled {
        let mut kept = Labelled {
            columns: self.columns.clone(),
            ..Labelled::default()
        };
        for (number, row) in self
            .rows
            .iter()
            .enumerate()
            .filter(|(number, row)| keep(*number, row))
        {
            kept.rows.push(row.clone());
            kept.values.extend_from_slice(self.features(number));
        }
        kept
    }

    fn append(&mut self, part: Labelled, path: &Path) -> Result<(), Error> {
        if self.rows.is_empty() {
            *self = part;
            return Ok(());
        }
        if let Some(odd) = differing(&self.columns, &part.columns) {
            return Err(Error {
                path: path.to_path_buf(),
                problem: format!(
                    "its features are not those of the tables before it ({odd}): extract both with the same set"
                ),
            });
        }
        self.rows.extend(part.rows);
        self.values.extend(part.values);
        Ok(())
    }
}

/// How two lists of columns differ, in words; `None` if they do not.
pub fn differing(expected: &[String], found: &[String]) -> Option<String> {
    if expected == found {
        return None;
    }
    if let Some(missing) = expected.iter().find(|name| !found.contains(name)) {
        return Some(format!("{missing} is missing"));
    }
    if let Some(extra) = found.iter().find(|name| !expected.contains(name)) {
        return Some(format!("{extra} is too many"));
    }
    Some("the order is another".into())
}

/// A folder made by `ser corpus prepare --features`.
fn prepared(folder: &Path) -> Result<Labelled, Error> {
    let features = folder.join("features.csv");
    if !features.is_file() {
        return Err(Error {
            path: folder.to_path_buf(),
            problem: "there is no features.csv in it: make it with `ser corpus prepare NAME… --features -o DIR`".into(),
        });
    }
    let mut table = single(&features)?;
    let manifest = read(&folder.join("manifest.csv"))?;
    let known: BTreeMap<(String, String), Row> = manifest
        .rows
        .into_iter()
        .map(|row| ((row.file.clone(), stretch(row.start)), row))
        .collect();
    for row in &mut table.rows {
        let whole = (row.file.clone(), stretch(None));
        let of = known
            .get(&(row.file.clone(), stretch(row.start)))
            .or_else(|| known.get(&whole));
        let Some(of) = of else {
            return Err(Error {
                path: features,
                problem: format!(
                    "{} is not in manifest.csv beside it: prepare the folder anew",
                    row.file
                ),
            });
        };
        *row = Row {
            start: row.start,
            end: row.end,
            ..of.clone()
        };
    }
    Ok(table)
}

/// The start of a stretch as a key; that of a whole recording is empty or zero.
fn stretch(start: Option<f64>) -> String {
    start
        .filter(|start| *start != 0.0)
        .map(|start| format!("{start:.6}"))
        .unwrap_or_default()
}

/// One csv file with features.
fn single(path: &Path) -> Result<Labelled, Error> {
    let mut table = read(path)?;
    if table.columns.is_empty() {
        return Err(Error {
            path: path.to_path_buf(),
            problem: "it has no feature columns: make it with `ser extract` or `ser corpus prepare --features`".into(),
        });
    }
    // A table without a corpus column is one corpus, called like the file.
    let name = path
        .file_stem()
        .map(|name| name.to_string_lossy().into_owned());
    for row in table.rows.iter_mut().filter(|row| row.corpus.is_empty()) {
        row.corpus = name.clone().unwrap_or_default();
    }
    Ok(table)
}

/// The rows of a csv file, features or not.
fn read(path: &Path) -> Result<Labelled, Error> {
    let error = |problem: String| Error {
        path: path.to_path_buf(),
        problem,
    };
    let mut reader = csv::Reader::from_path(path).map_err(|cause| error(plain(&cause)))?;
    let header = reader
        .headers()
        .map_err(|cause| error(plain(&cause)))?
        .clone();
    if !header.iter().any(|name| name == "file") {
        let remedy = "models learn from csv with a column `file`, as `ser extract -o TABLE.csv` and `ser corpus prepare --features` write it";
        return Err(error(format!("it has no column called file: {remedy}")));
    }
    let is_feature = |name: &str| !KNOWN.contains(&name);
    let mut table = Labelled {
        columns: header
            .iter()
            .filter(|name| is_feature(name))
            .map(String::from)
            .collect(),
        ..Labelled::default()
    };
    for (number, record) in reader.records().enumerate() {
        let record = record.map_err(|cause| error(plain(&cause)))?;
        let mut row = Row::default();
        for (name, field) in header.iter().zip(record.iter()) {
            let told = (!field.is_empty()).then(|| field.to_string());
            let bad = || {
                error(format!(
                    "line {}: {name}: {field:?} is not a number",
                    number + 2
                ))
            };
            let number = || field.parse::<f64>().map(Some).map_err(|_| bad());
            match name {
                "file" => row.file = field.to_string(),
                "corpus" => row.corpus = field.to_string(),
                "speaker" => row.speaker = told,
                "gender" => row.gender = told,
                "session" => row.session = told,
                "language" => row.language = told,
                "label" => row.label = told,
                "start" | "end" | "valence" | "activation" if field.is_empty() => {}
                "start" => row.start = number()?,
                "end" => row.end = number()?,
                "valence" => row.valence = number()?,
                "activation" => row.activation = number()?,
                _ if !is_feature(name) => {}
                _ if field.is_empty() => table.values.push(f32::NAN),
                _ => table.values.push(field.parse().map_err(|_| bad())?),
            }
        }
        table.rows.push(row);
    }
    Ok(table)
}

/// The reader's reason without its own prefix.
fn plain(cause: &csv::Error) -> String {
    match cause.kind() {
        csv::ErrorKind::Io(cause) => cause.to_string(),
        csv::ErrorKind::UnequalLengths {
            pos: Some(pos),
            expected_len,
            len,
        } => format!(
            "line {} has {len} fields where the first line has {expected_len}: the file is cut off or damaged",
            pos.line()
        ),
        _ => cause.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(files: &[(&str, &str)]) -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in files {
            std::fs::write(folder.path().join(name), text).unwrap();
        }
        folder
    }

    #[test]
    fn a_prepared_folder_joins_features_with_their_speakers() {
        let folder = folder_with(&[
            (
                "manifest.csv",
                "file,corpus,speaker,gender,label,valence,start,end\na.wav,x,1,f,sad,2.5,,\nb.wav,x,2,m,,,1,2\n",
            ),
            (
                "features.csv",
                "file,start,end,F0,loud\nb.wav,1,2,3,\na.wav,0,1.5,1,2\n",
            ),
        ]);
        let table = Labelled::open(&[folder.path().to_path_buf()]).unwrap();
        assert_eq!(table.columns, ["F0", "loud"]);
        assert_eq!(table.rows[0].speaker.as_deref(), Some("2"));
        assert_eq!(table.rows[1].label.as_deref(), Some("sad"));
        assert_eq!(table.rows[1].valence, Some(2.5));
        assert_eq!(table.rows[1].end, Some(1.5));
        assert!(table.features(0)[1].is_nan());
        assert_eq!(table.features(1), [1.0, 2.0]);
    }

    #[test]
    fn a_lone_table_is_a_corpus_called_like_its_file() {
        let folder = folder_with(&[("mine.csv", "file,start,end,F0,label\na.wav,0,1,3,sad\n")]);
        let table = Labelled::open(&[folder.path().join("mine.csv")]).unwrap();
        assert_eq!(table.rows[0].corpus, "mine");
        assert_eq!(table.columns, ["F0"]);
    }

    #[test]
    fn errors_name_file_line_and_remedy() {
        let folder = folder_with(&[
            ("word.csv", "file,F0\na.wav,high\n"),
            ("cut.csv", "file,F0\na.wav\n"),
            ("other.csv", "name,F0\na.wav,1\n"),
            ("one.csv", "file,F0\na.wav,1\n"),
            ("two.csv", "file,F1\na.wav,1\n"),
        ]);
        let message = |names: &[&str]| {
            let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            Labelled::open(&paths).unwrap_err().to_string()
        };
        assert!(message(&["word.csv"]).ends_with("word.csv: line 2: F0: \"high\" is not a number"));
        assert!(message(&["cut.csv"]).contains("line 2 has 1 fields where the first line has 2"));
        assert!(message(&["other.csv"]).contains("no column called file"));
        assert!(message(&["one.csv", "two.csv"]).contains("F0 is missing"));
        assert!(message(&["."]).contains("no features.csv"));
    }
}
