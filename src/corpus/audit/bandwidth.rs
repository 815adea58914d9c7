//! Effective bandwidth: up to where there is anything in a recording.
//!
//! A recording that was made at a low rate, or went through a lossy coder, and was stored at a higher rate ends at a cliff: below it speech or
//! room, above it nothing but rounding. Speech alone never falls like that, it fades over kilohertz. So the cliff is looked for, not a level:
//!
//! ```text
//! P(b) = mean power of band b of 100 Hz over all frames, in dB
//! fall(b) = mean of P over the 400 Hz below b − maximum of P from 200 Hz above b to Nyquist
//! ```
//!
//! and the bandwidth is where the fall is deepest, if it is 20 dB or more, else Nyquist. The bands next to Nyquist, where converters roll
//! off, are no cliff: the quiet stretch must be at least a tenth of the spectrum.

use crate::spectrum::magnitude::{FrameTransform, Padding};

/// Samples of a frame.
const FRAME: usize = 2048;
/// Width of a band, Hz.
const BAND_HZ: f64 = 100.0;
/// Bands below the cliff that are averaged.
const BELOW: usize = 4;
/// Bands that the cliff itself may take.
const SLOPE: usize = 2;
/// The least fall of a cliff, dB.
const CLIFF_DB: f64 = 20.0;
/// The lowest cliff, Hz: a telephone ends at 3.4 kHz, and below 2 kHz a hum alone looks like one.
const LOWEST_HZ: f64 = 2000.0;
/// The least share of the spectrum above a cliff.
const ABOVE: f64 = 0.1;

/// Where the spectrum ends, in Hz; Nyquist if it has no cliff. None for silence and for less than one frame.
pub(crate) fn bandwidth_hz(samples: &[f32], rate_hz: u32) -> Option<f64> {
    let bands = bands_db(samples, rate_hz)?;
    let nyquist = f64::from(rate_hz) / 2.0;
    let last = (bands.len() as f64 * (1.0 - ABOVE)) as usize;
    let lowest = ((LOWEST_HZ / BAND_HZ) as usize).max(BELOW);
    let fall = |b: usize| {
        let below = bands[b - BELOW..b].iter().sum::<f64>() / BELOW as f64;
        below
            - bands[b + SLOPE..]
                .iter()
                .copied()
                .fold(f64::NEG_INFINITY, f64::max)
    };
    let cliff = (lowest..last.min(bands.len().saturating_sub(SLOPE)))
        .map(|b| (b, fall(b)))
        .max_by(|a, b| a.1.total_cmp(&b.1));
    match cliff {
        Some((b, fall)) if fall >= CLIFF_DB => Some(b as f64 * BAND_HZ),
        _ => Some(nyquist),
    }
}

fn bands_db(samples: &[f32], rate_hz: u32) -> Option<Vec<f64>> {
    if samples.iter().all(|&sample| sample == 0.0) || samples.len() < FRAME {
        return None;
    }
    let mut transform = FrameTransform::new(hann(), Padding::Behind);
    let mut magnitudes = vec![0.0; FRAME / 2 + 1];
    let mut power = vec![0.0_f64; FRAME / 2 + 1];
    for frame in samples.chunks_exact(FRAME) {
        transform.process(frame);
        transform.magnitudes(&mut magnitudes);
        for (sum, &magnitude) in power.iter_mut().zip(&magnitudes) {
            *sum += f64::from(magnitude).powi(2);
        }
    }
    let bin_hz = f64::from(rate_hz) / FRAME as f64;
    let bands = ((f64::from(rate_hz) / 2.0) / BAND_HZ) as usize;
    let band = |b: usize| {
        let first = (b as f64 * BAND_HZ / bin_hz).ceil() as usize;
        let end = (((b + 1) as f64 * BAND_HZ / bin_hz).ceil() as usize).max(first + 1);
        let bins =
            &power[first.min(FRAME / 2)..end.min(FRAME / 2 + 1).max(first.min(FRAME / 2) + 1)];
        10.0 * (bins.iter().sum::<f64>() / bins.len() as f64 + 1e-12).log10()
    };
    Some((0..bands).map(band).collect())
}

/// Its side lobes fall quickly, so a loud low voice does not fill an empty top.
fn hann() -> Vec<f32> {
    let angle = |i: usize| std::f64::consts::TAU * i as f64 / FRAME as f64;
    (0..FRAME)
        .map(|i| (0.5 - 0.5 * angle(i).cos()) as f32)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Noise whose spectrum falls by `db_per_khz`, with nothing but rounding to 16 bits above `end_hz`.
    fn noise(rate_hz: u32, end_hz: f64, db_per_khz: f64) -> Vec<f32> {
        let mut random = crate::corpus::random::Random::new(7);
        let count = 400;
        let sines: Vec<(f64, f64, f64)> = (0..count)
            .map(|k| {
                let hz = (k as f64 + random.uniform()) * end_hz / f64::from(count);
                let amplitude = 0.02 * 10_f64.powf(-db_per_khz * hz / 1000.0 / 20.0);
                (hz, amplitude, random.uniform() * std::f64::consts::TAU)
            })
            .collect();
        (0..rate_hz as usize)
            .map(|i| {
                let time = i as f64 / f64::from(rate_hz);
                let sum: f64 = sines
                    .iter()
                    .map(|(hz, a, phase)| a * (std::f64::consts::TAU * hz * time + phase).sin())
                    .sum();
                ((sum * 32767.0).round() / 32767.0) as f32
            })
            .collect()
    }

    #[test]
    fn an_upsampled_recording_ends_where_its_source_did() {
        for end in [3400.0, 5500.0] {
            let found = bandwidth_hz(&noise(16_000, end, 3.0), 16_000).unwrap();
            assert!((found - end).abs() <= 250.0, "{found} for {end}");
        }
    }

    #[test]
    fn a_spectrum_that_fades_has_no_cliff() {
        for slope in [0.0, 3.0, 8.0] {
            assert_eq!(
                bandwidth_hz(&noise(16_000, 8000.0, slope), 16_000),
                Some(8000.0)
            );
        }
    }

    #[test]
    fn silence_and_less_than_a_frame_have_no_bandwidth() {
        assert_eq!(bandwidth_hz(&[0.0; 10_000], 16_000), None);
        assert_eq!(bandwidth_hz(&[0.1; 100], 16_000), None);
    }
}
