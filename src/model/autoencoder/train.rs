//! Training an autoencoder on candle.
//!
//! ```text
//! forward    z_l = a_(l−1) W_l + b_l,  a_l = f(z_l)          rows × outputs; W_l inputs × outputs
//! backward   δ_L = 2 (a_L − x) / (rows · columns)            δ_(l−1) = (δ_l W_lᵀ) f′(z_(l−1))
//!            ∂W_l = a_(l−1)ᵀ δ_l,  ∂b_l = Σ_rows δ_l
//! ```
//!
//! The state is candle's: weights, biases and Adam's two moments of them lie in one tensor, of which the layers see parts, so that a step writes
//! in place; transposed operands are views. Products and passes are candle operations of our own ([`super::kernel`]), and the pass backward is
//! written out instead of recorded: candle's `backward` allocates and adds a zero tensor for each node of so small a graph. The tests hold the gradient
//! against candle's own and against finite differences, and the step against candle's AdamW.
//!
//! Candle's generator cannot be seeded on the CPU: weights, orders and noise come from [`crate::model::random`]. Nothing in a fit is shared among
//! threads, so the same seed gives the same bits at any number of them; folds are fitted side by side.

use std::cell::Cell;

use candle_core::{Device, Tensor};
use ndarray::{Array1, Array2, ArrayView2};

use super::config::Checked;
use super::kernel::{Adam, AddBias, ColumnSums, Product, Residual, Slope};
use super::network::{Autoencoder, Dense, sizes};
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
mod tests {
    use candle_core::Var;
    use candle_nn::{AdamW, Optimizer, ParamsAdamW};
    use serde::Deserialize;

    use super::*;

    const SIZES: [usize; 7] = [7, 6, 4, 2, 4, 6, 7];

    fn small(activation: Activation) -> Configuration {
        Configuration {
            hidden: vec![6, 4],
            activation,
            batch: 16,
            learning_rate: 0.01,
            ..Configuration::default()
        }
    }

    fn table(rows: usize) -> Array2<f64> {
        Array2::from_shape_fn((rows, 7), |(i, j)| {
            let (i, j) = (i as f64, j as f64);
            (0.37 * i * (j + 1.0)).sin() + 0.5 * (0.11 * i + j).cos()
        })
    }

    fn weights() -> Vec<Dense> {
        let layer = |(number, pair): (usize, &[usize])| {
            let (inputs, outputs) = (pair[0], pair[1]);
            let weight = |(o, i)| {
                let k = (o * inputs + i + 100 * number) as f64;
                ((1.3 * k + 1.0).sin() * (6.0 / inputs as f64).sqrt()) as f32
            };
            Dense {
                weight: Array2::from_shape_fn((outputs, inputs), weight),
                bias: Array1::zeros(outputs),
            }
        };
        SIZES.windows(2).enumerate().map(layer).collect()
    }

    fn tensor(x: &Array2<f64>) -> Tensor {
        let values: Vec<f32> = x.iter().map(|&x| x as f32).collect();
        Tensor::from_vec(values, x.dim(), &Device::Cpu).unwrap()
    }

    const ACTIVATIONS: [Activation; 4] = [
        Activation::Relu,
        Activation::Tanh,
        Activation::Elu,
        Activation::Gelu,
    ];

    /// The network in candle's own operations, for its recorded gradient.
    struct Recorded(Vec<(Var, Var)>);

    impl Recorded {
        fn new() -> Recorded {
            let layer = |dense: &Dense| {
                let values: Vec<f32> = dense.weight.iter().copied().collect();
                let weight = Tensor::from_vec(values, dense.weight.dim(), &Device::Cpu).unwrap();
                let bias =
                    Tensor::from_vec(dense.bias.to_vec(), dense.outputs(), &Device::Cpu).unwrap();
                (
                    Var::from_tensor(&weight).unwrap(),
                    Var::from_tensor(&bias).unwrap(),
                )
            };
            Recorded(weights().iter().map(layer).collect())
        }

        fn forward(&self, x: &Tensor, activation: Activation) -> candle_core::Result<Tensor> {
            let mut a = x.clone();
            for (i, (weight, bias)) in self.0.iter().enumerate() {
                a = a.matmul(&weight.t()?)?.broadcast_add(bias)?;
                a = match activation {
                    _ if i == 2 || i == 5 => a,
                    Activation::Relu => a.relu()?,
                    Activation::Tanh => a.tanh()?,
                    Activation::Elu => a.elu(1.0)?,
                    Activation::Gelu => a.gelu_erf()?,
                };
            }
            Ok(a)
        }

        fn loss(&self, x: &Tensor, target: &Tensor, activation: Activation) -> Tensor {
            candle_nn::loss::mse(&self.forward(x, activation).unwrap(), target).unwrap()
        }
    }

    #[test]
    fn the_gradient_is_the_one_that_candle_records() {
        let (input, target) = (tensor(&table(20)), tensor(&(table(20) * 0.7)));
        for activation in ACTIVATIONS {
            let network = Network::new(&weights(), &small(activation)).unwrap();
            let (squares, gradients) = network.gradient(&input, &target).unwrap();
            let recorded = Recorded::new();
            let loss = recorded.loss(&input, &target, activation);
            let mean = f64::from(loss.to_scalar::<f32>().unwrap());
            assert!((squares / 140.0 - mean).abs() < 1e-6 * mean);
            let expected = loss.backward().unwrap();
            for ((weight, bias), (ours, our_bias)) in recorded.0.iter().zip(&gradients) {
                let weight = expected.get(weight).unwrap().t().unwrap();
                for (a, b) in [(&weight, ours), (expected.get(bias).unwrap(), our_bias)] {
                    let largest = |t: &Tensor| {
                        let most = t.abs().unwrap().flatten_all().unwrap().max(0).unwrap();
                        most.to_scalar::<f32>().unwrap()
                    };
                    // Sums of single-precision products, in another order.
                    let apart = largest(&(a - b).unwrap());
                    assert!(apart < 2e-6 * largest(b).max(1.0), "{activation:?} {apart}");
                }
            }
        }
    }

    #[test]
    fn the_gradient_is_the_slope_of_the_loss() {
        let (input, target) = (tensor(&table(20)), tensor(&(table(20) * 0.7)));
        for activation in ACTIVATIONS {
            let loss = |dense: &[Dense]| {
                let network = Network::new(dense, &small(activation)).unwrap();
                network.gradient(&input, &target).unwrap().0 / 140.0
            };
            let network = Network::new(&weights(), &small(activation)).unwrap();
            let (_, gradients) = network.gradient(&input, &target).unwrap();
            for layer in 0..6 {
                let expected = gradients[layer].0.to_vec2::<f32>().unwrap();
                let (outputs, inputs) = weights()[layer].weight.dim();
                for (o, i) in [(0, 0), (outputs - 1, inputs - 1), (outputs / 2, inputs / 2)] {
                    let moved = |by: f32| {
                        let mut dense = weights();
                        dense[layer].weight[[o, i]] += by;
                        loss(&dense)
                    };
                    // Single precision, and rows whose unit passes its kink within the step; the test above is the sharp one.
                    let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
                    let found = f64::from(expected[i][o]);
                    assert!(
                        (slope - found).abs() < 5e-3 * found.abs().max(1.0),
                        "{activation:?} {layer}: {slope} {found}"
                    );
                }
            }
        }
    }

    #[test]
    fn a_step_is_the_one_of_candles_adam() {
        let (input, target) = (tensor(&table(20)), tensor(&(table(20) * 0.7)));
        let configuration = Configuration {
            weight_decay: 0.1,
            ..small(Activation::Tanh)
        };
        let mut network = Network::new(&weights(), &configuration).unwrap();
        let recorded = Recorded::new();
        let variables = recorded
            .0
            .iter()
            .flat_map(|(w, b)| [w.clone(), b.clone()])
            .collect();
        let parameters = ParamsAdamW {
            lr: 0.01,
            weight_decay: 0.1,
            ..ParamsAdamW::default()
        };
        let mut adam = AdamW::new(variables, parameters).unwrap();
        for _ in 0..10 {
            let (_, gradient) = network.gradient(&input, &target).unwrap();
            network.descend(&gradient).unwrap();
            adam.backward_step(&recorded.loss(&input, &target, Activation::Tanh))
                .unwrap();
        }
        for (dense, (weight, bias)) in network.dense().unwrap().iter().zip(&recorded.0) {
            let expected = weight.to_vec2::<f32>().unwrap().concat();
            let bias = bias.to_vec1::<f32>().unwrap();
            let pairs = dense
                .weight
                .iter()
                .zip(&expected)
                .chain(dense.bias.iter().zip(&bias));
            // Ten steps of 0.01 each; the direction of a step is good to the gradient's rounding.
            for (a, b) in pairs {
                assert!((a - b).abs() < 2e-5, "{a} {b}");
            }
        }
    }

    #[derive(Deserialize)]
    struct Golden {
        losses: Vec<f64>,
        weights: Vec<f32>,
    }

    #[test]
    fn three_epochs_end_where_those_of_pytorch_end() {
        // tests/models/autoencoder.py, PyTorch 2.15.
        let golden = include_str!("../../../tests/models/autoencoder.json");
        let golden: serde_json::Value = serde_json::from_str(golden).unwrap();
        let names = ["relu", "tanh", "elu", "gelu"].into_iter().zip(ACTIVATIONS);
        for (name, activation) in names.chain([("decay", Activation::Relu)]) {
            let weight_decay = if name == "decay" { 0.1 } else { 0.0 };
            let configuration = Configuration {
                weight_decay,
                ..small(activation)
            };
            let expected = Golden::deserialize(&golden[name]).unwrap();
            let rows = Rows::new(table(50).view()).unwrap();
            let mut network = Network::new(&weights(), &configuration).unwrap();
            let forwards: Vec<usize> = (0..50).collect();
            let strides = forwards.iter().map(|i| 17 * i % 50).collect();
            let orders = [
                forwards.clone(),
                forwards.into_iter().rev().collect(),
                strides,
            ];
            for (order, expected) in orders.iter().zip(&expected.losses) {
                let mut none = Random::new(0, "no noise");
                let loss = epoch(&mut network, &configuration, &rows, order, &mut none).unwrap();
                assert!(
                    (loss - expected).abs() < 1e-6 * expected,
                    "{name}: {loss} {expected}"
                );
            }
            let found = network.dense().unwrap();
            let found: Vec<f32> = found
                .iter()
                .flat_map(|d| d.weight.iter().chain(&d.bias))
                .copied()
                .collect();
            assert_eq!(found.len(), expected.weights.len());
            for (a, b) in found.iter().zip(&expected.weights) {
                assert!((a - b).abs() < 2e-5, "{name}: {a} {b}");
            }
        }
    }

    #[test]
    fn the_fitted_network_is_the_one_that_was_trained() {
        let checked = Configuration {
            epochs: 3,
            ..small(Activation::Elu)
        }
        .check()
        .unwrap();
        let fitted = checked.fit(table(50).view(), 5, &mut |_| ()).unwrap();
        let all: Vec<Dense> = fitted
            .encoder
            .iter()
            .chain(&fitted.decoder)
            .cloned()
            .collect();
        let network = Network::new(&all, checked.configuration()).unwrap();
        let x = tensor(&table(50));
        let mut squares = 0.0;
        let reconstructed = fitted.reconstruct(table(50).view());
        for (a, b) in reconstructed.iter().zip(table(50).iter()) {
            squares += (a - b).powi(2);
        }
        let (expected, _) = network.gradient(&x, &x).unwrap();
        assert!(
            (squares - expected).abs() < 1e-5 * expected,
            "{squares} {expected}"
        );
    }

    fn bits(network: &Autoencoder) -> Vec<u32> {
        let layers = network.encoder.iter().chain(&network.decoder);
        layers
            .flat_map(|d| d.weight.iter().chain(&d.bias))
            .map(|w| w.to_bits())
            .collect()
    }

    #[test]
    fn fits_side_by_side_give_the_bits_of_fits_alone() {
        // The second has products of a size that a library would share among threads.
        let default = Configuration {
            noise: 1.0,
            epochs: 2,
            ..Configuration::default()
        };
        let large = Configuration {
            hidden: vec![160],
            batch: 512,
            ..default.clone()
        };
        for configuration in [default, large] {
            let checked = configuration.check().unwrap();
            let mut random = Random::new(2, "table");
            let x = Array2::from_shape_simple_fn((700, 88), || random.normal());
            let fit = |seed| bits(&checked.fit(x.view(), seed, &mut |_| ()).unwrap());
            let alone = [fit(1), fit(2)];
            assert_eq!(alone[0], fit(1));
            assert_ne!(alone[0], alone[1]);
            let fit = &fit;
            let beside: Vec<_> = std::thread::scope(|scope| {
                let handles = [1, 2, 1].map(|seed| scope.spawn(move || fit(seed)));
                handles
                    .into_iter()
                    .map(|handle| handle.join().unwrap())
                    .collect()
            });
            assert_eq!(
                beside,
                [alone[0].clone(), alone[1].clone(), alone[0].clone()]
            );
        }
    }

    #[test]
    fn noise_changes_what_is_learned_and_not_what_is_asked_for() {
        let configuration = Configuration {
            epochs: 60,
            ..small(Activation::Tanh)
        };
        let fit = |noise| {
            let checked = Configuration {
                noise,
                ..configuration.clone()
            }
            .check()
            .unwrap();
            checked.fit(table(200).view(), 3, &mut |_| ()).unwrap()
        };
        let (plain, denoising) = (fit(0.0), fit(1.0));
        assert_ne!(bits(&plain), bits(&denoising));
        // The loss is against the rows without noise: at worst the variance of the rows, 0.62, not 1.62.
        let last = |network: &Autoencoder| *network.losses.last().unwrap();
        assert!(
            last(&plain) < 0.5 && last(&denoising) < 0.75,
            "{} {}",
            last(&plain),
            last(&denoising)
        );
        assert!(last(&plain) < plain.losses[0] && last(&denoising) < denoising.losses[0]);
    }

    #[test]
    fn each_epoch_is_told_with_its_loss() {
        let mut told = Vec::new();
        let checked = Configuration {
            epochs: 4,
            ..small(Activation::Relu)
        }
        .check()
        .unwrap();
        let fitted = checked
            .fit(table(33).view(), 1, &mut |epoch| told.push(epoch))
            .unwrap();
        let expected = fitted.losses.iter().enumerate().map(|(i, &loss)| Epoch {
            number: i + 1,
            loss,
        });
        assert_eq!(told, expected.collect::<Vec<_>>());
    }

    #[test]
    fn one_row_fewer_rows_than_a_batch_and_constant_columns_are_fitted() {
        let checked = Configuration {
            epochs: 20,
            ..small(Activation::Relu)
        }
        .check()
        .unwrap();
        for rows in [1, 5] {
            let mut x = table(rows);
            x.column_mut(3).fill(0.0);
            let fitted = checked.fit(x.view(), 1, &mut |_| ()).unwrap();
            assert!(fitted.losses[19] < fitted.losses[0]);
            assert_eq!(fitted.encode(x.view()).dim(), (rows, 2));
        }
    }

    #[test]
    fn what_cannot_be_fitted_says_why() {
        let checked = small(Activation::Relu).check().unwrap();
        let fit = |x: &Array2<f64>| checked.fit(x.view(), 1, &mut |_| ()).unwrap_err();
        assert!(matches!(fit(&Array2::zeros((0, 7))), Error::Empty));
        assert!(matches!(fit(&Array2::zeros((7, 0))), Error::Empty));
        for wrong in [f64::NAN, f64::INFINITY, 1e300] {
            let mut x = table(10);
            x[[3, 2]] = wrong;
            assert!(matches!(fit(&x), Error::NotFinite { row: 3, column: 2 }));
        }
        assert!(matches!(fit(&(table(10) * 1e30)), Error::Diverged { .. }));
    }
}
