//! Where on this machine a corpus lies.
//!
//! The first of these that says something is taken: `--root`, `SER_CORPORA`, `[roots]` in the user's configuration. `--root` is
//! `NAME=DIR`, or a folder alone: that of the one corpus named, or one that holds corpora by name. A folder alone that holds recordings or documents of the
//! one corpus named outside of the folder that goes by its name is the corpus's own. `SER_CORPORA` is a folder (or several,
//! separated as in `PATH`) that holds corpora by name. A folder goes by the corpus's name or one of its `folders`, whatever its case and
//! dashes.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::catalogue::plain;
use super::corpus::Corpus;
use super::error::Error;
use super::walk::walk;

/// What the user said about folders.
#[derive(Clone, Debug, Default)]
pub struct Roots {
    /// `--root`, in order.
    pub given: Vec<(Option<String>, PathBuf)>,
    /// `SER_CORPORA`.
    pub shelves: Vec<PathBuf>,
    /// `[roots]` of the configuration.
    pub configured: BTreeMap<String, PathBuf>,
    /// The folder of the configuration.
    pub config_folder: PathBuf,
}

/// What this part of the program reads of `config.toml`; other parts have other keys.
#[derive(Deserialize, Default)]
struct Config {
    #[serde(default)]
    roots: BTreeMap<String, PathBuf>,
}

impl Roots {
    /// Takes `--root` values, the environment and the user's configuration together.
    ///
    /// # Errors
    /// [`Error::Description`] when the configuration cannot be understood.
    pub fn new(given: &[String]) -> Result<Roots, Error> {
        let config_folder = config_folder();
        let file = config_folder.join("config.toml");
        let config: Config = match std::fs::read_to_string(&file) {
            Ok(text) => toml::from_str(&text).map_err(|error| Error::Description {
                file: file.display().to_string(),
                place: "roots".into(),
                problem: error
                    .message()
                    .split_whitespace()
                    .collect::<Vec<_>>()
                    .join(" "),
            })?,
            Err(_) => Config::default(),
        };
        let shelves = std::env::var_os("SER_CORPORA");
        Ok(Roots {
            given: given.iter().map(|value| parse(value)).collect(),
            shelves: shelves.iter().flat_map(std::env::split_paths).collect(),
            configured: config.roots,
            config_folder,
        })
    }

    /// The folder of `corpus`; `alone` when no other corpus was named, so that a bare `--root` is its own.
    ///
    /// # Errors
    /// [`Error::NoRoot`] when nobody said where it is.
    pub fn find(&self, corpus: &Corpus, alone: bool) -> Result<PathBuf, Error> {
        let named = self.given.iter().find(|(name, _)| {
            name.as_ref()
                .is_some_and(|name| plain(name) == plain(&corpus.name))
        });
        if let Some((_, folder)) = named {
            return Ok(folder.clone());
        }
        let bare = || {
            self.given
                .iter()
                .filter(|(name, _)| name.is_none())
                .map(|(_, folder)| folder)
        };
        for shelf in bare().chain(&self.shelves) {
            if let Some(folder) = on_shelf(shelf, corpus) {
                let is_bare = bare().any(|bare| bare == shelf);
                return Ok(match alone && is_bare && is_own(shelf, &folder, corpus) {
                    true => shelf.clone(),
                    false => folder,
                });
            }
        }
        if let (true, Some(folder)) = (alone, bare().next()) {
            return Ok(folder.clone());
        }
        let configured = self
            .configured
            .iter()
            .find(|(name, _)| plain(name) == plain(&corpus.name));
        if let Some((_, folder)) = configured {
            return Ok(folder.clone());
        }
        Err(Error::NoRoot {
            corpus: corpus.name.clone(),
            config: self.config_folder.join("config.toml").display().to_string(),
            get: corpus.get.clone(),
        })
    }
}

/// The folder of the user's configuration, `~/.config/ser` on most machines.
pub fn config_folder() -> PathBuf {
    let named = |name| {
        let folder = std::env::var_os(name).map(PathBuf::from);
        folder.filter(|folder| folder.is_absolute())
    };
    let folder = if cfg!(windows) {
        named("APPDATA")
    } else {
        let home = || std::env::home_dir().map(|home| home.join(".config"));
        named("XDG_CONFIG_HOME").or_else(home)
    };
    folder.unwrap_or_else(|| ".config".into()).join("ser")
}

fn parse(value: &str) -> (Option<String>, PathBuf) {
    match value.split_once('=') {
        Some((name, folder)) if !name.contains(['/', '\\']) && !Path::new(value).exists() => {
            (Some(name.to_string()), PathBuf::from(folder))
        }
        _ => (None, PathBuf::from(value)),
    }
}

/// The folder below `shelf` that goes by a name of the corpus; its own name before the others.
fn on_shelf(shelf: &Path, corpus: &Corpus) -> Option<PathBuf> {
    let mut folders: Vec<PathBuf> = std::fs::read_dir(shelf)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.is_dir())
        .collect();
    folders.sort();
    let goes_by = |name: &str| {
        let fits = |path: &&PathBuf| {
            path.file_name()
                .is_some_and(|own| plain(&own.to_string_lossy()) == plain(name))
        };
        folders.iter().find(fits).cloned()
    };
    std::iter::once(&corpus.name)
        .chain(&corpus.folders)
        .find_map(|name| goes_by(name))
}

/// Whether `folder` holds something of the corpus outside of `part`.
fn is_own(folder: &Path, part: &Path, corpus: &Corpus) -> bool {
    walk(folder).is_ok_and(|(files, _)| {
        files
            .iter()
            .any(|file| !file.disk.starts_with(part) && corpus.layout.claims(file))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    #[test]
    fn a_folder_is_found_on_a_shelf_whatever_its_dashes() {
        let shelf = tempfile::tempdir().unwrap();
        std::fs::create_dir(shelf.path().join("CREMA_D")).unwrap();
        std::fs::create_dir(shelf.path().join("IEMOCAP_full_release")).unwrap();
        let roots = Roots {
            shelves: vec![shelf.path().into()],
            ..Roots::default()
        };
        let catalogue = Catalogue::built_in();
        for (name, folder) in [("crema-d", "CREMA_D"), ("iemocap", "IEMOCAP_full_release")] {
            let corpus = catalogue.corpus(name).unwrap();
            assert_eq!(
                roots.find(corpus, false).unwrap(),
                shelf.path().join(folder)
            );
        }
    }

    #[test]
    fn a_bare_root_is_the_only_corpus_s_own() {
        let folder = tempfile::tempdir().unwrap();
        let roots = Roots {
            given: vec![(None, folder.path().into())],
            ..Roots::default()
        };
        let catalogue = Catalogue::built_in();
        let corpus = catalogue.corpus("emodb").unwrap();
        assert_eq!(roots.find(corpus, true).unwrap(), folder.path());
        assert!(roots.find(corpus, false).is_err());
    }

    #[test]
    fn a_bare_root_does_not_narrow_itself_away_from_what_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let file = |path: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "x").unwrap();
        };
        file("clone/AudioWAV/1001_IEO_ANG_LO.wav");
        file("clone/VideoDemographics.csv");
        file("nested/wav/03a01Fa.wav");
        file("nested/emodb/more/03a01Wa.wav");
        file("shelf/emodb/wav/03a01Fa.wav");
        file("shelf/crema-d/AudioWAV/1001_IEO_ANG_LO.wav");
        let catalogue = Catalogue::built_in();
        for (name, root, found) in [
            ("crema-d", "clone", "clone"),
            ("emodb", "nested", "nested"),
            ("emodb", "shelf", "shelf/emodb"),
            ("crema-d", "shelf", "shelf/crema-d"),
        ] {
            let roots = Roots {
                given: vec![(None, folder.path().join(root))],
                ..Roots::default()
            };
            let corpus = catalogue.corpus(name).unwrap();
            assert_eq!(
                roots.find(corpus, true).unwrap(),
                folder.path().join(found),
                "{name} in {root}"
            );
        }
    }

    #[test]
    fn a_named_root_wins() {
        let roots = Roots {
            given: vec![parse("EmoDB=/a"), parse("/b")],
            configured: [("emodb".into(), "/c".into())].into(),
            ..Roots::default()
        };
        let catalogue = Catalogue::built_in();
        assert_eq!(
            roots
                .find(catalogue.corpus("emodb").unwrap(), true)
                .unwrap(),
            Path::new("/a")
        );
    }

    #[test]
    fn a_corpus_without_a_folder_is_told_how_to_give_one() {
        let catalogue = Catalogue::built_in();
        let roots = Roots {
            config_folder: "/home/me/.config/ser".into(),
            ..Roots::default()
        };
        let error = roots
            .find(catalogue.corpus("savee").unwrap(), true)
            .unwrap_err()
            .to_string();
        assert_eq!(
            error,
            "savee: no folder given; say --root savee=DIR, or put it below the folder in SER_CORPORA, or under [roots] in /home/me/.config/ser/config.toml; the corpus can be obtained from http://kahlan.eps.surrey.ac.uk/savee/ (Register, Download)"
        );
    }
}
