//! What all wiring diagrams have in common: samples go in, contours come out.

use super::egemaps::contours::Contours;

/// The wiring diagram of a set.
pub(crate) trait Graph: std::fmt::Debug + Send + Sync {
    /// Hop in samples.
    fn hop(&self) -> usize;

    /// Samples of the frame that a row of the table of descriptors stands for.
    fn frame_length(&self) -> usize;

    /// Samples taken in so far.
    fn length_samples(&self) -> usize;

    /// Makes room for the contours of a recording of `samples`.
    fn reserve(&mut self, samples: usize);

    /// Takes in a block of any size.
    fn push(&mut self, samples: &[f32]);

    /// Completes the rows of all frames that can be completed, some of which are put off to be completed together.
    fn settle(&mut self) {}

    /// Ends the recording.
    fn finish(&mut self) -> &Contours;

    /// The contours of the frames completed so far.
    fn contours(&self) -> &Contours;

    /// Drops the contours before frame `t`; rows from `t` + 1 on can still be made.
    fn forget_before(&mut self, t: usize);

    /// Ready for the next recording; plans and memory are kept.
    fn reset(&mut self);

    /// The graph as one whose recordings can be analysed in stretches, if it can.
    fn in_stretches(&mut self) -> Option<&mut super::egemaps::graph::Graph> {
        None
    }

    /// A copy in a box of its own.
    fn boxed(&self) -> Box<dyn Graph>;
}

impl Clone for Box<dyn Graph> {
    fn clone(&self) -> Self {
        self.as_ref().boxed()
    }
}
