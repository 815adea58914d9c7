//! What models are worth: folds, protocols, scores and claims, and the figures and pages that show them.

pub mod evaluate;

pub mod classifier;

pub mod report;
