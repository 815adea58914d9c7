//! Contours in which NaN is absent: smoothing, runs, masks. The rule of the mended set lives here and nowhere else.
//!
//! ```text
//! y_t = mean of those of x_{t−1}, x_t, x_{t+1} that are present;   absent where x_t is
//! ```
//!
//! Mends: in the compatible sets a value of *exactly* zero is absent (`contour::smooth`), the −201 dB of unvoiced frames are present, and how
//! many frames count is decided by the delay of the pitch tracker. Here absent is absent, and every frame counts.

/// What says that there is no value.
pub(crate) const ABSENT: f32 = f32::NAN;

/// Is there a value?
pub(crate) fn is_present(value: f32) -> bool {
    !value.is_nan()
}

/// The values that are there, in order.
pub(crate) fn present(contour: &[f32]) -> Vec<f32> {
    contour.iter().copied().filter(|&v| is_present(v)).collect()
}

/// The contour where `presence` has a value (or where it has none), absent elsewhere.
pub(crate) fn masked(contour: &[f32], presence: &[f32], keep_present: bool) -> Vec<f32> {
    contour
        .iter()
        .zip(presence)
        .map(|(&v, &p)| {
            if is_present(p) == keep_present {
                v
            } else {
                ABSENT
            }
        })
        .collect()
}

/// The means over three frames.
pub(crate) fn smoothed(contour: &[f32]) -> Vec<f32> {
    (0..contour.len())
        .map(|t| {
            if !is_present(contour[t]) {
                return ABSENT;
            }
            let near = &contour[t.saturating_sub(1)..(t + 2).min(contour.len())];
            let (mut sum, mut count) = (0.0, 0.0);
            for &v in near.iter().filter(|&&v| is_present(v)) {
                sum += v;
                count += 1.0;
            }
            sum / count
        })
        .collect()
}

/// The runs of present (or of absent) values, as ranges of frames.
pub(crate) fn runs(contour: &[f32], of_present: bool) -> Vec<std::ops::Range<usize>> {
    let mut runs = Vec::new();
    let mut first = None;
    for (t, &v) in contour.iter().enumerate() {
        if is_present(v) == of_present {
            first.get_or_insert(t);
        } else if let Some(first) = first.take() {
            runs.push(first..t);
        }
    }
    runs.extend(first.map(|first| first..contour.len()));
    runs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_count_only_if_they_are_there() {
        let y = smoothed(&[3.0, 6.0, ABSENT, 0.0, 4.0, -1.0]);
        assert_eq!(y[..2], [4.5, 4.5]);
        assert!(y[2].is_nan());
        assert_eq!(y[3..], [2.0, 1.0, 1.5]);
        assert_eq!(present(&[0.0, ABSENT, 2.0]), [0.0, 2.0]);
    }

    #[test]
    fn runs_and_masks() {
        let x = [1.0, 2.0, ABSENT, ABSENT, 0.0];
        assert_eq!(runs(&x, true), [0..2, 4..5]);
        assert_eq!(runs(&x, false), [2..4]);
        let kept = masked(&[5.0; 5], &x, false);
        assert_eq!(runs(&kept, true), [2..4]);
        assert!(runs(&[], true).is_empty());
    }
}
