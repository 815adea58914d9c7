//! Peaks and valleys of a contour, thinned until what is left alternates.
//!
//! ```text
//! θ = 0.1 · (max − min)          a step below θ is small
//! ```
//!
//! Candidates are strict local extrema, at least two frames from either end. A first walk removes maxima that rise too little above what
//! came before; a second one removes minima that fall too little below the last maximum; of each run of the same
//! kind the most extreme stays. Strict comparisons of `f32` throughout: one unit in the last place can add a peak.

/// A peak or a valley.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Extremum {
    pub is_maximum: bool,
    pub frame: usize,
    pub value: f32,
}

/// A step below this share of the range is small.
const SMALL_SHARE: f32 = 0.1;
/// A rival replaces the peak before it if it is this much higher.
const RIVAL: f64 = 1.05;

/// The alternating extrema of a contour, in order of time.
pub(crate) fn extrema(contour: &[f32]) -> Vec<Extremum> {
    let candidates = candidates(contour);
    if candidates.is_empty() {
        return candidates;
    }
    let (low, high) = contour
        .iter()
        .fold((f32::INFINITY, f32::NEG_INFINITY), |(low, high), &v| {
            (low.min(v), high.max(v))
        });
    let threshold = SMALL_SHARE * (high - low);
    let mut kept = without_small_maxima(&candidates, contour[0], threshold);
    drop_small_minima(&mut kept, contour[0], threshold);
    alternating(&kept)
}

fn candidates(contour: &[f32]) -> Vec<Extremum> {
    (2..contour.len().saturating_sub(2))
        .filter_map(|frame| {
            let (before, value, after) = (contour[frame - 1], contour[frame], contour[frame + 1]);
            let is_maximum = value > before && value > after;
            let is_minimum = value < before && value < after;
            (is_maximum || is_minimum).then_some(Extremum {
                is_maximum,
                frame,
                value,
            })
        })
        .collect()
}

fn without_small_maxima(candidates: &[Extremum], start: f32, threshold: f32) -> Vec<Extremum> {
    let small = |difference: f32| difference < threshold;
    let mut keep = vec![true; candidates.len()];
    let mut previous = start;
    let mut valley = start;
    let mut peak = start;
    let mut peak_at = None;
    let mut valley_since_peak = false;
    for (i, candidate) in candidates.iter().enumerate() {
        let value = candidate.value;
        let large_step = !small((value - previous).abs());
        if !candidate.is_maximum {
            if large_step {
                valley = value;
                valley_since_peak = true;
            }
        } else if large_step {
            peak = value;
            peak_at = Some(i);
            valley_since_peak = false;
        } else if small(value - valley) {
            keep[i] = false;
        } else {
            // A rival of the last peak.
            if f64::from(value) > RIVAL * f64::from(peak) {
                if let Some(loser) = peak_at {
                    keep[loser] = false;
                }
                peak = value;
                peak_at = Some(i);
            } else if valley_since_peak {
                peak = value;
                peak_at = Some(i);
            } else {
                keep[i] = false;
            }
            valley_since_peak = false;
        }
        previous = value;
    }
    candidates
        .iter()
        .zip(keep)
        .filter_map(|(c, keep)| keep.then_some(*c))
        .collect()
}

fn drop_small_minima(extrema: &mut Vec<Extremum>, start: f32, threshold: f32) {
    let mut maximum = start;
    extrema.retain(|e| {
        if e.is_maximum {
            maximum = e.value;
        }
        e.is_maximum || maximum - e.value >= threshold
    });
}

fn alternating(extrema: &[Extremum]) -> Vec<Extremum> {
    extrema
        .chunk_by(|a, b| a.is_maximum == b.is_maximum)
        .map(|run| {
            run.iter().copied().fold(run[0], |best, e| {
                let better = if e.is_maximum {
                    e.value > best.value
                } else {
                    e.value < best.value
                };
                if better { e } else { best }
            })
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn frames(contour: &[f32]) -> Vec<(usize, bool)> {
        extrema(contour)
            .iter()
            .map(|e| (e.frame, e.is_maximum))
            .collect()
    }

    #[test]
    fn ripples_below_a_tenth_of_the_range_are_ignored() {
        let contour = [
            0.0, 1.0, 5.0, 10.0, 5.0, 5.3, 5.1, 1.0, 0.0, 1.0, 9.0, 2.0, 1.0,
        ];
        assert_eq!(frames(&contour), [(3, true), (8, false), (10, true)]);
    }

    #[test]
    fn plateaus_and_borders_give_no_candidates() {
        assert!(frames(&[0.0, 5.0, 0.0, 0.0]).is_empty());
        assert!(frames(&[0.0, 0.0, 3.0, 3.0, 0.0, 0.0]).is_empty());
        assert!(frames(&[]).is_empty() && frames(&[1.0; 9]).is_empty());
    }
}
