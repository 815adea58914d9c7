//! The exponential function of many numbers at once, each with the bits of `expf` of the crate libm.
//!
//! ```text
//! eˣ = 2ᵏ·eʳ,   r = x − k·ln 2,   |r| ≤ ln(2)/2 about,   eʳ ≈ 1 + r·c/(2 − c) + r,   c = r − r²·(P₁ + P₂r²)
//! ```
//!
//! Method and constants are those of fdlibm (e_expf.c, conversion to float by Ian Lance Taylor, Cygnus Support; Sun Microsystems 1993, "freely granted,
//! provided that this notice is preserved"), written without branches for ordinary numbers.

use crate::lanes::{LANES, mostly, widest};

const LN_2_HIGH: f32 = f32::from_bits(0x3f31_7200);
const LN_2_LOW: f32 = f32::from_bits(0x35bf_be8e);
const INVERSE_LN_2: f32 = f32::from_bits(0x3fb8_aa3b);
const P1: f32 = 1.666_662_5e-1;
const P2: f32 = -2.766_733_3e-3;

/// Replaces each number by eˣ, eight at a time.
pub(crate) fn exponentiate(values: &mut [f32]) {
    let (eights, rest) = values.as_chunks_mut::<LANES>();
    widest(
        #[inline(always)]
        || {
            for eight in eights {
                *eight = exponentials(eight);
            }
        },
    );
    for x in rest {
        *x = libm::expf(*x);
    }
}

/// eˣ of each number.
#[inline(always)]
fn exponentials<const N: usize>(x: &[f32; N]) -> [f32; N] {
    // Beyond ± 87, or no number.
    let is_odd = |x: f32| x.to_bits() & 0x7fff_ffff >= 0x42ae_ac50;
    mostly(x, ordinary_exponential, is_odd, libm::expf)
}

/// eˣ between −87 and 87.
#[inline(always)]
fn ordinary_exponential(x: f32) -> f32 {
    let size = x.to_bits() & 0x7fff_ffff;
    let is_negative = x.to_bits() >> 31 == 1;
    // Below ln(2)/2 nothing is taken off, up to 3/2·ln 2 it once.
    let far = (INVERSE_LN_2 * x + if is_negative { -0.5 } else { 0.5 }) as i32;
    let near = if is_negative { -1 } else { 1 };
    let k = if size > 0x3f85_1592 { far } else { near };
    let k = if size > 0x3eb1_7218 { k } else { 0 };
    let high = x - k as f32 * LN_2_HIGH;
    let low = k as f32 * LN_2_LOW;
    let r = high - low;
    let r2 = r * r;
    let c = r - r2 * (P1 + r2 * P2);
    let y = 1.0 + (r * c / (2.0 - c) - low + high);
    let y = y * f32::from_bits(((k + 127) as u32) << 23);
    if size > 0x3900_0000 { y } else { 1.0 + x }
}

#[test]
fn exponentials_are_those_of_libm_to_the_bit() {
    let mut bits = 0_u32;
    while bits < 0x7f90_0000 {
        let x: [f32; 16] = std::array::from_fn(|i| {
            let x = f32::from_bits(bits + 17 * i as u32);
            if i % 2 == 0 { x } else { -x }
        });
        let want = x.map(|x| libm::expf(x).to_bits());
        assert_eq!(exponentials(&x).map(f32::to_bits), want, "{x:?}");
        bits += 1009;
    }
}
