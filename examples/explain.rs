//! Explains recordings and prints how long it took: `explain RECORDINGS`.
use std::time::Instant;

use ndarray::Array2;
use ser::explain::deeplift::{Attribution, Chain, Rule};
use ser::model::autoencoder::Configuration;
use ser::model::random::Random;

fn main() {
    let number: usize = std::env::args()
        .nth(1)
        .and_then(|text| text.parse().ok())
        .expect("explain RECORDINGS");
    let mut random = Random::new(1, "bench");
    let x = Array2::from_shape_simple_fn((number, 88), || random.normal());
    let checked = Configuration {
        epochs: 1,
        ..Configuration::default()
    }
    .check()
    .expect("default sizes");
    let fitted = checked
        .fit(x.view(), 1, &mut |_| ())
        .expect("a normal table");
    let planes: Vec<(Vec<f64>, f64)> = (0..4)
        .map(|_| (vec![random.normal(), random.normal()], 0.0))
        .collect();
    let chain = Chain::new(&[0.0; 88], &[1.0; 88])
        .encoder(&fitted.encoder, fitted.configuration.activation)
        .planes(&planes);
    for rule in [Rule::Rescale, Rule::RevealCancel] {
        let start = Instant::now();
        let mut explainer = chain.against(&[0.1; 88], rule);
        let mut out = Attribution::default();
        let mut worst = 0.0_f64;
        for row in x.rows() {
            explainer.attribute(row.as_slice().expect("standard layout"), &mut out);
            worst = worst.max(out.incompleteness());
        }
        println!(
            "{rule:?} {:.3} s, incompleteness {worst:.1e}",
            start.elapsed().as_secs_f64()
        );
    }
}
