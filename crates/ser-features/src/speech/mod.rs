//! Where somebody speaks: speech and pauses, and the turns that pauses part.
//!
//! ```text
//! samples ─ activity: speech or pause, every 10 ms ─ turn: stretches of speech of at most 8 s ─ listener: turns with their samples
//! ```
//!
//! Everything is computed as the samples come, so a live stream and a file are cut at the same places, and memory does not grow with the length.

pub mod activity;

pub mod turn;

pub mod listener;
