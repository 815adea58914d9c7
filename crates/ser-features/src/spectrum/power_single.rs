//! Powers in single precision of many numbers at once, each with the bits of `powf` of the crate libm.
//!
//! ```text
//! x^y = 2^t,   t = y·log₂ x,   x = 2ⁿ·m,   log₂ m = log₂ b + 2/ln 2 · artanh s,   s = (m − b)/(m + b),   b = 1 or 3/2
//! ```
//!
//! t and what makes it are pairs of `f32`, a high part with twelve bits of mantissa and what is left. The method and its constants are those of
//! fdlibm (e_powf.c, conversion to float by Ian Lance Taylor, Cygnus Support; Sun Microsystems 1993, "freely granted, provided that this notice is
//! preserved"), written without branches for numbers and powers that are ordinary.

use crate::lanes::{is_odd, mostly};

/// 3/2, the second of the two centres, log₂ of it in two parts.
const LOG2_OF_CENTRE: [f32; 2] = [f32::from_bits(0x3f15_c000), f32::from_bits(0x35d1_cfdc)];
/// Coefficients of artanh.
const ARTANH: [f32; 6] = [
    f32::from_bits(0x3f19_999a),
    f32::from_bits(0x3edb_6db7),
    f32::from_bits(0x3eaa_aaab),
    f32::from_bits(0x3e8b_a305),
    f32::from_bits(0x3e6c_3255),
    f32::from_bits(0x3e53_f142),
];
/// Coefficients of the exponential function.
const EXPONENTIAL: [f32; 5] = [
    f32::from_bits(0x3e2a_aaab),
    f32::from_bits(0xbb36_0b61),
    f32::from_bits(0x388a_b355),
    f32::from_bits(0xb5dd_ea0e),
    f32::from_bits(0x3331_bb4c),
];
/// ln 2, and in two parts.
const LN_2: [f32; 3] = [
    f32::from_bits(0x3f31_7218),
    f32::from_bits(0x3f31_7200),
    f32::from_bits(0x35bf_be8c),
];
/// 2/(3 ln 2), and in two parts.
const LOG2_E: [f32; 3] = [
    f32::from_bits(0x3f76_384f),
    f32::from_bits(0x3f76_4000),
    f32::from_bits(0xb8f6_23c6),
];

/// A positive power below 1 of each number.
#[inline(always)]
pub(crate) fn powers<const N: usize>(x: &[f32; N], y: f32) -> [f32; N] {
    mostly(x, |x| ordinary_power(x, y), is_odd, |x| libm::powf(x, y))
}

/// The power of a normal number, where it is one itself.
#[inline(always)]
fn ordinary_power(x: f32, y: f32) -> f32 {
    let [high, low] = split(y);
    let [log_high, log_low] = log2(x);
    let t_low = low * log_high + y * log_low;
    let t_high = high * log_high;
    exp2(t_high, t_low)
}

/// The upper twelve bits of the mantissa, and what is left.
#[inline(always)]
fn split(value: f32) -> [f32; 2] {
    let high = upper(value);
    [high, value - high]
}

#[inline(always)]
fn upper(value: f32) -> f32 {
    f32::from_bits(value.to_bits() & 0xffff_f000)
}

/// log₂ x as a sum of two.
#[inline(always)]
fn log2(x: f32) -> [f32; 2] {
    let bits = x.to_bits();
    let mantissa = bits & 0x007f_ffff;
    // About 1 from √(3/4) to √(3/2), about 3/2 from there to √3.
    let is_low = mantissa <= 0x001c_c471;
    let is_high = mantissa >= 0x005d_b3d7;
    let is_middle = !is_low & !is_high;
    let exponent = (bits >> 23) as i32 - 127 + i32::from(is_high);
    let m_bits = (mantissa | 0x3f80_0000) - (u32::from(is_high) << 23);
    let m = f32::from_bits(m_bits);
    let centre = if is_middle { 1.5 } else { 1.0 };
    let [centre_high, centre_low] = LOG2_OF_CENTRE.map(|log| if is_middle { log } else { 0.0 });

    let u = m - centre;
    let v = 1.0 / (m + centre);
    let s = u * v;
    let s_high = upper(s);
    let sum_bits = ((m_bits >> 1) & 0xffff_f000) | 0x2000_0000;
    let sum_high = f32::from_bits(sum_bits + 0x0040_0000 + (u32::from(is_middle) << 21));
    let sum_low = m - (sum_high - centre);
    let s_low = v * ((u - s_high * sum_high) - s_high * sum_low);

    let s2 = s * s;
    let [l1, l2, l3, l4, l5, l6] = ARTANH;
    let mut r = s2 * s2 * (l1 + s2 * (l2 + s2 * (l3 + s2 * (l4 + s2 * (l5 + s2 * l6)))));
    r += s_low * (s_high + s);
    let s2 = s_high * s_high;
    let t_high = upper(3.0 + s2 + r);
    let t_low = r - ((t_high - 3.0) - s2);

    let u = s_high * t_high;
    let v = s_low * t_high + t_low * s;
    let p_high = upper(u + v);
    let p_low = v - (p_high - u);
    let z_high = LOG2_E[1] * p_high;
    let z_low = LOG2_E[2] * p_high + p_low * LOG2_E[0] + centre_low;
    let n = exponent as f32;
    let high = upper(((z_high + z_low) + centre_high) + n);
    [high, z_low - (((high - n) - centre_high) - z_high)]
}

/// 2^(high + low), of a sum between −125 and 127.
#[inline(always)]
fn exp2(high: f32, low: f32) -> f32 {
    // The nearest whole number, halves away from zero, but one half to zero.
    let bits = (low + high).to_bits();
    let size = bits & 0x7fff_ffff;
    let is_large = size > 0x3f00_0000;
    let shift = (size >> 23).wrapping_sub(126) & 31;
    let rounded = bits.wrapping_add(0x0080_0000 >> shift);
    let binade = ((rounded & 0x7fff_ffff) >> 23).wrapping_sub(127) & 31;
    let whole = f32::from_bits(rounded & !(0x007f_ffff >> binade));
    let count =
        (((rounded & 0x007f_ffff) | 0x0080_0000) >> (23_u32.wrapping_sub(binade) & 31)) as i32;
    let count = if bits >> 31 == 1 { -count } else { count };
    let (whole, count) = if is_large { (whole, count) } else { (0.0, 0) };

    let high = high - whole;
    let t = f32::from_bits((low + high).to_bits() & 0xffff_8000);
    let u = t * LN_2[1];
    let v = (low - (t - high)) * LN_2[0] + t * LN_2[2];
    let z = u + v;
    let w = v - (z - u);
    let t = z * z;
    let [p1, p2, p3, p4, p5] = EXPONENTIAL;
    let t1 = z - t * (p1 + t * (p2 + t * (p3 + t * (p4 + t * p5))));
    let r = (z * t1) / (t1 - 2.0) - (w + z * w);
    let z = 1.0 - (r - z);
    f32::from_bits(z.to_bits().wrapping_add((count as u32) << 23))
}

#[test]
fn the_powers_are_those_of_libm_to_the_bit() {
    let y = 0.33;
    let mut bits = 0_u32;
    while bits < 0x7f80_0000 {
        let x: [f32; 16] = std::array::from_fn(|i| f32::from_bits(bits + 17 * i as u32));
        let want = x.map(|x| libm::powf(x, y));
        assert_eq!(
            powers(&x, y).map(f32::to_bits),
            want.map(f32::to_bits),
            "{x:?}"
        );
        bits += 1009;
    }
    let odd = [0.0, 1.0, f32::MIN_POSITIVE, f32::MAX, f32::INFINITY, 1e-44];
    assert_eq!(powers(&odd, y), odd.map(|x| libm::powf(x, y)));
}
