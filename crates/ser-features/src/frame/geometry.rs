//! The arithmetic of frames: which exist, where they begin, how long they are and where their bins lie.
//!
//! ```text
//! H = round(0.010 · rate)     hop, shared by both families
//! L = round(0.020 · rate)     short frames: spectral descriptors, formants
//! L = round(0.060 · rate)     long frames: pitch, harmonics
//! N(L) = floor((samples − L) / H) + 1,   0 if samples < L
//! ```
//!
//! Frame `t` covers the samples `t·H … t·H + L − 1`. Only complete frames exist. Frames of the two families are paired by
//! index, so their left edges coincide. The frequency axis is that of the *nominal* duration: at 11.025 kHz it is
//! 0.2 % off the true one, and the reference's numbers are on it.

use crate::unit::SampleRate;

/// The hop that computations use as a number, in seconds; the real hop is a whole number of samples.
pub(crate) const NOMINAL_HOP_S: f64 = 0.010;
const SHORT_S: f64 = 0.020;
const LONG_S: f64 = 0.060;

/// One family of frames.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shape {
    /// Samples in a frame.
    pub length: usize,
    /// Length of its transform: the next power of two.
    pub fft_length: usize,
    /// Duration of the padded frame in seconds, from the nominal duration.
    pub duration_s: f64,
}

impl Shape {
    /// Frames of `nominal_s` seconds.
    pub fn new(rate: SampleRate, nominal_s: f64) -> Self {
        let length = rate.samples(nominal_s);
        let fft_length = length.next_power_of_two();
        // The quotient first, then the product: the comparisons with 500, 1000, 2000 and 5000 Hz are exact hits.
        let duration_s = nominal_s * (fft_length as f64 / length as f64);
        Self {
            length,
            fft_length,
            duration_s,
        }
    }

    /// Number of bins of the spectrum, DC and Nyquist included.
    pub fn bins(&self) -> usize {
        self.fft_length / 2 + 1
    }

    /// The frequency of bin `k` in Hz.
    pub fn bin_hz(&self, k: usize) -> f64 {
        (1.0 / self.duration_s) * k as f64
    }

    /// How many bins lie below `hz`: the first that does not.
    pub fn bins_below(&self, hz: f64) -> usize {
        (0..self.bins())
            .take_while(|&k| self.bin_hz(k) < hz)
            .count()
    }

    /// How many bins lie at or below `hz`.
    pub fn bins_up_to(&self, hz: f64) -> usize {
        (0..self.bins())
            .take_while(|&k| self.bin_hz(k) <= hz)
            .count()
    }

    /// Frames at 16 kHz.
    #[cfg(test)]
    pub fn of_16_khz(seconds: f64) -> Self {
        Self::new(SampleRate::new(16_000).unwrap(), seconds)
    }

    /// The frequencies of all bins in Hz.
    pub fn axis_hz(&self) -> Vec<f64> {
        (0..self.bins()).map(|k| self.bin_hz(k)).collect()
    }
}

/// Hop and both families of frames at one sample rate.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Geometry {
    pub rate: SampleRate,
    pub hop: usize,
    pub short: Shape,
    pub long: Shape,
}

impl Geometry {
    pub fn new(rate: SampleRate) -> Self {
        Self {
            rate,
            hop: rate.samples(NOMINAL_HOP_S),
            short: Shape::new(rate, SHORT_S),
            long: Shape::new(rate, LONG_S),
        }
    }

    /// The first sample of frame `t` of either family.
    pub fn first_sample(&self, t: usize) -> usize {
        t * self.hop
    }

    /// How many complete frames of `length` samples there are in `samples`.
    pub fn frames(&self, samples: usize, length: usize) -> usize {
        samples
            .checked_sub(length)
            .map_or(0, |rest| rest / self.hop + 1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(hz: u32) -> Geometry {
        Geometry::new(SampleRate::new(hz).unwrap())
    }

    #[test]
    fn lengths_are_those_of_the_specification() {
        let rows = [
            (8000, 80, 160, 256, 480, 512, 31.25),
            (11025, 110, 221, 256, 662, 1024, 43.1640625),
            (12800, 128, 256, 256, 768, 1024, 50.0),
            (16000, 160, 320, 512, 960, 1024, 31.25),
            (22050, 221, 441, 512, 1323, 2048, 43.06640625),
            (44100, 441, 882, 1024, 2646, 4096, 43.06640625),
            (48000, 480, 960, 1024, 2880, 4096, 46.875),
            (96000, 960, 1920, 2048, 5760, 8192, 46.875),
        ];
        for (hz, hop, short, short_fft, long, long_fft, bin_hz) in rows {
            let g = at(hz);
            assert_eq!(
                (g.hop, g.short.length, g.short.fft_length),
                (hop, short, short_fft)
            );
            assert_eq!((g.long.length, g.long.fft_length), (long, long_fft));
            assert!(
                (g.short.bin_hz(1) - bin_hz).abs() < 1e-9,
                "{hz}: {}",
                g.short.bin_hz(1)
            );
        }
    }

    #[test]
    fn band_edges_are_exact_hits_on_the_31_hz_grid() {
        for hz in [8000, 16000, 32000] {
            assert_eq!(at(hz).short.bin_hz(16), 500.0);
            assert_eq!(at(hz).short.bin_hz(64), 2000.0);
        }
    }

    #[test]
    fn only_complete_frames_count() {
        let g = at(16000);
        assert_eq!(g.frames(959, g.long.length), 0);
        assert_eq!(g.frames(960, g.long.length), 1);
        assert_eq!(g.frames(16000, g.short.length), 99);
        assert_eq!(g.frames(16000, g.long.length), 95);
    }
}
