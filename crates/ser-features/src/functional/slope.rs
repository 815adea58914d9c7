//! Slopes between the peaks and valleys of a contour, and how many peaks there are.
//!
//! ```text
//! rising  = (y_max − y_min) / (x_max − x_min)     from the last valley (at first: the first frame) up to each peak
//! falling = (y_max − y_min) / (x_min − x_max)     from the last peak down to each valley: positive when falling
//! ```
//!
//! per second, all in `f32`. Differs from what one would expect, as the reference does: the tail after the last extremum enters the
//! mean with the *other* sign, and the deviation counts it in the divisor only; a contour without extrema has the
//! slope from its first to its last value, per frame and divided by n.

use crate::contour::peak::{Extremum, extrema};

/// Mean and standard deviation of the rising and the falling slopes, and the rate of the peaks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Slopes {
    pub mean_rising: f32,
    pub deviation_rising: f32,
    pub mean_falling: f32,
    pub deviation_falling: f32,
    /// Peaks per second.
    pub peak_rate: f32,
}

/// The slopes of a contour whose frames are `period_s` apart; all 0 without values.
pub(crate) fn slopes(contour: &[f32], period_s: f32) -> Slopes {
    let (Some(&first), Some(&last)) = (contour.first(), contour.last()) else {
        return Slopes::default();
    };
    let extrema = extrema(contour);
    let peaks = extrema.iter().filter(|e| e.is_maximum).count();
    let peak_rate = peaks as f32 / (contour.len() as f32 * period_s);
    let Some(end) = extrema.last() else {
        let gradient = (last - first) / contour.len() as f32;
        return Slopes {
            mean_rising: gradient.max(0.0),
            mean_falling: gradient.min(0.0),
            peak_rate,
            ..Slopes::default()
        };
    };
    let (rising, falling) = between(&extrema, first, period_s);
    let tail = (last - end.value) / ((contour.len() - 1 - end.frame) as f32 * period_s);
    let (tail_rising, tail_falling) = if end.is_maximum {
        (None, Some(tail))
    } else {
        (Some(tail), None)
    };
    let (mean_rising, deviation_rising) = moments(&rising, tail_rising);
    let (mean_falling, deviation_falling) = moments(&falling, tail_falling);
    Slopes {
        mean_rising,
        deviation_rising,
        mean_falling,
        deviation_falling,
        peak_rate,
    }
}

fn between(extrema: &[Extremum], first: f32, period_s: f32) -> (Vec<f32>, Vec<f32>) {
    let (mut rising, mut falling) = (Vec::new(), Vec::new());
    let (mut maximum, mut minimum) = ((0, first), (0, first));
    for e in extrema {
        let seconds = |from: usize| (e.frame - from) as f32 * period_s;
        if e.is_maximum {
            rising.push((e.value - minimum.1) / seconds(minimum.0));
            maximum = (e.frame, e.value);
        } else {
            falling.push((maximum.1 - e.value) / seconds(maximum.0));
            minimum = (e.frame, e.value);
        }
    }
    (rising, falling)
}

fn moments(slopes: &[f32], tail: Option<f32>) -> (f32, f32) {
    let count = slopes.len() + usize::from(tail.is_some());
    if count == 0 {
        return (0.0, 0.0);
    }
    let mean = slopes
        .iter()
        .copied()
        .chain(tail)
        .fold(0.0_f32, |sum, s| sum + s)
        / count as f32;
    let mut variance = slopes
        .iter()
        .fold(0.0_f32, |sum, s| sum + (s - mean) * (s - mean));
    if count > 1 {
        variance /= count as f32;
    }
    (mean, variance.sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_rises_and_falls_at_its_rate() {
        let up = (0..10).map(|i| i as f32);
        let down = (0..=10).map(|i| 10.0 - i as f32);
        let triangle: Vec<f32> = up.chain(down).collect();
        let s = slopes(&triangle, 0.01);
        assert!((s.mean_rising - 100.0).abs() < 1e-3);
        // The only falling slope is the tail: negative.
        assert!((s.mean_falling + 100.0).abs() < 1e-3);
        assert!((s.peak_rate - 1.0 / 0.21).abs() < 1e-4);
    }

    #[test]
    fn without_extrema_the_gradient_is_per_frame() {
        let s = slopes(&[0.0, 1.0, 2.0, 3.0], 0.01);
        assert_eq!((s.mean_rising, s.mean_falling), (0.75, 0.0));
        let s = slopes(&[3.0, 1.0], 0.01);
        assert_eq!((s.mean_rising, s.mean_falling), (0.0, -1.0));
        assert_eq!(slopes(&[], 0.01), Slopes::default());
    }
}
