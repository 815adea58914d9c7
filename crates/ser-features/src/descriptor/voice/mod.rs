//! Voice quality of frames with a pitch: regularity of the periods, noise, harmonics.

pub(crate) mod period;

pub(crate) mod noise;

pub(crate) mod harmonic;
