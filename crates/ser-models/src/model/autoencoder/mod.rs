//! Autoencoders: 88 numbers through a bottleneck of two and back.
//!
//! ```text
//! y = E(x),  x̂ = D(y)      E: 88-64-32-2,  D: 2-32-64-88,  f between layers, none at y and x̂
//! loss = mean over rows and columns of (x̂ − x)²
//! ```
//!
//! The *undercomplete* one sees x; the *denoising* one sees x + N(0, noise²), drawn anew for every batch, and is still asked for x, so that it learns
//! what columns say about each other rather than each by itself. Both have the same architecture, and at use neither sees noise.
//!
//! Parameters ([`config`]) are checked and fitted ([`train`], on candle) into plain weights ([`network`]) that need candle no more.
//!
//! G. E. Hinton & R. R. Salakhutdinov (2006), "Reducing the dimensionality of data with neural networks", Science 313. P. Vincent et al. (2008),
//! "Extracting and composing robust features with denoising autoencoders", ICML. Sizes and choices: spec of Das et al. (2021), see `config`.

mod activation;

mod adam;

mod config;

mod network;

mod train;

pub use activation::Activation;
pub use config::{Checked, Configuration};
pub use network::{Autoencoder, Dense};
pub use train::Epoch;
