//! Perturbation quotients: how far each cycle is from the mean of its neighbourhood, so that a glide of the voice is none.
//!
//! ```text
//! Q_r(x) = Σ_i |x_i − mean(x_{i−r} … x_{i+r})| / Σ_i x_i
//! RAP = Q_1(T)    PPQ5 = Q_2(T)    APQ3 = Q_1(A)    APQ11 = Q_5(A)
//! ```
//!
//! Y. Koike (1973), "Application of some acoustic measures for the evaluation of laryngeal dysfunction", Studia Phonologica 7, 17–23 (RAP); S. B. Davis
//! (1976), "Computer evaluation of laryngeal pathology based on inverse filtering of speech", SCRL Monograph 13 (the quotients). Periods T and amplitudes A are
//! those of jitter and shimmer (`marked`); a cycle counts if its whole neighbourhood is of one voice.

use super::marked::{Cycle, NEAR, are_amplitudes_of_one_voice, are_lengths_of_one_voice};

/// Half the neighbourhoods of RAP, PPQ5, APQ3 and APQ11.
const REACHES: [usize; 4] = [1, 2, 1, 5];

/// RAP, PPQ5, APQ3, APQ11 of a frame, as shares of 1; NaN where no cycle says so.
pub(crate) type Quotients = [f32; 4];

/// The quotients around the samples `middles`, of the cycles within 20 ms.
pub(crate) fn quotients(cycles: &[Cycle], middles: impl Iterator<Item = usize>) -> Vec<Quotients> {
    let kinds: [Vec<Option<[f32; 2]>>; 4] = std::array::from_fn(|kind| {
        (0..cycles.len())
            .map(|i| deviation(cycles, i, REACHES[kind], kind >= 2))
            .collect()
    });
    middles
        .map(|middle| {
            let low = cycles.partition_point(|c| c.position < middle as f64 - NEAR);
            let high = cycles.partition_point(|c| c.position <= middle as f64 + NEAR);
            std::array::from_fn(|kind| {
                let near = kinds[kind][low..high.max(low)].iter().flatten();
                let (mut deviations, mut sum) = (0.0, 0.0);
                for [deviation, value] in near {
                    deviations += deviation;
                    sum += value;
                }
                // Not a number without cycles.
                deviations / sum
            })
        })
        .collect()
}

/// |x_i − the mean around it| and x_i, of lengths or of amplitudes.
fn deviation(cycles: &[Cycle], i: usize, reach: usize, of_amplitudes: bool) -> Option<[f32; 2]> {
    let around = cycles.get(i.checked_sub(reach)?..=i + reach)?;
    let pairs = || around.windows(2).map(|pair| (&pair[0], &pair[1]));
    if !pairs().all(|(a, b)| are_lengths_of_one_voice(a, b)) {
        return None;
    }
    let all_pulses = around.iter().all(|cycle| cycle.pulse > 0.0);
    let value = |cycle: &Cycle| match (of_amplitudes, all_pulses) {
        (false, _) => cycle.period,
        (true, true) => cycle.pulse,
        (true, false) => cycle.amplitude,
    };
    if of_amplitudes && !pairs().all(|(a, b)| are_amplitudes_of_one_voice(value(a), value(b))) {
        return None;
    }
    let mean = around.iter().map(value).sum::<f32>() / around.len() as f32;
    let here = value(&cycles[i]);
    Some([(here - mean).abs(), here])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cycles(
        count: usize,
        period: impl Fn(usize) -> f32,
        amplitude: impl Fn(usize) -> f32,
    ) -> Vec<Cycle> {
        let mut position = 0.0;
        (0..count)
            .map(|i| {
                let cycle = Cycle {
                    position,
                    period: period(i),
                    amplitude: amplitude(i),
                    pulse: f32::NAN,
                };
                position += f64::from(period(i));
                cycle
            })
            .collect()
    }

    #[test]
    fn alternating_cycles_give_what_the_formula_says() {
        // x alternates between m + d and m − d: the mean of three is m ∓ d/3, of five m ± d/5, of eleven m ∓ d/11.
        let sign = |i: usize| if i.is_multiple_of(2) { 1.0 } else { -1.0 };
        let cycles = cycles(60, |i| 100.0 + sign(i), |i| 1.0 + 0.05 * sign(i));
        let found = quotients(&cycles, std::iter::once(3000));
        let wanted = [
            0.01 * 4.0 / 3.0,
            0.01 * 4.0 / 5.0,
            0.05 * 4.0 / 3.0,
            0.05 * 12.0 / 11.0,
        ];
        for (found, wanted) in found[0].into_iter().zip(wanted) {
            assert!((found / wanted - 1.0).abs() < 0.03, "{found} {wanted}");
        }
    }

    #[test]
    fn a_glide_is_no_perturbation_and_a_break_counts_for_nothing() {
        let glide = cycles(60, |i| 100.0 + 0.2 * i as f32, |i| 1.0 - 0.01 * i as f32);
        let found = quotients(&glide, std::iter::once(3000));
        assert!(found[0].iter().all(|&q| q < 1e-4), "{found:?}");
        let broken = cycles(60, |i| if i == 30 { f32::NAN } else { 100.0 }, |_| 1.0);
        assert_eq!(
            quotients(&broken[..31], std::iter::once(9000))[0].map(f32::is_nan),
            [true; 4]
        );
    }
}
