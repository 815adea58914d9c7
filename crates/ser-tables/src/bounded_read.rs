//! Files that a user names, read whole: never a device without end, never more than fits.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

/// Bytes of a model, a plan, a description or a list; larger ones are no such thing.
const MOST: u64 = 1 << 30;

/// The content of a file or a pipe.
///
/// # Errors
/// What the system says; [`io::ErrorKind::InvalidInput`] for a device, which may have no end, and beyond 1 GiB.
pub fn read(path: &Path) -> io::Result<Vec<u8>> {
    let refused = |text: &str| Err(io::Error::new(io::ErrorKind::InvalidInput, text));
    let mut file = File::open(path)?;
    let metadata = file.metadata()?;
    if metadata.is_dir() {
        return refused("it is a folder, not a file");
    }
    if is_device(&metadata) {
        return refused("it is a device, not a file");
    }
    read_all(&mut file, MOST)
}

/// All that a pipe gives, such as standard input.
///
/// # Errors
/// As [`read`].
pub fn read_pipe(mut pipe: impl Read) -> io::Result<Vec<u8>> {
    read_all(&mut pipe, MOST)
}

fn read_all(source: &mut impl Read, most: u64) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    source.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::new(
            io::ErrorKind::InvalidInput,
            format!("it has more than {} MiB", most >> 20),
        ));
    }
    Ok(bytes)
}

/// The content of a file or a pipe as text.
///
/// # Errors
/// As [`read`]; [`io::ErrorKind::InvalidData`] where it is not UTF-8.
pub fn read_text(path: &Path) -> io::Result<String> {
    let not_text = |_| io::Error::new(io::ErrorKind::InvalidData, "it is not a text in UTF-8");
    String::from_utf8(read(path)?).map_err(not_text)
}

#[cfg(unix)]
fn is_device(metadata: &std::fs::Metadata) -> bool {
    use std::os::unix::fs::FileTypeExt;
    let kind = metadata.file_type();
    kind.is_char_device() || kind.is_block_device()
}

#[cfg(not(unix))]
fn is_device(_: &std::fs::Metadata) -> bool {
    false
}

#[test]
fn what_has_no_end_is_refused() {
    let error = read_all(&mut io::repeat(b'a'), 2 << 20).unwrap_err();
    assert_eq!(error.to_string(), "it has more than 2 MiB");
    assert_eq!(read_all(&mut &b"abc"[..], 3).unwrap(), b"abc");
}

#[cfg(unix)]
#[test]
fn devices_and_folders_are_refused() {
    for path in ["/dev/zero", "/dev/null", "/"] {
        let error = read(Path::new(path)).unwrap_err();
        assert_eq!(error.kind(), io::ErrorKind::InvalidInput, "{path}");
    }
    let file = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(file.path(), "a\u{e9}").unwrap();
    assert_eq!(read_text(file.path()).unwrap(), "a\u{e9}");
    std::fs::write(file.path(), b"\xff\xff").unwrap();
    assert!(read_text(file.path()).is_err());
}
