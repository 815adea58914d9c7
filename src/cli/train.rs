//! `ser train`: a model from prepared tables.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Context, Result};
use clap::Args;

use super::Usage;
use super::atomic_write::write_atomically;
use super::claim::{claim, tables_of};
use super::dimension;
use super::output::{print, threads};
use super::recordings;
use super::robust_recipe::{RobustRecipe, read_leave_out};
use super::train_and_evaluate::{
    PlanRunner, RecipeArguments, TableFacts, check_classes, corpora_named,
};
use ser_features::Level;
use ser_models::model::file::{ModelFacts, Saved};
use ser_models::model::{Representation, Training};
use ser_study::evaluate::card::card;
use ser_study::evaluate::choice::choose;
use ser_study::evaluate::contradiction::{contradictions, told};
use ser_study::evaluate::design::recipe;
use ser_study::evaluate::learn_trust::learn_trust;
use ser_study::evaluate::plan::{OutlierRule, Plan};
use ser_study::evaluate::validation::{probabilities_for, validate};
use ser_tables::Statistics;

const EXAMPLES: &str = "\
Examples:
  ser corpus prepare emodb cremad --labels four --features -o data/
  ser train data/ --model dae --labels four -o dae.safetensors
  ser train data/ --model dae --latent 2,8 --noise 0.5,1 --c 0.01,0.1,1 -o dae.safetensors
        settings chosen by folds of speakers inside each fold
  ser train data/ --recipe robust -o emotion.safetensors
        the recipe of the model inside `ser classify`; data/ needs no features, but its audio
  ser train mine.csv --model raw --labels sad,happy --svc liblinear --c 0.05 -o model.safetensors
  ser train mine.csv --target arousal --ridge 1,10,100 -o arousal.safetensors
  ser train mine.csv --target valence --svr 0.001,0.01,0.1 -o valence.safetensors
        a number instead of classes, from a column of that name
  ser classify voice.wav --model model.safetensors

The model is one safetensors file; its card (data, scores on held-out speakers, what it must not be used for) is inside it and beside it as Markdown.";

/// Train a model on prepared tables, and write it with its model card.
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Arguments {
    /// Tables: folders made by `ser corpus prepare --features`, or csv or parquet files with features and labels.
    #[arg(required = true, value_name = "TABLE")]
    tables: Vec<PathBuf>,

    /// The model.
    #[arg(short, long, value_name = "MODEL.safetensors")]
    output: PathBuf,

    /// Where to write the model card [default: MODEL.md beside the model].
    #[arg(long, value_name = "FILE.md")]
    card: Option<PathBuf>,

    /// Train from recordings instead of tables, with front end and augmented copies, as the bundled model was.
    #[arg(long = "recipe", value_enum, value_name = "RECIPE", conflicts_with_all = OF_TABLES)]
    recipe_from_recordings: Option<RecipeFromRecordings>,

    /// Scores on corpora left out, for the card; a result of `ser evaluate DIR --leave-corpus-out -o RESULT.json`. Without --recipe for models with default settings.
    #[arg(long, value_name = "RESULT.json")]
    unheard: Option<PathBuf>,

    #[command(flatten)]
    facts: TableFacts,

    #[command(flatten)]
    recipe: RecipeArguments,

    /// Only these corpora of the tables.
    #[arg(long, value_name = "CORPUS", value_delimiter = ',')]
    train: Option<Vec<String>>,

    /// Skip the validation on held-out speakers (ten more fits). Not allowed with --recipe robust, whose probabilities come from those folds.
    #[arg(long)]
    no_validation: bool,

    /// Number of folds validated in parallel [default: one per processor].
    #[arg(long, value_name = "N")]
    threads: Option<NonZeroUsize>,

    /// No progress bar.
    #[arg(short, long)]
    quiet: bool,
}

impl Arguments {
    fn card_path(&self) -> PathBuf {
        self.card
            .clone()
            .unwrap_or_else(|| self.output.with_extension("md"))
    }
}

/// Recipes from the recording on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
enum RecipeFromRecordings {
    /// Common rate and level, silence trimmed, augmented copies, wide and telephone band, linear discriminants alone and relative to the speaker's voice: what transfers best (docs/models.md).
    Robust,
}

/// What belongs to recipes of tables only.
const OF_TABLES: [&str; 21] = [
    "target",
    "ridge",
    "svr",
    "set",
    "ignore",
    "model",
    "labels",
    "normalisation",
    "outliers",
    "svc",
    "c",
    "discriminant",
    "class_weights",
    "epochs",
    "latent",
    "hidden",
    "noise",
    "learning_rate",
    "batch",
    "probabilities",
    "no_validation",
];

/// Trains.
pub fn run(arguments: &Arguments) -> Result<ExitCode> {
    let _claim = claim(
        [arguments.output.as_path(), &arguments.card_path()],
        tables_of(&arguments.tables).iter().map(PathBuf::as_path),
    )?;
    if arguments.recipe_from_recordings.is_some() {
        let robust = RobustRecipe {
            folders: &arguments.tables,
            corpora: arguments.train.as_deref(),
            seed: arguments.recipe.one_seed()?,
            threads: arguments.threads,
            quiet: arguments.quiet,
        };
        return robust.train(
            &arguments.output,
            &arguments.card_path(),
            arguments.unheard.as_deref(),
        );
    }
    let mut plan = Plan::default();
    arguments.recipe.apply(&mut plan)?;
    let mut table = arguments
        .facts
        .open_for(&arguments.tables, plan.target.as_deref())?;
    if table
        .identity
        .as_ref()
        .is_some_and(|identity| identity.level != Level::Functionals)
    {
        return Err(Usage("the table has a row every 10 ms (--level lld); a model learns from functionals, a row per recording".into()).into());
    }
    arguments.recipe.label(&mut table, &mut plan)?;
    plan.check()?;
    let (model, normalisation, seed) = one_of_each(&plan)?;
    if plan.outliers == OutlierRule::Corpus {
        return Err(Usage("--outliers corpus belongs to an evaluation; a model removes outliers by its training rows (fit), or none".into()).into());
    }
    if let Some(asked) = &arguments.train {
        let names = corpora_named(&table.rows, asked)?;
        table = table.filtered(|_, row| names.contains(&row.corpus));
    }
    if let Some(target) = plan.target.clone() {
        if arguments.unheard.is_some() {
            return Err(Usage(
                "--unheard is about classes, and --target makes a model of numbers".into(),
            )
            .into());
        }
        let dimension = dimension::Training {
            table: &table,
            plan: &plan,
            target: &target,
            recipe: ser_study::evaluate::dimension::recipe(&plan, model, normalisation),
            seed,
            threads: threads(arguments.threads),
            validated: !arguments.no_validation,
        };
        return dimension.train(&arguments.tables, &arguments.output, &arguments.card_path());
    }
    check_classes(&table, &plan.classes)?;
    let all: Vec<usize> = (0..table.rows.len()).collect();
    let training = Training::new(&table, &all, &plan.classes).with_context(|| {
        format!(
            "no rows with the classes {} to learn from",
            plan.classes.join(", ")
        )
    })?;
    let contradicting = contradictions(&table, training.rows());
    if let Some(text) = told(&table, &contradicting) {
        eprintln!("ser: {text}");
    }
    let allowed = probabilities_for(&training);
    if plan.probabilities && !allowed {
        return Err(Usage("--probabilities: they are learnt from five folds, and a class has fewer than five recordings, or fewer than five speakers; without the flag the model is made without them".into()).into());
    }
    plan.probabilities = allowed;
    let recipe = recipe(&plan, model, normalisation);

    let unheard = arguments
        .unheard
        .as_deref()
        .map(|path| read_leave_out(path, &ser_models::classify::ClassifierRecipe::default()))
        .transpose()?;
    let defaults = Plan {
        probabilities: plan.probabilities,
        ..Plan::default()
    };
    let default = ser_study::evaluate::design::recipe(&defaults, model, Statistics::Train);
    if unheard.is_some()
        && (recipe != default || !plan.choose_c.is_empty() || !plan.choose_autoencoder.is_empty())
    {
        return Err(Usage(
            "--unheard has the scores of models with default settings, and these are others".into(),
        )
        .into());
    }

    let runner = PlanRunner {
        threads: arguments.threads,
        quiet: arguments.quiet,
    };
    let bar = runner.bar(11);
    bar.set_message("the model");
    let chosen = choose(&plan, &recipe, &training, seed)?.applied(&recipe);
    let pipeline = chosen.fit(&training, seed, &mut |_| {})?;
    bar.inc(1);
    let validation = if arguments.no_validation {
        None
    } else {
        let done = |fold: usize, folds: usize| {
            bar.set_length(folds as u64 + 1);
            bar.inc(1);
            bar.set_message(format!("validation, fold {} of {folds}", fold + 1));
        };
        Some(
            validate(
                &training,
                (&plan, &recipe),
                seed,
                threads(arguments.threads),
                &done,
            )
            .context("validation (--no-validation leaves it out)")?,
        )
    };
    bar.finish_and_clear();

    let mut facts = ModelFacts::of(&training);
    let learnt = validation.as_ref().map(|validation| {
        let known = recordings::facts(
            (&table, training.rows()),
            &arguments.tables,
            threads(arguments.threads),
        );
        let made = (&plan, &recipe, &pipeline);
        let known = known
            .as_ref()
            .map(|(facts, rate)| (facts.as_slice(), *rate));
        let bar = runner.bar(facts.corpora.len());
        bar.set_message("corpora left out");
        let found = learn_trust(
            &training,
            made,
            seed,
            threads(arguments.threads),
            validation,
            known,
            &|| bar.inc(1),
        );
        bar.finish_and_clear();
        found
    });
    facts.trust = learnt.as_ref().map(|learnt| learnt.trust.clone());
    if let (Some(found), Some(trust)) = (&unheard, &mut facts.trust) {
        found.teach_trained(trust, model);
    }
    let name = arguments
        .output
        .file_stem()
        .map(|stem| stem.to_string_lossy().into_owned())
        .unwrap_or_default();
    let judged = learnt.as_ref().map_or(&[][..], |learnt| &learnt.judged);
    let card = card(
        &name,
        &pipeline,
        &facts,
        validation
            .as_ref()
            .map(|validation| (validation, &table, judged)),
        unheard.as_ref(),
    );
    let saved = Saved {
        pipeline,
        facts,
        card,
    };
    saved.write(&arguments.output)?;
    write_atomically(&arguments.card_path(), |target| {
        Ok(target.write_all(saved.card.as_bytes())?)
    })?;
    print(&saved.card)?;
    Ok(ExitCode::SUCCESS)
}

/// A model has one representation, normalisation and seed.
fn one_of_each(plan: &Plan) -> Result<(Representation, Statistics, u64)> {
    match (plan.models.as_slice(), plan.normalisations.as_slice(), plan.seeds.as_slice()) {
        ([model], [normalisation], [seed]) => Ok((*model, *normalisation, *seed)),
        _ => Err(Usage("a model has one --model, one --normalisation and one --seed; `ser evaluate` compares several".into()).into()),
    }
}
