//! The stages of the extraction one by one, for the benchmarks; not part of the public interface.
//!
//! Built with the feature `bench` only.

use crate::descriptor::alpha_ratio::opensmile::AlphaRatio;
use crate::descriptor::cycle::opensmile::{PeriodRule, PeriodSearch};
use crate::descriptor::flux::opensmile::Flux;
use crate::descriptor::formant::opensmile::formants;
use crate::descriptor::hammarberg::opensmile::Hammarberg;
use crate::descriptor::harmonic::opensmile::Harmonics;
use crate::descriptor::loudness::opensmile::Loudness;
use crate::descriptor::mfcc::opensmile::Mfcc;
use crate::descriptor::noise::opensmile::HarmonicsToNoise;
use crate::descriptor::pitch::subharmonic::SubharmonicSum;
use crate::descriptor::pitch::viterbi::PathSearch;
use crate::descriptor::slope::opensmile::{Slope, decibels};
use crate::frame::columns::Columns;
use crate::frame::geometry::Geometry;
use crate::frame::tape::Tape;
use crate::frame::window::{gauss, hamming};
use crate::lanes::{F32s, LANES};
use crate::spectrum::magnitude::{FrameTransform, Padding};
use crate::spectrum::mel::{BANDS, MelBank};
use crate::spectrum::octave::OctaveSpectrum;
use crate::spectrum::ooura::Complex;
use crate::spectrum::prediction::error_filters;
use crate::spectrum::resynthesis::Resynthesis;
use crate::unit::SampleRate;

/// A stage and one run of it over a group of frames.
pub struct Stage {
    /// The file that it is in.
    pub name: &'static str,
    /// Runs it for [`FRAMES`] frames.
    pub run: Box<dyn FnMut()>,
}

/// Frames of one run.
pub const FRAMES: u32 = LANES as u32;

/// All stages, fed with what the ones before them make of voiced speech.
///
/// # Panics
/// If `samples` hold less than a tenth of a second beyond sample `first`, or the rate is not supported.
pub fn stages(samples: &[f32], first: usize, rate_hz: u32, f0_hz: f32) -> Vec<Stage> {
    let geometry = Geometry::new(SampleRate::new(rate_hz).expect("a supported rate"));
    let (short, long) = (geometry.short, geometry.long);
    let samples_of_group = samples[first..].to_vec();
    let mut columns = Columns::new(geometry.hop);
    columns.load(&samples_of_group);
    let resynthesis = Resynthesis::new(&geometry);
    let mut packed = vec![Complex::default(); resynthesis.bins()];
    let mut short_transform = FrameTransform::new(hamming(short.length), Padding::Centred);
    let mut short_magnitudes = vec![F32s::default(); short.bins()];
    short_transform.spectra_of_columns(&columns, 0, &mut packed, &mut short_magnitudes);
    let mut long_transform = FrameTransform::new(gauss(long.length), Padding::Centred);
    let mut long_magnitudes = vec![F32s::default(); long.bins()];
    long_transform.magnitudes_of_columns(&columns, &mut long_magnitudes);
    let power: Vec<F32s> = short_magnitudes.iter().map(|&m| m * m).collect();
    let mel = MelBank::new(&short);
    let mut bands = [F32s::default(); BANDS];
    mel.process(&power, &mut bands);
    let mut octave = OctaveSpectrum::new(&long);
    let mut sum = SubharmonicSum::new(octave.axis(), long.bins());
    let mut points = sum.spectra();
    octave.process(&long_magnitudes, &mut points[..long.bins()]);
    let candidates = sum.process(&points);
    let mut frame_11k = vec![F32s::default(); resynthesis.length()];
    resynthesis.process(&packed, &mut frame_11k);
    let filter = error_filters(&frame_11k).map(|a| a.0[0]);
    let peaks = formants(&filter, 5450.0).frequency_hz;

    let mut stages: Vec<Stage> = Vec::new();
    let mut stage = |name, run: Box<dyn FnMut()>| stages.push(Stage { name, run });
    let (mut rows, mut bins, mut out) = (columns.clone(), packed.clone(), short_magnitudes.clone());
    stage(
        "frame/columns, spectrum/magnitude: 20 ms transform and magnitudes",
        Box::new(move || {
            rows.load(&samples_of_group);
            black_hole(&short_transform.spectra_of_columns(&rows, 0, &mut bins, &mut out));
        }),
    );
    let mut flux = Flux::new(&short);
    stage(
        "descriptor/flux",
        Box::new(move || black_hole(&flux.measure(&short_magnitudes))),
    );
    let (bank, p, mut b) = (mel.clone(), power.clone(), bands);
    stage("spectrum/mel", Box::new(move || bank.process(&p, &mut b)));
    let loudness = Loudness::new(&mel);
    stage(
        "descriptor/loudness",
        Box::new(move || black_hole(&loudness.measure(&bands))),
    );
    let mfcc = Mfcc::new();
    stage(
        "descriptor/mfcc",
        Box::new(move || black_hole(&mfcc.measure(&bands))),
    );
    let (alpha, hammarberg, p) = (
        AlphaRatio::new(&short),
        Hammarberg::new(&short),
        power.clone(),
    );
    stage(
        "descriptor/alpha_ratio, hammarberg",
        Box::new(move || black_hole(&(alpha.measure(&p), hammarberg.measure(&p)))),
    );
    let slopes = [
        Slope::new(&short, 0.0, 500.0),
        Slope::new(&short, 500.0, 1500.0),
    ];
    let mut db = vec![F32s::default(); slopes[1].bins()];
    stage(
        "descriptor/slope",
        Box::new(move || {
            decibels(&power, &mut db);
            slopes
                .iter()
                .for_each(|slope| black_hole(&slope.measure(&db)));
        }),
    );
    let mut out = long_magnitudes.clone();
    stage(
        "spectrum/magnitude: 60 ms transform and magnitudes",
        Box::new(move || black_hole(&long_transform.magnitudes_of_columns(&columns, &mut out))),
    );
    let (m, mut out) = (long_magnitudes.clone(), points[..long.bins()].to_vec());
    stage(
        "spectrum/octave",
        Box::new(move || octave.process(&m, &mut out)),
    );
    stage(
        "descriptor/pitch/subharmonic",
        Box::new(move || black_hole(&sum.process(&points))),
    );
    let mut path = PathSearch::new();
    stage(
        "descriptor/pitch/viterbi",
        Box::new(move || {
            candidates
                .iter()
                .for_each(|c| path.push(c, |f0| black_hole(&f0)))
        }),
    );
    let (mut noise, m) = (HarmonicsToNoise::new(&long), long_magnitudes.clone());
    stage(
        "descriptor/noise/opensmile",
        Box::new(move || {
            noise.autocorrelate(&m);
            (0..LANES).for_each(|lane| black_hole(&noise.ratio_db(lane, f0_hz)));
        }),
    );
    let mut harmonics = Harmonics::new(&long);
    let formants_hz = [peaks[0], peaks[1], peaks[2]];
    stage(
        "descriptor/harmonic/opensmile",
        Box::new(move || {
            harmonics.load(&long_magnitudes);
            for lane in 0..LANES {
                black_hole(&harmonics.measure(&long_magnitudes, lane, f0_hz, &formants_hz));
            }
        }),
    );
    let mut tape = Tape::default();
    tape.push(&samples[first..]);
    let mut periods = PeriodSearch::new(&geometry, PeriodRule::Threshold);
    stage(
        "descriptor/cycle/opensmile",
        Box::new(move || {
            periods.reset();
            (0..LANES).for_each(|t| black_hole(&periods.measure(&tape, t, f0_hz)));
        }),
    );
    let mut out = frame_11k.clone();
    stage(
        "spectrum/resynthesis",
        Box::new(move || resynthesis.process(&packed, &mut out)),
    );
    stage(
        "spectrum/prediction",
        Box::new(move || black_hole(&error_filters(&frame_11k))),
    );
    stage(
        "descriptor/formant",
        Box::new(move || (0..LANES).for_each(|_| black_hole(&formants(&filter, 5450.0)))),
    );
    stages
}

/// Keeps the compiler from leaving out what is computed.
fn black_hole<T>(value: &T) {
    std::hint::black_box(value);
}
