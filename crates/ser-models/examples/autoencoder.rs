//! Fits autoencoders and prints how long it took: `autoencoder ROWS NOISE FITS`, the fits side by side on a thread each.
//!
//! `benches/autoencoder.py` runs it in turns with PyTorch.

use std::time::Instant;

use ndarray::Array2;
use ser_models::model::autoencoder::Configuration;
use ser_models::model::random::Random;

fn main() {
    let argument = |i: usize| {
        std::env::args()
            .nth(i)
            .and_then(|text| text.parse::<f64>().ok())
    };
    let (Some(rows), Some(noise), Some(fits)) = (argument(1), argument(2), argument(3)) else {
        panic!("autoencoder ROWS NOISE FITS");
    };
    let mut random = Random::new(1, "bench");
    let x = Array2::from_shape_simple_fn((rows as usize, 88), || random.normal());
    let checked = Configuration {
        noise,
        ..Configuration::default()
    }
    .check()
    .expect("default sizes");
    let start = Instant::now();
    std::thread::scope(|scope| {
        for seed in 0..fits as u64 {
            let (checked, x) = (&checked, x.view());
            scope.spawn(move || checked.fit(x, seed, &mut |_| ()).expect("a normal table"));
        }
    });
    println!("{:.6}", start.elapsed().as_secs_f64());
}
