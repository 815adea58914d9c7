//! The cosines and sines of many angles at once, each with the bits of `cos` and `sin` of the crate libm.
//!
//! ```text
//! cos x = cos y, −sin y, −cos y, sin y, …   where y = |x| − k·π/2, k = 0, 1, …,   lies between −π/4 and π/4
//! sin x = sin y,  cos y, −sin y, −cos y, …  where x ≥ 0
//! ```
//!
//! y is a sum of two numbers, and π/2 one of two. Method and constants are those of fdlibm (k_cos.c, k_sin.c, e_rem_pio2.c; Sun Microsystems 1993, "freely
//! granted, provided that this notice is preserved"), written without branches for angles up to 5π/4 in size, and where both are
//! wanted, for positive ones up to 16.

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

/// 2/π, and a number so large that adding it leaves whole numbers.
const QUARTERS: f64 = f64::from_bits(0x3fe4_5f30_6dc9_c883);
const WHOLE: f64 = 1.5 / f64::EPSILON;

/// The cosine and the sine of each angle in radians.
#[inline(always)]
pub(crate) fn cosines_and_sines<const N: usize>(x: &[f64; N]) -> ([f64; N], [f64; N]) {
    let (mut cos, mut sin) = ([0.0; N], [0.0; N]);
    let mut is_odd = false;
    for i in 0..N {
        let x = x[i];
        // k is the nearest whole number of quarter turns, as number and in the last bits.
        let turns = x * QUARTERS;
        let k_bits = turns + WHOLE;
        let k = k_bits - WHOLE;
        let k_bits = k_bits.to_bits();
        is_odd |= !is_ordinary(x, turns, (turns - k).abs());
        let z = x - k * HALF_PI[0];
        let second = k * HALF_PI[1];
        let y = z - second;
        let y = (y, (z - y) - second);
        let of_sine = if k == 0.0 { small_sine(y.0) } else { sine(y) };
        let of_cosine = cosine(y);
        let is_swapped = k_bits & 1 != 0;
        let (c, s) = if is_swapped {
            (of_sine, of_cosine)
        } else {
            (of_cosine, of_sine)
        };
        // The second bit is the sign: of the sine after k, of the cosine after k + 1 quarters.
        let sign = |quarters: u64| (quarters & 2) << 62;
        cos[i] = f64::from_bits(c.to_bits() ^ sign(k_bits.wrapping_add(1)));
        sin[i] = f64::from_bits(s.to_bits() ^ sign(k_bits));
    }
    if is_odd {
        (cos, sin) = (x.map(libm::cos), x.map(libm::sin));
    }
    (cos, sin)
}

/// Is an angle of so many quarter turns, `distance` from a whole number of them, neither negative nor large, nor so near to it that 85 bits of π/2 do not do, nor
/// so far that fdlibm takes the other neighbour?
#[inline(always)]
fn is_ordinary(x: f64, turns: f64, distance: f64) -> bool {
    let is_positive = x.to_bits() >> 63 == 0;
    is_positive & (x < 16.0) & ((distance > 1e-3) | (turns < 0.5)) & (distance < 0.49999)
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
fn pairs_are_those_of_libm_to_the_bit() {
    let agree = |x: &[f64]| {
        for x in x.chunks_exact(8) {
            let x: [f64; 8] = x.try_into().unwrap();
            let (cos, sin) = cosines_and_sines(&x);
            let bits = |y: [f64; 8]| y.map(f64::to_bits);
            assert_eq!(bits(cos), bits(x.map(libm::cos)), "{x:?}");
            assert_eq!(bits(sin), bits(x.map(libm::sin)), "{x:?}");
            assert_eq!(bits(sin), bits(x.map(|x| libm::sincos(x).0)), "{x:?}");
        }
    };
    for step in 0..300_000 {
        // Multiples of an angle, as they are asked for, and angles of which none is odd.
        let angle = 2.0 * f64::from(step) / 300_000.0;
        agree(&std::array::from_fn::<f64, 8, _>(|i| {
            angle * (i + 1) as f64
        }));
        agree(&[16.1 * f64::from(step) / 300_000.0; 8]);
    }
    for eighths in 0..44 {
        let border = f64::from(eighths) * std::f64::consts::FRAC_PI_4;
        for near in -40..40 {
            for step in [1e-3, 1e-6, 1e-9, 1e-15] {
                agree(&[border + step * f64::from(near) * 0.13; 8]);
            }
        }
    }
    agree(&[
        f64::NAN,
        f64::INFINITY,
        -1.0,
        -0.0,
        0.0,
        1e-300,
        1e300,
        16.0,
    ]);
}

#[test]
fn cosines_are_those_of_libm_to_the_bit() {
    let agree = |x: &[f64]| {
        for x in x.chunks_exact(16) {
            let x: [f64; 16] = x.try_into().unwrap();
            let bits = |y: [f64; 16]| y.map(f64::to_bits);
            assert_eq!(bits(cosines(&x)), bits(x.map(libm::cos)), "{x:?}");
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
