//! The rows of a recording on their way to the table: few wait in memory, many in a temporary file, so that a day of descriptors, or a million segments, take
//! no more memory than a minute.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom, Write};

use super::journal_record::{JournalRecord, write_rows};
use crate::error::Error;
use ser_features::feature::{FeatureSet, Features, Level};

/// Bytes of rows of one part, and of finished parts together, that wait in memory.
pub(super) const HELD: usize = 1 << 20;

/// Rows of one part, in order, in pieces.
#[derive(Debug, Default)]
pub(super) struct Rows {
    /// Where in the temporary file the earlier pieces are: from, and how many bytes.
    away: Vec<(u64, u64)>,
    held: Vec<Features>,
    bytes: usize,
}

/// Rows of a part that is over. Lists have a million parts, so this is small.
#[derive(Debug)]
pub(super) enum Kept {
    /// In memory, at least the end of them.
    Here(Box<Rows>),
    /// In one piece of the temporary file: from where, and how many bytes.
    Away(u64, u64),
    /// There are none.
    Failed(Box<Error>),
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
            self.put_away(spill)?;
        }
        self.bytes += room(&piece);
        self.held.push(piece);
        Ok(())
    }

    /// Brings what is held to the temporary file.
    fn put_away(&mut self, spill: &mut Spill) -> Result<(), Error> {
        let mut bytes = Vec::new();
        let from = spill.end;
        let length = self
            .move_to(&mut bytes)
            .and_then(|length| spill.append(&bytes).map(|()| length))
            .map_err(Error::Temporary)?;
        self.away.push((from, length));
        Ok(())
    }

    /// Moves what is held behind `bytes`; says how many these are.
    fn move_to(&mut self, bytes: &mut Vec<u8>) -> io::Result<u64> {
        let before = bytes.len();
        for piece in self.held.drain(..) {
            write_rows(bytes, piece.spans(), piece.values())?;
        }
        self.bytes = 0;
        Ok((bytes.len() - before) as u64)
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
        like: (FeatureSet, Level),
        accept: &mut dyn FnMut(Features) -> io::Result<()>,
    ) -> io::Result<()> {
        for &(from, length) in &self.away {
            spill.each(from, length, like, accept)?;
        }
        self.held.iter().cloned().try_for_each(accept)
    }
}

impl Kept {
    /// Bytes of rows in memory.
    pub fn bytes(&self) -> usize {
        match self {
            Self::Here(rows) => rows.bytes(),
            Self::Away(..) | Self::Failed(_) => 0,
        }
    }

    /// Hands all pieces to `accept`, in order; the last one is placed where the part begins and ends.
    ///
    /// # Errors
    /// What reading and `accept` say. Of a part that failed there are none.
    pub fn each(
        &self,
        spill: &Spill,
        like: (FeatureSet, Level),
        place: (f64, f64),
        mut accept: impl FnMut(&Features) -> io::Result<()>,
    ) -> io::Result<()> {
        let mut last: Option<Features> = None;
        let mut one_behind = |piece| match last.replace(piece) {
            Some(before) => accept(&before),
            None => Ok(()),
        };
        match self {
            Self::Here(rows) => rows.each(spill, like, &mut one_behind)?,
            Self::Away(from, length) => spill.each(*from, *length, like, &mut one_behind)?,
            Self::Failed(_) => {}
        }
        match last {
            Some(mut piece) => {
                piece.place(place.0, place.1);
                accept(&piece)
            }
            None => Ok(()),
        }
    }
}

impl Spill {
    fn append(&mut self, bytes: &[u8]) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile()?),
        };
        file.seek(SeekFrom::Start(self.end))?;
        file.write_all(bytes)?;
        self.end += bytes.len() as u64;
        Ok(())
    }

    /// Brings the rows of finished parts here, all in one go.
    pub fn put_away<'a>(&mut self, parts: impl Iterator<Item = &'a mut Kept>) -> Result<(), Error> {
        let mut bytes = Vec::new();
        for kept in parts {
            let Kept::Here(rows) = kept else { continue };
            let from = self.end + bytes.len() as u64;
            let length = rows.move_to(&mut bytes).map_err(Error::Temporary)?;
            match rows.away.is_empty() {
                true => *kept = Kept::Away(from, length),
                // It began in another place, with rows of others in between.
                false => rows.away.push((from, length)),
            }
        }
        self.append(&bytes).map_err(Error::Temporary)
    }

    fn each(
        &self,
        from: u64,
        length: u64,
        (set, level): (FeatureSet, Level),
        accept: &mut dyn FnMut(Features) -> io::Result<()>,
    ) -> io::Result<()> {
        const READ_AT_ONCE: u64 = 1 << 16;
        let gone = || io::Error::other("the temporary file is gone");
        let mut file = self.file.as_ref().ok_or_else(gone)?;
        file.seek(SeekFrom::Start(from))?;
        let room = length.min(READ_AT_ONCE) as usize;
        let mut pieces = BufReader::with_capacity(room, file.take(length));
        while let Some((record, _)) = JournalRecord::read(&mut pieces)? {
            let JournalRecord::Rows { spans, values } = record else {
                break;
            };
            accept(Features::new(set, level, spans, values))?;
        }
        Ok(())
    }
}

/// Bytes that a piece takes in memory.
fn room(piece: &Features) -> usize {
    size_of::<Features>() + size_of_val(piece.spans()) + size_of_val(piece.values())
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIKE: (FeatureSet, Level) = (FeatureSet::EGeMapsV02, Level::Descriptors);

    fn piece(n: usize) -> Features {
        let spans = (0..200).map(|i| ((200 * n + i) as f64, 0.5)).collect();
        Features::new(LIKE.0, LIKE.1, spans, vec![n as f32; 200 * 25])
    }

    /// The pieces of a part that was put away, the last one placed.
    fn back(kept: &Kept, spill: &Spill) -> Vec<Features> {
        let mut found = Vec::new();
        kept.each(spill, LIKE, (0.0, 7.0), |piece| {
            found.push(piece.clone());
            Ok(())
        })
        .unwrap();
        found
    }

    fn expected(from: usize, to: usize) -> Vec<Features> {
        let mut pieces: Vec<Features> = (from..to).map(piece).collect();
        if let Some(last) = pieces.last_mut() {
            last.place(0.0, 7.0);
        }
        pieces
    }

    #[test]
    fn rows_come_back_in_order_from_memory_and_file() {
        let (mut rows, mut other, mut spill) = (Rows::default(), Rows::default(), Spill::default());
        for n in 0..150 {
            rows.push(piece(n), &mut spill).unwrap();
            other.push(piece(n + 1000), &mut spill).unwrap();
        }
        assert!(rows.away.len() > 1 && rows.bytes() < 2 * HELD);
        let mut kept = [rows, other].map(|rows| Kept::Here(Box::new(rows)));
        assert_eq!(back(&kept[0], &spill), expected(0, 150));
        assert_eq!(back(&kept[1], &spill), expected(1000, 1150));
        spill.put_away(kept.iter_mut()).unwrap();
        assert_eq!(kept.iter().map(Kept::bytes).sum::<usize>(), 0);
        assert_eq!(back(&kept[0], &spill), expected(0, 150));
        assert_eq!(back(&kept[1], &spill), expected(1000, 1150));
    }

    #[test]
    fn parts_that_were_put_away_together_come_back_in_any_order() {
        let mut spill = Spill::default();
        let mut kept = Vec::new();
        for n in 0..10 {
            let mut rows = Rows::default();
            rows.push(piece(n), &mut spill).unwrap();
            kept.push(Kept::Here(Box::new(rows)));
            if n % 4 == 3 {
                spill.put_away(kept.iter_mut()).unwrap();
            }
        }
        assert!(matches!(kept[7], Kept::Away(..)) && matches!(kept[8], Kept::Here(_)));
        for n in (0..10).rev() {
            assert_eq!(back(&kept[n], &spill), expected(n, n + 1));
        }
    }
}
