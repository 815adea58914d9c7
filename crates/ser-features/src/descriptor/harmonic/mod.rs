//! Levels of harmonics, counted as openSMILE counts them and from F0 on.

pub(crate) mod opensmile;

pub(crate) mod corrected;

pub(crate) mod source;
