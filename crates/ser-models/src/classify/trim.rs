//! Where speech begins and ends: silence at both ends says how a corpus was cut, not how somebody feels.
//!
//! ```text
//! E_i = mean x² of hop i (10 ms),      e_i = (E_(i-2) + E_(i-1) + E_i + E_(i+1)) / 4       40 ms
//! speech: from the first to the last hop with 10 log₁₀ e > active level − D,   50 ms kept before and after
//! ```
//!
//! Recordings with fewer than ten such hops stay whole: there is hardly any speech to find the ends of.

/// Hop, seconds.
const HOP_S: f64 = 0.01;
/// Kept before and after, seconds.
const MARGIN_S: f64 = 0.05;
/// Fewest hops of speech.
const FEWEST: usize = 10;

/// The samples from where speech begins to where it ends: hops above `threshold_db`, in dB re full scale.
pub fn trimmed(samples: &[f32], rate_hz: u32, threshold_db: f64) -> &[f32] {
    let rate = f64::from(rate_hz);
    let hop = (rate * HOP_S) as usize;
    let margin = (rate * MARGIN_S) as usize;
    if hop == 0 {
        return samples;
    }
    let energy: Vec<f64> = samples
        .chunks_exact(hop)
        .map(|hop| hop.iter().map(|&x| f64::from(x).powi(2)).sum::<f64>() / hop.len() as f64)
        .collect();
    let smooth = |i: usize| {
        (i.saturating_sub(2)..(i + 2).min(energy.len()))
            .map(|j| energy[j])
            .sum::<f64>()
            / 4.0
    };
    let threshold = libm::pow(10.0, threshold_db / 10.0);
    let speech: Vec<usize> = (0..energy.len())
        .filter(|&i| smooth(i) > threshold)
        .collect();
    match (speech.first(), speech.last()) {
        (Some(first), Some(last)) if speech.len() >= FEWEST => {
            let start = (first * hop).saturating_sub(margin);
            let end = ((last + 1) * hop + margin).min(samples.len());
            &samples[start..end]
        }
        _ => samples,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8000;

    /// Silence, a tone of 0.1, silence, in seconds.
    fn padded(before: f64, tone: f64, after: f64) -> Vec<f32> {
        let samples = |seconds: f64| (seconds * f64::from(RATE)) as usize;
        let mut all = vec![0.0; samples(before)];
        all.extend((0..samples(tone)).map(|i| 0.1 * (i as f32 * 0.4).sin()));
        all.extend(vec![0.0; samples(after)]);
        all
    }

    #[test]
    fn silence_goes_but_for_its_margins() {
        let samples = padded(1.0, 2.0, 0.5);
        let seconds = trimmed(&samples, RATE, -46.0).len() as f64 / f64::from(RATE);
        // Smoothing adds a hop before and two behind.
        assert!((2.1..=2.14).contains(&seconds), "{seconds}");
    }

    #[test]
    fn speech_without_silence_stays_whole() {
        let samples = padded(0.0, 1.0, 0.0);
        assert_eq!(trimmed(&samples, RATE, -46.0), samples);
    }

    #[test]
    fn pauses_within_speech_stay() {
        let mut samples = padded(1.0, 1.0, 2.0);
        samples.extend(padded(0.0, 1.0, 1.0));
        let seconds = trimmed(&samples, RATE, -46.0).len() as f64 / f64::from(RATE);
        assert!((4.1..=4.14).contains(&seconds), "{seconds}");
    }

    #[test]
    fn silence_a_click_and_nothing_stay_whole() {
        assert_eq!(trimmed(&[], RATE, -46.0).len(), 0);
        assert_eq!(trimmed(&[0.0; 4000], RATE, -46.0).len(), 4000);
        let click = padded(0.5, 0.02, 0.5);
        assert_eq!(trimmed(&click, RATE, -46.0).len(), click.len());
    }
}
