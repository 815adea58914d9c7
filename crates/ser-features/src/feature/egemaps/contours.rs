//! The contours of one recording: everything that is kept of it.
//!
//! Per hop of 10 ms these are 26 numbers of `f32`, so an hour takes 37 MB (36 in eGeMAPS-ser+). At most the newest 22 minutes stay in memory; what is older goes into a
//! temporary file ([`Scratch`]) and is read back one contour at a time when the recording has ended. Where no such file can be made, all stays in
//! memory. Samples and spectra are not kept.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::atomic::{AtomicBool, Ordering};

use super::columns::Descriptor;
use crate::contour::scratch::Scratch;

/// Frames of a contour that go to the file at once, 22 minutes.
#[cfg(not(test))]
const BLOCK: usize = 1 << 17;
/// In tests small enough that every longer recording takes the way through the file.
#[cfg(test)]
const BLOCK: usize = 1 << 6;

/// One unsmoothed contour per descriptor, and how many long frames were decided when the input ended.
#[derive(Debug)]
pub(crate) struct Contours {
    contours: [Contour; Descriptor::COUNT],
    /// Frames at the front of all contours that nobody will ask for again.
    forgotten: usize,
    decided: usize,
    scratch: Option<Scratch>,
    /// Whether the file could not be read back.
    lost: AtomicBool,
}

/// One contour: blocks in the file, then the rest in memory.
#[derive(Clone, Debug, Default)]
struct Contour {
    /// Where in the file each block of [`BLOCK`] frames lies.
    blocks: Vec<u64>,
    recent: Vec<f32>,
}

impl Default for Contours {
    fn default() -> Self {
        Self {
            contours: std::array::from_fn(|_| Contour::default()),
            forgotten: 0,
            decided: 0,
            scratch: None,
            lost: AtomicBool::new(false),
        }
    }
}

/// A copy is in memory.
impl Clone for Contours {
    fn clone(&self) -> Self {
        let contours = self.contours.each_ref().map(|contour| Contour {
            blocks: Vec::new(),
            recent: self.loaded(contour).into_owned(),
        });
        Self {
            contours,
            forgotten: self.forgotten,
            decided: self.decided,
            scratch: None,
            lost: AtomicBool::new(self.is_lost()),
        }
    }
}

impl Contours {
    /// Makes room for `frames` more frames.
    pub fn reserve(&mut self, frames: usize) {
        // Those of eGeMAPS-ser+ grow as they are filled, since no other set does.
        for contour in &mut self.contours[..Descriptor::Cpp as usize] {
            contour.recent.reserve(frames.min(BLOCK));
        }
    }

    /// Appends the value of the next frame.
    pub fn push(&mut self, descriptor: Descriptor, value: f32) {
        let contour = &mut self.contours[descriptor as usize];
        contour.recent.push(value);
        if contour.recent.len() == BLOCK {
            self.put_away(descriptor);
        }
    }

    /// Appends the values of the next frames.
    pub fn extend(&mut self, descriptor: Descriptor, values: &[f32]) {
        let recent = &mut self.contours[descriptor as usize].recent;
        if recent.len() + values.len() < BLOCK {
            recent.extend_from_slice(values);
        } else {
            (values.iter()).for_each(|&value| self.push(descriptor, value));
        }
    }

    /// Moves what is in memory of a contour to the file, if there can be one.
    fn put_away(&mut self, descriptor: Descriptor) {
        if self.scratch.is_none() {
            self.scratch = Scratch::create().ok();
        }
        let contour = &mut self.contours[descriptor as usize];
        let Some(scratch) = &mut self.scratch else {
            return;
        };
        if let Ok(offset) = scratch.append(&contour.recent) {
            contour.blocks.push(offset);
            contour.recent.clear();
        }
    }

    /// The values of all frames that are not forgotten.
    pub fn of(&self, descriptor: Descriptor) -> Cow<'_, [f32]> {
        self.loaded(&self.contours[descriptor as usize])
    }

    fn loaded<'a>(&self, contour: &'a Contour) -> Cow<'a, [f32]> {
        if contour.blocks.is_empty() {
            return Cow::Borrowed(&contour.recent);
        }
        let mut values = Vec::with_capacity(contour.length());
        for &offset in &contour.blocks {
            self.read_block(offset, &mut values);
        }
        values.extend_from_slice(&contour.recent);
        Cow::Owned(values)
    }

    /// Appends a block of the file to `values`.
    fn read_block(&self, offset: u64, values: &mut Vec<f32>) {
        let from = values.len();
        values.resize(from + BLOCK, 0.0);
        let read = self
            .scratch
            .as_ref()
            .is_some_and(|scratch| scratch.read(offset, &mut values[from..]).is_ok());
        if !read {
            self.lost.store(true, Ordering::Relaxed);
        }
    }

    /// The values of some frames, as far as there are any, none of them forgotten.
    pub fn stretch(&self, descriptor: Descriptor, frames: Range<usize>) -> Cow<'_, [f32]> {
        let contour = &self.contours[descriptor as usize];
        let length = contour.length();
        let local = |t: usize| t.saturating_sub(self.forgotten).min(length);
        let (first, end) = (local(frames.start), local(frames.end));
        let away = contour.blocks.len() * BLOCK;
        if first >= away {
            return Cow::Borrowed(&contour.recent[first - away..end - away]);
        }
        let mut values = Vec::new();
        let blocks = first / BLOCK..end.div_ceil(BLOCK).min(contour.blocks.len());
        let begin = blocks.start * BLOCK;
        for &offset in &contour.blocks[blocks] {
            self.read_block(offset, &mut values);
        }
        values.extend_from_slice(&contour.recent[..end.saturating_sub(away)]);
        values.truncate(end - begin);
        values.drain(..first - begin);
        Cow::Owned(values)
    }

    /// Changes the value of every frame: `change` gets the frame's number and its value.
    pub fn change(&mut self, descriptor: Descriptor, change: impl Fn(usize, &mut f32)) {
        let blocks = self.contours[descriptor as usize].blocks.clone();
        let mut t = self.forgotten;
        let mut apply = |values: &mut [f32]| {
            for value in values {
                change(t, value);
                t += 1;
            }
        };
        let mut values = Vec::new();
        for offset in blocks {
            values.clear();
            self.read_block(offset, &mut values);
            apply(&mut values);
            let scratch = self.scratch.as_ref();
            if scratch.is_none_or(|scratch| scratch.write(offset, &values).is_err()) {
                self.lost.store(true, Ordering::Relaxed);
            }
        }
        apply(&mut self.contours[descriptor as usize].recent);
    }

    /// Number of long frames.
    pub fn long_frames(&self) -> usize {
        self.forgotten + self.contours[Descriptor::Pitch as usize].length()
    }

    /// Long frames whose pitch was decided when the input ended: `K`.
    pub fn decided(&self) -> usize {
        self.decided
    }

    /// Whether values that were in the file could not be read back: the contours are then worthless.
    pub fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    /// States that the input ends here, when the pitch of the first `decided` long frames is decided.
    pub fn mark_end_of_input(&mut self, decided: usize) {
        self.decided = decided;
    }

    /// Drops the frames before `t`, which must be there in all contours. What is in the file stays there.
    pub fn forget_before(&mut self, t: usize) {
        let count = t.saturating_sub(self.forgotten);
        let away = |contour: &Contour| !contour.blocks.is_empty();
        if count == 0 || self.contours.iter().any(away) {
            return;
        }
        for contour in &mut self.contours {
            contour.recent.drain(..count.min(contour.recent.len()));
        }
        self.forgotten = t;
    }

    /// Empties all contours and keeps their memory.
    pub fn reset(&mut self) {
        for contour in &mut self.contours {
            contour.blocks.clear();
            contour.recent.clear();
        }
        (self.forgotten, self.decided) = (0, 0);
        self.scratch = None;
        self.lost = AtomicBool::new(false);
    }
}

impl Contour {
    fn length(&self) -> usize {
        self.blocks.len() * BLOCK + self.recent.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Descriptor as D;

    fn counted(frames: usize) -> Contours {
        let mut contours = Contours::default();
        for t in 0..frames {
            contours.push(D::Pitch, t as f32);
            contours.push(D::Energy, -(t as f32));
        }
        contours
    }

    #[test]
    fn what_was_put_away_comes_back_in_order() {
        let frames = 3 * BLOCK + 5;
        let mut contours = counted(frames);
        assert!(contours.scratch.is_some());
        assert_eq!(contours.long_frames(), frames);
        let expected: Vec<f32> = (0..frames).map(|t| t as f32).collect();
        assert_eq!(contours.of(D::Pitch), expected);
        for stretch in [
            0..1,
            BLOCK - 1..BLOCK + 2,
            5..frames + 9,
            frames - 3..frames,
            2 * BLOCK..2 * BLOCK,
        ] {
            let within = stretch.start..stretch.end.min(frames);
            assert_eq!(contours.stretch(D::Pitch, stretch), &expected[within]);
        }
        let copy = contours.clone();
        contours.change(D::Pitch, |t, value| *value += t as f32);
        let doubled: Vec<f32> = expected.iter().map(|x| 2.0 * x).collect();
        assert_eq!(contours.of(D::Pitch), doubled);
        assert_eq!(copy.of(D::Pitch), expected);
        assert!(!contours.is_lost());
        contours.reset();
        assert_eq!(
            (contours.long_frames(), contours.of(D::Energy).len()),
            (0, 0)
        );
    }

    #[test]
    fn forgotten_frames_keep_the_numbers_of_the_others() {
        let mut contours = counted(BLOCK - 1);
        contours.forget_before(10);
        contours.forget_before(7);
        assert_eq!(contours.long_frames(), BLOCK - 1);
        assert_eq!(contours.stretch(D::Pitch, 10..12), &[10.0, 11.0][..]);
        for t in BLOCK - 1..2 * BLOCK {
            contours.push(D::Pitch, t as f32);
        }
        let stretch = contours.stretch(D::Pitch, BLOCK + 8..BLOCK + 12);
        let expected: Vec<f32> = (BLOCK + 8..BLOCK + 12).map(|t| t as f32).collect();
        assert_eq!(stretch, expected);
    }
}
