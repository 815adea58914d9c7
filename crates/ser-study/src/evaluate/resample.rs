//! Draws that all tests of a study share: of the model's seeds, and of each corpus's speakers.
//!
//! ```text
//! resample r:   seeds k with multiplicity s_k(r),   speakers u of each corpus with multiplicity w_u(r)
//! statistic of seed k   f( Σ_u w_u(r) · sums of speaker u under seed k )
//! of the resample       Σ_k s_k(r) · f_k / Σ_k s_k(r)
//! ```
//!
//! A [`Series`] holds a statistic as observed, of each seed, and of every resample. Since the draws are common, series are compared by
//! arithmetic, number by number: what makes a speaker hard for two models cancels in their difference (paired bootstrap).
//!
//! B. Efron, R. J. Tibshirani (1993), "An introduction to the bootstrap", Chapman & Hall; A. B. Owen (2007), "The pigeonhole bootstrap", Annals of
//! Applied Statistics 1, 386-411 (two factors drawn at once).

use std::collections::{BTreeMap, BTreeSet};

use super::units::Units;
use ser_models::score::bootstrap::Draws;
use ser_models::score::interval::Interval;
use ser_tables::statistic::quantile;

/// How often each seed and each speaker is in each resample.
pub struct Resamples {
    seeds: Vec<Vec<u16>>,
    corpora: BTreeMap<String, Vec<Vec<u16>>>,
}

/// What one seed's model did with each unit: the unit, and sums over its recordings.
pub type Sums = Vec<(usize, Vec<f64>)>;

impl Resamples {
    /// Draws the units of all corpora; each corpus by a stream of its own.
    pub fn new(units: &Units, seeds: usize, resamples: usize, seed: u64) -> Resamples {
        let corpora = units
            .corpora()
            .map(|(name, units)| (name, units.names.len()));
        Resamples::for_units(corpora, seeds, resamples, seed)
    }

    /// Draws from so many units of each corpus.
    pub fn for_units<'a>(
        corpora: impl Iterator<Item = (&'a str, usize)>,
        seeds: usize,
        resamples: usize,
        seed: u64,
    ) -> Resamples {
        let drawn = |units: usize, seed: u64| -> Vec<Vec<u16>> {
            let mut draws = Draws::new(units, seed);
            let one = |_| {
                let mut times = vec![0_u16; units];
                draws.sample().for_each(|unit| times[unit] += 1);
                times
            };
            (0..resamples).map(one).collect()
        };
        let corpora = corpora.enumerate().map(|(number, (name, units))| {
            let stream = seed ^ ((number as u64 + 2) << 48);
            (name.to_string(), drawn(units, stream))
        });
        Resamples {
            corpora: corpora.collect(),
            seeds: drawn(seeds, seed ^ (1 << 48)),
        }
    }

    /// Statistics of sums over units. `of` is given the sums of all parts, one after the other, and puts as many numbers as there are `outputs` into
    /// its second argument, NaN where there is none.
    ///
    /// # Panics
    /// If a part's sums differ in length, or parts do not have as many lists as there are seeds.
    pub fn series(
        &self,
        parts: &[Part<'_>],
        outputs: usize,
        of: impl Fn(&[f64], &mut [f64]),
    ) -> Vec<Series> {
        let widths: Vec<usize> = parts.iter().map(Part::width).collect();
        let width = widths.iter().sum();
        let mut total = vec![0.0; width];
        let mut of_seed = |seed: usize, times: &[&[u16]], found: &mut [f64]| {
            total.fill(0.0);
            let mut rest = total.as_mut_slice();
            for ((part, times), width) in parts.iter().zip(times).zip(&widths) {
                let (own, others) = rest.split_at_mut(*width);
                rest = others;
                for (unit, values) in part.per_seed[seed] {
                    let times = times.get(*unit).map_or(1.0, |times| f64::from(*times));
                    if times > 0.0 {
                        own.iter_mut()
                            .zip(values)
                            .for_each(|(total, x)| *total += times * x);
                    }
                }
            }
            found.fill(f64::NAN);
            of(&total, found);
        };
        let seeds = parts.first().map_or(0, |part| part.per_seed.len());
        let mut found = vec![vec![f64::NAN; outputs]; seeds];
        // Without multiplicities every unit counts once.
        let once = vec![&[][..]; parts.len()];
        for (seed, found) in found.iter_mut().enumerate() {
            of_seed(seed, &once, found);
        }
        let units = parts.iter().map(Part::units).min().unwrap_or(0);
        let mut series: Vec<Series> = (0..outputs)
            .map(|output| {
                let of_seeds: Vec<f64> = found.iter().map(|found| found[output]).collect();
                Series {
                    observed: weighted(&of_seeds, |_| 1.0),
                    seeds: of_seeds,
                    resampled: Vec::new(),
                    units,
                }
            })
            .collect();
        let drawn: Option<Vec<&Vec<Vec<u16>>>> = parts
            .iter()
            .map(|part| self.corpora.get(part.corpus))
            .collect();
        let Some(drawn) = drawn.filter(|_| units > 1) else {
            return series;
        };
        for (number, drawn_seeds) in self.seeds.iter().enumerate() {
            assert_eq!(drawn_seeds.len(), seeds, "seeds drawn and there");
            let times: Vec<&[u16]> = drawn.iter().map(|drawn| &drawn[number][..]).collect();
            for (seed, found) in found.iter_mut().enumerate() {
                if drawn_seeds[seed] > 0 {
                    of_seed(seed, &times, found);
                }
            }
            for (output, series) in series.iter_mut().enumerate() {
                let of_seeds: Vec<f64> = found.iter().map(|found| found[output]).collect();
                let mean = weighted(&of_seeds, |seed| f64::from(drawn_seeds[seed]));
                series.resampled.push(mean);
            }
        }
        series
    }
}

/// What the models of all seeds did with a set of a corpus.
pub struct Part<'a> {
    /// The corpus, whose units are drawn.
    pub corpus: &'a str,
    /// One list of sums per seed.
    pub per_seed: Vec<&'a Sums>,
}

impl Part<'_> {
    fn width(&self) -> usize {
        let first = self.per_seed.iter().find_map(|sums| sums.first());
        first.map_or(0, |(_, sums)| sums.len())
    }

    /// Units that any seed has.
    fn units(&self) -> usize {
        let all = self
            .per_seed
            .iter()
            .flat_map(|sums| sums.iter().map(|(unit, _)| *unit));
        all.collect::<BTreeSet<usize>>().len()
    }
}

/// The weighted mean of the values that are numbers; NaN of none.
fn weighted(values: &[f64], weight: impl Fn(usize) -> f64) -> f64 {
    let (mut sum, mut weights) = (0.0, 0.0);
    for (number, value) in values.iter().enumerate() {
        let weight = weight(number);
        if weight > 0.0 && value.is_finite() {
            sum += weight * value;
            weights += weight;
        }
    }
    sum / weights
}

/// A statistic as observed, of each seed alone, and of every resample of seeds and speakers; NaN where it does not exist.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// The mean over seeds.
    pub observed: f64,
    /// Of each seed.
    pub seeds: Vec<f64>,
    /// Of each resample; empty where there are fewer than two units.
    pub resampled: Vec<f64>,
    /// How many units were drawn from; of several corpora the fewest.
    pub units: usize,
}

impl Series {
    /// A number that depends on nothing.
    pub fn constant(value: f64, like: &Series) -> Series {
        Series {
            observed: value,
            seeds: vec![value; like.seeds.len()],
            resampled: vec![value; like.resampled.len()],
            units: like.units,
        }
    }

    /// Number by number of two statistics.
    pub fn with(&self, other: &Series, of: impl Fn(f64, f64) -> f64) -> Series {
        let both = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| of(*a, *b)).collect();
        Series {
            observed: of(self.observed, other.observed),
            seeds: both(&self.seeds, &other.seeds),
            resampled: both(&self.resampled, &other.resampled),
            units: self.units.min(other.units),
        }
    }

    /// Number by number.
    pub fn map(&self, of: impl Fn(f64) -> f64) -> Series {
        let each = |values: &[f64]| values.iter().map(|value| of(*value)).collect();
        Series {
            observed: of(self.observed),
            seeds: each(&self.seeds),
            resampled: each(&self.resampled),
            units: self.units,
        }
    }

    /// This less another.
    pub fn minus(&self, other: &Series) -> Series {
        self.with(other, |a, b| a - b)
    }

    /// The larger of two.
    pub fn max(&self, other: &Series) -> Series {
        self.with(other, f64::max)
    }

    /// The mean of several; none of none.
    pub fn mean(all: &[Series]) -> Option<Series> {
        let (first, rest) = all.split_first()?;
        let sum = rest
            .iter()
            .fold(first.clone(), |sum, next| sum.with(next, |a, b| a + b));
        Some(sum.map(|x| x / all.len() as f64))
    }

    /// 95 % interval by percentiles; none where most resamples lack the statistic.
    pub fn interval(&self) -> Option<Interval> {
        let mut ascending: Vec<f64> = self.numbers().collect();
        ascending.sort_unstable_by(f64::total_cmp);
        let usable = !ascending.is_empty() && 2 * ascending.len() > self.resampled.len();
        usable.then(|| Interval {
            low: quantile(&ascending, 0.025),
            high: quantile(&ascending, 0.975),
        })
    }

    /// The resamples that have the statistic.
    pub fn numbers(&self) -> impl Iterator<Item = f64> {
        self.resampled.iter().copied().filter(|x| x.is_finite())
    }

    /// Standard deviation of the resamples.
    pub fn standard_error(&self) -> Option<f64> {
        deviation(&self.numbers().collect::<Vec<_>>())
    }

    /// Standard deviation over the seeds; none of one seed.
    pub fn over_seeds(&self) -> Option<f64> {
        deviation(&self.seeds)
    }
}

/// Standard deviation, over n − 1, of the values that are numbers; none of fewer than two.
fn deviation(values: &[f64]) -> Option<f64> {
    let values: Vec<f64> = values.iter().copied().filter(|x| x.is_finite()).collect();
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
    (values.len() > 1).then(|| (squares / (n - 1.0)).sqrt())
}

#[cfg(test)]
mod tests {
    use super::*;
    use ser_tables::labelled::LabelledRow;

    fn units(speakers: usize) -> Units {
        let row = |speaker: usize| LabelledRow {
            corpus: "c".into(),
            speaker: Some(format!("{speaker:02}")),
            ..LabelledRow::default()
        };
        Units::of(&(0..speakers).map(row).collect::<Vec<_>>())
    }

    /// Found and tested recordings of each speaker: the share is the statistic.
    fn share(sums: &[f64], found: &mut [f64]) {
        found[0] = sums[0] / sums[1];
    }

    fn of_corpus(resamples: &Resamples, lists: &[&Sums]) -> Series {
        let part = Part {
            corpus: "c",
            per_seed: lists.to_vec(),
        };
        resamples.series(&[part], 1, share).remove(0)
    }

    #[test]
    fn two_models_that_differ_by_the_same_in_every_speaker_differ_without_doubt() {
        let sums =
            |bonus: f64| -> Sums { (0..12).map(|u| (u, vec![u as f64 + bonus, 20.0])).collect() };
        let resamples = Resamples::new(&units(12), 1, 400, 3);
        let of = |bonus| of_corpus(&resamples, &[&sums(bonus)]);
        let (a, b) = (of(1.0), of(0.0));
        let (own, difference) = (a.interval().unwrap(), a.minus(&b).interval().unwrap());
        assert!(own.half_width() > 0.05, "{own:?}");
        assert!((difference.low - 0.05).abs() < 1e-12 && (difference.high - 0.05).abs() < 1e-12);
    }

    #[test]
    fn seeds_that_differ_widen_the_interval_that_speakers_alone_would_give() {
        let sums = |bonus: f64| -> Sums {
            (0..30)
                .map(|u| (u, vec![5.0 + (u % 3) as f64 + bonus, 20.0]))
                .collect()
        };
        let (low, high) = (sums(-4.0), sums(4.0));
        let of = |lists: [&Sums; 4]| {
            let resamples = Resamples::new(&units(30), 4, 400, 3);
            of_corpus(&resamples, &lists)
        };
        let (same, apart) = (of([&high; 4]), of([&low, &high, &low, &high]));
        let width = |s: &Series| s.interval().unwrap().half_width();
        assert!(width(&apart) > 3.0 * width(&same));
        // Two of ±.2 each about the mean: s = √(4 · .04 / 3).
        assert!((apart.over_seeds().unwrap() - (0.16_f64 / 3.0).sqrt()).abs() < 1e-12);
        assert_eq!(same.over_seeds(), Some(0.0));
    }

    #[test]
    fn one_speaker_has_a_value_and_no_resamples() {
        let resamples = Resamples::new(&units(1), 1, 100, 1);
        let sums: Sums = vec![(0, vec![3.0, 4.0])];
        let series = of_corpus(&resamples, &[&sums]);
        assert_eq!((series.observed, series.interval()), (0.75, None));
    }
}
