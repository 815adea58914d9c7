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

/// Order of the predictor.
pub(crate) const ORDER: usize = 11;
const LAGS: usize = ORDER + 1;

/// The coefficients a₁ … a₁₁ of the error filter of `frame`; all 0 for silence.
///
/// `padded` is scratch memory; it grows to the length of the frame once.
#[inline(never)]
pub(crate) fn error_filter(frame: &[f32], padded: &mut Vec<f32>) -> [f32; ORDER] {
    levinson_durbin(&autocorrelation(frame, padded))
}

/// Sums in order of increasing `i`; all lags advance together.
fn autocorrelation(frame: &[f32], padded: &mut Vec<f32>) -> [f32; LAGS] {
    padded.clear();
    padded.extend_from_slice(&[0.0; ORDER]);
    padded.extend_from_slice(frame);
    let mut reversed = [0.0_f32; LAGS];
    for window in padded.windows(LAGS) {
        let newest = window[ORDER];
        for (sum, earlier) in reversed.iter_mut().zip(window) {
            *sum += newest * earlier;
        }
    }
    reversed.reverse();
    reversed
}

fn levinson_durbin(r: &[f32; LAGS]) -> [f32; ORDER] {
    let mut a = [0.0_f32; ORDER];
    let mut error = r[0];
    if error == 0.0 {
        return a;
    }
    for m in 0..ORDER {
        let mut sum = r[m + 1];
        for i in 0..m {
            sum += a[i] * r[m - i];
        }
        // The reciprocal is rounded before it is used: 10 % of the formants hear the difference.
        let reflection = (-1.0 / error) * sum;
        for i in 0..m.div_ceil(2) {
            let (low, high) = (a[i], a[m - 1 - i]);
            a[i] = low + reflection * high;
            if i != m - 1 - i {
                a[m - 1 - i] = high + reflection * low;
            }
        }
        a[m] = reflection;
        error *= 1.0 - reflection * reflection;
        if error == 0.0 {
            break;
        }
    }
    a
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_autocorrelation_is_the_textbook_sum() {
        let y: Vec<f32> = (0..50).map(|i| ((i * i) as f32 * 0.7).sin()).collect();
        let r = autocorrelation(&y, &mut Vec::new());
        for k in 0..LAGS {
            let want: f32 = (k..50).map(|i| y[i] * y[i - k]).sum();
            assert_eq!(r[k], want);
        }
    }

    #[test]
    fn a_decaying_exponential_is_predicted_by_its_ratio() {
        let y: Vec<f32> = (0..220).map(|i| 0.9_f32.powi(i)).collect();
        let a = error_filter(&y, &mut Vec::new());
        assert!((a[0] + 0.9).abs() < 1e-3, "{a:?}");
        assert!(a[1..].iter().all(|v| v.abs() < 1e-2), "{a:?}");
    }

    #[test]
    fn silence_has_no_coefficients() {
        assert_eq!(error_filter(&[0.0; 220], &mut Vec::new()), [0.0; ORDER]);
    }
}
