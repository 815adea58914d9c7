//! Training an autoencoder on candle.
//!
//! ```text
//! forward    z_l = a_(l−1) W_l + b_l,  a_l = f(z_l)          rows × outputs; W_l inputs × outputs
//! backward   δ_L = 2 (a_L − x) / (rows · columns)            δ_(l−1) = (δ_l W_lᵀ) f′(z_(l−1))
//!            ∂W_l = a_(l−1)ᵀ δ_l,  ∂b_l = Σ_rows δ_l
//! ```
//!
//! The state is candle's: weights, biases and Adam's two moments of them lie in one tensor, of which the layers see parts, so that a step writes
//! in place; transposed operands are views. Products and passes are candle operations of our own ([`super::product`], [`super::kernel`]), and the pass backward is
//! written out instead of recorded: candle's `backward` allocates and adds a zero tensor for each node of so small a graph. The tests hold the gradient
//! against candle's own and against finite differences, and the step against candle's AdamW.
//!
//! Candle's generator cannot be seeded on the CPU: weights, orders and noise come from [`crate::model::random`]. Nothing in a fit is shared among
//! threads, so the same seed gives the same bits at any number of them; folds are fitted side by side.

use std::cell::Cell;

use candle_core::{Device, Tensor};
use ndarray::{Array1, Array2, ArrayView2};

use super::config::Checked;
use super::kernel::{Adam, AddBias, ColumnSums, Residual, Slope};
use super::network::{Autoencoder, Dense, sizes};
use super::product::Product;
use super::{Activation, Configuration};
use crate::model::error::Error;
use crate::model::random::Random;

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
    let mut squares = 0.0;
    for batch in order.chunks(configuration.batch) {
        let target = rows.batch(batch, 0.0, noise)?;
        let input = match configuration.noise {
            0.0 => target.clone(),
            deviation => rows.batch(batch, deviation, noise)?,
        };
        let (sum, gradient) = network.gradient(&input, &target)?;
        network.descend(&gradient)?;
        squares += sum;
    }
    Ok(squares / (rows.number * rows.columns) as f64)
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

/// A network in training.
struct Network {
    /// All parameters, then Adam's first moments of them, then the second.
    state: Tensor,
    parameters: usize,
    layers: Vec<Layer>,
    activation: Activation,
    learning_rate: f64,
    weight_decay: f64,
    step: i32,
}

/// Its parts of the state, and where they begin there.
struct Layer {
    /// Inputs × outputs.
    weight: Tensor,
    bias: Tensor,
    offset: usize,
    activated: bool,
}

/// Gradients of weight and bias.
type Gradient = (Tensor, Tensor);

impl Network {
    fn new(dense: &[Dense], configuration: &Configuration) -> Result<Network, Error> {
        let mut values: Vec<f32> = Vec::new();
        for dense in dense {
            values.extend(dense.weight.t().iter());
            values.extend(&dense.bias);
        }
        let parameters = values.len();
        values.resize(3 * parameters, 0.0);
        let state = Tensor::from_vec(values, 3 * parameters, &Device::Cpu)?;
        let linear = [configuration.hidden.len(), dense.len() - 1];
        let mut offset = 0;
        let mut layers = Vec::with_capacity(dense.len());
        for (i, dense) in dense.iter().enumerate() {
            let (inputs, outputs) = (dense.inputs(), dense.outputs());
            let weight = state
                .narrow(0, offset, inputs * outputs)?
                .reshape((inputs, outputs))?;
            let bias = state.narrow(0, offset + inputs * outputs, outputs)?;
            layers.push(Layer {
                weight,
                bias,
                offset,
                activated: !linear.contains(&i),
            });
            offset += (inputs + 1) * outputs;
        }
        Ok(Network {
            state,
            parameters,
            layers,
            activation: configuration.activation,
            learning_rate: configuration.learning_rate,
            weight_decay: configuration.weight_decay,
            step: 0,
        })
    }

    /// The sum of squared errors, and the gradient of their mean.
    fn gradient(&self, input: &Tensor, target: &Tensor) -> Result<(f64, Vec<Gradient>), Error> {
        // What each layer was given, and what its activation's derivative needs.
        let mut inputs = vec![input.clone()];
        let mut kept = Vec::with_capacity(self.layers.len());
        for layer in &self.layers {
            let z = inputs[inputs.len() - 1].apply_op2_no_bwd(&layer.weight, &Product)?;
            let activation = Some(self.activation).filter(|_| layer.activated);
            if layer.activated && self.activation.keeps_input() {
                let before = z.copy()?;
                before.inplace_op2(&layer.bias, &AddBias(None))?;
                kept.push(before);
            } else {
                kept.push(z.clone());
            }
            z.inplace_op2(&layer.bias, &AddBias(activation))?;
            inputs.push(z);
        }
        let mut delta = inputs.swap_remove(self.layers.len());
        let residual = Residual {
            squares: Cell::new(0.0),
        };
        delta.inplace_op2(target, &residual)?;
        let mut gradients = Vec::with_capacity(self.layers.len());
        for (i, layer) in self.layers.iter().enumerate().rev() {
            if layer.activated {
                delta.inplace_op2(&kept[i], &Slope(self.activation))?;
            }
            gradients.push((
                inputs[i].t()?.apply_op2_no_bwd(&delta, &Product)?,
                delta.apply_op1_no_bwd(&ColumnSums)?,
            ));
            if i > 0 {
                delta = delta.apply_op2_no_bwd(&layer.weight.t()?, &Product)?;
            }
        }
        gradients.reverse();
        Ok((residual.squares.get(), gradients))
    }

    /// One step of Adam.
    fn descend(&mut self, gradient: &[Gradient]) -> Result<(), Error> {
        self.step += 1;
        for (layer, (weight, bias)) in self.layers.iter().zip(gradient) {
            let adam = |offset| Adam {
                parameters: self.parameters,
                offset,
                step: self.step,
                learning_rate: self.learning_rate,
                weight_decay: self.weight_decay,
            };
            self.state.inplace_op2(weight, &adam(layer.offset))?;
            self.state
                .inplace_op2(bias, &adam(layer.offset + weight.elem_count()))?;
        }
        Ok(())
    }

    /// The weights as they are now.
    fn dense(&self) -> Result<Vec<Dense>, Error> {
        let of = |layer: &Layer| {
            let rows = layer.weight.t()?.to_vec2::<f32>()?;
            let shape = (rows.len(), layer.weight.dims2()?.0);
            let weight = Array2::from_shape_fn(shape, |(output, input)| rows[output][input]);
            Ok(Dense {
                weight,
                bias: Array1::from_vec(layer.bias.to_vec1()?),
            })
        };
        self.layers.iter().map(of).collect()
    }
}

#[cfg(test)]
mod tests;
