//! Lists of segments: which stretches of which recordings are analysed, each as if it were a file.
//!
//! What tools write is read by [`ser_tables::segment`]; here its rows find their recordings. A file that names none (TextGrid, subtitles, Audacity) is about the
//! recording that is given beside it, or the one of its own name. A bad row is named and costs no other.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::analysed_parts::Segment;
use super::input::is_url;
use super::locate::{Located, Places};
use ser_audio::is_named_like_audio;
use ser_tables::segment::{Others, Stretch};

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
    /// Its cells in the other columns of a table, with their names.
    pub others: Vec<(Arc<str>, String)>,
}

/// The stretches of a list in order, and what is wrong with the others.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct List {
    /// Those that can be analysed.
    pub lines: Vec<Line>,
    /// Rows that cannot, each with its place and the reason.
    pub bad: Vec<String>,
}

/// Reads a list of segments. `input` is the recording they are of, or the folder that names are relative to (else the current one, or that of the list);
/// `tier` is the one that counts in files that have several.
///
/// # Errors
/// One line of text that names the file and what to do.
pub fn read(path: &Path, input: Option<&Path>, tier: Option<&str>) -> Result<List, String> {
    let mut list = List::default();
    each_with(path, input, (tier, Others::Kept), |line| match line {
        Ok(line) => list.lines.push(line),
        Err(reason) => list.bad.push(reason),
    })?;
    Ok(list)
}

/// The same without holding the list: hands on the stretches in order, without the cells of other columns, and what is wrong with those that cannot be
/// analysed.
///
/// # Errors
/// As [`read`].
pub fn each(
    path: &Path,
    input: Option<&Path>,
    tier: Option<&str>,
    accept: impl FnMut(Result<Line, String>),
) -> Result<(), String> {
    each_with(path, input, (tier, Others::LeftOut), accept)
}

fn each_with(
    path: &Path,
    input: Option<&Path>,
    (tier, others): (Option<&str>, Others),
    mut accept: impl FnMut(Result<Line, String>),
) -> Result<(), String> {
    let mut finder = Finder::new(path, input);
    ser_tables::segment::each(path, tier, others, &mut |counted, row| {
        accept(match row {
            Ok(stretch) => match finder.recording(&stretch) {
                Ok((name, path)) => Ok(line(stretch, name, path)),
                Err(problem) => Err(format!("{counted} {}: {problem}", stretch.at)),
            },
            Err(wrong) => Err(format!("{counted} {}: {}", wrong.at, wrong.problem)),
        });
    })
    .map_err(|reason| format!("{}: {reason}", path.display()))
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

/// A recording's name in the table, and where it is; or why there is none.
type Found = Result<(String, PathBuf), String>;

/// Finds recordings as the rows of a list name them.
struct Finder<'a> {
    list: &'a Path,
    /// The recording that all rows are of.
    one: Option<&'a Path>,
    places: Places,
    /// What the row before named, and what that was: rows of one recording follow each other.
    last: Option<(Option<String>, Found)>,
}

impl<'a> Finder<'a> {
    fn new(list: &'a Path, input: Option<&'a Path>) -> Self {
        // What a URL means is only known to its store; its name says enough.
        let is_folder = |input: &Path| match is_url(input) {
            true => !is_named_like_audio(input),
            false => input.is_dir(),
        };
        let places = match input {
            Some(folder) if is_folder(folder) => Places::new([folder.to_owned()]),
            _ => Places::new([PathBuf::new(), beside_of(list)]),
        };
        Self {
            list,
            one: input.filter(|input| !is_folder(input)),
            places,
            last: None,
        }
    }

    /// The recording that a stretch is of: its name in the table, and where it is.
    fn recording(&mut self, stretch: &Stretch) -> Found {
        if let Some((file, found)) = &self.last
            && *file == stretch.file
        {
            return found.clone();
        }
        let found = self.find(stretch.file.as_deref());
        self.last = Some((stretch.file.clone(), found.clone()));
        found
    }

    fn find(&mut self, file: Option<&str>) -> Found {
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
        match (file, self.one) {
            (None, Some(one)) => Ok((super::input::name(one), one.to_owned())),
            (Some(file), Some(one)) => match stem(file) == stem(&super::input::name(one)) {
                true => Ok((super::input::name(one), one.to_owned())),
                false => Err(format!("{file}: it is not of {}", super::input::name(one))),
            },
            (Some(file), None) => match self.places.find(file) {
                // The list's own name, unless that lacks the extension.
                Located::At(path) if extension(file) == path.extension().map(Into::into) => {
                    Ok((file.to_owned(), path))
                }
                Located::At(path) => {
                    let extension = path.extension().unwrap_or_default().to_string_lossy();
                    Ok((format!("{file}.{extension}"), path))
                }
                Located::Nowhere(path) => Ok((file.to_owned(), path)),
                Located::Several(found) => Err(format!("{file}: {}", several(found))),
            },
            (None, None) => {
                let own = self.list.file_stem().unwrap_or_default().to_string_lossy();
                let mut own_places = Places::new([beside_of(self.list)]);
                let found = match self.places.find(&own) {
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
}

/// The folder that a list lies in.
fn beside_of(list: &Path) -> PathBuf {
    list.parent().unwrap_or(Path::new("")).to_owned()
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
