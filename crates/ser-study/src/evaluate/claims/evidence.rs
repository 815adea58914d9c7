//! What the tests of the sentences draw on, and how their numbers are written down.

use std::collections::BTreeMap;

use super::super::gather::{Gathered, PAPERS};
use super::super::resample::{Part, Resamples, Series, Sums};
use super::super::result::{Side, Transfer};
use super::super::seeds::{Group, OfSet, turned};
use super::super::study::Study;
use super::contribution::Contributions;
use super::verdict::{Comparison, Unit};
use ser_tables::fixed;

/// An evaluation's findings.
#[derive(Clone, Copy)]
pub struct ClaimInputs<'a> {
    /// The plan with its rows.
    pub study: &'a Study,
    /// Scores over seeds.
    pub groups: &'a [Group<'a>],
    /// Latent spaces and attributions.
    pub gathered: &'a [Gathered],
    /// The common draws.
    pub resamples: &'a Resamples,
    /// Corpus against corpus.
    pub matrix: &'a [Transfer],
    /// Threads for what takes long; the numbers do not depend on them.
    pub threads: usize,
}

/// The findings with what several sentences ask for.
pub struct Evidence<'a> {
    pub(super) given: ClaimInputs<'a>,
    /// Turns of the denoising autoencoder's clouds.
    pub(super) turns: BTreeMap<String, [Series; 3]>,
    /// Statistics of attributions.
    pub(super) contributions: Contributions,
}

/// The comparisons of a sentence.
pub struct Found {
    /// All of them must hold.
    pub comparisons: Vec<Comparison>,
    /// Numbers beside them.
    pub beside: Vec<String>,
}

/// The comparisons of a sentence, or what it lacks.
pub type Tested = Result<Found, String>;

impl Found {
    /// The numbers in words.
    pub fn told(&self) -> String {
        let of = |c: &Comparison| format!("{} {}", c.of, number(&c.series, c.unit));
        let mut all: Vec<String> = self.beside.clone();
        for told in self.comparisons.iter().map(of) {
            // A number with two bounds is told once.
            if !all.contains(&told) {
                all.push(told);
            }
        }
        all.join("; ")
    }
}

impl From<Vec<Comparison>> for Found {
    fn from(comparisons: Vec<Comparison>) -> Found {
        Found {
            comparisons,
            beside: Vec::new(),
        }
    }
}

/// A number with its interval.
pub fn number(series: &Series, unit: Unit) -> String {
    let (factor, decimals, mark) = match unit {
        Unit::Points => (100.0, 1, ""),
        Unit::Degrees => (1.0, 0, "°"),
        Unit::Plain => (1.0, 2, ""),
    };
    let one = |x: f64| fixed(factor * x, decimals).replace('-', "−");
    match series.interval() {
        Some(interval) => format!(
            "{}{mark} [{}, {}]",
            one(series.observed),
            one(interval.low),
            one(interval.high)
        ),
        None => format!("{}{mark}", one(series.observed)),
    }
}

/// That a number exceeds a bound.
pub fn above(of: impl Into<String>, series: Series, bound: f64, unit: Unit) -> Comparison {
    Comparison {
        of: of.into(),
        series,
        side: Side::Above,
        bound,
        unit,
    }
}

/// That a number lies below a bound.
pub fn below(of: impl Into<String>, series: Series, bound: f64, unit: Unit) -> Comparison {
    Comparison {
        side: Side::Below,
        ..above(of, series, bound, unit)
    }
}

/// That two numbers differ by less than a margin, either way.
pub fn alike(of: &str, difference: &Series, margin: f64, unit: Unit) -> [Comparison; 2] {
    [
        above(of, difference.clone(), -margin, unit),
        below(of, difference.clone(), margin, unit),
    ]
}

impl<'a> Evidence<'a> {
    /// The findings; what several sentences share is resampled here once.
    pub fn new(given: ClaimInputs<'a>, contributions: Contributions) -> Evidence<'a> {
        Evidence {
            turns: turned("dae", given.gathered, given.resamples),
            contributions,
            given,
        }
    }

    /// Statistics of a representation of some classes on a set.
    pub(super) fn of(&self, model: &str, classes: &[String], set: &str) -> Result<&OfSet, String> {
        let plan = &self.given.study.plan;
        let group = self.given.groups.iter().find(|group| {
            let first = group.seeds[0];
            first.model == model
                && first.classes == *classes
                && first.kind == plan.protocols[0]
                && first.normalisation == plan.normalisations[0].name()
        });
        let group = group.ok_or_else(|| format!("it takes the representation {model}"))?;
        group
            .sets
            .iter()
            .find(|of_set| of_set.set == set)
            .ok_or_else(|| format!("{set} was not tested"))
    }

    /// UAR of all classes.
    pub(super) fn uar(&self, model: &str, set: &str) -> Result<Series, String> {
        Ok(self
            .of(model, &self.given.study.plan.classes, set)?
            .uar
            .clone())
    }

    /// Recall of a class under the denoising autoencoder.
    pub(super) fn recall(
        &self,
        classes: &[String],
        set: &str,
        class: &str,
    ) -> Result<Series, String> {
        let place = classes
            .iter()
            .position(|name| name == class)
            .ok_or_else(|| format!("{class} is not among the classes"))?;
        Ok(self.of("dae", classes, set)?.recall[place].clone())
    }

    /// Transfer corpora of the training corpus's language, and of others.
    pub(super) fn languages(&self) -> Result<(Vec<&str>, Vec<&str>), String> {
        let study = self.given.study;
        let of = |corpus: &str| {
            study
                .languages
                .get(corpus)
                .ok_or_else(|| format!("the table has no language of {corpus}"))
        };
        let own = of(&study.plan.train)?;
        let (mut same, mut other) = (Vec::new(), Vec::new());
        for corpus in &study.plan.transfer {
            match of(corpus)? == own {
                true => same.push(corpus.as_str()),
                false => other.push(corpus.as_str()),
            }
        }
        Ok((same, other))
    }

    /// Transfer corpora of other languages, at least one.
    pub(super) fn abroad(&self) -> Result<Vec<&str>, String> {
        let (_, other) = self.languages()?;
        match other.is_empty() {
            true => Err("it takes a transfer corpus of another language".into()),
            false => Ok(other),
        }
    }

    /// Transfer corpora, at least one.
    pub(super) fn transfer(&self) -> Result<&[String], String> {
        match self.given.study.plan.transfer.as_slice() {
            [] => Err("it takes a transfer corpus".into()),
            corpora => Ok(corpora),
        }
    }

    /// What the denoising autoencoder's models of all seeds made of a set.
    pub(super) fn part(
        &self,
        set: &str,
        of: impl Fn(&super::super::gather::OfSet) -> &Sums,
    ) -> Result<Part<'_>, String> {
        let of_seeds: Vec<_> = self
            .given
            .gathered
            .iter()
            .filter(|gathered| gathered.model == "dae")
            .filter_map(|gathered| gathered.sets.iter().find(|s| s.set == set))
            .collect();
        let first = of_seeds
            .first()
            .ok_or_else(|| "it takes dae with two latent dimensions".to_string())?;
        Ok(Part {
            corpus: &first.corpus,
            per_seed: of_seeds.iter().map(|set| of(set)).collect(),
        })
    }

    /// The sets of a sentence about all of them: training, validation and each transfer corpus.
    pub(super) fn sets(&self) -> Vec<&str> {
        let transfer = self.given.study.plan.transfer.iter().map(String::as_str);
        ["train", "valid"].into_iter().chain(transfer).collect()
    }

    /// A set's name for readers.
    pub(super) fn name<'b>(&self, set: &'b str) -> &'b str {
        match set {
            "train" => "training",
            "valid" => "validation",
            corpus => corpus,
        }
    }

    /// The plan's classes among some of the paper's, in the plan's order.
    pub(super) fn classes(&self, of: &[&str]) -> Vec<String> {
        let classes = self.given.study.plan.classes.iter();
        classes
            .filter(|class| of.contains(&class.as_str()))
            .cloned()
            .collect()
    }

    /// The place of a class in [`PAPERS`].
    pub(super) fn place(class: &str) -> usize {
        PAPERS.iter().position(|name| *name == class).unwrap_or(0)
    }
}
