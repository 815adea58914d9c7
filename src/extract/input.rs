//! Which recordings an invocation means, and what they are called in the table.
//!
//! A file is taken as it is. A folder is searched to the bottom for audio, known by extension or content, and sorted by name, so
//! that every machine sees the same order. Links are followed; a loop is found and left.

use std::collections::HashSet;
use std::io;
use std::path::{Component, Path, PathBuf};

use walkdir::WalkDir;

use super::locate::{Located, Places};
use ser_audio::looks_like_audio;
use ser_tables::bounded_read;
use ser_tables::encoding::decode;
use ser_tables::input_table::{InputTable, PARQUET};
use ser_tables::role::{self, Role};

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
    let mut places = Vec::new();
    for path in paths {
        if path.is_dir() {
            let root = if paths.len() == 1 {
                Path::new("")
            } else {
                path.as_path()
            };
            search(path, root, &mut found, &mut places);
        } else {
            places.push(place(path));
            found.inputs.push(Input {
                path: path.clone(),
                name: name(path),
            });
        }
    }
    let named = found.inputs.len();
    let mut seen = HashSet::new();
    let mut first = places.into_iter().map(|place| seen.insert(place));
    found.inputs.retain(|_| first.next().unwrap_or(true));
    found.repeated = named - found.inputs.len();
    found
}

/// Reads a list of recordings; `-` stands for standard input. One path per line, or a table with a column called file, filename, path or wav, in any encoding.
/// Paths are relative to the current folder, or to the list's where they are there only. Empty lines do not count.
///
/// # Errors
/// What the system says, or that the list is no text and no table.
pub fn read_list(path: &Path) -> io::Result<Vec<PathBuf>> {
    let invalid = |text: String| io::Error::new(io::ErrorKind::InvalidData, text);
    let is_piped = path == Path::new("-");
    let bytes = match is_piped {
        true => bounded_read::read_pipe(io::stdin().lock())?,
        false => bounded_read::read(path)?,
    };
    let beside = match path.parent() {
        Some(folder) if !is_piped => folder.to_owned(),
        _ => PathBuf::new(),
    };
    let mut places = Places::new([PathBuf::new(), beside]);
    let table = match bytes.starts_with(PARQUET) && !is_piped {
        true => Some(InputTable::open(path).map_err(invalid)?),
        false => as_table(&bytes, &mut places),
    };
    if let Some(table) = table {
        return listed(&table, &mut places).map_err(invalid);
    }
    // Text in two bytes a character has no lines of bytes; zeros that decoding leaves end names, as `find -print0` writes them.
    let decoded = match bytes.contains(&0) {
        true => decode(&bytes),
        false => String::new(),
    };
    let bytes = match decoded.is_empty() || decoded.contains('\0') {
        true => bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes),
        false => decoded.as_bytes(),
    };
    let is_playlist = bytes.starts_with(b"#EXTM3U");
    // Kaldi's wav.scp: a name, blanks, and the path.
    let is_scp = path.extension().is_some_and(|extension| extension == "scp");
    bytes
        .split(|&byte| matches!(byte, b'\n' | b'\r' | 0))
        .filter(|line| !line.trim_ascii().is_empty())
        .filter(|line| !(is_playlist && line.starts_with(b"#")))
        .map(|line| match is_scp {
            true => found(behind_name(line), &mut places),
            false => found(line, &mut places),
        })
        .collect()
}

/// What follows the first word of a line.
fn behind_name(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    match line.iter().position(u8::is_ascii_whitespace) {
        Some(blank) => line[blank..].trim_ascii(),
        None => line,
    }
}

/// The file that a line names: as its bytes are, or as they are meant.
fn found(line: &[u8], places: &mut Places) -> io::Result<PathBuf> {
    if let Ok(path) = path_of(line)
        && path.exists()
    {
        return Ok(path);
    }
    let text = decode(line);
    let bare = text.trim();
    let inner = ['"', '\'']
        .iter()
        .find_map(|quote| bare.strip_prefix(*quote)?.strip_suffix(*quote));
    for name in [text.as_str(), bare].into_iter().chain(inner) {
        if let Located::At(path) = places.find(name) {
            return Ok(path);
        }
    }
    path_of(line)
}

/// The bytes as a table, if their first line names a column of files and is no file itself.
fn as_table(bytes: &[u8], places: &mut Places) -> Option<InputTable> {
    let table = InputTable::of_bytes(bytes).ok()?;
    // A path, there or not, is no name of a column: "clip 1.wav" is a recording.
    let mut is_file = |name: &String| {
        name.contains(['.', '/', '\\']) || matches!(places.find(name), Located::At(_))
    };
    role::find(table.names(), Role::File)?;
    (!table.names().iter().any(&mut is_file)).then_some(table)
}

/// The files of a table.
fn listed(table: &InputTable, places: &mut Places) -> Result<Vec<PathBuf>, String> {
    let column = role::find(table.names(), Role::File).ok_or_else(|| {
        format!(
            "it has no column called file, filename, path or wav; it has {}",
            table.names().join(", ")
        )
    })?;
    let mut paths = Vec::new();
    for line in table.rows() {
        let line = line.map_err(|wrong| format!("{} {}", table.place(wrong.at), wrong.problem))?;
        if let Some(name) = line.cells[column.at].text() {
            paths.push(match places.find(&name) {
                Located::At(path) | Located::Nowhere(path) => path,
                Located::Several(several) => several[0].with_extension(""),
            });
        }
    }
    // A manifest has a row for each stretch of a recording.
    paths.dedup();
    Ok(paths)
}

#[cfg(unix)]
fn path_of(line: &[u8]) -> io::Result<PathBuf> {
    use std::os::unix::ffi::OsStrExt;
    Ok(Path::new(std::ffi::OsStr::from_bytes(line)).to_owned())
}

#[cfg(not(unix))]
fn path_of(line: &[u8]) -> io::Result<PathBuf> {
    Ok(decode(line).into())
}

/// The path with the links of its folder followed, so that `a.wav` and `./a.wav` are one; that of the recording itself is not, for a link may be meant.
fn place(path: &Path) -> PathBuf {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    match (std::fs::canonicalize(folder), path.file_name()) {
        (Ok(folder), Some(name)) => folder.join(name),
        _ => path.to_owned(),
    }
}

/// Extensions of downloads and copies that are not finished.
const UNFINISHED: [&str; 6] = [
    "part",
    "partial",
    "crdownload",
    "download",
    "filepart",
    "tmp",
];

pub(super) fn is_unfinished(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy();
    UNFINISHED.contains(&extension.to_ascii_lowercase().as_str())
}

fn search(folder: &Path, root: &Path, found: &mut Found, places: &mut Vec<PathBuf>) {
    let first = found.inputs.len();
    let real = std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned());
    for entry in WalkDir::new(folder).follow_links(true) {
        match entry {
            Ok(entry) if !entry.file_type().is_file() => {}
            Ok(entry) if is_unfinished(entry.path()) => found.passed_over += 1,
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
    places.extend(found.inputs[first..].iter().map(|input| {
        let relative = input.path.strip_prefix(folder);
        real.join(relative.unwrap_or(&input.path))
    }));
}

/// Whether it is the URL of an object store or web server, and no file.
pub fn is_url(path: &Path) -> bool {
    const SCHEMES: [&str; 10] = [
        "s3", "s3a", "gs", "az", "azure", "adl", "abfs", "abfss", "http", "https",
    ];
    let scheme = path.to_str().and_then(|text| text.split_once("://"));
    scheme.is_some_and(|(name, _)| SCHEMES.contains(&name.to_ascii_lowercase().as_str()))
}

/// The path with `/` between its parts on every system; bytes that are not UTF-8 as `\xNN`. A URL is its own name.
pub fn name(path: &Path) -> String {
    if is_url(path) {
        return path.to_string_lossy().into_owned();
    }
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
    fn lists_are_read_in_every_encoding_and_as_tables() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["a.wav", "b c.wav", "\u{e9}.wav"] {
            std::fs::write(path(name), "x").unwrap();
        }
        let expected = [path("a.wav"), path("b c.wav"), path("\u{e9}.wav")];
        let utf16 =
            |text: &str| -> Vec<u8> { text.encode_utf16().flat_map(u16::to_le_bytes).collect() };
        for list in [
            b"\xef\xbb\xbfa.wav\r\nb c.wav\r\n\xc3\xa9.wav\r\n".to_vec(),
            b"a.wav\nb c.wav\n\xe9.wav\n".to_vec(),
            b"a.wav\rb c.wav\re\xcc\x81.wav".to_vec(),
            b"\"a.wav\"\n 'b c.wav' \n.\\\xc3\xa9.wav\n".to_vec(),
            b"#EXTM3U\n#EXTINF:1\na.wav\nb c.wav\n\xc3\xa9.wav\n".to_vec(),
            b"label;filename\nx;a.wav\ny;b c.wav\ny;b c.wav\nz;\xe9.wav\n".to_vec(),
            b"file\na.wav\nb c.wav\n\xc3\xa9.wav\n".to_vec(),
            b"a.wav\n\nb c.wav\n\xc3\xa9.wav".to_vec(),
            utf16("\u{feff}a.wav\r\nb c.wav\r\n\u{e9}.wav"),
            utf16("a.wav\nb c.wav\n\u{e9}.wav\n"),
            b"a.wav\0b c.wav\0\xc3\xa9.wav\0".to_vec(),
            b"{\"path\": \"a.wav\"}\n{\"path\": \"b c.wav\"}\n{\"path\": \"\xc3\xa9.wav\"}\n"
                .to_vec(),
        ] {
            std::fs::write(path("list.txt"), &list).unwrap();
            let found: Vec<PathBuf> = read_list(&path("list.txt")).unwrap();
            let tidy: Vec<PathBuf> = found
                .iter()
                .map(|path| path.components().collect())
                .collect();
            assert_eq!(tidy, expected, "{}", String::from_utf8_lossy(&list));
        }
    }

    #[test]
    fn a_list_of_kaldi_has_a_name_before_each_path() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::write(path("b c.wav"), "x").unwrap();
        std::fs::write(path("wav.scp"), "utt-1 b c.wav\nutt-2  nowhere.wav\n").unwrap();
        let paths = read_list(&path("wav.scp")).unwrap();
        assert_eq!(paths, [path("b c.wav"), PathBuf::from("nowhere.wav")]);
    }

    #[test]
    fn a_recording_called_like_a_column_is_no_header() {
        let folder = tempfile::tempdir().unwrap();
        let list = folder.path().join("list.txt");
        std::fs::write(&list, "clip 1.wav\nclip 2.wav\n").unwrap();
        let paths = read_list(&list).unwrap();
        assert_eq!(paths, ["clip 1.wav", "clip 2.wav"].map(PathBuf::from));
    }

    #[test]
    fn one_recording_by_several_names_is_taken_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        std::fs::create_dir(path("b")).unwrap();
        std::fs::write(path("a.wav"), "x").unwrap();
        let given = [
            path("a.wav"),
            path("./a.wav"),
            path("b/../a.wav"),
            folder.path().to_owned(),
        ];
        let found = find(&given);
        assert_eq!((found.inputs.len(), found.repeated), (1, 3));
    }

    #[test]
    fn unfinished_downloads_are_passed_over_unless_they_are_named() {
        let folder = tempfile::tempdir().unwrap();
        let header = b"RIFF\xff\xff\xff\xffWAVEfmt ";
        for name in ["x.wav.part", "y.crdownload", "z.wav"] {
            std::fs::write(folder.path().join(name), header).unwrap();
        }
        let found = find(&[folder.path().to_owned()]);
        assert_eq!((found.inputs.len(), found.passed_over), (1, 2));
        assert_eq!(find(&[folder.path().join("x.wav.part")]).inputs.len(), 1);
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
