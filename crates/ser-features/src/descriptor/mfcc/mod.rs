//! Mel-frequency cepstral coefficients, as openSMILE computes them and corrected.

pub(crate) mod opensmile;

pub(crate) mod corrected;
