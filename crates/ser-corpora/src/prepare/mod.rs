//! Corpora become one clean table: manifest, and on request audio at one rate and level, features, and an audformat database.
//!
//! ```text
//! entries ─ make (in parallel; what did not change is taken from the last run) ─┬─ manifest.csv, manifest.parquet
//!   read once: fingerprint, rate, level, audio, features                        ├─ audio/<corpus>/…
//!                                                                               ├─ features.csv
//!                                                                               └─ db.yaml, db.files.csv, db.speaker.csv
//! ```
//!
//! Files appear whole or not at all: each is written beside its place and renamed. Gain is untouched unless a level is asked for. Features are
//! those of the prepared audio to the bit: where audio is written, they are computed of its 16-bit samples.

mod atomic_write;
mod audformat;
mod make;
mod manifest;
mod memory;
mod parquet;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use serde::Serialize;

use super::account::{AsideKind, Scan};
use super::corpus::Corpus;
use super::entry::Entry;
use super::error::Error;
use super::label::LabelMap;
use super::walk::MEMORY;
use ser_features::feature::{FeatureSet, Level, Row};
use ser_parallel::for_each_in_order;
use ser_tables::atomic_write::remove_strays_below;
use ser_tables::csv::CsvWriter;
use ser_tables::{Identity, Schema, TableWriter, identity};
use ser_tables::{Outliers, outliers};
use ser_tables::{RowOf, Statistics};

pub use make::{AudioFormat, gain, round_to_16_bit};
use make::{Made, Maker};
use manifest::ManifestRow;
use memory::Memory;

/// What is to be made.
#[derive(Clone, Debug, Default)]
pub struct PreparationSettings {
    /// Rate of audio and features, Hz; none keeps each recording's own.
    pub rate: Option<u32>,
    /// Audio to write.
    pub audio: Option<AudioFormat>,
    /// Active speech level to bring audio and features to, dB re full scale.
    pub level_db: Option<f64>,
    /// Features to extract.
    pub features: Option<FeatureSet>,
    /// Leave out recordings that sound the same: all of them where their labels differ, else all but the first.
    pub deduplicate: bool,
    /// Leave out recordings with any |z| above this; needs features.
    pub outliers: Option<(f64, Statistics)>,
}

impl PreparationSettings {
    /// Whose numbers the features are.
    pub fn identity(&self) -> Option<Identity> {
        let mut identity = Identity::new(self.features?, Level::Functionals).at_rate(self.rate);
        identity.signal.level_db = self.level_db;
        identity.signal.sixteen_bit = self.audio.is_some();
        Some(identity)
    }
}

/// What was made.
#[derive(Clone, Debug, Serialize)]
pub struct Prepared {
    /// The folder.
    pub folder: String,
    /// The label map.
    pub labels: String,
    /// Each corpus.
    pub corpora: Vec<PreparedCorpus>,
    /// Recordings made anew.
    pub made: usize,
    /// Recordings taken from the last run.
    pub unchanged: usize,
    /// Recordings that could not be made, each with the reason.
    pub failed: Vec<(String, String)>,
    /// Files that are called like another and hold something else: none of them is used.
    pub contradictions: Vec<(String, String)>,
    /// Recordings without features, each with the reason.
    pub without_features: Vec<(String, String)>,
    /// Recordings whose gain had to stay below what the level asks for, so that they do not clip.
    pub gain_limited: Vec<String>,
    /// Recordings that went beyond full scale at the new rate, with the samples clipped.
    pub clipped: Vec<(String, usize)>,
    /// Recordings left out because they sound the same as another.
    pub duplicates: Vec<String>,
    /// Outliers by corpus and class.
    pub outliers: Option<Outliers>,
    /// The outliers' names.
    pub outlier_files: Vec<String>,
}

/// What became of a corpus.
#[derive(Clone, Debug, Serialize)]
pub struct PreparedCorpus {
    /// The corpus's name.
    pub corpus: String,
    /// Recordings in the manifest.
    pub recordings: usize,
    /// Recordings in the folder that have no class in the label map.
    pub unmapped: usize,
    /// Files that no rule explains; `ser corpus check` lists them.
    pub unexplained: usize,
    /// Recordings by class, those of the manifest.
    pub classes: BTreeMap<String, usize>,
}

/// Makes the table of some corpora in `folder` with `threads` threads; `progress` hears of each recording.
///
/// # Errors
/// [`Error::Write`] when a file cannot be written, [`Error::Request`] when the settings contradict themselves. Recordings that fail are in the result.
pub fn prepare(
    scans: &[(&Corpus, Scan)],
    map: &LabelMap,
    settings: &PreparationSettings,
    folder: &Path,
    threads: usize,
    progress: impl FnMut(f64),
) -> Result<Prepared, Error> {
    if settings.outliers.is_some() && settings.features.is_none() {
        return Err(Error::Request(
            "outliers are told by features; add --features".into(),
        ));
    }
    if let (Some(set), Some(rate)) = (settings.features, settings.rate)
        && let Some(of_set) = set.rate_hz().filter(|of_set| *of_set != rate)
    {
        return Err(Error::Request(format!(
            "{set} is defined at {of_set} Hz, not at {rate} Hz: leave out --rate, or say --rate {of_set}"
        )));
    }
    std::fs::create_dir_all(folder).map_err(Error::write(folder))?;
    // Nobody else writes here, so unfinished files are what a killed run left.
    remove_strays_below(folder);
    let mut selected: Vec<(usize, &Entry)> = Vec::new();
    let mut corpora = Vec::new();
    for (number, (corpus, scan)) in scans.iter().enumerate() {
        let fits = |entry: &&Entry| map.keeps_unlabelled() || map.class(corpus, entry).is_some();
        let chosen: Vec<&Entry> = scan.entries.iter().filter(fits).collect();
        corpora.push(PreparedCorpus {
            corpus: corpus.name.clone(),
            recordings: 0,
            unmapped: scan
                .entries
                .iter()
                .filter(|entry| map.class(corpus, entry).is_none())
                .count(),
            unexplained: scan.aside(AsideKind::Unexplained).count(),
            classes: BTreeMap::new(),
        });
        selected.extend(chosen.into_iter().map(|entry| (number, entry)));
    }
    let mut memory = Memory::open(folder, settings);
    let outcomes = make_all(
        scans, &selected, settings, folder, &memory, threads, progress,
    )?;
    let mut prepared = Prepared {
        folder: folder.display().to_string(),
        labels: map.name().to_string(),
        corpora,
        made: 0,
        unchanged: 0,
        failed: Vec::new(),
        contradictions: contradictions(scans),
        without_features: Vec::new(),
        gain_limited: Vec::new(),
        clipped: Vec::new(),
        duplicates: Vec::new(),
        outliers: None,
        outlier_files: Vec::new(),
    };
    let mut rows = Vec::new();
    for ((number, entry), outcome) in selected.iter().zip(outcomes) {
        let corpus = scans[*number].0;
        let name = format!("{}: {}", corpus.name, entry.path);
        match outcome {
            Err(reason) => prepared.failed.push((name, reason)),
            Ok((made, is_new)) => {
                if is_new {
                    prepared.made += 1
                } else {
                    prepared.unchanged += 1
                }
                if made.gain_limited {
                    prepared.gain_limited.push(name.clone());
                }
                if made.clipped > 0 {
                    prepared.clipped.push((name.clone(), made.clipped));
                }
                if let Some(reason) = &made.no_features {
                    prepared.without_features.push((name, reason.clone()));
                }
                memory.keep(&corpus.name, entry, &made);
                rows.push(ManifestRow::new(corpus, entry, map, made, *number));
            }
        }
    }
    memory.save(folder)?;
    if settings.deduplicate {
        drop_duplicates(&mut rows, &mut prepared);
    }
    if let Some((limit, by)) = settings.outliers {
        drop_outliers(&mut rows, &mut prepared, limit, by);
    }
    for row in &rows {
        let corpus = &mut prepared.corpora[row.number];
        corpus.recordings += 1;
        if let Some(class) = row.label {
            *corpus.classes.entry(class.to_string()).or_default() += 1;
        }
    }
    write(&rows, scans, map, settings, folder)?;
    Ok(prepared)
}

/// Each recording made or taken from the last run, in order, and whether it is new.
fn make_all(
    scans: &[(&Corpus, Scan)],
    selected: &[(usize, &Entry)],
    settings: &PreparationSettings,
    folder: &Path,
    memory: &Memory,
    threads: usize,
    mut progress: impl FnMut(f64),
) -> Result<Vec<Outcome>, Error> {
    let mut outcomes: Vec<Outcome> = Vec::with_capacity(selected.len());
    let mut growing = memory.grow(folder)?;
    let mut full = None;
    let mut seconds = 0.0;
    let _ = for_each_in_order(
        selected.len(),
        threads,
        || Maker::new(settings, folder),
        |maker, i| {
            let (number, entry) = selected[i];
            let corpus = &scans[number].0.name;
            match memory.recall(corpus, entry, folder) {
                Some(made) => Ok((made, false)),
                None => maker.make(corpus, entry).map(|made| (made, true)),
            }
        },
        |i, outcome| {
            if let Ok((made, true)) = &outcome {
                let (number, entry) = selected[i];
                if let Err(error) = growing.keep(&scans[number].0.name, entry, made) {
                    full = Some(error);
                    return ControlFlow::Break(());
                }
            }
            seconds += outcome.as_ref().map_or(0.0, |(made, _)| made.seconds);
            progress(seconds);
            outcomes.push(outcome);
            ControlFlow::Continue(())
        },
    );
    match full {
        Some(error) => Err(Error::write(&folder.join(MEMORY))(error)),
        None => Ok(outcomes),
    }
}

/// What was made of a recording and whether it is new, or why nothing was.
type Outcome = Result<(Made, bool), String>;

/// The files of all corpora that contradict each other, by corpus and path.
fn contradictions(scans: &[(&Corpus, Scan)]) -> Vec<(String, String)> {
    let of = |(corpus, scan): &(&Corpus, Scan)| -> Vec<(String, String)> {
        scan.aside(AsideKind::Contradiction)
            .map(|aside| {
                (
                    format!("{}: {}", corpus.name, aside.path),
                    aside.why.clone(),
                )
            })
            .collect()
    };
    scans.iter().flat_map(of).collect()
}

fn drop_duplicates(rows: &mut Vec<ManifestRow<'_>>, prepared: &mut Prepared) {
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, row) in rows.iter().enumerate() {
        if let Some(print) = &row.made.fingerprint {
            groups.entry(print).or_default().push(at);
        }
    }
    let mut dropped: BTreeSet<usize> = BTreeSet::new();
    for group in groups.values().filter(|group| group.len() > 1) {
        let first = &rows[group[0]];
        let agree = group.iter().all(|&at| {
            rows[at].label == first.label && rows[at].entry.speaker == first.entry.speaker
        });
        dropped.extend(&group[usize::from(agree)..]);
    }
    prepared.duplicates = dropped.iter().map(|&at| rows[at].name()).collect();
    let mut at = 0;
    rows.retain(|_| {
        at += 1;
        !dropped.contains(&(at - 1))
    });
}

fn drop_outliers(
    rows: &mut Vec<ManifestRow<'_>>,
    prepared: &mut Prepared,
    limit: f64,
    by: Statistics,
) {
    let featured: Vec<usize> = (0..rows.len())
        .filter(|&at| rows[at].made.features.is_some())
        .collect();
    let values: Vec<Vec<f32>> = featured
        .iter()
        .filter_map(|&at| rows[at].made.values())
        .collect();
    let slices: Vec<&[f32]> = values.iter().map(Vec::as_slice).collect();
    let owners: Vec<RowOf<'_>> = featured
        .iter()
        .map(|&at| RowOf {
            corpus: rows[at].corpus,
            speaker: rows[at].entry.speaker.as_deref(),
            class: rows[at].label,
            training: true,
        })
        .collect();
    let found = outliers(
        values.first().map_or(0, Vec::len),
        &slices,
        &owners,
        by,
        limit,
    );
    let out: BTreeSet<usize> = found.rows.iter().map(|out| featured[out.row]).collect();
    prepared.outlier_files = out.iter().map(|&at| rows[at].name()).collect();
    prepared.outliers = Some(found);
    let mut at = 0;
    rows.retain(|_| {
        at += 1;
        !out.contains(&(at - 1))
    });
}

fn write(
    rows: &[ManifestRow<'_>],
    scans: &[(&Corpus, Scan)],
    map: &LabelMap,
    settings: &PreparationSettings,
    folder: &Path,
) -> Result<(), Error> {
    atomic_write::write(&folder.join("manifest.csv"), |file| {
        manifest::write_csv(rows, file)
    })?;
    atomic_write::write(&folder.join("manifest.parquet"), |file| {
        parquet::write(rows, file)
    })?;
    let corpora: Vec<&Corpus> = scans.iter().map(|(corpus, _)| *corpus).collect();
    audformat::write(rows, &corpora, map, settings, folder)?;
    if let Some(identity) = settings.identity() {
        let path = folder.join("features.csv");
        let beside = identity::beside(&path);
        identity.write(&path).map_err(Error::write(&beside))?;
        let schema = Schema {
            identity,
            classes: None,
            columns: None,
            frame_time: None,
            facts: Vec::new(),
        };
        atomic_write::write(&path, |file| {
            let mut table = CsvWriter::new(file, &schema)?;
            for row in rows {
                let Some(values) = row.made.values() else {
                    continue;
                };
                let start_s = if row.made.audio.is_some() {
                    0.0
                } else {
                    row.entry.part.map_or(0.0, |part| part.0)
                };
                let end_s = start_s + row.made.seconds;
                table.write(
                    &row.file,
                    None,
                    &Row {
                        start_s,
                        end_s,
                        values: &values,
                    },
                )?;
            }
            table.finish()
        })?;
    }
    Ok(())
}

/// A path as text with `/`.
fn with_slashes(path: &Path) -> String {
    let parts: Vec<String> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().into_owned())
        .collect();
    parts.join("/")
}

/// The file where a recording lies, from the machine's root.
fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf())
}
