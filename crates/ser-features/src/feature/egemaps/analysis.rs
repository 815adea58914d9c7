//! What is measured of eight frames before their pitch is known; it depends on nothing but their samples and one frame before them.
//!
//! ```text
//! samples ─ rows ┬ short frame ─ energy
//!                │   └ Hamming ─ spectrum ┬ magnitude ┬ flux
//!                │                        │           └ power ┬ mel ┬ loudness
//!                │                        │                   │     └ MFCC
//!                │                        │                   └ alpha, Hammarberg, dB ─ slopes
//!                │                        └ lower bins, for the formants
//!                └ long frame ─ Gauss ─ spectrum ─ magnitude ─ octave ─ sub-harmonics ─ candidates of the pitch
//!                                  └ RMS, for its gate
//! ```
//!
//! Short and long frames share hop and left edge, so they pair by index.

use super::columns::Descriptor as D;
use super::version::Rules;
use crate::descriptor::alpha_ratio::opensmile::AlphaRatio;
use crate::descriptor::energy;
use crate::descriptor::flux::opensmile::Flux;
use crate::descriptor::hammarberg::opensmile::Hammarberg;
use crate::descriptor::loudness::opensmile::Loudness;
use crate::descriptor::mfcc::opensmile::Mfcc;
use crate::descriptor::pitch::subharmonic::{Candidates, SubharmonicSum};
use crate::descriptor::slope::opensmile::{Slope, decibels};
use crate::frame::columns::Columns;
use crate::frame::geometry::Geometry;
use crate::frame::window::{gauss, hamming};
use crate::lanes::{F32s, LANES};
use crate::spectrum::magnitude::FrameTransform;
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::octave::OctaveSpectrum;
use crate::spectrum::ooura::Complex;

/// The descriptors of short frames, in the order of [`Group::spectral`].
pub(crate) const SPECTRAL: [D; 11] = [
    D::Energy,
    D::Flux,
    D::Loudness,
    D::Mfcc1,
    D::Mfcc2,
    D::Mfcc3,
    D::Mfcc4,
    D::AlphaRatio,
    D::Hammarberg,
    D::SlopeLow,
    D::SlopeHigh,
];

/// Eight frames, and what is known of them before their pitch.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    /// How many frames the recording has here: 8, fewer at its end, and of long ones fewer still.
    pub short: usize,
    pub long: usize,
    /// The descriptors [`SPECTRAL`].
    pub spectral: [F32s; SPECTRAL.len()],
    pub candidates: [Candidates; LANES],
    /// Root mean square of the windowed long frame.
    pub rms: [f32; LANES],
    pub long_magnitude: Vec<F32s>,
    /// As many bins as the formants need.
    pub short_spectrum: Vec<Complex>,
}

/// Transforms and descriptors, with their memory.
#[derive(Clone, Debug)]
pub(crate) struct Analysis {
    geometry: Geometry,
    columns: Columns,
    /// Bins of the short spectrum that are kept.
    kept: usize,

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
}

impl Analysis {
    /// Plans for one rate and version; of the short spectra `kept` bins are given on.
    pub fn new(geometry: Geometry, rules: Rules, kept: usize) -> Self {
        let (short, long) = (&geometry.short, &geometry.long);
        let mel = MelBank::new(short);
        let slope_low = Slope::new(short, 0.0, 500.0);
        let slope_high = Slope::new(short, 500.0, 1500.0);
        let octave = OctaveSpectrum::new(long);
        let subharmonic_sum = SubharmonicSum::new(octave.axis(), long.bins());
        Self {
            geometry,
            columns: Columns::new(geometry.hop),
            kept,
            short: FrameTransform::new(hamming(short.length), rules.padding),
            magnitude: vec![F32s::default(); short.bins()],
            power: vec![F32s::default(); short.bins()],
            flux: Flux::new(short),
            loudness: Loudness::new(&mel),
            mel,
            bands: [F32s::default(); BANDS],
            mfcc: Mfcc::new(),
            alpha_ratio: AlphaRatio::new(short),
            hammarberg: Hammarberg::new(short),
            decibels: vec![F32s::default(); slope_low.bins().max(slope_high.bins())],
            slope_low,
            slope_high,
            long: FrameTransform::new(gauss(long.length), rules.padding),
            octave_points: subharmonic_sum.spectra(),
            subharmonic_sum,
            octave,
        }
    }

    /// Memory for a group.
    pub fn group(&self) -> Group {
        Group {
            short: 0,
            long: 0,
            spectral: [F32s::default(); SPECTRAL.len()],
            candidates: Default::default(),
            rms: [0.0; LANES],
            long_magnitude: vec![F32s::default(); self.geometry.long.bins()],
            short_spectrum: vec![Complex::default(); self.kept],
        }
    }

    /// Analyses the eight frames that begin with the first of `samples`, as far as they are complete. Groups come in order, but see [`start_after`](Self::start_after).
    pub fn measure(&mut self, samples: &[f32], group: &mut Group) {
        let complete = |length: usize| self.geometry.frames(samples.len(), length).min(LANES);
        group.short = complete(self.geometry.short.length);
        group.long = complete(self.geometry.long.length);
        self.columns.load(samples);
        self.short_frames(group);
        if group.long > 0 {
            self.long_frames(group);
        }
    }

    /// Begins in the midst of a recording, behind the eight frames that begin with the first of `samples`.
    pub fn start_after(&mut self, samples: &[f32]) {
        self.columns.load(samples);
        self.short
            .spectra_of_columns(&self.columns, 0, &mut [], &mut self.magnitude);
        self.flux.measure(&self.magnitude);
    }

    fn short_frames(&mut self, group: &mut Group) {
        let energies = self.short.spectra_of_columns(
            &self.columns,
            0,
            &mut group.short_spectrum[..self.kept],
            &mut self.magnitude,
        );
        let energy = energies
            .0
            .map(|sum| energy::mean_square(sum, self.geometry.short.length));
        for (p, &m) in self.power.iter_mut().zip(&self.magnitude) {
            *p = m * m;
        }
        self.mel.process(&self.power, &mut self.bands);
        decibels(&self.power, &mut self.decibels);
        let [mfcc1, mfcc2, mfcc3, mfcc4] = self.mfcc.measure(&self.bands);
        group.spectral = [
            F32s(energy),
            self.flux.measure(&self.magnitude),
            self.loudness.measure(&self.bands),
            mfcc1,
            mfcc2,
            mfcc3,
            mfcc4,
            self.alpha_ratio.measure(&self.power),
            self.hammarberg.measure(&self.power),
            self.slope_low.measure(&self.decibels),
            self.slope_high.measure(&self.decibels),
        ];
    }

    fn long_frames(&mut self, group: &mut Group) {
        let energies = self
            .long
            .magnitudes_of_columns(&self.columns, &mut group.long_magnitude);
        group.rms = energies
            .0
            .map(|sum| energy::root_mean_square(sum, self.geometry.long.length));
        let points = &mut self.octave_points[..group.long_magnitude.len()];
        self.octave.process(&group.long_magnitude, points);
        group.candidates = self.subharmonic_sum.process(&self.octave_points);
    }

    /// Back to the start of a recording.
    pub fn reset(&mut self) {
        self.flux.reset();
    }
}
