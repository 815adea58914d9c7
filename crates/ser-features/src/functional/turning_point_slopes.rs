//! Slopes of a contour between its turning points, and how many peaks it has.
//!
//! ```text
//! a turning point is an extremum from which the contour comes back by a tenth of its range or more
//! slope of a leg = (y_end − y_start) / (t_end − t_start)      per second; a leg falls if it is negative, and counts positive then
//! ```
//!
//! A leg joins two turning points that follow each other in one run of present values, or the run's ends. The second largest of two nearby
//! peaks is one of its own only if there is a valley between them.
//! Corrected: the reference closes the gaps, so that a pause becomes a jump; measures its tail with the other sign; divides a contour
//! without extrema by frames instead of seconds; and counts the tail in the divisor of the deviation but not in its sum.

use std::ops::Range;

/// A step below this share of the range is no turn.
const SMALL_SHARE: f32 = 0.1;

/// Mean and standard deviation of the rising and the falling slopes, and the number of peaks.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct TurningPointSlopes {
    pub mean_rising: f32,
    pub deviation_rising: f32,
    pub mean_falling: f32,
    pub deviation_falling: f32,
    pub peaks: usize,
}

/// The legs of the `runs` of a contour whose frames are `period_s` apart; 0 where there are none.
pub(crate) fn turning_point_slopes(
    contour: &[f32],
    runs: &[Range<usize>],
    period_s: f32,
) -> TurningPointSlopes {
    let values = || runs.iter().flat_map(|run| &contour[run.clone()]).copied();
    let high = values().fold(f32::NEG_INFINITY, f32::max);
    let low = values().fold(f32::INFINITY, f32::min);
    if high <= low {
        return TurningPointSlopes::default();
    }
    let threshold = SMALL_SHARE * (high - low);
    let (mut rising, mut falling, mut peaks) = (Vec::new(), Vec::new(), 0);
    for run in runs {
        let values = &contour[run.clone()];
        let turns = turns(values, threshold);
        for ends in turns.windows(2) {
            let (from, to) = (ends[0], ends[1]);
            // What wavers at the ends of a run is no leg, unless the run has no other.
            if turns.len() > 2 && (values[to] - values[from]).abs() < threshold {
                continue;
            }
            let slope = (values[to] - values[from]) / ((to - from) as f32 * period_s);
            if slope > 0.0 {
                rising.push(slope);
            } else if slope < 0.0 {
                falling.push(-slope);
            }
        }
        peaks += turns
            .windows(3)
            .filter(|t| {
                let [before, peak, after] = [t[0], t[1], t[2]].map(|t| values[t]);
                peak - before >= threshold && peak - after >= threshold
            })
            .count();
    }
    let (mean_rising, deviation_rising) = moments(&rising);
    let (mean_falling, deviation_falling) = moments(&falling);
    TurningPointSlopes {
        mean_rising,
        deviation_rising,
        mean_falling,
        deviation_falling,
        peaks,
    }
}

/// The positions of the turning points, the first and the last value included.
fn turns(values: &[f32], threshold: f32) -> Vec<usize> {
    let mut turns = vec![0];
    let (mut low, mut high) = (0, 0);
    let mut rising = None;
    for (t, &v) in values.iter().enumerate().skip(1) {
        if rising != Some(false) && v > values[high] {
            high = t;
        }
        if rising != Some(true) && v < values[low] {
            low = t;
        }
        if rising != Some(true) && v - values[low] >= threshold {
            turns.push(low);
            (rising, high) = (Some(true), t);
        } else if rising != Some(false) && values[high] - v >= threshold {
            turns.push(high);
            (rising, low) = (Some(false), t);
        }
    }
    turns.push(values.len() - 1);
    turns.dedup();
    turns
}

fn moments(slopes: &[f32]) -> (f32, f32) {
    let mean = super::moment::mean(slopes);
    let squares = slopes.iter().map(|s| (s - mean) * (s - mean)).sum::<f32>();
    let deviation = (squares / slopes.len().max(1) as f32).sqrt();
    (mean, deviation)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_triangle_rises_and_falls_at_its_rate_both_positive() {
        let up = (0..10).map(|i| i as f32);
        let down = (0..=10).map(|i| 10.0 - i as f32);
        let triangle: Vec<f32> = up.chain(down).collect();
        let found = turning_point_slopes(&triangle, &[0..21], 0.01);
        assert!((found.mean_rising - 100.0).abs() < 1e-3);
        assert!((found.mean_falling - 100.0).abs() < 1e-3);
        assert_eq!((found.deviation_falling, found.peaks), (0.0, 1));
    }

    #[test]
    fn a_pause_is_no_slope() {
        let contour = [1.0, 2.0, 3.0, f32::NAN, 90.0, 91.0, 92.0];
        let found = turning_point_slopes(&contour, &[0..3, 4..7], 0.01);
        assert!((found.mean_rising - 100.0).abs() < 1e-3);
        assert_eq!((found.mean_falling, found.peaks), (0.0, 0));
    }

    #[test]
    fn ripples_below_a_tenth_of_the_range_are_no_turns() {
        let contour = [0.0, 5.0, 10.0, 9.5, 9.8, 5.0, 0.0, 4.0, 9.0, 1.0];
        assert_eq!(turns(&contour, 1.0), [0, 2, 6, 8, 9]);
        assert_eq!(turns(&[3.0], 1.0), [0]);
        assert_eq!(
            turning_point_slopes(&[2.0; 9], &[0..9], 0.01),
            TurningPointSlopes::default()
        );
        assert_eq!(
            turning_point_slopes(&[], &[], 0.01),
            TurningPointSlopes::default()
        );
    }
}
