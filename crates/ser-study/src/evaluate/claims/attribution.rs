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

use std::ops::Range;

use super::super::gather::{Attributions, PAPERS};
use super::super::resample::{Part, Series, Sums};
use super::contribution::{Both, Contributions};
use super::evidence::{ClaimInputs, Evidence, Found, Tested, above, number};
use super::verdict::{Comparison, Unit};
use ser_models::explain::stability::rank_correlation;
use ser_parallel::try_map_in_order;

const NEUTRAL: usize = 0;
const SAD: usize = 1;
const HAPPY: usize = 2;
const ANGRY: usize = 3;

/// Mean contributions: class × (dimension, group).
struct Means<'a> {
    of: Vec<Vec<f64>>,
    shape: &'a Shape,
}

/// Which groups there are.
struct Shape {
    groups: usize,
    dimensions: usize,
    /// The groups that the paper names for anger, and for sadness.
    angers: Vec<bool>,
    sadnesses: Vec<bool>,
}

impl Shape {
    fn new(groups: &[String], dimensions: usize) -> Shape {
        let named = |names: &[&str]| -> Vec<bool> {
            let lower = groups.iter().map(|name| name.to_lowercase());
            lower
                .map(|name| names.iter().any(|part| name.contains(part)))
                .collect()
        };
        Shape {
            groups: groups.len(),
            dimensions,
            angers: named(&ANGERS),
            sadnesses: named(&SADNESSES),
        }
    }
}

impl Means<'_> {
    fn new<'a>(sums: &[f64], shape: &'a Shape) -> Option<Means<'a>> {
        let width = 1 + shape.dimensions * shape.groups;
        let of_class = |sums: &[f64]| -> Option<Vec<f64>> {
            (sums[0] > 0.0).then(|| sums[1..].iter().map(|sum| sum / sums[0]).collect())
        };
        let of: Option<Vec<Vec<f64>>> = sums.chunks_exact(width).map(of_class).collect();
        let of = of.filter(|of| of.len() == PAPERS.len())?;
        Some(Means { of, shape })
    }

    /// The strength of a group for a class.
    fn strength(&self, class: usize, group: usize) -> f64 {
        let groups = self.shape.groups;
        let squares = (0..self.shape.dimensions)
            .map(|dimension| self.of[class][dimension * groups + group].powi(2));
        squares.sum::<f64>().sqrt()
    }

    fn strengths(&self, class: usize) -> Vec<f64> {
        (0..self.shape.groups)
            .map(|group| self.strength(class, group))
            .collect()
    }

    /// How far the contributions of the groups differ: √ of their variance over groups, summed over dimensions.
    fn variation(&self, class: usize) -> f64 {
        let of_dimension = |values: &[f64]| {
            let mean = values.iter().sum::<f64>() / values.len() as f64;
            values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / values.len() as f64
        };
        let dimensions = self.of[class].chunks_exact(self.shape.groups);
        dimensions.map(of_dimension).sum::<f64>().sqrt()
    }

    fn distance(&self, one: usize, other: usize) -> f64 {
        let pairs = self.of[one].iter().zip(&self.of[other]);
        pairs.map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
    }

    /// Mean strength for a class of the groups that are named, and of the others.
    fn named(&self, class: usize, named: &[bool]) -> (f64, f64) {
        let mean = |wanted: bool| {
            let groups = (0..self.shape.groups).filter(|&group| named[group] == wanted);
            let (sum, count) = groups.fold((0.0, 0.0), |(sum, count), group| {
                (sum + self.strength(class, group), count + 1.0)
            });
            sum / count
        };
        (mean(true), mean(false))
    }

    fn highest(&self, class: usize) -> f64 {
        self.strengths(class).into_iter().fold(f64::NAN, f64::max)
    }
}

/// Where a sentence's statistics are among all of them.
const FLAT: Range<usize> = 0..3;
const OF_ANGER: Range<usize> = 3..5;
const OF_SADNESS: Range<usize> = 5..7;
const SHARED: Range<usize> = 7..9;
const NEAR_NEUTRAL: Range<usize> = 9..11;
const HIGHEST: Range<usize> = 11..14;
const ALL: usize = 14;

/// Groups that the paper names for anger, and for sadness.
const ANGERS: [&str; 3] = ["loudness", "flux", "slope"];
const SADNESSES: [&str; 4] = ["formant", "jitter", "shimmer", "hnr"];

fn statistics(means: &Means<'_>, found: &mut [f64]) {
    // In shares of the other class, so that random networks have the same unit.
    for (found, class) in found[FLAT].iter_mut().zip([SAD, HAPPY, ANGRY]) {
        *found = 1.0 - means.variation(NEUTRAL) / means.variation(class);
    }
    for (place, class, names) in [
        (OF_ANGER, ANGRY, &means.shape.angers),
        (OF_SADNESS, SAD, &means.shape.sadnesses),
    ] {
        let (named, rest) = means.named(class, names);
        let others = (0..PAPERS.len()).filter(|other| *other != class);
        let nearest = others
            .map(|other| means.named(other, names).0)
            .fold(f64::NAN, f64::max);
        found[place].copy_from_slice(&[(named / rest).ln(), (named / nearest).ln()]);
    }
    let strengths = [SAD, HAPPY, ANGRY].map(|class| means.strengths(class));
    let rho = |other: usize| rank_correlation(&strengths[0], &strengths[other]).unwrap_or(f64::NAN);
    found[SHARED].copy_from_slice(&[rho(1), rho(1) - rho(2)]);
    for (found, class) in found[NEAR_NEUTRAL].iter_mut().zip([SAD, ANGRY]) {
        *found = 1.0 - means.distance(HAPPY, NEUTRAL) / means.distance(class, NEUTRAL);
    }
    let highest = means.highest(ANGRY);
    // Of neutral, which is the reference, nothing may be left: a difference and no ratio.
    found[HIGHEST.start] = highest - means.highest(NEUTRAL);
    for (found, class) in found[HIGHEST.start + 1..HIGHEST.end]
        .iter_mut()
        .zip([SAD, HAPPY])
    {
        *found = (highest / means.highest(class)).ln();
    }
}

/// The statistics of mean contributions, of trained and of random networks.
pub fn contributions(given: &ClaimInputs<'_>) -> Contributions {
    let all: Vec<&Attributions> = given
        .gathered
        .iter()
        .filter_map(|gathered| gathered.attribution.as_ref())
        .collect();
    let first = all
        .first()
        .filter(|_| all.len() == given.study.plan.seeds.len())
        .ok_or("it takes dae with recordings that it classifies rightly")?;
    let shape = Shape::new(&first.groups, first.dimensions);
    let series = |per_seed: Vec<&Sums>| {
        let part = Part {
            corpus: &given.study.plan.train,
            per_seed,
        };
        let put = |sums: &[f64], found: &mut [f64]| {
            if let Some(means) = Means::new(sums, &shape) {
                statistics(&means, found);
            }
        };
        given.resamples.series(&[part], ALL, put)
    };
    // The trained networks, then each of the random ones: the sums over resamples take the time.
    let work = |number: usize| {
        fn place(all: &Attributions, number: usize) -> &Sums {
            match number.checked_sub(1) {
                None => &all.trained,
                Some(network) => &all.random[network],
            }
        }
        Ok::<_, String>(series(all.iter().map(|of| place(of, number)).collect()))
    };
    let mut random = try_map_in_order(1 + first.random.len(), given.threads, work)?;
    let trained = random.remove(0);
    let both = |(output, trained): (usize, Series)| {
        let of_networks: Vec<Series> = random.iter().map(|s| s[output].clone()).collect();
        let random = Series::mean(&of_networks).ok_or("there are no random networks")?;
        Ok(Both { trained, random })
    };
    trained.into_iter().enumerate().map(both).collect()
}

impl Evidence<'_> {
    /// That each statistic is above 0, and above that of random weights where `sanity` says so.
    fn beyond_random(&self, place: Range<usize>, named: &[(&str, bool)]) -> Tested {
        let both = &self.contributions.as_ref().map_err(Clone::clone)?[place];
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
                let of = format!("{of}, more than random");
                found.comparisons.push(above(of, excess, 0.0, Unit::Plain));
            }
        }
        Ok(found)
    }

    pub(super) fn neutral_flat(&self) -> Tested {
        let named = [
            ("1 − neutral's variation / sad's", true),
            ("1 − neutral's / happy's", true),
            ("1 − neutral's / angry's", true),
        ];
        self.beyond_random(FLAT, &named)
    }

    pub(super) fn anger_unique(&self) -> Tested {
        let named = [
            (
                "log ratio of loudness, flux and slope to anger's other groups",
                true,
            ),
            ("log ratio to the same groups of the next class", true),
        ];
        self.beyond_random(OF_ANGER, &named)
    }

    pub(super) fn sad_unique(&self) -> Tested {
        let named = [
            (
                "log ratio of formants, jitter, shimmer and HNR to sadness's other groups",
                true,
            ),
            ("log ratio to the same groups of the next class", true),
        ];
        self.beyond_random(OF_SADNESS, &named)
    }

    pub(super) fn sad_like_happy(&self) -> Tested {
        let named = [
            ("ρ of sad and happy", true),
            ("ρ of sad and happy − of sad and angry", false),
        ];
        self.beyond_random(SHARED, &named)
    }

    pub(super) fn happy_like_neutral(&self) -> Tested {
        let named = [
            ("1 − happy's distance from neutral / sad's", true),
            ("1 − happy's / angry's", true),
        ];
        self.beyond_random(NEAR_NEUTRAL, &named)
    }

    pub(super) fn anger_highest(&self) -> Tested {
        let named = [
            (
                "strongest group of angry − of neutral, in standard deviations",
                false,
            ),
            ("log ratio of the strongest group, angry to sad", true),
            ("angry to happy", true),
        ];
        self.beyond_random(HIGHEST, &named)
    }
}

#[test]
fn a_flat_class_varies_by_nothing_and_named_groups_are_found_by_their_names() {
    let groups = ["Loudness", "Spectral flux V", "Pitch"].map(String::from);
    let shape = Shape::new(&groups, 2);
    assert_eq!(shape.angers, [true, true, false]);
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
    assert_eq!(means.named(ANGRY, &shape.angers), (3.0, 0.0));
    assert_eq!(means.highest(ANGRY), 5.0);
    assert!((means.distance(HAPPY, NEUTRAL) - 0.1).abs() < 1e-15);
}
