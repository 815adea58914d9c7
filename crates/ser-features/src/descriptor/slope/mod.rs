//! Spectral slope, as openSMILE computes it and corrected.

pub(crate) mod opensmile;

pub(crate) mod corrected;
