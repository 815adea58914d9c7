//! GSM full rate speech (ETSI EN 300 961, GSM 06.10), as Microsoft packs it into WAV (format tag 0x31).
//!
//! A frame of 20 ms has 8 log area ratios and, for each quarter, a lag and gain of the long-term predictor and 13 pulses on a
//! grid of every third sample. Decoding is defined in 16-bit integers, so all decoders agree to the bit (§5.3):
//!
//! ```text
//! pulses × scale ─ + ─┬─ lattice filter (reflection coefficients) ─ de-emphasis ─ samples
//!                  └── lag, gain
//! ```
//!
//! Two frames of 260 bits, lowest bit first, make 65 bytes and 320 samples.

/// Samples in a block of 65 bytes.
pub(crate) const SAMPLES: usize = 320;

/// What the decoder remembers between frames.
pub(crate) struct Decoder {
    /// The last 120 samples of the short-term residual, then those of the subframe at hand.
    residual: [i16; 160],
    /// Log area ratios of the frame before.
    ratios: [i16; 8],
    lattice: [i16; 9],
    lag: usize,
    emphasis: i16,
    samples: [i16; SAMPLES],
}

impl Default for Decoder {
    fn default() -> Self {
        Decoder {
            residual: [0; 160],
            ratios: [0; 8],
            lattice: [0; 9],
            lag: 40,
            emphasis: 0,
            samples: [0; SAMPLES],
        }
    }
}

/// Bits, lowest first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Bits<'_> {
    fn take(&mut self, count: usize) -> i16 {
        let bit = |n: usize| {
            let byte = self.bytes.get(n / 8).copied().unwrap_or(0);
            i16::from(byte >> (n % 8) & 1)
        };
        let value = (0..count).map(|n| bit(self.at + n) << n).sum();
        self.at += count;
        value
    }
}

/// The rounded product of two fractions of 15 bits (§5.1).
fn product(a: i16, b: i16) -> i16 {
    if a == i16::MIN && b == i16::MIN {
        return i16::MAX;
    }
    ((i32::from(a) * i32::from(b) + 16384) >> 15) as i16
}

impl Decoder {
    /// The samples of a block of 65 bytes; what is missing counts as 0.
    pub(crate) fn decode(&mut self, block: &[u8]) -> &[i16; SAMPLES] {
        let mut bits = Bits {
            bytes: block,
            at: 0,
        };
        for frame in 0..2 {
            self.frame(&mut bits, frame * SAMPLES / 2);
        }
        &self.samples
    }

    fn frame(&mut self, bits: &mut Bits<'_>, first: usize) {
        const WIDTHS: [usize; 8] = [6, 6, 5, 5, 4, 4, 3, 3];
        let codes = WIDTHS.map(|width| bits.take(width));
        let mut residual = [0; SAMPLES / 2];
        for quarter in residual.chunks_exact_mut(40) {
            self.long_term(bits);
            quarter.copy_from_slice(&self.residual[120..]);
            self.residual.copy_within(40.., 0);
        }
        let ratios = ratios(codes);
        for (range, filter) in self.filters(&ratios) {
            for (k, value) in range.clone().zip(&residual[range]) {
                self.samples[first + k] = self.short_term(&filter, *value);
            }
        }
        self.ratios = ratios;
    }

    /// A quarter of the residual, from its pulses and the past (§5.3.1, §5.3.2).
    fn long_term(&mut self, bits: &mut Bits<'_>) {
        const GAINS: [i16; 4] = [3277, 11469, 21299, 32767];
        let (lag, gain) = (bits.take(7) as usize, bits.take(2) as usize);
        let (grid, scale) = (bits.take(2) as usize, bits.take(6));
        let mut pulses = [0; 40];
        for pulse in pulses[grid..].iter_mut().step_by(3).take(13) {
            *pulse = pulse_height(scale, bits.take(3));
        }
        if (40..=120).contains(&lag) {
            self.lag = lag;
        }
        for (k, pulse) in pulses.into_iter().enumerate() {
            let past = self.residual[120 + k - self.lag];
            self.residual[120 + k] = pulse.saturating_add(product(GAINS[gain], past));
        }
    }

    /// Reflection coefficients for the four stretches of a frame, which lead from the last frame's to its own (§5.2.9).
    fn filters(&self, ratios: &[i16; 8]) -> [(std::ops::Range<usize>, [i16; 8]); 4] {
        let mixed = |mix: fn(i16, i16) -> i16| {
            std::array::from_fn(|i| reflection(mix(self.ratios[i], ratios[i])))
        };
        [
            (
                0..13,
                mixed(|old, new| (old >> 2).saturating_add(new >> 2).saturating_add(old >> 1)),
            ),
            (
                13..27,
                mixed(|old, new| (old >> 1).saturating_add(new >> 1)),
            ),
            (
                27..40,
                mixed(|old, new| (old >> 2).saturating_add(new >> 2).saturating_add(new >> 1)),
            ),
            (40..160, mixed(|_, new| new)),
        ]
    }

    /// A sample through the lattice and the de-emphasis (§5.3.4, §5.3.5).
    fn short_term(&mut self, filter: &[i16; 8], residual: i16) -> i16 {
        let mut value = residual;
        for i in (0..8).rev() {
            value = value.saturating_sub(product(filter[i], self.lattice[i]));
            self.lattice[i + 1] = self.lattice[i].saturating_add(product(filter[i], value));
        }
        self.lattice[0] = value;
        self.emphasis = value.saturating_add(product(self.emphasis, 28180));
        self.emphasis.saturating_add(self.emphasis) & !7
    }
}

/// Log area ratios from their codes (§5.2.8, table 5.1).
fn ratios(codes: [i16; 8]) -> [i16; 8] {
    const OFFSET: [i16; 8] = [0, 0, 2048, -2560, 94, -1792, -341, -1144];
    const LOWEST: [i16; 8] = [-32, -32, -16, -16, -8, -8, -4, -4];
    const STEP: [i16; 8] = [13107, 13107, 13107, 13107, 19223, 17476, 31454, 29708];
    std::array::from_fn(|i| {
        let scaled = ((codes[i] + LOWEST[i]) << 10).saturating_sub(OFFSET[i] << 1);
        let half = product(STEP[i], scaled);
        half.saturating_add(half)
    })
}

/// A reflection coefficient from a log area ratio, by three straight lines (§5.2.9.2).
fn reflection(ratio: i16) -> i16 {
    let magnitude = ratio.saturating_abs();
    let value = match magnitude {
        ..11059 => magnitude << 1,
        11059..20070 => magnitude + 11059,
        _ => (magnitude >> 2).saturating_add(26112),
    };
    if ratio < 0 { -value } else { value }
}

/// The height of a pulse from its code and that of the block's scale (§5.2.15, §5.2.16).
fn pulse_height(scale: i16, code: i16) -> i16 {
    const MANTISSA: [i16; 8] = [18431, 20479, 22527, 24575, 26623, 28671, 30719, 32767];
    let mut exponent = if scale > 15 { (scale >> 3) - 1 } else { 0 };
    let mut mantissa = scale - (exponent << 3);
    if mantissa == 0 {
        (exponent, mantissa) = (-4, 7);
    } else {
        while mantissa <= 7 {
            mantissa = mantissa << 1 | 1;
            exponent -= 1;
        }
        mantissa -= 8;
    }
    let shift = 6 - exponent; // 0 to 10
    let half = if shift > 0 { 1 << (shift - 1) } else { 0 };
    let height = product(MANTISSA[mantissa as usize], ((code << 1) - 7) << 12);
    height.saturating_add(half) >> shift
}

#[cfg(test)]
mod tests {
    use crate::hearing::hear;
    use crate::riff::tests::{chunk, fmt, riff};

    #[test]
    fn a_tone_decodes_to_the_samples_of_libgsm() {
        // sox -n -r 8000 -c 1 -e gsm-full-rate tone.wav synth 0.04 sine 300 vol 0.5
        const BLOCK: [u8; 65] = [
            5, 189, 225, 30, 135, 194, 244, 247, 130, 136, 109, 41, 3, 38, 17, 129, 208, 119, 231,
            4, 6, 8, 125, 119, 146, 134, 166, 229, 238, 36, 109, 219, 88, 204, 29, 238, 81, 236,
            12, 110, 6, 80, 235, 46, 207, 20, 162, 213, 230, 18, 173, 53, 13, 90, 42, 25, 237, 114,
            79, 15, 162, 213, 238, 20, 237,
        ];
        // sox tone.wav -e signed -b 16 …: every 16th sample.
        const EXPECTED: [i16; 20] = [
            0, -8392, 13808, -12168, 9216, -1248, -7720, 13472, -15048, 9680, -1256, -8032, 14168,
            -14872, 9632, -992, -8528, 14920, -15344, 10056,
        ];
        let mut format = fmt(0x31, 1, 8000, 0);
        format[12] = 65;
        let file = riff(&[chunk(b"fmt ", &format), chunk(b"data", &BLOCK)]);
        let (heard, recording) = hear(&file).unwrap();
        assert_eq!((heard.len(), recording.length_samples()), (320, Some(320)));
        let every: Vec<f32> = heard.iter().step_by(16).copied().collect();
        assert_eq!(every, EXPECTED.map(|n| f32::from(n) / 32767.0));
    }
}
