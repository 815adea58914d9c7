//! Samples become contours: the wiring diagram of the sets.
//!
//! ```text
//! samples ─ tape ┬ short frame ─ energy
//!                │   └ Hamming ─ spectrum ┬ magnitude ┬ flux
//!                │                        │           └ power ┬ mel ┬ loudness
//!                │                        │                   │     └ MFCC
//!                │                        │                   └ alpha, Hammarberg, dB ─ slopes
//!                │                        └ (waits for its pitch) ─ 11 kHz ─ prediction ─ formants ───────────┐
//!                ├ long frame ─ Gauss ─ spectrum ─ magnitude ┬ octave ─ sub-harmonics ─ path ─┬ gate ─ pitch  │
//!                │                 └ RMS ────────────────────│────────────────────────────────┘    │          │
//!                │                                           └ (waits for its pitch) ─ HNR ── harmonics ──────┘
//!                └ (waits for its pitch) ─ periods ─ jitter, shimmer
//! ```
//!
//! Short and long frames share hop and left edge, so they pair by index: frame `t` of both is processed when the long one
//! is complete. The path search decides up to 40 frames later; what depends on the pitch waits in a ring of
//! that many places, and the row is completed when the decision comes.

use super::columns::Descriptor as D;
use super::contours::Contours;
use super::version::Rules;
use crate::descriptor::alpha_ratio::AlphaRatio;
use crate::descriptor::energy;
use crate::descriptor::flux::Flux;
use crate::descriptor::formant::{Formants, formants};
use crate::descriptor::hammarberg::Hammarberg;
use crate::descriptor::loudness::Loudness;
use crate::descriptor::mfcc::Mfcc;
use crate::descriptor::pitch::subharmonic::SubharmonicSum;
use crate::descriptor::pitch::viterbi::{LONGEST_WAIT, PathSearch};
use crate::descriptor::pitch::{gated, semitones};
use crate::descriptor::slope::{Slope, decibels};
use crate::descriptor::voice::harmonic::{HarmonicLevels, Harmonics};
use crate::descriptor::voice::noise::HarmonicsToNoise;
use crate::descriptor::voice::period::PeriodSearch;
use crate::frame::geometry::Geometry;
use crate::frame::tape::Tape;
use crate::frame::window::{gauss, hamming};
use crate::spectrum::magnitude::FrameTransform;
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::octave::OctaveSpectrum;
use crate::spectrum::prediction::error_filter;
use crate::spectrum::resynthesis::Resynthesis;
use crate::unit::SampleRate;

/// Samples that are taken in at once; bounds the memory of a long block.
const BLOCK: usize = 8192;

/// In which frames formants are needed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormantsIn {
    /// In all, as the table of descriptors shows them.
    AllFrames,
    /// In voiced ones: the functionals see no others. Half the work for ordinary speech.
    VoicedFrames,
}

/// The nodes, in order of flow.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    geometry: Geometry,
    rules: Rules,
    formants_in: FormantsIn,
    tape: Tape,
    /// The frame to be analysed next.
    next: usize,

    short: FrameTransform,
    magnitude: Vec<f32>,
    power: Vec<f32>,
    flux: Flux,
    mel: MelBank,
    bands: [f32; BANDS],
    loudness: Loudness,
    mfcc: Mfcc,
    alpha_ratio: AlphaRatio,
    hammarberg: Hammarberg,
    decibels: Vec<f32>,
    slope_low: Slope,
    slope_high: Slope,

    long: FrameTransform,
    octave: OctaveSpectrum,
    octave_points: Vec<f32>,
    subharmonic_sum: SubharmonicSum,
    path: PathSearch,
    decisions: Vec<f32>,

    /// Frames that wait for their pitch, frame `t` at place `t % LONGEST_WAIT`.
    waiting: Vec<Waiting>,
    periods: PeriodSearch,
    resynthesis: Resynthesis,
    frame_11k: Vec<f32>,
    padded: Vec<f32>,
    noise: HarmonicsToNoise,
    harmonics: Harmonics,

    contours: Contours,
}

/// What the pitch-dependent descriptors need of a frame.
#[derive(Clone, Debug)]
struct Waiting {
    rms: f32,
    long_magnitude: Vec<f32>,
    short_spectrum: Vec<f32>,
}

impl Graph {
    /// Plans for one rate and version.
    pub fn new(rate: SampleRate, rules: Rules, formants_in: FormantsIn) -> Self {
        let geometry = Geometry::new(rate);
        let (short, long) = (&geometry.short, &geometry.long);
        let mel = MelBank::new(short);
        let loudness = Loudness::new(&mel);
        let slope_low = Slope::new(short, 0.0, 500.0);
        let slope_high = Slope::new(short, 500.0, 1500.0);
        let octave = OctaveSpectrum::new(long);
        let resynthesis = Resynthesis::new(&geometry);
        let waiting = Waiting {
            rms: 0.0,
            long_magnitude: vec![0.0; long.bins()],
            short_spectrum: vec![0.0; resynthesis.packed_length()],
        };
        Self {
            geometry,
            rules,
            formants_in,
            tape: Tape::default(),
            next: 0,
            short: FrameTransform::new(hamming(short.length), rules.padding),
            magnitude: vec![0.0; short.bins()],
            power: vec![0.0; short.bins()],
            flux: Flux::new(short),
            mel,
            bands: [0.0; BANDS],
            loudness,
            mfcc: Mfcc::new(),
            alpha_ratio: AlphaRatio::new(short),
            hammarberg: Hammarberg::new(short),
            decibels: vec![0.0; slope_low.bins().max(slope_high.bins())],
            slope_low,
            slope_high,
            long: FrameTransform::new(gauss(long.length), rules.padding),
            octave_points: vec![0.0; long.bins()],
            subharmonic_sum: SubharmonicSum::new(octave.axis(), long.bins()),
            octave,
            path: PathSearch::new(),
            decisions: Vec::with_capacity(LONGEST_WAIT),
            waiting: vec![waiting; LONGEST_WAIT],
            periods: PeriodSearch::new(&geometry, rules.periods),
            frame_11k: vec![0.0; resynthesis.length()],
            padded: Vec::new(),
            resynthesis,
            noise: HarmonicsToNoise::new(long),
            harmonics: Harmonics::new(long),
            contours: Contours::default(),
        }
    }

    /// Hop and frame lengths.
    pub fn geometry(&self) -> &Geometry {
        &self.geometry
    }

    /// Samples taken in so far.
    pub fn length_samples(&self) -> usize {
        self.tape.length()
    }

    /// Makes room for the contours of a recording of `samples`.
    pub fn reserve(&mut self, samples: usize) {
        self.contours.reserve(samples / self.geometry.hop + 1);
    }

    /// Takes in a block of any size.
    pub fn push(&mut self, samples: &[f32]) {
        for block in samples.chunks(BLOCK) {
            self.tape.push(block);
            while self.has_frame(self.geometry.long.length) {
                self.short_frame(self.next);
                self.long_frame(self.next);
                self.next += 1;
            }
            let first = self.geometry.first_sample(self.contours.long_frames());
            self.tape.release(first.min(self.periods.position()));
        }
    }

    /// Ends the recording: short frames that have no long one, then the frames whose pitch was open.
    pub fn finish(&mut self) -> &Contours {
        self.contours.mark_end_of_input();
        while self.has_frame(self.geometry.short.length) {
            self.short_frame(self.next);
            self.next += 1;
        }
        let decisions = &mut self.decisions;
        self.path.finish(|f0_hz| decisions.push(f0_hz));
        self.complete_decided_frames();
        &self.contours
    }

    /// Ready for the next recording; plans and memory are kept.
    pub fn reset(&mut self) {
        self.tape.reset();
        self.next = 0;
        self.flux.reset();
        self.path.reset();
        self.periods.reset();
        self.contours.reset();
    }

    fn has_frame(&self, length: usize) -> bool {
        self.next < self.geometry.frames(self.tape.length(), length)
    }

    fn short_frame(&mut self, t: usize) {
        let samples = self
            .tape
            .slice(self.geometry.first_sample(t), self.geometry.short.length);
        self.contours.push(D::Energy, energy::mean_square(samples));
        self.short.process(samples);
        self.short.magnitudes(&mut self.magnitude);
        for (p, m) in self.power.iter_mut().zip(&self.magnitude) {
            *p = m * m;
        }
        self.contours
            .push(D::Flux, self.flux.measure(&self.magnitude));

        self.mel.process(&self.power, &mut self.bands);
        self.contours
            .push(D::Loudness, self.loudness.measure(&self.bands));
        let mfcc = self.mfcc.measure(&self.bands);
        for (d, c) in [D::Mfcc1, D::Mfcc2, D::Mfcc3, D::Mfcc4]
            .into_iter()
            .zip(mfcc)
        {
            self.contours.push(d, c);
        }
        self.contours
            .push(D::AlphaRatio, self.alpha_ratio.measure(&self.power));
        self.contours
            .push(D::Hammarberg, self.hammarberg.measure(&self.power));
        decibels(&self.power, &mut self.decibels);
        self.contours
            .push(D::SlopeLow, self.slope_low.measure(&self.decibels));
        self.contours
            .push(D::SlopeHigh, self.slope_high.measure(&self.decibels));
    }

    fn long_frame(&mut self, t: usize) {
        let samples = self
            .tape
            .slice(self.geometry.first_sample(t), self.geometry.long.length);
        self.long.process(samples);
        let waiting = &mut self.waiting[t % LONGEST_WAIT];
        let used = waiting.short_spectrum.len();
        waiting
            .short_spectrum
            .copy_from_slice(&self.short.packed()[..used]);
        waiting.rms = energy::root_mean_square(self.long.windowed());
        self.long.magnitudes(&mut waiting.long_magnitude);
        self.octave
            .process(&waiting.long_magnitude, &mut self.octave_points);
        let candidates = self.subharmonic_sum.process(&self.octave_points);
        let decisions = &mut self.decisions;
        self.path.push(&candidates, |f0_hz| decisions.push(f0_hz));
        self.complete_decided_frames();
    }

    fn complete_decided_frames(&mut self) {
        let decisions = std::mem::take(&mut self.decisions);
        for &f0_hz in &decisions {
            self.complete(self.contours.long_frames(), f0_hz);
        }
        self.decisions = decisions;
        self.decisions.clear();
    }

    /// Everything of frame `t` that depends on its pitch.
    fn complete(&mut self, t: usize, f0_hz: f32) {
        let waiting = &self.waiting[t % LONGEST_WAIT];
        let f0_hz = gated(f0_hz, waiting.rms);
        let is_voiced = f0_hz > 0.0;

        let regularity = self.periods.measure(&self.tape, t, f0_hz);
        let formants = if is_voiced || self.formants_in == FormantsIn::AllFrames {
            self.resynthesis
                .process(&waiting.short_spectrum, &mut self.frame_11k);
            let filter = error_filter(&self.frame_11k, &mut self.padded);
            formants(&filter, self.rules.highest_formant_hz)
        } else {
            Formants::default()
        };
        let (hnr_db, levels) = if is_voiced {
            let [f1, f2, f3, ..] = formants.frequency_hz;
            (
                self.noise.measure(&waiting.long_magnitude, f0_hz),
                self.harmonics
                    .measure(&waiting.long_magnitude, f0_hz, &[f1, f2, f3]),
            )
        } else {
            (0.0, HarmonicLevels::UNVOICED)
        };

        self.contours.push(D::Pitch, semitones(f0_hz));
        self.contours.push(D::Jitter, regularity.jitter);
        self.contours.push(D::Shimmer, regularity.shimmer_db);
        self.contours.push(D::Hnr, hnr_db);
        self.contours.push(D::H1H2, levels.h1_h2_db);
        self.contours.push(D::H1A3, levels.h1_a3_db);
        let columns = [
            [D::F1Frequency, D::F1Bandwidth, D::F1Amplitude],
            [D::F2Frequency, D::F2Bandwidth, D::F2Amplitude],
            [D::F3Frequency, D::F3Bandwidth, D::F3Amplitude],
        ];
        for (m, [frequency, bandwidth, amplitude]) in columns.into_iter().enumerate() {
            self.contours.push(frequency, formants.frequency_hz[m]);
            self.contours.push(bandwidth, formants.bandwidth_hz[m]);
            self.contours.push(amplitude, levels.amplitude_db[m]);
        }
    }
}
