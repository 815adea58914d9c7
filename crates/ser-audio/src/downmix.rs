//! Many channels become one.
//!
//! ```text
//! mean:     y = f32( f32( (x₁ + x₂ + … + x_c) / c ) / F )      the sum in f32, in channel order
//! channel:  y = f32( x_k / F )
//! ```
//!
//! x are the numbers of the file, integers still unscaled, and F their full scale (see `scale`). The
//! order of sum, mean and scale decides the last bit.

/// What becomes of the channels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mix {
    /// The mean of all.
    Mean,
    /// One of them, counting from 0.
    Channel(usize),
}

/// Replaces `mono` by the downmix of `channels` channels, at amplitudes around ±1.
///
/// `channel(k)` gives the unscaled numbers of channel `k`; all channels are equally long.
pub(crate) fn downmix<C, N>(
    mix: Mix,
    channels: usize,
    full_scale: f32,
    mono: &mut Vec<f32>,
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
            mono.iter_mut()
                .for_each(|sum| *sum = *sum / count / full_scale);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mixed(mix: Mix, full_scale: f32, planes: &[&[f32]]) -> Vec<f32> {
        let mut mono = vec![f32::NAN; 7]; // starts dirty
        downmix(mix, planes.len(), full_scale, &mut mono, |k| {
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
