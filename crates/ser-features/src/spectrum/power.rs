//! A power of eight numbers with a constant exponent, rounded to `f32` as the exact power is.
//!
//! ```text
//! x^y = 2^t,   t = y·log₂ x,   x = 2^k·m,   log₂ m = 2/ln 2 · artanh s,   s = (m − 1)/(m + 1)
//! ```
//!
//! Both series in `f64`, cut where what is left is below 2⁻⁴⁵ of the result. Where rounding it to `f32` could still go either way, which
//! is once in some ten thousand numbers, the `f64` power of the platform decides, so that every bit is that of the power itself: A. Ziv (1991),
//! "Fast evaluation of elementary mathematical functions with correctly rounded last bit", ACM Trans. Math. Software 17, 410–423.

use crate::lanes::{F32s, F64s, LANES, is_odd};

/// Relative error below which the result is certain, with room to spare: 2⁻⁴².
const DOUBT: f64 = 1.0 / (1_u64 << 42) as f64;
/// Adding this rounds a small number to a whole one, which is then in the low bits.
const ROUNDER: f64 = 1.5 * (1_u64 << 52) as f64;
/// √½ as `f32`: mantissas lie between it and its double.
const ROOT_HALF: u32 = 0x3f35_04f3;

/// Factors of s, s³, … of log₂ m.
const ARTANH: [f64; 9] = {
    let mut factors = [0.0; 9];
    let mut n = 0;
    while n < 9 {
        factors[n] = 2.0 * std::f64::consts::LOG2_E / (2 * n + 1) as f64;
        n += 1;
    }
    factors
};

/// Factors of 1, f, f², … of 2^f: (ln 2)ⁿ/n!
const EXP2: [f64; 12] = {
    let mut factors = [1.0; 12];
    let mut n = 1;
    while n < 12 {
        factors[n] = factors[n - 1] * std::f64::consts::LN_2 / n as f64;
        n += 1;
    }
    factors
};

/// Horner's rule.
#[inline(always)]
fn polynomial<const N: usize>(factors: &[f64; N], x: F64s) -> F64s {
    let mut sum = F64s::splat(factors[N - 1]);
    for &factor in factors[..N - 1].iter().rev() {
        sum = sum * x + F64s::splat(factor);
    }
    sum
}

/// `x^y` of eight numbers, the exponent between −1 and 1.
#[inline(always)]
pub(crate) fn power(x: F32s, y: f64) -> F32s {
    let offsets = x.0.map(|x| x.to_bits().wrapping_sub(ROOT_HALF));
    let mantissa: F32s = F32s(std::array::from_fn(|i| {
        f32::from_bits(x.0[i].to_bits().wrapping_sub(offsets[i] & 0xff80_0000))
    }));
    let exponent = F64s(std::array::from_fn(|i| {
        f64::from((offsets[i] as i32) >> 23)
    }));
    let (m, one) = (mantissa.widen(), F64s::splat(1.0));
    let s = (m - one).zip(m + one, |a, b| a / b);
    let t = y * (exponent + s * polynomial(&ARTANH, s * s));
    let rounded = t + F64s::splat(ROUNDER);
    let fraction = t - (rounded - F64s::splat(ROUNDER));
    let scale = rounded.map(|r| f64::from_bits((r.to_bits() << 52).wrapping_add(1023 << 52)));
    let value = scale * polynomial(&EXP2, fraction);
    let (low, high) = (
        ((1.0 - DOUBT) * value).round(),
        ((1.0 + DOUBT) * value).round(),
    );
    let mut doubtful = 0;
    for i in 0..LANES {
        // Zero, negative, subnormal, infinite or no number: none of our series' business.
        let odd = u32::from(is_odd(x.0[i]));
        doubtful |= odd | (low.0[i].to_bits() ^ high.0[i].to_bits());
    }
    if doubtful == 0 {
        return low;
    }
    x.map(|x| f64::from(x).powf(y) as f32)
}

#[test]
fn the_power_is_that_of_the_platform_to_the_bit() {
    let y = f64::from(0.33_f32);
    let mut bits = 1_u32;
    while bits < 0x7f80_0000 {
        let x = F32s(std::array::from_fn(|i| {
            f32::from_bits((bits + 331 * i as u32).min(0x7f80_0000))
        }));
        let want = x.map(|x| f64::from(x).powf(y) as f32);
        assert_eq!(power(x, y), want, "{x:?}");
        bits += 2003;
    }
    for odd in [0.0, -1.0, f32::INFINITY, 1e-44] {
        let want = f64::from(odd).powf(y) as f32;
        assert_eq!(power(F32s::splat(odd), y).0[3].to_bits(), want.to_bits());
    }
}
