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

use super::analysis::{Analysis, Group, SPECTRAL};
use super::graph::Graph;
use super::voice::{Voice, VoiceAnalysis};
use crate::descriptor::pitch::gated;
use crate::lanes::LANES;

/// Groups of a stretch: some five seconds.
const GROUPS: usize = 64;
/// Frames of a stretch.
const FRAMES: usize = GROUPS * LANES;

/// A stretch of a recording on its way.
#[derive(Debug)]
pub struct Stretch {
    /// Its first frame.
    first: usize,
    /// From the eight frames before it on, if there are any, to the end of its last long frame.
    samples: Vec<f32>,
    step: Step,
    groups: Vec<Waiting>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    Samples,
    Spectra,
    Pitch,
    Voices,
}

/// A group and what is known of its voices.
#[derive(Debug)]
struct Waiting {
    group: Group,
    f0_hz: [f32; LANES],
    voices: Option<[Voice; LANES]>,
}

impl Stretch {
    /// Long frames of the stretch.
    fn long(&self) -> usize {
        self.groups.iter().map(|waiting| waiting.group.long).sum()
    }
}

/// One that analyses stretches.
#[derive(Clone, Debug)]
pub struct Analyst {
    analysis: Analysis,
    voice: VoiceAnalysis,
    hop: usize,
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
    cut: usize,
    /// Stretches that came back earlier than one before them, by their first frame.
    early: BTreeMap<usize, Stretch>,
    /// The first frame of the stretch to be joined next, before and behind the path search.
    next: usize,
    next_voices: usize,
    /// Stretches whose pitch is not decided, in order.
    undecided: VecDeque<Stretch>,
}

/// A copy of an extractor begins with its own recording: stretches that are under way belong to the one that cut them.
impl Clone for Stretches {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Graph {
    /// One that analyses stretches of this graph's recordings.
    pub fn analyst(&self) -> Analyst {
        Analyst {
            analysis: self.analysis.clone(),
            voice: self.voice.clone(),
            hop: self.geometry.hop,
        }
    }

    /// Takes in a block, and gives the stretches that are complete with it.
    pub fn cut(&mut self, samples: &[f32]) -> Vec<Stretch> {
        self.tape.push(samples);
        let mut stretches = Vec::new();
        let length = (FRAMES - 1) * self.geometry.hop + self.geometry.long.length;
        while self.tape.length() >= self.geometry.first_sample(self.stretches.cut) + length {
            stretches.push(self.cut_off(length));
        }
        self.release();
        stretches
    }

    /// What is left at the end of the recording: one stretch, and another if some short frames do not fit.
    pub fn cut_rest(&mut self) -> Vec<Stretch> {
        let mut rest = Vec::new();
        let short = self.geometry.short.length;
        while self.tape.length() >= self.geometry.first_sample(self.stretches.cut) + short {
            rest.push(self.cut_off(usize::MAX));
        }
        rest
    }

    fn cut_off(&mut self, length: usize) -> Stretch {
        let first = self.stretches.cut;
        let before = if first > 0 {
            LANES * self.geometry.hop
        } else {
            0
        };
        let samples = self.tape.from(self.geometry.first_sample(first) - before);
        let length = samples.len().min(length.saturating_add(before));
        self.stretches.cut += FRAMES;
        Stretch {
            first,
            samples: samples[..length].to_vec(),
            step: Step::Samples,
            groups: Vec::with_capacity(GROUPS),
        }
    }

    /// Lets go what no stretch to be cut and no search for periods will ask for.
    fn release(&mut self) {
        let cut = self.stretches.cut.saturating_sub(LANES);
        let first = self.contours.long_frames().min(cut);
        let first = self.geometry.first_sample(first);
        self.tape.release(first.min(self.periods.position()));
    }

    /// Takes back a stretch from an analyst, and gives those that can go to one again.
    pub fn join(&mut self, stretch: Stretch) -> Vec<Stretch> {
        self.stretches.early.insert(stretch.first, stretch);
        while let Some(stretch) = self.next_with_voices() {
            self.stretches.next_voices += FRAMES;
            self.append(&stretch);
        }
        while let Some(stretch) = self.stretches.early.remove(&self.stretches.next) {
            self.stretches.next += FRAMES;
            let waiting = stretch.groups.iter();
            let candidates: Vec<_> = waiting
                .flat_map(|waiting| waiting.group.candidates[..waiting.group.long].to_vec())
                .collect();
            self.stretches.undecided.push_back(stretch);
            for candidates in &candidates {
                let (stretches, decided) = (&mut self.stretches, &mut self.decided);
                self.path
                    .push(candidates, |f0_hz| stretches.decide(decided, f0_hz));
            }
        }
        self.decided_stretches()
    }

    /// The next stretch to be appended, if it is back.
    fn next_with_voices(&mut self) -> Option<Stretch> {
        let next = self.stretches.next_voices;
        let is_back = |stretch: &Stretch| stretch.step == Step::Voices;
        if !self.stretches.early.get(&next).is_some_and(is_back) {
            return None;
        }
        self.stretches.early.remove(&next)
    }

    /// Decides what is open at the end of the recording, when all stretches went through the path search.
    pub fn decide_rest(&mut self) -> Vec<Stretch> {
        self.contours.mark_end_of_input(self.decided);
        let (stretches, decided) = (&mut self.stretches, &mut self.decided);
        self.path.finish(|f0_hz| stretches.decide(decided, f0_hz));
        self.decided_stretches()
    }

    fn decided_stretches(&mut self) -> Vec<Stretch> {
        let mut decided = Vec::new();
        while let Some(front) = self.stretches.undecided.front_mut()
            && (front.long() == 0 || front.first + front.long() <= self.decided)
        {
            front.step = Step::Pitch;
            decided.extend(self.stretches.undecided.pop_front());
        }
        decided
    }

    /// Is the recording at hand analysed in stretches?
    pub(super) fn is_cut(&self) -> bool {
        self.stretches.cut > 0
    }

    fn append(&mut self, stretch: &Stretch) {
        let mut t = stretch.first;
        for Waiting {
            group,
            f0_hz,
            voices,
        } in &stretch.groups
        {
            for (descriptor, values) in SPECTRAL.into_iter().zip(&group.spectral) {
                self.contours.extend(descriptor, &values.0[..group.short]);
            }
            for (f0_hz, voice) in f0_hz.iter().zip(voices.iter().flatten()).take(group.long) {
                self.append_frame(t, *f0_hz, voice);
                t += 1;
            }
        }
        self.release();
    }
}

impl Stretches {
    /// Notes the pitch of the frame decided next.
    fn decide(&mut self, decided: &mut usize, f0_hz: f32) {
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
