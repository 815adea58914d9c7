//! What is heard in a recording, and whether that can be told at all.
//!
//! ```text
//! samples ─ front end ─ 88 features ─ transform ─ scaler ─ discriminant ─ temperature ─ probabilities ─ judgement
//!             └ facts ──────────────────────────── inside ───────────────────────────────────┘
//! ```
//!
//! A model is trained by [`Recipe::fit`] on [`Material`], which is made of recordings and of disturbed copies of them, and judges what a
//! [`FrontEnd`] prepared:
//!
//! ```no_run
//! use ser_models::classify::{Classifier, FrontEnd};
//!
//! let classifier = Classifier::read("model.safetensors".as_ref())?;
//! let mut front_end = FrontEnd::new(&classifier.front_end)?;
//! // One second of a 220 Hz sawtooth: no speech.
//! let samples: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
//! let prepared = front_end.prepare(&samples, 16_000)?;
//! let judgement = classifier.judge(&prepared);
//! println!("{} {:.2} {:?}", judgement.label, judgement.confidence, judgement.abstained);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Many recordings of one place may correct for it ([`Classifier::adapt`]).

pub mod trim;

pub mod front_end;

pub mod transform;

pub mod augment;

pub mod material;

pub mod temperature;

pub mod inside;

pub mod classifier;

pub mod batch;

pub mod recipe;

pub mod file;

pub mod answer;

pub mod why;

mod error;
mod not_for;

pub use answer::{Answer, Model};
pub use classifier::{Classifier, Judgement};
pub use error::Error;
pub use front_end::{FrontEnd, Prepared, Sound};
pub use inside::Reason;
pub use material::Material;
pub use not_for::NOT_FOR;
pub use recipe::Recipe;
