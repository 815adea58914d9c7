//! Training an autoencoder on candle.
//!
//! ```text
//! z_l = W_l a_(l−1) + b_l,  a_l = f(z_l)      loss = mean over rows and columns of (a_L − x)²      a step of Adam per batch
//! ```
//!
//! The gradient of the loss ([`candle_nn::loss::mse`]) is the one that candle records ([`recorded`]) or, of rectified units, has the same bits
//! ([`gradient`], [`product`]); the optimiser gives the bits of its `AdamW` in one pass ([`super::adam`]). Candle's generator cannot be seeded on the CPU: weights, orders and noise come from [`crate::model::random`]. Candle shares a
//! product among threads by rows and columns, never within a sum, so the same seed gives the same bits at any number of threads; another processor,
//! with other vector instructions, may round products otherwise.
//!
//! D. P. Kingma & J. Ba (2015), "Adam", ICLR; I. Loshchilov & F. Hutter (2019), "Decoupled weight decay regularization", ICLR.

mod gradient;

mod product;

mod recorded;

mod values;

use candle_nn::ParamsAdamW;
use ndarray::{Array1, Array2, ArrayView2};

use super::adam::Adam;
use super::config::Checked;
use super::network::{Autoencoder, Dense, sizes};
use super::{Activation, Configuration};
use crate::model::error::Error;
use crate::model::random::Random;
use gradient::Gradient;
use recorded::Recorded;

/// An epoch that is done.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Epoch {
    /// Its number, from 1.
    pub number: usize,
    /// Its loss: mean squared error over rows and columns, each batch before its step.
    pub loss: f64,
}

impl Checked {
    /// Fits an autoencoder to rows, which should be standardised, and tells of each epoch. The same rows and seed give the same weights.
    ///
    /// # Errors
    /// If there is no table, a value is not finite (also as `f32`), or training diverges.
    pub fn fit(
        &self,
        x: ArrayView2<'_, f64>,
        seed: u64,
        epoch_done: &mut dyn FnMut(Epoch),
    ) -> Result<Autoencoder, Error> {
        let rows = Rows::new(x)?;
        let initial = initial(rows.columns, self.configuration(), seed);
        self.fit_from(initial, &rows, seed, epoch_done)
    }

    fn fit_from(
        &self,
        initial: Vec<Dense>,
        rows: &Rows,
        seed: u64,
        epoch_done: &mut dyn FnMut(Epoch),
    ) -> Result<Autoencoder, Error> {
        let configuration = self.configuration();
        let mut network = Network::new(&initial, configuration);
        let mut shuffle = Random::new(seed, "autoencoder shuffle");
        let mut noise = Random::new(seed, "autoencoder noise");
        let mut order: Vec<usize> = (0..rows.number).collect();
        let mut losses = Vec::with_capacity(configuration.epochs);
        for number in 1..=configuration.epochs {
            shuffle.shuffle(&mut order);
            let loss = epoch(&mut network, configuration, rows, &order, &mut noise)?;
            if !loss.is_finite() {
                return Err(Error::Diverged { epoch: number });
            }
            losses.push(loss);
            epoch_done(Epoch { number, loss });
        }
        let mut encoder = network.dense();
        if encoder.iter().any(|dense| {
            dense
                .weight
                .iter()
                .chain(&dense.bias)
                .any(|w| !w.is_finite())
        }) {
            return Err(Error::Diverged {
                epoch: configuration.epochs,
            });
        }
        let decoder = encoder.split_off(configuration.hidden.len() + 1);
        Ok(Autoencoder {
            configuration: configuration.clone(),
            encoder,
            decoder,
            losses,
        })
    }
}

/// All batches of an order of the rows, a step for each; the mean squared error.
fn epoch(
    network: &mut Network,
    configuration: &Configuration,
    rows: &Rows,
    order: &[usize],
    noise: &mut Random,
) -> Result<f64, Error> {
    let mut losses = 0.0;
    let [mut input, mut target] = [const { Vec::new() }; 2];
    for batch in order.chunks(configuration.batch) {
        rows.batch(batch, &mut target);
        let input = match configuration.noise {
            0.0 => &target,
            deviation => {
                rows.batch(batch, &mut input);
                input
                    .iter_mut()
                    .for_each(|x| *x += (deviation * noise.normal()) as f32);
                &input
            }
        };
        let loss = network.step(input, &target)?;
        losses += f64::from(loss) * batch.len() as f64;
    }
    Ok(losses / rows.number as f64)
}

/// The layers before training.
fn initial(columns: usize, configuration: &Configuration, seed: u64) -> Vec<Dense> {
    let mut random = Random::new(seed, "autoencoder weights");
    let layer = |pair: &[usize]| Dense::random(pair[0], pair[1], &mut random);
    sizes(columns, configuration)
        .windows(2)
        .map(layer)
        .collect()
}

/// The table in single precision.
struct Rows {
    number: usize,
    columns: usize,
    values: Vec<f32>,
}

impl Rows {
    fn new(x: ArrayView2<'_, f64>) -> Result<Rows, Error> {
        let (number, columns) = x.dim();
        if number == 0 || columns == 0 {
            return Err(Error::Empty);
        }
        for ((row, column), &value) in x.indexed_iter() {
            if !(value as f32).is_finite() {
                return Err(Error::NotFinite { row, column });
            }
        }
        let values = x.iter().map(|&x| x as f32).collect();
        Ok(Rows {
            number,
            columns,
            values,
        })
    }

    /// Some rows, one after the other.
    fn batch(&self, rows: &[usize], values: &mut Vec<f32>) {
        values.clear();
        for &row in rows {
            values.extend_from_slice(&self.values[row * self.columns..][..self.columns]);
        }
    }
}

/// A network in training: weights (inputs × outputs, so that all products walk through rows) and bias of each layer.
struct Network {
    optimiser: Adam,
    /// The last layers of encoder and decoder, which have no activation.
    linear: [usize; 2],
    slope: Slope,
}

/// How the gradient is found.
enum Slope {
    Rectified(Gradient),
    Recorded(Recorded),
}

impl Network {
    fn new(dense: &[Dense], configuration: &Configuration) -> Network {
        let variables = dense.iter().flat_map(|dense| {
            let weight = dense.weight.t().iter().copied().collect();
            [weight, dense.bias.to_vec()]
        });
        let parameters = ParamsAdamW {
            lr: configuration.learning_rate,
            weight_decay: configuration.weight_decay,
            ..ParamsAdamW::default()
        };
        Network {
            optimiser: Adam::new(variables.collect(), parameters),
            linear: [configuration.hidden.len(), dense.len() - 1],
            slope: match configuration.activation {
                Activation::Relu => Slope::Rectified(Gradient::default()),
                other => Slope::Recorded(Recorded::new(other)),
            },
        }
    }

    /// A step down the gradient of the loss, the mean squared error of what becomes of `input`, which is given. Both are row by row.
    fn step(&mut self, input: &[f32], target: &[f32]) -> Result<f32, Error> {
        let values = self.optimiser.values();
        let (loss, gradient) = match &mut self.slope {
            Slope::Rectified(slope) => {
                let loss = slope.fill(&values, self.linear, input, target)?;
                (loss, &slope.by)
            }
            Slope::Recorded(slope) => {
                let loss = slope.fill(&values, self.linear, input, target)?;
                (loss, &slope.by)
            }
        };
        self.optimiser.step(gradient);
        Ok(loss)
    }

    /// The weights as they are now.
    fn dense(&self) -> Vec<Dense> {
        let values = self.optimiser.values();
        let layers = values.chunks_exact(2).map(|pair| {
            let (weight, bias) = (pair[0], pair[1]);
            let (inputs, outputs) = (weight.len() / bias.len(), bias.len());
            Dense {
                weight: Array2::from_shape_fn((outputs, inputs), |(o, i)| weight[i * outputs + o]),
                bias: Array1::from_vec(bias.to_vec()),
            }
        });
        layers.collect()
    }
}

#[cfg(test)]
mod tests;
