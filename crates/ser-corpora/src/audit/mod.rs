//! A corpus heard through: what in its recordings would make a study wrong.
//!
//! ```text
//! recordings ── measure (in parallel) ─┬─ duplicate   the same sound twice, with one label or two, within or across corpora
//!                                      ├─ this file   silent, clipped, too short or long, rates, bandwidth, cut off
//!                                      ├─ leak        labels told by duration, level, rate or bandwidth alone
//!                                      └─ balance     speakers × labels
//! ```
//!
//! Each [`Finding`] names files and a remedy. Limits are stated beside each rule; duplicates are found when they are equal to the last bit
//! apart from digital silence at the ends, not after a change of rate, level or coding.

mod balance;
mod duplicate;
mod finding;
mod leak;
mod measure;
mod render;
mod rule;

use std::collections::BTreeMap;
use std::ops::ControlFlow;

use serde::Serialize;

use super::account::Scan;
use super::corpus::Corpus;
use super::entry::Entry;
use super::label::LabelMap;
use ser_parallel::for_each_in_order;

pub use balance::Balance;
pub use finding::{FileNote, Finding, Weight};
pub use leak::Leak;
pub use measure::Measured;

use duplicate::{MeasuredRecording, duplicates};
use leak::{Sample, leaks};
use rule::{List, NARROW, WIDE_HZ, file_findings, folder_findings, note, table_findings};

/// What listening to corpora found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Audit {
    /// Each corpus.
    pub corpora: Vec<CorpusAudit>,
    /// What was found, gravest first, then by corpus.
    pub findings: Vec<Finding>,
}

/// Figures of one corpus.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CorpusAudit {
    /// The corpus's name.
    pub corpus: String,
    /// Recordings that could be heard.
    pub recordings: usize,
    /// Hours of them.
    pub hours: f64,
    /// Recordings by rate, Hz.
    pub rates: BTreeMap<u32, usize>,
    /// 5th, 50th and 95th percentile of duration, seconds.
    pub seconds: [f64; 3],
    /// 5th, 50th and 95th percentile of active speech level, dB re full scale.
    pub level_db: [f64; 3],
    /// How well the label is told by what is not the voice.
    pub leaks: Vec<Leak>,
    /// Speakers × labels.
    pub balance: Balance,
}

/// Listens to corpora with `threads` threads; `progress` hears of each recording.
pub fn audit(
    scans: &[(&Corpus, Scan)],
    map: &LabelMap,
    threads: usize,
    mut progress: impl FnMut(f64),
) -> Audit {
    let all: Vec<(usize, &Entry)> = scans
        .iter()
        .enumerate()
        .flat_map(|(corpus, (_, scan))| scan.entries.iter().map(move |entry| (corpus, entry)))
        .collect();
    let mut outcomes: Vec<Result<Measured, crate::sound::Error>> = Vec::with_capacity(all.len());
    let mut heard_s = 0.0;
    let _ = for_each_in_order(
        all.len(),
        threads,
        || (),
        |(), i| Measured::new(all[i].1),
        |_, outcome| {
            heard_s += outcome.as_ref().map_or(0.0, |measured| measured.seconds);
            progress(heard_s);
            outcomes.push(outcome);
            ControlFlow::Continue(())
        },
    );
    let mut heard = Vec::new();
    let mut corpora = Vec::new();
    let mut findings = Vec::new();
    for (number, (corpus, scan)) in scans.iter().enumerate() {
        let mut own = Vec::new();
        let mut broken = Vec::new();
        for ((of, entry), outcome) in all.iter().zip(&outcomes) {
            if *of != number {
                continue;
            }
            match outcome {
                Ok(measured) => own.push(MeasuredRecording {
                    corpus: &corpus.name,
                    entry,
                    label: map.class(corpus, entry).unwrap_or(&entry.native),
                    measured,
                }),
                Err(error) => broken.push(note(entry, error)),
            }
        }
        let mut list = List {
            corpus: &corpus.name,
            findings: &mut findings,
        };
        list.add(
            Weight::Defect,
            "unreadable",
            "cannot be decoded",
            "copy them again, or leave them out",
            broken,
        );
        folder_findings(&mut list, scan);
        file_findings(&mut list, corpus, &own);
        let figures = figures(corpus, map, &own);
        table_findings(&mut list, &figures);
        corpora.push(figures);
        heard.extend(own);
    }
    findings.extend(duplicates(&heard));
    findings.sort_by_key(|finding| finding.weight);
    Audit { corpora, findings }
}

/// The bandwidth as far as it tells the source of a recording: a top that fades into rounding only tells that it is quiet.
fn band_told(m: &Measured) -> f64 {
    let nyquist = f64::from(m.rate) / 2.0;
    m.bandwidth_hz
        .filter(|&bandwidth| bandwidth < (NARROW * nyquist).min(WIDE_HZ))
        .unwrap_or(nyquist)
}

fn figures(corpus: &Corpus, map: &LabelMap, heard: &[MeasuredRecording<'_>]) -> CorpusAudit {
    let mut rates: BTreeMap<u32, usize> = BTreeMap::new();
    for one in heard {
        *rates.entry(one.measured.rate).or_default() += 1;
    }
    let spread = |values: Vec<f64>| {
        let mut values = values;
        values.sort_by(f64::total_cmp);
        [0.05, 0.5, 0.95].map(|share| percentile(&values, share))
    };
    let labelled = || {
        heard
            .iter()
            .filter_map(|one| Some((one, map.class(corpus, one.entry)?)))
    };
    let samples: Vec<Sample<'_>> = labelled()
        .map(|(one, class)| {
            let m = one.measured;
            let values = [
                m.seconds,
                m.level_db.unwrap_or(-100.0),
                f64::from(m.rate),
                band_told(m),
            ];
            Sample {
                speaker: one.entry.speaker.as_deref(),
                class,
                values,
            }
        })
        .collect();
    let pairs = labelled().filter_map(|(one, class)| Some((one.entry.speaker.as_deref()?, class)));
    CorpusAudit {
        corpus: corpus.name.clone(),
        recordings: heard.len(),
        hours: heard
            .iter()
            .fold(0.0, |sum, one| sum + one.measured.seconds)
            / 3600.0,
        rates,
        seconds: spread(heard.iter().map(|one| one.measured.seconds).collect()),
        level_db: spread(
            heard
                .iter()
                .filter_map(|one| one.measured.level_db)
                .collect(),
        ),
        leaks: leaks(&samples),
        balance: Balance::new(pairs),
    }
}

/// The value below which `share` of the sorted values lie, to the nearest; 0 of none.
fn percentile(sorted: &[f64], share: f64) -> f64 {
    let last = sorted.len().saturating_sub(1) as f64;
    sorted
        .get((share * last).round() as usize)
        .copied()
        .unwrap_or(0.0)
}
