//! A name as a list writes it becomes a file.
//!
//! Lists are written on other machines, by other programs: with `\` between folders, with accents in the other of Unicode's two forms (NFC, NFD), without the
//! extension (RTTM), or relative to the folder that the list lies in. A name is looked for exactly as it is first; what is then tried changes only how it is
//! spelt, never which folders it names.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Component, Path, PathBuf};

use ser_audio::looks_like_audio;
use unicode_normalization::UnicodeNormalization;

/// Where names are looked for, and what was found to lie there.
#[derive(Debug, Default)]
pub struct Places {
    /// Folders, the first that has a name before the others.
    folders: Vec<PathBuf>,
    listings: HashMap<PathBuf, Vec<OsString>>,
}

/// What a name means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Located {
    /// This file, which is there.
    At(PathBuf),
    /// No file; here it would be.
    Nowhere(PathBuf),
    /// Several recordings that differ in their extension only.
    Several(Vec<PathBuf>),
}

/// A text in Unicode's composed form.
fn composed(text: &str) -> String {
    text.nfc().collect()
}

/// The path of a URL of this machine, its percent signs written out.
fn written_out(url: &str) -> Option<String> {
    let path = url.strip_prefix("localhost").unwrap_or(url);
    let mut bytes = Vec::new();
    let mut rest = path.as_bytes();
    while let Some((&byte, after)) = rest.split_first() {
        let digits = (byte == b'%').then(|| after.get(..2)).flatten();
        let code = digits
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        bytes.push(code.unwrap_or(byte));
        rest = if code.is_some() { &after[2..] } else { after };
    }
    let path = String::from_utf8(bytes).ok()?;
    // A drive of Windows stands behind a slash.
    let drive = path
        .strip_prefix('/')
        .filter(|rest| rest.get(1..2) == Some(":"));
    path.starts_with('/')
        .then(|| drive.unwrap_or(&path).to_owned())
}

impl Places {
    /// Names are looked for in these folders; an empty path is the current one.
    pub fn new(folders: impl IntoIterator<Item = PathBuf>) -> Self {
        Self {
            folders: folders.into_iter().collect(),
            listings: HashMap::new(),
        }
    }

    /// The file that a name means.
    pub fn find(&mut self, name: &str) -> Located {
        // Playlists and annotations may name a file of this machine by its URL.
        if let Some(path) = name.strip_prefix("file://").and_then(written_out) {
            return self.find(&path);
        }
        let folders = self.folders.clone();
        let slashed = name.replace('\\', "/");
        for folder in &folders {
            for spelt in [name, slashed.as_str()] {
                let path = folder.join(spelt);
                if path.is_file() {
                    return Located::At(path);
                }
            }
        }
        for folder in &folders {
            match self.spelt_otherwise(folder, &slashed) {
                Located::Nowhere(_) => {}
                found => return found,
            }
        }
        let first = folders.first().cloned().unwrap_or_default();
        Located::Nowhere(first.join(name))
    }

    /// Looks folder by folder for names that are the same in Unicode's composed form; of the last one the extension may be missing.
    fn spelt_otherwise(&mut self, folder: &Path, name: &str) -> Located {
        let nowhere = || Located::Nowhere(folder.join(name));
        let mut at = folder.to_owned();
        let parts: Vec<Component<'_>> = Path::new(name).components().collect();
        for (i, part) in parts.iter().enumerate() {
            let Component::Normal(part) = part else {
                at.push(part);
                continue;
            };
            let next = at.join(part);
            let is_last = i + 1 == parts.len();
            if !is_last && next.is_dir() {
                at = next;
                continue;
            }
            let wanted = composed(&part.to_string_lossy());
            let entries = self.listing(&at);
            let alike = |entry: &&OsString| composed(&entry.to_string_lossy()) == wanted;
            if let Some(entry) = entries.iter().find(alike) {
                at.push(entry);
                continue;
            }
            if !is_last {
                return nowhere();
            }
            let of_stem = |entry: &&OsString| {
                let path = Path::new(entry);
                path.extension().is_some()
                    && path
                        .file_stem()
                        .is_some_and(|stem| composed(&stem.to_string_lossy()) == wanted)
            };
            let mut found: Vec<PathBuf> = entries
                .iter()
                .filter(of_stem)
                .map(|entry| at.join(entry))
                .filter(|path| looks_like_audio(path))
                .collect();
            found.sort();
            return match found.len() {
                0 => nowhere(),
                1 => Located::At(found.remove(0)),
                _ => Located::Several(found),
            };
        }
        match at.is_file() {
            true => Located::At(at),
            false => nowhere(),
        }
    }

    /// What lies in a folder, read once.
    fn listing(&mut self, folder: &Path) -> &[OsString] {
        self.listings.entry(folder.to_owned()).or_insert_with(|| {
            let folder = match folder.as_os_str().is_empty() {
                true => Path::new("."),
                false => folder,
            };
            let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
            entries.map(|entry| entry.file_name()).collect()
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_found_however_it_is_spelt() {
        let root = tempfile::tempdir().unwrap();
        let path = |name: &str| root.path().join(name);
        std::fs::create_dir_all(path("d\u{e9}j\u{e0}")).unwrap();
        for name in [
            "d\u{e9}j\u{e0}/vu\u{308}.wav",
            "a.wav",
            "b.wav",
            "b.flac",
            "b.txt",
        ] {
            std::fs::write(path(name), "RIFF").unwrap();
        }
        let mut places = Places::new([path("nowhere"), root.path().to_owned()]);
        let mut find = |name: &str| places.find(name);
        assert_eq!(find("a.wav"), Located::At(path("a.wav")));
        assert_eq!(find("./a.wav"), Located::At(path("./a.wav")));
        assert_eq!(find("a"), Located::At(path("a.wav")));
        assert_eq!(
            find("b"),
            Located::Several(vec![path("b.flac"), path("b.wav")])
        );
        let there = Located::At(path("d\u{e9}j\u{e0}/vu\u{308}.wav"));
        assert_eq!(find("d\u{e9}j\u{e0}\\vu\u{308}.wav"), there);
        assert_eq!(find("de\u{301}ja\u{300}/v\u{fc}.wav"), there);
        assert_eq!(find("d\u{e9}j\u{e0}/v\u{fc}"), there);
        assert_eq!(find("x/a.wav"), Located::Nowhere(path("nowhere/x/a.wav")));
        assert_eq!(find("a.mp3"), Located::Nowhere(path("nowhere/a.mp3")));
        let url = format!("file://{}/%61.wav", root.path().display());
        assert_eq!(find(&url), Located::At(path("a.wav")));
    }

    #[test]
    fn urls_of_this_machine_are_paths() {
        let path = |url: &str| written_out(url);
        assert_eq!(path("/x/a%20b.wav").as_deref(), Some("/x/a b.wav"));
        assert_eq!(path("localhost/x/100%.wav").as_deref(), Some("/x/100%.wav"));
        assert_eq!(path("/C:/x.wav").as_deref(), Some("C:/x.wav"));
        assert_eq!((path("host/x.wav"), path("/%ff")), (None, None));
    }
}
