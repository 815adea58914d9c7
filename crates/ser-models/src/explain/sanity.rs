//! Do explanations show what the model has learned? With randomised weights their pattern must be lost.
//!
//! From the result backwards, one layer after the other is drawn anew as before training (He-uniform, biases 0; a plane: uniform, as long as it was) and
//! stays so. At every stage the recordings are explained again, and their contributions are compared with the original ones: Spearman's rank
//! correlation over columns, once with signs and once of magnitudes, the mean over recordings and targets. A method that still correlates highly at the end
//! shows the data and not the model: |x − x₀| is in every contribution, so magnitudes stay somewhat alike.
//!
//! J. Adebayo et al. (2018), "Sanity checks for saliency maps", NeurIPS.

use serde::{Deserialize, Serialize};

use super::deeplift::{Attribution, Chain, Rule};
use super::stability::rank_correlation;
use crate::model::autoencoder::{Activation, Dense};
use crate::model::random::Random;

/// What is to be checked: the parts of a [`Chain`].
#[derive(Clone, Copy, Debug)]
pub struct Parts<'a> {
    /// Mean of each column.
    pub mean: &'a [f64],
    /// Standard deviation of each column.
    pub sd: &'a [f64],
    /// Layers of the encoder; none where the planes stand on the columns.
    pub encoder: &'a [Dense],
    /// Its activation.
    pub activation: Activation,
    /// Weights and bias of each decision value.
    pub planes: &'a [(Vec<f64>, f64)],
}

/// How alike explanations still are when so much is random.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stage {
    /// What became random at this stage: `planes`, then `layer 3`, `layer 2`, `layer 1`.
    pub randomised: String,
    /// Mean rank correlation with the original contributions.
    pub signed: f64,
    /// Mean rank correlation of their magnitudes.
    pub magnitude: f64,
}

/// Randomises from the result backwards and compares. The targets are the planes; the latent dimensions where there are none.
///
/// A correlation is 0 where a stage's contributions are all equal. No stage is without a recording.
///
/// # Panics
/// If the parts do not fit each other, or a recording has another number of columns.
pub fn cascade(
    parts: Parts<'_>,
    recordings: &[&[f64]],
    reference: &[f64],
    rule: Rule,
    seed: u64,
) -> Vec<Stage> {
    if recordings.is_empty() {
        return Vec::new();
    }
    let mut random = Random::new(seed, "sanity");
    let original = explain(parts, recordings, reference, rule);
    let (mut encoder, mut planes) = (parts.encoder.to_vec(), parts.planes.to_vec());
    let mut stages = Vec::new();
    for layer in (0..=encoder.len()).rev() {
        if layer == encoder.len() {
            if planes.is_empty() {
                continue;
            }
            planes.iter_mut().for_each(|(weight, bias)| {
                redraw(weight, &mut random);
                *bias = 0.0;
            });
        } else {
            encoder[layer] = Dense::random(
                encoder[layer].inputs(),
                encoder[layer].outputs(),
                &mut random,
            );
        }
        let parts = Parts {
            encoder: &encoder,
            planes: &planes,
            ..parts
        };
        let found = explain(parts, recordings, reference, rule);
        let magnitudes = |rows: &[Vec<f64>]| -> Vec<Vec<f64>> {
            rows.iter()
                .map(|row| row.iter().map(|c| c.abs()).collect())
                .collect()
        };
        stages.push(Stage {
            randomised: match layer {
                _ if layer == parts.encoder.len() => "planes".to_string(),
                _ => format!("layer {}", layer + 1),
            },
            signed: agreement(&original, &found),
            magnitude: agreement(&magnitudes(&original), &magnitudes(&found)),
        });
    }
    stages
}

/// Contributions, one row per recording and target.
fn explain(
    parts: Parts<'_>,
    recordings: &[&[f64]],
    reference: &[f64],
    rule: Rule,
) -> Vec<Vec<f64>> {
    let chain = Chain::new(parts.mean, parts.sd)
        .encoder(parts.encoder, parts.activation)
        .planes(parts.planes);
    let first = if parts.planes.is_empty() {
        0
    } else {
        chain.latent()
    };
    let mut explainer = chain.against(reference, rule);
    let mut out = Attribution::default();
    let mut rows = Vec::with_capacity(recordings.len() * (chain.targets() - first));
    for recording in recordings {
        explainer.attribute(recording, &mut out);
        rows.extend((first..chain.targets()).map(|target| out.of(target).to_vec()));
    }
    rows
}

/// Other numbers of the same length as a vector.
fn redraw(weight: &mut [f64], random: &mut Random) {
    let length = |weight: &[f64]| weight.iter().map(|w| w * w).sum::<f64>().sqrt();
    let before = length(weight);
    weight.iter_mut().for_each(|w| *w = random.within(1.0));
    let scale = before / length(weight).max(f64::MIN_POSITIVE);
    weight.iter_mut().for_each(|w| *w *= scale);
}

fn agreement(original: &[Vec<f64>], found: &[Vec<f64>]) -> f64 {
    let pairs = original.iter().zip(found);
    let sum: f64 = pairs
        .map(|(a, b)| rank_correlation(a, b).unwrap_or(0.0))
        .sum();
    sum / original.len().max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::autoencoder::Configuration;
    use ndarray::Array2;

    #[test]
    fn the_pattern_of_a_trained_encoder_is_lost_when_its_weights_are_random() {
        // 40 columns follow two hidden causes, each column with its own weights.
        let mut random = Random::new(4, "sanity test");
        let causes = Array2::from_shape_simple_fn((300, 2), || random.normal());
        let weights = Array2::from_shape_simple_fn((2, 40), || random.normal());
        let x = causes.dot(&weights);
        let configuration = Configuration {
            hidden: vec![16],
            epochs: 30,
            ..Configuration::default()
        };
        let fitted = configuration
            .check()
            .unwrap()
            .fit(x.view(), 1, &mut |_| ())
            .unwrap();
        let (mean, sd, reference) = ([0.0; 40], [1.0; 40], [0.0; 40]);
        let planes = [(vec![1.0, 0.5], 0.0), (vec![-1.0, 2.0], 0.3)];
        let parts = Parts {
            mean: &mean,
            sd: &sd,
            encoder: &fitted.encoder,
            activation: Activation::Relu,
            planes: &planes,
        };
        let rows: Vec<Vec<f64>> = x
            .rows()
            .into_iter()
            .take(50)
            .map(|row| row.to_vec())
            .collect();
        let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
        let stages = cascade(parts, &rows, &reference, Rule::Rescale, 1);
        let names: Vec<&str> = stages
            .iter()
            .map(|stage| stage.randomised.as_str())
            .collect();
        assert_eq!(names, ["planes", "layer 2", "layer 1"]);
        assert!(stages[2].signed.abs() < 0.3, "{stages:?}");
        assert!(stages[2].magnitude < 0.9, "{stages:?}");
        assert_eq!(stages, cascade(parts, &rows, &reference, Rule::Rescale, 1));
        assert!(cascade(parts, &[], &reference, Rule::Rescale, 1).is_empty());
        // The comparison can be passed: nothing randomised is nothing lost.
        let same = explain(parts, &rows, &reference, Rule::Rescale);
        assert!(agreement(&same, &same) > 1.0 - 1e-12);
    }

    #[test]
    fn a_plane_keeps_its_length_and_loses_its_direction() {
        let mut weight = vec![3.0, 4.0];
        redraw(&mut weight, &mut Random::new(1, "plane"));
        assert!((weight[0].hypot(weight[1]) - 5.0).abs() < 1e-12 && weight[0] != 3.0);
    }
}
