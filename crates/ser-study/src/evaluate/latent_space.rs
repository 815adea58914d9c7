//! The numbers beside the pictures of a latent space: how far classes part, what a dimension follows, how a corpus's cloud is turned.
//!
//! Of the first fold's model: silhouettes of each set, Spearman's correlation of each dimension with activation and valence where a corpus has them,
//! and the rotation of each transfer corpus's class means against the training rows' (Gower & Dijksterhuis 2004, "Procrustes Problems").

use std::collections::BTreeMap;

use ndarray::Array2;

use super::result::{Correlation, LatentSpaceNumbers, Prediction, Silhouette, Turn};
use super::rotation::{Cloud, rotation};
use super::silhouette::silhouette;
use super::study::Study;
use ser_models::explain::stability::rank_correlation;
use ser_models::model::training::class_of;
use ser_models::score::bootstrap::Resampling;
use ser_tables::labelled::LabelledRow;

/// The points of a set.
struct Set<'a> {
    name: &'a str,
    rows: Vec<usize>,
    points: Array2<f64>,
    labels: Vec<usize>,
    speakers: Option<Vec<usize>>,
}

/// The numbers of a fold's predictions.
pub fn latent_space_numbers(
    study: &Study,
    classes: &[String],
    predictions: &[Prediction],
) -> LatentSpaceNumbers {
    let names = ["train", "valid"]
        .into_iter()
        .chain(study.plan.transfer.iter().map(String::as_str));
    let sets: Vec<Set<'_>> = names
        .filter_map(|name| set(study, classes, predictions, name))
        .collect();
    let mut numbers = LatentSpaceNumbers::default();
    for set in &sets {
        let found = silhouette(set.points.view(), &set.labels, classes.len());
        numbers.silhouette.push(Silhouette {
            set: set.name.into(),
            overall: found.as_ref().map(|silhouette| silhouette.overall),
            per_class: found.map_or(vec![None; classes.len()], |silhouette| silhouette.per_class),
        });
        correlations(study, set, &mut numbers.correlation);
    }
    let Some(training) = sets.first().filter(|set| set.name == "train") else {
        return numbers;
    };
    let resampling = Resampling {
        resamples: study.plan.resamples,
        seed: study.plan.seeds[0],
    };
    for set in sets
        .iter()
        .filter(|set| study.plan.transfer.iter().any(|corpus| corpus == set.name))
    {
        // Fewer than two common classes have no rotation; the set is then left out.
        let Ok(turn) = rotation(training.cloud(), set.cloud(), classes.len(), resampling) else {
            continue;
        };
        numbers.rotation.push(Turn {
            corpus: set.name.into(),
            angle_deg: turn.angle_deg,
            interval_deg: turn.interval.map(|interval| (interval.low, interval.high)),
            scale: turn.scale,
            reflection: turn.reflection.unwrap_or(false),
            residual: turn.residual,
        });
    }
    numbers
}

impl Set<'_> {
    fn cloud(&self) -> Cloud<'_> {
        Cloud {
            points: self.points.view(),
            labels: &self.labels,
            speakers: self.speakers.as_deref(),
        }
    }
}

fn set<'a>(
    study: &Study,
    classes: &[String],
    predictions: &[Prediction],
    name: &'a str,
) -> Option<Set<'a>> {
    let of_set = predictions
        .iter()
        .filter(|prediction| prediction.set == name);
    let known = of_set.filter_map(|prediction| {
        let label = class_of(&study.table, prediction.row, classes)?;
        Some((prediction.row, label, prediction.latent.as_ref()?))
    });
    let known: Vec<(usize, usize, &Vec<f32>)> = known.collect();
    let dimensions = known.first()?.2.len();
    let values = known
        .iter()
        .flat_map(|(_, _, latent)| latent.iter().map(|&x| f64::from(x)))
        .collect();
    let mut numbers: BTreeMap<&str, usize> = BTreeMap::new();
    let speaker = |(row, _, _): &(usize, usize, &Vec<f32>)| {
        let speaker = study.table.rows[*row].speaker.as_deref()?;
        let next = numbers.len();
        Some(*numbers.entry(speaker).or_insert(next))
    };
    Some(Set {
        name,
        speakers: known.iter().map(speaker).collect(),
        rows: known.iter().map(|(row, _, _)| *row).collect(),
        labels: known.iter().map(|(_, label, _)| *label).collect(),
        points: Array2::from_shape_vec((known.len(), dimensions), values).ok()?,
    })
}

/// What raters heard in a recording.
type Rating = fn(&LabelledRow) -> Option<f64>;

/// Correlations of every dimension with what raters heard.
fn correlations(study: &Study, set: &Set<'_>, found: &mut Vec<Correlation>) {
    let rated: [(&str, Rating); 2] = [
        ("activation", |row| row.activation),
        ("valence", |row| row.valence),
    ];
    for (with, of) in rated {
        let ratings: Vec<(usize, f64)> = set
            .rows
            .iter()
            .enumerate()
            .filter_map(|(at, &row)| Some((at, of(&study.table.rows[row])?)))
            .collect();
        if ratings.is_empty() {
            continue;
        }
        let heard: Vec<f64> = ratings.iter().map(|(_, rating)| *rating).collect();
        for dimension in 0..set.points.ncols() {
            let latent: Vec<f64> = ratings
                .iter()
                .map(|(at, _)| set.points[(*at, dimension)])
                .collect();
            found.push(Correlation {
                set: set.name.into(),
                dimension,
                with: with.into(),
                rho: rank_correlation(&latent, &heard),
                recordings: heard.len(),
            });
        }
    }
}
