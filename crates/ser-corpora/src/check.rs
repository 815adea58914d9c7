//! What was found against what was published, per label and speaker, and every file that is no recording.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use serde::Serialize;

use super::account::{AsideKind, Scan};
use super::corpus::Corpus;
use ser_tables::counted;

/// How a copy of a corpus compares with the published one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// The corpus's name.
    pub corpus: String,
    /// Its name in full.
    pub title: String,
    /// The folder.
    pub root: String,
    /// All recordings.
    pub recordings: Count,
    /// By label, in the order of the codes.
    pub labels: Vec<LabelCount>,
    /// By speaker.
    pub speakers: Vec<SpeakerCount>,
    /// Recordings of which nobody says who speaks.
    pub without_speaker: usize,
    /// Files that are no recordings, by reason; documents and others too.
    pub aside: BTreeMap<&'static str, Vec<AsideFile>>,
    /// Recordings known by a wrong name, with the right one.
    pub misnamed: Vec<(String, String)>,
    /// Labels in documents without a recording.
    pub missing: Vec<String>,
    /// Contradictions, and lines that were not understood.
    pub notes: Vec<String>,
}

/// Found and published.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Count {
    /// Found.
    pub found: usize,
    /// Published, if it is known.
    pub expected: Option<usize>,
}

/// Recordings of a label.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct LabelCount {
    /// The code.
    pub code: String,
    /// The corpus's word.
    pub native: String,
    /// The common emotion.
    pub common: Option<String>,
    /// How many.
    #[serde(flatten)]
    pub count: Count,
}

/// Recordings of a speaker.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SpeakerCount {
    /// The speaker.
    pub speaker: String,
    /// `f` or `m`.
    pub gender: Option<&'static str>,
    /// Years.
    pub age: Option<u32>,
    /// How many.
    #[serde(flatten)]
    pub count: Count,
}

/// A file that is no recording.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct AsideFile {
    /// From the root.
    pub path: String,
    /// Why.
    pub why: String,
}

/// Reasons that call for a look, with what to do.
const ALARMS: &[(AsideKind, &str)] = &[
    (
        AsideKind::Unexplained,
        "not used; rename them, or describe them in a file for --corpora",
    ),
    (
        AsideKind::Contradiction,
        "not used, for their name does not say which is meant; name the folder that is meant by --root, or remove the other",
    ),
    (
        AsideKind::Copy,
        "the same recording once more, not used; remove the second copy of the tree",
    ),
    (
        AsideKind::Damaged,
        "not used; remove them, a whole recording of this name is there",
    ),
    (
        AsideKind::Stub,
        "not fetched; run `git lfs pull` in the clone",
    ),
    (AsideKind::Empty, "not used; unpack or download them again"),
    (AsideKind::Unreadable, "not used; check their permissions"),
];
/// Paths shown of each kind before the rest is counted.
const SHOWN: usize = 10;

/// Characters of a column of text that is as wide as its heading and its longest entry.
pub fn column_width<'a>(heading: &'a str, entries: impl Iterator<Item = &'a str>) -> usize {
    let widths = entries.chain([heading]).map(|text| text.chars().count());
    widths.max().unwrap_or(0)
}

impl Check {
    /// Compares.
    pub fn new(corpus: &Corpus, scan: &Scan) -> Check {
        let mut by_label: BTreeMap<&str, usize> = BTreeMap::new();
        let mut by_speaker: BTreeMap<&str, (usize, Option<&'static str>, Option<u32>)> =
            BTreeMap::new();
        for entry in &scan.entries {
            *by_label.entry(&entry.code).or_default() += 1;
            if let Some(speaker) = &entry.speaker {
                let count = by_speaker.entry(speaker).or_default();
                *count = (
                    count.0 + 1,
                    entry.gender.map(|gender| gender.letter()),
                    entry.age,
                );
            }
        }
        let expected = &corpus.expected;
        let labels = corpus.labels.iter().map(|(code, label)| LabelCount {
            code: code.clone(),
            native: label.native.clone(),
            common: label.common.clone(),
            count: Count {
                found: by_label.get(code.as_str()).copied().unwrap_or(0),
                expected: expected.labels.get(code).copied(),
            },
        });
        let names: BTreeSet<&str> = by_speaker
            .keys()
            .copied()
            .chain(corpus.speakers.keys().map(String::as_str))
            .collect();
        let speakers = names.into_iter().map(|name| {
            let (found, gender, age) = by_speaker.get(name).copied().unwrap_or_else(|| {
                let known = corpus.speakers.get(name).copied().unwrap_or_default();
                (0, known.gender.map(|gender| gender.letter()), known.age)
            });
            let count = Count {
                found,
                expected: expected.of_speaker(name),
            };
            SpeakerCount {
                speaker: name.to_string(),
                gender,
                age,
                count,
            }
        });
        let mut aside: BTreeMap<&'static str, Vec<AsideFile>> = BTreeMap::new();
        for file in &scan.aside {
            let list = aside.entry(file.kind.word()).or_default();
            list.push(AsideFile {
                path: file.path.clone(),
                why: file.why.clone(),
            });
        }
        Check {
            corpus: corpus.name.clone(),
            title: corpus.title.clone(),
            root: scan.root.display().to_string(),
            recordings: Count {
                found: scan.entries.len(),
                expected: expected.files,
            },
            labels: labels.collect(),
            speakers: speakers.collect(),
            without_speaker: scan
                .entries
                .iter()
                .filter(|entry| entry.speaker.is_none())
                .count(),
            aside,
            misnamed: scan.misnamed.clone(),
            missing: scan.missing.clone(),
            notes: scan.notes.clone(),
        }
    }

    /// Whether nothing calls for a look. A copy that lacks recordings is clean: parts of a corpus are normal.
    pub fn is_clean(&self) -> bool {
        ALARMS
            .iter()
            .all(|(kind, _)| !self.aside.contains_key(kind.word()))
    }

    /// As text.
    pub fn render(&self) -> String {
        let mut text = String::new();
        self.write(&mut text)
            .expect("a string takes all that is written");
        text
    }

    fn write(&self, out: &mut String) -> std::fmt::Result {
        writeln!(out, "{}: {}", self.corpus, self.title)?;
        writeln!(
            out,
            "{}: {}\n",
            self.root,
            words(self.recordings, "recordings")
        )?;
        let width = column_width("label", self.labels.iter().map(|label| label.code.as_str()));
        let natives = self.labels.iter().map(|label| label.native.as_str());
        let native = column_width("native", natives);
        writeln!(
            out,
            "  {:width$}  {:native$}  {:14}  found  expected",
            "label", "native", "common"
        )?;
        for label in &self.labels {
            let common = label.common.as_deref().unwrap_or("-");
            let (code, own) = (&label.code, &label.native);
            writeln!(
                out,
                "  {code:width$}  {own:native$}  {common:14}  {}",
                columns(label.count)
            )?;
        }
        writeln!(out)?;
        if self.speakers.is_empty() {
            writeln!(out, "  speakers are not told")?;
        } else {
            let names = self.speakers.iter().map(|speaker| speaker.speaker.as_str());
            let width = column_width("speaker", names);
            writeln!(out, "  {:width$}  gender  age  found  expected", "speaker")?;
            for speaker in &self.speakers {
                let age = speaker.age.map_or("-".to_string(), |age| age.to_string());
                let gender = speaker.gender.unwrap_or("-");
                writeln!(
                    out,
                    "  {:width$}  {gender:6}  {age:>3}  {}",
                    speaker.speaker,
                    columns(speaker.count)
                )?;
            }
            if self.without_speaker > 0 {
                let tell = match self.without_speaker {
                    1 => "recording does not tell its speaker",
                    _ => "recordings do not tell their speaker",
                };
                writeln!(out, "  {} {tell}", self.without_speaker)?;
            }
        }
        self.write_aside(out)
    }

    fn write_aside(&self, out: &mut String) -> std::fmt::Result {
        for (kind, remedy) in ALARMS {
            if let Some(files) = self.aside.get(kind.word()) {
                writeln!(out, "\n{} {}: {remedy}", files.len(), kind.word())?;
                for file in files.iter().take(SHOWN) {
                    writeln!(out, "  {}: {}", file.path, file.why)?;
                }
                more(out, files.len())?;
            }
        }
        if let Some(files) = self.aside.get(AsideKind::Bad.word()) {
            writeln!(out, "\n{} known to be broken and not used", files.len())?;
            for file in files {
                writeln!(out, "  {}: {}", file.path, file.why)?;
            }
        }
        if !self.misnamed.is_empty() {
            writeln!(
                out,
                "\n{} known to be misnamed, and used under the right name",
                self.misnamed.len()
            )?;
            for (path, right) in &self.misnamed {
                writeln!(out, "  {path}: {right}")?;
            }
        }
        if !self.missing.is_empty() {
            writeln!(
                out,
                "\n{} labelled in a document and not here",
                self.missing.len()
            )?;
            for key in self.missing.iter().take(SHOWN) {
                writeln!(out, "  {key}")?;
            }
            more(out, self.missing.len())?;
        }
        if !self.notes.is_empty() {
            writeln!(out, "\n{}", counted(self.notes.len(), "note"))?;
            for note in self.notes.iter().take(SHOWN) {
                writeln!(out, "  {note}")?;
            }
            more(out, self.notes.len())?;
        }
        for kind in [AsideKind::LeftOut, AsideKind::Document, AsideKind::Other] {
            let Some(files) = self.aside.get(kind.word()) else {
                continue;
            };
            let mut groups: BTreeMap<String, usize> = BTreeMap::new();
            for file in files {
                let group = match kind {
                    AsideKind::LeftOut => file.why.clone(),
                    _ => file
                        .path
                        .rsplit('/')
                        .next()
                        .and_then(|name| name.rsplit_once('.'))
                        .map_or("no extension".into(), |(_, extension)| {
                            format!(".{extension}")
                        }),
                };
                *groups.entry(group).or_default() += 1;
            }
            let groups: Vec<String> = groups
                .iter()
                .map(|(group, count)| format!("{group} {count}"))
                .collect();
            let what = match kind {
                AsideKind::LeftOut => "left out by a rule",
                AsideKind::Document if files.len() == 1 => "document read",
                AsideKind::Document => "documents read",
                _ if files.len() == 1 => "other file, not read",
                _ => "other files, not read",
            };
            writeln!(out, "\n{} {what} ({})", files.len(), groups.join(", "))?;
        }
        Ok(())
    }
}

fn more(out: &mut String, count: usize) -> std::fmt::Result {
    match count.saturating_sub(SHOWN) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (all with --json)"),
    }
}

fn words(count: Count, what: &str) -> String {
    match count.expected {
        Some(expected) if expected == count.found => format!("all {expected} {what}"),
        Some(expected) => format!("{} of {expected} {what}", count.found),
        None => format!("{} {what}", count.found),
    }
}

fn columns(count: Count) -> String {
    let mark = match count.expected {
        Some(expected) if count.found > expected => "  more than published",
        Some(expected) if count.found < expected && count.found == 0 => "  none",
        Some(expected) if count.found < expected => "  part",
        _ => "",
    };
    let expected = count
        .expected
        .map_or("-".to_string(), |expected| expected.to_string());
    format!("{:>5}  {expected:>8}{mark}", count.found)
}
