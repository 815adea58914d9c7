//! Numbers of a long recording in a temporary file that nobody else sees.
//!
//! It stands in the system's folder for such files (`TMPDIR`). On Unix it loses its name at once, so that nothing is left however the process ends;
//! elsewhere it is removed when it is dropped.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::PathBuf;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Sets of numbers, one after the other. Used from one thread at a time.
#[derive(Debug)]
pub(crate) struct Scratch {
    file: File,
    /// Bytes written.
    end: u64,
    /// The name, where it is still there.
    left: Option<PathBuf>,
}

/// Files made by this process.
static MADE: AtomicUsize = AtomicUsize::new(0);

impl Scratch {
    /// Makes the file.
    pub fn create() -> io::Result<Self> {
        let number = MADE.fetch_add(1, Ordering::Relaxed);
        let name = format!("ser-contours-{}-{number}", std::process::id());
        let path = std::env::temp_dir().join(name);
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let left = match cfg!(unix) && std::fs::remove_file(&path).is_ok() {
            true => None,
            false => Some(path),
        };
        Ok(Self { file, end: 0, left })
    }

    /// Writes numbers at the end, and gives the place to [`read`](Self::read) them from. What was written before stays as it was if it fails.
    pub fn append(&mut self, values: &[f32]) -> io::Result<u64> {
        let offset = self.end;
        self.write(offset, values)?;
        self.end += 4 * values.len() as u64;
        Ok(offset)
    }

    /// Writes numbers over those at a place.
    pub fn write(&self, offset: u64, values: &[f32]) -> io::Result<()> {
        let bytes: Vec<u8> = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.write_all(&bytes)
    }

    /// Reads the numbers at a place.
    pub fn read(&self, offset: u64, values: &mut [f32]) -> io::Result<()> {
        let mut bytes = vec![0; 4 * values.len()];
        let mut file = &self.file;
        file.seek(SeekFrom::Start(offset))?;
        file.read_exact(&mut bytes)?;
        let (words, _) = bytes.as_chunks::<4>();
        for (value, word) in values.iter_mut().zip(words) {
            *value = f32::from_le_bytes(*word);
        }
        Ok(())
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        if let Some(path) = &self.left {
            let _ = std::fs::remove_file(path);
        }
    }
}

#[test]
fn numbers_come_back_from_their_places_with_every_bit() {
    let mut scratch = Scratch::create().unwrap();
    let numbers = [1.5, -0.0, f32::NAN, f32::MIN_POSITIVE];
    let first = scratch.append(&numbers).unwrap();
    let second = scratch.append(&[7.0]).unwrap();
    let mut back = [0.0; 4];
    scratch.read(first, &mut back).unwrap();
    assert_eq!(back.map(f32::to_bits), numbers.map(f32::to_bits));
    scratch.write(first, &[2.5]).unwrap();
    scratch.read(second, &mut back[..1]).unwrap();
    assert_eq!(back[0], 7.0);
    scratch.read(first, &mut back).unwrap();
    assert_eq!(back[..2], [2.5, -0.0]);
}
