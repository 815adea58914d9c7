//! What `ser train` and `ser evaluate` share: the flags of a recipe, and carrying out a plan with a progress bar.

use std::collections::{BTreeMap, BTreeSet};
use std::num::NonZeroUsize;
use std::path::PathBuf;

use anyhow::{Result, anyhow, bail};
use clap::{Args, ValueEnum};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

use super::output::{complain, shown, threads};
use ser_corpora::{Catalogue, LabelMap};
use ser_features::FeatureSet;
use ser_models::model::autoencoder::Configuration;
use ser_models::model::svc::{ClassWeights, Solver};
use ser_models::model::{Error, Representation};
use ser_study::evaluate::plan::{OutlierRule, Plan};
use ser_study::evaluate::result::Evaluation;
use ser_study::evaluate::run::Run;
use ser_tables::Statistics;
use ser_tables::labelled::{Labelled, LabelledRow, Told};

/// What is known of tables that they do not say themselves.
#[derive(Debug, Args)]
pub struct TableFacts {
    /// The feature set of tables that do not state it: those without the TABLE.csv.json that `ser extract -o` and `ser corpus prepare` write.
    #[arg(long, value_name = "SET", value_parser = super::set)]
    set: Option<FeatureSet>,

    /// Columns to ignore; any other column that is neither a feature of the set nor known to describe a row is an error.
    #[arg(long, value_name = "COLUMN", value_delimiter = ',')]
    ignore: Vec<String>,
}

impl TableFacts {
    /// Reads tables; rows without all of their features are left out with a line, and so is said what else their owner should know. The numbers of the
    /// column `target` become those of the rows.
    pub fn open_for(&self, paths: &[PathBuf], target: Option<&str>) -> Result<Labelled> {
        Ok(self.open_numbered(paths, target)?.0)
    }

    /// The same with the number of each row among all rows of the tables, from 0.
    pub fn open_numbered(
        &self,
        paths: &[PathBuf],
        target: Option<&str>,
    ) -> Result<(Labelled, Vec<usize>)> {
        let told = Told {
            set: self.set,
            ignored: self.ignore.clone(),
        };
        let (table, notes) = Labelled::open_for(paths, &told, target)?;
        for note in notes {
            complain(&shown(&note));
        }
        let has_all = |row: usize| table.features(row).iter().all(|x| x.is_finite());
        let without: Vec<usize> = (0..table.rows.len()).filter(|&row| !has_all(row)).collect();
        let Some(first) = without.first() else {
            let all = (0..table.rows.len()).collect();
            return Ok((table, all));
        };
        let column = table.features(*first).iter().position(|x| !x.is_finite());
        complain(&shown(&format!(
            "{} of {} rows are left out, for they lack a feature or have an infinite one; the first is {}, {}",
            without.len(),
            table.rows.len(),
            table.rows[*first].file,
            table.columns[column.unwrap_or(0)]
        )));
        let kept = (0..table.rows.len()).filter(|&row| has_all(row)).collect();
        Ok((table.filtered(|row, _| has_all(row)), kept))
    }
}

/// The corpora of rows that are asked for, by the names they have there; case, dashes and aliases do not matter.
pub fn corpora_named(rows: &[LabelledRow], asked: &[String]) -> Result<Vec<String>> {
    let there: BTreeSet<&str> = rows.iter().map(|row| row.corpus.as_str()).collect();
    let there: Vec<&str> = there.into_iter().collect();
    asked
        .iter()
        .map(|name| match corpus_among(&there, name) {
            Some(known) => Ok(known.to_owned()),
            None => bail!(
                "no corpus {name:?} in the tables; they contain {}",
                there.join(", ")
            ),
        })
        .collect()
}

/// The corpus among `there` that `name` means.
pub fn corpus_among<'a>(there: &[&'a str], name: &str) -> Option<&'a str> {
    let plain = |name: &str| -> String {
        name.chars()
            .filter(|c| c.is_alphanumeric())
            .flat_map(char::to_lowercase)
            .collect()
    };
    let exact = there.iter().find(|known| **known == name);
    let alike = || there.iter().find(|known| plain(known) == plain(name));
    exact.or_else(alike).copied()
}

/// Refuses a table in which fewer than two of the classes have rows, and says which labels there are and what to do.
pub fn check_classes(table: &Labelled, classes: &[String]) -> Result<()> {
    let mut labels: BTreeMap<&str, usize> = BTreeMap::new();
    for label in table.rows.iter().filter_map(|row| row.label.as_deref()) {
        *labels.entry(label).or_default() += 1;
    }
    let there: Vec<&String> = classes
        .iter()
        .filter(|class| labels.contains_key(class.as_str()))
        .collect();
    if there.len() >= 2 {
        return Ok(());
    }
    if labels.is_empty() {
        bail!(
            "none of the {} rows has a label: give the tables a column called label (or emotion), or make them with `ser corpus prepare`",
            table.rows.len()
        );
    }
    let counts: Vec<String> = labels
        .iter()
        .take(12)
        .map(|(label, count)| format!("{label} {count}"))
        .collect();
    let more = match labels.len().saturating_sub(counts.len()) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    let found = match there.as_slice() {
        [] => "none of them".to_owned(),
        there => format!("only {}", there[0]),
    };
    let catalogue = Catalogue::built_in();
    let four = LabelMap::named("four", &catalogue)?;
    let maps = match four {
        LabelMap::Named { classes, .. } => labels
            .keys()
            .filter(|label| classes.contains_key(**label))
            .count(),
        _ => 0,
    };
    let remedy = if maps >= 2 {
        "--labels four makes these classes of them; or name the classes that you mean, e.g. --labels "
    } else {
        "name the classes that you mean, e.g. --labels "
    };
    let example: Vec<&str> = labels.keys().copied().take(2).collect();
    bail!(
        "of the classes {} the tables have {found}; their labels are {}{more}: {remedy}{}",
        classes.join(", "),
        counts.join(", "),
        example.join(",")
    );
}

/// How models are made; what is not given stays as the plan or its defaults have it.
#[derive(Debug, Args)]
pub struct RecipeArguments {
    /// Representations: the 88 features, or two latent dimensions [default: raw].
    #[arg(long, value_enum, value_name = "MODEL", value_delimiter = ',')]
    model: Option<Vec<ModelName>>,

    /// Classes: a map of corpora.toml (four …), or their names in order, e.g. sad,happy [default: neutral,sad,happy,angry].
    #[arg(long, value_name = "MAP|NAMES", value_delimiter = ',')]
    labels: Option<Vec<String>>,

    /// Predict the numbers of this column (arousal, valence, …) by regression, instead of classes.
    #[arg(long, value_name = "COLUMN", conflicts_with_all = ["labels", "svc", "c", "discriminant", "class_weights", "probabilities"])]
    target: Option<String>,

    /// Penalty of the ridge regression [default: 100]. Of several, 1,10,100, the best by folds of speakers inside the training rows.
    #[arg(
        long,
        value_name = "LAMBDA",
        value_delimiter = ',',
        requires = "target"
    )]
    ridge: Option<Vec<f64>>,

    /// Support vector regression instead, with this cost parameter C, e.g. 0.01. Of several, 0.001,0.01,0.1, the best likewise.
    #[arg(
        long,
        value_name = "C",
        value_delimiter = ',',
        requires = "target",
        conflicts_with = "ridge"
    )]
    svr: Option<Vec<f64>>,

    /// Whose mean and standard deviation standardise a row; this matters more than the choice of model [default: train].
    #[arg(long, value_enum, value_name = "OF", value_delimiter = ',')]
    normalisation: Option<Vec<Normalisation>>,

    /// When recordings with |z| above 10 are removed [default: fit].
    #[arg(long, value_enum, value_name = "RULE")]
    outliers: Option<Outliers>,

    /// Solver of the support vector classifier [default: smo].
    #[arg(long, value_enum, value_name = "SOLVER")]
    svc: Option<SolverName>,

    /// Cost parameter C of the support vector classifier [default: 1]. Of several, 0.01,0.1,1, the best by folds of speakers inside the training rows; so for the settings of the autoencoders.
    #[arg(long, value_name = "C", value_delimiter = ',', alias = "choose-c")]
    c: Option<Vec<f64>>,

    /// Linear discriminant analysis instead of a support vector classifier; settings from the plan, or those in docs/models.md.
    #[arg(long, conflicts_with_all = ["svc", "c", "class_weights"])]
    discriminant: bool,

    /// How classes are weighted [default: balanced].
    #[arg(long, value_enum, value_name = "WEIGHTS")]
    class_weights: Option<Weights>,

    /// Dimensions of the latent space, of principal components too [default: 2].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    latent: Option<Vec<usize>>,

    /// Hidden layers of the autoencoders' encoder, from the input on [default: 64-32].
    #[arg(long, value_name = "N-N", value_delimiter = ',', value_parser = layers)]
    hidden: Option<Vec<Layers>>,

    /// Standard deviation of the denoising autoencoder's noise [default: 1].
    #[arg(long, value_name = "SD", value_delimiter = ',')]
    noise: Option<Vec<f64>>,

    /// Step of the autoencoders' training, Adam's [default: 0.001].
    #[arg(long, value_name = "STEP", value_delimiter = ',')]
    learning_rate: Option<Vec<f64>>,

    /// Rows per step [default: 64].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    batch: Option<Vec<usize>>,

    /// Epochs of the autoencoders [default: 50].
    #[arg(long, value_name = "N", value_delimiter = ',')]
    epochs: Option<Vec<usize>>,

    /// Seed of splits, weights and noise; the same seed gives the same bytes [default: 1].
    #[arg(long, value_name = "SEED", value_delimiter = ',')]
    seed: Option<Vec<u64>>,

    /// Also fit probabilities (Platt scaling, five more fits per classifier). `ser train` fits them whenever possible; with this flag it fails otherwise.
    #[arg(long)]
    probabilities: bool,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum ModelName {
    /// The standardised features.
    Raw,
    /// Principal components.
    Pca,
    /// Undercomplete autoencoder.
    Uae,
    /// Denoising autoencoder.
    Dae,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Normalisation {
    /// The training rows.
    Train,
    /// Each corpus by its own rows; the training corpus by its training rows.
    Corpus,
    /// Each speaker by their own rows.
    Speaker,
    /// No standardisation.
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Outliers {
    /// From the training rows of each fold, by their statistics; all test recordings are scored.
    Fit,
    /// The same, and test recordings beyond the limit are not scored.
    Train,
    /// Once, each corpus by its own rows, as the paper does.
    Corpus,
    /// Never.
    None,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum SolverName {
    /// One-vs-one, as libsvm.
    Smo,
    /// One-vs-rest with squared hinge loss, as LinearSVC.
    Liblinear,
    /// The crate linfa-svm: a slow cross-check, only in builds with the feature linfa.
    Linfa,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum Weights {
    /// Rows of rare classes weigh more.
    Balanced,
    /// All rows weigh the same.
    Equal,
}

/// Sizes of hidden layers.
#[derive(Clone, Debug)]
struct Layers(Vec<usize>);

fn layers(text: &str) -> Result<Layers, String> {
    let size = |part: &str| part.trim().parse().ok();
    text.split('-')
        .map(size)
        .collect::<Option<Vec<usize>>>()
        .map(Layers)
        .ok_or_else(|| "sizes of layers are joined by -, e.g. 64-32".into())
}

/// Each network with each value of a setting; all as they are without values.
fn product<T>(
    networks: &mut Vec<Configuration>,
    values: Option<&[T]>,
    set: impl Fn(&mut Configuration, &T),
) {
    let Some(values) = values else {
        return;
    };
    let mut found = Vec::with_capacity(networks.len() * values.len());
    for network in networks.iter() {
        for value in values {
            let mut network = network.clone();
            set(&mut network, value);
            found.push(network);
        }
    }
    *networks = found;
}

impl RecipeArguments {
    /// Puts what was given into a plan.
    pub fn apply(&self, plan: &mut Plan) -> Result<()> {
        if let Some(models) = &self.model {
            let model = |name: &ModelName| Representation::ALL[*name as usize];
            plan.models = models.iter().map(model).collect();
        }
        if let Some(normalisations) = &self.normalisation {
            let statistics = |of: &Normalisation| match of {
                Normalisation::Train => Statistics::Train,
                Normalisation::Corpus => Statistics::Corpus,
                Normalisation::Speaker => Statistics::Speaker,
                Normalisation::None => Statistics::None,
            };
            plan.normalisations = normalisations.iter().map(statistics).collect();
        }
        if let Some(rule) = self.outliers {
            plan.outliers = match rule {
                Outliers::Fit => OutlierRule::Fit,
                Outliers::Train => OutlierRule::Train,
                Outliers::Corpus => OutlierRule::Corpus,
                Outliers::None => OutlierRule::None,
            };
        }
        if let Some(solver) = self.svc {
            plan.svc.solver = match solver {
                SolverName::Smo => Solver::Smo,
                SolverName::Liblinear => Solver::Liblinear,
                SolverName::Linfa if cfg!(feature = "linfa") => Solver::Linfa,
                SolverName::Linfa => {
                    let problem = "--svc linfa is a cross-check that this ser was built without: `cargo build --release --features linfa` makes one that has it, and --svc smo finds the same planes";
                    return Err(super::Usage(problem.into()).into());
                }
            };
        }
        if let Some(weights) = self.class_weights {
            plan.svc.weights = match weights {
                Weights::Balanced => ClassWeights::Balanced,
                Weights::Equal => ClassWeights::Equal,
            };
        }
        if self.discriminant {
            plan.discriminant.get_or_insert_default();
        }
        match self.c.as_deref() {
            None => {}
            Some([c]) => (plan.svc.c, plan.choose_c) = (*c, Vec::new()),
            Some(candidates) => plan.choose_c = candidates.to_vec(),
        }
        let networks = self.networks(&plan.autoencoder);
        if let [network] = networks.as_slice() {
            plan.autoencoder.clone_from(network);
        } else {
            plan.choose_autoencoder = networks;
        }
        if let Some(target) = &self.target {
            plan.target = Some(target.clone());
        }
        if let Some(penalties) = &self.ridge {
            plan.penalties.clone_from(penalties);
            plan.svr.clear();
        }
        if let Some(prices) = &self.svr {
            plan.svr.clone_from(prices);
            plan.penalties.clear();
        }
        if let Some(seeds) = &self.seed {
            plan.seeds.clone_from(seeds);
        }
        plan.probabilities |= self.probabilities;
        Ok(())
    }

    /// The networks that the flags make of one: every combination.
    fn networks(&self, network: &Configuration) -> Vec<Configuration> {
        let mut found = vec![network.clone()];
        product(&mut found, self.latent.as_deref(), |of, n| of.latent = *n);
        product(&mut found, self.hidden.as_deref(), |of, layers| {
            of.hidden.clone_from(&layers.0);
        });
        product(&mut found, self.noise.as_deref(), |of, sd| of.noise = *sd);
        product(&mut found, self.learning_rate.as_deref(), |of, step| {
            of.learning_rate = *step;
        });
        product(&mut found, self.batch.as_deref(), |of, n| of.batch = *n);
        product(&mut found, self.epochs.as_deref(), |of, n| of.epochs = *n);
        found
    }

    /// The seed, of which there may be one.
    pub fn one_seed(&self) -> Result<u64> {
        match self.seed.as_deref() {
            None => Ok(Plan::default().seeds[0]),
            Some([seed]) => Ok(*seed),
            Some(_) => Err(super::Usage("this takes one --seed".into()).into()),
        }
    }

    /// Gives rows the classes of a label map, and the plan their order. Names that are no map are the classes themselves.
    pub fn label(&self, table: &mut Labelled, plan: &mut Plan) -> Result<()> {
        let Some(labels) = &self.labels else {
            return Ok(());
        };
        let [name] = labels.as_slice() else {
            plan.classes.clone_from(labels);
            return Ok(());
        };
        let map = LabelMap::named(name, &Catalogue::built_in())?;
        let LabelMap::Named { classes: map, .. } = map else {
            anyhow::bail!(
                "--labels {name}: the tables have their labels already; name the classes, e.g. --labels sad,happy"
            );
        };
        for label in table.rows.iter_mut().filter_map(|row| row.label.as_mut()) {
            if let Some(class) = map.get(label) {
                label.clone_from(class);
            }
        }
        let paper = Plan::default().classes;
        let mut classes: Vec<String> = map.values().cloned().collect();
        // In the paper's order, others after them.
        let place = |class: &String| {
            paper
                .iter()
                .position(|known| known == class)
                .unwrap_or(paper.len())
        };
        classes.sort_by_key(|class| (place(class), class.clone()));
        classes.dedup();
        plan.classes = classes;
        Ok(())
    }
}

/// A plan that meets its table.
pub fn run_of(table: &Labelled, plan: &Plan) -> Result<Run> {
    Run::new(table, plan).map_err(|error| match error {
        Error::ManyCorpora(names) => {
            anyhow!("which corpus to train on? Say --train NAME, one of {names}")
        }
        other => other.into(),
    })
}

/// How to carry out plans.
pub struct PlanRunner {
    /// Threads asked for.
    pub threads: Option<NonZeroUsize>,
    /// Without progress bar.
    pub quiet: bool,
}

impl PlanRunner {
    /// Carries out a plan, with a bar on standard error.
    pub fn evaluate(&self, run: Run) -> Result<Evaluation> {
        let bar = self.bar(run.units());
        let found = run.carry_out(threads(self.threads), &|units, at| {
            bar.inc(units as u64);
            bar.set_message(at.to_string());
        });
        bar.finish_and_clear();
        Ok(found?)
    }

    /// A bar for so many epochs and fits.
    pub fn bar(&self, units: usize) -> ProgressBar {
        let target = if self.quiet {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        };
        let bar = ProgressBar::with_draw_target(Some(units as u64), target);
        let style = ProgressStyle::with_template("{bar:30} {percent:>3} %, {eta} left, {msg}");
        bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_bar()));
        bar
    }
}
