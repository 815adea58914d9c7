//! Contours in which NaN is absent: smoothing, runs, masks. The rule of eGeMAPS-ser lives here and nowhere else.
//!
//! ```text
//! y_t = mean of those of x_{t−1}, x_t, x_{t+1} that are present;   absent where x_t is
//! ```
//!
//! Corrected: in the compatible sets a value of *exactly* zero is absent (`contour::smooth`), the −201 dB of unvoiced frames are present, and how
//! many frames count is decided by the delay of the pitch tracker. Here absent is absent, and every frame counts.

use crate::lanes::widest;

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
    let mut smooth = vec![ABSENT; contour.len()];
    let Some(last) = contour.len().checked_sub(1) else {
        return smooth;
    };
    let before = |t: usize| t.checked_sub(1).map_or(ABSENT, |t| contour[t]);
    let after = |t: usize| contour.get(t + 1).copied().unwrap_or(ABSENT);
    widest(
        #[inline(always)]
        || {
            for (smooth, near) in smooth[1..].iter_mut().zip(contour.windows(3)) {
                *smooth = mean_of_three([near[0], near[1], near[2]]);
            }
        },
    );
    for t in [0, last] {
        smooth[t] = mean_of_three([before(t), contour[t], after(t)]);
    }
    smooth
}

/// The mean of a value and its neighbours, as far as they are there.
#[inline(always)]
fn mean_of_three(near: [f32; 3]) -> f32 {
    let (mut sum, mut count) = (0.0, 0.0);
    for value in near {
        // Without branches: adding nothing changes nothing.
        let (value, one) = if is_present(value) {
            (value, 1.0)
        } else {
            (0.0, 0.0)
        };
        sum += value;
        count += one;
    }
    if is_present(near[1]) {
        sum / count
    } else {
        ABSENT
    }
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
        assert!(smoothed(&[]).is_empty());
        assert_eq!(smoothed(&[5.0]), [5.0]);
        assert_eq!(smoothed(&[5.0, 1.0]), [3.0, 3.0]);
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
