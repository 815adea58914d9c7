//! Corpora: found, checked, audited, prepared. Results are JSON, as `ser corpus … --json` prints them.

use std::path::PathBuf;

use pyo3::exceptions::PyValueError;
use pyo3::prelude::*;
use ser::corpus::audit::audit;
use ser::corpus::prepare::{AudioFormat, PreparationSettings, prepare};
use ser::corpus::{Catalogue, Check, Corpus, LabelMap, Roots, Scan, config_folder, scan};
use ser::table::Statistics;
use serde::Serialize;

use crate::columns::{set, value_error};
use crate::watch::{released, threads, watched};

/// The descriptions of corpora, and where their folders are.
struct Desk {
    catalogue: Catalogue,
    roots: Roots,
}

impl Desk {
    fn open(roots: &[String], corpora: Option<PathBuf>) -> PyResult<Self> {
        let mut catalogue = Catalogue::built_in();
        let own = config_folder().join("corpora.toml");
        let files = own.is_file().then_some(own).into_iter().chain(corpora);
        for file in files {
            catalogue.read(&file).map_err(value_error)?;
        }
        let roots = Roots::new(roots).map_err(value_error)?;
        Ok(Self { catalogue, roots })
    }

    /// Finds and reads the folders of the corpora named; each once, in the order given.
    fn scan(&self, names: &[String]) -> PyResult<Vec<(&Corpus, Scan)>> {
        let mut corpora: Vec<&Corpus> = Vec::new();
        for name in names {
            let corpus = self.catalogue.corpus(name).map_err(value_error)?;
            if !corpora.iter().any(|known| known.name == corpus.name) {
                corpora.push(corpus);
            }
        }
        let alone = corpora.len() == 1;
        let one = |corpus| {
            let root = self.roots.find(corpus, alone).map_err(value_error)?;
            Ok((corpus, scan(corpus, &root).map_err(value_error)?))
        };
        corpora.into_iter().map(one).collect()
    }

    /// The same, where a folder without a recording is an error.
    fn scan_recordings(&self, names: &[String]) -> PyResult<Vec<(&Corpus, Scan)>> {
        let scans = self.scan(names)?;
        match scans.iter().find(|(_, scan)| scan.entries.is_empty()) {
            None => Ok(scans),
            Some((corpus, scan)) => Err(PyValueError::new_err(format!(
                "{}: no recordings of {} in it; name another folder by roots={{{:?}: …}}",
                scan.root.display(),
                corpus.name,
                corpus.name
            ))),
        }
    }
}

fn json(found: &impl Serialize) -> PyResult<String> {
    serde_json::to_string(found).map_err(value_error)
}

/// Compares copies of corpora with what was published.
#[pyfunction]
pub fn corpus_check(
    py: Python<'_>,
    names: Vec<String>,
    roots: Vec<String>,
    corpora: Option<PathBuf>,
) -> PyResult<String> {
    let desk = Desk::open(&roots, corpora)?;
    let checks = released(py, || {
        let scans = desk.scan(&names)?;
        Ok::<_, PyErr>(
            scans
                .iter()
                .map(|(corpus, scan)| Check::new(corpus, scan))
                .collect::<Vec<_>>(),
        )
    })??;
    json(&checks)
}

/// Listens to corpora; the second value says whether they are clean.
#[pyfunction]
#[pyo3(signature = (names, roots, corpora, labels, thread_count=None, progress=None))]
pub fn corpus_audit(
    py: Python<'_>,
    names: Vec<String>,
    roots: Vec<String>,
    corpora: Option<PathBuf>,
    labels: &str,
    thread_count: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<(String, bool)> {
    let desk = Desk::open(&roots, corpora)?;
    let map = LabelMap::named(labels, &desk.catalogue).map_err(value_error)?;
    let scans = desk.scan_recordings(&names)?;
    let found = watched(py, progress, |watch| {
        audit(&scans, &map, threads(thread_count), |_| watch.advance())
    })?;
    Ok((json(&found)?, found.is_clean()))
}

/// Makes one clean table of corpora in a folder.
#[pyfunction]
#[pyo3(signature = (names, output, roots, corpora, *, labels, rate=None, audio=None, level_db=None, features=None, deduplicate=false, outliers=None, outliers_over="corpus", thread_count=None, progress=None))]
#[allow(clippy::too_many_arguments, reason = "named in Python")]
pub fn corpus_prepare(
    py: Python<'_>,
    names: Vec<String>,
    output: PathBuf,
    roots: Vec<String>,
    corpora: Option<PathBuf>,
    labels: &str,
    rate: Option<u32>,
    audio: Option<&str>,
    level_db: Option<f64>,
    features: Option<&str>,
    deduplicate: bool,
    outliers: Option<f64>,
    outliers_over: &str,
    thread_count: Option<usize>,
    progress: Option<&Bound<'_, PyAny>>,
) -> PyResult<String> {
    let desk = Desk::open(&roots, corpora)?;
    let map = LabelMap::named(labels, &desk.catalogue).map_err(value_error)?;
    if level_db.is_some_and(|level| !(-60.0..=-5.0).contains(&level)) {
        return Err(value_error(
            "level must lie between -60 and -5 dB; speech is commonly kept at -26",
        ));
    }
    if outliers.is_some_and(|limit| !(limit.is_finite() && limit > 0.0)) {
        return Err(value_error(
            "outliers must be a positive number of standard deviations",
        ));
    }
    let settings = PreparationSettings {
        rate,
        audio: match audio {
            None => None,
            Some("wav") => Some(AudioFormat::Wav),
            Some("flac") => Some(AudioFormat::Flac),
            Some(other) => return Err(value_error(format!("audio={other:?}: 'wav' or 'flac'"))),
        },
        level_db,
        features: features.map(set).transpose()?,
        deduplicate,
        outliers: outliers
            .map(|limit| of(outliers_over).map(|statistics| (limit, statistics)))
            .transpose()?,
    };
    let scans = desk.scan_recordings(&names)?;
    let made = watched(py, progress, |watch| {
        prepare(
            &scans,
            &map,
            &settings,
            &output,
            threads(thread_count),
            |_| watch.advance(),
        )
    })?;
    json(&made.map_err(value_error)?)
}

fn of(name: &str) -> PyResult<Statistics> {
    match name {
        "corpus" => Ok(Statistics::Corpus),
        "all" => Ok(Statistics::Train),
        "speaker" => Ok(Statistics::Speaker),
        other => Err(value_error(format!(
            "outliers_over={other:?}: 'corpus', 'all' or 'speaker'"
        ))),
    }
}
