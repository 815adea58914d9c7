//! The contours of one recording: everything that is kept of it.
//!
//! Per hop of 10 ms these are 26 numbers of `f32`: ten hours take 375 MB. Samples and spectra are not kept.

use super::columns::Descriptor;

/// One unsmoothed contour per descriptor, and how many long frames were decided when the input ended.
#[derive(Clone, Debug)]
pub(crate) struct Contours {
    contours: [Vec<f32>; Descriptor::COUNT],
    decided: usize,
}

impl Default for Contours {
    fn default() -> Self {
        Self {
            contours: std::array::from_fn(|_| Vec::new()),
            decided: 0,
        }
    }
}

impl Contours {
    /// Makes room for `frames` more frames.
    pub fn reserve(&mut self, frames: usize) {
        self.contours.iter_mut().for_each(|c| c.reserve(frames));
    }

    /// Appends the value of the next frame.
    pub fn push(&mut self, descriptor: Descriptor, value: f32) {
        self.contours[descriptor as usize].push(value);
    }

    /// The values of all frames.
    pub fn of(&self, descriptor: Descriptor) -> &[f32] {
        &self.contours[descriptor as usize]
    }

    /// The values of all frames, to be changed.
    pub fn of_mut(&mut self, descriptor: Descriptor) -> &mut [f32] {
        &mut self.contours[descriptor as usize]
    }

    /// Number of long frames.
    pub fn long_frames(&self) -> usize {
        self.of(Descriptor::Pitch).len()
    }

    /// Long frames whose pitch was decided when the input ended: `K`.
    pub fn decided(&self) -> usize {
        self.decided
    }

    /// States that the input ends here: what was pushed for the long frames so far is what was decided.
    pub fn mark_end_of_input(&mut self) {
        self.decided = self.long_frames();
    }

    /// Empties all contours and keeps their memory.
    pub fn reset(&mut self) {
        self.contours.iter_mut().for_each(Vec::clear);
        self.decided = 0;
    }
}
