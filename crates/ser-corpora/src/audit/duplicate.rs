//! The same sound more than once: within a corpus and across corpora, with the same label or another.

use std::collections::BTreeMap;

use super::finding::{FileNote, Finding, Weight};
use super::measure::Measured;
use crate::entry::Entry;

/// One recording that was heard.
pub(crate) struct MeasuredRecording<'a> {
    pub corpus: &'a str,
    pub entry: &'a Entry,
    pub label: &'a str,
    pub measured: &'a Measured,
}

/// Groups of recordings that sound the same to the last bit.
pub(crate) fn duplicates(heard: &[MeasuredRecording<'_>]) -> Vec<Finding> {
    let mut groups: BTreeMap<[u8; 32], Vec<&MeasuredRecording<'_>>> = BTreeMap::new();
    for recording in heard {
        if let Some(fingerprint) = recording.measured.fingerprint {
            groups.entry(fingerprint).or_default().push(recording);
        }
    }
    let mut findings: Vec<Finding> = groups
        .into_values()
        .filter(|group| group.len() > 1)
        .map(|group| finding(&group))
        .collect();
    findings.sort_by(|a, b| {
        let key = |finding: &Finding| {
            (
                finding.weight,
                finding.corpus.clone(),
                finding.files.first().map(|file| file.path.clone()),
            )
        };
        key(a).cmp(&key(b))
    });
    findings
}

fn finding(group: &[&MeasuredRecording<'_>]) -> Finding {
    let mut corpora: Vec<&str> = group.iter().map(|heard| heard.corpus).collect();
    corpora.dedup();
    let mut labels: Vec<&str> = group.iter().map(|heard| heard.label).collect();
    labels.sort_unstable();
    labels.dedup();
    let several = corpora.len() > 1;
    let speakers: std::collections::BTreeSet<_> =
        group.iter().map(|heard| &heard.entry.speaker).collect();
    let (weight, kind, message, remedy) = if labels.len() > 1 {
        let message = format!("the same recording is labelled {}", labels.join(" and "));
        (
            Weight::Defect,
            "contradiction",
            message,
            "leave all of them out, or keep the one whose label listening confirms",
        )
    } else if several {
        let message = format!("the same recording is in {}", corpora.join(" and "));
        (
            Weight::Warning,
            "shared",
            message,
            "keep one; else training and test data share it",
        )
    } else if speakers.len() > 1 {
        let message = format!("the same recording ({}) has several speakers", labels[0]);
        (
            Weight::Defect,
            "duplicate",
            message,
            "leave all of them out, or keep the one whose speaker listening confirms",
        )
    } else {
        let message = format!(
            "the same recording is there {} times ({})",
            group.len(),
            labels[0]
        );
        (
            Weight::Warning,
            "duplicate",
            message,
            "keep one; else it counts double, and a fold may be tested on what it learned",
        )
    };
    let files = group.iter().map(|heard| FileNote {
        path: if several {
            format!("{}: {}", heard.corpus, heard.entry.path)
        } else {
            heard.entry.path.clone()
        },
        note: heard.label.to_string(),
    });
    Finding {
        corpus: corpora.join(", "),
        weight,
        kind,
        message,
        remedy: remedy.into(),
        files: files.collect(),
    }
}
