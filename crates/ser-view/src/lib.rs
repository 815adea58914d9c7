//! A recording as the numbers that a page draws.
//!
//! ```text
//! samples ─┬─ outline, spectrogram ─┐
//!          └─ descriptors, features ┴─ View ─ assets/report/recording.js
//! ```
//!
//! `ser report` and the page in the browser show the same view with the same script; both get their numbers here. Nothing is read, written or
//! encoded: the spectrogram is grey levels, which one of them makes a PNG of and the other paints.

pub mod outline;

pub mod spectrogram;

pub mod tracks;

pub mod view;

pub use tracks::Tracks;
pub use view::{Feature, View};
