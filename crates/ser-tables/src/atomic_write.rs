//! Files that appear whole or not at all.
//!
//! What is written goes into a temporary file in the folder of the target, is brought to the disk, and takes the target's name
//! when it is complete. A crash at any moment leaves the old file or the new one.

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use tempfile::NamedTempFile;

/// A file that takes its name when it is complete; dropped before, it leaves nothing.
#[derive(Debug)]
pub struct UnfinishedFile {
    file: NamedTempFile,
    path: PathBuf,
}

impl UnfinishedFile {
    /// Begins the file `path`.
    ///
    /// # Errors
    /// Where `path` is a folder, or its folder is missing or not writable.
    pub fn create(path: &Path) -> io::Result<Self> {
        let path = &destination(path)?;
        let mut builder = tempfile::Builder::new();
        builder.prefix(".ser-").suffix(".part");
        #[cfg(unix)]
        {
            use std::fs::Permissions;
            use std::os::unix::fs::PermissionsExt;
            // What the user's umask leaves of it, as for any new file.
            builder.permissions(Permissions::from_mode(0o666));
        }
        let file = builder.tempfile_in(folder_of(path)).map_err(|error| {
            let kind = error.kind();
            let words = plain(&error);
            let folder = matches!(
                kind,
                io::ErrorKind::NotFound
                    | io::ErrorKind::NotADirectory
                    | io::ErrorKind::PermissionDenied
                    | io::ErrorKind::ReadOnlyFilesystem
            );
            let remedy = match folder {
                true => ": check that its folder exists and is writable",
                false => "",
            };
            io::Error::new(kind, format!("{words}{remedy}"))
        })?;
        // Held by the system while this process lives: what nobody holds is what a killed one left (`remove_strays`).
        #[cfg(unix)]
        let _ = file.as_file().try_lock();
        Ok(Self {
            file,
            path: path.to_owned(),
        })
    }

    /// A handle to write through.
    ///
    /// # Errors
    /// What the system says.
    pub fn target(&self) -> io::Result<File> {
        self.file.as_file().try_clone()
    }

    /// Brings the file to the disk and gives it its name.
    ///
    /// # Errors
    /// What the system says.
    pub fn complete(self) -> io::Result<()> {
        self.file.as_file().sync_all()?;
        let path = self.path.clone();
        self.take_name()?;
        sync_folder_of(&path);
        Ok(())
    }

    /// Gives the file its name and leaves it to the system when it reaches the disk: for one of thousands that can be made again.
    ///
    /// # Errors
    /// What the system says.
    pub fn take_name(self) -> io::Result<()> {
        self.file.persist(&self.path).map_err(|e| e.error)?;
        Ok(())
    }
}

/// Where a file is written: links are followed, and what is no regular file is not replaced by one.
fn destination(path: &Path) -> io::Result<PathBuf> {
    let refused = |kind, text| Err(io::Error::new(kind, text));
    let path = match path.is_symlink() {
        true => std::fs::canonicalize(path).or_else(|_| {
            refused(
                io::ErrorKind::NotFound,
                "it is a link to a file that is not there: remove it, or name another",
            )
        })?,
        false => path.to_owned(),
    };
    match std::fs::metadata(&path) {
        Ok(metadata) if metadata.is_dir() => {
            refused(io::ErrorKind::IsADirectory, "it is a folder: name a file")
        }
        Ok(metadata) if !metadata.is_file() => refused(
            io::ErrorKind::InvalidInput,
            "it is a device or a pipe, not a regular file: name a file, or use standard output",
        ),
        _ => Ok(path),
    }
}

/// Removes what killed processes left beside `path`: temporary files that are older than a minute and held by nobody, and temporary folders in
/// which nothing was written for ten minutes.
#[cfg(unix)]
pub fn remove_strays(path: &Path) {
    const AGE: std::time::Duration = std::time::Duration::from_secs(60);
    let Ok(entries) = std::fs::read_dir(folder_of(path)) else {
        return;
    };
    for entry in entries.flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if !(name.starts_with(".ser-") && name.ends_with(".part")) {
            continue;
        }
        let Ok(metadata) = entry.metadata() else {
            continue;
        };
        let modified = metadata
            .modified()
            .and_then(|at| at.elapsed().map_err(io::Error::other));
        let age = modified.unwrap_or_default();
        let is_free = || File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok());
        if metadata.is_dir() && age > 10 * AGE {
            let _ = std::fs::remove_dir_all(entry.path());
        } else if metadata.is_file() && age > AGE && is_free() {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Where a process cannot tell whether another holds a file, none is removed.
#[cfg(not(unix))]
pub fn remove_strays(_: &Path) {}

/// Removes the temporary files that killed processes left below `folder`, in which nobody else writes: all that nobody holds, however young.
#[cfg(unix)]
pub fn remove_strays_below(folder: &Path) {
    let Ok(entries) = std::fs::read_dir(folder) else {
        return;
    };
    for entry in entries.flatten() {
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if kind.is_dir() {
            remove_strays_below(&entry.path());
        } else if kind.is_file()
            && name.starts_with(".ser-")
            && name.ends_with(".part")
            && File::open(entry.path()).is_ok_and(|file| file.try_lock().is_ok())
        {
            let _ = std::fs::remove_file(entry.path());
        }
    }
}

/// Where a process cannot tell whether another holds a file, none is removed.
#[cfg(not(unix))]
pub fn remove_strays_below(_: &Path) {}

/// The folder a file stands in.
pub fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// Brings a renaming to the disk, where the system can.
pub fn sync_folder_of(path: &Path) {
    if let Ok(folder) = File::open(folder_of(path)) {
        // Some systems cannot sync folders; the name is then as safe as they make it.
        let _ = folder.sync_all();
    }
}

/// The system's words without the path of the temporary file, which means nothing to the user and which tempfile puts behind them.
fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    match text.split_once(" at path ") {
        Some((words, _)) => words.to_owned(),
        None => text,
    }
}

#[test]
fn the_old_file_stays_until_the_new_one_is_complete() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    std::fs::write(&path, "old").unwrap();
    let unfinished = UnfinishedFile::create(&path).unwrap();
    unfinished.target().unwrap().write_all(b"new").unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"old");
    unfinished.complete().unwrap();
    assert_eq!(std::fs::read(&path).unwrap(), b"new");
    drop(UnfinishedFile::create(&path).unwrap());
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[cfg(unix)]
#[test]
fn links_are_followed_and_devices_are_left_alone() {
    use std::io::Write;
    let folder = tempfile::tempdir().unwrap();
    let (file, link) = (folder.path().join("a.csv"), folder.path().join("link.csv"));
    std::os::unix::fs::symlink(&file, &link).unwrap();
    assert!(UnfinishedFile::create(&link).is_err());
    std::fs::write(&file, "old").unwrap();
    let unfinished = UnfinishedFile::create(&link).unwrap();
    unfinished.target().unwrap().write_all(b"new").unwrap();
    unfinished.complete().unwrap();
    assert!(link.is_symlink());
    assert_eq!(std::fs::read(&file).unwrap(), b"new");
    let error = UnfinishedFile::create(Path::new("/dev/null")).unwrap_err();
    assert!(error.to_string().contains("not a regular file"), "{error}");
}

#[cfg(unix)]
#[test]
fn only_old_strays_that_nobody_holds_are_removed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("a.csv");
    let long_ago = std::time::SystemTime::now() - std::time::Duration::from_secs(3600);
    let of_another_time = |file: &File| file.set_modified(long_ago).unwrap();
    let stray = folder.path().join(".ser-1.part");
    of_another_time(&File::create(&stray).unwrap());
    let young = folder.path().join(".ser-2.part");
    File::create(&young).unwrap();
    let other = folder.path().join("ser-3.part");
    of_another_time(&File::create(&other).unwrap());
    let alive = UnfinishedFile::create(&path).unwrap();
    of_another_time(alive.file.as_file());
    remove_strays(&path);
    let there = [&stray, &young, &other].map(|path| path.exists());
    assert_eq!(
        (there, alive.file.path().exists()),
        ([false, true, true], true)
    );
}
