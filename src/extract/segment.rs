//! Lists of segments: which stretches of which recordings are analysed, each as if it were a file.
//!
//! What tools write is read by [`ser_tables::segment`]; here its rows find their recordings. A file that names none (TextGrid, subtitles, Audacity) is about the
//! recording that is given beside it, or the one of its own name. A bad row is named and costs no other.

use std::path::{Path, PathBuf};

use super::locate::{Located, Places};
use super::part::Segment;
use ser_tables::segment::Stretch;

/// A stretch of a recording.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The recording's name in the table.
    pub name: String,
    /// Where it is.
    pub path: PathBuf,
    /// The stretch.
    pub segment: Segment,
    /// Who speaks, if the list says so.
    pub speaker: Option<String>,
    /// Its class or text, if the list gives one.
    pub label: Option<String>,
    /// Its cells in the columns that [`List::others`] names.
    pub others: Vec<String>,
}

/// The stretches of a list in order, and what is wrong with the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Those that can be analysed.
    pub lines: Vec<Line>,
    /// Rows that cannot, each with its place and the reason.
    pub bad: Vec<String>,
    /// Columns of a table other than those of recording, times and speaker, in its order.
    pub others: Vec<String>,
}

/// Reads a list of segments. `input` is the recording they are of, or the folder that names are relative to (else the current one, or that of the list);
/// `tier` is the one that counts in files that have several.
///
/// # Errors
/// One line of text that names the file and what to do.
pub fn read(path: &Path, input: Option<&Path>, tier: Option<&str>) -> Result<List, String> {
    let named = |reason: String| format!("{}: {reason}", path.display());
    let found = ser_tables::segment::read(path, tier).map_err(named)?;
    let beside = path.parent().unwrap_or(Path::new("")).to_owned();
    let mut places = match input {
        Some(folder) if folder.is_dir() => Places::new([folder.to_owned()]),
        _ => Places::new([PathBuf::new(), beside.clone()]),
    };
    let one = input.filter(|input| !input.is_dir());
    let mut list = List {
        others: found.others,
        ..List::default()
    };
    for row in found.rows {
        let place = |at: usize| format!("{} {at}", found.counted);
        let line = match row {
            Ok(stretch) => {
                let at = place(stretch.at);
                recording(&stretch, path, one, &mut places, &beside)
                    .map_err(|problem| format!("{at}: {problem}"))
                    .map(|(name, path)| line(stretch, name, path))
            }
            Err(wrong) => Err(format!("{}: {}", place(wrong.at), wrong.problem)),
        };
        match line {
            Ok(line) => list.lines.push(line),
            Err(reason) => list.bad.push(reason),
        }
    }
    Ok(list)
}

fn line(stretch: Stretch, name: String, path: PathBuf) -> Line {
    Line {
        name,
        path,
        segment: Segment {
            start: stretch.start,
            end: stretch.end,
        },
        speaker: stretch.speaker,
        label: stretch.label,
        others: stretch.others,
    }
}

/// The recording that a stretch is of: its name in the table, and where it is.
fn recording(
    stretch: &Stretch,
    list: &Path,
    one: Option<&Path>,
    places: &mut Places,
    beside: &Path,
) -> Result<(String, PathBuf), String> {
    let several = |several: Vec<PathBuf>| {
        let names: Vec<String> = several
            .iter()
            .map(|path| super::input::name(path))
            .collect();
        format!(
            "it may be {}: name the file with its extension",
            names.join(" or ")
        )
    };
    match (&stretch.file, one) {
        (None, Some(one)) => Ok((super::input::name(one), one.to_owned())),
        (Some(file), Some(one)) => match stem(file) == stem(&super::input::name(one)) {
            true => Ok((super::input::name(one), one.to_owned())),
            false => Err(format!("{file}: it is not of {}", super::input::name(one))),
        },
        (Some(file), None) => match places.find(file) {
            // The list's own name, unless that lacks the extension.
            Located::At(path) if extension(file) == path.extension().map(Into::into) => {
                Ok((file.clone(), path))
            }
            Located::At(path) => {
                let extension = path.extension().unwrap_or_default().to_string_lossy();
                Ok((format!("{file}.{extension}"), path))
            }
            Located::Nowhere(path) => Ok((file.clone(), path)),
            Located::Several(found) => Err(format!("{file}: {}", several(found))),
        },
        (None, None) => {
            let own = list.file_stem().unwrap_or_default().to_string_lossy();
            let mut own_places = Places::new([beside.to_owned()]);
            let found = match places.find(&own) {
                Located::Nowhere(_) => own_places.find(&own),
                found => found,
            };
            match found {
                Located::At(path) => Ok((super::input::name(&path), path)),
                Located::Several(found) => Err(several(found)),
                Located::Nowhere(_) => Err(format!(
                    "the list names no recording, and there is none called {own}: name the recording as INPUT"
                )),
            }
        }
    }
}

fn extension(name: &str) -> Option<std::ffi::OsString> {
    Path::new(name).extension().map(Into::into)
}

/// The last part of a name without its extension.
fn stem(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or(name);
    let path = Path::new(last);
    match path.extension() {
        Some(_) => path
            .file_stem()
            .unwrap_or_default()
            .to_string_lossy()
            .into(),
        None => last.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &List) -> Vec<&str> {
        list.lines.iter().map(|line| line.name.as_str()).collect()
    }

    #[test]
    fn rows_find_their_recordings_and_bad_ones_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["call.wav", "b.wav", "b.flac"] {
            std::fs::write(path(name), "RIFF").unwrap();
        }
        let list = path("list.rttm");
        std::fs::write(
            &list,
            "SPEAKER call 1 0.1 0.3 <NA> <NA> A <NA> <NA>\nSPEAKER b 1 0 1\nSPEAKER call 1 x 1\nSPEAKER other 1 0 1\n",
        )
        .unwrap();
        let found = read(&list, None, None).unwrap();
        assert_eq!(names(&found), ["call.wav", "other"]);
        assert_eq!(found.lines[0].path, path("call.wav"));
        assert_eq!(found.lines[0].speaker.as_deref(), Some("A"));
        assert!(
            found.bad[0].starts_with("line 2: b: it may be "),
            "{:?}",
            found.bad
        );
        assert!(
            found.bad[1].starts_with("line 3: call: \"x\""),
            "{:?}",
            found.bad
        );
        let found = read(&list, Some(&path("call.wav")), None).unwrap();
        assert_eq!(found.lines.len(), 1);
        assert!(
            found
                .bad
                .iter()
                .any(|bad| bad.contains("other: it is not of"))
        );
        let track = path("call.txt");
        std::fs::write(&track, "0.1\t0.4\tangry\n").unwrap();
        let found = read(&track, None, None).unwrap();
        assert_eq!(found.lines[0].path, path("call.wav"));
        assert_eq!(found.lines[0].label.as_deref(), Some("angry"));
        std::fs::write(path("lone.txt"), "0.1\t0.4\tangry\n").unwrap();
        let found = read(&path("lone.txt"), None, None).unwrap();
        assert!(found.bad[0].contains("name the recording as INPUT"));
        std::fs::write(path("odd.csv"), "a,b\n1,2\n").unwrap();
        let error = read(&path("odd.csv"), None, None).unwrap_err();
        assert!(error.contains("odd.csv: it has no column file"), "{error}");
    }
}
