//! Training an autoencoder on candle.
//!
//! ```text
//! z_l = W_l a_(l−1) + b_l,  a_l = f(z_l)      loss = mean over rows and columns of (a_L − x)²      a step of Adam per batch
//! ```
//!
//! Products and loss are candle's ([`candle_nn::loss::mse`]), the gradient is the one that it records or, of rectified units, has the same bits ([`gradient`]); the optimiser gives
//! the bits of its `AdamW` in one pass ([`super::adam`]). Candle's generator cannot be seeded on the CPU: weights, orders and noise come from [`crate::model::random`]. Candle shares a
//! product among threads by rows and columns, never within a sum, so the same seed gives the same bits at any number of threads; another processor,
//! with other vector instructions, may round products otherwise.
//!
//! D. P. Kingma & J. Ba (2015), "Adam", ICLR; I. Loshchilov & F. Hutter (2019), "Decoupled weight decay regularization", ICLR.

mod gradient;

use candle_core::{DType, Device, Tensor, Var};
use candle_nn::ParamsAdamW;
use ndarray::{Array1, Array2, ArrayView2};

use super::adam::Adam;
use super::config::Checked;
use super::network::{Autoencoder, Dense, sizes};
use super::{Activation, Configuration};
use crate::model::error::Error;
use crate::model::random::Random;
use gradient::gradient;

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
        let mut network = Network::new(&initial, configuration)?;
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
        let mut encoder = network.dense()?;
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
    for batch in order.chunks(configuration.batch) {
        let target = rows.batch(batch, 0.0, noise)?;
        let input = match configuration.noise {
            0.0 => target.clone(),
            deviation => rows.batch(batch, deviation, noise)?,
        };
        let loss = network.step(&input, &target)?;
        losses += f64::from(loss.to_scalar::<f32>()?) * batch.len() as f64;
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

    /// Some rows as a tensor, with normal noise of a standard deviation.
    fn batch(&self, rows: &[usize], noise: f64, random: &mut Random) -> Result<Tensor, Error> {
        let mut values = Vec::with_capacity(rows.len() * self.columns);
        for &row in rows {
            values.extend_from_slice(&self.values[row * self.columns..][..self.columns]);
        }
        if noise > 0.0 {
            values
                .iter_mut()
                .for_each(|x| *x += (noise * random.normal()) as f32);
        }
        Ok(Tensor::from_vec(
            values,
            (rows.len(), self.columns),
            &Device::Cpu,
        )?)
    }
}

/// A layer in training. Weights are inputs × outputs, and the bias is a row that a column of ones spreads over the batch: so every tensor, gradients
/// included, is contiguous. Candle's own `Linear` transposes its weight and broadcasts its bias, whose gradients candle then walks element by
/// element: that took more than half of the training's time.
struct Layer {
    weight: Var,
    bias: Var,
}

impl Layer {
    fn new(dense: &Dense) -> Result<Layer, Error> {
        let (outputs, inputs) = dense.weight.dim();
        let weight: Vec<f32> = dense.weight.t().iter().copied().collect();
        let weight = Tensor::from_vec(weight, (inputs, outputs), &Device::Cpu)?;
        let bias = Tensor::from_vec(dense.bias.to_vec(), (1, outputs), &Device::Cpu)?;
        Ok(Layer {
            weight: Var::from_tensor(&weight)?,
            bias: Var::from_tensor(&bias)?,
        })
    }

    fn forward(&self, a: &Tensor, ones: &Tensor) -> Result<Tensor, Error> {
        let product = a.matmul(self.weight.as_tensor())?;
        Ok((product + ones.matmul(self.bias.as_tensor())?)?)
    }

    /// The weights as they are now.
    fn dense(&self) -> Result<Dense, Error> {
        let (inputs, outputs) = self.weight.dims2()?;
        let weight = self.weight.flatten_all()?.to_vec1::<f32>()?;
        let bias = self.bias.flatten_all()?.to_vec1::<f32>()?;
        Ok(Dense {
            weight: Array2::from_shape_fn((outputs, inputs), |(o, i)| weight[i * outputs + o]),
            bias: Array1::from_vec(bias),
        })
    }
}

/// A network in training.
struct Network {
    layers: Vec<Layer>,
    /// The last layers of encoder and decoder, which have no activation.
    linear: [usize; 2],
    activation: Activation,
    optimiser: Adam,
}

impl Network {
    fn new(dense: &[Dense], configuration: &Configuration) -> Result<Network, Error> {
        let mut layers = Vec::with_capacity(dense.len());
        let mut variables = Vec::with_capacity(2 * dense.len());
        for dense in dense {
            let layer = Layer::new(dense)?;
            variables.extend([layer.weight.clone(), layer.bias.clone()]);
            layers.push(layer);
        }
        let parameters = ParamsAdamW {
            lr: configuration.learning_rate,
            weight_decay: configuration.weight_decay,
            ..ParamsAdamW::default()
        };
        Ok(Network {
            layers,
            linear: [configuration.hidden.len(), dense.len() - 1],
            activation: configuration.activation,
            optimiser: Adam::new(variables, parameters)?,
        })
    }

    /// A step down the gradient of the loss, which is given.
    fn step(&mut self, input: &Tensor, target: &Tensor) -> Result<Tensor, Error> {
        if self.activation != Activation::Relu {
            let loss = self.loss(input, target)?;
            self.optimiser.backward_step(&loss)?;
            return Ok(loss);
        }
        let ones = Tensor::ones((input.dims()[0], 1), DType::F32, &Device::Cpu)?;
        let (loss, gradients) = gradient(&self.layers, self.linear, input, target, &ones)?;
        self.optimiser.step_along(&gradients)?;
        Ok(loss)
    }

    /// The mean squared error of what becomes of `input`, rows × columns.
    fn loss(&self, input: &Tensor, target: &Tensor) -> Result<Tensor, Error> {
        let ones = Tensor::ones((input.dims()[0], 1), DType::F32, &Device::Cpu)?;
        let mut a = input.clone();
        for (number, layer) in self.layers.iter().enumerate() {
            a = layer.forward(&a, &ones)?;
            if !self.linear.contains(&number) {
                a = match self.activation {
                    Activation::Relu => a.relu()?,
                    Activation::Tanh => a.tanh()?,
                    Activation::Elu => a.elu(1.0)?,
                    Activation::Gelu => a.gelu_erf()?,
                };
            }
        }
        Ok(candle_nn::loss::mse(&a, target)?)
    }

    /// The weights as they are now.
    fn dense(&self) -> Result<Vec<Dense>, Error> {
        self.layers.iter().map(Layer::dense).collect()
    }
}

#[cfg(test)]
mod tests;
