//! Every file below a folder, in an order that does not depend on the machine.
//!
//! What `ser corpus prepare` wrote is no corpus: a folder below the root that it wrote into is left out. Left out at once are also names that begin with a dot (macOS's `._a.wav` holds attributes, not sound), `Thumbs.db` and `__MACOSX`. A link that
//! leads back to a folder above it is not followed. Names are compared in Unicode's composed form, whatever form the disk has, and keep
//! their own form for opening.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use unicode_normalization::UnicodeNormalization;
use walkdir::{DirEntry, WalkDir};

use super::error::Error;

/// A file below the root.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// From the root, composed, with `/`.
    pub path: String,
    /// To open it by.
    pub disk: PathBuf,
    pub bytes: u64,
}

/// A path that could not be looked into, and why.
pub(crate) type Refused = (String, String);

/// Extensions by which audio and video go.
const MEDIA: &[&str] = &[
    "wav", "flac", "aiff", "aif", "aifc", "mp3", "ogg", "oga", "opus", "m4a", "mp4", "aac", "caf",
    "mka", "mkv", "webm", "avi", "mov", "flv", "wma", "amr", "au", "snd", "sph", "w64", "raw",
    "pcm",
];

/// What `ser corpus prepare` remembers of its last run, by which a folder that it wrote is known.
pub(crate) const MEMORY: &str = ".ser-memory.jsonl";

/// The same, of this version and of the one before.
const MEMORIES: [&str; 2] = [MEMORY, ".ser-memory.json"];

/// A text that Git stores in place of a large file begins with this, and has about 130 bytes.
const STUB: &[u8] = b"version https://git-lfs";

impl Found {
    /// The name without folders and extension.
    pub fn stem(&self) -> &str {
        let name = self.name();
        name.rsplit_once('.').map_or(name, |(stem, _)| stem)
    }

    /// The name without folders.
    pub fn name(&self) -> &str {
        self.path
            .rsplit_once('/')
            .map_or(self.path.as_str(), |(_, name)| name)
    }

    /// The folder, empty at the root.
    pub fn folder(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Lower-case, without the dot.
    pub fn extension(&self) -> String {
        self.name()
            .rsplit_once('.')
            .map_or(String::new(), |(_, extension)| extension.to_lowercase())
    }

    /// Whether its extension is one of audio or video.
    pub fn is_media(&self) -> bool {
        MEDIA.contains(&self.extension().as_str())
    }

    /// Whether Git's stand-in for a large file is here instead of the file.
    pub fn is_stub(&self) -> bool {
        let mut start = [0; STUB.len()];
        self.bytes < 1024
            && File::open(&self.disk).is_ok_and(|mut file| file.read_exact(&mut start).is_ok())
            && start == STUB
    }
}

/// The path without its extension, if that is one of audio or video.
pub(crate) fn without_media_extension(path: &str) -> &str {
    match path.rsplit_once('.') {
        Some((stem, extension)) if MEDIA.contains(&extension.to_lowercase().as_str()) => stem,
        _ => path,
    }
}

/// All files below `root`, by path, and what could not be looked into.
///
/// # Errors
/// [`Error::Io`] if `root` itself cannot be read.
pub(crate) fn walk(root: &Path) -> Result<(Vec<Found>, Vec<Refused>), Error> {
    std::fs::read_dir(root).map_err(Error::io(root))?;
    let (mut found, mut refused) = (Vec::new(), Vec::new());
    let visible = |entry: &DirEntry| entry.depth() == 0 || !is_skipped(entry);
    for entry in WalkDir::new(root)
        .follow_links(true)
        .into_iter()
        .filter_entry(visible)
    {
        match entry {
            Ok(entry) if entry.file_type().is_file() => {
                let path = relative(root, entry.path());
                match entry.metadata() {
                    Ok(data) => found.push(Found {
                        path,
                        disk: entry.into_path(),
                        bytes: data.len(),
                    }),
                    Err(error) => refused.push((path, error.to_string())),
                }
            }
            Ok(_) => {}
            Err(error) if error.loop_ancestor().is_some() => {}
            Err(error) => {
                let path = error
                    .path()
                    .map_or(String::new(), |path| relative(root, path));
                let cause = error
                    .io_error()
                    .map_or(error.to_string(), ToString::to_string);
                refused.push((path, cause));
            }
        }
    }
    found.sort_by(|a, b| a.path.cmp(&b.path));
    refused.sort();
    Ok((found, refused))
}

fn is_skipped(entry: &DirEntry) -> bool {
    let name = entry.file_name().to_string_lossy();
    name.starts_with('.')
        || name.eq_ignore_ascii_case("thumbs.db")
        || name == "__MACOSX"
        || entry.file_type().is_dir()
            && MEMORIES.iter().any(|file| entry.path().join(file).exists())
}

fn relative(root: &Path, path: &Path) -> String {
    let path = path.strip_prefix(root).unwrap_or(path);
    let parts: Vec<String> = path
        .components()
        .map(|part| part.as_os_str().to_string_lossy().nfc().collect())
        .collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree(files: &[(&str, &str)]) -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for (path, content) in files {
            let path = root.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        root
    }

    #[test]
    fn attribute_files_of_macos_are_not_seen() {
        let root = tree(&[
            ("b.wav", "x"),
            ("._b.wav", "x"),
            ("a/.DS_Store", "x"),
            ("a/c.WAV", "x"),
            ("__MACOSX/b.wav", "x"),
            ("Thumbs.db", "x"),
        ]);
        let (found, refused) = walk(root.path()).unwrap();
        let paths: Vec<&str> = found.iter().map(|file| file.path.as_str()).collect();
        assert_eq!(paths, ["a/c.WAV", "b.wav"]);
        assert_eq!(found[0].extension(), "wav");
        assert!(refused.is_empty());
    }

    #[cfg(unix)]
    #[test]
    fn a_link_that_leads_back_is_not_followed() {
        let root = tree(&[("a/b.wav", "x")]);
        std::os::unix::fs::symlink(root.path(), root.path().join("a/back")).unwrap();
        let (found, refused) = walk(root.path()).unwrap();
        assert_eq!(found.len(), 1);
        assert!(refused.is_empty());
    }

    #[test]
    fn a_decomposed_name_is_compared_composed_and_opened_as_it_is() {
        let root = tree(&[("Cole\u{300}re/a.wav", "x")]);
        let (found, _) = walk(root.path()).unwrap();
        assert_eq!(found[0].path, "Col\u{e8}re/a.wav");
        assert!(found[0].disk.exists());
    }

    #[test]
    fn gits_stand_in_for_a_large_file_is_recognised() {
        let stub = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n";
        let root = tree(&[("a.wav", stub), ("b.wav", "RIFF")]);
        let (found, _) = walk(root.path()).unwrap();
        assert!(found[0].is_stub() && !found[1].is_stub());
    }

    #[test]
    fn a_missing_folder_is_an_error_with_its_name() {
        let error = walk(Path::new("/no/such/folder")).unwrap_err().to_string();
        assert!(error.starts_with("/no/such/folder: "), "{error}");
    }

    #[test]
    fn a_prepared_folder_inside_a_corpus_is_not_part_of_it() {
        let root = tree(&[
            ("a.wav", "x"),
            (&format!("out/{}", MEMORY), "{}"),
            ("out/audio/emodb/a.wav", "x"),
        ]);
        assert_eq!(walk(root.path()).unwrap().0.len(), 1);
        assert_eq!(walk(&root.path().join("out")).unwrap().0.len(), 1);
    }
}
