//! What the first fold's model of a seed made of each set, summed by speaker: the material of the tests on latent space and attribution.
//!
//! Everything is a sum over recordings, so that a resample of speakers is a sum with weights ([`super::resample`]). Silhouettes, ranks and
//! nearness are taken once, among all recordings of the set, and then averaged over those drawn.

use std::collections::BTreeMap;

use ndarray::Array2;

use super::attribution::right;
use super::design::Design;
use super::resample::Sums;
use super::result::Prediction;
use super::score::corpus_of;
use super::silhouette::silhouettes;
use super::study::Study;
use ser_models::explain::attribution::{Explained, explain, reference};
use ser_models::explain::deeplift::Rule;
use ser_models::explain::stability::rank_correlation;
use ser_models::model::Pipeline;
use ser_models::model::autoencoder::Dense;
use ser_models::model::pipeline::Reducer;
use ser_models::model::random::Random;
use ser_models::model::training::class_of;
use ser_tables::statistic::ranks;

/// The classes that the paper's sentences are about, in its order.
pub const PAPERS: [&str; 4] = ["neutral", "sad", "happy", "angry"];

/// Networks of random weights that attributions are compared with.
const RANDOM_NETWORKS: u64 = 5;

/// Bins of a marginal distribution.
pub const BINS: usize = 10;

/// Of one seed and representation.
#[derive(Clone, Debug)]
pub struct Gathered {
    /// The representation, by name.
    pub model: String,
    /// The seed.
    pub seed: u64,
    /// The sets whose latents are in the plane.
    pub sets: Vec<OfSet>,
    /// Attributions of the denoising autoencoder.
    pub attribution: Option<Attributions>,
}

/// Of one set.
#[derive(Clone, Debug)]
pub struct OfSet {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// The corpus.
    pub corpus: String,
    /// Of each class: recordings, sum of dimension 1, sum of dimension 2.
    pub means: Sums,
    /// Of each of [`PAPERS`]: recordings, sum of silhouettes among all classes. Empty for other classes.
    pub apart: Sums,
    /// How neutral, sad, happy and angry lie: see [`Clusters`]. Empty for other classes.
    pub clusters: Sums,
    /// How the latent dimension that follows activation goes with ratings. Empty without ratings.
    pub ratings: Sums,
}

/// Places in [`OfSet::clusters`].
pub struct Clusters;

impl Clusters {
    /// Recordings that are neutral or sad.
    pub const CALM: usize = 0;
    /// Sum of their silhouettes, neutral against sad.
    pub const CALM_APART: usize = 1;
    /// Sum of their silhouettes as one cluster against angry.
    pub const CALM_JOINT: usize = 2;
    /// Recordings that are happy.
    pub const HAPPY: usize = 3;
    /// Happy ones nearer (in the mean) to the angry recordings than to the neutral and sad ones.
    pub const HAPPY_AT_ANGER: usize = 4;
    /// How many places there are.
    pub const WIDTH: usize = 5;
}

/// Places in [`OfSet::ratings`].
pub struct Ratings;

impl Ratings {
    /// Recordings; sums of a, a², d, d², a·d, with a the rank of activation and d that of the dimension, both between 0 and 1.
    pub const MOMENTS: usize = 6;
    /// Then for activation, valence and the dimension, each: for each class the recordings in each tenth.
    pub const fn bin(variable: usize, class: usize, bin: usize) -> usize {
        Self::MOMENTS + (variable * PAPERS.len() + class) * BINS + bin
    }
    /// How many places there are.
    pub const WIDTH: usize = Self::bin(3, 0, 0);
}

/// Contributions to the latent dimensions, each in standard deviations of the dimension's difference from its reference.
#[derive(Clone, Debug)]
pub struct Attributions {
    /// Names of the groups.
    pub groups: Vec<String>,
    /// Of each of [`PAPERS`]: recordings, then for each latent dimension and group the sum of contributions.
    pub trained: Sums,
    /// The same of networks with random weights.
    pub random: Vec<Sums>,
    /// Latent dimensions.
    pub dimensions: usize,
}

/// Gathers from the first fold's predictions and model.
pub fn gather(
    study: &Study,
    design: &Design,
    predictions: &[Prediction],
    pipeline: &Pipeline,
) -> Gathered {
    let paper = is_papers(&design.classes);
    let names = ["train", "valid"]
        .into_iter()
        .chain(study.plan.transfer.iter().map(String::as_str));
    let placed: Vec<(&str, Placed)> = names
        .filter_map(|set| Some((set, Placed::new(study, design, predictions, set)?)))
        .collect();
    let follows = placed
        .iter()
        .find(|(set, _)| *set == "train")
        .and_then(|(_, train)| train.follows_activation(study));
    let of_set = |(set, placed): &(&str, Placed)| OfSet {
        set: (*set).into(),
        corpus: corpus_of(study, set).into(),
        means: placed.means(study, design.classes.len()),
        apart: if paper {
            placed.apart(study)
        } else {
            Sums::new()
        },
        clusters: if paper {
            placed.clusters(study)
        } else {
            Sums::new()
        },
        ratings: match follows {
            Some(follows) if paper => placed.ratings(study, follows),
            _ => Sums::new(),
        },
    };
    Gathered {
        model: design.model.name().into(),
        seed: design.seed,
        sets: placed.iter().map(of_set).collect(),
        attribution: (paper && design.model == ser_models::model::Representation::Dae)
            .then(|| attributions(study, design, predictions, pipeline))
            .flatten(),
    }
}

/// Whether classes are those of the paper, in any order.
pub fn is_papers(classes: &[String]) -> bool {
    classes.len() == PAPERS.len() && PAPERS.iter().all(|name| classes.iter().any(|c| c == name))
}

/// Recordings in the plane. The class is a number in [`PAPERS`] where classes are the paper's, else in the design's classes.
struct Placed {
    rows: Vec<usize>,
    labels: Vec<usize>,
    points: Array2<f64>,
}

/// A latent dimension, and whether it falls where activation rises.
type Follows = (usize, bool);

impl Placed {
    fn new(
        study: &Study,
        design: &Design,
        predictions: &[Prediction],
        set: &str,
    ) -> Option<Placed> {
        let paper: Vec<String> = PAPERS.map(String::from).to_vec();
        let classes = match is_papers(&design.classes) {
            true => &paper,
            false => &design.classes,
        };
        let (mut rows, mut labels, mut points) = (Vec::new(), Vec::new(), Vec::new());
        for prediction in predictions.iter().filter(|p| p.set == set && p.fold == 0) {
            let label = class_of(&study.table, prediction.row, classes);
            if let (Some(label), Some(&[x, y])) = (label, prediction.latent.as_deref()) {
                rows.push(prediction.row);
                labels.push(label);
                points.extend([f64::from(x), f64::from(y)]);
            }
        }
        let shape = (rows.len(), 2);
        Some(Placed {
            points: Array2::from_shape_vec(shape, points)
                .ok()
                .filter(|p| p.nrows() > 0)?,
            rows,
            labels,
        })
    }

    /// Sums by unit of what `of` puts into a row's place.
    fn summed(&self, study: &Study, width: usize, mut of: impl FnMut(usize, &mut [f64])) -> Sums {
        let mut sums: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        for (at, &row) in self.rows.iter().enumerate() {
            let unit = study.units.of_row(row);
            of(at, sums.entry(unit).or_insert_with(|| vec![0.0; width]));
        }
        sums.into_iter().collect()
    }

    fn means(&self, study: &Study, classes: usize) -> Sums {
        self.summed(study, 3 * classes, |at, sums| {
            let place = 3 * self.labels[at];
            sums[place] += 1.0;
            sums[place + 1] += self.points[(at, 0)];
            sums[place + 2] += self.points[(at, 1)];
        })
    }

    fn apart(&self, study: &Study) -> Sums {
        let Some(values) = silhouettes(self.points.view(), &self.labels, PAPERS.len()) else {
            return Sums::new();
        };
        self.summed(study, 2 * PAPERS.len(), |at, sums| {
            sums[2 * self.labels[at]] += 1.0;
            sums[2 * self.labels[at] + 1] += values[at];
        })
    }

    /// The silhouette of each row among rows that `cluster` gives a number; 0 for others.
    fn among(&self, cluster: impl Fn(usize) -> Option<usize>) -> Vec<f64> {
        let inside: Vec<usize> = (0..self.rows.len())
            .filter(|&at| cluster(self.labels[at]).is_some())
            .collect();
        let labels: Vec<usize> = inside
            .iter()
            .filter_map(|&at| cluster(self.labels[at]))
            .collect();
        let points = self.points.select(ndarray::Axis(0), &inside);
        let mut values = vec![0.0; self.rows.len()];
        if let Some(found) = silhouettes(points.view(), &labels, 2) {
            inside
                .iter()
                .zip(found)
                .for_each(|(&at, value)| values[at] = value);
        }
        values
    }

    fn clusters(&self, study: &Study) -> Sums {
        let [neutral, sad, happy, angry] = [0, 1, 2, 3];
        let apart = self.among(|class| [neutral, sad].iter().position(|c| *c == class));
        let joint = self.among(|class| match class {
            c if c == neutral || c == sad => Some(0),
            c if c == angry => Some(1),
            _ => None,
        });
        let of = |wanted: &[usize]| -> Vec<usize> {
            let rows = 0..self.rows.len();
            rows.filter(|&at| wanted.contains(&self.labels[at]))
                .collect()
        };
        let (calm, anger) = (of(&[neutral, sad]), of(&[angry]));
        let distance = |at: usize, others: &[usize]| -> f64 {
            let one = |&other: &usize| {
                let (dx, dy) = (
                    self.points[(at, 0)] - self.points[(other, 0)],
                    self.points[(at, 1)] - self.points[(other, 1)],
                );
                (dx * dx + dy * dy).sqrt()
            };
            others.iter().map(one).sum::<f64>() / others.len().max(1) as f64
        };
        self.summed(study, Clusters::WIDTH, |at, sums| {
            let class = self.labels[at];
            if class == neutral || class == sad {
                sums[Clusters::CALM] += 1.0;
                sums[Clusters::CALM_APART] += apart[at];
                sums[Clusters::CALM_JOINT] += joint[at];
            }
            if class == happy && !calm.is_empty() && !anger.is_empty() {
                sums[Clusters::HAPPY] += 1.0;
                let nearer = distance(at, &anger) < distance(at, &calm);
                sums[Clusters::HAPPY_AT_ANGER] += f64::from(u8::from(nearer));
            }
        })
    }

    /// The latent dimension that goes with activation most closely.
    fn follows_activation(&self, study: &Study) -> Option<Follows> {
        let rated: Vec<(usize, f64)> = (0..self.rows.len())
            .filter_map(|at| Some((at, study.table.rows[self.rows[at]].activation?)))
            .collect();
        let heard: Vec<f64> = rated.iter().map(|(_, activation)| *activation).collect();
        let rho = |dimension: usize| {
            let of = rated.iter().map(|(at, _)| self.points[(*at, dimension)]);
            rank_correlation(&of.collect::<Vec<_>>(), &heard).map(|rho| (dimension, rho))
        };
        let best = (0..2)
            .filter_map(rho)
            .reduce(|a, b| if b.1.abs() > a.1.abs() { b } else { a })?;
        Some((best.0, best.1 < 0.0))
    }

    fn ratings(&self, study: &Study, (dimension, falls): Follows) -> Sums {
        let rating = |at: usize| {
            let row = &study.table.rows[self.rows[at]];
            Some((row.activation?, row.valence?))
        };
        let rated: Vec<(usize, (f64, f64))> = (0..self.rows.len())
            .filter_map(|at| Some((at, rating(at)?)))
            .collect();
        if rated.len() < 2 {
            return Sums::new();
        }
        let scaled = |values: Vec<f64>| -> Vec<f64> {
            let n = values.len() as f64;
            ranks(&values).iter().map(|rank| (rank - 0.5) / n).collect()
        };
        let sign = if falls { -1.0 } else { 1.0 };
        let variables = [
            scaled(
                rated
                    .iter()
                    .map(|(_, (activation, _))| *activation)
                    .collect(),
            ),
            scaled(rated.iter().map(|(_, (_, valence))| *valence).collect()),
            scaled(
                rated
                    .iter()
                    .map(|(at, _)| sign * self.points[(*at, dimension)])
                    .collect(),
            ),
        ];
        let mut place = vec![None; self.rows.len()];
        for (number, (at, _)) in rated.iter().enumerate() {
            place[*at] = Some(number);
        }
        self.summed(study, Ratings::WIDTH, |at, sums| {
            let Some(number) = place[at] else {
                return;
            };
            let (a, d) = (variables[0][number], variables[2][number]);
            for (sum, value) in sums.iter_mut().zip([1.0, a, a * a, d, d * d, a * d]) {
                *sum += value;
            }
            for (variable, values) in variables.iter().enumerate() {
                let bin = ((values[number] * BINS as f64) as usize).min(BINS - 1);
                sums[Ratings::bin(variable, self.labels[at], bin)] += 1.0;
            }
        })
    }
}

/// Contributions of the validation recordings that the first fold's model got right; none where it got none right.
fn attributions(
    study: &Study,
    design: &Design,
    predictions: &[Prediction],
    pipeline: &Pipeline,
) -> Option<Attributions> {
    let Reducer::Autoencoder(network) = &pipeline.reducer else {
        return None;
    };
    let right = right(study, design, pipeline, predictions, 0);
    let neutral = design.classes.iter().position(|class| class == PAPERS[0]);
    let origin = reference(&right, neutral)?;
    let classes: Vec<usize> = design
        .classes
        .iter()
        .map(|class| PAPERS.iter().position(|name| name == class).unwrap_or(0))
        .collect();
    let (groups, dimensions, trained) = contributions(study, pipeline, &right, &classes, &origin);
    let random = |number: u64| {
        let mut random = Random::numbered(design.seed, "attributions", number);
        let mut drawn = network.clone();
        for layer in &mut drawn.encoder {
            *layer = Dense::random(layer.inputs(), layer.outputs(), &mut random);
        }
        let pipeline = Pipeline {
            reducer: Reducer::Autoencoder(drawn),
            ..pipeline.clone()
        };
        contributions(study, &pipeline, &right, &classes, &origin).2
    };
    Some(Attributions {
        groups,
        trained,
        random: (0..RANDOM_NETWORKS).map(random).collect(),
        dimensions,
    })
}

/// Groups, latent dimensions and sums by unit.
fn contributions(
    study: &Study,
    pipeline: &Pipeline,
    right: &Explained,
    classes: &[usize],
    origin: &[f64],
) -> (Vec<String>, usize, Sums) {
    let explanation = explain(pipeline, right, origin, "", Rule::Rescale);
    let (targets, dimensions) = (explanation.targets.len(), explanation.latent_targets);
    let groups = explanation.groups.len();
    let of = |at: usize, dimension: usize| {
        &explanation.recordings[at * targets + dimension].contributions
    };
    let scale: Vec<f64> = (0..dimensions)
        .map(|dimension| {
            let moved: Vec<f64> = (0..right.rows.len())
                .map(|at| of(at, dimension).iter().sum())
                .collect();
            let n = moved.len() as f64;
            let mean = moved.iter().sum::<f64>() / n;
            (moved.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n).sqrt()
        })
        .collect();
    let width = 1 + dimensions * groups;
    let mut sums: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for (at, &row) in right.rows.iter().enumerate() {
        let unit = study.units.of_row(row);
        let sums = sums
            .entry(unit)
            .or_insert_with(|| vec![0.0; PAPERS.len() * width]);
        let place = classes[right.classes[at]] * width;
        sums[place] += 1.0;
        for dimension in (0..dimensions).filter(|&dimension| scale[dimension] > 0.0) {
            for (group, contribution) in of(at, dimension).iter().enumerate() {
                sums[place + 1 + dimension * groups + group] += contribution / scale[dimension];
            }
        }
    }
    (explanation.groups, dimensions, sums.into_iter().collect())
}
