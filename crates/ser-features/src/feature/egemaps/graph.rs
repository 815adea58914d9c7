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
//! is complete. Frames are analysed eight at a time, side by side (see [`lanes`](crate::lanes)); the last ones of a recording in a
//! group that is not full. The path search decides up to 40 frames later; what depends on the pitch waits in a ring of
//! groups, and the rows are completed when the decisions come.

use super::columns::Descriptor as D;
use super::contours::Contours;
use super::version::Rules;
use crate::descriptor::alpha_ratio::opensmile::AlphaRatio;
use crate::descriptor::cycle::opensmile::PeriodSearch;
use crate::descriptor::energy;
use crate::descriptor::flux::opensmile::Flux;
use crate::descriptor::formant::opensmile::{Formants, formants};
use crate::descriptor::hammarberg::opensmile::Hammarberg;
use crate::descriptor::harmonic::opensmile::{HarmonicLevels, Harmonics};
use crate::descriptor::loudness::opensmile::Loudness;
use crate::descriptor::mfcc::opensmile::Mfcc;
use crate::descriptor::noise::opensmile::HarmonicsToNoise;
use crate::descriptor::pitch::subharmonic::SubharmonicSum;
use crate::descriptor::pitch::viterbi::{LONGEST_WAIT, PathSearch};
use crate::descriptor::pitch::{gated, semitones};
use crate::descriptor::slope::opensmile::{Slope, decibels};
use crate::frame::columns::Columns;
use crate::frame::geometry::Geometry;
use crate::frame::tape::Tape;
use crate::frame::window::{gauss, hamming};
use crate::lanes::{F32s, LANES, Lane};
use crate::spectrum::magnitude::FrameTransform;
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::octave::OctaveSpectrum;
use crate::spectrum::ooura::Complex;
use crate::spectrum::prediction::error_filter;
use crate::spectrum::resynthesis::Resynthesis;
use crate::unit::SampleRate;

/// Samples that are taken in at once; bounds the memory of a long block.
const BLOCK: usize = 8192;

/// How late rows of descriptors are, in frames: the right neighbour of a row's frame waits for the path search, which is given eight frames at a time.
pub(crate) const DELAY: usize = LONGEST_WAIT + LANES - 1;

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
    columns: Columns,

    short: FrameTransform,
    magnitude: Vec<F32s>,
    power: Vec<F32s>,
    flux: Flux,
    mel: MelBank,
    bands: [F32s; BANDS],
    loudness: Loudness,
    mfcc: Mfcc,
    alpha_ratio: AlphaRatio,
    hammarberg: Hammarberg,
    decibels: Vec<F32s>,
    slope_low: Slope,
    slope_high: Slope,

    long: FrameTransform,
    octave: OctaveSpectrum,
    octave_points: Vec<F32s>,
    subharmonic_sum: SubharmonicSum,
    path: PathSearch,
    decisions: Vec<f32>,

    /// Groups of frames that wait for their pitch, group `g` at place `g % WAITING_GROUPS`.
    waiting: Vec<Waiting>,
    periods: PeriodSearch,
    resynthesis: Resynthesis,
    short_spectrum: Vec<f32>,
    frame_11k: Vec<f32>,
    padded: Vec<f32>,
    noise: HarmonicsToNoise,
    harmonics: Harmonics,

    contours: Contours,
}

/// Groups that may hold an undecided frame: those of the longest wait, wherever it begins within a group, and the newest.
const WAITING_GROUPS: usize = LONGEST_WAIT / LANES + 1;

/// What the pitch-dependent descriptors need of a group of frames.
#[derive(Clone, Debug)]
struct Waiting {
    rms: [f32; LANES],
    long_magnitude: Vec<F32s>,
    short_spectrum: Vec<Complex>,
}

/// A frame whose pitch is decided.
#[derive(Clone, Copy, Debug, Default)]
struct Decided {
    t: usize,
    f0_hz: f32,
    hnr_db: f32,
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
            rms: [0.0; LANES],
            long_magnitude: vec![F32s::default(); long.bins()],
            short_spectrum: vec![Complex::default(); resynthesis.packed_length() / 2],
        };
        Self {
            geometry,
            rules,
            formants_in,
            tape: Tape::default(),
            next: 0,
            columns: Columns::new(geometry.hop),
            short: FrameTransform::new(hamming(short.length), rules.padding),
            magnitude: vec![F32s::default(); short.bins()],
            power: vec![F32s::default(); short.bins()],
            flux: Flux::new(short),
            mel,
            bands: [F32s::default(); BANDS],
            loudness,
            mfcc: Mfcc::new(),
            alpha_ratio: AlphaRatio::new(short),
            hammarberg: Hammarberg::new(short),
            decibels: vec![F32s::default(); slope_low.bins().max(slope_high.bins())],
            slope_low,
            slope_high,
            long: FrameTransform::new(gauss(long.length), rules.padding),
            octave_points: vec![F32s::default(); long.bins()],
            subharmonic_sum: SubharmonicSum::new(octave.axis(), long.bins()),
            octave,
            path: PathSearch::new(),
            decisions: Vec::with_capacity(LONGEST_WAIT),
            waiting: vec![waiting; WAITING_GROUPS],
            periods: PeriodSearch::new(&geometry, rules.periods),
            short_spectrum: vec![0.0; resynthesis.packed_length()],
            frame_11k: vec![0.0; resynthesis.length()],
            padded: Vec::new(),
            resynthesis,
            noise: HarmonicsToNoise::new(long),
            harmonics: Harmonics::new(long),
            contours: Contours::default(),
        }
    }

    /// How many frames of `length` samples are complete and not analysed yet.
    fn frames_ready(&self, length: usize) -> usize {
        self.geometry
            .frames(self.tape.length(), length)
            .saturating_sub(self.next)
    }

    fn short_frames(&mut self, count: usize) {
        let length = self.geometry.short.length;
        self.columns
            .load(self.tape.from(self.geometry.first_sample(self.next)));
        let energies = self.short.process_raw(&self.columns);
        self.short.magnitudes(&mut self.magnitude);
        let flux = self.flux.measure(&self.magnitude);
        for (p, &m) in self.power.iter_mut().zip(&self.magnitude) {
            *p = m * m;
        }
        self.mel.process(&self.power, &mut self.bands);
        let loudness = self.loudness.measure(&self.bands);
        let mfcc = self.mfcc.measure(&self.bands);
        let alpha_ratio = self.alpha_ratio.measure(&self.power);
        let hammarberg = self.hammarberg.measure(&self.power);
        decibels(&self.power, &mut self.decibels);
        let slope_low = self.slope_low.measure(&self.decibels);
        let slope_high = self.slope_high.measure(&self.decibels);

        for lane in 0..count {
            let energy = energy::mean_square(energies.0[lane], length);
            self.contours.push(D::Energy, energy);
            self.contours.push(D::Flux, flux.0[lane]);
            self.contours.push(D::Loudness, loudness.0[lane]);
            for (d, c) in [D::Mfcc1, D::Mfcc2, D::Mfcc3, D::Mfcc4]
                .into_iter()
                .zip(mfcc)
            {
                self.contours.push(d, c.0[lane]);
            }
            self.contours.push(D::AlphaRatio, alpha_ratio.0[lane]);
            self.contours.push(D::Hammarberg, hammarberg.0[lane]);
            self.contours.push(D::SlopeLow, slope_low.0[lane]);
            self.contours.push(D::SlopeHigh, slope_high.0[lane]);
        }
    }

    fn long_frames(&mut self, count: usize) {
        let length = self.geometry.long.length;
        let energies = self.long.process_windowed(&self.columns);
        let waiting = &mut self.waiting[self.next / LANES % WAITING_GROUPS];
        let used = waiting.short_spectrum.len();
        waiting
            .short_spectrum
            .copy_from_slice(&self.short.spectrum()[..used]);
        waiting.rms = energies.0.map(|sum| energy::root_mean_square(sum, length));
        self.long.magnitudes(&mut waiting.long_magnitude);
        self.octave
            .process(&waiting.long_magnitude, &mut self.octave_points);
        let candidates = self.subharmonic_sum.process(&self.octave_points);
        let decisions = &mut self.decisions;
        for candidates in &candidates[..count] {
            self.path.push(candidates, |f0_hz| decisions.push(f0_hz));
        }
        self.complete_decided_frames();
    }

    /// Completes the rows of the frames decided since the last call, eight at a time.
    fn complete_decided_frames(&mut self) {
        let decisions = std::mem::take(&mut self.decisions);
        for decisions in decisions.chunks(LANES) {
            let first = self.contours.long_frames();
            let mut frames = [Decided::default(); LANES];
            for (i, (frame, &f0_hz)) in frames.iter_mut().zip(decisions).enumerate() {
                let t = first + i;
                let rms = self.waiting[t / LANES % WAITING_GROUPS].rms[t % LANES];
                *frame = Decided {
                    t,
                    f0_hz: gated(f0_hz, rms),
                    hnr_db: 0.0,
                };
            }
            let frames = &mut frames[..decisions.len()];
            self.measure_noise(frames);
            for frame in frames {
                self.complete(frame);
            }
        }
        self.decisions = decisions;
        self.decisions.clear();
    }

    /// The harmonics-to-noise ratio of the voiced ones of up to eight frames.
    fn measure_noise(&mut self, frames: &mut [Decided]) {
        let lane_of = |t: usize| {
            Lane::new(
                &self.waiting[t / LANES % WAITING_GROUPS].long_magnitude,
                t % LANES,
            )
        };
        let mut voiced = [(lane_of(0), 0.0); LANES];
        let mut count = 0;
        for frame in frames.iter().filter(|frame| frame.f0_hz > 0.0) {
            voiced[count] = (lane_of(frame.t), frame.f0_hz);
            count += 1;
        }
        if count > 0 {
            let mut voiced_frames = frames.iter_mut().filter(|frame| frame.f0_hz > 0.0);
            self.noise.measure(&voiced[..count], |_, db| {
                if let Some(frame) = voiced_frames.next() {
                    frame.hnr_db = db;
                }
            });
        }
    }

    /// Everything of a frame that depends on its pitch.
    fn complete(&mut self, frame: &Decided) {
        let Decided { t, f0_hz, hnr_db } = *frame;
        let waiting = &self.waiting[t / LANES % WAITING_GROUPS];
        let lane = t % LANES;
        let is_voiced = f0_hz > 0.0;

        let regularity = self.periods.measure(&self.tape, t, f0_hz);
        let formants = if is_voiced || self.formants_in == FormantsIn::AllFrames {
            let (pairs, _) = self.short_spectrum.as_chunks_mut::<2>();
            for (pair, x) in pairs.iter_mut().zip(&waiting.short_spectrum) {
                *pair = [x.re.0[lane], x.im.0[lane]];
            }
            self.resynthesis
                .process(&self.short_spectrum, &mut self.frame_11k);
            let filter = error_filter(&self.frame_11k, &mut self.padded);
            formants(&filter, self.rules.highest_formant_hz)
        } else {
            Formants::default()
        };
        let levels = if is_voiced {
            let [f1, f2, f3, ..] = formants.frequency_hz;
            let magnitudes = Lane::new(&waiting.long_magnitude, lane);
            self.harmonics.measure(magnitudes, f0_hz, &[f1, f2, f3])
        } else {
            HarmonicLevels::UNVOICED
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
        for block in samples.chunks(BLOCK) {
            self.tape.push(block);
            while self.frames_ready(self.geometry.long.length) >= LANES {
                self.short_frames(LANES);
                self.long_frames(LANES);
                self.next += LANES;
            }
            let first = self.geometry.first_sample(self.contours.long_frames());
            self.tape.release(first.min(self.periods.position()));
        }
    }

    fn finish(&mut self) -> &Contours {
        loop {
            let short = self.frames_ready(self.geometry.short.length).min(LANES);
            let long = self.frames_ready(self.geometry.long.length).min(LANES);
            if short == 0 {
                break;
            }
            self.short_frames(short);
            if long > 0 {
                self.long_frames(long);
            }
            self.next += short;
        }
        self.contours.mark_end_of_input();
        let decisions = &mut self.decisions;
        self.path.finish(|f0_hz| decisions.push(f0_hz));
        self.complete_decided_frames();
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
        self.flux.reset();
        self.path.reset();
        self.periods.reset();
        self.contours.reset();
    }

    fn boxed(&self) -> Box<dyn crate::feature::graph::Graph> {
        Box::new(self.clone())
    }
}
