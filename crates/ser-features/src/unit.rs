//! Units at the borders, and the conversions between scales of frequency.

use crate::error::Error;

/// A sample rate in Hz, between [`SampleRate::LOWEST`] and [`SampleRate::HIGHEST`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SampleRate(u32);

impl SampleRate {
    /// 4 kHz: below it the bands of the descriptors lose their meaning, and nobody has measured the reference there.
    pub const LOWEST: u32 = 4_000;
    /// 192 kHz, the highest rate at which the chain was compared with the reference.
    pub const HIGHEST: u32 = 192_000;

    /// Checks `hz`.
    ///
    /// # Errors
    /// [`Error::SampleRate`] outside 4 … 192 kHz.
    pub fn new(hz: u32) -> Result<Self, Error> {
        if (Self::LOWEST..=Self::HIGHEST).contains(&hz) {
            Ok(Self(hz))
        } else {
            Err(Error::SampleRate(hz))
        }
    }

    /// The rate in Hz.
    pub fn hz(self) -> u32 {
        self.0
    }

    /// The distance of two samples in seconds.
    pub fn period_s(self) -> f64 {
        1.0 / f64::from(self.0)
    }

    /// `seconds` as a whole number of samples, halves rounded up.
    pub(crate) fn samples(self, seconds: f64) -> usize {
        (seconds / self.period_s()).round() as usize
    }
}

/// Mel of a frequency in Hz: 1127 · ln(1 + f/700). O'Shaughnessy (1987), with the factor of the HTK book.
pub(crate) fn mel_from_hz(hz: f32) -> f32 {
    (1127.0 * (1.0 + f64::from(hz) / 700.0).ln()) as f32
}

/// The inverse of [`mel_from_hz`], in `f64`.
pub(crate) fn hz_from_mel(mel: f32) -> f64 {
    700.0 * ((f64::from(mel) / 1127.0).exp() - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_a_sample_rounds_up() {
        assert_eq!(SampleRate::new(22_050).unwrap().samples(0.010), 221);
        assert_eq!(SampleRate::new(11_025).unwrap().samples(0.010), 110);
        assert_eq!(SampleRate::new(11_025).unwrap().samples(0.060), 662);
    }

    #[test]
    fn rates_outside_the_measured_range_are_refused() {
        for hz in [0, 3_999, 192_001, u32::MAX] {
            assert!(SampleRate::new(hz).is_err());
        }
    }

    #[test]
    fn mel_and_hertz_are_inverse() {
        for hz in [20.0_f32, 440.0, 8000.0] {
            assert!((hz_from_mel(mel_from_hz(hz)) / f64::from(hz) - 1.0).abs() < 1e-6);
        }
    }
}
