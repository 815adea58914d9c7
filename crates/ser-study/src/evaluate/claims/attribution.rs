//! Tests of sentences about attribution: what groups of features contribute to the latent dimensions, class by class.
//!
//! ```text
//! v_c,g   mean contribution of group g over the recordings of class c that were classified rightly, a number for each latent dimension,
//!         in standard deviations of that dimension;    |v_c,g| its length over the dimensions: the strength of the group
//! ```
//!
//! The mean keeps signs, unlike a mean of magnitudes, which correlates by .6 with that of random weights: |x − x₀| is in every contribution,
//! whatever the network has learnt. What the strengths of random networks of the same shape show as well says nothing of this one, so each statistic also
//! has to exceed theirs (J. Adebayo et al. 2018, "Sanity checks for saliency maps", NeurIPS).

use super::super::gather::{Attributions, PAPERS};
use super::super::latent::spearman;
use super::super::resample::{Part, Series, Sums};
use super::evidence::{Evidence, Found, Tested, above, number};
use super::verdict::{Comparison, Unit};

const NEUTRAL: usize = 0;
const SAD: usize = 1;
const HAPPY: usize = 2;
const ANGRY: usize = 3;

/// Mean contributions: class × (dimension, group).
struct Means<'a> {
    of: Vec<Vec<f64>>,
    shape: &'a Shape<'a>,
}

/// Which groups there are.
struct Shape<'a> {
    groups: &'a [String],
    dimensions: usize,
}

impl Means<'_> {
    fn new<'a>(sums: &[f64], shape: &'a Shape<'a>) -> Option<Means<'a>> {
        let width = 1 + shape.dimensions * shape.groups.len();
        let of_class = |sums: &[f64]| -> Option<Vec<f64>> {
            (sums[0] > 0.0).then(|| sums[1..].iter().map(|sum| sum / sums[0]).collect())
        };
        let of: Option<Vec<Vec<f64>>> = sums.chunks_exact(width).map(of_class).collect();
        let of = of.filter(|of| of.len() == PAPERS.len())?;
        Some(Means { of, shape })
    }

    /// The strength of a group for a class.
    fn strength(&self, class: usize, group: usize) -> f64 {
        let groups = self.shape.groups.len();
        let squares = (0..self.shape.dimensions)
            .map(|dimension| self.of[class][dimension * groups + group].powi(2));
        squares.sum::<f64>().sqrt()
    }

    fn strengths(&self, class: usize) -> Vec<f64> {
        (0..self.shape.groups.len())
            .map(|group| self.strength(class, group))
            .collect()
    }

    /// How far the contributions of the groups differ: √ of their variance over groups, summed over dimensions.
    fn variation(&self, class: usize) -> f64 {
        let of_dimension = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64
        };
        let dimensions = self.of[class].chunks_exact(self.shape.groups.len());
        dimensions.map(of_dimension).sum::<f64>().sqrt()
    }

    fn distance(&self, one: usize, other: usize) -> f64 {
        let pairs = self.of[one].iter().zip(&self.of[other]);
        pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    /// Mean strength for a class of the groups that are named, and of the others.
    fn named(&self, class: usize, names: &[&str]) -> (f64, f64) {
        let (mut named, mut others) = (Vec::new(), Vec::new());
        for (group, name) in self.shape.groups.iter().enumerate() {
            let list = match names.iter().any(|part| name.to_lowercase().contains(part)) {
                true => &mut named,
                false => &mut others,
            };
            list.push(self.strength(class, group));
        }
        let mean = |list: &[f64]| list.iter().sum::<f64>() / list.len() as f64;
        (mean(&named), mean(&others))
    }

    fn highest(&self, class: usize) -> f64 {
        self.strengths(class).into_iter().fold(f64::NAN, f64::max)
    }
}

/// A statistic of the trained networks and of random ones.
struct Both {
    trained: Series,
    random: Series,
}

impl Evidence<'_> {
    /// Statistics of mean contributions, of trained and of random networks.
    fn of_contributions(
        &self,
        outputs: usize,
        of: impl Fn(&Means<'_>, &mut [f64]),
    ) -> Result<Vec<Both>, String> {
        let all: Vec<&Attributions> = self
            .given
            .gathered
            .iter()
            .filter_map(|gathered| gathered.attribution.as_ref())
            .collect();
        let first = all
            .first()
            .filter(|_| all.len() == self.given.study.plan.seeds.len())
            .ok_or("it takes dae with recordings that it classifies rightly")?;
        let shape = Shape {
            groups: &first.groups,
            dimensions: first.dimensions,
        };
        let series = |per_seed: Vec<&Sums>| {
            let part = Part {
                corpus: &self.given.study.plan.train,
                per_seed,
            };
            let put = |sums: &[f64], found: &mut [f64]| {
                if let Some(means) = Means::new(sums, &shape) {
                    of(&means, found);
                }
            };
            self.given.resamples.series(&[part], outputs, put)
        };
        let trained = series(all.iter().map(|of| &of.trained).collect());
        let networks = first.random.len();
        let random: Vec<Vec<Series>> = (0..networks)
            .map(|network| series(all.iter().map(|of| &of.random[network]).collect()))
            .collect();
        let both = |(output, trained): (usize, Series)| {
            let of_networks: Vec<Series> = random.iter().map(|s| s[output].clone()).collect();
            let random = Series::mean(&of_networks).ok_or("there are no random networks")?;
            Ok(Both { trained, random })
        };
        trained.into_iter().enumerate().map(both).collect()
    }

    /// That each statistic is above 0, and above that of random weights where `sanity` says so.
    fn beyond_random(&self, named: &[(&str, bool)], both: &[Both]) -> Tested {
        let mut found = Found::from(Vec::<Comparison>::new());
        for ((of, sanity), both) in named.iter().zip(both) {
            found
                .comparisons
                .push(above(*of, both.trained.clone(), 0.0, Unit::Plain));
            if *sanity {
                found.beside.push(format!(
                    "with random weights: {of} {}",
                    number(&both.random, Unit::Plain)
                ));
                let excess = both.trained.minus(&both.random);
                found.comparisons.push(above(
                    format!("{of}, more than random"),
                    excess,
                    0.0,
                    Unit::Plain,
                ));
            }
        }
        Ok(found)
    }

    pub(super) fn neutral_flat(&self) -> Tested {
        // In shares of the other class, so that random networks have the same unit.
        let both = self.of_contributions(3, |means, found| {
            for (found, class) in found.iter_mut().zip([SAD, HAPPY, ANGRY]) {
                *found = 1.0 - means.variation(NEUTRAL) / means.variation(class);
            }
        })?;
        let named = [
            ("1 − neutral's variation / sad's", true),
            ("1 − neutral's / happy's", true),
            ("1 − neutral's / angry's", true),
        ];
        self.beyond_random(&named, &both)
    }

    /// Groups that are said to be strong for a class, and for it alone.
    fn unique(&self, class: usize, names: &[&str], of: [&str; 2]) -> Tested {
        let others: Vec<usize> = (0..PAPERS.len()).filter(|c| *c != class).collect();
        let both = self.of_contributions(2, |means, found| {
            let (named, rest) = means.named(class, names);
            found[0] = (named / rest).ln();
            let nearest = others
                .iter()
                .map(|other| means.named(*other, names).0)
                .fold(f64::NAN, f64::max);
            found[1] = (named / nearest).ln();
        })?;
        self.beyond_random(&[(of[0], true), (of[1], true)], &both)
    }

    pub(super) fn anger_unique(&self) -> Tested {
        self.unique(
            ANGRY,
            &["loudness", "flux", "slope"],
            [
                "log ratio of loudness, flux and slope to anger's other groups",
                "log ratio to the same groups of the next class",
            ],
        )
    }

    pub(super) fn sad_unique(&self) -> Tested {
        self.unique(
            SAD,
            &["formant", "jitter", "shimmer", "hnr"],
            [
                "log ratio of formants, jitter, shimmer and HNR to sadness's other groups",
                "log ratio to the same groups of the next class",
            ],
        )
    }

    pub(super) fn sad_like_happy(&self) -> Tested {
        let both = self.of_contributions(2, |means, found| {
            let of = |one: usize, other: usize| {
                spearman(&means.strengths(one), &means.strengths(other))
                    .map_or(f64::NAN, |r| r.value)
            };
            found[0] = of(SAD, HAPPY);
            found[1] = of(SAD, HAPPY) - of(SAD, ANGRY);
        })?;
        let named = [
            ("ρ of sad and happy", true),
            ("ρ of sad and happy − of sad and angry", false),
        ];
        self.beyond_random(&named, &both)
    }

    pub(super) fn happy_like_neutral(&self) -> Tested {
        let both = self.of_contributions(2, |means, found| {
            for (found, class) in found.iter_mut().zip([SAD, ANGRY]) {
                *found = 1.0 - means.distance(HAPPY, NEUTRAL) / means.distance(class, NEUTRAL);
            }
        })?;
        let named = [
            ("1 − happy's distance from neutral / sad's", true),
            ("1 − happy's / angry's", true),
        ];
        self.beyond_random(&named, &both)
    }

    pub(super) fn anger_highest(&self) -> Tested {
        let both = self.of_contributions(3, |means, found| {
            for (found, class) in found.iter_mut().zip([NEUTRAL, SAD, HAPPY]) {
                *found = (means.highest(ANGRY) / means.highest(class)).ln();
            }
        })?;
        let named = [
            ("log ratio of the strongest group, angry to neutral", false),
            ("angry to sad", true),
            ("angry to happy", true),
        ];
        self.beyond_random(&named, &both)
    }
}

#[test]
fn a_flat_class_varies_by_nothing_and_named_groups_are_found_by_their_names() {
    let groups = ["Loudness", "Spectral flux V", "Pitch"].map(String::from);
    let shape = Shape {
        groups: &groups,
        dimensions: 2,
    };
    // Two recordings of each class: neutral flat, anger strong in the first two groups.
    let class = |sums: [f64; 6]| [[2.0].as_slice(), &sums].concat();
    let sums = [
        class([0.2; 6]),
        class([0.0, 0.0, 2.0, 0.0, 0.0, 0.0]),
        class([0.2, 0.2, 0.4, 0.2, 0.2, 0.2]),
        class([6.0, 0.0, 0.0, 8.0, 2.0, 0.0]),
    ]
    .concat();
    let means = Means::new(&sums, &shape).unwrap();
    assert!(means.variation(NEUTRAL) < 1e-15 && means.variation(SAD) > 0.4);
    assert_eq!(means.strength(ANGRY, 0), 5.0);
    assert_eq!(means.named(ANGRY, &["loudness", "flux"]), (3.0, 0.0));
    assert_eq!(means.highest(ANGRY), 5.0);
    assert!((means.distance(HAPPY, NEUTRAL) - 0.1).abs() < 1e-15);
}
