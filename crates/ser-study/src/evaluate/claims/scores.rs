//! Tests of sentences about scores: of representations, of triads, of classes.

use super::super::resample::Series;
use super::evidence::{Evidence, Found, Tested, above, alike, below, number};
use super::sentence::{HALF, MUCH, SIMILAR};
use super::verdict::{Comparison, Unit};

/// The representations of two numbers and the features, by name.
const MODELS: [&str; 4] = ["raw", "pca", "uae", "dae"];

/// The triads by the initials of their classes.
const TRIADS: [(&str, [&str; 3]); 4] = [
    ("N-S-H", ["neutral", "sad", "happy"]),
    ("N-S-A", ["neutral", "sad", "angry"]),
    ("N-H-A", ["neutral", "happy", "angry"]),
    ("S-H-A", ["sad", "happy", "angry"]),
];

fn title(model: &str) -> String {
    match model {
        "raw" => "88 features".into(),
        other => other.to_uppercase(),
    }
}

impl Evidence<'_> {
    pub(super) fn over_55(&self) -> Tested {
        let both = [self.uar("uae", "valid")?, self.uar("dae", "valid")?];
        let listed = ["UAE", "DAE"].iter().zip(&both);
        let mean = Series::mean(&both).ok_or("it takes uae and dae")?;
        Ok(Found {
            beside: listed
                .map(|(name, score)| format!("{name} {}", number(score, Unit::Points)))
                .collect(),
            comparisons: vec![above("mean of UAE and DAE", mean, 0.55, Unit::Points)],
        })
    }

    /// Scores of all representations on a set, for the reader.
    fn listed(&self, set: &str) -> Result<String, String> {
        let of = |model| {
            let score = self.uar(model, set)?;
            Ok(format!("{} {}", title(model), number(&score, Unit::Points)))
        };
        let all: Result<Vec<String>, String> = MODELS.into_iter().map(of).collect();
        Ok(format!("{}: {}", self.name(set), all?.join(", ")))
    }

    /// That one representation exceeds another by a margin on a set.
    fn exceeds(&self, set: &str, one: &str, other: &str, by: f64) -> Result<Comparison, String> {
        let difference = self.uar(one, set)?.minus(&self.uar(other, set)?);
        let of = format!("{}: {} − {}", self.name(set), title(one), title(other));
        Ok(above(of, difference, by, Unit::Points))
    }

    pub(super) fn much_lower(&self) -> Tested {
        let mut found = Found::from(Vec::new());
        for set in ["train", "valid"] {
            found.beside.push(self.listed(set)?);
            for other in ["uae", "dae"] {
                found
                    .comparisons
                    .push(self.exceeds(set, "raw", other, MUCH)?);
            }
        }
        Ok(found)
    }

    pub(super) fn pca_like_uae(&self) -> Tested {
        let mut comparisons = Vec::new();
        for set in ["train", "valid"] {
            let difference = self.uar("pca", set)?.minus(&self.uar("uae", set)?);
            let of = format!("{}: PCA − UAE", self.name(set));
            comparisons.extend(alike(&of, &difference, SIMILAR, Unit::Points));
        }
        Ok(comparisons.into())
    }

    pub(super) fn dae_lowest(&self) -> Tested {
        let mut comparisons = Vec::new();
        for set in ["train", "valid"] {
            for other in ["raw", "pca", "uae"] {
                comparisons.push(self.exceeds(set, other, "dae", 0.0)?);
            }
        }
        Ok(comparisons.into())
    }

    /// The mean of the plan's representations on a set.
    fn mean(&self, set: &str) -> Result<Series, String> {
        let models = &self.given.study.plan.models;
        let all: Result<Vec<Series>, String> = models
            .iter()
            .map(|model| self.uar(model.name(), set))
            .collect();
        Series::mean(&all?).ok_or_else(|| "no representation was tested".into())
    }

    pub(super) fn lower_on_transfer(&self) -> Tested {
        let home = self.mean("valid")?;
        let mut found = Found::from(Vec::new());
        found
            .beside
            .push(format!("validation {}", number(&home, Unit::Points)));
        for corpus in self.transfer()? {
            let away = self.mean(corpus)?;
            found
                .beside
                .push(format!("{corpus} {}", number(&away, Unit::Points)));
            let of = format!("validation − {corpus}");
            found
                .comparisons
                .push(above(of, home.minus(&away), 0.0, Unit::Points));
        }
        Ok(found)
    }

    pub(super) fn lowest_abroad(&self) -> Tested {
        let (same, other) = self.languages()?;
        if same.is_empty() || other.is_empty() {
            return Err("it takes transfer corpora of the same language as the training corpus and of others".into());
        }
        let mut comparisons = Vec::new();
        for near in &same {
            for far in &other {
                let difference = self.mean(near)?.minus(&self.mean(far)?);
                comparisons.push(above(
                    format!("{near} − {far}"),
                    difference,
                    0.0,
                    Unit::Points,
                ));
            }
        }
        Ok(comparisons.into())
    }

    pub(super) fn largest_abroad(&self) -> Tested {
        let mut found = Found::from(Vec::new());
        for corpus in self.abroad()? {
            found.beside.push(self.listed(corpus)?);
            let accuracy = |model: &str| -> Result<String, String> {
                let of = self.of(model, &self.given.study.plan.classes, corpus)?;
                Ok(format!(
                    "{} {}",
                    title(model),
                    number(&of.accuracy, Unit::Points)
                ))
            };
            let accuracies: Result<Vec<String>, String> =
                MODELS.into_iter().map(accuracy).collect();
            found.beside.push(format!(
                "weighted accuracy there: {}",
                accuracies?.join(", ")
            ));
            for one in ["uae", "dae"] {
                for other in ["raw", "pca"] {
                    found
                        .comparisons
                        .push(self.exceeds(corpus, one, other, 0.0)?);
                }
            }
        }
        Ok(found)
    }

    /// The denoising autoencoder's score of a triad.
    fn triad(&self, classes: &[&str], set: &str) -> Result<Series, String> {
        let of = self.of("dae", &self.classes(classes), set);
        Ok(of
            .map_err(|_| "it takes triads = true and dae".to_string())?
            .uar
            .clone())
    }

    fn against_triads(&self, name: &str, sign: f64) -> Tested {
        let scores: Result<Vec<(&str, Series)>, String> = TRIADS
            .iter()
            .map(|(name, classes)| Ok((*name, self.triad(classes, "valid")?)))
            .collect();
        let scores = scores?;
        let own = scores.iter().find(|(other, _)| *other == name);
        let own = &own.ok_or("no such triad")?.1;
        let compare = |(other, score): &(&str, Series)| {
            let difference = own.minus(score).map(|x| sign * x);
            let of = match sign > 0.0 {
                true => format!("{name} − {other}"),
                false => format!("{other} − {name}"),
            };
            above(of, difference, 0.0, Unit::Points)
        };
        let others = scores.iter().filter(|(other, _)| *other != name);
        Ok(Found {
            comparisons: others.map(compare).collect(),
            beside: scores
                .iter()
                .map(|(name, score)| format!("{name} {}", number(score, Unit::Points)))
                .collect(),
        })
    }

    pub(super) fn best_triad(&self) -> Tested {
        self.against_triads("N-S-A", 1.0)
    }

    pub(super) fn worst_triad(&self) -> Tested {
        self.against_triads("S-H-A", -1.0)
    }

    fn mean_of_triads(&self, set: &str) -> Result<Series, String> {
        let all: Result<Vec<Series>, String> = TRIADS
            .iter()
            .map(|(_, classes)| self.triad(classes, set))
            .collect();
        Series::mean(&all?).ok_or_else(|| "it takes triads = true and dae".into())
    }

    pub(super) fn triads_like_at_home(&self) -> Tested {
        let (same, _) = self.languages()?;
        if same.is_empty() {
            return Err("it takes a transfer corpus of the training corpus's language".into());
        }
        let home = self.mean_of_triads("valid")?;
        let mut comparisons = Vec::new();
        for corpus in same {
            let difference = home.minus(&self.mean_of_triads(corpus)?);
            let of = format!("validation − {corpus}");
            comparisons.extend(alike(&of, &difference, SIMILAR, Unit::Points));
        }
        Ok(comparisons.into())
    }

    pub(super) fn triads_lower_abroad(&self) -> Tested {
        let (same, _) = self.languages()?;
        let mut comparisons = Vec::new();
        for far in self.abroad()? {
            for near in ["valid"].into_iter().chain(same.iter().copied()) {
                let difference = self.mean_of_triads(near)?.minus(&self.mean_of_triads(far)?);
                let of = format!("{} − {far}", self.name(near));
                comparisons.push(above(of, difference, 0.0, Unit::Points));
            }
        }
        Ok(comparisons.into())
    }

    /// A class in each triad that has it, on validation and transfer corpora.
    fn in_triads(&self, class: &str, compare: impl Fn(String, Series) -> Comparison) -> Tested {
        let mut comparisons = Vec::new();
        let sets = self.sets();
        for (name, classes) in TRIADS
            .iter()
            .filter(|(_, classes)| classes.contains(&class))
        {
            for set in sets.iter().filter(|set| **set != "train") {
                self.triad(classes, set)?;
                let recall = self.recall(&self.classes(classes), set, class)?;
                // A corpus may lack the class.
                if recall.observed.is_finite() {
                    comparisons.push(compare(format!("{name}, {}", self.name(set)), recall));
                }
            }
        }
        Ok(comparisons.into())
    }

    pub(super) fn happy_missed(&self) -> Tested {
        self.in_triads("happy", |of, recall| below(of, recall, HALF, Unit::Points))
    }

    pub(super) fn anger_found(&self) -> Tested {
        self.in_triads("angry", |of, recall| above(of, recall, HALF, Unit::Points))
    }

    pub(super) fn sad_of_two_triads(&self) -> Tested {
        let (same, _) = self.languages()?;
        let mut comparisons = Vec::new();
        for set in ["valid"].into_iter().chain(same) {
            let recall = |classes: [&str; 3]| -> Result<Series, String> {
                self.triad(&classes, set)?;
                self.recall(&self.classes(&classes), set, "sad")
            };
            let name = self.name(set);
            let with_anger = recall(TRIADS[3].1)?;
            let with_neutral = recall(TRIADS[0].1)?;
            comparisons.push(above(
                format!("{name}, S-H-A"),
                with_anger,
                HALF,
                Unit::Points,
            ));
            let of = format!("{name}, N-S-H");
            comparisons.push(below(of, with_neutral, HALF, Unit::Points));
        }
        Ok(comparisons.into())
    }
}
