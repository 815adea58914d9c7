//! Where the page finds a recording to play: beside it on the disk, or inside itself.

use std::path::{Component, Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

/// Whether and how recordings can be played from the page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Audio {
    /// They cannot.
    #[default]
    None,
    /// By a link from the page's folder to the file, if the file is there.
    Link {
        /// The folder of the page.
        folder: PathBuf,
    },
    /// Inside the page, one after the other until this many bytes are used; links after that.
    Embed {
        /// The folder of the page.
        folder: PathBuf,
        /// Bytes of audio files.
        limit: u64,
    },
}

/// Gives the source of each recording in turn.
pub(crate) struct Sources {
    audio: Audio,
    used: u64,
}

impl Sources {
    /// Nothing embedded yet.
    pub fn new(audio: &Audio) -> Self {
        Sources {
            audio: audio.clone(),
            used: 0,
        }
    }

    /// The URL of a recording; none if it is not at hand.
    pub fn url(&mut self, file: &Path) -> Option<String> {
        match &self.audio {
            Audio::None => None,
            Audio::Link { folder } => link(folder, file),
            Audio::Embed { folder, limit } => {
                let length = std::fs::metadata(file).ok()?.len();
                if self.used + length > *limit {
                    return link(folder, file);
                }
                let bytes = std::fs::read(file).ok()?;
                self.used += length;
                Some(data_url(media_type(file), &bytes))
            }
        }
    }
}

/// `data:TYPE;base64,…`.
pub(crate) fn data_url(media_type: &str, bytes: &[u8]) -> String {
    format!("data:{media_type};base64,{}", STANDARD.encode(bytes))
}

pub(crate) fn media_type(file: &Path) -> &'static str {
    let extension = file.extension().and_then(|e| e.to_str()).unwrap_or("");
    match extension.to_ascii_lowercase().as_str() {
        "wav" => "audio/wav",
        "flac" => "audio/flac",
        "mp3" => "audio/mpeg",
        "ogg" | "oga" => "audio/ogg",
        "m4a" | "mp4" | "aac" => "audio/mp4",
        "aif" | "aiff" => "audio/aiff",
        "webm" | "mka" => "audio/webm",
        _ => "application/octet-stream",
    }
}

/// The relative URL from `folder` to an existing file.
fn link(folder: &Path, file: &Path) -> Option<String> {
    let there = file.is_file();
    there.then(|| Some(relative(&lexical(folder)?, &lexical(file)?)))?
}

/// The absolute path without "..": links are not followed, for a browser does not follow them either when it climbs.
fn lexical(path: &Path) -> Option<PathBuf> {
    let mut plain = PathBuf::new();
    for component in std::path::absolute(path).ok()?.components() {
        if component == Component::ParentDir {
            plain.pop();
        } else {
            plain.push(component);
        }
    }
    Some(plain)
}

/// The relative URL from one absolute path to another; a file URL where they share no root.
fn relative(folder: &Path, file: &Path) -> String {
    let (from, to): (Vec<_>, Vec<_>) = (folder.components().collect(), file.components().collect());
    let shared = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
    let down = to[shared..].iter().map(|c| match c {
        Component::Normal(name) => encoded(&name.to_string_lossy()),
        other => encoded(&other.as_os_str().to_string_lossy()),
    });
    if shared == 0 {
        return format!("file:///{}", down.collect::<Vec<_>>().join("/"));
    }
    let up = std::iter::repeat_n("..".to_string(), from.len() - shared);
    // "./" keeps a name with a colon from being read as a scheme.
    let parts: Vec<String> = std::iter::once(".".to_string())
        .chain(up)
        .chain(down)
        .collect();
    parts.join("/")
}

/// Percent-encoded, all but the letters that a path may hold anywhere (RFC 3986, unreserved).
fn encoded(name: &str) -> String {
    let mut url = String::new();
    for &byte in name.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            url.push(char::from(byte));
        } else {
            url += &format!("%{byte:02X}");
        }
    }
    url
}

#[test]
fn a_link_climbs_and_descends_and_is_encoded() {
    let url = relative(Path::new("/a/b/out"), Path::new("/a/c d/\"<#?>%.wav"));
    assert_eq!(url, "./../../c%20d/%22%3C%23%3F%3E%25.wav");
    assert_eq!(
        relative(Path::new("/a"), Path::new("/a/x:y.wav")),
        "./x%3Ay.wav"
    );
}

#[test]
fn what_is_not_there_has_no_link() {
    let mut sources = Sources::new(&Audio::Link {
        folder: std::env::temp_dir(),
    });
    assert_eq!(sources.url(Path::new("no such file.wav")), None);
}

#[test]
fn embedding_stops_at_its_limit() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a.wav");
    std::fs::write(&file, [0; 100]).unwrap();
    let mut sources = Sources::new(&Audio::Embed {
        folder: folder.path().into(),
        limit: 150,
    });
    assert!(
        sources
            .url(&file)
            .unwrap()
            .starts_with("data:audio/wav;base64,")
    );
    assert_eq!(sources.url(&file).unwrap(), "./a.wav");
}
