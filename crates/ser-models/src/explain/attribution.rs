//! A model's decisions explained over the recordings that it got right.
//!
//! ```text
//! z ─ representation ─ latent dimensions ─ class planes        targets: each latent dimension, then each class's decision value
//! reference: mean z of the neutral recordings taken for neutral
//! ```
//!
//! Contributions are counted in standardised features, which gives the same numbers as counting in the features themselves (the scaler is linear), and
//! allows rows of corpora with statistics of their own. A model of raw features has no latent dimensions; DeepLIFT of its planes is w · Δz.
//!
//! S. Das, N. N. Lønfeldt, A. K. Pagsberg, L. H. Clemmensen (2021), section 3, "Feature attribution for emotion clustering".

use ndarray::{Array2, Axis};

use super::deeplift::{Attribution, Chain, Rule};
use super::explanation::{Contribution, Distribution, Explanation, Stability};
use super::group::Groups;
use super::sanity::{self, Parts};
use super::stability;
use crate::explain::marginal::{Bandwidth, density, places};
use crate::model::Pipeline;
use crate::model::autoencoder::Activation;
use crate::model::pipeline::Reducer;
use ser_features::feature::{FeatureSet, Level};

/// Points of a violin.
const POINTS: usize = 41;

/// Standardised recordings with the class that each has and was given.
pub struct Explained {
    /// Their numbers in the table.
    pub rows: Vec<usize>,
    /// Their standardised features.
    pub z: Array2<f64>,
    /// Their classes.
    pub classes: Vec<usize>,
}

/// The chain from standardised features to latent dimensions and class planes.
pub fn chain(pipeline: &Pipeline) -> Chain {
    let width = pipeline.columns.len();
    let chain = Chain::new(&vec![0.0; width], &vec![1.0; width]);
    let chain = match &pipeline.reducer {
        Reducer::Raw => chain,
        Reducer::Pca(pca) => chain.pca(pca),
        Reducer::Autoencoder(network) => {
            chain.encoder(&network.encoder, network.configuration.activation)
        }
    };
    chain.planes(&pipeline.classifier.class_planes())
}

/// The names of the targets, latent dimensions first.
pub fn targets(pipeline: &Pipeline, latent: usize) -> Vec<String> {
    let dimensions = (1..=latent).map(|number| format!("dimension {number}"));
    dimensions.chain(pipeline.classes.iter().cloned()).collect()
}

/// The groups of the columns; a column that no set knows is a group of its own.
pub fn groups(columns: &[String]) -> Groups {
    let known = FeatureSet::EGeMapsV02.columns(Level::Functionals);
    let group = |name: &String| {
        known
            .iter()
            .find(|column| column.name == name)
            .map_or(name.clone(), |column| column.group.name().to_string())
    };
    Groups::new(&columns.iter().map(group).collect::<Vec<_>>())
}

/// The mean of the recordings of a class; of all where it has none.
pub fn reference(explained: &Explained, class: Option<usize>) -> Option<Vec<f64>> {
    let of_class: Vec<usize> = (0..explained.rows.len())
        .filter(|&at| Some(explained.classes[at]) == class)
        .collect();
    let chosen = if of_class.is_empty() {
        (0..explained.rows.len()).collect()
    } else {
        of_class
    };
    Some(
        explained
            .z
            .select(Axis(0), &chosen)
            .mean_axis(Axis(0))?
            .to_vec(),
    )
}

/// Explains recordings against a reference. `told` says in words what the reference is.
pub fn explain(
    pipeline: &Pipeline,
    explained: &Explained,
    reference: &[f64],
    told: &str,
    rule: Rule,
) -> Explanation {
    let chain = chain(pipeline);
    let groups = groups(&pipeline.columns);
    let targets = targets(pipeline, chain.latent());
    let mut explainer = chain.against(reference, rule);
    let mut attribution = Attribution::default();
    let mut completeness = 0.0_f64;
    let mut recordings = Vec::with_capacity(explained.rows.len() * targets.len());
    for (&row, z) in explained.rows.iter().zip(explained.z.outer_iter()) {
        explainer.attribute(&z.to_vec(), &mut attribution);
        completeness = completeness.max(attribution.incompleteness());
        for (number, target) in targets.iter().enumerate() {
            recordings.push(Contribution {
                row,
                target: target.clone(),
                contributions: groups.sum(attribution.of(number)),
            });
        }
    }
    let mut distributions = Vec::new();
    for (class, name) in pipeline.classes.iter().enumerate() {
        for (group, group_name) in groups.names().iter().enumerate() {
            for (number, target) in targets.iter().enumerate() {
                let of_class = explained
                    .classes
                    .iter()
                    .enumerate()
                    .filter(|(_, of)| **of == class);
                let values: Vec<f64> = of_class
                    .map(|(at, _)| recordings[at * targets.len() + number].contributions[group])
                    .collect();
                distributions.push(distribution(name, group_name, target, &values));
            }
        }
    }
    Explanation {
        reference: told.into(),
        rule: match rule {
            Rule::Rescale => "rescale".into(),
            Rule::RevealCancel => "reveal-cancel".into(),
        },
        latent_targets: chain.latent(),
        targets,
        completeness,
        groups: groups.names().to_vec(),
        distributions,
        stability: Vec::new(),
        recordings,
    }
}

fn distribution(class: &str, group: &str, target: &str, values: &[f64]) -> Distribution {
    let of = super::summary::Distribution::of(values);
    let (low, high) = values
        .iter()
        .fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| {
            (low.min(*x), high.max(*x))
        });
    let heights = density(values, &places(low, high, POINTS), Bandwidth::default());
    let density = heights.map_or(Vec::new(), |found| {
        found
            .places
            .into_iter()
            .zip(found.density)
            .map(|(x, y)| [x, y])
            .collect()
    });
    Distribution {
        class: class.into(),
        group: group.into(),
        target: target.into(),
        n: values.len(),
        mean: of.as_ref().map_or(0.0, |of| of.mean),
        mean_abs: values.iter().map(|x| x.abs()).sum::<f64>() / values.len().max(1) as f64,
        quantiles: of.map_or([0.0; 5], |of| {
            [
                of.quantiles[1],
                of.quantiles[2],
                of.quantiles[3],
                of.quantiles[4],
                of.quantiles[5],
            ]
        }),
        density,
    }
}

/// What explanations are compared by: each group's mean contribution to a class's decision value over the class's recordings, class after class.
///
/// Decision values mean the same in every model; latent dimensions may be swapped or mirrored in another.
pub fn pattern(explanation: &Explanation, classes: &[String]) -> Vec<f64> {
    let mut pattern = Vec::new();
    for class in classes {
        let own = explanation
            .distributions
            .iter()
            .filter(|d| d.class == *class && d.target == *class);
        pattern.extend(own.map(|d| d.mean));
    }
    pattern
}

/// The agreement of patterns, as part of an explanation; none of fewer than two.
pub fn agreement(kind: &str, patterns: &[Vec<f64>]) -> Option<Stability> {
    let found = stability::stability(patterns)?;
    Some(Stability {
        kind: kind.into(),
        spearman: found.mean,
        lowest: found.lowest,
        runs: patterns.len(),
    })
}

/// How alike explanations are when the model's weights are drawn at random, from the planes backwards: they should lose the pattern
/// (J. Adebayo et al. 2018, "Sanity checks for saliency maps", NeurIPS).
pub fn random_weights(
    pipeline: &Pipeline,
    explained: &Explained,
    reference: &[f64],
    rule: Rule,
    seed: u64,
) -> Vec<sanity::Stage> {
    let width = pipeline.columns.len();
    let (mean, sd) = (vec![0.0; width], vec![1.0; width]);
    let (encoder, activation) = match &pipeline.reducer {
        Reducer::Autoencoder(network) => {
            (network.encoder.as_slice(), network.configuration.activation)
        }
        // Without layers, or with those of PCA, only the planes are drawn.
        Reducer::Raw | Reducer::Pca(_) => (&[][..], Activation::default()),
    };
    let planes = match &pipeline.reducer {
        Reducer::Pca(pca) => through(pca, &pipeline.classifier.class_planes()),
        Reducer::Raw | Reducer::Autoencoder(_) => pipeline.classifier.class_planes(),
    };
    let rows: Vec<Vec<f64>> = explained.z.outer_iter().map(|z| z.to_vec()).collect();
    let rows: Vec<&[f64]> = rows.iter().map(Vec::as_slice).collect();
    let parts = Parts {
        mean: &mean,
        sd: &sd,
        encoder,
        activation,
        planes: &planes,
    };
    sanity::cascade(parts, &rows, reference, rule, seed)
}

/// Planes on principal components as planes on the features.
fn through(pca: &crate::model::pca::Pca, planes: &[(Vec<f64>, f64)]) -> Vec<(Vec<f64>, f64)> {
    let on_features = |(weight, bias): &(Vec<f64>, f64)| {
        let mut sum = vec![0.0; pca.mean.len()];
        for (w, component) in weight.iter().zip(pca.components.outer_iter()) {
            sum.iter_mut()
                .zip(component)
                .for_each(|(sum, v)| *sum += w * v);
        }
        let shift: f64 = sum.iter().zip(&pca.mean).map(|(w, mean)| w * mean).sum();
        (sum, bias - shift)
    };
    planes.iter().map(on_features).collect()
}
