//! Binary logarithms in single precision of eight numbers at once, each with the bits of `log2f` of the crate libm.
//!
//! ```text
//! log₂ x = k + (f − f²/2 + s·(f²/2 + R)) / ln 2,   x = 2ᵏ·(1 + f),  1 + f = √½ … √2,   s = f/(2 + f),   R = s²·(L₁ + L₃s⁴) + s⁴·(L₂ + L₄s⁴)
//! ```
//!
//! The method and its constants are those of fdlibm (e_log2f.c, Sun Microsystems 1993, "freely granted, provided that this notice is preserved"), written
//! without branches for ordinary numbers.

use crate::lanes::{F32s, is_odd, mostly};

/// Coefficients of R.
const L: [f32; 4] = [
    f32::from_bits(0x3f2a_aaaa),
    f32::from_bits(0x3ecc_ce13),
    f32::from_bits(0x3e91_e9ee),
    f32::from_bits(0x3e78_9e26),
];
/// 1/ln 2 in two parts.
const INVERSE_LN_2: [f32; 2] = [f32::from_bits(0x3fb8_b000), f32::from_bits(0xb938_9ad4)];
const ONE: u32 = 0x3f80_0000;
const ROOT_OF_HALF: u32 = 0x3f35_04f3;
const MANTISSA: u32 = 0x007f_ffff;

/// Eight of them. Zero gives −∞, a negative number NaN.
#[inline(always)]
pub(crate) fn log2s(x: F32s) -> F32s {
    F32s(mostly(&x.0, ordinary, is_odd, libm::log2f))
}

/// That of a normal number.
#[inline(always)]
fn ordinary(x: f32) -> f32 {
    let bits = x.to_bits().wrapping_add(ONE - ROOT_OF_HALF);
    let exponent = ((bits >> 23) as i32 - 127) as f32;
    let f = f32::from_bits((bits & MANTISSA).wrapping_add(ROOT_OF_HALF)) - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let w = z * z;
    let even = w * (L[1] + w * L[3]);
    let odd = z * (L[0] + w * L[2]);
    let r = odd + even;
    let half_square = 0.5 * f * f;
    let high = f32::from_bits((f - half_square).to_bits() & 0xffff_f000);
    let low = f - high - half_square + s * (half_square + r);
    (low + high) * INVERSE_LN_2[1] + low * INVERSE_LN_2[0] + high * INVERSE_LN_2[0] + exponent
}

#[test]
fn eight_have_the_bits_of_libm() {
    let same = |x: F32s| {
        let bits = |x: f32| if x.is_nan() { 0 } else { x.to_bits() };
        assert_eq!(
            log2s(x).0.map(bits),
            x.0.map(libm::log2f).map(bits),
            "{x:?}"
        );
    };
    for bits in (0..0x7f80_0000_u32).step_by(40_009) {
        same(F32s(std::array::from_fn(|i| {
            f32::from_bits(bits + 4999 * i as u32)
        })));
    }
    for bits in (1.0_f32.to_bits() - 40_000..1.0_f32.to_bits() + 40_000).step_by(8) {
        same(F32s(std::array::from_fn(|i| {
            f32::from_bits(bits + i as u32)
        })));
    }
    let odd = [
        0.0,
        -1.0,
        f32::NAN,
        f32::INFINITY,
        1e-42,
        1.0,
        f32::NEG_INFINITY,
        -0.0,
    ];
    same(F32s(odd));
}
