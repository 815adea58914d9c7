//! Models become scores: what is learnt from, what is tested on, and how sure a score is.
//!
//! ```text
//! plan ─ study ─ fold ─ trial ─ score ─ latent numbers, transfer matrix, claims ─ result ─ render
//! ```

pub mod silhouette;

pub mod rotation;

pub mod alignment;

pub mod fold;

pub mod plan;

pub mod result;

mod study;

pub mod design;

pub mod trial;

mod score;

mod latent;

mod transfer;

mod attribution;

mod claims;

pub mod run;

pub mod validation;

pub mod card;

pub(crate) mod render;
