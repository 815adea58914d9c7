//! Samples become contours: the wiring diagram of eGeMAPS-ser.
//!
//! ```text
//! samples ─ offset ─ tape ┬ short frame ─ energy
//!                         │   └ Hamming ─ spectrum ─ amplitude ┬ flux
//!                         │                                    └ power ┬ mel ┬ loudness
//!                         │                                            │     └ MFCC
//!                         │                                            └ alpha, Hammarberg, slopes
//!                         ├ long frame ─ Hann ─ power ┬ autocorrelation ─ path ─┐
//!                         │                           │            (waits for its pitch)
//!                         │                           ├ HNR, exact pitch ───────┤
//!                         │                           ├ (cepstrum) ─────────────┤
//!                         │                           ├ harmonics ──────────────┼─ stretch ┬ background ─ all-pole ─ formants (─ source levels)
//!                         │                           └ inverse filter ─────┐   │          ├ H1–H2, H1–A3
//!                         └ cycles ─────────────────────────────────────────┴───┘          └ jitter, shimmer (, quotients)
//! ```
//!
//! In brackets: of eGeMAPS-ser+ alone.
//!
//! Short frames have 20 ms, long ones 48 ms: three periods of the lowest voice. Frame `t` of both families is *centred* on the
//! sample 160·t + 160, so what a voiced frame is said to sound like is measured where it is voiced; long frames reach beyond the ends of the
//! recording, where it counts as silent, so every short frame has its pitch. (Corrected: the reference aligns left edges, which
//! puts the spectra 20 ms before their pitch, and leaves out the frames whose pitch is open when the input ends.)
//!
//! Which of the frames with a pitch have a voice is decided when the recording has ended ([`super::voicing`]).

use super::RATE_HZ;
use super::stretch::{self, Stretch, push_unvoiced};
use super::voicing::have_voice;
use crate::contour::absent::ABSENT;
use crate::descriptor::HIGHEST_HZ;
use crate::descriptor::alpha_ratio::corrected::AlphaRatio;
use crate::descriptor::cepstral_peak::CepstralPeak;
use crate::descriptor::cycle::inverse::{Filter, Inverse};
use crate::descriptor::cycle::marked::Marker;
use crate::descriptor::cycle::quotient::quotients;
use crate::descriptor::energy;
use crate::descriptor::flux::corrected::Flux;
use crate::descriptor::formant::all_pole::AllPole;
use crate::descriptor::formant::background::Background;
use crate::descriptor::hammarberg::corrected::Hammarberg;
use crate::descriptor::harmonic::corrected::Harmonics;
use crate::descriptor::loudness::corrected::Loudness;
use crate::descriptor::mfcc::corrected::Mfcc;
use crate::descriptor::noise::boersma::HarmonicsToNoise;
use crate::descriptor::pitch::autocorrelation::{LONGEST_WAIT, Path, Periodicity};
use crate::descriptor::slope::corrected::Slope;
use crate::feature::egemaps::columns::Descriptor as D;
use crate::feature::egemaps::contours::Contours;
use crate::frame::columns::Columns;
use crate::frame::geometry::{NOMINAL_HOP_S, Shape};
use crate::frame::offset::Offset;
use crate::frame::tape::Tape;
use crate::frame::window::{hamming, hann};
use crate::lanes::{F32s, LANES, widest};
use crate::spectrum::magnitude::{FrameTransform, Padding};
use crate::spectrum::mel::{BANDS, MelBank};
use crate::unit::SampleRate;

const SHORT_S: f64 = 0.020;
const LONG_S: f64 = 0.048;
/// Samples that are taken in at once; bounds the memory of a long block.
const BLOCK: usize = 8192;
/// Bins beyond 5 kHz that a peak near 5 kHz needs as neighbours.
const MARGIN: usize = 3;

/// Pitch at which one cycle rings into the next, so that an inverse filter tells them apart; higher, F1 may pass for the pitch.
const RINGING_HZ: std::ops::Range<f32> = 120.0..450.0;

/// Groups that may hold an undecided frame, and the newest.
const WAITING_GROUPS: usize = LONGEST_WAIT / LANES + 2;

/// The nodes, in order of flow.
#[derive(Clone, Debug)]
pub(crate) struct Graph {
    hop: usize,
    short_shape: Shape,
    long_shape: Shape,
    /// Samples of silence before and after the recording.
    margin: usize,
    taken: usize,
    offset: Offset,
    levelled: Vec<f32>,
    tape: Tape,
    /// The frame to be analysed next.
    next: usize,

    columns: Columns,
    short: FrameTransform,
    amplitude: Vec<F32s>,
    power: Vec<F32s>,
    amplitude_scale: f32,
    flux: Flux,
    mel: MelBank,
    bands: [F32s; BANDS],
    loudness: Loudness,
    mfcc: Mfcc,
    alpha_ratio: AlphaRatio,
    hammarberg: Hammarberg,
    slope_low: Slope,
    slope_high: Slope,

    long: FrameTransform,
    long_magnitude: Vec<F32s>,
    periodicity: Periodicity,
    path: Path,
    decisions: Vec<f32>,
    decided: usize,

    /// Power spectra of the groups of frames that wait for their pitch, group `g` at place `g % WAITING_GROUPS`.
    waiting: Vec<Vec<F32s>>,
    spectrum: Vec<f32>,
    /// The same in double precision, for long sums.
    wide_spectrum: Vec<f64>,
    /// Bins up to 5 kHz.
    used: usize,
    noise: HarmonicsToNoise,
    background: Background,
    all_pole: AllPole,
    inverse: Inverse,
    /// Of the frame last decided.
    filter: Option<Filter>,
    marker: Marker,
    stretch: Stretch,
    /// Of eGeMAPS-ser+.
    cepstral_peak: Option<CepstralPeak>,

    contours: Contours,
}

impl Graph {
    /// Plans for samples at `rate`, which is [`RATE_HZ`]; with the descriptors of eGeMAPS-ser+ or without.
    pub fn new(rate: SampleRate, plus: bool) -> Self {
        debug_assert_eq!(rate.hz(), RATE_HZ);
        let short_shape = Shape::new(rate, SHORT_S);
        let long_shape = Shape::new(rate, LONG_S);
        let (short, long) = (&short_shape, &long_shape);
        let mel = MelBank::up_to(short, HIGHEST_HZ as f32);
        let window = hamming(short.length);
        // A sine of amplitude 1 has a peak of 1.
        let amplitude_scale = 2.0 / window.iter().sum::<f32>();
        let long_window = hann(long.length);
        Self {
            hop: rate.samples(NOMINAL_HOP_S),
            short_shape,
            long_shape,
            margin: (long.length - short.length) / 2,
            taken: 0,
            offset: Offset::new(RATE_HZ),
            levelled: Vec::with_capacity(BLOCK),
            tape: Tape::default(),
            next: 0,
            columns: Columns::new(rate.samples(NOMINAL_HOP_S)),
            short: FrameTransform::new(window, Padding::Behind),
            amplitude: vec![F32s::default(); short.bins()],
            power: vec![F32s::default(); short.bins()],
            amplitude_scale,
            flux: Flux::new(short),
            loudness: Loudness::new(&mel),
            mel,
            bands: [F32s::default(); BANDS],
            mfcc: Mfcc::new(),
            alpha_ratio: AlphaRatio::new(short),
            hammarberg: Hammarberg::new(short),
            slope_low: Slope::new(short, 0.0, 500.0),
            slope_high: Slope::new(short, 500.0, 1500.0),
            periodicity: Periodicity::new(&long_window, long.fft_length),
            noise: HarmonicsToNoise::new(&long_window, long.fft_length),
            long: FrameTransform::new(long_window, Padding::Behind),
            long_magnitude: vec![F32s::default(); long.bins()],
            path: Path::new(),
            decisions: Vec::with_capacity(LONGEST_WAIT),
            decided: 0,
            waiting: vec![vec![F32s::default(); long.bins()]; WAITING_GROUPS],
            spectrum: vec![0.0; long.bins()],
            wide_spectrum: vec![0.0; long.bins()],
            used: long.bins_up_to(HIGHEST_HZ),
            background: Background::default(),
            all_pole: AllPole::new(),
            inverse: Inverse::new(long.bins()),
            filter: None,
            marker: Marker::default(),
            stretch: Stretch::default(),
            cepstral_peak: plus
                .then(|| CepstralPeak::new(long.bins_up_to(HIGHEST_HZ), long.fft_length)),
            contours: Contours::default(),
        }
    }

    fn silence(&mut self) {
        let margin = self.margin;
        self.levelled.clear();
        self.levelled.resize(margin, 0.0);
        self.tape.push(&self.levelled);
    }

    /// Where long frame `t` begins on the tape.
    fn first_sample(&self, t: usize) -> usize {
        t * self.hop
    }

    /// The middle of frame `t` on the tape.
    fn middle(&self, t: usize) -> usize {
        self.first_sample(t) + self.long_shape.length / 2
    }

    fn frames_ready(&self) -> usize {
        let beyond = self.tape.length().checked_sub(self.long_shape.length);
        beyond
            .map_or(0, |beyond| beyond / self.hop + 1)
            .saturating_sub(self.next)
    }

    /// The next `count` frames; what the kernels make of the places beyond is not read.
    fn frames(&mut self, count: usize) {
        self.columns
            .load(self.tape.from(self.first_sample(self.next)));
        let amplitude = &mut self.amplitude;
        let energies =
            (self.short).spectra_of_columns(&self.columns, self.margin, &mut [], amplitude);
        for energy in &energies.0[..count] {
            let energy = energy::mean_square(*energy, self.short_shape.length);
            self.contours.push(D::Energy, energy);
        }
        self.spectral_descriptors(count);
        self.pitch_candidates(count);
        self.next += count;
        self.complete_decided_frames();
    }

    fn spectral_descriptors(&mut self, count: usize) {
        let (powers, amplitudes) = (&mut self.power, &mut self.amplitude);
        widest(
            #[inline(always)]
            || {
                for (power, amplitude) in powers.iter_mut().zip(amplitudes) {
                    *amplitude = self.amplitude_scale * *amplitude;
                    *power = *amplitude * *amplitude;
                }
            },
        );
        self.mel.process(&self.power, &mut self.bands);
        let [mfcc1, mfcc2, mfcc3, mfcc4] = self.mfcc.measure(&self.bands);
        let measured = [
            (D::Flux, self.flux.measure(&self.amplitude)),
            (D::Loudness, self.loudness.measure(&self.bands)),
            (D::Mfcc1, mfcc1),
            (D::Mfcc2, mfcc2),
            (D::Mfcc3, mfcc3),
            (D::Mfcc4, mfcc4),
            (D::AlphaRatio, self.alpha_ratio.measure(&self.power)),
            (D::Hammarberg, self.hammarberg.measure(&self.power)),
            (D::SlopeLow, self.slope_low.measure(&self.power)),
            (D::SlopeHigh, self.slope_high.measure(&self.power)),
        ];
        for (descriptor, values) in measured {
            self.contours.extend(descriptor, &values.0[..count]);
        }
    }

    fn pitch_candidates(&mut self, count: usize) {
        self.long
            .magnitudes_of_columns(&self.columns, &mut self.long_magnitude);
        let power = &mut self.waiting[self.next / LANES % WAITING_GROUPS];
        widest(
            #[inline(always)]
            || {
                for (power, &magnitude) in power.iter_mut().zip(&self.long_magnitude) {
                    *power = magnitude * magnitude;
                }
            },
        );
        let candidates = self.periodicity.process(&power[..self.used]);
        let decisions = &mut self.decisions;
        for candidates in &candidates[..count] {
            self.path.push(candidates, |f0_hz| decisions.push(f0_hz));
        }
    }

    fn complete_decided_frames(&mut self) {
        let decisions = std::mem::take(&mut self.decisions);
        for &f0_hz in &decisions {
            if f0_hz > 0.0 {
                if self.stretch.len() == stretch::LONGEST {
                    self.close_stretch();
                }
                self.voiced_frame(self.decided, f0_hz);
            } else {
                self.close_stretch();
                push_unvoiced(&mut self.contours, self.cepstral_peak.is_some());
            }
            self.decided += 1;
        }
        self.decisions = decisions;
        self.decisions.clear();
    }

    fn voiced_frame(&mut self, t: usize, f0_hz: f32) {
        let power = &self.waiting[t / LANES % WAITING_GROUPS];
        for (bin, power) in self.spectrum.iter_mut().zip(power) {
            *bin = power.0[t % LANES];
        }
        widest(
            #[inline(always)]
            || {
                for (wide, &bin) in self.wide_spectrum.iter_mut().zip(&self.spectrum) {
                    *wide = f64::from(bin);
                }
            },
        );
        let samples = self
            .tape
            .slice(self.first_sample(t), self.long_shape.length);
        let voice = self
            .noise
            .measure(samples, &self.wide_spectrum, self.used, f0_hz);
        let bin_hz = self.long_shape.bin_hz(1) as f32;
        let below_5_khz = &self.spectrum[..self.used + MARGIN];
        let harmonics = Harmonics::measure(below_5_khz, bin_hz, voice.f0_hz);
        self.filter = match RINGING_HZ.contains(&voice.f0_hz) {
            true => self.inverse.filter(&self.wide_spectrum, voice.f0_hz),
            false => None,
        };
        if self.stretch.len() == 0 {
            self.stretch.first = t;
        }
        if let Some(peak) = &mut self.cepstral_peak {
            self.stretch.cepstra.push(peak.cepstrum(&self.spectrum));
        }
        self.stretch.push(voice, harmonics);
        let middle = self.middle(t);
        let end = self.first_sample(t) + self.long_shape.length;
        let voice = (voice.f0_hz, self.filter);
        self.marker
            .mark(&self.tape, middle, middle + self.hop / 2, end, voice);
    }

    /// Ends the voiced stretch, if one is open: the frames before the next to be decided.
    fn close_stretch(&mut self) {
        let Some(f0_hz) = self.stretch.last_f0_hz() else {
            return;
        };
        let (first, count) = (self.stretch.first, self.stretch.len());
        let middle = self.middle(first + count - 1);
        // The frame that is decided now, or else the end of the tape, bounds what may be looked at: not how the samples came in.
        let end =
            (self.first_sample(first + count) + self.long_shape.length).min(self.tape.length());
        let voice = (f0_hz, self.filter);
        self.marker
            .mark(&self.tape, middle, middle + self.hop / 2, end, voice);
        let middles = (0..count)
            .map(|i| self.middle(first + i))
            .collect::<Vec<_>>();
        if self.cepstral_peak.is_some() {
            self.stretch.quotients = quotients(self.marker.cycles(), middles.iter().copied());
        }
        let regularity = &mut self.stretch.regularity;
        self.marker
            .finish(middles.into_iter(), |r| regularity.push(r));
        let quieted = self.background.without(self.stretch.harmonics());
        let mut resonances = Vec::with_capacity(count);
        let found = self.all_pole.measure(&quieted);
        for (mut found, harmonics) in found.zip(self.stretch.harmonics()) {
            self.background.cover(&mut found, harmonics);
            resonances.push(found);
        }
        self.stretch.finish(&resonances, &mut self.contours);
    }

    /// Takes the pitch, and what comes with it, off frames that have no voice.
    fn keep_voice(&mut self) {
        let contour = |descriptor| self.contours.of(descriptor);
        let keep = have_voice(&contour(D::Energy), &contour(D::Pitch), &contour(D::Hnr));
        self.keep_frames(|t| keep[t]);
    }

    /// Makes what only voiced frames have absent in all frames but these.
    fn keep_frames(&mut self, keep: impl Fn(usize) -> bool) {
        let plus: &[D] = match self.cepstral_peak {
            Some(_) => &stretch::PLUS,
            None => &[],
        };
        for &descriptor in stretch::VOICED.iter().chain(plus) {
            self.contours.change(descriptor, |t, value| {
                if !keep(t) {
                    *value = ABSENT;
                }
            });
        }
    }
}

impl crate::feature::graph::Graph for Graph {
    fn hop(&self) -> usize {
        self.hop
    }

    fn frame_length(&self) -> usize {
        self.short_shape.length
    }

    fn length_samples(&self) -> usize {
        self.taken
    }

    fn reserve(&mut self, samples: usize) {
        self.contours.reserve(samples / self.hop + 1);
    }

    fn push(&mut self, samples: &[f32]) {
        for block in samples.chunks(BLOCK) {
            if self.taken == 0 {
                self.silence();
            }
            self.taken += block.len();
            self.levelled.clear();
            self.offset.process(block, &mut self.levelled);
            self.tape.push(&self.levelled);
            while self.frames_ready() >= LANES {
                self.frames(LANES);
            }
            let first = self.first_sample(self.decided);
            let marked = self.marker.position().unwrap_or(first);
            self.tape.release(first.min(marked));
        }
    }

    fn finish(&mut self) -> &Contours {
        self.silence();
        loop {
            let count = self.frames_ready().min(LANES);
            if count == 0 {
                break;
            }
            self.frames(count);
        }
        let decisions = &mut self.decisions;
        self.path.finish(|f0_hz| decisions.push(f0_hz));
        self.complete_decided_frames();
        self.close_stretch();
        self.keep_voice();
        &self.contours
    }

    fn contours(&self) -> &Contours {
        &self.contours
    }

    fn forget_before(&mut self, t: usize) {
        self.contours.forget_before(t);
    }

    fn reset(&mut self) {
        self.taken = 0;
        self.offset.reset();
        self.tape.reset();
        self.next = 0;
        self.flux.reset();
        self.path.reset();
        self.decisions.clear();
        self.decided = 0;
        self.marker.reset();
        self.stretch.reset();
        self.background.reset();
        self.filter = None;
        self.contours.reset();
    }

    fn boxed(&self) -> Box<dyn crate::feature::graph::Graph> {
        Box::new(self.clone())
    }
}
