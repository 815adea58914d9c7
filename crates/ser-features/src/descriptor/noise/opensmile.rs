//! Harmonics-to-noise ratio from the autocorrelation.
//!
//! ```text
//! HNR = 10 · log₁₀( r(τ) / (r(0) − r(τ)) )      [dB],   τ: the local maximum of r closest to 1/F0
//! ```
//!
//! P. Boersma (1993), "Accurate short-term analysis of the fundamental frequency and the harmonics-to-noise ratio of a sampled
//! sound", IFA Proceedings 17, 97–110. The autocorrelation is the inverse transform of the power spectrum. Differs: it is
//! not divided by that of the window.

use crate::frame::geometry::Shape;
use crate::lanes::F32s;
use crate::spectrum::ooura::{Complex, RealFft};

const SMALLEST: f64 = 1e-9;
const LARGEST: f64 = 1e11;

/// Transform and memory for one frame size.
#[derive(Clone, Debug)]
pub(crate) struct HarmonicsToNoise {
    fft: RealFft,
    lags: Vec<Complex>,
    bins: usize,
    nyquist_hz: f64,
}

impl HarmonicsToNoise {
    /// Plans for magnitude spectra of the given frames.
    pub fn new(shape: &Shape) -> Self {
        Self {
            fft: RealFft::new(shape.fft_length),
            lags: vec![Complex::default(); shape.fft_length / 2],
            bins: shape.bins(),
            nyquist_hz: shape.bin_hz(shape.bins() - 1),
        }
    }

    /// Takes in the magnitudes of eight frames.
    #[inline(never)]
    pub fn autocorrelate(&mut self, magnitudes: &[F32s]) {
        let magnitudes = &magnitudes[..self.bins];
        let power = |k: usize| magnitudes[k] * magnitudes[k];
        self.fft.inverse_of_real(power, &mut self.lags);
    }

    /// The ratio in dB of one of these frames, given its pitch in Hz: between −90 and 110; 0 where no lag fits.
    pub fn ratio_db(&self, lane: usize, f0_hz: f32) -> f32 {
        let scale = self.bins as f32;
        let at = |l: usize| self.fft.sample(&self.lags, l, lane).abs() / scale;
        let expected = (2.0 * self.nyquist_hz / f64::from(f0_hz)).floor() as usize;
        ratio_db(at, self.bins, expected.min(self.bins - 1))
    }
}

/// The ratio from an autocorrelation of `count` lags whose period is expected at `expected`.
fn ratio_db(lags: impl Fn(usize) -> f32, count: usize, expected: usize) -> f32 {
    let lag = closest_peak(&lags, count, expected);
    if lag == 0 {
        return 0.0;
    }
    let noise = lags(0) - lags(lag);
    let ratio = if noise == 0.0 {
        LARGEST
    } else {
        f64::from(lags(lag)) / f64::from(noise)
    };
    (10.0 * ratio.clamp(SMALLEST, LARGEST).log10()) as f32
}

/// The local maximum closest to `expected`, the shorter lag first.
fn closest_peak(lags: impl Fn(usize) -> f32, count: usize, expected: usize) -> usize {
    let last = count - 1;
    let is_peak = |l: usize| lags(l) > lags(l - 1) && (l == last || lags(l) > lags(l + 1));
    if expected > 0 && is_peak(expected) {
        return expected;
    }
    for distance in 1..=last {
        if expected > distance && is_peak(expected - distance) {
            return expected - distance;
        }
        if expected + distance < last && is_peak(expected + distance) {
            return expected + distance;
        }
    }
    match (lags(0) > lags(expected), lags(last) > lags(expected)) {
        (true, false) => 0,
        (false, true) => last,
        (true, true) if 2 * expected < count => 0,
        (true, true) => last,
        (false, false) => expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::geometry::Geometry;
    use crate::unit::SampleRate;

    /// Harmonics of 125 Hz (every eighth bin) of unit power over a floor.
    fn hnr_over(floor: f32) -> f32 {
        let shape = Geometry::new(SampleRate::new(16000).unwrap()).long;
        let mut magnitudes = vec![floor.sqrt(); shape.bins()];
        for k in (8..512).step_by(8) {
            magnitudes[k] = 1.0;
        }
        let lanes: Vec<F32s> = magnitudes.iter().map(|&m| F32s::splat(m)).collect();
        let mut noise = HarmonicsToNoise::new(&shape);
        noise.autocorrelate(&lanes);
        assert_eq!(noise.ratio_db(0, 125.0), noise.ratio_db(7, 125.0));
        noise.ratio_db(0, 125.0)
    }

    fn closest(lags: [f32; 7], expected: usize) -> usize {
        closest_peak(|l| lags[l], 7, expected)
    }

    #[test]
    fn noise_power_is_subtracted_from_the_whole() {
        // Per period of the spectrum: one harmonic of power 1, seven bins of noise.
        for floor in [0.1_f32, 0.01, 0.001] {
            let want = 10.0 * ((1.0 - floor) / (8.0 * floor)).log10();
            assert!(
                (hnr_over(floor) - want).abs() < 0.15,
                "{floor}: {} {want}",
                hnr_over(floor)
            );
        }
    }

    #[test]
    fn the_shorter_of_two_equally_close_peaks_is_taken() {
        assert_eq!(closest([9.0, 1.0, 2.0, 1.0, 2.0, 1.0, 0.0], 3), 2);
        assert_eq!(closest([9.0, 1.0, 2.0, 1.0, 2.0, 1.0, 0.0], 4), 4);
        assert_eq!(closest([9.0, 8.0, 7.0, 6.0, 5.0, 4.0, 3.0], 3), 0);
    }
}
