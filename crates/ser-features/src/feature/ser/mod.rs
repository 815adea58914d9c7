//! eGeMAPS-ser: the 88 columns of eGeMAPSv02 as their names mean them.
//!
//! Same names, same order. What the compatible sets do for the sake of the reference's numbers is done here for the sake of the
//! voice; `docs/errata.md` lists each difference with its evidence. The set is defined at one sample rate: the crate `ser` resamples
//! recordings to it, and an [`Extractor`](crate::Extractor) of this set takes samples at that rate only. What a recording has above its own
//! Nyquist frequency, or above 5 kHz, no descriptor sees; below 11 kHz of sample rate the upper bands are empty, and MFCC, loudness,
//! alpha ratio, Hammarberg index and formants say so in their way.
//!
//! Silence, an unvoiced frame, a formant that is not there: absent, and no part of any statistic. A statistic of nothing is 0.

pub(crate) mod graph;

pub(crate) mod summary;

pub(crate) mod meaning;

mod stretch;

mod voicing;

/// The sample rate in Hz at which the set is defined.
pub const RATE_HZ: u32 = crate::descriptor::CORRECTED_RATE_HZ;
