//! Tags behind FLAC: where the audio ends, which its container does not say. ID3v1, ID3v2 and APEv2.

use std::io::{self, Read, Seek, SeekFrom};

use symphonia::core::io::{MediaSource, MediaSourceStream};

/// Bytes of an ID3v1 tag (`TAG`, 30 for the title …).
const OLD_TAG: u64 = 128;

/// Bytes of the footer of an APEv2 tag.
const FOOTER: u64 = 32;

/// Bytes at the end that an ID3v2 tag is looked for in.
const LOOK: u64 = 1 << 16;

/// Where a FLAC file that stands at its start ends, if tags follow; `None` for other files and those without tags. The stream then stands
/// anywhere.
///
/// # Errors
/// What the system says.
pub(crate) fn tags_behind(
    stream: &mut MediaSourceStream<'_>,
    length: u64,
) -> io::Result<Option<u64>> {
    let mut name = [0; 4];
    let read = stream.read_exact(&mut name);
    if read.is_err() || !(name == *b"fLaC" || name.starts_with(b"ID3")) {
        return Ok(None);
    }
    let mut end = length;
    let mut last = |from: u64, bytes: u64| {
        let mut found = Vec::new();
        stream.seek(SeekFrom::Start(from.saturating_sub(bytes)))?;
        stream
            .by_ref()
            .take(bytes.min(from))
            .read_to_end(&mut found)?;
        io::Result::Ok(found)
    };
    if last(end, OLD_TAG)?.starts_with(b"TAG") {
        end = end.saturating_sub(OLD_TAG);
    }
    let footer = last(end, FOOTER)?;
    if footer.starts_with(b"APETAGEX") && footer.len() == FOOTER as usize {
        let word = |at: usize| u32::from_le_bytes([0, 1, 2, 3].map(|k| footer[at + k]));
        let header = u64::from(word(20) >> 31) * FOOTER;
        end = end.saturating_sub(u64::from(word(12)) + header);
    }
    let tail = last(end, LOOK.min(end))?;
    let fills = |at: &usize| {
        let &[b'I', b'D', b'3', 2..=4, _, _, a, b, c, d] = &tail[*at..*at + 10] else {
            return false;
        };
        let size = [a, b, c, d]
            .into_iter()
            .fold(0, |size, byte| size << 7 | usize::from(byte));
        size < 1 << 28 && at + 10 + size == tail.len()
    };
    if let Some(at) = (0..tail.len().saturating_sub(9)).find(fills) {
        end -= (tail.len() - at) as u64;
    }
    Ok((end < length).then_some(end))
}

/// A stream up to `end`.
pub(crate) struct Cut {
    inner: MediaSourceStream<'static>,
    at: u64,
    end: u64,
}

impl Cut {
    /// Of a stream that stands at its start.
    pub(crate) fn new(inner: MediaSourceStream<'static>, end: u64) -> Self {
        Cut { inner, at: 0, end }
    }
}

impl Read for Cut {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.end.saturating_sub(self.at);
        let most = usize::try_from(left)
            .unwrap_or(usize::MAX)
            .min(buffer.len());
        let read = self.inner.read(&mut buffer[..most])?;
        self.at += read as u64;
        Ok(read)
    }
}

impl Seek for Cut {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let to = match to {
            SeekFrom::End(by) => SeekFrom::Start(
                self.end
                    .checked_add_signed(by)
                    .ok_or(io::ErrorKind::InvalidInput)?,
            ),
            to => to,
        };
        self.at = self.inner.seek(to)?;
        Ok(self.at)
    }
}

impl MediaSource for Cut {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.end)
    }
}
