//! DeepLIFT: how much each column has moved a result away from that of a reference recording.
//!
//! ```text
//! Δ            a quantity minus its value for the reference
//! linear       multiplier of input j on output i = w_ij
//! rescale      multiplier of f = Δf(z) / Δz;  f′(z) where |Δz| < 1e-7
//! chain        multipliers multiply through the layers as derivatives do: m_jt
//! contribution of column j to target t = m_jt · Δx_j,       Σ_j m_jt Δx_j = Δt        (completeness)
//! ```
//!
//! A gradient says what a small change would do; where a ReLU is shut it says nothing. These multipliers are slopes over the whole way from the
//! reference, so nothing that happened on the way is lost, and the contributions add up to Δt. By how much they do not, in double precision over
//! the single-precision weights, is part of every result.
//!
//! The chain is scaler, encoder (or principal components, or none) and the classifier's planes. Targets are the latent dimensions, then one
//! per plane. Planes are linear in the latent, so theirs are sums of the latents' contributions.
//!
//! *RevealCancel* (section 3.5.3) treats what raises z and what lowers it apart, so that causes that cancel each other still show:
//!
//! ```text
//! Δz⁺ = Σ of the w_j Δx_j above 0,  Δz⁻ = Σ of those below
//! Δf⁺ = ½ [f(z₀ + Δz⁺) − f(z₀)] + ½ [f(z₀ + Δz⁻ + Δz⁺) − f(z₀ + Δz⁻)],  Δf⁻ the other way round
//! multipliers Δf⁺ / Δz⁺ for inputs with w_j Δx_j > 0,  Δf⁻ / Δz⁻ for those below 0
//! ```
//!
//! A. Shrikumar, P. Greenside, A. Kundaje (2017), "Learning important features through propagating activation differences", ICML.

use serde::{Deserialize, Serialize};

use crate::model::autoencoder::{Activation, Dense};
use crate::model::pca::Pca;
use ser_features::lanes::widest;

/// Below this |Δz| a quotient of differences is rounding: the derivative stands in (Shrikumar et al., section 3.5.2).
const SMALL: f64 = 1e-7;

/// How a nonlinearity passes contributions on.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// The slope between reference and input.
    #[default]
    Rescale,
    /// Positive and negative parts apart.
    RevealCancel,
}

/// From columns to targets: what is explained.
#[derive(Clone, Debug)]
pub struct Chain {
    mean: Vec<f64>,
    /// 1 / sd; 0 for constant columns, which move nothing.
    scale: Vec<f64>,
    layers: Vec<Layer>,
    planes: Vec<(Vec<f64>, f64)>,
}

#[derive(Clone, Debug)]
struct Layer {
    /// One row of weights per output.
    weight: Vec<f64>,
    bias: Vec<f64>,
    inputs: usize,
    activation: Option<Activation>,
}

impl Chain {
    /// A chain that begins with the scaling z = (x − mean) / sd, or z = 0 where sd = 0.
    ///
    /// # Panics
    /// If the two differ in length.
    pub fn new(mean: &[f64], sd: &[f64]) -> Chain {
        assert_eq!(mean.len(), sd.len(), "means and standard deviations");
        Chain {
            mean: mean.to_vec(),
            scale: sd
                .iter()
                .map(|&sd| if sd > 0.0 { 1.0 / sd } else { 0.0 })
                .collect(),
            layers: Vec::new(),
            planes: Vec::new(),
        }
    }

    /// Then an encoder, its last layer linear.
    ///
    /// # Panics
    /// If its layers do not fit each other.
    pub fn encoder(mut self, layers: &[Dense], activation: Activation) -> Chain {
        for (i, dense) in layers.iter().enumerate() {
            assert_eq!(dense.inputs(), self.outputs(), "inputs of layer {i}");
            self.layers.push(Layer {
                weight: dense.weight.iter().map(|&w| f64::from(w)).collect(),
                bias: dense.bias.iter().map(|&b| f64::from(b)).collect(),
                inputs: dense.inputs(),
                activation: Some(activation).filter(|_| i + 1 < layers.len()),
            });
        }
        self
    }

    /// Then principal components.
    ///
    /// # Panics
    /// If they are of another number of columns.
    pub fn pca(mut self, pca: &Pca) -> Chain {
        assert_eq!(pca.mean.len(), self.outputs(), "columns of the components");
        let shift = |row: ndarray::ArrayView1<'_, f64>| -> f64 {
            -row.iter()
                .zip(&pca.mean)
                .map(|(v, mean)| v * mean)
                .sum::<f64>()
        };
        self.layers.push(Layer {
            weight: pca.components.iter().copied().collect(),
            bias: pca.components.rows().into_iter().map(shift).collect(),
            inputs: pca.mean.len(),
            activation: None,
        });
        self
    }

    /// At the end a classifier: weights and bias of each decision value.
    ///
    /// # Panics
    /// If a plane has another number of weights than there are latent dimensions (columns, where nothing reduces them).
    pub fn planes(mut self, planes: &[(Vec<f64>, f64)]) -> Chain {
        for (weight, _) in planes {
            assert_eq!(weight.len(), self.outputs(), "weights of a plane");
        }
        self.planes.extend_from_slice(planes);
        self
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.mean.len()
    }

    /// Number of latent dimensions among the targets; 0 where nothing reduces the columns.
    pub fn latent(&self) -> usize {
        self.layers.last().map_or(0, |layer| layer.bias.len())
    }

    /// Number of targets: latent dimensions first, then planes.
    pub fn targets(&self) -> usize {
        self.latent() + self.planes.len()
    }

    /// Prepares explanations against a reference recording.
    ///
    /// # Panics
    /// If the reference has another number of columns.
    pub fn against(&self, reference: &[f64], rule: Rule) -> Explainer {
        let transposed = self.layers.iter().map(Layer::transposed).collect();
        let mut explainer = Explainer {
            chain: self.clone(),
            transposed,
            rule,
            reference: reference.to_vec(),
            at_reference: Passes::default(),
            at_input: Passes::default(),
            slopes: vec![Vec::new(); self.layers.len()],
            multipliers: Vec::new(),
            previous: Vec::new(),
        };
        explainer
            .at_reference
            .run(self, &explainer.transposed, reference);
        explainer
    }

    /// What comes out of scaler and encoder.
    fn outputs(&self) -> usize {
        self.layers
            .last()
            .map_or(self.columns(), |layer| layer.bias.len())
    }
}

impl Layer {
    /// The weights of one input side by side.
    fn transposed(&self) -> Vec<f64> {
        let outputs = self.bias.len();
        let at = |k: usize| self.weight[k % outputs * self.inputs + k / outputs];
        (0..self.weight.len()).map(at).collect()
    }
}

/// What one recording's targets are made of.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Attribution {
    /// Contributions, target by target: targets × columns.
    pub contributions: Vec<f64>,
    /// Each target for this recording.
    pub value: Vec<f64>,
    /// Δt: each target minus its value for the reference.
    pub delta: Vec<f64>,
    /// What the contributions add up to, minus Δt: at most 1e-5 · max(1, |Δt|), usually some 1e-15.
    pub residual: Vec<f64>,
}

impl Attribution {
    /// The contributions to one target.
    pub fn of(&self, target: usize) -> &[f64] {
        let columns = self.contributions.len() / self.delta.len().max(1);
        &self.contributions[target * columns..][..columns]
    }

    /// The largest |residual| / max(1, |Δt|).
    pub fn incompleteness(&self) -> f64 {
        let relative = |(residual, delta): (&f64, &f64)| residual.abs() / delta.abs().max(1.0);
        self.residual
            .iter()
            .zip(&self.delta)
            .map(relative)
            .fold(0.0, f64::max)
    }
}

/// Explains recordings against one reference.
#[derive(Clone, Debug)]
pub struct Explainer {
    chain: Chain,
    transposed: Vec<Vec<f64>>,
    rule: Rule,
    reference: Vec<f64>,
    at_reference: Passes,
    // Memory, written anew by each call.
    at_input: Passes,
    /// Multipliers of each layer's nonlinearity: for what raises z, then for what lowers it.
    slopes: Vec<Vec<(f64, f64)>>,
    multipliers: Vec<f64>,
    previous: Vec<f64>,
}

/// Pre-activations and activations of every layer.
#[derive(Clone, Debug, Default)]
struct Passes {
    /// The scaled input, then the outputs of each layer.
    activation: Vec<Vec<f64>>,
    before: Vec<Vec<f64>>,
    targets: Vec<f64>,
}

impl Passes {
    fn run(&mut self, chain: &Chain, transposed: &[Vec<f64>], input: &[f64]) {
        assert_eq!(input.len(), chain.columns(), "columns");
        self.activation.resize(chain.layers.len() + 1, Vec::new());
        self.before.resize(chain.layers.len(), Vec::new());
        let scaled = input
            .iter()
            .zip(&chain.mean)
            .zip(&chain.scale)
            .map(|((x, mean), scale)| (x - mean) * scale);
        self.activation[0].clear();
        self.activation[0].extend(scaled);
        for (i, layer) in chain.layers.iter().enumerate() {
            let (done, next) = self.activation.split_at_mut(i + 1);
            let before = &mut self.before[i];
            before.clear();
            before.extend_from_slice(&layer.bias);
            for (&a, weights) in done[i]
                .iter()
                .zip(transposed[i].chunks_exact(layer.bias.len()))
            {
                add_scaled(before, a, weights);
            }
            next[0].clear();
            next[0].extend(
                before
                    .iter()
                    .map(|&z| layer.activation.map_or(z, |f| f.value(z))),
            );
        }
        let last = &self.activation[chain.layers.len()];
        let plane = |(weight, bias): &(Vec<f64>, f64)| {
            bias + weight.iter().zip(last).map(|(w, a)| w * a).sum::<f64>()
        };
        self.targets.clear();
        self.targets
            .extend(last.iter().take(chain.latent()).copied());
        self.targets.extend(chain.planes.iter().map(plane));
    }
}

impl Explainer {
    /// The targets for the reference.
    pub fn reference_targets(&self) -> &[f64] {
        &self.at_reference.targets
    }

    /// Contributions of a recording's columns to every target.
    ///
    /// # Panics
    /// If the recording has another number of columns.
    pub fn attribute(&mut self, input: &[f64], out: &mut Attribution) {
        self.at_input.run(&self.chain, &self.transposed, input);
        for i in 0..self.chain.layers.len() {
            self.measure_slopes(i);
        }
        let (columns, latent) = (self.chain.columns(), self.chain.latent());
        out.contributions.clear();
        out.contributions
            .resize(self.chain.targets() * columns, 0.0);
        for target in 0..latent {
            self.pull_back(target);
            self.contribute(input, &mut out.contributions[target * columns..][..columns]);
        }
        let (latents, planes) = out.contributions.split_at_mut(latent * columns);
        for ((weights, _), to) in self
            .chain
            .planes
            .iter()
            .zip(planes.chunks_exact_mut(columns))
        {
            if latent == 0 {
                self.multipliers.clone_from(weights);
                contribute(
                    &self.multipliers,
                    &self.chain.scale,
                    input,
                    &self.reference,
                    to,
                );
            }
            for (&weight, from) in weights.iter().zip(latents.chunks_exact(columns)) {
                add_scaled(to, weight, from);
            }
        }
        out.value.clone_from(&self.at_input.targets);
        out.delta.clear();
        out.delta.extend(
            out.value
                .iter()
                .zip(&self.at_reference.targets)
                .map(|(t, t0)| t - t0),
        );
        let sums = out
            .contributions
            .chunks_exact(columns.max(1))
            .map(|row| row.iter().sum::<f64>());
        out.residual.clear();
        out.residual
            .extend(sums.zip(&out.delta).map(|(sum, delta)| sum - delta));
    }

    /// The multipliers of layer `i`'s nonlinearity.
    fn measure_slopes(&mut self, i: usize) {
        let layer = &self.chain.layers[i];
        let slopes = &mut self.slopes[i];
        slopes.clear();
        let Some(f) = layer.activation else {
            slopes.resize(layer.bias.len(), (1.0, 1.0));
            return;
        };
        let (from, to) = (&self.at_reference, &self.at_input);
        match self.rule {
            Rule::Rescale => slopes.extend((0..layer.bias.len()).map(|o| {
                let step = to.before[i][o] - from.before[i][o];
                let change = to.activation[i + 1][o] - from.activation[i + 1][o];
                let slope = if step.abs() < SMALL {
                    f.slope(to.before[i][o])
                } else {
                    change / step
                };
                (slope, slope)
            })),
            Rule::RevealCancel => slopes.extend((0..layer.bias.len()).map(|o| {
                let weights = &layer.weight[o * layer.inputs..][..layer.inputs];
                let (mut up, mut down) = (0.0, 0.0);
                for ((w, a), a0) in weights
                    .iter()
                    .zip(&to.activation[i])
                    .zip(&from.activation[i])
                {
                    let moved = w * (a - a0);
                    if moved > 0.0 {
                        up += moved
                    } else {
                        down += moved
                    }
                }
                reveal_cancel(f, from.before[i][o], up, down)
            })),
        }
    }

    /// Multipliers of the scaled columns on a latent dimension.
    fn pull_back(&mut self, target: usize) {
        self.multipliers.clear();
        self.multipliers.resize(self.chain.latent(), 0.0);
        self.multipliers[target] = 1.0;
        for (i, layer) in self.chain.layers.iter().enumerate().rev() {
            self.previous.clear();
            self.previous.resize(layer.inputs, 0.0);
            let rows = layer.weight.chunks_exact(layer.inputs);
            for ((&m, &(up, down)), weights) in
                self.multipliers.iter().zip(&self.slopes[i]).zip(rows)
            {
                if up == down {
                    add_scaled(&mut self.previous, m * up, weights);
                    continue;
                }
                let moved = self.at_input.activation[i]
                    .iter()
                    .zip(&self.at_reference.activation[i]);
                for ((to, &w), (a, a0)) in self.previous.iter_mut().zip(weights).zip(moved) {
                    let moved = w * (a - a0);
                    let slope = if moved > 0.0 {
                        up
                    } else if moved < 0.0 {
                        down
                    } else {
                        0.5 * (up + down)
                    };
                    *to += m * slope * w;
                }
            }
            std::mem::swap(&mut self.multipliers, &mut self.previous);
        }
    }

    fn contribute(&self, input: &[f64], to: &mut [f64]) {
        contribute(
            &self.multipliers,
            &self.chain.scale,
            input,
            &self.reference,
            to,
        );
    }
}

/// m · (x − x₀) / sd of each column.
fn contribute(
    multipliers: &[f64],
    scale: &[f64],
    input: &[f64],
    reference: &[f64],
    to: &mut [f64],
) {
    for (j, to) in to.iter_mut().enumerate() {
        *to = multipliers[j] * scale[j] * (input[j] - reference[j]);
    }
}

/// Multipliers for what raises z and for what lowers it.
fn reveal_cancel(f: Activation, z: f64, up: f64, down: f64) -> (f64, f64) {
    let [at, raised, lowered, both] = [z, z + up, z + down, z + up + down].map(|z| f.value(z));
    let raise = 0.5 * (raised - at) + 0.5 * (both - lowered);
    let lower = 0.5 * (lowered - at) + 0.5 * (both - raised);
    let slope = |change: f64, step: f64, other: f64| {
        if step.abs() < SMALL {
            0.5 * (f.slope(z) + f.slope(z + other))
        } else {
            change / step
        }
    };
    (slope(raise, up, down), slope(lower, down, up))
}

/// to ← to + factor · from.
fn add_scaled(to: &mut [f64], factor: f64, from: &[f64]) {
    widest(
        #[inline(always)]
        || {
            for (to, from) in to.iter_mut().zip(from) {
                *to += factor * from;
            }
        },
    );
}

#[cfg(test)]
mod tests;
