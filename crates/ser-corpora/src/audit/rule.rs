//! The rules: what about a file or a table is a finding, how grave, and what to do.

use std::collections::BTreeMap;

use super::duplicate::MeasuredRecording;
use super::finding::{FileNote, Finding, Weight};
use super::measure::Measured;
use super::{CorpusAudit, percentile};
use crate::account::{AsideKind, Scan};
use crate::corpus::Corpus;
use crate::entry::Entry;
use ser_tables::counted;

/// A peak below this is silence: -60 dB re full scale.
const SILENT_PEAK: f32 = 0.001;
/// Samples in flat tops from which on a recording counts as clipped.
const CLIPPED_SAMPLES: usize = 20;
/// Shorter than this has no syllable, longer is hardly one utterance; seconds. Also outside a fifth and six times of the corpus's median.
const SHORT_S: f64 = 0.25;
const LONG_S: f64 = 60.0;
/// A bandwidth below this share of Nyquist is told, unless it reaches beyond all that matters of speech.
pub(super) const NARROW: f64 = 0.85;
pub(super) const WIDE_HZ: f64 = 16_000.0;
/// A recall this far above chance is told, if its interval is above chance too.
const TOLD: f64 = 0.02;
/// A Cramér's V from which on the speaker tells the label.
const TELLING_V: f64 = 0.5;

/// Findings of one corpus as they come.
pub(super) struct List<'a> {
    pub corpus: &'a str,
    pub findings: &'a mut Vec<Finding>,
}

impl List<'_> {
    /// Adds a finding about files, if there are any.
    pub fn add(
        &mut self,
        weight: Weight,
        kind: &'static str,
        what: &str,
        remedy: &str,
        files: Vec<FileNote>,
    ) {
        if !files.is_empty() {
            let message = format!("{}: {what}", counted(files.len(), "recording"));
            self.say(weight, kind, message, remedy, files);
        }
    }

    fn say(
        &mut self,
        weight: Weight,
        kind: &'static str,
        message: String,
        remedy: &str,
        files: Vec<FileNote>,
    ) {
        let corpus = self.corpus.to_string();
        self.findings.push(Finding {
            corpus,
            weight,
            kind,
            message,
            remedy: remedy.into(),
            files,
        });
    }
}

pub(super) fn note(entry: &Entry, what: impl std::fmt::Display) -> FileNote {
    FileNote {
        path: entry.path.clone(),
        note: what.to_string(),
    }
}

/// What the scan has found already.
pub(super) fn folder_findings(list: &mut List<'_>, scan: &Scan) {
    use AsideKind::*;
    let files = |kind| -> Vec<FileNote> {
        let note = |aside: &crate::account::Aside| FileNote {
            path: aside.path.clone(),
            note: aside.why.clone(),
        };
        scan.aside(kind).map(note).collect()
    };
    list.add(
        Weight::Defect,
        "not fetched",
        "a pointer of Git LFS is there instead",
        "run `git lfs pull` in the clone",
        files(Stub),
    );
    list.add(
        Weight::Defect,
        "empty",
        "0 bytes",
        "unpack or download them again",
        files(Empty),
    );
    list.add(
        Weight::Warning,
        "unexplained",
        "no rule of the corpus explains them; they are not used",
        "rename them, or describe them in a file for --corpora",
        files(Unexplained),
    );
    list.add(
        Weight::Defect,
        "contradiction",
        "another file of the same name holds something else; neither is used",
        "name the folder that is meant by --root, or remove the other",
        files(Contradiction),
    );
    list.add(
        Weight::Warning,
        "copy",
        "there twice; the second is not used",
        "remove the second copy of the tree",
        files(Copy),
    );
    list.add(
        Weight::Warning,
        "damaged copy",
        "damaged or cut off, and there as a whole under the same name; not used",
        "remove them",
        files(Damaged),
    );
    list.add(
        Weight::Note,
        "broken",
        "known to be broken; not used",
        "nothing to do",
        files(Bad),
    );
    let misnamed = scan.misnamed.iter().map(|(path, right)| FileNote {
        path: path.clone(),
        note: format!("used as {right}"),
    });
    list.add(
        Weight::Note,
        "misnamed",
        "known by a wrong name",
        "nothing to do; rename it for other programs",
        misnamed.collect(),
    );
}

pub(super) fn file_findings(list: &mut List<'_>, corpus: &Corpus, heard: &[MeasuredRecording<'_>]) {
    let files = |fits: &dyn Fn(&Measured) -> Option<String>| -> Vec<FileNote> {
        heard
            .iter()
            .filter_map(|one| Some(note(one.entry, fits(one.measured)?)))
            .collect()
    };
    let say = |condition: bool, text: String| condition.then_some(text);
    let silent = files(&|m| say(m.peak < SILENT_PEAK, format!("peak {:.4}", m.peak)));
    list.add(
        Weight::Defect,
        "silent",
        "no sound above -60 dB",
        "leave them out",
        silent,
    );
    let cut = files(&|m| say(m.truncated, format!("{:.2} s are there", m.seconds)));
    list.add(
        Weight::Defect,
        "cut off",
        "the file ends before its header says so",
        "copy or download them again",
        cut,
    );
    let clipped = files(&|m| {
        say(
            m.clipped >= CLIPPED_SAMPLES,
            format!("{} samples in flat tops, peak {:.2}", m.clipped, m.peak),
        )
    });
    if is_most(&clipped, heard) {
        let message = format!(
            "most recordings ({} of {}) have flat tops of the wave: that is what this corpus is like",
            clipped.len(),
            heard.len()
        );
        list.say(
            Weight::Warning,
            "clipped",
            message,
            "flat tops add harmonics: do not compare its voice quality with that of other corpora",
            clipped,
        );
    } else {
        list.add(
            Weight::Warning,
            "clipped",
            "flat tops of the wave",
            "leave them out if voice quality matters: flat tops add harmonics",
            clipped,
        );
    }
    let mut seconds: Vec<f64> = heard.iter().map(|one| one.measured.seconds).collect();
    seconds.sort_by(f64::total_cmp);
    let median = percentile(&seconds, 0.5);
    let (short, long) = (
        SHORT_S.max(median / 5.0).min(median),
        LONG_S.min(6.0 * median),
    );
    let durations = |m: &Measured| format!("{:.2} s, the median is {median:.2} s", m.seconds);
    let too_short = files(&|m| say(m.seconds < short, durations(m)));
    list.add(
        Weight::Warning,
        "short",
        "much shorter than the others",
        "listen, and leave out what holds no utterance",
        too_short,
    );
    let too_long = files(&|m| say(m.seconds > long && m.seconds > short, durations(m)));
    list.add(
        Weight::Warning,
        "long",
        "much longer than the others",
        "listen, and cut or leave out what holds more than an utterance",
        too_long,
    );
    rate_findings(list, corpus, heard);
    let narrow = files(&|m| {
        let bandwidth = m.bandwidth_hz?;
        say(
            bandwidth < (NARROW * f64::from(m.rate) / 2.0).min(WIDE_HZ),
            format!("ends at {bandwidth:.0} Hz, could reach {} Hz", m.rate / 2),
        )
    });
    if is_most(&narrow, heard) {
        let message = if narrow.len() == heard.len() {
            format!(
                "all {} recordings hold nothing in the upper part of their spectrum",
                narrow.len()
            )
        } else {
            format!(
                "most recordings ({} of {}) hold nothing in the upper part of their spectrum: that is what this corpus is like",
                narrow.len(),
                heard.len()
            )
        };
        list.say(Weight::Warning, "bandwidth", message, "they were recorded so, upsampled or coded; do not mix them with full-band recordings, or bring all to the lower band with prepare --rate", narrow);
    } else {
        list.add(
            Weight::Warning,
            "bandwidth",
            "nothing in the upper part of their spectrum, unlike the others",
            "they were upsampled or coded; leave them out, or bring all to the lower band",
            narrow,
        );
    }
}

/// What most recordings are like is what the corpus is like: leaving them out would discard it.
fn is_most(files: &[FileNote], heard: &[MeasuredRecording<'_>]) -> bool {
    files.len() > 1 && 2 * files.len() > heard.len()
}

fn rate_findings(list: &mut List<'_>, corpus: &Corpus, heard: &[MeasuredRecording<'_>]) {
    let mut rates: BTreeMap<u32, usize> = BTreeMap::new();
    for one in heard {
        *rates.entry(one.measured.rate).or_default() += 1;
    }
    let published = &corpus.expected.rates;
    let shown = |rates: &[u32]| {
        rates
            .iter()
            .map(u32::to_string)
            .collect::<Vec<_>>()
            .join(" and ")
    };
    let other = |one: &&MeasuredRecording<'_>| !published.contains(&one.measured.rate);
    let strange: Vec<FileNote> = heard
        .iter()
        .filter(other)
        .map(|one| note(one.entry, format!("{} Hz", one.measured.rate)))
        .collect();
    if !published.is_empty() && !strange.is_empty() {
        let mut found: Vec<u32> = heard
            .iter()
            .filter(other)
            .map(|one| one.measured.rate)
            .collect();
        found.sort_unstable();
        found.dedup();
        let lowest = found.iter().min().map_or(0, |rate| rate / 2);
        let message = format!(
            "{} of {} recordings have {} Hz, the corpus was published at {} Hz: this copy was resampled, and holds nothing above {lowest} Hz",
            strange.len(),
            heard.len(),
            shown(&found),
            shown(published)
        );
        list.say(
            Weight::Warning,
            "resampled",
            message,
            "get the original, or bring all corpora to this band before they are compared",
            strange,
        );
    }
    if rates.len() > 1 {
        let most = rates.values().copied().max().unwrap_or(0);
        let counts: Vec<String> = rates
            .iter()
            .map(|(rate, count)| format!("{count} at {rate} Hz"))
            .collect();
        let usual = |rate: u32| rates.get(&rate) == Some(&most);
        let files = heard
            .iter()
            .filter(|one| !usual(one.measured.rate))
            .map(|one| note(one.entry, format!("{} Hz", one.measured.rate)));
        let message = format!("sample rates are mixed: {}", counts.join(", "));
        list.say(
            Weight::Warning,
            "mixed rates",
            message,
            "prepare with --rate, at the lowest of them or below",
            files.collect(),
        );
    }
}

/// Leaks and balance. Duration and level belong to how emotions sound, so they are told and no warning; rate and bandwidth do not.
pub(super) fn table_findings(list: &mut List<'_>, figures: &CorpusAudit) {
    for leak in &figures.leaks {
        let voice = !matches!(leak.from.as_str(), "rate" | "bandwidth");
        if leak.from == "all" || leak.interval.0 <= leak.chance || leak.uar < leak.chance + TOLD {
            continue;
        }
        let message = format!(
            "{} alone tells {} labels with recall {:.2} [{:.2}, {:.2}], chance is {:.2} ({}{})",
            leak.from,
            leak.classes,
            leak.uar,
            leak.interval.0,
            leak.interval.1,
            leak.chance,
            counted(leak.recordings, "recording"),
            if leak.speakers > 0 {
                format!(", {}", counted(leak.speakers, "speaker"))
            } else {
                ", speakers mixed".into()
            }
        );
        if voice {
            let remedy = "emotions differ in it, but so do rooms and cutting; compare a model's score with this one, and report both";
            list.say(Weight::Note, "leak", message, remedy, Vec::new());
        } else {
            let remedy = "no property of voices: bring all recordings to one rate and band by prepare --rate before training";
            list.say(Weight::Warning, "leak", message, remedy, Vec::new());
        }
    }
    let balance = &figures.balance;
    if let Some(v) = balance.cramers_v.filter(|v| *v >= TELLING_V) {
        let message = format!(
            "who speaks tells the label: Cramér's V of speakers × labels is {v:.2} (0 is even, 1 is complete)"
        );
        list.say(
            Weight::Warning,
            "balance",
            message,
            "test on speakers who are not in training, and report per speaker",
            Vec::new(),
        );
    }
    let gaps: Vec<String> = balance
        .gaps()
        .into_iter()
        .map(|(label, without)| match without.len() {
            1..=3 => format!("{label} {} ({})", without.len(), without.join(" ")),
            count => format!("{label} {count}"),
        })
        .collect();
    if balance.speakers.len() > 1 && !gaps.is_empty() {
        let message = format!(
            "of {} speakers, some lack a label: {}",
            balance.speakers.len(),
            gaps.join(", ")
        );
        list.say(
            Weight::Note,
            "balance",
            message,
            "scores per speaker lack it; average over those who have it",
            Vec::new(),
        );
    }
    let totals = balance.totals();
    if let (Some(&most), Some(&least)) = (totals.iter().max(), totals.iter().min())
        && least > 0
        && most > 10 * least
    {
        let message = format!(
            "labels are uneven: the commonest has {}, the rarest {least}",
            counted(most, "recording")
        );
        list.say(
            Weight::Note,
            "balance",
            message,
            "weight classes, and score by unweighted average recall",
            Vec::new(),
        );
    }
}
