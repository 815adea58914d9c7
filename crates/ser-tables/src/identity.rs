//! What the numbers of a table are: the feature set and its level, and what was done to the samples before.
//!
//! ```text
//! recording ─ channel ─ rate ─ level ─ 16 bit ─ set, level ─ row
//! ```
//!
//! Sets share the names of their columns (three published ones and eGeMAPS-ser have the same 88), so names cannot tell whose numbers they are, and a
//! model that takes one set's numbers for another's is wrong without a word. So a table says it: Parquet in its metadata under [`KEY`], every other
//! format in a file beside it, `TABLE.csv.json` ([`beside`]), which leaves the table as other programs expect it.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use crate::atomic_write::UnfinishedFile;
use ser_features::feature::{FeatureSet, Level};

/// The key of an identity in a file's metadata.
pub const KEY: &str = "ser.identity";

/// The rate at which samples are analysed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RateRule {
    /// Each recording's own.
    #[default]
    Own,
    /// All are resampled to this one, in Hz.
    Hz(u32),
}

/// What is done to the samples of a recording before features are taken of them, in this order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Signal {
    /// The channel, counted from 1; the mean of all if none.
    pub channel: Option<usize>,
    /// The rate.
    pub rate: RateRule,
    /// The active speech level (ITU-T P.56) that it is brought to, dB re full scale; untouched if none.
    pub level_db: Option<f64>,
    /// Whether samples were rounded to 16 bit then, as audio that is written is.
    pub sixteen_bit: bool,
}

/// Whose numbers the rows of a table are.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Identity {
    /// The feature set.
    #[serde(with = "name")]
    pub set: FeatureSet,
    /// The revision of its numbers, where they are this program's own.
    pub revision: Option<u32>,
    /// Functionals or descriptors.
    #[serde(with = "name")]
    pub level: Level,
    /// What was done to the samples before.
    pub signal: Signal,
    /// Length and hop of the windows that rows are of, in seconds; none for whole recordings and segments.
    pub windows: Option<(f64, f64)>,
    /// The version of ser that computed them; none where somebody else did, or where it is not known.
    pub ser: Option<String>,
}

impl Identity {
    /// Rows of whole recordings, computed by this program from samples as they are; resampled where the set is defined at one rate.
    pub fn new(set: FeatureSet, level: Level) -> Identity {
        Identity {
            ser: Some(env!("CARGO_PKG_VERSION").into()),
            ..Identity::stated(set, level)
        }
    }

    /// What a table is by its owner's word alone.
    pub fn stated(set: FeatureSet, level: Level) -> Identity {
        Identity {
            set,
            revision: set.revision(),
            level,
            signal: Signal {
                rate: set.rate_hz().map_or(RateRule::Own, RateRule::Hz),
                ..Signal::default()
            },
            windows: None,
            ser: None,
        }
    }

    /// With samples resampled first, unless the set is defined at one rate already.
    #[must_use]
    pub fn at_rate(mut self, rate_hz: Option<u32>) -> Identity {
        if let (None, Some(rate_hz)) = (self.set.rate_hz(), rate_hz) {
            self.signal.rate = RateRule::Hz(rate_hz);
        }
        self
    }

    /// In what the numbers of two tables differ, in words; `None` where they may stand below each other.
    pub fn difference(&self, other: &Identity) -> Option<String> {
        let pairs = [
            ("set", self.told_set(), other.told_set()),
            ("level", self.level.to_string(), other.level.to_string()),
            ("samples", self.signal.to_string(), other.signal.to_string()),
        ];
        pairs
            .into_iter()
            .find(|(_, a, b)| a != b)
            .map(|(what, a, b)| format!("{what}: {a} there, {b} here"))
    }

    fn told_set(&self) -> String {
        match self.revision {
            Some(revision) => format!("{} revision {revision}", self.set),
            None => self.set.to_string(),
        }
    }

    /// Refuses numbers of another revision than this program computes.
    ///
    /// # Errors
    /// In words, which revision they are.
    pub fn current(&self) -> Result<(), String> {
        match self.revision == self.set.revision() {
            true => Ok(()),
            false => Err(format!(
                "its features are {}, and this ser computes {}: use the ser that made it, or make it again",
                self.told_set(),
                Identity::stated(self.set, self.level).told_set()
            )),
        }
    }

    /// As JSON, for a file's metadata.
    pub fn to_json(&self) -> String {
        // Names and numbers only: nothing that JSON could refuse.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads what stands beside a table; `None` where nothing does.
    ///
    /// # Errors
    /// A file that cannot be read, or that says nothing this program knows.
    pub fn of(table: &Path) -> io::Result<Option<Identity>> {
        let path = beside(table);
        let text = match std::fs::read_to_string(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            text => text?,
        };
        let found: Identity = serde_json::from_str(&text).map_err(|error| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{name} beside it does not say what it is ({error}): make the table again"),
            )
        })?;
        Ok(Some(found))
    }

    /// Writes it beside a table; it is on the disk when this returns.
    ///
    /// # Errors
    /// What the system says.
    pub fn write(&self, table: &Path) -> io::Result<()> {
        let unfinished = UnfinishedFile::create(&beside(table))?;
        let mut text = serde_json::to_string_pretty(self)?;
        text.push('\n');
        io::Write::write_all(&mut unfinished.target()?, text.as_bytes())?;
        unfinished.complete()
    }
}

/// Where the identity of a table stands: `TABLE.csv.json`.
pub fn beside(table: &Path) -> PathBuf {
    let mut name = table.as_os_str().to_owned();
    name.push(".json");
    name.into()
}

impl std::fmt::Display for Signal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.channel {
            Some(channel) => write!(f, "channel {channel}")?,
            None => f.write_str("mean of all channels")?,
        }
        match self.rate {
            RateRule::Own => f.write_str(" at each recording's own rate")?,
            RateRule::Hz(rate) => write!(f, " at {rate} Hz")?,
        }
        if let Some(level) = self.level_db {
            write!(f, ", speech at {level} dB")?;
        }
        if self.sixteen_bit {
            f.write_str(", rounded to 16 bit")?;
        }
        Ok(())
    }
}

impl std::fmt::Display for Identity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}, {}", self.told_set(), self.level, self.signal)
    }
}

/// Sets and levels by their names.
mod name {
    use std::fmt::Display;
    use std::str::FromStr;

    use serde::de::{Deserialize, Deserializer, Error};
    use serde::ser::Serializer;

    pub fn serialize<T: Display, S: Serializer>(of: &T, target: S) -> Result<S::Ok, S::Error> {
        target.collect_str(of)
    }

    pub fn deserialize<'de, T, D>(source: D) -> Result<T, D::Error>
    where
        T: FromStr<Err: Display>,
        D: Deserializer<'de>,
    {
        String::deserialize(source)?
            .parse()
            .map_err(D::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_comes_back_from_beside_its_table() {
        let folder = tempfile::tempdir().unwrap();
        let table = folder.path().join("a.csv");
        assert_eq!(Identity::of(&table).unwrap(), None);
        for set in FeatureSet::ALL {
            let mut identity = Identity::new(set, Level::Functionals).at_rate(Some(16_000));
            identity.signal.level_db = Some(-26.1);
            identity.signal.channel = Some(2);
            identity.windows = Some((2.0, 0.5));
            identity.write(&table).unwrap();
            assert_eq!(Identity::of(&table).unwrap(), Some(identity));
        }
        std::fs::write(beside(&table), "{\"set\":\"eGeMAPSv09\"}").unwrap();
        let error = Identity::of(&table).unwrap_err().to_string();
        assert!(
            error.contains("a.csv.json") && error.contains("eGeMAPSv09"),
            "{error}"
        );
    }

    #[test]
    fn what_makes_numbers_differ_is_named() {
        let one = Identity::new(FeatureSet::EGeMapsV02, Level::Functionals);
        assert_eq!(
            one.difference(&Identity::stated(
                FeatureSet::EGeMapsV02,
                Level::Functionals
            )),
            None
        );
        let told = |other: &Identity| one.difference(other).unwrap();
        assert_eq!(
            told(&Identity::new(FeatureSet::EGeMapsSer, Level::Functionals)),
            "set: eGeMAPSv02 there, eGeMAPS-ser revision 6 here"
        );
        assert_eq!(
            told(&one.clone().at_rate(Some(8000))),
            "samples: mean of all channels at each recording's own rate there, mean of all channels at 8000 Hz here"
        );
        let mut old = Identity::new(FeatureSet::EGeMapsSer, Level::Functionals);
        assert_eq!(old.current(), Ok(()));
        old.revision = Some(0);
        assert!(
            old.current()
                .unwrap_err()
                .contains("eGeMAPS-ser revision 0")
        );
    }
}
