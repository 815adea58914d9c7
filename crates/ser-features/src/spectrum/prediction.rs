//! Linear prediction: autocorrelation and the Levinson–Durbin recursion, in `f32` throughout.
//!
//! ```text
//! r_k = Σ_i y_i·y_{i−k},   k = 0 … 11
//! A(z) = 1 + Σ a_k z^−k  minimises the energy of the prediction error
//! ```
//!
//! J. Makhoul (1975), "Linear prediction: a tutorial review", Proc. IEEE 63, 561–580. No window, no pre-emphasis, no noise
//! floor. The synthesised 11 kHz frame has no energy above its highest bin, so the system is close to singular in `f32`:
//! every product and sum below is rounded where the reference rounds it.

use crate::lanes::{F32s, Mask, widest};

/// Order of the predictor.
pub(crate) const ORDER: usize = 11;
const LAGS: usize = ORDER + 1;

/// The coefficients a₁ … a₁₁ of the error filters of eight frames; all 0 for silence.
#[inline(never)]
pub(crate) fn error_filters(frames: &[F32s]) -> [F32s; ORDER] {
    widest(
        #[inline(always)]
        || levinson_durbin(&autocorrelation(frames)),
    )
}

/// Sums in order of increasing `i`; all lags advance together. What lies before the frame is zero.
#[inline(always)]
fn autocorrelation(frames: &[F32s]) -> [F32s; LAGS] {
    let mut start = [F32s::default(); 2 * ORDER];
    let lead = frames.len().min(ORDER);
    start[ORDER..ORDER + lead].copy_from_slice(&frames[..lead]);
    let mut reversed = [F32s::default(); LAGS];
    for windows in [&start[..ORDER + lead], frames] {
        for window in windows.windows(LAGS) {
            let newest = window[ORDER];
            for k in 0..LAGS {
                reversed[k] += newest * window[k];
            }
        }
    }
    reversed.reverse();
    reversed
}

#[inline(always)]
fn levinson_durbin(r: &[F32s; LAGS]) -> [F32s; ORDER] {
    let zero = F32s::default();
    let mut a = [zero; ORDER];
    let mut error = r[0];
    // Frames whose prediction is perfect are done.
    let mut goes_on = Mask::of(error, zero, |error, zero| error != zero);
    for m in 0..ORDER {
        let mut sum = r[m + 1];
        for i in 0..m {
            sum += a[i] * r[m - i];
        }
        // The reciprocal is rounded before it is used: 10 % of the formants hear the difference.
        let reflection = F32s::splat(-1.0).over(error) * sum;
        for i in 0..m.div_ceil(2) {
            let (low, high) = (a[i], a[m - 1 - i]);
            a[i] = goes_on.choose(low + reflection * high, low);
            if i != m - 1 - i {
                a[m - 1 - i] = goes_on.choose(high + reflection * low, high);
            }
        }
        a[m] = goes_on.keep(reflection);
        error = error * (F32s::splat(1.0) - reflection * reflection);
        goes_on = goes_on.and(Mask::of(error, zero, |error, zero| error != zero));
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_autocorrelation_is_the_textbook_sum() {
        let y: Vec<f32> = (0..50).map(|i| ((i * i) as f32 * 0.7).sin()).collect();
        for length in [50, 12, 11, 5] {
            let y = &y[..length];
            let frames: Vec<F32s> = y.iter().map(|&y| F32s::splat(y)).collect();
            let r = autocorrelation(&frames);
            for k in 0..LAGS {
                let want: f32 = (k..length).map(|i| y[i] * y[i - k]).sum();
                assert_eq!(r[k].0[2], want);
            }
        }
    }

    #[test]
    fn a_decaying_exponential_is_predicted_by_its_ratio_and_silence_by_nothing() {
        let frames: Vec<F32s> = (0..220)
            .map(|i| {
                let mut y = F32s::splat(0.9_f32.powi(i));
                y.0[3] = 0.0;
                y
            })
            .collect();
        let a = error_filters(&frames);
        assert!((a[0].0[2] + 0.9).abs() < 1e-3, "{a:?}");
        assert!(a[1..].iter().all(|v| v.0[2].abs() < 1e-2), "{a:?}");
        assert!(a.iter().all(|v| v.0[3] == 0.0), "{a:?}");
    }
}
