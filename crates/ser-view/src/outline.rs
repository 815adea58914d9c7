//! The outline of a waveform: the lowest and highest sample of each of some hundreds of stretches.

use serde::Serialize;

/// Points of an outline: about two per pixel.
const POINTS: usize = 1600;

/// Lowest and highest sample of each stretch, with the time of its middle.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Outline {
    /// Middles of the stretches, seconds.
    pub time: Vec<f64>,
    /// Lowest samples, 0 or below.
    pub low: Vec<f64>,
    /// Highest samples, 0 or above.
    pub high: Vec<f64>,
}

/// The outline of samples at a rate in Hz; samples that are not finite are passed over.
pub fn outline(samples: &[f32], rate: f64) -> Outline {
    let every = samples.len().div_ceil(POINTS).max(1);
    let mut outline = Outline::default();
    for (i, stretch) in samples.chunks(every).enumerate() {
        let middle = (i * every) as f64 + stretch.len() as f64 / 2.0;
        let finite = || stretch.iter().copied().filter(|v| v.is_finite());
        outline.time.push(rounded(middle / rate));
        outline
            .low
            .push(rounded(f64::from(finite().fold(0.0, f32::min))));
        outline
            .high
            .push(rounded(f64::from(finite().fold(0.0, f32::max))));
    }
    outline
}

/// To four decimals, finer than a screen shows.
pub(crate) fn rounded(value: f64) -> f64 {
    (value * 1e4).round() / 1e4
}

#[test]
fn peaks_survive_however_long_the_recording() {
    let mut samples = vec![0.0_f32; 1_000_000];
    samples[777_777] = 0.75;
    samples[500] = f32::NAN;
    let outline = outline(&samples, 16_000.0);
    assert!(outline.time.len() <= POINTS);
    let highest = outline.high.iter().copied().fold(0.0, f64::max);
    let at = outline.high.iter().position(|&v| v == highest).unwrap();
    assert_eq!(highest, 0.75);
    assert!((outline.time[at] - 777_777.0 / 16_000.0).abs() < 0.04);
}
