//! What an evaluation found, as one value: everything that a report shows can be read here, and nothing else is needed to make one.
//!
//! Written as JSON under the name [`SCHEMA`]. Every score says which split, which normalisation, how many recordings and speakers it is of, and
//! comes with its interval and the chance level.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::plan::Plan;
use ser_models::explain::Explanation;
use ser_models::model::autoencoder::Configuration;
use ser_models::score::interval::{Interval, Score};
use ser_models::score::metric::Confusion;
use ser_models::score::split::Protocol;
use ser_models::score::subset_score::SubsetScore;
use ser_tables::labelled::LabelledRow;

/// Name and version of the form.
pub const SCHEMA: &str = "ser-evaluation/2";

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
    /// How many features a recording has.
    #[serde(default = "egemaps")]
    pub features: usize,
    /// What a reader should know before the scores.
    pub warnings: Vec<String>,
    /// One per seed, normalisation, protocol, set of classes and representation.
    pub experiments: Vec<Experiment>,
    /// The same over all seeds, where there are several.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub over_seeds: Vec<OverSeeds>,
    /// Corpus against corpus.
    pub matrix: Vec<Transfer>,
    /// By gender and by speaker.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<SubsetScores>,
    /// What listeners score on the corpora whose listeners are known: ceilings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ceilings: Vec<Ceiling>,
    /// The paper's claims, judged by these numbers.
    pub claims: Vec<Claim>,
    /// What the rows are of.
    pub rows: Vec<LabelledRow>,
}

/// The features of a result that was made by hand.
fn egemaps() -> usize {
    88
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
    /// The protocol.
    #[serde(default = "paper")]
    pub kind: Protocol,
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
    /// Predictions and latents: of validation rows by the fold that tested them, of all others by the first fold. Of the plan's first seed only: of
    /// others the counts of each speaker are kept.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub recordings: Vec<Prediction>,
    /// Numbers of the first fold's latent space; none for raw features.
    pub latent: Option<LatentSpaceNumbers>,
    /// What speaks for the first fold's decisions, where that was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explanation: Option<Explanation>,
}

/// What a result says of its protocol that was made by hand.
fn paper() -> Protocol {
    Protocol::Paper
}

/// An experiment over all seeds.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct OverSeeds {
    /// Its name: protocol and classes.
    pub name: String,
    /// The protocol.
    pub kind: Protocol,
    /// The classes.
    pub classes: Vec<String>,
    /// The representation.
    pub model: String,
    /// Whose statistics standardised the rows.
    pub normalisation: String,
    /// The seeds.
    pub seeds: Vec<u64>,
    /// Means over seeds, with intervals over seeds and speakers.
    pub scores: Vec<SetScores>,
    /// How each transfer corpus's cloud is turned against the training corpus's; of latent planes of all classes under the first protocol.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rotation: Vec<TurnOverSeeds>,
}

/// The turn of a corpus's class means over seeds. A network's plane may come out mirrored, which changes the sign of every angle in it: the mean is of
/// magnitudes.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TurnOverSeeds {
    /// The corpus.
    pub corpus: String,
    /// Mean magnitude of the angle, degrees.
    pub angle_deg: f64,
    /// Its standard deviation over seeds, degrees.
    pub sd_deg: Option<f64>,
    /// Its 95 % interval over seeds and speakers, degrees.
    pub interval_deg: Option<(f64, f64)>,
    /// In how many seeds a mirror image fits better than a turn.
    pub mirrored: usize,
    /// Seeds in which the angle is known.
    pub seeds: usize,
    /// Mean share of the spread of the class means that no turn explains.
    pub residual: f64,
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
    /// The price of errors that its training rows chose, where the plan has candidates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_c: Option<f64>,
    /// The network that they chose, where the plan has candidates and the model one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub chosen_autoencoder: Option<Configuration>,
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
    /// Share of recordings predicted correctly.
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
    /// Share of recordings predicted correctly.
    pub accuracy: Score,
    /// Mean F1 of the classes.
    pub macro_f1: Score,
    /// Unweighted average recall of the same models one recording at a time, as `ser classify` answers about a single recording; where the score
    /// standardises by the statistics of corpora or speakers, which a single recording has not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub single: Option<Score>,
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
    /// The paper's own bars, under the paper's protocol.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bars: Option<Bars>,
    /// How the scores of seeds differ, where these are means over seeds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over_seeds: Option<Spread>,
    /// Counts of each speaker over all folds: what intervals and comparisons are made of.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_speaker: Vec<SpeakerCounts>,
}

/// Means over folds with Student's t interval over folds, as the paper draws them. They say how far the folds' models differ, and nothing of other
/// speakers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Bars {
    /// Unweighted average recall.
    pub uar: Score,
    /// Share of recordings predicted correctly.
    pub accuracy: Score,
}

/// Standard deviations over seeds.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many seeds.
    pub seeds: usize,
    /// Of the UAR.
    pub uar: f64,
    /// Of the accuracy.
    pub accuracy: f64,
    /// The lowest UAR.
    pub lowest: f64,
    /// The highest UAR.
    pub highest: f64,
}

/// Counts of each unit of a corpus: a speaker, or a recording where its speaker is unknown.
pub type UnitCounts = BTreeMap<usize, Confusion>;

/// What became of a speaker's recordings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SpeakerCounts {
    /// The speaker; the recording where a speaker of the corpus is unknown.
    pub speaker: String,
    /// Counts, true class × predicted.
    pub confusion: Confusion,
}

/// A set parted by whom its recordings are of.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SubsetScores {
    /// The experiment, by name.
    pub experiment: String,
    /// The representation.
    pub model: String,
    /// `valid`, or the corpus.
    pub set: String,
    /// `gender` or `speaker`.
    pub by: String,
    /// The part with the lowest UAR.
    pub worst: String,
    /// How much higher the best part's UAR is, where the parts are genders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Score>,
    /// Each part.
    pub parts: Vec<SubsetScore>,
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
pub struct LatentSpaceNumbers {
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
    /// Their speakers; 0 where unknown.
    pub speakers: usize,
    /// Guessing.
    pub chance: f64,
    /// Counts of each speaker tested.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub by_speaker: Vec<SpeakerCounts>,
}

/// A sentence of the paper, tested.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Claim {
    /// Its number, in the paper's order, from 1.
    pub number: usize,
    /// Where the paper says it.
    pub place: String,
    /// The paper's words.
    pub sentence: String,
    /// What has to hold of these data.
    pub test: String,
    /// The figure of the report that shows it; empty where none does.
    pub figure: String,
    /// Whether it is supported here.
    pub verdict: Verdict,
    /// The weakest of the comparisons that it takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub effect: Option<Effect>,
    /// Two-sided p value of the claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p: Option<f64>,
    /// The same, corrected for the number of claims tested (Holm).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub p_holm: Option<f64>,
    /// In how many seeds the numbers alone agree with it, and of how many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seeds: Option<(usize, usize)>,
    /// The numbers, or why there are none.
    pub evidence: String,
}

/// How large a difference is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Effect {
    /// What is compared, in words.
    pub of: String,
    /// The number.
    pub value: f64,
    /// Its 95 % interval over seeds and speakers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interval: Option<Interval>,
    /// On which side of the bound it lies if the claim is right.
    pub side: Side,
    /// The bound.
    pub bound: f64,
    /// `points` (hundredths of a score), `degrees`, or empty.
    pub unit: String,
    /// How far it is on that side, in standard deviations of one speaker: ±(value − bound) / (standard error · √speakers).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standardised: Option<f64>,
    /// Speakers compared.
    pub speakers: usize,
}

/// A side of a bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Side {
    /// Above it.
    Above,
    /// Below it.
    Below,
}

impl Side {
    /// Its sign.
    pub fn sign(self) -> &'static str {
        match self {
            Side::Above => ">",
            Side::Below => "<",
        }
    }
}

/// What the test of a claim says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Verdict {
    /// The numbers agree with it beyond chance.
    Supported,
    /// They contradict it beyond chance.
    #[serde(rename = "not supported")]
    NotSupported,
    /// Other speakers or seeds might say the opposite.
    Undecided,
    /// There is nothing here to test it on.
    #[serde(rename = "not tested")]
    NotTested,
}

impl Verdict {
    /// In words.
    pub fn name(self) -> &'static str {
        match self {
            Verdict::Supported => "supported",
            Verdict::NotSupported => "not supported",
            Verdict::Undecided => "undecided",
            Verdict::NotTested => "not tested",
        }
    }
}

/// What listeners score on a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ceiling {
    /// The corpus.
    pub corpus: String,
    /// Unweighted average recall of a listener.
    pub uar: Score,
    /// Recall of each class; none of a class without ratings.
    pub recall: Vec<Option<Score>>,
    /// Recordings that were rated.
    pub recordings: usize,
}
