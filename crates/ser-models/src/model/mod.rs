//! A table becomes a fitted model: parameters → checked → fitted → predicts.
//!
//! Only `fit` makes a model, and it takes nothing but training rows ([`training`]). The same rows and seed give the same bits at any thread count.

pub mod error;

pub mod random;

pub mod training;

pub mod normaliser;

pub mod pca;

pub mod autoencoder;

pub mod svc;

pub mod discriminant;

pub mod plane;
pub mod regression;
pub mod ridge;
pub mod svr;

pub mod linear;

pub mod pipeline;

pub mod file;

pub(crate) mod tensors;

pub use error::Error;
pub use pipeline::{Pipeline, Recipe, Representation};
pub use training::Training;
