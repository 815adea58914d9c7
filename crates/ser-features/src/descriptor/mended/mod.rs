//! The descriptors of eGeMAPS-ser: the second variant of each, beside the compatible one of the same name in the folder above.
//!
//! The compatible kernels give the reference's numbers, defects included; these give what the names of the columns say. Each
//! head states the formula and, under `Mends:`, what it does otherwise and why. `docs/errata.md` has the demonstrations. All of
//! them work at 16 kHz and see nothing above [`HIGHEST_HZ`].
//!
//! "Absent" is NaN in a contour, and nothing else is.

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

pub(crate) mod track;

pub(crate) mod cycle;

/// The upper end of everything: what a recording at 11.025 kHz still has, and the limit of the reference's spectral descriptors.
/// What lies above would tell recorders apart, not voices.
pub(crate) const HIGHEST_HZ: f64 = 5000.0;

/// Frequencies below it belong to the room.
pub(crate) const LOWEST_HZ: f64 = 50.0;

/// Ten times the decadic logarithm of a ratio of powers; absent where either is 0.
fn decibels(upper: f32, lower: f32) -> f32 {
    if upper > 0.0 && lower > 0.0 {
        // The quotient may be beyond the largest number.
        10.0 * (upper.log10() - lower.log10())
    } else {
        f32::NAN
    }
}
