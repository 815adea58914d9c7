//! Reads that a signal interrupted, tried again.
//!
//! A file on a network's file system may answer `EINTR`. symphonia's stream takes that for the end of its file.

use std::io::{ErrorKind, Read, Result, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

/// A source that is never interrupted.
pub(crate) struct Steady(pub(crate) Box<dyn MediaSource>);

impl Read for Steady {
    fn read(&mut self, buffer: &mut [u8]) -> Result<usize> {
        loop {
            match self.0.read(buffer) {
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                read => return read,
            }
        }
    }
}

impl Seek for Steady {
    fn seek(&mut self, to: SeekFrom) -> Result<u64> {
        self.0.seek(to)
    }
}

impl MediaSource for Steady {
    fn is_seekable(&self) -> bool {
        self.0.is_seekable()
    }

    fn byte_len(&self) -> Option<u64> {
        self.0.byte_len()
    }
}
