//! A frame becomes a number: the low-level descriptors, a folder for each property of the voice, a file for each way of measuring it.
//!
//! The files `opensmile` give the reference's numbers, defects included, and serve the five published sets. The others serve eGeMAPS-ser: they
//! give what the names of the columns say. Each head states the formula and, under `Corrected:`, what it does otherwise and why;
//! `docs/errata.md` has the demonstrations. They work at [`CORRECTED_RATE_HZ`] and see nothing above [`HIGHEST_HZ`]; "absent" is NaN
//! in a contour, and nothing else is.

pub(crate) mod bands;

pub(crate) mod energy;

pub(crate) mod loudness;

pub(crate) mod mfcc;

pub(crate) mod flux;

pub(crate) mod alpha_ratio;

pub(crate) mod hammarberg;

pub(crate) mod slope;

pub(crate) mod pitch;

pub(crate) mod noise;

pub(crate) mod harmonic;

pub(crate) mod formant;

pub(crate) mod cycle;

pub(crate) mod cepstral_peak;

use crate::lanes::{F32s, widest};
use crate::spectrum::logarithm::log10s;

/// The sample rate in Hz at which eGeMAPS-ser is defined.
pub(crate) const CORRECTED_RATE_HZ: u32 = 16_000;

/// The upper end of everything in eGeMAPS-ser: what a recording at 11.025 kHz still has, and the limit of the reference's spectral
/// descriptors. What lies above would tell recorders apart, not voices.
pub(crate) const HIGHEST_HZ: f64 = 5000.0;

/// Frequencies below it belong to the room.
pub(crate) const LOWEST_HZ: f64 = 50.0;

/// Ten times the decadic logarithms of ratios of powers; absent where either power is 0.
fn decibels(upper: F32s, lower: F32s) -> F32s {
    widest(
        #[inline(always)]
        || {
            // The quotient may be beyond the largest number.
            let mut levels = 10.0 * (log10s(upper) - log10s(lower));
            for (lane, level) in levels.0.iter_mut().enumerate() {
                let are_powers = upper.0[lane] > 0.0 && lower.0[lane] > 0.0;
                *level = if are_powers { *level } else { f32::NAN };
            }
            levels
        },
    )
}

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

#[test]
fn eight_ratios_have_the_bits_of_one() {
    use crate::spectrum::logarithm::log10;
    let upper = F32s([1.0, 0.0, 3e-7, 2.5e30, f32::MIN_POSITIVE, 1e-40, 7.0, 0.0]);
    let lower = F32s([2.0, 1.0, 0.0, 1e-30, 1e9, 3.0, 7.0, 0.0]);
    let ordinary = F32s([9.0, 8e3, 7e-5, 6.0, 5e20, 4.0, 3.0, 2.0]);
    for (upper, lower) in [
        (upper, lower),
        (ordinary, lower.max(ordinary)),
        (lower, ordinary),
    ] {
        let found = decibels(upper, lower);
        for (lane, found) in found.0.into_iter().enumerate() {
            let (upper, lower) = (upper.0[lane], lower.0[lane]);
            let want = match upper > 0.0 && lower > 0.0 {
                true => 10.0 * (log10(upper) - log10(lower)),
                false => f32::NAN,
            };
            assert_eq!(found.to_bits(), want.to_bits(), "{upper} {lower}");
        }
    }
}
