//! A folder becomes the recordings of a corpus, and an account of everything else in it.
//!
//! ```text
//! files ─┬─ left out by a rule, empty, a stand-in, known to be broken ─────────────┐
//!        ├─ documents ── rows ──┐                                                  ├─ the account
//!        └─ recordings ── name, folder ── facts ── rows join ── entry ── copies? ──┘
//! ```
//!
//! No file is dropped silently: it is a recording, or it stands in the account with the reason. A name that no rule explains is never
//! guessed at, and neither is which of two files is meant that are called alike and hold different things. Where two sources say different things of one recording, the name counts, then a document, then the folder, and the
//! contradiction is told.

use std::collections::{BTreeSet, HashMap};
use std::path::Path;

use super::account::{Aside, AsideKind, Scan};
use super::copies::{Verdict, compare};
use super::corpus::Corpus;
use super::entry::Entry;
use super::error::Error;
use super::reader::{Reader, Sorted};
use super::walk::{Found, walk};

/// Reads a corpus's folder.
///
/// # Errors
/// [`Error::Io`] if the folder or a document cannot be read, [`Error::Document`] if a document lacks a column.
pub fn scan(corpus: &Corpus, root: &Path) -> Result<Scan, Error> {
    let (files, refused) = walk(root)?;
    let mut scan = Scan {
        corpus: corpus.name.clone(),
        root: root.to_path_buf(),
        entries: Vec::new(),
        aside: Vec::new(),
        misnamed: Vec::new(),
        missing: Vec::new(),
        notes: Vec::new(),
    };
    for (path, why) in refused {
        scan.aside.push(Aside {
            path,
            kind: AsideKind::Unreadable,
            why,
        });
    }
    let mut reader = Reader::new(corpus, &files, &mut scan)?;
    let mut candidates = Vec::new();
    for file in &files {
        match reader.sort(file) {
            Sorted::Recording => candidates.push(file),
            Sorted::Aside(kind, why) => scan.aside.push(Aside {
                path: file.path.clone(),
                kind,
                why,
            }),
        }
    }
    // The least nested first: of several copies of a tree the outermost stays.
    candidates.sort_by_key(|file| (file.path.matches('/').count(), &file.path));
    let mut alike: HashMap<String, usize> = HashMap::new();
    let mut groups: Vec<Vec<(&Found, Entry)>> = Vec::new();
    for file in candidates {
        let stem = reader.right_stem(file);
        if stem != file.stem() {
            scan.misnamed.push((file.path.clone(), stem.clone()));
        }
        match reader.entries(file, &stem, &mut scan.notes) {
            Err(why) => {
                let (kind, why) = match reader.stands_in(file) {
                    Some(why) => (AsideKind::LeftOut, why.to_string()),
                    None => (AsideKind::Unexplained, why),
                };
                scan.aside.push(Aside {
                    path: file.path.clone(),
                    kind,
                    why,
                });
            }
            Ok(entries) => {
                for entry in entries {
                    let next = groups.len();
                    let group = *alike.entry(entry.identity(&stem)).or_insert(next);
                    if group == next {
                        groups.push(Vec::new());
                    }
                    groups[group].push((file, entry));
                }
            }
        }
    }
    let mut told = BTreeSet::new();
    for mut group in groups {
        let has_own = group
            .iter()
            .any(|(file, _)| reader.stands_in(file).is_none());
        let mut aside = Vec::new();
        if has_own {
            group.retain(|(file, _)| match reader.stands_in(file) {
                Some(why) => {
                    aside.push((file.path.clone(), AsideKind::LeftOut, why.to_string()));
                    false
                }
                None => true,
            });
        }
        let files: Vec<&Found> = group.iter().map(|(file, _)| *file).collect();
        let verdicts = match files.len() {
            1 => vec![Verdict::Used],
            _ => compare(&files),
        };
        for ((file, entry), verdict) in group.into_iter().zip(verdicts) {
            let (kind, why) = match verdict {
                Verdict::Used => {
                    scan.entries.push(entry);
                    continue;
                }
                Verdict::CopyOf(of) => (AsideKind::Copy, format!("of {}", files[of].path)),
                Verdict::Worse(of, flaw) => (
                    AsideKind::Damaged,
                    format!("{flaw}; {} is used", files[of].path),
                ),
                Verdict::Contradicts(of) => (
                    AsideKind::Contradiction,
                    format!("holds something else than {}", files[of].path),
                ),
            };
            aside.push((file.path.clone(), kind, why));
        }
        for (path, kind, why) in aside {
            // Parts of a file are entries of their own, and the file is named once.
            if told.insert((path.clone(), kind)) {
                scan.aside.push(Aside { path, kind, why });
            }
        }
    }
    reader.finish(&mut scan);
    scan.entries.sort_by(|a, b| {
        let start = |entry: &Entry| entry.part.map_or(0.0, |(start, _)| start);
        a.path.cmp(&b.path).then(start(a).total_cmp(&start(b)))
    });
    scan.aside
        .sort_by(|a, b| (a.kind, &a.path).cmp(&(b.kind, &b.path)));
    Ok(scan)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Catalogue;

    /// A WAV file of 16 bit at 16 kHz, whose header promises `promised` samples.
    fn wav(samples: &[i16], promised: usize) -> Vec<u8> {
        let bytes = 2 * promised as u32;
        let mut file = b"RIFF".to_vec();
        file.extend((36 + bytes).to_le_bytes());
        file.extend(b"WAVEfmt \x10\0\0\0\x01\0\x01\0\x80\x3e\0\0\0\x7d\0\0\x02\0\x10\0data");
        file.extend(bytes.to_le_bytes());
        file.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
        file
    }

    fn noise(seed: u32) -> Vec<i16> {
        let step = |state: &mut u32| {
            *state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            Some((*state >> 18) as i16)
        };
        std::iter::repeat_n((), 1600)
            .scan(seed, |state, ()| step(state))
            .collect()
    }

    fn scanned(name: &str, files: &[(&str, Vec<u8>)]) -> (Vec<String>, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        let catalogue = Catalogue::built_in();
        let scan = scan(catalogue.corpus(name).unwrap(), root.path()).unwrap();
        let used = scan.entries.iter().map(|entry| entry.path.clone());
        let aside = scan
            .aside
            .iter()
            .map(|aside| format!("{}: {}: {}", aside.kind.word(), aside.path, aside.why));
        (used.collect(), aside.collect())
    }

    #[test]
    fn different_sounds_under_one_name_are_a_contradiction_and_neither_is_used() {
        let whole = |seed| wav(&noise(seed), 1600);
        let (used, aside) = scanned(
            "emodb",
            &[
                ("aug_noise/03a01Fa.wav", whole(1)),
                ("clean/03a01Fa.wav", whole(2)),
                ("clean/03a01Wa.wav", whole(3)),
                ("clean/more/03a01Wa.wav", whole(3)),
            ],
        );
        assert_eq!(used, ["clean/03a01Wa.wav"]);
        assert_eq!(
            aside,
            [
                "contradiction: aug_noise/03a01Fa.wav: holds something else than clean/03a01Fa.wav",
                "contradiction: clean/03a01Fa.wav: holds something else than aug_noise/03a01Fa.wav",
                "copy: clean/more/03a01Wa.wav: of clean/03a01Wa.wav"
            ]
        );
    }

    #[test]
    fn a_whole_recording_beats_its_damaged_copies_wherever_they_are() {
        let speech = noise(1);
        let (used, aside) = scanned(
            "emodb",
            &[
                ("03a01Fa.wav", wav(&speech[..16], 16)),
                ("a/03a01Fa.wav", wav(&speech[..700], 1600)),
                ("b/03a01Fa.wav", b"RIFF but nothing else".to_vec()),
                ("z/03a01Fa.wav", wav(&speech, 1600)),
            ],
        );
        assert_eq!(used, ["z/03a01Fa.wav"]);
        assert_eq!(aside.len(), 3, "{aside:?}");
        assert!(
            aside
                .iter()
                .all(|line| line.starts_with("damaged: ")
                    && line.ends_with("; z/03a01Fa.wav is used")),
            "{aside:?}"
        );
    }

    #[test]
    fn the_laryngograph_beside_the_microphone_is_left_out() {
        let (used, aside) = scanned(
            "emodb",
            &[
                ("laryngo/03a01Fa.wav", wav(&noise(1), 1600)),
                ("wav/03a01Fa.wav", wav(&noise(2), 1600)),
            ],
        );
        assert_eq!(used, ["wav/03a01Fa.wav"]);
        assert!(aside[0].starts_with("left out: laryngo/"), "{aside:?}");
    }

    #[test]
    fn mp3_is_taken_where_there_is_no_wav() {
        let mp3 = b"not decoded here".to_vec();
        let files = [
            ("AudioMP3/1001_IEO_ANG_LO.mp3", mp3.clone()),
            ("AudioMP3/1001_IEO_ANG_HI.mp3", mp3.clone()),
            ("AudioMP3/notes.mp3", mp3),
            ("AudioWAV/1001_IEO_ANG_HI.wav", wav(&noise(1), 1600)),
        ];
        let (used, aside) = scanned("crema-d", &files);
        assert_eq!(
            used,
            [
                "AudioMP3/1001_IEO_ANG_LO.mp3",
                "AudioWAV/1001_IEO_ANG_HI.wav"
            ]
        );
        assert_eq!(aside.len(), 2, "{aside:?}");
        assert!(aside.iter().all(|line| line.starts_with("left out: ")));
    }
}
