//! Moving averages over three frames, and where they end.
//!
//! ```text
//! plain        y_t = (x_t + x_{t−1} + x_{t+1}) / 3
//! zero-aware   y_t = 0 if x_t = 0, otherwise the mean of those of the three that are not 0
//! ```
//!
//! `f32`, the centre first, then left, then right. Before the first frame stands x_0, after the last x_{N−1}.
//!
//! The smoother goes one step past the end, so a contour of N frames has N + 1 smoothed values. And
//! the pitch tracker is late: when the input ends it has decided `K` of the N long frames, 0 ≤ K < N (see
//! `descriptor::pitch::viterbi`). In the reference this is the moment when the functionals run, and what the rest has been smoothed
//! with depends on the path that it took. The rules, in closed form:
//!
//! | contour | functionals see | of which the last |
//! |---|---|---|
//! | loudness, flux, MFCC | all short frames | as usual |
//! | pitch; unvoiced spectra | K frames | has its true right neighbour |
//! | voiced spectra | K frames | has its true right neighbour |
//! | voice quality and formants | K frames | is smoothed as if the input ended there |
//!
//! and for K = 0: pitch and unvoiced spectra one frame, unsmoothed; voice quality all N, as usual; voiced spectra all N, the right neighbour
//! replaced by the frame itself. In the table of descriptors the columns of voice quality are smoothed as if the input had ended twice,
//! after K frames and after N, and row K repeats row K − 1's centre.

/// One of the two averages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Average {
    /// Three values count.
    Plain,
    /// Values of exactly zero do not count.
    ZeroAware,
}

impl Average {
    fn of(self, left: f32, centre: f32, right: f32) -> f32 {
        match self {
            Self::Plain => (centre + left + right) / 3.0,
            Self::ZeroAware if centre == 0.0 => 0.0,
            Self::ZeroAware => {
                let (mut sum, mut count) = (centre, 1.0);
                for neighbour in [left, right] {
                    if neighbour != 0.0 {
                        sum += neighbour;
                        count += 1.0;
                    }
                }
                sum / count
            }
        }
    }

    /// The smoothed value `t` of a contour that ends with `x`; `t` may be one past the end.
    fn at(self, x: &[f32], t: usize) -> f32 {
        let last = x.len() - 1;
        if last == 0 && t == 0 {
            // A single frame has no right neighbour.
            return self.of(x[0], x[0], 0.0);
        }
        self.of(
            x[t.saturating_sub(1).min(last)],
            x[t.min(last)],
            x[(t + 1).min(last)],
        )
    }
}

/// The first `count` smoothed values of a contour.
pub(crate) fn ordinary(average: Average, x: &[f32], count: usize) -> Vec<f32> {
    (0..count).map(|t| average.at(x, t)).collect()
}

/// Pitch and unvoiced spectra as the functionals see them.
pub(crate) fn pitch_synchronous(x: &[f32], decided: usize) -> Vec<f32> {
    match decided {
        0 => x[..1].to_vec(),
        _ => ordinary(Average::ZeroAware, x, decided),
    }
}

/// Voiced spectra as the functionals see them.
pub(crate) fn voiced_spectrum(x: &[f32], decided: usize) -> Vec<f32> {
    if decided > 0 {
        return ordinary(Average::ZeroAware, x, decided);
    }
    let smoothed = (1..x.len()).map(|t| Average::ZeroAware.of(x[t - 1], x[t], x[t]));
    std::iter::once(x[0]).chain(smoothed).collect()
}

/// Voice quality and formants as the functionals see them.
pub(crate) fn voice_quality(x: &[f32], decided: usize) -> Vec<f32> {
    match decided {
        0 => ordinary(Average::ZeroAware, x, x.len()),
        _ => ordinary(Average::ZeroAware, &x[..decided], decided),
    }
}

/// Voice quality and formants in the table of descriptors: N + 1 rows.
pub(crate) fn voice_quality_rows(x: &[f32], decided: usize) -> Vec<f32> {
    let mut rows = ordinary(Average::ZeroAware, x, x.len() + 1);
    if decided > 0 {
        for (t, row) in rows.iter_mut().enumerate().take(decided + 1) {
            *row = Average::ZeroAware.at(&x[..decided], t);
        }
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    const X: [f32; 5] = [3.0, 6.0, 0.0, 9.0, 12.0];

    #[test]
    fn borders_repeat_and_one_value_follows() {
        assert_eq!(
            ordinary(Average::Plain, &X, 6),
            [4.0, 3.0, 5.0, 7.0, 11.0, 12.0]
        );
        assert_eq!(
            ordinary(Average::ZeroAware, &X, 6),
            [4.0, 4.5, 0.0, 10.5, 11.0, 12.0]
        );
    }

    #[test]
    fn a_single_frame_has_no_right_neighbour() {
        assert_eq!(ordinary(Average::Plain, &[3.0], 2), [2.0, 3.0]);
        assert_eq!(ordinary(Average::ZeroAware, &[3.0], 2), [3.0, 3.0]);
    }

    #[test]
    fn what_is_decided_sets_the_end() {
        assert_eq!(pitch_synchronous(&X, 4), [4.0, 4.5, 0.0, 10.5]);
        assert_eq!(voice_quality(&X, 4), [4.0, 4.5, 0.0, 9.0]);
        assert_eq!(voice_quality(&X, 1), [3.0]);
        assert_eq!(pitch_synchronous(&X, 0), [3.0]);
        assert_eq!(voice_quality(&X, 0), [4.0, 4.5, 0.0, 10.5, 11.0]);
        assert_eq!(voiced_spectrum(&X, 0), [3.0, 5.0, 0.0, 9.0, 11.0]);
    }

    #[test]
    fn the_row_after_the_last_decided_one_repeats() {
        assert_eq!(voice_quality_rows(&X, 4), [4.0, 4.5, 0.0, 9.0, 9.0, 12.0]);
        assert_eq!(voice_quality_rows(&X, 0), [4.0, 4.5, 0.0, 10.5, 11.0, 12.0]);
    }
}
