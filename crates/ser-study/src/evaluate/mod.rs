//! Models become scores: what is learnt from, what is tested on, and how sure a score is.
//!
//! ```text
//! plan ─ study ─ fold ─ trial ─ score ─ latent space, transfer matrix, seeds, claims ─ result ─ render
//! ```

pub mod silhouette;

pub mod rotation;

pub mod alignment;

pub mod fold;

pub mod plan;

pub mod partition;

pub mod choice;

pub mod result;

pub mod contradiction;

mod units;

mod study;

pub mod design;

pub mod held_out;

pub mod trial;

mod score;

mod latent_space;

mod transfer;

mod attribution;

mod resample;

mod gather;

mod seeds;

mod subset_scores;

pub mod ceiling;

pub mod claims;

pub mod compare;

pub mod run;

pub mod validation;

pub mod learn_trust;

mod card_trust;

pub mod dimension;

pub mod card;

pub(crate) mod render;
