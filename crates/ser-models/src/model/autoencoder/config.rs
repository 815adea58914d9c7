//! What an autoencoder is asked to be.

use serde::{Deserialize, Serialize};

use super::Activation;
use crate::model::error::Error;

/// Sizes and training of an autoencoder.
///
/// Where Das et al. (2021) are silent (layer sizes, initial weights, activation, length of training) the defaults are this project's choice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, expecting = "a table: [autoencoder]")]
pub struct Configuration {
    /// Sizes of the layers between input and latent space; the decoder has them the other way round. Default 64, 32.
    pub hidden: Vec<usize>,
    /// Dimensions of the latent space. Default 2, as in the paper.
    pub latent: usize,
    /// What stands between layers; latent space and output are linear. Default ReLU.
    pub activation: Activation,
    /// Standard deviation of the noise that is added to the input in training: 0 (default) is the undercomplete autoencoder, 1 the paper's denoising one.
    pub noise: f64,
    /// Step of Adam. Default 1e-3.
    pub learning_rate: f64,
    /// Rows per step; the last of an epoch may have fewer. Default 64.
    pub batch: usize,
    /// How often all rows are seen. Default 50.
    pub epochs: usize,
    /// Share of each weight that decays per step, times the learning rate (AdamW). Default 0: Adam.
    pub weight_decay: f64,
}

impl Default for Configuration {
    fn default() -> Self {
        Configuration {
            hidden: vec![64, 32],
            latent: 2,
            activation: Activation::Relu,
            noise: 0.0,
            learning_rate: 1e-3,
            batch: 64,
            epochs: 50,
            weight_decay: 0.0,
        }
    }
}

/// A configuration that can be fitted.
#[derive(Clone, Debug, PartialEq)]
pub struct Checked(Configuration);

/// Largest layer: its square still fits memory well.
const WIDEST: usize = 8192;
/// Most epochs: each keeps its loss.
const MOST_EPOCHS: usize = 100_000;

impl Configuration {
    /// The paper's denoising autoencoder: noise of standard deviation 1.
    pub fn denoising() -> Self {
        Configuration {
            noise: 1.0,
            ..Self::default()
        }
    }

    /// Checks every value.
    ///
    /// # Errors
    /// The first parameter that is out of its range, with that range.
    pub fn check(self) -> Result<Checked, Error> {
        let wrong = |name: &str, value: String, range: &str| {
            Err(Error::Parameter(format!(
                "{name} = {value}: must be {range}"
            )))
        };
        let size = |n: usize| (1..=WIDEST).contains(&n);
        if self.hidden.len() > 16 || !self.hidden.iter().all(|&n| size(n)) {
            return wrong(
                "hidden",
                format!("{:?}", self.hidden),
                "at most 16 sizes of 1 to 8192",
            );
        }
        if !size(self.latent) {
            return wrong("latent", self.latent.to_string(), "1 to 8192");
        }
        if !(self.noise.is_finite() && (0.0..=1e3).contains(&self.noise)) {
            return wrong(
                "noise",
                self.noise.to_string(),
                "0 to 1000, in standard deviations",
            );
        }
        if !(self.learning_rate > 0.0 && self.learning_rate <= 1.0) {
            return wrong(
                "learning_rate",
                self.learning_rate.to_string(),
                "above 0, at most 1",
            );
        }
        if self.batch == 0 {
            return wrong("batch", self.batch.to_string(), "at least 1");
        }
        if !(1..=MOST_EPOCHS).contains(&self.epochs) {
            return wrong("epochs", self.epochs.to_string(), "1 to 100000");
        }
        if !(0.0..=1.0).contains(&(self.weight_decay * self.learning_rate))
            || self.weight_decay < 0.0
        {
            return wrong(
                "weight_decay",
                self.weight_decay.to_string(),
                "0 to 1 / learning_rate",
            );
        }
        Ok(Checked(self))
    }
}

impl Checked {
    /// The values.
    pub fn configuration(&self) -> &Configuration {
        &self.0
    }
}

#[test]
fn values_out_of_range_are_named_with_their_range() {
    assert!(Configuration::default().check().is_ok() && Configuration::denoising().check().is_ok());
    let default = Configuration::default;
    let wrong = [
        (
            Configuration {
                hidden: vec![64, 0],
                ..default()
            },
            "hidden",
        ),
        (
            Configuration {
                latent: 0,
                ..default()
            },
            "latent",
        ),
        (
            Configuration {
                noise: f64::NAN,
                ..default()
            },
            "noise",
        ),
        (
            Configuration {
                noise: -1.0,
                ..default()
            },
            "noise",
        ),
        (
            Configuration {
                learning_rate: 0.0,
                ..default()
            },
            "learning_rate",
        ),
        (
            Configuration {
                learning_rate: f64::NAN,
                ..default()
            },
            "learning_rate",
        ),
        (
            Configuration {
                batch: 0,
                ..default()
            },
            "batch",
        ),
        (
            Configuration {
                epochs: 0,
                ..default()
            },
            "epochs",
        ),
        (
            Configuration {
                epochs: 1_000_000_000_000,
                ..default()
            },
            "epochs",
        ),
        (
            Configuration {
                weight_decay: -0.1,
                ..default()
            },
            "weight_decay",
        ),
        (
            Configuration {
                weight_decay: f64::INFINITY,
                ..default()
            },
            "weight_decay",
        ),
    ];
    for (configuration, name) in wrong {
        let error = configuration.check().unwrap_err().to_string();
        assert!(
            error.starts_with(name) && error.contains("must be"),
            "{error}"
        );
    }
}
