//! Who reads a file: the header of plain samples, a decoder, or nobody, since they are there already.

use symphonia::core::io::MediaSourceStream;

use crate::decode::Packets;
use crate::downmix::Mix;
use crate::error::Error;
use crate::pcm::Samples;
use crate::wave;

/// Who reads the file.
pub(crate) enum Source {
    Wave(Box<wave::Reader>),
    Packets(Box<Packets>),
    Samples(Held),
}

/// Samples that are there already, and where the next block begins.
pub(crate) struct Held {
    pub samples: Box<dyn AsRef<[f32]> + Send>,
    pub rate: u32,
    pub next: usize,
}

/// Samples of a block out of those that are held.
const BLOCK: usize = 4096;

impl Source {
    /// A file of plain samples behind a header that `read_header` understands.
    pub fn plain(
        mut stream: MediaSourceStream<'static>,
        read_header: impl Fn(&mut MediaSourceStream<'_>) -> Result<Samples, Error>,
    ) -> Result<Source, Error> {
        let samples = read_header(&mut stream)?;
        wave::Reader::new(stream, samples).map(|reader| Source::Wave(Box::new(reader)))
    }

    pub fn rate(&self) -> u32 {
        match self {
            Source::Wave(reader) => reader.rate(),
            Source::Packets(packets) => packets.rate(),
            Source::Samples(held) => held.rate,
        }
    }

    pub fn channels(&self) -> usize {
        match self {
            Source::Wave(reader) => reader.channels(),
            Source::Packets(packets) => packets.channels(),
            Source::Samples(_) => 1,
        }
    }

    pub fn length(&self) -> Option<u64> {
        match self {
            Source::Wave(reader) => reader.length(),
            Source::Packets(packets) => packets.length(),
            Source::Samples(held) => Some((*held.samples).as_ref().len() as u64),
        }
    }

    pub fn next_block(&mut self, mix: Mix, mono: &mut Vec<f32>) -> Result<bool, Error> {
        match self {
            Source::Wave(reader) => reader.next_block(mix, mono),
            Source::Packets(packets) => packets.next_block(mix, mono),
            Source::Samples(held) => Ok(held.next_block(mono)),
        }
    }
}

impl Held {
    /// Replaces `mono` by the next block; false at the end.
    fn next_block(&mut self, mono: &mut Vec<f32>) -> bool {
        let rest = (*self.samples)
            .as_ref()
            .get(self.next..)
            .unwrap_or_default();
        let block = &rest[..rest.len().min(BLOCK)];
        mono.clear();
        mono.extend_from_slice(block);
        self.next += block.len();
        !block.is_empty()
    }
}
