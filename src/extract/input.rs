//! Which recordings an invocation means, and what they are called in the table.
//!
//! A file is taken as it is. A folder is searched to the bottom for audio, known by extension or content, and sorted by name, so
//! that every machine sees the same order. Links are followed; a loop is found and left.

use std::collections::HashSet;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use ser_audio::looks_like_audio;

/// A recording to be extracted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Input {
    /// Where it is.
    pub path: PathBuf,
    /// What it is called in the table.
    pub name: String,
}

/// What was found below the paths that were given.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    /// The recordings, in order.
    pub inputs: Vec<Input>,
    /// Files in folders that are no audio.
    pub passed_over: usize,
    /// Recordings that were named more than once, and are taken once.
    pub repeated: usize,
    /// What could not be searched, with the reason.
    pub unreadable: Vec<(PathBuf, String)>,
}

/// Finds the recordings. The names are the paths as given; those below a folder that is the only path given are
/// relative to it.
pub fn find(paths: &[PathBuf]) -> Found {
    let mut found = Found::default();
    for path in paths {
        if path.is_dir() {
            let root = if paths.len() == 1 {
                Path::new("")
            } else {
                path.as_path()
            };
            search(path, root, &mut found);
        } else {
            found.inputs.push(Input {
                path: path.clone(),
                name: name(path),
            });
        }
    }
    let named = found.inputs.len();
    let mut seen = HashSet::new();
    found.inputs.retain(|input| seen.insert(input.path.clone()));
    found.repeated = named - found.inputs.len();
    found
}

/// Reads a list of paths, one per line; `-` stands for standard input. Empty lines do not count.
///
/// # Errors
/// What the system says, or that a line is no path on this system.
pub fn read_list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let mut bytes = Vec::new();
    if path == Path::new("-") {
        io::stdin().lock().read_to_end(&mut bytes)?;
    } else {
        bytes = std::fs::read(path)?;
    }
    bytes
        .split(|&byte| byte == b'\n')
        .map(|line| line.strip_suffix(b"\r").unwrap_or(line))
        .filter(|line| !line.trim_ascii().is_empty())
        .map(path_of)
        .collect()
}

#[cfg(unix)]
fn path_of(line: &[u8]) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(Path::new(std::ffi::OsStr::from_bytes(line)).to_owned())
}

#[cfg(not(unix))]
fn path_of(line: &[u8]) -> io::Result<PathBuf> {
    let text = std::str::from_utf8(line).map_err(|_| {
        let text = String::from_utf8_lossy(line).into_owned();
        io::Error::new(io::ErrorKind::InvalidData, format!("{text:?} is not UTF-8"))
    })?;
    Ok(text.into())
}

fn search(folder: &Path, root: &Path, found: &mut Found) {
    let first = found.inputs.len();
    for entry in WalkDir::new(folder).follow_links(true) {
        match entry {
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) if looks_like_audio(entry.path()) => {
                let relative = entry.path().strip_prefix(folder).unwrap_or(entry.path());
                let name = name(&root.join(relative));
                found.inputs.push(Input {
                    path: entry.into_path(),
                    name,
                });
            }
            Ok(_) => found.passed_over += 1,
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) => {
                let path = error.path().unwrap_or(folder).to_owned();
                let reason = error
                    .io_error()
                    .map_or(error.to_string(), ToString::to_string);
                found.unreadable.push((path, reason));
            }
        }
    }
    found.inputs[first..].sort_by(|a, b| a.name.cmp(&b.name));
}

/// The path with `/` between its parts on every system; bytes that are not UTF-8 as `\xNN`.
pub fn name(path: &Path) -> String {
    let mut name = String::new();
    for component in path.components() {
        if !name.is_empty() && !name.ends_with('/') {
            name.push('/');
        }
        match component {
            Component::RootDir => name.push('/'),
            other => {
                for chunk in other.as_os_str().as_encoded_bytes().utf8_chunks() {
                    name.push_str(chunk.valid());
                    chunk
                        .invalid()
                        .iter()
                        .for_each(|byte| name.push_str(&format!("\\x{byte:02X}")));
                }
            }
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_have_slashes_and_keep_every_byte_visible() {
        assert_eq!(name(Path::new("a/b.wav")), "a/b.wav");
        assert_eq!(name(Path::new("/a/b.wav")), "/a/b.wav");
        #[cfg(unix)]
        {
            use std::os::unix::ffi::OsStrExt;
            let odd = std::ffi::OsStr::from_bytes(b"a\xff\xc3\xa9.wav");
            assert_eq!(name(Path::new(odd)), "a\\xFF\u{e9}.wav");
        }
    }

    #[test]
    fn a_list_has_a_path_per_line_and_repetitions_are_dropped() {
        let list = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(list.path(), "a b.wav\r\n\n\"c\".wav\na b.wav").unwrap();
        let paths = read_list(list.path()).unwrap();
        assert_eq!(
            paths,
            ["a b.wav", "\"c\".wav", "a b.wav"].map(PathBuf::from)
        );
        let found = find(&paths);
        assert_eq!((found.inputs.len(), found.repeated), (2, 1));
    }

    #[test]
    fn a_folder_is_searched_in_order_and_a_loop_is_left() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("b")).unwrap();
        for file in ["c.wav", "b/x.flac", "a.wav", "notes.txt"] {
            std::fs::write(folder.path().join(file), "text").unwrap();
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path(), folder.path().join("b/again")).unwrap();
        let found = find(&[folder.path().to_owned()]);
        let names: Vec<&str> = found.inputs.iter().map(|i| i.name.as_str()).collect();
        assert_eq!(names, ["a.wav", "b/x.flac", "c.wav"]);
        assert_eq!((found.passed_over, found.unreadable.len()), (1, 0));
    }
}
