//! The lag at which a waveform is most like itself.
//!
//! ```text
//! r_τ = Σ_n x[n]·x[n + τ] / √(Σ_n x[n]² · Σ_n x[n + τ]²)     n = 0 … L − 1, lags τ one after the other
//! ```
//!
//! Eight lags stand side by side. The sums of products have eight parts, of the samples n that are equal modulo 8 and belong to a whole block of eight, and one of the rest:
//! with a lag in each place of a vector the parts of a lag are added where they stand.

use crate::lanes::{F32s, LANES, widest};
use crate::stats::{largest, parabola};

/// Lags whose likeness is worked out together.
const BLOCK: usize = 16;

/// The lag, between samples, at which `length` samples are most like the first ones, and their correlation, 0 at the first and the last lag; `low` is the second
/// lag, the last follows from the number of `samples`. `scratch` then holds the correlation at each lag.
pub(super) fn likeliest(
    samples: &[f32],
    length: usize,
    low: usize,
    scratch: &mut Vec<f32>,
) -> (f64, f32) {
    let here = &samples[..length];
    let there = &samples[low - 1..];
    scratch.clear();
    scratch.resize(there.len() - length + 1, 0.0);
    let i = widest(
        #[inline(always)]
        || {
            products(here, there, scratch);
            relate(here, there, scratch);
            largest(scratch)
        },
    );
    let likeness = scratch[i];
    let lag = (low - 1 + i) as f64;
    if i == 0 || i + 1 == scratch.len() {
        return (lag, 0.0);
    }
    let (shift, _) = parabola([i - 1, i, i + 1].map(|i| f64::from(scratch[i])));
    (lag + shift, likeness)
}

/// Divides the sums of products at every lag by the root of the energies.
#[inline(always)]
fn relate(here: &[f32], there: &[f32], products: &mut [f32]) {
    let length = here.len();
    // Two sums side by side: each waits for its own last addition.
    let (mut own, mut energy) = (0.0_f32, 0.0_f32);
    for (x, y) in here.iter().zip(there) {
        own += x * x;
        energy += y * y;
    }
    let root = own.sqrt();
    for (block, products) in products.chunks_mut(BLOCK).enumerate() {
        let (leaving, entering) = (&there[BLOCK * block..], &there[BLOCK * block + length..]);
        let mut changes = [0.0; BLOCK];
        for (change, (x, y)) in changes.iter_mut().zip(entering.iter().zip(leaving)) {
            *change = x * x - y * y;
        }
        let energies = changes.map(|change| {
            let here = energy;
            energy += change;
            here
        });
        for (likeness, energy) in products.iter_mut().zip(energies) {
            let relative = *likeness / (energy.sqrt() * root);
            *likeness = if energy > 0.0 && own > 0.0 {
                relative
            } else {
                0.0
            };
        }
    }
}

/// Σ here·there at every lag.
#[inline(always)]
fn products(here: &[f32], there: &[f32], sums: &mut [f32]) {
    let Some(last) = sums.len().checked_sub(LANES) else {
        for (lag, sum) in sums.iter_mut().enumerate() {
            *sum = product(here, &there[lag..]);
        }
        return;
    };
    // The last eight lags overlap those before.
    for lag in (0..last).step_by(LANES).chain(std::iter::once(last)) {
        sums[lag..][..LANES].copy_from_slice(&eight_products(here, &there[lag..]).0);
    }
}

/// The sums at eight lags.
#[inline(always)]
fn eight_products(here: &[f32], there: &[f32]) -> F32s {
    let there = &there[..here.len() + LANES - 1];
    let mut parts = [F32s::default(); LANES];
    let (blocks, rest) = here.as_chunks::<LANES>();
    for (x, window) in blocks
        .iter()
        .zip(there.windows(2 * LANES - 1).step_by(LANES))
    {
        for (part, (&x, parts)) in x.iter().zip(&mut parts).enumerate() {
            *parts += x * at(window, part);
        }
    }
    let [mut sum, others @ ..] = parts;
    for parts in others {
        sum += parts;
    }
    let mut of_rest = F32s::default();
    for (i, &x) in rest.iter().enumerate() {
        of_rest += x * at(there, LANES * blocks.len() + i);
    }
    sum + of_rest
}

/// Eight samples from sample `i` on.
#[inline(always)]
fn at(samples: &[f32], i: usize) -> F32s {
    let mut eight = F32s::default();
    eight.0.copy_from_slice(&samples[i..i + LANES]);
    eight
}

/// The sum at one lag.
fn product(here: &[f32], there: &[f32]) -> f32 {
    let (blocks, rest) = here.as_chunks::<LANES>();
    let mut parts = [0.0_f32; LANES];
    for (x, y) in blocks.iter().zip(there.as_chunks::<LANES>().0) {
        for ((part, x), y) in parts.iter_mut().zip(x).zip(y) {
            *part += x * y;
        }
    }
    let [mut sum, others @ ..] = parts;
    for part in others {
        sum += part;
    }
    let mut of_rest = 0.0;
    for (x, y) in rest.iter().zip(&there[LANES * blocks.len()..]) {
        of_rest += x * y;
    }
    sum + of_rest
}

#[test]
fn eight_lags_have_the_bits_of_one() {
    let x: Vec<f32> = (0..200).map(|n| (n as f32 * 0.7).sin() * 0.3).collect();
    for length in [1, 7, 8, 19, 40, 64] {
        for lags in [1, 7, 8, 9, 31] {
            let (here, there) = (&x[..length], &x[60..60 + length + lags - 1]);
            let mut sums = vec![9.0; lags];
            widest(|| products(here, there, &mut sums));
            for (lag, sum) in sums.iter().enumerate() {
                let want = product(here, &there[lag..]);
                assert_eq!(sum.to_bits(), want.to_bits(), "{length} {lags} {lag}");
            }
        }
    }
}

#[test]
fn the_period_of_a_sine_is_found_between_samples() {
    let x: Vec<f32> = (0..300)
        .map(|n| (n as f32 * std::f32::consts::TAU / 50.3).sin())
        .collect();
    let (lag, likeness) = likeliest(&x[..114], 50, 40, &mut Vec::new());
    assert!((lag - 50.3).abs() < 0.01, "{lag}");
    assert!(likeness > 0.999);
}

#[test]
fn likenesses_are_those_of_the_definition() {
    let x: Vec<f32> = (0..200)
        .map(|n| (n as f32 * 0.31).sin() * (n as f32 * 0.07).cos())
        .collect();
    let (length, low) = (61, 50);
    let mut found = Vec::new();
    likeliest(&x, length, low, &mut found);
    assert_eq!(found.len(), x.len() - (low - 1) - length + 1);
    for (i, found) in found.iter().enumerate() {
        let (here, there) = (&x[..length], &x[low - 1 + i..][..length]);
        let dot =
            |a: &[f32], b: &[f32]| -> f64 { a.iter().zip(b).map(|(a, b)| f64::from(a * b)).sum() };
        let want = dot(here, there) / (dot(here, here) * dot(there, there)).sqrt();
        assert!(
            (f64::from(*found) - want).abs() < 1e-5,
            "{i}: {found} {want}"
        );
    }
}
