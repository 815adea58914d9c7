//! A frame becomes a number: the low-level descriptors, one file each.

pub(crate) mod energy;

pub(crate) mod loudness;

pub(crate) mod mfcc;

pub(crate) mod flux;

pub(crate) mod alpha_ratio;

pub(crate) mod hammarberg;

pub(crate) mod slope;

pub(crate) mod formant;

pub(crate) mod pitch;

pub(crate) mod voice;

pub(crate) mod mended;

/// Power that counts as silence in the ratios and in the logarithmic spectrum: (10⁻⁷)², −140 dB.
pub(crate) const SILENT_POWER: f32 = (1e-7_f32) * (1e-7_f32);

/// Ten times the decadic logarithm of `ratio`, as the ratios of this module take it: the natural logarithm
/// is rounded, then scaled in `f64`.
fn decibels_of_ratio(ratio: f32) -> f32 {
    (10.0 / std::f64::consts::LN_10 * f64::from(crate::spectrum::logarithm::ln(ratio))) as f32
}

/// The level of silence over a power, for ratios whose upper part is silent.
fn decibels_of_silence_over(power: f32) -> f32 {
    (10.0 * (f64::from(SILENT_POWER).log10() - f64::from(power).log10())) as f32
}
