//! The cosines and sines of many angles at once, each with the bits of `cos` and `sin` of the crate libm.
//!
//! ```text
//! cos x = cos y, −sin y, −cos y   where y = |x|, |x| − π/2, |x| − π   lies between −π/4 and π/4
//! sin x = sin y,  cos y, −sin y   where x ≥ 0
//! ```
//!
//! y is a sum of two numbers, and π/2 one of two. Method and constants are those of fdlibm (k_cos.c, k_sin.c, e_rem_pio2.c; Sun Microsystems 1993, "freely
//! granted, provided that this notice is preserved"), written without branches for angles up to 5π/4 in size.

use crate::lanes::mostly;

/// π/2: 33 bits, and what is left.
const HALF_PI: [f64; 2] = [
    f64::from_bits(0x3ff9_21fb_5440_0000),
    f64::from_bits(0x3dd0_b461_1a62_6331),
];
const COSINE: [f64; 6] = [
    f64::from_bits(0x3fa5_5555_5555_554c),
    f64::from_bits(0xbf56_c16c_16c1_5177),
    f64::from_bits(0x3efa_01a0_19cb_1590),
    f64::from_bits(0xbe92_7e4f_809c_52ad),
    f64::from_bits(0x3e21_ee9e_bdb4_b1c4),
    f64::from_bits(0xbda8_fae9_be88_38d4),
];
const SINE: [f64; 6] = [
    f64::from_bits(0xbfc5_5555_5555_5549),
    f64::from_bits(0x3f81_1111_1110_f8a6),
    f64::from_bits(0xbf2a_01a0_19c1_61d5),
    f64::from_bits(0x3ec7_1de3_57b1_fe7d),
    f64::from_bits(0xbe5a_e5e6_8a2b_9ceb),
    f64::from_bits(0x3de5_d93a_5acf_d57c),
];

/// The cosine of each angle in radians.
#[inline(always)]
pub(crate) fn cosines<const N: usize>(x: &[f64; N]) -> [f64; N] {
    mostly(x, ordinary_cosine, is_odd_angle, libm::cos)
}

/// The sine of each angle in radians.
#[inline(always)]
pub(crate) fn sines<const N: usize>(x: &[f64; N]) -> [f64; N] {
    mostly(
        x,
        ordinary_sine,
        #[inline(always)]
        |x| is_odd_angle(x) || x.is_sign_negative(),
        libm::sin,
    )
}

/// Is it large, no number, or so near to π/2 or π that 85 bits of these do not do?
#[inline(always)]
fn is_odd_angle(x: f64) -> bool {
    let high = upper(x);
    high > 0x400f_6a7a || (high > 0x3fe9_21fb && high & 0xf_ffff == 0x9_21fb)
}

/// The upper half of the bits, without the sign.
#[inline(always)]
fn upper(x: f64) -> u64 {
    (x.to_bits() >> 32) & 0x7fff_ffff
}

#[inline(always)]
fn ordinary_cosine(x: f64) -> f64 {
    let (turned, y) = reduced(x);
    let result = if turned == 1.0 { sine(y) } else { cosine(y) };
    if turned == 0.0 { result } else { -result }
}

#[inline(always)]
fn ordinary_sine(x: f64) -> f64 {
    let (turned, y) = reduced(x);
    let result = if turned == 1.0 { cosine(y) } else { sine(y) };
    let result = if turned == 0.0 {
        small_sine(y.0)
    } else {
        result
    };
    if turned == 2.0 { -result } else { result }
}

/// How many times π/2 are taken off the size of an angle, and what is left.
#[inline(always)]
fn reduced(x: f64) -> (f64, (f64, f64)) {
    let high = upper(x);
    let turned = if high > 0x4002_d97c { 2.0 } else { 1.0 };
    let turned = if high > 0x3fe9_21fb { turned } else { 0.0 };
    let [first, second] = HALF_PI.map(|part| turned * part);
    let z = x.abs() - first;
    let x = z - second;
    (turned, (x, (z - x) - second))
}

/// Of x + y, between −π/4 and π/4.
#[inline(always)]
fn cosine((x, y): (f64, f64)) -> f64 {
    let z = x * x;
    let w = z * z;
    let [c1, c2, c3, c4, c5, c6] = COSINE;
    let r = z * (c1 + z * (c2 + z * c3)) + w * w * (c4 + z * (c5 + z * c6));
    let half = 0.5 * z;
    let whole = 1.0 - half;
    whole + (((1.0 - whole) - half) + (z * r - x * y))
}

/// Of x + y, between −π/4 and π/4.
#[inline(always)]
fn sine((x, y): (f64, f64)) -> f64 {
    let z = x * x;
    let v = z * x;
    x - ((z * (0.5 * y - v * sine_tail(z)) - y) - v * SINE[0])
}

/// Of x alone, rounded otherwise.
#[inline(always)]
fn small_sine(x: f64) -> f64 {
    let z = x * x;
    let v = z * x;
    x + v * (SINE[0] + z * sine_tail(z))
}

#[inline(always)]
fn sine_tail(z: f64) -> f64 {
    let w = z * z;
    let [_, s2, s3, s4, s5, s6] = SINE;
    s2 + z * (s3 + z * s4) + z * w * (s5 + z * s6)
}

#[test]
fn cosines_and_sines_are_those_of_libm_to_the_bit() {
    let agree = |x: &[f64]| {
        for x in x.chunks_exact(16) {
            let x: [f64; 16] = x.try_into().unwrap();
            let bits = |y: [f64; 16]| y.map(f64::to_bits);
            assert_eq!(bits(cosines(&x)), bits(x.map(libm::cos)), "{x:?}");
            assert_eq!(bits(sines(&x)), bits(x.map(libm::sin)), "{x:?}");
            assert_eq!(bits(sines(&x)), bits(x.map(|x| libm::sincos(x).0)), "{x:?}");
        }
    };
    for step in 0..60_000 {
        let x: [f64; 16] = std::array::from_fn(|i| {
            let x = f64::from(step * 16 + i as i32) * 4.23e-6;
            if i % 2 == 0 { x } else { -x }
        });
        agree(&x);
    }
    for around in [0.0, 0.25, 0.5, 0.75, 1.0, 1.25] {
        let x: [f64; 64] = std::array::from_fn(|i| {
            let bits = (around * std::f64::consts::PI).to_bits();
            f64::from_bits((bits + 3 * i as u64).saturating_sub(96))
        });
        agree(&x);
    }
}
