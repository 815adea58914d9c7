//! The spectrogram: which frequencies are in the voice at which time, as grey levels.
//!
//! ```text
//! L(t, f) = 10 · log₁₀ |FFT( w · s′ )|²,    s′(n) = s(n) − 0.97 · s(n − 1)
//! ```
//!
//! Wide-band, as phoneticians read it: a Hann window of 10 ms (about as sharp as Praat's Gaussian of 5 ms) shows formants as bars and pulses of the
//! glottis as stripes. Pre-emphasis lifts the high formants. Black is the loudest cell, white is [`RANGE_DB`] below it.

use ser_features::lanes::{F32s, LANES};
use ser_features::spectrum::magnitude::{FrameTransform, Padding};

/// From black to white, in dB.
pub const RANGE_DB: f64 = 50.0;

/// Length of the window, in seconds.
const WINDOW_S: f64 = 0.010;

/// The picture ends here, in Hz, or at half the rate.
const TOP_HZ: f64 = 5500.0;

/// Pixels: at most so many moments, and so many frequencies.
const COLUMNS: usize = 1600;
const ROWS: usize = 220;

/// A picture of grey levels, row after row from the highest frequency down.
#[derive(Clone, Debug, PartialEq)]
pub struct Spectrogram {
    /// 0 is black, the loudest; 255 white.
    pub grey: Vec<u8>,
    /// Pixels in a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Times of the left and right edge, in seconds.
    pub seconds: [f64; 2],
    /// Frequencies of the lower and upper edge, in Hz.
    pub hz: [f64; 2],
}

/// The spectrogram of samples; white where there are none.
pub fn spectrogram(samples: &[f32], rate_hz: u32) -> Spectrogram {
    let rate = f64::from(rate_hz.max(1));
    let window = ((WINDOW_S * rate).round() as usize).max(8);
    // Padded with zeros: the picture's rows then fall between fine bins.
    let length = (4 * window).next_power_of_two();
    let hop = (rate * 0.002)
        .max(samples.len() as f64 / COLUMNS as f64)
        .max(1.0);
    let columns = ((samples.len() as f64 / hop).ceil() as usize).clamp(1, COLUMNS);
    let top = TOP_HZ.min(rate / 2.0);
    let mut levels = vec![f64::NEG_INFINITY; columns * ROWS];
    // Zeros behind the window are the padding.
    let mut weights: Vec<f32> = (0..window).map(|i| hann(i, window)).collect();
    weights.resize(length, 0.0);
    let mut transform = FrameTransform::new(weights, Padding::Behind);
    let mut magnitudes = vec![F32s::default(); length / 2 + 1];
    let mut frames = vec![vec![0.0; length]; LANES];
    for first in (0..columns).step_by(LANES) {
        for (lane, frame) in frames.iter_mut().enumerate() {
            let middle = ((first + lane) as f64 + 0.5) * hop;
            let start = (middle - window as f64 / 2.0).round() as isize;
            for (i, slot) in frame.iter_mut().take(window).enumerate() {
                *slot = emphasised(samples, start + i as isize);
            }
        }
        let lanes = std::array::from_fn(|lane| frames[lane].as_slice());
        transform.magnitudes(&lanes, &mut magnitudes);
        for column in first..columns.min(first + LANES) {
            for row in 0..ROWS {
                // Rows from the top down.
                let hz = top * (1.0 - (row as f64 + 0.5) / ROWS as f64);
                let bin = (hz / rate * length as f64).round() as usize;
                let magnitude = magnitudes[bin.min(magnitudes.len() - 1)].0[column - first];
                levels[row * columns + column] = 20.0 * f64::from(magnitude).log10();
            }
        }
    }
    Spectrogram {
        grey: shades(&levels),
        width: columns,
        height: ROWS,
        seconds: [0.0, columns as f64 * hop / rate],
        hz: [0.0, top],
    }
}

/// The Hann window of 10 ms.
fn hann(i: usize, window: usize) -> f32 {
    let phase = (i as f32 + 0.5) / window as f32;
    0.5 - 0.5 * (2.0 * std::f32::consts::PI * phase).cos()
}

/// A sample with its high frequencies lifted; 0 outside.
fn emphasised(samples: &[f32], at: isize) -> f32 {
    let sample = |at: isize| {
        let value = usize::try_from(at).ok().and_then(|at| samples.get(at));
        value.copied().filter(|v| v.is_finite()).unwrap_or(0.0)
    };
    sample(at) - 0.97 * sample(at - 1)
}

/// Levels as shades below the loudest.
fn shades(levels: &[f64]) -> Vec<u8> {
    let loudest = levels.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shade = |level: &f64| {
        let below = if loudest.is_finite() {
            (loudest - level) / RANGE_DB
        } else {
            1.0
        };
        (255.0 * below.clamp(0.0, 1.0)).round() as u8
    };
    levels.iter().map(shade).collect()
}

#[test]
fn a_tone_is_black_at_its_frequency_and_white_far_from_it() {
    let rate = 16000;
    let tone = |n: usize| (2.0 * std::f32::consts::PI * 1000.0 * n as f32 / rate as f32).sin();
    let samples: Vec<f32> = (0..rate as usize).map(tone).collect();
    let drawn = spectrogram(&samples, rate);
    let row = |hz: f64| ((1.0 - hz / drawn.hz[1]) * ROWS as f64) as usize;
    let grey = |hz| drawn.grey[row(hz) * drawn.width + drawn.width / 2];
    assert!(grey(1000.0) < 5 && grey(3000.0) > 250);
    assert!((drawn.seconds[1] - 1.0).abs() < 0.01);
}
