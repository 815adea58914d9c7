//! Bytes from afar: whatever a decoder makes of an error of reading, the recording fails.

use std::io::{self, Cursor, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use ser_audio::{DecodingSettings, Distant, Error, Recording};

/// A file of which nothing can be read from some byte on, with the error that decoders take for the end.
struct Torn {
    file: Cursor<Vec<u8>>,
    from: u64,
    failed: Arc<AtomicBool>,
}

impl Read for Torn {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.from.saturating_sub(self.file.position()) as usize;
        if left == 0 && self.file.position() < self.file.get_ref().len() as u64 {
            self.failed.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        let most = buffer.len().min(left.max(1));
        self.file.read(&mut buffer[..most])
    }
}

impl Seek for Torn {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.file.seek(to)
    }
}

impl Distant for Torn {
    fn length(&self) -> u64 {
        self.file.get_ref().len() as u64
    }

    fn fault(&self) -> Box<dyn Fn() -> Option<Error> + Send + Sync> {
        let failed = self.failed.clone();
        Box::new(move || {
            failed.load(Ordering::Relaxed).then(|| Error::Store {
                kind: "store",
                message: "is torn; mend it".to_string(),
            })
        })
    }
}

fn samples(bytes: Vec<u8>, from: u64) -> Result<usize, Error> {
    let torn = Torn {
        file: Cursor::new(bytes),
        from,
        failed: Arc::default(),
    };
    Ok(Recording::from_distant(torn, &DecodingSettings::default())?
        .read_to_end()?
        .len())
}

#[test]
fn a_recording_that_cannot_be_read_to_its_end_is_never_a_shorter_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/signal");
    let mut files = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let Ok(mut recording) = Recording::open(&path, &DecodingSettings::default()) else {
            continue;
        };
        let whole = recording.read_to_end().unwrap().len();
        let bytes = std::fs::read(&path).unwrap();
        let length = bytes.len() as u64;
        assert_eq!(samples(bytes.clone(), length).unwrap(), whole, "{path:?}");
        for tenth in 0..10 {
            match samples(bytes.clone(), length * tenth / 10) {
                Err(Error::Store { .. }) => {}
                // Some containers have what nobody needs at their end.
                Ok(samples) => assert_eq!(samples, whole, "{path:?} {tenth}"),
                Err(other) => panic!("{path:?} {tenth}: {other}"),
            }
        }
        files += 1;
    }
    assert!(files > 10);
}
