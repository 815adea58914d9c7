//! The samples that some frame still needs, addressed by their position in the recording.
//!
//! Blocks of any size come in at the end; what is no longer needed is released at the front. The memory held is that of
//! the longest frame plus what the pitch tracker makes wait, whatever the length of the recording.

/// A sliding piece of the recording.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tape {
    samples: Vec<f32>,
    /// Index into `samples` of the first sample still needed.
    front: usize,
    /// Position in the recording of `samples[0]`.
    origin: usize,
}

impl Tape {
    /// Appends a block.
    pub fn push(&mut self, block: &[f32]) {
        self.samples.extend_from_slice(block);
    }

    /// The number of samples pushed so far, released ones included.
    pub fn length(&self) -> usize {
        self.origin + self.samples.len()
    }

    /// The samples from position `first` on, `length` of them.
    ///
    /// # Panics
    /// If they were released or have not arrived.
    pub fn slice(&self, first: usize, length: usize) -> &[f32] {
        let from = first - self.origin;
        &self.samples[from..from + length]
    }

    /// All samples from position `first` on that have arrived, perhaps none.
    ///
    /// # Panics
    /// If they were released.
    pub fn from(&self, first: usize) -> &[f32] {
        self.samples.get(first - self.origin..).unwrap_or_default()
    }

    /// Declares that nothing before position `first` will be asked for again.
    pub fn release(&mut self, first: usize) {
        self.front = first
            .min(self.length())
            .saturating_sub(self.origin)
            .max(self.front);
        // Moving is put off until it costs less than one move per sample.
        if self.front > self.samples.len() / 2 {
            self.samples.copy_within(self.front.., 0);
            self.samples.truncate(self.samples.len() - self.front);
            self.origin += self.front;
            self.front = 0;
        }
    }

    /// Forgets everything and keeps the memory.
    pub fn reset(&mut self) {
        self.samples.clear();
        self.front = 0;
        self.origin = 0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn positions_survive_releasing() {
        let mut tape = Tape::default();
        for block in 0..50 {
            let samples: Vec<f32> = (0..7).map(|i| (block * 7 + i) as f32).collect();
            tape.push(&samples);
            let from = (block * 7_usize).saturating_sub(20);
            tape.release(from);
            assert_eq!(tape.slice(from, 3)[2], (from + 2) as f32);
            assert!(tape.samples.len() < 64, "memory stays bounded");
        }
        assert_eq!(tape.length(), 350);
        tape.reset();
        assert_eq!(tape.length(), 0);
    }
}
