//! The part of a model that is fitted to rows: from features to scores, for one recording alone and relative to its speaker.
//!
//! ```text
//! x = transform(features)      z = clip((x − mean)/sd, ±4)      a = W z + b: the general model      relative to a speaker: see [`super::relative`]
//! ```
//!
//! A feature that a recording has no value for counts as the mean.

use super::relative::{Centre, Relative};
use super::transform::Transform;
use crate::model::discriminant::Discriminant;

/// Fitted to the recordings of one band.
#[derive(Clone, Debug, PartialEq)]
pub struct Heads {
    /// The columns' forms.
    pub transform: Transform,
    /// Mean of each transformed column.
    pub mean: Vec<f64>,
    /// Standard deviation of each transformed column.
    pub deviation: Vec<f64>,
    /// Standardised values stay within ± this.
    pub clip: f64,
    /// Mean of the standardised training rows.
    pub centre: Vec<f64>,
    /// For one recording alone.
    pub general: Discriminant,
    /// For a recording of a known voice.
    pub relative: Relative,
}

impl Heads {
    /// x.
    pub fn transformed(&self, features: &[f32]) -> Vec<f64> {
        self.transform.apply(features)
    }

    /// (x − mean)/sd, not clipped; 0 where there is no value.
    pub fn standardised(&self, transformed: &[f64]) -> Vec<f64> {
        let z = |((x, mean), deviation): ((&f64, &f64), &f64)| {
            let z = (x - mean) / deviation;
            if z.is_finite() { z } else { 0.0 }
        };
        transformed
            .iter()
            .zip(&self.mean)
            .zip(&self.deviation)
            .map(z)
            .collect()
    }

    /// z.
    pub fn clipped(&self, standardised: &[f64]) -> Vec<f64> {
        standardised
            .iter()
            .map(|z| z.clamp(-self.clip, self.clip))
            .collect()
    }

    /// a of transformed features.
    pub fn general_scores(&self, transformed: &[f64]) -> Vec<f64> {
        self.general
            .scores(&self.clipped(&self.standardised(transformed)))
    }

    /// Scores of a recording of a known voice.
    pub fn relative_scores(&self, transformed: &[f64], centre: &Centre) -> Vec<f64> {
        self.relative
            .scores_of(transformed, &self.general_scores(transformed), centre)
    }

    /// The voice of a speaker by recordings without labels.
    pub fn voice(&self, transformed: &[Vec<f64>]) -> Centre {
        let general: Vec<Vec<f64>> = transformed
            .iter()
            .map(|row| self.general_scores(row))
            .collect();
        self.relative.by_all(transformed, &general)
    }
}

/// The mean of each column over the rows that have it, and how many do.
pub fn mean(rows: &[Vec<f64>]) -> (Vec<f64>, Vec<f64>) {
    let column = |at: usize| {
        let values = || rows.iter().map(|row| row[at]).filter(|x| x.is_finite());
        let count = values().count() as f64;
        (values().sum::<f64>() / count, count)
    };
    (0..rows.first().map_or(0, Vec::len)).map(column).unzip()
}
