//! A table read back: features, and of whom they are.
//!
//! Models learn from what `ser corpus prepare --features` wrote (a folder with manifest.csv and features.csv), or from one table, CSV or Parquet, with a row per
//! recording. Columns that say what a row is of have the manifest's names ([`KNOWN`]), or others that people use ([`crate::role`]). Where the table's
//! [`Identity`] is known, from beside or inside it or by its owner's word ([`Told`]), its features are the columns of that set, and any other column is refused
//! by name; a table that holds the columns of a set and does not say which is refused too. In a table of none of the sets all columns that are not known are
//! features. Row numbers, as pandas writes its index, are never features.

mod columns;
mod read;

use std::collections::HashSet;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::identity::Identity;
use ser_features::feature::FeatureSet;

/// Columns that are no features.
pub const KNOWN: [&str; 31] = [
    "file",
    "start",
    "end",
    "frameTime",
    "frameCentre",
    "corpus",
    "source",
    "speaker",
    "gender",
    "age",
    "label",
    "emotion",
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
    "agreement",
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

/// What its owner says of a table.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// The feature set of tables that do not say it themselves.
    pub set: Option<FeatureSet>,
    /// Columns that are left out.
    pub ignored: Vec<String>,
}

/// What a row is of.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct LabelledRow {
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
    /// Share of the corpus's own listeners who chose its label, 0 to 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agreement: Option<f64>,
    /// The number that a regression learns, from the column that was named for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<f64>,
}

/// Rows with features.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Labelled {
    /// Whose numbers the features are; none where they are of no set of this program.
    pub identity: Option<Identity>,
    /// Names of the features.
    pub columns: Vec<String>,
    /// What the rows are of.
    pub rows: Vec<LabelledRow>,
    /// The features, row after row. A field that is empty is NaN.
    pub values: Vec<f32>,
}

impl Labelled {
    /// Reads tables, which must have the same features in the same order, and puts them below each other.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and the remedy.
    pub fn open(paths: &[PathBuf]) -> Result<Labelled, Error> {
        Labelled::open_as(paths, &Told::default())
    }

    /// The same, of which something is known that they do not say.
    ///
    /// # Errors
    /// As [`Labelled::open`].
    pub fn open_as(paths: &[PathBuf], told: &Told) -> Result<Labelled, Error> {
        Ok(Labelled::open_with_notes(paths, told)?.0)
    }

    /// The same, and what its reader should know of the tables: columns left out, rows that are there twice, recordings without features. One sentence each.
    ///
    /// # Errors
    /// As [`Labelled::open`].
    pub fn open_with_notes(
        paths: &[PathBuf],
        told: &Told,
    ) -> Result<(Labelled, Vec<String>), Error> {
        Labelled::open_for(paths, told, None)
    }

    /// The same with the numbers of a column, which is then no feature: [`LabelledRow::target`].
    ///
    /// # Errors
    /// As [`Labelled::open`]; a table without the column.
    pub fn open_for(
        paths: &[PathBuf],
        told: &Told,
        target: Option<&str>,
    ) -> Result<(Labelled, Vec<String>), Error> {
        let mut whole = Labelled::default();
        let mut notes = Vec::new();
        for path in paths {
            let part = if path.is_dir() {
                read::prepared(path, told, target, &mut notes)?
            } else {
                read::single(path, told, target, &mut notes)?
            };
            whole.append(part, path)?;
        }
        notes.extend(whole.doubled());
        Ok((whole, notes))
    }

    /// Says how many rows are of the same stretch as one before them.
    fn doubled(&self) -> Option<String> {
        let mut seen = HashSet::new();
        let again: Vec<&LabelledRow> = self
            .rows
            .iter()
            .filter(|row| {
                let stretch = |time: Option<f64>| time.map(f64::to_bits);
                !seen.insert((&row.corpus, &row.file, stretch(row.start), stretch(row.end)))
            })
            .collect();
        let first = again.first()?;
        Some(format!(
            "{} of {} rows are of the same recording and stretch as a row before them, and count again; the first is {}",
            again.len(),
            self.rows.len(),
            first.file
        ))
    }

    /// The recordings of a folder made by `ser corpus prepare`, with features or without: its manifest alone.
    ///
    /// # Errors
    /// Names the file, the line where there is one, and the remedy.
    pub fn manifest(folder: &Path) -> Result<Vec<LabelledRow>, Error> {
        let path = folder.join("manifest.csv");
        if !path.is_file() {
            return Err(Error {
                path: folder.to_path_buf(),
                problem: "there is no manifest.csv in it: make it with `ser corpus prepare NAME… --labels four -o DIR`".into(),
            });
        }
        Ok(read::table(&path, None, None, &mut Vec::new())?.rows)
    }

    /// The features of a row.
    pub fn features(&self, row: usize) -> &[f32] {
        let width = self.columns.len();
        &self.values[row * width..(row + 1) * width]
    }

    /// The rows that `keep`, asked with number and row, says yes to.
    pub fn filtered(&self, keep: impl Fn(usize, &LabelledRow) -> bool) -> Labelled {
        let mut kept = Labelled {
            identity: self.identity.clone(),
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
        let differs = match (&self.identity, &part.identity) {
            (Some(first), Some(second)) => first.difference(second),
            (None, None) => None,
            _ => Some("one is of a feature set, one of none".into()),
        };
        if let Some(differs) = differs {
            return Err(Error {
                path: path.to_path_buf(),
                problem: format!(
                    "its features are not computed like those of the tables before it ({differs}): extract them alike"
                ),
            });
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
        return Some(format!("unexpected column {extra}"));
    }
    Some("the columns are in a different order".into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_features::feature::Level;

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
            ("other.csv", "who,F0\na.wav,1\n"),
            ("lines.csv", "file,F0\n\n\"a\nb.wav\",1\n\nc.wav,high\n"),
            ("twice.csv", "file,F0,F0\na.wav,1,2\n"),
            ("one.csv", "file,F0\na.wav,1\n"),
            ("two.csv", "file,F1\na.wav,1\n"),
        ]);
        let message = |names: &[&str]| {
            let paths: Vec<PathBuf> = names.iter().map(|name| folder.path().join(name)).collect();
            Labelled::open(&paths).unwrap_err().to_string()
        };
        assert!(message(&["word.csv"]).ends_with("word.csv: line 2: F0: \"high\" is not a number"));
        assert!(message(&["cut.csv"]).contains("line 2 has 1 field where the first line has 2"));
        assert!(message(&["other.csv"]).contains("no column called file"));
        assert!(message(&["lines.csv"]).ends_with("line 6: F0: \"high\" is not a number"));
        assert!(message(&["twice.csv"]).contains("two columns called \"F0\""));
        assert!(message(&["one.csv", "two.csv"]).contains("F0 is missing"));
        assert!(message(&["."]).contains("no features.csv"));
    }

    /// A table of one row of zeros with the columns of a set, and more before them.
    fn of_set(set: FeatureSet, more: &[&str]) -> String {
        let names = ser_features::feature::names(set, Level::Functionals);
        let head: Vec<&str> = more.iter().chain(&names).copied().collect();
        format!(
            "file,{}\na.wav{}\n",
            head.join(","),
            ",0".repeat(head.len())
        )
    }

    #[test]
    fn a_table_says_of_which_set_it_is_or_its_owner_does() {
        let set = FeatureSet::EGeMapsV02;
        let folder = folder_with(&[
            ("t.csv", &of_set(set, &[])),
            ("g.csv", &of_set(FeatureSet::GeMapsV01b, &[])),
        ]);
        let open = |name: &str, set| {
            let told = Told {
                set,
                ..Told::default()
            };
            Labelled::open_as(&[folder.path().join(name)], &told).map_err(|error| error.to_string())
        };
        let asked = open("t.csv", None).unwrap_err();
        assert!(
            asked.contains(
                "eGeMAPSv01a, eGeMAPSv01b, eGeMAPSv02 and eGeMAPS-ser: say which with --set"
            ),
            "{asked}"
        );
        assert!(
            open("g.csv", None)
                .unwrap_err()
                .contains("GeMAPSv01a and GeMAPSv01b")
        );
        let stated = open("t.csv", Some(set)).unwrap();
        assert_eq!(
            stated.identity,
            Some(Identity::stated(set, Level::Functionals))
        );
        assert!(
            open("g.csv", Some(set))
                .unwrap_err()
                .contains("has no column")
        );
        let identity = Identity::new(FeatureSet::EGeMapsSer, Level::Functionals);
        identity.write(&folder.path().join("t.csv")).unwrap();
        assert_eq!(open("t.csv", None).unwrap().identity, Some(identity));
        assert!(
            open("t.csv", Some(set))
                .unwrap_err()
                .contains("of eGeMAPS-ser")
        );
    }

    #[test]
    fn a_column_of_nothing_known_is_refused_by_name_or_left_out() {
        let set = FeatureSet::GeMapsV01b;
        let folder = folder_with(&[("t.csv", &of_set(set, &["MFCC 1"]))]);
        let path = [folder.path().join("t.csv")];
        let open = |ignored: &[&str]| {
            let ignored = ignored.iter().map(ToString::to_string).collect();
            Labelled::open_as(
                &path,
                &Told {
                    set: Some(set),
                    ignored,
                },
            )
        };
        assert!(open(&[]).unwrap_err().to_string().contains("\"MFCC 1\""));
        assert_eq!(open(&["MFCC 1"]).unwrap().columns.len(), 62);
    }

    #[test]
    fn tables_of_two_sets_do_not_stand_below_each_other() {
        let text = of_set(FeatureSet::EGeMapsV02, &[]);
        let folder = folder_with(&[("a.csv", &text), ("b.csv", &text)]);
        let paths = ["a.csv", "b.csv"].map(|name| folder.path().join(name));
        for (path, set) in paths
            .iter()
            .zip([FeatureSet::EGeMapsV02, FeatureSet::EGeMapsV01b])
        {
            Identity::new(set, Level::Functionals).write(path).unwrap();
        }
        let error = Labelled::open(&paths).unwrap_err().to_string();
        assert!(
            error.contains("b.csv") && error.contains("eGeMAPSv01b"),
            "{error}"
        );
    }

    #[test]
    fn row_numbers_are_no_features_by_whatever_name() {
        let folder = folder_with(&[
            (
                "pandas.csv",
                "Unnamed: 0,,file,F0,label\n7,0,a.wav,1,sad\n3,1,b.wav,2,happy\n",
            ),
            (
                "own.csv",
                "id,file,F0\n1,a,4\n2,b,4\n3,c,4\n4,d,4\n5,e,4\n6,f,4\n",
            ),
        ]);
        let open =
            |name: &str| Labelled::open_with_notes(&[folder.path().join(name)], &Told::default());
        let (table, notes) = open("pandas.csv").unwrap();
        assert_eq!(table.columns, ["F0"]);
        assert_eq!(table.rows[1].label.as_deref(), Some("happy"));
        assert!(notes[0].contains("\"Unnamed: 0\""), "{notes:?}");
        let error = open("own.csv").unwrap_err().to_string();
        assert!(
            error.contains("column \"id\" only counts the rows") && error.contains("--ignore"),
            "{error}"
        );
    }

    #[test]
    fn tables_as_people_write_them_are_the_same_table() {
        let set = FeatureSet::GeMapsV01b;
        let names = ser_features::feature::names(set, Level::Functionals);
        let zeros = |zero: &str, between: &str| vec![zero; names.len()].join(between);
        let told = Told {
            set: Some(set),
            ..Told::default()
        };
        let comma = format!(
            "file,start,end,{},label\na.wav,0.5,1.5,{},sad\n",
            names.join(","),
            zeros("0.25", ",")
        );
        let semicolon = format!(
            "\u{feff}filename;emotion;begin;end;{}\r\na.wav;sad;0,5;1,5;{}\r\n",
            names.join(";"),
            zeros("0,25", ";")
        );
        let opensmile = format!(
            ",file,start,end,{},emotion\n0,a.wav,0 days 00:00:00.500000,0 days 00:00:01.500000,{},sad\n",
            names.join(","),
            zeros("0.25", ",")
        );
        let folder = folder_with(&[
            ("t.csv", &comma),
            ("semicolon.csv", &semicolon),
            ("opensmile.csv", &opensmile),
        ]);
        let open = |name: &str| {
            let mut table = Labelled::open_as(&[folder.path().join(name)], &told).unwrap();
            table.rows[0].corpus.clear();
            table
        };
        let expected = open("t.csv");
        assert_eq!(expected.rows[0].label.as_deref(), Some("sad"));
        assert_eq!(expected.values[61], 0.25);
        assert_eq!(open("semicolon.csv"), expected);
        assert_eq!(open("opensmile.csv"), expected);
    }

    #[test]
    fn a_parquet_table_says_itself_whose_numbers_it_holds() {
        use crate::{Schema, TableWriter, parquet::ParquetWriter};
        let set = FeatureSet::GeMapsV01b;
        let identity = Identity::new(set, Level::Functionals);
        let schema = Schema {
            classes: Some(vec!["sad".into()]),
            facts: vec![(crate::identity::KEY.into(), identity.to_json())],
            ..Schema::new(set, Level::Functionals)
        };
        let folder = folder_with(&[]);
        let path = folder.path().join("t.parquet");
        let file = std::fs::File::create(&path).unwrap();
        let mut writer = ParquetWriter::new(file, &schema).unwrap();
        let values = crate::example::values();
        let row = ser_features::feature::Row {
            start_s: 0.5,
            end_s: 1.5,
            values: &values,
        };
        writer.write("a.wav", Some("sad"), &row).unwrap();
        writer.finish().unwrap();
        drop(writer);
        let table = Labelled::open(&[path]).unwrap();
        assert_eq!(table.identity, Some(identity));
        assert!(crate::example::same_bits(table.features(0), &values));
        let row = &table.rows[0];
        assert_eq!(
            (row.start, row.end, row.label.as_deref()),
            (Some(0.5), Some(1.5), Some("sad"))
        );
    }

    #[test]
    fn rows_that_are_there_twice_and_recordings_without_features_are_counted() {
        let folder = folder_with(&[
            ("manifest.csv", "file,corpus\na.wav,x\nb.wav,x\nc.wav,x\n"),
            (
                "features.csv",
                "file,start,end,F0\na.wav,0,1,3\na.wav,0,1,3\n",
            ),
        ]);
        let path = [folder.path().to_path_buf()];
        let (table, notes) = Labelled::open_with_notes(&path, &Told::default()).unwrap();
        assert_eq!(table.rows.len(), 2);
        assert!(
            notes[0].contains("2 of the 3 recordings of manifest.csv have no features")
                && notes[0].contains("b.wav"),
            "{notes:?}"
        );
        assert!(notes[1].contains("1 of 2 rows"), "{notes:?}");
    }

    #[test]
    fn a_part_of_a_set_takes_no_columns_beside_it() {
        let names = ser_features::feature::names(FeatureSet::GeMapsV01b, Level::Functionals);
        let text = format!("file,{},{},x\na.wav,1,2,3\n", names[0], names[1]);
        let folder = folder_with(&[("t.csv", &text)]);
        let open = |ignored: &[&str]| {
            let told = Told {
                set: None,
                ignored: ignored.iter().map(ToString::to_string).collect(),
            };
            Labelled::open_as(&[folder.path().join("t.csv")], &told)
        };
        assert!(open(&[]).unwrap_err().to_string().contains("\"x\""));
        assert_eq!(open(&["x"]).unwrap().columns.len(), 2);
    }
}
