//! The natural logarithm in double precision of eight numbers at once, with the bits of `log` of the crate libm.
//!
//! ```text
//! ln x = k·ln 2 + ln(1 + f),   x = 2ᵏ·(1 + f),   √½ < 1 + f < √2
//! ln(1 + f) = f − (f²/2 − s·(f²/2 + R(s²))),   s = f/(2 + f),   R(z) ≈ L₁z + L₂z² + … + L₇z⁷
//! ```
//!
//! Method and constants are those of fdlibm (e_log.c; Sun Microsystems 1993, "freely granted, provided that this notice is preserved"), written without
//! branches for positive normal numbers: the path search takes some forty logarithms of each frame, and these are the same on every machine.

use crate::lanes::F64s;

const LN_2_HIGH: f64 = f64::from_bits(0x3fe6_2e42_fee0_0000);
const LN_2_LOW: f64 = f64::from_bits(0x3dea_39ef_3579_3c76);
const L1: f64 = f64::from_bits(0x3fe5_5555_5555_5593);
const L2: f64 = f64::from_bits(0x3fd9_9999_9997_fa04);
const L3: f64 = f64::from_bits(0x3fd2_4924_9422_9359);
const L4: f64 = f64::from_bits(0x3fcc_71c5_1d8e_78af);
const L5: f64 = f64::from_bits(0x3fc7_4664_96cb_03de);
const L6: f64 = f64::from_bits(0x3fc3_9a09_d078_c69f);
const L7: f64 = f64::from_bits(0x3fc2_f112_df3e_5244);
/// The bits of √½, its lower half cleared.
const ROOT_HALF: u64 = 0x3fe6_a09e_0000_0000;
const ONE: u64 = 0x3ff0_0000_0000_0000;
/// 2⁵² as bits: with an integer below 2⁵² in its fraction it is 2⁵² more than that.
const TWO_52: u64 = 0x4330_0000_0000_0000;

/// ln x of each number that is positive and normal; of others something without meaning.
#[inline(always)]
pub(crate) fn logarithms(x: F64s) -> F64s {
    let shifted = x.0.map(
        #[inline(always)]
        |x| x.to_bits().wrapping_add(ONE - ROOT_HALF),
    );
    let k = F64s(shifted.map(
        #[inline(always)]
        |bits| f64::from_bits(bits >> 52 | TWO_52) - (f64::from_bits(TWO_52) + 1023.0),
    ));
    let f = F64s(shifted.map(
        #[inline(always)]
        |bits| f64::from_bits((bits & (u64::MAX >> 12)) + ROOT_HALF) - 1.0,
    ));
    let add = |value: f64, x: F64s| F64s::splat(value) + x;
    let half_square = 0.5 * f * f;
    let s = f.over(add(2.0, f));
    let z = s * s;
    let w = z * z;
    let even = w * add(L2, w * add(L4, L6 * w));
    let odd = z * add(L1, w * add(L3, w * add(L5, L7 * w)));
    s * (half_square + (odd + even)) + LN_2_LOW * k - half_square + f + LN_2_HIGH * k
}

#[test]
fn the_logarithms_are_those_of_libm_to_the_bit() {
    let mut state = 1_u64;
    for step in 0..200_000 {
        let mut next = || {
            state = state
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1);
            // Ratios of pitches, and all positive normal numbers.
            let any = f64::from_bits((state >> 2).clamp(1 << 52, (2046 << 52) - 1));
            if step % 2 == 0 {
                any
            } else {
                f64::from((0.9 + (state >> 40) as f32 / 8e7).powi(3))
            }
        };
        let mut x = [1.0; 8];
        x[1..].fill_with(&mut next);
        let bits = |x: f64| x.to_bits();
        assert_eq!(logarithms(F64s(x)).0.map(bits), x.map(libm::log).map(bits));
    }
}
