//! Formants: roots of a linear predictor as in openSMILE, or of an all-pole model of the harmonics, tracked.

pub(crate) mod opensmile;

pub(crate) mod all_pole;
pub(crate) mod background;
mod narrow_band;
pub(crate) mod track;
mod waves;
