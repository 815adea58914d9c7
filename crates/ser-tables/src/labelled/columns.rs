//! Which columns of a table are features, and whose numbers they are.

use std::collections::HashSet;
use std::path::Path;

use super::{KNOWN, Told};
use crate::identity::{Identity, KEY};
use crate::input_table::InputTable;
use crate::role::{self, Role};
use ser_features::feature::{FeatureSet, Level, names};

/// Where a table holds what: numbers of columns.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub file: usize,
    pub start: Option<role::Place>,
    pub end: Option<role::Place>,
    pub corpus: Option<usize>,
    pub speaker: Option<usize>,
    pub gender: Option<usize>,
    pub session: Option<usize>,
    pub language: Option<usize>,
    pub label: Option<usize>,
    pub valence: Option<usize>,
    pub activation: Option<usize>,
    /// In percent.
    pub agreement: Option<usize>,
    /// Further facts of `ser corpus prepare`: `fact=value; fact=value`.
    pub extra: Option<usize>,
    /// The numbers that a regression learns.
    pub target: Option<usize>,
    /// The features, in their order.
    pub features: Vec<usize>,
    /// Row numbers, as pandas writes them: left out.
    pub row_numbers: Vec<usize>,
}

impl Columns {
    /// Finds the columns that say what a row is of.
    ///
    /// # Errors
    /// In words, which one is missing or there twice.
    pub fn find(table: &InputTable, of_a_set: bool) -> Result<Columns, String> {
        let all = table.names();
        let mut seen = HashSet::with_capacity(all.len());
        if let Some(name) = all
            .iter()
            .find(|&name| !name.is_empty() && !seen.insert(name))
        {
            return Err(format!("it has two columns called {name:?}: remove one"));
        }
        let exact = |name: &str| all.iter().position(|known| known == name);
        let named = |name: &str, role| match exact(name) {
            Some(at) => Some(role::Place { at, scale: 1.0 }),
            None => role::find(all, role),
        };
        let place = |name: &str, role| named(name, role).map(|place| place.at);
        let file = place("file", Role::File).ok_or_else(|| {
            "it has no column called file, filename, path or wav: models learn from tables as `ser extract -o TABLE.csv` and `ser corpus prepare --features` write them".to_owned()
        })?;
        // In a table of somebody's own features, these words may be features.
        let time = |name: &str, role| match of_a_set {
            true => named(name, role),
            false => exact(name).map(|at| role::Place { at, scale: 1.0 }),
        };
        Ok(Columns {
            file,
            start: time("start", Role::Start),
            end: time("end", Role::End),
            corpus: exact("corpus"),
            speaker: place("speaker", Role::Speaker),
            gender: exact("gender"),
            session: exact("session"),
            language: exact("language"),
            label: place("label", Role::Label),
            valence: exact("valence"),
            activation: exact("activation"),
            agreement: exact("agreement"),
            extra: exact("extra"),
            target: None,
            features: Vec::new(),
            row_numbers: (0..all.len()).filter(|&at| is_index(&all[at])).collect(),
        })
    }

    /// Finds the column of the numbers to learn. Arousal and activation are the same.
    ///
    /// # Errors
    /// In words, that there is none.
    pub fn find_target(&mut self, table: &InputTable, name: &str) -> Result<(), String> {
        let all = table.names();
        let other = match name.to_lowercase().as_str() {
            "arousal" => Some("activation"),
            "activation" => Some("arousal"),
            _ => None,
        };
        let at = |name: &str| all.iter().position(|known| known == name);
        let found = at(name).or_else(|| at(other?));
        self.target = Some(found.ok_or_else(|| format!("it has no column {name:?}"))?);
        Ok(())
    }

    /// Finds the features: the columns of the set, or what is left.
    ///
    /// # Errors
    /// In words, which column is missing, or is of nothing known.
    pub fn find_features(
        &mut self,
        table: &InputTable,
        identity: Option<&Identity>,
        ignored: &[String],
    ) -> Result<(), String> {
        let all = table.names();
        let says = [
            Some(self.file),
            self.start.map(|place| place.at),
            self.end.map(|place| place.at),
            self.speaker,
            self.label,
            self.target,
        ];
        let aside = |at: usize| {
            says.contains(&Some(at))
                || self.row_numbers.contains(&at)
                || KNOWN.contains(&all[at].as_str())
                || ignored.contains(&all[at])
        };
        let rest: Vec<usize> = (0..all.len()).filter(|&at| !aside(at)).collect();
        let Some(identity) = identity else {
            let of_sets = |at: &usize| is_of_a_set(&all[*at]);
            if rest.iter().any(of_sets)
                && let Some(odd) = rest.iter().find(|at| !of_sets(at))
            {
                return Err(unknown(&all[*odd], "a column of a feature set"));
            }
            self.features = rest;
            return Ok(());
        };
        let columns = names(identity.set, identity.level);
        if let Some(odd) = rest
            .iter()
            .find(|&&at| !columns.contains(&all[at].as_str()))
        {
            return Err(unknown(
                &all[*odd],
                &format!("a column of {}", identity.set),
            ));
        }
        self.features = columns
            .iter()
            .map(|column| {
                let found = rest.iter().copied().find(|&at| all[at] == *column);
                found.ok_or_else(|| format!("it is of {} and has no column {column}", identity.set))
            })
            .collect::<Result<_, _>>()?;
        Ok(())
    }
}

fn unknown(name: &str, what: &str) -> String {
    format!(
        "its column {name:?} is not {what} and says nothing known of a row: leave it out with --ignore {}",
        quoted(name)
    )
}

/// A name as a shell reads it.
fn quoted(name: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "_-.".contains(c);
    match name.chars().all(plain) {
        true => name.to_owned(),
        false => format!("'{name}'"),
    }
}

/// The names under which pandas writes its index.
fn is_index(name: &str) -> bool {
    let numbered = |prefix: &str, suffix: &str| {
        name.strip_prefix(prefix)
            .and_then(|rest| rest.strip_suffix(suffix))
            .is_some_and(|number| number.parse::<u32>().is_ok())
    };
    name.is_empty()
        || name == "index"
        || numbered("Unnamed: ", "")
        || numbered("level_", "")
        || numbered("__index_level_", "__")
}

/// Whether values only count the rows: 0, 1, 2 … or 1, 2, 3 …
pub(super) fn only_counts(values: impl ExactSizeIterator<Item = f32>) -> bool {
    if values.len() < 5 {
        return false;
    }
    let mut first = None;
    values.enumerate().all(|(row, value)| {
        let first = *first.get_or_insert(value);
        (first == 0.0 || first == 1.0) && value == first + row as f32
    })
}

fn is_of_a_set(name: &str) -> bool {
    FeatureSet::ALL
        .iter()
        .any(|&set| names(set, Level::Functionals).contains(&name))
}

/// Whose numbers a table holds: what stands beside or inside it, or what its owner says.
///
/// # Errors
/// In words, that both differ, or that nobody says it.
pub(super) fn identity(
    path: &Path,
    table: &InputTable,
    told: &Told,
) -> Result<Option<Identity>, String> {
    let known = match table.fact(KEY) {
        Some(text) => Some(serde_json::from_str(text).map_err(|error| {
            format!("its metadata does not say what it is ({error}): make the table again")
        })?),
        None => Identity::of(path).map_err(|error| error.to_string())?,
    };
    match (known, told.set) {
        (Some(known), Some(set)) if known.set != set => Err(format!(
            "it is of {}, as the file beside it says, and not of {set}",
            known.set
        )),
        (Some(known), _) => Ok(Some(known)),
        (None, Some(set)) => Ok(Some(Identity::stated(set, Level::Functionals))),
        (None, None) => match sets_with(table.names()).as_slice() {
            [] => Ok(None),
            [set] => Err(format!(
                "nothing beside it says that its features are of {set}: say so with --set {set}"
            )),
            [sets @ .., last] => Err(format!(
                "nothing beside it says of which feature set its columns are, and the names are those of {} and {last}: say which with --set",
                sets.iter()
                    .map(|set| set.name())
                    .collect::<Vec<_>>()
                    .join(", ")
            )),
        },
    }
}

/// The sets, those of most columns, whose columns are all among these.
fn sets_with(all: &[String]) -> Vec<FeatureSet> {
    let width = |set: FeatureSet| {
        let columns = names(set, Level::Functionals);
        columns
            .iter()
            .all(|name| all.iter().any(|known| known == name))
            .then_some(columns.len())
    };
    let widths: Vec<(FeatureSet, usize)> = FeatureSet::ALL
        .iter()
        .filter_map(|&set| Some((set, width(set)?)))
        .collect();
    let most = widths.iter().map(|(_, width)| *width).max();
    widths
        .into_iter()
        .filter(|(_, width)| Some(*width) == most)
        .map(|(set, _)| set)
        .collect()
}

#[test]
fn a_count_of_rows_is_known_and_a_measurement_is_not() {
    let counts = |values: &[f32]| only_counts(values.iter().copied());
    assert!(counts(&[0.0, 1.0, 2.0, 3.0, 4.0]));
    assert!(counts(&[1.0, 2.0, 3.0, 4.0, 5.0]));
    assert!(!counts(&[0.0, 1.0, 2.0, 3.0, 5.0]));
    assert!(!counts(&[0.0, 1.0, 2.0]));
    assert!(!counts(&[2.0, 3.0, 4.0, 5.0, 6.0]));
}
