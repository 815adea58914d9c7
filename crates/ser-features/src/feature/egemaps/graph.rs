//! Samples become contours: the wiring diagram of the sets.
//!
//! ```text
//! samples ─ tape ┬ analysis of eight frames ┬ spectral descriptors ───────────────────────────────────────────┐
//!                │                          ├ candidates ─ path ─ gate ─┬ pitch ──────────────────────────────┤
//!                │                          └ (wait for their pitch) ───┴ voice: HNR, harmonics, formants ────┤
//!                └ (wait for their pitch) ─ periods ─ jitter, shimmer ────────────────────────────────────────┘
//! ```
//!
//! Frames are analysed eight at a time, side by side (see [`lanes`](crate::lanes)), when the long frame of the last is complete; the last ones of a
//! recording in a group that is not full. The path search decides up to 40 frames later; groups wait for it in a ring, and the rows of a group are
//! completed when all its frames are decided, or earlier if somebody asks.

use super::analysis::{Analysis, Group, SPECTRAL};
use super::columns::Descriptor as D;
use super::contours::Contours;
use super::stretch::Stretches;
use super::version::Rules;
use super::voice::{FormantsIn, Voice, VoiceAnalysis};
use crate::descriptor::cycle::opensmile::PeriodSearch;
use crate::descriptor::pitch::viterbi::{LONGEST_WAIT, PathSearch};
use crate::descriptor::pitch::{gated, semitones};
use crate::frame::geometry::Geometry;
use crate::frame::tape::Tape;
use crate::lanes::LANES;
use crate::unit::SampleRate;

/// Samples that are taken in at once; bounds the memory of a long block.
const BLOCK: usize = 8192;

/// How late rows of descriptors are, in frames: the right neighbour of a row's frame waits for the path search, which is given eight frames at a time.
pub(crate) const DELAY: usize = LONGEST_WAIT + LANES - 1;

/// Groups that may hold an undecided frame: those of the longest wait, wherever it begins within a group, and the newest; and one at the end of
/// the recording that has short frames only.
const WAITING_GROUPS: usize = LONGEST_WAIT / LANES + 2;

/// The nodes, in order of flow.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    pub(super) geometry: Geometry,
    pub(super) tape: Tape,
    /// The frame to be analysed next.
    next: usize,
    pub(super) analysis: Analysis,
    pub(super) path: PathSearch,
    /// Groups of frames that wait for their pitch, group `g` at place `g % WAITING_GROUPS`, and their pitches in Hz as far as they are decided.
    waiting: Vec<(Group, [f32; LANES])>,
    /// Frames whose pitch is decided.
    pub(super) decided: usize,
    pub(super) periods: PeriodSearch,
    pub(super) voice: VoiceAnalysis,
    pub(super) contours: Contours,
    pub(super) stretches: Stretches,
}

impl Graph {
    /// Plans for one rate and version.
    pub fn new(rate: SampleRate, rules: Rules, formants_in: FormantsIn) -> Self {
        let geometry = Geometry::new(rate);
        let voice = VoiceAnalysis::new(&geometry, rules, formants_in);
        let analysis = Analysis::new(geometry, rules, voice.bins());
        Self {
            geometry,
            tape: Tape::default(),
            next: 0,
            path: PathSearch::new(),
            waiting: vec![(analysis.group(), [0.0; LANES]); WAITING_GROUPS],
            analysis,
            decided: 0,
            periods: PeriodSearch::new(&geometry, rules.periods),
            voice,
            contours: Contours::default(),
            stretches: Stretches::default(),
        }
    }

    /// Analyses the next frames, as many as are complete, eight at most, and gives how many there were.
    fn analyse_group(&mut self) -> usize {
        let samples = self.tape.from(self.geometry.first_sample(self.next));
        if samples.len() < self.geometry.short.length {
            // What waits in the ring stays.
            return 0;
        }
        let (group, _) = &mut self.waiting[self.next / LANES % WAITING_GROUPS];
        self.analysis.measure(samples, group);
        let (short, long) = (group.short, group.long);
        for (descriptor, values) in SPECTRAL.into_iter().zip(&group.spectral) {
            self.contours.extend(descriptor, &values.0[..short]);
        }
        for lane in 0..long {
            let (group, _) = &self.waiting[self.next / LANES % WAITING_GROUPS];
            let candidates = group.candidates[lane];
            let (waiting, decided) = (&mut self.waiting, &mut self.decided);
            self.path
                .push(&candidates, |f0_hz| decide(waiting, decided, f0_hz));
        }
        self.next += short;
        short
    }

    /// Completes the rows of the groups that are decided, or, `also_open`, of all decided frames.
    fn complete(&mut self, also_open: bool) {
        loop {
            let first = self.contours.long_frames();
            let end = (first / LANES + 1) * LANES;
            if first < self.decided && (end <= self.decided || also_open) {
                self.complete_frames(first, end.min(self.decided));
            } else {
                break;
            }
        }
    }

    /// Completes the rows of some frames of one group.
    fn complete_frames(&mut self, first: usize, end: usize) {
        let (group, f0_hz) = &self.waiting[first / LANES % WAITING_GROUPS];
        let mut wanted = [None; LANES];
        for t in first..end {
            wanted[t % LANES] = Some(f0_hz[t % LANES]);
        }
        let (f0_hz, voices) = (*f0_hz, self.voice.measure(group, &wanted));
        for t in first..end {
            self.append_frame(t, f0_hz[t % LANES], &voices[t % LANES]);
        }
    }

    /// Appends what a frame has beside its spectral descriptors.
    pub(super) fn append_frame(&mut self, t: usize, f0_hz: f32, voice: &Voice) {
        let regularity = self.periods.measure(&self.tape, t, f0_hz);
        self.contours.push(D::Pitch, semitones(f0_hz));
        self.contours.push(D::Jitter, regularity.jitter);
        self.contours.push(D::Shimmer, regularity.shimmer_db);
        push_voice(&mut self.contours, voice);
    }
}

/// Notes the pitch of the frame decided next.
fn decide(waiting: &mut [(Group, [f32; LANES])], decided: &mut usize, f0_hz: f32) {
    let (group, pitches) = &mut waiting[*decided / LANES % WAITING_GROUPS];
    let lane = *decided % LANES;
    pitches[lane] = gated(f0_hz, group.rms[lane]);
    *decided += 1;
}

fn push_voice(contours: &mut Contours, voice: &Voice) {
    let Voice {
        hnr_db,
        levels,
        formants,
    } = voice;
    contours.push(D::Hnr, *hnr_db);
    contours.push(D::H1H2, levels.h1_h2_db);
    contours.push(D::H1A3, levels.h1_a3_db);
    let columns = [
        [D::F1Frequency, D::F1Bandwidth, D::F1Amplitude],
        [D::F2Frequency, D::F2Bandwidth, D::F2Amplitude],
        [D::F3Frequency, D::F3Bandwidth, D::F3Amplitude],
    ];
    for (m, [frequency, bandwidth, amplitude]) in columns.into_iter().enumerate() {
        contours.push(frequency, formants.frequency_hz[m]);
        contours.push(bandwidth, formants.bandwidth_hz[m]);
        contours.push(amplitude, levels.amplitude_db[m]);
    }
}

impl crate::feature::graph::Graph for Graph {
    fn hop(&self) -> usize {
        self.geometry.hop
    }

    fn frame_length(&self) -> usize {
        self.geometry.short.length
    }

    fn length_samples(&self) -> usize {
        self.tape.length()
    }

    fn reserve(&mut self, samples: usize) {
        self.contours.reserve(samples / self.geometry.hop + 1);
    }

    fn push(&mut self, samples: &[f32]) {
        let eight = (LANES - 1) * self.geometry.hop + self.geometry.long.length;
        for block in samples.chunks(BLOCK) {
            self.tape.push(block);
            while self.tape.length() >= self.geometry.first_sample(self.next) + eight {
                self.analyse_group();
                self.complete(false);
            }
            let first = self.geometry.first_sample(self.contours.long_frames());
            self.tape.release(first.min(self.periods.position()));
        }
    }

    fn settle(&mut self) {
        // Of stretches all is completed that is back.
        if !self.stretches.is_cut() {
            self.complete(true);
        }
    }

    fn finish(&mut self) -> &Contours {
        if self.stretches.is_cut() {
            return &self.contours;
        }
        while self.analyse_group() > 0 {
            self.complete(false);
        }
        self.contours.mark_end_of_input(self.decided);
        let (waiting, decided) = (&mut self.waiting, &mut self.decided);
        self.path.finish(|f0_hz| decide(waiting, decided, f0_hz));
        self.complete(true);
        &self.contours
    }

    fn contours(&self) -> &Contours {
        &self.contours
    }

    fn forget_before(&mut self, t: usize) {
        self.contours.forget_before(t);
    }

    fn reset(&mut self) {
        self.tape.reset();
        self.next = 0;
        self.decided = 0;
        self.analysis.reset();
        self.path.reset();
        self.periods.reset();
        self.contours.reset();
        self.stretches = Stretches::default();
    }

    fn in_stretches(&mut self) -> Option<&mut dyn crate::feature::graph::InStretches> {
        Some(self)
    }

    fn boxed(&self) -> Box<dyn crate::feature::graph::Graph> {
        Box::new(self.clone())
    }
}
