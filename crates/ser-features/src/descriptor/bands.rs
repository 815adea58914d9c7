//! The power of a voice in two neighbouring bands, for what compares them.

use super::{HIGHEST_HZ, SILENT_POWER, decibels_of_ratio, decibels_of_silence_over};
use crate::frame::geometry::Shape;
use crate::lanes::F32s;

/// The bins below and above a frequency; the upper band ends at 5 kHz, which belongs to it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Bands {
    first: usize,
    split: usize,
    end: usize,
}

impl Bands {
    /// From `lowest_hz` to below `split_hz`, and from there to 5 kHz, of spectra of the given frames.
    pub fn new(shape: &Shape, lowest_hz: f64, split_hz: f64) -> Self {
        Self {
            first: shape.bins_below(lowest_hz),
            split: shape.bins_below(split_hz),
            end: shape.bins_up_to(HIGHEST_HZ),
        }
    }

    /// The power below, and above.
    pub fn of<'a>(&self, power: &'a [F32s]) -> [&'a [F32s]; 2] {
        [&power[self.first..self.split], &power[self.split..self.end]]
    }
}

/// The sums of eight frames, in order of frequency.
pub(crate) fn sum(bins: &[F32s]) -> F32s {
    bins.iter().fold(F32s::default(), |sum, &p| sum + p)
}

/// The largest values of eight frames.
pub(crate) fn peak(bins: &[F32s]) -> F32s {
    bins.iter().fold(F32s::default(), |peak, &p| peak.max(p))
}

/// The level of one power over another in dB as the reference has it: 0 over digital silence.
pub(crate) fn reference_db(upper: f32, lower: f32) -> f32 {
    if lower == 0.0 {
        0.0
    } else if upper > SILENT_POWER {
        decibels_of_ratio(upper / lower)
    } else {
        decibels_of_silence_over(lower)
    }
}

#[test]
fn the_bands_meet_and_end_with_five_kilohertz() {
    let shape = Shape::of_16_khz(0.020);
    let power: Vec<F32s> = (0..shape.bins()).map(|k| F32s::splat(k as f32)).collect();
    let [low, high] = Bands::new(&shape, 0.0, 1000.0).of(&power);
    assert_eq!((low[0], low.len()), (F32s::splat(0.0), 32));
    assert_eq!((high[0], high.len()), (F32s::splat(32.0), 129));
    assert_eq!(peak(high), F32s::splat(160.0));
    let [low, _] = Bands::new(&shape, 50.0, 2000.0).of(&power);
    assert_eq!((low[0], sum(low)), (F32s::splat(2.0), F32s::splat(2015.0)));
}
