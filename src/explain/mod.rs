//! A prediction becomes contributions: which features spoke for it, relative to a reference.

pub mod explanation;

pub use explanation::Explanation;
