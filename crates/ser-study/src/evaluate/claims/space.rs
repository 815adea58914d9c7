//! Tests of sentences about the latent space of the denoising autoencoder: clusters, activation, turns.

use super::super::gather::{BINS, Clusters, PAPERS, Ratings};
use super::super::resample::{Part, Series, Sums};
use super::super::result::Transfer;
use super::evidence::{Evidence, Found, Tested, above, below};
use super::sentence::{FOLLOWS, NO_STRUCTURE, SPREAD, UNLIKE};
use super::verdict::Unit;

impl Evidence<'_> {
    /// Mean silhouette of each of the paper's classes on a set.
    fn silhouettes(&self, set: &str) -> Result<Vec<Series>, String> {
        let part = self.part(set, |of_set| &of_set.apart)?;
        let of = |sums: &[f64], found: &mut [f64]| {
            for (found, class) in found.iter_mut().zip(sums.chunks_exact(2)) {
                *found = class[1] / class[0];
            }
        };
        Ok(self.given.resamples.series(&[part], PAPERS.len(), of))
    }

    pub(super) fn anger_apart(&self) -> Tested {
        let mut comparisons = Vec::new();
        for set in self.sets() {
            let angry = self.silhouettes(set)?.swap_remove(Self::place("angry"));
            comparisons.push(above(self.name(set), angry, 0.0, Unit::Plain));
        }
        Ok(comparisons.into())
    }

    /// Statistics of how neutral, sad, happy and angry lie on a set.
    fn clusters(&self, set: &str) -> Result<[Series; 3], String> {
        let part = self.part(set, |of_set| &of_set.clusters)?;
        let of = |sums: &[f64], found: &mut [f64]| {
            if sums.len() == Clusters::WIDTH {
                found[0] = sums[Clusters::CALM_APART] / sums[Clusters::CALM];
                found[1] = sums[Clusters::CALM_JOINT] / sums[Clusters::CALM];
                found[2] = sums[Clusters::HAPPY_AT_ANGER] / sums[Clusters::HAPPY];
            }
        };
        let series = self.given.resamples.series(&[part], 3, of);
        series
            .try_into()
            .map_err(|_| "it takes dae with two latent dimensions".into())
    }

    pub(super) fn neutral_and_sad_joint(&self) -> Tested {
        let mut comparisons = Vec::new();
        for set in self.sets() {
            let [apart, joint, _] = self.clusters(set)?;
            let name = self.name(set);
            let of = format!("{name}, neutral against sad");
            comparisons.push(below(of, apart, NO_STRUCTURE, Unit::Plain));
            comparisons.push(above(
                format!("{name}, both against angry"),
                joint,
                0.0,
                Unit::Plain,
            ));
        }
        Ok(comparisons.into())
    }

    pub(super) fn happy_over_both(&self) -> Tested {
        let mut comparisons = Vec::new();
        for set in self.sets() {
            let [_, _, at_anger] = self.clusters(set)?;
            let of = format!("{}, happy nearer to anger", self.name(set));
            comparisons.push(above(of.clone(), at_anger.clone(), SPREAD, Unit::Points));
            comparisons.push(below(of, at_anger, 1.0 - SPREAD, Unit::Points));
        }
        Ok(comparisons.into())
    }

    /// What validation rows say of ratings.
    fn rated(&self) -> Result<Part<'_>, String> {
        let part = self.part("valid", |of_set| &of_set.ratings)?;
        match part.per_seed.iter().all(|sums| sums.is_empty()) {
            true => Err(
                "no recording of the training corpus is rated for activation and valence".into(),
            ),
            false => Ok(part),
        }
    }

    pub(super) fn follows_activation(&self) -> Tested {
        let of = |sums: &[f64], found: &mut [f64]| {
            if let [n, a, aa, d, dd, ad, ..] = *sums {
                let covariance = ad - a * d / n;
                found[0] = covariance / ((aa - a * a / n) * (dd - d * d / n)).sqrt();
            }
        };
        let rho = self
            .given
            .resamples
            .series(&[self.rated()?], 1, of)
            .swap_remove(0);
        Ok(vec![above("ρ", rho, FOLLOWS, Unit::Plain)].into())
    }

    pub(super) fn marginal_of_activation(&self) -> Tested {
        // Mean over classes of the share that two distributions have in common.
        let overlap = |sums: &[f64], variable: usize| -> f64 {
            let of_class = |class: usize| {
                let share = |variable| {
                    let from = Ratings::bin(variable, class, 0);
                    let bins = &sums[from..from + BINS];
                    let all: f64 = bins.iter().sum();
                    bins.iter()
                        .map(move |count| count / all)
                        .collect::<Vec<_>>()
                };
                let pairs = share(variable).into_iter().zip(share(2));
                pairs.map(|(a, b)| a.min(b)).sum::<f64>()
            };
            let all: Vec<f64> = (0..PAPERS.len())
                .map(of_class)
                .filter(|o| *o > 0.0)
                .collect();
            all.iter().sum::<f64>() / all.len() as f64
        };
        let of = |sums: &[f64], found: &mut [f64]| {
            if sums.len() == Ratings::WIDTH {
                found[0] = overlap(sums, 0);
                found[1] = overlap(sums, 1);
            }
        };
        let series = self.given.resamples.series(&[self.rated()?], 2, of);
        let [activation, valence]: [Series; 2] = series.try_into().map_err(|_| "no ratings")?;
        let beside = [("activation", &activation), ("valence", &valence)].map(|(name, s)| {
            format!(
                "overlap with {name} {}",
                super::evidence::number(s, Unit::Points)
            )
        });
        Ok(Found {
            comparisons: vec![above(
                "activation − valence",
                activation.minus(&valence),
                0.0,
                Unit::Points,
            )],
            beside: beside.to_vec(),
        })
    }

    /// Angle and remaining share of a set's cloud against the training rows'.
    fn turn(&self, set: &str) -> Result<&[Series; 3], String> {
        self.turns
            .get(set)
            .ok_or_else(|| "it takes dae with two latent dimensions".into())
    }

    pub(super) fn clouds_alike(&self) -> Tested {
        self.transfer()?;
        let mut comparisons = Vec::new();
        for set in self.sets().into_iter().filter(|set| *set != "train") {
            let [_, residual, _] = self.turn(set)?;
            let of = format!("{}, unexplained", self.name(set));
            comparisons.push(below(of, residual.clone(), UNLIKE, Unit::Points));
        }
        Ok(comparisons.into())
    }

    pub(super) fn turned_abroad(&self) -> Tested {
        let (same, _) = self.languages()?;
        let mut found = Found::from(Vec::new());
        for far in self.abroad()? {
            let [angle, _, mirrored] = self.turn(far)?;
            let told = super::evidence::number(angle, Unit::Degrees);
            let times = mirrored.seeds.iter().filter(|m| **m > 0.5).count();
            let mirrored = match times {
                0 => String::new(),
                n => format!(", mirrored in {n} of {} seeds", mirrored.seeds.len()),
            };
            found.beside.push(format!("{far} {told}{mirrored}"));
            for near in ["valid"].into_iter().chain(same.iter().copied()) {
                let difference = angle.minus(&self.turn(near)?[0]);
                let of = format!("{far} − {}", self.name(near));
                found
                    .comparisons
                    .push(above(of, difference, 0.0, Unit::Degrees));
            }
        }
        Ok(found)
    }

    pub(super) fn turn_explains(&self) -> Tested {
        let study = self.given.study;
        let mut comparisons = Vec::new();
        for corpus in self.abroad()? {
            let sums = |alignment: &str| -> Result<Sums, String> {
                let of = |t: &&Transfer| {
                    t.train == study.plan.train
                        && t.test == corpus
                        && t.model == "dae"
                        && t.alignment == alignment
                };
                let entry = self.given.matrix.iter().find(of);
                let entry = entry.ok_or(
                    "it takes matrix = true with the alignments standardise and rotation, and dae",
                )?;
                let names = study.units.of_corpus(corpus).map(|units| &units.names);
                let counts = entry.by_speaker.iter().filter_map(|counts| {
                    let unit = names?.binary_search(&counts.speaker).ok()?;
                    let cells = counts.confusion.rows().flatten();
                    Some((unit, cells.map(|&count| count as f64).collect()))
                });
                Ok(counts.collect())
            };
            let (plain, turned) = (sums("standardise")?, sums("rotation")?);
            let classes = study.plan.classes.len();
            // The matrix has one seed; its speakers are drawn as everywhere.
            let seeds = study.plan.seeds.len();
            let part = |sums| Part {
                corpus,
                per_seed: vec![sums; seeds],
            };
            let uar = |cells: &[f64]| {
                let recall = |class: usize| {
                    let row = &cells[class * classes..(class + 1) * classes];
                    row[class] / row.iter().sum::<f64>()
                };
                let recalls: Vec<f64> =
                    (0..classes).map(recall).filter(|r| r.is_finite()).collect();
                recalls.iter().sum::<f64>() / recalls.len() as f64
            };
            let of = |cells: &[f64], found: &mut [f64]| {
                let (plain, turned) = cells.split_at(cells.len() / 2);
                found[0] = uar(turned) - uar(plain);
            };
            let parts = [part(&plain), part(&turned)];
            let gain = self.given.resamples.series(&parts, 1, of).swap_remove(0);
            let of = format!(
                "{corpus}, rotated back − only standardised (seed {})",
                study.plan.seeds[0]
            );
            comparisons.push(above(of, gain, 0.0, Unit::Points));
        }
        Ok(comparisons.into())
    }

    pub(super) fn happy_hardest(&self) -> Tested {
        let classes = &self.given.study.plan.classes;
        let happy = self.recall(classes, "valid", "happy")?;
        let silhouettes = self.silhouettes("valid")?;
        let own = &silhouettes[Self::place("happy")];
        let mut found = Found::from(Vec::new());
        for class in classes.iter().filter(|class| *class != "happy") {
            let recall = self.recall(classes, "valid", class)?;
            let of = format!("recall of {class} − happy");
            found
                .comparisons
                .push(above(of, recall.minus(&happy), 0.0, Unit::Points));
            let other = &silhouettes[Self::place(class)];
            let of = format!("silhouette of {class} − happy");
            found
                .comparisons
                .push(above(of, other.minus(own), 0.0, Unit::Plain));
        }
        Ok(found)
    }
}
