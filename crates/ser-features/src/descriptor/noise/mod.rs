//! Harmonics-to-noise ratio, openSMILE's and Boersma's.

pub(crate) mod opensmile;

pub(crate) mod boersma;
