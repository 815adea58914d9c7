//! From 88 numbers to a class: standardisation, representation and classifier as one value.
//!
//! ```text
//! x ─ normaliser ─ z ─ raw | PCA | autoencoder's encoder ─ latent ─┬─ linear SVC | discriminant ─ class
//!                                                                  └─ regression ─ number
//! ```
//!
//! [`Recipe`] → `fit` on [`Training`] → [`Pipeline`], which carries its columns, classes, recipe and seed, and refuses a table with other columns.
//!
//! S. Das, N. N. Lønfeldt, A. K. Pagsberg, L. H. Clemmensen (2021), "Towards interpretable and transferable speech emotion recognition".

use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

use super::autoencoder::{self, Autoencoder};
use super::discriminant;
use super::error::Error;
use super::linear::Linear;
use super::normaliser::Normaliser;
use super::pca::Pca;
use super::regression::Regression;
use super::svc;
use super::training::Training;
use super::{ridge, svr};
use ser_tables::labelled::{Labelled, differing};
use ser_tables::{Scaler, Statistics};

/// What becomes of the features before they are classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Representation {
    /// Nothing: the standardised features.
    Raw,
    /// Principal components.
    Pca,
    /// Undercomplete autoencoder.
    Uae,
    /// Denoising autoencoder.
    Dae,
}

impl Representation {
    /// All, in the paper's order.
    pub const ALL: [Representation; 4] = [Self::Raw, Self::Pca, Self::Uae, Self::Dae];

    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            Self::Raw => "raw",
            Self::Pca => "pca",
            Self::Uae => "uae",
            Self::Dae => "dae",
        }
    }
}

/// How a model is made.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Recipe {
    /// Raw features or which latents.
    pub representation: Representation,
    /// Whose statistics standardise a row.
    pub normalisation: Statistics,
    /// A training row with a |z| above this, by the training rows' statistics, is left out; the paper's limit is 10.
    pub outlier_limit: Option<f64>,
    /// The autoencoder's shape and training; its latent size is also that of the PCA. `noise` counts for `dae` only.
    pub autoencoder: autoencoder::Configuration,
    /// The support vector classifier.
    pub svc: svc::Parameters,
    /// A linear discriminant instead of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discriminant: Option<discriminant::Parameters>,
    /// A ridge regression instead of a classifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ridge: Option<ridge::Parameters>,
    /// A support vector regression instead of a classifier, and instead of ridge regression.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub svr: Option<svr::Parameters>,
}

/// The fitted representation.
#[derive(Clone, Debug)]
#[allow(clippy::large_enum_variant, reason = "there is one of it per model")]
pub enum Reducer {
    /// The features as they are.
    Raw,
    /// Principal components.
    Pca(Pca),
    /// An autoencoder, of which the encoder is used.
    Autoencoder(Autoencoder),
}

impl Reducer {
    /// The representation of standardised rows.
    pub fn transform(&self, z: ArrayView2<'_, f64>) -> Array2<f64> {
        match self {
            Reducer::Raw => z.to_owned(),
            Reducer::Pca(pca) => pca.transform(z),
            Reducer::Autoencoder(network) => network.encode(z),
        }
    }
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Pipeline {
    /// How it was made.
    pub recipe: Recipe,
    /// The features, in order.
    pub columns: Vec<String>,
    /// The classes, in order; of a regression the name of its number.
    pub classes: Vec<String>,
    /// The standardisation.
    pub normaliser: Normaliser,
    /// The representation.
    pub reducer: Reducer,
    /// The classifier.
    pub classifier: Linear,
    /// What its random numbers began with.
    pub seed: u64,
    /// Rows it learnt from.
    pub training_rows: usize,
    /// Rows left out as outliers before.
    pub removed: usize,
}

impl Recipe {
    /// Fits standardisation, representation and classifier, in this order, to the training rows. `epoch` is told each finished epoch of an autoencoder.
    ///
    /// # Errors
    /// Parameters out of range, values that are no numbers, one class only, a loss that became infinite.
    pub fn fit(
        &self,
        training: &Training<'_>,
        seed: u64,
        epoch: &mut dyn FnMut(usize),
    ) -> Result<Pipeline, Error> {
        let out = self.outliers(training.table(), training.rows());
        let kept = training.without(&out)?;
        let normaliser = Normaliser::fit(kept.table(), kept.rows(), self.normalisation);
        let z = normaliser.transform(kept.table(), kept.rows());
        let reducer = self.reducer(z.view(), seed, epoch)?;
        let latent = reducer.transform(z.view());
        let (labels, classes) = (kept.labels(), kept.classes().len());
        let classifier = match self.discriminant {
            Some(parameters) => Linear::Discriminant(parameters.check()?.fit(
                latent.view(),
                &labels,
                classes,
                &kept.corpora(),
            )?),
            None => Linear::Svc(self.svc.clone().check()?.fit(
                latent.view(),
                &labels,
                classes,
                kept.speakers().as_deref(),
            )?),
        };
        Ok(Pipeline {
            recipe: self.clone(),
            columns: kept.table().columns.clone(),
            classes: kept.classes().to_vec(),
            normaliser,
            reducer,
            classifier,
            seed,
            training_rows: kept.rows().len(),
            removed: out.len(),
        })
    }

    /// Fits standardisation, representation and regression to rows of a table that have a number ([`LabelledRow::target`](ser_tables::labelled::LabelledRow)),
    /// which is called `name`.
    ///
    /// # Errors
    /// Parameters out of range, values that are no numbers, numbers that are all the same, a loss that became infinite.
    pub fn fit_numbers(
        &self,
        (table, rows): (&Labelled, &[usize]),
        name: &str,
        seed: u64,
        epoch: &mut dyn FnMut(usize),
    ) -> Result<Pipeline, Error> {
        let known: Vec<usize> = rows
            .iter()
            .copied()
            .filter(|&row| table.rows[row].target.is_some())
            .collect();
        let out = self.outliers(table, &known);
        let kept: Vec<usize> = known.into_iter().filter(|row| !out.contains(row)).collect();
        let normaliser = Normaliser::fit(table, &kept, self.normalisation);
        let z = normaliser.transform(table, &kept);
        let reducer = self.reducer(z.view(), seed, epoch)?;
        let numbers: Vec<f64> = kept
            .iter()
            .filter_map(|&row| table.rows[row].target)
            .collect();
        let fitted = self
            .regression()
            .fit(reducer.transform(z.view()).view(), &numbers)?;
        Ok(Pipeline {
            recipe: self.clone(),
            columns: table.columns.clone(),
            classes: vec![name.to_string()],
            normaliser,
            reducer,
            classifier: Linear::Plane(fitted),
            seed,
            training_rows: kept.len(),
            removed: out.len(),
        })
    }

    /// How numbers are fitted.
    pub fn regression(&self) -> Regression {
        match self.svr {
            Some(svr) => Regression::Svr(svr),
            None => Regression::Ridge(self.ridge.unwrap_or_default()),
        }
    }

    /// The same with this regression.
    pub fn with_regression(self, regression: Regression) -> Recipe {
        let (ridge, svr) = match regression {
            Regression::Ridge(own) => (Some(own), None),
            Regression::Svr(own) => (None, Some(own)),
        };
        Recipe { ridge, svr, ..self }
    }

    fn reducer(
        &self,
        z: ArrayView2<'_, f64>,
        seed: u64,
        epoch: &mut dyn FnMut(usize),
    ) -> Result<Reducer, Error> {
        let mut network = self.autoencoder.clone();
        match self.representation {
            Representation::Raw => return Ok(Reducer::Raw),
            Representation::Pca => return Pca::fit(z, network.latent).map(Reducer::Pca),
            Representation::Uae => network.noise = 0.0,
            Representation::Dae => {}
        }
        let fitted = network
            .check()?
            .fit(z, seed, &mut |done| epoch(done.number))?;
        Ok(Reducer::Autoencoder(fitted))
    }

    /// Training rows that are out.
    fn outliers(&self, table: &Labelled, rows: &[usize]) -> Vec<usize> {
        let Some(limit) = self.outlier_limit else {
            return Vec::new();
        };
        let scaler = Scaler::fit(
            table.columns.len(),
            rows.iter().map(|&row| table.features(row)),
        );
        let rows = rows.iter().copied();
        rows.filter(|&row| is_outlier(&scaler, table.features(row), limit))
            .collect()
    }
}

/// Whether a feature lies farther than `limit` standard deviations from the mean, or is no number.
pub fn is_outlier(scaler: &Scaler, row: &[f32], limit: f64) -> bool {
    row.iter().any(|x| !x.is_finite()) || scaler.transform(row).any(|z| z.abs() > limit)
}

impl Pipeline {
    /// Refuses a table whose features are not those that the model was made for.
    ///
    /// # Errors
    /// Names the first column that differs.
    pub fn check(&self, table: &Labelled) -> Result<(), Error> {
        match differing(&self.columns, &table.columns) {
            None => Ok(()),
            Some(difference) => Err(Error::Parameter(format!(
                "the table's features are not those of the model ({difference}): extract them with the set that the model names"
            ))),
        }
    }

    /// The rows that are no outliers by the training rows' statistics; all of them where the recipe has no limit.
    pub fn ordinary(&self, table: &Labelled, rows: &[usize]) -> Vec<usize> {
        let Some(limit) = self.recipe.outlier_limit else {
            return rows.to_vec();
        };
        let scaler = self.normaliser.overall();
        let ordinary = |row: &usize| !is_outlier(scaler, table.features(*row), limit);
        rows.iter().copied().filter(ordinary).collect()
    }

    /// Latents of some rows (of shape rows × 2, or × 88 for raw).
    pub fn embed(&self, table: &Labelled, rows: &[usize]) -> Array2<f64> {
        self.reducer
            .transform(self.normaliser.transform(table, rows).view())
    }

    /// What the number is of, of a regression.
    pub fn target(&self) -> Option<&str> {
        match self.classifier {
            Linear::Plane(_) => self.classes.first().map(String::as_str),
            Linear::Svc(_) | Linear::Discriminant(_) => None,
        }
    }

    /// The numbers of some rows, of a regression.
    pub fn values(&self, table: &Labelled, rows: &[usize]) -> Vec<f64> {
        let latents = self.embed(table, rows);
        let value = |latent: ArrayView1<'_, f64>| self.classifier.value(&latent.to_vec());
        latents.outer_iter().filter_map(value).collect()
    }

    /// The class of a latent.
    pub fn predict(&self, latent: ArrayView1<'_, f64>) -> usize {
        self.classifier.predict(&latent.to_vec())
    }
}
