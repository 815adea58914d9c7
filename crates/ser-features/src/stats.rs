//! What several descriptors need of a few numbers: the largest, the sum of products, the peak between samples.

use std::iter::Sum;
use std::ops::{AddAssign, Mul};

use crate::lanes::{F32s, LANES};

/// The place of the largest value, the first of equals; 0 where there is none.
#[inline(always)]
pub(crate) fn argmax(values: impl IntoIterator<Item = f32>) -> usize {
    let mut best = (0, f32::NEG_INFINITY);
    for (i, value) in values.into_iter().enumerate() {
        if value > best.1 {
            best = (i, value);
        }
    }
    best.0
}

/// The same, for [`widest`](crate::lanes::widest): eight values are compared at once.
#[inline(always)]
pub(crate) fn largest(values: &[f32]) -> usize {
    let (eights, rest) = values.as_chunks::<LANES>();
    let mut most = F32s::splat(f32::NEG_INFINITY);
    for eight in eights {
        most = most.max(F32s(*eight));
    }
    let larger = |a: f32, &b: &f32| if b > a { b } else { a };
    let most = most.0.iter().chain(rest).fold(f32::NEG_INFINITY, larger);
    if most == f32::NEG_INFINITY {
        return 0;
    }
    values.iter().position(|&v| v == most).unwrap_or(0)
}

/// The sum of products, with eight partial sums that the compiler keeps side by side.
#[inline(always)]
pub(crate) fn dot<T>(x: &[T], y: &[T]) -> T
where
    T: Copy + Default + Mul<Output = T> + AddAssign + Sum,
{
    let (x_blocks, x_rest) = x.as_chunks::<8>();
    let (y_blocks, y_rest) = y.as_chunks::<8>();
    let mut sums = [T::default(); 8];
    for (x, y) in x_blocks.iter().zip(y_blocks) {
        for i in 0..8 {
            sums[i] += x[i] * y[i];
        }
    }
    let rest: T = x_rest.iter().zip(y_rest).map(|(&x, &y)| x * y).sum();
    let mut sum: T = sums.into_iter().sum();
    sum += rest;
    sum
}

/// The peak of the parabola through values at −1, 0 and 1: its place, within half a step of 0, and its height. Where the values do not bend
/// downwards, the middle one.
#[inline(always)]
pub(crate) fn parabola([before, here, after]: [f64; 3]) -> (f64, f64) {
    let bend = before - 2.0 * here + after;
    if bend >= 0.0 {
        return (0.0, here);
    }
    let shift = (0.5 * (before - after) / bend).clamp(-0.5, 0.5);
    (shift, here - 0.25 * (before - after) * shift)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_of_the_largest_is_found_and_nothing_is_at_zero() {
        assert_eq!(argmax([1.0, 3.0, 3.0, f32::NAN]), 1);
        assert_eq!(argmax([]), 0);
        let values = |seed: u32, n: u32| -> Vec<f32> {
            let value = |i: u32| match (seed + i).wrapping_mul(2_654_435_769) >> 28 {
                0 => f32::NAN,
                1 => f32::NEG_INFINITY,
                2 => -0.0,
                k => (k as f32 - 12.0).min(0.0),
            };
            (0..n).map(value).collect()
        };
        for seed in 0..200 {
            for n in [0, 1, 2, 7, 8, 9, 30] {
                let values = values(seed, n);
                assert_eq!(largest(&values), argmax(values.iter().copied()));
            }
        }
    }

    #[test]
    fn products_are_summed_whatever_the_length() {
        for n in [0, 1, 7, 8, 9, 20] {
            let x: Vec<f64> = (0..n).map(f64::from).collect();
            let want: f64 = x.iter().map(|x| x * x).sum();
            assert_eq!(dot(&x, &x), want);
        }
    }

    #[test]
    fn a_peak_between_samples_has_its_place_and_height() {
        let f = |x: f64| 5.0 - 2.0 * (x - 0.3) * (x - 0.3);
        let (at, height) = parabola([f(-1.0), f(0.0), f(1.0)]);
        assert!((at - 0.3).abs() < 1e-12 && (height - 5.0).abs() < 1e-12);
        assert_eq!(parabola([1.0, 0.0, 1.0]), (0.0, 0.0));
    }
}
