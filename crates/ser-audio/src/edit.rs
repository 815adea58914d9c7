//! The edit list of an MP4 file: how much at the start is not meant to be heard.
//!
//! An AAC encoder needs a run-in, of 1024 or 2112 samples, which the file contains and its edit list
//! (ISO 14496-12 §8.6.6) skips. The decoder reads that list and keeps it to itself, so it is read again
//! here: from the boxes `moov / trak / edts / elst` of the first track whose handler is `soun`.
//!
//! Files by older iTunes have no edit list but a comment (`iTunSMPB`); their run-in stays.

use std::io::{Read, Seek, SeekFrom};
use std::ops::Range;

/// Boxes looked at before giving up; a real file has some dozens where we look.
const PATIENCE: usize = 4096;

/// Ticks of the first audio track's clock (mostly its samples) that the edit list skips at the start;
/// 0 if there is no such list. The position in `source` is lost.
pub(crate) fn skipped_ticks<S: Read + Seek>(source: &mut S, length: u64) -> u64 {
    first_edit(source, length).unwrap_or(0)
}

fn first_edit<S: Read + Seek>(source: &mut S, length: u64) -> Option<u64> {
    let moov = find(source, 0..length, b"moov")?;
    let mut tracks = moov;
    while let Some(track) = find(source, tracks.clone(), b"trak") {
        tracks.start = track.end;
        if let Some(ticks) = audio_edit(source, track) {
            return ticks;
        }
    }
    None
}

/// `None` for a track that is not audio, `Some(None)` for audio without an edit list.
fn audio_edit<S: Read + Seek>(source: &mut S, track: Range<u64>) -> Option<Option<u64>> {
    let media = find(source, track.clone(), b"mdia")?;
    let handler = find(source, media, b"hdlr")?;
    let [_, _, kind] = words(source, handler.start)?;
    if kind != u32::from_be_bytes(*b"soun") {
        return None;
    }
    Some(find(source, track, b"edts").and_then(|edits| {
        let list = find(source, edits, b"elst")?;
        let [version, count] = words(source, list.start)?;
        let wide = version >> 24 == 1;
        let mut at = list.start + 8;
        for _ in 0..count.min(8) {
            // Duration, start in the media (-1: a pause before it), and speed.
            let start = if wide {
                let [_, _, high, low] = words(source, at)?;
                (i64::from(high) << 32 | i64::from(low)).cast_unsigned()
            } else {
                let [_, start] = words(source, at)?;
                i64::from(start.cast_signed()).cast_unsigned()
            };
            if start.cast_signed() >= 0 {
                return Some(start);
            }
            at += if wide { 20 } else { 12 };
        }
        None
    }))
}

/// The content of the first box of that name among those in `range`.
fn find<S: Read + Seek>(
    source: &mut S,
    mut range: Range<u64>,
    name: &[u8; 4],
) -> Option<Range<u64>> {
    for _ in 0..PATIENCE {
        if range.start >= range.end {
            return None;
        }
        let [size, found] = words(source, range.start)?;
        let (head, size) = match size {
            0 => (8, range.end - range.start),
            1 => {
                let [high, low] = words(source, range.start + 8)?;
                (16, u64::from(high) << 32 | u64::from(low))
            }
            size => (8, u64::from(size)),
        };
        if size < head {
            return None;
        }
        let end = range.start.saturating_add(size).min(range.end);
        if found == u32::from_be_bytes(*name) {
            return Some(range.start + head..end);
        }
        range.start = end;
    }
    None
}

/// The 32-bit numbers at a position.
fn words<const N: usize, S: Read + Seek>(source: &mut S, at: u64) -> Option<[u32; N]> {
    source.seek(SeekFrom::Start(at)).ok()?;
    let mut words = [0; N];
    for word in &mut words {
        let mut bytes = [0; 4];
        source.read_exact(&mut bytes).ok()?;
        *word = u32::from_be_bytes(bytes);
    }
    Some(words)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Cursor;

    fn boxed(name: &[u8; 4], content: &[&[u8]]) -> Vec<u8> {
        let content = content.concat();
        [
            &(8 + content.len() as u32).to_be_bytes(),
            &name[..],
            &content,
        ]
        .concat()
    }

    fn track(handler: &[u8; 4], edits: &[(u32, i32)]) -> Vec<u8> {
        let entries: Vec<u8> = edits
            .iter()
            .flat_map(|(long, start)| {
                [long.to_be_bytes(), start.to_be_bytes(), [0, 1, 0, 0]].concat()
            })
            .collect();
        let list = boxed(
            b"elst",
            &[&[0; 4], &(edits.len() as u32).to_be_bytes(), &entries],
        );
        let media = boxed(b"mdia", &[&boxed(b"hdlr", &[&[0; 8], handler, &[0; 12]])]);
        boxed(
            b"trak",
            &[
                &boxed(b"tkhd", &[&[0; 84]]),
                &boxed(b"edts", &[&list]),
                &media,
            ],
        )
    }

    fn skipped(file: Vec<u8>) -> u64 {
        let length = file.len() as u64;
        skipped_ticks(&mut Cursor::new(file), length)
    }

    #[test]
    fn the_first_edit_of_the_first_audio_track_counts() {
        let tracks = [
            track(b"vide", &[(9, 77)]),
            track(b"soun", &[(5, -1), (300, 1024)]),
        ]
        .concat();
        let file = [
            boxed(b"ftyp", &[b"M4A "]),
            boxed(b"mdat", &[&[1; 50]]),
            boxed(b"moov", &[&tracks]),
        ]
        .concat();
        assert_eq!(skipped(file), 1024);
    }

    #[test]
    fn no_list_and_no_boxes_skip_nothing() {
        assert_eq!(skipped(boxed(b"moov", &[&track(b"soun", &[])])), 0);
        assert_eq!(skipped(b"\0\0\0\x01moov".to_vec()), 0);
        assert_eq!(skipped(vec![0; 100]), 0);
        assert_eq!(skipped(vec![]), 0);
    }
}
