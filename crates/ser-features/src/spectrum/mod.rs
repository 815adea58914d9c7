//! A frame becomes a spectrum, or another view of the same frame.

pub(crate) mod ooura;

pub mod magnitude;

pub(crate) mod cosine;
pub(crate) mod exponential;
pub(crate) mod logarithm;
pub(crate) mod logarithm_binary;
pub(crate) mod logarithm_double;

pub(crate) mod mel;

pub(crate) mod octave;

pub(crate) mod parabola;

pub(crate) mod power;
pub(crate) mod power_single;

pub(crate) mod resynthesis;

pub(crate) mod prediction;
pub(crate) mod toeplitz;

pub(crate) mod peaks;
pub(crate) mod roots;
