//! Any rate to any other, as a stream, whose sums have one order on every processor.
//!
//! ```text
//! y[n] = Σ_j x[⌊n·M/L⌋ − H + 1 + j] · h_φ[j],   φ = frac(n·M/L)          L/M = to/from in lowest terms
//! ```
//!
//! R. E. Crochiere, L. R. Rabiner (1983), *Multirate Digital Signal Processing*, section 4.3. The coefficients h_φ are those of `polyphase`.
//!
//! The filter is symmetric around the instant of its output: there is no delay, output sample 0 stands at the time of input sample 0, and `n`
//! samples become `round(n · to / from)`. Before the first and after the last sample the recording counts as silence. Every output is one sum over
//! the same inputs however these arrive, so chunking cannot change a bit; coefficients come from `libm` and sums are taken in 16 interleaved parts
//! without fusing, so neither can the processor. Equal rates never come here: the samples pass as they are.

use std::sync::Arc;

use crate::error::Error;
use crate::polyphase::{Filter, dots};
use ser_features::lanes::widest;

/// Rates resampled, in Hz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 100..=384_000;
/// Outputs of one phase that are taken together: as many as have their parts in registers.
const TOGETHER: usize = if cfg!(target_arch = "wasm32") { 2 } else { 4 };
/// Input samples taken in at once; bounds the memory of a long block.
const BLOCK: usize = 8192;
/// Resamples one channel as a stream.
pub struct Resampler {
    filter: Arc<Filter>,
    from: u32,
    to: u32,
    /// Input from the first sample of the next output's window on.
    waiting: Vec<f32>,
    /// Where in `waiting` the next output's window begins, and how far the output lies beyond that sample's grid, in 1/L.
    start: usize,
    remainder: u64,
    taken: u64,
    given: u64,
}

impl Resampler {
    /// Plans the change from `from` Hz to `to` Hz.
    ///
    /// # Errors
    ///
    /// [`Error::Ratio`] when a rate is outside 100 Hz to 384 kHz.
    pub fn new(from: u32, to: u32) -> Result<Self, Error> {
        if !RATES_HZ.contains(&from) || !RATES_HZ.contains(&to) {
            return Err(Error::Ratio {
                from,
                to,
                lowest: *RATES_HZ.start(),
                highest: *RATES_HZ.end(),
            });
        }
        let filter = Filter::shared(from, to);
        Ok(Self {
            from,
            to,
            // Silence before the first sample.
            waiting: vec![0.0; filter.taps / 2 - 1],
            filter,
            start: 0,
            remainder: 0,
            taken: 0,
            given: 0,
        })
    }

    /// Samples that `input` of them become.
    pub fn length_of(&self, input: u64) -> u64 {
        resampled_length(input, self.from, self.to)
    }

    /// Takes `input` and appends to `output` the samples it completes, perhaps none: an output needs 160 samples of the lower rate beyond it.
    pub fn push(&mut self, input: &[f32], output: &mut Vec<f32>) {
        self.taken += input.len() as u64;
        for block in input.chunks(BLOCK) {
            self.waiting.extend_from_slice(block);
            self.produce(u64::MAX, output);
        }
    }

    /// Appends what the input pushed so far still owes.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        let owed = self.length_of(self.taken);
        while self.given < owed {
            let silent = self.waiting.len() + BLOCK;
            self.waiting.resize(silent, 0.0);
            self.produce(owed, output);
        }
    }

    /// The outputs before number `end` whose windows are filled.
    fn produce(&mut self, end: u64, output: &mut Vec<f32>) {
        while self.produce_rounds::<TOGETHER>(end, output) {}
        while self.produce_rounds::<2>(end, output) {}
        let filter = &*self.filter;
        while self.given < end
            && let Some(rest) = self.waiting.get(self.start..)
            && rest.len() >= filter.taps
        {
            output.push(filter.apply(&rest[..filter.taps], self.remainder));
            self.given += 1;
            self.remainder += filter.numerator;
            self.start += (self.remainder / filter.denominator) as usize;
            self.remainder %= filter.denominator;
        }
        // What no output needs any more; seldom, so that many small blocks do not move the rest each time.
        if self.start >= BLOCK {
            let gone = self.start.min(self.waiting.len());
            self.waiting.drain(..gone);
            self.start -= gone;
        }
    }

    /// `N` rounds of outputs at once, each of which meets every phase: a row of coefficients is read once for all outputs that need it. `false` where
    /// there is not enough input for that, where phases are interpolated, and near the end.
    fn produce_rounds<const N: usize>(&mut self, end: u64, output: &mut Vec<f32>) -> bool {
        let filter = &*self.filter;
        let (round, step) = (filter.denominator as usize, filter.numerator as usize);
        let outputs = N * round;
        if !filter.is_exact() || self.given.saturating_add(outputs as u64) > end {
            return false;
        }
        let needed = N * step + filter.taps;
        let Some(input) = self.waiting[self.start..].get(..needed) else {
            return false;
        };
        let first = output.len();
        output.resize(first + outputs, 0.0);
        let output = &mut output[first..];
        let mut remainder = self.remainder;
        widest(
            #[inline(always)]
            || {
                let mut start = 0;
                for place in 0..round {
                    let windows =
                        std::array::from_fn(|k| &input[start + k * step..][..filter.taps]);
                    let sums: [f32; N] = dots(windows, filter.row(remainder));
                    for (k, sum) in sums.into_iter().enumerate() {
                        output[k * round + place] = sum;
                    }
                    remainder += filter.numerator;
                    start += (remainder / filter.denominator) as usize;
                    remainder %= filter.denominator;
                }
            },
        );
        self.given += outputs as u64;
        self.start += N * step;
        true
    }
}

/// `round(length · to / from)`, halves away from zero; exact for any length.
pub fn resampled_length(length: u64, from: u32, to: u32) -> u64 {
    let (length, from, to) = (u128::from(length), u128::from(from), u128::from(to));
    ((2 * length * to + from) / (2 * from))
        .try_into()
        .unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::f64::consts::TAU;

    fn resample(input: &[f32], from: u32, to: u32, chunk: usize) -> Vec<f32> {
        let mut resampler = Resampler::new(from, to).unwrap();
        let mut output = Vec::new();
        input
            .chunks(chunk)
            .for_each(|piece| resampler.push(piece, &mut output));
        resampler.finish(&mut output);
        output
    }

    fn sine(hz: f64, rate: u32, length: usize) -> Vec<f32> {
        (0..length)
            .map(|n| (TAU * hz * n as f64 / f64::from(rate)).sin() as f32)
            .collect()
    }

    /// Largest difference from the ideal sine over the middle half, in dB below full scale.
    fn error_db(hz: f64, from: u32, to: u32) -> f64 {
        let output = resample(&sine(hz, from, 2 * from as usize), from, to, 1000);
        let ideal = sine(hz, to, output.len());
        let middle = output.len() / 4..output.len() * 3 / 4;
        let worst = middle
            .map(|n| f64::from((output[n] - ideal[n]).abs()))
            .fold(0.0, f64::max);
        20.0 * worst.log10()
    }

    const PAIRS: [(u32, u32); 6] = [
        (48000, 16000),
        (44100, 16000),
        (8000, 16000),
        (11025, 16000),
        (16000, 44100),
        (96000, 22050),
    ];

    /// Decibels that a sine gains over the middle half, by its root mean square.
    fn gain_db(hz: f64, from: u32, to: u32) -> f64 {
        let output = resample(&sine(hz, from, 2 * from as usize), from, to, 1000);
        let middle = &output[output.len() / 4..output.len() * 3 / 4];
        let square: f64 = middle.iter().map(|&x| f64::from(x).powi(2)).sum();
        10.0 * (2.0 * square / middle.len() as f64).log10()
    }

    #[test]
    fn a_sine_below_nine_tenths_of_nyquist_keeps_level_and_place() {
        // A difference of -59 dB is 0.01 dB of level, one of -100 dB less than 0.0001 dB. Level, phase,
        // image and alias all enter this one number, so it bounds each of them. Measured: -126 dB.
        for (from, to) in PAIRS {
            let nyquist = f64::from(from.min(to)) / 2.0;
            for part in [0.01, 0.25, 0.5, 0.75, 0.9] {
                let error = error_db(part * nyquist, from, to);
                assert!(error < -100.0, "{from} to {to} at {part}: {error} dB");
            }
        }
    }

    #[test]
    fn the_passband_ends_at_95_hundredths_of_nyquist_and_the_stopband_begins_at_nyquist() {
        for (from, to) in PAIRS {
            let nyquist = f64::from(from.min(to)) / 2.0;
            let error = error_db(0.95 * nyquist, from, to);
            assert!(error < -110.0, "{from} to {to}: {error} dB");
            let half = gain_db(0.975 * nyquist, from, to);
            assert!((half + 6.02).abs() < 0.1, "{from} to {to}: {half} dB");
            if from > to {
                let alias = gain_db(1.001 * nyquist, from, to);
                assert!(alias < -115.0, "{from} to {to}: {alias} dB");
            }
        }
    }

    #[test]
    fn interpolated_phases_are_as_good_as_those_of_a_table() {
        for (from, to) in [(44_101, 16_000), (16_000, 11_027), (11_127, 48_000)] {
            assert!(!Filter::shared(from, to).is_exact());
            let nyquist = f64::from(from.min(to)) / 2.0;
            for part in [0.01, 0.5, 0.9] {
                let error = error_db(part * nyquist, from, to);
                assert!(error < -100.0, "{from} to {to} at {part}: {error} dB");
            }
        }
    }

    #[test]
    fn the_bits_are_the_same_on_every_processor() {
        // CRC-32 of the samples; run this with other targets (qemu-aarch64, wasm32, x86 without SSE3) to see it hold.
        for ((from, to), crc) in PAIRS.into_iter().zip(CRCS) {
            let mut state = 1_u32;
            let mut noise = || {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                (state >> 8) as f32 / 8_388_608.0 - 1.0
            };
            let input: Vec<f32> = (0..from / 4).map(|_| noise()).collect();
            let output = resample(&input, from, to, 4096);
            let bytes: Vec<u8> = output.iter().flat_map(|x| x.to_le_bytes()).collect();
            assert_eq!(format!("{:08x}", crc32(&bytes)), crc, "{from} to {to}");
        }
    }

    /// IEEE 802.3.
    fn crc32(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(!0, |crc: u32, &byte| {
            (0..8).fold(crc ^ u32::from(byte), |crc, _| {
                (crc >> 1) ^ (0xedb8_8320 & (crc & 1).wrapping_neg())
            })
        })
    }

    const CRCS: [&str; 6] = [
        "42c67ede", "aa4ce5fa", "99de3f27", "466d112a", "d8615374", "5cd35167",
    ];

    #[test]
    fn what_cannot_be_represented_is_removed() {
        for (from, to, hz) in [
            (48000, 16000, 8100.0),
            (48000, 16000, 9000.0),
            (44100, 16000, 15000.0),
        ] {
            let output = resample(&sine(hz, from, 96000), from, to, 777);
            let middle = &output[output.len() / 4..output.len() * 3 / 4];
            let worst = middle.iter().fold(0.0_f32, |worst, x| worst.max(x.abs()));
            assert!(worst < 1e-5, "{hz} Hz leaves {worst}"); // -100 dB
        }
    }

    #[test]
    fn an_impulse_stays_at_its_time() {
        for (from, to, at, expected) in [(48000, 16000, 3000, 1000), (8000, 16000, 500, 1000)] {
            let mut input = vec![0.0; 2 * at];
            input[at] = 1.0;
            let output = resample(&input, from, to, 100);
            let loudest = (0..output.len())
                .max_by(|&a, &b| output[a].total_cmp(&output[b]))
                .unwrap();
            assert_eq!(loudest, expected, "{from} to {to}");
        }
    }

    #[test]
    fn nothing_becomes_nothing_and_one_sample_becomes_its_share() {
        assert!(resample(&[], 44100, 16000, 1).is_empty());
        assert_eq!(resample(&[1.0], 8000, 48000, 1).len(), 6);
        assert_eq!(resample(&[1.0], 48000, 8000, 1).len(), 0);
    }

    #[test]
    fn rates_without_a_common_divisor_work() {
        let output = resample(&sine(440.0, 44101, 44101), 44101, 16000, 4096);
        assert_eq!(output.len(), 16000);
    }

    #[test]
    fn a_rate_of_gigahertz_is_refused_before_anything_is_allocated() {
        assert!(matches!(
            Resampler::new(u32::MAX, 16000),
            Err(Error::Ratio { .. })
        ));
        assert!(matches!(Resampler::new(16000, 0), Err(Error::Ratio { .. })));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(24))]
        #[test]
        fn chunking_changes_no_bit_and_the_length_is_the_rounded_one(
            length in 0_usize..9000,
            chunk in 1_usize..3000,
            pair in 0_usize..PAIRS.len(),
        ) {
            let (from, to) = PAIRS[pair];
            let input = sine(333.0, from, length);
            let whole = resample(&input, from, to, length.max(1));
            let expected = (length as f64 * f64::from(to) / f64::from(from)).round() as usize;
            prop_assert_eq!(whole.len(), expected);
            prop_assert_eq!(whole, resample(&input, from, to, chunk));
        }
    }
}
