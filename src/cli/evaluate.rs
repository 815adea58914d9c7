//! `ser evaluate`: how well models do on speakers and corpora that they were not trained on.

use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::Usage;
use super::atomic_write::write_atomically;
use super::claim::{claim, tables_of};
use super::dimension;
use super::output::{print, threads};
use super::robust_recipe::RobustRecipe;
use super::train_and_evaluate::{
    PlanRunner, RecipeArguments, TableFacts, check_classes, corpora_named, run_of,
};
use ser_models::score::split::Protocol;
use ser_study::evaluate::partition;
use ser_study::evaluate::plan::{AlignmentKind, PAPER, Plan};
use ser_tables::labelled::Labelled;

const EXAMPLES: &str = "\
Examples:
  ser corpus prepare emodb cremad --labels four --features -o data/
  ser evaluate data/ --train cremad --transfer emodb --model raw,pca
  ser evaluate data/ --train emodb --protocol leave-one-speaker-out --svc liblinear --c 0.05
  ser evaluate paper.toml data/ --train cremad -o paper.json --csv paper.csv
  ser evaluate data/ --leave-corpus-out --csv left-out.csv
        the recipe of `ser classify` against a plain baseline, each corpus left out in turn
  ser evaluate mine.csv --target arousal --ridge 1,10,100 --transfer '*'
        a number instead of classes: concordance correlation with intervals over speakers
  ser report paper.json -o paper.html

A plan is a TOML file with the keys that `--print-plan` shows; flags given as well take precedence. `paper.toml`, section 3 of Das et al. (2021), is bundled, and used where no file of that name exists. Trust the scores with speakers held out; a split that mixes speakers is labelled as such.";

/// Cross-validate models on prepared tables: folds, transfer to other corpora, triads, alignment.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// A plan (.toml), and tables: folders made by `ser corpus prepare --features`, or csv files with features and labels.
    #[arg(
        required_unless_present = "print_plan",
        value_name = "[PLAN.toml] TABLE"
    )]
    inputs: Vec<PathBuf>,

    /// The corpus to train and validate on.
    #[arg(long, value_name = "CORPUS")]
    train: Option<String>,

    /// Unseen corpora to test on; `*` for all others in the tables.
    #[arg(long, value_name = "CORPUS", value_delimiter = ',')]
    transfer: Option<Vec<String>>,

    #[command(flatten)]
    facts: TableFacts,

    #[command(flatten)]
    recipe: RecipeArguments,

    /// How the training corpus is split [default: speaker-independent].
    #[arg(long, value_enum, value_name = "PROTOCOL", value_delimiter = ',')]
    protocol: Option<Vec<ProtocolName>>,

    /// Folds, where the protocol leaves the choice [default: 10].
    #[arg(long, value_name = "K")]
    folds: Option<usize>,

    /// Also every combination of three classes.
    #[arg(long)]
    triads: bool,

    /// Also every corpus against every other, with and without alignment.
    #[arg(long)]
    matrix: bool,

    /// Unsupervised alignment of the unseen corpus in the matrix [default: all four].
    #[arg(long, value_enum, value_name = "ALIGNMENT", value_delimiter = ',')]
    alignment: Option<Vec<AlignmentName>>,

    /// Leave out each corpus of the folder in turn: the recipe of `ser classify` against a plain baseline. Needs the audio, not the features.
    #[arg(long, conflicts_with_all = OF_PLANS)]
    leave_corpus_out: bool,

    /// Write the full result as JSON, for `ser report` and `ser explain`.
    #[arg(short, long, value_name = "RESULT.json")]
    output: Option<PathBuf>,

    /// The scores as csv.
    #[arg(long, value_name = "FILE")]
    csv: Option<PathBuf>,

    /// Write who is tested in which fold, as TOML: speakers, or recordings where the split mixes speakers.
    #[arg(long, value_name = "FILE.toml", conflicts_with = "leave_corpus_out")]
    splits: Option<PathBuf>,

    /// Use the folds of a published partition: [[partition]] with speakers, sessions or files = […] for each fold; or what --splits wrote.
    #[arg(long, value_name = "FILE.toml", conflicts_with_all = ["protocol", "leave_corpus_out"])]
    partition: Option<PathBuf>,

    /// Print the plan built from the flags, as TOML, and exit.
    #[arg(long)]
    print_plan: bool,

    /// Number of models fitted in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

/// What belongs to plans only.
const OF_PLANS: [&str; 23] = [
    "target",
    "ridge",
    "svr",
    "train",
    "protocol",
    "folds",
    "triads",
    "matrix",
    "alignment",
    "print_plan",
    "model",
    "labels",
    "normalisation",
    "outliers",
    "svc",
    "c",
    "class_weights",
    "epochs",
    "latent",
    "hidden",
    "noise",
    "learning_rate",
    "batch",
];

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum ProtocolName {
    /// Stratified folds over recordings: speakers appear in both training and test.
    Paper,
    /// Folds of whole speakers.
    SpeakerIndependent,
    /// A fold for each speaker.
    LeaveOneSpeakerOut,
    /// A fold for each recording session.
    Session,
}

impl From<ProtocolName> for Protocol {
    fn from(name: ProtocolName) -> Self {
        match name {
            ProtocolName::Paper => Self::Paper,
            ProtocolName::SpeakerIndependent => Self::SpeakerIndependent,
            ProtocolName::LeaveOneSpeakerOut => Self::LeaveOneSpeakerOut,
            ProtocolName::Session => Self::Session,
        }
    }
}

#[derive(Clone, Copy, Debug, clap::ValueEnum)]
enum AlignmentName {
    /// Nothing.
    None,
    /// Its own mean and standard deviation.
    Standardise,
    /// Match its covariance to the training corpus's.
    Coral,
    /// Rotate its latent cloud onto the training corpus's.
    Rotation,
}

impl From<AlignmentName> for AlignmentKind {
    fn from(name: AlignmentName) -> Self {
        match name {
            AlignmentName::None => Self::None,
            AlignmentName::Standardise => Self::Standardise,
            AlignmentName::Coral => Self::Coral,
            AlignmentName::Rotation => Self::Rotation,
        }
    }
}

impl Arguments {
    /// The plan: that of the file, if there is one, with what the flags say.
    fn plan(&self) -> Result<(Plan, &[PathBuf])> {
        let (mut plan, tables) = match self.inputs.split_first() {
            Some((first, tables))
                if first
                    .extension()
                    .is_some_and(|extension| extension == "toml") =>
            {
                (read_plan(first)?, tables)
            }
            _ => (Plan::default(), self.inputs.as_slice()),
        };
        if let Some(train) = &self.train {
            plan.train.clone_from(train);
        }
        if let Some(transfer) = &self.transfer {
            plan.transfer.clone_from(transfer);
        }
        if let Some(protocols) = &self.protocol {
            plan.protocols = protocols.iter().map(|name| Protocol::from(*name)).collect();
        }
        if let Some(path) = &self.partition {
            let name = || path.display().to_string();
            let text = std::fs::read_to_string(path).with_context(name)?;
            plan.partition = partition::File::parse(&text).with_context(name)?;
            plan.protocols = vec![Protocol::Partition];
        }
        if let Some(folds) = self.folds {
            plan.folds = folds;
        }
        if let Some(alignments) = &self.alignment {
            plan.alignments = alignments
                .iter()
                .map(|name| AlignmentKind::from(*name))
                .collect();
        }
        plan.triads |= self.triads;
        plan.matrix |= self.matrix || self.alignment.is_some();
        self.recipe.apply(&mut plan)?;
        Ok((plan, tables))
    }
}

fn read_plan(path: &Path) -> Result<Plan> {
    let text = match ser_tables::bounded_read::read_text(path) {
        Err(error)
            if error.kind() == std::io::ErrorKind::NotFound && path == Path::new("paper.toml") =>
        {
            PAPER.to_string()
        }
        text => text.with_context(|| path.display().to_string())?,
    };
    Plan::parse(&text).with_context(|| path.display().to_string())
}

/// Evaluates.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let _claim = claim(
        [&arguments.output, &arguments.csv, &arguments.splits]
            .into_iter()
            .flatten()
            .map(PathBuf::as_path),
        tables_of(&arguments.inputs).iter().map(PathBuf::as_path),
    )?;
    if arguments.leave_corpus_out {
        let robust = RobustRecipe {
            folders: &arguments.inputs,
            corpora: arguments.transfer.as_deref(),
            seed: arguments.recipe.one_seed()?,
            threads: arguments.threads,
            quiet: arguments.quiet,
        };
        return robust.leave_corpus_out(arguments.output.as_deref(), arguments.csv.as_deref());
    }
    let (mut plan, tables) = arguments.plan()?;
    if arguments.print_plan {
        print(&toml::to_string(&plan)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if tables.is_empty() {
        return Err(Usage(
            "name a table beside the plan: a folder made by `ser corpus prepare --features`".into(),
        )
        .into());
    }
    let mut table = arguments.facts.open_for(tables, plan.target.as_deref())?;
    arguments.recipe.label(&mut table, &mut plan)?;
    name_corpora(&mut plan, &table)?;
    if plan.target.is_some() {
        plan.check()?;
        if arguments.splits.is_some() || arguments.partition.is_some() {
            return Err(Usage("--target: folds of speakers only".into()).into());
        }
        let (json, csv) = (arguments.output.as_deref(), arguments.csv.as_deref());
        return dimension::score(&table, &plan, threads(arguments.threads), (json, csv));
    }
    check_classes(&table, &plan.classes)?;
    let run = run_of(&table, &plan)?;
    if let Some(path) = &arguments.splits {
        let text = partition::write(&run.splits())?;
        write_atomically(path, |target| Ok(target.write_all(text.as_bytes())?))?;
    }
    let found = PlanRunner {
        threads: arguments.threads,
        quiet: arguments.quiet,
    }
    .evaluate(run)?;
    if let Some(path) = &arguments.output {
        write_atomically(path, |target| Ok(serde_json::to_writer(target, &found)?))?;
    }
    if let Some(path) = &arguments.csv {
        write_atomically(path, |target| Ok(found.write_csv(target)?))?;
    }
    print(&found.render())?;
    Ok(ExitCode::SUCCESS)
}

/// Gives the corpora of a plan the names that they have in the table.
fn name_corpora(plan: &mut Plan, table: &Labelled) -> Result<()> {
    if !plan.train.is_empty() {
        plan.train = corpora_named(&table.rows, std::slice::from_ref(&plan.train))?.remove(0);
    }
    if plan.transfer != ["*"] {
        plan.transfer = corpora_named(&table.rows, &plan.transfer)?;
    }
    Ok(())
}
