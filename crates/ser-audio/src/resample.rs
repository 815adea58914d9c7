//! Any rate to any other, block by block, by a windowed sinc applied in the frequency domain.
//!
//! The transform takes `SHORTEST_BLOCK` or more samples (of the lower rate) at a time, so the filter
//! is that long. Up to 0.97 of the lower Nyquist frequency a sine is reproduced within 115 dB of its
//! level, which bounds ripple, images, aliases and delay together; the tests ask for 100 dB up to 0.9.
//! The filter is symmetric; its delay of half a block is removed, so output sample 0 stands at the time
//! of input sample 0, and `n` samples become `round(n · to / from)`. Work is done on blocks of one fixed
//! length, however the input arrives, so chunking cannot change a bit. Equal rates never come here: the
//! samples pass as they are.
//!
//! Before the first and after the last sample the recording counts as silence.

use rubato::audioadapter_buffers::direct::InterleavedSlice;
use rubato::{Fft, FixedSync, Resampler as _, WindowFunction};

use crate::error::Error;

/// Rates resampled, in Hz. Rates without a common divisor need a block of two seconds, so the upper
/// limit bounds memory (to some 100 MB) where a damaged header claims gigahertz.
const RATES_HZ: std::ops::RangeInclusive<u32> = 100..=384_000;

/// The least block, in samples of the lower of the two rates. With 512 a sine is exact to -100 dB up to
/// 0.95 of Nyquist, with 1024 to -115 dB up to 0.97, for 64 ms of latency at 16 kHz and no more time.
const SHORTEST_BLOCK: u32 = 1024;

/// Resamples one channel as a stream.
pub struct Resampler {
    fft: Fft<f32>,
    from: u32,
    to: u32,
    /// Input that waits for its block to fill.
    waiting: Vec<f32>,
    /// Input samples in a block.
    block: usize,
    /// One block of output.
    resampled: Vec<f32>,
    /// Output samples of the filter's delay still to be thrown away.
    delay: usize,
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
        let ratio = || Error::Ratio {
            from,
            to,
            lowest: *RATES_HZ.start(),
            highest: *RATES_HZ.end(),
        };
        if !RATES_HZ.contains(&from) || !RATES_HZ.contains(&to) {
            return Err(ratio());
        }
        // Whole periods of both rates, and an even number of them: half a block, the delay, is then
        // a whole number of samples at either rate.
        let divisor = greatest_common_divisor(from, to);
        let period = 2 * (from.min(to) / divisor);
        let periods = 2 * SHORTEST_BLOCK.div_ceil(period);
        let block = (periods * (from / divisor)) as usize;
        let fft = Fft::new_custom(
            from as usize,
            to as usize,
            block,
            1,
            1,
            WindowFunction::BlackmanHarris2,
            FixedSync::Both,
        )
        .map_err(|_| ratio())?;
        debug_assert_eq!(fft.fft_size_in(), block);
        Ok(Self {
            from,
            to,
            waiting: Vec::with_capacity(block),
            block,
            resampled: vec![0.0; fft.output_frames_max()],
            delay: fft.output_delay(),
            fft,
            taken: 0,
            given: 0,
        })
    }

    /// Takes `input` and appends to `output` what can be said by now, perhaps nothing.
    pub fn push(&mut self, mut input: &[f32], output: &mut Vec<f32>) {
        self.taken += input.len() as u64;
        while !input.is_empty() {
            let room = (self.block - self.waiting.len()).min(input.len());
            let (now, later) = input.split_at(room);
            self.waiting.extend_from_slice(now);
            input = later;
            if self.waiting.len() == self.block {
                self.process(output);
            }
        }
    }

    /// Appends what the input pushed so far still owes.
    pub fn finish(&mut self, output: &mut Vec<f32>) {
        let owed = resampled_length(self.taken, self.from, self.to);
        let start = output.len();
        let owed_now = (owed - self.given) as usize;
        while output.len() - start < owed_now {
            self.waiting.resize(self.block, 0.0);
            self.process(output);
        }
        output.truncate(start + owed_now);
        self.given = owed;
    }

    /// One full block of input through the filter.
    fn process(&mut self, output: &mut Vec<f32>) {
        let input = InterleavedSlice::new(&self.waiting, 1, self.block).expect("one channel fits");
        let frames = self.resampled.len();
        let mut room =
            InterleavedSlice::new_mut(&mut self.resampled, 1, frames).expect("one channel fits");
        let (_, made) = self
            .fft
            .process_into_buffer(&input, &mut room, None)
            .expect("block lengths are fixed in new");
        let skipped = self.delay.min(made);
        self.delay -= skipped;
        output.extend_from_slice(&self.resampled[skipped..made]);
        self.given += (made - skipped) as u64;
        self.waiting.clear();
    }
}

/// `round(length · to / from)`, halves away from zero; exact for any length.
pub fn resampled_length(length: u64, from: u32, to: u32) -> u64 {
    let (length, from, to) = (u128::from(length), u128::from(from), u128::from(to));
    ((2 * length * to + from) / (2 * from))
        .try_into()
        .unwrap_or(u64::MAX)
}

fn greatest_common_divisor(a: u32, b: u32) -> u32 {
    if b == 0 {
        a
    } else {
        greatest_common_divisor(b, a % b)
    }
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

    #[test]
    fn a_sine_below_nine_tenths_of_nyquist_keeps_level_and_place() {
        // A difference of -59 dB is 0.01 dB of level, one of -100 dB less than 0.0001 dB. Level, phase,
        // image and alias all enter this one number, so it bounds each of them. Measured: -114 dB.
        for (from, to) in PAIRS {
            let nyquist = f64::from(from.min(to)) / 2.0;
            for part in [0.01, 0.25, 0.5, 0.75, 0.9] {
                let error = error_db(part * nyquist, from, to);
                assert!(error < -100.0, "{from} to {to} at {part}: {error} dB");
            }
        }
    }

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
