//! Many channels become one.
//!
//! ```text
//! mean:     y = f32( f32( (x₁ + x₂ + … + x_c) / c ) / F )      the sum in f32, in channel order
//! channel:  y = f32( x_k / F )
//! ```
//!
//! x are the numbers of the file, integers still unscaled, and F their full scale (see `scale`). The
//! order of sum, mean and scale decides the last bit.

use symphonia::core::audio::{Audio, GenericAudioBufferRef};

use crate::scale::{Amplitude, Scale};

/// What becomes of the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// The mean of all.
    Mean,
    /// One of them, counting from 0.
    Channel(usize),
}

/// Energies of the mean and of the channels, to see whether they cancel each other. Taken of every seventh sample, which is
/// enough for that and costs nothing.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Balance {
    mix: f64,
    channels: f64,
}

impl Balance {
    const STEP: usize = 7;

    /// How far the mean lies below the channels, in dB, if that is more than any recording of one scene gives: the mean of 64
    /// independent channels is 18 dB below them.
    pub(crate) fn cancelled_db(&self) -> Option<f64> {
        const LEAST_DB: f64 = 30.0;
        let decibels = 10.0 * (self.channels / self.mix.max(self.channels * 1e-12)).log10();
        (self.channels > 0.0 && decibels > LEAST_DB).then_some(decibels)
    }
}

/// Replaces `mono` by the downmix of `channels` channels, at amplitudes around ±1.
///
/// `channel(k)` gives the unscaled numbers of channel `k`; all channels are equally long.
pub(crate) fn downmix<C, N>(
    mix: Mix,
    channels: usize,
    full_scale: f32,
    mono: &mut Vec<f32>,
    balance: &mut Balance,
    channel: C,
) where
    C: Fn(usize) -> N,
    N: Iterator<Item = f32>,
{
    mono.clear();
    match mix {
        Mix::Channel(k) => mono.extend(channel(k).map(|number| number / full_scale)),
        Mix::Mean => {
            mono.extend(channel(0));
            for k in 1..channels {
                mono.iter_mut()
                    .zip(channel(k))
                    .for_each(|(sum, number)| *sum += number);
            }
            let count = channels as f32;
            if channels > 1 {
                let square = |number: f32| f64::from(number) * f64::from(number);
                let energy = |k| channel(k).step_by(Balance::STEP).map(square).sum::<f64>();
                balance.channels += (0..channels).map(energy).sum::<f64>() / f64::from(count);
                let sums = mono.iter().step_by(Balance::STEP);
                balance.mix += sums.map(|&sum| square(sum / count)).sum::<f64>();
            }
            mono.iter_mut()
                .for_each(|sum| *sum = *sum / count / full_scale);
        }
    }
}

/// Packets become one channel, whatever the numbers in which they were decoded; `depth` is how many of their bits count.
pub(crate) fn mix_down(
    buffer: GenericAudioBufferRef<'_>,
    depth: Option<u32>,
    wanted: (Mix, Scale),
    mono: &mut Vec<f32>,
    balance: &mut Balance,
) {
    fn planes<S: Amplitude + symphonia::core::audio::sample::Sample>(
        buffer: &impl Audio<S>,
        depth: Option<u32>,
        (mix, scale): (Mix, Scale),
        mono: &mut Vec<f32>,
        balance: &mut Balance,
    ) {
        let scale = scale.full(depth.unwrap_or(S::WIDTH), S::WIDTH);
        downmix(mix, buffer.num_planes(), scale, mono, balance, |k| {
            buffer
                .plane(k)
                .unwrap_or_default()
                .iter()
                .map(|sample| sample.number())
        });
    }
    match buffer {
        GenericAudioBufferRef::U8(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::U16(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::U24(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::U32(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::S8(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::S16(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::S24(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::S32(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::F32(buffer) => planes(buffer, depth, wanted, mono, balance),
        GenericAudioBufferRef::F64(buffer) => planes(buffer, depth, wanted, mono, balance),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(mix: Mix, full_scale: f32, planes: &[&[f32]]) -> Vec<f32> {
        let mut mono = vec![f32::NAN; 7]; // starts dirty
        let balance = &mut Balance::default();
        downmix(mix, planes.len(), full_scale, &mut mono, balance, |k| {
            planes[k].iter().copied()
        });
        mono
    }

    #[test]
    fn stereo_is_summed_before_it_is_scaled() {
        let (left, right): (&[f32], &[f32]) = (&[32767.0, -3.0, 1.0], &[32767.0, 0.0, 2.0]);
        let expected = [1.0, -1.5 / 32767.0, 1.5 / 32767.0];
        assert_eq!(mixed(Mix::Mean, 32767.0, &[left, right]), expected);
    }

    #[test]
    fn the_mean_is_summed_in_channel_order() {
        // 2²⁴ + 1 is lost in f32 when it is added first, and not when the small ones meet first.
        let big = 16_777_216.0;
        assert_eq!(
            mixed(Mix::Mean, 1.0, &[&[big], &[1.0], &[1.0]]),
            [big / 3.0]
        );
        assert_eq!(
            mixed(Mix::Mean, 1.0, &[&[1.0], &[1.0], &[big]]),
            [(big + 2.0) / 3.0]
        );
    }

    #[test]
    fn a_chosen_channel_is_only_scaled() {
        let planes: [&[f32]; 2] = [&[5.0], &[127.0]];
        assert_eq!(mixed(Mix::Channel(1), 127.0, &planes), [1.0]);
    }

    #[test]
    fn one_float_channel_comes_out_bit_for_bit() {
        let samples = [-0.0, 1.5, f32::MIN_POSITIVE, -7.25e30];
        let mono = mixed(Mix::Mean, 1.0, &[&samples]);
        assert!(
            mono.iter()
                .zip(samples)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }
}
