//! From comparisons to a verdict: a claim is supported when each of its comparisons is, beyond what other speakers and seeds would change.
//!
//! ```text
//! comparison     value > bound (or <),    p₊ = (1 + #{resamples ≤ bound}) / (resamples + 1),   p₋ the same with ≥
//! never below    2^−speakers       (with n speakers who might as well have differed the other way, no test says more)
//! claim          p₊ = max over its comparisons;   p₋ = min(1, comparisons · min);   p = min(1, 2 min(p₊, p₋))
//! all claims     p as by Holm: the i-th smallest times (claims + 1 − i), made rising
//! verdict        undecided where that is above .05; else supported where p₊ < p₋, not supported where not
//! ```
//!
//! All comparisons of a claim must hold, so that their largest p is the claim's (intersection-union test); one that is surely
//! wrong contradicts it. "Alike" is two comparisons: the difference is above −margin and below it (two one-sided tests).
//!
//! R. L. Berger (1982), "Multiparameter hypothesis testing and acceptance sampling", Technometrics 24, 295-300; D. J. Schuirmann (1987), "A comparison
//! of the two one-sided tests procedure …", J. Pharmacokinetics and Biopharmaceutics 15, 657-680; S. Holm (1979), "A simple sequentially
//! rejective multiple test procedure", Scandinavian J. Statistics 6, 65-70.

use super::super::resample::Series;
use super::super::result::{Effect, Side, Verdict};

/// Above which p a claim is undecided.
pub const LEVEL: f64 = 0.05;

/// A number that has to lie above a bound, or below it.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What is compared, in words.
    pub of: String,
    /// The number.
    pub series: Series,
    /// Which side of the bound it has to lie on.
    pub side: Side,
    /// The bound.
    pub bound: f64,
    /// What it counts.
    pub unit: Unit,
}

impl Comparison {
    /// By how much a number is on the right side.
    fn excess(&self, value: f64) -> f64 {
        match self.side {
            Side::Above => value - self.bound,
            Side::Below => self.bound - value,
        }
    }
}

/// What numbers count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Scores and shares, shown in hundredths.
    Points,
    /// Angles.
    Degrees,
    /// Nothing: correlations, silhouettes.
    Plain,
}

impl Unit {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Unit::Points => "points",
            Unit::Degrees => "degrees",
            Unit::Plain => "",
        }
    }
}

/// What a claim's comparisons say together.
#[derive(Clone, Debug)]
pub struct Judged {
    /// p of the claim being wrong, and of its being right.
    pub against: f64,
    /// See `against`.
    pub for_it: f64,
    /// The comparison that supports it least.
    pub effect: Effect,
    /// Seeds in which all comparisons hold as observed, of how many.
    pub seeds: (usize, usize),
}

impl Judged {
    /// Two-sided.
    pub fn p(&self) -> f64 {
        (2.0 * self.for_it.min(self.against)).min(1.0)
    }

    /// The verdict at a corrected p.
    pub fn verdict(&self, p: f64) -> Verdict {
        match p <= LEVEL {
            false => Verdict::Undecided,
            true if self.for_it < self.against => Verdict::Supported,
            true => Verdict::NotSupported,
        }
    }
}

/// p of a comparison being no more than chance, and of the opposite.
fn sides(comparison: &Comparison) -> (f64, f64) {
    let (mut below, mut above, mut all) = (1.0, 1.0, 1.0);
    for value in comparison.series.numbers() {
        all += 1.0;
        below += f64::from(u8::from(comparison.excess(value) <= 0.0));
        above += f64::from(u8::from(comparison.excess(value) >= 0.0));
    }
    if 2.0 * (all - 1.0) <= comparison.series.resampled.len() as f64 {
        return (1.0, 1.0);
    }
    let least = 0.5_f64.powi(i32::try_from(comparison.series.units).unwrap_or(i32::MAX));
    ((below / all).max(least), (above / all).max(least))
}

/// Judges a claim's comparisons; none of none, or where one has no number.
pub fn judge(comparisons: &[Comparison]) -> Option<Judged> {
    if comparisons.iter().any(|c| !c.series.observed.is_finite()) {
        return None;
    }
    let (mut for_it, mut least) = (0.0_f64, 1.0_f64);
    let mut weakest: Option<(f64, &Comparison)> = None;
    for comparison in comparisons {
        let (wrong, right) = sides(comparison);
        for_it = for_it.max(wrong);
        least = least.min(right);
        // Of equal p the one nearest to its bound, in standard errors.
        let error = comparison.series.standard_error().unwrap_or(f64::NAN);
        let distance = comparison.excess(comparison.series.observed) / error;
        let rank = wrong - right + 1e-3 * -distance.clamp(-400.0, 400.0);
        if weakest.is_none_or(|(highest, _)| rank > highest) {
            weakest = Some((rank, comparison));
        }
    }
    let weakest = weakest?.1;
    let seeds = weakest.series.seeds.len();
    let held = (0..seeds)
        .filter(|&seed| {
            comparisons
                .iter()
                .all(|c| c.excess(c.series.seeds[seed]) > 0.0)
        })
        .count();
    let series = &weakest.series;
    Some(Judged {
        against: (comparisons.len() as f64 * least).min(1.0),
        for_it,
        effect: Effect {
            of: weakest.of.clone(),
            value: series.observed,
            interval: series.interval(),
            side: weakest.side,
            bound: weakest.bound,
            unit: weakest.unit.name().into(),
            standardised: series
                .standard_error()
                .filter(|error| *error > 0.0)
                .map(|error| {
                    weakest.excess(series.observed) / error / (series.units as f64).sqrt()
                }),
            speakers: series.units,
        },
        seeds: (held, seeds),
    })
}

/// Holm's correction of p values, in their order.
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|&a, &b| p[a].total_cmp(&p[b]));
    let mut corrected = vec![1.0; p.len()];
    let mut highest = 0.0_f64;
    for (rank, &at) in order.iter().enumerate() {
        highest = highest.max((p.len() - rank) as f64 * p[at]).min(1.0);
        corrected[at] = highest;
    }
    corrected
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A comparison whose resamples are spread evenly about `observed`.
    fn comparison(observed: f64, half_width: f64, units: usize) -> Comparison {
        let at = |i: i32| observed + half_width * f64::from(i) / 1000.0;
        Comparison {
            of: "a − b".into(),
            series: Series {
                observed,
                seeds: vec![observed - 0.01, observed + 0.01],
                resampled: (-1000..1000).map(at).collect(),
                units,
            },
            side: Side::Above,
            bound: 0.0,
            unit: Unit::Points,
        }
    }

    fn verdict(comparisons: &[Comparison]) -> Verdict {
        let judged = judge(comparisons).unwrap();
        judged.verdict(judged.p())
    }

    #[test]
    fn a_claim_is_as_good_as_its_weakest_comparison() {
        let (sure, unsure, wrong) = (
            comparison(0.2, 0.1, 60),
            comparison(0.005, 0.1, 60),
            comparison(-0.2, 0.1, 60),
        );
        assert_eq!(verdict(&[sure.clone(), sure.clone()]), Verdict::Supported);
        assert_eq!(verdict(&[sure.clone(), unsure.clone()]), Verdict::Undecided);
        assert_eq!(
            verdict(&[sure.clone(), unsure.clone(), wrong.clone()]),
            Verdict::NotSupported
        );
        let judged = judge(&[sure.clone(), unsure, sure]).unwrap();
        assert_eq!(judged.effect.value, 0.005);
        // As observed, the middle one holds in one seed of two.
        assert_eq!(judged.seeds, (1, 2));
        assert!(judge(&[]).is_none());
    }

    #[test]
    fn what_has_to_lie_below_is_the_mirror_of_what_has_to_lie_above() {
        let mirrored = Comparison {
            side: Side::Below,
            ..comparison(-0.2, 0.1, 60)
        };
        assert_eq!(verdict(&[mirrored]), Verdict::Supported);
    }

    #[test]
    fn four_speakers_decide_nothing_and_ten_may() {
        assert_eq!(verdict(&[comparison(0.5, 0.1, 4)]), Verdict::Undecided);
        assert_eq!(verdict(&[comparison(0.5, 0.1, 10)]), Verdict::Supported);
        assert_eq!(judge(&[comparison(0.5, 0.1, 4)]).unwrap().for_it, 0.0625);
    }

    // By hand: .005 · 4; .01 · 3; .03 · 2; .04 · 1, which may not be below the one before.
    #[test]
    fn the_smallest_p_is_corrected_most_and_none_overtakes_another() {
        let found = holm(&[0.01, 0.04, 0.03, 0.005]);
        for (found, expected) in found.iter().zip([0.03, 0.06, 0.06, 0.02]) {
            assert!((found - expected).abs() < 1e-15, "{found} {expected}");
        }
        assert!(holm(&[]).is_empty());
    }
}
