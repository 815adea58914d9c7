//! What an evaluation does, as a TOML file says it: corpora, representations, protocols, normalisation, seeds.
//!
//! Defaults are those of Das et al. (2021) where the paper gives them. `paper.toml`, the paper's section 3, is inside the binary.

use serde::{Deserialize, Serialize};

use super::partition::Part;
use ser_models::model::{
    Error, Representation, autoencoder, discriminant, regression::Regression, ridge, svc, svr,
};
use ser_models::score::split::Protocol;
use ser_tables::Statistics;

/// The plan of the paper's section 3.
pub const PAPER: &str = include_str!("../../../../assets/plans/paper.toml");

/// An evaluation, before it is checked against a table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Plan {
    /// What it is about, in a line.
    pub title: String,
    /// The corpus to train and validate on. May stay empty where the table has one corpus.
    pub train: String,
    /// The corpora that the fold's models are tested on unseen; `["*"]`: all others of the table.
    pub transfer: Vec<String>,
    /// The classes, in the order of the results.
    pub classes: Vec<String>,
    /// The representations.
    pub models: Vec<Representation>,
    /// How the training corpus is split.
    pub protocols: Vec<Protocol>,
    /// Folds, where the protocol leaves the choice.
    pub folds: usize,
    /// Whose statistics standardise a row; each is an experiment of its own.
    pub normalisations: Vec<Statistics>,
    /// When outliers are removed.
    pub outliers: OutlierRule,
    /// The limit of |z|.
    pub outlier_limit: f64,
    /// Whether every three of the classes are an experiment of their own, under the first protocol.
    pub triads: bool,
    /// Whether each corpus also trains a model that is tested on each other one.
    pub matrix: bool,
    /// What the transfer matrix does to an unseen corpus, without its labels, before it is classified.
    pub alignments: Vec<AlignmentKind>,
    /// Seeds of splits, weights and noise; each is an experiment of its own.
    pub seeds: Vec<u64>,
    /// Whether predictions come with probabilities (Platt), which takes five more fits of each classifier.
    pub probabilities: bool,
    /// Whether the experiments of all classes under the first protocol are explained (DeepLIFT), and how stably; it takes ten more fits of each.
    pub explain: bool,
    /// Resamples of the bootstrap over speakers.
    pub resamples: usize,
    /// The column of numbers that a regression learns, instead of classes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// Penalties of the ridge regression; of several each fold chooses its own, by folds inside its training rows. None: 100.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub penalties: Vec<f64>,
    /// Prices of errors of a support vector regression, which is then made instead of ridge regression; of several each fold chooses its own likewise.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub svr: Vec<f64>,
    /// Prices of errors of which each fold chooses its own, by folds inside its training rows; none: that of `svc`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choose_c: Vec<f64>,
    /// Networks of which each fold chooses its own likewise; none: `autoencoder`. Of principal components the latent size counts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub choose_autoencoder: Vec<autoencoder::Configuration>,
    /// The classifier.
    pub svc: svc::Parameters,
    /// The autoencoders; the noise is that of the denoising one.
    pub autoencoder: autoencoder::Configuration,
    /// The folds of the protocol `partition`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub partition: Vec<Part>,
    /// A linear discriminant instead of the support vector classifier.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub discriminant: Option<discriminant::Parameters>,
}

impl Plan {
    /// The regressions that fit numbers, from the most cautious on: the dearest weights, the cheapest errors.
    pub fn regressions(&self) -> Vec<Regression> {
        let mut settings = match self.svr.is_empty() {
            true => self.penalties.clone(),
            false => self.svr.clone(),
        };
        settings.sort_by(f64::total_cmp);
        if self.svr.is_empty() {
            let of = |penalty| Regression::Ridge(ridge::Parameters { penalty });
            return settings.into_iter().rev().map(of).collect();
        }
        let of = |c| {
            Regression::Svr(svr::Parameters {
                c,
                ..svr::Parameters::default()
            })
        };
        settings.into_iter().map(of).collect()
    }

    /// Who finds the planes, by name: the solver of the support vector classifier, or `discriminant`.
    pub fn solver(&self) -> &'static str {
        match self.discriminant {
            Some(_) => "discriminant",
            None => self.svc.solver.name(),
        }
    }
}

/// When recordings with a feature far outside are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum OutlierRule {
    /// In each fold, from its training rows, by their own statistics; every recording that is tested counts. The default: a model may not choose
    /// what it is tested on.
    Fit,
    /// In each fold, by the statistics of its training rows, which also judge the rows that are tested.
    Train,
    /// Once, each corpus by its own statistics, before it is split: what the paper does. Test rows take part in the statistics.
    Corpus,
    /// Never.
    None,
}

impl OutlierRule {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            OutlierRule::Fit => "fit",
            OutlierRule::Train => "train",
            OutlierRule::Corpus => "corpus",
            OutlierRule::None => "none",
        }
    }
}

/// What is done to an unseen corpus, without its labels, before it is classified.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlignmentKind {
    /// Nothing: it is scaled by the training corpus's statistics.
    None,
    /// It is standardised by its own statistics.
    Standardise,
    /// Its covariance is made the training corpus's (CORAL; Sun, Feng & Saenko 2016).
    Coral,
    /// After standardising, its latent cloud is turned so that its axes are the training cloud's.
    Rotation,
}

impl AlignmentKind {
    /// Its name in results.
    pub fn name(self) -> &'static str {
        match self {
            AlignmentKind::None => "none",
            AlignmentKind::Standardise => "standardise",
            AlignmentKind::Coral => "coral",
            AlignmentKind::Rotation => "rotation",
        }
    }
}

impl Default for Plan {
    fn default() -> Self {
        Plan {
            title: String::new(),
            train: String::new(),
            transfer: Vec::new(),
            classes: ["neutral", "sad", "happy", "angry"]
                .map(String::from)
                .to_vec(),
            models: vec![Representation::Raw],
            protocols: vec![Protocol::SpeakerIndependent],
            folds: 10,
            normalisations: vec![Statistics::Train],
            outliers: OutlierRule::Fit,
            outlier_limit: ser_tables::LIMIT,
            triads: false,
            matrix: false,
            alignments: vec![
                AlignmentKind::None,
                AlignmentKind::Standardise,
                AlignmentKind::Coral,
                AlignmentKind::Rotation,
            ],
            seeds: vec![1],
            probabilities: false,
            explain: false,
            resamples: 2000,
            choose_c: Vec::new(),
            choose_autoencoder: Vec::new(),
            partition: Vec::new(),
            svc: svc::Parameters::default(),
            autoencoder: autoencoder::Configuration {
                noise: 1.0,
                ..autoencoder::Configuration::default()
            },
            discriminant: None,
            target: None,
            penalties: Vec::new(),
            svr: Vec::new(),
        }
    }
}

/// Resamples beyond which an interval no longer changes in any digit that is printed, and each of which is kept.
const MOST_RESAMPLES: usize = 1_000_000;
/// More folds than tables have rows.
const MOST_FOLDS: usize = 1_000_000;

impl Plan {
    /// Reads a plan.
    ///
    /// # Errors
    /// Line and reason, as the TOML reader gives them.
    pub fn parse(text: &str) -> Result<Plan, Error> {
        toml::from_str(text)
            .map_err(|error| Error::Parameter(error.to_string().trim_end().to_string()))
    }

    /// Refuses what cannot be evaluated whatever the table.
    ///
    /// # Errors
    /// Names the key, its value and what would be right.
    pub fn check(&self) -> Result<(), Error> {
        let wrong = |text: String| Err(Error::Parameter(text));
        let empty = [
            ("models", self.models.is_empty()),
            ("protocols", self.protocols.is_empty()),
            ("normalisations", self.normalisations.is_empty()),
            ("seeds", self.seeds.is_empty()),
        ];
        if let Some((key, _)) = empty.iter().find(|(_, empty)| *empty) {
            return wrong(format!("{key} = []: name at least one"));
        }
        if self.classes.len() < 2 {
            return wrong(format!(
                "classes = {:?}: at least two are needed",
                self.classes
            ));
        }
        if let Some(twice) = self
            .classes
            .iter()
            .find(|class| self.classes.iter().filter(|other| other == class).count() > 1)
        {
            return wrong(format!("classes: {twice:?} is named twice"));
        }
        if self.triads && self.classes.len() < 4 {
            return wrong(format!(
                "triads = true: there are {} classes, and triads are three of four or more",
                self.classes.len()
            ));
        }
        if self.outlier_limit.is_nan() || self.outlier_limit <= 0.0 {
            return wrong(format!(
                "outlier_limit = {}: it must be above 0; the paper's is 10",
                self.outlier_limit
            ));
        }
        for (key, value, most) in [
            ("resamples", self.resamples, MOST_RESAMPLES),
            ("folds", self.folds, MOST_FOLDS),
        ] {
            if value > most {
                return wrong(format!("{key} = {value}: at most {most}"));
            }
        }
        if self.discriminant.is_some() && !self.choose_c.is_empty() {
            return wrong("choose_c: a discriminant has no price of errors to choose".into());
        }
        for &c in &self.choose_c {
            let mut candidate = self.svc.clone();
            candidate.c = c;
            candidate
                .check()
                .map_err(|error| Error::Parameter(format!("choose_c: {error}")))?;
        }
        for candidate in self.regressions() {
            candidate.check()?;
        }
        if !self.svr.is_empty() && !self.penalties.is_empty() {
            return wrong("svr and penalties: a number has one regression; penalties are those of ridge regression".into());
        }
        if self.target.is_some() && (self.triads || self.matrix || self.probabilities) {
            return wrong(
                "target: numbers have no triads, transfer matrix or probabilities".into(),
            );
        }
        for candidate in &self.choose_autoencoder {
            candidate
                .clone()
                .check()
                .map_err(|error| Error::Parameter(format!("choose_autoencoder: {error}")))?;
        }
        if self.protocols.contains(&Protocol::Partition) == self.partition.is_empty() {
            return wrong(match self.partition.is_empty() {
                true => "protocols: \"partition\" takes [[partition]] with the speakers, sessions or files of each fold".into(),
                false => "[[partition]] is given, and protocols do not name \"partition\"".into(),
            });
        }
        self.svc.clone().check()?;
        self.discriminant
            .map_or(Ok(()), |own| own.check().map(|_| ()))?;
        self.autoencoder.clone().check()?;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_papers_plan_is_the_papers_section_3() {
        let plan = Plan::parse(PAPER).unwrap();
        plan.check().unwrap();
        assert_eq!(plan.folds, 10);
        assert_eq!(plan.models, Representation::ALL);
        assert_eq!(plan.protocols[0], Protocol::Paper);
        assert!(plan.triads && plan.matrix);
        assert_eq!((plan.autoencoder.batch, plan.autoencoder.epochs), (64, 50));
        assert_eq!(plan.autoencoder.learning_rate, 1e-3);
        assert_eq!(
            (plan.outliers, plan.outlier_limit),
            (OutlierRule::Corpus, 10.0)
        );
        assert_eq!(plan.svc.c, 1.0);
    }

    #[test]
    fn a_plan_that_makes_no_sense_names_the_key() {
        let message = |text: &str| match Plan::parse(text) {
            Ok(plan) => plan.check().unwrap_err().to_string(),
            Err(error) => error.to_string(),
        };
        assert!(message("models = []").starts_with("models = []"));
        assert!(message("classes = [\"sad\", \"sad\"]").contains("named twice"));
        assert!(
            message("triads = true\nclasses = [\"a\", \"b\", \"c\"]")
                .contains("there are 3 classes")
        );
        assert!(message("modles = []").contains("modles"));
        assert!(message("protocols = [\"partition\"]").contains("[[partition]]"));
        assert!(message("choose_c = [1.0, -2.0]").starts_with("choose_c: "));
        assert!(message("outlier_limit = 0.0").contains("above 0"));
        assert!(message("resamples = 1000000000").starts_with("resamples = 1000000000: at most"));
        assert!(message("[autoencoder]\nepochs = 1000000000000").contains("epochs"));
    }
}
