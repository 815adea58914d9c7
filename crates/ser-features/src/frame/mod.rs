//! Samples become overlapping frames.

pub(crate) mod columns;

pub(crate) mod geometry;

pub(crate) mod offset;

pub(crate) mod tape;

pub(crate) mod window;
