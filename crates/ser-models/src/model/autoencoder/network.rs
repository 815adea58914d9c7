//! The fitted autoencoder: plain weights, and passes forward through them.
//!
//! ```text
//! a₀ = x      z_l = W_l a_(l−1) + b_l      a_l = f(z_l),  the last of encoder and decoder: a_l = z_l
//! ```
//!
//! Weights and activations are `f32`, as they were in training. A row goes through by itself and each sum runs over the inputs in their
//! order, so a row's latent does not depend on what else is encoded with it, in which order, or on which thread.

use ndarray::{Array1, Array2, ArrayView2};

use super::{Activation, Configuration};
use crate::model::random::Random;
use ser_features::lanes::widest;

/// One layer.
#[derive(Clone, Debug, PartialEq)]
pub struct Dense {
    /// Weights, outputs × inputs.
    pub weight: Array2<f32>,
    /// One number per output.
    pub bias: Array1<f32>,
}

/// A fitted autoencoder.
#[derive(Clone, Debug, PartialEq)]
pub struct Autoencoder {
    /// What was asked for.
    pub configuration: Configuration,
    /// From the columns to the latent space.
    pub encoder: Vec<Dense>,
    /// From the latent space back to the columns.
    pub decoder: Vec<Dense>,
    /// Loss of each epoch: mean squared error while it was trained, noise included.
    pub losses: Vec<f64>,
}

impl Dense {
    /// He-uniform weights in ±sqrt(6 / inputs), drawn output by output, and zero biases.
    ///
    /// K. He et al. (2015), "Delving deep into rectifiers", ICCV.
    pub fn random(inputs: usize, outputs: usize, random: &mut Random) -> Dense {
        let bound = (6.0 / inputs as f64).sqrt();
        Dense {
            weight: Array2::from_shape_simple_fn((outputs, inputs), || random.within(bound) as f32),
            bias: Array1::zeros(outputs),
        }
    }

    /// Number of inputs.
    pub fn inputs(&self) -> usize {
        self.weight.ncols()
    }

    /// Number of outputs.
    pub fn outputs(&self) -> usize {
        self.weight.nrows()
    }
}

impl Autoencoder {
    /// The latent coordinates of rows: rows × latent.
    ///
    /// # Panics
    /// If the rows have another number of columns than the fitted ones.
    pub fn encode(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        forward(&[&self.encoder], self.configuration.activation, x)
    }

    /// The rows after the bottleneck: rows × columns.
    ///
    /// # Panics
    /// If the rows have another number of columns than the fitted ones.
    pub fn reconstruct(&self, x: ArrayView2<'_, f64>) -> Array2<f64> {
        forward(
            &[&self.encoder, &self.decoder],
            self.configuration.activation,
            x,
        )
    }
}

/// Sizes of all layers in order, input first.
pub(super) fn sizes(columns: usize, configuration: &Configuration) -> Vec<usize> {
    let hidden = &configuration.hidden;
    let down = std::iter::once(columns).chain(hidden.iter().copied());
    let up = hidden.iter().rev().copied().chain(std::iter::once(columns));
    down.chain(std::iter::once(configuration.latent))
        .chain(up)
        .collect()
}

/// Rows through encoder and decoder; each of these ends without activation.
fn forward(parts: &[&[Dense]], activation: Activation, x: ArrayView2<'_, f64>) -> Array2<f64> {
    let layers: Vec<Transposed> = parts
        .iter()
        .flat_map(|part| {
            part.iter()
                .enumerate()
                .map(|(i, dense)| Transposed::new(dense, i + 1 < part.len()))
        })
        .collect();
    let outputs = layers.last().map_or(x.ncols(), |layer| layer.bias.len());
    let mut result = Array2::zeros((x.nrows(), outputs));
    let (mut input, mut output) = (Vec::new(), Vec::new());
    for (row, mut to) in x.rows().into_iter().zip(result.rows_mut()) {
        input.clear();
        input.extend(row.iter().map(|&x| x as f32));
        for layer in &layers {
            layer.forward(activation, &input, &mut output);
            std::mem::swap(&mut input, &mut output);
        }
        to.iter_mut()
            .zip(&input)
            .for_each(|(to, &a)| *to = f64::from(a));
    }
    result
}

/// A layer with the weights of one input side by side, so that all outputs grow together.
struct Transposed {
    weight: Array2<f32>,
    bias: Vec<f32>,
    activated: bool,
}

impl Transposed {
    fn new(dense: &Dense, activated: bool) -> Self {
        Transposed {
            weight: dense.weight.t().as_standard_layout().into_owned(),
            bias: dense.bias.to_vec(),
            activated,
        }
    }

    fn forward(&self, activation: Activation, input: &[f32], output: &mut Vec<f32>) {
        assert_eq!(input.len(), self.weight.nrows(), "columns");
        output.clear();
        output.extend_from_slice(&self.bias);
        widest(
            #[inline(always)]
            || {
                for (&x, weights) in input.iter().zip(self.weight.rows()) {
                    // Rows of a standard layout are slices.
                    let weights = weights.to_slice().unwrap_or_default();
                    output
                        .iter_mut()
                        .zip(weights)
                        .for_each(|(sum, &w)| *sum += w * x);
                }
            },
        );
        if self.activated {
            output
                .iter_mut()
                .for_each(|z| *z = activation.value_f32(*z));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{array, s};

    fn random_network(columns: usize, configuration: Configuration) -> Autoencoder {
        let mut random = Random::new(11, "network");
        let sizes = sizes(columns, &configuration);
        let mut layers: Vec<Dense> = sizes
            .windows(2)
            .map(|pair| Dense::random(pair[0], pair[1], &mut random))
            .collect();
        for layer in &mut layers {
            layer.bias.mapv_inplace(|_| random.within(0.5) as f32);
        }
        let decoder = layers.split_off(configuration.hidden.len() + 1);
        Autoencoder {
            configuration,
            encoder: layers,
            decoder,
            losses: Vec::new(),
        }
    }

    #[test]
    fn the_layers_mirror_each_other() {
        assert_eq!(
            sizes(88, &Configuration::default()),
            [88, 64, 32, 2, 32, 64, 88]
        );
        let none = Configuration {
            hidden: vec![],
            ..Configuration::default()
        };
        assert_eq!(sizes(5, &none), [5, 2, 5]);
    }

    #[test]
    fn a_network_by_hand_gives_what_the_equation_says() {
        let dense = |weight, bias| Dense { weight, bias };
        let network = Autoencoder {
            configuration: Configuration {
                hidden: vec![2],
                latent: 1,
                ..Configuration::default()
            },
            encoder: vec![
                dense(array![[1.0, -1.0], [0.5, 0.5]], array![0.0, -1.0]),
                dense(array![[2.0, 3.0]], array![-10.0]),
            ],
            decoder: vec![
                dense(array![[1.0], [-1.0]], array![0.0, 0.0]),
                dense(array![[1.0, 0.0], [0.0, 1.0]], array![0.5, 0.0]),
            ],
            losses: Vec::new(),
        };
        // z = (2, 1), (-2, 1): the second row's first unit is shut; a latent below 0 stays below 0.
        let x = array![[3.0, 1.0], [1.0, 3.0]];
        assert_eq!(network.encode(x.view()), array![[-3.0], [-7.0]]);
        assert_eq!(
            network.reconstruct(x.view()),
            array![[0.5, 3.0], [0.5, 7.0]]
        );
    }

    #[test]
    fn rows_go_through_alone_as_they_go_through_together() {
        let network = random_network(9, Configuration::default());
        let mut random = Random::new(12, "rows");
        let x = Array2::from_shape_simple_fn((37, 9), || random.normal());
        let together = network.reconstruct(x.view());
        for i in 0..37 {
            assert_eq!(
                network.reconstruct(x.slice(s![i..=i, ..])).row(0),
                together.row(i)
            );
        }
        let backwards = network.encode(x.slice(s![..;-1, ..]));
        assert_eq!(backwards.slice(s![..;-1, ..]), network.encode(x.view()));
        assert_eq!(network.encode(x.slice(s![..0, ..])).dim(), (0, 2));
    }

    #[test]
    fn initial_weights_fill_their_bound() {
        let dense = Dense::random(24, 500, &mut Random::new(1, "weights"));
        let largest = dense
            .weight
            .iter()
            .fold(0.0_f32, |most, w| most.max(w.abs()));
        assert!((0.499..=0.5).contains(&largest), "{largest}");
        assert!(dense.bias.iter().all(|&b| b == 0.0));
    }
}
