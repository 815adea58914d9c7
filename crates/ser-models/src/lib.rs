//! A table becomes a fitted model, a recording becomes an answer with its reasons.
//!
//! ```text
//! table → model (scaler, representation, classifier) → score → classify (front end, limits, abstention) → explain
//! ```

pub mod model;

pub mod score;

pub mod explain;

pub mod classify;
