//! The Geneva minimalistic acoustic parameter sets, GeMAPS and eGeMAPS, with the numbers that openSMILE gives them.
//!
//! F. Eyben et al. (2016), "The Geneva minimalistic acoustic parameter set (GeMAPS) for voice research and affective
//! computing", IEEE Trans. Affective Computing 7, 190–202.

pub mod version;

pub mod columns;

pub mod group;

pub(crate) mod meaning;

pub(crate) mod contours;

pub(crate) mod analysis;

pub(crate) mod voice;

pub(crate) mod graph;

pub mod stretch;
mod stretch_by_stretch;

pub(crate) mod summary;

#[cfg(test)]
mod golden_tests;
