//! Loudness: the openSMILE curve and sum, and the corrected ones.

pub(crate) mod opensmile;

pub(crate) mod corrected;
