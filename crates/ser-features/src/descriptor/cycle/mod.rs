//! The cycles of the voice and how regular they are: searched frame by frame as in openSMILE, or marked one by one.

pub(crate) mod opensmile;
mod self_correlation;

pub(crate) mod inverse;
mod likeness;

pub(crate) mod marked;

pub(crate) mod quotient;
