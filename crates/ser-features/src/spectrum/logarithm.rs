//! Logarithms in single precision with the same bits on every machine: those of the GNU C library.
//!
//! The reference calls `logf` and `log10f` of the machine it runs on, x86-64 GNU/Linux as a rule. `logf` differs from correct
//! rounding in 0.05 % of the values and `log10f` in 5 %, by one unit in the last place. Calling the platform's own
//! functions would give other bits on macOS, Windows or musl; so both are here.
//!
//! [`ln`] is the table method of ARM's optimized-routines, which the GNU C library and musl use (Szabolcs Nagy, copyright
//! Arm Limited, SPDX MIT OR Apache-2.0 WITH LLVM-exception): with x = 2ᵏ·z, c near the centre of z's sixteenth,
//!
//! ```text
//! ln x = k·ln 2 + ln c + ln(1 + r),   r = z/c − 1,   ln(1 + r) ≈ r + A₂r² + A₁r³ + A₀r⁴     (f64, rounded once)
//! ```
//!
//! [`log10`] is that of fdlibm (Sun Microsystems 1993, "freely granted, provided that this notice is preserved"):
//! `log10 x = k·log10 2 + (1/ln 10)·ln z`, each step rounded to `f32`, ln 2 split in a high and a low part.

use crate::lanes::{F32s, F64s, is_odd};

/// 1/c and ln c of the sixteen intervals, as bits of `f64`.
const INTERVALS: [(u64, u64); 16] = [
    (0x3ff661ec79f8f3be, 0xbfd57bf7808caade),
    (0x3ff571ed4aaf883d, 0xbfd2bef0a7c06ddb),
    (0x3ff49539f0f010b0, 0xbfd01eae7f513a67),
    (0x3ff3c995b0b80385, 0xbfcb31d8a68224e9),
    (0x3ff30d190c8864a5, 0xbfc6574f0ac07758),
    (0x3ff25e227b0b8ea0, 0xbfc1aa2bc79c8100),
    (0x3ff1bb4a4a1a343f, 0xbfba4e76ce8c0e5e),
    (0x3ff12358f08ae5ba, 0xbfb1973c5a611ccc),
    (0x3ff0953f419900a7, 0xbfa252f438e10c1e),
    (0x3ff0000000000000, 0x0000000000000000),
    (0x3fee608cfd9a47ac, 0x3faaa5aa5df25984),
    (0x3feca4b31f026aa0, 0x3fbc5e53aa362eb4),
    (0x3feb2036576afce6, 0x3fc526e57720db08),
    (0x3fe9c2d163a1aa2d, 0x3fcbc2860d224770),
    (0x3fe886e6037841ed, 0x3fd1058bc8a07ee1),
    (0x3fe767dcf5534862, 0x3fd4043057b6ee09),
];
const A0: f64 = f64::from_bits(0xbfd00ea348b88334);
const A1: f64 = f64::from_bits(0x3fd5575b0be00b6a);
const A2: f64 = f64::from_bits(0xbfdffffef20a4123);

/// The natural logarithm. Zero gives −∞, a negative number NaN.
pub(crate) fn ln(x: f32) -> f32 {
    let mut bits = x.to_bits();
    if is_odd(x) {
        if x == 0.0 {
            return f32::NEG_INFINITY;
        }
        if x.is_nan() || x < 0.0 {
            return f32::NAN;
        }
        if x == f32::INFINITY {
            return x;
        }
        // Subnormal: scaled by 2²³ into the normal range.
        bits = (x * 8_388_608.0).to_bits().wrapping_sub(23 << 23);
    }
    let offset = bits.wrapping_sub(0x3f33_0000);
    let (inverse, log_centre) = INTERVALS[(offset >> 19) as usize % 16];
    let exponent = f64::from((offset as i32) >> 23);
    let z = f64::from(f32::from_bits(bits.wrapping_sub(offset & 0xff80_0000)));
    let r = z * f64::from_bits(inverse) - 1.0;
    let base = f64::from_bits(log_centre) + exponent * std::f64::consts::LN_2;
    let r2 = r * r;
    let y = A0 * r2 + (A1 * r + A2);
    (y * r2 + (base + r)) as f32
}

/// The natural logarithms of eight numbers, each as [`ln`] gives it.
#[inline(always)]
pub(crate) fn lns(x: F32s) -> F32s {
    let bits = x.0.map(f32::to_bits);
    if x.0.iter().fold(false, |any, &x| any | is_odd(x)) {
        return x.map(ln);
    }
    let offsets = bits.map(|b| b.wrapping_sub(0x3f33_0000));
    let interval = offsets.map(|offset| INTERVALS[(offset >> 19) as usize % 16]);
    let inverse = F64s(interval.map(|(inverse, _)| f64::from_bits(inverse)));
    let log_centre = F64s(interval.map(|(_, log)| f64::from_bits(log)));
    let exponent = F64s(offsets.map(|offset| f64::from((offset as i32) >> 23)));
    let mantissa = F32s(std::array::from_fn(|i| {
        f32::from_bits(bits[i].wrapping_sub(offsets[i] & 0xff80_0000))
    }));
    let r = mantissa.widen() * inverse - F64s::splat(1.0);
    let base = log_centre + std::f64::consts::LN_2 * exponent;
    let r2 = r * r;
    let y = A0 * r2 + (A1 * r + F64s::splat(A2));
    (y * r2 + (base + r)).round()
}

const INVERSE_LN_10: f32 = f32::from_bits(0x3ede_5bd9);
const LOG10_2_HIGH: f32 = f32::from_bits(0x3e9a_2080);
const LOG10_2_LOW: f32 = f32::from_bits(0x3554_27db);

/// The decadic logarithm. Zero gives −∞, a negative number NaN.
pub(crate) fn log10(x: f32) -> f32 {
    if x <= 0.0 || !x.is_finite() {
        return ln(x);
    }
    let (bits, shift) = if x < f32::MIN_POSITIVE {
        ((x * 33_554_432.0).to_bits(), 25)
    } else {
        (x.to_bits(), 0)
    };
    let k = (bits >> 23) as i32 - 127 - shift;
    let negative = i32::from(k < 0);
    let mantissa = f32::from_bits((bits & 0x007f_ffff) | ((127 - negative as u32) << 23));
    let y = (k + negative) as f32;
    let low = y * LOG10_2_LOW + INVERSE_LN_10 * ln(mantissa);
    low + y * LOG10_2_HIGH
}

/// The decadic logarithms of eight numbers, each as [`log10`] gives it.
#[inline(always)]
pub(crate) fn log10s(x: F32s) -> F32s {
    let bits = x.0.map(f32::to_bits);
    if x.0.iter().fold(false, |any, &x| any | is_odd(x)) {
        return x.map(log10);
    }
    let negative = bits.map(|b| u32::from(b < 127 << 23));
    let mantissa = F32s(std::array::from_fn(|i| {
        f32::from_bits((bits[i] & 0x007f_ffff) | ((127 - negative[i]) << 23))
    }));
    let y = F32s(std::array::from_fn(|i| {
        ((bits[i] >> 23) as i32 - 127 + negative[i] as i32) as f32
    }));
    let low = LOG10_2_LOW * y + INVERSE_LN_10 * lns(mantissa);
    low + LOG10_2_HIGH * y
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_are_within_one_unit_of_the_exact_value() {
        for bits in (1..0x7f80_0000_u32).step_by(10_007) {
            let x = f32::from_bits(bits);
            let (natural, decadic) = (f64::from(x).ln(), f64::from(x).log10());
            let unit = |v: f64| f64::from((v as f32).abs().next_up() - (v as f32).abs()).max(1e-38);
            assert!(
                (f64::from(ln(x)) - natural).abs() <= unit(natural),
                "ln {x:e}"
            );
            assert!(
                (f64::from(log10(x)) - decadic).abs() <= 2.0 * unit(decadic),
                "log10 {x:e}"
            );
        }
    }

    #[test]
    fn eight_together_are_eight_alone() {
        for bits in (0..0x7f80_0000_u32).step_by(100_003) {
            let x = F32s(std::array::from_fn(|i| {
                f32::from_bits(bits + 7919 * i as u32)
            }));
            assert_eq!(lns(x).0.map(f32::to_bits), x.map(ln).0.map(f32::to_bits));
            let decadic = x.map(log10).0.map(f32::to_bits);
            assert_eq!(log10s(x).0.map(f32::to_bits), decadic);
        }
    }

    #[test]
    fn special_values_are_defined() {
        for log in [ln, log10] {
            assert_eq!(log(1.0), 0.0);
            assert_eq!(log(0.0), f32::NEG_INFINITY);
            assert_eq!(log(f32::INFINITY), f32::INFINITY);
            assert!(log(-1.0).is_nan() && log(f32::NAN).is_nan());
        }
    }

    /// All positive numbers, against the C library of a GNU/Linux machine:
    /// `cargo test --release -- --ignored same_bits_as_the_gnu_c_library`
    #[test]
    #[ignore = "two minutes, and says something on GNU/Linux only"]
    fn same_bits_as_the_gnu_c_library() {
        let (mut natural, mut decadic) = (0_u32, 0_u32);
        for bits in 1..0x7f80_0000_u32 {
            let x = f32::from_bits(bits);
            natural += u32::from(ln(x).to_bits() != x.ln().to_bits());
            decadic += u32::from(log10(x).to_bits() != x.log10().to_bits());
        }
        assert_eq!((natural, decadic), (0, 0), "values that differ: ln, log10");
    }
}
