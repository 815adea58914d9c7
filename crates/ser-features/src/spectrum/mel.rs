//! Mel filter bank: 26 triangles between 20 Hz and 8 kHz that are linear on the mel axis.
//!
//! ```text
//! m_b = Σ_k P_k · Λ_b(mel(f_k)),     Λ_b: peak 1 at c_{b+1}, feet at c_b and c_{b+2}
//! c_j = mel(20) + j·(mel(top) − mel(20))/27,   top = min(8 kHz, rate/2)
//! ```
//!
//! No area normalisation; weights are taken at the frequency of the bin. S. S. Stevens, J. Volkmann, E. B. Newman (1937),
//! "A scale for the measurement of the psychological magnitude pitch", JASA 8, 185–190. Weights, products and sums
//! are `f32`, the sums in order of increasing frequency.

use crate::frame::geometry::Shape;
use crate::lanes::{F32s, widest};
use crate::unit::{hz_from_mel, mel_from_hz};

/// Number of bands.
pub(crate) const BANDS: usize = 26;
const LOWEST_HZ: f32 = 20.0;
const HIGHEST_HZ: f32 = 8000.0;

/// The filter bank of one spectrum size.
#[derive(Clone, Debug)]
pub(crate) struct MelBank {
    /// First bin that contributes.
    first: usize,
    /// For each contributing bin: the number j of the centre above it, and the share of band j − 2.
    weights: Vec<(u8, f32)>,
    centres_hz: [f64; BANDS],
}

impl MelBank {
    /// The bank for power spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self::up_to(shape, HIGHEST_HZ)
    }

    /// The bank whose bands end at `highest_hz`.
    pub fn up_to(shape: &Shape, highest_hz: f32) -> Self {
        let bin_hz = (1.0 / shape.duration_s) as f32;
        let rate = (shape.fft_length as f64 / shape.duration_s) as f32;
        let top = highest_hz.min(rate / 2.0);
        let (low, high) = (mel_from_hz(LOWEST_HZ), mel_from_hz(top));
        let step = (high - low) / (BANDS + 1) as f32;
        let centre = |j: usize| low + j as f32 * step;

        let limit = |hz: f32| ((hz / bin_hz).round() as usize).min(shape.bins());
        let (lower, upper) = (limit(LOWEST_HZ), limit(top));
        let mut first = lower + 1;
        let mut weights = Vec::new();
        // Both limits are excluded.
        for k in lower + 1..upper {
            let mel = mel_from_hz(k as f32 * bin_hz);
            match (1..=BANDS + 1).find(|&j| centre(j - 1) < mel && mel <= centre(j)) {
                Some(j) => {
                    weights.push((j as u8, (centre(j) - mel) / (centre(j) - centre(j - 1))));
                }
                None if weights.is_empty() => first = k + 1,
                None => break,
            }
        }
        let centres_hz = std::array::from_fn(|b| hz_from_mel(centre(b + 1)));
        Self {
            first,
            weights,
            centres_hz,
        }
    }

    /// Centre frequencies of the bands in Hz.
    pub fn centres_hz(&self) -> &[f64; BANDS] {
        &self.centres_hz
    }

    /// The energies of the bands of power spectra.
    pub fn process(&self, power: &[F32s], bands: &mut [F32s; BANDS]) {
        widest(
            #[inline(always)]
            || {
                // Two more places at the ends take the shares of bands that do not exist.
                let mut sums = [F32s::default(); BANDS + 2];
                for (&p, &(j, weight)) in power[self.first..].iter().zip(&self.weights) {
                    let falling = weight * p;
                    let j = usize::from(j);
                    sums[j - 1] += falling;
                    sums[j] += p - falling;
                }
                bands.copy_from_slice(&sums[1..=BANDS]);
            },
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::unit::SampleRate;

    fn bank(hz: u32) -> MelBank {
        MelBank::new(&Geometry::new(SampleRate::new(hz).unwrap()).short)
    }

    #[test]
    fn the_bins_used_are_those_of_the_specification() {
        let rows = [
            (8000, 2, 127),
            (11025, 1, 127),
            (16000, 2, 255),
            (32000, 2, 255),
            (22050, 1, 185),
            (44100, 1, 185),
            (48000, 1, 170),
        ];
        for (hz, first, last) in rows {
            let bank = bank(hz);
            assert_eq!(
                (bank.first, bank.first + bank.weights.len() - 1),
                (first, last),
                "{hz}"
            );
        }
    }

    #[test]
    fn centres_and_weights_are_the_published_ones() {
        let bank = bank(16000);
        for (b, hz) in [(0, 89.6115), (12, 1689.9309), (25, 7233.0137)] {
            assert!((bank.centres_hz()[b] / hz - 1.0).abs() < 1e-6);
        }
        let mut power = vec![F32s::default(); 257];
        let mut bands = [F32s::default(); BANDS];
        power[3] = F32s::splat(1.0);
        bank.process(&power, &mut bands);
        assert!(
            (bands[0].0[0] - 0.943_358_3).abs() < 1e-6
                && (bands[1].0[7] - 0.056_641_7).abs() < 1e-6
        );
        power[3] = F32s::default();
        power[255] = F32s::splat(1.0);
        bank.process(&power, &mut bands);
        assert!((bands[25].0[1] - 0.038_990_4).abs() < 1e-6);
    }

    #[test]
    fn inner_bins_give_all_their_power_away() {
        let bank = bank(16000);
        let mut bands = [F32s::default(); BANDS];
        bank.process(&[F32s::splat(1.0); 257], &mut bands);
        let inner: f32 = bands.iter().map(|band| band.0[0]).sum();
        // 254 bins; the outermost ones give a part to bands that do not exist.
        assert!(inner > 240.0 && inner < 254.0, "{inner}");
    }
}
