//! Contributions against Captum's, completeness, and chains whose answer is known.

use super::*;
use ndarray::{Array1, Array2, array};

fn wave(count: usize, step: f64, phase: f64, size: f64) -> Vec<f64> {
    (0..count)
        .map(|k| (step * k as f64 + phase).sin() * size)
        .collect()
}

fn dense(number: usize, inputs: usize, outputs: usize) -> Dense {
    let weight = wave(
        inputs * outputs,
        1.3,
        1.0 + 7.7 * number as f64,
        (6.0 / inputs as f64).sqrt(),
    );
    let single = |values: Vec<f64>| values.into_iter().map(|w| w as f32).collect::<Vec<f32>>();
    Dense {
        weight: Array2::from_shape_vec((outputs, inputs), single(weight)).unwrap(),
        bias: Array1::from_vec(single(wave(outputs, 0.7, number as f64, 0.3))),
    }
}

fn layers(sizes: &[usize]) -> Vec<Dense> {
    sizes
        .windows(2)
        .enumerate()
        .map(|(i, pair)| dense(i, pair[0], pair[1]))
        .collect()
}

fn planes(number: usize, inputs: usize) -> Vec<(Vec<f64>, f64)> {
    let weights = wave(number * inputs, 2.1, 0.5, 1.0);
    weights
        .chunks(inputs)
        .map(<[f64]>::to_vec)
        .zip(wave(number, 1.0, 1.0, 1.0))
        .collect()
}

fn scaled(columns: usize) -> Chain {
    let sd: Vec<f64> = wave(columns, 0.4, 0.0, 1.0)
        .iter()
        .map(|s| 1.5 + s)
        .collect();
    Chain::new(&wave(columns, 0.9, 0.0, 2.0), &sd)
}

fn chain(sizes: &[usize], activation: Activation, number: usize) -> Chain {
    let latent = sizes[sizes.len() - 1];
    scaled(sizes[0])
        .encoder(&layers(sizes), activation)
        .planes(&planes(number, latent))
}

fn recordings(number: usize, columns: usize) -> Vec<Vec<f64>> {
    wave(number * columns, 0.61, 0.2, 3.0)
        .chunks(columns)
        .map(<[f64]>::to_vec)
        .collect()
}

fn reference(columns: usize) -> Vec<f64> {
    wave(columns, 0.17, 0.0, 1.0)
}

const ALL: [Activation; 4] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Elu,
    Activation::Gelu,
];

#[test]
fn contributions_are_those_of_captum() {
    // tests/models/deeplift.py, Captum 0.9.0 in double precision, written to 9 digits.
    let golden: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../tests/models/deeplift.json")).unwrap();
    let small: &[usize] = &[7, 6, 4, 2];
    let chains = [
        ("relu", chain(small, Activation::Relu, 3), 4),
        ("tanh", chain(small, Activation::Tanh, 3), 4),
        ("elu", chain(small, Activation::Elu, 3), 4),
        ("paper", chain(&[88, 64, 32, 2], Activation::Relu, 4), 3),
    ];
    let mut out = Attribution::default();
    for (name, chain, number) in chains {
        let mut explainer = chain.against(&reference(chain.columns()), Rule::Rescale);
        let mut found = Vec::new();
        for recording in recordings(number, chain.columns()) {
            explainer.attribute(&recording, &mut out);
            found.extend_from_slice(&out.contributions);
        }
        let expected: Vec<f64> = serde_json::from_value(golden[name].clone()).unwrap();
        assert_eq!(found.len(), expected.len());
        for (a, b) in found.iter().zip(&expected) {
            assert!((a - b).abs() < 2e-9, "{name}: {a} {b}");
        }
    }
}

#[test]
fn contributions_add_up_to_the_change_of_every_target() {
    let mut out = Attribution::default();
    for activation in ALL {
        let chain = chain(&[88, 64, 32, 2], activation, 4);
        for rule in [Rule::Rescale, Rule::RevealCancel] {
            let mut explainer = chain.against(&reference(88), rule);
            for recording in recordings(20, 88) {
                explainer.attribute(&recording, &mut out);
                assert!(
                    out.incompleteness() < 1e-12,
                    "{activation:?} {rule:?} {:?}",
                    out.residual
                );
                assert!(out.delta.iter().all(|delta| delta.abs() > 1e-3));
            }
        }
    }
}

#[test]
fn without_an_encoder_a_contribution_is_weight_times_distance_in_standard_deviations() {
    let chain =
        Chain::new(&[1.0, 2.0, 9.0], &[2.0, 4.0, 0.0]).planes(&[(vec![3.0, -1.0, 5.0], 0.5)]);
    assert_eq!((chain.latent(), chain.targets()), (0, 1));
    let mut out = Attribution::default();
    chain
        .against(&[1.0, 2.0, 0.0], Rule::Rescale)
        .attribute(&[5.0, -2.0, 7.0], &mut out);
    // The third column is constant: it moves nothing.
    assert_eq!(out.of(0), [6.0, 1.0, 0.0]);
    assert_eq!(
        (out.value[0], out.delta[0], out.residual[0]),
        (7.5, 7.0, 0.0)
    );
}

#[test]
fn principal_components_contribute_by_their_entries() {
    let x = Array2::from_shape_fn((9, 3), |(i, j)| ((i * (j + 2)) as f64).sin());
    let pca = Pca::fit(x.view(), 2).unwrap();
    let chain = Chain::new(&[0.0; 3], &[1.0; 3])
        .pca(&pca)
        .planes(&[(vec![2.0, 1.0], 0.0)]);
    let mut out = Attribution::default();
    chain
        .against(&[0.0; 3], Rule::Rescale)
        .attribute(&[1.0, -2.0, 3.0], &mut out);
    let coordinates = pca.transform(array![[1.0, -2.0, 3.0]].view());
    for k in 0..2 {
        assert!((out.value[k] - coordinates[[0, k]]).abs() < 1e-14);
        let expected = pca.components.row(k).to_vec();
        for ((found, v), x) in out.of(k).iter().zip(expected).zip([1.0, -2.0, 3.0]) {
            assert!((found - v * x).abs() < 1e-14);
        }
    }
    assert!(out.incompleteness() < 1e-14);
}

#[test]
fn the_chain_computes_what_the_network_computes() {
    let chain = chain(&[7, 6, 4, 2], Activation::Tanh, 1);
    let network = crate::model::autoencoder::Autoencoder {
        configuration: crate::model::autoencoder::Configuration {
            activation: Activation::Tanh,
            ..Default::default()
        },
        encoder: layers(&[7, 6, 4, 2]),
        decoder: Vec::new(),
        losses: Vec::new(),
    };
    let recording = &recordings(1, 7)[0];
    let z: Vec<f64> = (0..7)
        .map(|j| (recording[j] - chain.mean[j]) * chain.scale[j])
        .collect();
    let latent = network.encode(Array2::from_shape_vec((1, 7), z).unwrap().view());
    let mut out = Attribution::default();
    chain
        .against(&reference(7), Rule::Rescale)
        .attribute(recording, &mut out);
    for k in 0..2 {
        // The network is single precision.
        assert!((out.value[k] - latent[[0, k]]).abs() < 1e-5);
    }
}

#[test]
fn a_unit_that_did_not_move_passes_its_derivative_on() {
    // Its two inputs cancel: Δz = 0 at z = 2, where the slope is 1; and at z = -2, where it is 0.
    for (bias, expected) in [(2.0, [3.0, -3.0]), (-2.0, [0.0, 0.0])] {
        let layers = [
            Dense {
                weight: array![[1.0, 1.0]],
                bias: array![bias],
            },
            Dense {
                weight: array![[1.0]],
                bias: array![0.0],
            },
        ];
        let chain = Chain::new(&[0.0; 2], &[1.0; 2]).encoder(&layers, Activation::Relu);
        let mut out = Attribution::default();
        chain
            .against(&[0.0; 2], Rule::Rescale)
            .attribute(&[3.0, -3.0], &mut out);
        assert_eq!(out.of(0), expected);
    }
}

#[test]
fn reveal_cancel_shares_a_minimum_between_its_arguments() {
    // min(a, b) = a - relu(a - b), section 3.5.3 of the paper: each gets half; the rescale rule gives all to one.
    let layers = [
        Dense {
            weight: array![[1.0, 0.0], [1.0, -1.0]],
            bias: array![0.0, 0.0],
        },
        Dense {
            weight: array![[1.0, -1.0]],
            bias: array![0.0],
        },
    ];
    let chain = Chain::new(&[0.0; 2], &[1.0; 2]).encoder(&layers, Activation::Relu);
    let attribute = |rule| {
        let mut out = Attribution::default();
        chain
            .against(&[0.0; 2], rule)
            .attribute(&[3.0, 1.0], &mut out);
        out.contributions
    };
    for half in attribute(Rule::RevealCancel) {
        assert!((half - 0.5).abs() < 1e-15);
    }
    assert_eq!(attribute(Rule::Rescale), [0.0, 1.0]);
}

#[test]
fn the_reference_itself_is_explained_by_nothing() {
    for rule in [Rule::Rescale, Rule::RevealCancel] {
        let mut explainer = chain(&[7, 6, 4, 2], Activation::Relu, 3).against(&reference(7), rule);
        let mut out = Attribution::default();
        explainer.attribute(&reference(7), &mut out);
        assert!(
            out.contributions
                .iter()
                .chain(&out.delta)
                .all(|&c| c == 0.0)
        );
    }
}

#[test]
fn what_was_explained_before_leaves_no_trace() {
    let mut explainer =
        chain(&[7, 6, 4, 2], Activation::Elu, 3).against(&reference(7), Rule::RevealCancel);
    let rows = recordings(3, 7);
    let mut fresh = Attribution::default();
    explainer.clone().attribute(&rows[2], &mut fresh);
    let mut out = Attribution::default();
    rows.iter()
        .for_each(|row| explainer.attribute(row, &mut out));
    assert_eq!(out, fresh);
}
