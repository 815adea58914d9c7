//! What an evaluation found, as one value: everything that a report shows can be read here, and nothing else is needed to make one.
//!
//! Written as JSON under the name [`SCHEMA`]. Every score says which split, which normalisation, how many recordings and speakers it is of, and
//! comes with its interval and the chance level.

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use ser_models::explain::Explanation;
use ser_models::score::interval::Score;
use ser_models::score::metric::Confusion;
use ser_tables::labelled::Row;

/// Name and version of the form.
pub const SCHEMA: &str = "ser-evaluation/1";

/// All that was found.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Evaluation {
    /// [`SCHEMA`].
    pub schema: String,
    /// Version of `ser`.
    pub ser: String,
    /// The plan as carried out: corpora by name.
    pub plan: Plan,
    /// The corpora.
    pub corpora: Vec<CorpusSummary>,
    /// The classes.
    pub classes: Vec<String>,
    /// What a reader should know before the scores.
    pub warnings: Vec<String>,
    /// One per seed, normalisation, protocol, set of classes and representation.
    pub experiments: Vec<Experiment>,
    /// Corpus against corpus.
    pub matrix: Vec<Transfer>,
    /// The paper's claims, judged by these numbers.
    pub claims: Vec<Claim>,
    /// What the rows are of.
    pub rows: Vec<Row>,
}

/// A corpus as it went in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorpusSummary {
    /// Its name.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Recordings of the classes, outliers removed.
    pub rows: usize,
    /// Recordings removed as outliers before splitting.
    pub removed: usize,
    /// Speakers; 0 where they are unknown.
    pub speakers: usize,
    /// Recordings of each class.
    pub per_class: Vec<ClassCount>,
}

/// Recordings of a class.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClassCount {
    /// The class.
    pub class: String,
    /// How many stayed.
    pub rows: usize,
    /// How many were removed as outliers before splitting.
    pub removed: usize,
}

/// What a corpus is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Models learn from it and are validated on it.
    Train,
    /// Models are tested on it.
    Transfer,
}

/// One way to make and test models.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Experiment {
    /// Its name: protocol and classes.
    pub name: String,
    /// The protocol, in words.
    pub protocol: String,
    /// Whether speakers stand on both sides.
    pub mixes_speakers: bool,
    /// The classes.
    pub classes: Vec<String>,
    /// The representation.
    pub model: String,
    /// The SVC's solver, or `discriminant`.
    pub solver: String,
    /// Whose statistics standardised the rows.
    pub normalisation: String,
    /// Which rule removed outliers.
    pub outliers: String,
    /// The seed.
    pub seed: u64,
    /// Each fold.
    pub folds: Vec<FoldScores>,
    /// Each set, over the folds.
    pub scores: Vec<SetScores>,
    /// Predictions and latents: of validation rows by the fold that tested them, of all others by the first fold.
    pub recordings: Vec<Prediction>,
    /// Numbers of the first fold's latent space; none for raw features.
    pub latent: Option<LatentNumbers>,
    /// What speaks for the first fold's decisions, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

impl Experiment {
    /// The scores of a set.
    pub fn scores_of(&self, set: &str) -> Option<&SetScores> {
        self.scores.iter().find(|scores| scores.set == set)
    }
}

/// A fold.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct FoldScores {
    /// Its number, from 0.
    pub fold: usize,
    /// Rows learnt from.
    pub train_rows: usize,
    /// Training rows left out as outliers.
    pub removed: usize,
    /// Speakers on both sides.
    pub shared_speakers: usize,
    /// Validation rows that are copies of training rows.
    pub twins: usize,
    /// The sets that its model was tested on.
    pub sets: Vec<SetScore>,
}

/// A fold's score on a set.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetScore {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// Unweighted average recall.
    pub uar: f64,
    /// Share of the recordings that were predicted rightly.
    pub accuracy: f64,
    /// Mean F1 of the classes.
    pub macro_f1: f64,
    /// Counts, true class × predicted.
    pub confusion: Confusion,
}

/// Scores of a set over the folds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct SetScores {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// Unweighted average recall.
    pub uar: Score,
    /// Share of the recordings that were predicted rightly.
    pub accuracy: Score,
    /// Mean F1 of the classes.
    pub macro_f1: Score,
    /// Recall of each class.
    pub recall: Vec<Score>,
    /// Counts over all folds, true class × predicted.
    pub confusion: Confusion,
    /// Recordings tested, each counted once.
    pub recordings: usize,
    /// Their speakers; 0 where unknown.
    pub speakers: usize,
    /// Guessing.
    pub chance: f64,
}

/// A recording as a model saw it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Prediction {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// Its number in [`Evaluation::rows`].
    pub row: usize,
    /// The fold whose model it was.
    pub fold: usize,
    /// The class it was given.
    pub predicted: String,
    /// Probability of each class, where asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub probabilities: Option<Vec<f32>>,
    /// Where it lies in the latent space; none for raw features.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub latent: Option<Vec<f32>>,
}

/// Numbers of a latent space.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct LatentNumbers {
    /// How well the classes part, for each set.
    pub silhouette: Vec<Silhouette>,
    /// How latent dimensions follow activation and valence, where a corpus has them.
    pub correlation: Vec<Correlation>,
    /// How each transfer corpus's cloud is turned against the training corpus's.
    pub rotation: Vec<Turn>,
}

/// Silhouettes of a set: −1 (in the wrong cluster) to 1 (well apart).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Silhouette {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// Of all its recordings; none where there is one class.
    pub overall: Option<f64>,
    /// Of each class.
    pub per_class: Vec<Option<f64>>,
}

/// Spearman's rank correlation of a latent dimension.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Correlation {
    /// `train`, `valid`, or the corpus.
    pub set: String,
    /// The latent dimension, from 0.
    pub dimension: usize,
    /// `activation` or `valence`.
    pub with: String,
    /// From −1 to 1; none where one of the two does not vary.
    pub rho: Option<f64>,
    /// Recordings that have both.
    pub recordings: usize,
}

/// The best rotation of a corpus's class means onto the training corpus's (orthogonal Procrustes).
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Turn {
    /// The corpus.
    pub corpus: String,
    /// The angle, degrees.
    pub angle_deg: f64,
    /// Its 95 % interval by a bootstrap over speakers, where there is one.
    pub interval_deg: Option<(f64, f64)>,
    /// The scale.
    pub scale: f64,
    /// Whether a mirror image fits better.
    pub reflection: bool,
    /// Share of the spread of the class means that remains.
    pub residual: f64,
}

/// A corpus trained on against a corpus tested on.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Transfer {
    /// Trained on.
    pub train: String,
    /// Tested on. Where it is the same: speaker-independent folds.
    pub test: String,
    /// The representation.
    pub model: String,
    /// What was done to the unseen corpus, without labels.
    pub alignment: String,
    /// Unweighted average recall, with its bootstrap over speakers.
    pub uar: Score,
    /// Recordings tested.
    pub recordings: usize,
    /// Their speakers.
    pub speakers: usize,
    /// Guessing.
    pub chance: f64,
}

/// A claim of the paper.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Claim {
    /// Its number in the specification, from 1.
    pub number: usize,
    /// What is claimed.
    pub claim: String,
    /// Whether it holds here.
    pub verdict: Verdict,
    /// The numbers that say so.
    pub evidence: String,
}

/// Whether a claim holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// It holds.
    Holds,
    /// It does not.
    Fails,
    /// These numbers do not say.
    #[serde(rename = "cannot be told")]
    Untold,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Holds => "holds",
            Verdict::Fails => "fails",
            Verdict::Untold => "cannot be told",
        }
    }
}
