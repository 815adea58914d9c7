//! Training against finite differences, against PyTorch, and at its edges.

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

fn single(x: &Array2<f64>) -> Vec<f32> {
    x.iter().map(|&x| x as f32).collect()
}

const ACTIVATIONS: [Activation; 4] = [
    Activation::Relu,
    Activation::Tanh,
    Activation::Elu,
    Activation::Gelu,
];

#[test]
fn the_recorded_gradient_is_the_slope_of_the_loss() {
    let (input, target) = (single(&table(20)), single(&(table(20) * 0.7)));
    for activation in ACTIVATIONS {
        // By the arithmetic of the fitted network, summed in double precision.
        let loss = |mut encoder: Vec<Dense>| {
            let decoder = encoder.split_off(3);
            let network = Autoencoder {
                configuration: small(activation),
                encoder,
                decoder,
                losses: Vec::new(),
            };
            let apart = network.reconstruct(table(20).view()) - table(20) * 0.7;
            apart.mapv(|d| d * d).mean().unwrap()
        };
        let network = Network::new(&weights(), &small(activation));
        let mut recorded = Recorded::new(activation);
        let values = network.optimiser.values();
        recorded
            .fill(&values, network.linear, &input, &target)
            .unwrap();
        for layer in 0..6 {
            let found = &recorded.by[2 * layer];
            let (outputs, inputs) = weights()[layer].weight.dim();
            for (o, i) in [(0, 0), (outputs - 1, inputs - 1), (outputs / 2, inputs / 2)] {
                let moved = |by: f32| {
                    let mut dense = weights();
                    dense[layer].weight[[o, i]] += by;
                    loss(dense)
                };
                // Single precision, and rows whose unit passes its kink within the step; PyTorch's weights below are the sharp test.
                let slope = (moved(1e-3) - moved(-1e-3)) / 2e-3;
                let found = f64::from(found[i * outputs + o]);
                assert!(
                    (slope - found).abs() < 5e-3 * found.abs().max(1.0),
                    "{activation:?} {layer}: {slope} {found}"
                );
            }
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
    let golden = include_str!("../../../../../../tests/models/autoencoder.json");
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
        let mut network = Network::new(&weights(), &configuration);
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
        let found = network.dense();
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
    let mut network = Network::new(&all, checked.configuration());
    let x = single(&table(50));
    let apart = fitted.reconstruct(table(50).view()) - table(50);
    let found = apart.mapv(|d| d * d).mean().unwrap();
    let expected = f64::from(network.step(&x, &x).unwrap());
    assert!(
        (found - expected).abs() < 1e-5 * expected,
        "{found} {expected}"
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

/// Weights after some steps, by the gradient by hand and by the one that candle records.
#[test]
fn steps_of_rectified_units_are_those_of_the_recorded_gradient_to_the_bit() {
    for (hidden, rows) in [
        (vec![6, 4], 20),
        (vec![], 20),
        (vec![5], 1),
        (vec![6, 4], 64),
        (vec![64, 32], 64),
        (vec![64, 32], 7),
    ] {
        let configuration = Configuration {
            hidden,
            ..small(Activation::Relu)
        };
        let dense = initial(7, &configuration, 5);
        let [mut by_hand, mut recorded] = [0, 1].map(|_| Network::new(&dense, &configuration));
        recorded.slope = Slope::Recorded(Recorded::new(Activation::Relu));
        let target = single(&table(rows));
        for step in 0..30 {
            let input = single(&(table(rows) * (1.0 - 0.01 * f64::from(step))));
            let [found, loss] = [&mut by_hand, &mut recorded]
                .map(|network| network.step(&input, &target).unwrap().to_bits());
            assert_eq!(found, loss, "{step}");
        }
        let bits = |network: &Network| -> Vec<u32> {
            let dense = network.dense();
            let all = dense.iter().flat_map(|d| d.weight.iter().chain(&d.bias));
            all.map(|w| w.to_bits()).collect()
        };
        assert_eq!(bits(&by_hand), bits(&recorded));
    }
}
