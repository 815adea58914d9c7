//! Bytes from afar: a reader that may fail at any place, and says so to whoever opened it.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::MediaSource;

use crate::error::Error;

/// Bytes from afar, such as those of an object in a store: reading them may fail at any place.
///
/// Decoders may take a failure for the end of the file. So [`fault`](Self::fault) is looked at when the recording ends, however it does.
pub trait Distant: Read + Seek + Send + Sync + 'static {
    /// Bytes there are.
    fn length(&self) -> u64;

    /// Gives what went wrong first, from whenever on it has.
    fn fault(&self) -> Fault;
}

/// Says what went wrong in reading, if anything did.
pub type Fault = Box<dyn Fn() -> Option<Error> + Send + Sync>;

/// A distant reader as the decoders want it.
pub(crate) struct Afar<R>(pub(crate) R);

impl<R: Distant> Read for Afar<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.0.read(buffer)
    }
}

impl<R: Distant> Seek for Afar<R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.0.seek(to)
    }
}

impl<R: Distant> MediaSource for Afar<R> {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.0.length())
    }
}
