//! What is heard in a recording, and whether that can be told at all.
//!
//! ```text
//! samples ─ front end ─ 176 features ─ transform ─┬─ scaler ─ discriminant ─────────────────┬─ temperature ─ probabilities ─ judgement
//!             │                                   └─ less the speaker's voice ─ discriminant ┘       │
//!             └ facts ──────────────────────────── limits ──────────────────────────────────────────┘
//! ```
//!
//! A model is trained by [`ClassifierRecipe::fit`] on [`TrainingData`], which is made of recordings and of disturbed copies of them, and judges what a
//! [`FrontEnd`] prepared:
//!
//! ```no_run
//! use ser_models::classify::{Classifier, Ears, Ground};
//!
//! let classifier = Classifier::read("model.safetensors".as_ref())?;
//! let mut ears = Ears::new(&classifier)?;
//! // One second of a 220 Hz sawtooth: no speech.
//! let samples: Vec<f32> = (0..16_000).map(|i| (i as f32 * 220.0 / 16_000.0).fract() - 0.5).collect();
//! let prepared = ears.prepare(&samples, 16_000)?;
//! let judgement = classifier.judge(&prepared, &Ground::Alone);
//! println!("{} {:?}", classifier.classes[judgement.class], judgement.abstained);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! An answer may rest on more than the recording ([`Ground`]): the speaker's ordinary voice, or the recordings of a batch.

pub mod trim;

pub mod front_end;

pub mod transform;

pub mod augment;

mod spectral;

pub mod speech_band;

mod telephone;

pub mod training_data;

pub mod temperature;

pub mod abstention_reason;

pub mod sound_limits;

pub mod column_limits;

pub mod within_limits;

pub mod basis;

pub mod relative;

pub mod heads;

pub mod voice;

pub mod reliability;

pub mod trust;

pub mod trained;

pub mod classifier;

pub mod balance;

pub mod recipe;

mod taught;

mod fitting;

pub mod file;

pub mod as_table;

pub mod answer;

pub mod answering_model;

pub mod answer_explanation;

mod error;
mod not_for;

pub use abstention_reason::AbstentionReason;
pub use answer::{Answer, Number};
pub use answering_model::{Measure, Measured, Model};
pub use basis::{Basis, RestsOn};
pub use classifier::{Classifier, Ears, Judgement};
pub use error::Error;
pub use front_end::{FrontEnd, Prepared, Sound};
pub use not_for::NOT_FOR;
pub use recipe::ClassifierRecipe;
pub use training_data::TrainingData;
pub use voice::{Baseline, Ground};
