//! The rows of a recording on their way to the table: few wait in memory, many in a temporary file, so that a day of descriptors takes no more
//! memory than a minute.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, Read, Seek, SeekFrom, Write};

use super::record::{Record, write_rows};
use crate::error::Error;
use ser_features::feature::Features;

/// Bytes of rows of one part that wait in memory.
const HELD: usize = 1 << 20;

/// Rows of one part, in order, in pieces.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where in the temporary file the earlier pieces are: from, and how many bytes.
    away: Vec<(u64, u64)>,
    held: Vec<Features>,
    bytes: usize,
}

/// The temporary file of a recording, made when it is needed.
#[derive(Debug, Default)]
pub(super) struct Spill {
    file: Option<File>,
    end: u64,
}

impl Rows {
    /// Appends a piece, which stays in memory until the next one.
    pub fn push(&mut self, piece: Features, spill: &mut Spill) -> Result<(), Error> {
        if self.bytes > HELD {
            let written = spill.append(&self.held).map_err(Error::Temporary)?;
            self.away.push(written);
            self.held.clear();
            self.bytes = 0;
        }
        self.bytes += room(&piece);
        self.held.push(piece);
        Ok(())
    }

    /// The piece that was appended last.
    pub fn last_mut(&mut self) -> Option<&mut Features> {
        self.held.last_mut()
    }

    /// Takes the piece that was appended last.
    pub fn take_last(&mut self) -> Option<Features> {
        self.held.pop()
    }

    /// Bytes in memory.
    pub fn bytes(&self) -> usize {
        self.bytes
    }

    /// Hands all pieces to `accept`, in order.
    pub fn each(
        &self,
        spill: &Spill,
        mut accept: impl FnMut(&Features) -> io::Result<()>,
    ) -> io::Result<()> {
        let Some(like) = self.held.last() else {
            return Ok(());
        };
        for &(from, length) in &self.away {
            let mut pieces = spill.read(from, length)?;
            while let Some((record, _)) = Record::read(&mut pieces)? {
                let Record::Rows { spans, values } = record else {
                    break;
                };
                accept(&Features::new(like.set(), like.level(), spans, values))?;
            }
        }
        self.held.iter().try_for_each(accept)
    }
}

impl Spill {
    fn append(&mut self, pieces: &[Features]) -> io::Result<(u64, u64)> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        let from = file.seek(SeekFrom::Start(self.end))?;
        let mut target = BufWriter::with_capacity(1 << 16, &*file);
        for piece in pieces {
            write_rows(&mut target, piece.spans(), piece.values())?;
        }
        target.flush()?;
        drop(target);
        self.end = file.stream_position()?;
        Ok((from, self.end - from))
    }

    fn read(&self, from: u64, length: u64) -> io::Result<impl Read> {
        let gone = || io::Error::other("the temporary file is gone");
        let mut file = self.file.as_ref().ok_or_else(gone)?;
        file.seek(SeekFrom::Start(from))?;
        Ok(BufReader::with_capacity(1 << 16, file).take(length))
    }
}

/// Bytes that a piece takes in memory.
fn room(piece: &Features) -> usize {
    size_of::<Features>() + size_of_val(piece.spans()) + size_of_val(piece.values())
}

#[test]
fn rows_come_back_in_order_from_memory_and_file() {
    use ser_features::feature::{FeatureSet, Level};
    let (mut rows, mut other, mut spill) = (Rows::default(), Rows::default(), Spill::default());
    let piece = |n: usize| {
        let spans = (0..200).map(|i| ((200 * n + i) as f64, 0.5)).collect();
        let values = vec![n as f32; 200 * 25];
        Features::new(FeatureSet::EGeMapsV02, Level::Descriptors, spans, values)
    };
    for n in 0..150 {
        rows.push(piece(n), &mut spill).unwrap();
        other.push(piece(n + 1000), &mut spill).unwrap();
    }
    assert!(rows.away.len() > 1 && rows.bytes() < 2 * HELD);
    for (rows, first) in [(rows, 0), (other, 1000)] {
        let mut n = first;
        rows.each(&spill, |found| {
            assert_eq!(*found, piece(n));
            n += 1;
            Ok(())
        })
        .unwrap();
        assert_eq!(n, first + 150);
    }
}
