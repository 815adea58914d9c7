//! From the numbers in a file to amplitudes around ±1.
//!
//! An integer sample of `b` bits is divided by its full scale
//!
//! ```text
//! F(b) = 2^(b-1) - 1            b < 16      8 bit:        127
//! F(b) = 32767 · 2^(b-16)  16 ≤ b < 32     16 bit:      32767,  24 bit: 8388352
//! F(b) = f32(2³¹ - 1)           b = 32
//! ```
//!
//! so the lowest 16-bit value, -32768, comes out slightly below -1. These divisors are those of the
//! reference, irregular at 32 bits as they are; depths it does not read (12 and 20
//! bit, as FLAC has them) continue the same series.
//!
//! Differs: 8-bit WAV is offset binary by its standard (128 is silence) and is read so here. The
//! reference reads the byte as signed and so decodes ordinary 8-bit files wrongly.
//!
//! Decoders hand out a sample of `b` bits in the *upper* bits of a wider word of `w` bits. Both the word
//! and its full scale are then 2^(w-b) times larger; a power of two changes no rounding in f32, so the
//! quotient is the same to the bit and no shift is needed. Floating point is taken as it is, neither
//! scaled nor clipped.
//!
//! Programs around openSMILE read files by libsndfile, with 2^(b-1) as full scale, and cut the result to 16 bits; who wants their
//! numbers asks for these samples ([`cut_to_sixteen_bit`]).

use symphonia::core::audio::sample::{i24, u24};

/// One sample as a decoder hands it out.
pub(crate) trait Amplitude: Copy {
    /// Bits of the word that holds the sample; 0 for floating point, which needs no scale.
    const WIDTH: u32;

    /// The signed number it stands for, before any scaling.
    fn number(self) -> f32;
}

/// One implementation per type: its width, and how to read it.
macro_rules! amplitude {
    ($($type:ty, $width:literal, $number:expr;)*) => {$(
        impl Amplitude for $type {
            const WIDTH: u32 = $width;
            #[inline]
            fn number(self) -> f32 {
                let number: fn($type) -> f32 = $number;
                number(self)
            }
        }
    )*};
}

amplitude! {
    i8, 8, f32::from;
    i16, 16, f32::from;
    i24, 24, |v| v.inner() as f32;
    i32, 32, |v| v as f32;
    u8, 8, |v| f32::from(v) - 128.0;
    u16, 16, |v| f32::from(v) - 32768.0;
    u24, 24, |v| (v.inner() as i32 - (1 << 23)) as f32;
    u32, 32, |v| (v ^ (1 << 31)) as i32 as f32;
    f32, 0, |v| v;
    f64, 0, |v| v as f32;
}

/// What a sample of `depth` bits, held in the upper bits of a word of `width` bits, is divided by.
///
/// 1 for floating point (`width` 0). A depth outside 2 to `width` is taken as the nearest inside.
pub(crate) fn full_scale(depth: u32, width: u32) -> f32 {
    if width == 0 {
        return 1.0;
    }
    let depth = depth.clamp(2, width);
    let (scale, spare) = match depth {
        32 => (i32::MAX as f32, 0),
        16..32 => (32767.0, width - 16),
        _ => (((1 << (depth - 1)) - 1) as f32, width - depth),
    };
    scale * (1_u32 << spare) as f32
}

/// Which number stands for full scale.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Scale {
    /// F(b) of the table above.
    #[default]
    Reference,
    /// 2^(b-1), as libsndfile and most libraries of audio have it.
    PowerOfTwo,
}

impl Scale {
    /// What a sample of `depth` bits in the upper bits of a word of `width` bits is divided by; 1 for floating point (`width` 0).
    pub(crate) fn full(self, depth: u32, width: u32) -> f32 {
        match self {
            Self::Reference => full_scale(depth, width),
            Self::PowerOfTwo if width == 0 => 1.0,
            // The same for all depths: the spare bits below count on both sides.
            Self::PowerOfTwo => (1_u64 << (width - 1)) as f32,
        }
    }
}

/// Amplitudes on the power-of-two scale cut to 16 bits, and on the reference's scale then:
///
/// ```text
/// y = f32( wrap16( trunc( 32768 x ) ) / 32767 )
/// ```
///
/// What opensmile-python makes of any recording before it hands it to openSMILE, as measured with its release 2.6.0: not rounded, and
/// +1.0 wraps to the lowest number. What 32 bits do not hold becomes 0, as the conversion of numpy has it on x86.
pub(crate) fn cut_to_sixteen_bit(mono: &mut [f32]) {
    for sample in mono {
        let scaled = *sample * 32768.0;
        let held = (-2_147_483_648.0..2_147_483_648.0).contains(&scaled);
        let number = if held { scaled as i32 as i16 } else { 0 };
        *sample = f32::from(number) / 32767.0;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Measured with numpy 2.4: `(x * 32768).astype("int16")`.
    #[test]
    fn sixteen_bits_are_cut_not_rounded_and_wrap() {
        let mut samples = [
            0.0, 1.0, -1.0, 0.9999, 1.5, -1.00004, 0.000_02, -0.000_06, 3.2e9,
        ];
        cut_to_sixteen_bit(&mut samples);
        let numbers = samples.map(|y| (y * 32767.0).round() as i32);
        assert_eq!(numbers, [0, -32768, -32768, 32764, -16384, 32767, 0, -1, 0]);
    }

    #[test]
    fn a_power_of_two_stands_for_full_scale_whatever_the_word() {
        for (depth, width) in [(8, 8), (16, 16), (16, 32), (24, 24), (24, 32), (20, 32)] {
            let lowest = -((1_i64 << (depth - 1)) << (width - depth)) as f32;
            assert_eq!(lowest / Scale::PowerOfTwo.full(depth, width), -1.0);
        }
        assert_eq!(Scale::PowerOfTwo.full(0, 0), 1.0);
    }

    #[test]
    fn full_scales_are_those_of_the_specification() {
        assert_eq!(full_scale(8, 8), 127.0);
        assert_eq!(full_scale(16, 16), 32767.0);
        assert_eq!(full_scale(24, 24), 8388352.0);
        assert_eq!(full_scale(32, 32), 2147483648.0); // 2³¹-1 rounds up in f32
        assert_eq!(full_scale(0, 0), 1.0);
    }

    #[test]
    fn a_wider_word_changes_no_bit_of_the_quotient() {
        for depth in [4, 8, 12, 16, 20, 24] {
            let highest = (1_i32 << (depth - 1)) - 1;
            for number in [-highest - 1, -highest, -1, 0, 1, 5, highest / 3, highest] {
                let narrow = number as f32 / full_scale(depth, depth);
                let wide = (number << (32 - depth)).number() / full_scale(depth, 32);
                assert_eq!(narrow.to_bits(), wide.to_bits(), "{number} in {depth} bits");
            }
        }
    }

    #[test]
    fn unsigned_samples_are_offset_binary() {
        assert_eq!(
            [0_u8, 128, 255].map(Amplitude::number),
            [-128.0, 0.0, 127.0]
        );
        assert_eq!([0_u16, 32768].map(Amplitude::number), [-32768.0, 0.0]);
        assert_eq!(
            [u24(0), u24(1 << 23)].map(Amplitude::number),
            [-8388608.0, 0.0]
        );
        assert_eq!(
            [0_u32, 1 << 31].map(Amplitude::number),
            [-2147483648.0, 0.0]
        );
    }

    #[test]
    fn absurd_depths_never_divide_by_zero() {
        for depth in 0..70 {
            for width in [8, 16, 24, 32] {
                assert!(full_scale(depth, width) >= 1.0);
            }
        }
    }
}
