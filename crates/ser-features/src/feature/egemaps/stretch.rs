//! One recording analysed by several hands: all but the path search and the search for periods is done stretch by stretch, in any order.
//!
//! ```text
//! cut ─ Samples ─ analysis ─ Spectra ─ join: path ─ Pitch ─ voice ─ Voices ─ join: periods, contours
//!                 (any hand)           (in order)           (any hand)        (in order)
//! ```
//!
//! Stretches are whole groups of eight frames, and groups are what they would be without stretches, so the results are the same to the bit. Here are no
//! threads: whoever has some gives each an [`Analyst`] and carries stretches to and fro.

use std::collections::{BTreeMap, VecDeque};

use super::analysis::{Analysis, Group};
use super::voice::{Voice, VoiceAnalysis};
use crate::descriptor::pitch::gated;
use crate::lanes::LANES;

/// Groups of a stretch: some five seconds.
pub(super) const GROUPS: usize = 64;
/// Frames of a stretch.
pub(super) const FRAMES: usize = GROUPS * LANES;

/// A stretch of a recording on its way.
#[derive(Debug)]
pub struct Stretch {
    /// Its first frame.
    pub(super) first: usize,
    /// From the eight frames before it on, if there are any, to the end of its last long frame.
    pub(super) samples: Vec<f32>,
    pub(super) step: Step,
    pub(super) groups: Vec<Waiting>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    Samples,
    Spectra,
    Pitch,
    Voices,
}

/// A group and what is known of its voices.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) group: Group,
    pub(super) f0_hz: [f32; LANES],
    pub(super) voices: Option<[Voice; LANES]>,
}

impl Stretch {
    /// Long frames of the stretch.
    pub(super) fn long(&self) -> usize {
        self.groups.iter().map(|waiting| waiting.group.long).sum()
    }
}

/// One that analyses stretches.
#[derive(Clone, Debug)]
pub struct Analyst {
    pub(super) analysis: Analysis,
    pub(super) voice: VoiceAnalysis,
    pub(super) hop: usize,
}

impl Analyst {
    /// Takes a stretch one step further.
    pub fn work(&mut self, mut stretch: Stretch) -> Stretch {
        match stretch.step {
            Step::Samples => self.analyse(&mut stretch),
            Step::Pitch => self.measure_voices(&mut stretch),
            Step::Spectra | Step::Voices => {}
        }
        stretch
    }

    fn analyse(&mut self, stretch: &mut Stretch) {
        let group_samples = LANES * self.hop;
        self.analysis.reset();
        let mut samples = std::mem::take(&mut stretch.samples);
        let mut at = 0;
        if stretch.first > 0 {
            self.analysis.start_after(&samples);
            at = group_samples;
        }
        while stretch.groups.len() < GROUPS {
            let mut group = self.analysis.group();
            self.analysis
                .measure(samples.get(at..).unwrap_or_default(), &mut group);
            if group.short == 0 {
                break;
            }
            stretch.groups.push(Waiting {
                group,
                f0_hz: [0.0; LANES],
                voices: None,
            });
            at += group_samples;
        }
        samples.clear();
        stretch.samples = samples;
        stretch.step = Step::Spectra;
    }

    fn measure_voices(&mut self, stretch: &mut Stretch) {
        for waiting in &mut stretch.groups {
            let group = &mut waiting.group;
            let wanted =
                std::array::from_fn(|lane| (lane < group.long).then_some(waiting.f0_hz[lane]));
            waiting.voices = Some(self.voice.measure(group, &wanted));
            // Not needed any more, and most of the memory.
            group.long_magnitude = Vec::new();
            group.short_spectrum = Vec::new();
        }
        stretch.step = Step::Voices;
    }
}

/// The stretches that wait for their turn.
#[derive(Debug, Default)]
pub(crate) struct Stretches {
    /// Frames that were cut off so far.
    pub(super) cut: usize,
    /// Stretches that came back earlier than one before them, by their first frame.
    pub(super) early: BTreeMap<usize, Stretch>,
    /// The first frame of the stretch to be joined next, before and behind the path search.
    pub(super) next: usize,
    pub(super) next_voices: usize,
    /// Stretches whose pitch is not decided, in order.
    pub(super) undecided: VecDeque<Stretch>,
}

/// A copy of an extractor begins with its own recording: stretches that are under way belong to the one that cut them.
impl Clone for Stretches {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Stretches {
    /// Is the recording at hand analysed in stretches?
    pub(super) fn is_cut(&self) -> bool {
        self.cut > 0
    }

    /// Notes the pitch of the frame decided next.
    pub(super) fn decide(&mut self, decided: &mut usize, f0_hz: f32) {
        if let Some(front) = self.undecided.front() {
            let behind = *decided - front.first;
            let (stretch, frame) = (behind / FRAMES, behind % FRAMES);
            let waiting = &mut self.undecided[stretch].groups[frame / LANES];
            let lane = frame % LANES;
            waiting.f0_hz[lane] = gated(f0_hz, waiting.group.rms[lane]);
        }
        *decided += 1;
    }
}
