//! A prediction becomes contributions: which voice properties spoke for and against.
//!
//! [`deeplift`] gives each column's contribution to each target, [`group`] sums them by what the columns measure, [`attribution`] does so for the
//! recordings that a model got right, [`summary`] shows them by class, [`stability`] and [`sanity`] say how far they may be believed.

pub mod deeplift;

pub mod group;

pub mod summary;

pub mod stability;

pub mod sanity;

pub mod explanation;

pub mod marginal;

pub mod attribution;

pub use explanation::{Contribution, Distribution, Explanation, Stability};
